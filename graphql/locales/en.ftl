# General
not-found = There is nothing here with that id.
forbidden = You may read this but not do that.
too-much = That was a lot in a short time. Ask again in { $seconds } seconds.
too-many-streams = You follow { $max } things already. Close one of them first.
own-document = You may only ask what the console asks. Ask your administrator for access to the API.
too-slow = This takes longer than it may. Ask for less at once; nothing was changed.
unauthenticated = Please sign in.
page-size = A page holds 1 to { $max } items, not { $value }.
cursor-invalid = This page mark is not of this list in this order.
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
file-type-refused = Files of this kind are not taken in. Welcome are tables and text (CSV, TXT), Excel, Word and PowerPoint, PDF, pictures (JPEG, PNG, WebP, SVG), drawings (DXF as text), recordings (WAV, MP3, MP4) and packed call records (GZ).
file-type-name = The file is called .{ $ending }, but its content is of another kind ({ $kind }). Please give it its right name.
file-type-declared = The file was sent as something else than what its content is ({ $kind }).
file-type-purpose = { $purpose ->
    [import] Only text, CSV, XLSX and packed text (GZ) can be imported.
    [floor-plan] Under the seats of a floor lies a picture: SVG, PNG, JPEG or WebP.
    [placing] Seats are placed by a drawing in the exchange format (DXF), saved as text.
    [photo] A photograph is a JPEG, PNG or WebP file.
   *[evidence] This is no evidence that somebody can read (a packed file, SVG or DXF): please upload what is in it, or a PDF.
 }
file-purpose-unknown = A file is brought for `import`, `evidence`, `floor-plan`, `placing` or `photo`.
schedule-fixed = This is always done at its time; it can neither be switched off nor moved.
schedule-timing = A time is `every N` minutes (1-1440), or `daily`, `weekdays`, `monthly-1` to `monthly-31` or `month-end` with a time such as 03:30.
file-waiting = The file is still waiting to be checked for malware. Please try again in a few minutes.
file-infected = The malware scanner found something in this file; it cannot be used.
# Identity
sign-in-failed = Address or password is wrong.
scope-unknown = You have no such role.
no-membership = Your account has no role anywhere at present.
try-again-later = Too many wrong tries. Please try again in { $seconds } seconds.
try-again-in-minutes = Too many wrong tries. Please try again in { $minutes } minutes.
session-unknown = There is no such session, or it has ended.
password-wrong = This is not your present password.
password-same = This is your present password; choose another one.
step-up-required = Please prove again that it is you: acts of money and of access need your password from the last { $minutes } minutes.
invite-role = Nobody is invited as { $role }: administrators and finance of the park, managers of call centres, assessors and statistics officers are.
invite-tenant = A manager is invited to one call centre; administrators and finance of the park to none.
invite-grant = Assessors and statistics officers need purpose and period of their grant; nobody else has one.
invite-pending = This address has an open invitation to the same. Send that one again, or take it back.
invite-unknown = There is no such invitation, or it was accepted or taken back.
invite-link-bad = This link works no more: it was used, taken back or is too old.
member-already = This account is that already.
reset-link-bad = This link works no more: it was used or is too old. Please ask for another one.
challenge-late = This sign-in took too long. Please begin again with your password.
step-up-code-required = Please prove again that it is you: acts of money and of access need a code of your second factor from the last { $minutes } minutes.
step-up-code = A code of your second factor is needed.
step-up-password = Your password is needed.
factor-first = A second factor is required here. Set one up first; until then nothing else is open.
scope-invalid = A scope names a kind of thing and an act, such as “billing:read”.
scope-beyond = { $scope } is more than the role of the account may, or nothing that a program can be given.
scopes-empty = Name at least one scope.
service-role = You cannot give a program the role { $role }.
service-token-period = A token ends after today and at the latest on { $latest }.
service-too-many = There are { $max } service accounts, which is the most there can be.
service-tokens-many = The account has { $max } living tokens, which is the most it can have. Take one back first.
service-unknown = There is no such service account.
service-token-unknown = There is no such token, or it was taken back.
key-unknown = There is no such key, or it was retired.
emergency-reason = Say what for in { $min } to { $max } characters: those whose place it is read it.
emergency-minutes = An entry lasts { $min } to { $max } minutes.
emergency-unknown = There is no such entry, or it has ended.
code-wrong = This code is not right, or was used before.
factor-present = A second factor is in force already.
factor-unknown = There is no second factor.

# Sign-in with an account elsewhere
oidc-unknown = There is no such provider.
oidc-failed = The provider did not answer, or its answer cannot be trusted. Please try again; if it happens again, tell whoever runs it.
oidc-late = This sign-in took too long, was used already or began in another browser. Please begin again.
oidc-denied = The sign-in was called off at the provider.
oidc-unverified = The provider does not say that your mail address is verified. Have it verified there, or sign in with your password and link the provider on your account page.
oidc-domain = The provider may not speak for your mail address. Sign in with your password and link the provider on your account page.
oidc-no-account = This sign-in opens no account here. If you have one, sign in with your password and link the provider on your account page; otherwise ask for an invitation.
oidc-linked = That account of the provider opens another account here already.
oidc-link-unknown = There is no such link.
idp-issuer = Wanted is the address of the provider, https://…, without ? and #.
idp-domain = Wanted are at most { $max } domains such as park.example, without @ and *.
idp-word = Wanted are at most { $max } words without spaces.
idp-unreachable = At this address nobody answers as an OpenID Connect provider, or it calls itself by another address.
idp-secret = The provider’s address changes: give the secret that it knows.
idp-too-many = A park has at most { $max } providers.

# Passkeys
passkey-unavailable = There are no passkeys here: the installation has to be reached by name over https.
passkey-wrong = This passkey is not known here, or its answer does not fit. Try again, or sign in with your password.
passkey-late = This took too long or was used already. Please begin again.
passkey-too-many = An account has at most { $max } passkeys.
passkey-unknown = There is no such passkey.
grant-role = A grant is for an assessor or a statistics officer.
grant-too-long = A grant runs at most { $max } days.
grant-unknown = There is no such grant, or it was taken back before.
grant-officer-tenant = A statistics officer gets figures of a whole park: leave the tenant out.
grant-officer-abilities = A statistics officer may read, and no more.
grant-ability = Your grant does not go that far: it does not let you { $ability ->
    [rate] rate
    [sample] open evidence
   *[other] read
}.
grant-statement-old = The wording of the declaration has changed; please read it again.
grant-tenant-doubled = This tenant is named twice.
grant-of-region = This grant is part of one on the region { $region }; the operator of the installation takes it back.
region-code = { $code } is not a region: six digits of GB/T 2260, such as 530000 (province), 530100 (city), 530111 (county).
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
import-done = This file was imported with other options. Ask to replace it, and the contacts that it brought are taken out first.
import-log-kept = An event log is not replaced: its calls reach over several files.
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
steps-too-many = At most { $max } prices can follow; there are { $value }.
step-outside-term = A price changes inside the term, after { $from } and before { $to }.
step-order = Each price begins after the one before it, which begins on { $from }.
seat-held-outside-lease = A seat is held on { $day }, which no version of the lease covers.
lease-versions-overlap = Two versions of the lease are in force on { $day }.
seat-product-unknown = "{ $value }" is no seat product.
tax-rate-range = A tax rate lies between 0 and 100 %.
invoice-empty-month = No seat was held in { $month }; there is nothing to invoice.
invoice-exists = { $month } is already invoiced as { $number }.
invoice-issued = Invoice { $number } is issued and cannot be changed.
billing-run-running = A run of { $month } is under way; it is to end first.
repricing-months = The last month lies before the first, or more than { $max } months were asked for.
invoice-month-open = { $month } is not over yet; it can be previewed but not issued.
invoice-not-issued = The invoice is not in force (state: { $state }).
invoice-has-payments = Invoice { $number } has { $count } payments and cannot be voided.
book-not-for-platform = Price book { $book }, { $price }: { $field } is { $value }. Parks are charged month by month in arrears, by seats and seat-days of their products, without zones or shifts, at prices that hold from the first month on without an end.
operator-unknown = This installation does not say who its operator is: set operator.name and the settings beside it, then bill again.
platform-invoice-not-latest = Platform invoice { $number } is not the latest of its park: withdraw { $later } first.
platform-invoice-unknown = There is no platform invoice { $number }.
platform-month-billed = { $month } is billed with platform invoice { $number }.
platform-terms-book = Version { $version } of price book { $book } was recorded before with another text: give this one another version.
platform-terms-none = No terms say what the park is charged in { $month }.
invoice-corrected = Invoice { $number } corrects this month: withdraw that one first.
invoice-negative = Corrections take back more than the month comes to ({ $amount }): give a credit note of the months that are corrected.
invoice-series-invalid = A series is 1 to 12 capital letters and digits.
invoice-number-range = The year or number of the invoice is out of range.
invoice-number-invalid = "{ $value }" is no invoice number.
payment-days-range = Days to pay lie between 0 and 365.
payment-not-positive = A payment must be above zero.
payment-over-balance = The payment exceeds the balance of { $balance } { $currency }.
payment-bounced = The bank took this payment back on { $day }.
payment-apply-many = At most { $max } invoices at once.
payment-apply-twice = This invoice is named twice.
payment-other-tenant = This invoice is another tenant’s.
payment-over-credit = Only { $left } { $currency } of it is credit.
payment-not-applied = It does not pay that invoice.
payment-credited = Of what was paid on invoice { $number }, a credit note gave part back: only { $left } { $currency } can be taken off.
payment-refunded = { $amount } { $currency } of this payment was paid back: the bank cannot have taken back all of it.
payment-before = It is there since { $day }: nothing was done with it before.
payment-in-future = { $day } is in the future.
why-correction = Correction of { $month } (invoice { $invoice }): { $billed } { $currency } was billed, by what was recorded since it comes to { $now } { $currency }; the difference is { $worth } { $currency }.
why-correction-billed = {" "}Billed: { $why }
why-correction-now = {" "}Now: { $why }
why-late-usage = Used in { $month }: { $why }
why-carried-in = Invoice { $invoice } came to less than nothing; this is what it left at { $rate } % VAT.
why-carried-out = The invoice would come to less than nothing: what it comes to at { $rate } % VAT is carried to the next.
why-by-day = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days of the month = { $worth } { $currency }.
why-fixed-thirty = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days, as every month counts = { $worth } { $currency }.
why-full-month-before = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days of the month = { $worth } { $currency }; a seat first charged before day { $day } pays the whole month.
why-whole-months = { $price } { $currency } a seat-month × { $seatDays } seat-days ÷ { $days } days of the month = { $worth } { $currency }; a seat charged on any day pays the whole month.
why-rent-free = { $seatDays } seat-days are free of rent; at { $price } { $currency } a seat-month of { $days } days they would have cost { $worth } { $currency }.
why-minimum-spend = At least { $worth } { $currency } were agreed for { $charged } of { $days } days of the month; seats came to { $reached } { $currency }.
why-concession-percent = { $kind } ({ $reason }): { $percent } % off the { $left } { $currency } of seat rent that is left = { $worth } { $currency }.
why-concession-fixed = { $kind } ({ $reason }): { $amount } { $currency } a month off the { $left } { $currency } of seat rent that is left = { $worth } { $currency }.
why-concession-part = {" "}This is what falls on rent taxed at { $rate } %.
line-kind-waiver = Rent waiver
line-kind-discount = Discount
line-kind-seat-rent = Seat rent
line-kind-minimum-spend = Least rent
line-kind-rent-free = Rent-free days
line-kind-usage = Usage
line-kind-one-time = One-time fee
line-kind-percent = Share of other amounts
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
# Estate
number-invalid = This is not a whole number.
number-range = { $value } is outside { $min } to { $max }.
date-invalid = This is not a date; write it like 2026-11-21.
seat-code-doubled = The seat code { $code } also stands in row { $other }.
seat-elsewhere = The seat { $code } is in another zone already: { $place }.
seat-built-fixed = The seat { $code } exists already; a plan does not change from when to when.
seat-product-held = Somebody holds the seat { $code }, so it stays { $product }.
floor-level-differs = The floor { $floor } has the level { $level }.
months-range = 1 to { $max } months, not { $value }.
place-day-future = This holds from today ({ $today }) or an earlier day, not from a later one.
seat-code-twice = The code { $code } is given to two seats.
seat-code-taken = Another seat has the code { $code }.
seat-code-was = Another seat had the code { $code } up to and without { $day }: choose that day or a later one.
seat-place-later = Seat { $code } was changed from { $day } on already: choose that day or a later one.
seat-not-in-zone = This seat is not in the zone { $zone }.
zone-leased-meanwhile = A lease has just taken a seat of this zone. Please look again.
codes-taken-meanwhile = Somebody has just taken one of these codes. Please look again.
feature-unknown = There is no feature { $feature }.
feature-twice = The feature { $feature } is named twice.
feature-value = This is no value of { $feature }.
features-none = Name at least one feature.
area-invalid = This is not an area in square metres with at most two decimals, up to { $max }.
zone-not-there = There is no such zone.
zone-ended = The zone { $code } ended on { $day }: it was merged into another.
zone-day-before = The zone { $code } begins on { $day }: choose that day or a later one.
zone-code-taken = Another zone of the floor has the code { $code }.
zone-code-was = Another zone of the floor had the code { $code } up to and without { $day }: choose that day or a later one.
zone-name-later = The zone { $code } was renamed from { $day } on already: choose that day or a later one.
zone-split-whole = These are all seats of the zone { $code }: rename it instead, or leave some in it.
zones-per-call = 1 to { $max } zones at once, not { $value }.
zone-into-itself = A zone cannot be merged into itself.
zone-other-floor = The zone { $code } is on another floor.
floor-not-there = There is no such floor.
picture-broken = The picture cannot be read: it is damaged or cut off.
picture-size = The picture has no size. Of an SVG, view box or width and height must be given and above 0.
picture-points = The picture has { $width } x { $height } points; at most { $max } million are taken, and 30000 a side.
picture-ratio = One side of a picture is at most { $max } times as long as the other.
svg-broken = The SVG cannot be read (line { $line }).
svg-unsafe = The SVG holds something that can run or reach elsewhere, in line { $line }: { $found }. Save it as a plain SVG without it.
svg-elements = The SVG has too many parts: at most { $max }, what is used again counted each time, { $depth } in one another.
plan-before-floor = The floor has had seats from { $day } on: choose that day or a later one.
plan-none = No picture lies under the seats on { $day }.
seat-other-floor = The seat { $code } is on another floor.
seat-gone = The seat { $code } has been gone since { $day }.
seat-spot-taken = The seat { $code } would stand exactly where { $other } stands.
seats-not-moved = Every seat stands there already.
dxf-binary = This is a binary DXF. Save it as a text DXF (ASCII) and upload that.
dxf-broken = The drawing cannot be read: something is wrong in line { $line }, or the file is cut off there.
dxf-too-large = The drawing is too large: at most { $lines } lines and { $marks } texts are read.
dxf-none = No text was found in the drawing on this layer or with this attribute.
dxf-none-known = The drawing has texts, but none of them is the code of a seat of this floor.
dxf-unit-unknown = The drawing does not say in which unit it is drawn. Please choose one.
dxf-code-doubled = The code { $code } stands in the drawing twice: in lines { $other } and { $line }.
dxf-outside = The seat { $code } (line { $line }) would lie beyond the floor plan: 0 to { $max } mm in both directions.
photo-of-one = A photograph shows either a zone or a seat.
photo-future = A photograph was taken today ({ $today }) or earlier.
photo-not-there = There is no such photograph, or it was removed.
photos-too-many = At most { $max } photographs of one zone or seat. Remove one first.
# Leasing
deposit-negative = A deposit cannot be negative.
tax-rate-invalid = { $value } is not a tax rate in percent with at most two decimals.
lease-code-taken = The tenant already has a lease { $code }.
lease-unknown = There is no such lease.
seats-per-call = 1 to { $max } seats at once, not { $value }.
id-doubled = The same id is named twice.
shift-window = The minutes { $from } to { $to } are no window: it begins on a day (0 to 1439) and is at most a day long.
allocation-outside-term = Seats can be held under this lease from { $from } to { $to }.
seat-unknown = There is no such seat.
seat-not-built = Seat { $seat } exists from { $from } to { $to }, not over the whole period.
seat-product-differs = Seat { $seat } is { $product }; the lease is for { $wanted }.
amend-nothing = This would change nothing.
amend-before-last = What was agreed last applies from { $from } on: amend it from that day or later.
amend-outside-term = The lease runs from { $from } up to and without { $to }; the amendment must begin inside.
amend-billed = The lease is billed up to and without { $to }: choose that day or a later one.
amend-seats-held = Seats are held up to and without { $to }: release them first.
lease-end-later = The lease ends on { $to } already.
share-invalid = Not a percentage with at most four decimals.
share-range = Between 0 and { $max } percent.
grace-days-range = Between 0 and { $max } days.
late-fee-cap = The limit is below what one day costs.
decrease-outside-term = { $on } is outside the term of the lease.
renewal-months-range = Between 1 and { $max } months.
tax-basis-fixed = Whether prices contain the tax is agreed once and stays.
reverse-charge-tax-included = Where the tenant owes the tax itself, prices cannot contain it.
concession-off = Give a share above 0 % or an amount above 0, one of the two.
concession-months = { $from } to { $last } are no months of the lease.
concession-twice = The same is given for the same reason in the same months already.
minimum-rows = At most { $max } rows.
minimum-outside-term = { $on } is outside the term of the lease.
minimum-order = Not after { $from }, the day of the row before.
minimum-range = Between 0 and { $max }.
windows-overlap = Overlaps a window before it.
own-zone-shared = Others hold seats in the zones of this lease from that day on: they cannot be its own.
shift-outside-lease = The lease does not allow seats to be held at these times of the day.
zone-shared = Seat { $seat }: the lease wants its zones to itself, and somebody else holds seats in this zone then.
zone-apart = Seat { $seat }: its zone is kept for another lease alone.
decrease-notice = Lease { $lease }: seats can be given back { $days } days after saying so, not before { $first }.
decrease-too-early = Lease { $lease }: no seat can be given back before { $first }.
seats-below-minimum = Lease { $lease }: { $left } seats would be left on { $on }, fewer than the { $min } agreed.
renewal-none = The lease agrees no right to go on.
index-none = The price of this lease follows no index.
index-figure = { $value } is no figure of an index: a number above 0, at most 1,000,000, with at most four decimals.
index-early = The review can be made from { $from } on.
index-over = The lease ends on { $to }, before a new price would apply.
index-months-range = From review to review are { $value } months; it must be 1 to { $max }.
index-outside-term = The next review lies before the lease begins on { $from }.
index-with-steps = A price is agreed for { $on }, on or after the review. Agree either steps or an index for those days.
renewal-late = The right to go on had to be used by { $by }.
renewal-price = By this right a seat-month costs at most { $max }.
renewal-term = A renewal ends after { $to }, when the lease ends now.
renewal-twice = By this right the lease goes on for { $months } months: leave the end out.
transfer-same-tenant = The lease is this tenant's already.
transfer-outside-term = A lease is handed over on a day after { $from } and before { $to }.
lease-version-unknown = The lease has no such version.
lease-unsigned = In this park seats are allocated once a contract paper of the lease is signed.
template-unknown = There is no such template; there is { $known }.
special-too-many = At most { $max } paragraphs.
paper-exists = There is a paper { $number } already: take it back first.
paper-state = The paper is { $state ->
    [drafted] waiting for approval
    [approved] approved
    [signed] signed
    [refused] not approved
   *[other] taken back
}: this cannot be done now.
paper-own = Whoever drafted a paper does not approve it: somebody else does.
paper-approved-already = You have approved this paper already; somebody else is needed.
signed-later = Not after today, { $today }.
approvals-range = Between 1 and { $max } approvals.
warn-days-invalid = One to { $count } numbers from 1 to { $max }, each smaller than the one before.
settlement-running = The lease runs until { $to } (not included): it is settled on its last day or later.
settlement-open-seats = { $seats ->
    [one] { $seats } seat is
   *[other] { $seats } seats are
} still held under the lease.
settlement-uncorrected = To be corrected first, by an invoice or a credit note: { $months }.
corrections-none = Nothing that was recorded late changes what was billed of this lease.
corrections-owed = Every month that changed comes to more than was billed: the next invoice charges it.
correction-credit-over = { $month }: earlier credit notes left less of the invoices than is to be taken back.
settlement-unbilled = To be invoiced first: { $months }.
settlement-charges = At most { $max } charges.
settlement-kind = This follows from the books; choose another kind.
settlement-amount = More than 0, whoever owes it.
settlement-item = The list has no item { $item }.
settlement-remark = Say in 1 to { $max } characters what is not in order.
settlement-exists = The lease has a settlement sheet that was not taken back.
settlement-state = The sheet is { $state ->
    [agreed] agreed
   *[other] taken back
}: this cannot be done any more.
seat-held = Seat { $seat } is held from { $from } to { $to }.
seat-out-of-service = Seat { $seat } is out of service from { $from } to { $to }.
seat-on-hold = Seat { $seat } is kept for somebody from { $from } to { $to }.
hold-expiry-range = A hold ends after now and at most { $max } days ahead.
hold-unknown = There is no such hold.
hold-not-live = This hold is over: its seats were given up or allocated, or its time has passed.
hold-of-other = These seats are kept for another tenant.
seat-not-in-hold = This seat is not kept by the hold, or no longer.
outage-unknown = There is no such outage.
outage-over = The seat is back in service on { $to } already.
outage-before-start = The outage only begins on { $from }.
seats-held-meanwhile = One of these seats has just been allocated. Please look again.
allocation-unknown = There is no such allocation.
release-before-start = Seat { $seat } is held only from { $from }.
release-after-end = Seat { $seat } is free again from { $to } already.
# People and staffing
employee-no-doubled = This employee number stands in row { $first } already.
person-still-placed = The roster or a seat speaks of this person from { $from } up to and without { $to }: change that first.
teams-too-many = A call centre has at most { $max } teams.
changed-meanwhile = Somebody else changed this at the same time; please try again.
shift-span = A shift begins at minute 0 to 1439 of its day and ends after that, at most 24 hours later.
shift-break = The break must be shorter than the shift.
shift-code-taken = There is a shift with the code { $code } already.
shifts-too-many = A call centre has at most { $max } shifts.
shift-unknown = There is no such shift.
shift-overlap = On { $day } this shift overlaps with the one of the day before or after.
roster-entries = A call changes 1 to { $max } entries of the roster.
roster-too-wide = At most { $max } days at a time.
roster-entry-doubled = This person and day is entry { $first } already.
person-unknown = There is no such person.
person-not-employed = This person is not employed on every day asked for.
person-elsewhere = This person has a seat at that time already.
seat-not-held = This seat is not allocated to you on the first day asked for.
seat-held-until = You hold this seat up to and without { $to } only.
seat-occupied = Seat { $seat } is taken on that day or later: people to sit there { $people }, the last of them up to { $until }.
vacate-day = The day must come after { $from } and not after the end.
patience-required = Erlang A needs a patience in seconds.
# Workforce
not-a-quantity = { $value } is not usable here: give a number that is zero or more.
period-not-positive = The length of the period must be more than zero seconds.
handle-time-zero = There are contacts but the mean handle time is zero: staffing cannot follow from that.
handle-time-missing = No interval has a handle time: give one, or import contacts that were served.
load-too-large = The load is above one billion erlangs: check contacts, period and handle time.
erlang-unstable = { $agents } agents cannot carry { $load } erlangs when nobody hangs up: the queue would grow for ever.
patience-invalid = Patience must be zero seconds or more, not { $value }.
blocking-range = Blocking must lie between 0 and 1 (both excluded), not { $value }.
lines-zero = At least one line is needed.
service-level-range = The service level must be at least 0 and below 1 (100 % is never reached), not { $value }.
occupancy-range = The highest occupancy must be above 0 and at most 1, not { $value }.
abandonment-range = The highest abandonment must be above 0 and at most 1, not { $value }.
asa-range = The longest average speed of answer must be more than 0 seconds, not { $value }.
shrinkage-range = Shrinkage must be at least 0 and below 1, not { $value }.
agents-too-many = No possible number of agents keeps this target: relax it or check the load.
# Operations
call-file-empty = The file holds no call records.
call-file-encoding = Line { $row } cannot be read as { $encoding }. Please choose the encoding that the file really has.
call-file-header = The first line is not the header of this format. Expected: { $expected }
call-file-nonsense = No row of the file could be understood; the first ones are listed. Is it really of this format?
call-file-not-queue-log = None of the first lines is one of an Asterisk queue_log.
csv-column-doubled = The header names the column { $column } more than once.
csv-column-missing = The header has no column { $column }.
figures-too-long = The period may hold at most { $max } days.
file-bomb = The file unpacks to more than { $ratio } times its size; call records do not.
file-cut = The file is cut off: it ends in line { $row }. The rows before it were imported; give the complete file and only what is missing is added.
file-damaged = The packed file is damaged; nothing was imported.
import-interrupted = The import was interrupted too often. Please give the file again; rows that were read are kept.
mapping-column-empty = Please name a column.
mapping-delimiter = Fields are separated by a comma, a semicolon, a TAB or a bar.
mapping-handle-missing = Name the column of handle time or talk time, or the one of the end.
mapping-missing = A delimited file needs a mapping of its columns.
mapping-outcome-empty = Say which words of the column mean that a contact was answered.
mapping-queue = Name either a column of queues or one queue for all rows.
mapping-text = The mapping holds a character that no text may hold.
mapping-time-pattern = This pattern does not tell a date and a time of day.
mapping-unwanted = Only a delimited file has a mapping of its columns.
mapping-wait-missing = Name the column of waits, or those of answer and end.
queue-log-entered-again = A call that entered at { $entered } entered again before it had left.
queue-log-never-ended = The log does not say how a call that entered at { $entered } ended.
queue-log-out-of-order = The event does not fit what happened to its call before.
row-cut-short = The row ends before its last field.
row-date-invalid = This is not a date.
row-direction-unknown = The mapping does not know this word for the direction.
row-duration-negative = A duration cannot be negative.
row-duration-too-long = A duration is at most { $limit } seconds.
row-field-count = The row has { $found } fields instead of { $expected }.
row-number-invalid = This is not a number.
row-outcome-unknown = This word for the outcome is not known.
row-priority-invalid = This is not a priority.
row-quotes-broken = The quotation marks of the row do not match.
row-text-too-long = At most { $limit } bytes of text.
row-time-invalid = This is not a time.
row-time-out-of-range = The time lies outside the years 1970 to 2199.
row-times-disagree = The times and the seconds between them do not agree.
row-too-long = The line is longer than { $limit } bytes.
row-value-missing = The value is missing.
zone-unknown = { $value } is not a time zone.
abandonment-rate = Abandonment rate
abandonment-rate-formula = abandoned ÷ offered
abandonment-rate-without-short = Abandonment rate without short abandons
abandonment-rate-without-short-formula = (abandoned − abandoned within 5 s) ÷ (offered − abandoned within 5 s)
average-speed-of-answer = Average speed of answer
average-speed-of-answer-formula = seconds waited by answered contacts ÷ answered
average-speed-of-answer-waited = Average speed of answer of those that waited
average-speed-of-answer-waited-formula = seconds waited by answered contacts ÷ answered after a wait of more than 0 s
average-delay = Average delay
average-delay-formula = seconds waited by offered contacts ÷ offered
mean-time-to-abandon = Mean time to abandon
mean-time-to-abandon-formula = seconds waited by abandoned contacts ÷ abandoned
longest-wait = Longest wait
longest-wait-formula = the longest wait of an offered contact
patience-estimate = Estimated patience
patience-estimate-formula = seconds waited by offered contacts ÷ abandoned
average-handle-time = Average handle time
average-handle-time-formula = handle seconds of answered contacts ÷ answered with a known handle time
average-handle-time-named = Average handle time of named agents
average-handle-time-named-formula = handle seconds of answered contacts with a named agent ÷ their number
suspect-hang-up-rate = Share of suspected hang-ups by agents
suspect-hang-up-rate-formula = answered with less than 10 s of handle time ÷ answered with a known handle time
suspect-hang-ups = Suspected hang-ups by agents
suspect-hang-ups-formula = answered with less than 10 s of handle time
total-handle-time = Total handle time
total-handle-time-formula = handle seconds of answered contacts
median-handle-time = Median handle time
median-handle-time-formula = the middle handle time of answered contacts, or the mean of the two in the middle
distinct-agents = Agents
distinct-agents-formula = different named agents who answered
# Provisioning

# Background jobs
job-failed = This could not be done after { $attempts } tries. It can be begun again; if it fails once more, quote { $job }.
job-cancelled = It was called off.
job-again = It did not work yet and is tried again by itself.
job-not-ended = Only what was given up or called off can be begun again.
job-ended = It has ended, or was called off already.

# Pipeline
credit-code-form = A unified social credit code has 18 characters: digits and capital letters without I, O, S, V and Z.
credit-code-check = This is no unified social credit code: its last character does not fit the others.
phone-invalid = This is not a telephone number.
staff-unknown = This is nobody of the park's staff.
lead-unknown = There is no such lead.
lead-seats = Between 1 and { $max } seats.
lead-step = A lead cannot go from “{ $from ->
    [new] new
    [contacted] contacted
    [visited] visited
    [quoted] quoted
    [won] won
   *[lost] lost
}” to “{ $to ->
    [new] new
    [contacted] contacted
    [visited] visited
    [quoted] quoted
    [won] won
   *[lost] lost
}”.
lead-step-by-quote = A lead is quoted when a quote is sent, and won when one is accepted.
lead-closed = This lead is { $state ->
    [won] won
   *[lost] lost: open it again first
}.
lead-lost-reason = Please say why it is lost.
lead-next-day = Please say what is to be done on that day.
lead-taken = Somebody else looks after this lead already.
lead-credit-code-taken = A lead with this unified social credit code is there already.
lead-name-known = A lead of this name is there already ({ $state ->
    [new] new
    [contacted] contacted
    [visited] visited
    [quoted] quoted
    [won] won
   *[lost] lost
}). Enter it all the same only if it is another company.
lead-name-of-tenant = A tenant of the park has this name. Name the tenant, or enter it all the same if it is another company.
lead-too-many = A lead has at most { $max } of these.
visit-unknown = There is no such visit.
visit-time = The time of a visit lies between 00:00 and 23:59.
visit-zones = At most { $max } zones are shown at a time.
visit-over = This visit is { $state ->
    [done] over
   *[cancelled] called off
}; agree another one.
visit-to-come = The visit is on { $day } and cannot have taken place yet.
quote-unknown = There is no such quote.
quote-lines = A quote has 1 to { $max } lines.
quote-seats = Between 1 and { $max } seats, of all lines together.
quote-term-too-long = A term touches at most { $max } calendar months.
quote-valid-past = A quote is valid today ({ $today }) at least.
quote-deposit-twice = Please name the deposit as months of rent or as an amount, not both.
deposit-months-range = Between 0 and { $max } months.
notice-days-range = Between 0 and { $max } days.
quote-state = This is not done to quote { $number }: it is { $state ->
    [draft] a draft
    [sent] sent
    [accepted] accepted
    [declined] declined
    [expired] expired
   *[withdrawn] withdrawn
}.
quote-newer = There is a later version of quote { $number }.
quote-lease-codes = There are more codes than lines.
quote-tenant-needed = The lead is no tenant yet: please say with which code it becomes one.
quote-tenant-known = The lead is a tenant of the park already.

# Seat-days
seat-days-range = Figures are counted over at most { $max } calendar months.
effective-rule-unknown = There is no such rule for effective seats.
seat-required = Please name a seat.
yes-no-invalid = This must be yes or no.
identity-invalid = This is no number of an identity document.
proof-doubled = Line { $first } speaks of this person and month already.
month-future = This month has not begun yet.
proof-not-employed = The person is not employed in this month.
contract-overlaps = The person has another contract over some of these days.
identity-doubled = The identity document of another person proves this month.
day-future = This day has not come yet.
presence-unknown = Nothing stands that this file said.

# Requests for seats.
request-unknown = There is no such request.
request-seats = Between 1 and { $max } seats.
request-past = Seats are asked for from today ({ $today }) or later.
request-named-more = Seats are named only where they are to go; more seats cannot be named.
request-named-count = { $named } seats are named and { $seats } are asked for.
request-seat-not-held = You do not hold this seat on { $from } or later.
request-overtaken = Somebody has acted on this request meanwhile: it is now { $state ->
    [asked] asked
    [taken_up] taken up
    [asked_back] waiting for an answer
    [offered] offered
    [agreed] agreed
    [accepted] granted
    [declined] declined
   *[withdrawn] taken back
}. Please look again.
request-step = This cannot be done now: the request is { $state ->
    [asked] asked
    [taken_up] taken up
    [asked_back] waiting for an answer
    [offered] offered
    [agreed] agreed
    [accepted] granted
    [declined] declined
   *[withdrawn] taken back
}.
request-side = This is for the other side to do.
request-reference = What answers a request is an allocation, lease, hold or quote of this tenant, named when it is offered or granted.
request-steps = A request has at most { $max } steps.
request-days = Between 1 and { $max } days.

# Seats given to teams and campaigns.
campaign-code-taken = The code { $code } is taken by another campaign.
campaigns-too-many = There are { $max } campaigns already.
campaign-unknown = There is no such campaign.
team-unknown = There is no such team.
assign-whom = Please name a team, a campaign or both.
assign-not-held = Seat { $seat } is not held then, from { $from } to { $to }.
assign-taken = Seat { $seat } is given to somebody else from { $from } to { $to } at that time of the day.
assigned-meanwhile = Somebody else has just given one of these seats. Please look again.
assignment-unknown = There is no such assignment.
assignment-reversed = This assignment was taken back.
assignment-end-day = An assignment ends after its first day ({ $from }) and before the end it has; one made by mistake is taken back.
amount-not-collectable = { $amount } { $currency } cannot be collected: smaller than the smallest coin in use.
billing-day-range = Day { $day } is no day of a month from 1 to 31.
credit-not-positive = A credit is more than 0; this is { $amount }.
credit-over-line = { $amount } is more than the { $left } that is left of the line.
credit-refund-over = { $amount } is more than the { $left } { $currency } that was paid of what the note takes back.
credit-over-paid = { $amount } is more than the { $left } that was paid.
curve-range = From { $from } to { $to } seats is too long a range; at most { $max } points.
discount-invalid = A discount is a percentage from 0 to 100 or an amount that is not negative.
invoice-outside-term = { $day } is outside the term of the schedule.
seat-without-price = Price book { $book } v{ $version } has no price for a seat in zone { $zone }, shift { $shift }, on { $day }. Publish a version that has one and amend the lease, or correct the zone.
invoice-nothing-owed = Nothing is owed of invoice { $number }.
invoice-not-written-off = Nothing was given up of invoice { $number }.
price-not-agreed = The book has no price { $price } on { $day }.
usage-meters = Give the figures of 1 to { $max } meters.
statement-too-large = More than { $max } invoices; ask for them as a list.
usage-month-ahead = { $month } has not begun.
usage-meter-unknown = The price book of the lease charges no meter { $meter } in this month; it charges: { $known }.
usage-meter-doubled = Meter { $meter } is given twice.
usage-quantity = { $value } is not a quantity: a number not below 0, at most { $digits } digits after the point.
quantity-negative = A quantity cannot be negative: { $value }.
tier-missing = No tier holds { $value } units.
seats-below-scheduled = { $left } seats would be left on { $day }; { $least } are scheduled already.
steps-apart = { $file }, { $item }: { $field } ends on { $to } and the next begins on { $next }.
tiers-not-ascending = { $file }, { $item }: { $field } { $value } is not above { $before }.
tiers-open-end = { $file }, { $item }: { $field }: the last tier, and only the last, has no upper bound.

# Price books
price-book-version = { $file }, { $item }: { $field } is { $value }; the latest is { $latest }, so the next one is { $next }.
book-price-unknown = The book has no price { $price }.
curve-of-amounts = { $price } is a part of other amounts; it has no line against seats.
book-quote-seats = 1 to { $max } seats can be quoted.
book-quote-days = Between 1 and { $max } days can be quoted.
book-with-price = A lease has either a price book or a price of its own; with a book the price is 0 and has no steps.
book-with-clause = A price book has its minimums in itself and follows no index; take these clauses out.
book-month = Another price book, or none, applies from the first day of a month.
book-not-for-lease = Price book { $book } v{ $version }, { $price }: { $field } is { $value }. Leases are billed month by month, and prices but those of meters are due as the lease agrees: in advance or in arrears.
price-book-unknown = There is no price book { $book } v{ $version }.
lease-book-mixed = Two price books apply in { $month }; no invoice can say that.
lease-book-missing = Price book { $book } v{ $version } of the lease cannot be found.
why-book = { $title } (price book { $book } v{ $version }): { $why }
why-book-slice = { $seats } seats at { $full } { $currency } a whole period × { $sliceDays } days
why-book-slice-whole = { $seats } seats at { $full } { $currency } a whole period, all { $sliceDays } chargeable days
why-book-slice-above = { $seats } seats above the { $above } that pay already, { $full } { $currency } a whole period × { $sliceDays } days
why-book-flats = {" "}+ { $flats } { $currency } charged once;
why-book-at-most = {" "}at most { $cap } { $currency } in all;
why-book-less = {" "}− { $less } { $currency } that another line charges;
why-book-nothing = nothing
why-book-tier = tier { $tier }: { $units } units come to { $cost } { $currency }
why-book-tier-flat = tier { $tier }: { $units } units come to { $cost } { $currency }, and { $flat } { $currency } once
why-book-slices = { $parts }; ÷ { $days } days of the period;{ $more } = { $worth } { $currency }.
why-book-rent-free = Free of rent: { $parts }; ÷ { $days } days of the period;{ $more } would have been { $worth } { $currency }.
why-book-minimum-seats = What the fewest seats agreed come to, less what is held: { $parts }; ÷ { $days } days of the period;{ $more } = { $worth } { $currency }.
why-book-quantity = { $quantity } in all, { $billed } of it billed before: { $parts };{ $more } = { $worth } { $currency }.
why-book-once = { $quantity } seats begin in the period: { $parts };{ $more } = { $worth } { $currency }.
why-book-percent = { $percent } % of { $quantity } { $currency } in other lines{ $more } = { $worth } { $currency }.
why-book-cap = At most { $maximum } { $currency } in the period: { $billed } { $currency } were billed before and { $amount } { $currency } now, so that { $worth } { $currency } comes off.
why-book-true-up = At least { $minimum } { $currency } were agreed for the period; { $reached } { $currency } were reached, { $worth } { $currency } are missing.

# The ledger
amount-not-positive = { $amount } is not above zero.
applied-exceeded = { $amount } { $currency } is more than the { $left } that is applied there.
book-month-closed = { $month } is closed in the books.
book-month-not-last = { $month } cannot be opened again; the month that was closed last is { $last }.
book-month-unbilled = The month { $month } is not fully billed: { $leases } leases have no invoice for it. Bill them first, or say that the month closes without them.
book-month-not-next = { $month } cannot be closed before { $next }.
credit-line-doubled = Line { $line } of the invoice appears twice in the credit note.
credit-not-total = The credit note comes to { $total } { $currency }; { $given } is placed.
credit-outside-service = The days of the credit are not all among those of the line, from { $from } to before { $to }.
deposit-exceeded = { $amount } { $currency } is more than the { $left } that is held.
deposit-payer = The deposit belongs to another payer.
document-line-unknown = { $document } has no line { $line }.
document-two-currencies = { $document } is in { $expected }; { $key } has a line in { $found }.
document-unknown = Nothing is booked on { $document }.
entry-empty = { $key } has no lines.
entry-not-cost = Entry { $number } is no cost.
days-both = Give the first day and the day after the last one, or neither.
entry-is-reversal = { $key } takes another entry back and cannot be taken back itself.
entry-line-zero = Line { $line } of { $key } is zero.
entry-not-balanced = { $key } does not balance: { $left } is left in { $currency }.
entry-reversed = { $key } was taken back before.
entry-unknown = There is no entry { $key }.
entry-used = { $key } cannot be booked: something that came later rests on what it takes back.
invoice-settled = Something was paid, credited or given up on { $document }; it cannot be withdrawn.
invoice-total-negative = The invoice comes to { $total } { $currency }; what is owed back is a credit note.
open-exceeded = { $amount } { $currency } is more than the { $left } that is owed.
payment-used = Of { $amount } { $currency } only { $left } can be taken back; the rest was paid back or serves as a deposit.
posting-key-taken = { $key } was booked with other contents.
prepaid-exceeded = { $amount } { $currency } is more than the credit of { $left }.
rounding-exceeded = { $amount } { $currency } is more than the { $left } that may be let go.
shares-not-total = The shares come to { $shares } { $currency }, the invoice to { $total }.
tax-exceeded = A tax of { $tax } does not fit in { $amount }.
term-unknown = No revenue is planned there.
written-off-exceeded = { $amount } { $currency } is more than the { $left } that was written off.
ledger-unapplied = { $source } no longer applied to { $document }.
ledger-applied = { $source } applied to { $document }.
ledger-cost = Cost: { $note }
ledger-credit-note = Credit note { $note } on { $document }.
ledger-earned = Revenue earned until { $until }, that day not included.
ledger-levelled = Straight line of the lease until { $until }, that day not included.
ledger-earned-invoiced = Revenue that was earned before its invoice, until { $until } (that day not included), is taken up by the invoice.
ledger-earned-corrected = Revenue corrected until { $until }, that day not included.
ledger-invoice-issued = Invoice { $document } issued.
ledger-invoice-voided = Invoice { $document } withdrawn.
ledger-moved = Applied money moved from { $from } to { $to }.
ledger-refunded = { $document } paid back.
ledger-payment-bounced = Payment { $document } taken back by the bank.
ledger-written-off = Invoice { $document } written off.
ledger-recovered = Invoice { $document } asked for again.
ledger-rounded-off = Rounding difference of { $document }.
ledger-reversed = Takes back entry { $number }.
ledger-payment-received = Payment { $document } received.
book-month-none-closed = No month of the books is closed, so { $month } is open.
book-month-not-over = { $month } is not over yet.
statement-too-long = A statement covers at most { $max } months.

# The sides of an invoice
tax-number-form = This is no taxpayer number: 18 characters (unified social credit code or identity card), or one of the older forms of 15 or 20.
tax-number-check = This taxpayer number cannot be right: its check character does not follow from the others.
bank-account-invalid = The number of an account has digits and letters only, at most { $max }.
bank-with-account = Please name the bank and the account, or neither.
fapiao-tax-number = A fapiao for deducting input tax needs the taxpayer number of the buyer.
mails-too-many = Invoices go to at most { $max } addresses.
mail-doubled = This address is there twice.
tenant-required = Please name the tenant.
document-format = There is no such form of this document.
document-withdrawn = A withdrawn invoice is given as PDF and workbook only, not to programs that would book it.

# Invoices by mail
invoices-count = Please name 1 to { $max } invoices.
credit-notes-count = Choose 1 to { $max } credit notes.
invoice-withdrawn = Invoice { $number } was withdrawn and is not sent.
invoice-no-address = { $number } cannot be sent: { $tenant } has given no mail address for invoices.

# What the tax office was told
fapiao-kind = There is no such kind of fapiao.
fapiao-digits = { $digits ->
    [0] This kind of fapiao has no code.
   *[other] This has { $digits } digits.
    }
fapiao-known = Fapiao { $number } is on record already.
fapiao-later = A fapiao is not of a day after today ({ $today }).
fapiao-amount = { $amount } is not an amount of a fapiao: red ones are written without a sign.
fapiao-blue = This is no blue fapiao of the invoice.
fapiao-over = { $amount } is more than the { $left } that is left.
fapiao-stands = Fapiaos over { $amount } stand of this invoice: record the red ones first.
fapiao-withdrawn = Invoice { $number } was withdrawn; no blue fapiao can be recorded of it.
