//! The quote (报价): what a lead would lease, for how much and for how long. What was sent is never edited; the next
//! version replaces it.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::lead::{MAX_TEXT, Private};
use crate::error::{Error, Refusal, RefusalCode, Refusals};
use crate::estate::SeatProduct;
use crate::ids::{LeadId, LeaseId, QuoteId};
use crate::leasing::{LeaseTerms, Proration, read_steps};
use crate::money::{Currency, Money, TaxRate, round_half_away};
use crate::page::SortKey;
use crate::permission::listed;
use crate::time::Period;

/// The most lines of a quote.
const MAX_LINES: usize = 10;
/// The most seats of a quote.
const MAX_SEATS: i64 = 5_000;
/// The longest term, in calendar months that it touches.
const MAX_MONTHS: i32 = 180;
/// The longest notice, in days.
const MAX_NOTICE_DAYS: i64 = 730;
/// The most months of rent that a deposit is of.
const MAX_DEPOSIT_MONTHS: i64 = 24;

listed! {
    /// Where a quote is in its life. [`Self::Expired`] is never stored: it follows from the day.
    QuoteState {
        /// It can still be changed; nobody outside the park has seen it.
        Draft = "draft",
        /// The lead has it and can accept it.
        Sent = "sent",
        /// The lead accepted: there is a lease for each of its lines.
        Accepted = "accepted",
        /// The lead does not want it.
        Declined = "declined",
        /// It was sent, and its last day is over.
        Expired = "expired",
        /// The park took it back, or a later version replaced it.
        Withdrawn = "withdrawn",
    }
}

/// The number of a quote, one for all of its versions: `Q-2026-0001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuoteNumber {
    /// The year in which it was drawn up.
    pub year: i64,
    /// Its place in the year, from 1.
    pub sequence: i64,
}

impl fmt::Display for QuoteNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Q-{}-{:04}", self.year, self.sequence)
    }
}

/// What is paid as security.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deposit {
    /// So many months of the rent of all seats of the line at the first price, before tax.
    Months(i64),
    /// This much.
    Amount(Money),
}

/// A line of a quote: the lease it would become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteLine {
    /// How many seats.
    pub seats: i64,
    /// What they would lease; its deposit is that of [`Self::deposit`] in money.
    pub terms: LeaseTerms,
    /// Security.
    pub deposit: Deposit,
    /// Days of notice.
    pub notice_days: i64,
    /// The lease that it became.
    pub lease: Option<LeaseId>,
}

/// What a line is asked to say; amounts and rates as text, because they are read in the park's currency.
#[derive(Clone, Debug)]
pub struct QuoteLineDraft {
    /// How many seats.
    pub seats: i64,
    /// What is sold.
    pub product: SeatProduct,
    /// First day.
    pub term_from: NaiveDate,
    /// The day after the last.
    pub term_to: NaiveDate,
    /// For a seat and month before tax, in major units.
    pub unit_price: String,
    /// Value added tax in percent.
    pub tax_rate_percent: String,
    /// How parts of a month count, see [`Proration::parse`].
    pub proration: String,
    /// Closed ranges inside the term on which nothing is charged.
    pub rent_free: Vec<Period>,
    /// First day and price of each later price, in major units.
    pub steps: Vec<(NaiveDate, String)>,
    /// Security as months of rent.
    pub deposit_months: Option<i64>,
    /// Security in major units; with neither, none is asked for.
    pub deposit: Option<String>,
    /// Days to pay an invoice.
    pub payment_days: i64,
    /// Days of notice.
    pub notice_days: i64,
}

impl QuoteLineDraft {
    /// As a line, with everything that is wrong with it.
    ///
    /// # Errors
    /// All that apply: `quote-seats`, `money-invalid`, `tax-rate-invalid`, `tax-rate-range`, `proration-invalid`, those
    /// of [`LeaseTerms::check`], `quote-term-too-long`, `quote-deposit-twice`, `deposit-months-range`, `notice-days-range`.
    pub fn read(&self, currency: Currency) -> Result<QuoteLine, Error> {
        let mut bad = Refusals::new();
        let zero = Money::zero(currency);
        let mut keep = |path: String, refusal: Refusal| bad.push(refusal.at(path));
        let mut money = |path: &str, text: &str| {
            Money::parse_major(text, currency).map_err(|r| keep(path.to_owned(), r)).unwrap_or(zero)
        };
        let unit_price = money("unitPrice", &self.unit_price);
        let amount = self.deposit.as_ref().map(|text| money("deposit", text));
        let tax_rate = TaxRate::parse_percent(&self.tax_rate_percent).map_err(|r| keep("taxRatePercent".to_owned(), r));
        let proration = Proration::parse(&self.proration).map_err(|r| keep("proration".to_owned(), r));
        let deposit = match (self.deposit_months, amount) {
            (Some(months), None) => Deposit::Months(months),
            (_, amount) => Deposit::Amount(amount.unwrap_or(zero)),
        };
        bad.when(self.deposit_months.is_some() && amount.is_some(), || {
            Refusal::new(RefusalCode::Invalid, "quote-deposit-twice").at("deposit")
        });
        let mut line = QuoteLine {
            seats: self.seats,
            terms: LeaseTerms {
                term_from: self.term_from,
                term_to: self.term_to,
                product: self.product,
                unit_price,
                price_steps: Vec::new(),
                price_book: None,
                tax_rate: tax_rate.unwrap_or(TaxRate::ZERO),
                proration: proration.unwrap_or(Proration::ByDay),
                rent_free: self.rent_free.clone(),
                deposit: zero,
                payment_days: self.payment_days,
            },
            deposit,
            notice_days: self.notice_days,
            lease: None,
        };
        line.terms.price_steps = read_steps(&self.steps, currency, &mut bad);
        line.terms.deposit = line.deposit_money().unwrap_or(zero);
        line.check(&mut bad);
        bad.finish()?;
        Ok(line)
    }
}

impl QuoteLine {
    /// The security in money: nothing when it leaves the range of 64 bits.
    pub fn deposit_money(&self) -> Option<Money> {
        match self.deposit {
            Deposit::Amount(money) => Some(money),
            Deposit::Months(months) => {
                let rent = i128::from(self.terms.unit_price.minor).checked_mul(i128::from(self.seats))?;
                let minor = round_half_away(rent.checked_mul(i128::from(months))?, 1)?;
                Some(Money::new(minor, self.terms.unit_price.currency))
            }
        }
    }

    /// The calendar months that the term touches.
    pub fn months(&self) -> i32 {
        let at =
            |day: NaiveDate| day.year().saturating_mul(12).saturating_add(i32::try_from(day.month0()).unwrap_or(0));
        let last = self.terms.term_to.pred_opt().unwrap_or(self.terms.term_to);
        at(last).saturating_sub(at(self.terms.term_from)).saturating_add(1)
    }

    fn check(&self, bad: &mut Refusals) {
        self.terms.check(bad);
        bad.when(!(1..=MAX_SEATS).contains(&self.seats), || {
            Refusal::new(RefusalCode::OutOfRange, "quote-seats").at("seats").with("max", MAX_SEATS)
        });
        bad.when(self.months() > MAX_MONTHS, || {
            Refusal::new(RefusalCode::OutOfRange, "quote-term-too-long").at("termTo").with("max", i64::from(MAX_MONTHS))
        });
        bad.when(!(0..=MAX_NOTICE_DAYS).contains(&self.notice_days), || {
            Refusal::new(RefusalCode::OutOfRange, "notice-days-range").at("noticeDays").with("max", MAX_NOTICE_DAYS)
        });
        let months = if let Deposit::Months(months) = self.deposit { months } else { 0 };
        bad.when(!(0..=MAX_DEPOSIT_MONTHS).contains(&months), || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "deposit-months-range").at("depositMonths");
            refusal.with("max", MAX_DEPOSIT_MONTHS)
        });
    }
}

/// What a quote is asked to say.
#[derive(Clone, Debug)]
pub struct QuoteDraft {
    /// The last day on which it can be accepted.
    pub valid_until: NaiveDate,
    /// In words; may be empty. Stands on the quote.
    pub remark: Private,
    /// Of every amount, and of the leases that come of it; `None` = that of the park.
    pub currency: Option<Currency>,
    /// 1 to 10.
    pub lines: Vec<QuoteLineDraft>,
}

impl QuoteDraft {
    /// Its lines, with everything that is wrong with the whole.
    ///
    /// # Errors
    /// All that apply: `quote-valid-past`, `text-too-long`, `quote-lines`, `quote-seats` (of all lines together) and
    /// those of [`QuoteLineDraft::read`], each with the place of the line.
    pub fn read(&self, currency: Currency, today: NaiveDate) -> Result<Vec<QuoteLine>, Error> {
        let mut bad = Refusals::new();
        bad.when(self.valid_until < today, || {
            Refusal::new(RefusalCode::OutOfRange, "quote-valid-past").at("validUntil").with("today", today)
        });
        self.remark.at_most("remark", MAX_TEXT, &mut bad);
        bad.when(self.lines.is_empty() || self.lines.len() > MAX_LINES, || {
            Refusal::new(RefusalCode::OutOfRange, "quote-lines").at("lines").with("max", MAX_LINES)
        });
        let mut lines = Vec::with_capacity(self.lines.len());
        for (at, draft) in self.lines.iter().take(MAX_LINES).enumerate() {
            match draft.read(currency) {
                Ok(line) => lines.push(line),
                Err(Error::Refused(list)) => list.into_iter().for_each(|refusal| {
                    let path = format!("lines.{at}.{}", refusal.path);
                    bad.push(refusal.at(path));
                }),
                Err(other) => return Err(other),
            }
        }
        let seats: i64 = lines.iter().map(|line| line.seats).fold(0, i64::saturating_add);
        bad.when(seats > MAX_SEATS, || {
            Refusal::new(RefusalCode::OutOfRange, "quote-seats").at("lines").with("max", MAX_SEATS)
        });
        bad.finish()?;
        Ok(lines)
    }
}

/// One version of a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its id.
    pub id: QuoteId,
    /// For whom.
    pub lead: LeadId,
    /// Its number, shared by its versions.
    pub number: QuoteNumber,
    /// 1, 2, ...
    pub version: i64,
    /// As it is stored, see [`Self::state_on`].
    pub state: QuoteState,
    /// The last day on which it can be accepted.
    pub valid_until: NaiveDate,
    /// In words; may be empty. Stands on the quote.
    pub remark: Private,
    /// At least one.
    pub lines: Vec<QuoteLine>,
    /// When it was drawn up.
    pub created_at: DateTime<Utc>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was accepted, declined or withdrawn.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was declined or withdrawn; may be empty.
    pub end_remark: Private,
}

impl Quote {
    /// Where it is in its life on a day.
    pub fn state_on(&self, today: NaiveDate) -> QuoteState {
        if self.state == QuoteState::Sent && self.valid_until < today { QuoteState::Expired } else { self.state }
    }
    /// Refuses what is only done in one of some states.
    ///
    /// # Errors
    /// `quote-state`.
    pub fn must_be(&self, states: &[QuoteState], today: NaiveDate) -> Result<(), Refusal> {
        let state = self.state_on(today);
        if states.contains(&state) {
            return Ok(());
        }
        let refusal = Refusal::new(RefusalCode::State, "quote-state").at("quoteId");
        Err(refusal.with("number", self.number.to_string()).with("state", state.name()))
    }
}

/// Which quotes are asked for; what is `None` does not restrict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuoteFilter {
    /// That stand so today.
    pub state: Option<QuoteState>,
    /// That were sent, can still be accepted, and no longer after this day.
    pub valid_by: Option<NaiveDate>,
}

/// What quotes can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QuoteSort {
    /// Their number, then their version.
    #[default]
    Number,
    /// The last day on which they can be accepted.
    ValidUntil,
}

impl SortKey for QuoteSort {
    fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::ValidUntil => "valid_until",
        }
    }
    const LARGEST_FIRST: bool = true;
}

#[cfg(test)]
mod tests;
