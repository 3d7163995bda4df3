# Tenants, leases, seats held under them.
tenants-title = Tenants
tenants-none = No tenants yet
tenants-none-lead = Enter a call centre first; then sign its lease and allocate seats.
tenant-facts = About the tenant
tenant-use = How much is leased, how much is used?
arrived = Arrived
operating-since = Operating since
tenant-new-title = New tenant
tenant-new-do = Create tenant
tenant-new-done = { $name } is entered.
tenant-code-hint = Unique in the park, such as HX.
tenant-business-hint = What it does, such as “bank service desk”.
tenant-since-hint = Years of operation count for maturity levels.
tenant-arrived-hint = First day in this park.
leases-title = Leases
lease = Lease
leases-none = No leases yet
leases-none-lead = Create a lease, then allocate seats to it.
lease-title = Lease { $code }
lease-terms = Terms
lease-history = Versions
lease-history-note = terms are added, never edited
lease-version = Version { $n }, in force from { $from }
signed-on = Signed on
seats-held = Seats held
term = Term
unit-price = Price
per-seat-month = / seat·month
tax-rate = VAT
proration = Part months
proration-hint = How months are charged in which a seat is held on some days only.
proration-by-day = By day
proration-by-day-hint = Price ÷ days of the month × days held.
proration-fixed-thirty = By day of 30
proration-fixed-thirty-hint = Every month counts 30 days.
proration-full-month-before = Full month before day { $day }
proration-full-month-hint = First held before the 16th pays the whole month, later by day.
proration-none = None
proration-none-hint = Held on any day pays the whole month.
rent-free = Rent-free
rent-free-hint = No rent on these days; the invoice lists them at 0.
deposit = Deposit
payment-days = Days to pay
payment-days-hint = Days after issue by which an invoice is due.
lease-seats = Seats under the lease
held-on = Held on
lease-no-seats = No seats yet
lease-no-seats-lead = A lease without seats bills nothing.
lease-new-title = New lease
lease-new-do = Create lease
lease-new-done = Lease { $code } is created. Next: its seats.
lease-code = Lease code
lease-code-hint = Such as L-2026-012.
term-from = Term from
term-to = Term until (not included)
term-hint = Periods do not include their end: until 1 Dec 2028 means that 30 Nov 2028 is the last day.
lease-price = Price per seat and month ({ $currency })
lease-price-hint = Such as 1380.00; before tax, unless the clauses say that prices contain it.
lease-currency = in the lease’s currency
lease-currency-hint = Three letters, such as CNY or USD. Every amount of the lease and its invoices is in it, and it stays for the whole lease.
lease-tax = VAT (%)
lease-deposit = Deposit ({ $currency })
allocate-title = Allocate seats
allocate-find = Find seats
code-from = Code from
code-to = Code to
code-range-hint = Both ends included, such as A-03-001 to A-03-120; empty = no limit.
allocate-count = How many
allocate-count-hint = Ticks the first so many; empty = every free seat.
allocate-from = Held from
allocate-look = Find
allocate-found = { $free } of { $total } seats are free
allocate-taken = { $n ->
    [one] { $n } seat cannot be allocated
   *[other] { $n } seats cannot be allocated
}
allocate-no-free = No free seat in this range. Try another zone, code or date.
allocate-cut = Too many seats: only the first 2,000 were looked at. Choose a zone.
allocate-none = Tick at least one seat.
allocate-effect = { $n ->
    [one] { $n } seat
   *[other] { $n } seats
} × { $price } = { $rent } rent a month.
allocate-do = Allocate chosen seats
allocate-done = { $n ->
    [one] { $n } seat is allocated.
   *[other] { $n } seats are allocated.
}
shift-from = Shift from
shift-to = Shift until
shift-hint = One seat can be leased to several tenants by shift; all day is 00:00 to 24:00.
release-open = Release…
release-lead = From that day the chosen seats no longer belong to this lease and can be leased to others.
release-on = Release on
release-on-hint = No rent from this day on.
release-do = Release chosen seats
release-end = Also for people who are to sit there on that day or later
release-end-hint = Their places end with the release. Left open, seats with people on them are not released.
release-none = Tick at least one seat.
release-done = { $n ->
    [one] { $n } seat is
   *[other] { $n } seats are
} released as of { $on }.
amend-title = Amend
amend-lead = Change what is to be agreed anew; the rest stays. Nothing is stored before you have seen what it does.
amend-from = In force from
amend-from-hint = Not inside a month that is billed; where rent is billed in advance, not before today. In the middle of a month each part is charged by its own terms.
amend-reason = Reason
amend-reason-hint = 1 to 200 characters; kept with the version.
amend-see = See what it does
amend-preview = Before you agree
amend-preview-lead = With { $name }, in force from { $date }.
amend-changes = What changes
amend-term = Term
amend-before = Now
amend-after = Then
amend-effect = Invoices
amend-month = Month
amend-effect-note = Totals with tax of the month in which it begins and the two after, by the seats that are held now.
amend-agree = Agree the amendment
amend-done = The amendment is agreed; it is a version of its own.
lease-ends = Ends
lease-ends-within = within { $n } days
leases-no-match = No lease matches
price-steps = Later prices
price-steps-hint = Agreed beforehand: each applies from its day until the next. More come by an amendment.
price-step = from { $from }: { $price }
lease-end-title = End the lease
lease-end-lead = The lease ends before its time by one more version of its terms. Invoices that were issued stay.
lease-end-on = Ends on (not included)
lease-end-on-hint = The day after its last; not inside a month that is billed.
lease-end-release = Release its seats on that day
lease-end-release-hint = Without this, seats held longer are in the way. Seats that would only begin later are taken back.
lease-end-do = End the lease
lease-ended = The lease ends on { $on }.
move-title = Move seats
move-on = From this day on
move-from = Which seats move
move-none-lead = No seat of this lease is held on that day.
move-hint = Tick as many free seats as move: the first by code goes to the first.
move-uneven = { $from } seats move and { $to } are ticked: it must be as many, and at least one.
move-do = Move the seats
move-done = { $n ->
        [one] { $n } seat moves on { $on }.
       *[other] { $n } seats move on { $on }.
    }
tax-in-price = in the price
tax-on-price = on the price
