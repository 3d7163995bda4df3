//! Search over codes and names: seats by the beginning of their code, the rest by any part, Chinese names also by their
//! pinyin or its initials.

use askama::Template;
use axum::Router;
use axum::routing::get;
use pinyin::ToPinyin as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::form::Form;
use crate::frame::Frame;
use crate::visit::{Answer, Found, Stop, Visit};
use crate::wire::{Connection, Ref};

pub(crate) const DOCUMENT: &str = document!("park-search");
/// Hits of a kind that are shown.
const MOST: usize = 20;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    #[serde(default)]
    seats: Connection<Seat>,
    #[serde(default)]
    tenants: Connection<Tenant>,
    #[serde(default)]
    leases: Connection<Lease>,
    #[serde(default)]
    invoices: Connection<Invoice>,
}

#[derive(Deserialize)]
struct Seat {
    id: String,
    code: String,
    zone: Zone,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    floor: Floor,
}

#[derive(Deserialize)]
struct Floor {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    code: String,
    name: String,
    name_en: String,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
    code: String,
    tenant: Ref,
}

#[derive(Deserialize)]
struct Invoice {
    id: String,
    number: String,
    tenant: Ref,
}

/// Something that was found.
struct Hit {
    label: String,
    note: String,
    href: String,
}

/// Things of one kind that were found.
struct Kind {
    title: String,
    hits: Vec<Hit>,
    /// Where all of them are, when there are more than are shown.
    all: Option<String>,
}

#[derive(Template)]
#[template(path = "park-search/page.html")]
struct Page {
    f: Frame,
    form: Form,
    kinds: Vec<Kind>,
    asked: bool,
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/park/search", get(show))
}

async fn show(visit: Visit) -> Answer {
    let w = visit.w;
    let text = visit.q("q").to_owned();
    let kinds = if text.is_empty() {
        // Nothing was asked: only the frame needs to know who looks.
        visit.load::<Value>(super::scope::DOCUMENT, "Scope", json!({})).await?;
        Vec::new()
    } else {
        kinds(&visit, &text).await?
    };
    let page = Page {
        f: visit.frame(w.s("search-title")),
        asked: !text.is_empty(),
        form: Form::new().default_value("text", text),
        kinds,
    };
    visit.page(&page)
}

/// Goes through a list until enough is found or it ends.
async fn find<T>(
    visit: &Visit,
    operation: &'static str,
    pick: fn(Park) -> Connection<T>,
    hit: impl Fn(T) -> Option<Hit>,
) -> Result<Vec<Hit>, Stop> {
    let (mut hits, mut after) = (Vec::new(), None::<String>);
    loop {
        let data: Data = visit.load(DOCUMENT, operation, json!({ "after": after })).await?;
        let list = pick(data.park.found()?);
        hits.extend(list.nodes.into_iter().filter_map(&hit));
        after = list.page_info.end_cursor.filter(|_| list.page_info.has_next_page);
        if hits.len() >= MOST || after.is_none() {
            hits.truncate(MOST);
            return Ok(hits);
        }
    }
}

async fn kinds(visit: &Visit, text: &str) -> Result<Vec<Kind>, Stop> {
    let w = visit.w;
    let data: Data = visit.load(DOCUMENT, "ParkSearch", json!({ "code": text })).await?;
    let seats = data.park.found()?.seats;
    let sought = Sought::new(text);
    let named = |tenant: &Ref| w.name(&tenant.name, &tenant.name_en).to_owned();
    let of = |tenant: &Ref| sought.names(&tenant.name) || sought.is_in(&tenant.name_en);
    let tenants = find(visit, "SearchTenants", |park| park.tenants, |t| {
        let found = sought.is_in(&t.code) || sought.names(&t.name) || sought.is_in(&t.name_en);
        let label = w.name(&t.name, &t.name_en).to_owned();
        found.then(|| Hit { label, note: t.code, href: format!("/park/tenants/{}", t.id) })
    });
    let leases = find(visit, "SearchLeases", |park| park.leases, |l| {
        let found = sought.is_in(&l.code) || of(&l.tenant);
        found.then(|| Hit { note: named(&l.tenant), label: l.code, href: format!("/park/leases/{}", l.id) })
    });
    let invoices = find(visit, "SearchInvoices", |park| park.invoices, |i| {
        let found = sought.is_in(&i.number) || of(&i.tenant);
        found.then(|| Hit { note: named(&i.tenant), label: i.number, href: format!("/park/invoices/{}", i.id) })
    });
    let more = seats.total_count > super::count(seats.nodes.len());
    let all = more.then(|| crate::html::link("/park/seats", &[("code", text)]));
    let seats = seats.nodes.into_iter().map(|s| Hit {
        note: format!("{} · {}", s.zone.floor.name, s.zone.name),
        href: format!("/park/floors/{}?seat={}#seat", s.zone.floor.id, s.id),
        label: s.code,
    });
    let kinds = [
        Kind { title: w.s("tenants-title").into(), hits: tenants.await?, all: None },
        Kind { title: w.s("leases-title").into(), hits: leases.await?, all: None },
        Kind { title: w.s("invoices-title").into(), hits: invoices.await?, all: None },
        Kind { title: w.s("seats-title").into(), hits: seats.collect(), all },
    ];
    Ok(kinds.into_iter().filter(|kind| !kind.hits.is_empty()).collect())
}

/// What is looked for.
struct Sought {
    /// In lower case.
    text: String,
    /// The same when it may be pinyin: letters alone, without the spaces between syllables.
    letters: Option<String>,
}

impl Sought {
    fn new(text: &str) -> Self {
        let text = text.to_lowercase();
        let letters: String = text.chars().filter(|c| !matches!(c, ' ' | '\'')).collect();
        let pinyin = letters.len() >= 2 && letters.bytes().all(|b| b.is_ascii_lowercase());
        Self { letters: pinyin.then_some(letters), text }
    }
    /// Whether a code or a name in letters holds it.
    fn is_in(&self, field: &str) -> bool {
        field.to_lowercase().contains(&self.text)
    }
    /// Whether a Chinese name holds it, or is read or abbreviated so.
    fn names(&self, name: &str) -> bool {
        let Some(letters) = self.letters.as_deref().filter(|_| !self.is_in(name)) else { return self.is_in(name) };
        let syllables: Vec<&str> = name.to_pinyin().flatten().map(pinyin::Pinyin::plain).collect();
        let initials: String = syllables.iter().filter_map(|s| s.chars().next()).collect();
        // A reading begins with a syllable: "xin" finds 新, "in" does not.
        let read = (0..syllables.len()).any(|from| syllables[from..].concat().starts_with(letters));
        read || initials.contains(letters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_names_are_found_by_their_reading() {
        let name = "华信客服";
        for text in ["华信", "huaxin", "Hua Xin", "kefu", "hxkf", "xk", "ke"] {
            assert!(Sought::new(text).names(name), "{text}");
        }
        for text in ["uaxin", "fh", "h", "huafu", "hx-1"] {
            assert!(!Sought::new(text).names(name), "{text}");
        }
    }
}
