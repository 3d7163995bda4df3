//! Every posting rule with exact figures, and what it refuses.

use super::*;

fn note(n: u128, net: i64, tax: i64, to: Vec<CreditTo>, on: &str) -> CreditNoteIssued {
    let lines = vec![CreditLine { line: 0, net, tax, service: None }];
    CreditNoteIssued { note: id(n), invoice: invoice(1), day: day(on), tax_point: day(on), lines, to }
}
fn to(minor: i64, to: CreditToWhere) -> CreditTo {
    CreditTo { payer: tenant(1), minor, to }
}

#[test]
fn an_invoice_is_owed_by_its_payers_and_still_to_be_earned() {
    let service = Earned::ByDay(period("2026-01-01", "2026-02-01"));
    let mut fact = issue(
        1,
        "2026-01-01",
        vec![
            line(RENT, 1_000_000, 900, service),
            line(Income::Contra(Contra::Waiver), -200_000, 900, service),
            line(Income::Contra(Contra::Discount), -50_000, 900, service),
            line(Income::Revenue(RevenueKind::LateFee), 5_000, 600, Earned::AtOnce),
        ],
    );
    // 755000 net, 67500 + 300 tax; half of it is the sponsor's.
    fact.shares = vec![
        Share { payer: tenant(1), minor: 411_400 },
        Share { payer: sponsor(), minor: 411_400 },
        Share { payer: tenant(2), minor: 0 },
    ];
    let mut world = World::new();
    let expected = [
        "receivable.tenant +411400",
        "receivable.sponsor +411400",
        "deferred rent -1000000",
        "tax_payable 9 -90000",
        "deferred waiver +200000",
        "tax_payable 9 +18000",
        "deferred discount +50000",
        "tax_payable 9 +4500",
        "revenue.late_fee -5000",
        "tax_payable 6 -300",
    ];
    assert_eq!(world.shown(&Fact::InvoiceIssued(fact.clone())), expected);
    // A waiver is contra revenue by the same days.
    assert_eq!(world.shown(&earn(1, 1, "2026-02-01")), ["deferred waiver -200000", "contra.waiver +200000"]);

    let mut world = World::new();
    let short = InvoiceIssued { shares: vec![Share { payer: tenant(1), minor: 822_799 }], ..fact.clone() };
    assert_eq!(world.refused(&Fact::InvoiceIssued(short)), "shares-not-total");
    let negative = issue(1, "2026-01-01", vec![line(RENT, -1, 0, service)]);
    assert_eq!(world.refused(&Fact::InvoiceIssued(negative)), "invoice-total-negative");
    let open = Earned::ByDay(Period { from: day("2026-01-01"), to: None });
    assert_eq!(
        world.refused(&Fact::InvoiceIssued(issue(1, "2026-01-01", vec![line(RENT, 1, 0, open)]))),
        "period-open"
    );
    // Rent-free days only: nothing to book.
    let free = Fact::InvoiceIssued(issue(1, "2026-01-01", vec![line(RENT, 0, 900, service)]));
    assert_eq!(world.book(&free), Booked::New(0));
}

#[test]
fn a_fact_is_booked_once_and_its_key_is_its_own() {
    let mut world = World::with(&[january(1)]);
    assert_eq!(world.book(&january(1)), Booked::Known);
    assert_eq!(world.books.entries().len(), 1);
    let other = issue(1, "2026-01-02", vec![line(RENT, 1, 0, Earned::AtOnce)]);
    assert_eq!(world.refused(&Fact::InvoiceIssued(other)), "posting-key-taken");
    let key = world.books.entries()[0].key().as_str();
    assert_eq!(key, "inv_00000000000000000000000000000001/issued");
}

#[test]
fn revenue_is_earned_by_day_and_once() {
    let mut world = World::with(&[january(1)]);
    assert_eq!(world.shown(&earn(1, 0, "2026-01-11")), ["deferred rent +100000", "revenue.rent -100000"]);
    // A third of a month more.
    assert_eq!(world.shown(&earn(1, 0, "2026-01-21")), ["deferred rent +100000", "revenue.rent -100000"]);
    assert_eq!(world.book(&earn(1, 0, "2026-01-15")), Booked::New(0), "it was booked until later");
    assert_eq!(world.shown(&earn(1, 0, "2026-03-01")), ["deferred rent +110000", "revenue.rent -110000"]);
    assert_eq!(world.refused(&earn(1, 7, "2026-03-01")), "document-line-unknown");
}

/// A month that is billed when it is over is earned in itself all the same: an asset until its invoice takes it up.
#[test]
fn what_is_billed_afterwards_is_an_asset_until_then() {
    let service = Earned::ByDay(period("2026-01-01", "2026-02-01"));
    let late = Fact::InvoiceIssued(issue(1, "2026-02-03", vec![line(RENT, 310_000, 600, service)]));
    let mut world = World::with(&[late, earn(1, 0, "2026-02-01")]);
    let on = |world: &World, day: &str| {
        let books = balances(world.books.entries(), AsOf::day(super::day(day))).expect("sums");
        books.iter().map(|row| (row.account, row.minor)).collect::<Vec<_>>()
    };
    let earned = (Account::Earned(RENT), -310_000);
    assert_eq!(on(&world, "2026-01-31"), [(Account::Accrued(RENT), 310_000), earned]);
    let owed = [(Account::Receivable(tenant(1)), 328_600), earned, (Account::TaxPayable(rate(600)), -18_600)];
    assert_eq!(on(&world, "2026-02-03"), owed);
    assert_eq!(world.book(&earn(1, 0, "2026-03-01")), Booked::New(0));
    // Withdrawn on a later day, both months are right: what January had is still there on its last day.
    world.book(&Fact::InvoiceVoided(InvoiceVoided { invoice: invoice(1), day: day("2026-02-20") }));
    assert_eq!(on(&world, "2026-01-31"), [(Account::Accrued(RENT), 310_000), earned]);
    assert_eq!(on(&world, "2026-02-20"), []);
}

#[test]
fn an_invoice_is_withdrawn_with_whatever_was_earned_of_it() {
    let void = |on| Fact::InvoiceVoided(InvoiceVoided { invoice: invoice(1), day: day(on) });
    let mut world = World::with(&[january(1), earn(1, 0, "2026-01-11")]);
    let expected = [
        "receivable.tenant -328600",
        "tax_payable 6 +18600",
        "deferred rent +310000",
        "deferred rent -100000",
        "revenue.rent +100000",
    ];
    assert_eq!(world.shown(&void("2026-01-12")), expected);
    assert!(balances(world.books.entries(), AsOf::day(NaiveDate::MAX)).expect("sums").is_empty());
    assert_eq!(world.book(&earn(1, 0, "2026-02-01")), Booked::New(0));

    let mut world = World::with(&[january(1), pay(2, 1, "2026-01-02"), apply(3, 2, 1, 1, "2026-01-02")]);
    assert_eq!(world.refused(&void("2026-01-03")), "invoice-settled");
    // Taken off again, it can be withdrawn.
    let key = Fact::key(&apply(3, 2, 1, 1, "2026-01-02"));
    world.book(&Fact::Reversed(Reversed { key, day: day("2026-01-03") }));
    assert_eq!(world.book(&void("2026-01-03")), Booked::New(1));
    let unknown = Fact::InvoiceVoided(InvoiceVoided { invoice: invoice(9), day: day("2026-01-03") });
    assert_eq!(world.refused(&unknown), "document-unknown");
}

#[test]
fn a_credit_note_takes_back_what_was_earned_and_what_was_not() {
    // 310.00 of 3100.00, of which 10 of 31 days are earned.
    let mut world = World::with(&[january(1), earn(1, 0, "2026-01-11")]);
    let fact =
        Fact::CreditNoteIssued(note(5, 31_000, 1_860, vec![to(32_860, CreditToWhere::OpenBalance)], "2026-01-10"));
    let expected = [
        "tax_payable 6 +1860",
        "deferred rent +31000",
        "deferred rent -10000",
        "revenue.rent +10000",
        "receivable.tenant -32860",
    ];
    assert_eq!(world.shown(&fact), expected);
    assert_eq!(
        (world.books.positions().carried(stream(1, 0)), world.books.positions().open(item(1))),
        (189_000, 295_740)
    );
    // The last one takes the rest.
    let last = note(6, 279_000, 16_740, vec![to(295_740, CreditToWhere::OpenBalance)], "2026-01-10");
    world.book(&Fact::CreditNoteIssued(last));
    assert!(balances(world.books.entries(), AsOf::day(NaiveDate::MAX)).expect("sums").is_empty());
    assert_eq!(world.book(&earn(1, 0, "2026-01-25")), Booked::New(0));
}

#[test]
fn a_credit_note_for_days_that_were_not_used_leaves_the_others() {
    let mut world = World::with(&[january(1), earn(1, 0, "2026-01-11")]);
    let mut fact = note(5, 210_000, 12_600, vec![to(222_600, CreditToWhere::OpenBalance)], "2026-01-10");
    fact.lines[0].service = Some(period("2026-01-11", "2026-02-01"));
    let expected = ["tax_payable 6 +12600", "deferred rent +210000", "receivable.tenant -222600"];
    assert_eq!(world.shown(&Fact::CreditNoteIssued(fact)), expected);
    assert_eq!(world.book(&earn(1, 0, "2026-02-01")), Booked::New(0), "the ten days were all there is");
    // The rest of the line is what is left, day for day.
    let rest = note(6, 100_000, 6_000, vec![to(106_000, CreditToWhere::OpenBalance)], "2026-02-03");
    world.book(&Fact::CreditNoteIssued(rest));
    assert!(balances(world.books.entries(), AsOf::day(NaiveDate::MAX)).expect("sums").is_empty());
}

#[test]
fn a_late_credit_note_corrects_each_month_in_itself() {
    // 60 days from 2 January to 3 March at 1.00; until March is earned when a note of January comes.
    let service = Earned::ByDay(period("2026-01-02", "2026-03-03"));
    let facts =
        [Fact::InvoiceIssued(issue(1, "2026-01-02", vec![line(RENT, 6_000, 0, service)])), earn(1, 0, "2026-03-01")];
    let mut world = World::with(&facts);
    assert_eq!(world.balance(Account::Earned(RENT)), -5_800);
    world.book(&Fact::CreditNoteIssued(note(5, 600, 0, vec![to(600, CreditToWhere::OpenBalance)], "2026-01-11")));
    let booked = |on: &str| recognised(world.books.entries(), stream(1, 0), AsOf::day(day(on))).expect("sums");
    // The revenue was booked on 28 February; a tenth of ten, thirty and fifty-eight days comes off.
    assert_eq!((booked("2026-01-11"), booked("2026-01-31")), (-100, -300));
    assert_eq!(booked("2026-02-28"), 5_220);
    // Taken back, the note's own entry is mirrored; whatever it corrected elsewhere comes with the next revenue.
    let key = PostingKey::restore("cnote_00000000000000000000000000000005/issued");
    world.book(&Fact::Reversed(Reversed { key, day: day("2026-03-01") }));
    world.book(&earn(1, 0, "2026-03-03"));
    assert_eq!((world.balance(Account::Earned(RENT)), world.books.positions().carried(stream(1, 0))), (-6_000, 0));
}

#[test]
fn a_credit_note_goes_where_it_says() {
    let paid = |minor| vec![january(1), pay(2, 400_000, "2026-01-02"), apply(3, 2, 1, minor, "2026-01-02")];
    let mut world = World::with(&paid(300_000));
    let mixed = vec![
        to(28_600, CreditToWhere::OpenBalance),
        to(1_000, CreditToWhere::Balance),
        to(2_200, CreditToWhere::Refund(CashKind::Bank)),
    ];
    let fact = note(5, 30_000, 1_800, mixed, "2026-01-03");
    let expected = [
        "tax_payable 6 +1800",
        "deferred rent +30000",
        "receivable.tenant -28600",
        "prepaid -1000",
        "prepaid -2200",
        "prepaid +2200",
        "cash.bank -2200",
    ];
    assert_eq!(world.shown(&Fact::CreditNoteIssued(fact.clone())), expected);
    assert_eq!(world.books.positions().prepaid(tenant(1), Document::CreditNote(id(5))), 1_000);

    let mut world = World::with(&paid(300_000));
    let but = |change: &dyn Fn(&mut CreditNoteIssued)| {
        let mut fact = fact.clone();
        change(&mut fact);
        Fact::CreditNoteIssued(fact)
    };
    assert_eq!(world.refused(&but(&|f| f.to[0].minor += 1)), "open-exceeded");
    assert_eq!(world.refused(&but(&|f| f.to[2].minor -= 1)), "credit-not-total");
    assert_eq!(world.refused(&but(&|f| f.to[1].minor = 0)), "amount-not-positive");
    assert_eq!(world.refused(&but(&|f| f.lines[0].net = 310_001)), "credit-over-line");
    assert_eq!(world.refused(&but(&|f| f.lines[0].tax = -1)), "credit-over-line");
    assert_eq!(world.refused(&but(&|f| f.lines[0].line = 1)), "document-line-unknown");
    assert_eq!(world.refused(&but(&|f| f.lines.push(f.lines[0]))), "credit-line-doubled");
    for days in [period("2025-12-31", "2026-01-05"), Period { to: None, ..period("2026-01-05", "2026-01-06") }] {
        assert_eq!(world.refused(&but(&|f| f.lines[0].service = Some(days))), "credit-outside-service");
    }
    assert_eq!(world.refused(&but(&|f| f.invoice = invoice(9))), "document-unknown");
    // What was paid is the most that can go back.
    let mut world = World::with(&paid(1_000));
    assert_eq!(world.refused(&but(&|f| f.to[0] = to(28_600, CreditToWhere::Balance))), "credit-over-paid");
}

#[test]
fn money_comes_is_applied_moved_and_goes_back() {
    let mut world = World::with(&[january(1), january(2)]);
    assert_eq!(world.shown(&pay(3, 500_000, "2026-01-05")), ["cash.bank +500000", "prepaid -500000"]);
    // A part, then more than is left of the invoice, then more than is left of the money.
    assert_eq!(world.shown(&apply(4, 3, 1, 300_000, "2026-01-05")), ["prepaid +300000", "receivable.tenant -300000"]);
    assert_eq!(world.refused(&apply(5, 3, 1, 28_601, "2026-01-05")), "open-exceeded");
    assert_eq!(world.refused(&apply(5, 3, 2, 200_001, "2026-01-05")), "prepaid-exceeded");
    assert_eq!(world.refused(&apply(5, 3, 2, 0, "2026-01-05")), "amount-not-positive");
    assert_eq!(world.refused(&apply(5, 9, 2, 1, "2026-01-05")), "document-unknown");
    let dollars = Money::new(5, Currency::parse("USD").expect("a currency"));
    let Fact::Applied(fact) = apply(5, 3, 2, 1, "2026-01-05") else { panic!("applied") };
    assert_eq!(world.refused(&Fact::Applied(Applied { amount: dollars, ..fact })), "currency-mismatch");
    // Somebody else's money may pay too.
    let theirs = PaymentReceived {
        payment: id(6),
        payer: tenant(2),
        amount: cny(28_600),
        cash: CashKind::Till,
        day: day("2026-01-05"),
    };
    world.book(&Fact::PaymentReceived(theirs));
    let other = Applied { act: id(7), payer: tenant(2), source: payment(6), amount: cny(28_600), ..fact };
    world.book(&Fact::Applied(Applied { item: item(1), ..other }));
    assert_eq!(world.books.positions().open(item(1)), 0);

    let moved = |minor, from, to| {
        let (source, amount) = (payment(3), cny(minor));
        Fact::Moved(Moved { act: id(8), source, from: item(from), to: item(to), amount, day: day("2026-01-06") })
    };
    assert_eq!(world.refused(&moved(300_001, 1, 2)), "applied-exceeded");
    assert_eq!(world.refused(&moved(1, 1, 1)), "open-exceeded");
    assert_eq!(world.shown(&moved(100_000, 1, 2)), ["receivable.tenant +100000", "receivable.tenant -100000"]);
    assert_eq!((world.books.positions().open(item(1)), world.books.positions().open(item(2))), (100_000, 228_600));

    let refund = |act, from, minor| {
        let (source, amount, cash) = (payment(3), cny(minor), CashKind::Bank);
        Fact::Refunded(Refunded { act: id(act), source, from, amount, cash, day: day("2026-01-07") })
    };
    let credit = RefundFrom::Credit(tenant(1));
    assert_eq!(world.refused(&refund(9, credit, 200_001)), "prepaid-exceeded");
    assert_eq!(world.shown(&refund(9, credit, 200_000)), ["prepaid +200000", "cash.bank -200000"]);
    assert_eq!(world.refused(&refund(10, RefundFrom::Applied(item(2)), 100_001)), "applied-exceeded");
    let expected = ["receivable.tenant +100000", "cash.bank -100000"];
    assert_eq!(world.shown(&refund(10, RefundFrom::Applied(item(2)), 100_000)), expected);
    assert_eq!(world.books.positions().open(item(2)), 328_600, "owed again");
}

#[test]
fn a_payment_that_bounces_opens_what_it_paid() {
    let bounce = Fact::PaymentBounced(PaymentBounced { payment: id(2), day: day("2026-01-09") });
    let facts = [january(1), pay(2, 400_000, "2026-01-02"), apply(3, 2, 1, 328_600, "2026-01-02")];
    let mut world = World::with(&facts);
    assert_eq!(world.shown(&bounce), ["receivable.tenant +328600", "prepaid +71400", "cash.bank -400000"]);
    assert_eq!((world.books.positions().open(item(1)), world.balance(Account::Prepaid(tenant(1)))), (328_600, 0));
    assert_eq!(world.book(&bounce), Booked::Known);

    let mut world = World::with(&facts);
    let (from, amount) = (RefundFrom::Credit(tenant(1)), cny(1));
    let (source, cash, on) = (payment(2), CashKind::Bank, day("2026-01-05"));
    world.book(&Fact::Refunded(Refunded { act: id(4), source, from, amount, cash, day: on }));
    assert_eq!(world.refused(&bounce), "payment-used");
}

#[test]
fn debts_are_given_up_paid_after_all_and_rounded() {
    let mut world = World::with(&[january(1)]);
    let off =
        |minor| Fact::WrittenOff(WrittenOff { act: id(2), item: item(1), amount: cny(minor), day: day("2026-06-01") });
    assert_eq!(world.refused(&off(328_601)), "open-exceeded");
    assert_eq!(world.shown(&off(328_600)), ["bad_debt +328600", "receivable.tenant -328600"]);
    let back =
        |minor| Fact::Recovered(Recovered { act: id(3), item: item(1), amount: cny(minor), day: day("2026-07-01") });
    assert_eq!(world.refused(&back(328_601)), "written-off-exceeded");
    assert_eq!(world.shown(&back(100_000)), ["receivable.tenant +100000", "bad_debt_recovered -100000"]);
    world.book(&pay(4, 100_001, "2026-07-01"));
    world.book(&apply(5, 4, 1, 99_999, "2026-07-01"));
    let round = |act, what, minor| {
        let (amount, day) = (cny(minor), day("2026-07-02"));
        Fact::RoundedOff(RoundedOff { act: id(act), what, amount, most: 2, day })
    };
    assert_eq!(world.refused(&round(6, LetGo::Open(item(1)), 3)), "rounding-exceeded");
    assert_eq!(world.refused(&round(6, LetGo::Open(item(1)), 2)), "open-exceeded");
    assert_eq!(world.shown(&round(6, LetGo::Open(item(1)), 1)), ["rounding +1", "receivable.tenant -1"]);
    assert_eq!(world.shown(&round(7, LetGo::Credit(tenant(1), payment(4)), 2)), ["prepaid +2", "rounding -2"]);
    assert_eq!(world.books.positions().given_up(item(1)), 228_600);
}

#[test]
fn deposits_are_a_debt_until_they_are_lost() {
    let (deposit, on) = (id::<DepositId>(50), day("2026-01-05"));
    let receive = |act, payer, from, minor| {
        let (lease, amount) = (Some(lease()), cny(minor));
        Fact::DepositReceived(DepositReceived { act: id(act), deposit, payer, lease, amount, from, day: on })
    };
    let mut world = World::with(&[january(1), pay(2, 50_000, "2026-01-05")]);
    let bank = Funds::Cash(CashKind::Bank);
    assert_eq!(world.shown(&receive(10, tenant(1), bank, 600_000)), ["cash.bank +600000", "deposit_held -600000"]);
    let credit = Funds::Credit(payment(2));
    assert_eq!(world.refused(&receive(11, tenant(1), credit, 50_001)), "prepaid-exceeded");
    assert_eq!(world.shown(&receive(11, tenant(1), credit, 50_000)), ["prepaid +50000", "deposit_held -50000"]);
    assert_eq!(world.refused(&receive(12, tenant(2), bank, 1)), "deposit-payer");
    let set_off =
        |minor, item| Fact::DepositSetOff(DepositSetOff { act: id(13), deposit, item, amount: cny(minor), day: on });
    assert_eq!(world.refused(&set_off(1, Item { payer: sponsor(), ..item(1) })), "deposit-payer");
    assert_eq!(world.refused(&set_off(328_601, item(1))), "open-exceeded");
    assert_eq!(world.shown(&set_off(328_600, item(1))), ["deposit_held +328600", "receivable.tenant -328600"]);
    let lose = |minor, tax| {
        let (amount, rate) = (cny(minor), rate(600));
        Fact::DepositForfeited(DepositForfeited { act: id(14), deposit, amount, rate, tax, day: on })
    };
    assert_eq!(world.refused(&lose(321_401, 0)), "deposit-exceeded");
    assert_eq!(world.refused(&lose(1_060, 1_060)), "tax-exceeded");
    assert_eq!(world.shown(&lose(1_060, 60)), ["deposit_held +1060", "revenue.forfeit -1000", "tax_payable 6 -60"]);
    let give = |minor| {
        let (amount, cash) = (cny(minor), CashKind::Bank);
        Fact::DepositReturned(DepositReturned { act: id(15), deposit, amount, cash, day: on })
    };
    assert_eq!(world.refused(&give(320_341)), "deposit-exceeded");
    assert_eq!(world.shown(&give(320_340)), ["deposit_held +320340", "cash.bank -320340"]);
    assert_eq!(world.books.positions().held(deposit), 0);
    assert_eq!(World::new().refused(&give(1)), "document-unknown");
}

#[test]
fn costs_stand_against_money_or_whom_they_are_owed_to() {
    let cost = |act, pool, against| {
        let (amount, service) = (cny(120_000), Some(period("2026-01-01", "2026-02-01")));
        let (day, note) = (day("2026-01-31"), "账单 7".to_owned());
        Fact::CostBooked(CostBooked { act: id(act), pool, amount, against, service, day, note })
    };
    let mut world = World::new();
    let expected = ["cost.power +120000", "cash.bank -120000"];
    assert_eq!(world.shown(&cost(1, CostPool::Power, CostAgainst::Cash(CashKind::Bank))), expected);
    for (act, pool, counter, lines) in [
        (2, CostPool::Rent, CostCounter::Suppliers, ["cost.rent +120000", "counter.suppliers -120000"]),
        (3, CostPool::Staff, CostCounter::Wages, ["cost.staff +120000", "counter.wages -120000"]),
        (
            4,
            CostPool::Depreciation,
            CostCounter::Depreciation,
            ["cost.depreciation +120000", "counter.depreciation -120000"],
        ),
        (5, CostPool::FitOut, CostCounter::Prepaid, ["cost.fit_out +120000", "counter.prepaid -120000"]),
    ] {
        assert_eq!(world.shown(&cost(act, pool, CostAgainst::Counter(counter))), lines);
    }
}

#[test]
fn a_straight_line_is_an_asset_ahead_of_its_days_and_a_debt_behind_them() {
    let of = Stream::Term { lease: lease(), income: RENT };
    let level = |amount, ahead, until| {
        Fact::Levelled(Levelled { lease: lease(), income: RENT, amount: cny(amount), ahead, until: day(until) })
    };
    let mut world = World::new();
    assert_eq!(world.shown(&level(84_932, 0, "2026-02-01")), ["accrued rent +84932", "revenue.rent -84932"]);
    assert_eq!(world.books.entries().last().map(Entry::on), Some(day("2026-01-31")));
    assert_eq!(world.book(&level(84_932, 0, "2026-02-01")), Booked::Known);
    assert_eq!(world.refused(&level(1, 0, "2026-02-01")), "posting-key-taken");
    let across = ["deferred rent -15068", "accrued rent -84932", "revenue.rent +100000"];
    assert_eq!(world.shown(&level(-100_000, 84_932, "2026-03-01")), across);
    assert_eq!(world.shown(&level(15_068, -15_068, "2026-04-01")), ["deferred rent +15068", "revenue.rent -15068"]);
    assert_eq!(world.book(&level(0, 0, "2026-05-01")), Booked::New(0));
    assert_eq!((world.books.positions().carried(of), world.books.positions().earned(of)), (0, 0));
}

#[test]
fn an_entry_is_taken_back_once_by_its_mirror() {
    let mut world = World::with(&[january(1), pay(2, 100, "2026-01-02"), apply(3, 2, 1, 60, "2026-01-02")]);
    let back = |fact: &Fact| Fact::Reversed(Reversed { key: fact.key(), day: day("2026-01-03") });
    let (money, applied) = (pay(2, 100, "2026-01-02"), apply(3, 2, 1, 60, "2026-01-02"));
    assert_eq!(world.refused(&back(&money)), "entry-used", "its money is applied");
    assert_eq!(world.refused(&back(&january(1))), "entry-used", "it is paid");
    assert_eq!(world.shown(&back(&applied)), ["prepaid -60", "receivable.tenant +60"]);
    let entry = world.books.entries().last().expect("an entry");
    assert_eq!(entry.head().reverses, Some(applied.key()));
    assert_eq!(world.book(&back(&applied)), Booked::Known);
    let again = Fact::Reversed(Reversed { key: applied.key(), day: day("2026-01-04") });
    assert_eq!(world.refused(&again), "posting-key-taken");
    assert_eq!(world.refused(&back(&back(&applied))), "entry-is-reversal");
    assert_eq!(world.refused(&back(&pay(9, 1, "2026-01-01"))), "entry-unknown");
    world.book(&back(&money));
    let march = Reversed { key: january(1).key(), day: day("2026-03-03") };
    world.book(&Fact::Reversed(march));
    let always = period("2026-01-01", "2027-01-01");
    let tax = vat_report(world.books.entries(), always, None).expect("sums");
    let tax: Vec<_> = tax.iter().map(|row| (row.month, row.net, row.tax)).collect();
    assert_eq!(tax, [(month("2026-01"), 310_000, 18_600), (month("2026-03"), -310_000, -18_600)]);
    assert!(balances(world.books.entries(), AsOf::day(NaiveDate::MAX)).expect("sums").is_empty());
    assert_eq!(world.book(&earn(1, 0, "2026-02-01")), Booked::New(0), "nothing of it is to be earned");
}

#[test]
fn unsound_entries_are_refused() {
    let head = |n: u128| PostingHead {
        key: PostingKey::restore(&n.to_string()),
        kind: Kind::Adjusting,
        day: day("2026-01-01"),
        text: Text { rule: "test".into(), args: Vec::new() },
        reverses: None,
    };
    let line = |minor, code: &str, document| Line {
        account: Account::Rounding,
        minor,
        currency: Currency::parse(code).expect("a currency"),
        about: About { document, ..About::default() },
    };
    let rule = |lines| Posting::new(head(1), lines).map_err(|refusal| refusal.rule);
    assert_eq!(rule(vec![]), Err("entry-empty"));
    assert_eq!(rule(vec![line(1, "CNY", None), line(0, "CNY", None)]), Err("entry-line-zero"));
    assert_eq!(rule(vec![line(1, "CNY", None), line(-1, "USD", None)]), Err("entry-not-balanced"));
    let two = [("CNY", 1), ("CNY", -1), ("USD", 1), ("USD", -1)];
    let of = |document| two.iter().map(|(code, minor)| line(*minor, code, document)).collect::<Vec<_>>();
    assert!(rule(of(None)).is_ok(), "currencies side by side, each balanced");
    assert_eq!(rule(of(Some(payment(1)))), Err("document-two-currencies"));
    // Sums beyond 64 bits are sums all the same.
    let large = vec![line(i64::MAX, "CNY", None), line(i64::MAX, "CNY", None), line(-2, "CNY", None)];
    assert_eq!(rule(large), Err("entry-not-balanced"));
    // An entry on a day of a closed month.
    let posting = Posting::new(head(1), vec![line(1, "CNY", None), line(-1, "CNY", None)]).expect("sound");
    let on = |on: &str| Booking { on: day(on), about: month("2026-01") };
    let calendar = Calendar::since(month("2026-02"));
    let book = |on| {
        let stamp = Stamp { number: 1, recorded_at: at(0) };
        Entry::book(posting.clone(), on, stamp, &calendar).map_err(|refusal| refusal.rule)
    };
    assert_eq!(book(on("2026-01-31")).map(|_| ()), Err("book-month-closed"));
    assert!(book(on("2026-02-01")).is_ok());
}
