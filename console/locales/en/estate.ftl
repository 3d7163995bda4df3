# Seats, floors, the map, the seat plan.
seats-title = Seats
seats-no-match = No seat matches
seats-no-match-lead = Change the filters or clear them.
code-starts = Code starts with
held = Held
shift-window = Shift window
seat-built = In use
map-title = { $building }, { $floor }
map-floors = Floors
map-as-list = As a list
map-colours = Colours
map-by-tenant = By tenant
map-by-product = By product
map-by-state = By state
map-on = On
map-pale = Pale = leased, nobody seated (by product: not leased). Choose a key to see one kind only.
map-allocate = Allocate under a lease
map-keys = Scroll with Ctrl to zoom, drag to move, arrow keys walk from seat to seat.
map-occupied = Occupied
map-unsat = Leased, nobody seated
map-zones = Zones
map-none = No seats yet
map-none-lead = Import the seat plan first: buildings, floors, zones and seats in one go.
map-floor-empty = This floor has no seats on that day.
map-by-price = By price
map-by-use = By use
map-choose = Choose a key to see one kind only.
map-price = { $price } a seat-month
map-price-step = { $low } to { $high }
map-unpriced = Leased, price not shown
map-sat = Leased, somebody seated
map-idle-short = Leased, nobody seated for less than { $to } days
map-idle-some = Leased, nobody seated for { $from } to { $to } days
map-idle-long = Leased, nobody seated for { $from } days or more
map-free-short = Free for less than { $to } days
map-free-some = Free for { $from } to { $to } days
map-free-long = Free for { $from } days or more
map-idle-days = Nobody seated for { $days } days, since { $since }
map-free-days = Free for { $days } days, since { $since }
map-time = Time
map-slider = Month shown
map-changes = Changes of the floor by month
map-change-begin = { $n } begin
map-change-end = { $n } end
map-change-built = { $n } built
map-change-removed = { $n } taken away
map-says = { $day }: { $leased } of { $built } seats leased, { $occupied } occupied
seat-import-title = Import seats
seat-import-done = Seat plan imported: { $added } new, { $updated } changed.
seat-import-columns = Columns of the file
seat-import-columns-lead = In any order; Chinese column names work too. Seats whose code exists are changed; missing buildings, floors and zones are made.

holds-title = Holds
holds-none = No holds
holds-none-lead = Keep seats for somebody while an offer is open. They are free again by themselves when the time is over.
hold-new-title = Keep seats
hold-for = Kept for
hold-for-hint = The company or person who is thinking about it.
hold-tenant-hint = Then only leases of this tenant can take the seats.
hold-from = Wanted from
hold-days = Wanted
hold-until = Kept until
hold-until-day = Kept until the end of
hold-until-hint = At most 90 days ahead. After that the seats are anybody's.
hold-since = Since
hold-note = Note
hold-open = Still kept
hold-seats = { $n ->
        [one] { $n } seat
       *[other] { $n } seats
    }, { $open } still kept, { $allocated } leased
hold-do = Keep chosen seats
hold-done = The seats are kept.
hold-extend = Change the end
hold-extended = The end was changed.
hold-release = Give up
hold-release-lead = { $n ->
        [one] { $n } seat is free again at once.
       *[other] { $n } seats are free again at once.
    }
hold-release-do = Give the seats up
hold-released = The seats were given up.
hold-lease = Lease the seats
hold-lease-none = No lease can take them yet.
outages-title = Out of service
outages-none = Every seat is in service
outages-none-lead = Seats that cannot be used are taken out of service for some days or until further notice. Leases go on.
outage-new-title = Take seats out of service
outage-from = Out of service from
outage-to = Back in service on
outage-to-hint = Leave empty for until further notice.
outage-days = Out of service
outage-reason = Reason
outage-although-held = Also seats that are leased or on hold
outage-although-held-hint = Without this they are in the way, and the refusal names them.
outage-do = Take chosen seats out of service
outage-done = { $n ->
        [one] { $n } seat is out of service.
       *[other] { $n } seats are out of service.
    }
outage-end = Back in service
outage-end-lead = Seat { $seat } can be used again from this day on.
outage-end-on = First day
outage-ended = The seat is back in service from that day on.
