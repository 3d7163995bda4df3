//! A file of call records is handed in: one of three formats, the free one with a mapping of its columns.

use askama::Template;
use axum::Router;
use axum::extract::Multipart;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Console;
use crate::form::{Choice, Form};
use crate::frame::Frame;
use crate::upload;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Made, UserError};
use crate::words::Words;

pub(crate) const DOCUMENT: &str = document!("import-new");

const FORMATS: [&str; 3] = ["ANONYMOUS_BANK", "ASTERISK_QUEUE_LOG", "GENERIC_CSV"];
/// Columns that hold an instant; the first is required.
const TIMES: [&str; 4] = ["start", "queued", "answered", "ended"];
/// Columns that hold anything else and may be left out.
const MORE: [&str; 9] = ["wait", "handle", "talk", "hold", "wrap", "agent", "endCustomer", "externalId", "priority"];
/// What a word of the outcome column may mean, and the field that lists such words.
const OUTCOMES: [(&str, &str); 6] = [
    ("ANSWERED", "wordsAnswered"),
    ("ABANDONED", "wordsAbandoned"),
    ("NOT_OFFERED", "wordsNotOffered"),
    ("OVERFLOWED", "wordsOverflowed"),
    ("IGNORED", "wordsIgnored"),
    ("OPEN", "wordsOpen"),
];

#[derive(Deserialize)]
struct Data {
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    queues: Vec<Queue>,
}

#[derive(Deserialize)]
struct Queue {
    code: String,
    name: String,
}

#[derive(Deserialize)]
struct Started {
    import: Option<Made>,
}

#[derive(Template)]
#[template(path = "import-new/page.html")]
struct Page {
    f: Frame,
    form: Form,
    formats: Vec<Choice>,
    encodings: Vec<Choice>,
    delimiters: Vec<Choice>,
    queues: Vec<Queue>,
    times: Vec<Choice>,
    outcomes: Vec<Choice>,
    more: Vec<Choice>,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/centre/imports/new", upload::unlimited(get(show).post(send)))
}

async fn show(visit: Visit) -> Answer {
    let format = FORMATS.into_iter().find(|format| visit.q("format") == *format).unwrap_or("GENERIC_CSV");
    let form = Form::new()
        .default_value("format", format)
        .default_value("encoding", "UTF8")
        .default_value("delimiter", ",")
        .default_value("timeFormat", "iso");
    page(&visit, form).await
}

async fn page(visit: &Visit, form: Form) -> Answer {
    let data: Data = visit.load(DOCUMENT, "ImportNew", json!({})).await?;
    let w = visit.w;
    let f = visit
        .frame(w.s("import-calls"))
        .crumb(w.s("place-centre-operations"), "/centre/operations")
        .crumb(w.s("imports-title"), "/centre/imports");
    if !f.may("write", "operations") {
        return Err(Stop::Forbidden);
    }
    let format = |format| Choice::new(format, w.of("contact-format", format)).hint(w.of("contact-format-hint", format));
    let page = Page {
        formats: FORMATS.into_iter().map(format).collect(),
        encodings: ["UTF8", "GB18030", "LATIN1"].into_iter().map(|e| Choice::new(e, w.of("encoding", e))).collect(),
        delimiters: [",", ";", "\t", "|"].into_iter().map(|d| Choice::new(d, delimiter(w, d))).collect(),
        times: TIMES.into_iter().map(|name| Choice::new(name, w.of("mapping-time", name))).collect(),
        outcomes: OUTCOMES.into_iter().map(|(means, field)| Choice::new(field, w.of("outcome", means))).collect(),
        more: MORE.into_iter().map(|name| Choice::new(name, w.of("mapping-column", name))).collect(),
        queues: data.tenant.found()?.queues,
        form: form.default_value("timeZone", f.zone()).fresh_key(visit),
        f,
    };
    if page.form.is_refused() { visit.refused(&page) } else { visit.page(&page) }
}

fn delimiter(w: Words, mark: &str) -> String {
    match mark {
        "," => w.s("delimiter-comma"),
        ";" => w.s("delimiter-semicolon"),
        "|" => w.s("delimiter-bar"),
        _ => w.s("delimiter-tab"),
    }
    .into()
}

async fn send(visit: Visit, parts: Multipart) -> Answer {
    let (mut form, file) = upload::read(&visit, parts).await?;
    let w = visit.w;
    let mut input = Map::new();
    input.insert("format".into(), form.required("format", w));
    input.insert("timeZone".into(), form.optional("timeZone"));
    input.insert("encoding".into(), form.optional("encoding"));
    if form.value("format") == "GENERIC_CSV" {
        input.insert("queueCode".into(), form.optional("queueCode"));
        input.insert("mapping".into(), mapping(&mut form, w));
    }
    let Some(file) = file.filter(|_| !form.is_refused()) else { return page(&visit, form).await };
    input.insert("fileId".into(), json!(file.id));
    input.insert("idempotencyKey".into(), json!(form.value("key")));
    match visit.act::<Started>(DOCUMENT, "ContactImportStart", input.into()).await? {
        Ok(started) => visit.go(&format!("/centre/imports/{}", started.import.found()?.id)),
        Err(errors) => page(&visit, form.refused(errors.into_iter().map(at_field).collect())).await,
    }
}

/// The mapping as the API wants it: columns that were left empty are left out.
fn mapping(form: &mut Form, w: Words) -> Value {
    form.required("start", w);
    form.required("outcome", w);
    form.required("timeFormat", w);
    if form.value("queue").is_empty() && form.value("queueCode").is_empty() {
        form.refuse("queue", w.s("mapping-queue-missing"));
    }
    let mut out = Map::new();
    // A TAB is all blank, so the value is taken as it stands.
    let mark = form.raw("delimiter");
    out.insert("delimiter".into(), json!(if mark.is_empty() { "," } else { mark }));
    for name in TIMES.into_iter().filter(|name| !form.value(name).is_empty()) {
        let column = json!({ "column": form.value(name), "format": form.value("timeFormat") });
        out.insert(name.into(), column);
    }
    for name in ["queue", "outcome"].into_iter().chain(MORE).filter(|name| !form.value(name).is_empty()) {
        out.insert(name.into(), json!(form.value(name)));
    }
    let words: Vec<Value> = OUTCOMES
        .into_iter()
        .flat_map(|(means, field)| {
            let words = form.value(field).split([',', ',', '、']).map(str::trim).filter(|word| !word.is_empty());
            words.map(|word| json!({ "text": word, "outcome": means })).collect::<Vec<_>>()
        })
        .collect();
    if words.is_empty() {
        form.refuse("wordsAnswered", w.s("mapping-words-missing"));
    }
    out.insert("outcomes".into(), words.into());
    out.into()
}

/// `input.mapping.start.column` is the field `start` of the form.
fn at_field(mut error: UserError) -> UserError {
    let path = error.path.strip_prefix("input.").unwrap_or(&error.path);
    let path = path.strip_prefix("mapping.").unwrap_or(path);
    error.path = match path {
        "fileId" => "file".to_owned(),
        path if path.starts_with("outcomes") => "outcome".to_owned(),
        path => path.to_owned(),
    };
    error
}
