//! What happened in the demonstration park between October 2025 and November 2026.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Asia::Shanghai;
use serde_json::{Value, json};
use voxpark_domain::ctx::{Actor, Lang, SystemReason};
use voxpark_domain::identity::{self, ParkDraft};
use voxpark_domain::ids::{ParkId, TenantId};
use voxpark_domain::money::Currency;
use voxpark_domain::permission::Role;
use voxpark_domain::time::Month;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result, Scope};

use super::calls::{self, Line};
use super::client::Client;
use super::clock::DemoClock;
use super::dice::Dice;
use super::people;
use crate::compose::App;

/// Everybody's password in the demonstration.
pub const PASSWORD: &str = "voxpark-demo-2026";

/// Who can sign in: the part before `@demo.voxpark`, name, role, tenant code.
pub const USERS: &[(&str, &str, Role, Option<&str>)] = &[
    ("park", "周敏", Role::ParkAdministrator, None),
    ("finance", "吴静", Role::ParkFinance, None),
    ("yuanshan", "刘强", Role::TenantManager, Some("YUANSHAN")),
    ("huaxin", "陈丽", Role::TenantManager, Some("HUAXIN")),
    ("yunling", "杨洋", Role::TenantManager, Some("YUNLING")),
    ("xincheng", "赵磊", Role::TenantManager, Some("XINCHENG")),
    ("assessor", "黄明", Role::Assessor, None),
];

struct Centre {
    user: &'static str,
    code: &'static str,
    name: &'static str,
    name_en: &'static str,
    business: &'static str,
    since: &'static str,
    arrived: &'static str,
    people: u32,
    line: Line,
    /// Yuan a seat and month: labour, telecom, depreciation, management, recruiting, training, power, software.
    costs: [f64; 8],
    leases: &'static [Lease],
}

struct Lease {
    code: &'static str,
    product: &'static str,
    price: &'static str,
    from: &'static str,
    to: &'static str,
    rent_free: Option<(&'static str, &'static str)>,
    /// Day, zone code prefix, number of seats.
    takes: &'static [(&'static str, &'static str, usize)],
    /// Day and number of seats given back.
    gives: &'static [(&'static str, usize)],
}

const CENTRES: &[Centre] = &[
    Centre {
        user: "yuanshan",
        code: "YUANSHAN",
        name: "远山电销",
        name_en: "Yuanshan Telesales",
        business: "保险与通信套餐电话销售",
        since: "2021-03-01",
        arrived: "2025-10-01",
        people: 372,
        line: Line {
            queues: &[("insurance", 0.6), ("telecom", 0.4)],
            per_day: 330.0,
            growth: 0.01,
            weekend: 0.25,
            hours: (9, 20),
            handle: 95.0,
            patience: 24.0,
            agents_per_hundred: 5.0,
            outbound: true,
        },
        costs: [4350.0, 420.0, 160.0, 310.0, 140.0, 60.0, 75.0, 90.0],
        leases: &[
            Lease {
                code: "L-2025-001",
                product: "FURNISHED",
                price: "780.00",
                from: "2025-10-01",
                to: "2028-10-01",
                rent_free: None,
                takes: &[("2025-10-01", "3F-A", 100), ("2025-10-01", "3F-B", 100), ("2026-02-16", "1F-D", 60)],
                gives: &[],
            },
            Lease {
                code: "L-2026-003",
                product: "BARE",
                price: "460.00",
                from: "2026-03-01",
                to: "2027-03-01",
                rent_free: None,
                takes: &[("2026-03-01", "3F-C", 60)],
                gives: &[("2026-10-19", 4)],
            },
        ],
    },
    Centre {
        user: "huaxin",
        code: "HUAXIN",
        name: "华信客服",
        name_en: "Huaxin Service Desk",
        business: "银行信用卡与网银服务台",
        since: "2019-06-01",
        arrived: "2025-10-01",
        people: 286,
        line: Line {
            queues: &[("card", 0.55), ("netbank", 0.3), ("vip", 0.15)],
            per_day: 420.0,
            growth: 0.015,
            weekend: 0.55,
            hours: (7, 24),
            handle: 165.0,
            patience: 150.0,
            agents_per_hundred: 4.6,
            outbound: false,
        },
        costs: [5620.0, 210.0, 240.0, 480.0, 90.0, 120.0, 95.0, 150.0],
        leases: &[Lease {
            code: "L-2025-002",
            product: "EQUIPPED",
            price: "1380.00",
            from: "2025-10-01",
            to: "2028-10-01",
            rent_free: None,
            takes: &[("2025-10-01", "2F-A", 100), ("2025-10-01", "2F-B", 80), ("2026-04-13", "2F-C", 60)],
            gives: &[],
        }],
    },
    Centre {
        user: "yunling",
        code: "YUNLING",
        name: "云岭热线",
        name_en: "Yunling Hotline",
        business: "12345 政务服务便民热线",
        since: "2022-09-01",
        arrived: "2025-10-01",
        people: 214,
        line: Line {
            queues: &[("12345", 0.85), ("english", 0.03), ("callback", 0.12)],
            per_day: 360.0,
            growth: 0.005,
            weekend: 0.7,
            hours: (0, 24),
            handle: 210.0,
            patience: 190.0,
            agents_per_hundred: 4.2,
            outbound: false,
        },
        costs: [5080.0, 180.0, 200.0, 420.0, 60.0, 90.0, 110.0, 80.0],
        leases: &[Lease {
            code: "L-2025-003",
            product: "EQUIPPED",
            price: "1320.00",
            from: "2025-10-01",
            to: "2027-10-01",
            rent_free: None,
            takes: &[("2025-10-01", "1F-A", 100), ("2025-11-17", "1F-B", 86)],
            gives: &[],
        }],
    },
    Centre {
        user: "xincheng",
        code: "XINCHENG",
        name: "新程科技",
        name_en: "Xincheng Technology",
        business: "跨境电商售后",
        since: "2026-08-01",
        arrived: "2026-10-12",
        people: 34,
        line: Line {
            queues: &[("aftersales", 1.0)],
            per_day: 90.0,
            growth: 0.05,
            weekend: 0.8,
            hours: (9, 22),
            handle: 240.0,
            patience: 120.0,
            agents_per_hundred: 6.5,
            outbound: false,
        },
        costs: [4700.0, 160.0, 260.0, 520.0, 310.0, 260.0, 70.0, 120.0],
        leases: &[Lease {
            code: "L-2026-011",
            product: "EQUIPPED",
            price: "1420.00",
            from: "2026-10-12",
            to: "2027-10-12",
            rent_free: Some(("2026-10-12", "2026-12-12")),
            takes: &[("2026-10-12", "2F-D", 60)],
            gives: &[],
        }],
    },
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// A local hour of a day as an instant.
fn at(day: NaiveDate, hour: u32) -> DateTime<Utc> {
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
            if month < last {
                close_month(&mut client, centre, &leases[n], month, &mut dice).await?;
            }
        }
        month = month.plus(1);
    }
    clock.set(at(day("2026-11-20"), 18));
    for centre in CENTRES {
        roster(&mut client, centre).await?;
    }
    assessments(&mut client, &tenants, &mut dice).await
}

/// The park and everybody who can sign in, as the installation's operator would provision them.
async fn found(app: &App) -> Result<()> {
    let services = app.api.services();
    let system = Ctx::system(SystemReason::Provisioning, app.env().clone());
    let tx = services.db.begin(&system, Mode::Write).await?;
    let draft = ParkDraft {
        code: "BINJIANG".to_owned(),
        name: "滨江呼叫产业园".to_owned(),
        name_en: "Binjiang Call-Centre Park".to_owned(),
        zone: Shanghai,
        currency: Currency::CNY,
        city_tier: 2,
    };
    let park = identity::park_add(&*tx, &system, draft).await?;
    let mut staff = Vec::new();
    for (who, name, role, _) in USERS {
        let email = format!("{who}@demo.voxpark");
        let user = identity::user_add(&*tx, &*services.passwords, &system, &email, name, PASSWORD, Lang::Zh).await?;
        if matches!(role, Role::ParkAdministrator | Role::ParkFinance) {
            staff.push((user, *name, *role));
        }
    }
    tx.commit().await?;
    let ctx = operator(app, Scope::Park(park.id));
    let tx = services.db.begin(&ctx, Mode::Write).await?;
    for (user, name, role) in staff {
        identity::member_add(&*tx, &ctx, user, name, role, day("2025-09-01")).await?;
    }
    tx.commit().await
}

/// The installation's operator at work in a park or for a tenant.
fn operator(app: &App, scope: Scope) -> Ctx {
    let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
    Ctx::build(actor, scope, Lang::Zh, Shanghai, "demo".to_owned(), app.env().clone())
}

/// 1,200 seats on three floors: the seat plan as the park's own spreadsheet.
async fn estate(client: &mut Client<'_>) -> Result<()> {
    let mut plan = String::from("building,floor,level,zone,seat,product,x_mm,y_mm,built_from\n");
    let products = [
        ["equipped", "equipped", "equipped", "furnished"],
        ["equipped", "equipped", "equipped", "equipped"],
        ["furnished", "furnished", "bare", "bare"],
    ];
    for (level, zones) in (1_u32..).zip(products) {
        for (z, (zone, product)) in (0_u32..).zip(["A", "B", "C", "D"].into_iter().zip(zones)) {
            for n in 0..100_u32 {
                // Ten rows of ten desks, back to back in pairs, an aisle behind every second row.
                let (row, column) = (n / 10, n % 10);
                let x = 2000 + (z % 2) * 19_000 + column * 1_500 + (column / 5) * 900;
                let y = 2000 + (z / 2) * 17_500 + row * 1_400 + (row / 2) * 700;
                let _ = writeln!(
                    plan,
                    "1号楼,{level}F,{level},{zone},{level}F-{zone}-{:03},{product},{x},{y},2025-09-01",
                    n + 1
                );
            }
        }
    }
    let file = client.upload("park", "席位图.csv", "text/csv", plan.as_bytes()).await?;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false });
    client.done("park", "seatPlanImport", "added", input).await.map(drop)
}

async fn arrive(app: &App, client: &mut Client<'_>, centre: &Centre) -> Result<String> {
    let input = json!({ "code": centre.code, "name": centre.name, "nameEn": centre.name_en, "business": centre.business,
        "operatingSince": centre.since, "arrivedOn": centre.arrived });
    let made = client.done("park", "tenantCreate", "tenant { id }", input).await?;
    let id = made["tenant"]["id"].as_str().unwrap_or_default().to_owned();
    let tenant: TenantId = id.parse().map_err(Error::internal)?;
    let services = app.api.services();
    let park = client.query("park", "{ park { id } }", Value::Null).await?;
    let park: ParkId = park["park"]["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let system = Ctx::system(SystemReason::Provisioning, app.env().clone());
    let finder = services.db.begin(&system, Mode::Read).await?;
    let ctx = operator(app, Scope::Tenant(park, tenant));
    let tx = services.db.begin(&ctx, Mode::Write).await?;
    for (who, name, role, _) in USERS.iter().filter(|u| u.3 == Some(centre.code)) {
        let (user, _) = finder.user_name(&format!("{who}@demo.voxpark")).await?.ok_or(Error::NotFound)?;
        identity::member_add(&*tx, &ctx, user, name, *role, day("2025-09-01")).await?;
    }
    tx.commit().await?;
    Ok(id)
}

async fn free_seats(client: &mut Client<'_>, prefix: &str, on: &str, count: usize) -> Result<Vec<Value>> {
    let document = "query($p: String!, $on: Date!) { park { seats(first: 100, filter: { codePrefix: $p, state: AVAILABLE, on: $on }) { nodes { id } } } }";
    let seats = client.query("park", document, json!({ "p": prefix, "on": on })).await?;
    let nodes = seats["park"]["seats"]["nodes"].as_array().cloned().unwrap_or_default();
    Ok(nodes.into_iter().map(|n| n["id"].clone()).take(count).collect())
}

async fn lease_events(
    client: &mut Client<'_>,
    centre: &Centre,
    tenant: &str,
    known: &mut [Option<String>],
    month: Month,
) -> Result<()> {
    for (lease, known) in centre.leases.iter().zip(known) {
        if known.is_none() && Month::of(day(lease.from)) == month {
            client.clock.set(at(day(lease.from) - Days::new(6), 11));
            let rent_free: Vec<Value> = lease.rent_free.iter().map(|(f, t)| json!({ "from": f, "to": t })).collect();
            let input = json!({ "tenantId": tenant, "code": lease.code, "signedOn": (day(lease.from) - Days::new(6)).to_string(),
                "termFrom": lease.from, "termTo": lease.to, "product": lease.product, "unitPrice": lease.price, "taxRatePercent": "9",
                "proration": "by_day", "rentFree": rent_free, "deposit": "50000.00", "paymentDays": 15 });
            let made = client.done("park", "leaseCreate", "lease { id }", input).await?;
            *known = made["lease"]["id"].as_str().map(str::to_owned);
        }
        let Some(id) = known.as_ref() else { continue };
        for (on, zone, count) in lease.takes.iter().filter(|t| Month::of(day(t.0)) == month) {
            client.clock.set(at(day(on) - Days::new(2), 15));
            let seats = free_seats(client, zone, on, *count).await?;
            let input = json!({ "leaseId": id, "seatIds": seats, "from": on });
            client.done("park", "seatsAllocate", "count", input).await?;
        }
        for (on, count) in lease.gives.iter().filter(|g| Month::of(day(g.0)) == month) {
            client.clock.set(at(day(on) - Days::new(1), 15));
            let document = "query($id: ID!, $on: Date!) { node(id: $id) { ... on Lease { allocations(first: 100, on: $on) { nodes { id } } } } }";
            let held = client.query("park", document, json!({ "id": id, "on": on })).await?;
            let nodes = held["node"]["allocations"]["nodes"].as_array().cloned().unwrap_or_default();
            let ids: Vec<Value> = nodes.into_iter().rev().take(*count).map(|n| n["id"].clone()).collect();
            client
                .done(
                    "park",
                    "seatsRelease",
                    "count",
                    json!({ "allocationIds": ids, "on": on, "endOccupancies": true }),
                )
                .await?;
        }
    }
    Ok(())
}

/// The centre's people, their shifts, and who sits where from the first day.
async fn hire(client: &mut Client<'_>, centre: &Centre, dice: &mut Dice) -> Result<()> {
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

/// The seats a centre holds on a day, each with the day it ends.
async fn seats_of(client: &mut Client<'_>, centre: &Centre, on: NaiveDate) -> Result<Vec<(String, Value)>> {
    let document = "query($after: String, $on: Date!) { tenant { allocations(first: 100, after: $after, on: $on) {
        nodes { heldTo seat { id } } pageInfo { hasNextPage endCursor } } } }";
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = client.query(centre.user, document, json!({ "after": after, "on": on.to_string() })).await?;
        let held = &page["tenant"]["allocations"];
        for node in held["nodes"].as_array().into_iter().flatten() {
            all.push((node["seat"]["id"].as_str().unwrap_or_default().to_owned(), node["heldTo"].clone()));
        }
        if held["pageInfo"]["hasNextPage"] != json!(true) {
            return Ok(all);
        }
        after = held["pageInfo"]["endCursor"].clone();
    }
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
    client.app.runner().run_due().await.map(drop)
}

/// Whoever joined since sits down on a free seat of the centre; about nine in ten seats are taken.
async fn seat_people(client: &mut Client<'_>, centre: &Centre, on: NaiveDate) -> Result<()> {
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
    let free: Vec<_> = seats.into_iter().filter(|s| !taken.contains(&s.0)).collect();
    let people = everybody(client, centre, on).await?;
    let waiting = people.into_iter().filter(|p| !seated.contains(&p.0)).take(room.saturating_sub(taken.len()));
    for ((seat, held), (person, left)) in free.into_iter().zip(waiting) {
        let held: Option<NaiveDate> = held.as_str().and_then(|d| d.parse().ok());
        let to = held.into_iter().chain(left).min().map(|d| d.to_string());
        let input = json!({ "seatId": seat, "personId": person, "from": on.to_string(), "to": to });
        client.done(centre.user, "seatOccupy", "", input).await?;
    }
    Ok(())
}

/// Invoices on the first, costs on the eighth, money in the middle of the next month.
async fn close_month(
    client: &mut Client<'_>,
    centre: &Centre,
    leases: &[Option<String>],
    month: Month,
    dice: &mut Dice,
) -> Result<()> {
    let next = month.end();
    client.clock.set(at(next, 9));
    let mut issued = Vec::new();
    for (lease, known) in centre.leases.iter().zip(leases) {
        let starts = lease.takes.iter().map(|t| day(t.0)).min().unwrap_or(NaiveDate::MAX);
        let Some(id) = known.as_ref().filter(|_| starts < next) else { continue };
        let input = json!({ "leaseId": id, "month": month.to_string() });
        let made = client.done("finance", "invoiceIssue", "invoice { id total { minor amount } }", input).await?;
        issued.push(made["invoice"].clone());
    }
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

/// Two weeks of roster around the end of the story.
async fn roster(client: &mut Client<'_>, centre: &Centre) -> Result<()> {
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

/// Ratings that reach a level: the first `c` clauses conform, the first `f` are carried through, the rest partly.
fn ratings(c: i64, f: i64, innovation: bool) -> Vec<Value> {
    let rate = |n: i64| {
        let wanted = |limit: i64| {
            if n <= 148 {
                if (n * 35) % 148 < limit { 10 } else { 5 }
            } else if innovation {
                5
            } else {
                0
            }
        };
        json!({ "clause": n, "c": wanted(c), "f": wanted(f), "note": "" })
    };
    (1..=168).map(rate).collect()
}

async fn assessments(client: &mut Client<'_>, tenants: &[String], dice: &mut Dice) -> Result<()> {
    let tenant = |code: &str| {
        CENTRES.iter().position(|c| c.code == code).and_then(|n| tenants.get(n)).cloned().unwrap_or_default()
    };
    client.clock.set(at(day("2025-11-03"), 9));
    for code in ["HUAXIN", "YUNLING"] {
        let input = json!({ "assessorEmail": "assessor@demo.voxpark", "role": "ASSESSOR", "tenantId": tenant(code),
            "purpose": "呼叫中心能力成熟度评估", "validFrom": "2025-11-03", "validTo": "2026-11-03" });
        client.done("park", "grantCreate", "", input).await?;
        let input = json!({ "assessorEmail": "assessor@demo.voxpark", "role": "ASSESSOR", "tenantId": tenant(code),
            "purpose": "呼叫中心能力成熟度评估", "validFrom": "2026-11-03", "validTo": "2027-11-03" });
        client.done("park", "grantCreate", "", input).await?;
    }
    // The bank desk climbed to L1 a year ago and to L2 this autumn.
    assess(client, "huaxin", "2025", "2025-11-20", Some("2025-12-12"), ratings(124, 96, true), ratings(120, 92, true))
        .await?;
    assess(
        client,
        "huaxin",
        "2026",
        "2026-09-15",
        Some("2026-10-30"),
        ratings(142, 118, true),
        ratings(137, 108, true),
    )
    .await?;
    // The hotline has handed in and waits; the telesales centre is half way through its own.
    assess(client, "yunling", "2026", "2026-11-10", None, ratings(122, 94, true), Vec::new()).await?;
    client.clock.set(at(day("2026-11-12"), 16));
    let id = draft(client, "yuanshan", "2026").await?;
    let some: Vec<Value> = ratings(90, 60, false).into_iter().take(96).filter(|_| dice.happens(0.95)).collect();
    client.done("yuanshan", "assessmentRate", "", json!({ "assessmentId": id, "ratings": some })).await.map(drop)
}

async fn draft(client: &mut Client<'_>, who: &str, cycle: &str) -> Result<Value> {
    let input = json!({ "framework": "cc-cmm-oc-2011", "title": format!("{cycle} 年度自评"), "cycle": cycle,
        "assessedOn": client.app.env().now().with_timezone(&Shanghai).date_naive().to_string() });
    let made = client.done(who, "assessmentCreate", "assessment { id }", input).await?;
    Ok(made["assessment"]["id"].clone())
}

async fn assess(
    client: &mut Client<'_>,
    who: &str,
    cycle: &str,
    on: &str,
    concluded: Option<&str>,
    own: Vec<Value>,
    theirs: Vec<Value>,
) -> Result<()> {
    client.clock.set(at(day(on), 9));
    let id = draft(client, who, cycle).await?;
    client.done(who, "assessmentRate", "", json!({ "assessmentId": id, "ratings": own })).await?;
    for (clause, title) in [
        (27, "保密协议签署与年度复核记录"),
        (49, "质检校准会议纪要"),
        (54, "缺勤季度分析"),
        (101, "核心系统可用率报告"),
        (126, "月度指标对标与整改"),
    ] {
        let text = format!("{title}\n\n{cycle} 年度,{who}。本文件为演示数据。\n");
        let file = client.upload(who, &format!("{title}.txt"), "text/plain; charset=utf-8", text.as_bytes()).await?;
        let from = day(on) - Days::new(365);
        let input = json!({ "assessmentId": id, "clause": clause, "title": title, "fileId": file, "coversFrom": from.to_string(), "coversTo": on });
        client.done(who, "evidenceAttach", "", input).await?;
    }
    client.clock.set(at(day(on), 17));
    client.done(who, "assessmentSubmit", "", json!({ "assessmentId": id })).await?;
    if let Some(end) = concluded {
        client.clock.set(at(day(end), 11));
        client.done("assessor", "assessmentRate", "", json!({ "assessmentId": id, "ratings": theirs })).await?;
        client.done("assessor", "assessmentConclude", "", json!({ "assessmentId": id })).await?;
    }
    Ok(())
}
