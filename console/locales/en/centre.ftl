# The call centre's pages.
place-centre-home = Today
place-centre-seats = Seats
place-centre-operations = Operations
place-centre-maturity = Maturity
place-centre-cost = Cost

# Words that several of these pages share.
seats-unit = seats
contacts = contacts
day = Day
interval = Interval
to-included = To (included)
queue = Queue
value = Value
numerator = Numerator
denominator = Denominator
ratio = { $part } ÷ { $whole }
seconds = { $n } s
offered = Offered
answered = Answered
abandoned = Abandoned
service-level = Service level
average-handle = Mean handle time
average-wait = Mean wait
last-day = Yesterday
last-week = Last 7 days
last-month = Last 30 days
last-quarter = Last 13 weeks
last-year = Last 365 days
per-leased-seat = per leased seat
list-comma = {", "}
import-calls = Import calls
imports-title = Imports
assessments-none = No assessment yet

centre-home-seats = Leased seats
centre-home-seats-sub = { $n } occupied ({ $share })
centre-home-seats-how = Seats allocated to this centre under a lease today; occupied = with at least one person placed on them today. A seat used in several shifts counts once.
centre-home-level = Service level, { $date }
centre-home-level-sub = { $offered } offered · { $answered } answered
centre-home-need = Most needed today
centre-home-need-unit = people
centre-home-need-sub = at { $time } · { $rostered } rostered
centre-home-need-how = The interval that needs the most people on the roster (shrinkage included), from past contacts by the Erlang formulas.
centre-home-cost = Unit-seat cost, { $month }
centre-home-cost-sub = { $money } per occupied seat
centre-home-cost-how = The month's cost of { $total } over { $leased } leased and { $occupied } occupied seats (monthly means).
centre-home-maturity = Maturity
centre-home-no-level = Not assessed
centre-home-self = own rating L{ $level }
centre-home-maturity-how = The large figure is the level an assessor concluded last (CC-CMM-OC 2011); the own level comes from the own ratings by the same rules.
centre-home-open = Open balance
centre-home-open-sub = { $n ->
    [one] { $n } invoice
   *[other] { $n } invoices
} · { $overdue } overdue
centre-home-open-how = The balances of all invoices that are not fully paid, with tax.
centre-home-volume = How many calls a day, and how many answered?
centre-home-volume-unit = contacts · last 30 days
centre-home-use = Are the leased seats filled?
centre-home-figures = Service
centre-home-figures-note = up to yesterday
staffing-title = Staffing need
staffing-question = Is today's roster enough?
staffing-unit = people · per half hour
staffing-need = People to roster
staffing-rostered = Rostered
staffing-seats = Seats
cost-parts-question = What is the unit-seat cost of { $month } made of?
cost-unit = { $currency } · per leased seat
cost-part = Part

need-invoice-late = Invoice { $number } is overdue, balance { $amount }
need-invoice-open = Invoice { $number } is open, { $amount }
need-roster = { $n ->
    [one] { $n } interval of today is
   *[other] { $n } intervals of today are
} understaffed, by up to { $most ->
    [one] { $most } person
   *[other] { $most } people
}
need-first-import = Import a first file of calls: indicators and staffing need come from it
need-import-failed = The last import of calls failed
need-import-refused = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} of the last import were refused
need-import-yesterday = There are no calls for yesterday: import them
need-lease-ends = Lease { $code } ({ $n ->
    [one] { $n } seat
   *[other] { $n } seats
}) ends soon
need-seats-empty = { $n ->
    [one] { $n } leased seat has
   *[other] { $n } leased seats have
} nobody placed on them
need-cost = Enter the cost of { $month } (rent has posted itself)
need-assessment = Start the first self-assessment of maturity
need-ratings = { $n ->
    [one] { $n } clause of the self-assessment is not rated
   *[other] { $n } clauses of the self-assessment are not rated
}
need-submit = The self-assessment is fully rated and can be submitted
need-assessed = The assessor has concluded: L{ $level }

period-turned = The dates were the wrong way round and have been swapped.
period-cut = At most { $n } days are shown at once; the period was shortened.
operations-empty = No calls in this period
operations-empty-lead = Choose another period, or import a file of calls.
operations-offered-sub = { $n } more did not ask for an agent
operations-offered-how = Contacts that asked for an agent; those that ended in the menu are not counted.
operations-rows-how = { $rows } records: { $ignored } ignored, { $out } did not ask for an agent, the rest were offered.
operations-in-sub = { $n } within the threshold
operations-answered-how = Contacts that an agent answered, and their share of those offered.
operations-abandoned-sub = { $within } within the threshold · { $short } short
operations-abandoned-how = Contacts that hung up before an answer, and their share of those offered. The definition of the service level says what is short and what the threshold is.
indicators = Indicators
indicators-note = longer periods divide sums; percentages are never averaged
indicator = Indicator
grain-quarter = 15 minutes
grain-half = 30 minutes
intervals-table = Intervals
intervals-volume = When do most calls come?
intervals-volume-unit = contacts · per interval
intervals-level = When is the service level low?
days-table = Days
days-table-note = a day opens its intervals
days-volume = How many calls a day?
days-volume-unit = contacts · per day
days-level = Is the service level steady?
days-level-unit = %

# Imports of call records.
place-centre-invoices = Invoices
place-centre-people = People
place-centre-roster = Roster
intervals = intervals
import-title = Import of calls
imports-none = No calls were imported yet
imports-none-lead = Upload a file from the telephone system: intervals, indicators and staffing need come from it.
import-begun = Begun
import-ended = Ended
import-format = Format
import-read = Rows read
import-new = Added
import-new-sub = contacts that were new
import-known = Known
import-known-sub = brought by an earlier row or file, not counted twice
import-bad = Kept aside
import-bad-sub = rows that could not be read, listed below
import-aside = Rows kept aside
import-progress = { $part } of { $whole } read
import-progress-note = You may leave this page: the import goes on. The page brings itself up to date.
import-failed = The import did not finish.
import-see = See operations
import-zone = Time zone of the times in the file
import-zone-hint = Such as Asia/Shanghai.
import-encoding = Encoding
import-call-file = File of calls
import-call-file-hint = A text file, plain or gzip (.gz).
import-start = Start the import
import-what-happens = What happens
import-step-background = The file is read in the background; you see how far it is.
import-step-aside = Rows that cannot be read are kept aside and listed with row, column and reason; the others are imported.
import-step-once = A file and a record count once: importing again does no harm.
import-step-pseudonym = Identities of end customers and agents are replaced by pseudonyms before anything is stored.
mapping = What the columns mean
mapping-lead = Enter the names of the columns as they stand in the first line of the file.
mapping-delimiter = Delimiter
delimiter-comma = Comma ,
delimiter-semicolon = Semicolon ;
delimiter-tab = TAB
delimiter-bar = Bar |
mapping-times = Times
mapping-time-format = How times are written
mapping-time-format-hint = iso, epoch_seconds, epoch_millis, or a pattern such as %Y/%m/%d %H:%M:%S.
mapping-time-start = Arrival
mapping-time-queued = Asked for an agent
mapping-time-answered = Answered
mapping-time-ended = Ended
mapping-queue = Queue
mapping-queue-column = Column of the queue
mapping-queue-fixed = Or: all belong to the queue
mapping-queue-hint = Code of the queue, such as CARD.
mapping-queue-missing = Name the column of the queue, or the queue that all records belong to.
mapping-outcome = Outcome
mapping-outcome-column = Column of the outcome
mapping-outcome-hint = Say below what the words of that column mean; several are separated by commas.
mapping-words-missing = Give at least one word that means answered.
mapping-more = Other columns
mapping-column-wait = Seconds waited
mapping-column-handle = Handle time
mapping-column-talk = Talk time
mapping-column-hold = Hold time
mapping-column-wrap = Wrap-up time
mapping-column-agent = Agent
mapping-column-endcustomer = End customer
mapping-column-externalid = Id of the record
mapping-column-priority = Priority
outcome-answered = Answered
outcome-abandoned = Abandoned
outcome-not-offered = Did not ask for an agent
outcome-overflowed = Taken out by the system
outcome-ignored = Not a real contact
outcome-open = Still open
contact-format-anonymous-bank = Anonymous Bank
contact-format-asterisk-queue-log = Asterisk queue_log
contact-format-generic-csv = Any delimited file (CSV)
contact-format-hint-anonymous-bank = The format of the public data set: one call a row, TAB between fields.
contact-format-hint-asterisk-queue-log = The queue log of Asterisk: one event a line.
contact-format-hint-generic-csv = Any table with column names; you say what they mean.
encoding-utf8 = UTF-8
encoding-gb18030 = GB18030 (holds GBK)
encoding-latin1 = ISO-8859-1
import-columns = Columns of the file
import-all-done = Imported: { $added } added, { $updated } updated.

# Background jobs
jobs-title = Background jobs
jobs-none = No background jobs yet
jobs-none-lead = What takes longer than a page should wait for, such as reading a file of calls, is done here.
job-asked = Asked for
job-what = What is done
job-attempts = Tries
job-ended = Ended
job-act = Stop or begin again
job-next = Next try { $at }
job-ending = Stopping
job-stop = Stop
job-stop-lead = What was done by then stays; the rest is not done. It can be begun again.
job-stop-do = Stop it
job-stop-done = It is being stopped.
job-again = Begin again
job-again-done = It waits for its turn again.
job-progress = { $done } so far
job-progress-of = { $done } of { $total }
job-seat-request = Tell of a request for seats
job-file-scan = Check a file for malware
job-file-sweep = Clear the file store
job-audit-seal = Seal the audit log
job-billing-run = Bill a month
job-repricing = Price past invoices again
job-platform-bill = Platform invoices of the operator
schedules-title = Done by itself
schedule-when = When
schedule-next = Next
schedule-last = Last
schedule-act = Switch on or off
schedule-off = Switched off
schedule-always = Always on
schedule-switch-off = Switch off
schedule-switch-on = Switch on
schedule-set = The schedule is changed.
schedule-every = Every { $minutes } minutes
schedule-daily = Daily at { $at }
schedule-weekdays = Monday to Friday at { $at }
schedule-monthly = On day { $day } of the month at { $at }
schedule-month-end = On the last day of the month at { $at }
job-state-waiting = Waiting
job-state-running = Running
job-state-done = Done
job-state-failed = Given up
job-state-cancelled = Stopped
