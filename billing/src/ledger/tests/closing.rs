//! Months: open, closing, closed; what comes too late.

use std::collections::BTreeSet;

use super::*;

#[test]
fn months_close_in_order_and_open_again_with_a_reason() {
    let mut calendar = Calendar::since(month("2026-01"));
    let rule = |result: Result<(), voxpark_domain::Refusal>| result.map_err(|refusal| refusal.rule);
    assert_eq!(rule(calendar.close(month("2026-02"))), Err("book-month-not-next"));
    assert_eq!(rule(calendar.close(month("2025-12"))), Err("book-month-closed"));
    assert_eq!(rule(calendar.close(month("2026-01"))), Ok(()));
    assert_eq!(rule(calendar.close(month("2026-02"))), Ok(()));
    assert_eq!(rule(calendar.begin_closing(month("2026-02"), BTreeSet::new())), Err("book-month-closed"));
    let reopen = |calendar: &mut Calendar, which: &str, note: &str| {
        calendar.reopen(month(which), ReopenReason::Audit, note).map_err(|error| match error {
            Error::Refused(list) => list[0].rule,
            other => panic!("{other}"),
        })
    };
    assert_eq!(reopen(&mut calendar, "2026-01", "x"), Err("book-month-not-last"));
    assert_eq!(reopen(&mut calendar, "2026-03", "x"), Err("book-month-not-last"));
    assert_eq!(reopen(&mut calendar, "2026-02", " "), Err("text-required"));
    assert_eq!(reopen(&mut calendar, "2026-02", " by the auditor "), Ok(()));
    assert_eq!(calendar.open_from(), month("2026-02"));
    assert_eq!(calendar.reopened()[0].note, "by the auditor");
    assert_eq!(ReopenReason::from_name("tax_office"), Some(ReopenReason::TaxOffice));
}

#[test]
fn what_comes_too_late_is_booked_in_the_first_month_that_takes_it() {
    let mut world = World::with(&[january(1)]);
    for closed in 0..13 {
        world.books.close(month("2025-01").plus(closed)).expect("closed");
    }
    // February takes adjustments only, because it is closing.
    world.books.begin_closing(month("2026-02"), BTreeSet::from([Kind::Adjusting])).expect("closing");
    world.book(&pay(2, 5_000, "2026-01-20"));
    let off = WrittenOff { act: id(3), item: item(1), amount: cny(1), day: day("2026-01-20") };
    world.book(&Fact::WrittenOff(off));
    world.book(&pay(4, 5_000, "2026-02-20"));
    world.book(&pay(5, 5_000, "2026-03-20"));
    let booked: Vec<_> = world.books.entries().iter().skip(1).map(|e| (e.on(), e.about())).collect();
    let expected = [
        (day("2026-03-01"), month("2026-01")),
        (day("2026-02-01"), month("2026-01")),
        (day("2026-03-01"), month("2026-02")),
        (day("2026-03-20"), month("2026-03")),
    ];
    assert_eq!(booked, expected);
}
