//! Exact numbers: fractions that are never rounded on the way.

use std::cmp::Ordering;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use voxpark_domain::money::{Currency, Money, round_half_away};
use voxpark_domain::{Refusal, RefusalCode};

use super::out_of_range;

/// A fraction in lowest terms: a price in major units, a quantity, a part of a period.
///
/// Its text is a decimal (`0.0010`) or, where no decimal is exact, a fraction (`2/3`). Data files write it as text or as
/// a whole number, never as a binary fraction, which would not be the number that was typed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    num: i128,
    /// Positive.
    den: i128,
}

/// The greatest common divisor; 1 for two zeros, so that it can always be divided by.
const fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    // Of a reduced pair at least one is below 2^127, so the divisor is too.
    if a == 0 || a > i128::MAX.unsigned_abs() { 1 } else { a.cast_signed() }
}

impl Ratio {
    /// 0.
    pub const ZERO: Self = Self::whole(0);
    /// 1.
    pub const ONE: Self = Self::whole(1);
    /// 100: what percentages are parts of.
    pub const HUNDRED: Self = Self::whole(100);

    /// A whole number.
    pub const fn whole(n: i64) -> Self {
        Self { num: n as i128, den: 1 }
    }
    /// `num / den`.
    ///
    /// # Errors
    /// `amount-out-of-range` when `den` is 0 or a term leaves 127 bits.
    pub fn new(num: i128, den: i128) -> Result<Self, Refusal> {
        let by = gcd(num, den);
        let (num, den) = (num / by, den / by);
        match den.signum() {
            1 => Ok(Self { num, den }),
            -1 => Some((num.checked_neg(), den.checked_neg()))
                .and_then(|(num, den)| Some(Self { num: num?, den: den? }))
                .ok_or_else(out_of_range),
            _ => Err(out_of_range()),
        }
    }
    /// An amount in major units.
    ///
    /// # Errors
    /// None: an amount always fits; the signature is that of the other ways in.
    pub fn major(money: Money) -> Result<Self, Refusal> {
        Self::new(i128::from(money.minor), ten_to(money.currency.exponent())?)
    }
    /// From a decimal (`-0.0010`) or a fraction (`2/3`).
    ///
    /// # Errors
    /// `number-invalid` when it is neither, or has more than 36 digits.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::new(RefusalCode::Invalid, "number-invalid").with("value", text);
        let digits = |part: &str| -> Result<i128, Refusal> {
            let sound = !part.is_empty() && part.len() <= 36 && part.bytes().all(|b| b.is_ascii_digit());
            if sound { part.parse().map_err(|_| bad()) } else { Err(bad()) }
        };
        let (negative, plain) = match text.trim().strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.trim()),
        };
        let (num, den) = if let Some((num, den)) = plain.split_once('/') {
            (digits(num)?, digits(den)?)
        } else {
            let (whole, part) = plain.split_once('.').map_or((plain, None), |(whole, part)| (whole, Some(part)));
            let scale = u32::try_from(part.map_or(0, str::len)).map_err(|_| bad())?;
            let den = ten_to(scale).map_err(|_| bad())?;
            let part = part.map_or(Ok(0), digits)?;
            let num = digits(whole)?.checked_mul(den).and_then(|whole| whole.checked_add(part)).ok_or_else(bad)?;
            (num, den)
        };
        Self::new(if negative { -num } else { num }, den).map_err(|_| bad())
    }
    /// Sum.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn plus(self, other: Self) -> Result<Self, Refusal> {
        let by = gcd(self.den, other.den);
        let sum = || {
            let left = self.num.checked_mul(other.den / by)?;
            let right = other.num.checked_mul(self.den / by)?;
            Some((left.checked_add(right)?, (self.den / by).checked_mul(other.den)?))
        };
        let (num, den) = sum().ok_or_else(out_of_range)?;
        Self::new(num, den)
    }
    /// Difference.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn minus(self, other: Self) -> Result<Self, Refusal> {
        self.plus(Self { num: other.num.checked_neg().ok_or_else(out_of_range)?, ..other })
    }
    /// Product.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn times(self, other: Self) -> Result<Self, Refusal> {
        let (a, b) = (gcd(self.num, other.den), gcd(other.num, self.den));
        let num = (self.num / a).checked_mul(other.num / b).ok_or_else(out_of_range)?;
        let den = (self.den / b).checked_mul(other.den / a).ok_or_else(out_of_range)?;
        Self::new(num, den)
    }
    /// Quotient.
    ///
    /// # Errors
    /// `amount-out-of-range`, also of a division by 0.
    pub fn over(self, other: Self) -> Result<Self, Refusal> {
        self.times(Self::new(other.den, other.num)?)
    }
    /// So many hundredths of it.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn percent(self, percent: Self) -> Result<Self, Refusal> {
        self.times(percent)?.over(Self::HUNDRED)
    }
    /// The sum of several.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn sum(items: impl IntoIterator<Item = Result<Self, Refusal>>) -> Result<Self, Refusal> {
        items.into_iter().try_fold(Self::ZERO, |sum, item| sum.plus(item?))
    }
    /// The smallest whole number that is not below it.
    #[must_use]
    pub fn ceil(self) -> Self {
        let up = i128::from(self.num.rem_euclid(self.den) != 0);
        Self { num: self.num.div_euclid(self.den).saturating_add(up), den: 1 }
    }
    /// The largest whole number that is not above it.
    #[must_use]
    pub fn floor(self) -> Self {
        Self { num: self.num.div_euclid(self.den), den: 1 }
    }
    /// Whether it is 0.
    pub const fn is_zero(self) -> bool {
        self.num == 0
    }
    /// Whether it is below 0.
    pub const fn is_negative(self) -> bool {
        self.num < 0
    }
    /// How many digits its decimal has after the point; `None` when no decimal is exact.
    pub fn decimals(self) -> Option<u32> {
        (0..=36).find(|digits| ten_to(*digits).is_ok_and(|ten| ten % self.den == 0))
    }
    /// The one rounding, half away from zero, to so many digits after the point: the value times `10^digits`.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn rounded(self, digits: u32) -> Result<i64, Refusal> {
        let num = self.num.checked_mul(ten_to(digits)?).ok_or_else(out_of_range)?;
        round_half_away(num, self.den).ok_or_else(out_of_range)
    }
    /// Major units as money of a currency, rounded once.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn money(self, currency: Currency) -> Result<Money, Refusal> {
        Ok(Money::new(self.rounded(currency.exponent())?, currency))
    }
}

fn ten_to(digits: u32) -> Result<i128, Refusal> {
    10_i128.checked_pow(digits).ok_or_else(out_of_range)
}

impl Ord for Ratio {
    /// By value, without products that could overflow: whole parts first, then the reciprocals of what is left.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (*self, *other);
        let mut turned = false;
        loop {
            let whole = a.num.div_euclid(a.den).cmp(&b.num.div_euclid(b.den));
            let (left, right) = (a.num.rem_euclid(a.den), b.num.rem_euclid(b.den));
            let found = match (whole, left, right) {
                (Ordering::Equal, 0, _) | (Ordering::Equal, _, 0) => left.min(1).cmp(&right.min(1)),
                (Ordering::Equal, ..) => {
                    (a, b) = (Self { num: a.den, den: left }, Self { num: b.den, den: right });
                    turned = !turned;
                    continue;
                }
                (different, ..) => different,
            };
            return if turned { found.reverse() } else { found };
        }
    }
}
impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((digits, ten)) = self.decimals().and_then(|digits| Some((digits, ten_to(digits).ok()?))) else {
            return write!(f, "{}/{}", self.num, self.den);
        };
        let factor = (ten / self.den).unsigned_abs();
        let Some(scaled) = self.num.unsigned_abs().checked_mul(factor) else {
            return write!(f, "{}/{}", self.num, self.den);
        };
        let sign = if self.num < 0 { "-" } else { "" };
        let ten = ten.unsigned_abs();
        match usize::try_from(digits) {
            Ok(width @ 1..) => write!(f, "{sign}{}.{:0width$}", scaled / ten, scaled % ten),
            _ => write!(f, "{sign}{scaled}"),
        }
    }
}
impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl From<i64> for Ratio {
    fn from(n: i64) -> Self {
        Self::whole(n)
    }
}
impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Ratio;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exact number as text, such as \"0.0010\"")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Ratio, E> {
        Ratio::parse(text).map_err(|_| E::custom(format!("{text} is not an exact number")))
    }
    fn visit_i64<E: serde::de::Error>(self, n: i64) -> Result<Ratio, E> {
        Ok(Ratio::whole(n))
    }
    fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<Ratio, E> {
        i64::try_from(n).map(Ratio::whole).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).expect("a number")
    }

    #[test]
    fn texts_are_exact() {
        for (text, shown) in [
            ("0.0010", "0.001"),
            ("-1234.50", "-1234.5"),
            ("2/3", "2/3"),
            ("-4/6", "-2/3"),
            ("3/4", "0.75"),
            ("100", "100"),
            ("0", "0"),
            ("000.10", "0.1"),
        ] {
            assert_eq!(ratio(text).to_string(), shown);
            let json = serde_json::to_string(&ratio(text)).expect("json");
            assert_eq!(serde_json::from_str::<Ratio>(&json).expect("json"), ratio(text));
        }
        for bad in ["", "-", ".5", "5.", "1e3", "0x1", "1/0", "1//2", "1.2.3", "１", "NaN", "+1"] {
            assert_eq!(Ratio::parse(bad).map_err(|r| r.rule), Err("number-invalid"), "{bad}");
        }
        assert!(serde_json::from_str::<Ratio>("0.1").is_err(), "a binary fraction is not the number that was typed");
        assert_eq!(serde_json::from_str::<Ratio>("7").expect("json"), Ratio::whole(7));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let most = Ratio::new(i128::MAX, 1).expect("fits");
        for result in [most.plus(Ratio::ONE), most.times(most), Ratio::ONE.over(Ratio::ZERO), Ratio::new(1, 0)] {
            assert_eq!(result.map_err(|r| r.rule), Err("amount-out-of-range"));
        }
        assert_eq!(most.rounded(2).map_err(|r| r.rule), Err("amount-out-of-range"));
        assert_eq!(Ratio::new(i128::MIN, i128::MIN).map_err(|r| r.rule), Err("amount-out-of-range"));
        assert!(Ratio::new(i128::MAX, i128::MAX - 1).expect("fits") > Ratio::ONE, "compared without products");
    }

    #[test]
    fn rounds_once_half_away_from_zero() {
        for (text, digits, expected) in [
            ("1.23456789", 2, 123),
            ("1.23556789", 2, 124),
            ("1.9556789", 0, 2),
            ("1.23456789", 4, 12_346),
            ("2.345", 2, 235),
            ("-2.345", 2, -235),
        ] {
            assert_eq!(ratio(text).rounded(digits), Ok(expected), "{text}");
        }
        assert_eq!((ratio("1.01").ceil(), ratio("-1.01").ceil()), (Ratio::whole(2), Ratio::whole(-1)));
    }

    proptest! {
        #[test]
        fn is_a_field_in_order(
            a in (-1_000_000_i128..1_000_000, 1_i128..10_000),
            b in (-1_000_000_i128..1_000_000, 1_i128..10_000),
        ) {
            let (x, y) = (Ratio::new(a.0, a.1).expect("fits"), Ratio::new(b.0, b.1).expect("fits"));
            prop_assert_eq!(x.plus(y), y.plus(x));
            prop_assert_eq!(x.plus(y).and_then(|sum| sum.minus(y)), Ok(x));
            prop_assert_eq!(x.times(y), y.times(x));
            if !y.is_zero() {
                prop_assert_eq!(x.times(y).and_then(|product| product.over(y)), Ok(x));
            }
            prop_assert_eq!(x.cmp(&y), (a.0 * b.1).cmp(&(b.0 * a.1)));
        }
    }
}
