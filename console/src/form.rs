//! What a form sent: its values are kept until they are accepted, its errors stand beside their fields.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::wire::UserError;
use crate::words::{Say, Words};

/// One of the values a field may take.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A line of explanation, for radio buttons.
    pub hint: String,
}

impl Choice {
    /// A value and its label.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }

    /// With a line of explanation.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// The values of a form and what is wrong with them.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    /// What is wrong, of the whole form.
    pub errors: Vec<UserError>,
}

impl Form {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers a value for a field that was not sent.
    #[must_use]
    pub fn default_value(mut self, name: &str, value: impl Into<String>) -> Self {
        if !self.values.iter().any(|(n, _)| n == name) {
            self.values.push((name.to_owned(), value.into()));
        }
        self
    }

    /// Offers several values for a field that may be sent several times.
    #[must_use]
    pub fn with_values<'a>(mut self, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.values.extend(values.into_iter().map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    /// Carries a fresh idempotency key. A refused form gets another one: nothing was done under the last.
    #[must_use]
    pub fn fresh_key(self, visit: &crate::visit::Visit) -> Self {
        self.without("key").default_value("key", visit.key())
    }

    /// Adds the errors that the API found.
    #[must_use]
    pub fn refused(mut self, errors: Vec<UserError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// The value of a field, trimmed; empty when it was not sent.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
    }

    /// The value of a field to the letter: spaces belong to a password.
    pub fn raw(&self, name: &str) -> &str {
        self.values.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// The form without a value that must not travel back.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.values.retain(|(n, _)| n != name);
        self
    }

    /// Every value of a field that may be sent several times.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str()).collect()
    }

    /// The fields whose names begin so: the rest of the name and the value.
    pub fn named<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.values.iter().filter_map(move |(n, v)| n.strip_prefix(prefix).map(|rest| (rest, v.trim())))
    }

    /// Whether the field holds this value.
    pub fn holds(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(n, v)| n == name && v == value)
    }

    /// Whether anything is wrong.
    pub fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    /// What is wrong with one field. A path names its field whether or not it starts at `input` and however deep it
    /// goes: `input.rentFree.0.from` belongs to `rentFree`.
    pub fn errors_of(&self, name: &str) -> Vec<&str> {
        self.errors.iter().filter(|e| field_of(&e.path) == name).map(|e| e.message.as_str()).collect()
    }

    /// The field an error belongs to, for the link in the summary.
    pub fn field<'a>(&self, error: &'a UserError) -> &'a str {
        field_of(&error.path)
    }

    /// Notes an error that needs no API to be seen.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(UserError { path: name.to_owned(), message: message.into(), rule: String::new() });
    }

    /// The names of so many rows of two fields: `freeFrom0`, `freeTo0`, ...
    pub fn rows(first: &str, second: &str, rows: usize) -> Vec<(String, String)> {
        (0..rows).map(|row| (format!("{first}{row}"), format!("{second}{row}"))).collect()
    }

    /// The rows of two fields that are not empty: what each holds, read by the functions given.
    pub fn filled(
        &mut self,
        rows: Vec<(String, String)>,
        mut read: impl FnMut(&mut Self, &str, &str) -> (Value, Value),
    ) -> Vec<(Value, Value)> {
        let mut out = Vec::new();
        for (first, second) in rows {
            if !self.value(&first).is_empty() || !self.value(&second).is_empty() {
                out.push(read(self, &first, &second));
            }
        }
        out
    }

    /// A text that must be there.
    pub fn required(&mut self, name: &str, w: Words) -> Value {
        if self.value(name).is_empty() {
            self.refuse(name, w.s("form-required"));
        }
        json!(self.value(name))
    }

    /// A text, or null when it is empty.
    pub fn optional(&self, name: &str) -> Value {
        match self.value(name) {
            "" => Value::Null,
            text => json!(text),
        }
    }

    /// A whole number that must be there.
    pub fn whole(&mut self, name: &str, w: Words) -> Value {
        match self.value(name).parse::<i32>() {
            Ok(n) => json!(n),
            Err(_) => self.complain(name, w.s("form-whole-number")),
        }
    }

    /// A civil date that must be there.
    pub fn date(&mut self, name: &str, w: Words) -> Value {
        match self.value(name).parse::<chrono::NaiveDate>() {
            Ok(day) => json!(day),
            Err(_) => self.complain(name, w.s("form-date")),
        }
    }

    /// A civil date, or null when it is empty.
    pub fn optional_date(&mut self, name: &str, w: Words) -> Value {
        if self.value(name).is_empty() { Value::Null } else { self.date(name, w) }
    }

    /// The instant at which a civil day that must be there is over on the clock of a zone.
    pub fn end_of_day(&mut self, name: &str, w: Words, zone: &str) -> Value {
        let day = self.date(name, w);
        let next = day.as_str().and_then(|day| day.parse::<chrono::NaiveDate>().ok()).and_then(|day| day.succ_opt());
        let zone = zone.parse::<chrono_tz::Tz>().unwrap_or(chrono_tz::Tz::UTC);
        // Where clocks go forward at midnight, the day is over an hour later.
        let over = next
            .and_then(|next| (0..4).find_map(|hour| next.and_hms_opt(hour, 0, 0)?.and_local_timezone(zone).earliest()));
        json!(over.map(|over| over.with_timezone(&chrono::Utc)))
    }

    /// A time of day as minutes after midnight; `24:00` is the end of the day.
    pub fn minutes(&mut self, name: &str, w: Words) -> Value {
        let read = self.value(name).split_once(':').and_then(|(h, m)| {
            let (h, m) = (h.parse::<i32>().ok()?, m.parse::<i32>().ok()?);
            ((0..=24).contains(&h) && (0..60).contains(&m)).then_some(h * 60 + m).filter(|at| *at <= 1440)
        });
        match read {
            Some(at) => json!(at),
            None => self.complain(name, w.s("form-time")),
        }
    }

    /// A window of the day in minutes after the midnight that begins it: one that ends before it begins ends on the next day.
    pub fn window(&mut self, from: &str, to: &str, w: Words) -> (Value, Value) {
        let (start, end) = (self.minutes(from, w), self.minutes(to, w));
        match (start.as_i64(), end.as_i64()) {
            (Some(from), Some(to)) if to <= from => (start, json!(to + 1440)),
            _ => (start, end),
        }
    }

    fn complain(&mut self, name: &str, message: Say) -> Value {
        let message = if self.value(name).is_empty() { Words::new(message.lang()).s("form-required") } else { message };
        self.refuse(name, message);
        Value::Null
    }
}

fn field_of(path: &str) -> &str {
    let path = path.strip_prefix("input.").unwrap_or(path);
    path.split(['.', '[']).next().unwrap_or(path)
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let axum::Form(values) = axum::Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self { values, errors: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::Lang;

    fn form(values: &[(&str, &str)]) -> Form {
        values.iter().fold(Form::new(), |form, (name, value)| form.default_value(name, *value))
    }

    #[test]
    fn errors_find_their_field() {
        let at = |path: &str| UserError { path: path.into(), message: path.into(), rule: "r".into() };
        let form = Form::new().refused(vec![at("input.termFrom"), at("rentFree.0.from"), at("rentFree[1].to"), at("")]);
        assert_eq!(form.errors_of("termFrom"), ["input.termFrom"]);
        assert_eq!(form.errors_of("rentFree"), ["rentFree.0.from", "rentFree[1].to"]);
        assert!(form.errors_of("term").is_empty());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let w = Words::new(Lang::En);
        let mut sent = form(&[("days", "x"), ("from", "2026-02-30"), ("at", "24:30"), ("ok", "24:00")]);
        sent.whole("days", w);
        sent.date("from", w);
        sent.minutes("at", w);
        sent.required("name", w);
        assert_eq!(sent.minutes("ok", w), json!(1440));
        assert_eq!(sent.optional_date("none", w), Value::Null);
        let fields: Vec<_> = sent.errors.iter().map(|e| e.path.as_str()).collect();
        assert_eq!(fields, ["days", "from", "at", "name"]);
    }
}
