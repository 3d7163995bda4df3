//! The level engine on worked cases.

use voxpark_domain::maturity::level::{Gap, LevelCheck, Rule};
use voxpark_domain::maturity::options::{LowerLevels, NotApplicable, ShareMeasure, Steps, TotalScope};
use voxpark_domain::maturity::{LevelInput, LevelResult, Options, RateKind, Rating, Scores, explain};

use crate::{day, edition_2011, scores};

struct Case {
    scores: Scores,
    since: Option<&'static str>,
    previous: u8,
    options: Options,
}

impl Case {
    fn of(scores: Scores) -> Self {
        Self { scores, since: Some("2010-01-01"), previous: 0, options: Options::default() }
    }
    fn level(&self) -> LevelResult {
        let input = LevelInput {
            scores: &self.scores,
            operating_since: self.since.map(day),
            assessed_on: day("2026-06-30"),
            previous_level: self.previous,
            options: self.options,
        };
        explain(edition_2011(), &input)
    }
}

fn all(rating: Rating) -> Scores {
    scores(edition_2011(), |_, _| Some(rating))
}

fn failed(check: &LevelCheck) -> Vec<&Rule> {
    check.rules.iter().filter(|check| !check.passed).map(|check| &check.rule).collect()
}

#[test]
fn a_perfect_centre_climbs_one_level_at_a_time() {
    let mut case = Case::of(all(Rating::Fully));
    for previous in 0..=5 {
        case.previous = previous;
        let result = case.level();
        assert_eq!(result.total, 3360);
        assert_eq!(result.achieved, (previous + 1).min(5), "after {previous}");
    }
    case.previous = 0;
    let result = case.level();
    assert_eq!(failed(result.next().expect("L2")), [&Rule::Ladder]);
    assert!(result.levels.iter().all(|check| check.own_conditions));
    case.options.steps = Steps::Free;
    assert_eq!(case.level().achieved, 5);
}

#[test]
fn the_highest_level_needs_five_whole_years() {
    let mut case = Case::of(all(Rating::Fully));
    case.previous = 4;
    for (since, level) in [
        (Some("2021-06-30"), 5),
        (Some("2021-07-01"), 4),
        (Some("2023-07-01"), 3),
        (Some("2024-07-01"), 2),
        (Some("2027-01-01"), 2),
        (None, 2),
    ] {
        case.since = since;
        assert_eq!(case.level().achieved, level, "{since:?}");
    }
    let result = case.level();
    let years = result.level_rule(3, |rule| matches!(rule, Rule::Years { .. }));
    assert_eq!((years.required, years.actual, years.passed), (2, 0, false));
    assert_eq!(years.rule, Rule::Years { known: false });
}

#[test]
fn right_methods_half_carried_through_reach_nothing() {
    let result = Case::of(scores(edition_2011(), |_, kind| {
        Some(if kind == RateKind::C { Rating::Fully } else { Rating::Partly })
    }))
    .level();
    assert_eq!(result.total, 168 * 15);
    assert_eq!(result.achieved, 0);
    let first = result.next().expect("L1");
    let blocked = first.rules.iter().find(|check| !check.passed).expect("the F share");
    assert!(matches!(&blocked.rule, Rule::Share { condition, whole: 148 } if condition.kind == RateKind::F));
    assert_eq!((blocked.required, blocked.actual, blocked.shortfall()), (89, 0, 89));
    assert_eq!(blocked.blocking.len(), 148);
    assert_eq!(failed(first).len(), 1);
}

#[test]
fn shares_alone_do_not_make_the_first_level_but_34_half_ratings_do() {
    let rate = |halves: u16| {
        scores(edition_2011(), move |clause, kind| {
            let full = if kind == RateKind::C { 119 } else { 89 };
            let half = kind == RateKind::F && clause > 89 && clause <= 89 + halves;
            Some(if clause <= full {
                Rating::Fully
            } else if half {
                Rating::Partly
            } else {
                Rating::Not
            })
        })
    };
    let result = Case::of(rate(0)).level();
    assert_eq!((result.total, result.achieved), (2080, 0));
    let total = result.level_rule(1, |rule| matches!(rule, Rule::Total { .. }));
    assert_eq!((total.required, total.actual, total.shortfall()), (2250, 2080, 170));
    assert_eq!(failed(result.next().expect("L1")).len(), 1);
    assert_eq!(Case::of(rate(33)).level().achieved, 0);
    assert_eq!(Case::of(rate(34)).level().achieved, 1);
}

#[test]
fn the_erratum_is_applied_and_shown() {
    let mut case = Case::of(scores(edition_2011(), |clause, kind| {
        Some(if clause > 166 && kind == RateKind::F { Rating::Not } else { Rating::Fully })
    }));
    case.previous = 4;
    let result = case.level();
    assert_eq!((result.total, result.achieved), (3340, 5));
    let total = result.level_rule(5, |rule| matches!(rule, Rule::Total { .. }));
    assert_eq!(total.rule, Rule::Total { printed: 3380, whole: 3360 });
    assert_eq!((total.required, total.passed), (3340, true));
    let [erratum] = result.errata.as_slice() else { panic!("one erratum") };
    assert_eq!((erratum.level, erratum.printed_total, erratum.erratum.effective_total), (5, 3380, 3340));
}

#[test]
fn blocking_ratings_come_least_effort_first() {
    let result = Case::of(scores(edition_2011(), |clause, kind| match (clause, kind) {
        (1, RateKind::C) => None,
        (2, RateKind::C) => Some(Rating::Not),
        (3 | 100, RateKind::C) => Some(Rating::Partly),
        _ => Some(Rating::Fully),
    }))
    .level();
    let share =
        result.level_rule(3, |rule| matches!(rule, Rule::Share { condition, .. } if condition.kind == RateKind::C));
    let gap = |clause, now| Gap { clause, kind: RateKind::C, now };
    let expected =
        [gap(3, Some(Rating::Partly)), gap(100, Some(Rating::Partly)), gap(2, Some(Rating::Not)), gap(1, None)];
    assert_eq!(share.blocking, expected);
    assert_eq!((share.required, share.actual), (148, 144));
}

#[test]
fn missing_ratings_count_as_zero_and_are_told() {
    let empty = Case::of(Scores::default()).level();
    assert_eq!((empty.total, empty.achieved, empty.rated, empty.expected), (0, 0, 0, 336));
    assert!(empty.provisional);
    assert_eq!(empty.missing.len(), 336);
    let domain = empty.domains.first().expect("domain D");
    assert_eq!((domain.clauses, domain.c.missing, domain.max_points), (38, 38, 760));

    let one =
        Case::of(scores(edition_2011(), |clause, kind| (clause != 7 || kind == RateKind::C).then_some(Rating::Fully)))
            .level();
    assert_eq!(one.missing, [(7, RateKind::F)]);
    assert_eq!((one.total, one.rated), (3350, 335));
    assert!(!Case::of(all(Rating::Not)).level().provisional);
}

#[test]
fn the_other_readings_of_the_open_questions() {
    // Points instead of full clauses: everything half right is 50%, so nothing; three quarters of the points is not 80% either.
    let mut half = Case::of(all(Rating::Partly));
    half.options.share_measure = ShareMeasure::Points;
    let share = half.level();
    let share = share.level_rule(1, |rule| matches!(rule, Rule::Share { .. }));
    assert_eq!((share.required, share.actual), (1184, 740));

    // Innovation does not help the first level when totals stay inside the rated domains.
    let mut narrow = Case::of(scores(edition_2011(), |clause, kind| {
        let full = if kind == RateKind::C { 119 } else { 89 };
        Some(if clause <= full || clause > 148 { Rating::Fully } else { Rating::Not })
    }));
    assert_eq!(narrow.level().achieved, 1);
    narrow.options.total_scope = TotalScope::RatedDomains;
    let result = narrow.level();
    assert_eq!(result.achieved, 0);
    let total = result.level_rule(1, |rule| matches!(rule, Rule::Total { .. }));
    assert_eq!(total.rule, Rule::Total { printed: 2250, whole: 2960 });
    assert_eq!(total.actual, 2080);

    // Lower levels unchecked: the conditions are nested, so the level is the same.
    let mut perfect = Case::of(all(Rating::Fully));
    perfect.previous = 4;
    perfect.options.lower_levels = LowerLevels::Ignored;
    assert_eq!(perfect.level().achieved, 5);
}

#[test]
fn a_clause_left_out_shrinks_both_sides_and_makes_the_result_unofficial() {
    let framework = edition_2011();
    let permitted = Options { not_applicable: NotApplicable::Permitted, ..Options::default() };
    let mut scores = all(Rating::Fully);
    let refused = scores.set_not_applicable(framework, &Options::default(), 30).expect_err("forbidden by default");
    assert_eq!(refused.rule, "clause-not-applicable");
    scores.set_not_applicable(framework, &permitted, 30).expect("permitted");
    let mut case = Case::of(scores);
    case.previous = 4;
    case.options = permitted;
    let result = case.level();
    assert_eq!((result.achieved, result.total, result.max_total, result.expected), (5, 3340, 3340, 334));
    assert!(result.unofficial && !result.provisional);
    let share = result.level_rule(3, |rule| matches!(rule, Rule::Share { .. }));
    assert_eq!((share.required, share.actual), (147, 147));

    // The same sheet read by the standard: the clause is a missing one.
    case.options = Options::default();
    let strict = case.level();
    assert_eq!((strict.achieved, strict.unofficial, strict.missing.len()), (2, false, 2));
}

trait Pick {
    fn level_rule(&self, level: u8, wanted: impl Fn(&Rule) -> bool) -> &voxpark_domain::maturity::level::RuleCheck;
}

impl Pick for LevelResult {
    fn level_rule(&self, level: u8, wanted: impl Fn(&Rule) -> bool) -> &voxpark_domain::maturity::level::RuleCheck {
        let check = self.levels.iter().find(|check| check.level == level).expect("level");
        check.rules.iter().find(|check| wanted(&check.rule)).expect("rule")
    }
}
