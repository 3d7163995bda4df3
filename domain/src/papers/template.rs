//! What papers say: data (`frameworks/contracts`), which code only fills in.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

use super::entity::{Content, ContentClause, PaperKind, Party};
use crate::error::{Error, Result};
use crate::pack::{Bilingual, Faults, PackFile};

/// The template that is built in.
pub const BUILT_IN: PackFile<'static> = PackFile {
    name: "contracts/seat-lease.v5.toml",
    text: include_str!("../../../frameworks/contracts/seat-lease.v5.toml"),
};

/// What a clause of a template hangs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// It stands in every paper.
    #[default]
    Always,
    /// A price of a seat and month.
    UnitPrice,
    /// A price book in its place.
    PriceBook,
    /// Prices that follow.
    PriceSteps,
    /// Rent-free days.
    RentFree,
    /// Something off the rent.
    Concessions,
    /// The tenant owes the tax itself.
    ReverseCharge,
    /// A deposit.
    Deposit,
    /// Notice of an early end.
    Notice,
    /// A least number of seats.
    MinimumSeats,
    /// A least rent of a month.
    MinimumSpend,
    /// A late fee.
    LateFee,
    /// Seats given back.
    Decrease,
    /// A right to go on.
    Renewal,
    /// Zones of its own.
    OwnZone,
    /// Quiet hours.
    QuietHours,
    /// The price follows an index.
    Index,
    /// Times of day.
    Windows,
}

/// The values that a text can name, each with what it hangs on.
pub(super) const VALUES: &[(&str, When)] = &[
    ("park", When::Always),
    ("tenant", When::Always),
    ("code", When::Always),
    ("signed_on", When::Always),
    ("in_force_from", When::Always),
    ("term_from", When::Always),
    ("term_last", When::Always),
    ("product", When::Always),
    ("seats", When::Always),
    ("unit_price", When::UnitPrice),
    ("price_book", When::PriceBook),
    ("tax_rate", When::Always),
    ("tax_basis", When::Always),
    ("proration", When::Always),
    ("billed", When::Always),
    ("payment_days", When::Always),
    ("changes", When::Always),
    ("reason", When::Always),
    ("price_steps", When::PriceSteps),
    ("rent_free", When::RentFree),
    ("concessions", When::Concessions),
    ("reverse_charge", When::ReverseCharge),
    ("deposit", When::Deposit),
    ("notice_days", When::Notice),
    ("minimum_seats", When::MinimumSeats),
    ("minimum_spend", When::MinimumSpend),
    ("late_grace", When::LateFee),
    ("late_percent", When::LateFee),
    ("late_cap", When::LateFee),
    ("decrease_days", When::Decrease),
    ("decrease_earliest", When::Decrease),
    ("renewal_days", When::Renewal),
    ("renewal_months", When::Renewal),
    ("renewal_increase", When::Renewal),
    ("index_name", When::Index),
    ("index_base", When::Index),
    ("index_next", When::Index),
    ("index_months", When::Index),
    ("index_percent", When::Index),
    ("index_limits", When::Index),
    ("quiet_hours", When::QuietHours),
    ("windows", When::Windows),
];

/// What a lease says, by the names of [`VALUES`]; what it does not agree is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// By name.
    pub(super) texts: BTreeMap<&'static str, Bilingual>,
    /// What is agreed.
    pub(super) agreed: HashSet<When>,
}

/// A clause of a template.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    id: String,
    #[serde(default)]
    when: When,
    title: Bilingual,
    text: Bilingual,
}

/// The text of one kind of paper.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    kind: String,
    title: Bilingual,
    opening: Bilingual,
    clause: Vec<Clause>,
}

/// What papers say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable name.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when it is published.
    pub date: NaiveDate,
    /// Who wrote it, after what.
    pub source: String,
    /// What it is for.
    pub title: Bilingual,
    paper: Vec<Text>,
}

/// The names between braces, in order; `Err` where a brace is open or closed alone.
fn names(text: &str) -> Result<Vec<&str>, ()> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (_, from) = rest.split_at(at);
        let inner = from.strip_prefix('{').ok_or(())?;
        let (name, after) = inner.split_once('}').ok_or(())?;
        found.push(name);
        rest = after;
    }
    Ok(found)
}

impl Template {
    /// Reads and checks a template.
    ///
    /// # Errors
    /// `pack-syntax`, or every fault found, each with file, item, field and rule (`pack-...`): a kind of paper that is
    /// unknown, missing or there twice, a clause there twice, a value that is unknown or hangs on more than its clause.
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let template: Self = file.toml()?;
        let mut bad = Faults::of(file.name);
        bad.text(&template.id, "id", &template.id);
        bad.text(&template.id, "source", &template.source);
        bad.words(&template.id, "title", &template.title);
        bad.range(&template.id, "version", template.version, 1, 9_999);
        for kind in PaperKind::ALL {
            let of_kind = template.paper.iter().filter(|paper| paper.kind == kind.name()).count();
            if of_kind == 0 {
                bad.unknown(&template.id, "paper", kind.name());
            } else if of_kind > 1 {
                bad.doubled(&template.id, "paper", kind.name());
            }
        }
        for paper in &template.paper {
            if PaperKind::from_name(&paper.kind).is_none() {
                bad.unknown(&template.id, "kind", &paper.kind);
            }
            bad.words(&paper.kind, "title", &paper.title);
            check(&mut bad, &paper.kind, "opening", &paper.opening, When::Always);
            let mut seen = HashSet::new();
            for clause in &paper.clause {
                let item = format!("{}.{}", paper.kind, clause.id);
                bad.text(&item, "id", &clause.id);
                bad.words(&item, "title", &clause.title);
                check(&mut bad, &item, "text", &clause.text, clause.when);
                if !seen.insert(clause.id.as_str()) {
                    bad.doubled(&item, "id", &clause.id);
                }
            }
        }
        bad.finish()?;
        Ok(template)
    }

    /// The template that is built in.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), which a test excludes.
    pub fn built_in() -> Result<&'static Self> {
        static PACK: LazyLock<Result<Template>> = LazyLock::new(|| Template::parse(BUILT_IN));
        PACK.as_ref().map_err(|e| Error::internal(format!("{e:?}")))
    }

    /// Name and version in one (`seat-lease.v1`), as papers cite it.
    pub fn reference(&self) -> String {
        format!("{}.v{}", self.id, self.version)
    }

    /// What a paper says.
    pub(super) fn fill(
        &self,
        kind: PaperKind,
        values: &Values,
        parties: Vec<Party>,
        special: &[String],
    ) -> Option<Content> {
        let text = self.paper.iter().find(|paper| paper.kind == kind.name())?;
        let applies = |clause: &&Clause| clause.when == When::Always || values.agreed.contains(&clause.when);
        let clauses = text.clause.iter().filter(applies).map(|clause| ContentClause {
            id: clause.id.clone(),
            title: clause.title.clone(),
            text: filled(&clause.text, values),
        });
        let special = special.iter().map(|text| ContentClause {
            id: String::new(),
            title: Bilingual { zh: "特别约定".to_owned(), en: "Agreed beside this".to_owned() },
            text: Bilingual { zh: text.clone(), en: text.clone() },
        });
        Some(Content {
            title: text.title.clone(),
            parties,
            opening: filled(&text.opening, values),
            clauses: clauses.chain(special).collect(),
        })
    }
}

/// Checks that a text is there in both languages and names only values that it has when it stands.
fn check(bad: &mut Faults, item: &str, field: &str, text: &Bilingual, when: When) {
    bad.words(item, field, text);
    for text in [&text.zh, &text.en] {
        match names(text) {
            Err(()) => bad.unknown(item, field, "{"),
            Ok(names) => {
                let has = |name: &str| VALUES.iter().any(|(n, of)| *n == name && (*of == When::Always || *of == when));
                names.into_iter().filter(|name| !has(name)).for_each(|name| bad.unknown(item, field, name));
            }
        }
    }
}

fn filled(text: &Bilingual, values: &Values) -> Bilingual {
    let fill = |text: &str, of: fn(&Bilingual) -> &String| {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            // What a value says is never looked into again.
            out.push_str(values.texts.get(name).map_or("", |value| of(value)));
            rest = behind;
        }
        out.push_str(rest);
        out
    };
    Bilingual { zh: fill(&text.zh, |value| &value.zh), en: fill(&text.en, |value| &value.en) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_that_is_built_in_is_sound_and_says_every_value() {
        let template = Template::built_in().expect("sound");
        assert_eq!(template.reference(), "seat-lease.v5");
        let texts = BUILT_IN.text;
        let unsaid = ["park", "tenant", "signed_on"];
        for (name, _) in VALUES {
            assert_eq!(texts.contains(&format!("{{{name}}}")), !unsaid.contains(name), "{name}");
        }
    }

    #[test]
    fn faults_are_named() {
        let text = BUILT_IN.text.replacen("{late_grace}", "{unheard}", 1).replacen("when = \"windows\"", "", 1);
        let text =
            text.replacen("kind = \"termination\"", "kind = \"renewal\"", 1).replacen("{deposit}。", "{deposit。", 1);
        let Err(Error::Refused(list)) = Template::parse(PackFile { name: "x.toml", text: &text }) else {
            panic!("refused")
        };
        let mut rules: Vec<_> = list.iter().map(|r| r.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        assert_eq!(rules, ["pack-key-doubled", "pack-reference-unknown"]);
        assert!(list.len() >= 5, "{list:?}");
    }

    #[test]
    fn values_are_said_and_never_read_as_a_template() {
        let mut values = Values::default();
        let two = |text: &str| Bilingual { zh: text.to_owned(), en: text.to_uppercase() };
        values.texts.insert("code", two("l-{reason}"));
        let text = Bilingual { zh: "租约 {code}，{none}完".to_owned(), en: "{code}".to_owned() };
        assert_eq!(
            filled(&text, &values),
            Bilingual { zh: "租约 l-{reason}，完".to_owned(), en: "L-{REASON}".to_owned() }
        );
    }
}
