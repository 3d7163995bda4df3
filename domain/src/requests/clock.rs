//! How long each side has.

use super::store::Store;
use crate::audit::Seen;
use crate::ctx::Ctx;
use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::permission::{Action, Resource};

/// The longest that anybody may have, days.
pub const MAX_DAYS: i64 = 90;

/// How long each side has, in days of the calendar; the day itself does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The park, to take a request up.
    pub take_up_days: i64,
    /// The park, to answer what it has taken up, and to carry out what was agreed.
    pub answer_days: i64,
    /// The tenant, to answer what was asked back or offered.
    pub reply_days: i64,
}

impl Default for Clock {
    /// Two days to take up: a request of Friday evening is not late on Sunday. Seven to answer: every park meets once a week.
    /// Fourteen for the tenant, who may have to ask its client.
    fn default() -> Self {
        Self { take_up_days: 2, answer_days: 7, reply_days: 14 }
    }
}

impl Clock {
    fn fields(self) -> [(&'static str, i64); 3] {
        [("takeUpDays", self.take_up_days), ("answerDays", self.answer_days), ("replyDays", self.reply_days)]
    }
    /// Checks that each is 1 to 90.
    ///
    /// # Errors
    /// `request-days`, for each that is not.
    pub fn check(self) -> Result<()> {
        let mut bad = Refusals::new();
        for (field, days) in self.fields() {
            bad.when(!(1..=MAX_DAYS).contains(&days), || {
                Refusal::new(RefusalCode::OutOfRange, "request-days").at(field).with("max", MAX_DAYS)
            });
        }
        bad.finish()
    }
}

/// How long each side has in this park.
///
/// # Errors
/// [`crate::Error::NotFound`] without permission.
pub async fn clock<S: Store + ?Sized>(store: &S, ctx: &Ctx) -> Result<Clock> {
    ctx.require(Action::Read, Resource::Requests)?;
    Ok(store.request_clock().await?.unwrap_or_default())
}

/// Sets how long each side has. Turns that have begun keep the day that was set for them.
///
/// # Errors
/// [`crate::Error::Forbidden`] or [`crate::Error::NotFound`] for anybody but the park's administration; `request-days`.
pub async fn clock_set<S: Store + ?Sized>(store: &S, ctx: &Ctx, clock: Clock) -> Result<()> {
    ctx.require(Action::Commit, Resource::Requests)?;
    clock.check()?;
    let before = store.request_clock().await?.unwrap_or_default();
    store.request_clock_set(clock).await?;
    for ((field, was), (_, is)) in before.fields().into_iter().zip(clock.fields()) {
        ctx.heard().changed(field, Seen::json(was), Seen::json(is));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_one_to_ninety() {
        assert!(Clock::default().check().is_ok());
        let bad = Clock { take_up_days: 0, answer_days: 91, reply_days: i64::MIN };
        assert!(matches!(bad.check(), Err(crate::Error::Refused(list)) if list.len() == 3));
    }
}
