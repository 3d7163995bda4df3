//! Lists sorted by the server: every order of every list, page by page, both ways.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{Ground, THEN, Terms};

/// A list: who reads it, where it is, its orders, and what its items show of each.
struct List {
    who: &'static str,
    owner: &'static str,
    field: &'static str,
    input: &'static str,
    orders: &'static [(&'static str, &'static str)],
}

const LISTS: [List; 6] = [
    List {
        who: "park",
        owner: "park",
        field: "leases",
        input: "LeaseOrder",
        orders: &[
            ("TENANT", "/tenant/code"),
            ("CODE", "/code"),
            ("SEATS", "/seatCount"),
            ("UNIT_PRICE", "/terms/unitPrice/minor"),
            ("TERM_FROM", "/terms/termFrom"),
            ("TERM_TO", "/terms/termTo"),
        ],
    },
    List {
        who: "park",
        owner: "park",
        field: "seats",
        input: "SeatOrder",
        orders: &[("CODE", "/code"), ("PLACE", "/zone/code"), ("PRODUCT", "/product")],
    },
    List {
        who: "park",
        owner: "park",
        field: "tenants",
        input: "TenantOrder",
        orders: &[("CODE", "/code"), ("SEATS", "/seatCounts/leased"), ("ARRIVED_ON", "/arrivedOn")],
    },
    List {
        who: "park",
        owner: "park",
        field: "invoices",
        input: "InvoiceOrder",
        orders: &[
            ("NUMBER", "/number"),
            ("TENANT", "/tenant/code"),
            ("PERIOD", "/periodFrom"),
            ("TOTAL", "/total/minor"),
            ("BALANCE", "/balance/minor"),
            ("DUE_ON", "/dueOn"),
        ],
    },
    List {
        who: "a1",
        owner: "tenant",
        field: "invoices",
        input: "InvoiceOrder",
        orders: &[("NUMBER", "/number"), ("BALANCE", "/balance/minor")],
    },
    List {
        who: "a1",
        owner: "tenant",
        field: "people",
        input: "PersonOrder",
        orders: &[
            ("EMPLOYEE_NO", "/employeeNo"),
            ("POSITION", "/position"),
            ("JOINED_ON", "/joinedOn"),
            ("LEFT_ON", "/leftOn"),
        ],
    },
];

impl List {
    fn shown(&self) -> &'static str {
        match self.field {
            "leases" => "id code seatCount tenant { code } terms { termFrom termTo unitPrice { minor } }",
            "seats" => "id code product zone { code }",
            "tenants" => "id code arrivedOn seatCounts { leased }",
            "invoices" => "id number periodFrom dueOn total { minor } balance { minor } tenant { code }",
            _ => "id employeeNo position joinedOn leftOn",
        }
    }

    async fn page(&self, world: &World, first: i64, after: &Value, order: &Value) -> Value {
        let document = format!(
            "query($first: Int, $after: String, $order: {}) {{ {} {{ {}(first: $first, after: $after, orderBy: $order) {{
              nodes {{ {} }} pageInfo {{ hasNextPage endCursor }} }} }} }}",
            self.input,
            self.owner,
            self.field,
            self.shown()
        );
        let answer = world.ok(self.who, &document, json!({ "first": first, "after": after, "order": order })).await;
        answer[self.owner][self.field].clone()
    }
}

/// What sorts as the product says: numbers in text as numbers, products by what is sold with them, nothing last.
fn rank(of: &str, item: &Value) -> (i64, String) {
    let value = item.pointer(of).cloned().unwrap_or_default();
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match of {
        "/product" => {
            ([("BARE", 0), ("FURNISHED", 1), ("EQUIPPED", 2)].iter().find(|p| p.0 == text).unwrap().1, String::new())
        }
        "/leftOn" if value.is_null() => (1, String::new()),
        _ => text.parse().map_or((0, text), |number| (number, String::new())),
    }
}

/// Three tenants' worth of everything, with equals in every order.
async fn filled(world: &World) {
    let mut ground = Ground::new(world).await;
    let terms = |from, to, unit_minor| Terms { from, to, unit_minor, ..Terms::default() };
    let mut n = 0;
    for (tenant, seats, terms) in [
        (world.ids.a1, 4, terms("2026-01-01", "2028-01-01", 88_000)),
        (world.ids.a1, 1, terms("2026-02-01", "2027-01-01", 99_000)),
        (world.ids.a2, 4, terms("2026-01-01", "2027-01-01", 120_000)),
        (world.ids.a2, 0, terms("2026-03-01", "2028-01-01", 88_000)),
    ] {
        let lease = ground.lease(tenant, THEN, &terms).await;
        ground.allocate(tenant, lease, seats, terms.from, THEN).await;
        for month in ["2026-09", "2026-10"].into_iter().filter(|_| seats > 0) {
            n += 1;
            let input =
                json!({ "leaseId": lease.to_string(), "month": month, "idempotencyKey": format!("invoice-{n}") });
            let invoice = world.done("finance", "invoiceIssue", "invoice { id }", input).await["invoice"]["id"].clone();
            if n % 2 == 0 {
                let paid = json!({ "invoiceId": invoice, "amount": "500.00", "paidOn": "2026-11-01", "method": "bank transfer",
                    "reference": "R", "idempotencyKey": format!("payment-{n}") });
                world.done("finance", "paymentRecord", "payment { id }", paid).await;
            }
        }
    }
    let plan = "building,floor,zone,seat,product,x_mm,y_mm,built_from\nA,2F,Z2,X-1,bare,0,0,2026-01-01\n\
        A,1F,Z9,X-2,furnished,0,0,2026-01-01\nA,1F,Z1,X-3,bare,0,0,2026-01-01\nA,1F,Z1,X-0,equipped,0,0,2026-01-01\n";
    assert_eq!(crate::estate::import(world, plan.as_bytes(), json!({})).await["added"], 4);
    let people = "工号,姓名,岗位,班组,入职日期,离职日期\nE1,王芳,坐席,一组,2026-01-05,\nE2,李雷,坐席,一组,2026-02-01,\n\
        E3,韩梅梅,班长,二组,2026-02-01,2026-12-01\nE4,张三,坐席,二组,2026-01-05,2026-11-30\n";
    let file = world.upload("a1", "people.csv", people.as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": "people" });
    assert_eq!(world.done("a1", "peopleImport", "added", input).await["added"], 4);
}

on_both! {
    /// Every order is the order of what the items show, both ways, whole or item by item.
    async fn every_list_is_sorted_every_way(backend) {
        let world = World::new(backend).await;
        filled(&world).await;
        for list in &LISTS {
            for (field, shows) in list.orders {
                let mut both = Vec::new();
                for direction in ["ASC", "DESC"] {
                    let order = json!({ "field": field, "direction": direction });
                    let whole = list.page(&world, 100, &Value::Null, &order).await["nodes"].as_array().unwrap().clone();
                    assert!(whole.len() > 1, "{} has nothing to sort", list.field);
                    let (mut walked, mut after) = (Vec::new(), Value::Null);
                    loop {
                        let page = list.page(&world, 1, &after, &order).await;
                        walked.extend(page["nodes"].as_array().unwrap().iter().cloned());
                        after = page["pageInfo"]["endCursor"].clone();
                        if page["pageInfo"]["hasNextPage"] == false {
                            break;
                        }
                    }
                    assert_eq!(walked, whole, "{} by {field} {direction}", list.field);
                    both.push(whole);
                }
                let ranks: Vec<_> = both[0].iter().map(|item| rank(shows, item)).collect();
                // Places go by building, floor and zone: only the zones of one floor tell by their code.
                if *field != "PLACE" {
                    assert!(ranks.is_sorted(), "{} by {field}: {ranks:?}", list.field);
                }
                both[1].reverse();
                assert_eq!(both[0], both[1], "{} by {field}, the other way round", list.field);
            }
        }
        let places = LISTS[1].page(&world, 100, &Value::Null, &json!({ "field": "PLACE" })).await;
        let codes: Vec<_> = places["nodes"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap()).collect();
        assert_eq!(codes[..4], ["X-0", "X-3", "X-2", "X-1"]);
    }

    /// Without an order each list has its own; a cursor belongs to the order that it was read in.
    async fn a_cursor_is_of_one_order(backend) {
        let world = World::new(backend).await;
        filled(&world).await;
        let numbers = |page: &Value| -> Vec<String> {
            page["nodes"].as_array().unwrap().iter().map(|i| i["number"].as_str().unwrap().to_owned()).collect()
        };
        for list in [&LISTS[3], &LISTS[4]] {
            let own = numbers(&list.page(&world, 100, &Value::Null, &Value::Null).await);
            assert!(own.len() > 2 && own.is_sorted_by(|a, b| a > b), "{own:?}");
            let first = list.page(&world, 1, &Value::Null, &Value::Null).await;
            let rest = list.page(&world, 100, &first["pageInfo"]["endCursor"], &Value::Null).await;
            assert_eq!(numbers(&rest), own[1..]);
        }
        let cursor = LISTS[3].page(&world, 1, &Value::Null, &json!({ "field": "TOTAL" })).await["pageInfo"]["endCursor"].clone();
        let document = "query($after: String, $order: InvoiceOrder) { park { invoices(after: $after, orderBy: $order) { totalCount } } }";
        let token = world.token("park").await;
        for order in [json!({ "field": "BALANCE" }), json!({ "field": "TOTAL", "direction": "DESC" }), Value::Null] {
            let answer = world.call(Some(token.clone()), document, json!({ "after": cursor, "order": order })).await;
            let error = &answer.body["errors"][0];
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{order}");
            assert!(error["message"].as_str().unwrap().contains("in this order"), "{error}");
        }
    }
}
