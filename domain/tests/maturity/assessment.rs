//! The states of an assessment, ratings and evidence.

use voxpark_domain::Error;
use voxpark_domain::error::Arg;
use voxpark_domain::maturity::assessment::MAX_TITLE;
use voxpark_domain::maturity::{
    Evidence, EvidenceInput, LevelInput, LevelResult, Options, RateKind, Rater, Rating, Scores, State, explain,
};

use crate::{day, edition_2011, scores};

fn level(rate: impl Fn(u16, RateKind) -> Option<Rating>) -> LevelResult {
    let scores = scores(edition_2011(), rate);
    let input = LevelInput {
        scores: &scores,
        operating_since: Some(day("2020-01-01")),
        assessed_on: day("2026-06-30"),
        previous_level: 1,
        options: Options::default(),
    };
    explain(edition_2011(), &input)
}

#[test]
fn a_rating_of_7_is_refused_with_clause_and_allowed_values() {
    for (points, rating) in [(0, Rating::Not), (5, Rating::Partly), (10, Rating::Fully)] {
        assert_eq!(Rating::parse(12, RateKind::F, points), Ok(rating));
    }
    for points in [7, -5, 15, i32::MIN] {
        let refusal = Rating::parse(12, RateKind::F, points).expect_err("no rating");
        assert_eq!((refusal.rule, refusal.path.as_ref()), ("rating-value", "f"));
        let expected = [
            ("clause", Arg::Number(12)),
            ("rating", "f".into()),
            ("value", Arg::Number(points.into())),
            ("allowed", "10, 5, 0".into()),
        ];
        assert_eq!(refusal.args, expected);
    }
    let unknown = Scores::default().rate(edition_2011(), 169, RateKind::C, None).expect_err("no clause 169");
    assert_eq!(unknown.rule, "clause-unknown");
}

#[test]
fn only_the_listed_ways_lead_from_state_to_state() {
    use State::{Assessed, Draft, Submitted, UnderAssessment, Withdrawn};
    let whole = level(|_, _| Some(Rating::Fully));
    let go = |from: State, act: &str| match act {
        "submit" => from.submit(&whole),
        "begin" => from.begin(),
        "conclude" => from.conclude(&whole),
        _ => from.withdraw(),
    };
    let mut ways = vec![
        (Draft, "submit", Ok(Submitted)),
        (Submitted, "begin", Ok(UnderAssessment)),
        (UnderAssessment, "conclude", Ok(Assessed)),
        (Assessed, "withdraw", Err("assessment-closed")),
        (Withdrawn, "withdraw", Err("assessment-closed")),
    ];
    for state in State::ALL.iter().copied() {
        if state != Draft {
            ways.push((state, "submit", Err("assessment-not-draft")));
        }
        if state != Submitted {
            ways.push((state, "begin", Err("assessment-not-submitted")));
        }
        if state != UnderAssessment {
            ways.push((state, "conclude", Err("assessment-not-under-assessment")));
        }
        if ![Assessed, Withdrawn].contains(&state) {
            ways.push((state, "withdraw", Ok(Withdrawn)));
        }
    }
    assert_eq!(ways.len(), 5 * 4);
    for (from, act, to) in ways {
        assert_eq!(go(from, act).map_err(|refusal| refusal.rule), to, "{act} from {from:?}");
    }
}

#[test]
fn each_rater_edits_only_in_its_own_state() {
    for state in State::ALL.iter().copied() {
        assert_eq!(state.may_rate(Rater::Tenant).is_ok(), state == State::Draft);
        assert_eq!(state.may_attach().is_ok(), state == State::Draft);
        assert_eq!(state.may_rate(Rater::Assessor).is_ok(), state == State::UnderAssessment);
    }
    let refusal = State::Submitted.may_attach().expect_err("handed over");
    assert_eq!((refusal.rule, refusal.args), ("assessment-not-draft", vec![("state", "submitted".into())]));
}

#[test]
fn an_incomplete_sheet_is_neither_handed_over_nor_concluded() {
    let gaps = level(|clause, kind| (!(clause.is_multiple_of(10) && kind == RateKind::F)).then_some(Rating::Fully));
    for refusal in [State::Draft.submit(&gaps), State::UnderAssessment.conclude(&gaps)].map(Result::unwrap_err) {
        assert_eq!(refusal.rule, "assessment-incomplete");
        let expected = [("count", Arg::Number(16)), ("clauses", "10, 20, 30, 40, 50, 60, 70, 80, 90, 100".into())];
        assert_eq!(refusal.args, expected);
    }
}

#[test]
fn evidence_is_checked_whole() {
    let framework = edition_2011();
    let good = EvidenceInput {
        clause: 24,
        title: "  Fire drill, May 2026 ".to_owned(),
        covers_from: day("2026-05-01"),
        covers_to: Some(day("2026-06-01")),
    };
    let evidence = Evidence::check(framework, &good).expect("good");
    assert_eq!((evidence.clause, evidence.title.as_str()), (24, "Fire drill, May 2026"));
    assert_eq!(evidence.covers.days(), Some(31));
    assert!(Evidence::check(framework, &EvidenceInput { covers_to: None, ..good.clone() }).is_ok());

    let refused = |input: &EvidenceInput| -> Vec<(&'static str, String)> {
        let Err(Error::Refused(refusals)) = Evidence::check(framework, input) else { panic!("refused") };
        refusals.into_iter().map(|refusal| (refusal.rule, refusal.path.into_owned())).collect()
    };
    let bad = EvidenceInput {
        clause: 500,
        title: "字".repeat(MAX_TITLE + 1),
        covers_from: good.covers_from,
        covers_to: Some(good.covers_from),
    };
    let expected = [("clause-unknown", "clause"), ("evidence-title-long", "title"), ("period-empty", "coversTo")];
    assert_eq!(refused(&bad), expected.map(|(rule, path)| (rule, path.to_owned())));
    let blank = EvidenceInput { title: " ".to_owned(), ..good.clone() };
    assert_eq!(refused(&blank), [("evidence-title-missing", "title".to_owned())]);
    let full = EvidenceInput { title: "字".repeat(MAX_TITLE), ..good };
    assert!(Evidence::check(framework, &full).is_ok());
}
