//! Runs over past invoices and what they found.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::repricing::{Differing, RepricingRun, Store};
use voxpark_billing::runs::RunProblem;
use voxpark_domain::error::Told;
use voxpark_domain::ids::{Id, InvoiceId, JobId, RepricingRunId, TenantId, UserId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id};
use super::get;
use super::runs::to_problem;
use crate::db::{Slot, Tx, fail};

const RUN: [Slot; 1] = [Slot("r", "repricing_run")];
const FOUND: [Slot; 1] = [Slot("d", "repricing_difference")];
const INVOICE: [Slot; 1] = [Slot("i", "invoice")];
const COLUMNS: &str =
    "r.run_id, r.from_month, r.to_month, r.issued_from, r.issued_before, r.invoices, r.checked, r.last_invoice_id,
 r.job_id, r.started_at, r.started_by, r.ended_at, r.problem";
const NEW: &[&str] = &[
    "park_id",
    "run_id",
    "from_month",
    "to_month",
    "issued_from",
    "issued_before",
    "invoices",
    "checked",
    "last_invoice_id",
    "job_id",
    "started_at",
    "started_by",
    "ended_at",
    "problem",
];
const FOUND_COLUMNS: &str =
    "d.run_id, d.invoice_id, d.of_tenant_id, d.stored_minor, d.again_minor, d.differences, d.refusal, d.found_at";
const FOUND_NEW: &[&str] = &[
    "park_id",
    "run_id",
    "invoice_id",
    "of_tenant_id",
    "stored_minor",
    "again_minor",
    "differences",
    "refusal",
    "found_at",
];

fn to_run(row: &QueryResult) -> Result<RepricingRun> {
    Ok(RepricingRun {
        id: RepricingRunId::from_uuid(get(row, "run_id")?),
        from: Month::of(get::<NaiveDate>(row, "from_month")?),
        to: Month::of(get::<NaiveDate>(row, "to_month")?),
        issued_from: get(row, "issued_from")?,
        issued_before: get(row, "issued_before")?,
        invoices: get(row, "invoices")?,
        checked: get(row, "checked")?,
        last: get::<Option<Uuid>>(row, "last_invoice_id")?.map(InvoiceId::from_uuid),
        job: JobId::from_uuid(get(row, "job_id")?),
        started_at: get(row, "started_at")?,
        started_by: get::<Option<Uuid>>(row, "started_by")?.map(UserId::from_uuid),
        ended_at: get(row, "ended_at")?,
        problem: to_problem(row)?,
    })
}

fn to_differing(row: &QueryResult) -> Result<Differing> {
    let refusal: Option<serde_json::Value> = get(row, "refusal")?;
    Ok(Differing {
        run: RepricingRunId::from_uuid(get(row, "run_id")?),
        invoice: InvoiceId::from_uuid(get(row, "invoice_id")?),
        tenant: TenantId::from_uuid(get(row, "of_tenant_id")?),
        stored_minor: get(row, "stored_minor")?,
        again_minor: get(row, "again_minor")?,
        differences: get(row, "differences")?,
        refusal: refusal.map(serde_json::from_value::<Told>).transpose().map_err(Error::internal)?,
        found_at: get(row, "found_at")?,
    })
}

fn values(park: Uuid, one: &Differing) -> Result<Vec<Value>> {
    let refusal = one.refusal.as_ref().map(serde_json::to_value).transpose().map_err(Error::internal)?;
    Ok(vec![
        park.into(),
        id(one.run),
        id(one.invoice),
        id(one.tenant),
        one.stored_minor.into(),
        one.again_minor.into(),
        one.differences.into(),
        refusal.into(),
        one.found_at.into(),
    ])
}

#[async_trait]
impl Store for Tx {
    async fn repricing_invoices(&self, from: DateTime<Utc>, before: DateTime<Utc>) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM invoice i WHERE {i} AND i.issued_at >= $1 AND i.issued_at < $2";
        self.query_one(sql, &INVOICE, vec![from.into(), before.into()]).await?.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn repricing_add(&self, run: &RepricingRun) -> Result<()> {
        let row = vec![
            self.park_id()?.into(),
            id(run.id),
            run.from.first_day().into(),
            run.to.first_day().into(),
            run.issued_from.into(),
            run.issued_before.into(),
            run.invoices.into(),
            run.checked.into(),
            run.last.map(Id::uuid).into(),
            id(run.job),
            run.started_at.into(),
            run.started_by.map(Id::uuid).into(),
            run.ended_at.into(),
            run.problem.map(RunProblem::name).into(),
        ];
        self.add_rows("repricing_run", NEW, vec![row]).await
    }

    async fn repricing_of(&self, job: JobId) -> Result<Option<RepricingRunId>> {
        let sql = "SELECT r.run_id FROM repricing_run r WHERE {r} AND r.job_id = $1 AND r.ended_at IS NULL
             ORDER BY r.run_id DESC LIMIT 1";
        let row = self.query_one(sql, &RUN, vec![id(job)]).await?;
        row.map(|row| get(&row, "run_id").map(RepricingRunId::from_uuid)).transpose()
    }

    async fn repricing_lock(&self, of: RepricingRunId) -> Result<Option<RepricingRun>> {
        let sql = format!("SELECT {COLUMNS} FROM repricing_run r WHERE {{r}} AND r.run_id = $1 {}", self.locking("r"));
        self.query_one(&sql, &RUN, vec![id(of)]).await?.as_ref().map(to_run).transpose()
    }

    async fn repricing_next(&self, run: &RepricingRun, most: u32) -> Result<Vec<InvoiceId>> {
        let mut binds = Binds::default();
        let (from, before) = (binds.one(run.issued_from), binds.one(run.issued_before));
        let behind = match run.last {
            None => "1 = 1".to_owned(),
            Some(last) => format!("i.invoice_id > {}", binds.one(last.uuid())),
        };
        let sql = format!(
            "SELECT i.invoice_id FROM invoice i WHERE {{i}} AND i.issued_at >= {from} AND i.issued_at < {before} AND {behind}
             ORDER BY i.invoice_id LIMIT {most}"
        );
        let rows = self.query(&sql, &INVOICE, binds.into_values()).await?;
        rows.iter().map(|row| get(row, "invoice_id").map(InvoiceId::from_uuid)).collect()
    }

    async fn repricing_advance(
        &self,
        of: RepricingRunId,
        checked: i64,
        last: InvoiceId,
        differing: &[Differing],
    ) -> Result<()> {
        let sql = "UPDATE repricing_run AS r SET checked = $1, last_invoice_id = $2 WHERE {r} AND r.run_id = $3";
        self.execute(sql, &RUN, vec![checked.into(), id(last), id(of)]).await.map_err(fail)?;
        let park = self.park_id()?;
        let rows = differing.iter().map(|one| values(park, one)).collect::<Result<Vec<_>>>()?;
        self.add_rows("repricing_difference", FOUND_NEW, rows).await
    }

    async fn repricing_end(
        &self,
        of: RepricingRunId,
        at: Option<DateTime<Utc>>,
        problem: Option<RunProblem>,
    ) -> Result<()> {
        let sql = "UPDATE repricing_run AS r SET ended_at = $1, problem = $2 WHERE {r} AND r.run_id = $3";
        let values = vec![at.into(), problem.map(RunProblem::name).into(), id(of)];
        self.execute(sql, &RUN, values).await.map(|_| ()).map_err(fail)
    }

    async fn repricings(&self, page: &PageRequest) -> Result<Page<RepricingRun>> {
        let mut binds = Binds::default();
        let after = match page.after.as_deref().map(str::parse::<RepricingRunId>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            // Ids are minted in the order of time.
            Some(Ok(last)) => format!("r.run_id < {}", binds.one(last.uuid())),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM repricing_run r WHERE {{r}} AND {after} ORDER BY r.run_id DESC LIMIT {}",
            u64::from(page.first) + 1
        );
        let rows = self.query(&sql, &RUN, binds.into_values()).await?;
        let runs = rows.iter().map(to_run).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, runs.into_iter().map(|run| (run.id.to_string(), run)).collect()))
    }

    async fn repricings_count(&self) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM repricing_run r WHERE {r}";
        self.query_one(sql, &RUN, Vec::new()).await?.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn repricings_by_id(&self, ids: &[RepricingRunId]) -> Result<Vec<RepricingRun>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT {COLUMNS} FROM repricing_run r WHERE {{r}} AND r.run_id IN {}", binds.ids(ids));
        self.query(&sql, &RUN, binds.into_values()).await?.iter().map(to_run).collect()
    }

    async fn repricing_counts(&self, ids: &[RepricingRunId]) -> Result<Vec<(RepricingRunId, i64)>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT d.run_id, COUNT(*) AS n FROM repricing_difference d WHERE {{d}} AND d.run_id IN {} GROUP BY d.run_id",
            binds.ids(ids)
        );
        let rows = self.query(&sql, &FOUND, binds.into_values()).await?;
        rows.iter().map(|row| Ok((RepricingRunId::from_uuid(get(row, "run_id")?), get(row, "n")?))).collect()
    }

    async fn repricing_differing(&self, ids: &[RepricingRunId], most: u32) -> Result<Vec<Differing>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT {FOUND_COLUMNS} FROM (SELECT d.*, ROW_NUMBER() OVER (PARTITION BY d.run_id ORDER BY d.invoice_id) AS nth
              FROM repricing_difference d WHERE {{d}} AND d.run_id IN {}) d WHERE d.nth <= {most} ORDER BY d.run_id, d.invoice_id",
            binds.ids(ids)
        );
        self.query(&sql, &FOUND, binds.into_values()).await?.iter().map(to_differing).collect()
    }

    async fn repricing_standing(&self, most: u32) -> Result<Vec<Differing>> {
        // A later run that got as far either says so itself or found it mended.
        let sql = format!(
            "SELECT {FOUND_COLUMNS} FROM repricing_difference d JOIN invoice i ON i.park_id = d.park_id
              AND i.tenant_id = d.of_tenant_id AND i.invoice_id = d.invoice_id
             WHERE {{d}} AND {{i}} AND NOT EXISTS (SELECT 1 FROM repricing_run r WHERE {{r}} AND r.park_id = d.park_id
              AND r.run_id > d.run_id AND r.issued_from <= i.issued_at AND r.issued_before > i.issued_at
              AND r.last_invoice_id >= d.invoice_id)
             ORDER BY d.found_at DESC, d.invoice_id LIMIT {most}"
        );
        let slots = [Slot("d", "repricing_difference"), Slot("i", "invoice"), Slot("r", "repricing_run")];
        self.query(&sql, &slots, Vec::new()).await?.iter().map(to_differing).collect()
    }
}
