//! What a lease agrees beside what it costs: notice, minimum, late fee, fewer seats, renewal, isolation, times of day.
//!
//! A clause that is absent is not agreed. Rates are millionths, so that 0.05 % a day is exact.

use std::fmt::Write as _;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::concessions::{self, Concession, ConcessionDraft};
use super::entity::Shift;
use super::indexing::{IndexClause, IndexDraft};
use super::terms::LeaseTerms;
use crate::error::{Refusal, RefusalCode, Refusals};
use crate::money::{Currency, Money};
use crate::time::Period;

/// The longest notice, in days.
pub const MAX_NOTICE_DAYS: i64 = 730;
/// The longest renewal, in months.
const MAX_RENEWAL_MONTHS: i64 = 240;
/// The most seats that a minimum can name.
const MAX_MINIMUM_SEATS: i64 = 1_000_000;
/// The most steps of a minimum, and the most windows of a lease.
const MAX_ROWS: usize = 36;
/// The longest name of a cost centre, in characters.
const MAX_COST_CENTRE: usize = 40;
/// The longest reason why the tenant owes the tax itself, in characters.
const MAX_REVERSE_CHARGE: usize = 100;

/// A share in millionths: 500 is 0.05 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Share(i64);

impl Share {
    /// The whole.
    pub const ONE: Self = Self(1_000_000);

    /// From a text in percent, with at most four decimals: `0.05`, `30`, `1.5%`.
    ///
    /// # Errors
    /// `share-invalid` when it is no such number; `share-range` below zero or above the largest.
    pub fn parse_percent(text: &str, most: Self) -> Result<Self, Refusal> {
        let bad = || Refusal::new(RefusalCode::Invalid, "share-invalid").with("value", text);
        let trimmed = text.trim();
        let percent: Decimal = trimmed.strip_suffix('%').unwrap_or(trimmed).trim().parse().map_err(|_| bad())?;
        let millionths = percent.checked_mul(Decimal::from(10_000)).filter(|d| d.fract().is_zero()).ok_or_else(bad)?;
        match i64::try_from(millionths) {
            Ok(share) if (0..=most.0).contains(&share) => Ok(Self(share)),
            _ => Err(Refusal::new(RefusalCode::OutOfRange, "share-range")
                .with("value", text)
                .with("max", most.percent())),
        }
    }
    /// In millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }
    /// From millionths.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }
    /// In percent without needless zeros: `0.05`.
    pub fn percent(self) -> String {
        Decimal::new(self.0, 4).normalize().to_string()
    }
}

/// A least number or amount from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Minimum {
    /// The first day on which it applies.
    pub from: NaiveDate,
    /// What applies: seats, or minor units of the lease's currency a month.
    pub least: i64,
}

/// What a late payment costs: nothing for some days, then a share of the overdue amount for each day from the day after
/// it was due, at most a share of it altogether.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LateFee {
    /// Days after the due day on which nothing is charged, 0 to 365.
    pub grace_days: i64,
    /// For each day, at most 1 %.
    pub per_day: Share,
    /// At most this much of the overdue amount; at most all of it.
    pub cap: Share,
}

impl LateFee {
    /// The fee in minor units for an amount that is overdue by so many days: exact until the one rounding, half away from
    /// zero. `None` when it leaves 64 bits.
    pub fn fee(self, overdue_minor: i64, days: i64) -> Option<i64> {
        if days <= self.grace_days || overdue_minor <= 0 {
            return Some(0);
        }
        let share = i128::from(self.per_day.0).checked_mul(i128::from(days))?.min(i128::from(self.cap.0));
        let fee = i128::from(overdue_minor).checked_mul(share)?;
        crate::money::round_half_away(fee, i128::from(Share::ONE.0))
    }
}

/// When seats can be given back before the lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decrease {
    /// Days between saying so and the first day without them, 0 to 730.
    pub notice_days: i64,
    /// Not before this day; from the start of the lease when left out.
    pub earliest: Option<NaiveDate>,
}

/// The tenant's right to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RenewalOption {
    /// To be used at least so many days before the lease ends, 0 to 730.
    pub notice_days: i64,
    /// For how long, 1 to 240 months.
    pub months: i64,
    /// By how much the price may rise at most, up to 100 %.
    pub most_increase: Share,
}

/// What a lease agrees beside what it costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Clauses {
    /// Days of notice before an early end, 0 to 730.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_days: Option<i64>,
    /// The fewest seats that are held, each from its day; in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub minimum_seats: Vec<Minimum>,
    /// The least that is paid for a month before tax, in minor units, each from its day; in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub minimum_spend: Vec<Minimum>,
    /// What a late payment costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_fee: Option<LateFee>,
    /// When seats can be given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decrease: Option<Decrease>,
    /// The tenant's right to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<RenewalOption>,
    /// The rent of a month is billed before or in it, not when it is over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_advance: bool,
    /// Nobody else holds a seat in the zones of this lease.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_zone: bool,
    /// When no noisy work is done around its seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<Shift>,
    /// The times of day for which seats can be held under it; any when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Shift>,
    /// How the price follows an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexClause>,
    /// The part of the tenant's own house that its invoices are for; empty when the tenant has said none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cost_centre: String,
    /// What comes off the rent of seats in some months.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub concessions: Vec<Concession>,
    /// Whether every price of the lease contains the tax: its own, those of its price book, its least rent and what comes
    /// off. Agreed once, as its currency.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// Why the tenant owes the tax itself (reverse charge), as it stands on invoices; empty when the park charges it. Of a
    /// month the version at its end says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reverse_charge: String,
}

/// What applies on a day; before the first 0.
fn applies(rows: &[Minimum], on: NaiveDate) -> i64 {
    rows.iter().rfind(|row| row.from <= on).map_or(0, |row| row.least)
}

impl Clauses {
    /// The fewest seats on a day; none agreed is 0.
    pub fn least_seats(&self, on: NaiveDate) -> i64 {
        applies(&self.minimum_seats, on)
    }
    /// The least that a month costs on a day, in minor units; none agreed is 0.
    pub fn least_spend_minor(&self, on: NaiveDate) -> i64 {
        applies(&self.minimum_spend, on)
    }
    /// Whether seats can be held at these times of the day.
    pub fn allows(&self, shift: Shift) -> bool {
        let inside = |window: &Shift| window.from_min <= shift.from_min && shift.to_min <= window.to_min;
        self.windows.is_empty() || self.windows.iter().any(inside)
    }
    /// The same clauses without what would only apply from a day on, when a lease ends then.
    #[must_use]
    pub fn until(mut self, end: NaiveDate) -> Self {
        self.minimum_seats.retain(|row| row.from < end);
        self.minimum_spend.retain(|row| row.from < end);
        self.concessions.retain(|one| one.from < end);
        self.decrease = self.decrease.filter(|d| d.earliest.is_none_or(|day| day < end));
        self.index = self.index.filter(|index| index.next < end);
        self
    }
    /// The same clauses from a day on: what applies then applies from it.
    #[must_use]
    pub fn since(mut self, first: NaiveDate) -> Self {
        for rows in [&mut self.minimum_seats, &mut self.minimum_spend] {
            let now = applies(rows, first);
            rows.retain(|row| row.from > first);
            if now > 0 {
                rows.insert(0, Minimum { from: first, least: now });
            }
        }
        self.concessions.retain(|one| one.to > first);
        self.decrease = self.decrease.map(|d| Decrease { earliest: d.earliest.filter(|day| *day > first), ..d });
        self
    }
    /// The same clauses, with what does not change: whether prices contain the tax; and an index whose next review is the
    /// one agreed before keeps the day of the month agreed before.
    #[must_use]
    pub(super) fn after(mut self, before: &Self) -> Self {
        self.tax_included = before.tax_included;
        if let (Some(index), Some(was)) = (&mut self.index, &before.index)
            && index.next == was.next
        {
            index.day = was.day;
        }
        self
    }
    /// As they would be asked for.
    pub fn draft(&self, currency: Currency) -> ClausesDraft {
        let window = |shift: &Shift| (shift.from_min, shift.to_min);
        let major = |row: &Minimum| (row.from, Money::new(row.least, currency).major());
        ClausesDraft {
            notice_days: self.notice_days,
            minimum_seats: self.minimum_seats.clone(),
            minimum_spend: self.minimum_spend.iter().map(major).collect(),
            late_fee: self.late_fee.map(|fee| (fee.grace_days, fee.per_day.percent(), fee.cap.percent())),
            decrease: self.decrease,
            renewal: self.renewal.map(|r| (r.notice_days, r.months, r.most_increase.percent())),
            in_advance: self.in_advance,
            own_zone: self.own_zone,
            quiet_hours: self.quiet_hours.as_ref().map(window),
            windows: self.windows.iter().map(window).collect(),
            index: self.index.as_ref().map(IndexClause::draft),
            cost_centre: self.cost_centre.clone(),
            concessions: self.concessions.iter().map(|one| one.draft(currency)).collect(),
            tax_included: Some(self.tax_included),
            reverse_charge: self.reverse_charge.clone(),
        }
    }

    /// Checks what types cannot, inside the term of the lease: `notice-days-range`, `minimum-rows`,
    /// `minimum-outside-term`, `minimum-order`, `minimum-range`, `grace-days-range`, `late-fee-cap`,
    /// `decrease-outside-term`, `renewal-months-range`, `windows-overlap`, `text-too-long`, `concession-months`, `concession-twice`,
    /// `reverse-charge-tax-included` and those of an index; all that apply.
    pub fn check(&self, terms: &LeaseTerms, bad: &mut Refusals) {
        let term = terms.term();
        // A book brings minimums of its own, and its prices follow nothing.
        bad.when(terms.price_book.is_some() && (self.index.is_some() || !self.minimum_spend.is_empty()), || {
            Refusal::new(RefusalCode::Invalid, "book-with-clause").at("clauses")
        });
        if let Some(index) = &self.index {
            index.check(terms, bad);
        }
        bad.when(self.cost_centre.chars().count() > MAX_COST_CENTRE, || {
            let refusal = Refusal::new(RefusalCode::TooLarge, "text-too-long").at("clauses.costCentre");
            refusal.with("max", MAX_COST_CENTRE)
        });
        bad.text("clauses.reverseCharge", &self.reverse_charge, false, MAX_REVERSE_CHARGE);
        bad.when(self.tax_included && !self.reverse_charge.is_empty(), || {
            Refusal::new(RefusalCode::Invalid, "reverse-charge-tax-included").at("clauses.reverseCharge")
        });
        let mut days = |path: &'static str, value: Option<i64>, rule: &'static str, max: i64| {
            bad.when(value.is_some_and(|value| !(0..=max).contains(&value)), || {
                let refusal = Refusal::new(RefusalCode::OutOfRange, rule).at(path);
                refusal.with("value", value.unwrap_or_default()).with("max", max)
            });
        };
        days("clauses.noticeDays", self.notice_days, "notice-days-range", MAX_NOTICE_DAYS);
        let fee = self.late_fee;
        days("clauses.lateFee.graceDays", fee.map(|fee| fee.grace_days), "grace-days-range", 365);
        let decrease = self.decrease.map(|d| d.notice_days);
        days("clauses.decrease.noticeDays", decrease, "notice-days-range", MAX_NOTICE_DAYS);
        let renewal = self.renewal.map(|r| r.notice_days);
        days("clauses.renewal.noticeDays", renewal, "notice-days-range", MAX_NOTICE_DAYS);
        let months = self.renewal.map(|r| r.months);
        bad.when(months.is_some_and(|months| !(1..=MAX_RENEWAL_MONTHS).contains(&months)), || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "renewal-months-range").at("clauses.renewal.months");
            refusal.with("value", months.unwrap_or_default()).with("max", MAX_RENEWAL_MONTHS)
        });
        bad.when(fee.is_some_and(|fee| fee.cap < fee.per_day), || {
            Refusal::new(RefusalCode::Invalid, "late-fee-cap").at("clauses.lateFee.capPercent")
        });
        if let Some(earliest) = self.decrease.and_then(|d| d.earliest).filter(|day| !term.contains(*day)) {
            bad.push(
                Refusal::new(RefusalCode::OutOfRange, "decrease-outside-term")
                    .at("clauses.decrease.earliest")
                    .with("on", earliest),
            );
        }
        rows_ok("clauses.minimumSeats", &self.minimum_seats, MAX_MINIMUM_SEATS, term, bad);
        rows_ok("clauses.minimumSpend", &self.minimum_spend, super::terms::MAX_MINOR, term, bad);
        bad.when(self.concessions.len() > MAX_ROWS, || too_many("clauses.concessions", self.concessions.len()));
        concessions::check(&self.concessions, term, bad);
        bad.when(self.windows.len() > MAX_ROWS, || too_many("clauses.windows", self.windows.len()));
        for (at, window) in self.windows.iter().enumerate() {
            let before = self.windows.iter().take(at);
            let clash = before.into_iter().any(|o| o.from_min < window.to_min && window.from_min < o.to_min);
            bad.when(clash, || {
                Refusal::new(RefusalCode::Overlap, "windows-overlap").at(format!("clauses.windows.{at}"))
            });
        }
    }

    /// Everything that is agreed in one line, for the audit log.
    pub(crate) fn told(&self) -> String {
        let mut out = String::new();
        if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(self) {
            for (name, value) in fields {
                let _ = write!(out, "{}{name} {value}", if out.is_empty() { "" } else { "; " });
            }
        }
        out
    }
}

fn too_many(path: &'static str, value: usize) -> Refusal {
    Refusal::new(RefusalCode::OutOfRange, "minimum-rows").at(path).with("value", value).with("max", MAX_ROWS)
}

fn rows_ok(path: &'static str, rows: &[Minimum], most: i64, term: Period, bad: &mut Refusals) {
    bad.when(rows.len() > MAX_ROWS, || too_many(path, rows.len()));
    let mut before: Option<NaiveDate> = None;
    for (at, row) in rows.iter().enumerate() {
        let path = format!("{path}.{at}");
        if !term.contains(row.from) {
            bad.push(
                Refusal::new(RefusalCode::OutOfRange, "minimum-outside-term").at(path.clone()).with("on", row.from),
            );
        } else if let Some(before) = before.filter(|before| row.from <= *before) {
            bad.push(Refusal::new(RefusalCode::Invalid, "minimum-order").at(path.clone()).with("from", before));
        }
        bad.when(!(0..=most).contains(&row.least), || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "minimum-range").at(path);
            refusal.with("value", row.least).with("max", most)
        });
        before = before.max(Some(row.from));
    }
}

/// Clauses as they are asked for: amounts and rates as text, because they are read in the currency of the lease.
#[derive(Clone, Debug, Default)]
pub struct ClausesDraft {
    /// Days of notice before an early end.
    pub notice_days: Option<i64>,
    /// The fewest seats, each from its day.
    pub minimum_seats: Vec<Minimum>,
    /// The least for a month before tax, in major units, each from its day.
    pub minimum_spend: Vec<(NaiveDate, String)>,
    /// Days of grace, percent a day, percent at most.
    pub late_fee: Option<(i64, String, String)>,
    /// When seats can be given back.
    pub decrease: Option<Decrease>,
    /// Days of notice, months, percent of the rise at most.
    pub renewal: Option<(i64, i64, String)>,
    /// Billed before or in the month.
    pub in_advance: bool,
    /// Nobody else in its zones.
    pub own_zone: bool,
    /// First minute and the one after the last.
    pub quiet_hours: Option<(i64, i64)>,
    /// The same.
    pub windows: Vec<(i64, i64)>,
    /// How the price follows an index.
    pub index: Option<IndexDraft>,
    /// The part of the tenant's house that its invoices are for, up to 40 characters; may be empty.
    pub cost_centre: String,
    /// What comes off the rent of seats in some months, at most 36.
    pub concessions: Vec<ConcessionDraft>,
    /// Whether prices contain the tax; `None` = as agreed before, and that they do not when nothing was.
    pub tax_included: Option<bool>,
    /// Why the tenant owes the tax itself, up to 100 characters; empty when the park charges it.
    pub reverse_charge: String,
}

impl ClausesDraft {
    /// As clauses; what cannot be read is named and left out.
    pub(crate) fn read(&self, currency: Currency, bad: &mut Refusals) -> Clauses {
        fn kept<T>(path: &str, read: Result<T, Refusal>, bad: &mut Refusals) -> Option<T> {
            read.map_err(|refusal| bad.push(refusal.at(path.to_owned()))).ok()
        }
        let mut minimum_spend = Vec::with_capacity(self.minimum_spend.len());
        for (at, (from, text)) in self.minimum_spend.iter().enumerate() {
            let money = kept(&format!("clauses.minimumSpend.{at}"), Money::parse_major(text, currency), bad);
            minimum_spend.extend(money.map(|money| Minimum { from: *from, least: money.minor }));
        }
        let one_percent = Share(Share::ONE.0 / 100);
        let late_fee = self.late_fee.as_ref().and_then(|(grace_days, per_day, cap)| {
            let per_day = Share::parse_percent(per_day, one_percent);
            let per_day = kept("clauses.lateFee.percentPerDay", per_day, bad);
            let cap = kept("clauses.lateFee.capPercent", Share::parse_percent(cap, Share::ONE), bad);
            Some(LateFee { grace_days: *grace_days, per_day: per_day?, cap: cap? })
        });
        let renewal = self.renewal.as_ref().and_then(|(notice_days, months, rise)| {
            let rise = Share::parse_percent(rise, Share::ONE);
            let most_increase = kept("clauses.renewal.mostIncreasePercent", rise, bad)?;
            Some(RenewalOption { notice_days: *notice_days, months: *months, most_increase })
        });
        let quiet_hours = self.quiet_hours.and_then(|(from, to)| kept("clauses.quietHours", Shift::new(from, to), bad));
        let off = self.concessions.iter().enumerate();
        let off: Vec<Option<Concession>> =
            off.map(|(at, one)| one.read(&format!("clauses.concessions.{at}"), currency, bad)).collect();
        let windows = self.windows.iter().enumerate();
        let windows = windows
            .filter_map(|(at, (from, to))| kept(&format!("clauses.windows.{at}"), Shift::new(*from, *to), bad))
            .collect();
        Clauses {
            index: self.index.as_ref().and_then(|draft| IndexClause::read(draft, bad)),
            notice_days: self.notice_days,
            minimum_seats: self.minimum_seats.clone(),
            minimum_spend,
            late_fee,
            decrease: self.decrease,
            renewal,
            in_advance: self.in_advance,
            own_zone: self.own_zone,
            quiet_hours,
            windows,
            cost_centre: self.cost_centre.trim().to_owned(),
            // Rows are told by their places: what cannot be read whole is not checked any further.
            concessions: off.into_iter().collect::<Option<_>>().unwrap_or_default(),
            tax_included: self.tax_included.unwrap_or_default(),
            reverse_charge: self.reverse_charge.trim().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }
    fn terms() -> LeaseTerms {
        LeaseTerms {
            term_from: day("2026-01-01"),
            term_to: day("2027-01-01"),
            product: crate::estate::SeatProduct::Bare,
            unit_price: Money::new(88_000, Currency::CNY),
            price_steps: Vec::new(),
            price_book: None,
            tax_rate: crate::money::TaxRate::ZERO,
            proration: crate::leasing::Proration::ByDay,
            rent_free: Vec::new(),
            deposit: Money::zero(Currency::CNY),
            payment_days: 0,
        }
    }
    fn refused(draft: &ClausesDraft) -> Vec<(&'static str, String)> {
        let mut bad = Refusals::new();
        draft.read(Currency::CNY, &mut bad).check(&terms(), &mut bad);
        match bad.finish() {
            Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
            _ => Vec::new(),
        }
    }
    fn row(from: &str, least: i64) -> Minimum {
        Minimum { from: day(from), least }
    }

    fn off(from: &str, last: &str, percent: Option<&str>, amount: Option<&str>) -> ConcessionDraft {
        let month = |text| crate::time::Month::parse(text).expect("a month");
        ConcessionDraft {
            kind: crate::leasing::ConcessionKind::Discount,
            from: month(from),
            last: month(last),
            percent: percent.map(str::to_owned),
            amount: amount.map(str::to_owned),
            reason: "招商优惠".to_owned(),
        }
    }

    #[test]
    fn what_comes_off_is_read_row_by_row() {
        let draft = ClausesDraft {
            concessions: vec![
                off("2026-03", "2026-05", Some("20"), Some("1")),
                off("2026-03", "2026-05", Some("5"), None),
                off("2026-03", "2026-05", Some("0"), None),
                off("2026-03", "2026-05", Some("101"), None),
                ConcessionDraft { reason: " ".to_owned(), ..off("2030-05", "2026-05", None, Some("0")) },
                off("2026-03", "2026-05", None, Some("1.001")),
            ],
            ..ClausesDraft::default()
        };
        let told: Vec<_> = refused(&draft).into_iter().map(|(rule, path)| format!("{rule} {path}")).collect();
        let row = |rule: &str, at: usize| format!("{rule} clauses.concessions.{at}");
        let mut expected = vec![row("concession-off", 0), row("concession-off", 2), row("share-range", 3)];
        expected.extend([
            format!("{}.reason", row("text-required", 4)),
            row("concession-off", 4),
            row("money-invalid", 5),
        ]);
        assert_eq!(told, expected);
    }

    #[test]
    fn sound_clauses_pass_and_are_kept_as_they_are_read() {
        let draft = ClausesDraft {
            cost_centre: " 客服一部 ".to_owned(),
            notice_days: Some(90),
            minimum_seats: vec![row("2026-01-01", 20), row("2026-07-01", 40)],
            minimum_spend: vec![(day("2026-01-01"), "20000.00".to_owned())],
            late_fee: Some((3, "0.05".to_owned(), "30".to_owned())),
            decrease: Some(Decrease { notice_days: 60, earliest: Some(day("2026-07-01")) }),
            renewal: Some((90, 12, "5.5%".to_owned())),
            in_advance: true,
            own_zone: true,
            quiet_hours: Some((1320, 1800)),
            windows: vec![(480, 1200), (1200, 1920)],
            index: None,
            concessions: vec![
                off("2026-03", "2026-05", Some("20"), None),
                off("2026-05", "2027-06", None, Some("500.00")),
            ],
            tax_included: Some(true),
            reverse_charge: String::new(),
        };
        assert_eq!(refused(&draft), []);
        let clauses = draft.read(Currency::CNY, &mut Refusals::new());
        let text = serde_json::to_string(&clauses).expect("text");
        assert_eq!(serde_json::from_str::<Clauses>(&text).expect("clauses"), clauses);
        let least = |on| (clauses.least_seats(day(on)), clauses.least_spend_minor(day(on)));
        assert_eq!((least("2026-06-30"), least("2026-07-01")), ((20, 2_000_000), (40, 2_000_000)));
        assert_eq!(clauses.least_seats(day("2025-12-31")), 0);
        let shift = |from, to| clauses.allows(Shift { from_min: from, to_min: to });
        assert_eq!((shift(480, 1200), shift(540, 1080), shift(480, 1201), shift(0, 1440)), (true, true, false, false));
        assert!(Clauses::default().allows(Shift { from_min: 0, to_min: 1440 }));
        assert_eq!(serde_json::to_string(&Clauses::default()).expect("text"), "{}");
        let again = clauses.draft(Currency::CNY).read(Currency::CNY, &mut Refusals::new());
        assert_eq!(again, clauses);
        assert_eq!(clauses.clone().until(day("2026-07-01")).minimum_seats, [row("2026-01-01", 20)]);
        let since = clauses.clone().since(day("2026-03-01"));
        assert_eq!(since.minimum_seats, [row("2026-03-01", 20), row("2026-07-01", 40)]);
        let since = clauses.since(day("2026-07-01"));
        assert_eq!(since.minimum_seats, [row("2026-07-01", 40)]);
        assert_eq!(since.decrease, Some(Decrease { notice_days: 60, earliest: None }));
    }

    #[test]
    fn a_late_fee_is_exact_and_capped() {
        let fee = LateFee { grace_days: 3, per_day: Share(500), cap: Share(300_000) };
        assert_eq!(fee.fee(88_000, 3), Some(0));
        // 880.00 x 0.05 % x 4 days = 1.76; 1.01 x 0.05 % x 10 = 0.00505 -> 0.01
        assert_eq!((fee.fee(88_000, 4), fee.fee(101, 10)), (Some(176), Some(1)));
        assert_eq!((fee.fee(88_000, 600), fee.fee(88_000, 60_000)), (Some(26_400), Some(26_400)));
        assert_eq!((fee.fee(-5, 10), fee.fee(i64::MAX, 1_000_000)), (Some(0), Some(2_767_011_611_056_432_742)));
    }

    #[test]
    fn every_fault_is_named_by_its_field() {
        let draft = ClausesDraft {
            cost_centre: String::new(),
            notice_days: Some(-1),
            minimum_seats: vec![row("2025-12-31", 5), row("2026-02-01", -1), row("2026-02-01", 5)],
            minimum_spend: vec![(day("2026-02-01"), "1.001".to_owned())],
            late_fee: Some((400, "0.5".to_owned(), "0.1".to_owned())),
            decrease: Some(Decrease { notice_days: 731, earliest: Some(day("2027-01-01")) }),
            renewal: Some((5, 0, "101".to_owned())),
            in_advance: false,
            own_zone: false,
            quiet_hours: Some((5, 5)),
            windows: vec![(0, 600), (599, 800)],
            index: None,
            concessions: vec![
                off("2026-03", "2026-02", Some("20"), None),
                off("2027-01", "2027-02", Some("20"), None),
                off("2026-03", "2026-05", None, Some("5")),
                off("2026-05", "2026-06", None, Some("5.00")),
            ],
            tax_included: Some(true),
            reverse_charge: "境外接受方".to_owned(),
        };
        let rules: Vec<_> = refused(&draft).into_iter().map(|(rule, path)| format!("{rule} {path}")).collect();
        assert_eq!(
            rules,
            [
                "money-invalid clauses.minimumSpend.0",
                "share-range clauses.renewal.mostIncreasePercent",
                "shift-window clauses.quietHours",
                "reverse-charge-tax-included clauses.reverseCharge",
                "notice-days-range clauses.noticeDays",
                "grace-days-range clauses.lateFee.graceDays",
                "notice-days-range clauses.decrease.noticeDays",
                "late-fee-cap clauses.lateFee.capPercent",
                "decrease-outside-term clauses.decrease.earliest",
                "minimum-outside-term clauses.minimumSeats.0",
                "minimum-range clauses.minimumSeats.1",
                "minimum-order clauses.minimumSeats.2",
                "concession-months clauses.concessions.0",
                "concession-months clauses.concessions.1",
                "concession-twice clauses.concessions.3",
                "windows-overlap clauses.windows.1",
            ]
        );
        let months = ClausesDraft { renewal: Some((5, 0, "10".to_owned())), ..ClausesDraft::default() };
        assert_eq!(refused(&months), [("renewal-months-range", "clauses.renewal.months".to_owned())]);
        let texts =
            ["x", "0.00001", "-1", "100.0001"].map(|text| Share::parse_percent(text, Share::ONE).map_err(|r| r.rule));
        assert_eq!(texts, [Err("share-invalid"), Err("share-invalid"), Err("share-range"), Err("share-range")]);
        assert_eq!(Share::parse_percent("0.05", Share::ONE).map(Share::percent), Ok("0.05".to_owned()));
    }
}
