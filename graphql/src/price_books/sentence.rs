//! Why a line by a price book has its amount, in the caller's language.

use voxpark_billing::pricing::{BookLineKind, Model, Part, Ratio, Tariff, Why, WhySlice};
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Arg;
use voxpark_domain::money::{Currency, Money};

use crate::words;

/// The sentence that explains what a line is worth, from its formula alone.
pub(crate) fn why(lang: Lang, kind: BookLineKind, why: &Why, worth: Money) -> String {
    let said = Said { lang, currency: worth.currency };
    let (id, mut args) = why.sentence(kind);
    args.push(said.currency());
    args.push(("worth", worth.major().into()));
    match why {
        Why::Slices { tariff, slices, less, .. } => {
            let parts: Vec<String> = slices.iter().map(|slice| said.slice(slice)).collect();
            args.push(("parts", said.joined(&parts)));
            args.push(("more", said.beside(tariff, slices, *less).into()));
        }
        Why::Quantity { tariff, quantity, billed } => {
            let parts = tariff.since(*billed, *quantity).unwrap_or_default();
            let parts: Vec<String> = parts.iter().map(|part| said.part(part)).collect();
            args.push(("parts", said.joined(&parts)));
            args.push(("percent", percent_of(tariff).into()));
            args.push(("more", said.capped(tariff).into()));
        }
        // Minor units until here.
        Why::Cap { .. } | Why::TrueUp(_) => {
            for (_, arg) in &mut args {
                if let Arg::Number(minor) = arg {
                    *arg = Money::new(*minor, said.currency).major().into();
                }
            }
        }
    }
    words::message(lang, id, &args)
}

fn percent_of(tariff: &Tariff) -> String {
    match tariff.model {
        Model::Percentage { percent } => percent.to_string(),
        _ => String::new(),
    }
}

/// Words in a language about amounts of a currency.
struct Said {
    lang: Lang,
    currency: Currency,
}

impl Said {
    fn currency(&self) -> (&'static str, Arg) {
        ("currency", self.currency.code().into())
    }
    /// As many digits as the currency has, more only where the price is finer.
    fn amount(&self, value: Ratio) -> Arg {
        match value.decimals() {
            Some(digits) if digits <= self.currency.exponent() => {
                value.money(self.currency).map_or_else(|_| value.to_string(), Money::major).into()
            }
            _ => value.to_string().into(),
        }
    }
    fn said(&self, id: &str, mut args: Vec<(&'static str, Arg)>) -> String {
        args.push(self.currency());
        words::message(self.lang, id, &args)
    }
    fn joined(&self, parts: &[String]) -> Arg {
        let none = || self.said("why-book-nothing", Vec::new());
        if parts.is_empty() {
            none().into()
        } else {
            parts.join(if self.lang == Lang::Zh { "；" } else { "; " }).into()
        }
    }
    fn slice(&self, why: &WhySlice) -> String {
        let slice = why.slice;
        let id = match (slice.lower > 0, slice.whole_period) {
            (true, _) => "why-book-slice-above",
            (false, true) => "why-book-slice-whole",
            (false, false) => "why-book-slice",
        };
        let args = vec![
            ("seats", slice.units().into()),
            ("above", slice.lower.into()),
            ("full", self.amount(why.full_period)),
            ("sliceDays", slice.days.into()),
        ];
        self.said(id, args)
    }
    fn part(&self, part: &Part) -> String {
        let args = vec![
            ("tier", part.tier.into()),
            ("units", part.units.to_string().into()),
            ("cost", self.amount(part.amount)),
            ("flat", self.amount(part.flat)),
        ];
        self.said(if part.flat.is_zero() { "why-book-tier" } else { "why-book-tier-flat" }, args)
    }
    fn capped(&self, tariff: &Tariff) -> String {
        tariff.cap.map_or_else(String::new, |cap| self.said("why-book-at-most", vec![("cap", self.amount(cap))]))
    }
    /// What is charged once, what is the most, what another line charges.
    fn beside(&self, tariff: &Tariff, slices: &[WhySlice], less: Ratio) -> String {
        let peak = slices.iter().map(|why| why.slice.upper).max();
        let flats = peak.map_or(Ratio::ZERO, |peak| tariff.flats(Ratio::whole(peak)).unwrap_or(Ratio::ZERO));
        let some = |id: &str, name: &'static str, value: Ratio| {
            if value.is_zero() { String::new() } else { self.said(id, vec![(name, self.amount(value))]) }
        };
        let flats = some("why-book-flats", "flats", flats);
        flats + &self.capped(tariff) + &some("why-book-less", "less", less)
    }
}

#[cfg(test)]
mod tests {
    use voxpark_billing::pricing::slices::Slice;
    use voxpark_billing::pricing::{Clause, Distance, Tier};
    use voxpark_domain::time::Month;

    use super::*;

    const KINDS: [BookLineKind; 8] = [
        BookLineKind::Seats,
        BookLineKind::RentFree,
        BookLineKind::MinimumSeats,
        BookLineKind::Quantity,
        BookLineKind::Once,
        BookLineKind::Percent,
        BookLineKind::Cap,
        BookLineKind::TrueUp,
    ];

    fn said(lang: Lang, kind: BookLineKind, of: &Why) -> String {
        why(lang, kind, of, of.recompute(Currency::CNY).expect("an amount"))
    }
    fn whys() -> Vec<Why> {
        let tier = Tier { unit: Ratio::whole(880), flat: Ratio::whole(50), ..Tier::default() };
        let tariff = Tariff { cap: Some(Ratio::whole(99_000)), ..Tariff::of(Model::Volume { tiers: vec![tier] }) };
        let days = Month::parse("2026-10").expect("a month").period();
        let slice = |lower, whole_period| {
            let slice = Slice { from: days.from, to: days.from, lower, upper: 40, days: 19, whole_period, free: false };
            WhySlice { slice, full_period: Ratio::whole(35_200) }
        };
        let slices = |less| Why::Slices {
            tariff: tariff.clone(),
            clause: Clause::ByDay,
            period_days: 31,
            slices: vec![slice(0, false), slice(0, true), slice(5, true)],
            less,
        };
        let percent = Tariff::of(Model::Percentage { percent: Ratio::whole(3) });
        let quantity =
            |tariff: &Tariff, billed| Why::Quantity { tariff: tariff.clone(), quantity: Ratio::whole(12), billed };
        vec![
            slices(Ratio::ZERO),
            slices(Ratio::ONE),
            quantity(&tariff, None),
            quantity(&tariff, Some(Ratio::whole(2))),
            quantity(&percent, None),
            Why::Cap { maximum: 100_000, billed: 10, amount: 150_000 },
            Why::TrueUp(Distance { minimum: 100_000, reached: 40_050 }),
        ]
    }

    #[test]
    fn every_line_of_every_formula_has_words_in_every_language() {
        for lang in [Lang::Zh, Lang::En] {
            for kind in KINDS {
                for why_line in whys() {
                    let said = said(lang, kind, &why_line);
                    assert!(!said.starts_with("why-") && !said.contains("why-book") && !said.contains('{'), "{said}");
                    assert!(said.contains("CNY"), "{said}");
                }
            }
        }
    }

    #[test]
    fn a_sentence_can_be_computed_again_by_hand() {
        let said = |n: usize, kind| said(Lang::En, kind, &whys().remove(n));
        assert_eq!(
            said(2, BookLineKind::Quantity),
            "12 in all, 0 of it billed before: tier 1: 12 units come to 10560.00 CNY, and 50.00 CNY once; at most 99000.00 CNY in all; = 10610.00 CNY."
        );
        assert_eq!(said(4, BookLineKind::Percent), "3 % of 12 CNY in other lines = 0.36 CNY.");
        assert_eq!(
            said(5, BookLineKind::Cap),
            "At most 1000.00 CNY in the period: 0.10 CNY were billed before and 1500.00 CNY now, so that -500.10 CNY comes off."
        );
        assert_eq!(
            said(6, BookLineKind::TrueUp),
            "At least 1000.00 CNY were agreed for the period; 400.50 CNY were reached, 599.50 CNY are missing."
        );
    }
}
