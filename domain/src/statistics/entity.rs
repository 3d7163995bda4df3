//! The figures.

/// The fewest tenants that a sum over their own records is told of: fewer, and a tenant that knows its own part learns
/// much of the others'. Common practice of statistical offices is three to five.
pub const FEWEST: i64 = 5;

/// A sum over what tenants keep for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The sum.
    pub sum: i64,
    /// Of how many tenants something is in it.
    pub tenants: i64,
}

impl Counted {
    /// The sum, unless it is of too few.
    pub fn told(self) -> Option<i64> {
        (self.tenants == 0 || self.tenants >= FEWEST).then_some(self.sum)
    }
}

/// How many tenants hold a level of maturity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtLevel {
    /// The level; `None` = never assessed.
    pub level: Option<u8>,
    /// How many.
    pub tenants: i64,
}

/// Figures of a park on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkFigures {
    /// Tenants.
    pub tenants: i64,
    /// Seats that exist.
    pub seats: i64,
    /// Seats allocated to a tenant.
    pub leased: i64,
    /// Seats with somebody on them.
    pub occupied: Counted,
    /// People employed by tenants.
    pub people: Counted,
    /// Tenants by the level they hold, the highest first, those never assessed last.
    pub levels: Vec<AtLevel>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_few_tenants_are_not_told() {
        let told = |sum, tenants| Counted { sum, tenants }.told();
        assert_eq!((told(0, 0), told(9, 1), told(90, 4), told(100, 5)), (Some(0), None, None, Some(100)));
    }
}
