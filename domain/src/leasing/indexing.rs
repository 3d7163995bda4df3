//! A price that follows a published index: on agreed days the price changes as the figure did, in whole or in part, within
//! limits. A review is an amendment like any other, so that what was billed stays and every price can be told apart by its
//! version.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use rust_decimal::Decimal;

use super::amend::Amendment;
use super::clauses::{Clauses, Share};
use super::entity::{Lease, LeaseVersion};
use super::service::lease_amend;
use super::store::Store;
use super::terms::LeaseTerms;
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::LeaseId;
use crate::money::{Money, round_half_away};
use crate::permission::{Action, Resource};

/// How long before a review its figure can be entered, in days: indices are published ahead of the day they count from.
pub const INDEX_EARLY_DAYS: u64 = 90;
/// The longest name of an index, in characters.
const MAX_NAME: usize = 60;
/// The most months between two reviews.
const MAX_MONTHS: i64 = 60;

/// A figure of an index, in ten-thousandths: 102.3 is 1 023 000. Above zero, at most 1 000 000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct IndexFigure(i64);

impl IndexFigure {
    const SCALE: i64 = 10_000;
    const MOST: i64 = 1_000_000 * Self::SCALE;

    /// From a text with at most four decimals: `102.3`.
    ///
    /// # Errors
    /// `index-figure` when it is no such number.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::new(RefusalCode::Invalid, "index-figure").with("value", text);
        let figure: Decimal = text.trim().parse().map_err(|_| bad())?;
        let scaled = figure.checked_mul(Decimal::from(Self::SCALE)).filter(|d| d.fract().is_zero()).ok_or_else(bad)?;
        match i64::try_from(scaled) {
            Ok(figure) if (1..=Self::MOST).contains(&figure) => Ok(Self(figure)),
            _ => Err(bad()),
        }
    }
}

impl std::fmt::Display for IndexFigure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Decimal::new(self.0, 4).normalize())
    }
}

/// How a price follows an index.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IndexClause {
    /// Which index, 1 to 60 characters, as its publisher calls it.
    pub name: String,
    /// The figure that the present price stands for.
    pub base: IndexFigure,
    /// The day of the next review: the first one on which the price it gives applies.
    pub next: NaiveDate,
    /// Months from review to review, 1 to 60.
    pub every_months: i64,
    /// How much of the change of the index the price follows, at most all of it.
    pub pass: Share,
    /// By how much the price rises at most at one review; without it, as far as the index does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub most_rise: Option<Share>,
    /// By how much it falls at most; 0 = it never falls; without it, as far as the index does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub most_fall: Option<Share>,
    /// The day of the month of the first review; later ones fall on it or, in shorter months, on the last day.
    pub day: u32,
}

/// As it is asked for: name, figure, first review, months between, percent that is followed, most rise and most fall in
/// percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDraft {
    /// Which index.
    pub name: String,
    /// The figure that the price stands for.
    pub base: String,
    /// The first review.
    pub next: NaiveDate,
    /// Months from review to review.
    pub every_months: i64,
    /// Percent of the change.
    pub pass: String,
    /// Percent.
    pub most_rise: Option<String>,
    /// Percent.
    pub most_fall: Option<String>,
    /// The day of the month of the reviews; that of the first when left out.
    pub day: Option<u32>,
}

/// What a review comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexReview {
    /// From which day on the new price applies.
    pub from: NaiveDate,
    /// The day of the review; earlier than `from` when its months were billed before the figure came.
    pub due: NaiveDate,
    /// The price of a seat-month before.
    pub before: Money,
    /// The price from then on.
    pub after: Money,
    /// Whether a limit of the clause held the price back.
    pub limited: bool,
}

impl IndexClause {
    /// As it would be asked for.
    pub fn draft(&self) -> IndexDraft {
        IndexDraft {
            name: self.name.clone(),
            base: self.base.to_string(),
            next: self.next,
            every_months: self.every_months,
            pass: self.pass.percent(),
            most_rise: self.most_rise.map(Share::percent),
            most_fall: self.most_fall.map(Share::percent),
            day: Some(self.day),
        }
    }

    /// A clause as it is asked for; what cannot be read is named: `index-figure`, `share-invalid`, `share-range`.
    pub(super) fn read(draft: &IndexDraft, bad: &mut Refusals) -> Option<Self> {
        let mut share = |path: &'static str, text: &str| {
            Share::parse_percent(text, Share::ONE).map_err(|refusal| bad.push(refusal.at(path))).ok()
        };
        let pass = share("clauses.index.followsPercent", &draft.pass);
        let rise = draft.most_rise.as_ref().map(|text| share("clauses.index.mostRisePercent", text));
        let fall = draft.most_fall.as_ref().map(|text| share("clauses.index.mostFallPercent", text));
        let base = IndexFigure::parse(&draft.base).map_err(|refusal| bad.push(refusal.at("clauses.index.base"))).ok();
        Some(Self {
            name: draft.name.trim().to_owned(),
            base: base?,
            next: draft.next,
            every_months: draft.every_months,
            pass: pass?,
            most_rise: rise.flatten(),
            most_fall: fall.flatten(),
            day: draft.day.unwrap_or_else(|| draft.next.day()),
        })
    }

    /// `text-required`, `text-too-long`, `index-months-range`, `index-outside-term`, `index-with-steps`; all that apply.
    pub(super) fn check(&self, terms: &LeaseTerms, bad: &mut Refusals) {
        let term = terms.term();
        bad.text("clauses.index.name", &self.name, true, MAX_NAME);
        bad.when(!(1..=MAX_MONTHS).contains(&self.every_months), || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "index-months-range").at("clauses.index.everyMonths");
            refusal.with("value", self.every_months).with("max", MAX_MONTHS)
        });
        bad.when(self.next < term.from, || {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "index-outside-term").at("clauses.index.nextReview");
            refusal.with("from", term.from)
        });
        // A price agreed for a day beyond a review would undo what the review comes to.
        if let Some(step) = terms.price_steps.iter().find(|step| step.from >= self.next) {
            let refusal = Refusal::new(RefusalCode::Invalid, "index-with-steps").at("clauses.index.nextReview");
            bad.push(refusal.with("on", step.from));
        }
    }

    /// The price that a figure gives, and whether a limit held it back: price x (1 + share x (figure - base) / base), exact
    /// until the one rounding, half away from zero. `None` when it leaves 64 bits.
    pub fn price(&self, now_minor: i64, figure: IndexFigure) -> Option<(i64, bool)> {
        let (base, one) = (i128::from(self.base.0), i128::from(Share::ONE.millionths()));
        let wide = |share: Option<Share>| share.map(|share| i128::from(share.millionths()).saturating_mul(base));
        let asked = i128::from(figure.0).checked_sub(base)?.checked_mul(i128::from(self.pass.millionths()))?;
        let capped = wide(self.most_rise).map_or(asked, |most| asked.min(most));
        let kept = wide(self.most_fall).map_or(capped, |most| capped.max(most.saturating_neg()));
        let whole = base.checked_mul(one)?;
        let price = i128::from(now_minor).checked_mul(whole.checked_add(kept)?)?;
        Some((round_half_away(price, whole)?, kept != asked))
    }

    /// The clause after a review: it stands for the new figure, and the next review is so many months later.
    fn reviewed(&self, figure: IndexFigure) -> Option<Self> {
        let months = u32::try_from(self.every_months).ok()?;
        let next = self.next.checked_add_months(Months::new(months))?;
        // A month that was too short does not move the reviews after it.
        let next = next.with_day(self.day).unwrap_or(next);
        Some(Self { base: figure, next, ..self.clone() })
    }
}

/// What a figure comes to for a lease, and the amendment that it is.
///
/// # Errors
/// `index-none` without the clause, `index-early` long before the review, `index-over` when the lease ends before it,
/// `index-figure`.
fn review(
    last: &LeaseVersion,
    billed_to: Option<NaiveDate>,
    text: &str,
    today: NaiveDate,
) -> Result<(IndexReview, Amendment)> {
    let none = || Refusal::new(RefusalCode::State, "index-none").at("leaseId");
    let clause = last.clauses.index.as_ref().ok_or_else(none)?;
    let figure = IndexFigure::parse(text).map_err(|refusal| refusal.at("figure"))?;
    let earliest = clause.next.checked_sub_days(Days::new(INDEX_EARLY_DAYS)).unwrap_or(clause.next);
    if today < earliest {
        return Err(Refusal::new(RefusalCode::State, "index-early").at("figure").with("from", earliest).into());
    }
    // A figure that comes late changes no month that is billed, and no version before the last.
    let from = clause.next.max(billed_to.unwrap_or(clause.next)).max(last.in_force_from);
    if from >= last.terms.term_to {
        return Err(Refusal::new(RefusalCode::State, "index-over").at("leaseId").with("to", last.terms.term_to).into());
    }
    let out_of_range = || Error::internal("a price or day out of range");
    let before = last.terms.price_on(from);
    let (after, limited) = clause.price(before.minor, figure).ok_or_else(out_of_range)?;
    let after = Money::new(after, before.currency);
    let mut amendment = Amendment::new(from, format!("{} {} → {figure}", clause.name, clause.base));
    amendment.unit_price = Some(after.major());
    let index = Some(clause.reviewed(figure).ok_or_else(out_of_range)?);
    amendment.clauses = Some(Clauses { index, ..last.clauses.clone() }.draft(before.currency));
    Ok((IndexReview { from, due: clause.next, before, after, limited }, amendment))
}

async fn reviewable<S: Store + ?Sized>(store: &S, ctx: &Ctx, id: LeaseId) -> Result<(Lease, Option<NaiveDate>)> {
    let lease = store.leases_by_id(&[id]).await?.pop();
    let lease = lease.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "lease-unknown").at("leaseId"))?;
    let billed_to = store.lease_bound(id).await?.by(ctx.today()).billed_to;
    Ok((lease, billed_to))
}

/// What a figure of the index would come to; nothing is changed.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission; `lease-unknown`, `index-none`, `index-early`,
/// `index-over`, `index-figure`.
pub async fn lease_index_preview<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: LeaseId,
    figure: &str,
) -> Result<IndexReview> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    let (lease, billed_to) = reviewable(store, ctx, id).await?;
    let last = lease.versions.last().ok_or(Error::NotFound)?;
    Ok(review(last, billed_to, figure, ctx.today())?.0)
}

/// Sets the price of a lease by the figure of its index: the version of its terms that begins with the review, or with the
/// first day not billed yet when the figure comes later.
///
/// # Errors
/// Those of [`lease_index_preview`] and of [`super::amend`].
pub async fn lease_index_review<S: Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: LeaseId,
    figure: &str,
) -> Result<(Lease, IndexReview)> {
    ctx.require(Action::Commit, Resource::Leasing)?;
    store.leases_lock(&[id]).await?;
    let (lease, billed_to) = reviewable(store, ctx, id).await?;
    let last = lease.versions.last().ok_or(Error::NotFound)?;
    let (review, amendment) = review(last, billed_to, figure, ctx.today())?;
    Ok((lease_amend(store, ctx, id, &amendment).await?, review))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(pass: &str, rise: Option<&str>, fall: Option<&str>) -> IndexClause {
        let draft = IndexDraft {
            name: "CPI".to_owned(),
            base: "102.4".to_owned(),
            next: "2027-01-31".parse().expect("a date"),
            every_months: 1,
            pass: pass.to_owned(),
            most_rise: rise.map(str::to_owned),
            most_fall: fall.map(str::to_owned),
            day: Some(31),
        };
        let mut bad = Refusals::new();
        let clause = IndexClause::read(&draft, &mut bad).expect("a clause");
        bad.finish().expect("nothing refused");
        assert_eq!(clause.draft(), draft);
        clause
    }
    fn figure(text: &str) -> IndexFigure {
        IndexFigure::parse(text).expect("a figure")
    }

    #[test]
    fn the_price_follows_the_index_within_its_limits() {
        let price = |pass: &str, rise, fall, to: &str| clause(pass, rise, fall).price(88_000, figure(to));
        // 880.00 x 104.96 / 102.4 = 902.00 exactly; half of the change gives 891.00.
        assert_eq!(price("100", None, None, "104.96"), Some((90_200, false)));
        assert_eq!(price("50", None, None, "104.96"), Some((89_100, false)));
        assert_eq!(price("100", Some("2"), None, "104.96"), Some((89_760, true)));
        assert_eq!(price("100", None, None, "99.84"), Some((85_800, false)));
        assert_eq!(price("100", None, Some("0"), "99.84"), Some((88_000, true)));
        assert_eq!(price("100", None, Some("1"), "99.84"), Some((87_120, true)));
        // 880.00 x 102.5 / 102.4 = 880.859375
        assert_eq!(price("100", None, None, "102.5"), Some((88_086, false)));
        assert_eq!(clause("100", None, None).price(i64::MAX, figure("1000000")), None);
    }

    #[test]
    fn reviews_stay_on_their_day() {
        let first = clause("100", None, None);
        let second = first.reviewed(figure("103")).expect("a clause");
        assert_eq!((second.next.to_string(), second.base.to_string()), ("2027-02-28".to_owned(), "103".to_owned()));
        let third = second.reviewed(figure("103")).expect("a clause");
        assert_eq!(third.next.to_string(), "2027-03-31");
    }

    #[test]
    fn figures_are_exact() {
        for (text, told) in [("102.30", "102.3"), ("0.0001", "0.0001"), (" 1000000 ", "1000000")] {
            assert_eq!(figure(text).to_string(), told);
        }
        for text in ["", "0", "-1", "1.00001", "1000000.1", "abc"] {
            assert_eq!(IndexFigure::parse(text).expect_err(text).rule, "index-figure");
        }
    }
}
