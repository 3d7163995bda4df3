//! Seat plans, floor maps, counts: through the API, on both databases.

mod floor_plans;
mod photos;
mod pictures;
mod places;
mod placing;
mod seat_time;

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

/// A plan of `count` equipped seats `S-0001`, ... in rows of 40 on one floor, from 2026-01-01 on.
pub(crate) fn plan(count: usize) -> String {
    let rows = (0..count).map(|n| {
        format!("A,3F,Z{},S-{:04},equipped,{},{},2026-01-01\n", n / 200 + 1, n + 1, n % 40 * 1500, n / 40 * 1800)
    });
    format!("building,floor,zone,seat,product,x_mm,y_mm,built_from\n{}", rows.collect::<String>())
}

/// The head of a picture of points with a size: enough to be measured.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// A whole picture of one point.
pub(crate) fn dot() -> Vec<u8> {
    let hex = "89504e470d0a1a0a0000000d4948445200000001000000010806000000\
        1f15c4890000000d49444154789c6364f8cf500f00038601805a347d6b0000000049454e44ae426082";
    hex::decode(hex).expect("hex")
}

/// Imports a plan as the park and returns the payload.
pub(crate) async fn import(world: &World, file: &[u8], more: Value) -> Value {
    let id = world.upload("park", "plan", file).await;
    let mut input = json!({ "fileId": id, "mode": "ALL_OR_NOTHING", "idempotencyKey": id });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let selection = "rows added updated unchanged refused applied issues { row field rule message }";
    world.mutate("park", "seatPlanImport", selection, input).await
}

/// The ids of the first seats by code.
pub(crate) async fn seat_ids(world: &World, count: usize) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    while ids.len() < count {
        let document = "query($after: String) { park { seats(first: 100, after: $after) { nodes { id } pageInfo { endCursor } } } }";
        let page = world.ok("park", document, json!({ "after": after })).await["park"]["seats"].clone();
        let nodes = page["nodes"].as_array().unwrap();
        assert!(!nodes.is_empty(), "fewer than {count} seats");
        ids.extend(nodes.iter().map(|n| n["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
    }
    ids.truncate(count);
    ids
}

fn faults(payload: &Value) -> Vec<(u64, String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let issues = payload["issues"].as_array().unwrap().iter();
    issues.map(|i| (i["row"].as_u64().unwrap(), text(&i["field"]), text(&i["rule"]))).collect()
}

on_both! {
    /// Ten thousand rows in a few statements; again they change nothing; the tree, the counts and the map show them.
    async fn a_large_plan_is_imported(backend) {
        let world = World::new(backend).await;
        let bytes = plan(10_000).replace("A,3F,Z1,S-0001,equipped", "A,B1,Z1,S-0001,bare");
        let done = import(&world, bytes.as_bytes(), json!({})).await;
        assert_eq!(done["userErrors"], json!([]));
        assert_eq!((&done["added"], &done["refused"], &done["applied"]), (&json!(10_000), &json!(0), &json!(true)));
        let again = import(&world, bytes.as_bytes(), json!({})).await;
        assert_eq!((&again["unchanged"], &again["added"], &again["updated"]), (&json!(10_000), &json!(0), &json!(0)));

        let document = "{ park { buildings { code floors { code level zones { code seats(first: 2) { nodes { code zone { floor { building { code } } } } totalCount pageInfo { hasNextPage } } } } }
            seatCounts { built leased occupied available byProduct { product built } } seatUse(months: 2) { month days builtSeatDays leasedSeatDays occupiedSeatDays }
            seats(filter: { codePrefix: \"S-00\", product: EQUIPPED, state: AVAILABLE }) { totalCount nodes { code state } } } }";
        let park = world.ok("park", document, json!({})).await["park"].clone();
        let floors = park["buildings"][0]["floors"].as_array().unwrap();
        assert_eq!(floors.iter().map(|f| f["level"].as_i64().unwrap()).collect::<Vec<_>>(), [-1, 3]);
        assert_eq!(floors[1]["zones"].as_array().unwrap().len(), 50);
        assert_eq!(floors[1]["zones"][0]["seats"]["totalCount"], 199);
        assert_eq!(floors[1]["zones"][0]["seats"]["pageInfo"]["hasNextPage"], true);
        let expected = json!({ "built": 10_000, "leased": 0, "occupied": 0, "available": 10_000,
            "byProduct": [{ "product": "BARE", "built": 1 }, { "product": "EQUIPPED", "built": 9_999 }] });
        assert_eq!(park["seatCounts"], expected);
        let november = json!({ "month": "2026-11", "days": 30, "builtSeatDays": 300_000, "leasedSeatDays": 0, "occupiedSeatDays": 0 });
        assert_eq!(park["seatUse"][1], november);
        assert_eq!(park["seats"]["totalCount"], 98);
        assert_eq!(park["seats"]["nodes"][0], json!({ "code": "S-0002", "state": "AVAILABLE" }));
    }

    /// Every faulty row is named with field and rule; nothing is written, or the good rows, as asked.
    async fn faulty_rows_are_named(backend) {
        let world = World::new(backend).await;
        let text = "楼栋,楼层,区域,席位号,产品,X坐标,Y坐标\n\
            A,3层,一区,A-1,裸席,0,0\nA,3层,一区,A-2,豪华,0,0\nA,3层,一区,A-3,配系统,-5,x\n\
            A,3层,二区,A-1,裸席,0,0\nA,3层,一区,A-4\nA,3层,一区,A-5,带家具,100,200\n";
        let gb = encode_gb18030(text);
        let refused = import(&world, &gb, json!({})).await;
        let expected = [
            (2, "seat", "seat-code-doubled"),
            (3, "product", "seat-product-unknown"),
            (4, "x_mm", "number-range"),
            (4, "y_mm", "number-invalid"),
            (5, "seat", "seat-code-doubled"),
            (6, "", "row-ragged"),
        ];
        assert_eq!(faults(&refused), expected.map(|(row, field, rule)| (row, field.to_owned(), rule.to_owned())));
        assert_eq!((&refused["refused"], &refused["applied"]), (&json!(5), &json!(false)));
        assert_eq!(refused["issues"][0]["message"], "The seat code A-1 also stands in row 5.");
        let count = async || {
            world.ok("park", "{ park { seats { totalCount } buildings { code } } }", json!({})).await["park"].clone()
        };
        assert_eq!(count().await, json!({ "seats": { "totalCount": 0 }, "buildings": [] }));
        let dry = import(&world, &gb, json!({ "mode": "GOOD_ROWS", "dryRun": true })).await;
        assert_eq!((&dry["added"], &dry["applied"]), (&json!(1), &json!(false)));
        assert_eq!(count().await["seats"]["totalCount"], 0);
        let good = import(&world, &gb, json!({ "mode": "GOOD_ROWS" })).await;
        assert_eq!((&good["added"], &good["refused"], &good["applied"]), (&json!(1), &json!(5), &json!(true)));
        assert_eq!(count().await["seats"]["totalCount"], 1);
    }

    /// A workbook does as well; a file that is none, or somebody else's, is refused; staff of a tenant may not import.
    async fn a_workbook_is_imported(backend) {
        let world = World::new(backend).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, name) in (0_u16..).zip(["building", "floor", "zone", "seat", "product", "x_mm", "y_mm"]) {
            sheet.write(0, column, name).unwrap();
        }
        for (column, text) in (0_u16..).zip(["A", "3F", "Z1", "A-1", "bare"]) {
            sheet.write(1, column, text).unwrap();
        }
        sheet.write(1, 5, 1_500).unwrap();
        sheet.write(1, 6, 0).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let done = import(&world, &bytes, json!({})).await;
        assert_eq!((&done["added"], &done["userErrors"]), (&json!(1), &json!([])));

        let none = import(&world, b"%PDF-1.7", json!({})).await;
        assert_eq!(none["userErrors"][0]["rule"], "file-type-purpose");
        let foreign = world.upload("other-park", "plan", plan(1).as_bytes()).await;
        let input = json!({ "fileId": foreign, "mode": "GOOD_ROWS", "idempotencyKey": "k" });
        assert_eq!(world.refused("park", "seatPlanImport", input).await, ["file-unknown"]);
        let own = world.upload("a1", "plan", plan(1).as_bytes()).await;
        let input = json!({ "fileId": own, "mode": "GOOD_ROWS", "idempotencyKey": "k" });
        assert_eq!(world.refused("a1", "seatPlanImport", input).await, ["forbidden"]);
    }
}

fn encode_gb18030(text: &str) -> Vec<u8> {
    // The characters of this test, as `iconv -t gb18030` writes them.
    let table = [
        ('楼', [0xc2, 0xa5]),
        ('栋', [0xb6, 0xb0]),
        ('层', [0xb2, 0xe3]),
        ('区', [0xc7, 0xf8]),
        ('域', [0xd3, 0xf2]),
        ('席', [0xcf, 0xaf]),
        ('位', [0xce, 0xbb]),
        ('号', [0xba, 0xc5]),
        ('产', [0xb2, 0xfa]),
        ('品', [0xc6, 0xb7]),
        ('坐', [0xd7, 0xf8]),
        ('标', [0xb1, 0xea]),
        ('一', [0xd2, 0xbb]),
        ('二', [0xb6, 0xfe]),
        ('裸', [0xc2, 0xe3]),
        ('豪', [0xba, 0xc0]),
        ('华', [0xbb, 0xaa]),
        ('配', [0xc5, 0xe4]),
        ('系', [0xcf, 0xb5]),
        ('统', [0xcd, 0xb3]),
        ('带', [0xb4, 0xf8]),
        ('家', [0xbc, 0xd2]),
        ('具', [0xbe, 0xdf]),
    ];
    let mut bytes = Vec::new();
    for c in text.chars() {
        match table.iter().find(|(known, _)| *known == c) {
            Some((_, pair)) => bytes.extend(pair),
            None => bytes.push(u8::try_from(c).expect("ASCII or in the table")),
        }
    }
    bytes
}
