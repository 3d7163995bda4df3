//! Help with the rent by a third party or the park: rules as data, and who pays what.

use serde::{Deserialize, Serialize};
use voxpark_domain::Refusal;
use voxpark_domain::money::Money;

use super::{Ratio, Tariff, out_of_range};

/// What a grant is measured by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubsidyRule {
    /// So many percent of the charge, 0 to 100.
    Share(Ratio),
    /// By a quantity (square metres, seats) at rates of its own, of which at most so much counts.
    Bands {
        /// What the quantity is granted.
        tariff: Tariff,
        /// The most that counts.
        most: Option<Ratio>,
    },
}

/// How a grant is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// The park forgoes it: a line below zero on the invoice, less to tax.
    WaivedOnInvoice,
    /// A sponsor owes it: the invoice is split between two who pay, the tax stays on the whole.
    SponsorPays,
    /// The tenant pays everything and is paid back later: a claim, not a discount.
    PaidFirst,
}

/// A grant as it was awarded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subsidy {
    /// What it is measured by.
    pub rule: SubsidyRule,
    /// Percent of the grant in each year of the contract; nothing afterwards. Empty: the whole grant in every year.
    #[serde(default)]
    pub years: Vec<Ratio>,
    /// The most it may come to for one charge, major units.
    #[serde(default)]
    pub most: Option<Ratio>,
    /// How it is settled.
    pub settlement: Settlement,
}

/// Who bears a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What the tenant is invoiced.
    pub invoiced: Money,
    /// What the sponsor owes, or the park forgoes, or is paid back.
    pub granted: Money,
    /// What the tenant bears in the end.
    pub borne: Money,
}

impl Subsidy {
    /// What a charge comes to for both sides. `quantity` is what bands are measured by, `year` the year of the contract, 1 is
    /// the first. A grant is never above the charge.
    ///
    /// # Errors
    /// Those of [`Tariff::parts`]; `amount-out-of-range`.
    pub fn apply(&self, charge: Money, quantity: Ratio, year: usize) -> Result<Granted, Refusal> {
        let full = match &self.rule {
            SubsidyRule::Share(percent) => Ratio::major(charge)?.percent(*percent)?,
            SubsidyRule::Bands { tariff, most } => tariff.total(most.map_or(quantity, |most| quantity.min(most)))?,
        };
        let percent = match self.years.as_slice() {
            [] => Ratio::HUNDRED,
            years => year.checked_sub(1).and_then(|at| years.get(at)).copied().unwrap_or(Ratio::ZERO),
        };
        let grant = full.percent(percent)?;
        let grant = self.most.map_or(grant, |most| grant.min(most)).money(charge.currency)?;
        let granted = Money { minor: grant.minor.min(charge.minor.max(0)), ..grant };
        let borne = charge.minus(granted).map_err(|_| out_of_range())?;
        let invoiced = if self.settlement == Settlement::PaidFirst { charge } else { borne };
        Ok(Granted { invoiced, granted, borne })
    }
}
