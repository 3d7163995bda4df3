//! Erlang B (lost calls), its inverse, and Erlang C (everybody waits).
//!
//! All three come from one number, the *idle ratio* `q(n) = P(fewer than n busy) / P(all n busy) = 1/B(n) - 1` of a
//! loss system. It has the recursion `q(n) = n/A * (1 + q(n-1))`, `q(0) = 0`, of positive terms only, so nothing
//! cancels and nothing but a blocking below 1e-308 ever leaves the range of `f64`.
//!
//! Sources: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
//! telephone exchanges" (1917); the recursion in its inverse form: D. L. Jagerman, "Some properties of the Erlang loss
//! function", Bell System Technical Journal 53 (1974).

use rust_decimal::prelude::ToPrimitive;

use super::{Traffic, quantity};
use crate::error::{Refusal, RefusalCode};

/// Where the recursion towards `n` may begin, and the idle ratio there.
///
/// An error in `q` shrinks by `n/A` at each step below the load: the last ten standard deviations (`10 sqrt(A)`) of
/// such steps shrink it by e^-50. So a large load need not be climbed from zero, and the recursion's fixed point
/// `n/(A-n)` will do to begin with.
fn foot(load: f64, n: u32) -> (u32, f64) {
    let top = load.min(f64::from(n));
    match (top - 10.0 * top.sqrt() - 10.0).to_u32() {
        Some(n) if n > 0 => (n, f64::from(n) / (load - f64::from(n))),
        _ => (0, 0.0),
    }
}

/// The idle ratio of `n` lines under `load` erlangs; infinite where the blocking is below 1e-308.
pub(super) fn idle_ratio(load: f64, n: u32) -> f64 {
    let (mut at, mut ratio) = foot(load, n);
    while at < n && ratio.is_finite() {
        at += 1;
        ratio = f64::from(at) / load * (1.0 + ratio);
    }
    ratio
}

/// The idle ratios of one load, climbed once and kept, so that a search may ask for any of them in any order.
#[derive(Debug)]
pub(super) struct Ladder {
    load: f64,
    base: u32,
    rungs: Vec<f64>,
}

impl Ladder {
    /// For a load above zero.
    pub(super) fn new(load: f64) -> Self {
        let mut ladder = Self { load, base: 0, rungs: Vec::new() };
        ladder.reset(load);
        ladder
    }
    /// Starts again for another load, in the memory of the last.
    pub(super) fn reset(&mut self, load: f64) {
        // Far below the load there is little to look for; what is asked there is climbed anew.
        let base = (load - 10.0 * load.sqrt()).to_u32().unwrap_or_default();
        (self.load, self.base) = (load, base);
        self.rungs.clear();
        self.rungs.push(idle_ratio(load, base));
    }
    /// The idle ratio of `n` lines.
    pub(super) fn at(&mut self, n: u32) -> f64 {
        let Some(steps) = n.checked_sub(self.base) else { return idle_ratio(self.load, n) };
        if let Some(known) = steps.to_usize().and_then(|i| self.rungs.get(i)) {
            return *known;
        }
        let mut ratio = self.rungs.last().copied().unwrap_or_default();
        let climbed = u32::try_from(self.rungs.len()).unwrap_or(u32::MAX);
        for rung in climbed..=steps {
            if ratio.is_infinite() {
                break;
            }
            ratio = f64::from(self.base.saturating_add(rung)) / self.load * (1.0 + ratio);
            self.rungs.push(ratio);
        }
        ratio
    }
}

/// Erlang B: the share of calls lost when `lines` serve `load` erlangs and nobody waits. 1 without lines.
///
/// # Errors
/// `not-a-quantity` when the load is negative or not finite.
pub fn erlang_b(lines: u32, load: f64) -> Result<f64, Refusal> {
    Ok(1.0 / (1.0 + idle_ratio(quantity("load", load)?, lines)))
}

/// A blocking strictly between 0 and 1; the ends are reached by no finite load or number of lines.
fn blocking_share(blocking: f64) -> Result<f64, Refusal> {
    if blocking > 0.0 && blocking < 1.0 {
        Ok(blocking)
    } else {
        Err(Refusal::new(RefusalCode::OutOfRange, "blocking-range").at("blocking").with("value", blocking.to_string()))
    }
}

/// Erlang B backwards: the load in erlangs that loses the share `blocking` of its calls on `lines` lines (what the
/// trade's traffic tables print).
///
/// # Errors
/// `blocking-range` unless `0 < blocking < 1`; `lines-zero` without lines, which lose everything.
pub fn erlang_b_load(lines: u32, blocking: f64) -> Result<f64, Refusal> {
    let blocking = blocking_share(blocking)?;
    if lines == 0 {
        return Err(Refusal::new(RefusalCode::OutOfRange, "lines-zero").at("lines"));
    }
    let n = f64::from(lines);
    // Bounds that always hold: B <= (eA/N)^N and B >= 1 - N/A.
    let mut low = n / std::f64::consts::E * blocking.powf(n.recip());
    let mut high = n / (1.0 - blocking);
    let mut load = low;
    // Newton on ln B over ln A, where B is concave, so that from the left it never oversteps; its slope is the number
    // of idle lines. Bisection takes over where B underflows.
    for _ in 0..200 {
        let ratio = idle_ratio(load, lines);
        let excess = -ratio.ln_1p() - blocking.ln();
        if excess > 0.0 {
            high = load;
        } else {
            low = load;
        }
        let idle = n - load / (1.0 + ratio.recip());
        let newton = load * (-excess / idle).exp();
        let next = if newton >= low && newton <= high { newton } else { low + (high - low) / 2.0 };
        let moved = (next - load).abs();
        load = next;
        if moved <= 2.0 * f64::EPSILON * load {
            break;
        }
    }
    Ok(load)
}

/// The fewest lines that lose at most the share `blocking` of `load` erlangs; none for no load.
///
/// # Errors
/// `not-a-quantity`, `blocking-range`, `load-too-large`.
pub fn erlang_b_lines(load: f64, blocking: f64) -> Result<u32, Refusal> {
    let load = quantity("load", load)?;
    let allowed = 1.0 / blocking_share(blocking)? - 1.0;
    if load > super::MAX_LOAD {
        return Err(Refusal::new(RefusalCode::TooLarge, "load-too-large").at("load"));
    }
    // Fewer lines than A(1-b) cannot even carry what is not lost.
    if load == 0.0 {
        return Ok(0);
    }
    let mut lines = (load * (1.0 - blocking)).floor().to_u32().unwrap_or(u32::MAX);
    let mut ratio = idle_ratio(load, lines);
    while ratio < allowed * (1.0 - 1e-12) {
        lines += 1;
        ratio = f64::from(lines) / load * (1.0 + ratio);
    }
    Ok(lines)
}

/// A queue in which everybody waits until served (M/M/N), in its steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangC {
    /// Agents at work.
    pub agents: u32,
    /// Share of contacts that wait at all, 0-1.
    pub wait_probability: f64,
    /// Mean wait of all contacts in seconds (ASA).
    pub mean_wait_seconds: f64,
    /// Mean number waiting, `E[Lq]`.
    pub queue_length: f64,
    /// Share of time an agent is busy, 0-1; `None` without agents.
    pub occupancy: Option<f64>,
    /// Rate (per second) at which the chance to go on waiting decays.
    decay: f64,
}

impl ErlangC {
    /// Share of contacts that wait at most `threshold_seconds`.
    ///
    /// # Errors
    /// `not-a-quantity`.
    pub fn service_level(&self, threshold_seconds: f64) -> Result<f64, Refusal> {
        Ok(self.within(quantity("threshold_seconds", threshold_seconds)?))
    }
    /// [`service_level`](Self::service_level) of a threshold known to be good.
    pub(super) fn within(&self, threshold: f64) -> f64 {
        if self.wait_probability == 0.0 { 1.0 } else { 1.0 - self.wait_probability * (-self.decay * threshold).exp() }
    }
    /// From the idle ratio of `agents` under the load.
    pub(super) fn from_idle_ratio(traffic: Traffic, agents: u32, ratio: f64) -> Result<Self, Refusal> {
        let load = traffic.load();
        let n = f64::from(agents);
        if load == 0.0 {
            let occupancy = (agents > 0).then_some(0.0);
            return Ok(Self {
                agents,
                wait_probability: 0.0,
                mean_wait_seconds: 0.0,
                queue_length: 0.0,
                occupancy,
                decay: 0.0,
            });
        }
        let spare = n - load;
        if spare <= 0.0 {
            return Err(Refusal::new(RefusalCode::State, "erlang-unstable")
                .at("agents")
                .with("agents", i64::from(agents))
                .with("load", format!("{load:.3}")));
        }
        let wait_probability = 1.0 / (1.0 + ratio * (spare / n));
        Ok(Self {
            agents,
            wait_probability,
            mean_wait_seconds: wait_probability * traffic.handle_seconds() / spare,
            queue_length: wait_probability * load / spare,
            occupancy: Some(load / n),
            decay: spare / traffic.handle_seconds(),
        })
    }
}

/// Erlang C for `agents` under `traffic`.
///
/// # Errors
/// `erlang-unstable` when there is traffic and the agents are not more than the load in erlangs: the queue would grow
/// for ever and has no steady state.
pub fn erlang_c(traffic: Traffic, agents: u32) -> Result<ErlangC, Refusal> {
    ErlangC::from_idle_ratio(traffic, agents, idle_ratio(traffic.load(), agents))
}
