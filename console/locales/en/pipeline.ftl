# Leads, visits and quotes.
place-park-pipeline = Pipeline
pipeline-title = Pipeline
pipeline-funnel = Funnel
pipeline-funnel-note = leads and the seats they want
leads-n = { $n ->
    [one] { $n } lead
   *[other] { $n } leads
}
lead = Lead
leads-none = No leads yet
leads-none-lead = Enter a company that may become a tenant.
leads-no-match = No lead matches
lead-facts = About the company
lead-source = Source
lead-seats = Seats wanted
lead-wanted-from = Wanted from
lead-owner = Owner
lead-pool = Public pool
lead-next = Next step
lead-next-on = Due
lead-next-none = Nothing is planned.
lead-next-hint = Such as “call to agree a visit”.
lead-next-do = Plan
lead-next-done = The next step is planned.
lead-due-now = today or before
lead-due-within = within { $n } days
lead-credit-code = Unified social credit code
lead-credit-code-hint = 18 characters, checked by the last.
lead-contact = Contact
lead-contact-hint = Personal data: kept encrypted, and looking at it is put on the audit log.
lead-phone = Telephone
lead-mail = Mail
lead-lost-reason = Why it is lost
lead-assign = Change owner
lead-assign-hint = Left open = the public pool.
lead-assign-do = Assign
lead-assign-done = The owner is changed.
lead-steps = Progress
lead-to-contacted = Contacted
lead-to-visited = Visited
lead-reopen = Open again
lead-moved = The lead has moved.
lead-lose = Lost…
lead-lose-lead = Its open quotes are withdrawn; it can be opened again later.
lead-lose-do = Mark as lost
lead-history = History
lead-new-title = New lead
lead-new-done = The lead is entered.
lead-edit-title = Change lead
lead-name-hint = Full name; a name that is known is pointed out.
lead-same-name = It is another company, enter it all the same
lead-same-name-hint = A lead or tenant of this name is known.
lead-tenant = Tenant already
lead-tenant-hint = For a tenant that wants more.
remark = Remark
edit = Change
save = Save
saved = Saved.
notes-title = Notes
notes-note = added, never changed
note = Note
note-do = Add
note-done = The note is added.
visits-title = Visits
visits-none = No visits yet.
visit-new-title = Agree a visit
visit-new-done = The visit is agreed.
visit-edit-title = Change visit
visit-day = Day
visit-at = Time
visit-guide = Guide
visit-zones = Zones shown
visit-acts = Do
visit-done-do = Took place
visit-cancel-do = Call off
visit-ended = The visit is updated.
quote = Quote
quotes-title = Quotes
quotes-none = No quotes yet.
quote-title = Quote { $number }
quote-version = { $number }, version { $version }
quote-versions = Other versions
quote-whole = Whole term
quote-valid-until = Valid until
quote-valid-until-hint = It can still be accepted on this day.
quote-currency = in the quote’s currency
quote-currency-hint = Three letters, such as CNY or USD. Leases that come of the quote are in it.
quote-new-title = Draw up a quote
quote-edit-title = Change quote
quote-revise-title = Next version
quote-form-lead = Saved as a draft: you see invoices and the whole term before you send it.
quote-remark-hint = Stands on the quote.
quote-line-n = Line { $n }
quote-step-from = Later price from
quote-step-price = Price from then on
quote-free-from = Rent-free from
quote-free-to = Rent-free until (not included)
quote-deposit-months = Deposit (months of rent)
quote-deposit-amount = or an amount ({ $currency })
quote-notice = Notice (days)
quote-see = Save and preview
quote-saved = The draft is saved; it is not sent.
quote-for = For
quote-drawn-up = Drawn up
quote-sent-at = Sent
quote-lines = What is offered
quote-price = Price (seat·month, before tax)
quote-from-on = from { $date }
quote-terms = Other terms
quote-months-n = { $n ->
    [one] { $n } month of rent
   *[other] { $n } months of rent
}
quote-pay-days = { $n } days to pay
quote-notice-days = { $n } days of notice
quote-invoices = What the invoices come to
quote-invoices-note = priced as invoices are
quote-whole-months = Whole term, { $n ->
    [one] { $n } month
   *[other] { $n } months
}
quote-deposit-all = Deposit { $amount }, not in the total.
quote-send = Send
quote-send-lead = To { $name }: { $amount } with tax for the whole term, valid until { $date }. Once sent it is never edited; a new version replaces it.
quote-send-do = Send quote
quote-sent = The quote is sent.
quote-end = End quote…
quote-end-lead = This version can then no longer be accepted.
quote-end-how = How it ends
quote-decline = The company declines
quote-withdraw = The park takes it back
quote-end-do = End
quote-declined = The quote is declined.
quote-withdrawn = The quote is withdrawn.
quote-print = Print
quote-number = Number
quote-date = Date
quote-print-note = The invoices assume that all seats are held for the whole term and are priced by the same rules as those that are issued. Periods do not include their end.
quote-sign-park = For the park
quote-sign-lead = For the company
quote-accept-title = Accept quote
quote-accept-lead = { $name } accepts: { $n ->
    [one] { $n } lease is
   *[other] { $n } leases are
} agreed, { $amount } with tax for the whole term, and the lead is won. All of it or nothing.
quote-accept-tenant = The leases are those of
quote-tenant-code = Tenant code
quote-lease-codes = Lease codes
quote-lease-code = Lease code of line { $n }
quote-accept-do = Accept and agree the leases
quote-accepted = { $name } is won. Next: its seats.
park-home-need-leads = { $n ->
    [one] The next step of { $n } lead is due
   *[other] The next steps of { $n } leads are due
}
park-home-need-quotes = { $n ->
    [one] { $n } quote expires
   *[other] { $n } quotes expire
} within 7 days
lead-state-new = New
lead-state-contacted = Contacted
lead-state-visited = Visited
lead-state-quoted = Quoted
lead-state-won = Won
lead-state-lost = Lost
lead-source-inquiry = Its own inquiry
lead-source-referral = Referral
lead-source-agent = Agent
lead-source-government = Government
lead-source-event = Event
lead-source-search = Own search
lead-source-tenant = Tenant that wants more
lead-source-other = Other
lost-reason-price = Price
lost-reason-location = Location
lost-reason-seats = Seats
lost-reason-competitor = Another park
lost-reason-postponed = Put off
lost-reason-silent = No answer
lost-reason-unsuitable = Does not suit the park
lost-reason-other = Other
visit-state-planned = Planned
visit-state-done = Done
visit-state-cancelled = Called off
quote-state-draft = Draft
quote-state-sent = Sent
quote-state-accepted = Accepted
quote-state-declined = Declined
quote-state-expired = Expired
quote-state-withdrawn = Withdrawn
quote-hold = Keep seats
quote-holds = Seats kept
quote-holds-note = Given up with the last open version of the quote; the tenant's once it is accepted.
quote-hold-until = { $n } kept until { $until }
