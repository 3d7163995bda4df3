//! Lines read, faults named, expiry.

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
fn line() -> QuoteLineDraft {
    QuoteLineDraft {
        seats: 10,
        product: SeatProduct::Equipped,
        term_from: day("2027-01-15"),
        term_to: day("2028-01-15"),
        unit_price: "880.00".to_owned(),
        tax_rate_percent: "9".to_owned(),
        proration: "by_day".to_owned(),
        rent_free: vec![Period { from: day("2027-01-15"), to: Some(day("2027-02-15")) }],
        steps: vec![(day("2027-07-15"), "900".to_owned()), (day("2027-10-01"), "920".to_owned())],
        deposit_months: Some(2),
        deposit: None,
        payment_days: 15,
        notice_days: 90,
    }
}
fn quote(lines: Vec<QuoteLineDraft>) -> QuoteDraft {
    QuoteDraft { valid_until: day("2026-12-21"), remark: Private::default(), currency: None, lines }
}
fn refused(draft: &QuoteDraft) -> Vec<String> {
    match draft.read(Currency::CNY, day("2026-11-21")) {
        Err(Error::Refused(list)) => list.into_iter().map(|r| format!("{} {}", r.path, r.rule)).collect(),
        Err(other) => vec![other.to_string()],
        Ok(_) => Vec::new(),
    }
}

#[test]
fn a_sound_line_is_read_with_its_deposit() {
    let lines = quote(vec![line()]).read(Currency::CNY, day("2026-11-21")).expect("a quote");
    // Two months of ten seats at 880.00.
    assert_eq!(lines[0].terms.deposit.minor, 1_760_000);
    assert_eq!((lines[0].months(), lines[0].terms.price_steps.len()), (13, 2));
    let whole =
        QuoteLineDraft { term_from: day("2027-01-01"), term_to: day("2028-01-01"), rent_free: vec![], ..line() };
    assert_eq!(whole.read(Currency::CNY).expect("a line").months(), 12);
    assert_eq!(QuoteNumber { year: 2026, sequence: 7 }.to_string(), "Q-2026-0007");
}

#[test]
fn every_fault_is_named_with_its_line() {
    assert_eq!(refused(&quote(vec![])), ["lines quote-lines"]);
    let past = QuoteDraft { valid_until: day("2026-11-20"), ..quote(vec![line()]) };
    assert_eq!(refused(&past), ["validUntil quote-valid-past"]);
    let bad = QuoteLineDraft {
        seats: 0,
        unit_price: "x".to_owned(),
        tax_rate_percent: "106".to_owned(),
        proration: "weekly".to_owned(),
        deposit: Some("5".to_owned()),
        payment_days: 366,
        notice_days: -1,
        ..line()
    };
    let expected = [
        "lines.1.unitPrice money-invalid",
        "lines.1.taxRatePercent tax-rate-range",
        "lines.1.proration proration-invalid",
        "lines.1.deposit quote-deposit-twice",
        "lines.1.paymentDays payment-days-range",
        "lines.1.seats quote-seats",
        "lines.1.noticeDays notice-days-range",
    ];
    assert_eq!(refused(&quote(vec![line(), bad])), expected);
    let long = QuoteLineDraft { term_to: day("2042-02-15"), deposit_months: Some(25), ..line() };
    assert_eq!(
        refused(&quote(vec![long])),
        ["lines.0.termTo quote-term-too-long", "lines.0.depositMonths deposit-months-range"]
    );
    let crowd = QuoteLineDraft { seats: 3_000, ..line() };
    assert_eq!(refused(&quote(vec![crowd.clone(), crowd])), ["lines quote-seats"]);
}

#[test]
fn price_steps_go_forward_inside_the_term() {
    let steps = |list: &[&str]| {
        let steps = list.iter().map(|from| (day(from), "900".to_owned())).collect();
        refused(&quote(vec![QuoteLineDraft { steps, ..line() }]))
    };
    assert_eq!(steps(&["2027-01-16", "2028-01-14"]), Vec::<String>::new());
    assert_eq!(steps(&["2027-01-15"]), ["lines.0.priceSteps.0 step-outside-term"]);
    assert_eq!(steps(&["2028-01-15"]), ["lines.0.priceSteps.0 step-outside-term"]);
    assert_eq!(steps(&["2027-06-01", "2027-06-01"]), ["lines.0.priceSteps.1 step-order"]);
    assert_eq!(steps(&["2027-07-01", "2027-06-01"]), ["lines.0.priceSteps.1 step-order"]);
    let negative = QuoteLineDraft { steps: vec![(day("2027-06-01"), "-1".to_owned())], ..line() };
    assert_eq!(refused(&quote(vec![negative])), ["lines.0.priceSteps.0 price-negative"]);
}

#[test]
fn a_sent_quote_expires_by_itself() {
    let lines = quote(vec![line()]).read(Currency::CNY, day("2026-11-21")).expect("a quote");
    let at = "2026-11-21T02:00:00Z".parse().expect("an instant");
    let nil = uuid::Uuid::nil();
    let mut quote = Quote {
        id: crate::ids::Id::from_uuid(nil),
        lead: crate::ids::Id::from_uuid(nil),
        number: QuoteNumber { year: 2026, sequence: 1 },
        version: 1,
        state: QuoteState::Sent,
        valid_until: day("2026-12-21"),
        remark: Private::default(),
        lines,
        created_at: at,
        sent_at: Some(at),
        ended_at: None,
        end_remark: Private::default(),
    };
    assert_eq!(quote.state_on(day("2026-12-21")), QuoteState::Sent);
    assert_eq!(quote.state_on(day("2026-12-22")), QuoteState::Expired);
    assert!(quote.must_be(&[QuoteState::Sent], day("2026-12-22")).is_err());
    quote.state = QuoteState::Accepted;
    assert_eq!(quote.state_on(day("2026-12-22")), QuoteState::Accepted);
}
