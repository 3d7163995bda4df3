//! What a quantity costs: price models, their tiers, and the notations they come in.
//!
//! A tariff says what a full period costs at a quantity. Days are none of its business.

use serde::{Deserialize, Serialize};
use voxpark_domain::{Refusal, RefusalCode};

use super::Ratio;

/// A run of quantities with a price of its own. Where it begins is where the one before ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The last quantity that belongs to it; the last tier has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Ratio>,
    /// The first quantity that does not belong to it any more, of lists that name tiers by their first unit. Instead of
    /// `up_to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Ratio>,
    /// Price of a unit, or of a started block of units, in major units.
    #[serde(default)]
    pub unit: Ratio,
    /// Charged once for the tier, in major units.
    #[serde(default)]
    pub flat: Ratio,
    /// Units are sold in blocks of so many; a started block counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Ratio>,
}

impl Default for Ratio {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Tier {
    /// The bound, whichever way it is written.
    pub fn end(&self) -> Option<Ratio> {
        self.up_to.or(self.below)
    }
    /// Whether a quantity that no earlier tier holds belongs here. Bounds are compared, never counted up by one, so that
    /// no fraction falls between two tiers.
    fn holds(&self, quantity: Ratio) -> bool {
        match (self.up_to, self.below) {
            (Some(last), _) => quantity <= last,
            (None, Some(next)) => quantity < next,
            (None, None) => true,
        }
    }
    fn price(&self, units: Ratio) -> Result<Ratio, Refusal> {
        match self.block {
            Some(size) => units.over(size)?.ceil().times(self.unit),
            None => units.times(self.unit),
        }
    }
}

/// How a quantity becomes an amount.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Model {
    /// Every unit at one price.
    PerUnit {
        /// Price of a unit, major units.
        unit: Ratio,
    },
    /// Every unit at the price of its own tier.
    Graduated {
        /// Ascending; the last one open.
        tiers: Vec<Tier>,
    },
    /// All units at the price of the tier that holds the quantity.
    Volume {
        /// Ascending; the last one open.
        tiers: Vec<Tier>,
    },
    /// Started packages.
    Package {
        /// Units of a package, above 0.
        size: Ratio,
        /// Price of a package, major units.
        price: Ratio,
    },
    /// One amount, whatever the quantity.
    Flat {
        /// Major units.
        amount: Ratio,
    },
    /// So many percent of a quantity that is itself an amount in major units.
    Percentage {
        /// 0 to 100.
        percent: Ratio,
    },
}

/// What a full period costs at a quantity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// How the quantity becomes an amount.
    pub model: Model,
    /// Units that cost nothing, before any other.
    #[serde(default)]
    pub free_units: Ratio,
    /// The most that the period may cost, major units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Ratio>,
    /// Whether the flat of the first tier, or a flat amount, is due at quantity 0. Not for seats, usually.
    #[serde(default)]
    pub flat_at_zero: bool,
}

/// What one tier adds to an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The tier, 1 is the first; 1 also for models without tiers.
    pub tier: usize,
    /// Units charged in it.
    pub units: Ratio,
    /// What the units cost, major units.
    pub amount: Ratio,
    /// The flat of the tier, major units.
    pub flat: Ratio,
}

impl Part {
    /// Units and flat together.
    ///
    /// # Errors
    /// `amount-out-of-range`.
    pub fn total(&self) -> Result<Ratio, Refusal> {
        self.amount.plus(self.flat)
    }
}

impl Tariff {
    /// A tariff without free units and cap, that costs nothing at quantity 0.
    pub const fn of(model: Model) -> Self {
        Self { model, free_units: Ratio::ZERO, cap: None, flat_at_zero: false }
    }
    /// Every unit at one price, major units.
    pub const fn per_unit(unit: Ratio) -> Self {
        Self::of(Model::PerUnit { unit })
    }

    /// What `billable` units cost when the tier is chosen by `full` ones: seats held for a part of a period are priced by
    /// how many they are, not by how long they are held.
    ///
    /// # Errors
    /// `quantity-negative`, `tier-missing` (the tiers have no open end), `amount-out-of-range`.
    pub fn parts(&self, full: Ratio, billable: Ratio) -> Result<Vec<Part>, Refusal> {
        let (full, billable) = (self.charged(full)?, self.charged(billable)?);
        let nothing = full.is_zero() && billable.is_zero();
        let one = |amount| vec![Part { tier: 1, units: billable, amount, flat: Ratio::ZERO }];
        Ok(match &self.model {
            Model::PerUnit { unit } => one(billable.times(*unit)?),
            Model::Package { size, price } => one(billable.over(*size)?.ceil().times(*price)?),
            Model::Flat { amount } => one(if nothing && !self.flat_at_zero { Ratio::ZERO } else { *amount }),
            Model::Percentage { percent } => one(billable.percent(*percent)?),
            Model::Volume { tiers } => {
                let (at, tier) = holding(tiers, full)?;
                let flat = if nothing && !self.flat_at_zero { Ratio::ZERO } else { tier.flat };
                vec![Part { tier: at + 1, units: billable, amount: tier.price(billable)?, flat }]
            }
            Model::Graduated { tiers } => self.graduated(tiers, full, billable)?,
        })
    }

    /// What a full period costs at a quantity, flats and cap included, major units.
    ///
    /// # Errors
    /// Those of [`parts`](Self::parts).
    pub fn total(&self, quantity: Ratio) -> Result<Ratio, Refusal> {
        let parts = self.parts(quantity, quantity)?;
        Ok(self.capped(Ratio::sum(parts.iter().map(Part::total))?))
    }

    /// What the units alone cost: what is weighed by days. Capped like the total.
    ///
    /// # Errors
    /// Those of [`parts`](Self::parts).
    pub fn units(&self, quantity: Ratio) -> Result<Ratio, Refusal> {
        Ok(self.capped(Ratio::sum(self.parts(quantity, quantity)?.iter().map(|part| Ok(part.amount)))?))
    }

    /// The flats of a period whose highest quantity this is. A graduated price charges each tier that was entered once, a
    /// volume price the tier that holds the highest quantity; none is weighed by days.
    ///
    /// # Errors
    /// Those of [`parts`](Self::parts).
    pub fn flats(&self, peak: Ratio) -> Result<Ratio, Refusal> {
        Ratio::sum(self.parts(peak, peak)?.iter().map(|part| Ok(part.flat)))
    }

    /// What is due now for a quantity of which a part was billed before (`None`: nothing was yet, not even a flat): the
    /// difference of both totals, tier by tier, so that nothing is rounded up twice. Parts that come to nothing are missing.
    ///
    /// # Errors
    /// Those of [`parts`](Self::parts).
    pub fn since(&self, billed: Option<Ratio>, now: Ratio) -> Result<Vec<Part>, Refusal> {
        let before = billed.map_or(Ok(Vec::new()), |billed| self.parts(billed, billed))?;
        let after = self.parts(now, now)?;
        let tiers = before.iter().chain(&after).map(|part| part.tier).max().unwrap_or(0);
        let mut found = Vec::new();
        for tier in 1..=tiers {
            let zero = Part { tier, units: Ratio::ZERO, amount: Ratio::ZERO, flat: Ratio::ZERO };
            let at = |parts: &[Part]| parts.iter().find(|part| part.tier == tier).copied().unwrap_or(zero);
            let (old, new) = (at(&before), at(&after));
            let part = Part {
                tier,
                units: new.units.minus(old.units)?,
                amount: new.amount.minus(old.amount)?,
                flat: new.flat.minus(old.flat)?,
            };
            if !(part.amount.is_zero() && part.flat.is_zero()) {
                found.push(part);
            }
        }
        Ok(found)
    }

    /// The amount, or the cap when that is less.
    pub fn capped(&self, amount: Ratio) -> Ratio {
        self.cap.map_or(amount, |cap| amount.min(cap))
    }

    /// The quantity without the free units.
    fn charged(&self, quantity: Ratio) -> Result<Ratio, Refusal> {
        if quantity.is_negative() {
            return Err(Refusal::new(RefusalCode::OutOfRange, "quantity-negative").with("value", quantity.to_string()));
        }
        Ok(quantity.minus(self.free_units)?.max(Ratio::ZERO))
    }

    /// Tiers are entered by the full quantity; what is billed in each is its part of the billable one, so that a quantity
    /// held for half of a period costs half of every tier.
    fn graduated(&self, tiers: &[Tier], full: Ratio, billable: Ratio) -> Result<Vec<Part>, Refusal> {
        holding(tiers, full)?;
        let share = if full.is_zero() { Ratio::ONE } else { billable.over(full)? };
        let (mut from, mut parts) = (Ratio::ZERO, Vec::new());
        for (at, tier) in tiers.iter().enumerate() {
            let entered = full > from || (at == 0 && (self.flat_at_zero || !full.is_zero()));
            if !entered {
                break;
            }
            let to = tier.end().map_or(full, |end| end.min(full));
            let units = to.minus(from)?.times(share)?;
            parts.push(Part { tier: at + 1, units, amount: tier.price(units)?, flat: tier.flat });
            from = to;
        }
        Ok(parts)
    }
}

/// The tier that holds a quantity.
fn holding(tiers: &[Tier], quantity: Ratio) -> Result<(usize, &Tier), Refusal> {
    tiers
        .iter()
        .enumerate()
        .find(|(_, tier)| tier.holds(quantity))
        .ok_or_else(|| Refusal::new(RefusalCode::Invalid, "tier-missing").with("value", quantity.to_string()))
}

/// Tiers of a graduated price from a list that names them by their first unit, counted from 0: units 0 to 99 are a
/// hundred, so that `0, 100` is a bound of 100.
pub fn graduated_from_first_units(list: &[(Ratio, Ratio)]) -> Vec<Tier> {
    let ends = list.iter().skip(1).map(|(first, _)| Some(*first)).chain([None]);
    list.iter().zip(ends).map(|((_, unit), up_to)| Tier { up_to, unit: *unit, ..Tier::default() }).collect()
}

/// Tiers of a volume price from a list that names them by their first unit: a quantity of exactly 100 is in the tier that
/// begins with 100, one of 99.5 in the tier before.
pub fn volume_from_first_units(list: &[(Ratio, Ratio)]) -> Vec<Tier> {
    let ends = list.iter().skip(1).map(|(first, _)| Some(*first)).chain([None]);
    list.iter().zip(ends).map(|((_, unit), below)| Tier { below, unit: *unit, ..Tier::default() }).collect()
}

/// A tier as lists of blocks write it: so many blocks of so many units at a price a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// Units of a block.
    pub size: Ratio,
    /// How many blocks the tier holds.
    pub most: Ratio,
    /// Price of a block, major units.
    pub price: Ratio,
}

/// Tiers from a list of blocks: bounds are the units that the tiers hold together, and the last tier is open.
///
/// # Errors
/// `amount-out-of-range`.
pub fn tiers_from_blocks(list: &[Blocks]) -> Result<Vec<Tier>, Refusal> {
    let (mut end, mut tiers) = (Ratio::ZERO, Vec::with_capacity(list.len()));
    for (at, blocks) in list.iter().enumerate() {
        end = end.plus(blocks.size.times(blocks.most)?)?;
        let up_to = (at + 1 < list.len()).then_some(end);
        tiers.push(Tier { up_to, unit: blocks.price, block: Some(blocks.size), ..Tier::default() });
    }
    Ok(tiers)
}
