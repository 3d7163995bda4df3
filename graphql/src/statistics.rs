//! Figures of a park as a whole.

use async_graphql::{Context, Object, SimpleObject};
use voxpark_domain::statistics::{self, ParkFigures};

use crate::error::Fault as _;
use crate::request::Asking as _;

/// How many tenants hold a level of maturity.
#[derive(SimpleObject)]
pub(crate) struct TenantsAtLevel {
    /// The level, as last concluded by whichever framework; null = never assessed.
    level: Option<i32>,
    /// How many tenants.
    tenants: i64,
}

/// Figures of a park as a whole today, in which no tenant can be told.
pub(crate) struct ParkStatistics(ParkFigures);

/// Figures of a park as a whole today, in which no tenant can be told.
#[Object]
impl ParkStatistics {
    /// Tenants.
    async fn tenants(&self) -> i64 {
        self.0.tenants
    }
    /// Seats that exist.
    async fn seats(&self) -> i64 {
        self.0.seats
    }
    /// Seats allocated to a tenant, in whichever shift window.
    async fn seats_leased(&self) -> i64 {
        self.0.leased
    }
    /// Seats with somebody on them; null when they are of fewer than five tenants.
    async fn seats_occupied(&self) -> Option<i64> {
        self.0.occupied.told()
    }
    /// People whom the tenants employ; null when they are of fewer than five tenants.
    async fn people(&self) -> Option<i64> {
        self.0.people.told()
    }
    /// Tenants by the level they hold, the highest first, those never assessed last.
    async fn levels(&self) -> Vec<TenantsAtLevel> {
        let row = |l: &statistics::AtLevel| TenantsAtLevel { level: l.level.map(i32::from), tenants: l.tenants };
        self.0.levels.iter().map(row).collect()
    }
}

#[derive(Clone)]
pub(crate) struct ParkFigured;

#[Object]
impl ParkFigured {
    /// Figures of the park as a whole today; for its staff, and for officers with an open grant on all of it.
    #[graphql(complexity = "50 + child_complexity")]
    async fn statistics(&self, gql: &Context<'_>) -> async_graphql::Result<Option<ParkStatistics>> {
        let request = gql.request();
        let figures = async {
            let ctx = request.ctx()?;
            statistics::park_figures(&*request.services.statistics().await?, ctx).await
        };
        Ok(gql.nullable(figures.await)?.map(ParkStatistics))
    }
}
