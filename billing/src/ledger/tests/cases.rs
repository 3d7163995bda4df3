//! Figures of published billing systems, as far as books decide them.

use serde::Deserialize;
use voxpark_domain::pack::PackFile;

use super::*;

#[derive(Deserialize)]
struct Issue {
    id: String,
    lines: Vec<(String, i64, u32, i64)>,
    owed: i64,
    earned: i64,
    taxes: Vec<(u32, i64, i64)>,
}
#[derive(Deserialize)]
struct Note {
    id: String,
    rate: u32,
    lines: Vec<(String, i64, i64)>,
    back: Vec<(String, i64, i64)>,
    total: i64,
    owed: i64,
    earned: i64,
}
#[derive(Deserialize)]
struct Cases {
    issue: Vec<Issue>,
    note: Vec<Note>,
}

fn cases() -> Cases {
    PackFile { name: "cases", text: include_str!("cases.toml") }.toml().expect("the cases are read")
}
fn income(name: &str) -> Income {
    let revenue = RevenueKind::from_name(name).map(Income::Revenue);
    revenue.or_else(|| Contra::from_name(name).map(Income::Contra)).expect("an income")
}
fn sold(name: &str, net: i64, points: u32, tax: i64) -> SoldLine {
    let earned = Earned::ByDay(period("2026-01-01", "2026-02-01"));
    SoldLine { income: income(name), net, rate: rate(points), tax, earned }
}
fn earn_all(world: &mut World) -> i64 {
    let streams: Vec<_> = world.books.positions().streams().collect();
    for stream in streams {
        world.book(&Fact::Recognised(Recognised { stream, until: day("2026-02-01") }));
    }
    let of = |line: &&Line| matches!(line.account, Account::Earned(_));
    -world.books.entries().iter().flat_map(Entry::lines).filter(of).map(|line| line.minor).sum::<i64>()
}
fn vat(world: &World) -> Vec<(u32, i64, i64)> {
    let points = period("2026-01-01", "2026-02-01");
    let rows = vat_report(world.books.entries(), points, None).expect("sums");
    rows.iter().map(|row| (row.rate.basis_points(), row.net, row.tax)).collect()
}
fn put(to: CreditToWhere, minor: i64) -> CreditTo {
    CreditTo { payer: tenant(1), minor, to }
}
fn credit(n: u128, of: u128, lines: Vec<CreditLine>, to: Vec<CreditTo>) -> Fact {
    let on = day("2026-01-02");
    Fact::CreditNoteIssued(CreditNoteIssued { note: id(n), invoice: invoice(of), day: on, tax_point: on, lines, to })
}
fn refund(act: u128, source: Document, from: RefundFrom, minor: i64) -> Fact {
    let (amount, cash, day) = (cny(minor), CashKind::Bank, day("2026-01-05"));
    Fact::Refunded(Refunded { act: id(act), source, from, amount, cash, day })
}
/// A line of one amount without tax, earned at once.
fn plain(n: u128, minor: i64) -> Fact {
    Fact::InvoiceIssued(issue(n, "2026-01-01", vec![line(RENT, minor, 0, Earned::AtOnce)]))
}
/// What a payer owes less what it has in credit.
fn account(world: &World) -> i64 {
    world.balance(Account::Receivable(tenant(1))) + world.balance(Account::Prepaid(tenant(1)))
}

#[test]
fn invoices_owe_earn_and_tax() {
    for case in cases().issue {
        let lines = case.lines.iter().map(|(name, net, points, tax)| sold(name, *net, *points, *tax)).collect();
        let mut world = World::with(&[Fact::InvoiceIssued(issue(1, "2026-01-01", lines))]);
        assert_eq!(world.books.positions().open(item(1)), case.owed, "{}", case.id);
        assert_eq!(earn_all(&mut world), case.earned, "{}", case.id);
        assert_eq!(vat(&world), case.taxes, "{}", case.id);
    }
}

#[test]
fn notes_leave_what_was_used() {
    for case in cases().note {
        let lines = case.lines.iter().map(|(name, net, tax)| sold(name, *net, case.rate, *tax)).collect();
        let back = (0_u32..).zip(&case.back).map(|(line, (_, net, tax))| CreditLine {
            line,
            net: *net,
            tax: *tax,
            service: Some(period("2026-01-02", "2026-02-01")),
        });
        let first = Fact::InvoiceIssued(issue(1, "2026-01-01", lines));
        let note = credit(5, 1, back.collect(), vec![put(CreditToWhere::OpenBalance, case.total)]);
        let mut world = World::with(&[first, note]);
        assert_eq!(world.books.positions().open(item(1)), case.owed, "{}", case.id);
        assert_eq!(earn_all(&mut world), case.earned, "{}", case.id);
    }
}

#[test]
fn b3_3_what_was_paid_and_not_used_is_credit() {
    let service = Earned::ByDay(period("2023-04-23", "2023-05-23"));
    let mut world = World { books: Books::since(month("2023-01")), ..World::new() };
    world.book(&Fact::InvoiceIssued(issue(1, "2023-04-23", vec![line(RENT, 1_995, 0, service)])));
    world.book(&pay(2, 1_995, "2023-04-23"));
    world.book(&apply(3, 2, 1, 1_995, "2023-04-23"));
    let unused = Some(period("2023-05-15", "2023-05-23"));
    let lines = vec![CreditLine { line: 0, net: 532, tax: 0, service: unused }];
    world.book(&credit(5, 1, lines, vec![put(CreditToWhere::Balance, 532)]));
    assert_eq!(world.books.positions().open(item(1)), 0);
    assert_eq!(world.books.positions().prepaid(tenant(1), Document::CreditNote(id(5))), 532);
}

#[test]
fn e5_notes_and_prepaid_money_come_off_after_tax() {
    // 70 less 10, 10 % on 60; a note of 20 to the balance of an earlier invoice, 30 prepaid.
    let credit_line = CreditLine { line: 0, net: 2_000, tax: 0, service: None };
    let mut world = World::with(&[
        plain(8, 2_000),
        pay(9, 2_000, "2026-01-01"),
        apply(10, 9, 8, 2_000, "2026-01-01"),
        credit(5, 8, vec![credit_line], vec![put(CreditToWhere::Balance, 2_000)]),
        pay(2, 3_000, "2026-01-01"),
    ]);
    let lines = vec![
        line(RENT, 7_000, 1_000, Earned::AtOnce),
        line(Income::Contra(Contra::Discount), -1_000, 1_000, Earned::AtOnce),
    ];
    world.book(&Fact::InvoiceIssued(issue(1, "2026-01-02", lines)));
    assert_eq!(world.books.positions().open(item(1)), 6_600);
    let Fact::Applied(note) = apply(11, 0, 1, 2_000, "2026-01-02") else { panic!("applied") };
    world.book(&Fact::Applied(Applied { source: Document::CreditNote(id(5)), ..note }));
    world.book(&apply(12, 2, 1, 3_000, "2026-01-02"));
    assert_eq!(world.books.positions().open(item(1)), 1_600);
}

#[test]
fn f2_1_f3_1_f4_credit_is_carried_forward() {
    let world = World::with(&[pay(2, 10_000, "2026-01-01"), plain(1, 5_000), apply(3, 2, 1, 5_000, "2026-01-01")]);
    assert_eq!(
        (world.books.positions().open(item(1)), world.books.positions().prepaid(tenant(1), payment(2))),
        (0, 5_000)
    );
    assert_eq!(account(&world), -5_000, "F2.1");
    let world = World::with(&[pay(2, 2_000, "2026-01-01"), plain(1, 10_000)]);
    assert_eq!(account(&world), 8_000, "F3.1");
    // F4: 100 and 50, credit of 150.
    let lines = vec![line(RENT, 10_000, 0, Earned::AtOnce), line(RENT, 5_000, 0, Earned::AtOnce)];
    let issued = Fact::InvoiceIssued(issue(1, "2026-01-01", lines));
    let world = World::with(&[pay(2, 15_000, "2026-01-01"), issued, apply(3, 2, 1, 15_000, "2026-01-01")]);
    assert_eq!((world.books.positions().open(item(1)), account(&world)), (0, 0), "F4");
}

#[test]
fn f3_3_a_refund_alone_opens_the_debt() {
    let paid = [plain(1, 10_000), pay(2, 10_000, "2026-01-01"), apply(3, 2, 1, 10_000, "2026-01-01")];
    let mut world = World::with(&paid);
    world.book(&refund(4, payment(2), RefundFrom::Applied(item(1)), 1_000));
    assert_eq!(account(&world), 1_000);
    let mut world = World::with(&paid);
    let lines = vec![CreditLine { line: 0, net: 1_000, tax: 0, service: None }];
    world.book(&credit(5, 1, lines, vec![put(CreditToWhere::Refund(CashKind::Bank), 1_000)]));
    assert_eq!((account(&world), world.balance(Account::Cash(CashKind::Bank))), (0, 9_000));
}

#[test]
fn g8_what_was_paid_from_credit_is_credit_again() {
    let mut world = World::with(&[plain(1, 10_000), pay(2, 2_000, "2026-01-01"), pay(3, 8_000, "2026-01-01")]);
    world.book(&apply(4, 2, 1, 2_000, "2026-01-01"));
    world.book(&apply(5, 3, 1, 8_000, "2026-01-01"));
    let lines = vec![CreditLine { line: 0, net: 10_000, tax: 0, service: None }];
    let to = vec![put(CreditToWhere::Balance, 2_000), put(CreditToWhere::Refund(CashKind::Bank), 8_000)];
    world.book(&credit(6, 1, lines, to));
    assert_eq!((account(&world), world.balance(Account::Cash(CashKind::Bank))), (-2_000, 2_000));
    assert_eq!(world.balance(Account::Earned(RENT)), 0);
}

#[test]
fn f6_who_pays_first_is_paid_back_by_a_sponsor() {
    let mut world =
        World::with(&[plain(1, 9_600_000), pay(2, 9_600_000, "2026-01-01"), apply(3, 2, 1, 9_600_000, "2026-01-01")]);
    // The sponsor's half comes at the end of the year and takes the place of the tenant's money, which goes back.
    let (cash, on) = (CashKind::Bank, day("2026-12-31"));
    let theirs = PaymentReceived { payment: id(4), payer: sponsor(), amount: cny(4_800_000), cash, day: on };
    world.book(&Fact::PaymentReceived(theirs));
    world.book(&refund(5, payment(2), RefundFrom::Applied(item(1)), 4_800_000));
    let (payer, source, amount) = (sponsor(), payment(4), cny(4_800_000));
    world.book(&Fact::Applied(Applied { act: id(6), payer, source, item: item(1), amount, day: on }));
    let positions = world.books.positions();
    assert_eq!((positions.open(item(1)), positions.applied(payment(2), item(1))), (0, 4_800_000));
    assert_eq!(world.balance(Account::Earned(RENT)), -9_600_000, "a payer, not a discount");
}

#[test]
fn f7_a_sponsor_owes_its_share_and_the_tax_stays_on_the_whole() {
    for (borne, granted) in [(0, 1_080_000), (540_000, 540_000), (1_080_000, 0)] {
        let mut fact = issue(1, "2026-01-01", vec![line(RENT, 1_080_000, 600, Earned::AtOnce)]);
        // The tax is the tenant's to pay here.
        fact.shares =
            vec![Share { payer: tenant(1), minor: borne + 64_800 }, Share { payer: sponsor(), minor: granted }];
        let world = World::with(&[Fact::InvoiceIssued(fact)]);
        assert_eq!(world.books.positions().open(item(1)), borne + 64_800);
        assert_eq!(world.balance(Account::Receivable(sponsor())), granted);
        assert_eq!(vat(&world), [(600, 1_080_000, 64_800)]);
    }
}

#[test]
fn i3_a_month_from_the_middle_is_earned_by_day() {
    let service = Earned::ByDay(period("2026-01-15", "2026-02-15"));
    let mut world = World::with(&[Fact::InvoiceIssued(issue(1, "2026-01-15", vec![line(RENT, 3_100, 0, service)]))]);
    world.book(&earn(1, 0, "2026-02-01"));
    assert_eq!(
        (world.books.positions().earned(stream(1, 0)), world.books.positions().carried(stream(1, 0))),
        (1_700, 1_400)
    );
    world.book(&earn(1, 0, "2026-03-01"));
    assert_eq!(world.books.positions().carried(stream(1, 0)), 0);
}

#[test]
fn amounts_are_written_with_the_digits_of_their_currency() {
    // B7.3: 323 yen of a third of January; dinars have three digits.
    for (code, minor, written) in [("JPY", 323, "323"), ("KWD", 1_234, "1.234"), ("CNY", 4_839, "48.39")] {
        let mut fact = issue(1, "2026-01-01", vec![line(RENT, minor, 0, Earned::AtOnce)]);
        fact.currency = Currency::parse(code).expect("a currency");
        let world = World::with(&[Fact::InvoiceIssued(fact)]);
        let chart = Chart::shipped().expect("a chart");
        let rows = journal(world.books.entries(), period("2026-01-01", "2026-02-01"), chart).expect("rows");
        assert_eq!(rows.iter().map(|r| r.debit.clone() + &r.credit).collect::<Vec<_>>(), [written, written]);
    }
}
