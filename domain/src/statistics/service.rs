//! Use cases of statistics.

use super::entity::ParkFigures;
use super::store::Store;
use crate::audit::Happening;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::permission::{Action, Resource};

/// The figures of the caller's park today.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) without permission, and for an officer without an open grant on the whole park.
pub async fn park_figures(system: &dyn Store, ctx: &Ctx) -> Result<ParkFigures> {
    ctx.require(Action::Read, Resource::Statistics)?;
    ctx.require_park()?;
    ctx.heard().tell(Happening::Summed("park figures"));
    system.park_figures(ctx.park()?, ctx.today()).await
}
