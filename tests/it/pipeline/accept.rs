//! A quote is accepted: tenant, leases and the end of the funnel, all or nothing.

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{entered, lead, line, read, refused, sent, with};

fn accept(quote: &Value, code: &str, key: &str) -> Value {
    json!({ "quoteId": quote, "tenant": { "code": code, "nameEn": "Yunke", "operatingSince": "2020-05-01" }, "signedOn": "2026-11-21", "idempotencyKey": key })
}

async fn tenants(world: &World) -> Vec<String> {
    let found = world
        .ok(
            "park",
            "{ park { tenants(first: 20) { nodes { code } } leases(first: 20) { nodes { code } } } }",
            json!({}),
        )
        .await;
    let codes = |list: &Value| {
        list["nodes"].as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    [codes(&found["park"]["tenants"]), codes(&found["park"]["leases"])].concat()
}

on_both! {
    /// The lead becomes a tenant with a lease for each line, as quoted; invoices come to what the quote said.
    async fn an_accepted_quote_becomes_leases(backend) {
        let world = World::new(backend).await;
        let id = entered(&world, "云客服务").await;
        let bare = json!({ "product": "BARE", "seats": 5, "unitPrice": "400", "depositMonths": null, "deposit": "1000", "rentFree": [] });
        let quote = sent(&world, &id, &[line(), with(line(), &bare)], "a").await;
        let all = "quote { state } tenant { id code name nameEn operatingSince arrivedOn } leases { id code signedOn state tenant { code }
            terms(on: \"2027-01-01\") { termFrom termTo product unitPrice { amount } taxRate proration rentFree { from to } deposit { amount } paymentDays } }";
        let input = with(accept(&quote, "YK", "b"), &json!({ "leaseCodes": ["L-1"] }));
        let made = world.done("park", "quoteAccept", all, input.clone()).await;
        assert_eq!(world.done("park", "quoteAccept", all, input).await, made, "a retry makes nothing");
        assert_eq!(made["quote"]["state"], "ACCEPTED");
        let tenant = made["tenant"]["id"].clone();
        assert_eq!(made["tenant"], json!({ "id": tenant, "code": "YK", "name": "云客服务", "nameEn": "Yunke", "operatingSince": "2020-05-01", "arrivedOn": "2027-01-01" }));
        let terms = |product: &str, price: &str, free: Value, deposit: &str| json!({ "termFrom": "2027-01-01", "termTo": "2028-01-01", "product": product,
            "unitPrice": { "amount": price }, "taxRate": "9", "proration": "by_day", "rentFree": free, "deposit": { "amount": deposit }, "paymentDays": 15 });
        let expected = [("L-1", terms("EQUIPPED", "1000.00", json!([{ "from": "2027-01-01", "to": "2027-02-01" }]), "20000.00")), ("Q-2026-0001-2", terms("BARE", "400.00", json!([]), "1000.00"))];
        for (lease, (code, terms)) in made["leases"].as_array().unwrap().iter().zip(expected) {
            assert_eq!((&lease["code"], &lease["signedOn"], &lease["state"], &lease["tenant"]["code"], &lease["terms"]), (&json!(code), &json!("2026-11-21"), &json!("UPCOMING"), &json!("YK"), &terms));
        }
        let seen = read(&world, &id, "Lead", "state tenant { code } history { to } quotes { state lines { lease { code } } }").await;
        assert_eq!(seen, json!({ "state": "WON", "tenant": { "code": "YK" }, "history": [{ "to": "NEW" }, { "to": "QUOTED" }, { "to": "WON" }],
            "quotes": [{ "state": "ACCEPTED", "lines": [{ "lease": { "code": "L-1" } }, { "lease": { "code": "Q-2026-0001-2" } }] }] }));
        for (mutation, rule) in [("quoteAccept", "quoteId quote-state"), ("quoteWithdraw", "quoteId quote-state")] {
            let input = if mutation == "quoteAccept" { accept(&quote, "YK2", "c") } else { json!({ "quoteId": quote, "idempotencyKey": "c" }) };
            assert_eq!(refused(&world, "park", mutation, input).await, [rule]);
        }
    }

    /// Price steps become those of the lease.
    async fn later_prices_are_leased(backend) {
        let world = World::new(backend).await;
        let steps = json!([{ "from": "2027-06-01", "unitPrice": "1100.00" }, { "from": "2027-09-01", "unitPrice": "1200.00" }]);
        let quote = sent(&world, &entered(&world, "云客服务").await, &[with(line(), &json!({ "priceSteps": steps }))], "a").await;
        let made = world.done("park", "quoteAccept", "leases { terms { priceSteps { from unitPrice { amount } } } }", accept(&quote, "YK", "b")).await;
        assert_eq!(made["leases"][0]["terms"]["priceSteps"], json!([{ "from": "2027-06-01", "unitPrice": { "amount": "1100.00" } },
            { "from": "2027-09-01", "unitPrice": { "amount": "1200.00" } }]));
    }

    /// A lead that is a tenant already gets leases alone.
    async fn a_tenant_that_wants_more_gets_leases(backend) {
        let world = World::new(backend).await;
        let more = json!({ "tenantId": world.ids.a1.to_string() });
        let id = world.done("park", "leadCreate", "lead { id }", with(lead("a1 扩租", "l"), &more)).await["lead"]["id"].clone();
        let quote = sent(&world, &id, &[line()], "a").await;
        assert_eq!(refused(&world, "park", "quoteAccept", accept(&quote, "YK", "b")).await, ["tenant quote-tenant-known"]);
        let plain = |key: &str| json!({ "quoteId": quote, "signedOn": "2026-11-21", "idempotencyKey": key });
        let made = world.done("park", "quoteAccept", "tenant { code } leases { code tenant { code } }", plain("c")).await;
        assert_eq!(made, json!({ "tenant": { "code": "A1" }, "leases": [{ "code": "Q-2026-0001-1", "tenant": { "code": "A1" } }], "userErrors": [] }));
        // The tenant sees the lease and nothing of how it came about.
        let own = world.ok("a1", "{ tenant { leases(first: 5) { nodes { code } } } park { quotes(first: 5) { totalCount } } }", json!({})).await;
        assert_eq!((&own["tenant"]["leases"]["nodes"], &own["park"]["quotes"]["totalCount"]), (&json!([{ "code": "Q-2026-0001-1" }]), &json!(0)));
    }

    /// Whatever stands in the way, nothing is half done.
    async fn all_or_nothing(backend) {
        let world = World::new(backend).await;
        let id = entered(&world, "云客服务").await;
        let quote = sent(&world, &id, &[line(), line()], "a").await;
        let before = tenants(&world).await;
        let plain = json!({ "quoteId": quote, "signedOn": "2026-11-21", "idempotencyKey": "b" });
        assert_eq!(refused(&world, "park", "quoteAccept", plain).await, ["tenant quote-tenant-needed"]);
        assert_eq!(refused(&world, "park", "quoteAccept", accept(&quote, "A1", "c")).await, ["tenant.code tenant-code-taken"]);
        assert_eq!(refused(&world, "park", "quoteAccept", accept(&quote, "a b", "d")).await, ["tenant.code code-invalid"]);
        let nameless = with(accept(&quote, "YK", "e"), &json!({ "tenant": { "code": "YK", "operatingSince": "2020-05-01" } }));
        assert_eq!(refused(&world, "park", "quoteAccept", nameless).await, ["tenant.nameEn text-required"]);
        let codes = |list: Value, key: &str| with(accept(&quote, "YK", key), &json!({ "leaseCodes": list }));
        assert_eq!(refused(&world, "park", "quoteAccept", codes(json!(["L-1", "L-1"]), "f")).await, ["leaseCodes.1 lease-code-taken"]);
        assert_eq!(refused(&world, "park", "quoteAccept", codes(json!(["L-1", "L 2"]), "g")).await, ["leaseCodes.1 code-invalid"]);
        assert_eq!(refused(&world, "park", "quoteAccept", codes(json!(["1", "2", "3"]), "h")).await, ["leaseCodes quote-lease-codes"]);
        assert_eq!(tenants(&world).await, before, "something was half done");
        assert_eq!(read(&world, &id, "Lead", "state tenant { code } quotes { state }").await, json!({ "state": "QUOTED", "tenant": null, "quotes": [{ "state": "SENT" }] }));
        for (who, rule) in [("a1", "not-found"), ("assessor", "not-found"), ("finance", "forbidden"), ("other-park", "quote-unknown")] {
            assert_eq!(world.refused(who, "quoteAccept", accept(&quote, "YK", "x")).await, [rule], "{who}");
        }
        // Two accept at once: one tenant, two leases.
        let (one, two) = tokio::join!(world.mutate("park", "quoteAccept", "tenant { id }", accept(&quote, "YK", "k")), world.mutate("park", "quoteAccept", "tenant { id }", accept(&quote, "YL", "l")));
        assert_eq!([&one, &two].iter().filter(|p| p["tenant"].is_null()).count(), 1, "{one} {two}");
        assert_eq!(tenants(&world).await.len(), before.len() + 3);
    }
}
