//! What a side of an invoice says of itself.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use voxpark_domain::error::Refusals;
use voxpark_domain::identity::email_ok;
use voxpark_domain::ids::BillingProfileId;
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::pipeline::Private;
use voxpark_domain::{Refusal, RefusalCode, Result};

use super::number::NumberForms;
use crate::invoicing::TaxOrder;

/// The longest name, in characters: that of a title on a fapiao.
const MAX_NAME: usize = 100;
/// The longest address, in characters.
const MAX_ADDRESS: usize = 200;
/// The longest telephone number, in characters.
const MAX_PHONE: usize = 40;
/// The longest name of a bank, in characters.
const MAX_BANK: usize = 100;
/// The longest number of an account, in characters (an IBAN has 34).
const MAX_ACCOUNT: usize = 40;
/// To how many addresses the invoices of a buyer go at most.
pub const MAX_MAILS: usize = 5;

/// A private text as it stands in what is sealed whole.
mod revealed {
    use serde::{Deserialize, Deserializer, Serializer};
    use voxpark_domain::pipeline::Private;

    pub(super) fn serialize<S: Serializer>(text: &Private, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text.reveal())
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Private, D::Error> {
        String::deserialize(deserializer).map(Private::new)
    }
}

/// Private texts, likewise.
mod all_revealed {
    use serde::{Deserialize, Deserializer, Serializer};
    use voxpark_domain::pipeline::Private;

    pub(super) fn serialize<S: Serializer>(texts: &[Private], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(texts.iter().map(Private::reveal))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Private>, D::Error> {
        Ok(Vec::<String>::deserialize(deserializer)?.into_iter().map(Private::new).collect())
    }
}

/// A side of an invoice. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The legal name in Chinese: of a buyer the title of its fapiao (发票抬头).
    pub name: String,
    /// The name in English.
    pub name_en: String,
    /// The taxpayer number (纳税人识别号).
    pub tax_number: String,
    /// The registered address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// Where the account is held.
    pub bank: String,
    /// The number of the account.
    #[serde(with = "revealed")]
    pub account: Private,
}

/// What kind of fapiao a buyer wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FapiaoWanted {
    /// For deducting input tax (增值税专用发票).
    Special,
    /// 增值税普通发票.
    Ordinary,
    /// None: it takes the invoice alone.
    #[default]
    None,
}

impl FapiaoWanted {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Special => "special",
            Self::Ordinary => "ordinary",
            Self::None => "none",
        }
    }
}

/// Who issues the invoices of a park.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// What stands on invoices.
    pub party: Party,
    /// Where buyers write to; may be empty.
    #[serde(with = "revealed")]
    pub mail: Private,
    /// Which of net and tax it rounds where prices contain the tax.
    #[serde(default)]
    pub tax_order: TaxOrder,
}

/// The language in which a side is written to.
mod named {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use voxpark_domain::papers::PaperLanguage;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde asks for")]
    pub(super) fn serialize<S: Serializer>(language: &PaperLanguage, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(language.name())
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PaperLanguage, D::Error> {
        let name = String::deserialize(deserializer)?;
        PaperLanguage::from_name(&name).ok_or_else(|| de::Error::custom("no language"))
    }
}

/// To whom the invoices of a tenant are made out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// What stands on invoices.
    pub party: Party,
    /// The kind of fapiao wanted.
    pub fapiao: FapiaoWanted,
    /// The language of what it is sent.
    #[serde(with = "named")]
    pub language: PaperLanguage,
    /// Where invoices go by mail, at most [`MAX_MAILS`], each once.
    #[serde(with = "all_revealed")]
    pub mails: Vec<Private>,
}

impl Default for Buyer {
    /// One of whom nothing is known: it is written to in Chinese.
    fn default() -> Self {
        Self {
            party: Party::default(),
            fapiao: FapiaoWanted::default(),
            language: PaperLanguage::Chinese,
            mails: Vec::new(),
        }
    }
}

/// What a side said of itself: holds from a day on until another begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile<T> {
    /// Its id.
    pub id: BillingProfileId,
    /// From this civil day on.
    pub from: NaiveDate,
    /// What was said.
    pub said: T,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

impl<T> Profile<T> {
    /// Its place among others: the one that begins last is behind, of one day the one that was recorded last.
    pub(super) fn place(&self) -> (NaiveDate, DateTime<Utc>, BillingProfileId) {
        (self.from, self.recorded_at, self.id)
    }
}

/// The profile in force on a day: the one that began last; of several from one day, the one that was recorded last.
pub fn in_force<T>(profiles: &[Profile<T>], on: NaiveDate) -> Option<&Profile<T>> {
    profiles.iter().filter(|profile| profile.from <= on).max_by_key(|profile| profile.place())
}

/// What a side wants to be called. What is left out is empty.
#[derive(Clone, Debug, Default)]
pub struct PartyDraft {
    /// The legal name, 1 to 100 characters.
    pub name: String,
    /// In English, up to 100 characters.
    pub name_en: String,
    /// One of the forms of [`NumberForms`].
    pub tax_number: String,
    /// Up to 200 characters.
    pub address: String,
    /// Up to 40 characters.
    pub phone: String,
    /// Up to 100 characters.
    pub bank: String,
    /// Up to 40 digits and letters; blanks and hyphens between them do not count.
    pub account: String,
}

impl PartyDraft {
    /// Checks a side of its own, which is nobody's profile.
    ///
    /// # Errors
    /// All refusals at once: `text-required`, `text-too-long`, `tax-number-form`, `tax-number-check`,
    /// `bank-account-invalid`, `bank-with-account`.
    pub fn checked(&self) -> Result<Party> {
        let mut bad = Refusals::new();
        let party = self.read(&mut bad)?;
        bad.finish()?;
        Ok(party)
    }
    /// Checks everything.
    fn read(&self, bad: &mut Refusals) -> Result<Party> {
        let text = |bad: &mut Refusals, path: &'static str, text: &str, required: bool, most: usize| {
            bad.text(path, text, required, most);
            text.trim().to_owned()
        };
        let name = text(bad, "name", &self.name, true, MAX_NAME);
        let name_en = text(bad, "nameEn", &self.name_en, false, MAX_NAME);
        let address = text(bad, "address", &self.address, false, MAX_ADDRESS);
        let phone = text(bad, "phone", &self.phone, false, MAX_PHONE);
        let bank = text(bad, "bank", &self.bank, false, MAX_BANK);
        let mut tax_number = String::new();
        if !self.tax_number.trim().is_empty() {
            match NumberForms::built_in()?.accept(&self.tax_number) {
                Ok(number) => tax_number = number,
                Err(refusal) => bad.push(refusal.at("taxNumber")),
            }
        }
        let account: String = self.account.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        bad.when(account.len() > MAX_ACCOUNT || !account.chars().all(|c| c.is_ascii_alphanumeric()), || {
            Refusal::new(RefusalCode::Invalid, "bank-account-invalid").at("account").with("max", MAX_ACCOUNT)
        });
        bad.when(account.is_empty() != bank.is_empty(), || {
            let missing = if bank.is_empty() { "bank" } else { "account" };
            Refusal::new(RefusalCode::Required, "bank-with-account").at(missing)
        });
        Ok(Party { name, name_en, tax_number, address, phone, bank, account: Private::new(account) })
    }
}

/// A mail address that letters can go to.
fn mail_fits(bad: &mut Refusals, path: String, mail: &str) {
    if !email_ok(mail) {
        bad.push(Refusal::new(RefusalCode::Invalid, "email-invalid").at(path));
    }
}

/// What a park wants to stand on its invoices.
#[derive(Clone, Debug)]
pub struct SellerDraft {
    /// From this civil day on.
    pub from: NaiveDate,
    /// What it is called.
    pub party: PartyDraft,
    /// Where buyers write to; may be empty.
    pub mail: String,
    /// Which of net and tax it rounds where prices contain the tax.
    pub tax_order: TaxOrder,
}

impl SellerDraft {
    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// All refusals at once: `text-required`, `text-too-long`, `tax-number-form`, `tax-number-check`,
    /// `bank-account-invalid`, `bank-with-account`, `email-invalid`.
    pub fn read(&self) -> Result<Seller> {
        let mut bad = Refusals::new();
        let (party, mail) = (self.party.read(&mut bad)?, self.mail.trim());
        if !mail.is_empty() {
            mail_fits(&mut bad, "mail".to_owned(), mail);
        }
        bad.finish()?;
        Ok(Seller { party, mail: Private::new(mail), tax_order: self.tax_order })
    }
}

/// What a tenant wants to stand on its invoices.
#[derive(Clone, Debug)]
pub struct BuyerDraft {
    /// From this civil day on.
    pub from: NaiveDate,
    /// What it is called.
    pub party: PartyDraft,
    /// The kind of fapiao wanted.
    pub fapiao: FapiaoWanted,
    /// The language of what it is sent.
    pub language: PaperLanguage,
    /// Where invoices go by mail.
    pub mails: Vec<String>,
}

impl BuyerDraft {
    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// Those of [`SellerDraft::read`]; `fapiao-tax-number` (a fapiao for deducting input tax names the number of who
    /// deducts), `mails-too-many`, `mail-doubled`.
    pub fn read(&self) -> Result<Buyer> {
        let mut bad = Refusals::new();
        let party = self.party.read(&mut bad)?;
        bad.when(self.fapiao == FapiaoWanted::Special && self.party.tax_number.trim().is_empty(), || {
            Refusal::new(RefusalCode::Required, "fapiao-tax-number").at("taxNumber")
        });
        bad.when(self.mails.len() > MAX_MAILS, || {
            Refusal::new(RefusalCode::TooLarge, "mails-too-many").at("mails").with("max", MAX_MAILS)
        });
        let mut mails: Vec<Private> = Vec::new();
        for (n, mail) in self.mails.iter().map(|mail| mail.trim()).enumerate() {
            mail_fits(&mut bad, format!("mails.{n}"), mail);
            bad.when(mails.iter().any(|before| before.reveal().eq_ignore_ascii_case(mail)), || {
                Refusal::new(RefusalCode::Duplicate, "mail-doubled").at(format!("mails.{n}"))
            });
            mails.push(Private::new(mail));
        }
        bad.finish()?;
        Ok(Buyer { party, fapiao: self.fapiao, language: self.language, mails })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voxpark_domain::Error;
    use voxpark_domain::ids::Id as _;

    fn rules<T: std::fmt::Debug>(read: Result<T>) -> Vec<String> {
        match read {
            Err(Error::Refused(bad)) => bad.iter().map(|r| format!("{} {}", r.path, r.rule)).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn buyer(party: PartyDraft, fapiao: FapiaoWanted, mails: &[&str]) -> BuyerDraft {
        let from = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day");
        let language = PaperLanguage::Both;
        BuyerDraft { from, party, fapiao, language, mails: mails.iter().map(|&mail| mail.to_owned()).collect() }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let party = PartyDraft {
            tax_number: "91350100M000100Y44".to_owned(),
            account: "6222-0000 账".to_owned(),
            ..PartyDraft::default()
        };
        let mails = ["a@b.example", "A@b.example", "nobody", "1@b.example", "2@b.example", "3@b.example"];
        assert_eq!(
            rules(buyer(party, FapiaoWanted::Ordinary, &mails).read()),
            [
                "name text-required",
                "taxNumber tax-number-check",
                "account bank-account-invalid",
                "bank bank-with-account",
                "mails mails-too-many",
                "mails.1 mail-doubled",
                "mails.2 email-invalid",
            ]
        );
        let named = PartyDraft { name: "某公司".to_owned(), bank: "某银行".to_owned(), ..PartyDraft::default() };
        let wanted = rules(buyer(named, FapiaoWanted::Special, &[]).read());
        assert_eq!(wanted, ["account bank-with-account", "taxNumber fapiao-tax-number"]);
    }

    #[test]
    fn what_is_sealed_whole_comes_back_whole_and_is_not_printed() {
        let party = PartyDraft {
            name: " 某公司 ".to_owned(),
            tax_number: "91350100m000100y43".to_owned(),
            bank: "某银行".to_owned(),
            account: "6222 0000-1111".to_owned(),
            ..PartyDraft::default()
        };
        let read = buyer(party, FapiaoWanted::Special, &["pay@b.example"]).read().expect("fits");
        assert_eq!((read.party.name.as_str(), read.party.account.reveal()), ("某公司", "622200001111"));
        let text = serde_json::to_string(&read).expect("JSON");
        assert_eq!(serde_json::from_str::<Buyer>(&text).expect("the same"), read);
        let printed = format!("{read:?}");
        assert!(!printed.contains("6222") && !printed.contains("pay@"), "{printed}");
    }

    #[test]
    fn the_profile_that_began_last_is_in_force() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).expect("a day");
        let profile = |n: u128, from| Profile {
            id: BillingProfileId::from_uuid(uuid::Uuid::from_u128(n)),
            from,
            said: n,
            recorded_at: DateTime::UNIX_EPOCH,
        };
        // Planned for the 20th, then said anew for the 10th: the plan stays.
        let all = [profile(1, day(1)), profile(2, day(20)), profile(3, day(10)), profile(4, day(10))];
        let said = |on| in_force(&all, on).map(|profile| profile.said);
        assert_eq!([said(day(9)), said(day(10)), said(day(25))], [Some(1), Some(4), Some(2)]);
        assert_eq!(in_force(&all, NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day")).map(|p| p.said), None);
    }
}
