//! Seats of a call centre given to a team or campaign, many at once.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::centre_assignments::MODES;
use super::centre_use::Coded;
use super::count;
use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::picking::{Picked, Tick, natural};
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::Connection;

pub(crate) const DOCUMENT: &str = document!("assign-new");
/// Pages of 100 that are read at most: more seats than one call can give.
const MOST_PAGES: u32 = 30;

#[derive(Deserialize)]
struct Data {
    tenant: Option<Own>,
}

#[derive(Deserialize)]
struct Own {
    teams: Vec<Coded>,
    campaigns: Vec<Coded>,
    allocations: Connection<Held>,
}

#[derive(Deserialize)]
struct Held {
    seat: Seat,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    id: String,
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    name: String,
}

#[derive(Deserialize)]
struct Given {
    tenant: Option<Assigned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assigned {
    seat_assignments: Connection<Assignment>,
}

#[derive(Deserialize)]
struct Assignment {
    seat: Option<Id>,
    team: Option<Name>,
    campaign: Option<Name>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Template)]
#[template(path = "assign-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    zones: Vec<Choice>,
    teams: Vec<Choice>,
    campaigns: Vec<Choice>,
    modes: Vec<Choice>,
    picked: Picked,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/assignments/new", get(show).post(create))
}

async fn show(visit: Visit) -> Answer {
    let form = ["zone", "codeFrom", "codeTo", "count", "all", "from"]
        .into_iter()
        .filter(|name| !visit.q(name).is_empty())
        .fold(Form::new(), |form, name| form.default_value(name, visit.q(name)));
    page(&visit, form).await
}

/// To whom seats are given on a day, by seat.
async fn given(visit: &Visit, on: &str) -> Result<HashMap<String, String>, Stop> {
    let (mut by_seat, mut after) = (HashMap::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let vars = json!({ "on": on, "after": after });
        let list = visit.load::<Given>(DOCUMENT, "AssignGiven", vars).await?.tenant.found()?.seat_assignments;
        for row in list.nodes {
            let whom = [row.team, row.campaign].into_iter().flatten().map(|of| of.name).collect::<Vec<_>>().join(" · ");
            if let Some(seat) = row.seat {
                by_seat.insert(seat.id, whom);
            }
        }
        after = list.page_info.end_cursor.filter(|_| list.page_info.has_next_page);
        if after.is_none() {
            break;
        }
    }
    Ok(by_seat)
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let w = visit.w;
    visit.load::<Value>(DOCUMENT, "AssignDay", json!({})).await?;
    let form = form.default_value("from", visit.today()?.to_string()).default_value("mode", "DEDICATED");
    let day = form.value("from").parse::<chrono::NaiveDate>().unwrap_or(visit.today()?).to_string();
    let (mut seats, mut after, mut own) = (Vec::new(), None::<String>, None);
    for _ in 0..MOST_PAGES {
        let vars = json!({ "on": day, "first": 100, "after": after });
        let mut found = visit.load::<Data>(DOCUMENT, "AssignForm", vars).await?.tenant.found()?;
        let list = std::mem::take(&mut found.allocations);
        seats.extend(list.nodes.into_iter().map(|held| held.seat));
        after = list.page_info.end_cursor.filter(|_| list.page_info.has_next_page);
        own = Some(found);
        if after.is_none() {
            break;
        }
    }
    let own = own.found()?;
    let given = given(visit, &day).await?;
    seats.sort_by(|a, b| natural(&a.code, &b.code));
    seats.dedup_by(|a, b| a.id == b.id);
    let mut zones: Vec<Choice> =
        seats.iter().map(|seat| Choice::new(&seat.zone.id, format!("{} {}", seat.zone.floor.name, seat.zone.name))).collect();
    zones.sort_by(|a, b| a.label.cmp(&b.label));
    zones.dedup_by(|a, b| a.value == b.value);
    let picked = pick(&form, seats, &given, after.is_some());
    let f = visit
        .frame(w.s("assign-title"))
        .crumb(w.s("place-centre-seats"), "/centre/seats")
        .crumb(w.s("assignments-title"), "/centre/assignments");
    let choices = |of: &[Coded]| of.iter().map(|one| Choice::new(&one.id, one.label())).collect();
    let page = Page {
        zones,
        teams: choices(&own.teams),
        campaigns: choices(&own.campaigns),
        modes: MODES.map(|mode| Choice::new(mode, w.of("assign-mode", mode)).hint(w.of("assign-mode-hint", mode))).to_vec(),
        form: form.fresh_key(visit),
        picked,
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

/// Which of the seats are asked for: those given to nobody yet, all with `all`.
fn pick(form: &Form, seats: Vec<Seat>, given: &HashMap<String, String>, cut: bool) -> Picked {
    let (low, high, zone) = (form.value("codeFrom"), form.value("codeTo"), form.value("zone"));
    let wanted = |seat: &Seat| {
        let above = low.is_empty() || natural(&seat.code, low).is_ge();
        let below = high.is_empty() || natural(&seat.code, high).is_le();
        above && below && (zone.is_empty() || seat.zone.id == zone)
    };
    let seats: Vec<Seat> = seats.into_iter().filter(wanted).collect();
    let total = count(seats.len());
    let all = form.holds("all", "yes");
    let (free, taken): (Vec<Seat>, Vec<Seat>) = seats.into_iter().partition(|seat| all || !given.contains_key(&seat.id));
    let sent = form.values("seatIds");
    let most = form.value("count").parse::<usize>().unwrap_or(if sent.is_empty() { 0 } else { usize::MAX });
    let tick = |(index, seat): (usize, Seat)| Tick {
        on: if sent.is_empty() { index < most } else { sent.contains(&seat.id.as_str()) },
        id: seat.id,
        code: seat.code,
        zone: seat.zone.name,
    };
    let free: Vec<Tick> = free.into_iter().enumerate().map(tick).collect();
    let whom = |seat: &Seat| given.get(&seat.id).map_or("", String::as_str).to_owned();
    Picked {
        chosen: count(free.iter().filter(|tick| tick.on).count()),
        free,
        taken: taken.iter().map(|seat| format!("{} ({})", seat.code, whom(seat))).collect(),
        total,
        cut,
    }
}

async fn create(visit: Visit, mut form: Form) -> Answer {
    let w = visit.w;
    let window = match (form.value("shiftFrom"), form.value("shiftTo")) {
        ("", "") => (Value::Null, Value::Null),
        _ => form.window("shiftFrom", "shiftTo", w),
    };
    let input = json!({ "seatIds": form.values("seatIds"), "teamId": form.optional("teamId"), "campaignId": form.optional("campaignId"),
        "mode": form.optional("mode"), "from": form.date("from", w), "to": form.optional_date("to", w), "shiftFromMin": window.0,
        "shiftToMin": window.1, "idempotencyKey": form.value("key") });
    if form.values("seatIds").is_empty() {
        form.refuse("seatIds", w.s("assign-choose"));
    }
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Value>(DOCUMENT, "SeatsAssign", input).await? {
        Err(mut errors) => {
            for error in &mut errors {
                error.path = error.path.replace("shiftFromMin", "shiftFrom").replace("shiftToMin", "shiftTo");
            }
            page(&visit, form.refused(errors)).await
        }
        Ok(done) => {
            let n = done["count"].as_i64().unwrap_or_default();
            visit.done("/centre/assignments", w.s("assign-done").arg("n", n))
        }
    }
}
