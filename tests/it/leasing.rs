//! Leases, allocations, releases: rules, figures, and many buyers at once, on both databases.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use voxpark_domain::ids::{AllocationId, LeaseId, SeatId};
use voxpark_domain::leasing::{self, Allocation, AllocationRequest, AllocationsOf, FULL_DAY, ReleaseRequest, Shift};
use voxpark_domain::time::Period;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::estate::{import, plan, seat_ids};

fn lease_input(world: &World, tenant: &str, code: &str) -> Value {
    json!({ "tenantId": world.ids.tenant(tenant).to_string(), "code": code, "signedOn": "2026-01-05",
        "termFrom": "2026-01-12", "termTo": "2027-01-12", "product": "EQUIPPED", "unitPrice": "880.00",
        "taxRatePercent": "6", "proration": "by_day", "rentFree": [{ "from": "2026-01-12", "to": "2026-03-12" }],
        "deposit": "5000", "paymentDays": 10, "idempotencyKey": format!("{tenant}-{code}") })
}

async fn lease(world: &World, tenant: &str, code: &str) -> String {
    let made = world.done("park", "leaseCreate", "lease { id }", lease_input(world, tenant, code)).await;
    made["lease"]["id"].as_str().unwrap().to_owned()
}

pub(crate) fn allocate(lease: &str, seats: &[String], from: &str, to: Option<&str>, key: &str) -> Value {
    json!({ "leaseId": lease, "seatIds": seats, "from": from, "to": to, "idempotencyKey": key })
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A park with seats and a lease of each of its tenants.
pub(crate) async fn park(world: &World, seats: usize) -> (Vec<String>, String, String) {
    let done = import(world, plan(seats).as_bytes(), json!({})).await;
    assert_eq!(done["added"], seats);
    (seat_ids(world, seats).await, lease(world, "a1", "L-1").await, lease(world, "a2", "L-1").await)
}

on_both! {
    /// A lease as it was agreed, and everything that cannot be agreed.
    async fn leases_are_agreed_or_refused(backend) {
        let world = World::new(backend).await;
        let id = lease(&world, "a1", "L-1").await;
        let document = "query($id: ID!) { node(id: $id) { ... on Lease { code signedOn state early: state(on: \"2026-01-11\") late: state(on: \"2027-01-12\") seatCount tenant { code }
            terms { version inForceFrom termFrom termTo product unitPrice { minor amount currency } taxRate proration rentFree { from to } deposit { amount } paymentDays }
            versions { version } } } }";
        let found = world.ok("a1", document, json!({ "id": id })).await["node"].clone();
        let expected = json!({ "code": "L-1", "signedOn": "2026-01-05", "state": "RUNNING", "early": "UPCOMING", "late": "ENDED",
            "seatCount": 0, "tenant": { "code": "A1" },
            "terms": { "version": 1, "inForceFrom": "2026-01-12", "termFrom": "2026-01-12", "termTo": "2027-01-12", "product": "EQUIPPED",
                "unitPrice": { "minor": "88000", "amount": "880.00", "currency": "CNY" }, "taxRate": "6", "proration": "by_day",
                "rentFree": [{ "from": "2026-01-12", "to": "2026-03-12" }], "deposit": { "amount": "5000.00" }, "paymentDays": 10 },
            "versions": [{ "version": 1 }] });
        assert_eq!(found, expected);
        assert_eq!(world.ok("a2", document, json!({ "id": id })).await["node"], Value::Null);

        let refused = async |change: Value| {
            let mut input = lease_input(&world, "a1", "L-2");
            input["idempotencyKey"] = json!(change.to_string());
            input.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
            world.refused("park", "leaseCreate", input).await
        };
        assert_eq!(refused(json!({ "unitPrice": "-1" })).await, ["price-negative"]);
        assert_eq!(refused(json!({ "unitPrice": "1.001", "taxRatePercent": "106", "proration": "weekly" })).await,
            ["money-invalid", "tax-rate-range", "proration-invalid"]);
        assert_eq!(refused(json!({ "termTo": "2026-01-12", "rentFree": [] })).await, ["period-empty"]);
        assert_eq!(refused(json!({ "rentFree": [{ "from": "2026-01-11", "to": "2026-02-01" }] })).await, ["rent-free-outside-term"]);
        assert_eq!(refused(json!({ "tenantId": world.ids.b1.to_string() })).await, ["tenant-unknown"]);
        assert_eq!(refused(json!({ "code": "L-1" })).await, ["lease-code-taken"]);
        assert_eq!(world.refused("a1", "leaseCreate", lease_input(&world, "a1", "L-3")).await, ["forbidden"]);
        assert_eq!(world.ok("park", "{ park { leases { totalCount } } }", json!({})).await["park"]["leases"]["totalCount"], 1);
        lease(&world, "a2", "L-1").await;
    }

    /// Seats are held, seen by who may, and cannot be held again; a retried request holds nothing twice.
    async fn seats_are_held_once(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 10).await;
        let input = allocate(&one, &seats[..4], "2026-02-01", None, "first");
        let selection = "count allocations { heldFrom heldTo shiftFromMin shiftToMin seat { code } lease { code } tenant { code } }";
        let made = world.done("park", "seatsAllocate", selection, input.clone()).await;
        assert_eq!(made["count"], 4);
        let expected = json!({ "heldFrom": "2026-02-01", "heldTo": "2027-01-12", "shiftFromMin": 0, "shiftToMin": 1440,
            "seat": { "code": "S-0001" }, "lease": { "code": "L-1" }, "tenant": { "code": "A1" } });
        assert_eq!(made["allocations"][0], expected);
        assert_eq!(world.done("park", "seatsAllocate", selection, input).await, made, "a retry answers the same");

        // The refusal names seat and dates, and not who is in the way.
        let payload = world.mutate("park", "seatsAllocate", "count", allocate(&two, &seats[3..5], "2026-06-01", Some("2026-07-01"), "late")).await;
        let error = &payload["userErrors"][0];
        assert_eq!((&error["rule"], &error["path"], &error["code"]), (&json!("seat-held"), &json!("seatIds.0"), &json!("OVERLAP")));
        assert_eq!(error["message"], "Seat S-0004 is held from 2026-02-01 to 2027-01-12.");
        assert_eq!(payload["userErrors"].as_array().unwrap().len(), 1);

        let refused = async |lease: &str, seats: &[String], from: &str, to: Option<&str>| {
            let key = format!("{lease}{}{from}{to:?}", seats.len());
            world.refused("park", "seatsAllocate", allocate(lease, seats, from, to, &key)).await
        };
        assert_eq!(refused(&two, &seats[..5], "2026-06-01", None).await, ["seat-held"; 4]);
        assert_eq!(refused(&two, &seats[5..6], "2026-01-11", None).await, ["allocation-outside-term"]);
        assert_eq!(refused(&two, &seats[5..6], "2026-02-01", Some("2027-01-13")).await, ["allocation-outside-term"]);
        assert_eq!(refused(&two, &seats[5..6], "2026-02-01", Some("2026-02-01")).await, ["period-empty"]);
        assert_eq!(refused(&two, &[], "2026-02-01", None).await, ["seats-per-call"]);
        assert_eq!(refused(&two, &[seats[5].clone(), seats[5].clone()], "2026-02-01", None).await, ["id-doubled"]);
        assert_eq!(refused(&two, &[format!("seat_{:032x}", 1)], "2026-02-01", None).await, ["seat-unknown"]);
        assert_eq!(refused(&format!("lease_{:032x}", 1), &seats[5..6], "2026-02-01", None).await, ["lease-unknown"]);
        assert_eq!(world.refused("a1", "seatsAllocate", allocate(&one, &seats[5..6], "2026-02-01", None, "own")).await, ["forbidden"]);
        import(&world, b"building,floor,zone,seat,product,x_mm,y_mm,built_from,built_to\nA,3F,Z9,T-1,bare,0,0,2026-01-01,\nA,3F,Z9,T-2,equipped,0,0,2026-01-01,2026-12-01\n", json!({})).await;
        let more = seat_ids(&world, 12).await;
        assert_eq!(refused(&two, &more[10..], "2026-02-01", None).await, ["seat-product-differs", "seat-not-built"]);

        // Half the day each; and what each caller sees of it.
        let mut early = allocate(&two, &seats[4..5], "2026-02-01", None, "early");
        early["shiftToMin"] = json!(720);
        world.done("park", "seatsAllocate", "count", early).await;
        let mut night = allocate(&one, &seats[4..5], "2026-02-01", None, "night");
        night["shiftFromMin"] = json!(720);
        world.done("park", "seatsAllocate", "count", night).await;
        let document = "{ park { floors { map { widthMm heightMm seats { code state occupied holders { tenantName heldFrom shiftFromMin shiftToMin } } } } seatCounts { leased available } seatUse(months: 1) { leasedSeatDays } }
            viewer { tenant { seatCounts { leased occupied } seatUse(months: 1) { builtSeatDays leasedSeatDays } leases { totalCount } allocations(on: \"2026-03-01\") { totalCount nodes { seat { code state allocations { lease { code } shiftFromMin } } } } } } }";
        let all = world.ok("park", document, json!({})).await;
        let map = &all["park"]["floors"][0]["map"]["seats"];
        assert_eq!(map[0], json!({ "code": "S-0001", "state": "ALLOCATED", "occupied": false,
            "holders": [{ "tenantName": "a1 呼叫中心", "heldFrom": "2026-02-01", "shiftFromMin": 0, "shiftToMin": 1440 }] }));
        // The seat of two shifts shows both, in the order of the day.
        let both = json!([{ "tenantName": "a2 呼叫中心", "heldFrom": "2026-02-01", "shiftFromMin": 0, "shiftToMin": 720 },
            { "tenantName": "a1 呼叫中心", "heldFrom": "2026-02-01", "shiftFromMin": 720, "shiftToMin": 1440 }]);
        assert_eq!((&map[4]["holders"], &map[5]["state"]), (&both, &json!("AVAILABLE")));
        let seat = "{ park { seats(filter: { codePrefix: \"S-0005\" }) { nodes { allocations { tenant { code } shiftFromMin } } } } }";
        let of = async |who: &str| world.ok(who, seat, json!({})).await["park"]["seats"]["nodes"][0]["allocations"].clone();
        assert_eq!(of("park").await, json!([{ "tenant": { "code": "A2" }, "shiftFromMin": 0 }, { "tenant": { "code": "A1" }, "shiftFromMin": 720 }]));
        assert_eq!(of("a1").await, json!([{ "tenant": { "code": "A1" }, "shiftFromMin": 720 }]));
        // Seven of the twelve are free; the seat of two shifts counts once.
        assert_eq!(all["park"]["seatCounts"], json!({ "leased": 5, "available": 7 }));
        assert_eq!(all["park"]["seatUse"][0]["leasedSeatDays"], 5 * 30);
        let own = world.ok("a1", document, json!({})).await;
        let map = &own["park"]["floors"][0]["map"]["seats"];
        assert_eq!((&map[0]["state"], &map[5]["state"]), (&json!("ALLOCATED"), &json!("UNDISCLOSED")));
        assert_eq!((&own["park"]["seatCounts"], &own["park"]["seatUse"]), (&Value::Null, &json!([])));
        let tenant = &own["viewer"]["tenant"];
        assert_eq!(tenant["seatCounts"], json!({ "leased": 5, "occupied": 0 }));
        assert_eq!(tenant["seatUse"], json!([{ "builtSeatDays": null, "leasedSeatDays": 150 }]));
        assert_eq!(tenant["allocations"]["totalCount"], 5);
        assert_eq!(tenant["allocations"]["nodes"][0]["seat"]["allocations"][0]["lease"]["code"], "L-1");
        let neighbour = world.ok("a2", document, json!({})).await;
        let map = &neighbour["park"]["floors"][0]["map"]["seats"];
        assert_eq!((&map[0]["state"], &map[0]["holders"]), (&json!("UNDISCLOSED"), &json!([])));
        assert_eq!(map[4]["state"], "ALLOCATED");
    }

    /// Leases by how they stand today: by what was agreed last, not by what was agreed first.
    async fn leases_are_found_by_how_they_stand(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 2).await;
        let ended = json!({ "termFrom": "2026-01-12", "termTo": "2026-11-21", "rentFree": [] });
        let coming = json!({ "termFrom": "2026-11-22", "termTo": "2026-12-01", "rentFree": [] });
        for (code, change) in [("L-8", ended), ("L-9", coming)] {
            let mut input = lease_input(&world, "a2", code);
            input.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
            world.done("park", "leaseCreate", "lease { id }", input).await;
        }
        let found = async |filter: Value| {
            let document = "query($f: LeaseFilter) { park { leases(filter: $f) { totalCount nodes { code tenant { code } } } } }";
            let page = world.ok("park", document, json!({ "f": filter })).await["park"]["leases"].take();
            let nodes = page["nodes"].as_array().unwrap();
            assert_eq!(page["totalCount"], nodes.len(), "{page}");
            nodes.iter().map(|l| format!("{} {}", l["tenant"]["code"].as_str().unwrap(), l["code"].as_str().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(found(json!({ "state": "RUNNING" })).await, ["A1 L-1", "A2 L-1"]);
        assert_eq!(found(json!({ "state": "ENDED" })).await, ["A2 L-8"]);
        assert_eq!(found(json!({ "state": "UPCOMING" })).await, ["A2 L-9"]);
        assert_eq!(found(json!({ "endsBy": "2026-11-30" })).await, Vec::<String>::new());
        assert_eq!(found(json!({ "endsBy": "2027-01-11" })).await, ["A2 L-9"]);
        assert_eq!(found(json!({ "endsBy": "2027-01-12", "state": "RUNNING" })).await, ["A1 L-1", "A2 L-1"]);
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats, "2026-11-21", None, "k")).await;
        assert_eq!(found(json!({ "withoutSeats": true, "state": "RUNNING" })).await, ["A2 L-1"]);
        // Agreed anew, it ends later: before that day and after it alike.
        let longer = json!({ "leaseId": two, "inForceFrom": "2026-12-01", "reason": "续约", "termTo": "2028-01-12", "idempotencyKey": "a" });
        world.done("park", "leaseAmend", "lease { id }", longer).await;
        assert_eq!(found(json!({ "endsBy": "2027-01-12", "state": "RUNNING" })).await, ["A1 L-1"]);
        let own = "{ park { leases(filter: { state: RUNNING }) { totalCount nodes { tenant { code } } } } }";
        let own = world.ok("a1", own, json!({})).await["park"]["leases"].take();
        assert_eq!(own, json!({ "totalCount": 1, "nodes": [{ "tenant": { "code": "A1" } }] }));
    }

    /// Released seats are free from that day on; what would end on its first day never was.
    async fn seats_are_released(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 3).await;
        let made = world.done("park", "seatsAllocate", "allocations { id }", allocate(&one, &seats, "2026-02-01", None, "k")).await;
        let ids: Vec<String> = made["allocations"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().to_owned()).collect();
        let release = |ids: &[String], on: &str| json!({ "allocationIds": ids, "on": on, "idempotencyKey": format!("{ids:?}{on}") });
        assert_eq!(world.refused("park", "seatsRelease", release(&ids[..1], "2026-01-31")).await, ["release-before-start"]);
        assert_eq!(world.refused("park", "seatsRelease", release(&ids[..1], "2027-01-12")).await, ["release-after-end"]);
        assert_eq!(world.refused("park", "seatsRelease", release(&[format!("alloc_{:032x}", 1)], "2026-05-01")).await, ["allocation-unknown"]);
        assert_eq!(world.refused("a1", "seatsRelease", release(&ids[..1], "2026-05-01")).await, ["forbidden"]);
        assert_eq!(world.done("park", "seatsRelease", "count", release(&ids[..2], "2026-05-01")).await["count"], 2);
        assert_eq!(world.refused("park", "seatsRelease", release(&ids[..1], "2026-06-01")).await, ["release-after-end"]);
        // Taken back as a whole: it is no longer there, and the seat is free from its first day on.
        world.done("park", "seatsRelease", "count", release(&ids[2..], "2026-02-01")).await;
        let node = "query($id: ID!) { node(id: $id) { id ... on Allocation { heldTo } } }";
        assert_eq!(world.ok("park", node, json!({ "id": ids[2] })).await["node"], Value::Null);
        assert_eq!(world.ok("park", node, json!({ "id": ids[0] })).await["node"]["heldTo"], "2026-05-01");
        world.done("park", "seatsAllocate", "count", allocate(&two, &seats[2..], "2026-02-01", None, "again")).await;
        assert_eq!(world.refused("park", "seatsAllocate", allocate(&two, &seats[..1], "2026-04-30", None, "soon")).await, ["seat-held"]);
        world.done("park", "seatsAllocate", "count", allocate(&two, &seats[..1], "2026-05-01", None, "then")).await;
        // The ledger keeps every step, in an order that does not rest on the clock (which stood still).
        assert_eq!(ledger(&world, &ids).await, [
            vec![("allocate", "2026-02-01"), ("release", "2027-01-12"), ("release", "2026-05-01")],
            vec![("allocate", "2026-02-01"), ("release", "2027-01-12"), ("release", "2026-05-01")],
            vec![("allocate", "2026-02-01"), ("release", "2027-01-12"), ("reverse", "2026-02-01")],
        ].map(|steps| steps.into_iter().map(|(kind, on)| (kind.to_owned(), day(on))).collect::<Vec<_>>()));
    }

    /// Forty buyers want overlapping handfuls of the same seats at once: every seat is held by exactly one of them, and
    /// whoever lost one of its seats got none and was told which.
    async fn many_buyers_at_once(backend) {
        let world = Arc::new(World::new(backend).await);
        let (seats, one, two) = park(&world, 12).await;
        let ctx = world.ctx("park").await;
        let buyers = (0..40).map(|n| {
            let (world, ctx, lease) = (Arc::clone(&world), ctx.clone(), if n % 2 == 0 { one.clone() } else { two.clone() });
            // In an order of its own, so that locks taken as they come would deadlock.
            let mut wanted: Vec<SeatId> = (0..3).map(|k| seats[(n + k * 5) % seats.len()].parse().unwrap()).collect();
            wanted.rotate_left(n % 3);
            tokio::spawn(async move {
                let request = request(&lease, wanted, Period { from: day("2026-03-01"), to: None }, FULL_DAY);
                (request.seats.clone(), attempt(&world, &ctx, &request).await)
            })
        });
        let buyers: Vec<_> = buyers.collect();
        let mut held: BTreeMap<SeatId, usize> = BTreeMap::new();
        let (mut won, mut lost) = (0, 0);
        for buyer in buyers {
            let (wanted, outcome) = buyer.await.unwrap();
            match outcome {
                Ok(_) => {
                    won += 1;
                    for seat in wanted {
                        *held.entry(seat).or_default() += 1;
                    }
                }
                Err(rules) => {
                    lost += 1;
                    assert!(!rules.is_empty() && rules.iter().all(|r| *r == "seat-held"), "{rules:?}");
                }
            }
        }
        assert!(won >= 2 && won + lost == 40);
        assert!(held.values().all(|n| *n == 1), "held twice: {held:?}");
        let on = Some(day("2026-04-01"));
        let tx = world.tx("park", Mode::Read).await;
        let mut count = 0;
        for lease in [&one, &two] {
            let counts = tx.allocations_counts(&[AllocationsOf::Lease(lease.parse().unwrap())], on).await.unwrap();
            count += counts.iter().map(|(_, n)| n).sum::<i64>();
        }
        assert_eq!(usize::try_from(count).unwrap(), held.len());
    }

    /// A seat is sold to a night shift, which ends on the morning after its last day, and to others around it.
    async fn a_night_shift_ends_in_the_morning(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 1).await;
        let window = |lease: &str, from: &str, to: &str, (first, last): (i64, i64)| {
            let mut input = allocate(lease, &seats, from, Some(to), &format!("{lease}{from}{first}"));
            (input["shiftFromMin"], input["shiftToMin"]) = (json!(first), json!(last));
            input
        };
        let made = world.done("park", "seatsAllocate", "allocations { id shiftFromMin shiftToMin }", window(&one, "2026-02-01", "2026-03-01", (1320, 1800))).await;
        assert_eq!((&made["allocations"][0]["shiftFromMin"], &made["allocations"][0]["shiftToMin"]), (&json!(1320), &json!(1800)));
        for (from, to, minutes) in [
            ("2026-02-10", "2026-02-11", (0, 361)),
            ("2026-02-02", "2026-02-03", (0, 60)),
            ("2026-03-01", "2026-03-02", (0, 1440)),
            ("2026-01-31", "2026-02-01", (1300, 2770)),
            ("2026-01-31", "2026-02-02", (1300, 1760)),
        ] {
            assert_eq!(world.refused("park", "seatsAllocate", window(&two, from, to, minutes)).await.len(), 1, "{from} {minutes:?}");
        }
        for (from, to, minutes) in [
            ("2026-02-01", "2026-02-02", (0, 1320)),
            ("2026-02-02", "2026-03-01", (360, 1320)),
            ("2026-03-01", "2026-03-02", (360, 1440)),
            ("2026-03-02", "2026-03-03", (0, 1440)),
        ] {
            world.done("park", "seatsAllocate", "count", window(&two, from, to, minutes)).await;
        }
        assert_eq!(world.refused("park", "seatsAllocate", window(&two, "2026-05-01", "2026-06-01", (600, 2041))).await, ["shift-window"]);
        // Given up a day earlier, its last morning is free too.
        let release = json!({ "allocationIds": [made["allocations"][0]["id"]], "on": "2026-02-20", "idempotencyKey": "r" });
        world.done("park", "seatsRelease", "count", release).await;
        assert_eq!(world.refused("park", "seatsAllocate", window(&two, "2026-02-20", "2026-02-21", (0, 360))).await, ["seat-held"]);
        world.done("park", "seatsAllocate", "count", window(&two, "2026-02-21", "2026-02-22", (0, 360))).await;
    }

    /// Day and night shifts, over midnight too: the look before and the database itself agree with counting every minute.
    async fn windows_over_midnight_never_meet(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 1).await;
        let seat: SeatId = seats[0].parse().unwrap();
        let minutes = |held: Period, shift: Shift| {
            let days = (held.to.unwrap() - held.from).num_days();
            let first = (held.from - day("2026-02-01")).num_days() * 1440;
            (0..days).flat_map(move |d| (shift.from_min..shift.to_min).map(move |m| first + d * 1440 + m))
        };
        let mut taken: std::collections::BTreeSet<i64> = std::collections::BTreeSet::new();
        let (mut added, mut over_midnight) = (0, 0);
        let mut dice: u64 = 0x5eed;
        let mut roll = |sides: i64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((dice >> 33) % u64::try_from(sides).unwrap()).unwrap()
        };
        for n in 0..160 {
            let from = day("2026-02-01") + TimeDelta::days(roll(20));
            let held = Period { from, to: Some(from + TimeDelta::days(1 + roll(4))) };
            // Windows in steps of two hours meet often.
            let start = roll(12) * 120;
            let shift = Shift::new(start, start + 120 * (1 + roll(12))).unwrap();
            let free = minutes(held, shift).all(|m| !taken.contains(&m));
            let (lease, owner) = if n % 2 == 0 { (&one, world.ids.a1) } else { (&two, world.ids.a2) };
            let allocation = Allocation { id: world.env.id(), tenant: owner, seat, lease: lease.parse().unwrap(), held, shift, recorded_at: world.env.now() };
            let tx = world.tx("park", Mode::Write).await;
            let in_the_way = tx.seats_held(&[seat], held, shift).await.unwrap();
            assert_eq!(in_the_way.is_empty(), free, "{held:?} {shift:?}: {in_the_way:?}");
            assert_eq!(tx.allocations_add(std::slice::from_ref(&allocation)).await.unwrap(), free, "{held:?} {shift:?}");
            if free {
                tx.commit().await.unwrap();
                taken.extend(minutes(held, shift));
                added += 1;
                over_midnight += i64::from(shift.next_day() > 0);
            }
            // Now and then one of them ends a day earlier, and what it held is free again.
            if free && held.to > Some(held.from + TimeDelta::days(1)) && roll(3) == 0 {
                let on = held.to.unwrap() - TimeDelta::days(1);
                let tx = world.tx("park", Mode::Write).await;
                tx.allocations_end(&[allocation.id], on, world.env.now()).await.unwrap();
                tx.commit().await.unwrap();
                let last = Period { from: on, to: held.to };
                taken.retain(|m| !minutes(last, shift).any(|other| other == *m));
            }
        }
        assert!(added > 15 && over_midnight > 3, "{added} {over_midnight}");
    }

    /// The database itself refuses a seat held twice, whoever forgot to look before.
    async fn the_database_refuses_too(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 1).await;
        let ctx = world.ctx("park").await;
        let tx = world.tx("park", Mode::Write).await;
        let allocation = |from: &str, to: &str, shift: Shift| Allocation {
            id: ctx.id(),
            tenant: world.ids.a1,
            seat: seats[0].parse().unwrap(),
            lease: one.parse().unwrap(),
            held: Period { from: day(from), to: Some(day(to)) },
            shift,
            recorded_at: ctx.now(),
        };
        assert!(tx.allocations_add(&[allocation("2026-03-01", "2026-04-01", FULL_DAY)]).await.unwrap());
        assert!(tx.allocations_add(&[allocation("2026-04-01", "2026-05-01", FULL_DAY)]).await.unwrap());
        assert!(!tx.allocations_add(&[allocation("2026-03-31", "2026-04-01", FULL_DAY)]).await.unwrap());
    }

    /// Random requests for two seats against a list that is searched: the same are taken, the same refused.
    async fn random_periods_against_an_oracle(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 2).await;
        let ctx = world.ctx("park").await;
        let mut runner = TestRunner::deterministic();
        let steps = proptest::collection::vec((0_usize..2, 0_u64..330, 1_u64..60, 0_i64..4, 1_i64..4, 0_u8..10), 120);
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let mut taken: Vec<(usize, Period, Shift, AllocationId)> = Vec::new();
        let (mut yes, mut no) = (0, 0);
        for (n, (seat, start, length, from, hours, end)) in steps.into_iter().enumerate() {
            // Now and then a seat is given back instead.
            if end == 0 && !taken.is_empty() {
                let (_, held, _, id) = taken.remove(n % taken.len());
                let tx = world.db.transaction(&ctx, Mode::Write).await.unwrap();
                let request = ReleaseRequest { allocations: vec![id], on: held.from, end_occupancies: false, decreasing: leasing::Decreasing::Agreed };
                leasing::seats_release(&tx, &ctx, &request).await.unwrap();
                tx.finish().await.unwrap();
                continue;
            }
            let held = Period { from: day("2026-01-12") + Days::new(start), to: Some(day("2026-01-12") + Days::new((start + length).min(365))) };
            let shift = Shift::new(from * 360, (from + hours).min(4) * 360).unwrap();
            let free = !taken.iter().any(|(s, p, t, _)| *s == seat && p.overlaps(held) && t.from_min < shift.to_min && shift.from_min < t.to_min);
            let lease = if n % 2 == 0 { &one } else { &two };
            let outcome = attempt(&world, &ctx, &request(lease, vec![seats[seat].parse().unwrap()], held, shift)).await;
            assert_eq!(outcome.is_ok(), free, "step {n}: seat {seat}, {held:?}, {shift:?}: {outcome:?}");
            match outcome {
                Ok(ids) => { yes += 1; taken.push((seat, held, shift, ids[0])) }
                Err(rules) => { no += 1; assert_eq!(rules, ["seat-held"]) }
            }
        }
        assert!(yes > 15 && no > 15, "{yes} taken, {no} refused: the test tests little");
    }

    /// As many statements for two seats as for two thousand, and for a page of one as of many.
    async fn statements_do_not_grow(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 2_002).await;
        let ctx = world.ctx("park").await;
        let mut counts = Vec::new();
        for part in [&seats[..2], &seats[2..]] {
            let tx = world.tx("park", Mode::Write).await;
            let held = Period { from: day("2026-02-01"), to: None };
            let ids = part.iter().map(|s| s.parse().unwrap()).collect();
            let made = leasing::seats_allocate(&*tx, &ctx, &request(&one, ids, held, FULL_DAY)).await.unwrap();
            let allocated = tx.statements();
            let allocations = made.iter().map(|a| a.id).collect();
            let release = ReleaseRequest { allocations, on: day("2026-05-01"), end_occupancies: false, decreasing: leasing::Decreasing::Agreed };
            leasing::seats_release(&*tx, &ctx, &release).await.unwrap();
            counts.push((allocated, tx.statements()));
            tx.commit().await.unwrap();
        }
        // Two thousand seats with an end make four thousand entries of the ledger: one statement more.
        assert!(counts[1].0 <= counts[0].0 + 1 && counts[1].1 <= counts[0].1 + 1, "{counts:?}");
        let token = world.token("park").await;
        let mut counts = Vec::new();
        for first in [1, 100] {
            let document = "query($n: Int!) { park { seats(first: $n) { nodes { code state zone { code floor { code building { code } } } allocations { lease { code seatCount allocations(first: 3) { nodes { id } } } tenant { code seatCounts { leased } seatUse(months: 2) { leasedSeatDays } leases { nodes { code } } } } } } floors { map { seats { code } } } } }";
            let answer = world.call(Some(token.clone()), document, json!({ "n": first })).await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.body);
            counts.push(answer.statements);
        }
        assert_eq!(counts[0], counts[1]);
    }
}

fn request(lease: &str, seats: Vec<SeatId>, held: Period, shift: Shift) -> AllocationRequest {
    AllocationRequest {
        lease: lease.parse::<LeaseId>().unwrap(),
        seats,
        from: held.from,
        to: held.to,
        shift,
        hold: None,
    }
}

/// One buyer in a transaction of its own: the allocations, or the rules that refused.
async fn attempt(
    world: &World,
    ctx: &Ctx,
    request: &AllocationRequest,
) -> Result<Vec<AllocationId>, Vec<&'static str>> {
    let tx = world.db.transaction(ctx, Mode::Write).await.unwrap();
    match leasing::seats_allocate(&tx, ctx, request).await {
        Ok(made) => {
            tx.finish().await.unwrap();
            Ok(made.iter().map(|a| a.id).collect())
        }
        Err(Error::Refused(list)) => Err(list.into_iter().map(|r| r.rule).collect()),
        Err(other) => panic!("{other}"),
    }
}

/// What the ledger says of allocations, in the order it was recorded; as the database's owner sees it.
async fn ledger(world: &World, ids: &[String]) -> Vec<Vec<(String, NaiveDate)>> {
    use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
    use voxpark_domain::ids::Id as _;
    let db = Database::connect(world.database.url()).await.unwrap();
    let (backend, mut all) = (db.get_database_backend(), Vec::new());
    let table = if backend == DbBackend::Postgres {
        format!("{}.seat_ledger", voxpark_migrations::SCHEMA)
    } else {
        "seat_ledger".to_owned()
    };
    for id in ids {
        let id = id.parse::<AllocationId>().unwrap().uuid();
        // Entries of one instant (an allocation and its end) by kind.
        let sql = format!("SELECT kind, effective_on FROM {table} WHERE allocation_id = $1 ORDER BY recorded_at, kind");
        let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, [id.into()])).await.unwrap();
        all.push(
            rows.iter().map(|r| (r.try_get("", "kind").unwrap(), r.try_get("", "effective_on").unwrap())).collect(),
        );
    }
    db.close().await.unwrap();
    all
}
