//! Frameworks as the API shows them: everything in the caller's language.

use async_graphql::{Context, Object, SimpleObject};
use voxpark_domain::ctx::Lang;
use voxpark_domain::maturity;
use voxpark_domain::pack::Bilingual;

use crate::request::Asking as _;

/// The text of a language.
pub(super) fn say(lang: Lang, text: &Bilingual) -> &str {
    match lang {
        Lang::Zh => &text.zh,
        Lang::En => &text.en,
    }
}

/// Several names in one text.
pub(super) fn join<'a>(lang: Lang, names: impl IntoIterator<Item = &'a str>) -> String {
    let comma = if lang == Lang::Zh { "、" } else { ", " };
    names.into_iter().collect::<Vec<_>>().join(comma)
}

/// A maturity framework: a versioned, immutable tree of clauses with the conditions of its levels.
pub(crate) struct Framework(pub(super) &'static maturity::Framework);

/// A maturity framework: a versioned, immutable tree of clauses with the conditions of its levels.
#[Object]
impl Framework {
    /// Stable name of framework and edition (`cc-cmm-oc-2011`).
    async fn id(&self) -> String {
        self.0.pin().name()
    }
    /// Edition.
    async fn edition(&self) -> &str {
        &self.0.pin().edition
    }
    /// Version of the data, from 1; an assessment keeps the one it was begun with.
    async fn version(&self) -> u32 {
        self.0.pin().version
    }
    /// SHA-256 of the data, hex.
    async fn fingerprint(&self) -> &str {
        &self.0.pin().fingerprint
    }
    /// Title.
    async fn title(&self, gql: &Context<'_>) -> &str {
        say(gql.request().lang(), self.0.title())
    }
    /// Which printed figure is not applied and why; null when all are.
    async fn erratum(&self, gql: &Context<'_>) -> Option<String> {
        let lang = gql.request().lang();
        let notes: Vec<_> =
            self.0.levels().iter().filter_map(|l| l.erratum.as_ref()).map(|e| say(lang, &e.note)).collect();
        (!notes.is_empty()).then(|| notes.join(" "))
    }
    /// Domains in printed order.
    async fn domains(&self, gql: &Context<'_>) -> Vec<FrameworkDomain> {
        let lang = gql.request().lang();
        let domain = |d: &maturity::framework::Domain| FrameworkDomain {
            letter: d.code.clone(),
            number: d.number.clone(),
            title: say(lang, &d.title).to_owned(),
        };
        self.0.domains().iter().map(domain).collect()
    }
    /// Clauses by number.
    #[graphql(complexity = "168 * child_complexity")]
    async fn clauses(&self) -> Vec<Clause> {
        self.0.clauses().iter().map(|clause| Clause { framework: self.0, clause }).collect()
    }
    /// Levels from the lowest.
    async fn levels(&self, gql: &Context<'_>) -> Vec<FrameworkLevel> {
        let lang = gql.request().lang();
        let level = |l: &maturity::Level| FrameworkLevel {
            level: l.number,
            title: say(lang, &l.name).to_owned(),
            printed_total: l.printed_total,
            effective_total: l.effective_total(),
            min_years: l.min_years,
        };
        self.0.levels().iter().map(level).collect()
    }
    /// The highest total, points: both ratings of every clause at 10.
    async fn max_total(&self) -> u32 {
        self.0.max_total()
    }
}

/// A run of clauses.
#[derive(SimpleObject)]
pub(crate) struct FrameworkDomain {
    /// Short letter.
    letter: String,
    /// Printed number.
    number: String,
    /// Title.
    title: String,
}

/// The conditions of a level that are plain numbers.
#[derive(SimpleObject)]
pub(crate) struct FrameworkLevel {
    /// 1 for the lowest.
    level: u8,
    /// Name.
    title: String,
    /// Points at least, as printed.
    printed_total: u32,
    /// Points at least, as applied.
    effective_total: u32,
    /// Whole years of operation at least; 0 where none are asked for.
    min_years: u32,
}

/// A numbered demand. Titles are ours, not the text of the standard.
pub(crate) struct Clause {
    framework: &'static maturity::Framework,
    clause: &'static maturity::Clause,
}

/// A numbered demand. Titles are ours, not the text of the standard.
#[Object]
impl Clause {
    /// Number, from 1 without gaps.
    async fn number(&self) -> u16 {
        self.clause.number
    }
    /// Letter of its domain.
    async fn domain(&self) -> &str {
        &self.clause.domain
    }
    /// Number of its section.
    async fn section(&self) -> &str {
        &self.clause.section
    }
    /// Title of its section.
    async fn section_title(&self, gql: &Context<'_>) -> &str {
        let section = self.framework.sections().iter().find(|s| s.id == self.clause.section);
        section.map_or("", |s| say(gql.request().lang(), &s.title))
    }
    /// Title.
    async fn title(&self, gql: &Context<'_>) -> &str {
        say(gql.request().lang(), &self.clause.title)
    }
    /// Kinds of proof it asks for, the chief one first: `document`, `record`, `metric`, `interview`.
    async fn evidence_kinds(&self) -> Vec<&'static str> {
        self.clause.evidence.iter().map(|kind| kind.name()).collect()
    }
    /// How often proof must be renewed; empty where the clause does not say.
    async fn frequency(&self, gql: &Context<'_>) -> String {
        let lang = gql.request().lang();
        let names = self.clause.frequencies.iter().filter_map(|key| self.framework.frequencies().get(key));
        join(lang, names.map(|f| say(lang, &f.name)))
    }
    /// Where the platform keeps the proof.
    async fn auto_sources(&self, gql: &Context<'_>) -> Vec<String> {
        let lang = gql.request().lang();
        let names = self.clause.records.iter().filter_map(|key| self.framework.records().get(key));
        names.map(|name| say(lang, name).to_owned()).collect()
    }
    /// How far those records prove it: `A` a rule over them passes or fails, `B` a person reads them, `M` a person judges
    /// on the spot.
    async fn strength(&self) -> &'static str {
        self.clause.strength.name()
    }
}
