//! The next version of a price book: text or file, checked first, then published.

use askama::Template;
use axum::Router;
use axum::extract::Multipart;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::price_book::Book;
use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::UserError;

pub(crate) const DOCUMENT: &str = document!("price-book-new");
/// What travels from the check to the act.
const CARRIED: &[&str] = &["key", "text", "fileName", "note"];
/// What a fault is said to be in when no file was chosen.
const FILE: &str = "price-book.toml";

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Park {
    price_book: Option<Latest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Latest {
    file_text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    price_book: Option<Book>,
}

#[derive(Template)]
#[template(path = "price-book-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    checked: Option<Book>,
    carried: &'static [&'static str],
}

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/park/prices/version/new", get(show).post(check))
        .route("/park/prices/version/new/checked", post(publish))
        .route("/park/prices/version/new/text", post(back))
}

async fn show(visit: Visit) -> Answer {
    let mut form = Form::new();
    if !visit.q("book").is_empty() {
        let data: Data = visit.load(DOCUMENT, "PriceBookLatest", json!({ "book": visit.q("book") })).await?;
        form = form.default_value("text", data.park.found()?.price_book.found()?.file_text);
    }
    page(&visit, form, None).await
}

async fn page(visit: &Visit, form: Form, checked: Option<Book>) -> Answer {
    if visit.viewer().is_none() {
        visit.load::<Value>(DOCUMENT, "PriceBookForm", json!({})).await?;
    }
    if !visit.viewer().is_some_and(|viewer| viewer.may("commit", "billing")) {
        return None.found();
    }
    let w = visit.w;
    let f = visit.frame(w.s("price-new-title")).crumb(w.s("invoices-title"), "/park/invoices");
    let f = f.crumb(w.s("prices-title"), "/park/prices");
    let page = Page { form: form.fresh_key(visit), checked, carried: CARRIED, f };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

async fn check(visit: Visit, parts: Multipart) -> Answer {
    let form = read(&visit, parts).await?;
    if form.is_refused() {
        return page(&visit, form, None).await;
    }
    match visit.act::<Report>(DOCUMENT, "PriceBookPublish", input(&form, true)).await? {
        Err(errors) => page(&visit, form.refused(of_fields(errors)), None).await,
        Ok(report) => page(&visit, form, Some(report.price_book.found()?)).await,
    }
}

/// The text as it was checked, to be changed.
async fn back(visit: Visit, form: Form) -> Answer {
    page(&visit, form, None).await
}

async fn publish(visit: Visit, form: Form) -> Answer {
    match visit.act::<Report>(DOCUMENT, "PriceBookPublish", input(&form, false)).await? {
        Err(errors) => page(&visit, form.refused(of_fields(errors)), None).await,
        Ok(report) => {
            let book = report.price_book.found()?;
            visit.done(&format!("/park/prices/{}", book.id), visit.w.s("price-published").arg("n", book.version))
        }
    }
}

/// A fault of the file is one of the text in the form.
fn of_fields(mut errors: Vec<UserError>) -> Vec<UserError> {
    for error in errors.iter_mut().filter(|error| !error.path.ends_with("note")) {
        "text".clone_into(&mut error.path);
    }
    errors
}

fn input(form: &Form, dry_run: bool) -> Value {
    json!({ "text": form.value("text"), "fileName": form.optional("fileName"), "note": form.optional("note"), "dryRun": dry_run,
        "idempotencyKey": form.value("key") })
}

/// The fields of the form; a file that was chosen stands for the text. It is small and is not kept.
async fn read(visit: &Visit, mut parts: Multipart) -> Result<Form, Stop> {
    let (mut form, mut file) = (Form::new(), None);
    loop {
        let field = match parts.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => {
                form.refuse("file", visit.w.s("upload-broken"));
                break;
            }
        };
        let name = field.name().unwrap_or_default().to_owned();
        let chosen = field.file_name().filter(|file| !file.is_empty()).map(str::to_owned);
        let Ok(bytes) = field.bytes().await else {
            form.refuse("file", visit.w.s("upload-broken"));
            break;
        };
        match (String::from_utf8(bytes.into()), chosen) {
            (Err(_), _) => form.refuse("file", visit.w.s("price-file-unreadable")),
            (Ok(text), Some(chosen)) if name == "file" => file = Some((chosen, text)),
            (Ok(_), None) if name == "file" => {}
            (Ok(text), _) => form = form.default_value(&name, text),
        }
    }
    let (name, text) = match file {
        Some((name, text)) => (name, Some(text)),
        None => (FILE.to_owned(), None),
    };
    if let Some(text) = text {
        form = form.without("text").default_value("text", text);
    }
    Ok(form.without("fileName").default_value("fileName", name))
}
