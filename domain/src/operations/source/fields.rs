//! One delimited record, cut into its fields as RFC 4180 quotes them.

/// The fields of one record, in one buffer that is used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    text: String,
    ends: Vec<usize>,
}

/// Why a record could not be split.
pub(super) enum Unsplit {
    /// A quoted field has no end.
    Open,
    /// Something stands between a closing quote and the delimiter.
    AfterQuote,
}

impl Fields {
    /// Splits a record.
    pub(super) fn split(&mut self, record: &str, delimiter: char) -> Result<(), Unsplit> {
        self.text.clear();
        self.ends.clear();
        if !record.contains('"') {
            for field in record.split(delimiter) {
                self.text.push_str(field);
                self.ends.push(self.text.len());
            }
            return Ok(());
        }
        let mut rest = record;
        loop {
            let Some(quoted) = rest.strip_prefix('"') else {
                let (field, after) = rest.split_once(delimiter).map_or((rest, None), |(f, a)| (f, Some(a)));
                self.text.push_str(field);
                self.ends.push(self.text.len());
                let Some(after) = after else { return Ok(()) };
                rest = after;
                continue;
            };
            let mut inside = quoted;
            let after = loop {
                let (field, tail) = inside.split_once('"').ok_or(Unsplit::Open)?;
                self.text.push_str(field);
                match tail.strip_prefix('"') {
                    Some(more) => {
                        self.text.push('"');
                        inside = more;
                    }
                    None => break tail,
                }
            };
            self.ends.push(self.text.len());
            if after.is_empty() {
                return Ok(());
            }
            rest = after.strip_prefix(delimiter).ok_or(Unsplit::AfterQuote)?;
        }
    }
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
    /// A field without blanks around it; empty when there is none.
    pub(super) fn get(&self, index: usize) -> &str {
        let end = self.ends.get(index).copied().unwrap_or(0);
        let start = index.checked_sub(1).and_then(|i| self.ends.get(i)).copied().unwrap_or(0);
        self.text.get(start..end).unwrap_or("").trim()
    }
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }
}
