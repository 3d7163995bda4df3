//! `GET /documents/{id}` prints what has an id: contract papers and settlement sheets. Printed anew each time from what was fixed when it was
//! drafted or issued.

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use voxpark_console::{Client, session};
use voxpark_domain::ids::{PaperId, SettlementId};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error};
use voxpark_infra::documents;

use super::files::{authenticate, not_given};
use super::headers::disposition;
use super::request::RequestId;
use crate::compose::App;

pub(super) async fn give(
    State(app): State<App>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(client): Extension<Client>,
    Path(document): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let given = async {
        let cookie = session::access_token(&headers);
        let ctx = authenticate(&app, &headers, (&id, client), cookie).await?;
        match (document.parse(), document.parse()) {
            (Ok(paper), _) => paper_pdf(&app, &ctx, paper).await,
            (_, Ok(settlement)) => settlement_pdf(&app, &ctx, settlement).await,
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
