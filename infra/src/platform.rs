//! Charging parks: the job that bills what each owes every night, and the operator's own commands.
//!
//! Seats are counted as the installation at work in the park, in a transaction that only reads; an invoice is one transaction of
//! the installation. So a crash leaves whole invoices and nothing else, and a park that cannot be billed keeps no other back.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use voxpark_billing::parties::Party;
use voxpark_billing::platform_invoices::{
    self, Measured, PlatformInvoice, platform_bill, platform_due, platform_measured,
};
use voxpark_billing::uow::Database;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::platform::Job;
use voxpark_domain::time::Month;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Result};

use crate::jobs::Handler;

/// Bills parks.
#[derive(Clone)]
pub struct PlatformBills {
    db: Arc<dyn Database>,
    seller: Option<Party>,
}

impl fmt::Debug for PlatformBills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlatformBills")
    }
}

impl PlatformBills {
    /// Over a database, in the name of the operator if it is known.
    pub fn new(db: Arc<dyn Database>, seller: Option<Party>) -> Self {
        Self { db, seller }
    }

    fn system(ctx: &Ctx) -> Ctx {
        Ctx::system(SystemReason::Charging, ctx.env().clone()).of_request(ctx.request().to_owned())
    }

    /// What is known of the park of a context of the installation at work there; `None` when nothing is to be billed by its
    /// terms yet.
    ///
    /// # Errors
    /// Those of [`platform_measured`].
    pub async fn measured(&self, ctx: &Ctx) -> Result<Option<Measured>> {
        let tx = self.db.begin(ctx, Mode::Read).await?;
        platform_measured(&*tx, ctx).await
    }

    /// Bills a month of a park; in a dry run tells what it would say and keeps nothing.
    ///
    /// # Errors
    /// Those of [`platform_bill`].
    pub async fn month(
        &self,
        ctx: &Ctx,
        measured: &Measured,
        month: Month,
        dry: bool,
    ) -> Result<Option<PlatformInvoice>> {
        let system = Self::system(ctx);
        let tx = self.db.begin(&system, Mode::Write).await?;
        let invoice = platform_bill(&*tx, &system, measured, month, self.seller.as_ref()).await?;
        if !dry {
            tx.commit().await?;
        }
        Ok(invoice)
    }

    /// Bills every month of a park that is over and was never billed, one transaction each.
    ///
    /// # Errors
    /// Those of [`platform_bill`]; what was billed before stays.
    pub async fn due(&self, ctx: &Ctx) -> Result<Vec<PlatformInvoice>> {
        let Some(measured) = self.measured(ctx).await? else { return Ok(Vec::new()) };
        let system = Self::system(ctx);
        let tx = self.db.begin(&system, Mode::Read).await?;
        let months = platform_due(&*tx, &system, &measured).await?;
        drop(tx);
        let mut issued = Vec::new();
        for month in months {
            issued.extend(self.month(ctx, &measured, month, false).await?);
        }
        Ok(issued)
    }
}

#[async_trait]
impl Handler for PlatformBills {
    fn kind(&self) -> &'static str {
        platform_invoices::JOB
    }
    async fn run(&self, _: &Job, ctx: Ctx) -> Result<()> {
        for invoice in self.due(&ctx).await? {
            tracing::info!(invoice = %invoice.id, month = %invoice.month, "a platform invoice is issued");
        }
        Ok(())
    }
}
