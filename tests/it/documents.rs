//! Invoices for programs and as workbooks: valid by the schemas of OASIS, exact to the cent, for both sides and nobody else.

use std::io::Cursor;
use std::process::Command;

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode, header};
use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};
use voxpark_tests::on_both;
use voxpark_tests::tools::{TempDir, workspace_root};

use crate::billing::{Ground, THEN, Terms};
use crate::edge::Edge;
use crate::parties::{buyer, ground, issued, seller};

/// What `xmllint` says of a document by the schema of invoices; nothing when it is valid.
pub(crate) fn faults(xml: &[u8]) -> String {
    faults_of("Invoice", xml)
}

/// The same by the schema of a kind of documents.
fn faults_of(kind: &str, xml: &[u8]) -> String {
    let folder = TempDir::new();
    let file = folder.path().join("document.xml");
    let schema = format!("tests/fixtures/ubl-2.1/xsd/maindoc/UBL-{kind}-2.1.xsd");
    std::fs::write(&file, xml).unwrap();
    let mut lint = Command::new("xmllint");
    lint.args(["--nonet", "--noout", "--schema"]).arg(workspace_root().join(schema)).arg(&file);
    let said = lint.output().expect("xmllint: install libxml2-utils");
    if said.status.success() { String::new() } else { String::from_utf8_lossy(&said.stderr).into_owned() }
}

pub(crate) async fn get(edge: &Edge, who: &str, path: &str) -> (StatusCode, String, Vec<u8>) {
    let bearer = edge.bearer(who).await;
    let answer = edge.send(Method::GET, path, &[("authorization", bearer.as_str())], Body::empty()).await;
    let kind = answer.headers().get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let status = answer.status();
    (status, kind, to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec())
}

on_both! {
    /// With everything that can be known of both sides, with nothing, and with signs that XML would read as its own.
    async fn an_invoice_is_valid_ubl(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let mut ground = Ground::new(world).await;
        let terms = Terms { from: "2026-10-01", rent_free: Some(("2026-10-01", "2026-10-04")), tax_rate_bp: 650, ..Terms::default() };
        let lease = ground.lease(world.ids.a1, THEN, &terms).await;
        ground.allocate(world.ids.a1, lease, 3, "2026-10-01", THEN).await;
        let plain = issued(world, lease).await;
        let path = format!("/documents/{plain}?format=ubl");
        let (status, kind, xml) = get(&edge, "a1", &path).await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/xml"));
        assert_eq!(faults(&xml), "", "{}", String::from_utf8_lossy(&xml));
        let xml = String::from_utf8(xml).unwrap();
        // Three seats of 880.00 for 28 of 31 days: 2384.52, and 6.5 % of it.
        for part in [
            "<cbc:ID>PA-2026-000001</cbc:ID>",
            "<cbc:DocumentCurrencyCode>CNY</cbc:DocumentCurrencyCode>",
            "<cbc:StartDate>2026-10-01</cbc:StartDate>",
            "<cbc:EndDate>2026-10-31</cbc:EndDate>",
            "<cbc:TaxExclusiveAmount currencyID=\"CNY\">2384.52</cbc:TaxExclusiveAmount>",
            "<cbc:TaxAmount currencyID=\"CNY\">154.99</cbc:TaxAmount>",
            "<cbc:PayableAmount currencyID=\"CNY\">2539.51</cbc:PayableAmount>",
            "<cbc:InvoicedQuantity unitCode=\"DAY\">84</cbc:InvoicedQuantity>",
            "<cbc:PriceAmount currencyID=\"CNY\">880.00</cbc:PriceAmount>",
            "<cbc:BaseQuantity unitCode=\"DAY\">31</cbc:BaseQuantity>",
            "<cbc:FreeOfChargeIndicator>true</cbc:FreeOfChargeIndicator>",
            "<cbc:Percent>6.5</cbc:Percent>",
            "<cbc:LineCountNumeric>2</cbc:LineCountNumeric>",
            "<cbc:RegistrationName>a1 呼叫中心</cbc:RegistrationName>",
        ] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        for who in ["a2", "other-park", "a1-agent"] {
            assert_eq!(get(&edge, who, &path).await.0, StatusCode::NOT_FOUND, "{who}");
        }

        world.done("finance", "sellerProfileSet", "", seller("<园区> & \"公司\"\u{8}", "2026-01-01")).await;
        world.done("a1", "buyerProfileSet", "", buyer(None, "华信 <公司>", "2026-01-01")).await;
        let void = json!({ "invoiceId": plain, "reason": "抬头有误", "idempotencyKey": "void" });
        world.done("finance", "invoiceVoid", "", void).await;
        let again = json!({ "leaseId": lease.to_string(), "month": "2026-10", "idempotencyKey": "again" });
        let full = world.done("finance", "invoiceIssue", "invoice { id }", again).await["invoice"]["id"].clone();
        let (_, _, xml) = get(&edge, "finance", &format!("/documents/{}?format=ubl", full.as_str().unwrap())).await;
        assert_eq!(faults(&xml), "");
        let xml = String::from_utf8(xml).unwrap();
        for part in ["<cbc:Name>&lt;园区&gt; &amp; ", "<cbc:CompanyID>91350100M000100Y43</cbc:CompanyID>", "<cbc:ID>622200001111</cbc:ID>", "华信 &lt;公司&gt;"] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        // What was withdrawn is not given to programs that would book it; there is no other form.
        for (path, rule) in [(path, "作废"), (format!("/documents/{plain}?format=docx"), "格式")] {
            let (status, _, said) = get(&edge, "finance", &path).await;
            assert!(status.is_client_error() && String::from_utf8_lossy(&said).contains(rule), "{status} {}", String::from_utf8_lossy(&said));
        }
    }

    /// What stands on it, its lines, the days behind them and its taxes, as numbers and days.
    async fn an_invoice_is_a_workbook(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (_, lease) = ground(world).await;
        let invoice = issued(world, lease).await;
        let (status, kind, bytes) = get(&edge, "a1", &format!("/documents/{invoice}?format=xlsx&lang=en")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(kind.contains("spreadsheetml"), "{kind}");
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["Invoice", "Lines", "Days", "Tax"]);
        let lines = book.worksheet_range("Lines").unwrap();
        // Two seats through October: 1760.00.
        assert_eq!((lines.get_value((1, 2)), lines.get_value((1, 5))), (Some(&Data::Float(62.0)), Some(&Data::Float(1760.0))));
        let why = lines.get_value((1, 6)).map(ToString::to_string).unwrap();
        assert_eq!(why, "880.00 CNY a seat-month × 62 seat-days ÷ 31 days of the month = 1760.00 CNY.");
        let days = book.worksheet_range("Days").unwrap();
        // Days as workbooks count them: 1 and 31 October 2026.
        let day = |column| days.get_value((1, column)).map(ToString::to_string);
        assert_eq!((day(1).as_deref(), day(2).as_deref()), (Some("46296"), Some("46326")));
        assert_eq!(get(&edge, "a2", &format!("/documents/{invoice}?format=xlsx")).await.0, StatusCode::NOT_FOUND);
        let said: Value = world.ok("a1", "query($id: ID!) { node(id: $id) { ... on Invoice { total { amount } } } }", json!({ "id": invoice })).await;
        let head = book.worksheet_range("Invoice").unwrap();
        let total = head.rows().find(|row| row[0] == Data::String("To be paid".into())).unwrap()[1].clone();
        assert_eq!((said["node"]["total"]["amount"].as_str(), total), (Some("1918.40"), Data::Float(1918.4)));
    }

    /// A credit note as PDF in each language and as XML by the schema of OASIS; for both sides and nobody else.
    async fn a_credit_note_is_printed_and_valid_ubl(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (_, lease) = ground(world).await;
        let invoice = issued(world, lease).await;
        let note = json!({ "invoiceId": invoice, "lines": [{ "lineNo": 1, "amount": "100.00" }], "reason": "席位 <未交付> & 退", "paidTo": "CREDIT", "idempotencyKey": "n" });
        let made = world.done("finance", "creditNoteIssue", "creditNote { number documentPath tax { amount } total { amount } }", note).await["creditNote"].clone();
        let path = made["documentPath"].as_str().unwrap().to_owned();
        let (status, kind, xml) = get(&edge, "a1", &format!("{path}?format=ubl")).await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/xml"));
        assert_eq!(faults_of("CreditNote", &xml), "", "{}", String::from_utf8_lossy(&xml));
        let xml = String::from_utf8(xml).unwrap();
        let said = |of: &str| made[of]["amount"].as_str().unwrap().to_owned();
        for part in [
            format!("<cbc:ID>{}</cbc:ID>", made["number"].as_str().unwrap()),
            "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>".to_owned(),
            "<cbc:Description>席位 &lt;未交付&gt; &amp; 退</cbc:Description>".to_owned(),
            "<cbc:TaxExclusiveAmount currencyID=\"CNY\">100.00</cbc:TaxExclusiveAmount>".to_owned(),
            format!("<cbc:TaxAmount currencyID=\"CNY\">{}</cbc:TaxAmount>", said("tax")),
            format!("<cbc:PayableAmount currencyID=\"CNY\">{}</cbc:PayableAmount>", said("total")),
        ] {
            assert!(xml.contains(&part), "{part} is not in {xml}");
        }
        let mut seen = Vec::new();
        for lang in ["?lang=zh", "?lang=en", ""] {
            let (status, kind, pdf) = get(&edge, "finance", &format!("{path}{lang}")).await;
            assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/pdf"), "{lang}");
            assert!(pdf.starts_with(b"%PDF-1."), "{lang}");
            assert!(!seen.contains(&pdf), "{lang}: each language is another document");
            seen.push(pdf);
        }
        assert!(get(&edge, "finance", &format!("{path}?format=xlsx")).await.0.is_client_error());
        for who in ["a2", "other-park", "a1-agent"] {
            assert_eq!(get(&edge, who, &path).await.0, StatusCode::NOT_FOUND, "{who}");
        }
    }

    /// The statement of account as PDF, for both sides and nobody else; also of days on which nothing happened.
    async fn a_statement_of_account_is_printed(backend) {
        let edge = Edge::new(backend).await;
        let world = &edge.world;
        let (_, lease) = ground(world).await;
        issued(world, lease).await;
        let ask = "query($t: ID) { park { statementOfAccount(tenantId: $t, from: \"2026-11-01\", to: \"2026-12-01\") { documentPath lines { number } } } }";
        let tenant = json!({ "t": world.ids.a1.to_string() });
        let statement = world.ok("park", ask, tenant).await["park"]["statementOfAccount"].clone();
        assert_eq!(statement["lines"].as_array().unwrap().len(), 1);
        let path = statement["documentPath"].as_str().unwrap().to_owned();
        assert_eq!(path, format!("/statements/{}?from=2026-11-01&to=2026-11-30", world.ids.a1));
        let own = world.ok("a1", ask, json!({})).await["park"]["statementOfAccount"]["documentPath"].clone();
        assert_eq!(own, json!(path), "its own");
        let mut seen = Vec::new();
        for (who, lang) in [("a1", "&lang=zh"), ("park", "&lang=en"), ("finance", "")] {
            let (status, kind, pdf) = get(&edge, who, &format!("{path}{lang}")).await;
            assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/pdf"), "{who}");
            assert!(pdf.starts_with(b"%PDF-1.") && !seen.contains(&pdf), "{who}{lang}");
            seen.push(pdf);
        }
        let empty = path.replace("2026-11", "2026-02").replace("02-30", "02-28");
        assert_eq!(get(&edge, "a1", &empty).await.0, StatusCode::OK);
        for who in ["a2", "other-park", "a1-agent"] {
            assert_eq!(get(&edge, who, &path).await.0, StatusCode::NOT_FOUND, "{who}");
        }
        for wrong in [path.replace("to=2026-11-30", "to=2026-10-30"), path.replace("from=2026-11-01", "from=2020-11-01"), format!("{path}&format=ubl")] {
            assert!(get(&edge, "park", &wrong).await.0.is_client_error(), "{wrong}");
        }
    }
}
