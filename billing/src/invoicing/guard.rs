//! What keeps an invoice back in a billing run until a person has looked at it: an amount far off what the lease came to before,
//! below zero, or more lines than anybody reads.

use serde::{Deserialize, Serialize};

/// Months of invoices that an amount is compared with.
pub const GUARD_MONTHS: i64 = 6;
/// An amount is far off when it is more than so many times the usual one, or less than that part of it.
pub const GUARD_TIMES: i64 = 3;
/// The most lines of an invoice that goes out unseen.
pub const GUARD_LINES: usize = 40;

/// Why an invoice is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// Its amount is far off the usual one: the median of the invoices before, minor units before tax.
    FarOff {
        /// The usual one.
        usual_minor: i64,
    },
    /// It comes to less than nothing.
    Negative,
    /// It has more lines than [`GUARD_LINES`].
    ManyLines,
}

/// Whether an invoice is to be looked at before it is issued. `earlier` are the amounts before tax of the lease's invoices in
/// the [`GUARD_MONTHS`] before; months that came to nothing (free of rent) do not count.
pub fn guard(net_minor: i64, lines: usize, earlier: &[i64]) -> Option<Guard> {
    if net_minor < 0 {
        return Some(Guard::Negative);
    }
    if lines > GUARD_LINES {
        return Some(Guard::ManyLines);
    }
    let mut usual: Vec<i64> = earlier.iter().copied().filter(|minor| *minor > 0).collect();
    usual.sort_unstable();
    // Of an even number the lower one of the two in the middle.
    let usual_minor = *usual.get(usual.len().saturating_sub(1) / 2)?;
    let far = |more: i64, less: i64| i128::from(more) > i128::from(less) * i128::from(GUARD_TIMES);
    (net_minor > 0 && (far(net_minor, usual_minor) || far(usual_minor, net_minor)))
        .then_some(Guard::FarOff { usual_minor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unusual_is_held() {
        assert_eq!(guard(100, 1, &[]), None, "a first invoice has nothing to be compared with");
        assert_eq!(guard(300, 1, &[100]), None);
        assert_eq!(guard(301, 1, &[100]), Some(Guard::FarOff { usual_minor: 100 }));
        assert_eq!(guard(34, 1, &[100, 0, 0]), None, "free months are no measure");
        assert_eq!(guard(33, 1, &[100, 0, 0]), Some(Guard::FarOff { usual_minor: 100 }));
        assert_eq!(guard(0, 1, &[100]), None, "a month free of rent");
        assert_eq!(guard(900, 1, &[100, 900, 900, 100]), Some(Guard::FarOff { usual_minor: 100 }));
        assert_eq!(guard(-1, 1, &[]), Some(Guard::Negative));
        assert_eq!(guard(100, GUARD_LINES + 1, &[100]), Some(Guard::ManyLines));
        assert_eq!(guard(i64::MAX, 1, &[i64::MAX]), None);
    }
}
