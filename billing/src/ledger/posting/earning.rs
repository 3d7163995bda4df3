//! Revenue as it is earned: from what was invoiced, or ahead of it.

use chrono::NaiveDate;
use voxpark_domain::money::Currency;
use voxpark_domain::time::Month;
use voxpark_domain::{Refusal, RefusalCode};

use super::Lines;
use crate::ledger::{
    About, Account, Document, Income, Kind, Levelled, Positions, Posting, PostingKey, Recognised, Schedule, Stream,
    Text,
};
use crate::pricing::out_of_range;

/// Adds to what was invoiced and is not earned (takes from it when below zero). What a straight line has earned ahead of its
/// days is an asset; so is what a line has earned in months before its invoice, see [`recognised`].
pub(super) fn carry(
    lines: &mut Lines,
    (stream, income): (Stream, Income),
    before: i64,
    more: i64,
    about: About,
) -> Result<(), Refusal> {
    let about = About { stream: Some(stream), ..about };
    if let Stream::Line { .. } = stream {
        return lines.credit(Account::Deferred(income), more, about);
    }
    let after = before.checked_add(more).ok_or_else(out_of_range)?;
    lines.credit(Account::Deferred(income), after.max(0) - before.max(0), about)?;
    lines.debit(Account::Accrued(income), before.min(0) - after.min(0), about);
    Ok(())
}

/// Books an amount as earned until a day.
pub(super) fn earn(
    lines: &mut Lines,
    of: (Stream, Income),
    before: i64,
    amount: i64,
    about: About,
) -> Result<(), Refusal> {
    let less = amount.checked_neg().ok_or_else(out_of_range)?;
    carry(lines, of, before, less, about)?;
    lines.credit(Account::Earned(of.1), amount, About { stream: Some(of.0), ..about })
}

/// What is earned by a stream, and what its lines are about.
pub(super) fn subject(stream: Stream, at: &Positions) -> Result<(Income, About), Refusal> {
    match stream {
        Stream::Term { lease, income } => Ok((income, About { lease: Some(lease), ..About::default() })),
        Stream::Line { invoice, line } => {
            let unknown = || {
                let refusal = Refusal::new(RefusalCode::NotFound, "document-line-unknown").at("stream");
                refusal.with("document", invoice.to_string()).with("line", i64::from(line))
            };
            let (_, sold) = at.sold(invoice).find(|(at, _)| *at == line).ok_or_else(unknown)?;
            let about = About::document(Document::Invoice(invoice));
            Ok((sold.income, About { line: Some(line), lease: sold.lease, service: sold.service, ..about }))
        }
    }
}

/// Books what is earned until a day and not booked yet. Nothing when it was booked until a later day. What a line earned before
/// the day of its invoice (a month billed when it is over) is an asset of those days, which the invoice takes up on its own.
pub(super) fn recognised(key: PostingKey, fact: &Recognised, at: &Positions) -> Result<Vec<Posting>, Refusal> {
    let Recognised { stream, until } = *fact;
    let (income, about) = subject(stream, at)?;
    if at.earned_until(stream).is_some_and(|booked| booked > until) {
        return Ok(Vec::new());
    }
    let amount = at.schedule(stream)?.earned(until)?.checked_sub(at.earned(stream)).ok_or_else(out_of_range)?;
    let currency = at.stream_currency(stream)?;
    let (day, text) = (until.pred_opt().ok_or_else(out_of_range)?, Text::of("ledger-earned").with("until", until));
    let mut lines = Lines::of(currency);
    let earned = About { earned_until: Some(until), ..about };
    let Some(invoiced_on) = at.invoiced_on(stream).filter(|on| *on > day) else {
        earn(&mut lines, (stream, income), at.carried(stream), amount, earned)?;
        return lines.post_any(key, Kind::Recognition, day, text);
    };
    let ahead = About { stream: Some(stream), ..earned };
    lines.debit(Account::Accrued(income), amount, ahead);
    lines.credit(Account::Earned(income), amount, ahead)?;
    let mut taken_up = Lines::of(currency);
    let about = About { stream: Some(stream), ..about };
    taken_up.debit(Account::Deferred(income), amount, about);
    taken_up.credit(Account::Accrued(income), amount, about)?;
    let taken_up_key = key.and("invoiced");
    let mut postings = lines.post_any(key, Kind::Recognition, day, text)?;
    let text = Text::of("ledger-earned-invoiced").with("until", until);
    postings.extend(taken_up.post_any(taken_up_key, Kind::Recognition, invoiced_on, text)?);
    Ok(postings)
}

/// What a changed schedule changes of what was booked already: so much until a day, for the first until the day of the change,
/// for the rest month by month, so that no month takes what belongs to another.
pub(super) fn catch_up(
    at: &Positions,
    stream: Stream,
    new: &Schedule,
    day: NaiveDate,
) -> Result<Vec<(NaiveDate, i64)>, Refusal> {
    let Some(booked_until) = at.earned_until(stream) else { return Ok(Vec::new()) };
    let old = at.schedule(stream)?;
    let first = day.succ_opt().ok_or_else(out_of_range)?.min(booked_until);
    let ends = (0..).map(|n| Month::of(first).plus(n).end()).skip_while(|end| *end <= first);
    let mut days = vec![first];
    days.extend(ends.take_while(|end| *end < booked_until));
    if first < booked_until {
        days.push(booked_until);
    }
    let (mut parts, mut before) = (Vec::with_capacity(days.len()), 0_i64);
    for until in days {
        // At the end whatever was booked counts, not what should have been.
        let then = if until == booked_until { at.earned(stream) } else { old.earned(until)? };
        let so_far = new.earned(until)?.checked_sub(then).ok_or_else(out_of_range)?;
        parts.push((until, so_far.checked_sub(before).ok_or_else(out_of_range)?));
        before = so_far;
    }
    Ok(parts)
}

/// Corrections of what was earned, each an entry of its own on the last of its days.
pub(super) struct Corrections {
    key: PostingKey,
    currency: Currency,
    by_day: std::collections::BTreeMap<NaiveDate, Lines>,
}

impl Corrections {
    pub(super) const fn of(key: PostingKey, currency: Currency) -> Self {
        Self { key, currency, by_day: std::collections::BTreeMap::new() }
    }
    /// Books one until a day.
    pub(super) fn earn(
        &mut self,
        of: (Stream, Income),
        before: i64,
        (until, amount): (NaiveDate, i64),
        about: About,
    ) -> Result<(), Refusal> {
        let lines = self.by_day.entry(until).or_insert(Lines::of(self.currency));
        earn(lines, of, before, amount, About { earned_until: Some(until), ..about })
    }
    /// The entries.
    pub(super) fn post(self) -> Result<Vec<Posting>, Refusal> {
        let mut postings = Vec::new();
        for (until, lines) in self.by_day {
            let day = until.pred_opt().ok_or_else(out_of_range)?;
            let text = Text::of("ledger-earned-corrected").with("until", until);
            postings.extend(lines.post_any(self.key.and(until), Kind::Recognition, day, text)?);
        }
        Ok(postings)
    }
}

/// Books what the straight line of a lease makes of a month.
pub(super) fn levelled(key: PostingKey, fact: &Levelled) -> Result<Vec<Posting>, Refusal> {
    let about = About { lease: Some(fact.lease), earned_until: Some(fact.until), ..About::default() };
    let before = fact.ahead.checked_neg().ok_or_else(out_of_range)?;
    let mut lines = Lines::of(fact.amount.currency);
    let of = (Stream::Term { lease: fact.lease, income: fact.income }, fact.income);
    earn(&mut lines, of, before, fact.amount.minor, about)?;
    let (day, text) =
        (fact.until.pred_opt().ok_or_else(out_of_range)?, Text::of("ledger-levelled").with("until", fact.until));
    lines.post_any(key, Kind::Recognition, day, text)
}
