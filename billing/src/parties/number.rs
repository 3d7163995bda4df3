//! The forms of a taxpayer number: data (`frameworks/fiscal`), and the one way in which they are checked.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;
use voxpark_domain::pack::{Bilingual, PackFile};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

/// The forms that are built in.
pub const BUILT_IN: PackFile<'static> = PackFile {
    name: "fiscal/taxpayer-numbers.v1.toml",
    text: include_str!("../../../frameworks/fiscal/taxpayer-numbers.v1.toml"),
};

/// A character that follows from others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberCheck {
    /// The place of the first character that is counted, from 0.
    pub from: usize,
    /// How much each counts.
    pub weights: Vec<usize>,
    /// The character that follows them, by the weighted sum modulo the number of signs.
    pub signs: String,
}

/// A form that a number may have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberForm {
    /// Stable name.
    pub id: String,
    /// What it is.
    pub title: Bilingual,
    /// How many characters.
    pub length: usize,
    /// The characters, in the order of their values.
    pub alphabet: String,
    /// So many at the beginning are digits.
    pub digits: usize,
    /// The law and the standard.
    pub source: String,
    /// What follows from what.
    pub check: Vec<NumberCheck>,
}

impl NumberForm {
    /// The value of each character; `None` when one is none of this form.
    fn values(&self, number: &str) -> Option<Vec<usize>> {
        let value = |sign: char| self.alphabet.chars().position(|known| known == sign);
        let digits = number.chars().take(self.digits).all(|sign| sign.is_ascii_digit());
        let values: Option<Vec<usize>> = number.chars().map(value).collect();
        values.filter(|values| digits && values.len() == self.length)
    }
    /// Whether a number is of this form: its characters alone, and then its checks.
    fn fits(&self, number: &str) -> (bool, bool) {
        let Some(values) = self.values(number) else { return (false, false) };
        let comes_out = |check: &NumberCheck| {
            let counted = values.iter().skip(check.from).zip(&check.weights);
            let sum: usize = counted.map(|(value, weight)| value * weight).sum();
            let sign = check.signs.chars().nth(sum % check.signs.chars().count().max(1));
            sign.is_some() && sign == number.chars().nth(check.from + check.weights.len())
        };
        (true, self.check.iter().all(comes_out))
    }
}

/// The forms that a taxpayer number may have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberForms {
    /// Stable name.
    pub id: String,
    /// Version, from 1.
    pub version: u32,
    /// Since when it is in force.
    pub date: NaiveDate,
    /// The law.
    pub source: String,
    /// In the order in which they are tried.
    pub form: Vec<NumberForm>,
}

impl NumberForms {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// `pack-syntax`; `pack-text-missing`, `pack-key-doubled` and `pack-range` with the file and the item.
    pub fn parse(file: PackFile<'_>) -> Result<Self> {
        let forms: Self = file.toml()?;
        let (mut seen, mut bad) = (HashSet::new(), Vec::new());
        let fault = |code, rule, item: &str, field: &str| {
            Refusal::new(code, rule).with("file", file.name).with("item", item).with("field", field)
        };
        for form in &forms.form {
            let words = [&form.id, &form.title.zh, &form.title.en, &form.source, &form.alphabet];
            if words.iter().any(|text| text.trim().is_empty()) {
                bad.push(fault(RefusalCode::Required, "pack-text-missing", &form.id, "title"));
            }
            if !seen.insert(form.id.as_str()) {
                let doubled = fault(RefusalCode::Duplicate, "pack-key-doubled", &form.id, "id");
                bad.push(doubled.with("value", form.id.as_str()));
            }
            let inside = |check: &NumberCheck| {
                !check.signs.is_empty() && !check.weights.is_empty() && check.from + check.weights.len() < form.length
            };
            if form.digits > form.length || !form.check.iter().all(inside) {
                let range = fault(RefusalCode::OutOfRange, "pack-range", &form.id, "check");
                bad.push(range.with("value", form.digits).with("min", 0_i64).with("max", form.length));
            }
        }
        if bad.is_empty() { Ok(forms) } else { Err(Error::Refused(bad)) }
    }

    /// The pack that is built in.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), which a test excludes.
    pub fn built_in() -> Result<&'static Self> {
        static PACK: LazyLock<Result<NumberForms>> = LazyLock::new(|| NumberForms::parse(BUILT_IN));
        PACK.as_ref().map_err(|e| Error::internal(format!("{e:?}")))
    }

    /// A number as it is kept: without blanks, letters large.
    ///
    /// # Errors
    /// `tax-number-form` when it has none of the forms, `tax-number-check` when it has one and a character does not follow
    /// from the others.
    pub fn accept(&self, text: &str) -> Result<String, Refusal> {
        let number: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let number = number.to_ascii_uppercase();
        let mut formed = false;
        for form in &self.form {
            match form.fits(&number) {
                (true, true) => return Ok(number),
                (true, false) => formed = true,
                (false, _) => {}
            }
        }
        Err(if formed {
            Refusal::new(RefusalCode::Invalid, "tax-number-check")
        } else {
            Refusal::new(RefusalCode::Invalid, "tax-number-form")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<String, &'static str> {
        NumberForms::built_in().expect("the pack is sound").accept(text).map_err(|refusal| refusal.rule)
    }

    #[test]
    fn each_form_is_taken_by_its_own_check() {
        // A published code of a listed company; the two examples of GB 11643-1999, one also with a serial; the example of
        // GB 11714-1997 behind a region.
        for number in [
            "91350100M000100Y43",
            "11010519491231002X",
            "440524188001010014",
            "11010519491231002X01",
            "110105D2143569X",
        ] {
            assert_eq!(told(number), Ok(number.to_owned()), "{number}");
        }
        assert_eq!(told(" 91350100 m000100y43 "), Ok("91350100M000100Y43".to_owned()));
    }

    #[test]
    fn one_wrong_character_is_noticed() {
        for good in ["91350100M000100Y43", "11010519491231002X01", "110105D2143569X"] {
            let checked = if good.len() == 20 { 17 } else { good.len() };
            let from = if good.len() == 15 { 6 } else { 0 };
            for at in from..checked {
                for other in "0123456789".chars() {
                    let mut wrong: Vec<char> = good.chars().collect();
                    // A remainder by 11 cannot tell D (13) from 2: the older standard leaves such pairs to chance.
                    let alike = wrong[at] == other || good.len() == 15 && (wrong[at], other) == ('D', '2');
                    if alike {
                        continue;
                    }
                    wrong[at] = other;
                    let wrong: String = wrong.into_iter().collect();
                    assert!(told(&wrong).is_err(), "{wrong}");
                }
            }
        }
        assert_eq!(told("91350100M000100Y44"), Err("tax-number-check"));
        assert_eq!(told("110105D21435690"), Err("tax-number-check"));
    }

    #[test]
    fn what_is_no_number_is_told_apart() {
        for text in ["", "9135", "91350100I000100Y4", "统一社会信用代码统一社会信用代码统一", "91350100M000100Y4321"]
        {
            assert_eq!(told(text), Err("tax-number-form"), "{text}");
        }
    }

    #[test]
    fn a_pack_that_cannot_be_is_refused() {
        let broken = BUILT_IN.text.replacen("from = 0", "from = 9", 1).replacen(
            "id = \"identity-card\"",
            "id = \"unified-code\"",
            1,
        );
        let Err(Error::Refused(refusals)) = NumberForms::parse(PackFile { name: "x.toml", text: &broken }) else {
            panic!("it is taken")
        };
        assert_eq!(refusals.iter().map(|r| r.rule).collect::<Vec<_>>(), ["pack-range", "pack-key-doubled"]);
    }
}
