//! What proves that a centre's people are employed and at work: pay, insurance and contracts month by month, and logins.

use std::fmt::Write as _;

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};
use serde_json::{Value, json};
use voxpark_domain::Result;
use voxpark_domain::time::Month;

use super::cast::Centre;
use super::client::Client;
use super::dice::Dice;
use super::story::{at, day};

/// From this month on the centres prove pay and insurance; logins are told of the last two.
const PROVEN: &str = "2026-04-01";
const LOGINS: &str = "2026-10-01";

struct Employee {
    number: String,
    joined: NaiveDate,
    left: Option<NaiveDate>,
}

async fn employees(client: &mut Client<'_>, centre: &Centre) -> Result<Vec<Employee>> {
    let document = "query($after: String) { tenant { people(first: 100, after: $after) {
        nodes { employeeNo joinedOn leftOn } pageInfo { hasNextPage endCursor } } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = client.query(centre.user, document, json!({ "after": after })).await?;
        let people = &page["tenant"]["people"];
        let date = |value: &Value| value.as_str().and_then(|d| d.parse::<NaiveDate>().ok());
        for node in people["nodes"].as_array().into_iter().flatten() {
            let Some(joined) = date(&node["joinedOn"]) else { continue };
            let number = node["employeeNo"].as_str().unwrap_or_default().to_owned();
            all.push(Employee { number, joined, left: date(&node["leftOn"]) });
        }
        if people["pageInfo"]["hasNextPage"] != json!(true) {
            return Ok(all);
        }
        after = people["pageInfo"]["endCursor"].clone();
    }
}

/// What is told of a month once it is over: on the tenth after it. A few are insured a month late, and some contracts are
/// for half a year only.
pub(super) async fn prove(client: &mut Client<'_>, centre: &Centre, month: Month) -> Result<()> {
    if month.first_day() < day(PROVEN) || month.first_day() < Month::of(day(centre.arrived)).first_day() {
        return Ok(());
    }
    let mut dice = chance(centre, month);
    let mut file = String::from("工号,月份,发薪,参保,合同起始日,合同到期日\n");
    for (n, person) in employees(client, centre).await?.iter().enumerate() {
        let works = person.joined < month.end() && person.left.is_none_or(|left| left > month.first_day());
        if !works {
            continue;
        }
        let insured = if dice.happens(0.05) { "否" } else { "是" };
        let length = if n % 9 == 0 { 6 } else { 24 };
        // Contracts follow one another without a gap.
        let mut from = person.joined;
        while from + Months::new(length) <= month.first_day() {
            from = from + Months::new(length);
        }
        let last = from + Months::new(length) - Days::new(1);
        let _ = writeln!(file, "{},{month},是,{insured},{from},{last}", person.number);
    }
    client.clock.set(at(month.end() + Days::new(9), 10));
    let name = format!("用工证明-{month}.csv");
    import(client, centre, "employmentProofImport", &name, &file).await
}

/// Who logged in on which working day of a month.
pub(super) async fn log_in(client: &mut Client<'_>, centre: &Centre, month: Month) -> Result<()> {
    if month.first_day() < day(LOGINS) {
        return Ok(());
    }
    let end = month.end().min(day("2026-11-21"));
    let mut dice = chance(centre, month);
    let mut file = String::from("工号,登录时间\n");
    for person in employees(client, centre).await? {
        let first = month.first_day().max(person.joined);
        let last = person.left.map_or(end, |left| left.min(end));
        for on in first.iter_days().take_while(|on| *on < last) {
            let rest = matches!(on.weekday(), Weekday::Sat | Weekday::Sun);
            if dice.happens(if rest { 0.3 } else { 0.9 }) {
                let _ = writeln!(file, "{},{on} 08:{:02}", person.number, 30 + dice.below(29));
            }
        }
    }
    client.clock.set(at(end, 8));
    let name = format!("登录记录-{month}.csv");
    import(client, centre, "presenceImport", &name, &file).await
}

/// Of its own, so that what is told here changes nothing of the rest of the story.
fn chance(centre: &Centre, month: Month) -> Dice {
    Dice::new(u64::from(centre.people) << 32 | u64::from(month.first_day().month()))
}

async fn import(client: &mut Client<'_>, centre: &Centre, mutation: &str, name: &str, file: &str) -> Result<()> {
    let id = client.upload(centre.user, name, "text/csv", file.as_bytes()).await?;
    let input = json!({ "fileId": id, "mode": "ALL_OR_NOTHING", "dryRun": false });
    client.done(centre.user, mutation, "added", input).await.map(drop)
}
