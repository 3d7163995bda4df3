//! What can be asked of price books.

use async_graphql::{Context, Enum, Object, SimpleObject};
use voxpark_billing::price_books::{self, QuoteAsked};
use voxpark_billing::pricing::{self, BookLineKind, PriceLine};
use voxpark_domain::page::Page;
use voxpark_domain::time::Period;
use voxpark_domain::{Error, Refusal, RefusalCode};

use super::{PriceBook, PriceBreak, PricePoint, breaks, point, sentence};
use crate::error::{Fault as _, UserError};
use crate::estate::SeatProduct;
use crate::page::{self, Paged, counter, paged};
use crate::papers::PaperText;
use crate::request::Asking as _;
use crate::scalar::{Date, DateRange, Money};

/// What a line by a price book is for.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "BookLineKind")]
pub(crate) enum PriceLineKind {
    /// Seats by days of a period.
    Seats,
    /// Seats on rent-free days: amount 0.
    RentFree,
    /// What is missing to the fewest seats.
    MinimumSeats,
    /// Seats times days, shifts, meters.
    Quantity,
    /// What began in the period.
    Once,
    /// A part of other amounts.
    Percent,
    /// What is over the maximum of a price; below zero.
    Cap,
    /// What is missing to the least that a period has to come to.
    TrueUp,
}

/// What a price comes to against seats.
#[derive(SimpleObject, Default)]
pub(crate) struct PriceBookCurve {
    /// A point for every number of seats in the range.
    points: Vec<PricePoint>,
    /// Where one seat more costs less in all, in the range.
    cliffs: Vec<PriceBreak>,
    /// Where one seat more costs much more, in the range.
    jumps: Vec<PriceBreak>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A line of what seats come to.
#[derive(SimpleObject)]
pub(crate) struct PriceBookLine {
    /// What it is for.
    kind: PriceLineKind,
    /// Id of the price; null for the minimum of the book.
    price: Option<String>,
    /// Name of the price; of the book for its minimum.
    title: PaperText,
    /// The days that it is for.
    days: DateRange,
    /// Before tax; 0 on rent-free days.
    amount: Money,
    /// Why it has this amount, in the caller's language.
    why: String,
}

/// What seats come to by a price book.
#[derive(SimpleObject, Default)]
pub(crate) struct PriceBookQuote {
    /// Period by period.
    lines: Vec<PriceBookLine>,
    /// Their sum, before tax; null when something has to be mended.
    total: Option<Money>,
    /// Ids of prices that charge what meters count, which nobody knows yet.
    metered: Vec<String>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The price books of a park.
#[derive(Clone)]
pub(crate) struct ParkPrices;

async fn read(gql: &Context<'_>, book: &str, version: Option<i32>) -> async_graphql::Result<Option<PriceBook>> {
    let request = gql.request();
    let found = async {
        let version = version.map(u32::try_from).transpose().map_err(|_| Error::NotFound)?;
        price_books::price_book(&*request.read().await?, request.ctx()?, book, version).await
    };
    Ok(gql.nullable(found.await)?.map(|book| PriceBook::from(std::sync::Arc::new(book))))
}

/// The price books of a park.
#[Object]
impl ParkPrices {
    /// The latest version of every price book, by id: for staff of the park, none for others.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn price_books(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<Paged<PriceBook>> {
        let ask = page::request(first, after).map_err(|e| gql.fault(&e))?;
        let request = gql.request();
        let read = async { price_books::price_books(&*request.read().await?, request.ctx()?, &ask).await };
        let page = gql.nullable(read.await)?.map(Page::shared);
        let count = counter!(gql, "", |ctx, tx| price_books::price_books_count(tx, ctx));
        Ok(paged(page, count, PriceBook::from))
    }

    /// A version of a price book; null where there is none, and for whoever may not see it.
    async fn price_book(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Id of the book.")] book: String,
        #[graphql(desc = "Which version; the latest when left out.")] version: Option<i32>,
    ) -> async_graphql::Result<Option<PriceBook>> {
        read(gql, &book, version).await
    }

    /// What a price of a book comes to for a whole period against seats, and where it falls or jumps.
    #[graphql(complexity = "50 + child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field")]
    async fn price_book_curve(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Id of the book.")] book: String,
        #[graphql(desc = "Which version; the latest when left out.")] version: Option<i32>,
        #[graphql(desc = "Id of the price.")] price: String,
        #[graphql(desc = "By the step that applies on this day; today when left out.")] on: Option<Date>,
        #[graphql(desc = "From so many seats; 0 when left out.")] from_seats: Option<i32>,
        #[graphql(desc = "To so many seats, at most 1,000 more; 100 when left out.")] to_seats: Option<i32>,
    ) -> async_graphql::Result<Option<PriceBookCurve>> {
        let Some(found) = read(gql, &book, version).await? else { return Ok(None) };
        let on = on.map_or_else(|| gql.request().ctx().map(voxpark_domain::Ctx::today), |on| Ok(on.0));
        let on = on.map_err(|e| gql.fault(&e))?;
        let seats = (i64::from(from_seats.unwrap_or(0)), i64::from(to_seats.unwrap_or(100)));
        Ok(Some(match curve(&found.book.book, &price, on, seats) {
            Ok(curve) => curve,
            Err(refusal) => PriceBookCurve {
                user_errors: vec![UserError::of(&refusal, gql.request().lang())],
                ..Default::default()
            },
        }))
    }

    /// What seats would come to by a version of a book, line by line, and why. Nothing is kept.
    #[graphql(complexity = "50 + child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a field")]
    async fn price_book_quote(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Id of the book.")] book: String,
        #[graphql(desc = "Which version; the latest when left out.")] version: Option<i32>,
        #[graphql(desc = "How many seats, 1 to 100,000.")] seats: i32,
        #[graphql(desc = "What is sold with them.")] product: SeatProduct,
        #[graphql(desc = "In the zone of this code; in none in particular when left out.")] zone: Option<String>,
        #[graphql(desc = "For which shift; the whole day when left out.")] shift: Option<String>,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "The day after the last one, at most five years later.")] to: Date,
    ) -> async_graphql::Result<Option<PriceBookQuote>> {
        let Some(found) = read(gql, &book, version).await? else { return Ok(None) };
        let asked = QuoteAsked {
            seats: i64::from(seats),
            product: product.into(),
            zone: zone.unwrap_or_default(),
            shift,
            held: Period { from: from.0, to: Some(to.0) },
        };
        let lang = gql.request().lang();
        Ok(Some(match price_books::quote(&found.book.book, &asked) {
            Ok(quoted) => {
                let book = &found.book.book;
                let line = |line: &pricing::BookLine| PriceBookLine {
                    kind: line.kind.into(),
                    price: Some(line.source.price.clone()).filter(|id| !id.is_empty()),
                    title: book.price(&line.source.price).map_or(&book.title, |price| &price.title).into(),
                    days: DateRange { from: line.period.from.into(), to: line.period.to.map(Date) },
                    amount: line.amount.into(),
                    why: sentence::why(lang, line.kind, &line.why, line.worth()),
                };
                PriceBookQuote {
                    lines: quoted.lines.iter().map(line).collect(),
                    total: Some(quoted.total.into()),
                    metered: quoted.metered,
                    user_errors: Vec::new(),
                }
            }
            Err(refusal) => PriceBookQuote { user_errors: vec![UserError::of(&refusal, lang)], ..Default::default() },
        }))
    }
}

/// The most points of one answer.
const MOST_POINTS: i64 = 1_000;

fn curve(
    book: &pricing::PriceBook,
    price: &str,
    on: chrono::NaiveDate,
    (from, to): (i64, i64),
) -> Result<PriceBookCurve, Refusal> {
    let unknown = || Refusal::new(RefusalCode::NotFound, "book-price-unknown").at("price").with("price", price);
    if from < 0 || to < from || to - from > MOST_POINTS {
        let refusal = Refusal::new(RefusalCode::OutOfRange, "curve-range").at("toSeats");
        return Err(refusal.with("from", from).with("to", to).with("max", MOST_POINTS));
    }
    let price = book.price(price).ok_or_else(unknown)?;
    let line = PriceLine::of(price, on)?;
    let points = line.points(from..=to)?.into_iter().map(|at| point(at, book.currency));
    let step = price.steps.iter().find(|step| step.days().contains(on)).map_or(on, |step| step.from);
    let all = breaks(book)?;
    let inside = |found: &PriceBreak| {
        found.price == price.id && found.step.0 == step && (from..to).contains(&found.before.seats)
    };
    Ok(PriceBookCurve {
        points: points.collect::<Result<_, Refusal>>()?,
        cliffs: all.cliffs.into_iter().filter(inside).collect(),
        jumps: all.jumps.into_iter().filter(inside).collect(),
        user_errors: Vec::new(),
    })
}
