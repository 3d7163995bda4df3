//! `GET /documents/{id}` prints what has an id: contract papers, settlement sheets, invoices, credit notes and platform invoices (these in the
//! language that `lang` names, `zh` or `en`; in both otherwise; with `format` also as `ubl`, for programs, invoices also as `xlsx`).
//! Made anew each time from what was fixed when it was drafted or issued. `GET /statements/{tenant}?from=&to=` prints the account of
//! a tenant over these days, both included, and `GET /statements/{tenant}/{month}` what its invoices for a month come to.

use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use voxpark_console::{Client, session};
use voxpark_domain::ids::{CreditNoteId, InvoiceId, PaperId, PlatformInvoiceId, SettlementId, TenantId};
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Refusal, RefusalCode};
use voxpark_infra::documents;

use super::files::{authenticate, not_given};
use super::headers::disposition;
use super::request::RequestId;
use crate::compose::App;
use crate::printing::{Printable, PrintableMonth, PrintableNote, PrintablePlatform, PrintableStatement};

/// How a document is to be given.
#[derive(Deserialize)]
pub(super) struct Wanted {
    lang: Option<String>,
    format: Option<String>,
}

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// For people.
    Pdf,
    /// For programs that book it: UBL 2.1.
    Ubl,
    /// To look at its figures.
    Xlsx,
}

impl Format {
    const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Ubl => "xml",
            Self::Xlsx => "xlsx",
        }
    }
    const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Ubl => "application/xml",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

impl Wanted {
    fn format(&self) -> Result<Format, Error> {
        match self.format.as_deref() {
            None | Some("pdf") => Ok(Format::Pdf),
            Some("ubl") => Ok(Format::Ubl),
            Some("xlsx") => Ok(Format::Xlsx),
            Some(_) => Err(unknown_format()),
        }
    }
    /// Of what is printed only.
    fn printed(&self) -> Result<(), Error> {
        if self.format()? == Format::Pdf { Ok(()) } else { Err(unknown_format()) }
    }
}

impl Wanted {
    fn language(&self) -> PaperLanguage {
        match self.lang.as_deref() {
            Some(tag) if tag.starts_with("zh") => PaperLanguage::Chinese,
            Some(tag) if tag.starts_with("en") => PaperLanguage::English,
            _ => PaperLanguage::Both,
        }
    }
}

fn unknown_format() -> Error {
    Refusal::new(RefusalCode::Invalid, "document-format").at("format").into()
}

pub(super) async fn give(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Path(document): Path<String>,
    Query(wanted): Query<Wanted>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let cookie = session::access_token(&headers);
        let ctx = authenticate(&app, &headers, (&id, client), cookie).await?;
        if let Ok(note) = document.parse() {
            return credit_note(&app, &ctx, note, &wanted).await;
        }
        if let Ok(id) = document.parse() {
            return platform_invoice(&app, &ctx, id, &wanted).await;
        }
        match (document.parse(), document.parse(), document.parse()) {
            (Ok(paper), _, _) => {
                wanted.printed()?;
                paper_pdf(&app, &ctx, paper).await
            }
            (_, Ok(settlement), _) => {
                wanted.printed()?;
                settlement_pdf(&app, &ctx, settlement).await
            }
            (_, _, Ok(id)) => invoice(&app, &ctx, id, &wanted).await,
            _ => Err(Error::NotFound),
        }
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

async fn paper_pdf(app: &App, ctx: &Ctx, paper: PaperId) -> Result<Response, Error> {
    ctx.require(Action::Read, Resource::Leasing)?;
    let tx = app.api.services().db.begin(ctx, Mode::Read).await?;
    let paper = tx.papers_by_id(&[paper]).await?.pop().ok_or(Error::NotFound)?;
    drop(tx);
    Ok(attached(&paper.number, Format::Pdf, documents::paper_pdf(&paper).await?))
}

async fn settlement_pdf(app: &App, ctx: &Ctx, settlement: SettlementId) -> Result<Response, Error> {
    ctx.require(Action::Read, Resource::Billing)?;
    let tx = app.api.services().db.begin(ctx, Mode::Read).await?;
    let settlement = tx.settlements_by_id(&[settlement]).await?.pop().ok_or(Error::NotFound)?;
    let park = tx.park().await?.ok_or(Error::NotFound)?;
    let tenant = tx.tenants_by_id(&[settlement.tenant]).await?.pop().ok_or(Error::NotFound)?;
    drop(tx);
    let side = |name: &str, name_en: &str| format!("{name} {name_en}");
    let (park, tenant) = (side(&park.name, &park.name_en), side(&tenant.name, &tenant.name_en));
    Ok(attached(&settlement.number, Format::Pdf, documents::settlement_pdf(&settlement, &park, &tenant).await?))
}

async fn invoice(app: &App, ctx: &Ctx, id: InvoiceId, wanted: &Wanted) -> Result<Response, Error> {
    let tx = app.api.services().db.begin(ctx, Mode::Read).await?;
    let Printable { invoice, lines, with } = Printable::read(&*tx, ctx, id, wanted.language()).await?;
    drop(tx);
    let number = invoice.number.to_string();
    Ok(match wanted.format()? {
        Format::Pdf => attached(&number, Format::Pdf, documents::invoice_pdf(&invoice, &lines, &with).await?),
        // Whoever reads it is a program, which would book it.
        Format::Ubl if invoice.voided.is_some() => {
            return Err(Refusal::new(RefusalCode::State, "document-withdrawn").at("format").into());
        }
        Format::Ubl => attached(&number, Format::Ubl, documents::invoice_ubl(&invoice, &lines, &with)?),
        Format::Xlsx => attached(&number, Format::Xlsx, documents::invoice_workbook(&invoice, &lines, &with)?),
    })
}

async fn credit_note(app: &App, ctx: &Ctx, id: CreditNoteId, wanted: &Wanted) -> Result<Response, Error> {
    let format = wanted.format()?;
    let tx = app.api.services().db.begin(ctx, Mode::Read).await?;
    let printable = PrintableNote::read(&*tx, ctx, id, wanted.language()).await?;
    drop(tx);
    let (note, of) = (&printable.note, printable.print());
    let number = note.number.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(match format {
        Format::Pdf => attached(&number, format, documents::credit_note_pdf(note, &of).await?),
        Format::Ubl => attached(&number, format, documents::credit_note_ubl(note, &of)?),
        Format::Xlsx => return Err(unknown_format()),
    })
}

async fn platform_invoice(app: &App, ctx: &Ctx, id: PlatformInvoiceId, wanted: &Wanted) -> Result<Response, Error> {
    wanted.printed()?;
    let tx = app.api.services().db.begin(ctx, Mode::Read).await?;
    let PrintablePlatform { invoice, with } = PrintablePlatform::read(&*tx, ctx, id, wanted.language()).await?;
    drop(tx);
    let pdf = documents::platform_invoice_pdf(&invoice, &with).await?;
    Ok(attached(&invoice.number.to_string(), Format::Pdf, pdf))
}

/// The days of a statement, both included.
#[derive(Deserialize)]
pub(super) struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

pub(super) async fn statement(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Path(tenant): Path<String>,
    (Query(days), Query(wanted)): (Query<Days>, Query<Wanted>),
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let cookie = session::access_token(&headers);
        let ctx = authenticate(&app, &headers, (&id, client), cookie).await?;
        let tenant: TenantId = tenant.parse().map_err(|_| Error::NotFound)?;
        wanted.printed()?;
        let tx = app.api.services().db.begin(&ctx, Mode::Read).await?;
        let PrintableStatement { code, statement, with } =
            PrintableStatement::read(&*tx, &ctx, tenant, (days.from, days.to), wanted.language()).await?;
        drop(tx);
        let name = format!("{code}-{}-{}", days.from, days.to);
        Ok(attached(&name, Format::Pdf, documents::statement_pdf(&statement, &with).await?))
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

pub(super) async fn month_statement(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Path((tenant, month)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let cookie = session::access_token(&headers);
        let ctx = authenticate(&app, &headers, (&id, client), cookie).await?;
        let tenant: TenantId = tenant.parse().map_err(|_| Error::NotFound)?;
        let month = Month::parse(&month).map_err(|_| Error::NotFound)?;
        wanted.printed()?;
        let tx = app.api.services().db.begin(&ctx, Mode::Read).await?;
        let PrintableMonth { code, statement, with } =
            PrintableMonth::read(&*tx, &ctx, (tenant, month), wanted.language()).await?;
        drop(tx);
        let pdf = documents::month_statement_pdf(&statement, &with).await?;
        Ok(attached(&format!("{code}-{month}"), Format::Pdf, pdf))
    };
    given.await.unwrap_or_else(|error| not_given(&error, uri.path(), &headers, &id))
}

/// A document as a file of the name of its number.
fn attached(number: &str, format: Format, bytes: Vec<u8>) -> Response {
    let name = format!("{}.{}", number.replace('/', "-"), format.ending());
    let mut response = bytes.into_response();
    let out = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"));
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    out.insert(header::CONTENT_DISPOSITION, value(&disposition(&name)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}
