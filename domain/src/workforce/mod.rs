//! Staffing mathematics: how many agents an interval needs, and what to expect of those that are there.
//!
//! Decides: loads, waiting, abandonment and service level of one queue with alike agents (Erlang B, C and A), the
//! fewest agents that keep a [`StaffingTarget`], the positions to roster for them, and the gap to roster and seats.
//! Does not decide: who works when (rosters), what will be offered (forecasts), several skills at once.
//!
//! Everything is exact for the model named, in `f64`; there is no money here. Nothing panics: what a model cannot
//! answer is a [`Refusal`], what is undefined (the occupancy of nobody) is `None`.

mod erlang;
mod erlang_a;
mod need;
mod palm;
mod search;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod properties;

pub use erlang::{ErlangC, erlang_b, erlang_b_lines, erlang_b_load, erlang_c};
pub use erlang_a::{ErlangA, ServiceLevelBasis, Within, erlang_a};
pub use need::{
    Coverage, IntervalLoad, IntervalNeed, Model, Prediction, StaffingTarget, Supply, agents_needed, need_per_interval,
    positions_needed, predict, productive_agents,
};

use crate::error::{Refusal, RefusalCode};

/// The largest load accepted, in erlangs: beyond every park, and small enough for each formula to stay exact.
const MAX_LOAD: f64 = 1e9;

/// What is offered to a group of agents: a load and the mean handle time behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    load: f64,
    handle_seconds: f64,
}

impl Traffic {
    /// Traffic of `contacts` (an average may be fractional) offered in `period_seconds`, each handled for
    /// `handle_seconds` on average (talk, hold and wrap-up). Without contacts the handle time does not matter.
    ///
    /// # Errors
    /// `not-a-quantity` (negative, infinite or not a number), `period-not-positive`; `handle-time-zero` when there
    /// are contacts and no handle time, as no number of agents follows from that; `load-too-large` above 1e9 erlangs.
    pub fn new(contacts: f64, period_seconds: f64, handle_seconds: f64) -> Result<Self, Refusal> {
        let contacts = quantity("contacts", contacts)?;
        if quantity("period_seconds", period_seconds)? == 0.0 {
            return Err(Refusal::new(RefusalCode::OutOfRange, "period-not-positive").at("period_seconds"));
        }
        let handle_seconds = quantity("handle_seconds", handle_seconds)?;
        if contacts > 0.0 && handle_seconds == 0.0 {
            return Err(Refusal::new(RefusalCode::OutOfRange, "handle-time-zero").at("handle_seconds"));
        }
        let load = if contacts == 0.0 { 0.0 } else { contacts * handle_seconds / period_seconds };
        if load > MAX_LOAD {
            return Err(Refusal::new(RefusalCode::TooLarge, "load-too-large").at("contacts"));
        }
        Ok(Self { load, handle_seconds })
    }
    /// The load in erlangs: the mean number of agents that would be busy if nobody ever waited.
    pub const fn load(self) -> f64 {
        self.load
    }
    /// Mean handle time in seconds.
    pub const fn handle_seconds(self) -> f64 {
        self.handle_seconds
    }
}

/// `value` when it is finite and not negative.
fn quantity(field: &'static str, value: f64) -> Result<f64, Refusal> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(Refusal::new(RefusalCode::OutOfRange, "not-a-quantity").at(field).with("value", value.to_string()))
    }
}
