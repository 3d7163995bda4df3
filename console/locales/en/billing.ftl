# Invoices and payments.
invoices-title = Invoices
invoice = Invoice
invoices-none = No invoices
invoices-none-lead = Invoices are issued from a lease: open it and choose “Issue invoice”.
not-billed = Not billed
total = Total
net = Net
tax = VAT
balance = Balance
paid = Paid
open = Open
due-on = Due
due-by = due { $date }
invoice-title = Invoice { $number }
invoice-total-sub = { $net } net + { $tax } VAT
payments-n = { $n ->
    [one] { $n } payment
   *[other] { $n } payments
}
repriced = Priced again
repriced-same = Same to the cent
repriced-differs = Differs
repriced-sub = Computed again from the seat ledger as it was known, with the same result.
lines = Lines
line-kind = Item
line-seat-rent = Seat rent
line-minimum-spend = Least rent not reached
line-rent-free = Rent-free
line-why = Why this amount
seat-days = Seat-days
invoice-head = Lease { $code } · { $month }
invoice-facts = About the invoice
billed-period = Period
issued-at = Issued
payments = Payments
payments-none = No payments yet.
paid-on = Paid on
amount = Amount
method = Method
method-transfer = Bank transfer
method-cash = Cash
method-card = Card
reference = Reference
payment-title = Record payment
payment-amount = Amount ({ $currency })
payment-amount-hint = Balance { $balance }; part payments are fine.
payment-reference-hint = The bank’s number or the like, for matching.
payment-do = Record
payment-done = The payment is recorded.
invoice-issue-title = Issue invoice
invoice-preview = Preview: { $tenant }, { $month }
invoice-preview-empty = No seat to bill in this month.
invoice-preview-none = No invoice can be issued for this month: it may be issued already, or the lease was not running.
invoice-issue-effect = An invoice over { $total } will be issued with the next number; it cannot be edited afterwards.
invoice-issue-due = { $n ->
    [one] Due in { $n } day.
   *[other] Due in { $n } days.
}
invoice-issue-do = Issue invoice
invoice-issue-done = Invoice { $number } is issued.
run-title = Billing run
run-ready = Invoices ready
run-net = { $net } before tax
run-total = Total with tax
run-held = Held
run-held-lead = Unusual: they go out when you have ticked them.
run-refused = Cannot be billed
run-none = Nothing to bill
run-none-lead = No seat was held and no least rent is agreed in this month.
run-release = Looked at
run-release-one = Lease { $code } was looked at
run-before = Month before
run-more = Difference
run-effect = Every invoice that is ready, and those ticked, is numbered, final and owed. What is billed already stays.
run-do = Issue the invoices
run-done = { $n ->
    [one] One invoice was issued, { $total } in all.
   *[other] { $n } invoices were issued, { $total } in all.
}
run-open = The month is not over: this is what it would come to by what is recorded now.
run-state-issued = Issued
run-state-ready = Ready
run-state-held = Held
run-state-already = Billed before
run-state-refused = Cannot be billed
run-guard-far-off = Far off the usual amount:
run-guard-negative = Less than nothing
run-guard-many-lines = More than 40 lines
void-title = Withdraw the invoice
void-lead = It keeps its number and its lines, nothing is owed on it any more, and the month of the lease can be billed again.
void-reason = Reason
void-do = Withdraw
void-done = The invoice is withdrawn.
