//! A fapiao on record, and what all of an invoice come to.

use chrono::{DateTime, NaiveDate, Utc};
use voxpark_domain::ids::{FapiaoId, InvoiceId, TenantId, UserId};
use voxpark_domain::pipeline::Private;

/// Whether a fapiao tells or takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FapiaoColour {
    /// It tells of a supply (蓝字).
    Blue,
    /// It takes one back, or part of it (红字).
    Red,
}

impl FapiaoColour {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Red => "red",
        }
    }
    /// The colour of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Blue, Self::Red].into_iter().find(|colour| colour.name() == name)
    }
}

/// A fapiao on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fapiao {
    /// Its id; ids are minted in the order of time.
    pub id: FapiaoId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// Whose.
    pub tenant: TenantId,
    /// The id of its kind in the pack.
    pub kind: String,
    /// Whether it tells or takes back.
    pub colour: FapiaoColour,
    /// Its code; empty where the kind has none.
    pub code: String,
    /// Its number.
    pub number: String,
    /// The civil day of issue.
    pub issued_on: NaiveDate,
    /// Before tax, minor units of the invoice's currency; positive, whatever the colour.
    pub net_minor: i64,
    /// Tax, minor units; not negative.
    pub tax_minor: i64,
    /// The buyer's title as printed.
    pub title: Private,
    /// The buyer's tax number as printed; may be empty.
    pub tax_number: Private,
    /// Of a red one: the blue one it takes back.
    pub takes_back: Option<FapiaoId>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Option<UserId>,
}

/// A fapiao that is to be recorded.
#[derive(Clone, Debug)]
pub struct FapiaoDraft {
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// The id of its kind in the pack.
    pub kind: String,
    /// Its code; empty where the kind has none.
    pub code: String,
    /// Its number.
    pub number: String,
    /// The civil day of issue; not after today.
    pub issued_on: NaiveDate,
    /// Before tax, major units; positive, whatever the colour.
    pub net: String,
    /// Tax, major units; not negative.
    pub tax: String,
    /// The buyer's title as printed, 1 to 100 characters.
    pub title: String,
    /// The buyer's tax number as printed; may be empty of an ordinary one.
    pub tax_number: String,
    /// Of a red one: the blue one it takes back.
    pub takes_back: Option<FapiaoId>,
}

/// What was told of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FapiaoState {
    /// Nothing.
    None,
    /// Something stands.
    Issued,
    /// What was told was taken back.
    Reversed,
}

/// What stands of fapiaos, minor units: blue less red.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FapiaoSums {
    /// Before tax.
    pub net_minor: i64,
    /// Tax.
    pub tax_minor: i64,
}

/// What stands of the fapiaos of an invoice.
pub fn standing<'a>(all: impl IntoIterator<Item = &'a Fapiao>) -> (FapiaoState, FapiaoSums) {
    let (mut any, mut sums) = (false, FapiaoSums::default());
    for one in all {
        any = true;
        let (net, tax) = match one.colour {
            FapiaoColour::Blue => (one.net_minor, one.tax_minor),
            FapiaoColour::Red => (-one.net_minor, -one.tax_minor),
        };
        sums.net_minor = sums.net_minor.saturating_add(net);
        sums.tax_minor = sums.tax_minor.saturating_add(tax);
    }
    let state = match (any, sums.net_minor > 0 || sums.tax_minor > 0) {
        (false, _) => FapiaoState::None,
        (true, true) => FapiaoState::Issued,
        (true, false) => FapiaoState::Reversed,
    };
    (state, sums)
}
