//! What happened in the demonstration park between October 2025 and November 2026, in its order.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Asia::Shanghai;
use serde_json::json;
use voxpark_domain::Result;
use voxpark_domain::time::Month;

use super::assessments::assessments;
use super::books::{bill, close_month};
use super::calls;
use super::cast::{CENTRES, Centre};
use super::client::Client;
use super::clock::DemoClock;
use super::coming::coming;
use super::contracts;
use super::dice::Dice;
use super::leases::lease_events;
use super::opening::{arrive, estate, found};
use super::pipeline::court;
use super::prices;
use super::proofs::{log_in, prove};
use super::staff::{hire, roster, seat_people};
use crate::compose::App;

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// A local hour of a day as an instant.
pub(super) fn at(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    Shanghai.from_local_datetime(&day.and_time(time)).earliest().map(|t| t.with_timezone(&Utc)).unwrap_or_default()
}

/// Tells the product the whole story. The database must be empty.
///
/// # Errors
/// An internal error that names the step that was refused.
pub async fn load(app: &App, clock: &DemoClock) -> Result<()> {
    let mut dice = Dice::new(2026);
    clock.set(at(day("2025-09-15"), 9));
    found(app).await?;
    let mut client = Client::new(app, clock);
    estate(&mut client).await?;
    contracts::policy(&mut client).await?;
    prices::publish(&mut client, 1).await?;
    let leaver = contracts::arrive(&mut client).await?;
    let mut tenants = Vec::new();
    for centre in CENTRES {
        clock.set(at(day(centre.arrived) - Days::new(12), 10));
        tenants.push(arrive(app, &mut client, centre).await?);
    }
    let mut leases: Vec<Vec<Option<String>>> = CENTRES.iter().map(|c| vec![None; c.leases.len()]).collect();
    let mut month = Month::of(day("2025-10-01"));
    let last = Month::of(day("2026-11-01"));
    while month <= last {
        for (n, centre) in CENTRES.iter().enumerate() {
            if Month::of(day(centre.arrived)) > month {
                continue;
            }
            lease_events(&mut client, centre, &tenants[n], &mut leases[n], month).await?;
            if Month::of(day(centre.arrived)) == month {
                hire(&mut client, centre, &mut dice).await?;
            }
            operate(&mut client, centre, month, &mut dice).await?;
        }
        if month < last {
            let mut issued = bill(&mut client, month).await?;
            contracts::pay(&mut client, &mut issued, &leaver, month.end()).await?;
            for (centre, tenant) in CENTRES.iter().zip(&tenants).filter(|(c, _)| Month::of(day(c.arrived)) <= month) {
                let issued = issued.remove(tenant).unwrap_or_default();
                close_month(&mut client, centre, &issued, month, &mut dice).await?;
            }
        }
        month = month.plus(1);
    }
    if let [_, _, yunling, xincheng] = tenants.as_slice() {
        contracts::autumn(&mut client, yunling, xincheng).await?;
    }
    contracts::asked(&mut client).await?;
    prices::publish(&mut client, 2).await?;
    court(&mut client, tenants.last().map_or("", String::as_str)).await?;
    coming(&mut client).await?;
    clock.set(at(day("2026-11-20"), 18));
    for centre in CENTRES {
        roster(&mut client, centre).await?;
    }
    assessments(&mut client, &tenants, &mut dice).await
}

/// Calls of the month, imported on the first working day after it; seats filled as people join.
async fn operate(client: &mut Client<'_>, centre: &Centre, month: Month, dice: &mut Dice) -> Result<()> {
    let arrived = day(centre.arrived);
    let first = month.first_day().max(arrived);
    let end = month.end().min(day("2026-11-21"));
    let months =
        f64::from((month.first_day().year() - 2025) * 12 + i32::try_from(month.first_day().month()).unwrap_or(1) - 10);
    seat_people(client, centre, first).await?;
    let mut text = String::from(calls::HEADER);
    calls::write(&mut text, &centre.line, first, end, months, dice);
    client.clock.set(at(end, 7));
    let file = client.upload(centre.user, &format!("calls-{month}.csv"), "text/csv", text.as_bytes()).await?;
    let input = json!({ "fileId": file, "format": "GENERIC_CSV", "timeZone": "Asia/Shanghai", "mapping": {
        "delimiter": ",", "start": { "column": "entered_at", "format": "%Y-%m-%d %H:%M:%S" }, "queue": "queue", "outcome": "outcome",
        "outcomes": [{ "text": "answered", "outcome": "ANSWERED" }, { "text": "abandoned", "outcome": "ABANDONED" }],
        "direction": "direction", "directions": [{ "text": "inbound", "direction": "INBOUND" }, { "text": "outbound", "direction": "OUTBOUND" }],
        "wait": "wait_s", "talk": "talk_s", "wrap": "wrap_s", "agent": "agent", "endCustomer": "customer", "externalId": "call_id" } });
    client.done(centre.user, "contactImportStart", "import { id }", input).await?;
    client.app.runner().run_due().await?;
    log_in(client, centre, month).await?;
    prove(client, centre, month.plus(-1)).await
}
