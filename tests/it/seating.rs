//! Seats that a tenant gives to its teams and campaigns, and what became of them, on both databases.

use futures_util::future::join;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;
use voxpark_tests::tools::serial;

use crate::leasing::{allocate, park};
use crate::pipeline::{refused, with};

/// Teams of a tenant with one person each, by code: their ids.
async fn teams(world: &World, who: &str, codes: &[&str]) -> Vec<String> {
    let rows = codes.iter().map(|code| format!("{who}-{code},{code} 员工,坐席,{code},2026-01-01\n"));
    let list = format!("employee no,name,position,team,joined on\n{}", rows.collect::<String>());
    let file = world.upload(who, "people.csv", list.as_bytes()).await;
    let import = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": format!("p-{}", serial()) });
    world.done(who, "peopleImport", "added", import).await;
    let all = world.ok(who, "{ tenant { teams { id code } } }", json!({})).await["tenant"]["teams"].clone();
    let id = |code: &&str| {
        let team = all.as_array().unwrap().iter().find(|t| t["code"] == **code).unwrap();
        team["id"].as_str().unwrap().to_owned()
    };
    codes.iter().map(id).collect()
}

async fn campaign(world: &World, who: &str, code: &str) -> String {
    let input = json!({ "code": code, "name": format!("{code} 项目"), "client": "某银行", "idempotencyKey": format!("c-{}", serial()) });
    world.done(who, "campaignCreate", "campaign { id }", input).await["campaign"]["id"].as_str().unwrap().to_owned()
}

fn give(seats: &[String], more: &Value) -> Value {
    with(json!({ "seatIds": seats, "from": "2026-11-01", "idempotencyKey": format!("g-{}", serial()) }), more)
}

async fn given(world: &World, who: &str, filter: Value) -> Vec<Value> {
    let document = "query($filter: SeatAssignmentFilter) { tenant { seatAssignments(first: 100, filter: $filter) { totalCount nodes {
        id seat { code } team { code } campaign { code } mode usedFrom usedTo shiftFromMin shiftToMin } } } }";
    let found = world.ok(who, document, json!({ "filter": filter })).await["tenant"]["seatAssignments"].clone();
    let nodes = found["nodes"].as_array().unwrap().clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes
}

async fn sit(world: &World, who: &str, seat: &str, employee: &str, from: &str, to: Option<&str>) {
    let people = "query($of: String) { tenant { people(filter: { employeeNoPrefix: $of }) { nodes { id } } } }";
    let found = world.ok(who, people, json!({ "of": employee })).await;
    let person = &found["tenant"]["people"]["nodes"][0]["id"];
    let input = json!({ "seatId": seat, "personId": person, "from": from, "to": to, "idempotencyKey": format!("s-{}", serial()) });
    world.done(who, "seatOccupy", "", input).await;
}

on_both! {
    /// Seats are given by the day and the time of the day, ended, taken back; nobody else sees it.
    async fn seats_are_given_ended_and_taken_back(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 4).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[..3], "2026-11-01", Some("2026-12-15"), "k")).await;
        let team = teams(&world, "a1", &["T1", "T2"]).await;
        let bank = campaign(&world, "a1", "BANK").await;
        let done = world.done("a1", "seatsAssign", "count", give(&seats[..2], &json!({ "teamId": team[0], "campaignId": bank }))).await;
        assert_eq!(done["count"], 2);
        let all = given(&world, "a1", json!({})).await;
        let mut first = all[0].clone();
        first.as_object_mut().unwrap().remove("id");
        assert_eq!(first, json!({ "seat": { "code": "S-0001" }, "team": { "code": "T1" }, "campaign": { "code": "BANK" }, "mode": "DEDICATED",
            "usedFrom": "2026-11-01", "usedTo": null, "shiftFromMin": 0, "shiftToMin": 1440 }));
        let rules = async |more: Value| refused(&world, "a1", "seatsAssign", give(&seats[..1], &more)).await;
        assert_eq!(rules(json!({ "teamId": team[1], "from": "2026-12-01" })).await, ["seatIds.0 assign-taken"]);
        // By day and by night on one seat, shared by turns; never over each other.
        let shift = |team: &str, from: i64, to: i64| json!({ "teamId": team, "mode": "SHARED", "shiftFromMin": from, "shiftToMin": to });
        world.done("a1", "seatsAssign", "count", give(&seats[2..3], &shift(&team[0], 480, 1080))).await;
        world.done("a1", "seatsAssign", "count", give(&seats[2..3], &shift(&team[1], 1080, 1440))).await;
        assert_eq!(refused(&world, "a1", "seatsAssign", give(&seats[2..3], &shift(&team[1], 1000, 1100))).await, ["seatIds.0 assign-taken"]);
        assert_eq!(refused(&world, "a1", "seatsAssign", give(&seats[2..3], &shift(&team[1], 1320, 1800))).await, ["seatIds.0 assign-not-held"]);
        assert_eq!(given(&world, "a1", json!({ "mode": "SHARED" })).await.len(), 2);
        assert_eq!(given(&world, "a1", json!({ "teamId": team[0] })).await.len(), 3);
        assert_eq!(given(&world, "a1", json!({ "campaignId": bank })).await.len(), 2);
        assert_eq!(given(&world, "a1", json!({ "on": "2026-10-31" })).await.len(), 0);
        assert_eq!(given(&world, "a1", json!({ "seatId": seats[2] })).await.len(), 2);

        // Ended on a day, the seat is anybody's from then on; taken back, it never was.
        let ids = json!([all[0]["id"], all[1]["id"]]);
        let end = |ids: &Value, on: &str| json!({ "assignmentIds": ids, "on": on, "idempotencyKey": format!("e-{}", serial()) });
        assert_eq!(refused(&world, "a1", "seatAssignmentsEnd", end(&ids, "2026-11-01")).await, ["assignmentIds.0 assignment-end-day", "assignmentIds.1 assignment-end-day"]);
        world.done("a1", "seatAssignmentsEnd", "count", end(&ids, "2026-11-20")).await;
        assert_eq!(refused(&world, "a1", "seatAssignmentsEnd", end(&ids, "2026-11-20")).await.len(), 2);
        world.done("a1", "seatsAssign", "count", give(&seats[..1], &json!({ "teamId": team[1], "from": "2026-11-20", "to": "2026-12-15" }))).await;
        assert_eq!(rules(json!({ "teamId": team[1], "from": "2026-11-19", "to": "2026-11-20" })).await, ["seatIds.0 assign-taken"]);
        let back = json!({ "assignmentIds": [all[0]["id"]], "idempotencyKey": "back" });
        world.done("a1", "seatAssignmentsReverse", "count", back.clone()).await;
        assert_eq!(world.done("a1", "seatAssignmentsReverse", "count", back).await["count"], 1);
        let again = json!({ "assignmentIds": [all[0]["id"], format!("assign_{:032x}", 9)], "idempotencyKey": "again" });
        assert_eq!(refused(&world, "a1", "seatAssignmentsReverse", again).await, ["assignmentIds.0 assignment-reversed", "assignmentIds.1 assignment-unknown"]);
        world.done("a1", "seatsAssign", "count", give(&seats[..1], &json!({ "campaignId": bank, "to": "2026-11-20" }))).await;
        assert_eq!((given(&world, "a1", json!({ "seatId": seats[0] })).await.len(), given(&world, "a1", json!({ "seatId": seats[0], "reversed": true })).await.len()), (2, 3));

        // Nobody else: neither the park nor a neighbour; a leader looks on.
        assert_eq!(world.ok("park", "{ park { tenants { nodes { campaigns { id } seatAssignments { totalCount } seatUtilisation(month: \"2026-11\") { month } } } } }", json!({})).await["park"]["tenants"]["nodes"][0],
            json!({ "campaigns": [], "seatAssignments": { "totalCount": 0 }, "seatUtilisation": null }));
        for who in ["park", "a2"] {
            for id in [&all[1]["id"], &json!(bank)] {
                assert_eq!(world.ok(who, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await["node"], Value::Null, "{who}");
            }
            let theirs = give(&seats[..1], &json!({ "teamId": team[0] }));
            let told = world.refused(who, "seatsAssign", theirs).await;
            assert_eq!(told, if who == "park" { vec!["not-found"] } else { vec!["team-unknown"] }, "{who}");
        }
    }

    /// Whatever does not fit is named by seat; all or nothing; of two at once one is told.
    async fn never_more_than_is_held_and_never_twice(backend) {
        let world = World::new(backend).await;
        let (seats, one, two) = park(&world, 4).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats[..2], "2026-11-01", Some("2026-12-15"), "k")).await;
        world.done("park", "seatsAllocate", "count", allocate(&two, &seats[2..3], "2026-11-01", Some("2026-12-15"), "k2")).await;
        let team = teams(&world, "a1", &["T1", "T2"]).await;
        let rules = async |seats: &[String], more: Value| refused(&world, "a1", "seatsAssign", give(seats, &more)).await;
        assert_eq!(rules(&seats[..1], json!({ "from": "2026-11-05", "to": "2026-11-05" })).await, ["to period-empty", "teamId assign-whom"]);
        assert_eq!(rules(&seats[..1], json!({ "teamId": format!("team_{:032x}", 1), "campaignId": format!("campaign_{:032x}", 1) })).await,
            ["teamId team-unknown", "campaignId campaign-unknown"]);
        assert_eq!(rules(&[], json!({ "teamId": team[0] })).await, ["seatIds seats-per-call"]);
        assert_eq!(rules(&[seats[0].clone(), seats[0].clone()], json!({ "teamId": team[0] })).await, ["seatIds.1 id-doubled"]);
        // A neighbour's seat, a free one, and days beyond the allocation.
        assert_eq!(rules(&seats, json!({ "teamId": team[0] })).await, ["seatIds.2 assign-not-held", "seatIds.3 assign-not-held"]);
        assert_eq!(rules(&seats[..2], json!({ "teamId": team[0], "to": "2026-12-16" })).await, ["seatIds.0 assign-not-held", "seatIds.1 assign-not-held"]);
        assert_eq!(rules(&seats[..1], json!({ "teamId": team[0], "from": "2026-10-31" })).await, ["seatIds.0 assign-not-held"]);
        assert_eq!(given(&world, "a1", json!({})).await.len(), 0);
        let taken = json!({ "code": "BANK", "name": " ", "client": "", "idempotencyKey": "c" });
        assert_eq!(refused(&world, "a1", "campaignCreate", taken).await, ["name text-required"]);
        campaign(&world, "a1", "BANK").await;
        let taken = json!({ "code": "BANK", "name": "x", "idempotencyKey": "c2" });
        assert_eq!(refused(&world, "a1", "campaignCreate", taken).await, ["code campaign-code-taken"]);
        for round in 0..4 {
            let from = format!("2026-11-{:02}", 10 + round);
            let to = format!("2026-11-{:02}", 11 + round);
            let input = |team: &str| give(&seats[..2], &json!({ "teamId": team, "from": from, "to": to }));
            let (a, b) = (input(&team[0]), input(&team[1]));
            let (a, b) = join(world.mutate("a1", "seatsAssign", "count", a), world.mutate("a1", "seatsAssign", "count", b)).await;
            let mut told: Vec<Vec<String>> = [a, b].iter().map(|payload| payload["userErrors"].as_array().unwrap().iter().map(|e| e["rule"].as_str().unwrap().to_owned()).collect()).collect();
            told.sort();
            assert!(told[0].is_empty(), "{told:?}");
            assert!(told[1].iter().all(|rule| rule == "assign-taken" || rule == "assigned-meanwhile") && !told[1].is_empty(), "{told:?}");
        }
        assert_eq!(given(&world, "a1", json!({})).await.len(), 8);
    }

    /// What the month comes to, by team, campaign and zone, down to the seats; idle seats cost their lease's price.
    async fn a_month_is_counted_by_seat_days(backend) {
        let world = World::new(backend).await;
        let (seats, one, _) = park(&world, 3).await;
        world.done("park", "seatsAllocate", "count", allocate(&one, &seats, "2026-10-17", Some("2026-12-15"), "k")).await;
        let team = teams(&world, "a1", &["T1", "T2"]).await;
        let bank = campaign(&world, "a1", "BANK").await;
        let october = |more: Value| with(json!({ "from": "2026-10-22", "to": "2026-11-01" }), &more);
        world.done("a1", "seatsAssign", "count", give(&seats[..1], &october(json!({ "teamId": team[0], "campaignId": bank })))).await;
        world.done("a1", "seatsAssign", "count", give(&seats[1..2], &october(json!({ "teamId": team[1], "mode": "SHARED" })))).await;
        sit(&world, "a1", &seats[0], "a1-T1", "2026-10-17", None).await;
        sit(&world, "a1", &seats[0], "a1-T2", "2026-10-30", Some("2026-11-01")).await;
        let document = "query($month: Month!, $filter: SeatUtilisationFilter, $after: String) { tenant { seatUtilisation(month: $month) { month until
            whole { ...S } byTeam { team { code } sums { ...S } } byCampaign { campaign { code } sums { ...S } } byZone { zone { code } sums { ...S } }
            seats(first: 2, after: $after, filter: $filter) { totalCount pageInfo { hasNextPage endCursor } nodes { seat { code } sums { ...S } } } } } }
            fragment S on SeatUtilisationSums { seats heldSeatDays givenSeatDays satSeatDays idleSeatDays personDays idleCost { amount currency }
              utilisation { numerator denominator } agentsPerSeat { numerator denominator } }";
        let ask = async |who: &str, month: &str, filter: Value| world.ok(who, document, json!({ "month": month, "filter": filter })).await["tenant"]["seatUtilisation"].clone();
        let found = ask("a1", "2026-10", json!({})).await;
        // Three seats for fifteen days; one of them sat in, the others idle at 880.00 a month of 31 days.
        assert_eq!(found["whole"], json!({ "seats": 3, "heldSeatDays": 45, "givenSeatDays": 20, "satSeatDays": 15, "idleSeatDays": 30, "personDays": 17,
            "idleCost": { "amount": "851.61", "currency": "CNY" }, "utilisation": { "numerator": 15, "denominator": 45 }, "agentsPerSeat": { "numerator": 17, "denominator": 15 } }));
        assert_eq!((found["month"].clone(), found["until"].clone()), (json!("2026-10"), json!("2026-11-01")));
        let of = |list: &str, what: &str| -> Vec<Value> {
            let mut rows: Vec<Value> = found[list].as_array().unwrap().iter().map(|row| json!([row[what]["code"], row["sums"]["heldSeatDays"], row["sums"]["satSeatDays"], row["sums"]["idleCost"]["amount"]])).collect();
            // Those of nobody come last; the others stand by id.
            let named = rows.iter().take_while(|row| !row[0].is_null()).count();
            rows[..named].sort_by_key(|row| row[0].to_string());
            rows
        };
        assert_eq!(of("byTeam", "team"), [json!(["T1", 10, 10, "0.00"]), json!(["T2", 10, 0, "283.87"]), json!([null, 25, 5, "567.74"])]);
        assert_eq!(of("byCampaign", "campaign"), [json!(["BANK", 10, 10, "0.00"]), json!([null, 35, 5, "851.61"])]);
        assert_eq!(of("byZone", "zone"), [json!(["Z1", 45, 15, "851.61"])]);
        let codes = |found: &Value| found["seats"]["nodes"].as_array().unwrap().iter().map(|n| n["seat"]["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((codes(&found), found["seats"]["totalCount"].clone()), (vec!["S-0001".to_owned(), "S-0002".to_owned()], json!(3)));
        let after = found["seats"]["pageInfo"]["endCursor"].clone();
        let rest = world.ok("a1", document, json!({ "month": "2026-10", "after": after })).await["tenant"]["seatUtilisation"].clone();
        assert_eq!((codes(&rest), rest["seats"]["pageInfo"]["hasNextPage"].clone()), (vec!["S-0003".to_owned()], json!(false)));
        assert_eq!(codes(&ask("a1", "2026-10", json!({ "idle": true })).await), ["S-0002", "S-0003"]);
        let mine = ask("a1", "2026-10", json!({ "teamId": team[1] })).await;
        assert_eq!((codes(&mine), mine["seats"]["nodes"][0]["sums"]["heldSeatDays"].clone()), (vec!["S-0002".to_owned()], json!(10)));
        // A month that runs is counted until today; one to come is empty; nobody else has figures.
        let now = ask("a1", "2026-11", json!({})).await;
        assert_eq!((now["until"].clone(), now["whole"]["heldSeatDays"].clone()), (json!("2026-11-22"), json!(63)));
        assert_eq!(ask("a1", "2026-12", json!({})).await["whole"]["heldSeatDays"], 0);
        assert_eq!(ask("a2", "2026-10", json!({})).await["whole"]["heldSeatDays"], 0);
        // What the park takes back is not held any more, whatever was given.
        let release = world.ok("a1", "{ tenant { allocations(first: 100) { nodes { id } } } }", json!({})).await["tenant"]["allocations"]["nodes"].clone();
        let ids: Vec<&Value> = release.as_array().unwrap().iter().map(|a| &a["id"]).collect();
        let input = json!({ "allocationIds": ids, "on": "2026-11-11", "endOccupancies": true, "idempotencyKey": "r" });
        world.mutate("park", "seatsRelease", "", input).await;
        assert_eq!(ask("a1", "2026-11", json!({})).await["whole"]["heldSeatDays"], 30);
    }
}
