//! Documents as PDF: takes plain data, knows no other room.
//!
//! A [`Document`] is what stands on the pages, in order; one template sets it. Fonts are those of the machine: Noto CJK, of
//! which only the glyphs used are embedded. The same document gives the same bytes.

use std::sync::OnceLock;

use serde::Serialize;
use typst::foundations::{Dict, IntoValue as _, Str};
use typst_as_lib::TypstEngine;
use typst_as_lib::typst_kit_options::TypstKitFontOptions;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, pdf};

/// The families that a document is set in, the first that is there. Debian has them in `fonts-noto-cjk`.
pub const FONTS: &[&str] = &["Noto Serif CJK SC", "Noto Sans CJK SC"];

const TEMPLATE: &str = include_str!("../templates/document.typ");

/// What stands on the pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Document {
    /// `zh` or `en`: how lines are broken and what is said of pages.
    pub lang: String,
    /// What it is.
    pub title: String,
    /// Under the title: its number, say.
    pub subtitle: String,
    /// Names with what stands for them, before the text.
    pub facts: Vec<(String, String)>,
    /// The text.
    pub parts: Vec<Part>,
    /// At the foot of every page, beside its number.
    pub foot: String,
    /// Across every page; nothing when empty.
    pub mark: String,
}

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// A heading.
    Heading {
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Text {
        /// Its words.
        text: String,
    },
    /// A numbered clause.
    Clause {
        /// `1`, `2`, ...
        number: String,
        /// What it is about.
        title: String,
        /// Its paragraphs.
        texts: Vec<String>,
    },
    /// A table.
    Table {
        /// Its head.
        columns: Vec<Column>,
        /// A text a column.
        rows: Vec<Vec<String>>,
    },
    /// Where the parties sign, side by side.
    Signatures {
        /// The parties.
        parties: Vec<Signature>,
    },
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its head.
    pub title: String,
    /// Whether it holds numbers.
    pub number: bool,
}

/// A party that signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// Who.
    pub party: String,
    /// Names with what stands for them; a line to write on where it is empty.
    pub lines: Vec<(String, String)>,
}

/// Why a document cannot be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// None of [`FONTS`] is on this machine.
    #[error("no font for Chinese: install Noto CJK (Debian: fonts-noto-cjk)")]
    NoFont,
    /// The template and the data do not fit.
    #[error("cannot set the document: {0}")]
    Set(String),
}

/// The engine with the fonts of the machine, looked for once.
fn engine() -> &'static TypstEngine<typst_as_lib::TypstTemplateMainFile> {
    static ENGINE: OnceLock<TypstEngine<typst_as_lib::TypstTemplateMainFile>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let fonts = TypstKitFontOptions::default().include_system_fonts(true);
        TypstEngine::builder().main_file(TEMPLATE).search_fonts_with(fonts).build()
    })
}

/// Prints a document as PDF. Takes a part of a second: not for the threads that wait for the network.
///
/// # Errors
/// [`PrintError`].
pub fn print(document: &Document) -> Result<Vec<u8>, PrintError> {
    let set = |why: &dyn std::fmt::Debug| PrintError::Set(format!("{why:?}"));
    let data = serde_json::to_string(document).map_err(|e| set(&e))?;
    let fonts = FONTS.iter().map(|font| Str::from(*font).into_value()).collect::<typst::foundations::Array>();
    let mut inputs = Dict::new();
    inputs.insert("data".into(), Str::from(data).into_value());
    inputs.insert("fonts".into(), fonts.into_value());
    let set_document = engine().compile_with_input::<_, PagedDocument>(inputs);
    // A font that is missing is a warning to the engine, and pages of boxes to a reader.
    let without = set_document.warnings.iter().filter(|w| w.message.starts_with("unknown font family")).count();
    if without >= FONTS.len() {
        return Err(PrintError::NoFont);
    }
    let pages = set_document.output.map_err(|e| set(&e))?;
    pdf(&pages, &PdfOptions::default()).map_err(|e| set(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(lang: &str, words: &str) -> Document {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        Document {
            lang: lang.to_owned(),
            title: format!("{words} 租赁合同"),
            subtitle: "HT-2026-001".to_owned(),
            facts: vec![pair("甲方", "海峡呼叫产业园"), pair("Lessee", "#panic(\"not code\") $x$ *y*")],
            parts: vec![
                Part::Heading { text: "第一部分".to_owned() },
                Part::Text { text: words.repeat(20) },
                Part::Clause {
                    number: "1".to_owned(),
                    title: "租赁标的".to_owned(),
                    texts: vec!["席位".to_owned(), "Seats".to_owned()],
                },
                Part::Table {
                    columns: vec![
                        Column { title: "项目".to_owned(), number: false },
                        Column { title: "金额".to_owned(), number: true },
                    ],
                    rows: vec![vec!["租金".to_owned(), "880.00".to_owned()]; 12],
                },
                Part::Signatures {
                    parties: vec![
                        Signature {
                            party: "甲方".to_owned(),
                            lines: vec![pair("签字", ""), pair("日期", "2026-11-21")],
                        },
                        Signature { party: "乙方".to_owned(), lines: vec![pair("签字", "")] },
                    ],
                },
            ],
            foot: "HT-2026-001".to_owned(),
            mark: "草稿".to_owned(),
        }
    }

    #[test]
    fn a_document_is_printed_the_same_each_time() {
        for lang in ["zh", "en"] {
            let document = document(lang, "席位 seat ");
            let pdf = print(&document).expect("a PDF");
            assert!(pdf.starts_with(b"%PDF-1."), "{lang}");
            assert!((10_000..300_000).contains(&pdf.len()), "{} bytes: fonts are embedded in part", pdf.len());
            assert_eq!(print(&document).expect("a PDF"), pdf);
        }
        assert!(print(&Document::default()).is_ok());
    }
}
