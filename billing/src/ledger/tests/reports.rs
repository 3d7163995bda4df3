//! Reports with exact figures.

use std::fmt::Write as _;

use voxpark_domain::pack::PackFile;

use super::*;

/// Two invoices of two payers, one paid in part, a note, money too much.
fn world() -> World {
    let service = |from, to| Earned::ByDay(period(from, to));
    let mut shared = issue(2, "2026-02-01", vec![line(RENT, 280_000, 900, service("2026-02-01", "2026-03-01"))]);
    shared.tax_point = day("2026-01-25");
    shared.shares = vec![Share { payer: tenant(1), minor: 205_200 }, Share { payer: sponsor(), minor: 100_000 }];
    let note = CreditNoteIssued {
        note: id(9),
        invoice: invoice(1),
        day: day("2026-02-10"),
        tax_point: day("2026-02-10"),
        lines: vec![CreditLine { line: 0, net: 31_000, tax: 1_860, service: None }],
        to: vec![CreditTo { payer: tenant(1), minor: 32_860, to: CreditToWhere::OpenBalance }],
    };
    World::with(&[
        january(1),
        pay(3, 100_000, "2026-01-20"),
        apply(4, 3, 1, 90_000, "2026-01-20"),
        earn(1, 0, "2026-02-01"),
        Fact::InvoiceIssued(shared),
        Fact::CreditNoteIssued(note),
    ])
}

#[test]
fn balances_as_of_a_day_and_as_known() {
    let world = world();
    let of = |as_of| {
        let rows = balances(world.books.entries(), as_of).expect("sums");
        rows.iter().map(|row| (row.account, row.minor)).collect::<Vec<_>>()
    };
    let january = [
        (Account::Receivable(tenant(1)), 238_600),
        (Account::Earned(RENT), -310_000),
        (Account::TaxPayable(rate(600)), -18_600),
        (Account::Prepaid(tenant(1)), -10_000),
        (Account::Cash(CashKind::Bank), 100_000),
    ];
    assert_eq!(of(AsOf::day(day("2026-01-31"))), january);
    // As it was known before the last two facts of January were recorded.
    let early = AsOf { day: day("2026-01-31"), known_at: Some(at(2)) };
    let expected = [
        (Account::Receivable(tenant(1)), 328_600),
        (Account::Deferred(RENT), -310_000),
        (Account::TaxPayable(rate(600)), -18_600),
        (Account::Prepaid(tenant(1)), -100_000),
        (Account::Cash(CashKind::Bank), 100_000),
    ];
    assert_eq!(of(early), expected);
}

#[test]
fn a_trial_balance_ties() {
    let world = world();
    let trial = trial_balance(world.books.entries(), period("2026-02-01", "2026-03-01"), None).expect("sums");
    let receivable = trial.rows.iter().find(|row| row.account == Account::Receivable(tenant(1))).expect("a row");
    let figures = (receivable.opening, receivable.debit, receivable.credit, receivable.closing);
    assert_eq!(figures, (238_600, 205_200, 32_860, 410_940));
    let total = trial.totals[&Currency::CNY];
    assert_eq!((total.opening, total.closing), (0, 0));
    // 305200 invoiced; 32860 noted, of which all that was earned of it: 31000 through what is deferred.
    assert_eq!((total.debit, total.credit), (305_200 + 1_860 + 31_000 + 31_000, 305_200 + 32_860 + 31_000));
}

#[test]
fn ageing_is_by_what_is_open_and_since_when() {
    let world = world();
    let on = |text: &str| ageing(world.books.entries(), AsOf::day(day(text))).expect("sums");
    let of = |text: &str, payer| on(text).into_iter().find(|row| row.payer == payer).expect("a row").ageing;
    // Due on 15 January and 15 February.
    let base = Ageing { unapplied: 10_000, ..Ageing::default() };
    assert_eq!(of("2026-01-15", tenant(1)), Ageing { not_due: 328_600, ..Ageing::default() });
    assert_eq!(of("2026-01-20", tenant(1)), Ageing { to_30: 238_600, ..base });
    assert_eq!(of("2026-02-15", tenant(1)), Ageing { not_due: 205_200, to_60: 205_740, ..base });
    assert_eq!(of("2026-02-16", tenant(1)), Ageing { to_30: 205_200, to_60: 205_740, ..base });
    assert_eq!(of("2026-04-15", tenant(1)), Ageing { to_60: 205_200, to_90: 205_740, ..base });
    assert_eq!(of("2026-04-16", tenant(1)), Ageing { to_60: 205_200, beyond: 205_740, ..base });
    assert_eq!(of("2026-04-16", sponsor()), Ageing { to_60: 100_000, ..Ageing::default() });
    assert_eq!(of("2026-04-16", tenant(1)).owed(), Ok(410_940));
}

#[test]
fn tax_is_told_by_its_point_and_rate() {
    let mut world = world();
    let free = issue(20, "2026-02-05", vec![line(RENT, 7_000, 0, Earned::AtOnce)]);
    world.book(&Fact::InvoiceIssued(free));
    let rows = vat_report(world.books.entries(), period("2026-01-01", "2026-03-01"), None).expect("sums");
    let rows: Vec<_> = rows.iter().map(|r| (r.month.to_string(), r.rate.basis_points(), r.net, r.tax)).collect();
    let expected = [
        ("2026-01".to_owned(), 600, 310_000, 18_600),
        ("2026-01".to_owned(), 900, 280_000, 25_200),
        ("2026-02".to_owned(), 0, 7_000, 0),
        ("2026-02".to_owned(), 600, -31_000, -1_860),
    ];
    assert_eq!(rows, expected);
    let january = vat_report(world.books.entries(), period("2026-01-01", "2026-02-01"), None).expect("sums");
    assert_eq!(january.len(), 2);
}

#[test]
fn a_statement_runs() {
    let world = world();
    let rows = statement(world.books.entries(), tenant(1), AsOf::day(day("2026-12-31"))).expect("sums");
    let rows: Vec<_> = rows.iter().map(|row| (row.text.rule.as_ref(), row.minor, row.balance)).collect();
    let expected = [
        ("ledger-invoice-issued", 328_600, 328_600),
        ("ledger-payment-received", -100_000, 228_600),
        ("ledger-applied", 0, 228_600),
        ("ledger-invoice-issued", 205_200, 433_800),
        ("ledger-credit-note", -32_860, 400_940),
    ];
    assert_eq!(rows, expected);
    let theirs = statement(world.books.entries(), sponsor(), AsOf::day(day("2026-12-31"))).expect("sums");
    assert_eq!(theirs.iter().map(|row| row.balance).collect::<Vec<_>>(), [100_000]);
}

#[test]
fn the_journal_has_numbers_names_and_sides() {
    let chart = Chart::shipped().expect("a chart");
    let rows = journal(world().books.entries(), period("2026-01-01", "2026-01-20"), chart).expect("rows");
    let shown: Vec<_> = rows
        .iter()
        .map(|r| (r.entry, r.line, r.number.as_str(), r.detail.as_str(), r.debit.as_str(), r.credit.as_str()))
        .collect();
    let tenant = "tenant_00000000000000000000000000000001";
    let expected = [
        (1, 1, "112201", tenant, "3286.00", ""),
        (1, 2, "220301", "rent", "", "3100.00"),
        (1, 3, "2221", "6", "", "186.00"),
    ];
    assert_eq!(shown, expected);
    assert_eq!((rows[0].title.zh.as_str(), rows[0].about), ("应收账款—入驻企业", month("2026-01")));
    assert_eq!(rows[0].document, "inv_00000000000000000000000000000001");
}

#[test]
fn the_chart_that_ships_is_sound() {
    let chart = Chart::shipped().expect("a chart");
    assert_eq!(chart.rows().count(), Heading::all().len());
    assert_eq!((chart.version, chart.date), (1, day("2026-11-23")));
    for heading in Heading::all() {
        assert_eq!(Heading::from_name(&heading.name()), Some(heading));
    }
    assert_eq!(chart.row(Account::BadDebt).expect("a row").number, "571101");
}

#[test]
fn a_faulty_chart_names_every_fault() {
    let rules = |text: &str| match Chart::parse(PackFile { name: "x", text }) {
        Err(Error::Refused(list)) => list.into_iter().map(|r| format!("{}@{}", r.rule, r.path)).collect::<Vec<_>>(),
        other => panic!("not refused: {other:?}"),
    };
    let head = "id = \"x\"\nversion = 0\ndate = \"2026-01-01\"\ntitle = { zh = \"x\", en = \"x\" }\nsource = \" \"\n";
    let row = |text: &mut String, heading: &str, number: &str, class: &str, side: &str, title: &str| {
        write!(
            text,
            "[[account]]\nheading = \"{heading}\"\nnumber = \"{number}\"\nclass = \"{class}\"\nside = \"{side}\"\n\
             title = {{ zh = \"{title}\", en = \"x\" }}\n"
        )
        .expect("written");
    };
    let mut text = head.to_owned();
    // Every heading of one class and side under one number is sound; but for some.
    for heading in Heading::all().into_iter().filter(|heading| *heading != Heading::Deferred) {
        let (class, side) = (heading.classes()[0], heading.side());
        let number = match (class, side) {
            (Class::Asset, Side::Debit) => "1000",
            (Class::Asset, Side::Credit) => "1600",
            (Class::Revenue, Side::Debit) => "5100",
            (Class::Revenue, Side::Credit) => "5000",
            (Class::Expense, Side::Debit) => "5400",
            (Class::Expense, Side::Credit) => "5300",
            _ => "2000",
        };
        row(&mut text, &heading.name(), number, class.name(), side.name(), "x");
    }
    row(&mut text, "cash.bank", "1000", "asset", "debit", "x");
    row(&mut text, "cash.gold", "12x", "asset", "debit", "");
    row(&mut text, "prepaid", "1000", "asset", "debit", "y");
    let expected = [
        "pack-text-missing@x.source",
        "pack-value@x.version",
        "pack-key-doubled@cash.bank.heading",
        "pack-text-missing@cash.gold.title.zh",
        "pack-value@cash.gold.number",
        "pack-reference-unknown@cash.gold.heading",
        "pack-key-doubled@prepaid.number",
        "pack-value@prepaid.class",
        "pack-value@prepaid.side",
        "pack-key-doubled@prepaid.heading",
        "pack-count@deferred.account",
    ];
    assert_eq!(rules(&text), expected);
    assert_eq!(rules("id = 3")[0], "pack-syntax@line 1");
}
