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
# Provisioning
email-invalid = This is not a mail address.
password-weak = A password has at least { $min } characters, not few of them over and over.
user-exists = This address has an account already.
park-code-taken = There is a park with the code { $code } already.
park-unknown = There is no park with this code.
tenant-unknown = The park has no tenant with this code.
city-tier = A city tier is 1 to 5, not { $value }.
role-scope = The role { $role } does not belong here: park roles need a park, tenant roles a tenant, assessors and statistics officers a grant.
