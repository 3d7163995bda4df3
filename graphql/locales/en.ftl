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
