//! Seats kept for a quote: for whom, for how long, and what becomes of them with the quote.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{entered, line, read, refused, sent, with};
use crate::estate::{import, plan, seat_ids};

fn hold(quote: &Value, seats: &[String], key: &str) -> Value {
    json!({ "quoteId": quote, "seatIds": seats, "from": "2027-01-01", "to": "2028-01-01", "expiresAt": "2026-12-20T10:00:00Z", "idempotencyKey": key })
}

async fn holds(world: &World, quote: &Value) -> Value {
    read(world, quote, "Quote", "holds { keptFor state openCount tenant { code } }").await["holds"].clone()
}

on_both! {
    /// A hold is for who was quoted, stays with every version, and becomes the tenant's with the lease.
    async fn seats_are_kept_for_a_quote(backend) {
        let world = World::new(backend).await;
        import(&world, plan(8).as_bytes(), json!({})).await;
        let seats = seat_ids(&world, 8).await;
        let lead = entered(&world, "云客服务").await;
        let first = sent(&world, &lead, &[line()], "a").await;
        let input = hold(&first, &seats[..3], "h");
        let made = world.done("park", "quoteHold", "hold { id keptFor seatCount tenant { id } }", input.clone()).await;
        assert_eq!(world.done("park", "quoteHold", "hold { id keptFor seatCount tenant { id } }", input).await, made, "a retry keeps nothing");
        let id = made["hold"]["id"].clone();
        assert_eq!(made["hold"], json!({ "id": id, "keptFor": "云客服务", "seatCount": 3, "tenant": null }));
        assert_eq!(refused(&world, "park", "quoteHold", hold(&first, &seats[2..4], "i")).await, ["seatIds.0 seat-on-hold"]);
        // A second version takes the place of the first: the seats stay kept.
        let revise = json!({ "quoteId": first, "validUntil": "2026-12-28", "lines": [line()], "idempotencyKey": "r" });
        let second = world.done("park", "quoteRevise", "quote { id }", revise).await["quote"]["id"].clone();
        world.done("park", "quoteSend", "", json!({ "quoteId": second, "idempotencyKey": "s" })).await;
        let kept = json!([{ "keptFor": "云客服务", "state": "LIVE", "openCount": 3, "tenant": null }]);
        assert_eq!((holds(&world, &first).await, holds(&world, &second).await), (kept.clone(), kept));
        assert_eq!(refused(&world, "park", "quoteHold", hold(&first, &seats[4..5], "j")).await, ["quoteId quote-state"]);
        let accept = json!({ "quoteId": second, "tenant": { "code": "YK", "nameEn": "Yunke", "operatingSince": "2020-05-01" }, "signedOn": "2026-11-21", "idempotencyKey": "k" });
        let leases = world.done("park", "quoteAccept", "leases { id }", accept).await["leases"].clone();
        assert_eq!(holds(&world, &second).await[0]["tenant"], json!({ "code": "YK" }));
        // Kept for the tenant, its lease takes them and nobody else's does.
        let other = json!({ "tenantId": world.ids.a1.to_string(), "code": "L-9", "signedOn": "2026-01-05", "termFrom": "2026-01-12", "termTo": "2029-01-12",
            "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "6", "proration": "by_day", "paymentDays": 10, "idempotencyKey": "l9" });
        let other = world.done("park", "leaseCreate", "lease { id }", other).await["lease"]["id"].clone();
        let take = |lease: &Value, key: &str| json!({ "leaseId": lease, "seatIds": seats[..3], "from": "2027-01-01", "to": "2028-01-01", "holdId": id, "idempotencyKey": key });
        assert_eq!(refused(&world, "park", "seatsAllocate", take(&other, "t1")).await, ["holdId hold-of-other"]);
        world.done("park", "seatsAllocate", "count", take(&leases[0]["id"], "t2")).await;
        assert_eq!(holds(&world, &second).await[0]["state"], "ALLOCATED");
    }

    /// What was kept for a quote is given up with its last open version, or when the lead is lost; not before, not by others.
    async fn seats_are_given_up_with_the_quote(backend) {
        let world = World::new(backend).await;
        import(&world, plan(8).as_bytes(), json!({})).await;
        let seats = seat_ids(&world, 8).await;
        let (one, two) = (entered(&world, "云客服务").await, entered(&world, "海岸话务").await);
        let declined = sent(&world, &one, &[line()], "a").await;
        let lost = sent(&world, &two, &[line()], "b").await;
        world.done("park", "quoteHold", "", hold(&declined, &seats[..2], "h1")).await;
        world.done("park", "quoteHold", "", hold(&lost, &seats[2..4], "h2")).await;
        for (who, rule) in [("finance", "forbidden"), ("a1", "not-found")] {
            let told = world.refused(who, "quoteHold", hold(&declined, &seats[5..6], who)).await;
            assert_eq!(told, [rule], "{who}");
        }
        let draft = json!({ "quoteId": declined, "validUntil": "2026-12-28", "lines": [line()], "idempotencyKey": "r" });
        let draft = world.done("park", "quoteRevise", "quote { id }", draft).await["quote"]["id"].clone();
        world.done("park", "quoteDecline", "", json!({ "quoteId": declined, "idempotencyKey": "d" })).await;
        assert_eq!(holds(&world, &draft).await[0]["state"], "LIVE", "another version is open");
        world.done("park", "quoteWithdraw", "", json!({ "quoteId": draft, "idempotencyKey": "w" })).await;
        assert_eq!(holds(&world, &declined).await[0]["state"], "RELEASED");
        let lose = json!({ "leadId": two, "to": "LOST", "lostReason": "PRICE", "idempotencyKey": "x" });
        world.done("park", "leadMove", "", lose).await;
        assert_eq!(holds(&world, &lost).await[0]["state"], "RELEASED");
        // The seats are anybody's.
        let third = entered(&world, "新程").await;
        let third = sent(&world, &third, &[with(line(), &json!({ "seats": 4 }))], "c").await;
        world.done("park", "quoteHold", "", hold(&third, &seats[..4], "h3")).await;
    }
}
