//! Numbers and due dates.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use voxpark_domain::{Refusal, RefusalCode};

/// The number of an issued invoice: `{series}-{year}-{sequence:06}`, such as `A-2026-000017`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InvoiceNumber {
    series: String,
    year: u16,
    sequence: u32,
}

impl InvoiceNumber {
    /// From its parts: a series of 1 to 12 capital letters and digits, a year 2000-9999, a sequence from 1.
    ///
    /// # Errors
    /// `invoice-series-invalid`, `invoice-number-range`.
    pub fn new(series: &str, year: i32, sequence: u32) -> Result<Self, Refusal> {
        if !(1..=12).contains(&series.len()) || !series.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return Err(Refusal::new(RefusalCode::Invalid, "invoice-series-invalid").with("value", series));
        }
        let range = || Refusal::new(RefusalCode::OutOfRange, "invoice-number-range");
        let year = u16::try_from(year).ok().filter(|y| (2000..=9999).contains(y)).ok_or_else(range)?;
        if sequence == 0 {
            return Err(range());
        }
        Ok(Self { series: series.to_owned(), year, sequence })
    }
    /// The series.
    pub fn series(&self) -> &str {
        &self.series
    }
    /// The year it was issued in.
    pub fn year(&self) -> i32 {
        i32::from(self.year)
    }
    /// Its place in series and year.
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }
}

impl fmt::Display for InvoiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:06}", self.series, self.year, self.sequence)
    }
}
impl FromStr for InvoiceNumber {
    type Err = Refusal;
    /// Reads exactly what it prints.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let parse = || {
            let (rest, sequence) = text.rsplit_once('-')?;
            let (series, year) = rest.rsplit_once('-')?;
            Self::new(series, year.parse().ok()?, sequence.parse().ok()?).ok().filter(|n| n.to_string() == text)
        };
        parse().ok_or_else(|| Refusal::new(RefusalCode::Invalid, "invoice-number-invalid").with("value", text))
    }
}

/// When an invoice is due: so many days after the day of issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentTerms(u16);

impl PaymentTerms {
    /// Days to pay, 0 (at once) to 365.
    ///
    /// # Errors
    /// `payment-days-range`.
    pub fn net_days(days: i64) -> Result<Self, Refusal> {
        u16::try_from(days).ok().filter(|d| *d <= 365).map(Self).ok_or_else(|| {
            Refusal::new(RefusalCode::OutOfRange, "payment-days-range").at("paymentDays").with("value", days)
        })
    }
    /// Days to pay.
    pub const fn days(self) -> u16 {
        self.0
    }
    /// The last day on which the invoice is paid in time.
    pub fn due_on(self, issued_on: NaiveDate) -> NaiveDate {
        issued_on.checked_add_days(Days::new(u64::from(self.0))).unwrap_or(NaiveDate::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_and_read_back() {
        let number = InvoiceNumber::new("A", 2026, 17).expect("number");
        assert_eq!(number.to_string(), "A-2026-000017");
        assert_eq!("A-2026-000017".parse(), Ok(number));
        let long = InvoiceNumber::new("RENT2", 2026, 12_345_678).expect("number");
        assert_eq!(long.to_string().parse(), Ok(long));
        for bad in [
            "",
            "A-2026-17",
            "A-2026-0000017",
            "a-2026-000017",
            "A-26-000017",
            "A-2026-000000",
            "A-2026-",
            "-2026-000001",
        ] {
            assert_eq!(bad.parse::<InvoiceNumber>().map_err(|r| r.rule), Err("invoice-number-invalid"), "{bad}");
        }
        assert_eq!(InvoiceNumber::new("A B", 2026, 1).map_err(|r| r.rule), Err("invoice-series-invalid"));
        assert_eq!(InvoiceNumber::new("A", 2026, 0).map_err(|r| r.rule), Err("invoice-number-range"));
        assert_eq!(InvoiceNumber::new("A", 1999, 1).map_err(|r| r.rule), Err("invoice-number-range"));
    }

    #[test]
    fn due_dates() {
        let issued: NaiveDate = "2026-02-20".parse().expect("date");
        let due = |days| PaymentTerms::net_days(days).map(|t| t.due_on(issued).to_string());
        assert_eq!(due(0), Ok("2026-02-20".to_owned()));
        assert_eq!(due(14), Ok("2026-03-06".to_owned()));
        assert_eq!(due(-1).map_err(|r| r.rule), Err("payment-days-range"));
        assert_eq!(due(366).map_err(|r| r.rule), Err("payment-days-range"));
    }
}
