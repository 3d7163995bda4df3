//! The level engine against a slow, naive one that knows the printed table by heart and no framework.

use proptest::prelude::*;
use voxpark_domain::maturity::level::Rule;
use voxpark_domain::maturity::options::{LowerLevels, NotApplicable, ShareMeasure, Steps, TotalScope};
use voxpark_domain::maturity::{ClauseScore, LevelInput, Options, Rating, Scores, explain};

use crate::{day, edition_2011};

/// C and F in clauses 1-148, C and F in clauses 149-168, total, years: percentages 0 where there is no condition.
const TABLE: [(i64, i64, i64, i64, i64, i64); 5] = [
    (80, 60, 0, 0, 2250, 0),
    (90, 70, 0, 0, 2500, 0),
    (100, 80, 0, 0, 2750, 2),
    (100, 90, 80, 70, 3200, 3),
    (100, 100, 100, 90, 3340, 5),
];

/// One clause as the oracle sees it: points, or not applicable.
type Sheet = Vec<Option<(i64, i64)>>;

fn share_holds(sheet: &Sheet, from: usize, to: usize, second: bool, percent: i64, options: &Options) -> bool {
    let (mut have, mut whole) = (0, 0);
    for (c, f) in sheet[from - 1..to].iter().flatten() {
        let points = if second { *f } else { *c };
        if options.share_measure == ShareMeasure::Points {
            have += points;
            whole += 10;
        } else {
            have += i64::from(points == 10);
            whole += 1;
        }
    }
    percent == 0 || have * 100 >= percent * whole
}

fn oracle(sheet: &Sheet, years: i64, previous: i64, options: &Options) -> u8 {
    let own = |level: usize| {
        let (c, f, innovation_c, innovation_f, total, min_years) = TABLE[level];
        let last = if options.total_scope == TotalScope::RatedDomains && level < 3 { 148 } else { 168 };
        let points: i64 = sheet[..last].iter().flatten().map(|(c, f)| c + f).sum();
        let applying = i64::try_from(sheet[..last].iter().flatten().count()).expect("small");
        share_holds(sheet, 1, 148, false, c, options)
            && share_holds(sheet, 1, 148, true, f, options)
            && share_holds(sheet, 149, 168, false, innovation_c, options)
            && share_holds(sheet, 149, 168, true, innovation_f, options)
            && points * i64::try_from(last).expect("small") >= total * applying
            && years >= min_years
    };
    let mut best = 0;
    for level in 1..=5_u8 {
        let index = usize::from(level) - 1;
        let lower = options.lower_levels == LowerLevels::Ignored || (0..index).all(own);
        let step = options.steps == Steps::Free || i64::from(level) <= previous + 1;
        if own(index) && lower && step {
            best = level;
        }
    }
    best
}

/// Ratings around a level: most clauses full, so that thresholds are really met and missed.
fn ratings() -> impl Strategy<Value = Vec<ClauseScore>> {
    let one = |full: u32| {
        prop_oneof![
            full => Just(Some(Rating::Fully)),
            6 => Just(Some(Rating::Partly)),
            3 => Just(Some(Rating::Not)),
            1 => Just(None),
        ]
    };
    let clause = move |(c, f, left_out): (u32, u32, u32)| {
        prop_oneof![
            100 => (one(c), one(f)).prop_map(|(c, f)| ClauseScore::Rated { c, f }),
            left_out => Just(ClauseScore::NotApplicable),
        ]
    };
    let density = || prop_oneof![1 => Just(15_u32), 1 => Just(40), 1 => Just(90), 1 => Just(400), 3 => Just(20_000)];
    (density(), density(), prop_oneof![3 => Just(0_u32), 1 => Just(3)])
        .prop_flat_map(move |shape| proptest::collection::vec(clause(shape), 168))
}

fn options() -> impl Strategy<Value = Options> {
    let pick = |yes: u32| prop_oneof![3 => Just(false), yes => Just(true)];
    (pick(1), pick(1), pick(1), pick(2), pick(1)).prop_map(|(points, narrow, ignore, free, permitted)| Options {
        share_measure: if points { ShareMeasure::Points } else { ShareMeasure::FullClauses },
        total_scope: if narrow { TotalScope::RatedDomains } else { TotalScope::AllClauses },
        lower_levels: if ignore { LowerLevels::Ignored } else { LowerLevels::Checked },
        steps: if free { Steps::Free } else { Steps::OneAtATime },
        not_applicable: if permitted { NotApplicable::Permitted } else { NotApplicable::Forbidden },
        past_span_months: 12,
    })
}

fn sheet(ratings: &[ClauseScore], options: &Options) -> Sheet {
    let points = |rating: Option<Rating>| rating.map_or(0, |rating| i64::from(rating.points()));
    let cell = |score: &ClauseScore| match score {
        ClauseScore::Rated { c, f } => Some((points(*c), points(*f))),
        ClauseScore::NotApplicable if options.not_applicable == NotApplicable::Permitted => None,
        ClauseScore::NotApplicable => Some((0, 0)),
    };
    ratings.iter().map(cell).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_the_oracle(
        ratings in ratings(), options in options(), years in prop_oneof![0_u32..5, 5_u32..8], previous in prop_oneof![0_u8..4, 4_u8..=5], raised in 0_usize..168,
    ) {
        let framework = edition_2011();
        let since = day("2026-06-30") - chrono::Months::new(12 * years);
        let level = |ratings: &[ClauseScore]| {
            let scores: Scores = (1..=168).zip(ratings.iter().copied()).collect();
            explain(framework, &LevelInput {
                scores: &scores, operating_since: Some(since), assessed_on: day("2026-06-30"),
                previous_level: previous, options,
            })
        };
        let result = level(&ratings);
        let cells = sheet(&ratings, &options);
        prop_assert_eq!(result.achieved, oracle(&cells, i64::from(years), i64::from(previous), &options));
        prop_assert_eq!(i64::from(result.total), cells.iter().flatten().map(|(c, f)| c + f).sum::<i64>());
        prop_assert_eq!(result.total, result.domains.iter().map(|domain| domain.points).sum::<u32>());
        prop_assert_eq!(result.rated + u32::try_from(result.missing.len()).expect("small"), result.expected);

        for check in result.levels.iter().flat_map(|level| &level.rules) {
            // The count shown as required is exactly the least that passes, and a failed rule about ratings names a way out.
            prop_assert_eq!(check.passed, check.actual >= check.required);
            prop_assert_eq!(check.passed, check.shortfall() == 0);
            let about_ratings = matches!(check.rule, Rule::Share { .. } | Rule::Total { .. });
            prop_assert_eq!(!check.blocking.is_empty(), about_ratings && !check.passed);
        }

        // Raising a clause to the full never lowers the level.
        let mut better = ratings.clone();
        if better[raised] != ClauseScore::NotApplicable {
            better[raised] = ClauseScore::Rated { c: Some(Rating::Fully), f: Some(Rating::Fully) };
            prop_assert!(level(&better).achieved >= result.achieved);
        }
    }
}
