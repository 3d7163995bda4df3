//! Erlang A: contacts hang up after an exponential patience (M/M/N+M, the Palm model).
//!
//! Exact for every number of agents, also fewer than the load: impatience keeps the queue finite. Infinite patience
//! is Erlang C, no patience is Erlang B.
//!
//! Sources: C. Palm, "Research on telephone traffic carried by full availability groups" (Tele, 1957); A. Mandelbaum,
//! S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue" (2007); W. Whitt, "Engineering solution of a
//! basic call-center model", Management Science 51 (2005), whose tables are among the tests.

use serde::{Deserialize, Serialize};

use super::erlang::{ErlangC, idle_ratio};
use super::palm::Palm;
use super::{Traffic, quantity};
use crate::error::{Refusal, RefusalCode};

/// Patience beyond this many handle times is endless to `f64`, and below its inverse none.
const ENDLESS: f64 = 1e200;

/// Which share is meant by "service level" where contacts can hang up. All are the same under Erlang C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceLevelBasis {
    /// Served within the threshold, of all offered: every abandonment counts against it. The strictest; the default.
    #[default]
    Offered,
    /// Served within the threshold, of the offered less those who hung up within it.
    EarlyAbandonsExcluded,
    /// Served within the threshold, of those served. Flatters: whoever hung up is forgotten.
    Answered,
    /// Left the queue within the threshold, served or not: an abandonment within it counts as a success.
    LeftQueue,
    /// Share of moments at which somebody who never hangs up would be served within the threshold.
    VirtualWait,
}

/// The service levels of one threshold, by every name in use. A share is `None` where nobody is left to divide by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Within {
    /// [`ServiceLevelBasis::Offered`], 0-1.
    pub offered: f64,
    /// [`ServiceLevelBasis::EarlyAbandonsExcluded`], 0-1; `None` when all hang up within the threshold.
    pub early_abandons_excluded: Option<f64>,
    /// [`ServiceLevelBasis::Answered`], 0-1; `None` when nobody is served.
    pub answered: Option<f64>,
    /// [`ServiceLevelBasis::LeftQueue`], 0-1.
    pub left_queue: f64,
    /// [`ServiceLevelBasis::VirtualWait`], 0-1.
    pub virtual_wait: f64,
    /// Share of the offered that hangs up within the threshold, 0-1.
    pub abandoned: f64,
}

impl Within {
    /// The one of that name.
    pub fn of(&self, basis: ServiceLevelBasis) -> Option<f64> {
        match basis {
            ServiceLevelBasis::Offered => Some(self.offered),
            ServiceLevelBasis::EarlyAbandonsExcluded => self.early_abandons_excluded,
            ServiceLevelBasis::Answered => self.answered,
            ServiceLevelBasis::LeftQueue => Some(self.left_queue),
            ServiceLevelBasis::VirtualWait => Some(self.virtual_wait),
        }
    }
}

/// A queue whose contacts hang up, in its steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangA {
    /// Agents at work.
    pub agents: u32,
    /// Share of contacts that find every agent busy, 0-1. (Without patience those hang up at once: Erlang B.)
    pub wait_probability: f64,
    /// Share of contacts that hang up before they are served, 0-1.
    pub abandon_probability: f64,
    /// Mean number waiting, `E[Lq]`.
    pub queue_length: f64,
    /// Mean time in queue of all contacts in seconds, served or not.
    pub mean_wait_seconds: f64,
    /// Mean wait of those served in seconds (the trade's average speed of answer); `None` when nobody is.
    pub mean_wait_served_seconds: Option<f64>,
    /// Share of time an agent is busy, 0-1; `None` without agents.
    pub occupancy: Option<f64>,
    served: f64,
    patience: f64,
    law: Law,
}

/// How the offered wait of those who wait is distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Law {
    /// Nobody waits: there is no traffic.
    Idle,
    /// Nobody is ever served: there are no agents.
    Unserved,
    /// Whoever would wait is gone: no patience. The rate (per second) is that of the next agent coming free.
    Lost { decay: f64 },
    /// Nobody hangs up: Erlang C.
    Patient { queue: ErlangC },
    /// The general case.
    Palm(Palm),
}

/// Shares of all offered contacts, beyond a threshold.
struct Beyond {
    virtual_wait: f64,
    served: f64,
    lost: f64,
}

impl ErlangA {
    /// The service levels within `threshold_seconds`.
    ///
    /// # Errors
    /// `not-a-quantity`.
    pub fn within(&self, threshold_seconds: f64) -> Result<Within, Refusal> {
        Ok(self.levels(quantity("threshold_seconds", threshold_seconds)?))
    }

    /// [`within`](Self::within) of a threshold known to be good.
    pub(super) fn levels(&self, threshold: f64) -> Within {
        let beyond = self.beyond(threshold);
        // Rounding must not take from those who do not wait at all.
        let offered = (self.served - beyond.served).max(self.served.min(1.0 - self.wait_probability));
        let not_lost_within = self.served + beyond.lost;
        Within {
            offered,
            early_abandons_excluded: (not_lost_within > 0.0).then(|| (offered / not_lost_within).min(1.0)),
            answered: (self.served > 0.0).then(|| (offered / self.served).min(1.0)),
            left_queue: (1.0 - (beyond.served + beyond.lost)).max(0.0),
            virtual_wait: (1.0 - beyond.virtual_wait).max(0.0),
            abandoned: (self.abandon_probability - beyond.lost).max(0.0),
        }
    }

    fn beyond(&self, threshold: f64) -> Beyond {
        let waits = self.wait_probability;
        match self.law {
            Law::Idle => Beyond { virtual_wait: 0.0, served: 0.0, lost: 0.0 },
            Law::Unserved => {
                let lost = if self.patience > 0.0 { (-threshold / self.patience).exp() } else { 0.0 };
                Beyond { virtual_wait: 1.0, served: 0.0, lost }
            }
            Law::Lost { decay } => Beyond { virtual_wait: waits * (-decay * threshold).exp(), served: 0.0, lost: 0.0 },
            Law::Patient { queue } => {
                let longer = 1.0 - queue.within(threshold);
                Beyond { virtual_wait: longer, served: longer, lost: 0.0 }
            }
            Law::Palm(queue) => {
                let (longer, served, lost) = queue.beyond((threshold / self.patience).min(f64::MAX));
                let scale = waits / queue.all();
                Beyond { virtual_wait: scale * longer, served: scale * served, lost: scale * lost }
            }
        }
    }

    /// From the idle ratio of `agents` under the load; `patience` is not negative and may be infinite.
    pub(super) fn from_idle_ratio(traffic: Traffic, patience: f64, agents: u32, ratio: f64) -> Result<Self, Refusal> {
        let (load, handle) = (traffic.load(), traffic.handle_seconds());
        let n = f64::from(agents);
        let nothing = Self {
            agents,
            wait_probability: 0.0,
            abandon_probability: 0.0,
            queue_length: 0.0,
            mean_wait_seconds: 0.0,
            mean_wait_served_seconds: Some(0.0),
            occupancy: (agents > 0).then_some(0.0),
            served: 1.0,
            patience,
            law: Law::Idle,
        };
        if load == 0.0 {
            return Ok(nothing);
        }
        let span = patience / handle;
        if span > ENDLESS {
            let queue = ErlangC::from_idle_ratio(traffic, agents, ratio)?;
            return Ok(Self {
                wait_probability: queue.wait_probability,
                queue_length: queue.queue_length,
                mean_wait_seconds: queue.mean_wait_seconds,
                mean_wait_served_seconds: Some(queue.mean_wait_seconds),
                occupancy: queue.occupancy,
                law: Law::Patient { queue },
                ..nothing
            });
        }
        if agents == 0 {
            return Ok(Self {
                wait_probability: 1.0,
                abandon_probability: 1.0,
                queue_length: load * span,
                mean_wait_seconds: patience,
                mean_wait_served_seconds: None,
                served: 0.0,
                law: Law::Unserved,
                ..nothing
            });
        }
        if span < ENDLESS.recip() {
            let lost = 1.0 / (1.0 + ratio);
            let served = 1.0 / (1.0 + ratio.recip());
            return Ok(Self {
                wait_probability: lost,
                abandon_probability: lost,
                occupancy: Some(load * served / n),
                served,
                law: Law::Lost { decay: n / handle },
                ..nothing
            });
        }
        let arrivals = load * span;
        let start = Palm::new(n * span, arrivals);
        let all = start.all();
        // Against the states in which nobody waits, on the same scale.
        let free = ratio * (-start.ln_scale).exp();
        let wait_probability = 1.0 / (1.0 + free / all);
        let at_once = 1.0 / (1.0 + all / free);
        let abandon_probability = wait_probability * (start.lost / all);
        let served = at_once + wait_probability * (start.served / all);
        let mean_wait_seconds = abandon_probability * patience;
        let wait_of_served = wait_probability * patience * (start.served_wait / all);
        Ok(Self {
            wait_probability,
            abandon_probability,
            queue_length: arrivals * abandon_probability,
            mean_wait_seconds,
            mean_wait_served_seconds: Some(wait_of_served / served),
            occupancy: Some((load * served / n).min(1.0)),
            served,
            law: Law::Palm(start),
            ..nothing
        })
    }
}

/// Erlang A for `agents` under `traffic`, whose contacts wait `patience_seconds` on average before they hang up
/// (0 = not at all, infinite = for ever). The usual estimate is total time in queue over number of abandonments.
///
/// # Errors
/// `patience-invalid` when negative or not a number; `erlang-unstable` only when patience is infinite.
pub fn erlang_a(traffic: Traffic, patience_seconds: f64, agents: u32) -> Result<ErlangA, Refusal> {
    let patience = patience(patience_seconds)?;
    ErlangA::from_idle_ratio(traffic, patience, agents, idle_ratio(traffic.load(), agents))
}

/// A patience: not negative, may be infinite.
pub(super) fn patience(seconds: f64) -> Result<f64, Refusal> {
    if seconds >= 0.0 {
        Ok(seconds)
    } else {
        Err(Refusal::new(RefusalCode::OutOfRange, "patience-invalid")
            .at("patience_seconds")
            .with("value", seconds.to_string()))
    }
}
