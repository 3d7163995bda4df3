//! What a version of a book changes, field by field.

use std::collections::BTreeMap;

use serde_json::Value;
use voxpark_domain::{Error, Result};

use crate::pricing::{Price, PriceBook};

/// A field that a version changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The price; `None` = of the book itself.
    pub price: Option<String>,
    /// The field, as the file spells it (`step.0.tariff.model.per_unit.unit`); empty when the whole price is new or gone.
    pub field: String,
    /// What it was; `None` = there was none.
    pub before: Option<String>,
    /// What it is; `None` = there is none any more.
    pub after: Option<String>,
}

/// What `after` changes of `before`: of the book first, then price by price in the order of the new version, those that are gone
/// last. The number of the version is no difference.
///
/// # Errors
/// None that a checked book can cause.
pub fn differences(before: &PriceBook, after: &PriceBook) -> Result<Vec<Difference>> {
    let mut found = changed(None, &head(before)?, &head(after)?);
    for price in &after.prices {
        match before.price(&price.id) {
            None => found.push(whole(price, false)),
            Some(old) => found.append(&mut changed(Some(&price.id), &fields(old)?, &fields(price)?)),
        }
    }
    found.extend(before.prices.iter().filter(|old| after.price(&old.id).is_none()).map(|old| whole(old, true)));
    Ok(found)
}

/// A price that is gone, or new.
fn whole(price: &Price, gone: bool) -> Difference {
    let named = Some(price.id.clone());
    let (before, after) = if gone { (named.clone(), None) } else { (None, named.clone()) };
    Difference { price: named, field: String::new(), before, after }
}

type Fields = BTreeMap<String, String>;

fn head(book: &PriceBook) -> Result<Fields> {
    let bare = PriceBook { version: 0, prices: Vec::new(), ..book.clone() };
    fields(&bare)
}

/// Every field with a value of its own, by its path.
fn fields(of: &impl serde::Serialize) -> Result<Fields> {
    fn walk(path: &str, value: &Value, out: &mut Fields) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, value)| walk(&below(name), value, out)),
            Value::Array(list) => {
                // Sortable by place, so that steps and tiers stay in their order.
                list.iter().enumerate().for_each(|(at, value)| walk(&below(&at.to_string()), value, out));
            }
            Value::String(text) => drop(out.insert(path.to_owned(), text.clone())),
            Value::Null => {}
            other => drop(out.insert(path.to_owned(), other.to_string())),
        }
    }
    let mut out = Fields::new();
    walk("", &serde_json::to_value(of).map_err(Error::internal)?, &mut out);
    Ok(out)
}

fn changed(price: Option<&str>, before: &Fields, after: &Fields) -> Vec<Difference> {
    let gone = before.keys().filter(|field| !after.contains_key(*field));
    let mut names: Vec<&String> = after.keys().chain(gone).collect();
    names.sort_by_key(|name| place(name));
    let difference = |field: &&String| {
        let (was, is) = (before.get(*field).cloned(), after.get(*field).cloned());
        let price = price.map(str::to_owned);
        (was != is).then(|| Difference { price, field: (*field).clone(), before: was, after: is })
    };
    names.iter().filter_map(difference).collect()
}

/// By which a field is sorted: numbers in its path by value.
fn place(field: &str) -> Vec<(u32, String)> {
    field.split('.').map(|part| part.parse().map_or_else(|_| (0, part.to_owned()), |at| (at, String::new()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use voxpark_domain::pack::PackFile;

    const BOOK: &str = r#"
id = "park"
version = 1
title = { zh = "席位", en = "Seats" }
currency = "CNY"
[[price]]
id = "seat"
title = { zh = "席位", en = "Seat" }
basis = "seat"
[[price.step]]
from = "2026-01-01"
tariff = { model = { volume = { tiers = [{ up_to = 50, unit = "900" }, { unit = "800" }] } } }
[[price]]
id = "desk"
title = { zh = "前台", en = "Desk" }
basis = "once"
[[price.step]]
from = "2026-01-01"
tariff = { model = { per_unit = { unit = "5" } } }
"#;

    fn read(text: &str) -> PriceBook {
        PriceBook::parse(PackFile { name: "b.toml", text }).expect("a sound book")
    }
    fn told(after: &str) -> Vec<(String, String, String, String)> {
        let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let found = differences(&read(BOOK), &read(after)).expect("compared");
        found.into_iter().map(|d| (text(d.price), d.field, text(d.before), text(d.after))).collect()
    }

    #[test]
    fn every_changed_field_is_told_with_both_values() {
        assert_eq!(told(&BOOK.replace("version = 1", "version = 2")), []);
        let after = BOOK
            .replace("en = \"Seats\"", "en = \"All seats\"")
            .replace("\"900\" }, { unit", "\"880.50\" }, { up_to = 99, unit")
            .replace("\"800\" }]", "\"800\" }, { unit = \"700\" }]")
            .replace("id = \"desk\"", "id = \"front\"");
        let row = |price: &str, field: &str, before: &str, after: &str| {
            (price.to_owned(), field.to_owned(), before.to_owned(), after.to_owned())
        };
        let tier = |n: i32, field: &str| format!("step.0.tariff.model.volume.tiers.{n}.{field}");
        assert_eq!(
            told(&after),
            [
                row("-", "title.en", "Seats", "All seats"),
                row("seat", &tier(0, "unit"), "900", "880.5"),
                row("seat", &tier(1, "up_to"), "-", "99"),
                row("seat", &tier(2, "flat"), "-", "0"),
                row("seat", &tier(2, "unit"), "-", "700"),
                row("front", "", "-", "front"),
                row("desk", "", "desk", "-"),
            ]
        );
    }
}
