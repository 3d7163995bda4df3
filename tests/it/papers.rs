//! Contract papers: drafted by a template, approved by two who did not draft them, signed, printed: on both databases.

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use voxpark_billing::uow::Database as _;
use voxpark_domain::ctx::{Actor, Lang, Scope};
use voxpark_domain::permission::Role;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, papers};
use voxpark_tests::app::{World, user};
use voxpark_tests::on_both;

use crate::edge::Edge;
use crate::leasing::{allocate, park};

const PAPER: &str = "paper { id number kind template language state approvalsNeeded signedOn signedForPark signedForTenant
  title { zh en } parties { role { en } name { zh en } } opening { en } clauses { number title { en } text { zh en } } mayApprove
  steps { number act words by } }";

fn draft(lease: &str, key: &str) -> Value {
    json!({ "leaseId": lease, "language": "BOTH", "idempotencyKey": key })
}
fn act(paper: &str, key: &str) -> Value {
    json!({ "paperId": paper, "idempotencyKey": key })
}
fn end(paper: &str, reason: &str, key: &str) -> Value {
    json!({ "paperId": paper, "reason": reason, "idempotencyKey": key })
}
fn sign(paper: &str, on: &str, key: &str) -> Value {
    json!({ "paperId": paper, "signedOn": on, "forPark": "林主任", "forTenant": "王经理", "idempotencyKey": key })
}
async fn drafted(world: &World, lease: &str, key: &str) -> String {
    let made = world.done("park", "paperDraft", "paper { id }", draft(lease, key)).await;
    made["paper"]["id"].as_str().unwrap().to_owned()
}
async fn policy(world: &World, approvals: i64, sign_before_seats: bool) {
    let input = json!({ "approvals": approvals, "signBeforeSeats": sign_before_seats, "warnDays": [120, 60], "idempotencyKey": format!("policy-{approvals}-{sign_before_seats}") });
    world.done("park", "contractPolicySet", "policy { approvals }", input).await;
}
/// A third person of the park.
fn third(world: &World) -> Ctx {
    let actor =
        Actor { user: Some(user("operator")), session: None, role: Role::ParkAdministrator, grants: Vec::new() };
    let scope = Scope::Park(world.ids.park('a'));
    Ctx::build(actor, scope, Lang::En, chrono_tz::Asia::Shanghai, "test".to_owned(), world.env.clone())
}
async fn seen(world: &World, who: &str, paper: &str) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on ContractPaper { state signedForPark steps { act } mayApprove scanId } } }";
    world.ok(who, document, json!({ "id": paper })).await["node"].clone()
}

on_both! {
    /// What a paper says follows from the terms, clause by clause; what is not agreed is not in it.
    async fn a_paper_says_what_was_agreed(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 3).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..2], "2026-01-12", None, "k")).await;
        let special = json!({ "special": [" 双方另行约定车位。 "] });
        let mut input = draft(&lease, "d1");
        input.as_object_mut().unwrap().extend(special.as_object().cloned().unwrap());
        let made = world.done("park", "paperDraft", PAPER, input.clone()).await["paper"].clone();
        assert_eq!(world.done("park", "paperDraft", PAPER, input).await["paper"], made, "a retry drafts nothing");
        let head = json!([made["number"], made["kind"], made["template"], made["state"], made["approvalsNeeded"], made["title"]["zh"]]);
        assert_eq!(head, json!(["L-1/1", "LEASE", "seat-lease.v5", "DRAFTED", 2, "席位租赁合同"]));
        assert_eq!(made["parties"][0]["role"]["en"], "The Park");
        let clauses = made["clauses"].as_array().unwrap();
        let titles: Vec<_> = clauses.iter().map(|c| c["title"]["en"].as_str().unwrap()).collect();
        assert_eq!(titles, ["What is leased", "Term", "Rent", "Rent-free days", "Payment", "Deposit", "Data and confidence", "Leaving", "Changes", "Agreed beside this"]);
        assert!(clauses.iter().zip(1..).all(|(clause, n)| clause["number"] == n));
        let text = |n: usize, lang: &str| clauses[n][lang].clone();
        assert_eq!(text(0, "text")["en"].as_str().unwrap().matches("2 seats").count(), 1);
        assert_eq!(text(1, "text"), json!({ "zh": "租期自2026年1月12日起至2027年1月11日止（含首尾两日）。", "en": "The term runs from 12 January 2026 to 11 January 2027, both days included." }));
        assert!(text(2, "text")["zh"].as_str().unwrap().starts_with("租金为每席位每月 CNY 880.00（不含税），增值税税率 6%。"));
        assert_eq!(text(9, "text")["zh"], "双方另行约定车位。");

        // A later version has a paper of its own, which says what changes.
        let amend = json!({ "leaseId": lease, "inForceFrom": "2026-12-01", "reason": "年度调价", "unitPrice": "990.00",
            "clauses": { "lateFee": { "graceDays": 3, "percentPerDay": "0.05", "capPercent": "30" } }, "idempotencyKey": "a" });
        world.done("park", "leaseAmend", "", amend).await;
        let two = world.done("park", "paperDraft", PAPER, draft(&lease, "d2")).await["paper"].clone();
        assert_eq!((&two["number"], &two["kind"]), (&json!("L-1/2"), &json!("AMENDMENT")));
        let what = two["clauses"][0]["text"]["zh"].as_str().unwrap();
        assert_eq!(what, "自2026年12月1日起：每席位月租金由“CNY 880.00”改为“CNY 990.00”；逾期违约金（宽限日 / 每日% / 上限%）由“无”改为“3 / 0.05 / 30”。");
        assert_eq!(two["clauses"][1]["text"]["en"], "年度调价");
        let longer = json!({ "leaseId": lease, "termTo": "2028-01-12", "reason": "续租", "idempotencyKey": "r" });
        world.done("park", "leaseRenew", "", longer).await;
        let three = world.done("park", "paperDraft", PAPER, draft(&lease, "d3")).await["paper"].clone();
        assert_eq!(three["kind"], "RENEWAL");
        let ends = json!({ "leaseId": lease, "on": "2027-06-01", "reason": "退租", "releaseSeats": true, "idempotencyKey": "e" });
        world.done("park", "leaseEnd", "", ends).await;
        let four = world.done("park", "paperDraft", PAPER, draft(&lease, "d4")).await["paper"].clone();
        assert_eq!((&four["kind"], &four["clauses"][0]["text"]["en"]), (&json!("TERMINATION"), &json!("The lease ends with 31 May 2027; the Tenant clears its seats by then.")));

        let refused = async |more: Value| {
            let mut input = draft(&lease, &more.to_string());
            input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            world.refused("park", "paperDraft", input).await
        };
        assert_eq!(refused(json!({ "version": 9 })).await, ["lease-version-unknown"]);
        assert_eq!(refused(json!({ "version": 1, "idempotencyKey": "again" })).await, ["paper-exists"]);
        assert_eq!(refused(json!({ "template": "seat-lease.v9", "special": [" "] })).await, ["template-unknown", "text-required"]);
        assert_eq!(refused(json!({ "special": vec!["x"; 21] })).await, ["special-too-many"]);
        assert_eq!(world.refused("a1", "paperDraft", draft(&lease, "f1")).await, ["forbidden"]);
        assert_eq!(world.refused("finance", "paperDraft", draft(&lease, "f2")).await, ["forbidden"]);
        assert_eq!(world.refused("other-park", "paperDraft", draft(&lease, "f3")).await, ["lease-unknown"]);
    }

    /// Two approve who did not draft it; then the tenant sees it, and both sides sign.
    async fn a_paper_is_approved_by_two_and_signed(backend) {
        let world = World::new(backend).await;
        let (_, lease, _) = park(&world, 1).await;
        let paper = drafted(&world, &lease, "d").await;
        assert_eq!(seen(&world, "a1", &paper).await, Value::Null, "a draft is the park's own");
        assert_eq!(seen(&world, "finance", &paper).await["mayApprove"], true);
        assert_eq!(seen(&world, "park", &paper).await["mayApprove"], false);
        assert_eq!(world.refused("park", "paperApprove", act(&paper, "p1")).await, ["paper-own"]);
        assert_eq!(world.refused("park", "paperSign", sign(&paper, "2026-11-20", "s0")).await, ["paper-state"]);
        let once = world.done("finance", "paperApprove", "paper { state mayApprove }", act(&paper, "p2")).await["paper"].clone();
        assert_eq!(once, json!({ "state": "DRAFTED", "mayApprove": false }), "one is not enough");
        assert_eq!(world.refused("finance", "paperApprove", act(&paper, "p3")).await, ["paper-approved-already"]);
        let waiting = world.ok("park", "{ park { alerts { kind paper { number } } papers(state: DRAFTED) { totalCount nodes { number } } } }", json!({})).await["park"].clone();
        assert!(waiting["alerts"].as_array().unwrap().contains(&json!({ "kind": "PAPER_WAITING", "paper": { "number": "L-1/1" } })));
        assert_eq!(waiting["papers"], json!({ "totalCount": 1, "nodes": [{ "number": "L-1/1" }] }));
        let ctx = third(&world);
        let tx = world.db.begin(&ctx, Mode::Write).await.unwrap();
        papers::paper_approve(&*tx, &ctx, paper.parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.refused("finance", "paperRefuse", end(&paper, "x", "r0")).await, ["paper-state"]);
        assert_eq!(seen(&world, "a1", &paper).await, json!({ "state": "APPROVED", "signedForPark": "", "steps": [], "mayApprove": false, "scanId": null }));
        assert_eq!(seen(&world, "a2", &paper).await, Value::Null);
        assert_eq!(world.refused("park", "paperSign", sign(&paper, "2026-11-22", "s1")).await, ["signed-later"]);
        let mut bad = sign(&paper, "2026-11-20", "s2");
        bad["forTenant"] = json!(" ");
        assert_eq!(world.refused("park", "paperSign", bad).await, ["text-required"]);
        assert_eq!(world.refused("a1", "paperSign", sign(&paper, "2026-11-20", "s3")).await, ["forbidden"]);
        let mut scanned = sign(&paper, "2026-11-20", "s4");
        scanned["scanId"] = json!(world.upload("a1", "scan.pdf", b"%PDF-1.7 theirs").await);
        assert_eq!(world.refused("park", "paperSign", scanned.clone()).await, ["file-unknown"]);
        let scan = world.upload("park", "scan.pdf", b"%PDF-1.7 signed").await;
        scanned["scanId"] = json!(scan);
        let done = world.done("park", "paperSign", PAPER, scanned).await["paper"].clone();
        assert_eq!(json!([done["state"], done["signedOn"], done["signedForPark"], done["signedForTenant"]]), json!(["SIGNED", "2026-11-20", "林主任", "王经理"]));
        let acts: Vec<_> = done["steps"].as_array().unwrap().iter().map(|s| s["act"].as_str().unwrap()).collect();
        assert_eq!(acts, ["DRAFT", "APPROVE", "APPROVE", "SIGN"]);
        assert_eq!(seen(&world, "park", &paper).await["scanId"], json!(scan));
        assert_eq!(world.refused("park", "paperWithdraw", end(&paper, "x", "w")).await, ["paper-state"]);
    }

    /// A paper that is not approved, or taken back, makes room for another; who was approved before it was taken back sees so.
    async fn a_paper_ends_unsigned(backend) {
        let world = World::new(backend).await;
        let (_, lease, _) = park(&world, 1).await;
        policy(&world, 1, false).await;
        let one = drafted(&world, &lease, "d1").await;
        assert_eq!(world.refused("park", "paperRefuse", end(&one, "x", "r0")).await, ["paper-own"]);
        assert_eq!(world.refused("finance", "paperRefuse", end(&one, " ", "r1")).await, ["text-required"]);
        let refused = world.done("finance", "paperRefuse", PAPER, end(&one, "租金有误", "r2")).await["paper"].clone();
        assert_eq!((&refused["state"], &refused["steps"][1]["words"]), (&json!("REFUSED"), &json!("租金有误")));
        assert_eq!(seen(&world, "a1", &one).await, Value::Null);
        world.clock.advance(chrono::TimeDelta::minutes(1));
        let two = drafted(&world, &lease, "d2").await;
        assert_eq!(world.done("finance", "paperApprove", "paper { state }", act(&two, "p")).await["paper"]["state"], "APPROVED");
        assert_eq!(world.refused("finance", "paperWithdraw", end(&two, "x", "w0")).await, ["forbidden"]);
        world.done("park", "paperWithdraw", "", end(&two, "条款变更", "w1")).await;
        assert_eq!(seen(&world, "a1", &two).await["state"], "WITHDRAWN");
        let lease_papers = "query($id: ID!) { node(id: $id) { ... on Lease { papers { state } } } }";
        world.clock.advance(chrono::TimeDelta::minutes(1));
        drafted(&world, &lease, "d3").await;
        assert_eq!(world.ok("park", lease_papers, json!({ "id": lease })).await["node"]["papers"], json!([{ "state": "DRAFTED" }, { "state": "WITHDRAWN" }, { "state": "REFUSED" }]));
        assert_eq!(world.ok("a1", lease_papers, json!({ "id": lease })).await["node"]["papers"], json!([{ "state": "WITHDRAWN" }]));
    }

    /// A park that wants papers signed first allocates nothing before; its warnings of ends are its own.
    async fn a_park_sets_how_it_goes_about_papers(backend) {
        let world = World::new(backend).await;
        let (seats, lease, _) = park(&world, 2).await;
        let document = "{ park { contractPolicy { approvals signBeforeSeats warnDays } alerts { kind since } } }";
        let before = world.ok("park", document, json!({})).await["park"].clone();
        assert_eq!(before["contractPolicy"], json!({ "approvals": 2, "signBeforeSeats": false, "warnDays": [90, 60, 30] }));
        let ending = |park: &Value| park["alerts"].as_array().unwrap().iter().filter(|a| a["kind"] == "LEASE_ENDING").map(|a| a["since"].clone()).collect::<Vec<_>>();
        assert_eq!(ending(&before), [json!("2026-11-13"), json!("2026-11-13")], "60 days before 12 January");
        policy(&world, 1, true).await;
        let after = world.ok("park", document, json!({})).await["park"].clone();
        assert_eq!(after["contractPolicy"]["warnDays"], json!([120, 60]));
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&lease, &seats[..1], "2026-11-01", None, "k1")).await, ["lease-unsigned"]);
        let paper = drafted(&world, &lease, "d").await;
        world.done("finance", "paperApprove", "", act(&paper, "p")).await;
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&lease, &seats[..1], "2026-11-01", None, "k2")).await, ["lease-unsigned"]);
        world.done("park", "paperSign", "", sign(&paper, "2026-11-20", "s")).await;
        world.done("park", "seatsAllocate", "count", allocate(&lease, &seats[..1], "2026-11-01", None, "k3")).await;
        let bad = |approvals: i64, days: &Value| json!({ "approvals": approvals, "signBeforeSeats": false, "warnDays": days, "idempotencyKey": format!("bad-{approvals}-{days}") });
        assert_eq!(world.refused("park", "contractPolicySet", bad(4, &json!([30, 60]))).await, ["approvals-range", "warn-days-invalid"]);
        assert_eq!(world.refused("park", "contractPolicySet", bad(1, &json!([]))).await, ["warn-days-invalid"]);
        assert_eq!(world.refused("finance", "contractPolicySet", bad(1, &json!([30]))).await, ["forbidden"]);
        assert_eq!(world.ok("a1", document.replace("alerts { kind since }", "code").as_str(), json!({})).await["park"]["contractPolicy"]["approvals"], 1);
    }

    /// A paper is printed for whoever may read it.
    async fn a_paper_is_printed(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (_, lease, _) = park(world, 1).await;
        policy(world, 1, false).await;
        let paper = drafted(world, &lease, "d").await;
        let path = format!("/documents/{paper}");
        let get = async |who: &str, path: &str| {
            let bearer = edge.bearer(who).await;
            edge.send(Method::GET, path, &[("authorization", bearer.as_str())], Body::empty()).await
        };
        let draft = get("park", &path).await;
        assert_eq!((draft.status(), draft.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
        assert!(draft.headers()["content-disposition"].to_str().unwrap().contains("L-1-1.pdf"));
        let bytes = to_bytes(draft.into_body(), 1 << 20).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
        for who in ["a1", "a2", "other-park", "a1-leader", "assessor"] {
            assert_eq!(get(who, &path).await.status(), StatusCode::NOT_FOUND, "{who}");
        }
        assert_eq!(get("park", "/documents/x").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(edge.send(Method::GET, &path, &[], Body::empty()).await.status(), StatusCode::UNAUTHORIZED);
        world.done("finance", "paperApprove", "", act(&paper, "p")).await;
        assert_eq!(get("a1", &path).await.status(), StatusCode::OK);
    }
}
