//! Money: whole minor units of an ISO 4217 currency. Rates are decimals; amounts never are.

use std::fmt;

use rust_decimal::Decimal;

use crate::error::{Refusal, RefusalCode};

/// An ISO 4217 currency that a park may bill in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Chinese yuan, the default of the trade this product serves.
    pub const CNY: Self = Self(*b"CNY");

    /// From its three capital letters.
    ///
    /// # Errors
    /// `currency-unknown` when it is not three capital letters.
    pub fn parse(code: &str) -> Result<Self, Refusal> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_uppercase) => Ok(Self(bytes)),
            _ => Err(Refusal::new(RefusalCode::Invalid, "currency-unknown").with("value", code)),
        }
    }
    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
    /// Digits after the point (ISO 4217): 0, 2 or 3.
    pub fn exponent(self) -> u32 {
        match self.code() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
            | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|_| format!("unknown currency {text}"))
    }
}
impl From<Currency> for String {
    fn from(c: Currency) -> Self {
        c.code().to_owned()
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units (分, cent) of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Money {
    /// Minor units; negative for credits.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// Two amounts of different currencies met, or a sum left the range of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("amounts of different currencies, or out of range")]
pub struct MoneyError;

impl Money {
    /// An amount.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }
    /// Sum.
    ///
    /// # Errors
    /// When the currencies differ or the sum overflows.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError);
        }
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError)
    }
    /// Difference.
    ///
    /// # Errors
    /// As [`plus`](Self::plus).
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError);
        }
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError)
    }
    /// From a decimal text in major units (`1234.50`).
    ///
    /// # Errors
    /// `money-invalid` when it is no number or has more digits than the currency.
    pub fn parse_major(text: &str, currency: Currency) -> Result<Self, Refusal> {
        let bad = || {
            Refusal::new(RefusalCode::Invalid, "money-invalid").with("value", text).with("currency", currency.code())
        };
        let value: Decimal = text.trim().replace(',', "").parse().map_err(|_| bad())?;
        let scaled = value.checked_mul(Decimal::from(10_i64.pow(currency.exponent()))).ok_or_else(bad)?;
        if !scaled.fract().is_zero() {
            return Err(bad());
        }
        i64::try_from(scaled.trunc()).map(|minor| Self { minor, currency }).map_err(|_| bad())
    }
    /// In major units with thousands apart, as documents write amounts: `-1,234.50`.
    pub fn grouped(self) -> String {
        let major = self.major();
        let (sign, digits) = major.strip_prefix('-').map_or(("", major.as_str()), |rest| ("-", rest));
        let (whole, part) = digits.split_once('.').map_or((digits, String::new()), |(w, p)| (w, format!(".{p}")));
        let mut apart = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                apart.push(',');
            }
            apart.push(digit);
        }
        format!("{sign}{apart}{part}")
    }
    /// In major units, with exactly the currency's digits (`-1234.50`), no grouping.
    pub fn major(self) -> String {
        let exponent = self.currency.exponent();
        Decimal::from_i128_with_scale(i128::from(self.minor), exponent).to_string()
    }
}

/// A tax rate in hundredths of a percent, 0 (none) to 10000 (100 %).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct TaxRate(u32);

impl TaxRate {
    /// No tax.
    pub const ZERO: Self = Self(0);
    /// One, in hundredths of a percent.
    pub const ONE: u32 = 10_000;

    /// From hundredths of a percent.
    ///
    /// # Errors
    /// `tax-rate-range` above 100 %.
    pub fn new(hundredths_of_percent: u32) -> Result<Self, Refusal> {
        if hundredths_of_percent > Self::ONE {
            return Err(
                Refusal::new(RefusalCode::OutOfRange, "tax-rate-range").with("value", i64::from(hundredths_of_percent))
            );
        }
        Ok(Self(hundredths_of_percent))
    }
    /// From a text in percent: `6`, `9.5`, `9.5%`.
    ///
    /// # Errors
    /// `tax-rate-invalid` when it is no number or finer than a hundredth of a percent; `tax-rate-range`.
    pub fn parse_percent(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::new(RefusalCode::Invalid, "tax-rate-invalid").with("value", text);
        let trimmed = text.trim();
        let percent: Decimal = trimmed.strip_suffix('%').unwrap_or(trimmed).trim().parse().map_err(|_| bad())?;
        let scaled = percent.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(bad)?;
        if !scaled.fract().is_zero() {
            return Err(bad());
        }
        let out = || Refusal::new(RefusalCode::OutOfRange, "tax-rate-range").with("value", text);
        u32::try_from(scaled).map_err(|_| out()).and_then(|bp| Self::new(bp).map_err(|_| out()))
    }
    /// Hundredths of a percent.
    pub const fn basis_points(self) -> u32 {
        self.0
    }
}

impl fmt::Display for TaxRate {
    /// In percent without needless zeros: `9`, `9.5`, `23.33`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole}"),
            p if p % 10 == 0 => write!(f, "{whole}.{}", p / 10),
            p => write!(f, "{whole}.{p:02}"),
        }
    }
}
impl TryFrom<u32> for TaxRate {
    type Error = String;
    fn try_from(value: u32) -> Result<Self, String> {
        Self::new(value).map_err(|_| format!("tax rate {value} is above 100 %"))
    }
}
impl From<TaxRate> for u32 {
    fn from(rate: TaxRate) -> Self {
        rate.0
    }
}

/// An exact fraction that is rounded once: `numerator / denominator` minor units, half away from zero.
///
/// # Errors
/// `None` when the denominator is not positive or the result leaves 64 bits.
pub fn round_half_away(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let doubled = numerator.unsigned_abs().checked_mul(2)?.checked_add(denominator.unsigned_abs())?;
    let magnitude = i128::try_from(doubled / denominator.unsigned_abs().checked_mul(2)?).ok()?;
    i64::try_from(if numerator < 0 { -magnitude } else { magnitude }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_rates_read_and_print() {
        for (bp, text) in [(0, "0"), (600, "6"), (950, "9.5"), (2333, "23.33"), (1, "0.01"), (10_000, "100")] {
            assert_eq!(TaxRate::new(bp).expect("rate").to_string(), text);
            assert_eq!(TaxRate::parse_percent(&format!(" {text}% ")).map(TaxRate::basis_points), Ok(bp));
        }
        assert!(TaxRate::new(10_001).is_err());
        assert!(serde_json::from_str::<TaxRate>("10001").is_err());
        for (text, rule) in [
            ("", "tax-rate-invalid"),
            ("6.001", "tax-rate-invalid"),
            ("-1", "tax-rate-range"),
            ("101", "tax-rate-range"),
        ] {
            assert_eq!(TaxRate::parse_percent(text).map_err(|r| r.rule), Err(rule), "{text}");
        }
    }

    #[test]
    fn rounds_half_away_from_zero_once() {
        // D6.1: 2.345 and 2.335 at two digits round up, where half-even would not.
        assert_eq!(round_half_away(2345, 10), Some(235));
        assert_eq!(round_half_away(2335, 10), Some(234));
        assert_eq!(round_half_away(-2345, 10), Some(-235));
        assert_eq!(round_half_away(1, 0), None);
    }

    #[test]
    fn parses_and_prints_by_currency() {
        let jpy = Currency::parse("JPY").expect("currency");
        assert_eq!(Money::parse_major("1,234.5", Currency::CNY).map(|m| m.minor), Ok(123_450));
        assert_eq!(Money::new(-5, Currency::CNY).major(), "-0.05");
        assert_eq!(Money::new(323, jpy).major(), "323");
        assert!(Money::parse_major("0.005", Currency::CNY).is_err());
        assert!(Money::parse_major("1.5", jpy).is_err());
        assert!(Money::new(1, jpy).plus(Money::new(1, Currency::CNY)).is_err());
        assert!(Currency::parse("cny").is_err());
    }
}
