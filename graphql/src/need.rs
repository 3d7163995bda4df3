//! The staffing need of a day.

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use voxpark_domain::staffing::{self, DayPlan, PlannedInterval, TargetTerms};

use crate::scalar::Date;

/// Length of an interval.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "staffing::Grain")]
pub(crate) enum Grain {
    /// 15 minutes.
    Quarter,
    /// 30 minutes: the sum of two quarter hours.
    Half,
}

/// How contacts behave that cannot be served at once.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "staffing::ErlangModel")]
pub(crate) enum ErlangModel {
    /// Erlang C: they all wait.
    C,
    /// Erlang A: they wait for a patience and hang up.
    A,
}

/// What staffing must achieve. A term left out is that of the product's own target: Erlang C, 80 % within 20 seconds,
/// shrinkage 30 %, occupancy at most 85 %.
#[derive(InputObject, Default)]
pub(crate) struct StaffingTargetInput {
    /// The model of the queue.
    model: Option<ErlangModel>,
    /// Least share served within the threshold, 0 to 99 percent.
    service_level_percent: Option<i32>,
    /// The threshold in seconds, 0 or more.
    threshold_seconds: Option<i32>,
    /// Mean patience in seconds, 0 or more; needed for Erlang A, ignored by Erlang C.
    patience_seconds: Option<i32>,
    /// Share of rostered time in which people are not available (breaks, absence, training), 0 to 99 percent.
    shrinkage_percent: Option<i32>,
    /// Highest occupancy of agents, 1 to 100 percent.
    max_occupancy_percent: Option<i32>,
}

impl StaffingTargetInput {
    pub(crate) fn terms(&self) -> TargetTerms {
        let own = TargetTerms::default();
        let model = self.model.map_or(own.model, Into::into);
        TargetTerms {
            model,
            service_level_percent: self.service_level_percent.unwrap_or(own.service_level_percent),
            threshold_seconds: self.threshold_seconds.unwrap_or(own.threshold_seconds),
            patience_seconds: self.patience_seconds.filter(|_| model == staffing::ErlangModel::A),
            shrinkage_percent: self.shrinkage_percent.unwrap_or(own.shrinkage_percent),
            max_occupancy_percent: self.max_occupancy_percent.unwrap_or(own.max_occupancy_percent),
        }
    }
}

/// What staffing was asked to achieve.
#[derive(SimpleObject)]
pub(crate) struct StaffingTarget {
    /// `voxpark-default`, or `custom` where a term differs from it.
    name: &'static str,
    /// Version of the named target.
    version: i32,
    /// The model of the queue.
    model: ErlangModel,
    /// Least share served within the threshold, percent.
    service_level_percent: i32,
    /// The threshold in seconds.
    threshold_seconds: i32,
    /// Mean patience in seconds; null under Erlang C.
    patience_seconds: Option<i32>,
    /// Share of rostered time in which people are not available, percent.
    shrinkage_percent: i32,
    /// Highest occupancy of agents, percent.
    max_occupancy_percent: i32,
}

/// The need of a day.
#[derive(SimpleObject)]
pub(crate) struct StaffingDay {
    /// The day.
    day: Date,
    /// What staffing must achieve.
    target: StaffingTarget,
    /// Name and version of the rule that tells what to expect: `same-weekdays-4@1` is the mean, interval by interval of
    /// the wall clock, of the last four same weekdays before the day that are over and had contacts.
    basis: &'static str,
    /// The days that the mean was taken of, newest first; none = nothing is known and nothing expected.
    basis_days: Vec<Date>,
    /// The intervals in order of time: as many as the day has on the park's wall clock.
    intervals: Vec<StaffingInterval>,
}

/// Need and supply of one interval.
#[derive(SimpleObject)]
pub(crate) struct StaffingInterval {
    /// Its begin.
    start: DateTime<Utc>,
    /// Contacts expected in it; a mean, so it may be fractional.
    offered: f64,
    /// Mean handle time in seconds; null without contacts.
    handle_seconds: Option<f64>,
    /// Load in erlangs: agents busy on average if nobody had to wait.
    erlangs: f64,
    /// Agents needed at work.
    agents: u32,
    /// People to roster for them, shrinkage allowed for.
    positions: u32,
    /// People whose shift holds the whole interval, those on break included.
    rostered: u32,
    /// Seats allocated to the tenant for the whole interval.
    seats: u32,
    /// People rostered less positions; negative = too few.
    roster_gap: i64,
    /// Seats less agents needed at work; negative = too few.
    seat_gap: i64,
    /// Share served within the threshold to be expected of those rostered, 0 to 1; null without contacts.
    predicted_service_level: Option<f64>,
    /// Share of time that they are busy, 0 to 1; null without contacts or agents.
    predicted_occupancy: Option<f64>,
}

impl From<PlannedInterval> for StaffingInterval {
    fn from(interval: PlannedInterval) -> Self {
        let busy = interval.offered > 0.0;
        let (need, coverage) = (interval.need, interval.coverage);
        Self {
            start: need.start,
            offered: interval.offered,
            handle_seconds: busy.then(|| need.traffic.handle_seconds()),
            erlangs: need.traffic.load(),
            agents: need.agents,
            positions: need.positions,
            rostered: interval.rostered,
            seats: interval.seats,
            roster_gap: coverage.gap_to_roster,
            seat_gap: coverage.gap_to_seats,
            predicted_service_level: busy.then_some(coverage.predicted.service_level),
            predicted_occupancy: coverage.predicted.occupancy.filter(|_| busy),
        }
    }
}

impl StaffingDay {
    pub(crate) fn new(plan: DayPlan, terms: &TargetTerms) -> Self {
        Self {
            day: plan.day.into(),
            target: StaffingTarget {
                name: terms.name(),
                version: TargetTerms::VERSION,
                model: terms.model.into(),
                service_level_percent: terms.service_level_percent,
                threshold_seconds: terms.threshold_seconds,
                patience_seconds: terms.patience_seconds,
                shrinkage_percent: terms.shrinkage_percent,
                max_occupancy_percent: terms.max_occupancy_percent,
            },
            basis: staffing::BASIS,
            basis_days: plan.basis.into_iter().map(Date).collect(),
            intervals: plan.intervals.into_iter().map(StaffingInterval::from).collect(),
        }
    }
}
