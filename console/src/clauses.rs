//! What a lease agrees beside the price: as facts, as fields of a form, and what of them changes.

use std::borrow::Borrow;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::form::{Choice, Form};
use crate::wire::Money;
use crate::words::Words;

/// Rows of a least number or amount, and of times of day, that a form offers beyond those agreed.
const MORE: usize = 2;

/// The clauses of a version of a lease.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Clauses {
    notice_days: Option<i64>,
    minimum_seats: Vec<Seats>,
    minimum_spend: Vec<Spend>,
    late_fee: Option<LateFee>,
    decrease: Option<Decrease>,
    renewal: Option<Renewal>,
    #[serde(default)]
    in_advance: bool,
    own_zone: bool,
    quiet_hours: Option<Window>,
    windows: Vec<Window>,
    #[serde(default)]
    index: Option<Index>,
    #[serde(default)]
    cost_centre: String,
    #[serde(default)]
    concessions: Vec<Concession>,
    #[serde(default)]
    pub(crate) tax_included: bool,
    #[serde(default)]
    reverse_charge: String,
}

#[derive(Deserialize)]
struct Concession {
    kind: String,
    from: String,
    last: String,
    percent: Option<String>,
    amount: Option<Money>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    name: String,
    base: String,
    next_review: NaiveDate,
    every_months: i64,
    follows_percent: String,
    most_rise_percent: Option<String>,
    most_fall_percent: Option<String>,
}

#[derive(Deserialize)]
struct Seats {
    from: NaiveDate,
    seats: i64,
}

#[derive(Deserialize)]
struct Spend {
    from: NaiveDate,
    amount: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LateFee {
    grace_days: i64,
    percent_per_day: String,
    cap_percent: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decrease {
    notice_days: i64,
    earliest: Option<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Renewal {
    pub(crate) notice_days: i64,
    pub(crate) months: i64,
    pub(crate) most_increase_percent: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Window {
    from_min: i64,
    to_min: i64,
}

/// Rows of fields that a form offers.
pub(crate) struct Rows {
    pub(crate) seats: Vec<(String, String)>,
    pub(crate) spend: Vec<(String, String)>,
    pub(crate) windows: Vec<(String, String)>,
    pub(crate) concessions: Vec<ConcessionRow>,
    pub(crate) concession_kinds: Vec<Choice>,
}

/// The fields of what comes off the rent.
pub(crate) struct ConcessionRow {
    pub(crate) kind: String,
    pub(crate) from: String,
    pub(crate) last: String,
    pub(crate) off: String,
    pub(crate) reason: String,
}

impl ConcessionRow {
    fn at(row: usize) -> Self {
        let name = |of: &str| format!("concession{of}{row}");
        Self { kind: name("Kind"), from: name("From"), last: name("Last"), off: name("Off"), reason: name("Reason") }
    }
    fn names(&self) -> [&String; 5] {
        [&self.kind, &self.from, &self.last, &self.off, &self.reason]
    }
}

/// The word of a kind of what comes off.
fn concession_word(w: Words, kind: &str) -> String {
    match kind {
        "WAIVER" => w.s("concession-waiver").into(),
        "DISCOUNT" => w.s("concession-discount").into(),
        other => other.to_owned(),
    }
}

fn text(day: Option<NaiveDate>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn checked(yes: bool) -> String {
    if yes { "yes".to_owned() } else { String::new() }
}

/// A minute of the day as a form has it.
fn clock(w: Words, minute: i64) -> String {
    if minute == 1440 { "24:00".to_owned() } else { w.minutes(minute % 1440) }
}

impl Index {
    /// In words.
    pub(crate) fn said(&self, w: Words) -> String {
        let text = w.s("clause-index-says").arg("name", &self.name).arg("base", &self.base);
        let text = text.arg("next", w.date(self.next_review)).arg("months", self.every_months);
        let mut text = text.arg("percent", &self.follows_percent).to_string();
        if let Some(percent) = &self.most_rise_percent {
            text = format!("{text} · {}", w.s("clause-index-rise-says").arg("percent", percent));
        }
        if let Some(percent) = &self.most_fall_percent {
            text = format!("{text} · {}", w.s("clause-index-fall-says").arg("percent", percent));
        }
        text
    }
}

impl Clauses {
    /// The tenant's right to go on.
    pub(crate) fn renewal(&self) -> Option<&Renewal> {
        self.renewal.as_ref()
    }
    /// How the price follows an index.
    pub(crate) fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }
    /// The rows of a form: those agreed and some more.
    pub(crate) fn rows(&self, w: Words) -> Rows {
        Rows {
            concessions: (0..self.concessions.len() + MORE).map(ConcessionRow::at).collect(),
            concession_kinds: ["DISCOUNT", "WAIVER"].map(|kind| Choice::new(kind, concession_word(w, kind))).into(),
            seats: Form::rows("seatsFrom", "seatsLeast", self.minimum_seats.len() + MORE),
            spend: Form::rows("spendFrom", "spendLeast", self.minimum_spend.len() + MORE),
            windows: Form::rows("windowFrom", "windowTo", self.windows.len() + MORE),
        }
    }

    /// Every clause that is agreed, in words.
    pub(crate) fn said(&self, w: impl Borrow<Words>) -> Vec<(String, String)> {
        let w = *w.borrow();
        let mut out = Vec::new();
        let mut say = |label: &'static str, text: String| out.push((w.s(label).to_string(), text));
        let window = |shift: &Window| format!("{}–{}", w.minutes(shift.from_min), w.until(shift.to_min));
        if let Some(days) = self.notice_days {
            say("clause-notice", w.s("days-n").arg("n", days).to_string());
        }
        if !self.minimum_seats.is_empty() {
            let row = |row: &Seats| {
                w.s("clause-from")
                    .arg("what", w.s("seats-n").arg("n", row.seats).to_string())
                    .arg("from", w.date(row.from))
                    .to_string()
            };
            say("clause-minimum-seats", self.minimum_seats.iter().map(row).collect::<Vec<_>>().join("; "));
        }
        if !self.minimum_spend.is_empty() {
            let row = |row: &Spend| {
                w.s("clause-from").arg("what", w.money(&row.amount)).arg("from", w.date(row.from)).to_string()
            };
            say("clause-minimum-spend", self.minimum_spend.iter().map(row).collect::<Vec<_>>().join("; "));
        }
        if !self.concessions.is_empty() {
            let row = |one: &Concession| {
                let off = match (&one.percent, &one.amount) {
                    (Some(percent), _) => format!("{percent} %"),
                    (None, Some(amount)) => w.money(amount),
                    (None, None) => String::new(),
                };
                let text = w.s("clause-concession-says").arg("kind", concession_word(w, &one.kind)).arg("off", off);
                let text = text.arg("from", &one.from).arg("last", &one.last).arg("reason", &one.reason);
                text.to_string()
            };
            say("clause-concessions", self.concessions.iter().map(row).collect::<Vec<_>>().join("; "));
        }
        if let Some(fee) = &self.late_fee {
            let text = w.s("clause-late-says").arg("percent", &fee.percent_per_day).arg("days", fee.grace_days);
            say("clause-late", text.arg("cap", &fee.cap_percent).to_string());
        }
        if let Some(clause) = &self.decrease {
            let text = w.s("clause-decrease-says").arg("days", clause.notice_days);
            say(
                "clause-decrease",
                match clause.earliest {
                    Some(day) => format!("{text} · {}", w.s("clause-earliest-says").arg("from", w.date(day))),
                    None => text.to_string(),
                },
            );
        }
        if let Some(clause) = &self.renewal {
            let text = w.s("clause-renewal-says").arg("months", clause.months).arg("days", clause.notice_days);
            say("clause-renewal", text.arg("percent", &clause.most_increase_percent).to_string());
        }
        if let Some(index) = &self.index {
            say("clause-index", index.said(w));
        }
        if !self.reverse_charge.is_empty() {
            say("clause-reverse-charge", self.reverse_charge.clone());
        }
        if !self.cost_centre.is_empty() {
            say("clause-cost-centre", self.cost_centre.clone());
        }
        if self.in_advance {
            say("clause-in-advance", w.s("yes").to_string());
        }
        if self.own_zone {
            say("clause-own-zone", w.s("yes").to_string());
        }
        if let Some(hours) = &self.quiet_hours {
            say("clause-quiet", window(hours));
        }
        if !self.windows.is_empty() {
            say("clause-windows", self.windows.iter().map(window).collect::<Vec<_>>().join(", "));
        }
        out
    }

    /// The fields of a form with what is agreed, clause by clause under its word.
    fn fields(&self, w: Words) -> Vec<(&'static str, Vec<(String, String)>)> {
        let rows = self.rows(w);
        let one = |name: &str, value: String| vec![(name.to_owned(), value)];
        let pairs = |names: Vec<(String, String)>, values: Vec<(String, String)>| {
            let values = values.into_iter().chain(std::iter::repeat((String::new(), String::new())));
            names.into_iter().zip(values).flat_map(|((a, b), (x, y))| [(a, x), (b, y)]).collect::<Vec<_>>()
        };
        let seats = self.minimum_seats.iter().map(|r| (r.from.to_string(), r.seats.to_string())).collect();
        let spend = self.minimum_spend.iter().map(|r| (r.from.to_string(), r.amount.amount.clone())).collect();
        let windows = |list: &[Window]| list.iter().map(|s| (clock(w, s.from_min), clock(w, s.to_min))).collect();
        let (fee, less, more) = (self.late_fee.as_ref(), self.decrease.as_ref(), self.renewal.as_ref());
        let off = |one: &Concession| match (&one.percent, &one.amount) {
            (Some(percent), _) => format!("{percent}%"),
            (None, Some(amount)) => amount.amount.clone(),
            (None, None) => String::new(),
        };
        let given =
            |one: &Concession| [one.kind.clone(), one.from.clone(), one.last.clone(), off(one), one.reason.clone()];
        let concessions = rows.concessions.iter().enumerate().flat_map(|(at, row)| {
            let values = self.concessions.get(at).map_or_else(Default::default, given);
            row.names().map(Clone::clone).into_iter().zip(values).collect::<Vec<_>>()
        });
        let concessions = concessions.collect();
        let (quiet, index) = (self.quiet_hours.as_slice(), self.index.as_ref());
        vec![
            ("clause-notice", one("noticeDays", or_empty(self.notice_days))),
            ("clause-minimum-seats", pairs(rows.seats, seats)),
            ("clause-minimum-spend", pairs(rows.spend, spend)),
            ("clause-concessions", concessions),
            (
                "clause-late",
                vec![
                    ("lateGrace".to_owned(), or_empty(fee.map(|f| f.grace_days))),
                    ("latePercent".to_owned(), or_empty(fee.map(|f| &f.percent_per_day))),
                    ("lateCap".to_owned(), or_empty(fee.map(|f| &f.cap_percent))),
                ],
            ),
            (
                "clause-decrease",
                vec![
                    ("decreaseDays".to_owned(), or_empty(less.map(|d| d.notice_days))),
                    ("decreaseEarliest".to_owned(), text(less.and_then(|d| d.earliest))),
                ],
            ),
            (
                "clause-renewal",
                vec![
                    ("renewalDays".to_owned(), or_empty(more.map(|r| r.notice_days))),
                    ("renewalMonths".to_owned(), or_empty(more.map(|r| r.months))),
                    ("renewalIncrease".to_owned(), or_empty(more.map(|r| &r.most_increase_percent))),
                ],
            ),
            (
                "clause-index",
                vec![
                    ("indexName".to_owned(), or_empty(index.map(|i| &i.name))),
                    ("indexBase".to_owned(), or_empty(index.map(|i| &i.base))),
                    ("indexNext".to_owned(), text(index.map(|i| i.next_review))),
                    ("indexMonths".to_owned(), or_empty(index.map(|i| i.every_months))),
                    ("indexPercent".to_owned(), or_empty(index.map(|i| &i.follows_percent))),
                    ("indexRise".to_owned(), or_empty(index.and_then(|i| i.most_rise_percent.as_ref()))),
                    ("indexFall".to_owned(), or_empty(index.and_then(|i| i.most_fall_percent.as_ref()))),
                ],
            ),
            ("clause-tax-included", one("taxIncluded", checked(self.tax_included))),
            ("clause-reverse-charge", one("reverseCharge", self.reverse_charge.clone())),
            ("clause-cost-centre", one("costCentre", self.cost_centre.clone())),
            ("clause-in-advance", one("inAdvance", checked(self.in_advance))),
            ("clause-own-zone", one("ownZone", checked(self.own_zone))),
            ("clause-quiet", pairs(vec![("quietFrom".to_owned(), "quietTo".to_owned())], windows(quiet))),
            ("clause-windows", pairs(rows.windows, windows(&self.windows))),
        ]
    }

    /// The form with what is agreed where nothing else was sent.
    pub(crate) fn defaults(&self, w: Words, form: Form) -> Form {
        let fields = self.fields(w).into_iter().flat_map(|(_, fields)| fields).filter(|(_, value)| !value.is_empty());
        fields.fold(form, |form, (name, value)| form.default_value(&name, value))
    }

    /// The names of every field.
    pub(crate) fn names(&self, w: Words) -> impl Iterator<Item = String> {
        self.fields(w).into_iter().flat_map(|(_, fields)| fields).map(|(name, _)| name)
    }

    /// The clauses that a form says otherwise: word, what is agreed, what is asked for.
    pub(crate) fn changes(&self, w: Words, form: &Form) -> Vec<(String, String, String)> {
        let joined = |values: Vec<String>| values.into_iter().filter(|v| !v.is_empty()).collect::<Vec<_>>().join(" · ");
        let shown = |name: &str, value: &str| {
            if name.starts_with("concessionKind") { concession_word(w, value) } else { value.to_owned() }
        };
        let changed = self.fields(w).into_iter().filter_map(|(word, fields)| {
            let is = joined(fields.iter().map(|(name, _)| shown(name, form.value(name))).collect());
            let was = joined(fields.into_iter().map(|(name, value)| shown(&name, &value)).collect());
            (was != is).then(|| (w.s(word).to_string(), was, is))
        });
        changed.collect()
    }

    /// The clauses that a form asks for, as the API takes them.
    pub(crate) fn read(&self, w: Words, form: &mut Form) -> Value {
        let rows = self.rows(w);
        let mut concessions = Vec::new();
        for row in &rows.concessions {
            if row.names().iter().any(|name| !form.value(name).is_empty()) {
                let off = form.required(&row.off, w);
                let off = off.as_str().unwrap_or_default();
                let percent = off.strip_suffix(['%', '％']).map(str::trim);
                let amount = if percent.is_some() { None } else { Some(off) };
                concessions.push(json!({ "kind": form.required(&row.kind, w), "from": form.required(&row.from, w),
                    "last": form.required(&row.last, w), "percent": percent, "amount": amount, "reason": form.required(&row.reason, w) }));
            }
        }
        let seats = form.filled(rows.seats, |f, from, least| (f.date(from, w), f.whole(least, w)));
        let spend = form.filled(rows.spend, |f, from, least| (f.date(from, w), f.required(least, w)));
        let windows = form.filled(rows.windows, |f, from, to| f.window(from, to, w));
        let any = |form: &Form, names: &[&str]| names.iter().any(|name| !form.value(name).is_empty());
        let late_fee = any(form, &["lateGrace", "latePercent", "lateCap"]).then(|| {
            json!({ "graceDays": form.whole("lateGrace", w), "percentPerDay": form.required("latePercent", w), "capPercent": form.required("lateCap", w) })
        });
        let decrease = any(form, &["decreaseDays", "decreaseEarliest"]).then(|| {
            json!({ "noticeDays": form.whole("decreaseDays", w), "earliest": form.optional_date("decreaseEarliest", w) })
        });
        let renewal = any(form, &["renewalDays", "renewalMonths", "renewalIncrease"]).then(|| {
            json!({ "noticeDays": form.whole("renewalDays", w), "months": form.whole("renewalMonths", w),
                "mostIncreasePercent": form.required("renewalIncrease", w) })
        });
        let index = any(form, &["indexName", "indexBase", "indexNext", "indexMonths"]).then(|| {
            json!({ "name": form.required("indexName", w), "base": form.required("indexBase", w),
                "nextReview": form.date("indexNext", w), "everyMonths": form.whole("indexMonths", w),
                "followsPercent": form.optional("indexPercent"), "mostRisePercent": form.optional("indexRise"),
                "mostFallPercent": form.optional("indexFall") })
        });
        let quiet = any(form, &["quietFrom", "quietTo"]).then(|| {
            let (from, to) = form.window("quietFrom", "quietTo", w);
            json!({ "fromMin": from, "toMin": to })
        });
        let notice = any(form, &["noticeDays"]).then(|| form.whole("noticeDays", w));
        let list = |rows: Vec<(Value, Value)>, a: &str, b: &str| {
            rows.into_iter().map(|(x, y)| json!({ a: x, b: y })).collect::<Vec<_>>()
        };
        json!({
            "taxIncluded": form.holds("taxIncluded", "yes"), "reverseCharge": form.optional("reverseCharge"),
            "costCentre": form.optional("costCentre"), "concessions": concessions,
            "noticeDays": notice, "minimumSeats": list(seats, "from", "seats"), "minimumSpend": list(spend, "from", "amount"),
            "lateFee": late_fee, "decrease": decrease, "renewal": renewal, "index": index, "inAdvance": form.holds("inAdvance", "yes"),
            "ownZone": form.holds("ownZone", "yes"),
            "quietHours": quiet, "windows": list(windows, "fromMin", "toMin"),
        })
    }
}
