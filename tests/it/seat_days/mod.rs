//! Seat-days: leased, occupied, effective, logged in; lists that prove employment and presence; what was known when.

mod history;
mod model;
mod sources;

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

const TALLY: &str = "fragment T on SeatTally { seatDays { ...V } seats { ...V } } fragment V on SeatViews { built leased occupied effective loggedIn }";

/// `seatDays` of a park or of the own seats; `of` = more arguments.
pub(super) async fn figures(world: &World, who: &str, from: &str, to: &str, of: &str, selection: &str) -> Value {
    let document = format!("{{ park {{ seatDays(from: \"{from}\", to: \"{to}\"{of}) {{ {selection} }} }} }}");
    let document = if selection.contains("...T") { format!("{document} {TALLY}") } else { document };
    world.ok(who, &document, json!({})).await["park"]["seatDays"].clone()
}

fn views(tally: &Value) -> [i64; 5] {
    ["built", "leased", "occupied", "effective", "loggedIn"].map(|view| tally["seatDays"][view].as_i64().unwrap_or(-1))
}

/// People of a tenant by employee number.
pub(super) async fn people(world: &World, who: &str, numbers: &[&str]) -> Vec<String> {
    let rows: Vec<_> = numbers.iter().map(|n| format!("{n},人{n},坐席,2025-01-05\n")).collect();
    let file = world.upload(who, "people.csv", format!("工号,姓名,岗位,入职日期\n{}", rows.concat()).as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": format!("people-{who}") });
    world.done(who, "peopleImport", "added", input).await;
    let found = world.ok(who, "{ tenant { people(first: 100) { nodes { id } } } }", json!({})).await;
    found["tenant"]["people"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Imports a list; the payload.
pub(super) async fn list(world: &World, who: &str, mutation: &str, rows: &str, mode: &str) -> Value {
    let header = if mutation == "presenceImport" {
        "工号,登录时间,席位"
    } else {
        "工号,月份,发薪,参保,合同起始日,合同到期日,身份证号"
    };
    let file = world.upload(who, "list.csv", format!("{header}\n{rows}").as_bytes()).await;
    let input = json!({ "fileId": file, "mode": mode, "idempotencyKey": format!("{mutation}{file}{mode}") });
    let mut done = world.mutate(who, mutation, "rows added updated refused issues { row field rule }", input).await;
    done["file"] = json!(file);
    done
}

fn told(payload: &Value) -> Vec<(i64, &str, &str)> {
    let row = |i: &Value| i["row"].as_i64().unwrap();
    let issues = payload["issues"].as_array().unwrap().iter();
    issues.map(|i| (row(i), i["field"].as_str().unwrap(), i["rule"].as_str().unwrap())).collect()
}

async fn at(world: &World, day: &str) {
    world.clock.set(format!("{day}T02:00:00Z").parse().unwrap());
    world.forget_tokens().await;
}

/// Two seats of a1 and one of a2, each with somebody on it since March.
async fn ground(world: &World) -> Vec<String> {
    at(world, "2026-02-02").await;
    let (seats, one, two) = park(world, 4).await;
    world.done("park", "seatsAllocate", "count", allocate(&one, &seats[..2], "2026-03-01", None, "one")).await;
    world.done("park", "seatsAllocate", "count", allocate(&two, &seats[2..3], "2026-03-11", None, "two")).await;
    at(world, "2026-02-03").await;
    let (ours, theirs) = (people(world, "a1", &["E1", "E2", "E3"]).await, people(world, "a2", &["F1"]).await);
    for (who, seat, person, from) in
        [("a1", 0, &ours[0], "2026-03-01"), ("a1", 1, &ours[1], "2026-03-16"), ("a2", 2, &theirs[0], "2026-03-11")]
    {
        let input =
            json!({ "seatId": seats[seat], "personId": person, "from": from, "idempotencyKey": format!("sit-{seat}") });
        world.done(who, "seatOccupy", "", input).await;
    }
    seats
}

on_both! {
    /// Four views of one month: for the park, for each tenant, by zone, product and seat.
    async fn four_views_of_a_month(backend) {
        let world = World::new(backend).await;
        let seats = ground(&world).await;
        at(&world, "2026-04-02").await;
        assert_eq!(list(&world, "a1", "employmentProofImport", "E1,2026-03,是,是,,,\nE2,2026-03,是,否,,,\n", "ALL_OR_NOTHING").await["added"], 2);
        assert_eq!(list(&world, "a2", "employmentProofImport", "F1,202603,Y,Y,,,\n", "ALL_OR_NOTHING").await["added"], 1);
        // One by name of the seat, one wherever; one whose seat is not the one named.
        list(&world, "a1", "presenceImport", "E1,2026-03-02 08:55:00,\nE1,2026-03-03,S-0001\nE2,2026-03-05,\nE3,2026-03-06,S-0002\n", "ALL_OR_NOTHING").await;
        list(&world, "a2", "presenceImport", "F1,2026-03-10,\nF1,2026-03-12,\n", "ALL_OR_NOTHING").await;
        at(&world, "2026-11-21").await;
        let selection = "rule { id } total { ...T } months { month tally { ...T } } tenants { tenant { code } tally { ...T } } zones { zone { code } tally { ...T } } products { product tally { ...T } }
            seats(with: LEASED) { totalCount nodes { seat { code } seatDays { leased occupied effective loggedIn } } }";
        let all = figures(&world, "park", "2026-03-01", "2026-04-01", "", selection).await;
        assert_eq!(all["rule"]["id"], "paid-and-insured.v1");
        // 31 + 31 + 21 leased; 31 + 16 + 21 and one day of E3 occupied; E1 and F1 effective; E1 twice, E3, F1 once logged in.
        assert_eq!(views(&all["total"]), [124, 83, 69, 52, 4]);
        assert_eq!((views(&all["months"][0]["tally"]), &all["months"][0]["month"]), ([124, 83, 69, 52, 4], &json!("2026-03")));
        let tenants: Vec<_> = all["tenants"].as_array().unwrap().iter().map(|t| (t["tenant"]["code"].as_str().unwrap(), views(&t["tally"]))).collect();
        assert_eq!(tenants, [("A1", [0, 62, 48, 31, 3]), ("A2", [0, 21, 21, 21, 1])]);
        assert_eq!(all["total"]["seats"], json!({ "built": 4, "leased": 3, "occupied": 3, "effective": 2, "loggedIn": 3 }));
        let seat = |code: &str, n: [i64; 3]| json!({ "seat": { "code": code }, "seatDays": { "leased": n[0], "occupied": n[1], "effective": n[2], "loggedIn": null } });
        assert_eq!(all["seats"], json!({ "totalCount": 3, "nodes": [seat("S-0001", [31, 31, 31]), seat("S-0002", [31, 17, 0]), seat("S-0003", [21, 21, 21])] }));
        // The parts that are asked for; the figures drill down to seats.
        let part = figures(&world, "park", "2026-03-02", "2026-03-04", "", "total { ...T } seats(with: LEASED, without: OCCUPIED) { nodes { seat { code } } }").await;
        assert_eq!((views(&part["total"]), &part["seats"]["nodes"]), ([8, 4, 2, 2, 2], &json!([{ "seat": { "code": "S-0002" } }])));
        // Staff of a tenant: their own, and when who came to work; nothing of the neighbour.
        let own = figures(&world, "a1", "2026-03-01", "2026-04-01", "", selection).await;
        assert_eq!(views(&own["tenants"][0]["tally"]), [0, 62, 48, 31, 3]);
        assert_eq!(own["tenants"].as_array().unwrap().len(), 1);
        assert_eq!(own["seats"]["nodes"][0]["seatDays"]["loggedIn"], 2);
        let tenant = "{ tenant { seatDays(from: \"2026-03-01\", to: \"2026-05-01\") { total { ...T } months { month tally { ...T } } } } }";
        let tenant = world.ok("a2", &format!("{tenant} {TALLY}"), json!({})).await["tenant"]["seatDays"].clone();
        assert_eq!((views(&tenant["total"]), views(&tenant["months"][1]["tally"])), ([0, 51, 51, 21, 1], [0, 30, 30, 0, 0]));
        let listed = world.ok("park", &format!("{{ park {{ tenants {{ nodes {{ code seatDays(from: \"2026-03-01\", to: \"2026-04-01\") {{ total {{ ...T }} }} }} }} }} }} {TALLY}"), json!({})).await;
        assert_eq!(views(&listed["park"]["tenants"]["nodes"][0]["seatDays"]["total"]), [0, 62, 48, 31, 3]);

        // Other rules: a contract of a year and three months in a row.
        list(&world, "a1", "employmentProofImport", "E1,2026-04,是,否,2026-01-01,2026-12-31,\nE1,2026-05,是,否,2026-01-01,2026-12-31,\n", "ALL_OR_NOTHING").await;
        let rule = figures(&world, "park", "2026-03-01", "2026-07-01", ", ruleId: \"contract-3-months\"", "months { tally { ...T } } rule { id contractMonths persons }").await;
        let effective: Vec<_> = rule["months"].as_array().unwrap().iter().map(|m| views(&m["tally"])[3]).collect();
        assert_eq!((effective, &rule["rule"]), (vec![31, 30, 31, 0], &json!({ "id": "contract-3-months.v1", "contractMonths": 12, "persons": null })));

        // The time line of one seat: everything to its tenant, to the park who held it and that somebody sat there.
        let document = format!("{{ park {{ seatLedger(seatId: \"{}\", from: \"2026-03-01\", to: \"2026-04-01\") {{ kind holds period {{ from to }} tenant {{ code }} person {{ employeeNo }} }} }} }}", seats[0]);
        let rows = async |who: &str| world.ok(who, &document, json!({})).await["park"]["seatLedger"].clone();
        let park = rows("park").await;
        assert_eq!(park, json!([
            { "kind": "ALLOCATION", "holds": true, "period": { "from": "2026-03-01", "to": "2027-01-12" }, "tenant": { "code": "A1" }, "person": null },
            { "kind": "OCCUPANCY", "holds": true, "period": { "from": "2026-03-01", "to": "2027-01-12" }, "tenant": { "code": "A1" }, "person": null },
        ]));
        let own = rows("a1").await;
        let kinds: Vec<_> = own.as_array().unwrap().iter().map(|r| (r["kind"].as_str().unwrap(), r["period"]["from"].as_str().unwrap())).collect();
        assert_eq!(kinds, [("ALLOCATION", "2026-03-01"), ("OCCUPANCY", "2026-03-01"), ("PRESENCE", "2026-03-02"), ("PRESENCE", "2026-03-03"),
            ("PAYROLL", "2026-03-01"), ("INSURANCE", "2026-03-01"), ("CONTRACT", "2026-01-01")]);
        assert!(own.as_array().unwrap().iter().skip(1).all(|r| r["person"]["employeeNo"] == "E1"), "{own}");
        assert_eq!(rows("a2").await, json!([]));
    }

    /// Any month as it was known on any day: a late proof, a correction, a seat taken back, logins withdrawn.
    async fn a_month_as_it_was_known(backend) {
        let world = World::new(backend).await;
        let seats = ground(&world).await;
        at(&world, "2026-04-10").await;
        list(&world, "a1", "employmentProofImport", "E1,2026-03,是,是,,,\nE2,2026-03,是,是,,,\n", "ALL_OR_NOTHING").await;
        at(&world, "2026-04-20").await;
        let again = list(&world, "a1", "employmentProofImport", "E1,2026-03,是,是,,,\nE2,2026-03,是,否,,,\n", "ALL_OR_NOTHING").await;
        assert_eq!((&again["added"], &again["updated"]), (&json!(0), &json!(1)));
        let logins = list(&world, "a1", "presenceImport", "E1,2026-03-02,\nE1,2026-03-03,\n", "ALL_OR_NOTHING").await;
        at(&world, "2026-05-01").await;
        let withdraw = json!({ "fileId": logins["file"], "idempotencyKey": "withdraw" });
        assert_eq!(world.done("a1", "presenceWithdraw", "withdrawn", withdraw.clone()).await["withdrawn"], 2);
        assert_eq!(world.refused("a1", "presenceWithdraw", json!({ "fileId": logins["file"], "idempotencyKey": "twice" })).await, ["presence-unknown"]);
        let held = world.ok("park", "{ park { tenants { nodes { allocations { nodes { id seat { code } } } } } } }", json!({})).await;
        let allocation = held["park"]["tenants"]["nodes"][0]["allocations"]["nodes"][0]["id"].clone();
        at(&world, "2026-05-10").await;
        let release = json!({ "allocationIds": [allocation], "on": "2026-03-15", "endOccupancies": true, "idempotencyKey": "back" });
        world.done("park", "seatsRelease", "count", release).await;
        at(&world, "2026-05-20").await;
        // The same list again: what was withdrawn can be said anew.
        let input = json!({ "fileId": logins["file"], "mode": "ALL_OR_NOTHING", "idempotencyKey": "anew" });
        assert_eq!(world.done("a1", "presenceImport", "added", input).await["added"], 2);
        at(&world, "2026-11-21").await;
        for (known, expected) in [
            (Some("2026-02-01"), [0, 0, 0, 0]),
            (Some("2026-02-02"), [83, 0, 0, 0]),
            (Some("2026-02-03"), [83, 68, 0, 0]),
            (Some("2026-04-09"), [83, 68, 0, 0]),
            (Some("2026-04-10"), [83, 68, 47, 0]),
            (Some("2026-04-20"), [83, 68, 31, 2]),
            (Some("2026-05-01"), [83, 68, 31, 0]),
            (Some("2026-05-10"), [66, 51, 14, 0]),
            (Some("2026-05-20"), [66, 51, 14, 2]),
            (None, [66, 51, 14, 2]),
        ] {
            let of = known.map_or(String::new(), |on| format!(", knownOn: \"{on}\""));
            let all = figures(&world, "park", "2026-03-01", "2026-04-01", &of, "total { ...T }").await;
            assert_eq!(views(&all["total"])[1..], expected, "{known:?}");
        }
        // The rows tell what was said and what was taken back.
        let document = format!("{{ park {{ seatLedger(seatId: \"{}\", from: \"2026-03-01\", to: \"2026-04-01\") {{ kind holds period {{ from to }} }} }} }}", seats[0]);
        let rows = world.ok("park", &document, json!({})).await["park"]["seatLedger"].clone();
        let row = |kind: &str, holds: bool, to: &str| json!({ "kind": kind, "holds": holds, "period": { "from": "2026-03-01", "to": to } });
        let mut rows = rows.as_array().unwrap().clone();
        assert_eq!(rows[..2], [row("ALLOCATION", true, "2027-01-12"), row("OCCUPANCY", true, "2027-01-12")]);
        let mut steps = vec![row("ALLOCATION", false, "2027-01-12"), row("OCCUPANCY", false, "2027-01-12"), row("ALLOCATION", true, "2026-03-15"), row("OCCUPANCY", true, "2026-03-15")];
        rows.drain(..2);
        for list in [&mut rows, &mut steps] {
            list.sort_by_key(Value::to_string);
        }
        assert_eq!(rows, steps);
    }

    /// Every faulty row of a list is told with field and rule; the good rest is taken or nothing is, as asked.
    async fn faulty_proofs_are_named(backend) {
        let world = World::new(backend).await;
        ground(&world).await;
        at(&world, "2026-04-10").await;
        let rows = "E1,2026-03,是,是,2026-01-01,2026-12-31,11010519491231002X\n\
            E1,2026-03,是,是,,,\n\
            E9,2026-03,是,是,,,\n\
            E2,2026-05,是,是,,,\n\
            E2,2024-12,是,是,,,\n\
            E2,2026-13,maybe,是,2026-01-01,2025-12-31,123\n\
            E2,2026-03,是,是,,,11010519491231002X\n\
            E1,2026-02,是,是,2026-06-01,,\n\
            E3,2026-03,否,否,2026-01-01,,\n";
        let refused = list(&world, "a1", "employmentProofImport", rows, "ALL_OR_NOTHING").await;
        let expected = [(3, "month", "proof-doubled"), (4, "employee_no", "person-unknown"), (5, "month", "month-future"), (6, "month", "proof-not-employed"),
            (7, "month", "month-invalid"), (7, "payroll", "yes-no-invalid"), (7, "contract_last_day", "period-empty"), (7, "identity_no", "identity-invalid"),
            (8, "identity_no", "identity-doubled"), (9, "contract_from", "contract-overlaps")];
        assert_eq!(told(&refused), expected);
        assert_eq!((&refused["refused"], &refused["added"]), (&json!(7), &json!(0)));
        let effective = async || views(&figures(&world, "park", "2026-03-01", "2026-04-01", "", "total { ...T }").await["total"])[3];
        assert_eq!(effective().await, 0);
        let good = list(&world, "a1", "employmentProofImport", rows, "GOOD_ROWS").await;
        assert_eq!((&good["refused"], &good["added"], &good["updated"]), (&json!(7), &json!(1), &json!(1)));
        assert_eq!(effective().await, 31);
        // Once more it says nothing new; the identity stays with who proved it first, also in another file.
        let again = list(&world, "a1", "employmentProofImport", rows, "GOOD_ROWS").await;
        assert_eq!((&again["added"], &again["updated"]), (&json!(0), &json!(0)));
        let other = list(&world, "a1", "employmentProofImport", "E2,2026-03,是,是,,,11010519491231002x\n", "ALL_OR_NOTHING").await;
        assert_eq!(told(&other), [(2, "identity_no", "identity-doubled")]);
        // An end of a contract that changed is a correction.
        let ends = list(&world, "a1", "employmentProofImport", "E1,2026-03,是,是,2026-01-01,2026-06-30,\n", "ALL_OR_NOTHING").await;
        assert_eq!((&ends["added"], &ends["updated"]), (&json!(0), &json!(1)));

        let rows = "E1,2026-04-11,\nE1,yesterday,\nE9,2026-03-02,\nE1,2026-03-02,S-0003\nE1,2026-02-27,S-0001\nE1,2024-12-31,\nE1,2026-03-02,S-0001\n";
        let refused = list(&world, "a1", "presenceImport", rows, "ALL_OR_NOTHING").await;
        let expected = [(2, "login", "day-future"), (3, "login", "date-invalid"), (4, "employee_no", "person-unknown"), (5, "seat", "seat-not-held"),
            (6, "seat", "seat-not-held"), (7, "login", "person-not-employed")];
        assert_eq!(told(&refused), expected);
        assert_eq!(list(&world, "a1", "presenceImport", rows, "GOOD_ROWS").await["added"], 1);
        for (who, mutation) in [("park", "employmentProofImport"), ("a1-agent", "presenceImport")] {
            let input = json!({ "fileId": good["file"], "mode": "ALL_OR_NOTHING", "idempotencyKey": "who" });
            let answer = world.mutate(who, mutation, "added", input).await;
            assert_ne!(answer["userErrors"], json!([]), "{who} {mutation}");
        }
        for (of, message) in [
            ("from: \"2026-03-01\", to: \"2026-03-01\"", "The end (2026-03-01) must come after the start (2026-03-01)."),
            ("from: \"2020-03-01\", to: \"2026-03-01\"", "Figures are counted over at most 60 calendar months."),
            ("from: \"2026-03-01\", to: \"2026-04-01\", ruleId: \"x\"", "There is no such rule for effective seats."),
        ] {
            let document = format!("{{ park {{ seatDays({of}) {{ rule {{ id }} }} }} }}");
            let answer = world.call(Some(world.token("park").await), &document, json!({})).await;
            assert_eq!(answer.body["errors"][0]["message"], message);
        }
    }

    /// Who answered contacts was logged in on that day; what an import brought before goes with it.
    async fn contacts_tell_who_was_logged_in(backend) {
        let world = World::new(backend).await;
        ground(&world).await;
        at(&world, "2026-04-10").await;
        let calls = "start,outcome,wait,talk,queue,agent\n2026-03-02 09:00:00,answered,5,60,card,E1\n2026-03-02 23:59:58,answered,5,60,card,E1\n\
            2026-03-20 10:00:00,answered,9,60,card,E2\n2026-03-10 10:00:00,answered,9,60,card,E2\n2026-03-11 10:00:00,answered,9,60,card,X7\n\
            2026-03-25 10:00:00,abandoned,9,0,card,\n";
        let file = world.upload("a1", "calls.csv", calls.as_bytes()).await;
        let mapping = json!({ "start": { "column": "start", "format": "iso" }, "outcome": "outcome", "wait": "wait", "handle": "talk", "queue": "queue", "agent": "agent",
            "outcomes": [{ "text": "answered", "outcome": "ANSWERED" }, { "text": "abandoned", "outcome": "ABANDONED" }] });
        let input = json!({ "fileId": file, "format": "GENERIC_CSV", "timeZone": "Asia/Shanghai", "mapping": mapping, "idempotencyKey": "calls" });
        world.done("a1", "contactImportStart", "import { id }", input).await;
        world.run_jobs().await;
        let logged = async || views(&figures(&world, "park", "2026-03-01", "2026-04-01", "", "total { ...T }").await["total"])[4];
        // E1 on two days; E2 on the 20th, for on the 10th nobody had a seat; X7 is nobody.
        assert_eq!(logged().await, 3);
        // Read again with the hours of another zone, the call at midnight is of the day before.
        let input = json!({ "fileId": file, "format": "GENERIC_CSV", "timeZone": "Asia/Tokyo", "mapping": mapping, "replace": true, "idempotencyKey": "again" });
        world.done("a1", "contactImportStart", "import { id }", input).await;
        world.run_jobs().await;
        assert_eq!(logged().await, 2);
    }
}
