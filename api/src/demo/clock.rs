//! The clock of the demonstration: it stands where the story is while the park is loaded, and runs on from the day the
//! story ends afterwards, so that the first screens look the same whenever they are opened.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use voxpark_domain::time::Clock;

/// Saturday, 21 November 2026, 10:00 in Shanghai: the "today" of the demonstration.
const TODAY: &str = "2026-11-21T02:00:00Z";

#[derive(Clone)]
enum At {
    Standing(DateTime<Utc>),
    Running(TimeDelta),
}

/// A clock that can be set, and then runs beside the real one.
#[derive(Clone)]
pub struct DemoClock {
    real: Arc<dyn Clock>,
    at: Arc<Mutex<At>>,
}

impl std::fmt::Debug for DemoClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DemoClock")
    }
}

impl DemoClock {
    /// Running from the end of the story, as if it had ended at the real instant `since`.
    pub fn running(real: Arc<dyn Clock>, since: DateTime<Utc>) -> Self {
        let clock = Self { real, at: Arc::new(Mutex::new(At::Running(TimeDelta::zero()))) };
        clock.run_from_end(since);
        clock
    }
    /// The end of the story.
    pub fn end() -> DateTime<Utc> {
        TODAY.parse().unwrap_or_default()
    }
    /// Stands at an instant.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Ok(mut at) = self.at.lock() {
            *at = At::Standing(to);
        }
    }
    /// Runs on from the end of the story, as if it had ended at the real instant `since`.
    pub fn run_from_end(&self, since: DateTime<Utc>) {
        if let Ok(mut at) = self.at.lock() {
            *at = At::Running(Self::end() - since);
        }
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        match self.at.lock().map(|at| at.clone()) {
            Ok(At::Standing(at)) => at,
            Ok(At::Running(offset)) => self.real.now() + offset,
            Err(_) => self.real.now(),
        }
    }
}
