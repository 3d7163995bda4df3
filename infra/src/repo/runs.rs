//! Billing runs and what became of each lease in them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_billing::invoicing::Guard;
use voxpark_billing::runs::{Amounts, Run, RunFigures, RunLease, RunOutcome, RunProblem, RunRow, RunRowState, Store};
use voxpark_domain::error::Told;
use voxpark_domain::ids::{BillingRunId, Id, InvoiceId, JobId, LeaseId, TenantId, UserId};
use voxpark_domain::news::Topic;
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::time::Month;
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id, inserts, portions};
use super::invoicing::currency;
use super::{broken, get};
use crate::db::{Slot, Tx, fail};

const RUN: [Slot; 1] = [Slot("r", "billing_run")];
const LEASE: [Slot; 1] = [Slot("l", "billing_run_lease")];
const COLUMNS: &str =
    "r.run_id, r.month, r.currency, r.leases, r.job_id, r.started_at, r.started_by, r.ended_at, r.problem";
const NEW: &[&str] =
    &["park_id", "run_id", "month", "currency", "leases", "job_id", "started_at", "started_by", "ended_at", "problem"];
const LEASE_COLUMNS: &str =
    "l.run_id, l.place, l.of_tenant_id, l.lease_id, l.seats, l.released, l.state, l.currency, l.before_minor,
 l.net_minor, l.tax_minor, l.total_minor, l.invoice_id, l.guard, l.usual_minor, l.refusal, l.unsent";
const LEASE_NEW: &[&str] = &[
    "park_id",
    "run_id",
    "place",
    "of_tenant_id",
    "lease_id",
    "seats",
    "released",
    "state",
    "currency",
    "before_minor",
    "net_minor",
    "tax_minor",
    "total_minor",
    "invoice_id",
    "guard",
    "usual_minor",
    "refusal",
    "unsent",
];
/// What becomes of a lease.
const BECOMES: &str = " ON CONFLICT (park_id, run_id, place) DO UPDATE SET state = excluded.state, currency = excluded.currency, before_minor = excluded.before_minor,
 net_minor = excluded.net_minor, tax_minor = excluded.tax_minor, total_minor = excluded.total_minor, invoice_id = excluded.invoice_id,
 guard = excluded.guard, usual_minor = excluded.usual_minor, refusal = excluded.refusal, unsent = excluded.unsent";

pub(super) fn to_problem(row: &QueryResult) -> Result<Option<RunProblem>> {
    let problem: Option<String> = get(row, "problem")?;
    problem.map(|name| RunProblem::from_name(&name).ok_or_else(|| broken("problem of a run", &name))).transpose()
}

fn to_run(row: &QueryResult) -> Result<Run> {
    Ok(Run {
        id: BillingRunId::from_uuid(get(row, "run_id")?),
        month: Month::of(get::<NaiveDate>(row, "month")?),
        currency: currency(&get::<String>(row, "currency")?)?,
        leases: get(row, "leases")?,
        job: get::<Option<Uuid>>(row, "job_id")?.map(JobId::from_uuid),
        started_at: get(row, "started_at")?,
        started_by: get::<Option<Uuid>>(row, "started_by")?.map(UserId::from_uuid),
        ended_at: get(row, "ended_at")?,
        problem: to_problem(row)?,
    })
}

fn to_amounts(row: &QueryResult) -> Result<Amounts> {
    Ok(Amounts {
        invoice: get::<Option<Uuid>>(row, "invoice_id")?.map(InvoiceId::from_uuid),
        net_minor: get(row, "net_minor")?,
        tax_minor: get(row, "tax_minor")?,
        total_minor: get(row, "total_minor")?,
    })
}

fn to_guard(row: &QueryResult) -> Result<Guard> {
    let guard: String = get(row, "guard")?;
    match guard.as_str() {
        "far_off" => Ok(Guard::FarOff { usual_minor: get(row, "usual_minor")? }),
        "negative" => Ok(Guard::Negative),
        "many_lines" => Ok(Guard::ManyLines),
        _ => Err(broken("guard", &guard)),
    }
}

fn guard_of(guard: Guard) -> (&'static str, Option<i64>) {
    match guard {
        Guard::FarOff { usual_minor } => ("far_off", Some(usual_minor)),
        Guard::Negative => ("negative", None),
        Guard::ManyLines => ("many_lines", None),
    }
}

fn to_lease(row: &QueryResult) -> Result<RunLease> {
    let state: String = get(row, "state")?;
    let outcome = match RunRowState::from_name(&state).ok_or_else(|| broken("state of a lease in a run", &state))? {
        RunRowState::Waiting => RunOutcome::Waiting,
        RunRowState::Issued => RunOutcome::Billed(to_amounts(row)?),
        RunRowState::Held => RunOutcome::Held { amounts: to_amounts(row)?, guard: to_guard(row)? },
        RunRowState::Already => RunOutcome::Already,
        RunRowState::Refused => {
            RunOutcome::Refused(serde_json::from_value::<Told>(get(row, "refusal")?).map_err(Error::internal)?)
        }
        RunRowState::Empty => RunOutcome::Empty,
    };
    Ok(RunLease {
        place: get(row, "place")?,
        tenant: TenantId::from_uuid(get(row, "of_tenant_id")?),
        seats: get(row, "seats")?,
        released: get(row, "released")?,
        row: RunRow {
            lease: LeaseId::from_uuid(get(row, "lease_id")?),
            currency: get::<Option<String>>(row, "currency")?.as_deref().map(currency).transpose()?,
            before_minor: get(row, "before_minor")?,
            early: false,
            outcome,
        },
        unsent: get(row, "unsent")?,
    })
}

fn values(park: Uuid, run: BillingRunId, one: &RunLease) -> Result<Vec<Value>> {
    let outcome = &one.row.outcome;
    let amounts = match outcome {
        RunOutcome::Billed(amounts) | RunOutcome::Held { amounts, .. } => Some(amounts),
        _ => None,
    };
    let guard = match outcome {
        RunOutcome::Held { guard, .. } => Some(guard_of(*guard)),
        _ => None,
    };
    let refusal = match outcome {
        RunOutcome::Refused(told) => Some(serde_json::to_value(told).map_err(Error::internal)?),
        _ => None,
    };
    Ok(vec![
        park.into(),
        id(run),
        one.place.into(),
        id(one.tenant),
        id(one.row.lease),
        one.seats.into(),
        one.released.into(),
        outcome.state().name().into(),
        one.row.currency.map(|currency| currency.code().to_owned()).into(),
        one.row.before_minor.into(),
        amounts.map(|a| a.net_minor).into(),
        amounts.map(|a| a.tax_minor).into(),
        amounts.map(|a| a.total_minor).into(),
        amounts.and_then(|a| a.invoice).map(Id::uuid).into(),
        guard.map(|(name, _)| name).into(),
        guard.and_then(|(_, usual)| usual).into(),
        refusal.into(),
        one.unsent.into(),
    ])
}

/// The condition of a state; what has nothing to bill is in no list.
fn in_state(state: Option<RunRowState>, binds: &mut Binds) -> String {
    match state {
        None => "l.state <> 'empty'".to_owned(),
        Some(state) => format!("l.state = {}", binds.one(state.name())),
    }
}

impl Tx {
    async fn run_leases_write(&self, run: BillingRunId, leases: &[RunLease], then: &str) -> Result<()> {
        let park = self.park_id()?;
        let rows = leases.iter().map(|one| values(park, run, one)).collect::<Result<Vec<_>>>()?;
        for (sql, values) in inserts("billing_run_lease", LEASE_NEW, rows) {
            self.execute(&format!("{sql}{then}"), &[], values).await.map_err(fail)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Tx {
    async fn run_month_hold(&self, month: Month) -> Result<bool> {
        self.hold(format!("billing-run/{}/{month}", self.park_id()?)).await?;
        let sql = "SELECT 1 AS one FROM billing_run r WHERE {r} AND r.month = $1 AND r.ended_at IS NULL LIMIT 1";
        Ok(self.query_one(sql, &RUN, vec![month.first_day().into()]).await?.is_some())
    }

    async fn run_weights(&self, leases: &[LeaseId], month: Month) -> Result<Vec<(LeaseId, TenantId, i64)>> {
        let slots = [Slot("l", "lease"), Slot("a", "allocation")];
        let mut all = Vec::with_capacity(leases.len());
        for portion in portions(leases) {
            let mut binds = Binds::default();
            let (from, to) = (binds.one(month.first_day()), binds.one(month.end()));
            let sql = format!(
                "SELECT l.lease_id, l.tenant_id, (SELECT COUNT(*) FROM allocation a WHERE {{a}} AND a.park_id = l.park_id
                  AND a.tenant_id = l.tenant_id AND a.lease_id = l.lease_id AND a.held_from < {to} AND a.held_to > {from}) AS seats
                 FROM lease l WHERE {{l}} AND l.lease_id IN {}",
                binds.ids(portion)
            );
            for row in self.query(&sql, &slots, binds.into_values()).await? {
                let (lease, tenant) = (get(&row, "lease_id")?, get(&row, "tenant_id")?);
                all.push((LeaseId::from_uuid(lease), TenantId::from_uuid(tenant), get(&row, "seats")?));
            }
        }
        Ok(all)
    }

    async fn run_add(&self, run: &Run, leases: &[RunLease]) -> Result<()> {
        let row = vec![
            self.park_id()?.into(),
            id(run.id),
            run.month.first_day().into(),
            run.currency.code().into(),
            run.leases.into(),
            run.job.map(Id::uuid).into(),
            run.started_at.into(),
            run.started_by.map(Id::uuid).into(),
            run.ended_at.into(),
            run.problem.map(RunProblem::name).into(),
        ];
        self.add_rows("billing_run", NEW, vec![row]).await?;
        self.run_leases_write(run.id, leases, "").await
    }

    async fn run_lock(&self, of: BillingRunId) -> Result<Option<Run>> {
        let sql = format!("SELECT {COLUMNS} FROM billing_run r WHERE {{r}} AND r.run_id = $1 {}", self.locking("r"));
        self.query_one(&sql, &RUN, vec![id(of)]).await?.as_ref().map(to_run).transpose()
    }

    async fn run_next(&self, of: BillingRunId, most: u32) -> Result<Vec<RunLease>> {
        let sql = format!(
            "SELECT {LEASE_COLUMNS} FROM billing_run_lease l WHERE {{l}} AND l.run_id = $1 AND l.state = 'waiting'
             ORDER BY l.place LIMIT {most}"
        );
        self.query(&sql, &LEASE, vec![id(of)]).await?.iter().map(to_lease).collect()
    }

    async fn run_leases_set(&self, of: BillingRunId, leases: &[RunLease]) -> Result<()> {
        self.run_leases_write(of, leases, BECOMES).await?;
        self.tell(Topic::BillingRun(of));
        Ok(())
    }

    async fn run_end(&self, of: BillingRunId, at: Option<DateTime<Utc>>, problem: Option<RunProblem>) -> Result<()> {
        let sql = "UPDATE billing_run AS r SET ended_at = $1, problem = $2 WHERE {r} AND r.run_id = $3";
        self.execute(sql, &RUN, vec![at.into(), problem.map(RunProblem::name).into(), id(of)]).await.map_err(fail)?;
        self.tell(Topic::BillingRun(of));
        Ok(())
    }

    async fn runs(&self, page: &PageRequest) -> Result<Page<Run>> {
        let mut binds = Binds::default();
        let after = match page.after.as_deref().map(str::parse::<BillingRunId>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            // Ids are minted in the order of time.
            Some(Ok(last)) => format!("r.run_id < {}", binds.one(last.uuid())),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM billing_run r WHERE {{r}} AND {after} ORDER BY r.run_id DESC LIMIT {}",
            u64::from(page.first) + 1
        );
        let rows = self.query(&sql, &RUN, binds.into_values()).await?;
        let runs = rows.iter().map(to_run).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, runs.into_iter().map(|run| (run.id.to_string(), run)).collect()))
    }

    async fn runs_count(&self) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM billing_run r WHERE {r}";
        self.query_one(sql, &RUN, Vec::new()).await?.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn runs_by_id(&self, ids: &[BillingRunId]) -> Result<Vec<Run>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT {COLUMNS} FROM billing_run r WHERE {{r}} AND r.run_id IN {}", binds.ids(ids));
        self.query(&sql, &RUN, binds.into_values()).await?.iter().map(to_run).collect()
    }

    async fn run_figures(&self, ids: &[BillingRunId]) -> Result<Vec<(BillingRunId, RunFigures)>> {
        let mut binds = Binds::default();
        let n = |state: &str| format!("SUM(CASE WHEN l.state = '{state}' THEN 1 ELSE 0 END) AS {state}");
        let states: Vec<String> = RunRowState::ALL.iter().map(|state| n(state.name())).collect();
        let sum = |what: &str| {
            format!("COALESCE(CAST(SUM(CASE WHEN l.state = 'issued' THEN l.{what} END) AS bigint), 0) AS {what}")
        };
        let sql = format!(
            "SELECT l.run_id, COALESCE(l.currency, r.currency) AS currency, {}, {}, {},
              SUM(CASE WHEN l.unsent THEN 1 ELSE 0 END) AS unsent
             FROM billing_run_lease l JOIN billing_run r ON r.park_id = l.park_id AND r.run_id = l.run_id
             WHERE {{l}} AND {{r}} AND l.run_id IN {} GROUP BY l.run_id, COALESCE(l.currency, r.currency)",
            states.join(", "),
            sum("net_minor"),
            sum("total_minor"),
            binds.ids(ids)
        );
        let mut all: BTreeMap<BillingRunId, RunFigures> = BTreeMap::new();
        for row in self.query(&sql, &[LEASE[0], RUN[0]], binds.into_values()).await? {
            let of = all.entry(BillingRunId::from_uuid(get(&row, "run_id")?)).or_default();
            of.waiting += get::<i64>(&row, "waiting")?;
            of.issued += get::<i64>(&row, "issued")?;
            of.held += get::<i64>(&row, "held")?;
            of.already += get::<i64>(&row, "already")?;
            of.refused += get::<i64>(&row, "refused")?;
            of.empty += get::<i64>(&row, "empty")?;
            of.unsent += get::<i64>(&row, "unsent")?;
            if get::<i64>(&row, "issued")? > 0 {
                let currency = currency(&get::<String>(&row, "currency")?)?;
                of.sums.add(currency, get(&row, "net_minor")?, get(&row, "total_minor")?);
            }
        }
        Ok(all.into_iter().collect())
    }

    async fn run_rows(
        &self,
        of: BillingRunId,
        state: Option<RunRowState>,
        page: &PageRequest,
    ) -> Result<Page<RunLease>> {
        let mut binds = Binds::default();
        let (run, state) = (binds.one(of.uuid()), in_state(state, &mut binds));
        let after = match page.after.as_deref().map(str::parse::<i64>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            Some(Ok(last)) => format!("l.place > {}", binds.one(last)),
        };
        let sql = format!(
            "SELECT {LEASE_COLUMNS} FROM billing_run_lease l WHERE {{l}} AND l.run_id = {run} AND {state} AND {after}
             ORDER BY l.place LIMIT {}",
            u64::from(page.first) + 1
        );
        let rows = self.query(&sql, &LEASE, binds.into_values()).await?;
        let leases = rows.iter().map(to_lease).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, leases.into_iter().map(|one| (one.place.to_string(), one)).collect()))
    }

    async fn run_rows_first(
        &self,
        ids: &[BillingRunId],
        state: Option<RunRowState>,
        first: u32,
    ) -> Result<Vec<(BillingRunId, RunLease)>> {
        let mut binds = Binds::default();
        let (runs, state) = (binds.ids(ids), in_state(state, &mut binds));
        let sql = format!(
            "SELECT {LEASE_COLUMNS} FROM (SELECT l.*, ROW_NUMBER() OVER (PARTITION BY l.run_id ORDER BY l.place) AS nth
              FROM billing_run_lease l WHERE {{l}} AND l.run_id IN {runs} AND {state}) l
             WHERE l.nth <= {} ORDER BY l.run_id, l.place",
            u64::from(first) + 1
        );
        let rows = self.query(&sql, &LEASE, binds.into_values()).await?;
        rows.iter().map(|row| Ok((BillingRunId::from_uuid(get(row, "run_id")?), to_lease(row)?))).collect()
    }
}
