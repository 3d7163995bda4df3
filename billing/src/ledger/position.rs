//! Where everything stands: a fold over entries, from which the posting rules read what they may still book.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use voxpark_domain::ids::{InvoiceId, LeaseId};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::time::Period;
use voxpark_domain::{Refusal, RefusalCode};

use super::{
    Account, CashKind, DepositId, Document, Entry, How, Income, Item, Line, Payer, PostingKey, Schedule, Stream,
};
use crate::pricing::out_of_range;

/// A line of an invoice as it was booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sold {
    /// What it is.
    pub income: Income,
    /// What it is earned by; `None` = with the invoice.
    pub stream: Option<Stream>,
    /// The lease.
    pub lease: Option<LeaseId>,
    /// The days of the service.
    pub service: Option<Period>,
    /// The rate.
    pub rate: TaxRate,
    /// The day its invoice is booked on.
    pub invoiced_on: NaiveDate,
}

/// A deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub payer: Payer,
    pub lease: Option<LeaseId>,
    pub minor: i64,
}

/// Where everything stands. Amounts are minor units of the currency of the document; each is 0 or more in sound books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    currencies: BTreeMap<Document, Currency>,
    open: BTreeMap<Item, i64>,
    prepaid: BTreeMap<(Payer, Document), i64>,
    applied: BTreeMap<Item, BTreeMap<Document, i64>>,
    received: BTreeMap<Document, (i64, CashKind)>,
    issued: BTreeMap<Item, i64>,
    returned: BTreeMap<Item, i64>,
    given_up: BTreeMap<Item, i64>,
    deposits: BTreeMap<DepositId, Held>,
    sold: BTreeMap<(InvoiceId, u32), Sold>,
    net: BTreeMap<(InvoiceId, u32), i64>,
    tax: BTreeMap<(InvoiceId, u32), i64>,
    carried: BTreeMap<Stream, i64>,
    earned: BTreeMap<Stream, i64>,
    until: BTreeMap<Stream, BTreeMap<PostingKey, NaiveDate>>,
    schedules: BTreeMap<Stream, Schedule>,
    stream_currency: BTreeMap<Stream, Currency>,
}

fn add<K: Ord>(to: &mut BTreeMap<K, i64>, key: K, minor: i64) -> Result<(), Refusal> {
    let sum = to.entry(key).or_default();
    *sum = sum.checked_add(minor).ok_or_else(out_of_range)?;
    Ok(())
}

impl Positions {
    /// Where entries lead. What terms were planned is told beside them.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<Self, Refusal> {
        let mut positions = Self::default();
        for entry in entries {
            positions.fold(entry)?;
        }
        Ok(positions)
    }
    /// Adds an entry.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn fold(&mut self, entry: &Entry) -> Result<(), Refusal> {
        let back = entry.head().reverses.as_ref();
        for line in entry.lines() {
            self.fold_line(line, entry.on())?;
            if let (Some(stream), Some(until)) = (line.about.stream, line.about.earned_until) {
                let marks = self.until.entry(stream).or_default();
                match back {
                    Some(key) => drop(marks.remove(key)),
                    None => drop(marks.insert(entry.key().clone(), until)),
                }
            }
        }
        Ok(())
    }
    fn fold_line(&mut self, line: &Line, on: NaiveDate) -> Result<(), Refusal> {
        let (about, minor) = (&line.about, line.minor);
        let credit = minor.checked_neg().ok_or_else(out_of_range)?;
        for document in [about.document, about.by].into_iter().flatten() {
            self.currencies.entry(document).or_insert(line.currency);
        }
        if let Some(stream) = about.stream {
            self.stream_currency.entry(stream).or_insert(line.currency);
        }
        match (line.account, about.document, about.by) {
            (Account::Receivable(payer), Some(Document::Invoice(invoice)), by) => {
                let item = Item { invoice, payer };
                add(&mut self.open, item, minor)?;
                if by.is_none() && about.how == How::Plain {
                    add(&mut self.issued, item, minor)?;
                }
                match (about.how, by) {
                    (How::GivenUp, _) => add(&mut self.given_up, item, credit)?,
                    (How::Plain, Some(source)) if !matches!(source, Document::Invoice(_)) => {
                        add(self.applied.entry(item).or_default(), source, credit)?;
                    }
                    _ => {}
                }
            }
            (Account::Cash(cash), Some(source @ Document::Payment(_)), None) => {
                let sum = &mut self.received.entry(source).or_insert((0, cash)).0;
                *sum = sum.checked_add(minor).ok_or_else(out_of_range)?;
            }
            (Account::Prepaid(payer), Some(source), by) => {
                add(&mut self.prepaid, (payer, source), credit)?;
                if let Some(Document::Invoice(invoice)) = by {
                    add(&mut self.returned, Item { invoice, payer }, credit)?;
                }
            }
            (Account::DepositHeld(payer), Some(Document::Deposit(deposit)), _) => {
                let held = self.deposits.entry(deposit).or_insert(Held { payer, lease: about.lease, minor: 0 });
                held.minor = held.minor.checked_add(credit).ok_or_else(out_of_range)?;
            }
            (Account::TaxPayable(_), Some(Document::Invoice(invoice)), _) => {
                if let Some(line) = about.line {
                    add(&mut self.tax, (invoice, line), credit)?;
                }
            }
            (account, document, _) if account.is_income() => self.fold_income(line, document, credit, on)?,
            _ => {}
        }
        Ok(())
    }
    fn fold_income(
        &mut self,
        line: &Line,
        document: Option<Document>,
        credit: i64,
        invoiced_on: NaiveDate,
    ) -> Result<(), Refusal> {
        let about = &line.about;
        let (Account::Accrued(income) | Account::Deferred(income) | Account::Earned(income)) = line.account else {
            return Ok(());
        };
        if let (Some(Document::Invoice(invoice)), Some(at)) = (document, about.line) {
            add(&mut self.net, (invoice, at), credit)?;
            if let (Some(tax), None) = (about.tax, about.by) {
                let (stream, lease, service, rate) = (about.stream, about.lease, about.service, tax.rate);
                let sold = Sold { income, stream, lease, service, rate, invoiced_on };
                self.sold.entry((invoice, at)).or_insert(sold);
            }
        }
        let Some(stream) = about.stream else { return Ok(()) };
        let sum = if matches!(line.account, Account::Earned(_)) { &mut self.earned } else { &mut self.carried };
        add(sum, stream, credit)?;
        // What is sold, and taken back of it, is what its line is to earn; the straight line is worked out anew each month.
        if let (Stream::Line { .. }, Some(_), Some(service)) = (stream, about.tax, about.service) {
            self.schedules.entry(stream).or_default().spread(credit, service)?;
        }
        Ok(())
    }
    /// The currency of a document.
    ///
    /// # Errors
    /// `document-unknown` when nothing was booked on it.
    pub fn currency(&self, document: Document) -> Result<Currency, Refusal> {
        self.currencies.get(&document).copied().ok_or_else(|| {
            let refusal = Refusal::new(RefusalCode::NotFound, "document-unknown").at("document");
            refusal.with("document", document.to_string())
        })
    }
    /// The amount is above zero and of the currency of the document.
    ///
    /// # Errors
    /// `amount-not-positive`, `document-unknown`, `currency-mismatch`.
    pub(super) fn fits(&self, document: Document, amount: Money) -> Result<(), Refusal> {
        positive(amount)?;
        same(self.currency(document)?, amount.currency)
    }
    /// What is owed on an item.
    pub fn open(&self, item: Item) -> i64 {
        self.open.get(&item).copied().unwrap_or(0)
    }
    /// What is owed, item by item; none of 0.
    pub fn open_items(&self) -> impl Iterator<Item = (Item, i64)> {
        self.open.iter().filter(|(_, minor)| **minor != 0).map(|(item, minor)| (*item, *minor))
    }
    /// Credit of a payer from a payment or a credit note.
    pub fn prepaid(&self, payer: Payer, source: Document) -> i64 {
        self.prepaid.get(&(payer, source)).copied().unwrap_or(0)
    }
    /// What of a payment, credit note or deposit is applied to an item.
    pub fn applied(&self, source: Document, item: Item) -> i64 {
        self.applied.get(&item).and_then(|sources| sources.get(&source)).copied().unwrap_or(0)
    }
    /// What a payment is applied to.
    pub(super) fn applications(&self, source: Document) -> impl Iterator<Item = (Item, i64)> {
        let of = self.applied.iter().filter_map(move |(item, sources)| Some((*item, *sources.get(&source)?)));
        of.filter(|(_, minor)| *minor != 0)
    }
    /// How much a payment brought, and where to.
    pub(super) fn received(&self, payment: Document) -> (i64, CashKind) {
        self.received.get(&payment).copied().unwrap_or((0, CashKind::Bank))
    }
    /// Whether an item stands as it was invoiced: nothing paid, credited or given up.
    pub(super) fn untouched(&self, item: Item) -> bool {
        self.issued.get(&item) == self.open.get(&item) && self.returned.get(&item).is_none_or(|minor| *minor == 0)
    }
    /// Who has credit from a payment.
    pub(super) fn credit_of(&self, source: Document) -> impl Iterator<Item = (Payer, i64)> {
        let of = self.prepaid.iter().filter(move |((_, from), minor)| *from == source && **minor != 0);
        of.map(|((payer, _), minor)| (*payer, *minor))
    }
    /// What was paid on an item, by whatever means, and has not gone back by a credit note.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn paid(&self, item: Item) -> Result<i64, Refusal> {
        let back = self.returned.get(&item).copied().unwrap_or(0);
        let all = self.applied.get(&item).into_iter().flat_map(BTreeMap::values);
        all.copied().try_fold(0_i64, i64::checked_add).and_then(|sum| sum.checked_sub(back)).ok_or_else(out_of_range)
    }
    /// What was given up of an item and has not been paid after all.
    pub fn given_up(&self, item: Item) -> i64 {
        self.given_up.get(&item).copied().unwrap_or(0)
    }
    /// A deposit.
    ///
    /// # Errors
    /// `document-unknown`.
    pub(super) fn deposit(&self, deposit: DepositId) -> Result<Held, Refusal> {
        self.currency(Document::Deposit(deposit))?;
        self.deposits.get(&deposit).copied().ok_or_else(|| {
            let refusal = Refusal::new(RefusalCode::NotFound, "document-unknown").at("deposit");
            refusal.with("document", deposit.to_string())
        })
    }
    /// What is held of a deposit.
    pub fn held(&self, deposit: DepositId) -> i64 {
        self.deposits.get(&deposit).map_or(0, |held| held.minor)
    }
    /// The lines of an invoice.
    pub fn sold(&self, invoice: InvoiceId) -> impl Iterator<Item = (u32, &Sold)> {
        self.sold.range((invoice, 0)..=(invoice, u32::MAX)).map(|((_, line), sold)| (*line, sold))
    }
    /// The day on which the invoice of a line is booked; a term has none.
    pub(super) fn invoiced_on(&self, stream: Stream) -> Option<NaiveDate> {
        let Stream::Line { invoice, line } = stream else { return None };
        self.sold.get(&(invoice, line)).map(|sold| sold.invoiced_on)
    }
    /// Net and tax of an invoice line less what credit notes took back.
    pub fn left(&self, invoice: InvoiceId, line: u32) -> (i64, i64) {
        let of = |map: &BTreeMap<(InvoiceId, u32), i64>| map.get(&(invoice, line)).copied().unwrap_or(0);
        (of(&self.net), of(&self.tax))
    }
    /// Who owes on an invoice, and what.
    pub(super) fn payers(&self, invoice: InvoiceId) -> impl Iterator<Item = (Item, i64)> {
        self.open.iter().filter(move |(item, _)| item.invoice == invoice).map(|(item, minor)| (*item, *minor))
    }
    /// What is to be earned when.
    ///
    /// # Errors
    /// `term-unknown`.
    pub fn schedule(&self, stream: Stream) -> Result<&Schedule, Refusal> {
        self.schedules.get(&stream).ok_or_else(|| Refusal::new(RefusalCode::NotFound, "term-unknown").at("stream"))
    }
    /// Everything that is earned step by step.
    pub fn streams(&self) -> impl Iterator<Item = Stream> {
        self.schedules.keys().copied()
    }
    pub(super) fn stream_currency(&self, stream: Stream) -> Result<Currency, Refusal> {
        let unknown = || Refusal::new(RefusalCode::NotFound, "term-unknown").at("stream");
        self.stream_currency.get(&stream).copied().ok_or_else(unknown)
    }
    /// What was invoiced and is not earned; below zero what is earned and not invoiced.
    pub fn carried(&self, stream: Stream) -> i64 {
        self.carried.get(&stream).copied().unwrap_or(0)
    }
    /// What was booked as earned.
    pub fn earned(&self, stream: Stream) -> i64 {
        self.earned.get(&stream).copied().unwrap_or(0)
    }
    /// Until which day (not included) revenue was booked.
    pub fn earned_until(&self, stream: Stream) -> Option<NaiveDate> {
        self.until.get(&stream).and_then(|marks| marks.values().max().copied())
    }
    /// Whether nothing is below zero that cannot be: nobody owes less than nothing, no credit and no deposit is used twice.
    pub fn sound(&self) -> bool {
        let amounts = [self.open.values(), self.returned.values(), self.given_up.values()];
        amounts.into_iter().flatten().all(|minor| *minor >= 0)
            && self.prepaid.values().all(|minor| *minor >= 0)
            && self.applied.values().flat_map(BTreeMap::values).all(|minor| *minor >= 0)
            && self.deposits.values().all(|held| held.minor >= 0)
    }
}

/// The amount is above zero.
///
/// # Errors
/// `amount-not-positive`.
pub(super) fn positive(amount: Money) -> Result<(), Refusal> {
    if amount.minor > 0 {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::OutOfRange, "amount-not-positive").at("amount").with("amount", amount.major()))
}

/// Two amounts are of one currency.
///
/// # Errors
/// `currency-mismatch`.
pub(super) fn same(expected: Currency, found: Currency) -> Result<(), Refusal> {
    if expected == found {
        return Ok(());
    }
    let refusal = Refusal::new(RefusalCode::Invalid, "currency-mismatch").at("amount");
    Err(refusal.with("expected", expected.code()).with("found", found.code()))
}
