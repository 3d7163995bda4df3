//! Maturity: the shipped pack, the level engine against a slow oracle, and the assessment's states.

mod assessment;
mod level;
mod oracle;
mod pack;

use voxpark_domain::maturity::{Framework, RateKind, Rating, Scores, framework};

/// The shipped 2011 edition.
fn edition_2011() -> &'static Framework {
    framework("cc-cmm-oc-2011").expect("the shipped pack")
}

/// Scores where each clause gets what `rate` says.
fn scores(framework: &Framework, rate: impl Fn(u16, RateKind) -> Option<Rating>) -> Scores {
    let mut scores = Scores::default();
    for clause in framework.clauses() {
        for kind in RateKind::ALL {
            scores
                .rate(framework, clause.number, *kind, rate(clause.number, *kind))
                .expect("a clause of the framework");
        }
    }
    scores
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a date")
}
