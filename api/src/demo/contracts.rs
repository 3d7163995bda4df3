//! Contract papers, two generations of a lease, a company that left, and a zone that two centres share by day and night.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use voxpark_domain::Result;

use super::client::Client;
use super::story::{at, day};

/// The company that left.
const LEAVER: &str = "LINJIANG";
/// The lease that is renewed, and whose paper waits for approval.
const RENEWED: &str = "L-2025-003";

/// How the park goes about papers: one approval, for it has two people.
pub(super) async fn policy(client: &mut Client<'_>) -> Result<()> {
    let input = json!({ "approvals": 1, "signBeforeSeats": false, "warnDays": [90, 60, 30] });
    client.done("park", "contractPolicySet", "policy { approvals }", input).await.map(drop)
}

/// The paper of the latest version of a lease: drafted, approved and signed on one day.
pub(super) async fn signed(client: &mut Client<'_>, lease: &Value, on: NaiveDate) -> Result<()> {
    client.clock.set(at(on, 14));
    let draft = json!({ "leaseId": lease, "language": "BOTH" });
    let paper = client.done("park", "paperDraft", "paper { id }", draft).await?["paper"]["id"].clone();
    client.clock.set(at(on, 15));
    client.done("finance", "paperApprove", "paper { id }", json!({ "paperId": paper })).await?;
    client.clock.set(at(on, 16));
    let input = json!({ "paperId": paper, "signedOn": on.to_string(), "forPark": "周敏", "forTenant": "法定代表人" });
    client.done("park", "paperSign", "paper { id }", input).await.map(drop)
}

async fn free(client: &mut Client<'_>, zone: &str, on: &str, count: usize) -> Result<Vec<Value>> {
    let document = "query($p: String!, $on: Date!) { park { seats(first: 100, filter: { codePrefix: $p, state: AVAILABLE, on: $on }) { nodes { id } } } }";
    let seats = client.query("park", document, json!({ "p": zone, "on": on })).await?;
    let nodes = seats["park"]["seats"]["nodes"].as_array().cloned().unwrap_or_default();
    Ok(nodes.into_iter().map(|node| node["id"].clone()).take(count).collect())
}

/// The company that will leave moves in: a year, twenty seats, a late fee.
pub(super) async fn arrive(client: &mut Client<'_>) -> Result<String> {
    client.clock.set(at(day("2025-09-20"), 10));
    let tenant = json!({ "code": LEAVER, "name": "临江呼叫", "nameEn": "Linjiang Call Services", "business": "家电预约安装",
        "operatingSince": "2023-05-01", "arrivedOn": "2025-10-01" });
    let tenant = client.done("park", "tenantCreate", "tenant { id }", tenant).await?["tenant"]["id"].clone();
    let lease = json!({ "tenantId": tenant, "code": "L-2025-004", "signedOn": "2025-09-20", "termFrom": "2025-10-01", "termTo": "2026-10-01",
        "product": "EQUIPPED", "unitPrice": "1350.00", "taxRatePercent": "9", "proration": "by_day", "deposit": "54000.00", "paymentDays": 15,
        "clauses": { "noticeDays": 90, "lateFee": { "graceDays": 5, "percentPerDay": "0.05", "capPercent": "30" } } });
    let lease = client.done("park", "leaseCreate", "lease { id }", lease).await?["lease"]["id"].clone();
    signed(client, &lease, day("2025-09-22")).await?;
    client.clock.set(at(day("2025-09-24"), 10));
    let seats = free(client, "1F-C", "2025-10-01", 20).await?;
    let input = json!({ "leaseId": lease, "seatIds": seats, "from": "2025-10-01" });
    client.done("park", "seatsAllocate", "count", input).await?;
    Ok(tenant.as_str().unwrap_or_default().to_owned())
}

/// The company that will leave pays its invoices, but for the last.
pub(super) async fn pay(
    client: &mut Client<'_>,
    issued: &mut HashMap<String, Vec<Value>>,
    of: &str,
    end: NaiveDate,
) -> Result<()> {
    let on = end + Days::new(12);
    for invoice in issued.remove(of).unwrap_or_default() {
        if on > day("2026-10-01") {
            continue;
        }
        client.clock.set(at(on, 11));
        let total: i64 = invoice["total"]["minor"].as_str().and_then(|minor| minor.parse().ok()).unwrap_or(0);
        let input = json!({ "invoiceId": invoice["id"], "amount": format!("{}.{:02}", total / 100, total % 100),
            "paidOn": on.to_string(), "method": "bank", "reference": format!("{LEAVER}-{end}") });
        client.done("finance", "paymentRecord", "", input).await?;
    }
    Ok(())
}

async fn lease_of(client: &mut Client<'_>, code: &str) -> Result<Value> {
    let leases = client.query("park", "{ park { leases(first: 100) { nodes { id code } } } }", Value::Null).await?;
    let leases = leases["park"]["leases"]["nodes"].as_array().cloned().unwrap_or_default();
    Ok(leases.iter().find(|lease| lease["code"] == code).map_or(Value::Null, |lease| lease["id"].clone()))
}

/// What happened to contracts in the autumn of 2026: a departure settled, a zone shared by day and night, a renewal.
pub(super) async fn autumn(client: &mut Client<'_>, yunling: &str, xincheng: &str) -> Result<()> {
    client.clock.set(at(day("2026-10-28"), 10));
    let left = lease_of(client, "L-2025-004").await?;
    let draft = json!({ "depositHeld": "54000.00", "charges": [{ "kind": "DAMAGE", "text": "隔断面板两块", "amount": "860.00" }],
        "faults": [{ "item": "furniture", "remark": "隔断面板破损两块" }] });
    let sheet = client
        .done("finance", "settlementIssue", "settlement { id }", json!({ "leaseId": left, "draft": draft }))
        .await?;
    client.clock.set(at(day("2026-10-30"), 16));
    let agreed = json!({ "settlementId": sheet["settlement"]["id"], "agreedOn": "2026-10-30", "agreedBy": "林经理" });
    client.done("finance", "settlementAgree", "settlement { id }", agreed).await?;

    // Twelve seats of one zone, by day for one centre and by night for the other.
    client.clock.set(at(day("2026-10-29"), 9));
    let seats = free(client, "1F-C", "2026-11-01", 12).await?;
    for (tenant, code, price, (from, to)) in
        [(xincheng, "L-2026-013", "780.00", (480, 1320)), (yunling, "L-2026-014", "690.00", (1320, 1920))]
    {
        let lease = json!({ "tenantId": tenant, "code": code, "signedOn": "2026-10-29", "termFrom": "2026-11-01", "termTo": "2027-11-01",
            "product": "EQUIPPED", "unitPrice": price, "taxRatePercent": "9", "proration": "by_day", "deposit": "10000.00", "paymentDays": 15,
            "clauses": { "noticeDays": 60, "windows": [{ "fromMin": from, "toMin": to }], "minimumSeats": [{ "from": "2026-11-01", "seats": 10 }],
                "decrease": { "noticeDays": 30, "earliest": "2027-02-01" } } });
        let lease = client.done("park", "leaseCreate", "lease { id }", lease).await?["lease"]["id"].clone();
        signed(client, &lease, day("2026-10-29")).await?;
        let input =
            json!({ "leaseId": lease, "seatIds": seats, "from": "2026-11-01", "shiftFromMin": from, "shiftToMin": to });
        client.done("park", "seatsAllocate", "count", input).await?;
    }

    client.clock.set(at(day("2026-11-12"), 10));
    let lease = lease_of(client, RENEWED).await?;
    let renewal = json!({ "leaseId": lease, "termTo": "2029-10-01", "unitPrice": "1360.00", "reason": "双方同意续租两年", "extendSeats": true });
    client.done("park", "leaseRenew", "lease { id }", renewal).await?;
    client.clock.set(at(day("2026-11-19"), 17));
    client.done("park", "paperDraft", "paper { id }", json!({ "leaseId": lease, "language": "BOTH" })).await.map(drop)
}

/// What the centres ask of their park, and to whom they give their seats.
pub(super) async fn asked(client: &mut Client<'_>) -> Result<()> {
    client.clock.set(at(day("2026-11-16"), 10));
    let more = json!({ "kind": "MORE", "seats": 20, "product": "EQUIPPED", "from": "2027-01-04", "reason": "春节前信用卡活动，增配两个班组" });
    client.done("huaxin", "seatRequestCreate", "request { id }", more).await?;
    let fewer = json!({ "kind": "FEWER", "seats": 6, "from": "2027-02-01", "reason": "回拨业务改为自助办理" });
    let fewer = client.done("yunling", "seatRequestCreate", "request { id lastStep }", fewer).await?["request"].clone();
    client.clock.set(at(day("2026-11-17"), 9));
    let act = json!({ "requestId": fewer["id"], "act": "TAKE_UP", "seen": fewer["lastStep"] });
    client.done("park", "seatRequestAct", "request { id }", act).await?;
    client.clock.set(at(day("2026-11-18"), 10));
    let campaign = json!({ "code": "CARD-CNY", "name": "春节信用卡活动", "client": "滨江银行" });
    let campaign =
        client.done("huaxin", "campaignCreate", "campaign { id }", campaign).await?["campaign"]["id"].clone();
    let held = client
        .query(
            "huaxin",
            "{ tenant { allocations(first: 30, on: \"2026-11-20\") { nodes { seat { id } } } } }",
            Value::Null,
        )
        .await?;
    let held = held["tenant"]["allocations"]["nodes"].as_array().cloned().unwrap_or_default();
    let seats: Vec<Value> = held.iter().map(|held| held["seat"]["id"].clone()).collect();
    let given = json!({ "seatIds": seats, "campaignId": campaign, "mode": "SHARED", "from": "2026-11-20" });
    client.done("huaxin", "seatsAssign", "count", given).await.map(drop)
}
