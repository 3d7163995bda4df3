//! The end of a month: invoices, costs, money.

use std::collections::HashMap;
use std::fmt::Write as _;

use chrono::Days;
use serde_json::{Value, json};
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Result};

use super::cast::Centre;
use super::client::Client;
use super::dice::Dice;
use super::staff::seats_of;
use super::story::{at, day};

/// The invoices of a month by tenant, issued in one run on the first of the next.
pub(super) async fn bill(client: &mut Client<'_>, month: Month) -> Result<HashMap<String, Vec<Value>>> {
    client.clock.set(at(month.end(), 9));
    let rows = "rows { state lease { tenant { id } } invoice { id total { minor } } }";
    let run = client.done("finance", "billingRun", rows, json!({ "month": month.to_string() })).await?;
    let mut issued: HashMap<String, Vec<Value>> = HashMap::new();
    for row in run["rows"].as_array().into_iter().flatten() {
        if row["state"] != "ISSUED" {
            return Err(Error::internal(format!("the demonstration's lease was not billed: {row}")));
        }
        let tenant = row["lease"]["tenant"]["id"].as_str().unwrap_or_default();
        issued.entry(tenant.to_owned()).or_default().push(row["invoice"].clone());
    }
    Ok(issued)
}

/// Costs on the eighth, money in the middle of the next month.
pub(super) async fn close_month(
    client: &mut Client<'_>,
    centre: &Centre,
    issued: &[Value],
    month: Month,
    dice: &mut Dice,
) -> Result<()> {
    let next = month.end();
    client.clock.set(at(next + Days::new(7), 14));
    let seats = seats_of(client, centre, month.end() - Days::new(1)).await?.len();
    let mut file = String::from("month,category,amount,note\n");
    let names = ["labour", "telecom", "depreciation", "management", "recruiting", "training", "power", "software"];
    for (name, per_seat) in names.into_iter().zip(centre.costs) {
        #[expect(clippy::cast_precision_loss, reason = "an invented cost, far below the limit")]
        let amount = per_seat * seats as f64 * (0.95 + 0.1 * dice.unit());
        let _ = writeln!(file, "{month},{name},{amount:.2},");
    }
    let id = client.upload(centre.user, &format!("成本-{month}.csv"), "text/csv", file.as_bytes()).await?;
    client.done(centre.user, "costImport", "", json!({ "fileId": id, "mode": "ALL_OR_NOTHING" })).await?;
    // The telesales centre pays late, and of late in parts.
    client.clock.set(at(next + Days::new(12), 10));
    for invoice in issued {
        let total: i64 = invoice["total"]["minor"].as_str().and_then(|m| m.parse().ok()).unwrap_or(0);
        let late = centre.code == "YUANSHAN" && month >= Month::of(day("2026-09-01"));
        let part = if late && month == Month::of(day("2026-09-01")) { total / 2 } else { total };
        if total == 0 || (late && month > Month::of(day("2026-09-01"))) {
            continue;
        }
        let amount = format!("{}.{:02}", part / 100, part % 100);
        let input = json!({ "invoiceId": invoice["id"], "amount": amount, "paidOn": (next + Days::new(12)).to_string(),
            "method": "bank", "reference": format!("{}-{month}", centre.code) });
        client.done("finance", "paymentRecord", "", input).await?;
    }
    Ok(())
}
