//! What follows from entries: balances, trial balance, ageing, tax, statements, the journal. Pure folds with exact sums; each
//! may leave out what was recorded later, so that any report can be drawn up as it was known.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::time::{Month, Period};
use voxpark_domain::{Refusal, Result};

use super::{Account, Chart, Document, Entry, Item, Line, Payer, PostingKey, Stream, Text};
use crate::pricing::out_of_range;

/// As of which day, and as known when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The last day that counts.
    pub day: NaiveDate,
    /// What was recorded after this instant does not count; `None` = as known now.
    pub known_at: Option<DateTime<Utc>>,
}

impl AsOf {
    /// As of a day, as known now.
    pub const fn day(day: NaiveDate) -> Self {
        Self { day, known_at: None }
    }
    fn knows(self, entry: &Entry) -> bool {
        self.known_at.is_none_or(|instant| entry.stamp().recorded_at <= instant)
    }
    fn sees(self, entry: &Entry) -> bool {
        entry.on() <= self.day && self.knows(entry)
    }
}

fn add<K: Ord>(to: &mut BTreeMap<K, i64>, key: K, minor: i64) -> Result<(), Refusal> {
    let sum = to.entry(key).or_default();
    *sum = sum.checked_add(minor).ok_or_else(out_of_range)?;
    Ok(())
}

fn lines(entries: &[Entry], as_of: AsOf) -> impl Iterator<Item = (&Entry, &Line)> {
    entries
        .iter()
        .filter(move |entry| as_of.sees(entry))
        .flat_map(|entry| entry.lines().iter().map(move |l| (entry, l)))
}

/// The balance of an account in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// The account.
    pub account: Account,
    /// The currency.
    pub currency: Currency,
    /// Minor units, debit above zero.
    pub minor: i64,
}

/// Balances as of a day, accounts in order; none of 0.
///
/// # Errors
/// `amount-out-of-range`.
pub fn balances(entries: &[Entry], as_of: AsOf) -> Result<Vec<BalanceRow>, Refusal> {
    let mut sums = BTreeMap::new();
    for (_, line) in lines(entries, as_of) {
        add(&mut sums, (line.account, line.currency), line.minor)?;
    }
    let row = |((account, currency), minor)| BalanceRow { account, currency, minor };
    Ok(sums.into_iter().filter(|(_, minor)| *minor != 0).map(row).collect())
}

/// What was booked as earned of a stream until the end of a day. Minor units, revenue above zero.
///
/// # Errors
/// `amount-out-of-range`.
pub fn recognised(entries: &[Entry], stream: Stream, as_of: AsOf) -> Result<i64, Refusal> {
    let of = |line: &Line| line.about.stream == Some(stream) && matches!(line.account, Account::Earned(_));
    let mut earned = lines(entries, as_of).filter(|(_, line)| of(line));
    earned.try_fold(0_i64, |sum, (_, line)| sum.checked_sub(line.minor)).ok_or_else(out_of_range)
}

/// An account of a trial balance. Minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialRow {
    /// The account.
    pub account: Account,
    /// The currency.
    pub currency: Currency,
    /// Balance before the first day, debit above zero.
    pub opening: i64,
    /// Debits of the days, 0 or more.
    pub debit: i64,
    /// Credits of the days, 0 or more.
    pub credit: i64,
    /// Balance after the last day, debit above zero.
    pub closing: i64,
}

/// The sums of a currency: openings and closings are 0, debits equal credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrialTotal {
    /// Sum of the openings.
    pub opening: i64,
    /// Sum of the debits.
    pub debit: i64,
    /// Sum of the credits.
    pub credit: i64,
    /// Sum of the closings.
    pub closing: i64,
}

/// Opening, movement and closing of every account (试算平衡表).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrialBalance {
    /// Accounts in order.
    pub rows: Vec<TrialRow>,
    /// Sums by currency.
    pub totals: BTreeMap<Currency, TrialTotal>,
}

/// The trial balance of days, as known at an instant.
///
/// # Errors
/// `amount-out-of-range`.
pub fn trial_balance(
    entries: &[Entry],
    days: Period,
    known_at: Option<DateTime<Utc>>,
) -> Result<TrialBalance, Refusal> {
    let more = |a: i64, b: i64| a.checked_add(b).ok_or_else(out_of_range);
    let mut sums: BTreeMap<(Account, Currency), TrialTotal> = BTreeMap::new();
    let until = days.to.and_then(|end| end.pred_opt()).unwrap_or(NaiveDate::MAX);
    for (entry, line) in lines(entries, AsOf { day: until, known_at }) {
        let sum = sums.entry((line.account, line.currency)).or_default();
        if entry.on() < days.from {
            sum.opening = more(sum.opening, line.minor)?;
        } else if line.minor > 0 {
            sum.debit = more(sum.debit, line.minor)?;
        } else {
            sum.credit = sum.credit.checked_sub(line.minor).ok_or_else(out_of_range)?;
        }
        sum.closing = more(sum.closing, line.minor)?;
    }
    let mut trial = TrialBalance::default();
    for ((account, currency), sum) in sums {
        if (sum.opening, sum.debit, sum.credit) == (0, 0, 0) {
            continue;
        }
        let total = trial.totals.entry(currency).or_default();
        total.opening = more(total.opening, sum.opening)?;
        total.debit = more(total.debit, sum.debit)?;
        total.credit = more(total.credit, sum.credit)?;
        total.closing = more(total.closing, sum.closing)?;
        let TrialTotal { opening, debit, credit, closing } = sum;
        trial.rows.push(TrialRow { account, currency, opening, debit, credit, closing });
    }
    Ok(trial)
}

/// How long a payer has owed what. Minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ageing {
    /// The due day is not over.
    pub not_due: i64,
    /// 1 to 30 days over.
    pub to_30: i64,
    /// 31 to 60 days over.
    pub to_60: i64,
    /// 61 to 90 days over.
    pub to_90: i64,
    /// More than 90 days over.
    pub beyond: i64,
    /// Credit that is applied to nothing; stands beside what is owed and is not taken off it.
    pub unapplied: i64,
}

impl Ageing {
    /// Adds what has been owed for so many days since it was due.
    pub(super) fn owe(&mut self, late: i64, minor: i64) -> Result<(), Refusal> {
        let bucket = match late {
            ..=0 => &mut self.not_due,
            1..=30 => &mut self.to_30,
            31..=60 => &mut self.to_60,
            61..=90 => &mut self.to_90,
            _ => &mut self.beyond,
        };
        *bucket = bucket.checked_add(minor).ok_or_else(out_of_range)?;
        Ok(())
    }
    /// Everything that is owed.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn owed(&self) -> Result<i64, Refusal> {
        let all = [self.not_due, self.to_30, self.to_60, self.to_90, self.beyond];
        all.into_iter().try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)
    }
}

/// A payer of an ageing list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeingRow {
    /// Who.
    pub payer: Payer,
    /// The currency.
    pub currency: Currency,
    /// What is owed since when.
    pub ageing: Ageing,
}

/// Who owes what since when, by what is open on each invoice (账龄分析). Payers in order; none who owes nothing and has nothing.
///
/// # Errors
/// `amount-out-of-range`.
pub fn ageing(entries: &[Entry], as_of: AsOf) -> Result<Vec<AgeingRow>, Refusal> {
    let (mut open, mut due): (BTreeMap<(Item, Currency), i64>, BTreeMap<Item, NaiveDate>) =
        (BTreeMap::new(), BTreeMap::new());
    let mut rows: BTreeMap<(Payer, Currency), Ageing> = BTreeMap::new();
    for (_, line) in lines(entries, as_of) {
        match (line.account, line.about.document) {
            (Account::Receivable(payer), Some(Document::Invoice(invoice))) => {
                let item = Item { invoice, payer };
                add(&mut open, (item, line.currency), line.minor)?;
                if let Some(day) = line.about.due_on {
                    due.entry(item).or_insert(day);
                }
            }
            (Account::Prepaid(payer), _) => {
                let row = rows.entry((payer, line.currency)).or_default();
                row.unapplied = row.unapplied.checked_sub(line.minor).ok_or_else(out_of_range)?;
            }
            _ => {}
        }
    }
    for ((item, currency), minor) in open {
        let late = due.get(&item).map_or(0, |day| (as_of.day - *day).num_days());
        let row = rows.entry((item.payer, currency)).or_default();
        row.owe(late, minor)?;
    }
    let row = |((payer, currency), ageing)| AgeingRow { payer, currency, ageing };
    Ok(rows.into_iter().filter(|(_, ageing)| *ageing != Ageing::default()).map(row).collect())
}

/// What was sold and taxed at a rate. Minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatRow {
    /// The month of the tax point.
    pub month: Month,
    /// The rate.
    pub rate: TaxRate,
    /// The currency.
    pub currency: Currency,
    /// Before tax, less what was taken back.
    pub net: i64,
    /// The tax.
    pub tax: i64,
}

/// Tax by month of the tax point and rate; also what was sold at rate 0. `points` are the tax points that count.
///
/// # Errors
/// `amount-out-of-range`.
pub fn vat_report(entries: &[Entry], points: Period, known_at: Option<DateTime<Utc>>) -> Result<Vec<VatRow>, Refusal> {
    let mut rows: BTreeMap<(Month, TaxRate, Currency), (i64, i64)> = BTreeMap::new();
    for (_, line) in lines(entries, AsOf { day: NaiveDate::MAX, known_at }) {
        let Some(tax) = line.about.tax.filter(|tax| points.contains(tax.point)) else { continue };
        let (net, of_tax) = rows.entry((Month::of(tax.point), tax.rate, line.currency)).or_default();
        let sum = match line.account {
            Account::TaxPayable(_) => of_tax,
            account if account.is_income() => net,
            _ => continue,
        };
        *sum = sum.checked_sub(line.minor).ok_or_else(out_of_range)?;
    }
    let row = |((month, rate, currency), (net, tax))| VatRow { month, rate, currency, net, tax };
    Ok(rows.into_iter().map(row).collect())
}

/// A line of the statement of account of a payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// The day it is booked on.
    pub on: NaiveDate,
    /// The entry.
    pub key: PostingKey,
    /// What it says.
    pub text: Text,
    /// The currency.
    pub currency: Currency,
    /// What the payer owes more (below zero: less, or has in credit). Minor units.
    pub minor: i64,
    /// What the payer owes after it; below zero what it has in credit.
    pub balance: i64,
}

/// What happened on the account of a payer, by day and number, with a running balance by currency (对账单). Deposits are not part
/// of it. What moves nothing (credit that is applied to the payer's own invoice) is shown with 0.
///
/// # Errors
/// `amount-out-of-range`.
pub fn statement(entries: &[Entry], payer: Payer, as_of: AsOf) -> Result<Vec<StatementRow>, Refusal> {
    let mut ordered: Vec<&Entry> = entries.iter().filter(|entry| as_of.sees(entry)).collect();
    ordered.sort_by_key(|entry| (entry.on(), entry.stamp().number));
    let mut balance: BTreeMap<Currency, i64> = BTreeMap::new();
    let mut rows = Vec::new();
    for entry in ordered {
        let mut moved: BTreeMap<Currency, i64> = BTreeMap::new();
        for line in entry.lines() {
            if let Account::Receivable(whose) | Account::Prepaid(whose) = line.account
                && whose == payer
            {
                add(&mut moved, line.currency, line.minor)?;
            }
        }
        for (currency, minor) in moved {
            add(&mut balance, currency, minor)?;
            let (on, key, text) = (entry.on(), entry.key().clone(), entry.head().text.clone());
            let balance = balance.get(&currency).copied().unwrap_or(0);
            rows.push(StatementRow { on, key, text, currency, minor, balance });
        }
    }
    Ok(rows)
}

/// A row of the journal as accounting systems read it (记账凭证).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// The number of the entry.
    pub entry: u64,
    /// Its line, from 1.
    pub line: usize,
    /// The day it is booked on.
    pub on: NaiveDate,
    /// The month it is about.
    pub about: Month,
    /// The key of the entry.
    pub key: PostingKey,
    /// What it says.
    pub text: Text,
    /// The number of the account.
    pub number: String,
    /// Its name.
    pub title: Bilingual,
    /// Payer, kind or rate inside the account; empty where there is one only.
    pub detail: String,
    /// The currency.
    pub currency: Currency,
    /// Major units with the digits of the currency; empty on the other side.
    pub debit: String,
    /// Major units with the digits of the currency; empty on the other side.
    pub credit: String,
    /// The document; empty where there is none.
    pub document: String,
    /// The entry that it takes back.
    pub reverses: Option<PostingKey>,
}

/// The lines of the entries booked on some days, by number.
///
/// # Errors
/// `amount-out-of-range`; [`voxpark_domain::Error::Internal`] when an account is not in the chart, which reading one excludes.
pub fn journal(entries: &[Entry], days: Period, chart: &Chart) -> Result<Vec<JournalRow>> {
    let mut rows = Vec::new();
    for entry in entries.iter().filter(|entry| days.contains(entry.on())) {
        for (line, of) in (1_usize..).zip(entry.lines()) {
            let row = chart.row(of.account)?;
            let amount = |minor: i64| Money::new(minor, of.currency).major();
            let (debit, credit) = if of.minor > 0 {
                (amount(of.minor), String::new())
            } else {
                (String::new(), amount(of.minor.checked_neg().ok_or_else(out_of_range)?))
            };
            rows.push(JournalRow {
                entry: entry.stamp().number,
                line,
                on: entry.on(),
                about: entry.about(),
                key: entry.key().clone(),
                text: entry.head().text.clone(),
                number: row.number.clone(),
                title: row.title.clone(),
                detail: of.account.detail(),
                currency: of.currency,
                debit,
                credit,
                document: of.about.document.map(|document| document.to_string()).unwrap_or_default(),
                reverses: entry.head().reverses.clone(),
            });
        }
    }
    Ok(rows)
}
