//! The unified social credit code of a company (统一社会信用代码).

use std::fmt;

use crate::error::{Refusal, RefusalCode};

/// The characters of a code in the order of their values, 0 to 30 (GB 32100-2015, table 2: no I, O, S, V, Z).
const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// How much the first seventeen count: powers of three modulo 31 (GB 32100-2015, annex A).
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// Eighteen characters of which the last is computed from the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreditCode(String);

impl CreditCode {
    /// From its text; small letters and spaces around it do not matter.
    ///
    /// # Errors
    /// `credit-code-form` when it is not eighteen of the characters that codes are made of, `credit-code-check` when
    /// the last one is not what the others come to.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let form = || Refusal::new(RefusalCode::Invalid, "credit-code-form");
        let code = text.trim().to_ascii_uppercase();
        let value = |byte: u8| ALPHABET.iter().position(|c| *c == byte).and_then(|at| u32::try_from(at).ok());
        let values: Vec<u32> = code.bytes().map(value).collect::<Option<_>>().ok_or_else(form)?;
        let Some((check, counted)) = values.split_last().filter(|(_, counted)| counted.len() == WEIGHTS.len()) else {
            return Err(form());
        };
        let sum: u32 = counted.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
        if (31 - sum % 31) % 31 != *check {
            return Err(Refusal::new(RefusalCode::Invalid, "credit-code-check"));
        }
        Ok(Self(code))
    }
    /// Its eighteen characters.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Option<&'static str> {
        CreditCode::parse(text).err().map(|refusal| refusal.rule)
    }

    #[test]
    fn codes_are_checked_by_their_last_character() {
        // Published codes of listed companies.
        for code in ["91350100M000100Y43", "914403001922038216", "91110000802100433B"] {
            assert_eq!(rule(code), None, "{code}");
        }
        assert_eq!(
            CreditCode::parse(" 91350100m000100y43 ").map(|c| c.to_string()),
            Ok("91350100M000100Y43".to_owned())
        );
    }

    #[test]
    fn one_wrong_character_or_two_swapped_are_noticed() {
        let good = "91350100M000100Y43";
        for at in 0..good.len() {
            for other in ALPHABET.iter().map(|c| char::from(*c)) {
                let mut wrong: Vec<char> = good.chars().collect();
                if wrong[at] == other {
                    continue;
                }
                wrong[at] = other;
                assert_eq!(rule(&wrong.iter().collect::<String>()), Some("credit-code-check"), "{at} {other}");
            }
        }
        for at in 0..good.len() - 2 {
            let mut wrong: Vec<char> = good.chars().collect();
            wrong.swap(at, at + 1);
            let wrong: String = wrong.into_iter().collect();
            assert_eq!(rule(&wrong), (wrong != good).then_some("credit-code-check"), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_code_is_told_apart() {
        for text in [
            "",
            "9135",
            "91350100M000100Y4",
            "91350100M000100Y433",
            "91350100I000100Y43",
            "统一社会信用代码统一社会信用代码统一",
        ] {
            assert_eq!(rule(text), Some("credit-code-form"), "{text}");
        }
    }
}
