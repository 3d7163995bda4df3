# What stands around every page.
shell-skip = Skip to content
shell-places = Main navigation
shell-search = Search
shell-search-hint = Search seats, tenants, leases, invoices (press /)
shell-as-of = As of { $date }
shell-language = Language
shell-switch = Switch role
shell-sign-out = Sign out
shell-crumbs = You are here

keys-title = Keyboard
keys-search = Search
keys-rows = Move down and up in a table
keys-open = Open the chosen row
keys-primary = The page's main action
keys-help = Show this list
keys-close = Close

sign-in-title = Sign in
sign-in-lead = Administration of call-centre parks
sign-in-email = E-mail
sign-in-password = Password
sign-in-scope = Sign in as
sign-in-scope-hint = You have several roles. Choose one and type the password again.
sign-in-do = Sign in
sign-out-done = You have signed out.
scope-title = Choose a role
scope-lead = You have several roles. You can switch later in the account menu at the top right.

welcome-title = Welcome
welcome-park = Park

stop-not-found = There is no such page
stop-not-found-lead = The address may be mistyped, the content removed, or not within your rights.
stop-forbidden = You cannot do this
stop-forbidden-lead = Your role may look at this but not do it. Please ask the park administrator.
stop-elsewhere = This page belongs to another role
stop-elsewhere-lead = You are signed in with a role that has other pages. Your own are in the navigation.
stop-failed = Something went wrong
stop-failed-lead = The fault is ours and nothing you typed was saved. Please try again; if it persists, give the request number to the administrator.
stop-request = Request { $id }
stop-home = Back to the start

how = How?
open-ended = open
chart-values = Values as a table
chart-nothing = No data yet.

pager-label = Pages
pager-range = { $from }–{ $to } of { $total }
pager-files = All of them as
pager-first = First page
pager-next = Next page

form-optional = optional
form-save = Save
form-required = This is required.
form-choose = Please choose
form-whole-number = Please enter a whole number.
form-date = Please enter a date such as 2026-11-21.
form-time = Please enter a time such as 08:30.
form-errors = { $n ->
    [one] { $n } thing to mend
   *[other] { $n } things to mend
}
form-back = Back

map-zoom-in = Zoom in
map-zoom-out = Zoom out
map-zoom-all = Show all
form-more-errors = and { $n } more
