//! Invoices by mail: to whom, what becomes of each letter, with the billing run: on both databases, over real conversations
//! with a mail server.

use chrono::TimeDelta;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::mail::Server;
use crate::parties::{buyer, ground, issued, seller, told};

fn send(ids: &[&str], key: &str) -> Value {
    json!({ "invoiceIds": ids, "idempotencyKey": key })
}
fn addresses(from: &str, mails: &[&str], language: &str) -> Value {
    let mut input = buyer(None, "华信公司", from);
    input["mails"] = json!(mails);
    input["language"] = json!(language);
    input["idempotencyKey"] = json!(format!("{mails:?}{language}"));
    input
}
async fn deliveries(world: &World, who: &str, invoice: &str) -> Vec<(String, String, String)> {
    let document = "query($id: ID!) { node(id: $id) { ... on Invoice { deliveries { to state code } } } }";
    let node = world.ok(who, document, json!({ "id": invoice })).await["node"].clone();
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let all = node["deliveries"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<_> = all.iter().map(|one| (text(&one["to"]), text(&one["state"]), text(&one["code"]))).collect();
    // Those posted together are in no order.
    all.chunks_mut(3).for_each(<[(String, String, String)]>::sort);
    all
}

on_both! {
    /// An invoice goes out as PDF to every address; what the server says stands on the invoice.
    async fn an_invoice_goes_out_by_mail(backend) {
        let world = World::new(backend).await;
        let (_, lease) = ground(&world).await;
        let invoice = issued(&world, lease).await;
        assert_eq!(told(&world, "finance", "invoiceSend", send(&[&invoice], "k0")).await, ["invoiceIds.0 invoice-no-address"]);
        world.done("finance", "sellerProfileSet", "", seller("园区公司", "2026-01-01")).await;
        world.done("a1", "buyerProfileSet", "", addresses("2026-01-01", &["good@example.test", "busy@example.test", "gone@example.test"], "ENGLISH")).await;
        for (who, rule) in [("a1", "forbidden"), ("a2", "forbidden"), ("other-park", "not-found")] {
            assert_eq!(world.refused(who, "invoiceSend", send(&[&invoice], who)).await, [rule], "{who}");
        }
        assert_eq!(told(&world, "finance", "invoiceSend", send(&[], "k1")).await, ["invoiceIds invoices-count"]);
        assert_eq!(told(&world, "finance", "invoiceSend", send(&[&invoice, &invoice], "k2")).await, ["invoiceIds.1 id-doubled"]);
        let sent = world.done("finance", "invoiceSend", "invoices { number deliveries { state } }", send(&[&invoice], "k3")).await;
        assert_eq!(sent["invoices"][0]["deliveries"].as_array().map(Vec::len), Some(3));
        world.done("finance", "invoiceSend", "", send(&[&invoice], "k3")).await;
        assert_eq!(deliveries(&world, "finance", &invoice).await.len(), 3, "a retry sends nothing");

        let server = Server::start().await;
        world.run_jobs_by(server.way()).await;
        let taken = server.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        for part in ["To: good@example.test", "Reply-To: bills@park.example", "Subject: Invoice PA-2026-000001 of Park a", "multipart/mixed", "application/pdf",
            "filename=\"PA-2026-000001.pdf\"", "1,918.40 CNY"] {
            assert!(taken[0].contains(part), "{part} is not in {}", taken[0].split("application/pdf").next().unwrap_or_default());
        }
        // The PDF itself, in the letter's own encoding.
        assert!(taken[0].contains("JVBERi0"), "no PDF is enclosed");
        let now = |to: &str, state: &str, code: &str| (format!("{to}@example.test"), state.to_owned(), code.to_owned());
        let stand = deliveries(&world, "a1", &invoice).await;
        assert_eq!(stand, [now("busy", "WAITING", ""), now("gone", "FAILED", "550"), now("good", "SENT", "")]);
        world.clock.advance(TimeDelta::seconds(11));
        world.run_jobs_by(server.way()).await;
        assert_eq!(deliveries(&world, "finance", &invoice).await[0], now("busy", "SENT", ""));
        assert!(deliveries(&world, "a2", &invoice).await.is_empty());
        world.clock.advance(TimeDelta::seconds(1));
        // Sent again, the address that refused is left alone.
        world.done("finance", "invoiceSend", "", send(&[&invoice], "k4")).await;
        world.run_jobs_by(server.way()).await;
        let again = deliveries(&world, "finance", &invoice).await.split_off(3);
        assert_eq!(again, [now("busy", "SENT", ""), now("gone", "SUPPRESSED", ""), now("good", "SENT", "")]);
        assert_eq!(server.asked("gone@example.test"), 1);

        world.clock.advance(TimeDelta::seconds(1));
        // Withdrawn between posting and sending, it does not leave; withdrawn before, it is not posted.
        world.done("finance", "invoiceSend", "", send(&[&invoice], "k5")).await;
        world.done("finance", "invoiceVoid", "", json!({ "invoiceId": invoice, "reason": "x", "idempotencyKey": "v" })).await;
        let before = server.taken().len();
        world.run_jobs_by(server.way()).await;
        assert_eq!(server.taken().len(), before);
        assert_eq!(deliveries(&world, "finance", &invoice).await.split_off(6)[2], now("good", "FAILED", "withdrawn"));
        assert_eq!(told(&world, "finance", "invoiceSend", send(&[&invoice], "k6")).await, ["invoiceIds.0 invoice-withdrawn"]);
        // The log says that letters went, and not to whom.
        let log = world.ok("park", "{ auditEvents(first: 50) { nodes { action changes { field from to } figures { name value } } } }", json!({})).await.to_string();
        assert!(log.contains("invoice.send") && !log.contains("good@"), "{log}");
    }

    /// Where the park has set so, invoices leave with the billing run; who gave no address is told.
    async fn a_billing_run_sends_its_invoices(backend) {
        let world = World::new(backend).await;
        let (mut ground, _) = ground(&world).await;
        let other = ground.lease(world.ids.a2, crate::billing::THEN, &crate::billing::Terms::default()).await;
        ground.allocate(world.ids.a2, other, 1, "2026-10-01", crate::billing::THEN).await;
        world.done("a1", "buyerProfileSet", "", addresses("2026-01-01", &["good@example.test"], "CHINESE")).await;
        let policy = "{ park { invoicePolicy { sendWithRun } } }";
        assert_eq!(world.ok("finance", policy, json!({})).await["park"]["invoicePolicy"], json!({ "sendWithRun": false }));
        assert_eq!(world.ok("a1", policy, json!({})).await["park"]["invoicePolicy"], Value::Null);
        let set = json!({ "sendWithRun": true, "idempotencyKey": "p" });
        assert_eq!(world.refused("a1", "invoicePolicySet", set.clone()).await, ["forbidden"]);
        let done = world.done("finance", "invoicePolicySet", "policy { sendWithRun }", set).await;
        assert_eq!(done["policy"]["sendWithRun"], true);
        let run = |dry: bool, key: &str| json!({ "month": "2026-10", "dryRun": dry, "idempotencyKey": key });
        let dry = world.done("finance", "billingRun", "count unsent { id }", run(true, "r0")).await;
        assert_eq!((&dry["count"], &dry["unsent"]), (&json!(2), &json!([])));
        let made = world.done("finance", "billingRun", "count unsent { tenant { code } } rows { invoice { id } }", run(false, "r1")).await;
        assert_eq!((&made["count"], &made["unsent"]), (&json!(2), &json!([{ "tenant": { "code": "A2" } }])));
        let server = Server::start().await;
        world.run_jobs_by(server.way()).await;
        let taken = server.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        assert!(taken[0].contains("To: good@example.test"));
        let first = made["rows"][0]["invoice"]["id"].as_str().unwrap();
        assert_eq!(deliveries(&world, "a1", first).await.len(), 1);
    }

    /// A credit note goes out as PDF, stands with its own letters, and says for ever what it said when it was issued.
    async fn a_credit_note_is_fixed_and_goes_out_by_mail(backend) {
        let world = World::new(backend).await;
        let (ground, lease) = ground(&world).await;
        let invoice = issued(&world, lease).await;
        let note = json!({ "invoiceId": invoice, "lines": [{ "lineNo": 1, "amount": "100.00" }], "reason": "席位未交付", "idempotencyKey": "n" });
        let note = world.done("finance", "creditNoteIssue", "creditNote { id number sha256 intact }", note).await["creditNote"].clone();
        assert_eq!((note["sha256"].as_str().map(str::len), &note["intact"]), (Some(64), &json!(true)));
        let send = |ids: Value, key: &str| json!({ "creditNoteIds": ids, "idempotencyKey": key });
        let id = note["id"].clone();
        assert_eq!(told(&world, "finance", "creditNoteSend", send(json!([id]), "k0")).await, ["creditNoteIds.0 invoice-no-address"]);
        world.done("finance", "sellerProfileSet", "", seller("园区公司", "2026-01-01")).await;
        world.done("a1", "buyerProfileSet", "", addresses("2026-01-01", &["good@example.test"], "ENGLISH")).await;
        for (who, rule) in [("a1", "forbidden"), ("other-park", "not-found")] {
            assert_eq!(world.refused(who, "creditNoteSend", send(json!([id]), who)).await, [rule], "{who}");
        }
        assert_eq!(told(&world, "finance", "creditNoteSend", send(json!([]), "k1")).await, ["creditNoteIds credit-notes-count"]);
        assert_eq!(told(&world, "finance", "creditNoteSend", send(json!([id, id]), "k2")).await, ["creditNoteIds.1 id-doubled"]);
        world.done("finance", "creditNoteSend", "creditNotes { number }", send(json!([id]), "k3")).await;
        let server = Server::start().await;
        world.run_jobs_by(server.way()).await;
        let taken = server.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        for part in ["To: good@example.test", "Subject: Credit note PACN-2026-000001 of Park a", "filename=\"PACN-2026-000001.pdf\"", "109.00 CNY"] {
            assert!(taken[0].contains(part), "{part} is not in {}", taken[0].split("application/pdf").next().unwrap_or_default());
        }
        let ask = "query($id: ID!) { node(id: $id) { ... on CreditNote { intact deliveries { to state } invoice { deliveries { to } } } } }";
        let seen = world.ok("a1", ask, json!({ "id": id })).await["node"].clone();
        assert_eq!(seen, json!({ "intact": true, "deliveries": [{ "to": "good@example.test", "state": "SENT" }], "invoice": { "deliveries": [] } }));
        ground.tamper("credit_note", "UPDATE credit_note SET reason = 'another'").await;
        assert_eq!(world.ok("a1", ask, json!({ "id": id })).await["node"]["intact"], false);
    }
}
