//! What comes off lines: discounts, caps, credits. Amounts are minor units of one currency.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use voxpark_domain::{Refusal, RefusalCode};

use super::{Ratio, out_of_range, split};

/// Something off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    /// So many percent of what is left, 0 to 100.
    Percent(Ratio),
    /// Minor units, not more than is left.
    Fixed(i64),
}

/// A discount and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedDiscount<K> {
    /// Its place in what was given.
    pub given: usize,
    /// Minor units off in all; 0 or more.
    pub minor: i64,
    /// Its part on each line; parts sum to [`minor`](Self::minor).
    pub lines: BTreeMap<K, i64>,
}

/// Takes discounts off lines: percentages first, of what is left each, then fixed ones in the order given, never below zero.
/// A discount falls on the lines in proportion to what is left of them, by largest remainder, ties by key. Percentages are
/// rounded together, so that their order changes nothing; lines below zero take no part.
///
/// # Errors
/// `discount-invalid` (a percentage outside 0 to 100, or a fixed discount below zero), `amount-out-of-range`.
pub fn discounts<K: Ord + Clone>(
    lines: &BTreeMap<K, i64>,
    given: &[Discount],
) -> Result<Vec<AppliedDiscount<K>>, Refusal> {
    let mut left: BTreeMap<K, i64> = lines.iter().map(|(key, minor)| (key.clone(), (*minor).max(0))).collect();
    let whole = left.values().try_fold(0_i64, |sum, minor| sum.checked_add(*minor)).ok_or_else(out_of_range)?;
    let (mut exact, mut rest, mut applied) = (Ratio::whole(whole), whole, Vec::new());
    let fixed_last = |discount: &&(usize, &Discount)| matches!(discount.1, Discount::Fixed(_));
    let numbered: Vec<(usize, &Discount)> = given.iter().enumerate().collect();
    let in_order = numbered.iter().filter(|d| !fixed_last(d)).chain(numbered.iter().filter(fixed_last));
    for (at, discount) in in_order {
        let invalid = || Refusal::new(RefusalCode::OutOfRange, "discount-invalid").at(format!("discounts.{at}"));
        let minor = match discount {
            Discount::Percent(percent) => {
                if percent.is_negative() || *percent > Ratio::HUNDRED {
                    return Err(invalid());
                }
                exact = exact.minus(exact.percent(*percent)?)?;
                rest.checked_sub(exact.rounded(0)?).ok_or_else(out_of_range)?
            }
            Discount::Fixed(minor) if *minor < 0 => return Err(invalid()),
            Discount::Fixed(minor) => (*minor).min(rest),
        };
        let parts = if minor == 0 { BTreeMap::new() } else { split(minor, &left).ok_or_else(out_of_range)? };
        for (key, part) in &parts {
            if let Some(line) = left.get_mut(key) {
                *line -= part;
            }
        }
        rest -= minor;
        applied.push(AppliedDiscount { given: *at, minor, lines: parts });
    }
    Ok(applied)
}

/// Lines after discounts.
pub fn taxable<K: Ord + Clone>(lines: &BTreeMap<K, i64>, applied: &[AppliedDiscount<K>]) -> BTreeMap<K, i64> {
    let off = |key: &K| applied.iter().filter_map(|discount| discount.lines.get(key)).sum::<i64>();
    lines.iter().map(|(key, minor)| (key.clone(), minor - off(key))).collect()
}

/// What has to come off an amount so that a period does not cost more than its maximum, when so much was billed for it
/// before. Percentages have come off the amount already; the cap is the last discount and a line of its own.
///
/// # Errors
/// `amount-out-of-range`.
pub fn cap_discount(maximum: i64, billed_before: i64, amount: i64) -> Result<i64, Refusal> {
    let room = maximum.checked_sub(billed_before).ok_or_else(out_of_range)?.max(0);
    Ok(amount.checked_sub(room).ok_or_else(out_of_range)?.max(0))
}

/// Uses a credit on lines in their order. Answers what falls on each, and what is left of the credit for the next invoice.
pub fn credit_by_line(lines: &[i64], credit: i64) -> (Vec<i64>, i64) {
    let mut left = credit.max(0);
    let used = lines.iter().map(|line| {
        let part = left.min((*line).max(0));
        left -= part;
        part
    });
    (used.collect(), left)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn off(given: &[Discount]) -> Result<Vec<(usize, i64)>, &'static str> {
        let lines = BTreeMap::from([("a", 10_000), ("b", -500)]);
        let applied = discounts(&lines, given).map_err(|refusal| refusal.rule)?;
        assert!(applied.iter().all(|discount| !discount.lines.contains_key("b") || discount.lines["b"] == 0));
        Ok(applied.into_iter().map(|discount| (discount.given, discount.minor)).collect())
    }

    #[test]
    fn percentages_take_of_what_is_left_and_come_before_amounts() {
        let percent = |n| Discount::Percent(Ratio::whole(n));
        // 10 % of 100.00, 20 % of the 90.00 left, then 15.00.
        let given = [Discount::Fixed(1_500), percent(10), percent(20)];
        assert_eq!(off(&given), Ok(vec![(1, 1_000), (2, 1_800), (0, 1_500)]));
        assert_eq!(off(&[percent(100), Discount::Fixed(1)]), Ok(vec![(0, 10_000), (1, 0)]));
        for bad in [percent(101), percent(-1), Discount::Fixed(-1)] {
            assert_eq!(off(&[bad]), Err("discount-invalid"));
        }
        assert_eq!(credit_by_line(&[100, -5, 50], 120), (vec![100, 0, 20], 0));
        assert_eq!((cap_discount(100, 70, 50), cap_discount(100, 130, 50)), (Ok(20), Ok(50)));
    }

    proptest! {
        #[test]
        fn the_order_of_discounts_does_not_change_their_sum(
            lines in proptest::collection::btree_map(0_u8..9, 0_i64..1_000_000, 1..6),
            percents in proptest::collection::vec(0_i64..=100, 0..4),
            fixed in proptest::collection::vec(0_i64..500_000, 0..4),
        ) {
            let mut given: Vec<Discount> = percents.into_iter().map(|n| Discount::Percent(Ratio::whole(n))).collect();
            given.extend(fixed.into_iter().map(Discount::Fixed));
            let sum = |given: &[Discount]| {
                let applied = discounts(&lines, given).expect("discounted");
                assert!(taxable(&lines, &applied).values().all(|left| *left >= 0));
                applied.iter().map(|discount| discount.minor).sum::<i64>()
            };
            let forwards = sum(&given);
            given.reverse();
            prop_assert_eq!(sum(&given), forwards);
        }
    }
}
