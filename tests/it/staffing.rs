//! People, shifts, rosters, seats taken, and the staffing need.

use chrono::NaiveDate;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sea_orm::{ConnectionTrait as _, Database as Connect, Statement};
use serde_json::{Value, json};
use voxpark_domain::Error;
use voxpark_domain::people;
use voxpark_domain::staffing::TargetTerms;
use voxpark_domain::tables::{ImportMode, Row, Table};
use voxpark_domain::uow::Mode;
use voxpark_domain::workforce::{Traffic, agents_needed, erlang_c, positions_needed};
use voxpark_infra::files::Upload;
use voxpark_tests::app::World;
use voxpark_tests::on_both;
use voxpark_tests::plant::Plant;

const LIST: &str = "工号,姓名,岗位,班组,入职日期,离职日期
E1,王芳,坐席,一组,2026-01-05,
E2,李雷,坐席,一组,2026-02-01,
E3,韩梅梅,班长,二组,2026-02-01,2026-12-01
";
const ALL_DAY: (i64, i64) = (0, 1440);
const WALL: &str = "2026-11-14T01:00:00Z";

/// Uploads a list of people and imports it; the payload without its user errors, of which there must be none.
async fn import(world: &World, who: &str, key: &str, text: &str, mode: &str, dry_run: bool) -> Value {
    let file = world.upload(who, "people.csv", text.as_bytes()).await;
    let input = json!({ "fileId": file, "mode": mode, "dryRun": dry_run, "idempotencyKey": key });
    world.done(who, "peopleImport", "rows added updated refused issues { row field rule message }", input).await
}

/// Ids of the people of `who`'s tenant by employee number.
async fn ids(world: &World, who: &str) -> Value {
    let nodes = "{ tenant { people(first: 100) { nodes { id employeeNo } } } }";
    let answer = world.ok(who, nodes, json!({})).await;
    let list = answer["tenant"]["people"]["nodes"].as_array().cloned().unwrap_or_default();
    list.iter().map(|p| (p["employeeNo"].as_str().unwrap_or_default().to_owned(), p["id"].clone())).collect()
}

async fn shift(world: &World, code: &str, start: i64, end: i64) -> Value {
    let input = json!({ "code": code, "name": code, "startMin": start, "endMin": end, "breakMin": 60, "idempotencyKey": format!("shift-{code}") });
    world.done("a1", "shiftCreate", "shift { id code startMin endMin breakMin }", input).await["shift"]["id"].clone()
}

fn ms(text: &str) -> i64 {
    text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis()
}

/// Whether any text or bytes of a table hold the name, as the owner of the database sees it.
async fn holds(world: &World, table: &str, name: &str) -> bool {
    let db = Connect::connect(world.database.url()).await.unwrap();
    let postgres = world.db.is_postgres();
    let sql = if postgres {
        let hex: Vec<_> = name.bytes().map(|b| format!("{b:02x}")).collect();
        let hex = hex.concat();
        format!(
            "SELECT 1 AS one FROM voxpark.{table} t WHERE t::text LIKE '%{name}%' OR t::text LIKE '%{hex}%' LIMIT 1"
        )
    } else {
        let columns = db
            .query_all_raw(Statement::from_string(
                db.get_database_backend(),
                format!("SELECT name FROM pragma_table_info('{table}')"),
            ))
            .await
            .unwrap();
        let holds: Vec<_> = columns
            .iter()
            .map(|c| {
                format!("instr(CAST({} AS BLOB), CAST('{name}' AS BLOB)) > 0", c.try_get::<String>("", "name").unwrap())
            })
            .collect();
        format!("SELECT 1 AS one FROM {table} WHERE {} LIMIT 1", holds.join(" OR "))
    };
    let found = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    db.close().await.unwrap();
    found.is_some()
}

on_both! {
    /// A list of people comes in with its teams, again with what changed, and names are readable for the tenant alone.
    async fn people_come_from_a_list(backend) {
        let world = World::new(backend).await;
        let trial = import(&world, "a1", "k0", LIST, "ALL_OR_NOTHING", true).await;
        assert_eq!((&trial["added"], &trial["rows"]), (&json!(3), &json!(3)));
        assert_eq!(ids(&world, "a1").await, json!({}), "a trial writes nothing");
        let first = import(&world, "a1-hr", "k1", LIST, "ALL_OR_NOTHING", false).await;
        assert_eq!(first, json!({ "rows": 3, "added": 3, "updated": 0, "refused": 0, "issues": [], "userErrors": [] }));

        let document = "query($filter: PersonFilter) { tenant { teams { code name }
            people(first: 2, filter: $filter) { totalCount pageInfo { hasNextPage } nodes { employeeNo name position team { code } joinedOn leftOn occupancy { satFrom } } } } }";
        let all = world.ok("a1", document, json!({})).await["tenant"].clone();
        assert_eq!(all["teams"], json!([{ "code": "一组", "name": "一组" }, { "code": "二组", "name": "二组" }]));
        assert_eq!((&all["people"]["totalCount"], &all["people"]["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
        assert_eq!(all["people"]["nodes"][0], json!({ "employeeNo": "E1", "name": "王芳", "position": "坐席",
            "team": { "code": "一组" }, "joinedOn": "2026-01-05", "leftOn": null, "occupancy": null }));
        let on = world.ok("a1", document, json!({ "filter": { "on": "2026-01-31" } })).await;
        assert_eq!(on["tenant"]["people"]["totalCount"], 1);
        let prefix = world.ok("a1", document, json!({ "filter": { "employeeNoPrefix": "E", "on": "2026-12-01" } })).await;
        assert_eq!(prefix["tenant"]["people"]["totalCount"], 2);

        // A row that says the same is no update; a new team is made; who is not in the list stays.
        let next = "Employee No,Name,Position,Team,Joined on\nE1,王芳,坐席,一组,2026-01-05\nE2,李雷,班长,三组,2026-02-01\n";
        let second = import(&world, "a1", "k2", next, "ALL_OR_NOTHING", false).await;
        assert_eq!((&second["added"], &second["updated"]), (&json!(0), &json!(1)));
        let all = world.ok("a1", document, json!({})).await["tenant"].clone();
        assert_eq!((all["teams"].as_array().unwrap().len(), &all["people"]["totalCount"]), (3, &json!(3)));

        for table in ["person", "audit_event", "idempotency", "job"] {
            assert!(!holds(&world, table, "李雷").await, "a name in {table}");
        }
        assert!(holds(&world, "team", "三组").await, "the search finds what is there");
    }

    /// A workbook as personnel departments keep it: dates as dates, numbers as numbers, a title row of its own font.
    async fn people_come_from_a_workbook(backend) {
        let world = World::new(backend).await;
        let mut book = Workbook::new();
        let (bold, date) = (Format::new().set_bold(), Format::new().set_num_format("yyyy/m/d"));
        let sheet = book.add_worksheet();
        for (column, title) in (0_u16..).zip(["工号", "姓名", "岗位", "班组", "入职日期", "离职日期"]) {
            sheet.write_with_format(0, column, title, &bold).unwrap();
        }
        for (row, (number, name, joined)) in (1_u32..).zip([(1001.0, "王芳", (2026, 1, 5)), (1002.0, "李雷", (2026, 2, 1)), (1001.0, "重复", (2026, 2, 1))]) {
            sheet.write(row, 0, number).unwrap();
            for (column, text) in (1_u16..).zip([name, "坐席", "一组"]) {
                sheet.write(row, column, text).unwrap();
            }
            let joined = ExcelDateTime::from_ymd(joined.0, joined.1, joined.2).unwrap();
            sheet.write_with_format(row, 4, &joined, &date).unwrap();
        }
        sheet.write(2, 5, "2026-13-01").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let file = world.upload("a1-hr", "花名册.xlsx", &bytes).await;
        let input = |mode: &str| json!({ "fileId": file, "mode": mode, "idempotencyKey": mode });
        let selection = "rows added refused issues { row field rule }";
        let told = json!([{ "row": 3, "field": "left_on", "rule": "date-invalid" }, { "row": 4, "field": "employee_no", "rule": "employee-no-doubled" }]);
        let none = world.done("a1-hr", "peopleImport", selection, input("ALL_OR_NOTHING")).await;
        assert_eq!((&none["rows"], &none["added"], &none["issues"]), (&json!(3), &json!(0), &told));
        let some = world.done("a1-hr", "peopleImport", selection, input("GOOD_ROWS")).await;
        assert_eq!((&some["added"], &some["refused"], &some["issues"]), (&json!(1), &json!(2), &told));
        let people = world.ok("a1", "{ tenant { people { nodes { employeeNo name joinedOn team { code } } } } }", json!({})).await;
        assert_eq!(people["tenant"]["people"]["nodes"], json!([{ "employeeNo": "1001", "name": "王芳", "joinedOn": "2026-01-05", "team": { "code": "一组" } }]));
        // A file that only calls itself a workbook.
        let upload = Upload { name: "花名册.xlsx", declared: "", purpose: None };
        let taken = world.filing.take(&world.ctx("a1-hr").await, upload, &bytes[..bytes.len() / 2]).await;
        assert!(matches!(taken, Err(Error::Refused(list)) if list[0].rule == "workbook-broken"));
    }

    /// Bad rows are told by row and column; they keep back everything or only themselves.
    async fn bad_rows_are_told(backend) {
        let world = World::new(backend).await;
        let text = format!("{LIST}E1,韩一,坐席,,2026-01-05,\nE4,,坐席,,someday,\nE5,韩五,坐席,,2026-03-01,2026-03-01\n");
        let told = json!([
            { "row": 5, "field": "employee_no", "rule": "employee-no-doubled", "message": "This employee number stands in row 2 already." },
            { "row": 6, "field": "name", "rule": "text-required", "message": "Please fill this in, at most 40 characters." },
            { "row": 6, "field": "joined_on", "rule": "date-invalid", "message": "This is not a date; write it like 2026-11-21." },
            { "row": 7, "field": "left_on", "rule": "period-empty", "message": "The end (2026-03-01) must come after the start (2026-03-01)." },
        ]);
        let none = import(&world, "a1", "k1", &text, "ALL_OR_NOTHING", false).await;
        assert_eq!(none, json!({ "rows": 6, "added": 0, "updated": 0, "refused": 3, "issues": told, "userErrors": [] }));
        assert_eq!(ids(&world, "a1").await, json!({}));
        let some = import(&world, "a1", "k2", &text, "GOOD_ROWS", false).await;
        assert_eq!(some, json!({ "rows": 6, "added": 3, "updated": 0, "refused": 3, "issues": told, "userErrors": [] }));
        assert_eq!(ids(&world, "a1").await.as_object().unwrap().len(), 3);

        let file = world.upload("a1", "x.csv", b"name,team\na,b\n").await;
        let input = |key: &str| json!({ "fileId": file, "mode": "GOOD_ROWS", "idempotencyKey": key });
        assert_eq!(world.refused("a1", "peopleImport", input("k3")).await, ["column-missing", "column-missing", "column-missing"]);
        assert_eq!(world.refused("a1-leader", "peopleImport", input("k4")).await, ["forbidden"]);
        assert_eq!(world.refused("a2", "peopleImport", input("k5")).await, ["file-unknown"]);
        assert_eq!(world.refused("park", "peopleImport", input("k6")).await, ["not-found"]);
    }

    /// Reading and writing take as many statements for many as for few.
    async fn statements_do_not_grow(backend) {
        let world = World::new(backend).await;
        let mut counts = Vec::new();
        for (from, count) in [(0, 3), (1000, 400)] {
            let row = |line: u64, cells: [String; 5]| Row { line, cells: cells.to_vec() };
            let header = row(1, ["employee_no", "name", "position", "team", "joined_on"].map(str::to_owned));
            let rows = (from..from + count)
                .map(|n| row(n + 2, [format!("N{n}"), format!("名{n}"), "agent".into(), format!("T{from}"), "2026-01-01".into()]))
                .collect();
            let table = Table { header, rows, ragged: Vec::new() };
            let ctx = world.ctx("a1").await;
            let tx = world.tx("a1", Mode::Write).await;
            let report = people::people_import(&*tx, &ctx, &table, ImportMode::AllOrNothing, false).await.unwrap();
            assert_eq!(report.added as u64, count);
            counts.push(tx.statements());
            tx.commit().await.unwrap();
        }
        assert_eq!(counts[0], counts[1]);
        let shift = shift(&world, "D", 540, 1020).await;
        let people = ids(&world, "a1").await;
        let entries: Vec<_> = people.as_object().unwrap().values()
            .map(|id| json!({ "personId": id, "day": "2026-11-23", "shiftId": shift })).collect();
        world.done("a1", "rosterSet", "set", json!({ "entries": entries, "idempotencyKey": "r" })).await;
        for document in [
            "query($n: Int!) { tenant { people(first: $n) { totalCount nodes { name team { code } occupancy { satFrom } } } } }",
            "query($n: Int!) { tenant { people(first: $n) { nodes { id } } roster(from: \"2026-11-23\", to: \"2026-11-24\") { person { name } shift { code } } } }",
        ] {
            let mut counts = Vec::new();
            for n in [2, 90] {
                let answer = world.call(Some(world.token("a1").await), document, json!({ "n": n })).await;
                assert!(answer.body.get("errors").is_none(), "{}", answer.body);
                counts.push(answer.statements);
            }
            assert_eq!(counts[0], counts[1], "{document}");
        }
    }

    /// Rosters are set, replaced and cleared as a whole; what cannot be is told at its place and nothing is done.
    async fn rosters_are_kept_by_hand(backend) {
        let world = World::new(backend).await;
        import(&world, "a1", "k1", LIST, "ALL_OR_NOTHING", false).await;
        let people = ids(&world, "a1").await;
        let (day, night) = (shift(&world, "D", 540, 1020).await, shift(&world, "N", 1320, 1890).await);
        let early = shift(&world, "E", 420, 900).await;
        let bad = json!({ "code": "D", "name": "", "startMin": 600, "endMin": 600, "idempotencyKey": "b" });
        assert_eq!(world.refused("a1", "shiftCreate", bad).await, ["text-required", "shift-span"]);
        let taken = json!({ "code": "D", "name": "x", "startMin": 600, "endMin": 900, "idempotencyKey": "b" });
        assert_eq!(world.refused("a1-leader", "shiftCreate", taken).await, ["shift-code-taken"]);

        let entry = |no: &str, day: &str, shift: &Value| json!({ "personId": people[no], "day": day, "shiftId": shift });
        let set = |key: &str, entries: Vec<Value>| json!({ "entries": entries, "idempotencyKey": key });
        let first = set("r1", vec![entry("E1", "2026-11-23", &day), entry("E1", "2026-11-24", &night), entry("E2", "2026-11-23", &day)]);
        let done = world.done("a1-leader", "rosterSet", "set cleared", first.clone()).await;
        assert_eq!((&done["set"], &done["cleared"]), (&json!(3), &json!(0)));
        assert_eq!(world.done("a1-leader", "rosterSet", "set cleared", first).await, done, "the same key answers the same");

        let mixed = set("r2", vec![
            entry("E1", "2026-11-25", &early), entry("E3", "2026-12-01", &day), entry("E2", "2026-11-23", &json!(null)),
            json!({ "personId": "person_00000000000000000000000000000001", "day": "2026-11-24", "shiftId": day }),
            entry("E2", "2026-11-24", &json!("shift_00000000000000000000000000000001")),
        ]);
        let refused = world.mutate("a1", "rosterSet", "set", mixed).await;
        let told: Vec<_> = refused["userErrors"].as_array().unwrap().iter().map(|e| (e["path"].as_str().unwrap(), e["rule"].as_str().unwrap())).collect();
        assert_eq!(told, [
            ("entries.0.shiftId", "shift-overlap"), ("entries.1.day", "person-not-employed"),
            ("entries.3.personId", "person-unknown"), ("entries.4.shiftId", "shift-unknown"),
        ]);
        assert_eq!(world.refused("a1", "rosterSet", set("r3", vec![])).await, ["roster-entries"]);
        let wide = set("r4", vec![entry("E1", "2026-11-01", &day), entry("E1", "2026-12-02", &day)]);
        assert_eq!(world.refused("a1", "rosterSet", wide).await, ["roster-too-wide"]);
        let wrong = set("r5", vec![json!({ "personId": "seat_1", "day": "2026-11-01" })]);
        assert_eq!(world.refused("a1", "rosterSet", wrong).await, ["id-invalid"]);
        assert_eq!(world.refused("a1-hr", "rosterSet", set("r6", vec![entry("E1", "2026-11-23", &day)])).await, ["forbidden"]);

        let replaced = set("r7", vec![entry("E1", "2026-11-23", &early), entry("E1", "2026-11-24", &json!(null)), entry("E1", "2026-11-25", &early)]);
        let done = world.done("a1", "rosterSet", "set cleared", replaced).await;
        assert_eq!((&done["set"], &done["cleared"]), (&json!(2), &json!(1)));
        let roster = "query($team: ID) { tenant { roster(from: \"2026-11-23\", to: \"2026-11-26\", teamId: $team) { id day person { employeeNo } shift { code } } } }";
        let now = world.ok("a1-hr", roster, json!({})).await["tenant"]["roster"].clone();
        let brief: Vec<_> = now.as_array().unwrap().iter()
            .map(|e| format!("{} {} {}", e["day"], e["person"]["employeeNo"], e["shift"]["code"]).replace('"', "")).collect();
        assert_eq!(brief, ["2026-11-23 E1 E", "2026-11-23 E2 D", "2026-11-25 E1 E"]);
        let node = "query($id: ID!) { node(id: $id) { ... on RosterEntry { day } } }";
        assert_eq!(world.ok("a1", node, json!({ "id": now[0]["id"] })).await["node"]["day"], "2026-11-23");
        assert!(world.ok("a2", node, json!({ "id": now[0]["id"] })).await["node"].is_null());
        let teams = world.ok("a1", "{ tenant { teams { id code } } }", json!({})).await;
        let second = &teams["tenant"]["teams"][1]["id"];
        assert_eq!(world.ok("a1", roster, json!({ "team": second })).await["tenant"]["roster"], json!([]));
    }

    /// People sit on seats that the tenant holds, one at a time each, and leave them.
    async fn seats_are_taken_and_left(backend) {
        let world = World::new(backend).await;
        import(&world, "a1", "k1", LIST, "ALL_OR_NOTHING", false).await;
        import(&world, "a2", "k1", LIST, "ALL_OR_NOTHING", false).await;
        let mut plant = Plant::new(&world);
        let seats = plant.seats(world.ids.a1, 2, "'2026-06-01', '2027-01-01'", ALL_DAY);
        let foreign = plant.seats(world.ids.a2, 1, "'2026-06-01', '2036-01-01'", ALL_DAY);
        plant.done().await;
        let people = ids(&world, "a1").await;
        let take = |key: &str, seat: &str, no: &str, from: &str, to: Value| json!({ "seatId": seat, "personId": people[no], "from": from, "to": to, "idempotencyKey": key });
        let [one, two] = [seats[0].to_string(), seats[1].to_string()];
        let refused = async |seat: &str, no: &str, from: &str, to: Value| {
            world.refused("a1", "seatOccupy", take(&format!("x-{seat}-{no}-{from}-{to}"), seat, no, from, to)).await
        };
        assert_eq!(refused(&one, "E1", "2026-11-01", json!("2026-11-01")).await, ["period-empty"]);
        assert_eq!(refused(&one, "E1", "2026-11-01", json!("2027-01-02")).await, ["seat-held-until"]);
        assert_eq!(refused(&one, "E1", "2027-01-01", json!(null)).await, ["seat-not-held"]);
        assert_eq!(refused(&one, "E1", "2026-05-31", json!("2026-07-01")).await, ["seat-not-held"]);
        assert_eq!(refused(&foreign[0].to_string(), "E1", "2026-11-01", json!("2026-12-01")).await, ["seat-not-held"]);
        assert_eq!(refused(&one, "E3", "2026-11-01", json!("2026-12-02")).await, ["person-not-employed"]);

        let made = world.done("a1-leader", "seatOccupy", "occupancy { id satFrom satTo seat { id } person { employeeNo } }",
            take("s1", &one, "E1", "2026-11-01", json!("2027-01-01"))).await["occupancy"].clone();
        assert_eq!(made["seat"]["id"], one);
        assert_eq!((&made["satFrom"], &made["satTo"], &made["person"]["employeeNo"]), (&json!("2026-11-01"), &json!("2027-01-01"), &json!("E1")));
        world.done("a1", "seatOccupy", "occupancy { id }", take("s2", &one, "E2", "2026-11-01", json!("2026-12-01"))).await;
        assert_eq!(refused(&two, "E1", "2026-12-31", json!("2027-01-01")).await, ["person-elsewhere"]);
        assert_eq!(refused(&one, "E1", "2026-10-01", json!("2026-11-02")).await, ["person-elsewhere"]);
        world.done("a1", "seatOccupy", "occupancy { id }", take("s3", &two, "E1", "2026-10-01", json!("2026-11-01"))).await;

        let on = "query($on: Date) { tenant { occupancies(on: $on) { totalCount nodes { person { employeeNo } satTo } } people(filter: { employeeNoPrefix: \"E1\" }) { nodes { occupancy(on: $on) { satFrom } } } } }";
        let list = world.ok("a1", on, json!({ "on": "2026-11-20" })).await["tenant"].clone();
        assert_eq!(list["occupancies"]["totalCount"], 2);
        assert_eq!(list["people"]["nodes"][0]["occupancy"]["satFrom"], "2026-11-01");

        let leave = |id: &Value, on: &str, key: &str| json!({ "occupancyId": id, "on": on, "idempotencyKey": key });
        assert_eq!(world.refused("a1", "seatVacate", leave(&made["id"], "2026-11-01", "v1")).await, ["vacate-day"]);
        assert_eq!(world.refused("a1", "seatVacate", leave(&made["id"], "2027-01-02", "v2")).await, ["vacate-day"]);
        assert_eq!(world.refused("a2", "seatVacate", leave(&made["id"], "2026-11-10", "v3")).await, ["not-found"]);
        let left = world.done("a1", "seatVacate", "occupancy { satTo }", leave(&made["id"], "2026-11-10", "v4")).await;
        assert_eq!(left["occupancy"]["satTo"], "2026-11-10");
        let list = world.ok("a1", on, json!({ "on": "2026-11-20" })).await["tenant"].clone();
        assert_eq!(list["occupancies"]["totalCount"], 1);
        world.done("a1", "seatOccupy", "occupancy { id }", take("s4", &two, "E1", "2026-11-10", json!("2026-12-01"))).await;
    }

    /// Two at once cannot give one person two seats.
    async fn two_at_once_do_not_seat_one_person_twice(backend) {
        let world = World::new(backend).await;
        import(&world, "a1", "k1", LIST, "ALL_OR_NOTHING", false).await;
        let mut plant = Plant::new(&world);
        let seats = plant.seats(world.ids.a1, 6, "'2026-06-01', '2036-01-01'", ALL_DAY);
        plant.done().await;
        let person = ids(&world, "a1").await["E1"].clone();
        world.token("a1").await;
        let tries = seats.iter().enumerate().map(|(n, seat)| {
            let input = json!({ "seatId": seat.to_string(), "personId": person, "from": "2026-11-01", "idempotencyKey": format!("t{n}") });
            world.mutate("a1", "seatOccupy", "occupancy { id }", input)
        });
        let answers = futures_util::future::join_all(tries).await;
        let done = answers.iter().filter(|a| !a["occupancy"].is_null()).count();
        assert_eq!(done, 1, "{answers:?}");
        assert!(answers.iter().filter(|a| a["occupancy"].is_null()).all(|a| a["userErrors"][0]["rule"] == "person-elsewhere"), "{answers:?}");
    }

    /// Who leaves gives up a seat that was taken as long as it is held; what is planned beyond the last day has to be changed first.
    async fn leaving_ends_the_open_seat(backend) {
        let world = World::new(backend).await;
        import(&world, "a1", "k1", LIST, "ALL_OR_NOTHING", false).await;
        let mut plant = Plant::new(&world);
        let seats = plant.seats(world.ids.a1, 1, "'2026-01-01', '2036-01-01'", ALL_DAY);
        plant.done().await;
        let people = ids(&world, "a1").await;
        let shift = shift(&world, "D", 540, 1020).await;
        let input = json!({ "seatId": seats[0].to_string(), "personId": people["E1"], "from": "2026-11-01", "idempotencyKey": "s" });
        world.done("a1", "seatOccupy", "occupancy { id }", input).await;
        let entry = |shift: &Value, key: &str| json!({ "entries": [{ "personId": people["E1"], "day": "2026-11-30", "shiftId": shift }], "idempotencyKey": key });
        world.done("a1", "rosterSet", "set", entry(&shift, "r1")).await;
        let leaves = "工号,姓名,岗位,入职日期,离职日期\nE1,王芳,坐席,2026-01-05,2026-11-30\n";
        let refused = import(&world, "a1", "k2", leaves, "ALL_OR_NOTHING", false).await;
        assert_eq!(refused["issues"][0]["rule"], "person-still-placed");
        assert_eq!(refused["issues"][0]["message"], "The roster or a seat speaks of this person from 2026-11-01 up to and without 2026-12-01: change that first.");
        world.done("a1", "rosterSet", "cleared", entry(&json!(null), "r2")).await;
        assert_eq!(import(&world, "a1", "k3", leaves, "ALL_OR_NOTHING", false).await["updated"], 1);
        let list = world.ok("a1", "{ tenant { occupancies { nodes { satTo } } people { nodes { team { code } leftOn } } } }", json!({})).await["tenant"].clone();
        assert_eq!(list["occupancies"]["nodes"][0]["satTo"], "2026-11-30");
        assert_eq!(list["people"]["nodes"][0], json!({ "team": { "code": "一组" }, "leftOn": "2026-11-30" }));
    }

    /// The need of a day is that of the Erlang formulas over the mean of the last same weekdays, against roster and seats.
    async fn the_need_of_a_day_follows_from_its_weekdays(backend) {
        let world = World::new(backend).await;
        import(&world, "a1", "k1", LIST, "ALL_OR_NOTHING", false).await;
        let week = 7 * 86_400_000;
        let mut plant = Plant::new(&world);
        plant.seats(world.ids.a1, 5, "'2026-06-01', '2036-01-01'", (480, 1080));
        // Two queues on two of the last four Saturdays, 09:00 and 09:15; another tenant's must not count.
        plant.quarters(world.ids.a1, &[(ms(WALL), 30, 28, 28 * 240), (ms(WALL) + 900_000, 18, 18, 18 * 200), (ms(WALL) - 5 * week, 900, 900, 900)]);
        plant.quarters(world.ids.a1, &[(ms(WALL) - week, 50, 50, 50 * 180)]);
        plant.quarters(world.ids.a2, &[(ms(WALL), 500, 500, 500 * 60)]);
        plant.done().await;
        let people = ids(&world, "a1").await;
        let shift = shift(&world, "D", 540, 1020).await;
        let entries: Vec<_> = ["E1", "E2"].iter().map(|no| json!({ "personId": people[*no], "day": "2026-11-21", "shiftId": shift })).collect();
        world.done("a1", "rosterSet", "set", json!({ "entries": entries, "idempotencyKey": "r" })).await;

        let document = "query($day: Date!, $grain: Grain, $target: StaffingTargetInput) { tenant { staffing(day: $day, grain: $grain, target: $target) {
            day basis basisDays target { name version model serviceLevelPercent thresholdSeconds patienceSeconds shrinkagePercent maxOccupancyPercent }
            intervals { start offered handleSeconds erlangs agents positions rostered seats rosterGap seatGap predictedServiceLevel predictedOccupancy } } } }";
        let plan = world.ok("a1", document, json!({ "day": "2026-11-21", "grain": "QUARTER" })).await["tenant"]["staffing"].clone();
        assert_eq!(plan["basis"], "same-weekdays-4@1");
        assert_eq!(plan["basisDays"], json!(["2026-11-14", "2026-11-07"]));
        assert_eq!(plan["target"], json!({ "name": "voxpark-default", "version": 1, "model": "C", "serviceLevelPercent": 80, "thresholdSeconds": 20,
            "patienceSeconds": null, "shrinkagePercent": 30, "maxOccupancyPercent": 85 }));
        assert_eq!(plan["intervals"].as_array().unwrap().len(), 96);
        let nine = &plan["intervals"][36];
        let handle = f64::from(28 * 240 + 50 * 180) / 78.0;
        let traffic = Traffic::new(40.0, 900.0, handle).unwrap();
        let target = TargetTerms::default().target().unwrap();
        let needed = agents_needed(traffic, &target).unwrap();
        assert_eq!(nine["start"], "2026-11-21T01:00:00+00:00");
        assert_eq!((nine["offered"].as_f64(), nine["handleSeconds"].as_f64()), (Some(40.0), Some(handle)));
        assert_eq!(nine["erlangs"].as_f64(), Some(traffic.load()));
        assert_eq!(nine["agents"], needed.agents);
        let positions = positions_needed(needed.agents, 0.3).unwrap();
        assert_eq!(nine["positions"], positions);
        assert_eq!((&nine["rostered"], &nine["seats"]), (&json!(2), &json!(5)));
        assert_eq!(nine["rosterGap"], 2 - i64::from(positions));
        assert_eq!(nine["seatGap"], 5 - i64::from(needed.agents));
        assert_eq!((nine["predictedServiceLevel"].as_f64(), nine["predictedOccupancy"].as_f64()), (Some(0.0), Some(1.0)), "one agent under {} erlangs", traffic.load());
        // 08:45 has seats and nobody yet; 18:00 nothing, and no contacts.
        assert_eq!((&plan["intervals"][35]["rostered"], &plan["intervals"][35]["seats"]), (&json!(0), &json!(5)));
        assert_eq!(plan["intervals"][72]["seats"], 0);
        assert_eq!((&plan["intervals"][72]["agents"], &plan["intervals"][72]["predictedServiceLevel"]), (&json!(0), &json!(null)));

        // Half hours add up; a day ahead uses the same Saturdays; other terms are named custom.
        let terms = json!({ "serviceLevelPercent": 90, "thresholdSeconds": 10, "shrinkagePercent": 0, "maxOccupancyPercent": 100 });
        let half = world.ok("a1-leader", document, json!({ "day": "2026-11-28", "target": terms })).await["tenant"]["staffing"].clone();
        assert_eq!((&half["basisDays"], &half["target"]["name"]), (&json!(["2026-11-14", "2026-11-07"]), &json!("custom")));
        assert_eq!(half["intervals"].as_array().unwrap().len(), 48);
        let nine = &half["intervals"][18];
        let handle = f64::from(28 * 240 + 50 * 180 + 18 * 200) / 96.0;
        let traffic = Traffic::new(49.0, 1800.0, handle).unwrap();
        let agents = u32::try_from(nine["agents"].as_u64().unwrap()).unwrap();
        let level = |n: u32| erlang_c(traffic, n).map_or(0.0, |q| q.service_level(10.0).unwrap());
        assert!((nine["erlangs"].as_f64().unwrap() - traffic.load()).abs() < 1e-12);
        assert!(level(agents) >= 0.9 && level(agents - 1) < 0.9, "{agents} agents under {} erlangs", traffic.load());
        assert_eq!((&nine["positions"], &nine["rostered"]), (&nine["agents"], &json!(0)));

        let impatient = json!({ "day": "2026-11-28", "target": { "model": "A" } });
        let answer = world.call(Some(world.token("a1").await), document, impatient).await.body;
        assert_eq!(answer["errors"][0]["message"], "Erlang A needs a patience in seconds.");
        let patient = json!({ "day": "2026-11-28", "target": { "model": "A", "patienceSeconds": 120 } });
        let other = world.ok("a1", document, patient).await["tenant"]["staffing"].clone();
        assert_eq!((&other["target"]["model"], &other["target"]["patienceSeconds"]), (&json!("A"), &json!(120)));
        let bare = world.ok("a2", document, json!({ "day": "2026-11-24" })).await["tenant"]["staffing"].clone();
        assert_eq!(bare["basisDays"], json!([]));
        let day: NaiveDate = bare["day"].as_str().unwrap().parse().unwrap();
        assert_eq!(day.to_string(), "2026-11-24");
    }

    /// Neighbours, the park, assessors and an agent find no people, rosters or seats taken.
    async fn nobody_else_sees_people(backend) {
        let world = World::new(backend).await;
        import(&world, "a1", "k1", LIST, "ALL_OR_NOTHING", false).await;
        let people = ids(&world, "a1").await;
        let a1 = world.ids.a1.to_string();
        let document = "query($id: ID!, $person: ID!) { node(id: $id) { ... on Tenant { code teams { code } people { totalCount nodes { name } } shifts { code }
            roster(from: \"2026-11-01\", to: \"2026-11-30\") { id } occupancies { totalCount } staffing(day: \"2026-11-21\") { day } } }
            other: node(id: $person) { __typename } }";
        let ask = json!({ "id": a1, "person": people["E1"] });
        let own = world.ok("a1", document, ask.clone()).await;
        assert_eq!((&own["node"]["people"]["totalCount"], &own["other"]["__typename"]), (&json!(3), &json!("Person")));
        for who in ["park", "assessor", "a2", "a1-agent", "finance", "b1"] {
            let seen = world.ok(who, document, ask.clone()).await;
            assert!(seen["other"].is_null(), "{who}");
            if !seen["node"].is_null() {
                assert_eq!(seen["node"]["people"], json!({ "totalCount": 0, "nodes": [] }), "{who}");
                for list in ["teams", "shifts", "roster"] {
                    assert_eq!(seen["node"][list], json!([]), "{who} {list}");
                }
                assert!(seen["node"]["staffing"].is_null(), "{who}");
            }
        }
        let hr = world.ok("a1-hr", "{ tenant { people { nodes { name } } } }", json!({})).await;
        assert_eq!(hr["tenant"]["people"]["nodes"][0]["name"], "王芳");
    }
}
