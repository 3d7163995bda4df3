# General
not-found = There is nothing here with that id.
forbidden = You may read this but not do that.
unauthenticated = Please sign in.
page-size = A page holds 1 to { $max } items, not { $value }.
cursor-invalid = This page mark is not one of ours.
id-invalid = This is not an id of the right kind.
idempotency-key = The idempotency key must have 1 to { $max } characters.
idempotency-key-reused = This idempotency key was used for another request.
text-required = Please fill this in, at most { $max } characters.
text-too-long = At most { $max } characters.
code-invalid = A code has 1 to { $max } letters, digits, or the signs - _ . /
period-empty = The end ({ $to }) must come after the start ({ $from }).
month-invalid = { $value } is not a month; write it like 2026-11.
currency-unknown = { $value } is not a currency code.
money-invalid = { $value } is not an amount in { $currency }.
file-too-large = The file is larger than { $max } MiB.
file-empty = The file is empty.
# Identity
sign-in-failed = Address or password is wrong.
scope-unknown = You have no such role.
no-membership = Your account has no role anywhere at present.
grant-role = A grant is for an assessor or a statistics officer.
grant-too-long = A grant runs at most { $max } days.
grant-unknown = There is no such grant, or it was taken back before.
user-unknown = Nobody with this address has an account.
# Provisioning
email-invalid = This is not a mail address.
password-weak = A password has at least { $min } characters, not few of them over and over.
user-exists = This address has an account already.
park-code-taken = There is a park with the code { $code } already.
park-unknown = There is no park with this code.
tenant-unknown = The park has no tenant with this code.
city-tier = A city tier is 1 to 5, not { $value }.
role-scope = The role { $role } does not belong here: park roles need a park, tenant roles a tenant, assessors and statistics officers a grant.
# Tenancy
tenant-code-taken = The code { $code } is taken in this park.
# Uploaded tables
file-unknown = There is no uploaded file with this id.
file-kind = This is neither a CSV file nor an XLSX workbook. Workbooks of the older kind (.xls) and protected ones must be saved as .xlsx first.
file-encoding = Row { $row } cannot be read as { $encoding }. Please save the file as CSV UTF-8.
table-empty = The file has no rows under its header.
table-too-many-rows = The file has more than { $max } rows; please split it.
table-too-many-columns = The file has more than { $max } columns.
table-cell-too-long = A cell in row { $row } has more than { $max } characters. A missing quotation mark does this.
table-too-large = The contents are larger than { $max } MiB when unpacked.
table-quote-open = A quotation mark in row { $row } is never closed.
workbook-broken = The workbook is damaged and cannot be read.
sheet-unknown = The workbook has no such sheet.
row-ragged = The row has { $cells } cells where the header has { $columns }.
column-missing = The file has no column { $column }.
column-doubled = The file has more than one column { $column }.
# Maturity
framework-unknown = There is no framework { $framework }.
rating-value = Clause { $clause }: { $value } is not a rating for { $rating }; allowed are { $allowed }.
ratings-too-many = { $count } ratings in one request; the framework has { $max } clauses.
clause-unknown = { $framework } { $edition } has no clause { $clause }.
clause-doubled = Clause { $clause } is rated twice in this request.
clause-not-applicable = Clause { $clause } cannot be marked not applicable: the standard has no such value.
option-unknown = { $value } is no answer to { $option }.
assessment-cycle-taken = There is an assessment by { $framework } for cycle { $cycle } already.
assessment-day-far = { $day } is more than { $max } days from today.
assessment-not-draft = The assessment is { $state ->
    [draft] a draft
    [submitted] submitted
    [under_assessment] under assessment
    [assessed] assessed
   *[other] withdrawn
  }; only a draft can be edited.
assessment-not-submitted = The assessment is { $state ->
    [draft] a draft
    [submitted] submitted
    [under_assessment] under assessment
    [assessed] assessed
   *[other] withdrawn
  }; only a submitted one can be taken up.
assessment-not-under-assessment = The assessment is { $state ->
    [draft] a draft
    [submitted] submitted
    [under_assessment] under assessment
    [assessed] assessed
   *[other] withdrawn
  }; an assessor rates only while it is under assessment.
assessment-closed = The assessment is { $state ->
    [draft] a draft
    [submitted] submitted
    [under_assessment] under assessment
    [assessed] assessed
   *[other] withdrawn
  } and can no longer be withdrawn.
assessment-incomplete = { $count } clauses are not fully rated, first: { $clauses }.
evidence-title-missing = Evidence needs a title.
evidence-title-long = The title has { $length } characters; at most { $max } are allowed.
pack-syntax = { $file }, line { $line }: { $detail }
pack-text-missing = { $file }, { $item }: { $field } is missing.
pack-value = { $file }, { $item }: { $field } is { $value }; allowed: { $allowed }.
pack-reference-unknown = { $file }, { $item }: { $field } names { $value }, which the pack does not define.
pack-key-doubled = { $file }, { $item }: { $field } { $value } appears twice.
pack-range = { $file }, { $item }: { $field } is { $value }, outside { $min } to { $max }.
pack-count = { $file }, { $item }: { $field } is { $value }, expected { $expected }.
pack-total-unreachable = { $file }, { $item }: { $field } asks { $value } of { $max } possible points.
level-rule-share = At least { $percent }% of the clauses of { $domains } fully met in { $rating }.
level-rule-share-points = At least { $percent }% of the points of { $domains } in { $rating }.
level-rule-total = At least { $required } of { $whole } points in all.
level-rule-total-corrected = At least { $required } of { $whole } points in all (corrected; printed are { $printed }).
level-rule-years = At least { $required } whole years of operation on the day of assessment.
level-rule-lower-levels = The conditions of all { $required } lower levels hold.
level-rule-ladder = Level { $required } was held before: levels are climbed one at a time.
level-amount-clauses = { $count } of { $whole } clauses
level-amount-points = { $count } of { $whole } points
level-amount-years = { $count } years
level-amount-levels = { $count } levels
level-amount-level = level { $count }
# Billing
allocation-doubled = Allocation { $allocation } of seat { $seat } overlaps itself.
amount-out-of-range = The amount is too large to compute.
currency-mismatch = The currency must be { $expected }, not { $found }.
period-open = The period needs an end.
price-negative = A price cannot be negative.
price-too-large = The price is above { $max } minor units.
proration-invalid = "{ $value }" is no proration rule.
rent-free-outside-term = The rent-free days from { $from } to { $to } lie outside the lease's term.
rent-free-overlap = These rent-free days overlap rent-free range { $other }.
seat-held-outside-lease = A seat is held on { $day }, which no version of the lease covers.
lease-versions-overlap = Two versions of the lease are in force on { $day }.
seat-product-unknown = "{ $value }" is no seat product.
tax-rate-range = A tax rate lies between 0 and 100 %.
invoice-empty-month = No seat was held in { $month }; there is nothing to invoice.
invoice-exists = { $month } is already invoiced as { $number }.
invoice-issued = Invoice { $number } is issued and cannot be changed.
invoice-month-open = { $month } is not over yet; it can be previewed but not issued.
invoice-not-issued = The invoice is not in force (state: { $state }).
invoice-has-payments = Invoice { $number } has { $count } payments and cannot be voided.
invoice-series-invalid = A series is 1 to 12 capital letters and digits.
invoice-number-range = The year or number of the invoice is out of range.
invoice-number-invalid = "{ $value }" is no invoice number.
payment-days-range = Days to pay lie between 0 and 365.
payment-not-positive = A payment must be above zero.
payment-over-balance = The payment exceeds the balance of { $balance } { $currency }.
payment-in-future = { $day } is in the future.
why-by-day = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days of the month = { $worth } { $currency }.
why-fixed-thirty = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days, as every month counts = { $worth } { $currency }.
why-full-month-before = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days of the month = { $worth } { $currency }; a seat first charged before day { $day } pays the whole month.
why-whole-months = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days of the month = { $worth } { $currency }; a seat charged on any day pays the whole month.
why-rent-free = { $seatDays } seat-days are free of rent; at { $price } { $currency } a seat-month of { $days } days they would have cost { $worth } { $currency }.
line-kind-seat-rent = Seat rent
line-kind-rent-free = Rent-free days
repricing-line = { $kind } at { $price } { $currency }: invoiced { $stored } for { $storedDays } seat-days, priced again { $again } for { $againDays }.
repricing-tax = Tax of { $rate } %: invoiced { $stored } { $currency }, priced again { $again } { $currency }.
repricing-total = Total: invoiced { $stored } { $currency }, priced again { $again } { $currency }.
# Cost
cost-category-unknown = There is no such cost category.
cost-category-posted = Rent is read from the park's invoices and cannot be entered.
cost-correction-note = A negative amount is a correction: say in the note what it corrects.
cost-below-zero = The correction exceeds the { $sum } { $currency } that the category holds.
cost-note-long = A note has at most { $max } characters.
cost-cell-missing = "{ $column }" is empty.
cost-month-invalid = The month must look like 2026-01.
cost-amount-invalid = The amount must be a number with at most { $digits } decimals ({ $currency }).
cost-row-doubled = The same as row { $first }.
cost-row-known = This row was imported before.
cost-other-month = An entry of { $found } is among those of { $expected }.
seat-days-negative = Seat-days cannot be negative.
figure-range = { $from } to { $to }
figure-about = about { $value }
figure-above = more than { $value }
figure-below = less than { $value }
figure-up-to = up to { $value }
figure-forecast = { $year } (forecast)
