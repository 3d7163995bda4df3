//! Sentences about amounts, in the caller's language.

use voxpark_billing::invoicing::{self, LineDifference, LineFigures};
use voxpark_billing::platform_invoices::{PlatformLine, PlatformLineKind};
use voxpark_billing::pricing::{self, ConcessionWhy, Correction, Discount, Explanation, LineKind, Proration};
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Arg;
use voxpark_domain::money;
use voxpark_domain::time::Month;

use crate::price_books;
use crate::words;

/// The sentence that explains the amount of a line of an invoice.
pub fn why(lang: Lang, kind: LineKind, why: &Explanation) -> String {
    let currency = why.unit.currency;
    if let Some(of) = &why.correction {
        return corrected(lang, kind, of, why);
    }
    if let Some(book) = &why.book {
        let said = price_books::why(lang, book.kind, &book.why, money::Money::new(why.worth_minor, currency));
        let source = [
            ("title", if lang == Lang::Zh { &book.title.zh } else { &book.title.en }.as_str().into()),
            ("book", book.source.book.as_str().into()),
            ("version", i64::from(book.source.version).into()),
            ("why", said.into()),
        ];
        return words::message(lang, "why-book", &source);
    }
    if let Some(concession) = &why.concession {
        return conceded(lang, kind, concession, money::Money::new(why.worth_minor, currency));
    }
    let mut args: Vec<(&'static str, Arg)> = vec![
        ("price", why.unit.major().into()),
        ("currency", currency.code().into()),
        ("seatDays", why.seat_days.into()),
        ("days", why.period_days.into()),
        ("worth", money::Money::new(why.worth_minor, currency).major().into()),
    ];
    let id = match (kind, why.rule) {
        (LineKind::RentFree, _) => "why-rent-free",
        (LineKind::MinimumSpend, _) => {
            let reached = why.shortfall.as_ref().map_or(0, |shortfall| shortfall.reached_minor);
            args.push(("reached", money::Money::new(reached, currency).major().into()));
            let days =
                why.shortfall.iter().flat_map(|shortfall| &shortfall.slices).map(|slice| slice.days).sum::<i64>();
            args.push(("charged", days.into()));
            "why-minimum-spend"
        }
        // Other kinds are by a price book, which was answered above.
        (_, Proration::ByDay) => "why-by-day",
        (_, Proration::FixedThirty) => "why-fixed-thirty",
        (_, Proration::None) => "why-whole-months",
        (_, Proration::FullMonthBefore(day)) => {
            args.push(("day", i64::from(day).into()));
            "why-full-month-before"
        }
    };
    words::message(lang, id, &args)
}

/// The name of a kind of lines.
const fn kind_word(kind: LineKind) -> &'static str {
    match kind {
        LineKind::SeatRent => "line-kind-seat-rent",
        LineKind::RentFree => "line-kind-rent-free",
        LineKind::MinimumSpend => "line-kind-minimum-spend",
        LineKind::Usage => "line-kind-usage",
        LineKind::OneTime => "line-kind-one-time",
        LineKind::Percent => "line-kind-percent",
        LineKind::Waiver => "line-kind-waiver",
        LineKind::Discount => "line-kind-discount",
    }
}

/// The sentence of what comes off the rent.
fn conceded(lang: Lang, kind: LineKind, why: &ConcessionWhy, worth: money::Money) -> String {
    let major = |minor: i64| -> Arg { money::Money::new(minor, worth.currency).major().into() };
    let Some(given) = why.what() else { return String::new() };
    let mut args = vec![
        ("kind", words::message(lang, kind_word(kind), &[]).into()),
        ("reason", given.reason.as_str().into()),
        ("left", major(why.left_minor)),
        ("worth", worth.major().into()),
        ("currency", worth.currency.code().into()),
    ];
    let id = match given.off {
        Discount::Percent(percent) => {
            args.push(("percent", percent.to_string().into()));
            "why-concession-percent"
        }
        Discount::Fixed(minor) => {
            args.push(("amount", major(minor)));
            "why-concession-fixed"
        }
    };
    let mut text = words::message(lang, id, &args);
    if why.rent.len() > 1 {
        text += &words::message(lang, "why-concession-part", &[("rate", why.rate.to_string().into())]);
    }
    text
}

/// The sentence that explains the amount of a line of a platform invoice.
pub fn platform_why(lang: Lang, line: &PlatformLine) -> String {
    if let Some(why) = &line.why {
        return why_of(lang, why);
    }
    let args = [
        ("month", line.month.to_string().into()),
        ("invoice", line.invoice.as_deref().unwrap_or_default().into()),
        ("rate", line.tax.to_string().into()),
    ];
    let id = if line.kind == PlatformLineKind::CarriedIn { "why-carried-in" } else { "why-carried-out" };
    words::message(lang, id, &args)
}

/// The sentence of an amount by a price book, or of its correction.
pub(super) fn why_of(lang: Lang, explanation: &Explanation) -> String {
    // Of a line by a book the kind says nothing more.
    why(lang, LineKind::SeatRent, explanation)
}

/// The sentence of a correction, and behind it those of what was billed and of what it comes to.
fn corrected(lang: Lang, kind: LineKind, of: &Correction, explanation: &Explanation) -> String {
    let currency = explanation.unit.currency;
    if let (true, Some(now)) = (explanation.is_late_usage(), &of.now) {
        let month = Month::of(explanation.period.from).to_string();
        return words::message(
            lang,
            "why-late-usage",
            &[("month", month.into()), ("why", why(lang, kind, now).into())],
        );
    }
    let amount = |minor: i64| -> Arg { money::Money::new(minor, currency).major().into() };
    let args = [
        ("month", Month::of(explanation.period.from).to_string().into()),
        ("invoice", of.invoice.as_str().into()),
        ("currency", currency.code().into()),
        ("billed", amount(of.billed_minor)),
        ("now", amount(of.now_minor)),
        ("worth", amount(explanation.worth_minor)),
    ];
    let mut text = words::message(lang, "why-correction", &args);
    for (id, of) in [("why-correction-billed", &of.billed), ("why-correction-now", &of.now)] {
        if let Some(of) = of {
            text += &words::message(lang, id, &[("why", why(lang, kind, of).into())]);
        }
    }
    text
}

/// What differs between an invoice and the same month priced again, a sentence each.
pub(super) fn differences(lang: Lang, found: &invoicing::Repricing) -> Vec<String> {
    let currency = found.stored_total.currency;
    let amount = |minor: i64| -> Arg { money::Money::new(minor, currency).major().into() };
    let line = |difference: &LineDifference| {
        let figures = |figures: Option<LineFigures>| figures.map_or((0, 0), |f| (f.net_minor, f.seat_days));
        let (stored, again) = (figures(difference.stored), figures(difference.again));
        let args = [
            ("kind", words::message(lang, kind_word(difference.kind), &[]).into()),
            ("price", difference.unit.major().into()),
            ("currency", currency.code().into()),
            ("stored", amount(stored.0)),
            ("storedDays", stored.1.into()),
            ("again", amount(again.0)),
            ("againDays", again.1.into()),
        ];
        words::message(lang, "repricing-line", &args)
    };
    let tax = |(rate, stored, again): &(pricing::TaxRate, Option<_>, Option<_>)| {
        let of = |group: &Option<invoicing::TaxGroup>| amount(group.map_or(0, |g| g.tax_minor));
        let args = [
            ("rate", rate.to_string().into()),
            ("currency", currency.code().into()),
            ("stored", of(stored)),
            ("again", of(again)),
        ];
        words::message(lang, "repricing-tax", &args)
    };
    let mut out: Vec<String> = found.differences.iter().map(line).collect();
    out.extend(found.taxes.iter().map(tax));
    if found.stored_total != found.again_total {
        let args = [
            ("currency", currency.code().into()),
            ("stored", found.stored_total.major().into()),
            ("again", found.again_total.major().into()),
        ];
        out.push(words::message(lang, "repricing-total", &args));
    }
    out
}

#[cfg(test)]
mod tests {
    use voxpark_domain::leasing::ConcessionKind;
    use voxpark_domain::money::{Currency, Money};

    use super::*;

    fn explanation(rule: Proration) -> Explanation {
        Explanation {
            rule,
            unit: Money::new(88_000, Currency::CNY),
            period: Month::parse("2026-10").expect("a month").period(),
            period_days: 31,
            seat_days: 48,
            worth_minor: 136_258,
            slices: Vec::new(),
            shortfall: None,
            book: None,
            concession: None,
            reverse_charge: None,
            correction: None,
        }
    }

    #[test]
    fn every_line_is_explained_in_every_language() {
        let rules = [Proration::ByDay, Proration::FixedThirty, Proration::FullMonthBefore(16), Proration::None];
        for lang in [Lang::Zh, Lang::En] {
            for rule in rules {
                for kind in LineKind::ALL {
                    let text = why(lang, *kind, &explanation(rule));
                    // A minimum has no seat-days and may have had several prices.
                    let own = if *kind == LineKind::MinimumSpend { vec![] } else { vec!["880.00", "48"] };
                    for part in own.into_iter().chain(["CNY", "31", "1362.58"]) {
                        assert!(text.contains(part), "{part}: {text}");
                    }
                    assert!(!text.contains('{') && !text.starts_with("why"), "{text}");
                }
            }
            let full = why(lang, LineKind::SeatRent, &explanation(Proration::FullMonthBefore(16)));
            assert!(full.contains("16"), "{full}");
        }
    }

    #[test]
    fn what_comes_off_says_of_what_and_why() {
        let given = |kind, off| pricing::Given { kind, off, reason: "招商优惠".to_owned() };
        let rate = |percent: &str| pricing::TaxRate::parse_percent(percent).expect("a rate");
        let waiver = given(ConcessionKind::Waiver, Discount::Fixed(50_000));
        let discount = given(ConcessionKind::Discount, Discount::Percent(pricing::Ratio::whole(20)));
        let line = |at, rent: &[(pricing::TaxRate, i64)], worth_minor| {
            let mut line = explanation(Proration::ByDay);
            let (days, rate) = (line.period, rent[0].0);
            let given = vec![waiver.clone(), discount.clone()];
            line.concession = Some(ConcessionWhy { given, at, rent: rent.to_vec(), rate, left_minor: 352_000, days });
            Explanation { worth_minor, ..line }
        };
        let one = [(rate("9"), 352_000)];
        assert_eq!(
            why(Lang::En, LineKind::Waiver, &line(0, &one, -50_000)),
            "Rent waiver (招商优惠): 500.00 CNY a month off the 3520.00 CNY of seat rent that is left = -500.00 CNY."
        );
        let two = [(rate("9"), 300_000), (rate("6"), 52_000)];
        assert_eq!(
            why(Lang::Zh, LineKind::Discount, &line(1, &two, -60_000)),
            "折扣（招商优惠）：席位租金余额 3520.00 CNY 的 20% = -600.00 CNY。此为适用税率 9% 的租金所分摊的部分。"
        );
    }

    #[test]
    fn a_correction_says_what_was_and_what_is() {
        let (billed, now) = (explanation(Proration::ByDay), explanation(Proration::None));
        let of = Correction {
            invoice: "PA-2026-000001".to_owned(),
            billed_minor: 136_258,
            now_minor: 88_000,
            billed: Some(Box::new(billed.clone())),
            now: Some(Box::new(now)),
        };
        let line = Explanation { worth_minor: -48_258, seat_days: -17, correction: Some(of), ..billed };
        for lang in [Lang::Zh, Lang::En] {
            let text = why(lang, LineKind::SeatRent, &line);
            for part in ["2026-10", "PA-2026-000001", "1362.58", "880.00", "-482.58"] {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains('{') && !text.contains("why-"), "{text}");
        }
    }

    #[test]
    fn what_is_carried_says_where_from() {
        let line = |kind, invoice: Option<&str>| PlatformLine {
            kind,
            month: Month::parse("2026-10").expect("a month"),
            seat_days: 0,
            net_minor: 1,
            tax: pricing::TaxRate::new(600).expect("a rate"),
            why: None,
            invoice: invoice.map(str::to_owned),
        };
        for lang in [Lang::Zh, Lang::En] {
            let text = platform_why(lang, &line(PlatformLineKind::CarriedIn, Some("PLT-2026-000007")));
            assert!(text.contains("PLT-2026-000007") && text.contains('6') && !text.contains("why-"), "{text}");
            let text = platform_why(lang, &line(PlatformLineKind::CarriedOut, None));
            assert!(text.contains('6') && !text.contains("why-") && !text.contains('{'), "{text}");
        }
    }

    #[test]
    fn every_difference_is_a_sentence() {
        let total = |minor| Money::new(minor, Currency::CNY);
        let vat = pricing::TaxRate::new(900).expect("a rate");
        let group = |tax_minor| invoicing::TaxGroup { rate: vat, net_minor: 0, tax_minor };
        let figures = |net_minor| LineFigures { seat_days: 62, period_days: 31, net_minor };
        let found = invoicing::Repricing {
            differences: vec![LineDifference {
                kind: LineKind::SeatRent,
                product: pricing::SeatProduct::Bare,
                unit: total(100),
                vat,
                stored: Some(figures(200)),
                again: None,
            }],
            taxes: vec![(vat, Some(group(18)), None)],
            stored_total: total(218),
            again_total: total(0),
        };
        assert_eq!(
            differences(Lang::En, &found),
            [
                "Seat rent at 1.00 CNY: invoiced 2.00 for 62 seat-days, priced again 0.00 for 0.",
                "Tax of 9 %: invoiced 0.18 CNY, priced again 0.00 CNY.",
                "Total: invoiced 2.18 CNY, priced again 0.00 CNY.",
            ]
        );
        assert!(differences(Lang::Zh, &found).iter().all(|text| !text.contains('{') && text.contains("CNY")));
    }
}
