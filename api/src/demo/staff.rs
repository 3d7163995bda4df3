//! A centre's people: hired, seated, rostered.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use voxpark_domain::Result;

use super::cast::Centre;
use super::client::Client;
use super::dice::Dice;
use super::people;
use super::story::{at, day};

/// The centre's people, their shifts, and who sits where from the first day.
pub(super) async fn hire(client: &mut Client<'_>, centre: &Centre, dice: &mut Dice) -> Result<()> {
    let arrived = day(centre.arrived);
    client.clock.set(at(arrived, 8));
    let mut file = String::from(people::HEADER);
    people::write(&mut file, &centre.code[..2], centre.people, arrived, day("2026-11-20"), dice);
    let id = client.upload(centre.user, "员工花名册.csv", "text/csv", file.as_bytes()).await?;
    client
        .done(centre.user, "peopleImport", "added", json!({ "fileId": id, "mode": "ALL_OR_NOTHING", "dryRun": false }))
        .await?;
    let shifts: &[(&str, &str, i64, i64)] = if centre.line.hours.1 - centre.line.hours.0 > 20 {
        &[("D", "白班", 480, 990), ("E", "中班", 900, 1410), ("N", "夜班", 1380, 1910)]
    } else {
        &[("D", "白班", 510, 1020), ("E", "晚班", 780, 1290)]
    };
    for (code, name, start, end) in shifts {
        let input = json!({ "code": code, "name": name, "startMin": start, "endMin": end, "breakMin": 60 });
        client.done(centre.user, "shiftCreate", "shift { id }", input).await?;
    }
    Ok(())
}

/// Whoever works for a centre on a day, each with the day after the last.
async fn everybody(
    client: &mut Client<'_>,
    centre: &Centre,
    on: NaiveDate,
) -> Result<Vec<(String, Option<NaiveDate>)>> {
    let document =
        "query($after: String, $on: Date!) { tenant { people(first: 100, after: $after, filter: { on: $on }) {
        nodes { id leftOn } pageInfo { hasNextPage endCursor } } } }";
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = client.query(centre.user, document, json!({ "after": after, "on": on.to_string() })).await?;
        let people = &page["tenant"]["people"];
        for node in people["nodes"].as_array().into_iter().flatten() {
            let id = node["id"].as_str().unwrap_or_default().to_owned();
            all.push((id, node["leftOn"].as_str().and_then(|d| d.parse().ok())));
        }
        if people["pageInfo"]["hasNextPage"] != json!(true) {
            return Ok(all);
        }
        after = people["pageInfo"]["endCursor"].clone();
    }
}

/// The seats a centre holds on a day.
pub(super) async fn seats_of(client: &mut Client<'_>, centre: &Centre, on: NaiveDate) -> Result<Vec<String>> {
    let document = "query($after: String, $on: Date!) { tenant { allocations(first: 100, after: $after, on: $on) {
        nodes { seat { id } } pageInfo { hasNextPage endCursor } } } }";
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = client.query(centre.user, document, json!({ "after": after, "on": on.to_string() })).await?;
        let held = &page["tenant"]["allocations"];
        for node in held["nodes"].as_array().into_iter().flatten() {
            all.push(node["seat"]["id"].as_str().unwrap_or_default().to_owned());
        }
        if held["pageInfo"]["hasNextPage"] != json!(true) {
            return Ok(all);
        }
        after = held["pageInfo"]["endCursor"].clone();
    }
}

/// Whoever joined since sits down on a free seat of the centre; about nine in ten seats are taken.
pub(super) async fn seat_people(client: &mut Client<'_>, centre: &Centre, on: NaiveDate) -> Result<()> {
    client.clock.set(at(on, 8));
    let document = "query($after: String, $on: Date!) { tenant { occupancies(first: 100, after: $after, on: $on) {
        nodes { seat { id } person { id } } pageInfo { hasNextPage endCursor } } } }";
    let (mut taken, mut seated, mut after) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let page = client.query(centre.user, document, json!({ "after": after, "on": on.to_string() })).await?;
        let list = &page["tenant"]["occupancies"];
        for node in list["nodes"].as_array().into_iter().flatten() {
            taken.push(node["seat"]["id"].as_str().unwrap_or_default().to_owned());
            seated.push(node["person"]["id"].as_str().unwrap_or_default().to_owned());
        }
        if list["pageInfo"]["hasNextPage"] != json!(true) {
            break;
        }
        after = list["pageInfo"]["endCursor"].clone();
    }
    let seats = seats_of(client, centre, on).await?;
    let room = seats.len() * 92 / 100;
    let free: Vec<_> = seats.into_iter().filter(|s| !taken.contains(s)).collect();
    let people = everybody(client, centre, on).await?;
    let waiting = people.into_iter().filter(|p| !seated.contains(&p.0)).take(room.saturating_sub(taken.len()));
    for (seat, (person, _)) in free.into_iter().zip(waiting) {
        let input = json!({ "seatId": seat, "personId": person, "from": on.to_string() });
        client.done(centre.user, "seatOccupy", "", input).await?;
    }
    Ok(())
}

/// Two weeks of roster around the end of the story.
pub(super) async fn roster(client: &mut Client<'_>, centre: &Centre) -> Result<()> {
    let mut people = everybody(client, centre, day("2026-11-16")).await?;
    people.retain(|p| p.1.is_none());
    let shifts = client.query(centre.user, "{ tenant { shifts { id } } }", Value::Null).await?;
    let shifts: Vec<Value> =
        shifts["tenant"]["shifts"].as_array().into_iter().flatten().map(|s| s["id"].clone()).collect();
    let mut entries = Vec::new();
    for offset in 0..14_u64 {
        let on = day("2026-11-16") + Days::new(offset);
        for (n, (person, _)) in people.iter().enumerate() {
            // Five days of seven, the days off spread over the week; shifts rotate by week.
            let step = u64::try_from(n).unwrap_or(0);
            if (offset + step) % 7 < 5 {
                let at = usize::try_from((step + offset / 7) % shifts.len().max(1) as u64).unwrap_or(0);
                entries.push(json!({ "personId": person, "day": on.to_string(), "shiftId": shifts.get(at) }));
            }
        }
    }
    for chunk in entries.chunks(1000) {
        client.done(centre.user, "rosterSet", "", json!({ "entries": chunk })).await?;
    }
    Ok(())
}
