//! Value added tax of an invoice.

use std::collections::BTreeMap;

use voxpark_domain::Refusal;

use crate::pricing::{Ratio, TaxRate, apportion, out_of_range, scaled};

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

/// Which of net and tax is rounded where prices contain the tax; the other one is the rest. One cent hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxOrder {
    /// `net = round(gross / (1 + rate))`.
    #[default]
    NetFirst,
    /// `tax = round(gross x rate / (1 + rate))`.
    TaxFirst,
}

impl TaxOrder {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NetFirst => "net_first",
            Self::TaxFirst => "tax_first",
        }
    }
}

/// What is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxRounding {
    /// The tax of all amounts of a rate together.
    #[default]
    Group,
    /// The tax of each amount; the tax of a rate is their sum.
    Line,
}

/// How a seller taxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct TaxRule {
    /// Whether prices contain the tax.
    pub mode: TaxMode,
    /// Which of net and tax is rounded.
    pub order: TaxOrder,
    /// What is rounded.
    pub rounding: TaxRounding,
}

/// Whose rate a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxSource {
    /// Agreed for the line.
    Line,
    /// Agreed for the customer.
    Customer,
    /// The seller's own.
    Seller,
    /// The customer owes the tax itself: rate 0, with the reason in print.
    ReverseCharge,
}

/// The rate of a line: that of the line, else that of the customer, else that of the seller; none where the customer owes it.
pub fn rate_of(
    line: Option<TaxRate>,
    customer: Option<TaxRate>,
    seller: TaxRate,
    reverse_charge: bool,
) -> (TaxRate, TaxSource) {
    match (reverse_charge, line, customer) {
        (true, ..) => (TaxRate::ZERO, TaxSource::ReverseCharge),
        (false, Some(rate), _) => (rate, TaxSource::Line),
        (false, None, Some(rate)) => (rate, TaxSource::Customer),
        (false, None, None) => (seller, TaxSource::Seller),
    }
}

/// Net and tax of one amount, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetTax {
    /// Before tax.
    pub net_minor: i64,
    /// The tax.
    pub tax_minor: i64,
}

/// Taxed amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taxation {
    /// One a rate, rates ascending.
    pub groups: Vec<TaxGroup>,
    /// One an amount, in their order; those of a rate sum to its group.
    pub lines: Vec<NetTax>,
}

impl Taxation {
    /// Sum of the net amounts.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn net(&self) -> Result<i64, Refusal> {
        sum(self.groups.iter().map(|group| group.net_minor))
    }
    /// Sum of the taxes.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn tax(&self) -> Result<i64, Refusal> {
        sum(self.groups.iter().map(|group| group.tax_minor))
    }
    /// Net and tax.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn total(&self) -> Result<i64, Refusal> {
        sum([self.net()?, self.tax()?])
    }
}

fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Refusal> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)
}

/// Taxes amounts by rate. Exclusive, the tax comes on the already rounded amounts; inclusive, it is taken out of them, so that
/// net and tax always sum to the gross. Where a rate is rounded as a whole, it is split over its amounts by largest remainder.
///
/// # Errors
/// `amount-out-of-range`.
pub fn taxed(amounts: &[(TaxRate, i64)], rule: TaxRule) -> Result<Taxation, Refusal> {
    let mut by_rate: BTreeMap<TaxRate, Vec<(usize, i64)>> = BTreeMap::new();
    for (at, (rate, minor)) in amounts.iter().enumerate() {
        by_rate.entry(*rate).or_default().push((at, *minor));
    }
    let (mut groups, mut lines) = (Vec::with_capacity(by_rate.len()), BTreeMap::new());
    for (rate, members) in by_rate {
        let of_lines = match rule.rounding {
            TaxRounding::Line => {
                let each = members.iter().map(|(at, minor)| Ok((*at, one(rate, *minor, rule)?)));
                each.collect::<Result<Vec<_>, Refusal>>()?
            }
            TaxRounding::Group => {
                let whole = one(rate, sum(members.iter().map(|(_, minor)| *minor))?, rule)?;
                spread(rate, whole, &members, rule)?
            }
        };
        let net_minor = sum(of_lines.iter().map(|(_, line)| line.net_minor))?;
        let tax_minor = sum(of_lines.iter().map(|(_, line)| line.tax_minor))?;
        groups.push(TaxGroup { rate, net_minor, tax_minor });
        lines.extend(of_lines);
    }
    Ok(Taxation { groups, lines: lines.into_values().collect() })
}

/// Net and tax of one amount.
fn one(rate: TaxRate, minor: i64, rule: TaxRule) -> Result<NetTax, Refusal> {
    let (whole, points) = (i64::from(TaxRate::ONE), i64::from(rate.basis_points()));
    let rest = |of: i64| minor.checked_sub(of).ok_or_else(out_of_range);
    Ok(match (rule.mode, rule.order) {
        (TaxMode::Exclusive, _) => NetTax { net_minor: minor, tax_minor: scaled(minor, points, whole)? },
        (TaxMode::Inclusive, TaxOrder::NetFirst) => {
            let net_minor = scaled(minor, whole, whole + points)?;
            NetTax { net_minor, tax_minor: rest(net_minor)? }
        }
        (TaxMode::Inclusive, TaxOrder::TaxFirst) => {
            let tax_minor = scaled(minor, points, whole + points)?;
            NetTax { net_minor: rest(tax_minor)?, tax_minor }
        }
    })
}

/// What was rounded for a rate, over its amounts; the other one of net and tax is the rest of each.
fn spread(
    rate: TaxRate,
    whole: NetTax,
    members: &[(usize, i64)],
    rule: TaxRule,
) -> Result<Vec<(usize, NetTax)>, Refusal> {
    let (one, points) = (i128::from(TaxRate::ONE), i128::from(rate.basis_points()));
    let (num, den, total) = match (rule.mode, rule.order) {
        (TaxMode::Exclusive, _) => (points, one, whole.tax_minor),
        (TaxMode::Inclusive, TaxOrder::NetFirst) => (one, one + points, whole.net_minor),
        (TaxMode::Inclusive, TaxOrder::TaxFirst) => (points, one + points, whole.tax_minor),
    };
    let exact = members.iter().map(|(_, minor)| Ratio::whole(*minor).times(Ratio::new(num, den)?));
    let parts = apportion(&exact.collect::<Result<Vec<_>, Refusal>>()?, total)?;
    let line = |((at, minor), part): (&(usize, i64), i64)| {
        let (net_minor, tax_minor) = match (rule.mode, rule.order) {
            (TaxMode::Exclusive, _) => (*minor, part),
            (TaxMode::Inclusive, TaxOrder::NetFirst) => (part, minor - part),
            (TaxMode::Inclusive, TaxOrder::TaxFirst) => (minor - part, part),
        };
        (*at, NetTax { net_minor, tax_minor })
    };
    Ok(members.iter().zip(parts).map(line).collect())
}

/// The tax of each line of an invoice as it was issued: what is in the price is the rest of it, what comes on prices is of each
/// rate the rounded sum, put on its lines.
///
/// # Errors
/// `amount-out-of-range`.
pub(crate) fn line_taxes(lines: &[super::InvoiceLine]) -> Result<Vec<NetTax>, Refusal> {
    // Of what contains its tax nothing is left to be reckoned.
    let due = |line: &super::InvoiceLine| if line.tax_included { 0 } else { line.net_minor };
    let on_top: Vec<_> = lines.iter().map(|line| (line.rated.vat, due(line))).collect();
    let mut taxes = taxed(&on_top, TaxRule::default())?.lines;
    for (line, tax) in lines.iter().zip(&mut taxes).filter(|(line, _)| line.tax_included) {
        let inside = line.rated.amount_minor.checked_sub(line.net_minor).ok_or_else(out_of_range)?;
        *tax = NetTax { net_minor: line.net_minor, tax_minor: inside };
    }
    Ok(taxes)
}

/// The taxes of lines as they were invoiced, one a rate, rates ascending.
///
/// # Errors
/// `amount-out-of-range`.
pub fn tax_groups(lines: &[super::InvoiceLine]) -> Result<Vec<TaxGroup>, Refusal> {
    let mut groups: BTreeMap<TaxRate, TaxGroup> = BTreeMap::new();
    for (line, tax) in lines.iter().zip(line_taxes(lines)?) {
        let rate = line.rated.vat;
        let group = groups.entry(rate).or_insert(TaxGroup { rate, net_minor: 0, tax_minor: 0 });
        group.net_minor = sum([group.net_minor, tax.net_minor])?;
        group.tax_minor = sum([group.tax_minor, tax.tax_minor])?;
    }
    Ok(groups.into_values().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rated(amounts: &[(u32, i64)], rule: TaxRule) -> Taxation {
        let amounts: Vec<_> =
            amounts.iter().map(|(rate, minor)| (TaxRate::new(*rate).expect("rate"), *minor)).collect();
        super::taxed(&amounts, rule).expect("taxed")
    }
    fn taxed(amounts: &[(u32, i64)], mode: TaxMode) -> Vec<(i64, i64)> {
        let rule = TaxRule { mode, ..TaxRule::default() };
        rated(amounts, rule).groups.into_iter().map(|g| (g.net_minor, g.tax_minor)).collect()
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
    fn lines_sum_to_their_rate_whichever_is_rounded() {
        // Three times 0.10 at 5 %: 0.005 each, 0.015 together.
        let three = [(500, 10), (500, 10), (500, 10)];
        let by = |rounding| rated(&three, TaxRule { rounding, ..TaxRule::default() });
        let taxes = |t: &Taxation| t.lines.iter().map(|line| line.tax_minor).collect::<Vec<_>>();
        assert_eq!((taxes(&by(TaxRounding::Line)), by(TaxRounding::Line).tax()), (vec![1, 1, 1], Ok(3)));
        assert_eq!((taxes(&by(TaxRounding::Group)), by(TaxRounding::Group).tax()), (vec![1, 1, 0], Ok(2)));
        // A credit beside a charge.
        let mixed = rated(&[(2_000, 5_003), (2_000, -2_501)], TaxRule::default());
        assert_eq!((taxes(&mixed), mixed.tax()), (vec![1_000, -500], Ok(500)));
    }

    #[test]
    fn e6_one_cent_moves_with_the_order() {
        let rule = |order| TaxRule { mode: TaxMode::Inclusive, order, rounding: TaxRounding::Group };
        let of = |order| rated(&[(400, 299)], rule(order)).groups.first().map(|g| (g.net_minor, g.tax_minor));
        assert_eq!((of(TaxOrder::NetFirst), of(TaxOrder::TaxFirst)), (Some((288, 11)), Some((287, 12))));
    }

    #[test]
    fn the_nearest_rate_wins() {
        let rate = |points| TaxRate::new(points).expect("a rate");
        let (line, customer, seller) = (Some(rate(2_000)), Some(rate(1_000)), rate(500));
        assert_eq!(rate_of(line, customer, seller, false), (rate(2_000), TaxSource::Line));
        assert_eq!(rate_of(None, customer, seller, false), (rate(1_000), TaxSource::Customer));
        assert_eq!(rate_of(None, None, seller, false), (rate(500), TaxSource::Seller));
        assert_eq!(rate_of(line, customer, seller, true), (TaxRate::ZERO, TaxSource::ReverseCharge));
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
