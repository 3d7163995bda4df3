//! Unit-seat cost of a tenant, and the published figures beside it.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use serde::Serialize;
use voxpark_billing::cost::{self, CategoryPack, CostDraft, CostRecord, MonthCost, PerSeat, average_seats};
use voxpark_billing::uow::Tx;
use voxpark_domain::ctx::Lang;
use voxpark_domain::error::Arg;
use voxpark_domain::ids::{CostEntryId, TenantId};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::reference::{self, Bound, Metric, Reading, ReferenceFigures, Standing};
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode, Result, money, time};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load};
use crate::once::question;
use crate::request::Asking as _;
use crate::scalar::{Money, Month, Ratio};
use crate::upload::{self, ImportMode, ImportReport};
use crate::words;

pub(crate) fn in_lang(text: &Bilingual, lang: Lang) -> &str {
    match lang {
        Lang::Zh => &text.zh,
        Lang::En => &text.en,
    }
}

/// What a seat of the tenant costs in a month, over leased and over occupied seats. Rent is read from the park's
/// invoices of the month before VAT, everything else is what the tenant entered or imported.
pub(crate) struct UnitSeatCost(MonthCost);

impl UnitSeatCost {
    fn money(&self, minor: i64) -> Money {
        money::Money::new(minor, self.0.cost.currency).into()
    }
}

/// What a seat of the tenant costs in a month, over leased and over occupied seats. Rent is read from the park's
/// invoices of the month before VAT, everything else is what the tenant entered or imported.
#[Object]
impl UnitSeatCost {
    /// The month.
    async fn month(&self) -> Month {
        Month(self.0.cost.month)
    }
    /// Cost of the month.
    async fn total(&self) -> Money {
        self.money(self.0.cost.total_minor)
    }
    /// Rent billed in other currencies than the park's, a sum of each: no part of the cost, for nothing here says what it is
    /// worth.
    async fn other_rents(&self) -> Vec<Money> {
        self.0.other_rents.iter().copied().map(Money::from).collect()
    }
    /// `total x days of the month / leased seat-days`, rounded once; null when no seat was leased.
    async fn per_leased_seat(&self) -> Option<Money> {
        self.0.cost.total_per_seat.leased.map(|minor| self.money(minor))
    }
    /// `total x days of the month / occupied seat-days`, rounded once; null when nobody sat anywhere.
    async fn per_occupied_seat(&self) -> Option<Money> {
        self.0.cost.total_per_seat.occupied.map(|minor| self.money(minor))
    }
    /// Leased seat-days over days of the month, two digits. An allocation counts as a seat whatever part of the day
    /// it is for.
    async fn leased_seats(&self) -> String {
        average_seats(self.0.cost.seat_days.leased, self.0.cost.month).unwrap_or_default()
    }
    /// Seat-days with somebody on the seat over days of the month, two digits. A seat counts once a day.
    async fn occupied_seats(&self) -> String {
        average_seats(self.0.cost.seat_days.occupied, self.0.cost.month).unwrap_or_default()
    }
    /// Labour out of the total, in minor units; no value when the total is nothing.
    async fn labour_share(&self) -> Ratio {
        self.0
            .cost
            .labour_share
            .map_or_else(|| Ratio::new(0, 0), |share| Ratio::new(share.numerator, share.denominator))
    }
    /// The parts, in the order of the list of categories.
    async fn parts(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<CostPart>> {
        let pack = CategoryPack::shipped().map_err(|e| gql.fault(&e))?;
        let lang = gql.request().lang();
        let part = |part: &cost::CategoryCost| {
            let PerSeat { leased, occupied, .. } = part.per_seat;
            CostPart {
                title: pack.get(&part.category).map_or("", |c| in_lang(&c.title, lang)).to_owned(),
                category: part.category.clone(),
                total: self.money(part.amount_minor),
                per_leased_seat: leased.map(|minor| self.money(minor)),
                per_occupied_seat: occupied.map(|minor| self.money(minor)),
            }
        };
        Ok(self.0.cost.categories.iter().map(part).collect())
    }
    /// What was entered and imported for the month, oldest first.
    async fn entries(&self) -> Vec<CostEntry> {
        self.0.entries.iter().cloned().map(|record| CostEntry(Arc::new(record))).collect()
    }
}

/// One part of the cost of a month.
#[derive(SimpleObject)]
pub(crate) struct CostPart {
    /// Stable id of the category.
    category: String,
    /// Name of the category in the caller's language.
    title: String,
    /// Its sum.
    total: Money,
    /// Per leased seat; null when no seat was leased.
    per_leased_seat: Option<Money>,
    /// Per occupied seat; null when nobody sat anywhere.
    per_occupied_seat: Option<Money>,
}

/// An amount of one category in one month. Entries are never edited: a wrong one is corrected by a negative one.
#[derive(Clone)]
pub(crate) struct CostEntry(Arc<CostRecord>);

impl From<Arc<CostRecord>> for CostEntry {
    fn from(record: Arc<CostRecord>) -> Self {
        Self(record)
    }
}

/// An amount of one category in one month. Entries are never edited: a wrong one is corrected by a negative one.
#[Object]
impl CostEntry {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The month it belongs to.
    async fn month(&self) -> Month {
        Month(self.0.entry.month)
    }
    /// Stable id of the category.
    async fn category(&self) -> &str {
        &self.0.entry.category
    }
    /// How much; negative only as a correction.
    async fn amount(&self) -> Money {
        self.0.entry.amount.into()
    }
    /// `manual` or `import`.
    async fn source(&self) -> &'static str {
        self.0.entry.source.name()
    }
    /// What it is, in the tenant's words.
    async fn note(&self) -> &str {
        &self.0.entry.note
    }
}

#[async_trait]
impl Load for CostEntryId {
    type Value = Arc<CostRecord>;
    const RESOURCE: Resource = Resource::Cost;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.cost_entries_by_id(keys).await?.into_iter().map(|record| (record.id, Arc::new(record))).collect())
    }
}

#[derive(Clone)]
pub(crate) struct TenantCost(pub(crate) TenantId);

impl TenantCost {
    /// Months up to one, oldest first; nothing for anybody but the tenant itself.
    async fn read(
        &self,
        gql: &Context<'_>,
        last: Option<time::Month>,
        months: u32,
    ) -> async_graphql::Result<Vec<UnitSeatCost>> {
        let request = gql.request();
        let found = async {
            let ctx = request.ctx()?;
            if ctx.tenant()? != self.0 {
                return Err(Error::NotFound);
            }
            let last = last.unwrap_or_else(|| time::Month::of(ctx.today()).plus(-1));
            cost::costs(&*request.read().await?, ctx, last, months).await
        };
        let found = request.once(question(gql, self.0)?, found);
        Ok(gql.or_default(found.await)?.into_iter().map(UnitSeatCost).collect())
    }
}

#[Object]
impl TenantCost {
    /// The cost of a seat in a month; null for anybody but the tenant itself.
    async fn cost(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Month,
    ) -> async_graphql::Result<Option<UnitSeatCost>> {
        Ok(self.read(gql, Some(month.0), 1).await?.pop())
    }

    /// The cost of a seat in the last months that are over, oldest first: 13 when not said, at most 36; empty for
    /// anybody but the tenant itself.
    async fn cost_trend(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many months, the last one included.")] months: Option<i32>,
    ) -> async_graphql::Result<Vec<UnitSeatCost>> {
        let months = months.unwrap_or(13);
        match u32::try_from(months) {
            Ok(n) if (1..=cost::MAX_TREND_MONTHS).contains(&n) => self.read(gql, None, n).await,
            _ => {
                let refusal = Refusal::new(RefusalCode::OutOfRange, "page-size")
                    .at("months")
                    .with("value", i64::from(months))
                    .with("max", i64::from(cost::MAX_TREND_MONTHS));
                Err(gql.fault(&refusal.into()))
            }
        }
    }
}

/// A figure that the trade has published about itself.
#[derive(SimpleObject)]
pub(crate) struct ReferenceFigure {
    /// Stable id of what is measured.
    metric: String,
    /// What is measured, in the caller's language.
    title: String,
    /// The value as printed, with words like "about" where the source has them.
    value: String,
    /// Its unit.
    unit: String,
    /// The year it is about; empty where the source does not say.
    year: String,
    /// The country, city or tier it is about.
    area: String,
    /// Where it was published.
    source: String,
    /// What a reader must know; may be empty.
    note: String,
    /// What our check found: `plain`, `secondary` (repeats others) or `suspect` (contradicts its own source).
    standing: &'static str,
}

fn figure(figures: &ReferenceFigures, metric: &Metric, reading: &Reading, lang: Lang) -> ReferenceFigure {
    let say = |id: &str, name: &'static str, text: String| words::message(lang, id, &[(name, text.into())]);
    let value = match reading.upto {
        None => reading.value.to_string(),
        Some(upto) => {
            let args: [(&'static str, Arg); 2] =
                [("from", reading.value.to_string().into()), ("to", upto.to_string().into())];
            words::message(lang, "figure-range", &args)
        }
    };
    let value = match reading.bound {
        Bound::Exact => value,
        Bound::About => say("figure-about", "value", value),
        Bound::Above => say("figure-above", "value", value),
        Bound::Below => say("figure-below", "value", value),
        Bound::UpTo => say("figure-up-to", "value", value),
    };
    let mut year = reading.year.map_or_else(String::new, |year| year.to_string());
    if reading.year_about && !year.is_empty() {
        year = say("figure-about", "value", year);
    }
    if reading.forecast {
        year = say("figure-forecast", "year", year);
    }
    let text = |text: Option<&Bilingual>| text.map_or("", |t| in_lang(t, lang)).to_owned();
    let sources: Vec<&str> =
        metric.sources.iter().filter_map(|key| figures.source(key)).map(|s| in_lang(&s.title, lang)).collect();
    ReferenceFigure {
        metric: metric.id.clone(),
        title: in_lang(&metric.title, lang).to_owned(),
        value,
        unit: text(figures.unit(&metric.unit)),
        year,
        area: text(figures.area(&reading.area)),
        source: sources.join("; "),
        note: text(metric.note.as_ref()),
        standing: metric.standing.name(),
    }
}

#[derive(Default)]
pub(crate) struct CostQuery;

#[Object]
impl CostQuery {
    /// Figures that the trade has published, such as those of the topic `unit-seat-cost`; those that cannot be true are
    /// left out. They are never mixed with a tenant's own.
    async fn reference_figures(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Only figures of this topic.")] topic: Option<String>,
    ) -> async_graphql::Result<Vec<ReferenceFigure>> {
        let request = gql.request();
        request.ctx().map_err(|e| gql.fault(&e))?;
        let figures = reference::reference_figures().map_err(|e| gql.fault(&e))?;
        let wanted = figures.metrics().iter().filter(|metric| {
            metric.standing != Standing::Unusable && topic.as_ref().is_none_or(|topic| metric.topics.contains(topic))
        });
        let lang = request.lang();
        Ok(wanted.flat_map(|m| m.readings.iter().map(move |r| figure(figures, m, r, lang))).collect())
    }
}

/// A cost of a month.
#[derive(InputObject, Serialize)]
pub(crate) struct CostEntryAddInput {
    /// The month it belongs to.
    month: Month,
    /// Stable id of the category; `rent` cannot be entered.
    category: String,
    /// Major units of the park's currency, such as `1234.50`; negative only as a correction.
    amount: String,
    /// What it is, up to 200 characters; a correction must say what it corrects.
    note: Option<String>,
    /// Repeats of the same request under this key answer the same and count once.
    idempotency_key: String,
}

/// What became of a cost entry.
#[derive(SimpleObject, Default)]
pub(crate) struct CostEntryAddPayload {
    /// The entry.
    entry: Option<CostEntry>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A file of costs: rows of `month, category, amount` and, if wanted, `note` under a header in either language.
#[derive(InputObject, Serialize)]
pub(crate) struct CostImportInput {
    /// An uploaded CSV or XLSX file.
    file_id: ID,
    /// What happens to the good rows when there are bad ones.
    mode: ImportMode,
    /// Repeats of the same request under this key answer the same and count once.
    idempotency_key: String,
}

/// What became of a file of costs.
#[derive(SimpleObject, Default)]
pub(crate) struct CostImportPayload {
    /// Row by row; also where nothing was written because of a row.
    report: Option<ImportReport>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct CostMutation;

#[Object]
impl CostMutation {
    /// Enters a cost of the caller's own tenant.
    async fn cost_entry_add(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CostEntryAddInput,
    ) -> async_graphql::Result<Option<CostEntryAddPayload>> {
        let draft = CostDraft {
            month: input.month.0,
            category: input.category.clone(),
            amount: input.amount.clone(),
            note: input.note.clone().unwrap_or_default(),
        };
        let done = change(gql, "costEntryAdd", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let record = cost::cost_entry_add(tx, ctx, draft).await?;
                let detail =
                    serde_json::json!({ "month": record.entry.month.to_string(), "category": record.entry.category });
                Ok((record.id, AuditEntry::new("cost.entry.add", record.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => CostEntryAddPayload { entry: load(gql, id).await?.map(CostEntry::from), user_errors: Vec::new() },
            Err(user_errors) => CostEntryAddPayload { user_errors, ..Default::default() },
        }))
    }

    /// Enters the costs of an uploaded file for the caller's own tenant. A row that was imported before is refused, so
    /// that a file imported twice counts once.
    async fn cost_import(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CostImportInput,
    ) -> async_graphql::Result<Option<CostImportPayload>> {
        let table = match upload::table(gql, Resource::Cost, &input.file_id, None).await? {
            Ok(table) => table,
            Err(user_errors) => return Ok(Some(CostImportPayload { report: None, user_errors })),
        };
        let (mode, lang, file) = (input.mode.into(), gql.request().lang(), input.file_id.to_string());
        let done = change(gql, "costImport", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let report = cost::cost_import(tx, ctx, &table, mode).await?;
                let detail = serde_json::json!({ "added": report.added, "refused": report.refused });
                Ok((ImportReport::of(&report, lang), AuditEntry::new("cost.import", file).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(report) => CostImportPayload { report: Some(report), user_errors: Vec::new() },
            Err(user_errors) => CostImportPayload { report: None, user_errors },
        }))
    }
}
