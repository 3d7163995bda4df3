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
map-keys = Scroll with Ctrl to zoom, drag to move, arrow keys walk from seat to seat.
map-occupied = Occupied
map-unsat = Leased, nobody seated
map-zones = Zones
map-none = No seats yet
map-none-lead = Import the seat plan first: buildings, floors, zones and seats in one go.
map-floor-empty = This floor has no seats on that day.
seat-import-title = Import seats
seat-import-done = Seat plan imported: { $added } new, { $updated } changed.
seat-import-columns = Columns of the file
seat-import-columns-lead = In any order; Chinese column names work too. Seats whose code exists are changed; missing buildings, floors and zones are made.
