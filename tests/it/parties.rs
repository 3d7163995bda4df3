//! How the two sides of invoices are called: by day, fixed with each invoice, and seen when it is changed: on both databases.

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_domain::ids::LeaseId;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{Ground, THEN, Terms};
use crate::edge::Edge;

const ACCOUNT: &str = "6222 0000-1111";
const MAIL: &str = "pay@huaxin.example";

pub(crate) fn seller(name: &str, from: &str) -> Value {
    json!({ "from": from, "name": name, "nameEn": "Park Operations", "taxNumber": "91350100m000100y43", "address": "滨江路 1 号",
        "phone": "0591-8888", "bank": "某银行", "account": ACCOUNT, "mail": "bills@park.example", "idempotencyKey": format!("s-{name}-{from}") })
}
pub(crate) fn buyer(tenant: Option<&str>, name: &str, from: &str) -> Value {
    json!({ "tenantId": tenant, "from": from, "name": name, "taxNumber": "11010519491231002X01", "bank": "乙银行", "account": "55",
        "fapiao": "SPECIAL", "mails": [MAIL], "idempotencyKey": format!("b-{name}-{from}") })
}
pub(crate) async fn told(world: &World, who: &str, mutation: &str, input: Value) -> Vec<String> {
    let payload = world.mutate(who, mutation, "", input).await;
    let error = |e: &Value| format!("{} {}", e["path"].as_str().unwrap(), e["rule"].as_str().unwrap());
    payload["userErrors"].as_array().unwrap().iter().map(error).collect()
}
/// Two seats of tenant a1 since October.
pub(crate) async fn ground(world: &World) -> (Ground, LeaseId) {
    let mut ground = Ground::new(world).await;
    let lease = ground.lease(world.ids.a1, THEN, &Terms::default()).await;
    ground.allocate(world.ids.a1, lease, 2, "2026-10-01", THEN).await;
    (ground, lease)
}
pub(crate) async fn issued(world: &World, lease: LeaseId) -> String {
    let input = json!({ "leaseId": lease.to_string(), "month": "2026-10", "idempotencyKey": "issue" });
    let made = world.done("finance", "invoiceIssue", "invoice { id }", input).await;
    made["invoice"]["id"].as_str().unwrap().to_owned()
}
async fn sides(world: &World, who: &str, invoice: &str) -> Value {
    let document =
        "query($id: ID!) { node(id: $id) { ... on Invoice { sha256 intact seller { name nameEn taxNumber account }
      buyer { name nameEn taxNumber bank account } } } }";
    world.ok(who, document, json!({ "id": invoice })).await["node"].clone()
}

on_both! {
    /// What a side says of itself holds from a day on and is never overwritten; staff of the park says it of everybody, a
    /// tenant of itself.
    async fn sides_are_called_by_day(backend) {
        let world = World::new(backend).await;
        let a1 = world.ids.a1.to_string();
        let one = world.done("finance", "sellerProfileSet", "profile { from party { name taxNumber account } mail }", seller("园区公司", "2026-01-01")).await;
        assert_eq!(one["profile"], json!({ "from": "2026-01-01", "mail": "bills@park.example",
            "party": { "name": "园区公司", "taxNumber": "91350100M000100Y43", "account": "622200001111" } }));
        world.done("park", "sellerProfileSet", "", seller("新公司", "2027-01-01")).await;
        // Said again under the same key, nothing is added.
        world.done("park", "sellerProfileSet", "", seller("新公司", "2027-01-01")).await;
        let named = "query($on: Date) { park { sellerProfile(on: $on) { party { name } } sellerProfiles { from } } }";
        let on = async |who: &str, day: &str| world.ok(who, named, json!({ "on": day })).await["park"].clone();
        let all = json!([{ "from": "2027-01-01" }, { "from": "2026-01-01" }]);
        assert_eq!(on("finance", "2026-12-31").await, json!({ "sellerProfile": { "party": { "name": "园区公司" } }, "sellerProfiles": all }));
        // A tenant knows whom it pays; its agents and other parks do not.
        assert_eq!(on("a2", "2027-01-01").await["sellerProfile"]["party"]["name"], "新公司");
        for who in ["a1-agent", "other-park", "assessor"] {
            assert_eq!(on(who, "2027-01-01").await, json!({ "sellerProfile": null, "sellerProfiles": [] }), "{who}");
        }
        assert_eq!(on("park", "2025-12-31").await["sellerProfile"], Value::Null);
        assert_eq!(world.refused("a1", "sellerProfileSet", seller("x", "2026-01-01")).await, ["forbidden"]);

        world.done("finance", "buyerProfileSet", "", buyer(Some(&a1), "华信公司", "2026-01-01")).await;
        let own = world.done("a1", "buyerProfileSet", "profile { from fapiao mails party { name } }", buyer(None, "华信新公司", "2026-12-01")).await;
        assert_eq!(own["profile"], json!({ "from": "2026-12-01", "fapiao": "SPECIAL", "mails": [MAIL], "party": { "name": "华信新公司" } }));
        assert_eq!(told(&world, "a2", "buyerProfileSet", buyer(Some(&a1), "x", "2026-01-01")).await, ["tenantId not-found"]);
        assert_eq!(told(&world, "other-park", "buyerProfileSet", buyer(Some(&a1), "x", "2026-01-01")).await, ["tenantId not-found"]);
        assert_eq!(told(&world, "park", "buyerProfileSet", buyer(None, "x", "2026-01-01")).await, ["tenantId tenant-required"]);
        assert_eq!(world.refused("a1-finance", "buyerProfileSet", buyer(None, "x", "2026-01-01")).await, ["forbidden"]);
        let known = "query($id: ID!) { node(id: $id) { ... on Tenant { buyerProfile { party { name } } buyerProfiles { from mails } } } }";
        let of = async |who: &str| world.ok(who, known, json!({ "id": a1 })).await["node"].clone();
        let seen = json!({ "buyerProfile": { "party": { "name": "华信公司" } },
            "buyerProfiles": [{ "from": "2026-12-01", "mails": [MAIL] }, { "from": "2026-01-01", "mails": [MAIL] }] });
        for who in ["park", "a1", "a1-finance"] {
            assert_eq!(of(who).await, seen, "{who}");
        }
        assert_eq!(of("assessor").await, json!({ "buyerProfile": null, "buyerProfiles": [] }));
        assert_eq!(of("a2").await, Value::Null);

        // Everything wrong at once, by field.
        let wrong = json!({ "tenantId": a1, "name": " ", "taxNumber": "91350100M000100Y44", "account": "x!", "fapiao": "SPECIAL",
            "mails": ["a@b.example", "nobody", "A@b.example"], "idempotencyKey": "wrong" });
        assert_eq!(told(&world, "park", "buyerProfileSet", wrong).await, ["name text-required", "taxNumber tax-number-check",
            "account bank-account-invalid", "bank bank-with-account", "mails.1 email-invalid", "mails.2 mail-doubled"]);

        // The log knows that accounts and addresses changed, and not what they are.
        let log = "{ auditEvents(first: 50) { nodes { action changes { field from to } figures { name value } } } }";
        for who in ["park", "a1"] {
            let log = world.ok(who, log, json!({})).await.to_string();
            assert!(log.contains("billing-profile."), "{who}: {log}");
            for secret in ["6222", MAIL, "bills@", "91350100M", "11010519491231002X"] {
                assert!(!log.contains(secret), "{who}: {secret} in {log}");
            }
        }
    }

    /// What an invoice says of its sides is what was said when it was issued; whoever changes it is found out.
    async fn an_invoice_keeps_its_sides(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (ground, lease) = ground(world).await;
        world.done("finance", "sellerProfileSet", "", seller("园区公司", "2026-01-01")).await;
        let invoice = issued(world, lease).await;
        let before = sides(world, "finance", &invoice).await;
        assert_eq!(before["seller"], json!({ "name": "园区公司", "nameEn": "Park Operations", "taxNumber": "91350100M000100Y43", "account": "622200001111" }));
        // Nobody has said how the tenant is called: its plain name.
        assert_eq!(before["buyer"], json!({ "name": "a1 呼叫中心", "nameEn": "a1 Centre", "taxNumber": "", "bank": "", "account": "" }));
        assert_eq!(before["sha256"].as_str().map(str::len), Some(64));
        assert_eq!(before["intact"], true);
        world.clock.advance(TimeDelta::seconds(1));
        world.done("finance", "sellerProfileSet", "", seller("改名公司", "2026-01-01")).await;
        world.done("a1", "buyerProfileSet", "", buyer(None, "华信公司", "2026-01-01")).await;
        world.clock.advance(TimeDelta::days(40));
        world.forget_tokens().await;
        assert_eq!(sides(world, "a1", &invoice).await, before, "what was issued stays as it was");
        assert_eq!(sides(world, "a2", &invoice).await, Value::Null);
        // Withdrawing or paying it changes nothing of what it said.
        world.done("park", "paymentRecord", "", json!({ "invoiceId": invoice, "amount": "1", "paidOn": "2026-12-01", "method": "x", "idempotencyKey": "p" })).await;
        assert_eq!(sides(world, "a1", &invoice).await, before);
        let december = json!({ "leaseId": lease.to_string(), "month": "2026-11", "idempotencyKey": "december" });
        let next = world.done("park", "invoiceIssue", "invoice { id }", december).await["invoice"]["id"].clone();
        let next = sides(world, "park", next.as_str().unwrap()).await;
        assert_eq!((&next["seller"]["name"], &next["buyer"]["name"]), (&json!("改名公司"), &json!("华信公司")));
        assert_ne!(next["sha256"], before["sha256"]);

        let print = async |who: &str| {
            let bearer = edge.bearer(who).await;
            let path = format!("/documents/{invoice}");
            edge.send(Method::GET, &path, &[("authorization", bearer.as_str())], Body::empty()).await
        };
        let answer = print("a1").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(to_bytes(answer.into_body(), 1 << 20).await.unwrap().starts_with(b"%PDF-"));

        ground.tamper("invoice_line", "UPDATE invoice_line SET seat_days = seat_days + 1").await;
        let after = sides(world, "finance", &invoice).await;
        assert_eq!((&after["intact"], &after["sha256"]), (&json!(false), &before["sha256"]), "a line was changed");
        // As if it had been issued before sides were kept: those of today, and nothing to compare.
        ground.tamper("invoice_fixed", "DELETE FROM invoice_fixed").await;
        let old = sides(world, "a1", &invoice).await;
        assert_eq!((&old["intact"], &old["sha256"]), (&Value::Null, &Value::Null));
        assert_eq!((&old["seller"]["name"], &old["buyer"]["name"]), (&json!("改名公司"), &json!("华信公司")));
        assert_eq!(print("park").await.status(), StatusCode::OK);
    }
}
