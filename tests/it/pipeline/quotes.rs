//! Quotes drawn up, sent, replaced, ended.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{entered, line, quote, read, refused, sent, with};

const ALL: &str = "number version state validUntil remark seats lines { lineNo seats product termFrom termTo unitPrice { amount } priceSteps { from unitPrice { amount } }
  taxRate proration rentFree { from to } deposit { amount } depositMonths paymentDays noticeDays lease { id } }
  sums { net { amount } tax { amount } total { amount } deposit { amount } monthCount months(first: 2) { month net { amount } total { amount } lines { kind seatDays why } } userErrors { rule } }";

fn of(quote: &Value, key: &str) -> Value {
    json!({ "quoteId": quote, "idempotencyKey": key })
}

async fn state(world: &World, quote: &Value) -> Value {
    read(world, quote, "Quote", "state").await["state"].clone()
}

on_both! {
    /// A quote says what its invoices come to, priced as invoices are; drafts change, what was sent does not.
    async fn a_quote_says_what_it_comes_to(backend) {
        let world = World::new(backend).await;
        let lead = entered(&world, "云客服务").await;
        let steps = json!({ "priceSteps": [{ "from": "2027-07-01", "unitPrice": "1100" }, { "from": "2027-10-01", "unitPrice": "1200.00" }] });
        let input = with(quote(&lead, &[with(line(), &steps)], "a"), &json!({ "remark": "含停车位" }));
        let made = world.done("park", "quoteCreate", &format!("quote {{ id {ALL} }}"), input.clone()).await;
        assert_eq!(world.done("park", "quoteCreate", &format!("quote {{ id {ALL} }}"), input).await, made, "a retry draws up nothing");
        let id = made["quote"]["id"].clone();
        let seen = read(&world, &id, "Quote", ALL).await;
        assert_eq!((&seen["number"], &seen["version"], &seen["state"], &seen["remark"], &seen["seats"]), (&json!("Q-2026-0001"), &json!(1), &json!("DRAFT"), &json!("含停车位"), &json!(10)));
        assert_eq!(seen["lines"][0], json!({ "lineNo": 1, "seats": 10, "product": "EQUIPPED", "termFrom": "2027-01-01", "termTo": "2028-01-01",
            "unitPrice": { "amount": "1000.00" }, "priceSteps": [{ "from": "2027-07-01", "unitPrice": { "amount": "1100.00" } }, { "from": "2027-10-01", "unitPrice": { "amount": "1200.00" } }],
            "taxRate": "9", "proration": "by_day", "rentFree": [{ "from": "2027-01-01", "to": "2027-02-01" }], "deposit": { "amount": "20000.00" }, "depositMonths": 2,
            "paymentDays": 15, "noticeDays": 90, "lease": null }));
        // Ten seats: five months at 1,000, three at 1,100, three at 1,200.
        let sums = &seen["sums"];
        assert_eq!((&sums["net"]["amount"], &sums["tax"]["amount"], &sums["total"]["amount"], &sums["deposit"]["amount"], &sums["monthCount"], &sums["userErrors"]),
            (&json!("119000.00"), &json!("10710.00"), &json!("129710.00"), &json!("20000.00"), &json!(12), &json!([])));
        assert_eq!((&sums["months"][0]["total"]["amount"], &sums["months"][1]["total"]["amount"]), (&json!("0.00"), &json!("10900.00")));
        assert_eq!((&sums["months"][0]["lines"][0]["kind"], &sums["months"][1]["lines"][0]["seatDays"]), (&json!("rent_free"), &json!(280)));
        let dearer = |key: &str| json!({ "quoteId": id, "validUntil": "2026-12-31", "lines": [with(line(), &json!({ "unitPrice": "1050" })), with(line(), &json!({ "product": "BARE", "depositMonths": null, "deposit": "500" }))], "idempotencyKey": key });
        let changed = world.done("park", "quoteChange", "quote { seats validUntil remark sums { deposit { amount } } lines { depositMonths } }", dearer("b")).await;
        assert_eq!(changed["quote"], json!({ "seats": 20, "validUntil": "2026-12-31", "remark": "", "sums": { "deposit": { "amount": "21500.00" } }, "lines": [{ "depositMonths": 2 }, { "depositMonths": null }] }));
        assert_eq!(read(&world, &lead, "Lead", "state").await["state"], "NEW");
        let once = world.done("park", "quoteSend", "quote { state sentAt }", of(&id, "c")).await;
        assert_eq!((&once["quote"]["state"], once["quote"]["sentAt"].is_null()), (&json!("SENT"), false));
        assert_eq!(world.done("park", "quoteSend", "quote { state sentAt }", of(&id, "c")).await, once);
        assert_eq!(refused(&world, "park", "quoteSend", of(&id, "d")).await, ["quoteId quote-state"]);
        assert_eq!(refused(&world, "park", "quoteChange", dearer("e")).await, ["quoteId quote-state"]);
        let lead = read(&world, &lead, "Lead", "state history { to } quotes { number state }").await;
        assert_eq!(lead, json!({ "state": "QUOTED", "history": [{ "to": "NEW" }, { "to": "QUOTED" }], "quotes": [{ "number": "Q-2026-0001", "state": "SENT" }] }));
    }

    /// The next version replaces what was sent when it is sent itself; numbers go on; a day over, a quote has expired.
    async fn what_was_sent_is_replaced(backend) {
        let world = World::new(backend).await;
        let lead = entered(&world, "云客服务").await;
        let first = sent(&world, &lead, &[line()], "a").await;
        let revise = |of: &Value, key: &str| json!({ "quoteId": of, "validUntil": "2026-11-30", "lines": [with(line(), &json!({ "unitPrice": "950" }))], "idempotencyKey": key });
        let second = world.done("park", "quoteRevise", "quote { id number version state }", revise(&first, "b")).await["quote"].clone();
        assert_eq!((&second["number"], &second["version"], &second["state"]), (&json!("Q-2026-0001"), &json!(2), &json!("DRAFT")));
        let second = second["id"].clone();
        assert_eq!(refused(&world, "park", "quoteRevise", revise(&first, "c")).await, ["quoteId quote-newer"]);
        assert_eq!(refused(&world, "park", "quoteRevise", revise(&second, "d")).await, ["quoteId quote-state"]);
        assert_eq!(state(&world, &first).await, "SENT", "the first stands until the second is sent");
        world.done("park", "quoteSend", "", of(&second, "e")).await;
        assert_eq!((state(&world, &first).await, state(&world, &second).await), (json!("WITHDRAWN"), json!("SENT")));
        let other = sent(&world, &entered(&world, "别家").await, &[line()], "f").await;
        let numbers = "query($filter: QuoteFilter, $order: QuoteOrder) { park { quotes(first: 10, filter: $filter, orderBy: $order) { totalCount nodes { number version lead { name } } } } }";
        let list = async |filter: Value, order: Value| {
            let list = world.ok("finance", numbers, json!({ "filter": filter, "order": order })).await["park"]["quotes"].clone();
            let nodes = list["nodes"].as_array().unwrap().clone();
            assert_eq!(list["totalCount"], nodes.len());
            nodes.iter().map(|q| format!("{} {}", q["number"].as_str().unwrap(), q["version"])).collect::<Vec<_>>()
        };
        assert_eq!(list(json!({}), Value::Null).await, ["Q-2026-0002 1", "Q-2026-0001 2", "Q-2026-0001 1"]);
        assert_eq!(list(json!({ "state": "SENT" }), json!({ "field": "VALID_UNTIL" })).await, ["Q-2026-0001 2", "Q-2026-0002 1"]);
        assert_eq!(list(json!({ "validBy": "2026-11-30" }), Value::Null).await, ["Q-2026-0001 2"]);
        // The last day is still good; the day after is not.
        world.clock.set("2026-11-30T15:59:00Z".parse().unwrap());
        world.forget_tokens().await;
        assert_eq!(state(&world, &second).await, "SENT");
        world.clock.advance(chrono::TimeDelta::minutes(1));
        assert_eq!(state(&world, &second).await, "EXPIRED");
        assert_eq!(list(json!({ "state": "EXPIRED" }), Value::Null).await, ["Q-2026-0001 2"]);
        assert_eq!(list(json!({ "validBy": "2026-12-31" }), Value::Null).await, ["Q-2026-0002 1"]);
        assert_eq!(refused(&world, "park", "quoteAccept", with(of(&second, "g"), &json!({ "signedOn": "2026-12-01" }))).await, ["quoteId quote-state"]);
        let third = with(revise(&second, "h"), &json!({ "validUntil": "2026-12-31" }));
        assert_eq!(world.done("park", "quoteRevise", "quote { version }", third).await["quote"]["version"], 3);
        world.done("park", "quoteDecline", "quote { state endRemark }", with(of(&other, "i"), &json!({ "remark": "太贵" }))).await;
        assert_eq!(read(&world, &other, "Quote", "state endRemark").await, json!({ "state": "DECLINED", "endRemark": "太贵" }));
        assert_eq!(refused(&world, "park", "quoteWithdraw", of(&other, "j")).await, ["quoteId quote-state"]);
        // A new year begins at one.
        world.clock.set("2027-01-04T02:00:00Z".parse().unwrap());
        world.forget_tokens().await;
        let next = with(quote(&lead, &[line()], "k"), &json!({ "validUntil": "2027-02-01" }));
        assert_eq!(world.done("park", "quoteCreate", "quote { number }", next).await["quote"]["number"], "Q-2027-0001");
    }

    /// Faults are named by line and field; nothing is numbered by a refusal; who may not look finds nothing.
    async fn what_is_no_quote_is_refused(backend) {
        let world = World::new(backend).await;
        let lead = entered(&world, "云客服务").await;
        let bad = json!({ "seats": 0, "unitPrice": "1.001", "proration": "weekly", "termTo": "2027-01-01", "rentFree": [], "noticeDays": 731,
            "priceSteps": [{ "from": "2027-01-01", "unitPrice": "-1" }] });
        let expected = ["validUntil quote-valid-past", "lines.1.unitPrice money-invalid", "lines.1.proration proration-invalid", "lines.1.termTo period-empty",
            "lines.1.priceSteps.0 price-negative", "lines.1.priceSteps.0 step-outside-term", "lines.1.seats quote-seats", "lines.1.noticeDays notice-days-range"];
        let past = with(quote(&lead, &[line(), with(line(), &bad)], "a"), &json!({ "validUntil": "2026-11-20" }));
        assert_eq!(refused(&world, "park", "quoteCreate", past).await, expected);
        assert_eq!(refused(&world, "park", "quoteCreate", quote(&lead, &[], "b")).await, ["lines quote-lines"]);
        let order = json!({ "priceSteps": [{ "from": "2027-06-01", "unitPrice": "1" }, { "from": "2027-05-01", "unitPrice": "1" }] });
        assert_eq!(refused(&world, "park", "quoteCreate", quote(&lead, &[with(line(), &order)], "c")).await, ["lines.0.priceSteps.1 step-order"]);
        let overlap = json!({ "rentFree": [{ "from": "2027-02-01", "to": "2027-04-01" }, { "from": "2027-03-01", "to": "2027-05-01" }], "deposit": "1" });
        assert_eq!(refused(&world, "park", "quoteCreate", quote(&lead, &[with(line(), &overlap)], "d")).await, ["lines.0.deposit quote-deposit-twice", "lines.0.rentFree.1 rent-free-overlap"]);
        assert_eq!(refused(&world, "park", "quoteSend", of(&json!(format!("quote_{:032x}", 1)), "e")).await, ["quoteId quote-unknown"]);
        let made = world.done("park", "quoteCreate", "quote { id number }", quote(&lead, &[line()], "f")).await["quote"].clone();
        assert_eq!(made["number"], "Q-2026-0001", "a refusal takes no number");
        for (who, rule) in [("a1", "not-found"), ("assessor", "not-found"), ("finance", "forbidden"), ("other-park", "quote-unknown")] {
            for mutation in ["quoteSend", "quoteWithdraw"] {
                assert_eq!(world.refused(who, mutation, of(&made["id"], "x")).await, [rule], "{who} {mutation}");
            }
        }
        for who in ["a1", "assessor", "other-park"] {
            let seen = world.ok(who, "query($id: ID!) { node(id: $id) { id } park { quotes(first: 5) { totalCount } } }", json!({ "id": made["id"] })).await;
            assert_eq!(seen["node"], Value::Null, "{who}");
            assert_eq!(seen["park"]["quotes"]["totalCount"], 0, "{who}");
        }
        // Two send it at once: one does. Two draw up at once: two numbers, one after the other.
        let (one, two) = tokio::join!(world.mutate("park", "quoteSend", "quote { id }", of(&made["id"], "g")), world.mutate("park", "quoteSend", "quote { id }", of(&made["id"], "h")));
        assert_eq!([&one, &two].iter().filter(|p| p["quote"].is_null()).count(), 1, "{one} {two}");
        let (second, third) = (quote(&lead, &[line()], "i"), quote(&lead, &[line()], "j"));
        let (one, two) = tokio::join!(world.mutate("park", "quoteCreate", "quote { number }", second), world.mutate("park", "quoteCreate", "quote { number }", third));
        let mut numbers = [&one, &two].map(|p| p["quote"]["number"].as_str().unwrap().to_owned());
        numbers.sort();
        assert_eq!(numbers, ["Q-2026-0002", "Q-2026-0003"]);
        // A lead that is lost takes its open quotes along, and has no new ones.
        world.done("park", "leadMove", "", json!({ "leadId": lead, "to": "LOST", "lostReason": "PRICE", "idempotencyKey": "k" })).await;
        let states = read(&world, &lead, "Lead", "quotes { state }").await["quotes"].clone();
        assert_eq!(states, json!([{ "state": "WITHDRAWN" }, { "state": "WITHDRAWN" }, { "state": "WITHDRAWN" }]));
        assert_eq!(refused(&world, "park", "quoteCreate", quote(&lead, &[line()], "l")).await, ["leadId lead-closed"]);
    }
}
