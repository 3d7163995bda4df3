# Words that many pages share.
all = All
yes = yes
none = none
month = Month
month-earlier = Month before
month-later = Month after
state = State
level = Level
not-assessed = not assessed
code = Code
name-zh = Name in Chinese
name-en = Name in English
tenant = Tenant
business = Business
role = Role
currency = Currency
also-amount = and { $amount }
purpose = Purpose
from = From
to-not-included = Until (not included)
period = { $from } → { $to }
seat = Seat
seats-column = Seats
seats-n = { $n ->
    [one] { $n } seat
   *[other] { $n } seats
}
days-n = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
seat-product = Seat product
seats-built = Built
seats-leased = Leased
seats-occupied = Occupied
seats-free = Free
seats-leased-column = Leased (seats)
seats-occupied-column = Occupied (seats)
occupied-share = Occupied
of-seats = / { $n } seats
fraction = { $part } / { $whole } seats
today = today
in-days = { $n ->
    [one] in { $n } day
   *[other] in { $n } days
}
days-late = { $n ->
    [one] { $n } day late
   *[other] { $n } days late
}
overdue-days = { $n ->
    [one] { $n } day overdue
   *[other] { $n } days overdue
}
floor = Floor
zone = Zone
show = Show
close = Close
filter = Filter
filter-clear = Clear filters
chosen = Chosen:
choose-all = Choose all
recorded-at = Recorded
import-mode = When rows are wrong
import-all = All or nothing
import-all-hint = One wrong row and nothing is written.
import-good = Good rows only
import-good-hint = Wrong rows are listed in the report; mend them and import again.
import-check = Check first, write nothing
import-check-hint = The check shows what would happen; you import after it.
import-file = File
import-file-hint = CSV (UTF-8 or GB18030) or Excel (XLSX), column names in the first row.
import-do = Upload
import-checked = Checked { $file }
import-report = Import report: { $file }
import-rows = rows read
import-added = new
import-updated = changed
import-refused = wrong
import-check-fine = No problem found: ready to import.
import-check-some = { $n ->
    [one] { $n } row is wrong and would be left out.
   *[other] { $n } rows are wrong and would be left out.
}
import-check-none = { $n ->
    [one] { $n } row is wrong.
   *[other] { $n } rows are wrong.
} All or nothing: nothing would be written. Mend the file and upload it again.
import-nothing = { $n ->
    [one] { $n } row is wrong;
   *[other] { $n } rows are wrong;
} nothing was written. Mend the file and upload it again.
import-some = { $n ->
    [one] { $n } wrong row was left out;
   *[other] { $n } wrong rows were left out;
} the rest is imported.
import-issues = Wrong rows
import-row = Row
import-field = Column
import-message = Problem
import-now = { $n ->
    [one] Import { $n } row
   *[other] Import { $n } rows
}
import-other = Another file
upload-no-file = Please choose a file.
upload-broken = The upload broke off. Please try again.
search-title = Search
search-what = Code or name
search-nothing = Nothing found for “{ $text }”
search-nothing-lead = Seats are found by the beginning of their code; tenants, leases and invoices by code or name.
import-unchanged = unchanged
import-download = Download wrong rows (CSV)
