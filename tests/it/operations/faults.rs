//! Bad files, and what nobody may find in the database.

use sea_orm::{ConnectionTrait as _, Database as Connect, DbBackend, Statement};
use serde_json::{Value, json};
use voxpark_domain::ctx::Lang;
use voxpark_graphql::Call;
use voxpark_tests::app::World;
use voxpark_tests::{Backend, on_both};

use super::{IMPORT, counts, data, import, lines, packed, start, totals, unpacked};

const HEADER: &str = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\r\n";

fn row(call: usize) -> String {
    format!(
        "AA0101\t{call}\t77001234567\t0\tPS\t990301\t9:00:00\t9:00:05\t5\t9:00:05\t9:00:15\t10\tAGENT\t9:00:14\t9:01:14\t60\tMICHAL\r\n"
    )
}

fn rule(import: &Value) -> (&str, &str) {
    (import["state"].as_str().unwrap(), import["failure"]["rule"].as_str().unwrap_or("-"))
}

async fn nothing(world: &World, who: &str) {
    let seen = world
        .ok(who, "{ tenant { queues { id } daily(from: \"1999-01-01\", to: \"1999-12-31\") { day } } }", json!({}))
        .await;
    assert_eq!(seen["tenant"], json!({ "queues": [], "daily": [] }));
}

fn mapping() -> Value {
    json!({
        "start": { "column": "start", "format": "%Y/%m/%d %H:%M:%S" }, "queue": "queue", "outcome": "result",
        "outcomes": [{ "text": "接通", "outcome": "ANSWERED" }, { "text": "放弃", "outcome": "ABANDONED" }],
        "wait": "wait", "handle": "talk", "agent": "agent", "endCustomer": "caller", "externalId": "id"
    })
}

const CSV: &str = "id,start,queue,result,wait,talk,agent,caller\r\n1,2026/11/02 09:00:01,投诉,接通,5,60,王芳,13900000001\r\n\
    2,2026/11/02 09:16:00,投诉,放弃,30,,,13900000002\r\n3,2026/11/02 09:31:00,咨询,接通,25,90,李雷,\r\n";

on_both! {
    /// Broken rows are listed by row, field and rule in the caller's language; the rest is imported.
    async fn broken_rows_are_listed_in_both_languages(backend) {
        let world = World::new(backend).await;
        let text = [
            HEADER.to_owned(),
            row(1),
            row(2).replacen('\t', " ", 1),
            row(3).replace("990301", "990230"),
            row(4),
            row(5).replace("\t60\t", "\t99999999\t"),
        ]
        .concat();
        let done = import(&world, "a1", text.as_bytes(), "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(counts(&done), ("DONE".to_owned(), [5, 2, 0, 3]));
        assert_eq!(done["issues"]["totalCount"], 3);
        let expected = [
            (3, "", "row-field-count", "The row has 16 fields instead of 17.", "该行有 16 个字段，应为 17 个。"),
            (4, "date", "row-date-invalid", "This is not a date.", "这不是日期。"),
            (6, "ser_time", "row-duration-too-long", "A duration is at most 2678400 seconds.", "时长最多 2678400 秒。"),
        ];
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on ContactImport {{ {IMPORT} }} }} }}");
        for lang in [Lang::En, Lang::Zh] {
            let call = Call {
                document: document.clone(),
                variables: json!({ "id": done["id"] }),
                bearer: Some(world.token("a1").await),
                lang: Some(lang),
                ..Call::default()
            };
            let body = world.api.execute(call).await.body;
            let issues = body["data"]["node"]["issues"]["nodes"].clone();
            let wanted: Vec<Value> = expected
                .iter()
                .map(|(row, field, rule, en, zh)| {
                    json!({ "row": row, "field": field, "rule": rule, "message": if lang == Lang::En { en } else { zh } })
                })
                .collect();
            assert_eq!(issues, json!(wanted));
        }
        // In pages, too.
        let page = "query($id: ID!, $after: String) { node(id: $id) { ... on ContactImport { issues(first: 2, after: $after) {
            nodes { row } pageInfo { hasNextPage endCursor } } } } }";
        let first = world.ok("a1", page, json!({ "id": done["id"] })).await["node"]["issues"].clone();
        assert_eq!((&first["nodes"], &first["pageInfo"]["hasNextPage"]), (&json!([{ "row": 3 }, { "row": 4 }]), &json!(true)));
        let after = first["pageInfo"]["endCursor"].clone();
        let second = world.ok("a1", page, json!({ "id": done["id"], "after": after })).await["node"]["issues"].clone();
        assert_eq!(second["nodes"], json!([{ "row": 6 }]));
    }

    /// A cut file keeps its rows and is named; the whole file later adds only what is missing.
    async fn a_cut_file_is_completed_by_the_whole_one(backend) {
        let Some(bytes) = data("ab1999_02.txt.gz") else { return };
        let world = World::new(backend).await;
        let whole = packed(&lines(&unpacked(&bytes), 0, 4_000));
        let cut = import(&world, "a1", &whole[..whole.len() / 2], "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(rule(&cut), ("FAILED", "file-cut"));
        let read = counts(&cut).1[0];
        assert!((1_000..4_000).contains(&read), "{cut}");
        let message = cut["failure"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("line {}", read + 2)), "{message}");
        let done = import(&world, "a1", &whole, "ANONYMOUS_BANK", json!({})).await;
        assert_eq!(counts(&done), ("DONE".to_owned(), [4_000, 4_000 - read, read, 0]));
        import(&world, "a2", &whole, "ANONYMOUS_BANK", json!({})).await;
        let month = ("1999-02-01", "1999-03-01");
        assert_eq!(totals(&world, "a1", month.0, month.1).await, totals(&world, "a2", month.0, month.1).await);
    }

    /// Files that cannot be used are refused by name, and nothing of them is written.
    async fn unusable_files_leave_nothing(backend) {
        let world = World::new(backend).await;
        let good = [HEADER.to_owned(), row(1), row(2)].concat();
        let bomb = [good.clone().into_bytes(), vec![b'0'; 32 << 20]].concat();
        let mut damaged = packed(good.repeat(200).as_bytes());
        let tail = damaged.len() - 6;
        damaged[tail] ^= 1;
        let gbk = [good.as_bytes(), &[0xcd, 0xf5, 0xb7, 0xbc, b'\r', b'\n']].concat();
        let broken = [HEADER.to_owned(), "broken\r\n".repeat(300)].concat();
        for (bytes, format, wanted, words) in [
            (packed(&bomb), "ANONYMOUS_BANK", "file-bomb", "100"),
            (damaged, "ANONYMOUS_BANK", "file-damaged", "damaged"),
            (gbk, "ANONYMOUS_BANK", "call-file-encoding", "Line 4"),
            (b"a,b\r\n1,2\r\n".to_vec(), "ANONYMOUS_BANK", "call-file-header", "vru+line"),
            (b"\r\n\r\n".to_vec(), "ANONYMOUS_BANK", "call-file-empty", "no call records"),
            (broken.into_bytes(), "ANONYMOUS_BANK", "call-file-nonsense", "No row"),
            (good.repeat(9).into_bytes(), "ASTERISK_QUEUE_LOG", "call-file-not-queue-log", "queue_log"),
        ] {
            let done = import(&world, "a1", &bytes, format, json!({})).await;
            assert_eq!(rule(&done), ("FAILED", wanted));
            let message = done["failure"]["message"].as_str().unwrap();
            assert!(message.contains(words), "{message}");
            assert_eq!(counts(&done).1[1], 0);
        }
        nothing(&world, "a1").await;
    }

    /// A file of somebody else, a format without its mapping, an unknown zone: refused before there is an import.
    async fn requests_are_checked_before_anything_happens(backend) {
        let world = World::new(backend).await;
        let file = world.upload("a2", "calls.csv", CSV.as_bytes()).await;
        let ask = |more: Value| {
            let mut input = json!({ "fileId": file, "format": "GENERIC_CSV", "mapping": mapping(), "idempotencyKey": voxpark_tests::tools::serial().to_string() });
            for (key, value) in more.as_object().unwrap() {
                input[key] = value.clone();
            }
            input
        };
        assert_eq!(world.refused("a1", "contactImportStart", ask(json!({}))).await, ["file-unknown"]);
        assert_eq!(world.refused("a1-leader", "contactImportStart", ask(json!({}))).await, ["forbidden"]);
        assert_eq!(world.refused("park", "contactImportStart", ask(json!({}))).await, ["not-found"]);
        for (more, wanted) in [
            (json!({ "mapping": null }), "mapping-missing"),
            (json!({ "format": "ANONYMOUS_BANK" }), "mapping-unwanted"),
            (json!({ "timeZone": "Mars/Base" }), "zone-unknown"),
            (json!({ "queueCode": "Q" }), "mapping-queue"),
            (json!({ "fileId": "seat_1" }), "id-invalid"),
        ] {
            assert_eq!(world.refused("a2", "contactImportStart", ask(more)).await, [wanted]);
        }
        let mut bad = mapping();
        bad["start"]["format"] = json!("%H:%M");
        bad["delimiter"] = json!("x");
        bad["wait"] = json!(null);
        let payload = world.mutate("a2", "contactImportStart", "import { id }", ask(json!({ "mapping": bad }))).await;
        let paths: Vec<_> = payload["userErrors"].as_array().unwrap().iter().map(|e| (e["rule"].as_str().unwrap(), e["path"].as_str().unwrap())).collect();
        assert_eq!(
            paths,
            [("mapping-delimiter", "mapping.delimiter"), ("mapping-time-pattern", "mapping.start.format"), ("mapping-wait-missing", "mapping.wait")]
        );
        assert_eq!(world.ok("a1", "{ tenant { imports { totalCount } } }", json!({})).await["tenant"]["imports"]["totalCount"], 0);
    }

    /// A delimited file in the wrong encoding fails by name and, given again with the right one, is imported.
    async fn a_failed_file_can_be_given_again(backend) {
        let world = World::new(backend).await;
        let gbk = encode(CSV);
        let failed = import(&world, "a1", &gbk, "GENERIC_CSV", json!({ "mapping": mapping() })).await;
        assert_eq!(rule(&failed), ("FAILED", "call-file-encoding"));
        nothing(&world, "a1").await;
        let more = json!({ "mapping": mapping(), "encoding": "GB18030" });
        let done = import(&world, "a1", &gbk, "GENERIC_CSV", more.clone()).await;
        assert_eq!(done["id"], failed["id"]);
        assert_eq!((counts(&done), &done["failure"]), (("DONE".to_owned(), [3, 3, 0, 0]), &Value::Null));
        assert_eq!(totals(&world, "a1", "2026-11-02", "2026-11-03").await, [3, 2, 1]);
        let again = start(&world, "a1", &gbk, "GENERIC_CSV", more).await;
        assert_eq!(json!(again), done["id"]);
        // The same records in another encoding are the same records.
        let utf8 = import(&world, "a1", CSV.as_bytes(), "GENERIC_CSV", json!({ "mapping": mapping() })).await;
        assert_eq!(counts(&utf8).1, [3, 0, 3, 0]);
        // A column that is not there condemns the file.
        let mut other = mapping();
        other["agent"] = json!("who");
        let text = CSV.replace("13900000001", "13900000009");
        let refused = import(&world, "a1", text.as_bytes(), "GENERIC_CSV", json!({ "mapping": other })).await;
        assert_eq!(rule(&refused), ("FAILED", "csv-column-missing"));
    }

    /// No agent's name and no end customer's number is anywhere in the database, broken rows included.
    async fn people_are_nowhere_in_the_database(backend) {
        let world = World::new(backend).await;
        let broken = row(3).replace("990301", "990230");
        let text = [HEADER.to_owned(), row(1), broken, "77001234567 MICHAL\r\n".to_owned()].concat();
        import(&world, "a1", text.as_bytes(), "ANONYMOUS_BANK", json!({})).await;
        import(&world, "a1", CSV.as_bytes(), "GENERIC_CSV", json!({ "mapping": mapping() })).await;
        let log = "1000|a|q|NONE|ENTERQUEUE||77001234567|1\n1003|a|q|SIP/MICHAL|CONNECT|3|x|2\n1010|b|q|NONE|ENTERQUEUE||77001234567|1\n";
        import(&world, "a1", log.as_bytes(), "ASTERISK_QUEUE_LOG", json!({})).await;
        let all = dump(&world).await;
        assert!(all.contains("row-date-invalid"), "the dump holds what was written");
        for person in ["MICHAL", "77001234567", "王芳", "李雷", "13900000001"] {
            let hex = voxpark_domain::pack::hex(person.as_bytes());
            assert!(!all.contains(person) && !all.to_lowercase().contains(&hex), "{person} is in the database");
        }
    }
}

fn encode(text: &str) -> Vec<u8> {
    // GBK of the few characters that occur.
    let table = [
        ('投', [0xcd, 0xb6]),
        ('诉', [0xcb, 0xdf]),
        ('咨', [0xd7, 0xc9]),
        ('询', [0xd1, 0xaf]),
        ('接', [0xbd, 0xd3]),
        ('通', [0xcd, 0xa8]),
        ('放', [0xb7, 0xc5]),
        ('弃', [0xc6, 0xfa]),
        ('王', [0xcd, 0xf5]),
        ('芳', [0xb7, 0xbc]),
        ('李', [0xc0, 0xee]),
        ('雷', [0xc0, 0xd7]),
    ];
    let mut out = Vec::new();
    for c in text.chars() {
        match table.iter().find(|(t, _)| *t == c) {
            Some((_, bytes)) => out.extend(bytes),
            None => out.push(u8::try_from(c).unwrap()),
        }
    }
    out
}

/// Every row of every table as text; bytes in hexadecimal.
async fn dump(world: &World) -> String {
    let db = Connect::connect(world.database.url()).await.unwrap();
    let backend = db.get_database_backend();
    let mut all = String::new();
    for rule in voxpark_migrations::rules() {
        let sql = if world.database.backend() == Backend::Postgres {
            format!("SELECT t::text AS row FROM {}.{} t", voxpark_migrations::SCHEMA, rule.name)
        } else {
            let info = format!("SELECT name FROM pragma_table_info('{}')", rule.name);
            let columns = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, info)).await.unwrap();
            let list: Vec<String> =
                columns.iter().map(|c| format!("quote({})", c.try_get::<String>("", "name").unwrap())).collect();
            format!("SELECT {} AS row FROM {}", list.join(" || ',' || "), rule.name)
        };
        for row in db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
            all.push_str(&row.try_get::<String>("", "row").unwrap());
            all.push('\n');
        }
    }
    db.close().await.unwrap();
    all
}
