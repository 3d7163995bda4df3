//! Nobody sits on a seat longer than it is held, nor works two shifts at once: in the use cases and in the database.

use std::sync::Arc;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Database as Connect};
use serde_json::{Value, json};
use voxpark_domain::ids::PersonId;
use voxpark_domain::leasing;
use voxpark_domain::staffing::{RosterEntry, Shift};
use voxpark_domain::uow::Mode;
use voxpark_tests::app::World;
use voxpark_tests::{Backend, on_both};

use crate::leasing::{allocate, day, park};

/// The ids of people of a1, made here.
async fn people(world: &World, count: usize) -> Vec<Value> {
    let rows: Vec<_> = (0..count).map(|n| format!("E{n:03},人{n},坐席,2026-01-05\n")).collect();
    let rows = rows.concat();
    let file = world.upload("a1", "people.csv", format!("工号,姓名,岗位,入职日期\n{rows}").as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": "people" });
    world.done("a1", "peopleImport", "added", input).await;
    let found = world.ok("a1", "{ tenant { people(first: 100) { nodes { id } } } }", json!({})).await;
    found["tenant"]["people"]["nodes"].as_array().unwrap().iter().map(|p| p["id"].clone()).collect()
}

fn sit(seat: &str, person: &Value, from: &str, to: Option<&str>) -> Value {
    let key = format!("{seat}{person}{from}").chars().rev().take(90).collect::<String>();
    json!({ "seatId": seat, "personId": person, "from": from, "to": to, "idempotencyKey": key })
}

fn release(ids: &[Value], on: &str, end: bool) -> Value {
    json!({ "allocationIds": ids, "on": on, "endOccupancies": end, "idempotencyKey": format!("{on}{end}{}", ids.len()) })
}

/// Seats of a1 with their allocations from 1 February to the end of the lease.
async fn held(world: &World, count: usize) -> (Vec<String>, Vec<Value>) {
    let (seats, lease, _) = park(world, count + 1).await;
    let input = allocate(&lease, &seats[..count], "2026-02-01", None, "held");
    let made = world.done("park", "seatsAllocate", "allocations { id }", input).await;
    (seats, made["allocations"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect())
}

const OCCUPANCIES: &str = "{ tenant { occupancies { nodes { satFrom satTo seat { code } } } } }";

/// Seat, first day, end of every placement of a1, in that order.
async fn placements(world: &World) -> Vec<[String; 3]> {
    let found = world.ok("a1", OCCUPANCIES, json!({})).await["tenant"]["occupancies"]["nodes"].clone();
    let text = |v: &Value| v.as_str().unwrap_or("?").to_owned();
    let mut all: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|o| [text(&o["seat"]["code"]), text(&o["satFrom"]), text(&o["satTo"])])
        .collect();
    all.sort();
    all
}

fn placed(list: &[[&str; 3]]) -> Vec<[String; 3]> {
    list.iter().map(|row| row.map(str::to_owned)).collect()
}

on_both! {
    /// A release with people on the seats is refused by name of the seats, or ends their placements with it.
    async fn a_release_takes_the_people_off_the_seats(backend) {
        let world = World::new(backend).await;
        let (seats, held) = held(&world, 4).await;
        let people = people(&world, 5).await;
        // Until the end of the lease; for a while; later; over before.
        for (seat, person, from, to, end) in [
            (0, 0, "2026-03-01", None, "2027-01-12"),
            (0, 1, "2026-03-01", Some("2026-06-01"), "2026-06-01"),
            (1, 2, "2026-07-01", Some("2026-08-01"), "2026-08-01"),
            (2, 3, "2026-03-01", Some("2026-04-01"), "2026-04-01"),
        ] {
            let made = world.done("a1", "seatOccupy", "occupancy { satTo }", sit(&seats[seat], &people[person], from, to)).await;
            assert_eq!(made["occupancy"]["satTo"], end);
        }
        let payload = world.mutate("park", "seatsRelease", "count endedOccupancies", release(&held, "2026-05-15", false)).await;
        let told: Vec<_> = payload["userErrors"].as_array().unwrap().iter()
            .map(|e| [&e["rule"], &e["path"], &e["message"]].map(|v| v.as_str().unwrap().to_owned())).collect();
        assert_eq!(told, placed(&[
            ["seat-occupied", "allocationIds.0", "Seat S-0001 is taken on that day or later: people to sit there 2, the last of them up to 2027-01-12."],
            ["seat-occupied", "allocationIds.1", "Seat S-0002 is taken on that day or later: people to sit there 1, the last of them up to 2026-08-01."],
        ]));
        assert_eq!(placements(&world).await.len(), 4, "a refusal changes nothing");
        // The seat on which nobody sits any more goes without a word.
        assert_eq!(world.done("park", "seatsRelease", "count endedOccupancies", release(&held[2..3], "2026-05-15", false)).await["endedOccupancies"], 0);
        let done = world.done("park", "seatsRelease", "count endedOccupancies", release(&held[..2], "2026-05-15", true)).await;
        assert_eq!((&done["count"], &done["endedOccupancies"]), (&json!(2), &json!(3)));
        assert_eq!(placements(&world).await, placed(&[
            ["S-0001", "2026-03-01", "2026-05-15"], ["S-0001", "2026-03-01", "2026-05-15"], ["S-0003", "2026-03-01", "2026-04-01"],
        ]));
        // What is left of the allocation carries nobody beyond its end; the person is free for another seat at once.
        assert_eq!(world.refused("a1", "seatOccupy", sit(&seats[0], &people[4], "2026-05-01", Some("2026-05-16"))).await, ["seat-held-until"]);
        assert_eq!(world.refused("a1", "seatOccupy", sit(&seats[0], &people[4], "2026-05-15", None)).await, ["seat-not-held"]);
        world.done("a1", "seatOccupy", "", sit(&seats[3], &people[0], "2026-05-15", None)).await;
        let until = world.done("a1", "seatOccupy", "occupancy { satTo }", sit(&seats[0], &people[4], "2026-05-01", None)).await;
        assert_eq!(until["occupancy"]["satTo"], "2026-05-15", "as long as it is held");
        // An allocation that never was takes everybody with it.
        let done = world.done("park", "seatsRelease", "count endedOccupancies", release(&held[3..], "2026-02-01", true)).await;
        assert_eq!(done["endedOccupancies"], 1);
        assert!(placements(&world).await.iter().all(|p| p[0] != "S-0004"));
    }

    /// Whoever forgets to look: the database keeps an allocation from ending under people, and people from a seat that
    /// is not held.
    async fn the_database_holds_it_too(backend) {
        let world = World::new(backend).await;
        let (seats, held) = held(&world, 2).await;
        let people = people(&world, 1).await;
        world.done("a1", "seatOccupy", "", sit(&seats[0], &people[0], "2026-03-01", None)).await;
        let ids: Vec<_> = held.iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect();
        let ctx = world.ctx("park").await;
        let tx = world.db.transaction(&ctx, Mode::Write).await.unwrap();
        assert!(leasing::Store::allocations_end(&tx, &ids[..1], day("2026-05-15"), ctx.now()).await.is_err(), "the check");
        drop(tx);
        // Around the check, the reference is left open and the commit refuses.
        let db = Connect::connect(world.database.url()).await.unwrap();
        let (schema, scope) = if backend == Backend::Postgres { ("voxpark.", "") } else { ("", "UPDATE write_scope SET class = 'system';") };
        for change in [
            format!("UPDATE {schema}allocation SET held_to = '2026-05-15'"),
            format!("DELETE FROM {schema}allocation"),
            format!("UPDATE {schema}occupancy SET held_to = '2036-01-01'"),
        ] {
            let outcome = db.execute_unprepared(&format!("BEGIN; {scope} {change}; COMMIT")).await;
            assert!(outcome.is_err(), "{change}");
            let _ = db.execute_unprepared("ROLLBACK").await;
        }
        db.close().await.unwrap();
        assert_eq!(placements(&world).await, placed(&[["S-0001", "2026-03-01", "2027-01-12"]]));
    }

    /// People sit down while the seats are taken back: whoever comes first, nobody is left on a seat that is not held.
    async fn sitting_down_and_releasing_at_once(backend) {
        let world = Arc::new(World::new(backend).await);
        let (seats, held) = held(&world, 12).await;
        let people = people(&world, 12).await;
        world.token("a1").await;
        world.token("park").await;
        let tries = seats[..12].iter().zip(&people).zip(&held).flat_map(|((seat, person), id)| {
            let down = (("a1", "seatOccupy"), sit(seat, person, "2026-03-01", None));
            let mut back = release(std::slice::from_ref(id), "2026-05-15", true);
            back["idempotencyKey"] = id.clone();
            [down, (("park", "seatsRelease"), back)]
        });
        let tries: Vec<_> = tries.map(|((who, what), input)| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.mutate(who, what, "", input).await })
        }).collect();
        for answer in join_all(tries).await {
            let answer = answer.unwrap();
            let rules: Vec<_> = answer["userErrors"].as_array().unwrap().iter().map(|e| e["rule"].as_str().unwrap()).collect();
            assert!(rules.iter().all(|r| *r == "changed-meanwhile"), "{answer}");
        }
        let all = placements(&world).await;
        assert!(all.iter().all(|p| p[2].as_str() <= "2026-05-15"), "{all:?}");
    }

    /// The night of one day and the morning of the next, written past the use case.
    async fn the_database_keeps_shifts_apart(backend) {
        let world = World::new(backend).await;
        let person: PersonId = people(&world, 1).await[0].as_str().unwrap().parse().unwrap();
        let mut shifts = Vec::new();
        for (code, start, end) in [("N", 1320, 1890), ("E", 420, 900), ("D", 450, 930)] {
            let input = json!({ "code": code, "name": code, "startMin": start, "endMin": end, "idempotencyKey": code });
            let made = world.done("a1", "shiftCreate", "shift { id }", input).await;
            let id = made["shift"]["id"].as_str().unwrap().parse().unwrap();
            shifts.push(Shift { id, code: code.to_owned(), name: code.to_owned(), start_min: start, end_min: end, break_min: 0 });
        }
        let ctx = world.ctx("a1").await;
        let entry = |on: &str| RosterEntry { id: ctx.id(), day: day(on), person, shift: shifts[0].id };
        let add = async |entries: &[(&str, usize)]| {
            let tx = world.tx("a1", Mode::Write).await;
            let rows: Vec<_> = entries.iter().map(|(on, n)| (entry(on), &shifts[*n])).collect();
            let added = tx.roster_add(&rows, ctx.now()).await.unwrap();
            if added {
                tx.commit().await.unwrap();
            }
            added
        };
        assert!(add(&[("2026-11-30", 0)]).await);
        assert!(!add(&[("2026-12-01", 1)]).await, "07:00 to 07:30 twice, over the end of a month");
        assert!(add(&[("2026-12-01", 2)]).await, "the one ends when the other begins");
        assert!(!add(&[("2026-12-01", 0)]).await, "one shift a day");
        assert!(!add(&[("2026-12-31", 0), ("2027-01-01", 1)]).await, "in one statement too");
        assert!(add(&[("2026-12-31", 0), ("2027-01-01", 2)]).await);
        // What the use case does by hand in one call: the night goes, the morning comes.
        let set = |entries: Value| json!({ "entries": entries, "idempotencyKey": entries.to_string().chars().take(90).collect::<String>() });
        let at = |on: &str, shift: usize| json!({ "day": on, "shiftId": shifts[shift].id.to_string(), "personId": person.to_string() });
        let swap = set(json!([at("2026-12-01", 1), at("2026-11-30", 2)]));
        let done = world.done("a1", "rosterSet", "set cleared", swap).await;
        assert_eq!((&done["set"], &done["cleared"]), (&json!(2), &json!(0)));
    }
}
