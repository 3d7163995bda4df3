# The park's pages.
place-park-home = Overview
place-park-map = Seat map
place-park-seats = Seats
place-park-tenants = Tenants
place-park-leases = Leases
place-park-invoices = Invoices
place-park-grants = Grants

park-home-title = Overview
park-home-leased = Leased seats
park-home-leased-sub = { $occupied } occupied · { $free } free
park-home-leased-how = Seats held under a lease today, over seats that are built and not removed today. Free = built and held by nobody.
park-home-occupied = Occupied
park-home-occupied-unit = of leased seats
park-home-occupied-how = Leased seats with at least one person placed on them today, over all leased seats. A seat used in several shifts counts once.
park-home-billed = Billed, { $month }
park-home-billed-sub = { $paid } paid · { $overdue } overdue ({ $n ->
    [one] { $n } tenant
   *[other] { $n } tenants
})
park-home-many-invoices = { $n } invoices
park-home-billed-other = In another currency: { $total } billed, { $paid } paid, { $open } open, { $overdue } overdue.
park-home-billed-how = { $n ->
    [one] { $n } invoice of the month with tax, { $open } open.
   *[other] { $n } invoices of the month with tax, { $open } open.
} Overdue = a balance past its due date.
park-home-billed-column = Billed, { $month }
park-home-paid-share = { $share }% is paid.
park-home-maturity = Maturity
park-home-unrated = { $n } not assessed
park-home-maturity-how = The latest concluded level of every tenant (CC-CMM-OC 2011), counted by level.
park-home-use = Who uses the seats?
park-home-use-unit = seats · monthly mean · last 13 months
park-home-needs = Needs you
park-home-ends-title = Leases that end:
park-home-ends = within { $days } days: { $n }
park-home-needs-none = Nothing needs you at the moment.
park-home-need-differs = { $tenant }: invoice { $number } does not come out again as it was issued
park-home-need-late = { $tenant }: invoice { $number } is overdue, balance { $amount }
park-home-need-index = { $tenant }: price of lease { $code } is to follow its index
park-home-need-seats = { $tenant }: lease { $code } has started with { $n } seats
park-home-need-ends = { $tenant }: lease { $code } ({ $n ->
    [one] { $n } seat
   *[other] { $n } seats
}) ends soon
park-home-need-starts = { $tenant }: lease { $code } ({ $n ->
    [one] { $n } seat
   *[other] { $n } seats
}) starts soon
park-home-tenants-note = { $n ->
    [one] { $n } tenant
   *[other] { $n } tenants
}
place-statistics = Statistics
statistics-tenants-how = Centres that are in the park.
statistics-leased = Leased seats
statistics-leased-how = Seats that a lease gives to a centre today.
statistics-occupied = Occupied seats
statistics-occupied-how = Seats on which somebody is placed today.
statistics-people = People employed
statistics-people-how = People who are employed by the centres today.
statistics-withheld = held back: of fewer than five centres
statistics-unrated = Not assessed
statistics-closed = No figures are open to you
statistics-closed-lead = Figures of the park need a grant on the whole park, under which you have declared your interests.
park-home-need-departure = { $tenant }: lease { $code } ends; { $n } seats go back
park-home-need-request-late = { $tenant }: request no. { $n } should have been answered
park-home-need-request = { $tenant }: request no. { $n } waits for the park
park-home-need-request-silent = { $tenant } has not replied to request no. { $n }
park-home-need-hold = { $n } seats kept for { $name } are free again
park-home-need-outage = Seat { $seat } is to be back in service
park-home-need-paper = Contract paper { $number } waits for approval
park-home-needs-more = { $n } more
