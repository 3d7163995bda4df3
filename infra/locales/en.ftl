# Letters: <kind>-subject, -lead, -link, -note.
hello = Hello,
sign = Voxpark · { $park }

role-park-administrator = administrator of the park
role-park-finance = finance of the park
role-tenant-manager = manager of a call centre
role-assessor = assessor
role-statistics-officer = statistics officer

invitation-subject = Invitation to { $park }
invitation-lead = You are invited to { $park } as { $role }.
invitation-link = Accept the invitation
invitation-note = The link works once and for { $days } days. If you did not expect this letter, you need not do anything.

password-reset-subject = A new password for { $park }
password-reset-lead = Somebody, probably you, asked for a new password for your account.
password-reset-link = Choose a new password
password-reset-note = The link works once and for { $minutes } minutes. If it was not you, you need not do anything: your password stays as it is.

password-changed-subject = Your password was changed
password-changed-lead = The password of your account was changed, and other sessions have ended.
password-changed-note = If it was not you, ask for a new password on the sign-in page at once and tell your administrator.

change-passkey-added = a passkey was added
change-passkey-removed = a passkey was removed
change-factor-added = codes of an authenticator app were added
change-factor-removed = the codes of the authenticator app were removed
change-link-added = signing in through an organisation was added
change-link-removed = signing in through an organisation was removed
account-changed-subject = Another way into your account
account-changed-lead = Something changed about how your account is opened: { $change }.
account-changed-note = If it was not you, end all sessions under “My account”, change your password and tell your administrator.

session-reused-subject = A session was ended because its token was copied
session-reused-lead = Somebody showed a token of one of your sessions that was used before ({ $device }). It may have been copied, so that session has ended.
session-reused-note = Please change your password and have that device looked at. Your other sessions go on; “My account” lists them.

mode-read = to look only
mode-write = to look and to change
emergency-subject = The platform operator has entered { $place }
emergency-lead = { $operator } has entered { $place } ({ $park }) in an emergency, { $mode }, until { $until } at the latest. The reason given: { $reason }
emergency-link = See it, or end it at once
emergency-note = Everything done under it is marked in your audit log. If you know of no emergency, end it and ask the operator of the installation.

act-ask = asked
act-take-up = taken up by the park
act-ask-back = the park asks back
act-answer = answered by the call centre
act-offer = the park makes an offer
act-agree = the call centre agrees
act-refuse = the call centre does not want it so
act-accept = granted by the park
act-decline = declined by the park
act-withdraw = taken back by the call centre
act-say = something was said
turn-you = It is your turn.
turn-they = It is the other side’s turn.
turn-none = Nothing more is to be done.
seat-request-subject = Seat request no. { $number } of { $place }: { $act }
seat-request-lead = Request no. { $number } of { $place } to { $park } for seats: { $act }.
seat-request-link = See the request
seat-request-note = { $turn } Last day for the next step: { $until }.

invoice-subject = Invoice { $number } of { $park }
invoice-lead = Invoice { $number } for { $month } is enclosed as a PDF: { $total } in all, due by { $due }.
invoice-note = Please give the number { $number } with your payment.
credit-note-subject = Credit note { $number } of { $park }
credit-note-lead = Credit note { $number } over invoice { $of } is enclosed as a PDF: { $total } in all.
credit-note-note = The note says what goes off what you owe, comes back to you or stays your credit.

platform-invoice-subject = Platform invoice { $number } to { $park }
platform-invoice-lead = The operator of the platform has issued platform invoice { $number } to { $park } for { $month }: { $total } in all, due by { $due }.
platform-invoice-link = See the platform invoice
platform-invoice-note = Please give the number { $number } with your payment.
