//! The life of an invoice from seats to its last payment.

use proptest::prelude::*;
use uuid::Uuid;
use voxpark_domain::Error;
use voxpark_domain::ids::{AllocationId, Id, PaymentId, SeatId};

use super::*;
use crate::invoicing::{Payment, PaymentState, Standing, accept_payment, reprice, standing};
use crate::pricing::TaxRate;
use crate::pricing::{HeldSeat, LeaseTerms, LeaseVersion, LineKind, Proration, SeatProduct, rate};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
fn rate_of(bp: u32) -> TaxRate {
    TaxRate::new(bp).expect("rate")
}
fn january() -> Period {
    Period { from: day("2026-01-01"), to: Some(day("2026-02-01")) }
}
fn versions(unit_minor: i64, free_to: Option<&str>) -> Vec<LeaseVersion> {
    let term = Period { from: day("2025-12-01"), to: Some(day("2027-01-01")) };
    let terms = LeaseTerms {
        term_from: term.from,
        term_to: day("2027-01-01"),
        product: SeatProduct::Furnished,
        unit_price: Money::new(unit_minor, Currency::CNY),
        price_steps: Vec::new(),
        price_book: None,
        proration: Proration::ByDay,
        tax_rate: rate_of(900),
        rent_free: free_to.map(|to| Period { from: term.from, to: Some(day(to)) }).into_iter().collect(),
        deposit: Money::zero(Currency::CNY),
        payment_days: 0,
    };
    vec![LeaseVersion { version: 1, in_force: term, terms, least_minor: 0 }]
}
fn held(n: u128, from: &str) -> Vec<HeldSeat> {
    let one = |i| HeldSeat {
        allocation: AllocationId::from_uuid(Uuid::from_u128(i)),
        seat: SeatId::from_uuid(Uuid::from_u128(i)),
        shift: voxpark_domain::leasing::FULL_DAY,
        held: Period { from: day(from), to: None },
    };
    let mut all: Vec<_> = (0..n).map(one).collect();
    for seat in &mut all {
        seat.held.to = Some(day("2027-01-01"));
    }
    all
}
fn rated(n: u128, from: &str) -> Rated {
    rate(january(), &versions(88_000, None), &held(n, from)).expect("rated")
}
fn draft_of(rated: Rated) -> Result<Invoice, Refusal> {
    let (id, lease) = (InvoiceId::from_uuid(Uuid::from_u128(1)), LeaseId::from_uuid(Uuid::from_u128(2)));
    Invoice::draft(id, lease, rated, TaxRule::default(), None)
}
fn number() -> InvoiceNumber {
    InvoiceNumber::new("A", 2026, 1).expect("number")
}
fn issued() -> Invoice {
    let terms = PaymentTerms::net_days(14).expect("terms");
    draft_of(rated(3, "2026-01-12")).and_then(|i| i.issue(number(), day("2026-02-01"), terms)).expect("issued")
}
fn pay(minor: i64, on: &str) -> Payment {
    let id = PaymentId::from_uuid(Uuid::from_u128(minor.unsigned_abs().into()));
    Payment { id, amount: Money::new(minor, Currency::CNY), paid_on: day(on) }
}
fn rules(result: voxpark_domain::Result<Standing>) -> Vec<(&'static str, String)> {
    match result {
        Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
        other => panic!("not refused: {other:?}"),
    }
}
/// A line of a given amount and rate; the other figures do not matter to tax.
fn line(amount_minor: i64, bp: u32) -> RatedLine {
    let mut line = rated(1, "2026-01-01").lines.remove(0);
    line.amount_minor = amount_minor;
    line.vat = rate_of(bp);
    line
}

fn assembled(lines: Vec<RatedLine>, mode: TaxMode) -> Result<InvoiceBody, Refusal> {
    assemble(Rated { period: january(), lines, seat_days_held: 0 }, TaxRule { mode, ..TaxRule::default() })
}

#[test]
fn a_month_becomes_an_invoice() {
    // 3 seats x 880.00 x 20/31 = 1703.2258, tax 9 % of 1703.23 = 153.2907
    let body = issued().body().clone();
    assert_eq!((body.net_minor, body.tax_minor, body.total_minor), (170_323, 15_329, 185_652));
    assert_eq!(body.lines[0].net_minor, 170_323);
    let invoice = issued();
    let issue = invoice.issue_facts().expect("issued");
    assert_eq!((issue.number.to_string(), issue.due_on), ("A-2026-000001".to_owned(), day("2026-02-15")));
    assert_eq!(invoice.state().name(), "issued");
}

#[test]
fn e2_5_lines_of_two_rates() {
    let body = assembled(vec![line(10_000, 2000), line(5_000, 2000), line(8_000, 500)], TaxMode::Exclusive);
    let body = body.expect("assembled");
    assert_eq!((body.net_minor, body.tax_minor, body.total_minor), (23_000, 3_400, 26_400));
    assert_eq!(body.taxes.iter().map(|g| g.rate.to_string()).collect::<Vec<_>>(), ["5", "20"]);
}

#[test]
fn prices_with_tax_inside_keep_the_gross_and_sum_line_by_line() {
    let body =
        assembled(vec![line(333, 1000), line(333, 1000), line(334, 1000)], TaxMode::Inclusive).expect("assembled");
    assert_eq!((body.net_minor, body.tax_minor, body.total_minor), (909, 91, 1_000));
    assert_eq!(body.lines.iter().map(|l| l.net_minor).collect::<Vec<_>>(), [303, 303, 303]);
}

#[test]
fn a_rent_free_month_is_an_invoice_of_nothing_and_paid() {
    let rated = rate(january(), &versions(88_000, Some("2026-02-01")), &held(3, "2026-01-12")).expect("rated");
    let invoice = draft_of(rated).expect("draft");
    assert_eq!(invoice.body().total_minor, 0);
    assert_eq!(invoice.body().lines[0].rated.kind, LineKind::RentFree);
    let stands = standing(invoice.body().total(), day("2026-02-15"), &[], day("2026-06-01")).expect("standing");
    assert_eq!((stands.state, stands.overdue), (PaymentState::Paid, false));
}

#[test]
fn what_cannot_be_invoiced_is_refused() {
    let empty = draft_of(rated(0, "2026-01-12")).expect_err("refused");
    assert_eq!(empty.rule, "invoice-empty-month");
    assert_eq!(empty.args, [("month", "2026-01".into())]);
    let (id, lease) = (InvoiceId::from_uuid(Uuid::from_u128(1)), LeaseId::from_uuid(Uuid::from_u128(2)));
    let again = Invoice::draft(id, lease, rated(1, "2026-01-01"), TaxRule::default(), Some(&number()));
    let again = again.expect_err("refused");
    assert_eq!((again.rule, again.args[1].1.clone()), ("invoice-exists", "A-2026-000001".into()));
    assert_eq!(assembled(Vec::new(), TaxMode::Exclusive).map_err(|r| r.rule), Err("invoice-empty-month"));
    let mut foreign = line(1, 900);
    foreign.unit.currency = Currency::parse("USD").expect("currency");
    let mixed = assembled(vec![line(1, 900), foreign], TaxMode::Exclusive);
    assert_eq!(mixed.map_err(|r| r.rule), Err("currency-mismatch"));
}

#[test]
fn what_is_issued_is_never_edited() {
    let draft = draft_of(rated(1, "2026-01-01")).expect("draft");
    assert_eq!(draft.redraft(rated(2, "2026-01-01")).map(|i| i.body().net_minor), Ok(176_000));
    assert_eq!(issued().redraft(rated(2, "2026-01-01")).map_err(|r| r.rule), Err("invoice-issued"));
    let terms = PaymentTerms::net_days(0).expect("terms");
    assert_eq!(issued().issue(number(), day("2026-03-01"), terms).map_err(|r| r.rule), Err("invoice-issued"));
    let draft = draft_of(rated(1, "2026-01-01")).expect("draft");
    let void = |invoice: &Invoice, payments| invoice.state().clone().void(day("2026-02-02"), payments);
    assert_eq!(void(&draft, 0).map_err(|r| r.rule), Err("invoice-not-issued"));
    assert_eq!(void(&issued(), 1).map_err(|r| r.rule), Err("invoice-has-payments"));
    let voided = void(&issued(), 0).expect("void");
    assert_eq!(voided.name(), "void");
    let total = issued().body().total();
    let late = accept_payment(&voided, total, &[], &pay(1, "2026-02-03"), day("2026-02-03"));
    assert_eq!(rules(late)[0].0, "invoice-not-issued");
    assert_eq!(voided.void(day("2026-02-03"), 0).map_err(|r| r.rule), Err("invoice-not-issued"));
}

#[test]
fn payments_run_the_balance_down() {
    let (invoice, today) = (issued(), day("2026-02-16"));
    let first = accept_payment(invoice.state(), invoice.body().total(), &[], &pay(100_000, "2026-02-10"), today)
        .expect("accepted");
    assert_eq!((first.state, first.balance.minor, first.overdue), (PaymentState::PartPaid, 85_652, true));
    let rest = accept_payment(
        invoice.state(),
        invoice.body().total(),
        &[pay(100_000, "2026-02-10")],
        &pay(85_652, "2026-02-16"),
        today,
    );
    let rest = rest.expect("accepted");
    assert_eq!((rest.state, rest.balance.minor, rest.overdue), (PaymentState::Paid, 0, false));
    let none = standing(invoice.body().total(), day("2026-02-15"), &[], day("2026-02-15")).expect("standing");
    assert_eq!((none.state, none.overdue), (PaymentState::Unpaid, false));
}

#[test]
fn wrong_payments_name_every_fault() {
    let (invoice, today) = (issued(), day("2026-02-16"));
    let refused = |payment: Payment| {
        rules(accept_payment(invoice.state(), invoice.body().total(), &[pay(100_000, "2026-02-10")], &payment, today))
    };
    let at = |rule, path: &str| (rule, path.to_owned());
    assert_eq!(refused(pay(0, "2026-02-16")), [at("payment-not-positive", "amount")]);
    assert_eq!(
        refused(pay(-5, "2026-02-17")),
        [at("payment-not-positive", "amount"), at("payment-in-future", "paidOn")]
    );
    assert_eq!(refused(pay(85_653, "2026-02-16")), [at("payment-over-balance", "amount")]);
    let mut foreign = pay(5, "2026-02-16");
    foreign.amount.currency = Currency::parse("USD").expect("currency");
    assert_eq!(refused(foreign), [at("currency-mismatch", "amount")]);
    let draft = draft_of(rated(1, "2026-01-01")).expect("draft");
    assert_eq!(
        rules(accept_payment(draft.state(), draft.body().total(), &[], &pay(1, "2026-02-16"), today)),
        [at("invoice-not-issued", "")]
    );
    let too_much = standing(invoice.body().total(), today, &[pay(185_653, "2026-02-16")], today);
    assert_eq!(too_much.map_err(|r| r.rule), Err("payment-over-balance"));
}

#[test]
fn priced_again_gives_the_same_cents_or_says_what_differs() {
    let invoice = issued();
    assert!(reprice(invoice.body(), rated(3, "2026-01-12")).expect("repriced").same());
    // A seat that was recorded late.
    let more = reprice(invoice.body(), rated(4, "2026-01-12")).expect("repriced");
    assert_eq!((more.differences.len(), more.taxes.len(), more.same()), (1, 1, false));
    let line = more.differences[0];
    assert_eq!(line.stored.map(|f| (f.seat_days, f.net_minor)), Some((60, 170_323)));
    assert_eq!(line.again.map(|f| (f.seat_days, f.net_minor)), Some((80, 227_097)));
    assert_eq!((more.stored_total.minor, more.again_total.minor), (185_652, 247_536));
    // Another price: the old line is gone, another came.
    let dearer = rate(january(), &versions(90_000, None), &held(3, "2026-01-12")).expect("rated");
    let dearer = reprice(invoice.body(), dearer).expect("repriced");
    let shape: Vec<_> = dearer.differences.iter().map(|d| (d.stored.is_some(), d.again.is_some())).collect();
    assert_eq!(shape, [(true, false), (false, true)]);
}

proptest! {
    #[test]
    fn lines_taxes_and_totals_tie(amounts in proptest::collection::vec((0_i64..100_000_000, 0_u32..4), 1..12)) {
        for mode in [TaxMode::Exclusive, TaxMode::Inclusive] {
            let lines: Vec<_> = amounts.iter().map(|(minor, rate)| line(*minor, rate * 333)).collect();
            let body = assembled(lines, mode).expect("assembled");
            prop_assert_eq!(body.lines.iter().map(|l| l.net_minor).sum::<i64>(), body.net_minor);
            prop_assert_eq!(body.net_minor + body.tax_minor, body.total_minor);
            if mode == TaxMode::Inclusive {
                prop_assert_eq!(body.total_minor, amounts.iter().map(|a| a.0).sum::<i64>());
            }
        }
    }

    #[test]
    fn the_state_follows_from_the_payments(total in 0_i64..1_000_000, parts in proptest::collection::vec(1_i64..300_000, 0..6)) {
        let (due, today) = (day("2026-02-15"), day("2026-02-16"));
        let payments: Vec<_> = parts.iter().map(|minor| pay(*minor, "2026-02-10")).collect();
        let paid: i64 = parts.iter().sum();
        match standing(Money::new(total, Currency::CNY), due, &payments, today) {
            Ok(stands) => {
                prop_assert_eq!(stands.balance.minor, total - paid);
                prop_assert_eq!(stands.overdue, total > paid);
                prop_assert_eq!(stands.state == PaymentState::Paid, total == paid);
            }
            Err(refusal) => {
                prop_assert!(paid > total);
                prop_assert_eq!(refusal.rule, "payment-over-balance");
            }
        }
    }
}
