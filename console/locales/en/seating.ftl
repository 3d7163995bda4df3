# Seats that a call centre gives to its teams and campaigns.
campaign = Campaign
campaigns-title = Campaigns
campaigns-none = No campaigns yet. A campaign is work for a client; seats can be given for it.
campaign-new = New campaign
campaign-name = Name
campaign-code-hint = 1 to 20 letters, digits or - _ . /
client = Client
use-title = Seat use
use-until = counted until { $day }
use-seat-days = seat-days
use-held = Held
use-held-how = Seats that you hold under a lease, times the days on which you do. A seat counts once a day, whatever part of it.
use-given = Given out
use-given-how = Of those held, the seat-days on which the seat is given to a team or campaign.
use-sat = Sat in
use-sat-how = Of those held, the seat-days on which somebody is placed on the seat.
use-share = Used
use-per-seat = Agents a seat
use-per-seat-how = Agents a seat: people placed, day by day, over the seat-days sat in. Above 1 where people share.
use-people = Person-days
use-idle = Idle
use-idle-days = { $n } idle seat-days
use-idle-only = Idle ones only
use-cost = Cost of idle seats
use-cost-how = For each idle seat-day what the lease charges for a seat-month on that day, divided by the days of the month: before tax, nothing on days free of rent, whatever the lease agrees about parts of months. Rounded once.
use-no-team = Given to no team
use-no-campaign = For no campaign
use-seats = The seats behind the figures
use-seats-none = No seat was held so.
assignments-title = Seats given out
assignments-none = No seats are given out yet
assignments-none-lead = Give the seats that you hold to teams and campaigns, to see who uses them and what idle ones cost.
assignments-no-match = No seat is given so
assign-title = Give seats
assign-all = Also those that are given already
assign-all-hint = For another time of the day, or another period.
assign-whom-hint = A team, a campaign or both.
assign-mode = How
assign-mode-dedicated = Dedicated
assign-mode-shared = Hot desk
assign-mode-hint-dedicated = Each has its own.
assign-mode-hint-shared = More people than seats, by turns.
assign-from = From
assign-to = Until (without)
assign-to-hint = Left open = as long as the seat is held.
assign-shift-hint = Both left open = whenever the seat is held; an end before the beginning is on the next day.
assign-do = Give these seats
assign-done = { $n ->
    [one] One seat is given.
   *[other] { $n } seats are given.
}
assign-choose = Please choose at least one.
assign-gone = Taken back
assign-end = End the chosen
assign-end-on = First day on which they are free
assign-end-hint = Of the chosen ones; what was before stays on record.
assign-back = Take the chosen back
assign-back-hint = Taking back is for mistakes: it is as if they had never been given, and stays on record.
use-whom = Given to
use-no-one = nobody
