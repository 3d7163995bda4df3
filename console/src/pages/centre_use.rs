//! What became of a call centre's seats in a month: by team, campaign and zone, down to the seats.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::frame::Frame;
use crate::html::link;
use crate::report::{Cell, Part, STEP, take_away};
use crate::visit::{Answer, Found, Pager, Stop, Visit};
use crate::wire::{Connection, Money, Month};

pub(crate) const DOCUMENT: &str = document!("centre-use");
const SIZE: i64 = 50;
/// What the seats are narrowed by.
const FILTERS: [&str; 4] = ["team", "campaign", "zone", "idle"];
/// The name of no team or campaign in the address.
const NONE: &str = "none";

#[derive(Deserialize)]
struct Data {
    tenant: Option<Own>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    seat_utilisation: Option<Use>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Use {
    until: NaiveDate,
    whole: Sums,
    by_team: Vec<OfTeam>,
    by_campaign: Vec<OfCampaign>,
    by_zone: Vec<OfZone>,
    seats: Connection<OfSeat>,
}

#[derive(Clone, Deserialize)]
struct Sums {
    seats: i64,
    #[serde(rename = "heldSeatDays")]
    held: i64,
    #[serde(rename = "givenSeatDays")]
    given: i64,
    #[serde(rename = "satSeatDays")]
    sat: i64,
    #[serde(rename = "idleSeatDays")]
    idle: i64,
    #[serde(rename = "personDays")]
    people: i64,
    #[serde(rename = "agentsPerSeat")]
    per_seat: Quotient,
    #[serde(rename = "idleCost")]
    cost: Option<Money>,
}

#[derive(Clone, Deserialize)]
struct Quotient {
    value: Option<f64>,
}

/// A team or campaign.
#[derive(Deserialize)]
pub(crate) struct Coded {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) name: String,
}

impl Coded {
    /// Its name; with its code where the two differ.
    pub(crate) fn label(&self) -> String {
        if self.code == self.name { self.name.clone() } else { format!("{} {}", self.code, self.name) }
    }
}

#[derive(Deserialize)]
struct OfTeam {
    team: Option<Coded>,
    sums: Sums,
}

#[derive(Deserialize)]
struct OfCampaign {
    campaign: Option<Coded>,
    sums: Sums,
}

#[derive(Deserialize)]
struct OfZone {
    zone: Option<Zone>,
    sums: Sums,
}

#[derive(Deserialize)]
struct OfSeat {
    seat: Option<Seat>,
    sums: Sums,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    #[serde(default)]
    id: String,
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    #[serde(default)]
    id: String,
    name: String,
}

/// A line of one of the tables.
struct Row {
    name: String,
    href: String,
    sums: Sums,
}

#[derive(Template)]
#[template(path = "centre-use/page.html")]
struct Page {
    f: Frame,
    month: Month,
    until: NaiveDate,
    whole: Sums,
    groups: Vec<(String, Vec<Row>)>,
    seats: Connection<OfSeat>,
    pager: Pager,
    filtered: bool,
    clear: String,
    idle: String,
    earlier: String,
    later: Option<String>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/use", get(show))
}

async fn load(visit: &Visit, size: i64, after: Value) -> Result<(Month, Use), Stop> {
    visit.load::<Value>(DOCUMENT, "CentreUseDay", json!({})).await?;
    let month = visit.parsed::<Month>("month").unwrap_or_else(|| visit.today().map_or(Month::of(NaiveDate::MIN), Month::of));
    let of = |name: &str| Some(visit.q(name)).filter(|id| !id.is_empty() && *id != NONE).map(str::to_owned);
    let filter = json!({ "teamId": of("team"), "noTeam": visit.q("team") == NONE, "campaignId": of("campaign"),
        "noCampaign": visit.q("campaign") == NONE, "zoneId": of("zone"), "idle": !visit.q("idle").is_empty() });
    let vars = json!({ "month": month.to_string(), "first": size, "after": after, "filter": filter });
    let found = visit.load::<Data>(DOCUMENT, "CentreUse", vars).await?.tenant.found()?.seat_utilisation.found()?;
    Ok((month, found))
}

/// The seats as rows of a file.
async fn part(visit: &Visit, after: Value) -> Result<Part, Stop> {
    let found = load(visit, STEP, after).await?.1;
    Ok(found.seats.part(|row| {
        let (seat, sums) = (row.seat.as_ref(), &row.sums);
        vec![
            Cell::of(seat.map(|seat| seat.code.as_str())),
            Cell::of(seat.map(|seat| format!("{} {}", seat.zone.floor.name, seat.zone.name))),
            sums.held.into(),
            sums.given.into(),
            sums.sat.into(),
            sums.people.into(),
            sums.idle.into(),
            Cell::of(sums.cost.as_ref()),
            Cell::of(sums.cost.as_ref().map(|cost| cost.currency.as_str())),
        ]
    }))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    if let Some(kind) = visit.wanted() {
        let head = [w.s("seat"), w.s("zone"), w.s("use-held"), w.s("use-given"), w.s("use-sat"), w.s("use-people"), w.s("use-idle"), w.s("use-cost"), w.s("currency")].map(String::from).to_vec();
        let name = w.s("use-title").to_string();
        return take_away(visit, kind, name, head, |visit, after| Box::pin(part(visit, after))).await;
    }
    let (month, found) = load(&visit, SIZE, visit.after()).await?;
    let today = visit.today()?;
    let mut f = visit.frame(w.s("use-title")).crumb(w.s("place-centre-seats"), "/centre/seats");
    f = f.action(w.s("assignments-title"), "/centre/assignments");
    if f.may("commit", "staffing") {
        f = f.primary(w.s("assign-title"), "/centre/assignments/new");
    }
    let to = |name: &str, id: &str| {
        let cleared = [("team", ""), ("campaign", ""), ("zone", ""), ("after", ""), ("page", "")];
        let query: Vec<(&str, &str)> =
            cleared.into_iter().filter(|(other, _)| *other != name).chain([(name, id)]).collect();
        visit.with(&query)
    };
    let coded = |name: &str, none: String, of: Option<Coded>, sums: Sums| match of {
        Some(of) => Row { name: of.label(), href: to(name, &of.id), sums },
        None => Row { name: none, href: to(name, NONE), sums },
    };
    let mut teams: Vec<Row> = found.by_team.into_iter().map(|row| coded("team", w.s("use-no-team").into(), row.team, row.sums)).collect();
    let mut campaigns: Vec<Row> =
        found.by_campaign.into_iter().map(|row| coded("campaign", w.s("use-no-campaign").into(), row.campaign, row.sums)).collect();
    let named = |rows: &mut Vec<Row>| {
        let last = format!("={NONE}");
        rows.sort_by(|a, b| (a.href.contains(&last), &a.name).cmp(&(b.href.contains(&last), &b.name)));
    };
    named(&mut teams);
    named(&mut campaigns);
    let zones = found.by_zone.into_iter().filter_map(|row| {
        let zone = row.zone?;
        Some(Row { name: format!("{} {}", zone.floor.name, zone.name), href: to("zone", &zone.id), sums: row.sums })
    });
    let mut zones: Vec<Row> = zones.collect();
    zones.sort_by(|a, b| a.name.cmp(&b.name));
    let groups = vec![
        (w.s("team").to_string(), teams),
        (w.s("campaign").to_string(), campaigns),
        (w.s("zone").to_string(), zones),
    ];
    visit.page(&Page {
        groups: groups.into_iter().filter(|(_, rows)| !rows.is_empty()).collect(),
        filtered: FILTERS.iter().any(|name| !visit.q(name).is_empty()),
        clear: link("/centre/use", &[("month", &month.to_string())]),
        idle: visit.with(&[("idle", "1"), ("after", ""), ("page", "")]),
        earlier: visit.with(&[("month", &month.minus(1).to_string()), ("after", ""), ("page", "")]),
        later: (month < Month::of(today)).then(|| visit.with(&[("month", &month.plus(1).to_string()), ("after", ""), ("page", "")])),
        pager: visit.pager(&found.seats, SIZE).with_files(&visit),
        month,
        until: found.until.pred_opt().unwrap_or(found.until),
        whole: found.whole,
        seats: found.seats,
        f,
    })
}
