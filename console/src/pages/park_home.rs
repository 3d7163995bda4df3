//! The park's home: what stands leased, billed and overdue today, and what needs a person.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::park_invoices::OtherSums;
use super::park_leases::ENDS;
use crate::Console;
use crate::charts::{Lines, Series, Stroke};
use crate::fmt::{Shown, signed};
use crate::frame::{Frame, Named};
use crate::html::{Html, link};
use crate::visit::{Answer, Found, Visit};
use crate::wire::{Connection, Money, Month};
use crate::words::{Say, Words};

pub(crate) const DOCUMENT: &str = document!("park-home");


#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    seat_counts: SeatCounts,
    billing_month: Billing,
    maturity: Vec<Maturity>,
    seat_use: Vec<SeatUse>,
    tenants: Connection<Tenant>,
    alerts: Vec<Alert>,
    ends30: Count,
    ends60: Count,
    ends90: Count,
    due: Count,
    expiring: Count,
}

/// How many there are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    total_count: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeatCounts {
    built: i64,
    leased: i64,
    occupied: i64,
    available: i64,
    by_product: Vec<ProductCount>,
}

#[derive(Deserialize)]
struct ProductCount {
    product: String,
    built: i64,
    leased: i64,
    available: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Billing {
    month: Month,
    invoices: i64,
    total: Money,
    paid: Money,
    open: Money,
    overdue: Money,
    overdue_tenants: i64,
    other_currencies: Vec<OtherSums>,
}

impl Billing {
    fn paid_share(&self) -> Option<f64> {
        (self.total.rough() > 0.0).then(|| self.paid.rough() / self.total.rough() * 100.0)
    }
}

#[derive(Deserialize)]
struct Maturity {
    level: Option<i64>,
    tenants: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeatUse {
    month: Month,
    days: i64,
    built_seat_days: Option<i64>,
    leased_seat_days: i64,
    occupied_seat_days: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    name: String,
    name_en: String,
    level: Option<i64>,
    seat_counts: TenantSeats,
    invoices: Connection<Invoice>,
}

#[derive(Deserialize)]
struct TenantSeats {
    leased: i64,
    occupied: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    id: String,
    total: Money,
    state: String,
    due_on: NaiveDate,
}

impl Tenant {
    /// Its invoices of the month in force.
    fn billed(&self) -> impl Iterator<Item = &Invoice> {
        self.invoices.nodes.iter().filter(|invoice| invoice.state != "VOID")
    }
    /// What they come to, by currency.
    fn totals(&self) -> Vec<Money> {
        Money::sums(self.billed().map(|invoice| &invoice.total), "")
    }
    /// The one that presses most: what is overdue longest, then what is not paid, then what is.
    fn pressing(&self) -> Option<&Invoice> {
        let rank = |state: &str| ["OVERDUE", "PART_PAID", "UNPAID"].iter().position(|one| *one == state).unwrap_or(3);
        self.billed().min_by_key(|invoice| (rank(&invoice.state), invoice.due_on))
    }
    /// Where they are: the one there is, or all of them.
    fn bills(&self, month: impl Shown<Month>) -> String {
        match self.invoices.nodes.as_slice() {
            [one] => format!("/park/invoices/{}", one.id),
            _ => format!("/park/invoices?tenant={}&month={}", self.id, month.shown()),
        }
    }
}

/// Something that needs the park, with what it is about.
#[derive(Deserialize)]
struct Alert {
    kind: String,
    severity: String,
    due: NaiveDate,
    lease: Option<Lease>,
    request: Option<Request>,
    hold: Option<Hold>,
    outage: Option<Outage>,
    paper: Option<Paper>,
    invoice: Option<LateInvoice>,
}

#[derive(Deserialize)]
struct Paper {
    id: String,
    number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LateInvoice {
    id: String,
    number: String,
    balance: Money,
    tenant: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lease {
    id: String,
    code: String,
    seat_count: i64,
    tenant: Named,
}

#[derive(Deserialize)]
struct Request {
    id: String,
    number: i64,
    tenant: Option<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hold {
    id: String,
    kept_for: String,
    open_count: i64,
}

#[derive(Deserialize)]
struct Outage {
    seat: Option<Seat>,
}

#[derive(Deserialize)]
struct Seat {
    code: String,
}

/// Something that needs a person.
struct Need {
    state: &'static str,
    text: String,
    href: String,
    when: String,
}

#[derive(Template)]
#[template(path = "park-home/page.html")]
struct Page {
    f: Frame,
    park: Park,
    today: NaiveDate,
    needs: Vec<Need>,
    /// Those behind the first eight.
    more: Vec<Need>,
    /// How many leases end within each of the days that warn, and where they are listed.
    ends: Vec<(String, String)>,
    levels: Vec<(i64, i64)>,
    unrated: i64,
    chart: Html,
    earlier: String,
    later: Option<String>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park", get(show))
}

async fn show(visit: Visit) -> Answer {
    // Rent is billed when a month is over: without a choice the page shows the last month that is.
    visit.load::<Value>(DOCUMENT, "ParkDay", json!({})).await?;
    let today = visit.today()?;
    let month = visit.parsed::<Month>("month").unwrap_or_else(|| Month::of(today).minus(1));
    let [in30, in60, in90] = ENDS.map(|days| today + TimeDelta::days(days.into()));
    let vars = json!({ "month": month.to_string(), "in30": in30, "in60": in60, "in90": in90,
        "today": today, "in7": today + TimeDelta::days(7) });
    let park = visit.load::<Data>(DOCUMENT, "ParkHome", vars).await?.park.found()?;
    let w = visit.w;
    let mut f = visit.frame(w.s("park-home-title")).live(60);
    if f.may("commit", "leasing") {
        f = f.primary(w.s("lease-new-title"), "/park/leases/new");
    }
    let mut levels: Vec<_> = park.maturity.iter().filter_map(|m| m.level.map(|level| (level, m.tenants))).collect();
    levels.sort_unstable_by(|a, b| b.cmp(a));
    let mut needs = needs(w, &f, &park, today);
    let more = needs.split_off(needs.len().min(8));
    let page = Page {
        needs,
        more,
        ends: ends(w, &park),
        unrated: park.maturity.iter().filter(|m| m.level.is_none()).map(|m| m.tenants).sum(),
        chart: use_chart(w, &park.seat_use),
        earlier: link("/park", &[("month", &month.minus(1).to_string())]),
        later: (month < Month::of(today)).then(|| link("/park", &[("month", &month.plus(1).to_string())])),
        levels,
        today,
        park,
        f,
    };
    visit.page(&page)
}

fn use_chart(w: Words, months: &[SeatUse]) -> Html {
    let mean = |pick: fn(&SeatUse) -> Option<i64>| {
        months.iter().map(|m| pick(m).filter(|_| m.days > 0).map(|days| signed(days) / signed(m.days))).collect()
    };
    let line = |name, colour, stroke, pick| Series { name, colour, stroke, values: mean(pick) };
    Lines {
        title: w.s("park-home-use").to_string(),
        unit: w.s("park-home-use-unit").to_string(),
        axis: w.s("month").to_string(),
        labels: months.iter().map(|m| w.month_short(m.month)).collect(),
        series: vec![
            line(w.s("seats-built").to_string(), 9, Stroke::Dot, |m| m.built_seat_days),
            line(w.s("seats-leased").to_string(), 0, Stroke::Solid, |m| Some(m.leased_seat_days)),
            line(w.s("seats-occupied").to_string(), 1, Stroke::Dash, |m| Some(m.occupied_seat_days)),
        ],
        zero: true,
        ..Lines::default()
    }
    .draw(w)
}

/// What an alert says, and the page that cures it.
fn said(w: Words, f: &Frame, alert: &Alert) -> Option<(String, String)> {
    let name = |of: &Named| f.name(&of.name, &of.name_en).to_owned();
    if let Some(lease) = &alert.lease {
        let what = match alert.kind.as_str() {
            "ARRIVAL" => w.s("park-home-need-starts"),
            "DEPARTURE" => w.s("park-home-need-departure"),
            "LEASE_WITHOUT_SEATS" => w.s("park-home-need-seats"),
            "INDEX_REVIEW" => w.s("park-home-need-index"),
            _ => w.s("park-home-need-ends"),
        };
        let text = what.arg("tenant", name(&lease.tenant)).arg("code", &lease.code).arg("n", lease.seat_count);
        let page = match alert.kind.as_str() {
            "LEASE_WITHOUT_SEATS" => "/allocate",
            "INDEX_REVIEW" => "/index",
            _ => "",
        };
        return Some((text.to_string(), format!("/park/leases/{}{page}", lease.id)));
    }
    if let Some(request) = &alert.request {
        let what = match alert.kind.as_str() {
            "REQUEST_OVERDUE" => w.s("park-home-need-request-late"),
            "REQUEST_UNANSWERED" => w.s("park-home-need-request-silent"),
            _ => w.s("park-home-need-request"),
        };
        let text = what.arg("tenant", request.tenant.as_ref().map_or_else(String::new, name)).arg("n", request.number);
        return Some((text.to_string(), format!("/park/requests/{}", request.id)));
    }
    if let Some(hold) = &alert.hold {
        let text = w.s("park-home-need-hold").arg("name", &hold.kept_for).arg("n", hold.open_count);
        return Some((text.to_string(), format!("/park/holds/{}", hold.id)));
    }
    if let Some(outage) = &alert.outage {
        let seat = outage.seat.as_ref().map_or("", |seat| seat.code.as_str());
        return Some((w.s("park-home-need-outage").arg("seat", seat).to_string(), "/park/outages".to_owned()));
    }
    if let Some(paper) = &alert.paper {
        let text = w.s("park-home-need-paper").arg("number", &paper.number);
        return Some((text.to_string(), format!("/park/papers/{}", paper.id)));
    }
    let invoice = alert.invoice.as_ref()?;
    if alert.kind == "INVOICE_DIFFERS" {
        let text = w.s("park-home-need-differs").arg("tenant", name(&invoice.tenant)).arg("number", &invoice.number);
        return Some((text.to_string(), format!("/park/invoices/{}", invoice.id)));
    }
    let text = w
        .s("park-home-need-late")
        .arg("tenant", name(&invoice.tenant))
        .arg("number", &invoice.number)
        .arg("amount", w.money(&invoice.balance));
    Some((text.to_string(), format!("/park/invoices/{}", invoice.id)))
}

/// What needs a person, the worst first.
fn needs(w: Words, f: &Frame, park: &Park, today: NaiveDate) -> Vec<Need> {
    let alerts = park.alerts.iter().filter_map(|alert| {
        let (text, href) = said(w, f, alert)?;
        let days = (alert.due - today).num_days();
        let when = match days {
            0 => w.s("today"),
            1.. => w.s("in-days").arg("n", days),
            _ => w.s("days-late").arg("n", -days),
        };
        let state = match alert.severity.as_str() {
            "LATE" => "bad",
            "SOON" => "warn",
            _ => "info",
        };
        Some(Need { state, text, href, when: when.to_string() })
    });
    let courted = |n: i64, what: Say, href: &str| {
        (n > 0).then(|| Need {
            state: "warn",
            text: what.arg("n", n).to_string(),
            href: href.to_owned(),
            when: w.s("today").to_string(),
        })
    };
    let due = courted(park.due.total_count, w.s("park-home-need-leads"), "/park/pipeline?due=0&sort=next_on");
    let expiring = courted(park.expiring.total_count, w.s("park-home-need-quotes"), "/park/pipeline?state=quoted");
    let mut needs: Vec<Need> = due.into_iter().chain(expiring).chain(alerts).collect();
    needs.sort_by_key(|need| ["bad", "warn", "info"].iter().position(|s| *s == need.state));
    needs
}

/// Leases that end soon: how many, and where they are listed.
fn ends(w: Words, park: &Park) -> Vec<(String, String)> {
    let counts = [park.ends30.total_count, park.ends60.total_count, park.ends90.total_count];
    let one = |(days, n): (u32, i64)| {
        let text = w.s("park-home-ends").arg("days", i64::from(days)).arg("n", n).to_string();
        (text, link("/park/leases", &[("ends", &days.to_string())]))
    };
    ENDS.into_iter().zip(counts).map(one).collect()
}
