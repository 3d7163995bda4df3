//! The states of an assessment, ratings and evidence.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use voxpark_domain::Error;
use voxpark_domain::error::Arg;
use voxpark_domain::ids::{AssessmentId, Id, UserId};
use voxpark_domain::maturity::assessment::{EvidenceInput, MAX_TITLE};
use voxpark_domain::maturity::{Assessment, Basis, Evidence, Options, RateKind, Rater, Rating, Scores, Stamp, State};

use crate::{day, edition_2011, scores};

fn stamp(who: u128) -> Stamp {
    let at: DateTime<Utc> = "2026-06-30T08:00:00Z".parse().expect("an instant");
    Stamp { by: UserId::from_uuid(Uuid::from_u128(who)), at }
}

fn draft() -> Assessment {
    let basis = Basis { operating_since: Some(day("2020-01-01")), previous_level: 1, options: Options::default() };
    Assessment::open(AssessmentId::from_uuid(Uuid::from_u128(1)), edition_2011(), basis).expect("a draft")
}

fn complete() -> Scores {
    scores(edition_2011(), |_, _| Some(Rating::Fully))
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
fn the_way_from_draft_to_level() {
    let framework = edition_2011();
    let draft = draft();
    assert_eq!(draft.may_rate(Rater::Tenant), Ok(()));
    assert_eq!(draft.may_rate(Rater::Assessor).expect_err("not yet").rule, "assessment-not-under-assessment");

    let submitted = draft.submit(framework, &complete(), stamp(1)).expect("complete");
    assert_eq!(submitted.state, State::Submitted { submitted: stamp(1) });
    assert_eq!(submitted.may_rate(Rater::Tenant).expect_err("handed over").rule, "assessment-not-draft");
    assert_eq!(submitted.may_attach().expect_err("handed over").rule, "assessment-not-draft");
    assert_eq!(
        submitted.clone().submit(framework, &complete(), stamp(1)).expect_err("once").rule,
        "assessment-not-draft"
    );

    let open = submitted.begin(stamp(2)).expect("an assessor takes it up");
    assert_eq!(open.may_rate(Rater::Assessor), Ok(()));
    assert_eq!(open.may_rate(Rater::Tenant).expect_err("closed to the tenant").rule, "assessment-not-draft");
    assert_eq!(open.clone().begin(stamp(2)).expect_err("once").rule, "assessment-not-submitted");

    // The assessor sees less than the tenant claims; the level is that of the assessor's ratings.
    let stricter = scores(framework, |clause, kind| {
        Some(if kind == RateKind::F && clause <= 50 { Rating::Partly } else { Rating::Fully })
    });
    let (closed, result) = open.conclude(framework, &stricter, day("2026-06-30"), stamp(2)).expect("all rated");
    assert_eq!(result.achieved, 1);
    assert_eq!(closed.state, State::Assessed { submitted: stamp(1), begun: stamp(2), concluded: stamp(2), level: 1 });
    assert_eq!(closed.state.name(), "assessed");
    assert_eq!(closed.may_rate(Rater::Assessor).expect_err("closed").rule, "assessment-not-under-assessment");
    assert_eq!(closed.withdraw(stamp(1)).expect_err("too late").rule, "assessment-closed");
}

#[test]
fn an_incomplete_sheet_is_not_handed_over() {
    let framework = edition_2011();
    let gaps = scores(framework, |clause, kind| {
        (!(clause.is_multiple_of(10) && kind == RateKind::F)).then_some(Rating::Fully)
    });
    let refusal = draft().submit(framework, &gaps, stamp(1)).expect_err("16 clauses lack the F-Rate");
    assert_eq!(refusal.rule, "assessment-incomplete");
    let expected = [("count", Arg::Number(16)), ("clauses", "10, 20, 30, 40, 50, 60, 70, 80, 90, 100".into())];
    assert_eq!(refusal.args, expected);

    let open = draft().submit(framework, &complete(), stamp(1)).and_then(|a| a.begin(stamp(2))).expect("open");
    let refusal = open.conclude(framework, &gaps, day("2026-06-30"), stamp(2)).expect_err("the assessor too");
    assert_eq!(refusal.rule, "assessment-incomplete");
}

#[test]
fn the_tenant_may_withdraw_until_the_end() {
    let framework = edition_2011();
    let gone = draft().withdraw(stamp(1)).expect("a draft");
    assert_eq!(gone.state, State::Withdrawn { withdrawn: stamp(1) });
    assert_eq!(gone.clone().withdraw(stamp(1)).expect_err("once").rule, "assessment-closed");
    assert_eq!(gone.submit(framework, &complete(), stamp(1)).expect_err("gone").rule, "assessment-not-draft");
    let open = draft().submit(framework, &complete(), stamp(1)).and_then(|a| a.begin(stamp(2))).expect("open");
    assert!(open.withdraw(stamp(1)).is_ok());
    assert_eq!(
        draft().conclude(framework, &complete(), day("2026-06-30"), stamp(2)).expect_err("not begun").rule,
        "assessment-not-under-assessment"
    );
}

#[test]
fn an_assessment_holds_on_to_its_framework() {
    let mut other = draft();
    other.framework.fingerprint = "another".to_owned();
    let refusal = other.submit(edition_2011(), &complete(), stamp(1)).expect_err("another pack");
    assert_eq!(refusal.rule, "framework-changed");
    let basis = Basis { previous_level: 6, ..draft().basis };
    let refusal = Assessment::open(draft().id, edition_2011(), basis).expect_err("no such level");
    assert_eq!(refusal.rule, "level-unknown");
}

#[test]
fn evidence_is_checked_whole() {
    let framework = edition_2011();
    let good = EvidenceInput {
        clauses: vec![24, 23, 24],
        kind: "record".to_owned(),
        title: "  Fire drill, May 2026 ".to_owned(),
        covers_from: day("2026-05-01"),
        covers_to: day("2026-06-01"),
    };
    let evidence = Evidence::check(framework, good.clone()).expect("good");
    assert_eq!(evidence.title, "Fire drill, May 2026");
    assert_eq!(evidence.clauses.into_iter().collect::<Vec<_>>(), [23, 24]);
    assert_eq!(evidence.covers.days(), Some(31));

    let bad = EvidenceInput {
        clauses: vec![23, 500],
        kind: "hearsay".to_owned(),
        title: "字".repeat(MAX_TITLE + 1),
        covers_to: good.covers_from,
        ..good.clone()
    };
    let Err(Error::Refused(refusals)) = Evidence::check(framework, bad) else { panic!("refused") };
    let rules: Vec<_> = refusals.iter().map(|refusal| (refusal.rule, refusal.path.as_ref())).collect();
    let expected = [
        ("clause-unknown", "clauses.1"),
        ("evidence-title-long", "title"),
        ("evidence-kind-unknown", "kind"),
        ("period-empty", "coversTo"),
    ];
    assert_eq!(rules, expected);

    let empty = EvidenceInput { clauses: Vec::new(), title: " ".to_owned(), ..good };
    let Err(Error::Refused(refusals)) = Evidence::check(framework, empty) else { panic!("refused") };
    let rules: Vec<_> = refusals.iter().map(|refusal| refusal.rule).collect();
    assert_eq!(rules, ["evidence-clauses-missing", "evidence-title-missing"]);
}
