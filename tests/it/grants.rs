//! Grants: declared before they open, as far as they go, gone when they are taken back; grants on regions; statistics.

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_billing::uow::Database as _;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::identity::{self, Abilities, GrantDraft, GrantTerms, STATEMENT};
use voxpark_domain::permission::Role;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error};
use voxpark_tests::app::{World, email, staff};
use voxpark_tests::on_both;

const TENANTS: &str = "{ park { tenants { nodes { code } } } }";
const HELD: &str = "{ viewer { grants { id wholePark region declaredAt covers { tenantId name cover } } } }";

fn draft(tenant: Option<&str>, abilities: &[&str], key: &str) -> Value {
    json!({ "assessorEmail": email("assessor"), "role": "ASSESSOR", "tenantId": tenant, "purpose": "复核",
        "abilities": abilities, "validFrom": "2026-11-01", "validTo": "2026-12-01", "idempotencyKey": key })
}

async fn give(world: &World, input: Value) -> String {
    let made = world.done("park", "grantCreate", "grant { id }", input).await;
    made["grant"]["id"].as_str().unwrap().to_owned()
}

fn declaration(world: &World, grant: &str, interests: &Value) -> Value {
    json!({ "grantId": grant, "statement": STATEMENT, "asOf": world.env.now(), "interests": interests })
}

async fn reach(world: &World) -> Vec<String> {
    let seen = world.ok("assessor", TENANTS, json!({})).await;
    let nodes = seen["park"]["tenants"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|t| t["code"].as_str().unwrap().to_owned()).collect()
}

/// An assessment of the first tenant with a piece of evidence, handed in; both ids.
async fn handed_in(world: &World) -> (Value, Value) {
    let input = json!({ "framework": "cc-cmm-oc-2011", "title": "年度自评", "cycle": "2026", "assessedOn": "2026-11-21",
        "idempotencyKey": "a" });
    let id = world.done("a1", "assessmentCreate", "assessment { id }", input).await["assessment"]["id"].clone();
    let ratings: Vec<Value> = (1..=168).map(|n| json!({ "clause": n, "c": 5, "f": 5 })).collect();
    world.done("a1", "assessmentRate", "", json!({ "assessmentId": id, "ratings": ratings })).await;
    let file = world.upload("a1", "记录.txt", b"proof").await;
    let attach = json!({ "assessmentId": id, "clause": 1, "title": "记录", "fileId": file, "coversFrom": "2026-01-01",
        "coversTo": "2026-11-01", "idempotencyKey": "e" });
    let made = world.done("a1", "evidenceAttach", "evidence { id }", attach).await;
    world.done("a1", "assessmentSubmit", "", json!({ "assessmentId": id, "idempotencyKey": "s" })).await;
    (id, made["evidence"]["id"].clone())
}

/// The operator of the installation gives a grant on a region or takes it back; how many parks it reaches.
async fn region(world: &World, code: &str, role: Role) -> (identity::RegionGrant, usize) {
    let ctx = Ctx::system(SystemReason::Provisioning, world.env.clone());
    let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
    let abilities = if role == Role::Assessor { Abilities::all() } else { Abilities::new([]) };
    let terms = GrantTerms {
        purpose: "省级评估".to_owned(),
        abilities,
        from: "2026-11-01".parse().unwrap(),
        to: "2027-11-01".parse().unwrap(),
    };
    let draft = GrantDraft { email: email("other-assessor"), role, tenant: None, terms };
    let made = identity::region_grant_add(&*tx, &ctx, code, draft).await.unwrap();
    tx.commit().await.unwrap();
    made
}

/// A session of somebody in another of its memberships.
async fn within(world: &World, who: &str, role: &str, park: &str) -> Option<String> {
    // Whatever session there was may have ended with its membership.
    world.forget_tokens().await;
    let token = world.token(who).await;
    let all = "{ viewer { memberships { role park { nameEn } scope } } }";
    let seen = world.call(Some(token.clone()), all, json!({})).await.body;
    let list = seen["data"]["viewer"]["memberships"].as_array().unwrap().clone();
    let scope = list.iter().find(|m| m["role"] == role && m["park"]["nameEn"] == park)?["scope"].clone();
    let switch = "mutation($input: ScopeSwitchInput!) { scopeSwitch(input: $input) { accessToken } }";
    let made = world.call(Some(token), switch, json!({ "input": { "scope": scope } })).await.body;
    made["data"]["scopeSwitch"]["accessToken"].as_str().map(str::to_owned)
}

on_both! {
    /// A grant opens nothing before its holder has declared, then what the declaration leaves, and nothing when it is
    /// taken back.
    async fn grants_open_when_declared_and_close_when_revoked(backend) {
        let world = World::new(backend).await;
        let a2 = world.ids.a2.to_string();
        let input = draft(Some(&a2), &["RATE"], "k1");
        let selection = "grant { id assessor abilities wholePark declaredAt tenant { code } }";
        let grant = world.done("park", "grantCreate", selection, input.clone()).await;
        assert_eq!(grant["grant"]["abilities"], json!(["READ", "RATE"]));
        assert!(grant["grant"]["declaredAt"].is_null());
        assert_eq!(grant, world.done("park", "grantCreate", selection, input).await, "the same key answers the same");
        let id = grant["grant"]["id"].as_str().unwrap();
        assert_eq!(reach(&world).await, ["A1"], "not yet declared");
        world.done("assessor", "grantDeclare", "grant { declaredAt }", declaration(&world, id, &json!([]))).await;
        assert_eq!(reach(&world).await, ["A1", "A2"]);

        let revoke = json!({ "grantId": id, "idempotencyKey": "k2" });
        world.done("park", "grantRevoke", "grant { revokedAt }", revoke).await;
        assert_eq!(reach(&world).await, ["A1"]);
        assert_eq!(world.refused("assessor", "grantDeclare", declaration(&world, id, &json!([]))).await, ["grant-unknown"]);
        let bad = json!({ "assessorEmail": "x@y", "role": "AGENT", "purpose": " ", "validFrom": "2026-12-01", "validTo": "2026-11-01", "idempotencyKey": "k3" });
        assert_eq!(world.refused("park", "grantCreate", bad.clone()).await, ["grant-role", "text-required", "period-empty"]);
        // Staff of a tenant do not even know that grants exist.
        assert_eq!(world.refused("a1", "grantCreate", bad).await, ["not-found"]);
    }

    /// What the holder has an interest in stays closed, who came later is closed until declared, and the park reads the
    /// reason, which is on its record as read and nowhere in clear.
    async fn interests_keep_tenants_closed(backend) {
        let world = World::new(backend).await;
        let (a1, a2) = (world.ids.a1.to_string(), world.ids.a2.to_string());
        let id = give(&world, draft(None, &["READ", "RATE", "SAMPLE"], "k")).await;
        let covers = |seen: &Value| {
            let grant = seen["viewer"]["grants"].as_array().unwrap().iter().find(|g| g["id"] == *id).unwrap().clone();
            let list = grant["covers"].as_array().unwrap().clone();
            list.iter().map(|t| t["cover"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(covers(&world.ok("assessor", HELD, json!({})).await), ["UNDECLARED", "UNDECLARED"]);
        let reason = "姐姐在此任职";
        let interest = |tenant: &str, reason: &str| json!({ "tenantId": tenant, "reason": reason });
        // The neighbour's park, the same tenant twice, no reason, another wording: all named, nothing kept.
        let bad = declaration(&world, &id, &json!([interest(&world.ids.b1.to_string(), "x"), interest(&a2, " "), interest(&a2, "x")]));
        assert_eq!(world.refused("assessor", "grantDeclare", bad).await, ["tenant-unknown", "text-required", "grant-tenant-doubled"]);
        let old = json!({ "grantId": id, "statement": "1999", "asOf": world.env.now(), "interests": [] });
        assert_eq!(world.refused("assessor", "grantDeclare", old).await, ["grant-statement-old"]);
        assert_eq!(world.refused("other-assessor", "grantDeclare", declaration(&world, &id, &json!([]))).await, ["grant-unknown"]);
        assert_eq!(world.refused("park", "grantDeclare", declaration(&world, &id, &json!([]))).await, ["grant-unknown"]);

        world.done("assessor", "grantDeclare", "grant { id }", declaration(&world, &id, &json!([interest(&a2, reason)]))).await;
        assert_eq!(covers(&world.ok("assessor", HELD, json!({})).await), ["OPEN", "RECUSED"]);
        assert_eq!(reach(&world).await, ["A1"]);
        let listed = "{ park { grants { nodes { id interests { reason tenant { code } } } } } }";
        let seen = world.ok("park", listed, json!({})).await;
        let told = json!([{ "reason": reason, "tenant": { "code": "A2" } }]);
        assert_eq!(seen["park"]["grants"]["nodes"][0]["interests"], told);
        let log = world.ok("park", "{ auditEvents(first: 50) { nodes { action changes { field to } figures { name value } } } }", json!({})).await.to_string();
        assert!(log.contains("grant.declare") && log.contains("declared interests") && !log.contains(reason), "{log}");

        world.clock.advance(TimeDelta::minutes(3));
        let tenant = json!({ "code": "A3", "name": "甲", "nameEn": "A", "operatingSince": "2026-01-01", "arrivedOn": "2026-01-01", "idempotencyKey": "t" });
        world.done("park", "tenantCreate", "tenant { id }", tenant).await;
        assert_eq!(covers(&world.ok("assessor", HELD, json!({})).await), ["OPEN", "RECUSED", "UNDECLARED"]);
        assert_eq!(reach(&world).await, ["A1"]);
        // The form was shown before the tenant came: nothing was declared about it.
        let shown = world.env.now() - TimeDelta::minutes(1);
        let stale = json!({ "grantId": id, "statement": STATEMENT, "asOf": shown, "interests": [interest(&a2, reason)] });
        world.done("assessor", "grantDeclare", "grant { id }", stale).await;
        assert_eq!(covers(&world.ok("assessor", HELD, json!({})).await), ["OPEN", "RECUSED", "UNDECLARED"]);
        // Declaring anew replaces what was said: the first tenant is open by the other grant that the assessor has.
        world.done("assessor", "grantDeclare", "grant { id }", declaration(&world, &id, &json!([interest(&a1, reason)]))).await;
        assert_eq!(covers(&world.ok("assessor", HELD, json!({})).await), ["RECUSED", "OPEN", "OPEN"]);
        assert_eq!(reach(&world).await, ["A1", "A2", "A3"]);
    }

    /// A grant to read lets nobody rate, conclude or open the content of evidence.
    async fn grants_go_no_further_than_they_say(backend) {
        let world = World::new(backend).await;
        let (assessment, evidence) = handed_in(&world).await;
        let first = world.ok("assessor", HELD, json!({})).await["viewer"]["grants"][0]["id"].clone();
        let (a1, rate) = (world.ids.a1.to_string(), json!({ "assessmentId": assessment, "ratings": [{ "clause": 1, "c": 5, "f": 5 }] }));
        let open = async || {
            let tx = world.tx("assessor", Mode::Read).await;
            let ctx = world.ctx("assessor").await;
            voxpark_domain::maturity::evidence_file(&*tx, &ctx, evidence.as_str().unwrap().parse().unwrap()).await
        };
        world.done("assessor", "assessmentRate", "", rate.clone()).await;
        assert!(open().await.is_ok());
        world.done("park", "grantRevoke", "", json!({ "grantId": first, "idempotencyKey": "r" })).await;

        let id = give(&world, draft(Some(&a1), &["READ"], "k1")).await;
        // The session of the first grant ended with the role; the second brings it back.
        world.forget_tokens().await;
        world.done("assessor", "grantDeclare", "grant { id }", declaration(&world, &id, &json!([]))).await;
        assert_eq!(world.ok("assessor", "{ assessments { totalCount } }", json!({})).await["assessments"]["totalCount"], 1);
        assert_eq!(world.refused("assessor", "assessmentRate", rate.clone()).await, ["grant-ability"]);
        let conclude = json!({ "assessmentId": assessment, "idempotencyKey": "c" });
        assert_eq!(world.refused("assessor", "assessmentConclude", conclude).await, ["grant-ability"]);
        let Err(Error::Refused(list)) = open().await else { panic!("the content is closed") };
        assert_eq!(list[0].rule, "grant-ability");

        let more = give(&world, draft(Some(&a1), &["SAMPLE"], "k2")).await;
        world.done("assessor", "grantDeclare", "grant { id }", declaration(&world, &more, &json!([]))).await;
        assert!(open().await.is_ok());
        assert_eq!(world.refused("assessor", "assessmentRate", rate).await, ["grant-ability"]);
    }

    /// A grant on a region is part of every park in it, and goes where parks go.
    async fn a_grant_on_a_region_reaches_its_parks(backend) {
        let world = World::new(backend).await;
        let (grant, parks) = region(&world, "530000", Role::Assessor).await;
        assert_eq!(parks, 1, "the other park lies elsewhere");
        let token = within(&world, "other-assessor", "ASSESSOR", "Park a").await.expect("a membership in the park");
        let held = world.call(Some(token.clone()), HELD, json!({})).await.body["data"].take();
        assert_eq!(held["viewer"]["grants"][0]["region"], "530000");
        let declare = "mutation($input: GrantDeclareInput!) { grantDeclare(input: $input) { userErrors { rule } } }";
        let id = held["viewer"]["grants"][0]["id"].as_str().unwrap().to_owned();
        let seen = world.call(Some(token.clone()), TENANTS, json!({})).await.body;
        assert_eq!(seen["data"]["park"]["tenants"]["nodes"], json!([]));
        world.call(Some(token.clone()), declare, json!({ "input": declaration(&world, &id, &json!([])) })).await;
        let seen = world.call(Some(token.clone()), TENANTS, json!({})).await.body;
        assert_eq!(seen["data"]["park"]["tenants"]["nodes"], json!([{ "code": "A1" }, { "code": "A2" }]));
        let listed = world.ok("park", "{ park { grants { nodes { id region } } } }", json!({})).await;
        assert_eq!(listed["park"]["grants"]["nodes"][0], json!({ "id": id, "region": "530000" }));
        let revoke = json!({ "grantId": id, "idempotencyKey": "r" });
        assert_eq!(world.refused("park", "grantRevoke", revoke).await, ["grant-of-region"]);

        // The park turns out to lie elsewhere, and comes back.
        let ctx = Ctx::system(SystemReason::Provisioning, world.env.clone());
        for (code, there) in [("310115", false), ("530100", true)] {
            let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
            identity::park_region(&*tx, &ctx, "PA", code).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(within(&world, "other-assessor", "ASSESSOR", "Park a").await.is_some(), there, "{code}");
        }
        let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
        identity::region_grant_revoke(&*tx, &ctx, grant.id).await.unwrap();
        assert!(identity::region_grant_revoke(&*tx, &ctx, grant.id).await.is_err(), "once");
        tx.commit().await.unwrap();
        assert!(within(&world, "other-assessor", "ASSESSOR", "Park a").await.is_none());
        assert_eq!(world.call(Some(token), TENANTS, json!({})).await.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        let log = world.ok("park", "{ auditEvents(first: 50) { nodes { action } } }", json!({})).await.to_string();
        assert!(log.contains("park.region") && log.contains("grant.revoke") && log.contains("grant.declare"), "{log}");
        // Nobody but the operator does any of this.
        let inside = staff(&world.ids, 'a', &world.env);
        let tx = world.db.begin(&ctx, Mode::Read).await.unwrap();
        assert!(matches!(identity::park_region(&*tx, &inside, "PA", "530100").await, Err(Error::Forbidden)));
    }

    /// A statistics officer sees figures of the whole park once it has declared, and not one row of a tenant.
    async fn officers_see_figures_alone(backend) {
        let world = World::new(backend).await;
        region(&world, "530111", Role::StatisticsOfficer).await;
        let token = within(&world, "other-assessor", "STATISTICS_OFFICER", "Park a").await.expect("a membership");
        let ask = "{ park { statistics { tenants seats seatsLeased seatsOccupied people levels { level tenants } } tenants { totalCount } } assessments { totalCount } }";
        let before = world.call(Some(token.clone()), ask, json!({})).await.body;
        assert!(before["data"]["park"]["statistics"].is_null(), "{before}");
        let held = world.call(Some(token.clone()), HELD, json!({})).await.body;
        let declare = "mutation($input: GrantDeclareInput!) { grantDeclare(input: $input) { userErrors { rule } } }";
        let id = held["data"]["viewer"]["grants"][0]["id"].as_str().unwrap().to_owned();
        let said = world.call(Some(token.clone()), declare, json!({ "input": declaration(&world, &id, &json!([])) })).await;
        assert_eq!(said.body["data"]["grantDeclare"]["userErrors"], json!([]), "{}", said.body);
        let after = world.call(Some(token), ask, json!({})).await.body;
        assert!(after.get("errors").is_none(), "{after}");
        let after = &after["data"];
        let figures = json!({ "tenants": 2, "seats": 0, "seatsLeased": 0, "seatsOccupied": 0, "people": 0,
            "levels": [{ "level": null, "tenants": 2 }] });
        assert_eq!(after["park"]["statistics"], figures, "{after}");
        assert_eq!((&after["park"]["tenants"]["totalCount"], &after["assessments"]["totalCount"]), (&json!(0), &json!(0)));
        // The park sees the same; a tenant and an assessor of one tenant see none.
        assert_eq!(world.ok("park", "{ park { statistics { tenants } } }", json!({})).await["park"]["statistics"]["tenants"], 2);
        for who in ["a1", "assessor"] {
            assert!(world.ok(who, "{ park { statistics { tenants } } }", json!({})).await["park"]["statistics"].is_null(), "{who}");
        }
    }
}
