//! Data packs: what versioned data files (maturity frameworks, reference figures) have in common.
//!
//! A pack is checked whole before anything of it is used, and every fault names file, item, field and rule, so that
//! whoever wrote the file can mend it without reading code.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Refusal, RefusalCode, Refusals};

/// A text in the two languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One file of a pack: its name (for messages) and its text.
#[derive(Clone, Copy, Debug)]
pub struct PackFile<'a> {
    /// File name as the author knows it.
    pub name: &'a str,
    /// Content, UTF-8.
    pub text: &'a str,
}

impl PackFile<'_> {
    /// Reads the file as TOML.
    ///
    /// # Errors
    /// `pack-syntax` with the line and the parser's words.
    pub fn toml<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        toml::from_str(self.text).map_err(|error| {
            let before = error.span().and_then(|span| self.text.get(..span.start)).unwrap_or_default();
            let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
            self.syntax(line, error.message())
        })
    }

    /// Reads the file as a table: tab-separated, one header line, no quoting.
    ///
    /// # Errors
    /// `pack-syntax` with the line and the parser's words, one a bad line.
    pub fn table<T: DeserializeOwned>(self) -> Result<Vec<T>, Vec<Refusal>> {
        let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_reader(self.text.as_bytes());
        let (mut rows, mut faults) = (Vec::new(), Vec::new());
        for (index, row) in reader.deserialize().enumerate() {
            match row {
                Ok(row) => rows.push(row),
                Err(error) => faults.push(self.syntax(index + 2, &error.to_string())),
            }
        }
        if faults.is_empty() { Ok(rows) } else { Err(faults) }
    }

    fn syntax(self, line: usize, detail: &str) -> Refusal {
        Refusal::new(RefusalCode::Invalid, "pack-syntax")
            .at(format!("line {line}"))
            .with("file", self.name)
            .with("line", line)
            .with("detail", detail)
    }
}

/// SHA-256 over the texts in the order given, as hex; line ends count as one newline, so that a checkout on another
/// system has the same fingerprint.
pub fn fingerprint(files: &[PackFile<'_>]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for line in file.text.lines() {
            hash.update(line.as_bytes());
            hash.update(b"\n");
        }
        hash.update(b"\0");
    }
    hex(&hash.finalize())
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Collects the faults of one file.
pub(crate) struct Faults<'a> {
    file: &'a str,
    found: Refusals,
}

impl<'a> Faults<'a> {
    pub(crate) fn of(file: &'a str) -> Self {
        Self { file, found: Refusals::new() }
    }

    /// A fault of this file; `field` is a column or key of `item`.
    pub(crate) fn at(&self, code: RefusalCode, rule: &'static str, item: &str, field: &str) -> Refusal {
        Refusal::new(code, rule)
            .at(format!("{item}.{field}"))
            .with("file", self.file)
            .with("item", item)
            .with("field", field)
    }

    pub(crate) fn push(&mut self, refusal: Refusal) {
        self.found.push(refusal);
    }

    /// The text must say something.
    pub(crate) fn text(&mut self, item: &str, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.push(self.at(RefusalCode::Required, "pack-text-missing", item, field));
        }
    }

    /// Both languages must say something.
    pub(crate) fn words(&mut self, item: &str, field: &str, words: &Bilingual) {
        self.text(item, &format!("{field}.zh"), &words.zh);
        self.text(item, &format!("{field}.en"), &words.en);
    }

    /// The value is none of a closed list.
    pub(crate) fn value(&mut self, item: &str, field: &str, value: &str, allowed: &str) {
        let fault = self.at(RefusalCode::Invalid, "pack-value", item, field);
        self.push(fault.with("value", value).with("allowed", allowed));
    }

    /// The value names nothing that the pack defines.
    pub(crate) fn unknown(&mut self, item: &str, field: &str, value: &str) {
        let fault = self.at(RefusalCode::NotFound, "pack-reference-unknown", item, field);
        self.push(fault.with("value", value));
    }

    /// The key is there twice.
    pub(crate) fn doubled(&mut self, item: &str, field: &str, value: &str) {
        let fault = self.at(RefusalCode::Duplicate, "pack-key-doubled", item, field);
        self.push(fault.with("value", value));
    }

    /// The number must lie in `min..=max`.
    pub(crate) fn range(&mut self, item: &str, field: &str, value: u32, min: u32, max: u32) {
        if value < min || value > max {
            let fault = self.at(RefusalCode::OutOfRange, "pack-range", item, field);
            self.push(fault.with("value", i64::from(value)).with("min", i64::from(min)).with("max", i64::from(max)));
        }
    }

    /// The number must be exactly what the rest of the pack asks for.
    pub(crate) fn count(&mut self, item: &str, field: &str, value: u32, expected: u32) {
        if value != expected {
            let fault = self.at(RefusalCode::Invalid, "pack-count", item, field);
            self.push(fault.with("value", i64::from(value)).with("expected", i64::from(expected)));
        }
    }

    pub(crate) fn finish(self) -> crate::Result<()> {
        self.found.finish()
    }
}
