//! What the tax office was told of invoices: blue and red, never more than the invoice, on both databases.

use futures_util::future::join_all;
use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::billing::{THEN, Terms};
use crate::parties::{ground, issued, told};

/// A fully digital special one over part of the invoice.
fn fapiao(invoice: &str, number: u64, net: &str, tax: &str) -> Value {
    json!({ "invoiceId": invoice, "kind": "digital-special", "number": format!("{number:020}"), "issuedOn": "2026-11-20", "net": net, "tax": tax,
        "title": "华信公司", "taxNumber": "91350100M000100Y43", "idempotencyKey": format!("f{number}") })
}
async fn stand(world: &World, who: &str, invoice: &str) -> Value {
    let document =
        "query($id: ID!) { node(id: $id) { ... on Invoice { fapiaoStanding { state net { amount } tax { amount } }
      fapiaos { colour number net { amount } title takesBack { number } } } } }";
    world.ok(who, document, json!({ "id": invoice })).await["node"].clone()
}

on_both! {
    /// An invoice of 1760.00 and 158.40 tax is told in parts, taken back, and told anew.
    async fn an_invoice_is_told_and_taken_back(backend) {
        let world = World::new(backend).await;
        let (_, lease) = ground(&world).await;
        let invoice = issued(&world, lease).await;
        assert_eq!(stand(&world, "a1", &invoice).await["fapiaoStanding"], json!({ "state": "NONE", "net": { "amount": "0.00" }, "tax": { "amount": "0.00" } }));
        let record = async |input: Value| told(&world, "finance", "fapiaoRecord", input).await;
        for who in ["a1", "a1-finance"] {
            assert_eq!(world.refused(who, "fapiaoRecord", fapiao(&invoice, 1, "1", "0")).await, ["forbidden"], "{who}");
        }
        assert_eq!(world.refused("other-park", "fapiaoRecord", fapiao(&invoice, 1, "1", "0")).await, ["not-found"]);
        let one = world.done("finance", "fapiaoRecord", "fapiao { id }", fapiao(&invoice, 1, "1000", "90")).await["fapiao"]["id"].clone();
        assert_eq!(world.done("finance", "fapiaoRecord", "fapiao { id }", fapiao(&invoice, 1, "1000", "90")).await["fapiao"]["id"], one, "a retry records nothing");
        // Everything wrong at once.
        let wrong = json!({ "invoiceId": invoice, "kind": "electronic-ordinary", "code": "12", "number": "x", "issuedOn": "2026-11-22", "net": "-1", "tax": "0.001",
            "title": " ", "taxNumber": "1", "takesBackId": format!("fapiao_{:032x}", 1), "idempotencyKey": "w" });
        assert_eq!(record(wrong).await, ["code fapiao-digits", "number fapiao-digits", "issuedOn fapiao-later", "net fapiao-amount", "tax money-invalid",
            "title text-required", "taxNumber tax-number-form", "takesBackId fapiao-blue"]);
        let mut other = fapiao(&invoice, 2, "1", "0");
        other["kind"] = json!("moon");
        assert_eq!(record(other).await, ["kind fapiao-kind"]);
        let mut nameless = fapiao(&invoice, 3, "1", "0");
        nameless["taxNumber"] = Value::Null;
        assert_eq!(record(nameless).await, ["taxNumber fapiao-tax-number"]);
        let mut again = fapiao(&invoice, 1, "1", "0");
        again["idempotencyKey"] = json!("again");
        assert_eq!(record(again).await, ["number fapiao-known"]);
        assert_eq!(record(fapiao(&invoice, 4, "760.01", "68.41")).await, ["net fapiao-over", "tax fapiao-over"]);
        // Two at once cannot both take the rest.
        let both = [5, 6].map(|n| fapiao(&invoice, n, "760", "68.40"));
        let both = join_all(both.map(|input| world.mutate("finance", "fapiaoRecord", "", input))).await;
        assert_eq!(both.iter().filter(|made| made["userErrors"] == json!([])).count(), 1);
        assert_eq!(stand(&world, "a1", &invoice).await["fapiaoStanding"], json!({ "state": "ISSUED", "net": { "amount": "1760.00" }, "tax": { "amount": "158.40" } }));

        // The first is taken back in two parts, not beyond what it was.
        let red = |number, net: &str, tax: &str| {
            let mut input = fapiao(&invoice, number, net, tax);
            input["takesBackId"] = one.clone();
            input
        };
        world.done("finance", "fapiaoRecord", "", red(7, "400", "36")).await;
        assert_eq!(record(red(8, "600.01", "54")).await, ["net fapiao-over"]);
        world.done("finance", "fapiaoRecord", "", red(9, "600", "54")).await;
        assert_eq!(record(red(10, "0.01", "0")).await, ["net fapiao-over"]);
        let now = stand(&world, "a1", &invoice).await;
        assert_eq!(now["fapiaoStanding"], json!({ "state": "ISSUED", "net": { "amount": "760.00" }, "tax": { "amount": "68.40" } }));
        let reds: Vec<_> = now["fapiaos"].as_array().unwrap().iter().filter(|f| f["colour"] == "RED").collect();
        assert!(reds.iter().all(|f| f["takesBack"]["number"] == format!("{:020}", 1) && f["title"] == "华信公司"), "{reds:?}");
        // What was taken back can be told anew.
        world.done("finance", "fapiaoRecord", "", fapiao(&invoice, 11, "1000", "90")).await;
        assert_eq!(stand(&world, "a2", &invoice).await, Value::Null);

        // The list of the month, page by page; of a tenant its own.
        let list = "query($month: Month!, $after: String) { park { fapiaos(month: $month, first: 3, after: $after) { totalCount pageInfo { hasNextPage endCursor }
          nodes { number invoice { number } } } } }";
        let page = async |who: &str, month: &str, after: Value| world.ok(who, list, json!({ "month": month, "after": after })).await["park"]["fapiaos"].clone();
        let first = page("finance", "2026-11", Value::Null).await;
        assert_eq!((&first["totalCount"], first["nodes"].as_array().map(Vec::len)), (&json!(5), Some(3)));
        let second = page("finance", "2026-11", first["pageInfo"]["endCursor"].clone()).await;
        assert_eq!((&second["pageInfo"]["hasNextPage"], second["nodes"].as_array().map(Vec::len)), (&json!(false), Some(2)));
        assert_eq!(page("finance", "2026-10", Value::Null).await["totalCount"], 0);
        assert_eq!(page("a1", "2026-11", Value::Null).await["totalCount"], 5);
        for who in ["a2", "other-park", "a1-agent", "assessor"] {
            assert_eq!(page(who, "2026-11", Value::Null).await["totalCount"], 0, "{who}");
        }
        // What stands is taken back before the invoice is withdrawn; of a withdrawn one nothing more is told.
        let void = json!({ "invoiceId": invoice, "reason": "x", "idempotencyKey": "v" });
        assert_eq!(told(&world, "finance", "invoiceVoid", void).await, ["invoiceId fapiao-stands"]);
        let reds = {
            let known = world.ok("finance", "query($id: ID!) { node(id: $id) { ... on Invoice { fapiaos { id number colour net { amount } tax { amount } takesBack { number } } } } }", json!({ "id": invoice })).await;
            let all = known["node"]["fapiaos"].as_array().unwrap().clone();
            let taken: Vec<_> = all.iter().filter_map(|f| f["takesBack"]["number"].as_str()).collect();
            let standing = all.iter().filter(|f| f["colour"] == "BLUE" && !taken.contains(&f["number"].as_str().unwrap()));
            standing.zip(20..).map(|(f, n)| {
                let mut input = fapiao(&invoice, n, f["net"]["amount"].as_str().unwrap(), f["tax"]["amount"].as_str().unwrap());
                input["takesBackId"] = f["id"].clone();
                input
            }).collect::<Vec<_>>()
        };
        assert_eq!(reds.len(), 2);
        for red in reds {
            world.done("finance", "fapiaoRecord", "", red).await;
        }
        assert_eq!(stand(&world, "a1", &invoice).await["fapiaoStanding"]["state"], "REVERSED");
        world.done("finance", "invoiceVoid", "", json!({ "invoiceId": invoice, "reason": "x", "idempotencyKey": "v2" })).await;
        assert_eq!(record(fapiao(&invoice, 13, "1", "0")).await, ["invoiceId fapiao-withdrawn"]);
    }

    /// The same number of two invoices at once is recorded of one.
    async fn a_number_is_given_once(backend) {
        let world = World::new(backend).await;
        let (mut ground, lease) = ground(&world).await;
        let other = ground.lease(world.ids.a2, THEN, &Terms::default()).await;
        ground.allocate(world.ids.a2, other, 2, "2026-10-01", THEN).await;
        let mut of = vec![issued(&world, lease).await];
        let input = json!({ "leaseId": other.to_string(), "month": "2026-10", "idempotencyKey": "other" });
        of.push(world.done("finance", "invoiceIssue", "invoice { id }", input).await["invoice"]["id"].as_str().unwrap().to_owned());
        let at_once = of.iter().zip(["x", "y"]).map(|(invoice, key)| {
            let mut input = fapiao(invoice, 1, "1", "0");
            input["idempotencyKey"] = json!(key);
            world.mutate("finance", "fapiaoRecord", "", input)
        });
        let made = join_all(at_once).await;
        let mut rules: Vec<_> = made.iter().map(|m| m["userErrors"][0]["rule"].as_str().unwrap_or("")).collect();
        rules.sort_unstable();
        assert_eq!(rules, ["", "fapiao-known"]);
    }
}
