//! The need of each interval, and what roster and seats make of it.

use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::erlang::{ErlangC, Ladder, idle_ratio};
use super::erlang_a::{ErlangA, ServiceLevelBasis, patience};
use super::search::smallest;
use super::{Traffic, quantity};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};

/// Targets are met when missed by no more than this, so that "at most 0.7" holds at 7 erlangs on 10 agents.
const SLACK: f64 = 1e-12;

/// How contacts behave that cannot be served at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum Model {
    /// They all wait. Asks for more agents than contacts that hang up would need.
    ErlangC,
    /// They wait for an exponential patience and hang up.
    ErlangA {
        /// Mean patience in seconds; 0 = nobody waits, infinite = Erlang C.
        patience_seconds: f64,
        /// Which service level the target speaks of.
        #[serde(default)]
        basis: ServiceLevelBasis,
    },
}

/// What staffing must achieve: a named rule of a tenant. A change is a new version, so that a plan can be recomputed
/// as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaffingTarget {
    /// Its name (`80/20`).
    pub name: String,
    /// Its version, counted from 1.
    pub version: u32,
    /// The model of the queue.
    pub model: Model,
    /// The service level: the least share served within the threshold, `0 <= share < 1`; 0 asks for none.
    pub service_level: f64,
    /// The threshold of the service level in seconds; 0 speaks of those who do not wait at all.
    pub threshold_seconds: f64,
    /// The highest occupancy of agents, `0 < share <= 1`.
    pub max_occupancy: Option<f64>,
    /// The highest share that hangs up, `0 < share <= 1`. Always kept under Erlang C.
    pub max_abandonment: Option<f64>,
    /// The longest average speed of answer (mean wait of those served) in seconds, above 0.
    pub max_asa_seconds: Option<f64>,
    /// Share of rostered time in which people are not available (breaks, absence, training), `0 <= share < 1`.
    pub shrinkage: f64,
}

impl StaffingTarget {
    /// Whether every value is in its range.
    ///
    /// # Errors
    /// All that apply of `service-level-range`, `not-a-quantity`, `occupancy-range`, `abandonment-range`, `asa-range`,
    /// `shrinkage-range`, `patience-invalid`, each at its field.
    pub fn check(&self) -> Result<()> {
        let mut bad = Refusals::new();
        let mut range = |holds: bool, rule: &'static str, field: &'static str, value: f64| {
            bad.when(!holds, || Refusal::new(RefusalCode::OutOfRange, rule).at(field).with("value", value.to_string()));
        };
        let positive_share = |value: f64| value > 0.0 && value <= 1.0;
        range((0.0..1.0).contains(&self.service_level), "service-level-range", "service_level", self.service_level);
        range((0.0..1.0).contains(&self.shrinkage), "shrinkage-range", "shrinkage", self.shrinkage);
        if let Some(value) = self.max_occupancy {
            range(positive_share(value), "occupancy-range", "max_occupancy", value);
        }
        if let Some(value) = self.max_abandonment {
            range(positive_share(value), "abandonment-range", "max_abandonment", value);
        }
        if let Some(value) = self.max_asa_seconds {
            range(value.is_finite() && value > 0.0, "asa-range", "max_asa_seconds", value);
        }
        if let Err(refusal) = quantity("threshold_seconds", self.threshold_seconds) {
            bad.push(refusal);
        }
        if let Model::ErlangA { patience_seconds, .. } = self.model
            && let Err(refusal) = patience(patience_seconds)
        {
            bad.push(refusal);
        }
        bad.finish()
    }

    /// Whether a prediction keeps every part of the target.
    pub fn is_met(&self, by: &Prediction) -> bool {
        let at_most = |limit: Option<f64>, value: Option<f64>| {
            limit.is_none_or(|limit| value.is_some_and(|value| value <= limit * (1.0 + SLACK)))
        };
        by.stable
            && by.service_level >= self.service_level - SLACK
            && at_most(self.max_occupancy, Some(by.occupancy.unwrap_or_default()))
            && at_most(self.max_abandonment, Some(by.abandonment))
            && at_most(self.max_asa_seconds, by.asa_seconds)
    }

    /// What to expect, from the idle ratio of `agents` under the load.
    fn predict(&self, traffic: Traffic, agents: u32, ratio: f64) -> Prediction {
        let result = match self.model {
            Model::ErlangC => ErlangC::from_idle_ratio(traffic, agents, ratio).map(|queue| Prediction {
                agents,
                stable: true,
                service_level: queue.within(self.threshold_seconds),
                occupancy: queue.occupancy,
                wait_probability: queue.wait_probability,
                abandonment: 0.0,
                asa_seconds: Some(queue.mean_wait_seconds),
            }),
            Model::ErlangA { patience_seconds, basis } => {
                ErlangA::from_idle_ratio(traffic, patience_seconds, agents, ratio).map(|queue| Prediction {
                    agents,
                    stable: true,
                    service_level: queue.levels(self.threshold_seconds).of(basis).unwrap_or_default(),
                    occupancy: queue.occupancy,
                    wait_probability: queue.wait_probability,
                    abandonment: queue.abandon_probability,
                    asa_seconds: queue.mean_wait_served_seconds,
                })
            }
        };
        // The one refusal either can give is that of a queue without a steady state.
        result.unwrap_or(Prediction {
            agents,
            stable: false,
            service_level: 0.0,
            occupancy: (agents > 0).then_some(1.0),
            wait_probability: 1.0,
            abandonment: 0.0,
            asa_seconds: None,
        })
    }
}

/// What to expect of a number of agents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Agents at work.
    pub agents: u32,
    /// Whether the queue has a steady state. If not (Erlang C with agents not above the load) it grows without end:
    /// in the long run everybody waits and nobody is served in time.
    pub stable: bool,
    /// Share served within the target's threshold, on the target's basis, 0-1.
    pub service_level: f64,
    /// Share of time an agent is busy, 0-1; `None` without agents.
    pub occupancy: Option<f64>,
    /// Share of contacts that find every agent busy, 0-1.
    pub wait_probability: f64,
    /// Share of contacts that hang up, 0-1.
    pub abandonment: f64,
    /// Mean wait of those served in seconds; `None` when it has no bound or nobody is served.
    pub asa_seconds: Option<f64>,
}

/// What `agents` would achieve, whether or not it meets the target.
///
/// # Errors
/// As [`StaffingTarget::check`].
pub fn predict(traffic: Traffic, agents: u32, target: &StaffingTarget) -> Result<Prediction> {
    target.check()?;
    Ok(target.predict(traffic, agents, idle_ratio(traffic.load(), agents)))
}

/// The fewest agents (net of shrinkage) that keep the target, and what to expect of them. None for no traffic.
///
/// # Errors
/// As [`StaffingTarget::check`]; `agents-too-many` when 4 billion are not enough.
pub fn agents_needed(traffic: Traffic, target: &StaffingTarget) -> Result<Prediction> {
    target.check()?;
    Ok(Search::new().least(traffic, target)?)
}

/// Searches for the need of one load after the other, beginning each where the last one leads to expect it.
struct Search {
    ladder: Ladder,
    /// Agents above the load in units of its square root: about the same at every load (square-root staffing).
    grade: f64,
}

impl Search {
    fn new() -> Self {
        Self { ladder: Ladder::new(1.0), grade: 1.0 }
    }

    fn least(&mut self, traffic: Traffic, target: &StaffingTarget) -> Result<Prediction, Refusal> {
        let load = traffic.load();
        if load == 0.0 {
            return Ok(target.predict(traffic, 0, 0.0));
        }
        self.ladder.reset(load);
        let mut found = None;
        let guess = (load + self.grade * load.sqrt()).ceil().to_u32().unwrap_or(1);
        smallest(1, guess, |agents| {
            let prediction = target.predict(traffic, agents, self.ladder.at(agents));
            let met = target.is_met(&prediction);
            if met {
                found = Some(prediction);
            }
            met
        });
        let prediction = found.ok_or_else(|| Refusal::new(RefusalCode::TooLarge, "agents-too-many").at("contacts"))?;
        self.grade = (f64::from(prediction.agents) - load) / load.sqrt();
        Ok(prediction)
    }
}

/// The positions to roster so that `agents` are available: `agents / (1 - shrinkage)`, rounded up.
///
/// # Errors
/// `shrinkage-range` unless `0 <= shrinkage < 1`; `agents-too-many`.
pub fn positions_needed(agents: u32, shrinkage: f64) -> Result<u32, Refusal> {
    // 14/0.7 is a little more than 20 in binary: what exceeds a whole number by rounding alone is that number.
    (f64::from(agents) / availability(shrinkage)? * (1.0 - SLACK))
        .ceil()
        .to_u32()
        .ok_or_else(|| Refusal::new(RefusalCode::TooLarge, "agents-too-many").at("agents"))
}

/// The agents available of `positions` rostered: `positions * (1 - shrinkage)`, rounded down.
///
/// # Errors
/// `shrinkage-range` unless `0 <= shrinkage < 1`.
pub fn productive_agents(positions: u32, shrinkage: f64) -> Result<u32, Refusal> {
    let available = (f64::from(positions) * availability(shrinkage)? * (1.0 + SLACK)).floor();
    Ok(available.to_u32().map_or(positions, |agents| agents.min(positions)))
}

fn availability(shrinkage: f64) -> Result<f64, Refusal> {
    if (0.0..1.0).contains(&shrinkage) {
        Ok(1.0 - shrinkage)
    } else {
        Err(Refusal::new(RefusalCode::OutOfRange, "shrinkage-range")
            .at("shrinkage")
            .with("value", shrinkage.to_string()))
    }
}

/// What one interval brings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalLoad<K> {
    /// Which interval: its first instant or its index.
    pub start: K,
    /// Contacts offered; averages may be fractional.
    pub contacts: f64,
    /// Mean handle time in seconds. `None` when nobody was served, as at night when the only caller hung up: the mean
    /// of the list's other contacts stands in.
    pub handle_seconds: Option<f64>,
}

/// What one interval needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalNeed<K> {
    /// Which interval.
    pub start: K,
    /// Its load in erlangs and its handle time.
    pub traffic: Traffic,
    /// Agents needed at work (net).
    pub agents: u32,
    /// Positions to roster for them (gross of shrinkage).
    pub positions: u32,
    /// What to expect of that many agents.
    pub predicted: Prediction,
}

/// The need of every interval of `interval_seconds` (900, 1800, 3600), in the order given. Each interval is taken as
/// a steady state of its own, as the trade does.
///
/// # Errors
/// As [`StaffingTarget::check`]; and for each bad interval, at `intervals.<index>.<field>`, as [`Traffic::new`];
/// `handle-time-missing` where contacts have no handle time and no other interval has one; `agents-too-many`.
pub fn need_per_interval<K: Clone>(
    intervals: &[IntervalLoad<K>],
    interval_seconds: u32,
    target: &StaffingTarget,
) -> Result<Vec<IntervalNeed<K>>> {
    target.check()?;
    if interval_seconds == 0 {
        return Err(Refusal::new(RefusalCode::OutOfRange, "period-not-positive").at("interval_seconds").into());
    }
    let usual = mean_handle_seconds(intervals);
    let mut search = Search::new();
    let mut bad = Refusals::new();
    let mut needs = Vec::with_capacity(intervals.len());
    for (index, interval) in intervals.iter().enumerate() {
        match need_of(interval, f64::from(interval_seconds), usual, target, &mut search) {
            Ok(need) => needs.push(need),
            Err(refusal) => {
                let path = format!("intervals.{index}.{}", refusal.path);
                bad.push(refusal.at(path));
            }
        }
    }
    bad.finish()?;
    Ok(needs)
}

fn need_of<K: Clone>(
    interval: &IntervalLoad<K>,
    seconds: f64,
    usual: Option<f64>,
    target: &StaffingTarget,
    search: &mut Search,
) -> Result<IntervalNeed<K>, Refusal> {
    let handle = match interval.handle_seconds.or(usual) {
        Some(handle) => handle,
        None if interval.contacts == 0.0 => 0.0,
        None => return Err(Refusal::new(RefusalCode::Required, "handle-time-missing").at("handle_seconds")),
    };
    let traffic = Traffic::new(interval.contacts, seconds, handle)?;
    let predicted = search.least(traffic, target)?;
    let positions = positions_needed(predicted.agents, target.shrinkage)?;
    Ok(IntervalNeed { start: interval.start.clone(), traffic, agents: predicted.agents, positions, predicted })
}

/// The mean over all contacts whose handle time is known and usable.
fn mean_handle_seconds<K>(intervals: &[IntervalLoad<K>]) -> Option<f64> {
    let (mut contacts, mut seconds) = (0.0, 0.0);
    for interval in intervals {
        if let Some(handle) = interval.handle_seconds
            && interval.contacts.is_finite()
            && interval.contacts > 0.0
            && handle.is_finite()
            && handle > 0.0
        {
            contacts += interval.contacts;
            seconds += interval.contacts * handle;
        }
    }
    (contacts > 0.0).then(|| seconds / contacts)
}

/// What is there in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply {
    /// People on the roster (gross: shrinkage not taken off).
    pub rostered: u32,
    /// Seats allocated to the tenant for that time.
    pub seats: u32,
}

/// Need against supply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Agents to be expected at work: the rostered less shrinkage, as far as there are seats for them.
    pub working: u32,
    /// Rostered people less positions needed; negative = too few.
    pub gap_to_roster: i64,
    /// Seats less agents needed at work at once; negative = too few. (Who is absent needs no seat.)
    pub gap_to_seats: i64,
    /// What to expect of those working.
    pub predicted: Prediction,
}

impl<K> IntervalNeed<K> {
    /// Compares with what is there, under the target the need was computed for (or another, to ask what if).
    ///
    /// # Errors
    /// As [`StaffingTarget::check`].
    pub fn against(&self, supply: Supply, target: &StaffingTarget) -> Result<Coverage> {
        let working = productive_agents(supply.rostered, target.shrinkage).map_err(Error::from)?.min(supply.seats);
        Ok(Coverage {
            working,
            gap_to_roster: i64::from(supply.rostered) - i64::from(self.positions),
            gap_to_seats: i64::from(supply.seats) - i64::from(self.agents),
            predicted: predict(self.traffic, working, target)?,
        })
    }
}
