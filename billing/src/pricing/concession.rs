//! What is given off the rent of a month: waivers before discounts, percentages before fixed amounts, never below zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use voxpark_domain::Refusal;
use voxpark_domain::leasing::{Concession, ConcessionKind, Off};
use voxpark_domain::money::{Currency, Money};
use voxpark_domain::time::{Month, Period};

use super::rating::{Explanation, LineKind, Rated, RatedLine};
use super::{Discount, LeaseVersion, Ratio, TaxRate, discounts, out_of_range};

/// Something that is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Why less is paid.
    pub kind: ConcessionKind,
    /// How much less.
    pub off: Discount,
    /// In words.
    pub reason: String,
}

impl Given {
    fn of(concession: &Concession) -> Result<Self, Refusal> {
        let off = match concession.off {
            Off::Percent(share) => Discount::Percent(Ratio::new(i128::from(share.millionths()), 10_000)?),
            Off::Fixed(minor) => Discount::Fixed(minor),
        };
        Ok(Self { kind: concession.kind, off, reason: concession.reason.clone() })
    }
}

/// Why something comes off: everything that is given in the month, and the rent that it comes off. The amount can be computed
/// again from this alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcessionWhy {
    /// All that is given in the month.
    pub given: Vec<Given>,
    /// Which of them this is.
    pub at: usize,
    /// The rent of seats by rate of tax, minor units.
    pub rent: Vec<(TaxRate, i64)>,
    /// The rate of tax that this part falls on.
    pub rate: TaxRate,
    /// What was left of all the rent before this came off, minor units.
    pub left_minor: i64,
    /// The days of the rent.
    pub days: Period,
}

/// A concession and what it came to.
struct Conceded {
    at: usize,
    left_minor: i64,
    parts: BTreeMap<TaxRate, i64>,
}

/// What each comes to, in the order in which they come off.
fn conceded(given: &[Given], rent: &BTreeMap<TaxRate, i64>) -> Result<Vec<Conceded>, Refusal> {
    let mut left: BTreeMap<TaxRate, i64> = rent.iter().map(|(rate, minor)| (*rate, (*minor).max(0))).collect();
    let mut out = Vec::new();
    for kind in [ConcessionKind::Waiver, ConcessionKind::Discount] {
        let of: Vec<(usize, Discount)> =
            given.iter().enumerate().filter(|(_, one)| one.kind == kind).map(|(at, one)| (at, one.off)).collect();
        let list: Vec<Discount> = of.iter().map(|(_, off)| *off).collect();
        for applied in discounts(&left.clone(), &list)? {
            let left_minor = left.values().try_fold(0_i64, |sum, minor| sum.checked_add(*minor));
            for (rate, minor) in &applied.lines {
                if let Some(left) = left.get_mut(rate) {
                    *left -= minor;
                }
            }
            if let Some((at, _)) = of.get(applied.given) {
                out.push(Conceded { at: *at, left_minor: left_minor.ok_or_else(out_of_range)?, parts: applied.lines });
            }
        }
    }
    Ok(out)
}

impl ConcessionWhy {
    /// What it is.
    pub fn what(&self) -> Option<&Given> {
        self.given.get(self.at)
    }
    /// The amount again, in minor units; 0 or less.
    ///
    /// # Errors
    /// Those of [`discounts`].
    pub fn recompute(&self) -> Result<i64, Refusal> {
        let found = conceded(&self.given, &self.rent.iter().copied().collect())?;
        let part = found.iter().find(|one| one.at == self.at).and_then(|one| one.parts.get(&self.rate));
        Ok(-part.copied().unwrap_or_default())
    }
}

/// Takes what is agreed for a month off the rent of its seats, a line for each concession and rate of tax. What the rent falls short
/// of a minimum is not lowered: it was compared with the rent before anything came off.
///
/// # Errors
/// Those of [`discounts`].
pub(crate) fn concede(
    rated: &mut Rated,
    month: Month,
    concessions: &[Concession],
    version: &LeaseVersion,
) -> Result<(), Refusal> {
    let mut given = Vec::new();
    for concession in concessions.iter().filter(|one| one.applies(month)) {
        given.push(Given::of(concession)?);
    }
    let rent: Vec<&RatedLine> = rated.lines.iter().filter(|line| line.kind == LineKind::SeatRent).collect();
    let mut rates: BTreeMap<TaxRate, i64> = BTreeMap::new();
    for line in &rent {
        let sum = rates.entry(line.vat).or_default();
        *sum = sum.checked_add(line.amount_minor).ok_or_else(out_of_range)?;
    }
    if given.is_empty() || rates.is_empty() {
        return Ok(());
    }
    let slices = || rent.iter().flat_map(|line| &line.explanation.slices);
    let first = slices().map(|slice| slice.from).min();
    let days = first.map_or(rated.period, |from| Period { from, to: slices().map(|slice| slice.to).max() });
    let currency: Currency = version.terms.unit_price.currency;
    let mut lines = Vec::new();
    for one in conceded(&given, &rates)? {
        for (rate, minor) in one.parts.iter().filter(|(_, minor)| **minor != 0) {
            let why = ConcessionWhy {
                given: given.clone(),
                at: one.at,
                rent: rates.iter().map(|(rate, minor)| (*rate, *minor)).collect(),
                rate: *rate,
                left_minor: one.left_minor,
                days,
            };
            lines.push(line(rated.period, version, why, (currency, -minor)));
        }
    }
    rated.lines.append(&mut lines);
    Ok(())
}

fn line(period: Period, version: &LeaseVersion, why: ConcessionWhy, (currency, minor): (Currency, i64)) -> RatedLine {
    let kind = match why.what().map(|given| given.kind) {
        Some(ConcessionKind::Waiver) => LineKind::Waiver,
        Some(ConcessionKind::Discount) | None => LineKind::Discount,
    };
    let unit = Money::zero(currency);
    RatedLine {
        kind,
        lease_version: version.version,
        product: version.terms.product,
        unit,
        vat: why.rate,
        seat_days: 0,
        amount_minor: minor,
        explanation: Explanation {
            rule: version.terms.proration,
            unit,
            period,
            period_days: period.days().unwrap_or_default(),
            seat_days: 0,
            worth_minor: minor,
            slices: Vec::new(),
            shortfall: None,
            book: None,
            concession: Some(why),
            reverse_charge: None,
            correction: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(percent: &str) -> TaxRate {
        TaxRate::parse_percent(percent).expect("a rate")
    }
    fn given(kind: ConcessionKind, off: Discount) -> Given {
        Given { kind, off, reason: String::new() }
    }
    fn percent(of: i64) -> Discount {
        Discount::Percent(Ratio::whole(of))
    }

    #[test]
    fn waivers_come_before_discounts_and_percentages_before_amounts() {
        use ConcessionKind::{Discount as Less, Waiver};
        let rent = BTreeMap::from([(rate("9"), 60_000), (rate("6"), 40_000)]);
        let all = [
            given(Less, Discount::Fixed(10_000)),
            given(Less, percent(10)),
            given(Waiver, Discount::Fixed(20_000)),
            given(Waiver, percent(50)),
        ];
        let found = conceded(&all, &rent).expect("conceded");
        let sums: Vec<_> = found.iter().map(|one| (one.at, one.left_minor, one.parts.values().sum::<i64>())).collect();
        // 1,000 less half, less 200, less a tenth of 300, less 100.
        assert_eq!(sums, [(3, 100_000, 50_000), (2, 50_000, 20_000), (1, 30_000, 3_000), (0, 27_000, 10_000)]);
        assert_eq!(found[2].parts, BTreeMap::from([(rate("9"), 1_800), (rate("6"), 1_200)]));
    }

    proptest! {
        #[test]
        fn nothing_falls_below_zero_and_every_part_is_computed_again(
            rent in proptest::collection::btree_map(0_u32..3, -5_000_i64..500_000, 1..4),
            given_ in proptest::collection::vec((any::<bool>(), any::<bool>(), 1_i64..=100, 1_i64..300_000), 1..6),
        ) {
            let rent: BTreeMap<TaxRate, i64> =
                rent.into_iter().map(|(n, minor)| (TaxRate::new(n * 300).expect("a rate"), minor)).collect();
            let all: Vec<Given> = given_
                .into_iter()
                .map(|(waiver, fixed, of, minor)| {
                    let kind = if waiver { ConcessionKind::Waiver } else { ConcessionKind::Discount };
                    given(kind, if fixed { Discount::Fixed(minor) } else { percent(of) })
                })
                .collect();
            let found = conceded(&all, &rent).expect("conceded");
            let mut left: BTreeMap<TaxRate, i64> = rent.iter().map(|(rate, minor)| (*rate, (*minor).max(0))).collect();
            let days = Month::parse("2026-08").expect("a month").period();
            for one in &found {
                prop_assert_eq!(one.left_minor, left.values().sum::<i64>());
                for (rate, minor) in &one.parts {
                    *left.get_mut(rate).expect("a rate") -= minor;
                    let why = ConcessionWhy { given: all.clone(), at: one.at, rent: rent.clone().into_iter().collect(), rate: *rate, left_minor: one.left_minor, days };
                    let kept = serde_json::from_str::<ConcessionWhy>(&serde_json::to_string(&why).expect("text")).expect("read");
                    prop_assert_eq!(kept.recompute(), Ok(-minor));
                }
            }
            prop_assert!(left.values().all(|minor| *minor >= 0));
        }
    }
}
