//! Seats over time: when a floor changes, what its seats are let for and how long they stand empty, and the
//! rental-control table; through the API, on both databases.

use chrono::NaiveDate;
use serde_json::{Value, json};
use voxpark_tests::app::{World, start};
use voxpark_tests::on_both;

use super::{import, seat_ids};

/// Two floors, three zones, twelve seats, a product each half; one seat is taken away, one comes later.
const PLAN: &str = "building,floor,zone,seat,product,x_mm,y_mm,built_from,built_to\n\
    A,1F,Z1,S-01,equipped,0,0,2026-01-01,\nA,1F,Z1,S-02,equipped,1500,0,2026-01-01,\nA,1F,Z1,S-03,bare,3000,0,2026-01-01,\n\
    A,1F,Z1,S-04,bare,4500,0,2026-01-01,2026-11-11\nA,1F,Z2,S-05,equipped,0,1800,2026-01-01,\nA,1F,Z2,S-06,equipped,1500,1800,2026-10-20,\n\
    A,1F,Z2,S-07,bare,3000,1800,2026-01-01,\nA,2F,Z3,S-08,equipped,0,0,2026-01-01,\nA,2F,Z3,S-09,bare,1500,0,2026-01-01,\n";

async fn lease(world: &World, tenant: &str, product: &str, price: &str) -> Value {
    let input = json!({ "tenantId": world.ids.tenant(tenant).to_string(), "code": format!("L-{tenant}-{product}"), "signedOn": "2026-08-01",
        "termFrom": "2026-09-01", "termTo": "2027-09-01", "product": product, "unitPrice": price, "taxRatePercent": "6",
        "proration": "by_day", "rentFree": [], "deposit": "0", "paymentDays": 15, "idempotencyKey": format!("{tenant}{product}") });
    world.done("park", "leaseCreate", "lease { id }", input).await["lease"]["id"].clone()
}

async fn hold(world: &World, lease: &Value, seats: &[&String], from: &str, to: &str, shift: Option<(i64, i64)>) {
    let mut input = json!({ "leaseId": lease, "seatIds": seats, "from": from, "to": to, "idempotencyKey": format!("{lease}{seats:?}{from}") });
    if let Some((from, to)) = shift {
        input["shiftFromMin"] = json!(from);
        input["shiftToMin"] = json!(to);
    }
    world.done("park", "seatsAllocate", "count", input).await;
}

/// Leases and people on the plan; the ids of the seats by code.
async fn ground(world: &World) -> Vec<String> {
    world.clock.set("2026-08-03T02:00:00Z".parse().unwrap());
    assert_eq!(import(world, PLAN.as_bytes(), json!({})).await["added"], 9);
    let s = seat_ids(world, 9).await;
    let (a1, a2) = (lease(world, "a1", "EQUIPPED", "880.00").await, lease(world, "a2", "EQUIPPED", "700.50").await);
    let bare = lease(world, "a1", "BARE", "300.00").await;
    // S-01 goes on without a day between; S-02 by day and by night; S-05 has a gap; S-08 begins on the first of a month.
    hold(world, &a1, &[&s[0]], "2026-09-05", "2026-10-12", None).await;
    hold(world, &a1, &[&s[0]], "2026-10-12", "2027-02-01", None).await;
    hold(world, &a1, &[&s[1]], "2026-09-10", "2027-09-01", Some((480, 1200))).await;
    hold(world, &a2, &[&s[1]], "2026-10-01", "2026-12-01", Some((1200, 1440))).await;
    hold(world, &a2, &[&s[4]], "2026-09-01", "2026-10-03", None).await;
    hold(world, &a2, &[&s[4]], "2026-10-28", "2026-11-02", None).await;
    hold(world, &a2, &[&s[7]], "2026-11-01", "2027-09-01", None).await;
    hold(world, &bare, &[&s[2]], "2026-10-01", "2026-11-01", None).await;
    hold(world, &bare, &[&s[3]], "2026-10-05", "2026-11-11", None).await;
    let list = "工号,姓名,岗位,班组,入职日期,离职日期\nE1,王芳,坐席,一组,2026-01-05,\nE2,李雷,坐席,一组,2026-02-01,\n";
    let file = world.upload("a1", "people.csv", list.as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false, "idempotencyKey": "people" });
    world.done("a1", "peopleImport", "added", input).await;
    let people = world.ok("a1", "{ tenant { people(first: 10) { nodes { id } } } }", json!({})).await;
    for (n, (seat, from, to)) in
        [(0, "2026-09-10", "2026-10-01"), (1, "2026-10-15", "2027-01-01")].into_iter().enumerate()
    {
        let person = &people["tenant"]["people"]["nodes"][n]["id"];
        let input = json!({ "seatId": s[seat], "personId": person, "from": from, "to": to, "idempotencyKey": format!("sit-{n}") });
        world.done("a1", "seatOccupy", "occupancy { id }", input).await;
    }
    world.clock.set(start());
    world.forget_tokens().await;
    s
}

const TABLE: &str = "query($month: Month, $months: Int, $floor: ID) { park { seatControl(month: $month, months: $months, floorId: $floor) {
    months zones { zone { code } cells { ...C } } products { product cells { ...C } } total { ...C } } } }
    fragment C on SeatControlCell { month builtSeatDays leasedSeatDays occupiedSeatDays begin fallFree }";

fn sum(cells: &Value, field: &str) -> i64 {
    cells.as_array().unwrap().iter().map(|cell| cell[field].as_i64().unwrap()).sum()
}

on_both! {
    /// The days on which something begins or ends, one row a day; a tenant learns of its own.
    async fn a_floor_changes_on_days(backend) {
        let world = World::new(backend).await;
        ground(&world).await;
        let document = "{ park { floors { name changes { on begin end built removed } } } }";
        let park = world.ok("park", document, json!({})).await["park"].clone();
        let days: Vec<(&str, i64, i64, i64, i64)> = park["floors"][0]["changes"].as_array().unwrap().iter().map(|c| {
            let n = |field: &str| c[field].as_i64().unwrap();
            (c["on"].as_str().unwrap(), n("begin"), n("end"), n("built"), n("removed"))
        }).collect();
        assert_eq!(days, [
            ("2026-01-01", 0, 0, 6, 0), ("2026-09-01", 1, 0, 0, 0), ("2026-09-05", 1, 0, 0, 0), ("2026-09-10", 1, 0, 0, 0),
            ("2026-10-01", 2, 0, 0, 0), ("2026-10-03", 0, 1, 0, 0), ("2026-10-05", 1, 0, 0, 0), ("2026-10-12", 1, 1, 0, 0),
            ("2026-10-20", 0, 0, 1, 0), ("2026-10-28", 1, 0, 0, 0), ("2026-11-01", 0, 1, 0, 0), ("2026-11-02", 0, 1, 0, 0),
            ("2026-11-11", 0, 1, 0, 1), ("2026-12-01", 0, 1, 0, 0), ("2027-02-01", 0, 1, 0, 0), ("2027-09-01", 0, 1, 0, 0),
        ]);
        let own = world.ok("a2", document, json!({})).await["park"]["floors"][0]["changes"].clone();
        assert_eq!((sum(&own, "begin"), sum(&own, "end"), sum(&own, "built")), (3, 3, 7));
    }

    /// Prices add up over shifts; since when a seat is idle or free; nothing of that for a tenant.
    async fn prices_and_empty_seats(backend) {
        let world = World::new(backend).await;
        ground(&world).await;
        let document = "{ park { floors { map(on: \"2026-11-21\") { seats { code unitPrice { amount } idleSince freeSince } } } } }";
        let park = world.ok("park", document, json!({})).await["park"].clone();
        let seats: Vec<_> = (0..2).flat_map(|n| park["floors"][n]["map"]["seats"].as_array().unwrap()).map(|seat| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            [text(&seat["code"]), text(&seat["unitPrice"]["amount"]), text(&seat["idleSince"]), text(&seat["freeSince"])]
        }).collect();
        assert_eq!(seats, [
            ["S-01", "880.00", "2026-10-01", "-"], ["S-02", "1580.50", "-", "-"], ["S-03", "-", "-", "2026-11-01"],
            ["S-04", "-", "-", "-"], ["S-05", "-", "-", "2026-11-02"], ["S-06", "-", "-", "2026-10-20"],
            ["S-07", "-", "-", "2026-01-01"], ["S-08", "700.50", "2026-11-01", "-"], ["S-09", "-", "-", "2026-01-01"],
        ].map(|row| row.map(str::to_owned)));
        let own = world.ok("a1", document, json!({})).await["park"].to_string();
        assert!(!own.contains("amount") && !own.contains("Since\":\"2026"), "{own}");
    }

    /// The table is what a count of every day says, zone by zone and product by product.
    async fn the_table_is_a_count_of_days(backend) {
        let world = World::new(backend).await;
        let s = ground(&world).await;
        let table = world.ok("park", TABLE, json!({ "month": "2026-09", "months": 4 })).await["park"]["seatControl"].clone();
        assert_eq!(table["months"], json!(["2026-09", "2026-10", "2026-11", "2026-12"]));
        let (mut day, end): (NaiveDate, NaiveDate) = ("2026-09-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let (mut total, mut equipped, mut second) = ([0; 3], [0; 2], 0);
        let zone = world.ok("park", "{ park { floors { zones { id code } } } }", json!({})).await["park"]["floors"][0]["zones"][1]["id"].clone();
        while day < end {
            let document = "query($on: Date!, $zone: ID!) { park { seatCounts(on: $on) { built leased occupied byProduct { product built leased } }
                seats(filter: { zoneId: $zone, state: ALLOCATED, on: $on }) { totalCount } } }";
            let park = world.ok("park", document, json!({ "on": day, "zone": zone })).await["park"].clone();
            let counts = &park["seatCounts"];
            for (sum, field) in total.iter_mut().zip(["built", "leased", "occupied"]) {
                *sum += counts[field].as_i64().unwrap();
            }
            for (sum, field) in equipped.iter_mut().zip(["built", "leased"]) {
                *sum += counts["byProduct"][1][field].as_i64().unwrap();
            }
            second += park["seats"]["totalCount"].as_i64().unwrap();
            day = day.succ_opt().unwrap();
        }
        let fields = ["builtSeatDays", "leasedSeatDays", "occupiedSeatDays"];
        assert_eq!(fields.map(|f| sum(&table["total"], f)), total);
        assert_eq!(table["products"][1]["product"], "EQUIPPED");
        assert_eq!([0, 1].map(|n| sum(&table["products"][1]["cells"], fields[n])), equipped);
        let zones: Vec<_> = table["zones"].as_array().unwrap().iter().map(|z| z["zone"]["code"].as_str().unwrap()).collect();
        assert_eq!(zones, ["Z1", "Z2", "Z3"]);
        assert_eq!(sum(&table["zones"][1]["cells"], "leasedSeatDays"), second);
        for field in ["builtSeatDays", "leasedSeatDays", "occupiedSeatDays", "begin", "fallFree"] {
            let zones: i64 = (0..3).map(|n| sum(&table["zones"][n]["cells"], field)).sum();
            assert_eq!(zones, sum(&table["total"], field), "{field}");
        }
        // Begins: S-05, S-01, S-02 in September; S-03, S-04, S-05 again in October; S-08 in November. Falls free: S-05 twice,
        // S-03; not S-04, which is taken away that day, nor S-01, which goes on, nor S-02, whose day shift stays.
        let turns = |field: &str| (0..4).map(|n| table["total"][n][field].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!((turns("begin"), turns("fallFree")), (vec![3, 3, 1, 0], vec![0, 1, 2, 0]));
        // A table that begins in the middle says the same of its months.
        let later = world.ok("park", TABLE, json!({ "month": "2026-10", "months": 2 })).await["park"]["seatControl"].clone();
        assert_eq!(later["total"], json!([table["total"][1], table["total"][2]]));
        let floor = world.ok("park", "{ park { floors { id } } }", json!({})).await["park"]["floors"][1]["id"].clone();
        let second = world.ok("park", TABLE, json!({ "month": "2026-10", "months": 2, "floor": floor })).await["park"]["seatControl"].clone();
        assert_eq!(second["total"], json!([table["zones"][2]["cells"][1], table["zones"][2]["cells"][2]]));
        assert_eq!(s.len(), 9);
        // A tenant has no such table; too many months are refused.
        assert_eq!(world.ok("a1", TABLE, json!({})).await["park"]["seatControl"], Value::Null);
        assert_eq!(world.ok("assessor", TABLE, json!({})).await["park"]["seatControl"], Value::Null);
    }
}
