//! Setting a second factor up: the code to scan, the first code to type, the recovery codes to keep.

use std::fmt::Write as _;

use askama::Template;
use axum::Router;
use axum::routing::post;
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::html::Html;
use crate::visit::{Answer, Found, Visit};

pub(crate) const DOCUMENT: &str = document!("account-factor");

#[derive(Deserialize)]
struct Begun {
    secret: Option<String>,
    address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Confirmed {
    recovery_codes: Vec<String>,
}

#[derive(Template)]
#[template(path = "account-factor/page.html")]
struct Page {
    f: Frame,
    form: Form,
    /// What to scan and to type; none once it is done.
    scan: Option<(Html, String)>,
    codes: Vec<String>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/account/factor", post(begin))
        .route("/account/factor/confirm", post(confirm))
        .route("/account/factor/remove", post(remove))
}

async fn begin(visit: Visit) -> Answer {
    page(&visit, Form::new()).await
}

/// The page with what to scan; asked again, the API tells the same.
async fn page(visit: &Visit, mut form: Form) -> Answer {
    visit.load::<Value>(DOCUMENT, "FactorPage", json!({})).await?;
    let begun = match visit.act::<Begun>(DOCUMENT, "FactorBegin", json!({})).await? {
        Ok(begun) => begun,
        Err(errors) => {
            form = form.refused(errors);
            Begun { secret: None, address: None }
        }
    };
    let scan = begun.address.as_deref().and_then(drawn).zip(begun.secret.as_deref().map(grouped));
    let f = visit.frame(visit.w.s("factor-title")).crumb(visit.w.s("account-title"), "/account");
    let page = Page { f, form, scan, codes: Vec::new() };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn confirm(visit: Visit, mut form: Form) -> Answer {
    let input = json!({ "code": form.required("code", visit.w) });
    if form.is_refused() {
        return page(&visit, form).await;
    }
    match visit.act::<Confirmed>(DOCUMENT, "FactorConfirm", input).await? {
        Err(errors) => page(&visit, form.without("code").refused(errors)).await,
        Ok(done) => {
            visit.load::<Value>(DOCUMENT, "FactorPage", json!({})).await?;
            visit.viewer().found()?;
            let f = visit.frame(visit.w.s("factor-title")).crumb(visit.w.s("account-title"), "/account");
            visit.page(&Page { f, form: Form::new(), scan: None, codes: done.recovery_codes })
        }
    }
}

async fn remove(visit: Visit) -> Answer {
    match visit.act::<Value>(DOCUMENT, "FactorRemove", json!({})).await? {
        Err(errors) => page(&visit, Form::new().refused(errors)).await,
        Ok(_) => visit.done("/account", visit.w.s("factor-removed")),
    }
}

/// Groups of four, as people type them.
fn grouped(secret: &str) -> String {
    let signs: Vec<char> = secret.chars().collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// A QR code: dark squares on light, whatever the theme, with the quiet edge of four squares that scanners want.
fn drawn(text: &str) -> Option<Html> {
    const EDGE: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * EDGE;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + EDGE, y + EDGE);
        }
    }
    Some(Html(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" width=\"232\" height=\"232\" role=\"img\" aria-label=\"QR\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_grouped_and_codes_are_drawn() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
        let svg = drawn("otpauth://totp/Voxpark:a@b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Voxpark").expect("a code").0;
        // The finder squares of the corners begin at the edge.
        assert!(svg.contains("M4 4h1v1h-1z") && svg.contains("M10 4h1v1h-1z") && !svg.contains("M3 4h"), "{svg}");
    }
}
