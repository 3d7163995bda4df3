//! `GET /documents/{id}` prints what has an id: contract papers, settlement sheets and invoices (these in the language that
//! `lang` names, `zh` or `en`; in both otherwise). Printed anew each time from what was fixed when it was drafted or issued.

use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use voxpark_billing::invoicing::InvoiceLine;
use voxpark_console::{Client, session};
use voxpark_domain::ctx::Lang;
use voxpark_domain::ids::{InvoiceId, PaperId, SettlementId};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error};
use voxpark_infra::documents;

use super::files::{authenticate, not_given};
use super::headers::disposition;
use super::request::RequestId;
use crate::compose::App;

/// How a document is to be printed.
#[derive(Deserialize)]
pub(super) struct Wanted {
    lang: Option<String>,
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
        match (document.parse(), document.parse(), document.parse()) {
            (Ok(paper), _, _) => paper_pdf(&app, &ctx, paper).await,
            (_, Ok(settlement), _) => settlement_pdf(&app, &ctx, settlement).await,
            (_, _, Ok(invoice)) => invoice_pdf(&app, &ctx, invoice, &wanted).await,
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
    Ok(attached(&paper.number, documents::paper_pdf(&paper).await?))
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
    Ok(attached(&settlement.number, documents::settlement_pdf(&settlement, &park, &tenant).await?))
}

async fn invoice_pdf(app: &App, ctx: &Ctx, id: InvoiceId, wanted: &Wanted) -> Result<Response, Error> {
    ctx.require(Action::Read, Resource::Billing)?;
    let tx = app.api.services().db.begin(ctx, Mode::Read).await?;
    let invoice = tx.invoices_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
    let lines: Vec<_> = tx.invoice_lines(&[id]).await?.into_iter().map(|(_, _, line)| line).collect();
    let park = tx.park().await?.ok_or(Error::NotFound)?;
    let tenant = tx.tenants_by_id(&[invoice.tenant]).await?.pop().ok_or(Error::NotFound)?;
    let lease = tx.leases_by_id(&[invoice.lease]).await?.pop().ok_or(Error::NotFound)?;
    drop(tx);
    let named = |zh: String, en: String| Bilingual { en: if en.is_empty() { zh.clone() } else { en }, zh };
    let why = |line: &InvoiceLine| Bilingual {
        zh: voxpark_graphql::why(Lang::Zh, line.rated.kind, &line.rated.explanation),
        en: voxpark_graphql::why(Lang::En, line.rated.kind, &line.rated.explanation),
    };
    let with = documents::InvoicePrint {
        language: match wanted.lang.as_deref() {
            Some(tag) if tag.starts_with("zh") => PaperLanguage::Chinese,
            Some(tag) if tag.starts_with("en") => PaperLanguage::English,
            _ => PaperLanguage::Both,
        },
        park: named(park.name, park.name_en),
        tenant: named(tenant.name, tenant.name_en),
        lease: lease.code,
        why: lines.iter().map(why).collect(),
    };
    Ok(attached(&invoice.number.to_string(), documents::invoice_pdf(&invoice, &lines, &with).await?))
}

/// A PDF as a file of the name of its number.
fn attached(number: &str, pdf: Vec<u8>) -> Response {
    let name = format!("{}.pdf", number.replace('/', "-"));
    let mut response = pdf.into_response();
    let out = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"));
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    out.insert(header::CONTENT_DISPOSITION, value(&disposition(&name)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}
