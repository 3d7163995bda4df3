//! The lead: a company that may become a tenant.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use super::credit_code::CreditCode;
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::estate::SeatProduct;
use crate::ids::{LeadId, TenantId, UserId};
use crate::page::SortKey;
use crate::permission::listed;

/// The most notes, steps, visits and quotes of one lead, each.
pub const MAX_PER_LEAD: usize = 500;
/// The longest names of companies and people, in characters.
const MAX_NAME: usize = 80;
/// The longest text of a note, remark or next step, in characters.
pub(super) const MAX_TEXT: usize = 1_000;
/// The most seats that anybody wants.
const MAX_SEATS: i64 = 100_000;

listed! {
    /// How far a lead is down the funnel.
    LeadState {
        /// Nobody has spoken with it.
        New = "new",
        /// Somebody has.
        Contacted = "contacted",
        /// It has seen the park.
        Visited = "visited",
        /// A quote was sent.
        Quoted = "quoted",
        /// It is a tenant with a lease.
        Won = "won",
        /// It will not come.
        Lost = "lost",
    }
}

impl LeadState {
    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Won | Self::Lost)
    }
    /// The step from here to another state that somebody takes by hand: down the funnel, out of it, or back in. That a
    /// quote was sent or accepted is no step by hand.
    ///
    /// # Errors
    /// `lead-step` when the funnel does not go that way, `lead-step-by-quote` where only a quote leads.
    pub fn by_hand(self, to: Self) -> Result<(), Refusal> {
        match (self, to) {
            (_, Self::Quoted | Self::Won) if self.is_open() => {
                Err(Refusal::new(RefusalCode::State, "lead-step-by-quote").at("to"))
            }
            (Self::New | Self::Lost, Self::Contacted)
            | (Self::New | Self::Contacted, Self::Visited)
            | (Self::New | Self::Contacted | Self::Visited | Self::Quoted, Self::Lost) => Ok(()),
            _ => Err(Refusal::new(RefusalCode::State, "lead-step")
                .at("to")
                .with("from", self.name())
                .with("to", to.name())),
        }
    }
    /// Refuses what is only done to a lead in the funnel.
    ///
    /// # Errors
    /// `lead-closed`.
    pub fn must_be_open(self) -> Result<(), Refusal> {
        if self.is_open() {
            return Ok(());
        }
        Err(Refusal::new(RefusalCode::State, "lead-closed").at("leadId").with("state", self.name()))
    }
}

listed! {
    /// Where a lead came from.
    LeadSource {
        /// It asked on its own.
        Inquiry = "inquiry",
        /// Somebody named it: a tenant, an official, a friend of the park.
        Referral = "referral",
        /// An agent who is paid for it.
        Agent = "agent",
        /// The government's investment promotion.
        Government = "government",
        /// A fair or conference.
        Event = "event",
        /// The park's own search.
        Search = "search",
        /// A tenant of the park that wants more.
        Tenant = "tenant",
        /// Anything else.
        Other = "other",
    }
}

listed! {
    /// Why a lead will not come.
    LostReason {
        /// Too dear.
        Price = "price",
        /// The wrong place.
        Location = "location",
        /// Not enough seats, or the wrong ones.
        Seats = "seats",
        /// It went to another park.
        Competitor = "competitor",
        /// It has put it off.
        Postponed = "postponed",
        /// It does not answer.
        Silent = "silent",
        /// The park does not want it.
        Unsuitable = "unsuitable",
        /// Anything else.
        Other = "other",
    }
}

/// A text that names or may name a person: shown to who may read the pipeline and printed nowhere else. Kept encrypted.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Private(String);

impl Private {
    /// Wraps a text, without the blanks around it.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_owned())
    }
    /// The text, for who may read it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(super) fn at_most(&self, path: &'static str, max: usize, bad: &mut Refusals) {
        bad.when(self.0.chars().count() > max, || {
            Refusal::new(RefusalCode::TooLarge, "text-too-long").at(path).with("max", max)
        });
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(..)")
    }
}

/// Whom to speak with; each may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// The person.
    pub name: Private,
    /// Telephone.
    pub phone: Private,
    /// Mail address.
    pub mail: Private,
}

/// What is known of a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadFacts {
    /// Name in Chinese, 1 to 80 characters.
    pub name: String,
    /// Name in English, up to 80 characters.
    pub name_en: String,
    /// Its unified social credit code, if it is known.
    pub credit_code: Option<CreditCode>,
    /// Where it came from.
    pub source: LeadSource,
    /// Whom to speak with.
    pub contact: Contact,
    /// How many seats it wants.
    pub seats: i64,
    /// Of which product, if it has said.
    pub product: Option<SeatProduct>,
    /// From which day, if it has said.
    pub wanted_from: Option<NaiveDate>,
    /// What it does, up to 200 characters.
    pub business: String,
    /// The tenant that it is already.
    pub tenant: Option<TenantId>,
}

impl LeadFacts {
    /// Checks what types cannot: `text-required`, `text-too-long`, `lead-seats`, `phone-invalid`, `email-invalid`; all
    /// that apply.
    pub fn check(&self, bad: &mut Refusals) {
        let long = |bad: &mut Refusals, path, text: &str, max: usize| {
            bad.when(text.chars().count() > max, || {
                Refusal::new(RefusalCode::TooLarge, "text-too-long").at(path).with("max", max)
            });
        };
        bad.when(self.name.trim().is_empty(), || {
            Refusal::new(RefusalCode::Required, "text-required").at("name").with("max", MAX_NAME)
        });
        long(bad, "name", &self.name, MAX_NAME);
        long(bad, "nameEn", &self.name_en, MAX_NAME);
        long(bad, "business", &self.business, 200);
        bad.when(!(1..=MAX_SEATS).contains(&self.seats), || {
            Refusal::new(RefusalCode::OutOfRange, "lead-seats").at("seats").with("max", MAX_SEATS)
        });
        self.contact.name.at_most("contactName", MAX_NAME, bad);
        let phone = self.contact.phone.reveal();
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let dialled = phone.chars().all(|c| c.is_ascii_digit() || " +-()#*,".contains(c));
        let sound = dialled && (5..=20).contains(&digits) && phone.len() <= 30;
        bad.when(!phone.is_empty() && !sound, || {
            Refusal::new(RefusalCode::Invalid, "phone-invalid").at("contactPhone")
        });
        let mail = self.contact.mail.reveal();
        bad.when(!mail.is_empty() && !crate::identity::email_ok(mail), || {
            Refusal::new(RefusalCode::Invalid, "email-invalid").at("contactMail")
        });
    }
}

/// A new lead.
#[derive(Clone, Debug)]
pub struct LeadDraft {
    /// What is known of it.
    pub facts: LeadFacts,
    /// Who looks after it; nobody = it is in the public pool (公海).
    pub owner: Option<UserId>,
    /// What is to be done next; may be empty.
    pub next_step: Private,
    /// By when.
    pub next_on: Option<NaiveDate>,
    /// It is wanted although one of its name is known.
    pub same_name: bool,
}

/// A company that may become a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Its id.
    pub id: LeadId,
    /// What is known of it.
    pub facts: LeadFacts,
    /// Who looks after it; nobody = it is in the public pool (公海).
    pub owner: Option<UserId>,
    /// What is to be done next; may be empty.
    pub next_step: Private,
    /// By when.
    pub next_on: Option<NaiveDate>,
    /// How far it is.
    pub state: LeadState,
    /// Why it is lost, if it is.
    pub lost: Option<LostReason>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

/// A lead went from one state to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadStep {
    /// Which lead.
    pub lead: LeadId,
    /// Its place in the history, from 1.
    pub n: i64,
    /// From where; nothing = it was entered.
    pub from: Option<LeadState>,
    /// To where.
    pub to: LeadState,
    /// Why, of a lost one.
    pub lost: Option<LostReason>,
    /// In words; may be empty.
    pub remark: Private,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: Option<UserId>,
}

/// Something that was said about a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadNote {
    /// Which lead.
    pub lead: LeadId,
    /// Its place among the notes, from 1.
    pub n: i64,
    /// What.
    pub text: Private,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: Option<UserId>,
}

/// Somebody of the park's staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// The user.
    pub user: UserId,
    /// Name to show.
    pub name: String,
}

/// Leads of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// The state.
    pub state: LeadState,
    /// How many.
    pub leads: i64,
    /// How many seats they want together.
    pub seats: i64,
}

/// Which leads are asked for; what is `None` or `false` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// In one of these states; empty = in any.
    pub states: Vec<LeadState>,
    /// That somebody looks after.
    pub owner: Option<UserId>,
    /// That nobody looks after.
    pub pool: bool,
    /// Whose next step is due on this day or before, and that are still in the funnel.
    pub due_by: Option<NaiveDate>,
}

/// What leads can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LeadSort {
    /// When they were entered.
    #[default]
    Created,
    /// Their name in Chinese.
    Name,
    /// How far they are.
    State,
    /// How many seats they want.
    Seats,
    /// From when they want them; those who have not said come last.
    WantedFrom,
    /// When their next step is due; those without come last.
    NextOn,
}

impl SortKey for LeadSort {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Name => "name",
            Self::State => "state",
            Self::Seats => "seats",
            Self::WantedFrom => "wanted_from",
            Self::NextOn => "next_on",
        }
    }
    const LARGEST_FIRST: bool = true;
}

/// By what two names are the same name: without blanks, letters of one size and brackets of one width.
pub fn name_key(name: &str) -> String {
    let one = |c: char| match c {
        '（' => '(',
        '）' => ')',
        // Full-width letters and digits.
        '！'..='～' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        other => other,
    };
    name.chars().filter(|c| !c.is_whitespace()).map(one).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_funnel_goes_down_out_and_back_in() {
        use LeadState::{Contacted, Lost, New, Quoted, Visited, Won};
        let by_hand = [
            (New, Contacted),
            (New, Visited),
            (Contacted, Visited),
            (New, Lost),
            (Contacted, Lost),
            (Visited, Lost),
            (Quoted, Lost),
            (Lost, Contacted),
        ];
        for from in LeadState::ALL {
            for to in LeadState::ALL {
                let expected = match (*from, *to) {
                    pair if by_hand.contains(&pair) => None,
                    (New | Contacted | Visited | Quoted, Quoted | Won) => Some("lead-step-by-quote"),
                    _ => Some("lead-step"),
                };
                assert_eq!(from.by_hand(*to).err().map(|r| r.rule), expected, "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn names_are_the_same_whatever_their_width() {
        assert_eq!(name_key("华信 客服（云南）Ｃo., Ltd."), name_key("华信客服(云南)co.,LTD."));
        assert_ne!(name_key("华信客服"), name_key("华信"));
    }

    fn facts() -> LeadFacts {
        LeadFacts {
            name: "云客服务".to_owned(),
            name_en: String::new(),
            credit_code: None,
            source: LeadSource::Referral,
            contact: Contact {
                name: Private::new("王先生"),
                phone: Private::new("+86 138-0000-0000"),
                mail: Private::new("w@example.test"),
            },
            seats: 80,
            product: None,
            wanted_from: None,
            business: String::new(),
            tenant: None,
        }
    }
    fn refused(facts: &LeadFacts) -> Vec<(&'static str, String)> {
        let mut bad = Refusals::new();
        facts.check(&mut bad);
        match bad.finish() {
            Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_fault_is_named_at_once_and_nobody_is_printed() {
        assert_eq!(refused(&facts()), []);
        let contact = Contact {
            name: Private::new("x".repeat(81)),
            phone: Private::new("call me"),
            mail: Private::new("nobody"),
        };
        let bad = LeadFacts { name: " ".to_owned(), name_en: "x".repeat(81), seats: 0, contact, ..facts() };
        let expected = [
            ("text-required", "name"),
            ("text-too-long", "nameEn"),
            ("lead-seats", "seats"),
            ("text-too-long", "contactName"),
            ("phone-invalid", "contactPhone"),
            ("email-invalid", "contactMail"),
        ];
        assert_eq!(refused(&bad), expected.map(|(rule, path)| (rule, path.to_owned())));
        let shown = format!("{:?}", facts());
        assert!(!shown.contains("王") && !shown.contains("138") && !shown.contains("example"), "{shown}");
    }
}
