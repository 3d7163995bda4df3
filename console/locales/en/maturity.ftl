# Assessments: scorecard, rating, evidence, for centre and assessor.
domain = Domain
clause = Clause
clause-title = Title
clauses = Clauses
sections = Sections
evidence = Evidence
rated = Rated
erratum = Erratum
passed = Passed
not-passed = Not passed
rate = Rate
rate-c = Approach
rate-f = Deployment
rating-10 = Fully
rating-5 = Partly
rating-0 = Not
rating-none = Not rated
evidence-kind-document = document
evidence-kind-record = record
evidence-kind-metric = metric
evidence-kind-interview = interview
assessment-submit = Submit
assessment-conclude = Conclude
side-own = Own rating
side-assessor = Assessor's rating
points-of = { $part } of { $whole } points
assessed-on = Assessed as of
ratings-missing = { $n } missing
evidence-clauses = { $n } of { $all } clauses have evidence
to-next = To L{ $level }
blocking-clauses = { $n ->
    [one] { $n } clause in the way
   *[other] { $n } clauses in the way
}
blocked-by-rules = no clause, but the rules of the level
own-level = Own level
own-points = Own points
found-level = Assessor's level
found-points = Assessor's points
level-rules = Rules of each level
level-rules-note = reached / required
maturity-radar = How far is each domain?
maturity-radar-unit = % of clauses rated fully
maturity-strip-note = upper half approach · lower half deployment
strip-own = How are the { $n } clauses rated by the centre?
strip-assessor = How are the { $n } clauses rated by the assessor?
all-domains = All domains
show-all = All
show-missing = Not rated
show-below = Below full marks
show-blocking = In the way of the next level
show-unproven = No evidence
show-differing = The two sides differ
clauses-shown = { $n } of { $all } clauses
clauses-none = No clause fits the filter.
own-c = Own rating: approach
own-f = Own rating: deployment
own-c-short = Own appr.
own-f-short = Own depl.
found-c = Assessor's rating: approach
found-f = Assessor's rating: deployment
found-c-short = Ass. appr.
found-f-short = Ass. depl.
scorecard-unrated = Nothing is rated yet
scorecard-unrated-lead = { $n } clauses with two ratings each. Rate section by section; the level and its reasons appear as you go.
rate-first = Rate the first section
own-rating = Own rating: approach { $c } · deployment { $f }.
rating-note = Note
rate-save = Save
rate-save-next = Save and go to the next section
rate-save-close = Save and return to the scorecard
rate-both = Clause { $n }: both ratings are needed.
rate-saved = { $n ->
    [one] { $n } rating of section { $section } saved.
   *[other] { $n } ratings of section { $section } saved.
}

assessment = Assessment
assessments = Assessments
assessments-none-lead = Begin a self-assessment: rate section by section, attach evidence, see the level and its reasons at any time, then submit it.
assessment-new = New self-assessment
assessment-begin = Begin
assessment-begun = The self-assessment has begun. Rate the first section.
assessment-title = Title
assessment-title-hint = You will type it again to submit.
assessment-title-of = Self-assessment { $year }
cycle = Cycle
cycle-hint = Such as 2026; one assessment a cycle.
assessed-on-hint = Years of operation are counted up to this day.
side-own-short = Own
side-assessor-short = Assessor
section = Section
submitted = Submitted. Assessors can see it now.
submitted-at = Submitted
concluded = Concluded. The centre sees the result now.
closing-proven = clauses with evidence
closing-missing = { $n ->
    [one] { $n } clause is not rated; all must be before you go on.
   *[other] { $n } clauses are not rated; all must be before you go on.
}
closing-unrated = Nothing is rated yet: rate the clauses first.
closing-effect = What will happen
closing-confirm = Confirm the title
closing-confirm-hint = Please type: { $title }
closing-confirm-wrong = This is not the title. Please type: { $title }
submit-effect-seen = Assessors with a grant will see the ratings of { $ratings } clauses, their notes and { $evidence } pieces of evidence.
submit-effect-closed = After that neither ratings nor evidence can be changed.
submit-effect-private = The park does not see the self-assessment, only the level that is concluded.
conclude-effect-level = { $tenant } will hold level L{ $level }.
conclude-effect-seen = The centre will see your ratings and notes, the park the level.
conclude-effect-differ = { $n ->
    [one] { $n } clause differs from the own rating.
   *[other] { $n } clauses differ from the own ratings.
}
conclude-effect-closed = After that nothing can be changed.
clause-before = Clause before
clause-after = Clause after
clause-ratings = Ratings
clause-facts = What it asks for
clause-blocks = Stands in the way of
evidence-title = What it is
evidence-title-hint = Such as: training plan 2026.
evidence-covers = Covers
evidence-from = Covers from
evidence-to = Covers until (not included)
evidence-to-hint = Leave empty for until further notice.
evidence-file = File
evidence-file-hint = PDF, Office, pictures, recordings or text, up to 100 MiB. Kept as it is, with its fingerprint (SHA-256).
evidence-fingerprint = Fingerprint
evidence-size = Size
evidence-none = No evidence yet
evidence-none-lead = Attach documents, records or indicators: assessors rate by them.
evidence-attach = Attach evidence
evidence-attached = The evidence is attached.
evidence-kinds = Kinds of evidence
evidence-frequency = How often
evidence-sources = Records in the system
evidence-strength = Records prove it
strength-a = by a rule over them
strength-b = when a person reads them
strength-m = only on the spot
place-assess-home = My work
assess-todo = To be rated
assess-todo-note = { $n } waiting
assess-done = Concluded
assess-none = Nothing to rate
assess-none-lead = Assessments appear here when a centre has submitted one and your grant is valid.
assess-not-begun = Not begun
assess-grants = My grants
assess-grants-note = given by the park, with dates
assess-no-grants = No grant yet. Please ask the park.
grant-state-days = { $n ->
    [one] { $n } day left
   *[other] { $n } days left
}
grant-whole-park = Whole park
grant-until = { $from } → { $to }
grant-state-undeclared = Nothing is open yet
grant-state-partly = { $n ->
    [one] { $n } centre not declared
   *[other] { $n } centres not declared
}
