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
