//! Assessments from the draft to the conclusion, as the tenant, assessors and the park see them.

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, Database as Connect, DbBackend, Statement};
use serde_json::{Value, json};
use voxpark_domain::Error;
use voxpark_domain::ctx::Lang;
use voxpark_domain::maturity;
use voxpark_domain::uow::{FileStore as _, Mode};
use voxpark_graphql::Call;
use voxpark_tests::app::{World, email};
use voxpark_tests::on_both;

const RULES: &str =
    "level total maxTotal rated clauses provisional domains { letter cFull fFull clauses points maxPoints }
 levels { level title passed rules { rule text required actual passed blocking } }";

fn of(id: &str, selection: &str) -> String {
    format!("{{ node(id: \"{id}\") {{ ... on Assessment {{ {selection} }} }} }}")
}

async fn see(world: &World, who: &str, id: &str, selection: &str) -> Value {
    world.ok(who, &of(id, selection), json!({})).await["node"].clone()
}

async fn draft(world: &World, who: &str, cycle: &str) -> String {
    let input = json!({ "framework": "cc-cmm-oc-2011", "title": "年度自评", "cycle": cycle, "assessedOn": "2026-11-21",
        "idempotencyKey": format!("create-{cycle}") });
    let made = world.done(who, "assessmentCreate", "assessment { id }", input).await;
    made["assessment"]["id"].as_str().unwrap().to_owned()
}

fn rating(clause: i32, c: i32, f: i32) -> Value {
    json!({ "clause": clause, "c": c, "f": f })
}

fn ratings(id: &str, from: i32, to: i32, points: i32) -> Value {
    json!({ "assessmentId": id, "ratings": (from..=to).map(|n| rating(n, points, points)).collect::<Vec<_>>() })
}

fn keyed(id: &str, key: &str) -> Value {
    json!({ "assessmentId": id, "idempotencyKey": key })
}

/// A submitted assessment with these points everywhere.
async fn submitted(world: &World, who: &str, cycle: &str, points: i32) -> String {
    let id = draft(world, who, cycle).await;
    world.done(who, "assessmentRate", "", ratings(&id, 1, 168, points)).await;
    world.done(who, "assessmentSubmit", "assessment { state }", keyed(&id, &format!("submit-{cycle}"))).await;
    id
}

async fn listed(world: &World, who: &str) -> Value {
    world.ok(who, "{ assessments { totalCount nodes { id } } }", json!({})).await["assessments"].clone()
}

fn none() -> Value {
    json!({ "totalCount": 0, "nodes": [] })
}

fn check<'a>(result: &'a Value, level: usize, rule: &str) -> &'a Value {
    let rules = result["levels"][level - 1]["rules"].as_array().unwrap();
    rules.iter().find(|r| r["rule"] == rule).unwrap()
}

on_both! {
    /// A tenant rates a draft, attaches evidence, sees what level that is and why; nobody else sees anything.
    async fn a_draft_is_rated_and_explained(backend) {
        let world = World::new(backend).await;
        let id = draft(&world, "a1", "2026").await;
        assert_eq!(draft(&world, "a1", "2026").await, id, "the same key answers the same");
        let again = json!({ "framework": "cc-cmm-oc-2011", "title": "又一次", "cycle": "2026", "idempotencyKey": "k" });
        assert_eq!(world.refused("a1", "assessmentCreate", again.clone()).await, ["assessment-cycle-taken"]);
        assert_eq!(world.refused("park", "assessmentCreate", again.clone()).await, ["not-found"]);
        assert_eq!(world.refused("assessor", "assessmentCreate", again).await, ["forbidden"]);
        let bad = json!({ "framework": "iso", "title": "", "cycle": "", "assessedOn": "2030-01-01", "idempotencyKey": "k" });
        assert_eq!(world.refused("a1", "assessmentCreate", bad).await,
            ["framework-unknown", "text-required", "code-invalid", "assessment-day-far"]);

        let empty = see(&world, "a1", &id, &format!("state selfResult {{ {RULES} }} assessorResult {{ level }} framework {{ id version }}")).await;
        assert_eq!((&empty["state"], &empty["assessorResult"]), (&json!("DRAFT"), &Value::Null));
        assert_eq!(empty["framework"], json!({ "id": "cc-cmm-oc-2011", "version": 1 }));
        let result = &empty["selfResult"];
        assert_eq!((&result["level"], &result["rated"], &result["clauses"], &result["maxTotal"]), (&json!(0), &json!(0), &json!(168), &json!(3360)));
        assert_eq!(result["provisional"], true);

        world.done("a1", "assessmentRate", "assessment { selfResult { rated } }", ratings(&id, 1, 168, 10)).await;
        let input = json!({ "assessmentId": id, "ratings": [{ "clause": 7, "c": 5, "f": 0, "note": " 缺记录 " }] });
        world.done("a1", "assessmentRate", "", input).await;
        let full = see(&world, "a1", &id, &format!("selfResult {{ {RULES} }} ratings {{ clause self {{ c f note }} assessor {{ c }} evidenceCount }}")).await;
        assert_eq!(full["ratings"].as_array().map(Vec::len), Some(168));
        assert_eq!(full["ratings"][6], json!({ "clause": 7, "self": { "c": 5, "f": 0, "note": "缺记录" }, "assessor": null, "evidenceCount": 0 }));
        let result = &full["selfResult"];
        assert_eq!((&result["level"], &result["total"], &result["provisional"]), (&json!(1), &json!(3345), &json!(false)));
        assert_eq!((&result["levels"][0]["passed"], &result["levels"][1]["passed"]), (&json!(true), &json!(false)));
        let ladder = check(result, 2, "ladder");
        assert_eq!((&ladder["passed"], &ladder["required"], &ladder["actual"]), (&json!(false), &json!("level 1"), &json!("level 0")));
        assert_eq!(ladder["text"], "Level 1 was held before: levels are climbed one at a time.");
        let last = check(result, 5, "share");
        assert_eq!((&last["passed"], &last["blocking"]), (&json!(false), &json!([7])));
        let total = check(result, 5, "total");
        assert_eq!(total["text"], "At least 3340 of 3360 points in all (corrected; printed are 3380).");
        assert_eq!(total["actual"], "3345 of 3360 points");

        let call = Call { document: of(&id, &format!("selfResult {{ {RULES} }}")), bearer: Some(world.token("a1").await),
            lang: Some(Lang::Zh), request: "test".to_owned(), ..Call::default() };
        let chinese = world.api.execute(call).await.body;
        assert_eq!(check(&chinese["data"]["node"]["selfResult"], 2, "ladder")["text"], "此前已达到 1 级：级别须逐级上升。");

        for who in ["a2", "park", "finance", "assessor", "other-park", "other-assessor", "a1-agent", "a1-finance"] {
            assert_eq!(listed(&world, who).await, none(), "{who}");
            assert!(see(&world, who, &id, "title").await.is_null(), "{who}");
            assert_ne!(world.refused(who, "assessmentRate", ratings(&id, 1, 1, 0)).await, Vec::<String>::new(), "{who}");
            assert_ne!(world.refused(who, "assessmentSubmit", keyed(&id, "x")).await, Vec::<String>::new(), "{who}");
            assert_ne!(world.refused(who, "assessmentConclude", keyed(&id, "x")).await, Vec::<String>::new(), "{who}");
        }
    }

    /// The tenant takes back what nobody concluded: assessors lose sight of it, and the cycle can be begun anew.
    async fn an_assessment_is_taken_back(backend) {
        let world = World::new(backend).await;
        let id = submitted(&world, "a1", "2026", 10).await;
        world.done("assessor", "assessmentRate", "", ratings(&id, 1, 168, 10)).await;
        for (who, rule) in [("a2", "not-found"), ("park", "not-found"), ("assessor", "forbidden"), ("a1-agent", "not-found")] {
            assert_eq!(world.refused(who, "assessmentWithdraw", keyed(&id, "x")).await, [rule], "{who}");
        }
        let back = world.done("a1", "assessmentWithdraw", "assessment { state submittedAt ratings { self { c } assessor { c } } }", keyed(&id, "w")).await;
        assert_eq!((&back["assessment"]["state"], &back["assessment"]["submittedAt"]), (&json!("WITHDRAWN"), &Value::Null));
        assert_eq!(back["assessment"]["ratings"][0], json!({ "self": { "c": 10 }, "assessor": null }));
        assert_eq!(world.done("a1", "assessmentWithdraw", "assessment { state }", keyed(&id, "w")).await["assessment"]["state"], "WITHDRAWN");
        assert_eq!(world.refused("a1", "assessmentWithdraw", keyed(&id, "again")).await, ["assessment-closed"]);
        assert_eq!(listed(&world, "assessor").await, none());
        assert!(see(&world, "assessor", &id, "title").await.is_null());
        assert_eq!(world.refused("assessor", "assessmentConclude", keyed(&id, "c")).await, ["not-found"]);
        assert_eq!(world.refused("a1", "assessmentRate", ratings(&id, 1, 1, 0)).await, ["assessment-not-draft"]);
        // The cycle is free again: once.
        let input = |key: &str| json!({ "framework": "cc-cmm-oc-2011", "title": "重来", "cycle": "2026", "idempotencyKey": key });
        let next = world.done("a1", "assessmentCreate", "assessment { id }", input("n1")).await["assessment"]["id"].as_str().unwrap().to_owned();
        assert_eq!(world.refused("a1", "assessmentCreate", input("n2")).await, ["assessment-cycle-taken"]);
        world.done("a1", "assessmentWithdraw", "", keyed(&next, "draft too")).await;
        // What was concluded stays.
        let last = submitted(&world, "a1", "2027", 10).await;
        world.done("assessor", "assessmentRate", "", ratings(&last, 1, 168, 10)).await;
        let both = futures_util::future::join(
            world.mutate("assessor", "assessmentConclude", "", keyed(&last, "c2")),
            world.mutate("a1", "assessmentWithdraw", "", keyed(&last, "w2")),
        ).await;
        let won = [&both.0, &both.1].iter().filter(|p| p["userErrors"] == json!([])).count();
        assert_eq!(won, 1, "{both:?}");
    }

    /// A bad rating is named with its row, and then none of the request is stored.
    async fn a_rating_of_seven_is_refused_whole(backend) {
        let world = World::new(backend).await;
        let id = draft(&world, "a1", "2026").await;
        let input = json!({ "assessmentId": id, "ratings": [rating(1, 10, 10), rating(2, 7, 10), rating(169, 0, 0), rating(1, 5, -5)] });
        let refused = world.mutate("a1", "assessmentRate", "assessment { id }", input).await;
        let named = |n: usize| (refused["userErrors"][n]["rule"].as_str().unwrap(), refused["userErrors"][n]["path"].as_str().unwrap());
        assert_eq!(named(0), ("rating-value", "ratings.1.c"));
        assert_eq!(refused["userErrors"][0]["message"], "Clause 2: 7 is not a rating for c; allowed are 10, 5, 0.");
        assert_eq!(named(1), ("clause-unknown", "ratings.2.clause"));
        assert_eq!(named(2), ("clause-doubled", "ratings.3.clause"));
        assert_eq!(named(3), ("rating-value", "ratings.3.f"));
        assert_eq!(see(&world, "a1", &id, "selfResult { rated }").await["selfResult"]["rated"], 0);
        assert_eq!(world.refused("a1", "assessmentRate", json!({ "assessmentId": "seat_1", "ratings": [] })).await, ["id-invalid"]);
        let incomplete = world.mutate("a1", "assessmentSubmit", "", keyed(&id, "s")).await;
        assert_eq!(incomplete["userErrors"][0]["message"], "168 clauses are not fully rated, first: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.");
    }

    /// Evidence is a stored file of the own tenant; an assessor reads it when the assessment is submitted.
    async fn evidence_is_kept_with_the_assessment(backend) {
        let world = World::new(backend).await;
        let id = draft(&world, "a1", "2026").await;
        let (file, foreign) = (world.upload("a1", "演练记录.txt", b"drill").await, world.upload("a2", "x.txt", b"x").await);
        let input = |clause: i32, file: &str, key: &str| json!({ "assessmentId": id, "clause": clause, "title": format!("消防演练 {key}"),
            "fileId": file, "coversFrom": "2026-05-01", "coversTo": "2026-06-01", "idempotencyKey": key });
        assert_eq!(world.refused("a1", "evidenceAttach", input(24, &foreign, "k")).await, ["file-unknown"]);
        assert_eq!(world.refused("a1", "evidenceAttach", input(0, &file, "k")).await, ["clause-unknown"]);
        assert_ne!(world.refused("a2", "evidenceAttach", input(24, &foreign, "k")).await, Vec::<String>::new());
        let all = "id clause title fileName mediaType sizeBytes sha256 coversFrom coversTo downloadPath";
        let made = world.done("a1", "evidenceAttach", &format!("evidence {{ {all} }}"), input(24, &file, "k1")).await["evidence"].clone();
        assert_eq!(made["fileName"], "演练记录.txt");
        assert_eq!((&made["sizeBytes"], &made["coversTo"]), (&json!("5"), &json!("2026-06-01")));
        let evidence = made["id"].as_str().unwrap();
        assert_eq!(made["downloadPath"], format!("/evidence/{evidence}"));
        for (clause, key) in [(24, "k2"), (3, "k3"), (24, "k4")] {
            world.clock.advance(TimeDelta::seconds(1));
            world.done("a1", "evidenceAttach", "", input(clause, &file, key)).await;
        }

        let page = "query($id: ID!, $after: String, $clause: Int) { node(id: $id) { ... on Assessment {
            evidence(first: 2, after: $after, clause: $clause) { totalCount nodes { clause title } pageInfo { hasNextPage endCursor } } } } }";
        let first = world.ok("a1", page, json!({ "id": id })).await["node"]["evidence"].clone();
        assert_eq!(first["nodes"], json!([{ "clause": 3, "title": "消防演练 k3" }, { "clause": 24, "title": "消防演练 k1" }]));
        assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(4), &json!(true)));
        let second = world.ok("a1", page, json!({ "id": id, "after": first["pageInfo"]["endCursor"] })).await["node"]["evidence"].clone();
        assert_eq!(second["nodes"], json!([{ "clause": 24, "title": "消防演练 k2" }, { "clause": 24, "title": "消防演练 k4" }]));
        assert_eq!((&second["totalCount"], &second["pageInfo"]["hasNextPage"]), (&json!(4), &json!(false)));
        let third = world.ok("a1", page, json!({ "id": id, "after": second["pageInfo"]["endCursor"] })).await["node"]["evidence"].clone();
        assert_eq!((&third["totalCount"], &third["nodes"]), (&json!(4), &json!([])));
        let one = world.ok("a1", page, json!({ "id": id, "clause": 3 })).await["node"]["evidence"].clone();
        assert_eq!((&one["totalCount"], one["nodes"].as_array().map(Vec::len)), (&json!(1), Some(1)));
        assert_eq!(see(&world, "a1", &id, "ratings { evidenceCount }").await["ratings"][23]["evidenceCount"], 3);

        let node = format!("{{ node(id: \"{evidence}\") {{ ... on Evidence {{ {all} }} }} }}");
        assert!(world.ok("assessor", &node, json!({})).await["node"].is_null(), "not before it is submitted");
        world.done("a1", "assessmentRate", "", ratings(&id, 1, 168, 5)).await;
        world.done("a1", "assessmentSubmit", "", keyed(&id, "s")).await;
        assert_eq!(world.refused("a1", "evidenceAttach", input(24, &file, "k5")).await, ["assessment-not-draft"]);
        assert_eq!(world.ok("assessor", &node, json!({})).await["node"], made);
        for who in ["a2", "park", "other-assessor", "a1-agent"] {
            assert!(world.ok(who, &node, json!({})).await["node"].is_null(), "{who}");
        }

        for (who, found) in [("assessor", true), ("a1", true), ("a2", false), ("park", false), ("other-assessor", false)] {
            let (ctx, tx) = (world.ctx(who).await, world.tx(who, Mode::Read).await);
            let held = maturity::evidence_file(&*tx, &ctx, evidence.parse().unwrap()).await;
            match held {
                Ok(held) if found => {
                    let copy = world.filing.files().local(&held.sha256).await.unwrap();
                    assert_eq!((std::fs::read(copy.path()).unwrap().as_slice(), held.name.as_str()), (b"drill".as_slice(), "演练记录.txt"));
                }
                Err(Error::NotFound) if !found => {}
                other => panic!("{who}: {other:?}"),
            }
        }
    }

    /// From submission to conclusion: assessors are blind to one another, the tenant sees the result when it is there.
    async fn assessors_rate_apart_and_one_concludes(backend) {
        let world = World::new(backend).await;
        let grant = json!({ "assessorEmail": email("late-assessor"), "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(), "purpose": "复核",
            "validFrom": "2026-11-01", "validTo": "2026-12-01", "idempotencyKey": "g" });
        let grant = world.done("park", "grantCreate", "grant { id }", grant).await["grant"]["id"].clone();
        world.declare("late-assessor").await;
        let hidden = draft(&world, "a1", "2025").await;
        let id = submitted(&world, "a1", "2026", 10).await;
        assert_eq!(world.refused("a1", "assessmentRate", ratings(&id, 1, 1, 0)).await, ["assessment-not-draft"]);
        assert_eq!(world.refused("a1", "assessmentSubmit", keyed(&id, "again")).await, ["assessment-not-draft"]);
        assert_eq!(world.refused("a1", "assessmentConclude", keyed(&id, "x")).await, ["forbidden"]);

        for who in ["assessor", "late-assessor"] {
            assert_eq!(listed(&world, who).await, json!({ "totalCount": 1, "nodes": [{ "id": id }] }));
            assert!(see(&world, who, &hidden, "title").await.is_null(), "drafts are the tenant's own");
        }
        let seen = see(&world, "assessor", &id, "state tenant { code assessments { totalCount nodes { id } } } selfResult { level total } ratings { self { c } assessor { c } }").await;
        assert_eq!((&seen["state"], &seen["tenant"]["code"]), (&json!("SUBMITTED"), &json!("A1")));
        assert_eq!(seen["tenant"]["assessments"], json!({ "totalCount": 1, "nodes": [{ "id": id }] }));
        assert_eq!((&seen["selfResult"]["total"], &seen["ratings"][167]["self"]["c"]), (&json!(3360), &json!(10)));

        world.done("assessor", "assessmentRate", "", ratings(&id, 1, 100, 10)).await;
        assert_eq!(world.refused("assessor", "assessmentRate", json!({ "assessmentId": id, "ratings": [rating(1, 7, 0)] })).await, ["rating-value"]);
        assert_eq!(world.refused("assessor", "assessmentConclude", keyed(&id, "c")).await, ["assessment-incomplete"]);
        world.done("assessor", "assessmentRate", "", ratings(&id, 101, 168, 5)).await;
        world.done("late-assessor", "assessmentRate", "", ratings(&id, 1, 168, 0)).await;
        let both = "state level ratings { assessor { c f note } } assessorResult { level total rated }";
        let (mine, other) = (see(&world, "assessor", &id, both).await, see(&world, "late-assessor", &id, both).await);
        assert_eq!((&mine["ratings"][0]["assessor"]["c"], &other["ratings"][0]["assessor"]["c"]), (&json!(10), &json!(0)));
        assert_eq!((&mine["assessorResult"]["total"], &other["assessorResult"]["total"]), (&json!(2000 + 680), &json!(0)));
        let own = see(&world, "a1", &id, both).await;
        assert_eq!((&own["state"], &own["assessorResult"], &own["ratings"][0]["assessor"]), (&json!("SUBMITTED"), &Value::Null, &Value::Null));
        let park = "{ park { maturity { level tenants } tenants { nodes { code level assessments { totalCount nodes { id } } } } } }";
        let before = world.ok("park", park, json!({})).await["park"].clone();
        assert_eq!(before["maturity"], json!([{ "level": null, "tenants": 2 }]));

        let done = world.done("assessor", "assessmentConclude", "assessment { state level concludedAt assessorResult { level total } }", keyed(&id, "c")).await;
        assert_eq!((&done["assessment"]["state"], &done["assessment"]["level"]), (&json!("ASSESSED"), &json!(0)));
        for who in ["assessor", "late-assessor"] {
            assert_eq!(world.refused(who, "assessmentConclude", keyed(&id, "c")).await, ["assessment-not-under-assessment"], "{who}");
            assert_eq!(world.refused(who, "assessmentRate", ratings(&id, 1, 1, 10)).await, ["assessment-not-under-assessment"], "{who}");
        }
        let own = see(&world, "a1", &id, both).await;
        assert_eq!((&own["state"], &own["level"], &own["assessorResult"]), (&json!("ASSESSED"), &json!(0), &json!({ "level": 0, "total": 2680, "rated": 168 })));
        assert_eq!(own["ratings"][0]["assessor"], json!({ "c": 10, "f": 10, "note": "" }));
        assert_eq!(see(&world, "late-assessor", &id, both).await["ratings"][0]["assessor"]["c"], 0, "blind afterwards too");

        let after = world.ok("park", park, json!({})).await["park"].clone();
        assert_eq!(after["maturity"], json!([{ "level": null, "tenants": 1 }, { "level": 0, "tenants": 1 }]));
        let nothing = json!({ "totalCount": 0, "nodes": [] });
        assert_eq!(after["tenants"]["nodes"], json!([{ "code": "A1", "level": 0, "assessments": nothing }, { "code": "A2", "level": null, "assessments": nothing }]));
        assert_eq!(world.ok("a1", "{ park { maturity { level } } tenant { level } }", json!({})).await, json!({ "park": { "maturity": [] }, "tenant": { "level": 0 } }));

        world.done("park", "grantRevoke", "", json!({ "grantId": grant, "idempotencyKey": "r" })).await;
        let answer = world.call(Some(world.token("late-assessor").await), "{ assessments { totalCount } }", json!({})).await.body;
        assert_ne!(answer["data"]["assessments"]["totalCount"], json!(1), "{answer}");
        assert_eq!(listed(&world, "assessor").await["totalCount"], 1);
    }

    /// Two assessors who conclude at once: one does. A rating and the submission at once: it counts or is refused.
    async fn acts_at_once_leave_one_outcome(backend) {
        let world = World::new(backend).await;
        let grant = json!({ "assessorEmail": email("late-assessor"), "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(), "purpose": "复核",
            "validFrom": "2026-11-01", "validTo": "2026-12-01", "idempotencyKey": "g" });
        world.done("park", "grantCreate", "", grant).await;
        world.declare("late-assessor").await;
        let id = draft(&world, "a1", "2026").await;
        world.done("a1", "assessmentRate", "", ratings(&id, 1, 168, 10)).await;
        let change = world.mutate("a1", "assessmentRate", "", ratings(&id, 1, 1, 5));
        let submit = world.mutate("a1", "assessmentSubmit", "", keyed(&id, "s"));
        let (change, submit) = tokio::join!(change, submit);
        assert_eq!(submit["userErrors"], json!([]));
        let kept = see(&world, "a1", &id, "ratings { self { c } }").await["ratings"][0]["self"]["c"].clone();
        if change["userErrors"] == json!([]) {
            assert_eq!(kept, 5);
        } else {
            assert_eq!((&change["userErrors"][0]["rule"], kept), (&json!("assessment-not-draft"), json!(10)));
        }

        for (who, points) in [("assessor", 10), ("late-assessor", 0)] {
            world.done(who, "assessmentRate", "", ratings(&id, 1, 168, points)).await;
        }
        let mine = world.mutate("assessor", "assessmentConclude", "", keyed(&id, "c"));
        let other = world.mutate("late-assessor", "assessmentConclude", "", keyed(&id, "c"));
        let (mine, other) = tokio::join!(mine, other);
        let (won, refused) = if mine["userErrors"] == json!([]) { (3360, other) } else { (0, mine) };
        assert_eq!(refused["userErrors"][0]["rule"], "assessment-not-under-assessment");
        let result = see(&world, "a1", &id, "state assessorResult { total rated }").await;
        assert_eq!(result, json!({ "state": "ASSESSED", "assessorResult": { "total": won, "rated": 168 } }));
    }

    /// Levels are climbed one at a time, over the cycles, and an old result stays what it was.
    async fn the_next_cycle_builds_on_the_last(backend) {
        let world = World::new(backend).await;
        let mut ids = Vec::new();
        for (cycle, level) in [("2024", 1), ("2025", 2), ("2026", 3)] {
            let id = submitted(&world, "a1", cycle, 10).await;
            world.done("assessor", "assessmentRate", "", ratings(&id, 1, 168, 10)).await;
            let done = world.done("assessor", "assessmentConclude", "assessment { level }", keyed(&id, "c")).await;
            assert_eq!(done["assessment"]["level"], level);
            ids.push((id, level));
            world.clock.advance(TimeDelta::minutes(1));
        }
        for (id, level) in &ids {
            let again = see(&world, "a1", id, "level selfResult { level } assessorResult { level }").await;
            assert_eq!(again, json!({ "level": level, "selfResult": { "level": level }, "assessorResult": { "level": level } }));
        }
        let tenant = world.ok("a1", "{ tenant { level assessments(first: 2) { totalCount nodes { cycle } pageInfo { endCursor } } } }", json!({})).await["tenant"].clone();
        assert_eq!((&tenant["level"], &tenant["assessments"]["totalCount"]), (&json!(3), &json!(3)));
        assert_eq!(tenant["assessments"]["nodes"], json!([{ "cycle": "2026" }, { "cycle": "2025" }]));
        let next = "query($after: String) { tenant { assessments(first: 2, after: $after) { nodes { cycle } } } assessments(first: 2) { nodes { cycle } pageInfo { endCursor } } }";
        let next = world.ok("a1", next, json!({ "after": tenant["assessments"]["pageInfo"]["endCursor"] })).await;
        assert_eq!(next["tenant"]["assessments"]["nodes"], json!([{ "cycle": "2024" }]));
        assert_eq!(next["assessments"]["nodes"], json!([{ "cycle": "2026" }, { "cycle": "2025" }]));

        // What assessors did is on the record of the tenant.
        let db = Connect::connect(world.database.url()).await.unwrap();
        let table = if db.get_database_backend() == DbBackend::Postgres { "voxpark.audit_event" } else { "audit_event" };
        let sql = format!("SELECT tenant_id FROM {table} WHERE action IN ('assessment.rate', 'assessment.conclude') AND role = 'assessor'");
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        assert_eq!(rows.len(), 6);
        for row in rows {
            assert_eq!(row.try_get::<uuid::Uuid>("", "tenant_id").unwrap(), voxpark_domain::ids::Id::uuid(world.ids.a1));
        }
        db.close().await.unwrap();
    }

    /// The number of statements depends neither on assessments nor on clauses nor on evidence.
    async fn reading_takes_a_constant_number_of_statements(backend) {
        let world = World::new(backend).await;
        let nested = format!("id level tenant {{ level }} selfResult {{ {RULES} }} assessorResult {{ total }}
            ratings {{ self {{ c }} assessor {{ c }} evidenceCount }} evidence(first: 3) {{ totalCount nodes {{ title }} }}");
        let documents = [
            format!("{{ assessments {{ totalCount nodes {{ {nested} }} }} }}"),
            format!("{{ park {{ tenants {{ nodes {{ level assessments {{ totalCount nodes {{ {nested} }} }} }} }} }} }}"),
        ];
        let mut counts = Vec::new();
        for cycle in ["2024", "2025", "2026"] {
            let id = draft(&world, "a1", cycle).await;
            let to = if cycle == "2024" { 1 } else { 168 };
            world.done("a1", "assessmentRate", "", ratings(&id, 1, to, 10)).await;
            let file = world.upload("a1", "f.txt", cycle.as_bytes()).await;
            for n in 0..(cycle.len() + counts.len()) {
                let input = json!({ "assessmentId": id, "clause": 1, "title": "证据", "fileId": file, "coversFrom": "2026-01-01",
                    "idempotencyKey": format!("{cycle}-{n}") });
                world.done("a1", "evidenceAttach", "", input).await;
            }
            let mut taken = Vec::new();
            for document in &documents {
                let bearer = Some(world.token("a1").await);
                let call = Call { document: document.clone(), bearer, request: "test".to_owned(), ..Call::default() };
                let answer = world.wide.execute(call).await;
                assert!(answer.body.get("errors").is_none(), "{}", answer.body);
                assert!(answer.body.to_string().contains("evidenceCount"), "{}", answer.body);
                taken.push(answer.statements);
            }
            counts.push(taken);
        }
        assert!(counts.iter().all(|n| *n == counts[0] && !n.contains(&0)), "{counts:?}");
    }

    /// The framework is told in the caller's language.
    async fn the_framework_is_published(backend) {
        let world = World::new(backend).await;
        let document = "{ framework(id: \"cc-cmm-oc-2011\") { id edition fingerprint title erratum maxTotal domains { letter number title }
            levels { level title printedTotal effectiveTotal minYears } clauses { number domain section sectionTitle title evidenceKinds frequency autoSources strength } }
            other: framework(id: \"iso-9001\") { id } }";
        for who in ["a1", "park", "assessor", "a1-agent"] {
            let answer = world.ok(who, document, json!({})).await;
            let framework = &answer["framework"];
            assert!(answer["other"].is_null());
            assert_eq!((framework["clauses"].as_array().map(Vec::len), framework["domains"].as_array().map(Vec::len)), (Some(168), Some(5)));
            assert_eq!(framework["levels"][4], json!({ "level": 5, "title": framework["levels"][4]["title"], "printedTotal": 3380, "effectiveTotal": 3340, "minYears": 5 }));
            assert!(framework["erratum"].as_str().is_some_and(|text| text.contains("3,340")), "{framework}");
        }
    }
}
