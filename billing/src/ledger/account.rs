//! Accounts: what money can be, as types.

use std::fmt;

use serde::{Deserialize, Serialize};
use voxpark_domain::ids::TenantId;
use voxpark_domain::money::TaxRate;

use super::SponsorId;

/// Enums of names: every value, its stable name, and back.
macro_rules! named {
    ($($(#[$doc:meta])* $enum:ident { $($(#[$of:meta])* $value:ident = $name:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $enum { $($(#[$of])* $value,)+ }

        impl $enum {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value),+];

            /// Stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)+ }
            }
            /// The value with this stable name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    )+};
}
pub(super) use named;

named! {
    /// What is sold.
    RevenueKind {
        /// Seats.
        Rent = "rent",
        /// Services of the park.
        Service = "service",
        /// Power, water, telephone as metered.
        Utility = "utility",
        /// What is missing to a minimum that was agreed.
        TrueUp = "true_up",
        /// Interest and penalties on what was paid late.
        LateFee = "late_fee",
        /// Damage and other charges at the end of a lease.
        Damages = "damages",
        /// A deposit that the tenant lost.
        Forfeit = "forfeit",
    }
    /// What takes revenue away without being a cost.
    Contra {
        /// The park forgoes it.
        Waiver = "waiver",
        /// Agreed price reduction.
        Discount = "discount",
    }
    /// What kind of payer.
    PayerKind {
        /// A tenant.
        Tenant = "tenant",
        /// Somebody who pays for tenants.
        Sponsor = "sponsor",
    }
    /// Where money lies.
    CashKind {
        /// A bank account.
        Bank = "bank",
        /// The till.
        Till = "till",
        /// A payment processor that pays out later.
        Processor = "processor",
    }
    /// What a park's seats cost it, by cause.
    CostPool {
        /// The head lease.
        Rent = "rent",
        /// Fit-out, spread over its life.
        FitOut = "fit_out",
        /// Electricity and other energy.
        Power = "power",
        /// Lines and numbers.
        Telecom = "telecom",
        /// Equipment.
        Depreciation = "depreciation",
        /// The park's own people.
        Staff = "staff",
        /// Cleaning, guards and whatever else.
        Other = "other",
    }
    /// What a cost is booked against when it is not paid at once.
    CostCounter {
        /// Suppliers are owed.
        Suppliers = "suppliers",
        /// The park's people are owed.
        Wages = "wages",
        /// Value of equipment used up.
        Depreciation = "depreciation",
        /// Fit-out that was paid for and is spread.
        Prepaid = "prepaid",
    }
    /// Accounts that are told apart by payer, kind or rate alone.
    AccountFamily {
        /// Owed by payers.
        Receivable = "receivable",
        /// Earned and not yet invoiced.
        Accrued = "accrued",
        /// Invoiced and not yet earned.
        Deferred = "deferred",
        /// Earned, or given up of it.
        Earned = "earned",
        /// Value added tax.
        TaxPayable = "tax_payable",
        /// Deposits of payers.
        DepositHeld = "deposit_held",
        /// Money of payers that is applied to nothing yet.
        Prepaid = "prepaid",
        /// Money.
        Cash = "cash",
        /// Rounding differences.
        Rounding = "rounding",
        /// Debts given up.
        BadDebt = "bad_debt",
        /// Debts given up and paid after all.
        BadDebtRecovered = "bad_debt_recovered",
        /// A cost.
        CostPool = "cost",
        /// What a cost is booked against.
        CostCounter = "counter",
    }
    /// The five classes of accounts.
    Class {
        /// What the park has.
        Asset = "asset",
        /// What it owes.
        Liability = "liability",
        /// What is its owners'.
        Equity = "equity",
        /// What it earns.
        Revenue = "revenue",
        /// What it spends.
        Expense = "expense",
    }
    /// On which side an account normally stands.
    Side {
        /// Above zero in the books.
        Debit = "debit",
        /// Below zero in the books.
        Credit = "credit",
    }
}

/// What is earned, or given up of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Income {
    /// Revenue of a kind.
    Revenue(RevenueKind),
    /// What comes off revenue.
    Contra(Contra),
}

impl Income {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revenue(kind) => kind.name(),
            Self::Contra(kind) => kind.name(),
        }
    }
    /// The income with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        RevenueKind::from_name(name).map(Self::Revenue).or_else(|| Contra::from_name(name).map(Self::Contra))
    }
}

/// Who owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// A tenant.
    Tenant(TenantId),
    /// Somebody who pays for tenants.
    Sponsor(SponsorId),
}

impl Payer {
    /// What kind of payer.
    pub const fn kind(self) -> PayerKind {
        match self {
            Self::Tenant(_) => PayerKind::Tenant,
            Self::Sponsor(_) => PayerKind::Sponsor,
        }
    }
}

impl fmt::Display for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(id) => id.fmt(f),
            Self::Sponsor(id) => id.fmt(f),
        }
    }
}

/// An account of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Owed by a payer on documents.
    Receivable(Payer),
    /// Earned and not yet invoiced: a contract asset.
    Accrued(Income),
    /// Invoiced and not yet earned.
    Deferred(Income),
    /// Earned, or given up of it.
    Earned(Income),
    /// Value added tax of a rate, owed to the state.
    TaxPayable(TaxRate),
    /// Deposits of a payer: the park's debt, never revenue before they are lost.
    DepositHeld(Payer),
    /// Money of a payer that is applied to nothing yet.
    Prepaid(Payer),
    /// Money.
    Cash(CashKind),
    /// What is too small to collect or pay back.
    Rounding,
    /// Debts that were given up.
    BadDebt,
    /// Debts that were given up and paid after all.
    BadDebtRecovered,
    /// A cost.
    CostPool(CostPool),
    /// What a cost is booked against.
    CostCounter(CostCounter),
}

impl Account {
    /// Which family it belongs to.
    pub const fn family(self) -> AccountFamily {
        match self {
            Self::Receivable(_) => AccountFamily::Receivable,
            Self::Accrued(_) => AccountFamily::Accrued,
            Self::Deferred(_) => AccountFamily::Deferred,
            Self::Earned(_) => AccountFamily::Earned,
            Self::TaxPayable(_) => AccountFamily::TaxPayable,
            Self::DepositHeld(_) => AccountFamily::DepositHeld,
            Self::Prepaid(_) => AccountFamily::Prepaid,
            Self::Cash(_) => AccountFamily::Cash,
            Self::Rounding => AccountFamily::Rounding,
            Self::BadDebt => AccountFamily::BadDebt,
            Self::BadDebtRecovered => AccountFamily::BadDebtRecovered,
            Self::CostPool(_) => AccountFamily::CostPool,
            Self::CostCounter(_) => AccountFamily::CostCounter,
        }
    }
    /// The row of the chart that it belongs to.
    pub const fn heading(self) -> Heading {
        match self {
            Self::Receivable(payer) => Heading::Receivable(payer.kind()),
            Self::Accrued(_) => Heading::Accrued,
            Self::Deferred(_) => Heading::Deferred,
            Self::Earned(income) => Heading::Earned(income),
            Self::TaxPayable(_) => Heading::TaxPayable,
            Self::DepositHeld(_) => Heading::DepositHeld,
            Self::Prepaid(_) => Heading::Prepaid,
            Self::Cash(kind) => Heading::Cash(kind),
            Self::Rounding => Heading::Rounding,
            Self::BadDebt => Heading::BadDebt,
            Self::BadDebtRecovered => Heading::BadDebtRecovered,
            Self::CostPool(pool) => Heading::CostPool(pool),
            Self::CostCounter(counter) => Heading::CostCounter(counter),
        }
    }
    /// What tells accounts of one heading apart: a payer, a kind of income, a rate in percent. Empty where there is one.
    pub fn detail(self) -> String {
        match self {
            Self::Receivable(payer) | Self::DepositHeld(payer) | Self::Prepaid(payer) => payer.to_string(),
            Self::Accrued(income) | Self::Deferred(income) => income.name().to_owned(),
            Self::TaxPayable(rate) => rate.to_string(),
            _ => String::new(),
        }
    }
    /// Whether its balance is what a sale comes to: earned, or still to be earned or invoiced.
    pub const fn is_income(self) -> bool {
        matches!(self, Self::Accrued(_) | Self::Deferred(_) | Self::Earned(_))
    }
}

/// What a chart of accounts numbers: an account without its payer, rate or kind of deferral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Heading {
    /// Owed by payers of a kind.
    Receivable(PayerKind),
    /// Earned and not yet invoiced.
    Accrued,
    /// Invoiced and not yet earned.
    Deferred,
    /// Earned, or given up of it.
    Earned(Income),
    /// Value added tax.
    TaxPayable,
    /// Deposits.
    DepositHeld,
    /// Money that is applied to nothing yet.
    Prepaid,
    /// Money.
    Cash(CashKind),
    /// Rounding differences.
    Rounding,
    /// Debts given up.
    BadDebt,
    /// Debts given up and paid after all.
    BadDebtRecovered,
    /// A cost.
    CostPool(CostPool),
    /// What a cost is booked against.
    CostCounter(CostCounter),
}

impl Heading {
    /// Every heading, in the order of a chart.
    pub fn all() -> Vec<Self> {
        let cash = CashKind::ALL.iter().map(|kind| Self::Cash(*kind));
        let receivable = PayerKind::ALL.iter().map(|kind| Self::Receivable(*kind));
        let counters = CostCounter::ALL.iter().map(|counter| Self::CostCounter(*counter));
        let revenue = RevenueKind::ALL.iter().map(|kind| Self::Earned(Income::Revenue(*kind)));
        let contra = Contra::ALL.iter().map(|kind| Self::Earned(Income::Contra(*kind)));
        let pools = CostPool::ALL.iter().map(|pool| Self::CostPool(*pool));
        let own = [Self::Accrued, Self::Deferred, Self::Prepaid, Self::DepositHeld, Self::TaxPayable];
        let rest = [Self::Rounding, Self::BadDebt, Self::BadDebtRecovered];
        cash.chain(receivable)
            .chain(counters)
            .chain(own)
            .chain(revenue)
            .chain(contra)
            .chain(pools)
            .chain(rest)
            .collect()
    }
    /// Stable name, such as `receivable.tenant`.
    pub fn name(self) -> String {
        let of = |family: &str, name: &str| format!("{family}.{name}");
        match self {
            Self::Receivable(kind) => of("receivable", kind.name()),
            Self::Accrued => "accrued".to_owned(),
            Self::Deferred => "deferred".to_owned(),
            Self::Earned(Income::Revenue(kind)) => of("revenue", kind.name()),
            Self::Earned(Income::Contra(kind)) => of("contra", kind.name()),
            Self::TaxPayable => "tax_payable".to_owned(),
            Self::DepositHeld => "deposit_held".to_owned(),
            Self::Prepaid => "prepaid".to_owned(),
            Self::Cash(kind) => of("cash", kind.name()),
            Self::Rounding => "rounding".to_owned(),
            Self::BadDebt => "bad_debt".to_owned(),
            Self::BadDebtRecovered => "bad_debt_recovered".to_owned(),
            Self::CostPool(pool) => of("cost", pool.name()),
            Self::CostCounter(counter) => of("counter", counter.name()),
        }
    }
    /// The heading with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|heading| heading.name() == name)
    }
    /// The classes that a chart may give it. Where standards differ (rounding, debts paid after all) it is the chart's choice.
    pub const fn classes(self) -> &'static [Class] {
        match self {
            Self::Receivable(_)
            | Self::Accrued
            | Self::Cash(_)
            | Self::CostCounter(CostCounter::Depreciation | CostCounter::Prepaid) => &[Class::Asset],
            Self::Deferred
            | Self::TaxPayable
            | Self::DepositHeld
            | Self::Prepaid
            | Self::CostCounter(CostCounter::Suppliers | CostCounter::Wages) => &[Class::Liability],
            Self::Earned(_) => &[Class::Revenue],
            Self::BadDebt | Self::CostPool(_) => &[Class::Expense],
            Self::Rounding | Self::BadDebtRecovered => &[Class::Expense, Class::Revenue],
        }
    }
    /// On which side it normally stands.
    pub const fn side(self) -> Side {
        match self {
            Self::Receivable(_)
            | Self::Accrued
            | Self::Cash(_)
            | Self::BadDebt
            | Self::CostPool(_)
            | Self::Rounding
            | Self::Earned(Income::Contra(_))
            | Self::CostCounter(CostCounter::Prepaid) => Side::Debit,
            Self::Deferred
            | Self::TaxPayable
            | Self::DepositHeld
            | Self::Prepaid
            | Self::Earned(Income::Revenue(_))
            | Self::BadDebtRecovered
            | Self::CostCounter(_) => Side::Credit,
        }
    }
}
