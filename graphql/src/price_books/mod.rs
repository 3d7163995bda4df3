//! Price books: what a park publishes, what a version changes, what seats come to by it and why.

mod ask;
mod change;
mod sentence;

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use voxpark_billing::price_books::{self, BookVersion, PublishedBook};
use voxpark_billing::pricing::{self, Model, Ratio};
use voxpark_billing::uow::Tx;
use voxpark_domain::pack::hex;
use voxpark_domain::permission::Resource;
use voxpark_domain::{Ctx, Result};

pub(crate) use self::ask::ParkPrices;
pub(crate) use self::change::PriceBookMutation;
pub(crate) use self::sentence::why;
use crate::error::Fault as _;
use crate::estate::SeatProduct;
use crate::load::{Load, load};
use crate::papers::PaperText;
use crate::scalar::{Date, Money};

/// What the quantity of a price is.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "pricing::Basis")]
pub(crate) enum PriceBasis {
    /// Seats held for a whole period.
    Seat,
    /// Seats times civil days.
    SeatDay,
    /// Seats times days on which they are held for a shift.
    Shift,
    /// What a meter counted.
    Metered,
    /// What begins in the period, once.
    Once,
    /// The amounts of other prices.
    Percent,
}

/// How often a price is due.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "pricing::Cadence")]
pub(crate) enum PriceCadence {
    /// Every 7 days.
    Week,
    /// Every month.
    Month,
    /// Every 3 months.
    Quarter,
    /// Every 6 months.
    HalfYear,
    /// Every 12 months.
    Year,
}

/// When a price is due.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "pricing::Due")]
pub(crate) enum PriceDue {
    /// For the period that begins.
    Advance,
    /// For the period that is over.
    Arrears,
}

/// How a quantity becomes an amount.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum PriceModel {
    /// Every unit at one price.
    PerUnit,
    /// Every unit at the price of its own tier.
    Graduated,
    /// All units at the price of the tier that holds the quantity.
    Volume,
    /// Started packages.
    Package,
    /// One amount, whatever the quantity.
    Flat,
    /// A part of other amounts.
    Percentage,
}

/// A run of quantities with a price of its own; it begins where the one before ends. Figures are exact decimals in major units.
#[derive(SimpleObject, Clone)]
pub(crate) struct PriceTier {
    /// The last quantity that belongs to it; null = none, or see `below`.
    up_to: Option<String>,
    /// The first quantity that does not belong to it any more.
    below: Option<String>,
    /// Price of a unit, or of a started block of units.
    unit: String,
    /// Charged once for the tier.
    flat: String,
    /// Units are sold in blocks of so many; a started block counts.
    block: Option<String>,
}

/// What a price costs from a day on. Figures are exact decimals in major units.
#[derive(SimpleObject, Clone)]
pub(crate) struct PriceStep {
    /// First day.
    from: Date,
    /// The day after the last one; null = until further notice.
    to: Option<Date>,
    /// How a quantity becomes an amount.
    model: PriceModel,
    /// Its tiers; one where the model has none: the price of a unit, of a package, or the one amount. Empty of a percentage.
    tiers: Vec<PriceTier>,
    /// Of a percentage: how many.
    percent: Option<String>,
    /// Units that cost nothing, before any other.
    free_units: String,
    /// The most that the step may come to in a period.
    cap: Option<String>,
    /// Whether what is charged once is due at quantity 0 too.
    flat_at_zero: bool,
}

impl From<&pricing::DatedTariff> for PriceStep {
    fn from(step: &pricing::DatedTariff) -> Self {
        let tier = |tier: &pricing::Tier| PriceTier {
            up_to: tier.up_to.map(text),
            below: tier.below.map(text),
            unit: text(tier.unit),
            flat: text(tier.flat),
            block: tier.block.map(text),
        };
        let one = |unit, flat, block| vec![tier(&pricing::Tier { unit, flat, block, ..pricing::Tier::default() })];
        let (model, tiers, percent) = match &step.tariff.model {
            Model::PerUnit { unit } => (PriceModel::PerUnit, one(*unit, Ratio::ZERO, None), None),
            Model::Graduated { tiers } => (PriceModel::Graduated, tiers.iter().map(tier).collect(), None),
            Model::Volume { tiers } => (PriceModel::Volume, tiers.iter().map(tier).collect(), None),
            Model::Package { size, price } => (PriceModel::Package, one(*price, Ratio::ZERO, Some(*size)), None),
            Model::Flat { amount } => (PriceModel::Flat, one(Ratio::ZERO, *amount, None), None),
            Model::Percentage { percent } => (PriceModel::Percentage, Vec::new(), Some(text(*percent))),
        };
        Self {
            from: step.from.into(),
            to: step.to.map(Date),
            model,
            tiers,
            percent,
            free_units: text(step.tariff.free_units),
            cap: step.tariff.cap.map(text),
            flat_at_zero: step.tariff.flat_at_zero,
        }
    }
}

/// A least quantity or amount for some days.
#[derive(SimpleObject, Clone)]
pub(crate) struct PriceMinimum {
    /// First day.
    from: Date,
    /// The day after the last one; null = until further notice.
    to: Option<Date>,
    /// Seats, or an amount of a whole period in major units.
    least: String,
}

impl From<&pricing::RampStep> for PriceMinimum {
    fn from(step: &pricing::RampStep) -> Self {
        Self { from: step.from.into(), to: step.to.map(Date), least: text(step.least) }
    }
}

/// The least that a period has to come to.
#[derive(SimpleObject, Clone)]
pub(crate) struct PriceCommitment {
    /// Ids of the prices whose lines count; empty = all.
    prices: Vec<String>,
    /// How long a period is; null when no price counts.
    every: Option<PriceCadence>,
    /// Whether what a sponsor pays counts.
    sponsored_counts: bool,
    /// The minimum by days.
    steps: Vec<PriceMinimum>,
}

/// A price of a book.
#[derive(SimpleObject, Clone)]
pub(crate) struct BookPrice {
    /// Its id in the book.
    price: String,
    /// Name.
    title: PaperText,
    /// What its quantity is.
    basis: PriceBasis,
    /// How often it is due.
    every: PriceCadence,
    /// When it is due.
    due: PriceDue,
    /// How parts of a period count: `by_day`, `fixed_30`, `full_month_before_16`, `none`.
    proration: String,
    /// Whether the highest count so far stays charged to the end of the period.
    high_water: bool,
    /// The products that it is for; empty = all.
    products: Vec<SeatProduct>,
    /// Codes of the zones that it is for; empty = all.
    zones: Vec<String>,
    /// Names of the shifts that it is for; empty = all.
    shifts: Vec<String>,
    /// The fewest seats that are charged, by days.
    minimum_seats: Vec<PriceMinimum>,
    /// The most that a period may cost, in major units.
    maximum: Option<String>,
    /// Tax in percent where it is not that of the lease, such as `13`; null for that of the lease.
    tax_rate: Option<String>,
    /// The meter that is read.
    meter: Option<String>,
    /// The prices whose amounts it is a part of.
    of: Vec<String>,
    /// What it costs when.
    steps: Vec<PriceStep>,
}

impl From<&pricing::Price> for BookPrice {
    fn from(price: &pricing::Price) -> Self {
        Self {
            price: price.id.clone(),
            title: (&price.title).into(),
            basis: price.basis.into(),
            every: price.every.into(),
            due: price.due.into(),
            proration: price.proration.to_string(),
            high_water: price.high_water,
            products: price.applies.products.iter().map(|product| (*product).into()).collect(),
            zones: price.applies.zones.clone(),
            shifts: price.applies.shifts.clone(),
            minimum_seats: price.minimum_seats.iter().map(Into::into).collect(),
            maximum: price.maximum.map(text),
            tax_rate: price.tax.map(|tax| tax.to_string()),
            meter: price.meter.clone(),
            of: price.of.clone(),
            steps: price.steps.iter().map(Into::into).collect(),
        }
    }
}

/// A field that a version of a book changes.
#[derive(SimpleObject, Clone)]
pub(crate) struct PriceBookDifference {
    /// The price; null = of the book itself.
    price: Option<String>,
    /// The field as the file spells it; empty when the whole price is new or gone.
    field: String,
    /// What it was; null = there was none.
    before: Option<String>,
    /// What it is; null = there is none any more.
    after: Option<String>,
}

/// What a whole period costs at a number of seats.
#[derive(SimpleObject, Clone)]
pub(crate) struct PricePoint {
    /// Seats, or what else the price counts.
    seats: i64,
    /// Rounded once.
    total: Money,
}

/// A number of seats at which one more costs less in all, or much more.
#[derive(SimpleObject, Clone)]
pub(crate) struct PriceBreak {
    /// Of which price.
    price: String,
    /// Of its step that begins on this day.
    step: Date,
    /// The last point before.
    before: PricePoint,
    /// The point after.
    after: PricePoint,
    /// Of a fall: the first number of seats at which the total is as high again; null = it never is.
    regained: Option<i64>,
}

/// Where the prices of a book fall or jump as seats are added.
#[derive(SimpleObject, Clone, Default)]
pub(crate) struct PriceBreaks {
    /// One seat more costs less in all.
    cliffs: Vec<PriceBreak>,
    /// One seat more costs more than a seat does on either side: something is charged once, or every seat becomes dearer.
    jumps: Vec<PriceBreak>,
}

/// A version in the list of versions of a book.
#[derive(SimpleObject, Clone)]
pub(crate) struct PriceBookEdition {
    /// Its number, from 1.
    version: u32,
    /// When it was published.
    published_at: DateTime<Utc>,
    /// What it is about; may be empty.
    note: String,
    /// SHA-256 of the file, in hexadecimal.
    sha256: String,
}

/// A version of a price book. What was published never changes.
#[derive(Clone)]
pub(crate) struct PriceBook {
    book: Arc<PublishedBook>,
    published: bool,
}

impl From<Arc<PublishedBook>> for PriceBook {
    fn from(book: Arc<PublishedBook>) -> Self {
        Self { book, published: true }
    }
}

/// A version of a price book. What was published never changes.
#[Object]
impl PriceBook {
    /// Id of the book.
    async fn book(&self) -> &str {
        &self.book.book.id
    }
    /// Its version, from 1.
    async fn version(&self) -> u32 {
        self.book.book.version
    }
    /// Name.
    async fn title(&self) -> PaperText {
        (&self.book.book.title).into()
    }
    /// ISO 4217 code of every amount.
    async fn currency(&self) -> &str {
        self.book.book.currency.code()
    }
    /// Whether every amount contains the tax: it prices leases whose prices do.
    async fn tax_included(&self) -> bool {
        self.book.book.tax_included
    }
    /// What the version is about; may be empty.
    async fn note(&self) -> &str {
        &self.book.note
    }
    /// When it was published; null when it was only checked.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.published.then_some(self.book.at)
    }
    /// SHA-256 of the file, in hexadecimal.
    async fn sha256(&self) -> String {
        hex(&self.book.sha256)
    }
    /// The file that it was published from.
    async fn file_text(&self) -> &str {
        &self.book.text
    }
    /// The least that a period has to come to; null = none is agreed.
    async fn commitment(&self) -> Option<PriceCommitment> {
        let book = &self.book.book;
        book.commitment.as_ref().map(|commitment| PriceCommitment {
            prices: commitment.prices.clone(),
            every: book.committed_every().map(Into::into),
            sponsored_counts: commitment.sponsored_counts,
            steps: commitment.steps.iter().map(Into::into).collect(),
        })
    }
    /// Its prices, in the order of the lines.
    async fn prices(&self) -> Vec<BookPrice> {
        self.book.book.prices.iter().map(BookPrice::from).collect()
    }
    /// What it changes of the version before; empty for the first one.
    async fn differences(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PriceBookDifference>> {
        let named = self.book.named();
        let Some(version) = named.version.checked_sub(1).filter(|version| *version > 0) else { return Ok(Vec::new()) };
        let Some(before) = load(gql, BookVersion { version, ..named }).await? else { return Ok(Vec::new()) };
        let found = price_books::differences(&before.book, &self.book.book).map_err(|e| gql.fault(&e))?;
        let difference = |d: price_books::Difference| PriceBookDifference {
            price: d.price,
            field: d.field,
            before: d.before,
            after: d.after,
        };
        Ok(found.into_iter().map(difference).collect())
    }
    /// Where its prices fall or jump as seats are added.
    async fn breaks(&self, gql: &Context<'_>) -> async_graphql::Result<PriceBreaks> {
        breaks(&self.book.book).map_err(|refusal| gql.fault(&refusal.into()))
    }
    /// The versions of the book, the latest first, at most 200.
    async fn versions(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<PriceBookEdition>> {
        let found = load(gql, EditionsOf(self.book.book.id.clone())).await?.unwrap_or_default();
        let edition = |edition: &price_books::BookEdition| PriceBookEdition {
            version: edition.version,
            published_at: edition.at,
            note: edition.note.clone(),
            sha256: hex(&edition.sha256),
        };
        Ok(found.iter().map(edition).collect())
    }
}

#[async_trait]
impl Load for BookVersion {
    type Value = Arc<PublishedBook>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let found = price_books::price_books_named(tx, ctx, keys).await?;
        Ok(found.into_iter().map(|book| (book.named(), Arc::new(book))).collect())
    }
}

/// The versions of a book.
#[derive(Clone, PartialEq, Eq, Hash)]
struct EditionsOf(String);

#[async_trait]
impl Load for EditionsOf {
    type Value = Arc<Vec<price_books::BookEdition>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let books: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found = price_books::price_book_editions(tx, ctx, &books).await?;
        let of = |book: &str| found.iter().filter(|(of, _)| of == book).map(|(_, edition)| edition.clone()).collect();
        Ok(keys.iter().map(|key| (key.clone(), Arc::new(of(&key.0)))).collect())
    }
}

fn text(ratio: Ratio) -> String {
    ratio.to_string()
}

fn point(
    point: pricing::CurvePoint,
    currency: voxpark_domain::money::Currency,
) -> Result<PricePoint, voxpark_domain::Refusal> {
    Ok(PricePoint { seats: point.seats, total: point.total.money(currency)?.into() })
}

fn breaks(book: &pricing::PriceBook) -> Result<PriceBreaks, voxpark_domain::Refusal> {
    let mut found = PriceBreaks::default();
    for price in &book.prices {
        for (step, line) in pricing::PriceLine::each_of(price)? {
            let at = |before, after, regained| {
                let (before, after) = (point(before, book.currency)?, point(after, book.currency)?);
                Ok::<_, voxpark_domain::Refusal>(PriceBreak {
                    price: price.id.clone(),
                    step: step.into(),
                    before,
                    after,
                    regained,
                })
            };
            for cliff in line.cliffs()? {
                found.cliffs.push(at(cliff.before, cliff.after, cliff.regained)?);
            }
            for jump in line.jumps()? {
                found.jumps.push(at(jump.before, jump.after, None)?);
            }
        }
    }
    Ok(found)
}
