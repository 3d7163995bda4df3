//! Tells the other side of what was done to a request for seats.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use voxpark_billing::uow::Database;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::platform::Job;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result, requests};

use crate::jobs::Handler;

/// Posts the letters about requests. They may be posted twice when a worker dies between doing so and its own note of it.
#[derive(Clone)]
pub struct RequestNotices(pub Arc<dyn Database>);

impl fmt::Debug for RequestNotices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestNotices")
    }
}

#[async_trait]
impl Handler for RequestNotices {
    fn kind(&self) -> &'static str {
        requests::JOB
    }

    async fn run(&self, job: &Job, ctx: Ctx) -> Result<()> {
        let request = job.payload["seatRequest"].as_str().and_then(|text| text.parse().ok());
        let (Some(request), Some(step)) = (request, job.payload["step"].as_i64()) else {
            return Err(Error::internal("a job names no step of a request"));
        };
        let system = Ctx::system(SystemReason::Mail, ctx.env().clone());
        let own = self.0.begin(&ctx, Mode::Read).await?;
        let tx = self.0.begin(&system, Mode::Write).await?;
        requests::told(&*own, &*tx, &ctx, request, step).await?;
        drop(own);
        tx.commit().await
    }
}
