//! Value added tax of an invoice.

use std::collections::BTreeMap;

use voxpark_domain::Refusal;

use crate::pricing::{TaxRate, out_of_range, scaled};

/// Whether prices contain the tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxMode {
    /// Tax is added to the prices.
    #[default]
    Exclusive,
    /// Prices contain the tax.
    Inclusive,
}

impl TaxMode {
    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Inclusive => "inclusive",
        }
    }
    /// The mode with this stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Exclusive, Self::Inclusive].into_iter().find(|mode| mode.name() == name)
    }
}

/// All amounts of one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxGroup {
    /// The rate.
    pub rate: TaxRate,
    /// Net of the group, minor units.
    pub net_minor: i64,
    /// Tax on it, minor units.
    pub tax_minor: i64,
}

/// Groups amounts by rate and taxes each group, rates ascending.
///
/// Net first: exclusive, `tax = round(net x rate)` on the sum of the already rounded lines; inclusive,
/// `net = round(gross / (1 + rate))` and the tax is the rest, so that net and tax always sum to the gross.
///
/// # Errors
/// `amount-out-of-range`.
pub fn tax_groups(amounts: impl IntoIterator<Item = (TaxRate, i64)>, mode: TaxMode) -> Result<Vec<TaxGroup>, Refusal> {
    let mut sums: BTreeMap<TaxRate, i64> = BTreeMap::new();
    for (rate, minor) in amounts {
        let sum = sums.entry(rate).or_default();
        *sum = sum.checked_add(minor).ok_or_else(out_of_range)?;
    }
    sums.into_iter()
        .map(|(rate, sum)| {
            let (one, basis_points) = (i64::from(TaxRate::ONE), i64::from(rate.basis_points()));
            Ok(match mode {
                TaxMode::Exclusive => TaxGroup { rate, net_minor: sum, tax_minor: scaled(sum, basis_points, one)? },
                TaxMode::Inclusive => {
                    let net_minor = scaled(sum, one, one + basis_points)?;
                    TaxGroup { rate, net_minor, tax_minor: sum.checked_sub(net_minor).ok_or_else(out_of_range)? }
                }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn taxed(amounts: &[(u32, i64)], mode: TaxMode) -> Vec<(i64, i64)> {
        let amounts = amounts.iter().map(|(rate, minor)| (TaxRate::new(*rate).expect("rate"), *minor));
        tax_groups(amounts, mode).expect("taxed").into_iter().map(|g| (g.net_minor, g.tax_minor)).collect()
    }
    fn total(groups: &[(i64, i64)]) -> (i64, i64) {
        (groups.iter().map(|g| g.1).sum(), groups.iter().map(|g| g.0 + g.1).sum())
    }

    #[test]
    fn e2_tax_on_the_rounded_net_by_rate() {
        use TaxMode::Exclusive;
        // B8.2: the net is rounded first, then its tax; gross first would give 232.
        assert_eq!(taxed(&[(2000, 194)], Exclusive), [(194, 39)]);
        assert_eq!(taxed(&[(2100, 999)], Exclusive), [(999, 210)], "E2.1");
        assert_eq!(taxed(&[(2100, 997)], Exclusive), [(997, 209)], "E2.2");
        assert_eq!(total(&taxed(&[(2000, 10_000), (1000, 5_000)], Exclusive)), (2_500, 17_500), "E2.4");
        let by_rate = taxed(&[(2000, 10_000), (500, 8_000), (2000, 5_000)], Exclusive);
        assert_eq!(by_rate, [(8_000, 400), (15_000, 3_000)], "E2.5");
        assert_eq!(total(&by_rate), (3_400, 26_400), "E2.5");
        assert_eq!(total(&taxed(&[(2000, 3_500)], Exclusive)).1, 4_200, "E2.7 home");
        assert_eq!(total(&taxed(&[(0, 3_500)], Exclusive)).1, 3_500, "E2.7 reverse charge");
        // E3: lines after their part of the coupon of 10.00.
        let lines = [(1000, 9_500), (0, 4_750), (2000, 2_850), (2000, 1_900)];
        assert_eq!(total(&taxed(&lines, Exclusive)), (1_900, 20_900), "E3");
        // E5: 70 less coupons of 10, then 10 %.
        assert_eq!(total(&taxed(&[(1000, 6_000)], Exclusive)), (600, 6_600), "E5");
    }

    #[test]
    fn e1_e6_prices_with_tax_inside() {
        assert_eq!(taxed(&[(1000, 60_000)], TaxMode::Inclusive), [(54_545, 5_455)], "E1.1");
        assert_eq!(taxed(&[(400, 299)], TaxMode::Inclusive), [(288, 11)], "E6 net first");
    }

    #[test]
    fn modes_have_names() {
        for mode in [TaxMode::Exclusive, TaxMode::Inclusive] {
            assert_eq!(TaxMode::from_name(mode.name()), Some(mode));
            assert_eq!(serde_json::to_value(mode).expect("json"), mode.name());
        }
    }

    proptest! {
        #[test]
        fn net_and_tax_sum_and_a_credit_is_the_mirror(
            lines in proptest::collection::vec((0_u32..=10_000, 0_i64..1_000_000_000), 1..10),
        ) {
            for mode in [TaxMode::Exclusive, TaxMode::Inclusive] {
                let charge = taxed(&lines, mode);
                let back: Vec<_> = lines.iter().map(|(rate, minor)| (*rate, -minor)).collect();
                let mirror: Vec<_> = taxed(&back, mode).into_iter().map(|(net, tax)| (-net, -tax)).collect();
                prop_assert_eq!(&charge, &mirror);
                let sum: i64 = lines.iter().map(|l| l.1).sum();
                let (tax, gross) = total(&charge);
                prop_assert_eq!(sum, if mode == TaxMode::Inclusive { gross } else { gross - tax });
            }
        }
    }
}
