//! Leases in other currencies than the park's: yen have no digits behind the point, dinars three.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use crate::leasing::{allocate, park};

/// A lease of tenant A1 from September on.
fn draft(world: &World, code: &str, currency: &str, price: &str) -> Value {
    json!({ "tenantId": world.ids.a1.to_string(), "code": code, "signedOn": "2026-08-20", "termFrom": "2026-09-01", "termTo": "2027-09-01",
        "product": "EQUIPPED", "currency": currency, "unitPrice": price, "taxRatePercent": "6", "proration": "by_day", "deposit": "1000",
        "paymentDays": 10, "idempotencyKey": format!("{code} {currency} {price}") })
}

/// Leases in yen, dinars and the park's yuan, each with a seat.
async fn three(world: &World) -> [String; 3] {
    let (seats, ..) = park(world, 3).await;
    let mut ids = Vec::new();
    for (at, (code, currency, price)) in
        [("Y-1", "JPY", "31000"), ("D-1", "BHD", "31.005"), ("C-1", "CNY", "880")].into_iter().enumerate()
    {
        let lease = world.done("park", "leaseCreate", "lease { id }", draft(world, code, currency, price)).await;
        let id = lease["lease"]["id"].as_str().unwrap().to_owned();
        world.done("park", "seatsAllocate", "", allocate(&id, &seats[at..=at], "2026-09-16", None, code)).await;
        ids.push(id);
    }
    ids.try_into().unwrap()
}

const ALL: &str = "{ park { invoices { nodes { id number net { amount currency } tax { amount } total { amount } balance { amount currency }
  repricing { same } lines { why } lease { code } } } } }";

async fn billed(world: &World) -> Vec<Value> {
    let sums = "count net { amount currency } total { amount } otherCurrencies { net { amount currency } total { amount } } rows { net { currency } }";
    let run = world.done("park", "billingRun", sums, json!({ "month": "2026-09", "idempotencyKey": "run" })).await;
    assert_eq!((&run["count"], &run["net"]), (&json!(3), &json!({ "amount": "440.00", "currency": "CNY" })));
    // Half a month: 15.5025 dinars are 15.503, yen are whole.
    assert_eq!(
        run["otherCurrencies"],
        json!([{ "net": { "amount": "15.503", "currency": "BHD" }, "total": { "amount": "16.433" } },
        { "net": { "amount": "15500", "currency": "JPY" }, "total": { "amount": "16430" } }])
    );
    let mut invoices =
        world.ok("finance", ALL, json!({})).await["park"]["invoices"]["nodes"].as_array().unwrap().clone();
    invoices.sort_by_key(|invoice| invoice["net"]["currency"].to_string());
    assert!(invoices.iter().all(|invoice| invoice["repricing"]["same"] == true));
    assert!(invoices[2]["lines"][0]["why"].as_str().unwrap().contains("15500"), "{invoices:?}");
    invoices
}

on_both! {
    /// Agreed, billed, paid, credited and booked in its own currency; nothing is added to what is in another.
    async fn every_document_has_one_currency(backend) {
        let world = World::new(backend).await;
        for (currency, price, rule) in [("yen", "1", "currency-unknown"), ("JPY", "0.5", "money-invalid"), ("BHD", "0.0005", "money-invalid")] {
            assert!(world.refused("park", "leaseCreate", draft(&world, "X", currency, price)).await.contains(&rule.to_owned()), "{currency}");
        }
        let [yen, ..] = three(&world).await;
        let invoices = billed(&world).await;
        let month = "query($as: Month!) { park { billingMonth(month: $as) { invoices net { amount currency } otherCurrencies { invoices total { amount currency } open { amount } overdue { amount } overdueTenants } } } }";
        let found = world.ok("finance", month, json!({ "as": "2026-09" })).await["park"]["billingMonth"].clone();
        assert_eq!(found["net"], json!({ "amount": "440.00", "currency": "CNY" }));
        assert_eq!(found["otherCurrencies"][1], json!({ "invoices": 1, "total": { "amount": "16430", "currency": "JPY" }, "open": { "amount": "16430" },
            "overdue": { "amount": "0" }, "overdueTenants": 0 }));

        // Yuan pay no yen; yen do, as far as they go.
        let receive = |currency: &str, amount: &str, key: &str| json!({ "tenantId": world.ids.a1.to_string(), "amount": amount, "currency": currency,
            "paidOn": "2026-11-20", "method": "transfer", "firstDue": true, "idempotencyKey": key });
        let paid = "payment { credit { amount currency } applied { invoice { id } amount { amount } } }";
        let got = world.done("finance", "paymentReceive", paid, receive("JPY", "20000", "p1")).await["payment"].clone();
        assert_eq!(got["credit"], json!({ "amount": "3570", "currency": "JPY" }));
        assert_eq!(got["applied"], json!([{ "invoice": { "id": invoices[2]["id"] }, "amount": { "amount": "16430" } }]));
        assert_eq!(world.refused("finance", "paymentReceive", receive("JPY", "0.5", "p2")).await, ["money-invalid"]);

        // A credit note in dinars; the books sum to nothing in each currency.
        let note = json!({ "invoiceId": invoices[0]["id"], "lines": [{ "lineNo": 1, "amount": "15.503" }], "reason": "错开", "idempotencyKey": "c" });
        let note = world.done("finance", "creditNoteIssue", "creditNote { total { amount currency } }", note).await;
        assert_eq!(note["creditNote"]["total"], json!({ "amount": "16.433", "currency": "BHD" }));
        let ask = "{ park { trialBalance(month: \"2026-11\") { balanced rows { debit { currency } } } } }";
        let trial = world.ok("finance", ask, json!({})).await["park"]["trialBalance"].clone();
        assert_eq!(trial["balanced"], true, "{trial}");
        let rows = trial["rows"].as_array().unwrap().iter();
        let currencies: BTreeSet<&str> = rows.map(|row| row["debit"]["currency"].as_str().unwrap()).collect();
        assert_eq!(Vec::from_iter(currencies), ["BHD", "CNY", "JPY"]);

        // The tenant's cost has the rent in yuan, and says of the rest that it is not in it.
        let cost = "{ tenant { cost(month: \"2026-09\") { total { amount currency } otherRents { amount currency } } } }";
        let cost = world.ok("a1", cost, json!({})).await["tenant"]["cost"].clone();
        assert_eq!(cost["total"], json!({ "amount": "440.00", "currency": "CNY" }));
        assert_eq!(cost["otherRents"], json!([{ "amount": "0.000", "currency": "BHD" }, { "amount": "15500", "currency": "JPY" }]));

        // An amendment is agreed in the lease's currency, and so is what it settles.
        let amend = json!({ "leaseId": yen, "inForceFrom": "2026-12-01", "reason": "调价", "unitPrice": "32000.5", "idempotencyKey": "a1" });
        assert!(world.refused("park", "leaseAmend", amend).await.contains(&"money-invalid".to_owned()));
        let amend = json!({ "leaseId": yen, "inForceFrom": "2026-12-01", "reason": "调价", "unitPrice": "32000", "idempotencyKey": "a2" });
        let said = world.done("park", "leaseAmend", "lease { versions { unitPrice { amount currency } } }", amend).await;
        assert_eq!(said["lease"]["versions"][1]["unitPrice"], json!({ "amount": "32000", "currency": "JPY" }));
    }

    /// A run on record says sums by currency, too, and a book prices leases of its own currency only.
    async fn runs_and_books_have_currencies(backend) {
        let world = World::new(backend).await;
        three(&world).await;
        world.done("park", "billingRunStart", "run { id }", json!({ "month": "2026-09", "idempotencyKey": "s" })).await;
        super::runs::work(&world, 500).await;
        let runs = "{ park { billingRuns { nodes { state issued net { amount currency } otherCurrencies { net { amount currency } }
            rows { nodes { net { amount currency } } } } } } }";
        let run = world.ok("finance", runs, json!({})).await["park"]["billingRuns"]["nodes"][0].clone();
        assert_eq!((&run["state"], &run["issued"], &run["net"]["amount"]), (&json!("DONE"), &json!(3), &json!("440.00")));
        assert_eq!(run["otherCurrencies"], json!([{ "net": { "amount": "15.503", "currency": "BHD" } }, { "net": { "amount": "15500", "currency": "JPY" } }]));
        assert_eq!(run["rows"]["nodes"][2]["net"], json!({ "amount": "15500", "currency": "JPY" }));

        let book = |version: u32, currency: &str| format!("id = \"y\"\nversion = {version}\ntitle = {{ zh = \"日元\", en = \"Yen\" }}\ncurrency = \"{currency}\"
[[price]]\nid = \"seat\"\ntitle = {{ zh = \"席位\", en = \"Seat\" }}\nbasis = \"seat\"\ndue = \"arrears\"\n[[price.step]]\nfrom = \"2026-01-01\"\ntariff = {{ model = {{ per_unit = {{ unit = \"30000\" }} }} }}\n");
        let publish = |text: String| json!({ "idempotencyKey": format!("{} {}", text.len(), text.contains("JPY")), "text": text });
        world.done("finance", "priceBookPublish", "", publish(book(1, "JPY"))).await;
        assert_eq!(world.refused("finance", "priceBookPublish", publish(book(2, "CNY"))).await, ["currency-mismatch"]);
        let by_book = |code: &str, currency: &str| {
            let mut input = draft(&world, code, currency, "0");
            input["priceBook"] = json!({ "book": "y", "version": 1 });
            input
        };
        assert_eq!(world.refused("park", "leaseCreate", by_book("B-1", "CNY")).await, ["currency-mismatch"]);
        let made = world.done("park", "leaseCreate", "lease { id }", by_book("B-2", "JPY")).await;
        let lease = made["lease"]["id"].as_str().unwrap();
        let ask = "query($id: ID!) { node(id: $id) { ... on Lease { versions { deposit { currency } } } } }";
        let terms = world.ok("park", ask, json!({ "id": lease })).await["node"]["versions"][0].clone();
        assert_eq!(terms["deposit"]["currency"], "JPY");
    }

    /// A quote in dollars becomes a lease in dollars.
    async fn a_quote_has_a_currency(backend) {
        let world = World::new(backend).await;
        let lead = json!({ "name": "海外", "nameEn": "Abroad", "seats": 5, "source": "TENANT", "idempotencyKey": "lead" });
        let lead = world.done("park", "leadCreate", "lead { id }", lead).await["lead"]["id"].clone();
        let line = json!({ "seats": 5, "product": "BARE", "termFrom": "2026-12-01", "termTo": "2027-12-01", "unitPrice": "120.50",
            "taxRatePercent": "0", "proration": "by_day", "paymentDays": 10, "noticeDays": 30, "depositMonths": 1 });
        let quote = json!({ "leadId": lead, "validUntil": "2026-12-31", "currency": "USD", "lines": [line], "idempotencyKey": "q" });
        let said = world.done("park", "quoteCreate", "quote { lines { deposit { amount currency } unitPrice { currency } } }", quote).await;
        assert_eq!(said["quote"]["lines"], json!([{ "deposit": { "amount": "602.50", "currency": "USD" }, "unitPrice": { "currency": "USD" } }]));
    }
}
