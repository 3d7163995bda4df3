//! Splitting an amount by weights so that the parts sum to the whole.

use std::collections::BTreeMap;

use voxpark_domain::Refusal;

use super::{Ratio, out_of_range};

/// Splits `total` minor units by weight: every part gets its exact share rounded towards zero, and the units left over
/// go one each to the largest remainders, ties in the order of the keys (never of the rows). Parts sum to `total`; a
/// negative total splits as the mirror of the positive one.
///
/// `None` when a weight is negative, no weight is positive, or an amount leaves its range.
pub fn split<K: Ord + Clone>(total: i64, weights: &BTreeMap<K, i64>) -> Option<BTreeMap<K, i64>> {
    let mut sum = 0_i128;
    for weight in weights.values() {
        if *weight < 0 {
            return None;
        }
        sum = sum.checked_add(i128::from(*weight))?;
    }
    if sum == 0 {
        return None;
    }
    let magnitude = i128::from(total).abs();
    let sign = i128::from(total.signum());
    let mut left = magnitude;
    let mut parts = Vec::with_capacity(weights.len());
    for (key, weight) in weights {
        let product = magnitude.checked_mul(i128::from(*weight))?;
        left -= product / sum;
        parts.push((key.clone(), product / sum, product % sum));
    }
    // Stable: equal remainders stay in key order.
    parts.sort_by_key(|(_, _, remainder)| std::cmp::Reverse(*remainder));
    let mut out = BTreeMap::new();
    for (key, part, _) in parts {
        let extra = i128::from(left > 0);
        left -= extra;
        out.insert(key, i64::try_from((part + extra) * sign).ok()?);
    }
    Some(out)
}

/// Rounds parts that are known exactly so that they sum to a total that was rounded from their sum: every part is rounded
/// down, and the units left over go one each to the largest remainders, ties in order. Parts may have different signs; a
/// negative total is the mirror of the positive one.
///
/// # Errors
/// `amount-out-of-range`, also when the total is not within a unit of the sum a part.
pub fn apportion(exact: &[Ratio], total: i64) -> Result<Vec<i64>, Refusal> {
    let sign = if total < 0 { -1 } else { 1 };
    let mut parts = Vec::with_capacity(exact.len());
    for (at, part) in exact.iter().enumerate() {
        let part = part.times(Ratio::whole(sign))?;
        let floor = part.floor().rounded(0)?;
        parts.push((at, floor, part.minus(Ratio::whole(floor))?));
    }
    let whole = parts.iter().try_fold(0_i64, |sum, part| sum.checked_add(part.1)).ok_or_else(out_of_range)?;
    let left = total.checked_mul(sign).and_then(|total| total.checked_sub(whole)).ok_or_else(out_of_range)?;
    let left = usize::try_from(left).ok().filter(|left| *left <= parts.len()).ok_or_else(out_of_range)?;
    // Stable: equal remainders stay in order.
    parts.sort_by_key(|part| std::cmp::Reverse(part.2));
    parts.iter_mut().take(left).for_each(|part| part.1 += 1);
    parts.sort_by_key(|part| part.0);
    Ok(parts.into_iter().map(|part| part.1 * sign).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weights(list: &[(&'static str, i64)]) -> BTreeMap<&'static str, i64> {
        list.iter().copied().collect()
    }

    #[test]
    fn d2_largest_remainder_ties_by_key() {
        // D2.2: the rows come as C1, A1, B1.
        assert_eq!(split(5, &weights(&[("C", 1), ("A", 1), ("B", 1)])), Some(weights(&[("A", 2), ("B", 2), ("C", 1)])));
        // D2.3, in whole yen.
        assert_eq!(split(5, &weights(&[("1", 1), ("2", 1), ("3", 1)])), Some(weights(&[("1", 2), ("2", 2), ("3", 1)])));
        // D2.5
        assert_eq!(split(1, &weights(&[("a", 100), ("b", 1)])), Some(weights(&[("a", 1), ("b", 0)])));
        // D2.6: 0.0005 at scale 4.
        assert_eq!(split(5, &weights(&[("a", 1), ("b", 1)])), Some(weights(&[("a", 3), ("b", 2)])));
    }

    #[test]
    fn d3_discount_over_lines() {
        let discount = split(1000, &weights(&[("a", 6000), ("b", 4000)])).expect("split");
        assert_eq!((6000 - discount["a"], 4000 - discount["b"]), (5400, 3600));
        // E3: the coupon of 10.00 over four lines.
        let coupon = split(1000, &weights(&[("a", 10000), ("b", 5000), ("c", 3000), ("d", 2000)])).expect("split");
        assert_eq!(coupon.into_values().collect::<Vec<_>>(), [500, 250, 150, 100]);
    }

    #[test]
    fn nothing_to_split_by() {
        assert_eq!(split(5, &BTreeMap::<u8, i64>::new()), None);
        assert_eq!(split(5, &weights(&[("a", 0)])), None);
        assert_eq!(split(5, &weights(&[("a", 2), ("b", -1)])), None);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_mirror(
            total in -1_000_000_000_000_i64..1_000_000_000_000,
            list in proptest::collection::btree_map(0_u8..40, 0_i64..1_000_000_000, 1..20),
        ) {
            prop_assume!(list.values().any(|w| *w > 0));
            let parts = split(total, &list).expect("split");
            prop_assert_eq!(parts.values().sum::<i64>(), total);
            let whole: i128 = list.values().map(|w| i128::from(*w)).sum();
            for (key, part) in &parts {
                // Never more than one unit from the exact share.
                let exact = i128::from(total) * i128::from(list[key]);
                prop_assert!((i128::from(*part) * whole - exact).abs() < whole);
            }
            let mirror = split(-total, &list).expect("split");
            prop_assert!(parts.iter().all(|(key, part)| mirror[key] == -part));
        }
    }
}
