//! Contract papers, their history, how a park goes about them. Who signed and what was said is sealed on its way in and
//! opened on its way out.

use async_trait::async_trait;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::ids::{FileId, Id, LeaseId, PaperId, TenantId, UserId};
use voxpark_domain::page::{Page, PageRequest};
use voxpark_domain::papers::{ContractPolicy, Paper, PaperAct, PaperKind, PaperLanguage, PaperState, PaperStep, Store};
use voxpark_domain::{Error, Result};

use super::binds::{Binds, id, inserts};
use super::{broken, get};
use crate::db::{Slot, Tx, fail, violated};

const PAPER: &str =
    "p.tenant_id, p.paper_id, p.lease_id, p.version, p.number, p.kind, p.template, p.language, p.content,
     p.sha256, p.state, p.needed, p.drafted_at, p.drafted_by, p.approved_at, p.signed_on, p.signed_park_sealed,
     p.signed_tenant_sealed, p.scan_id, p.last_n";
const OF_PAPER: [Slot; 1] = [Slot("p", "contract_paper")];
const FOR_PARK: &str = "contract_paper.signed_park_sealed";
const FOR_TENANT: &str = "contract_paper.signed_tenant_sealed";
const WORDS: &str = "contract_paper_step.words_sealed";
const NAME: &str = "contract_paper_step.by_name_sealed";

macro_rules! named {
    ($type:ident, $row:expr, $column:literal) => {{
        let name: String = get($row, $column)?;
        $type::from_name(&name).ok_or_else(|| broken($column, &name))
    }};
}

impl Tx {
    fn to_paper(&self, row: &QueryResult) -> Result<Paper> {
        let paper: Uuid = get(row, "paper_id")?;
        let content: String = get(row, "content")?;
        Ok(Paper {
            id: PaperId::from_uuid(paper),
            tenant: TenantId::from_uuid(get(row, "tenant_id")?),
            lease: LeaseId::from_uuid(get(row, "lease_id")?),
            version: get(row, "version")?,
            number: get(row, "number")?,
            kind: named!(PaperKind, row, "kind")?,
            template: get(row, "template")?,
            language: named!(PaperLanguage, row, "language")?,
            content: serde_json::from_str(&content).map_err(Error::internal)?,
            sha256: get(row, "sha256")?,
            state: named!(PaperState, row, "state")?,
            needed: get(row, "needed")?,
            drafted_at: get(row, "drafted_at")?,
            drafted_by: get::<Option<Uuid>>(row, "drafted_by")?.map(UserId::from_uuid),
            approved_at: get(row, "approved_at")?,
            signed_on: get(row, "signed_on")?,
            signed_park: self.opened(row, FOR_PARK, paper, 0)?,
            signed_tenant: self.opened(row, FOR_TENANT, paper, 0)?,
            scan: get::<Option<Uuid>>(row, "scan_id")?.map(FileId::from_uuid),
            last: get(row, "last_n")?,
        })
    }

    async fn papers_where(&self, of: &str, binds: Binds) -> Result<Vec<Paper>> {
        let sql = format!("SELECT {PAPER} FROM contract_paper p WHERE {{p}} AND {of}");
        self.query(&sql, &OF_PAPER, binds.into_values()).await?.iter().map(|row| self.to_paper(row)).collect()
    }
}

/// The condition on `p` for a state.
fn in_state(state: Option<PaperState>, binds: &mut Binds) -> String {
    state.map_or_else(|| "1 = 1".to_owned(), |state| format!("p.state = {}", binds.one(state.name())))
}

#[async_trait]
impl Store for Tx {
    async fn papers_of(&self, leases: &[LeaseId]) -> Result<Vec<Paper>> {
        let mut binds = Binds::default();
        // Ids are minted in the order of time.
        let of = format!("p.lease_id IN {} ORDER BY p.paper_id DESC", binds.ids(leases));
        self.papers_where(&of, binds).await
    }

    async fn papers_by_id(&self, ids: &[PaperId]) -> Result<Vec<Paper>> {
        let mut binds = Binds::default();
        let of = format!("p.paper_id IN {}", binds.ids(ids));
        self.papers_where(&of, binds).await
    }

    async fn papers(&self, state: Option<PaperState>, page: &PageRequest) -> Result<Page<Paper>> {
        let mut binds = Binds::default();
        let of = in_state(state, &mut binds);
        let after = match page.after.as_deref().map(str::parse::<PaperId>) {
            None => "1 = 1".to_owned(),
            Some(Err(_)) => "1 = 0".to_owned(),
            Some(Ok(last)) => format!("p.paper_id < {}", binds.one(last.uuid())),
        };
        let of = format!("{of} AND {after} ORDER BY p.paper_id DESC LIMIT {}", page.first + 1);
        let rows = self.papers_where(&of, binds).await?;
        Ok(Page::from_rows(page, rows.into_iter().map(|paper| (paper.id.to_string(), paper)).collect()))
    }

    async fn papers_count(&self, state: Option<PaperState>) -> Result<i64> {
        let mut binds = Binds::default();
        let of = in_state(state, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM contract_paper p WHERE {{p}} AND {of}");
        let row = self.query_one(&sql, &OF_PAPER, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn paper_locked(&self, paper: PaperId) -> Result<Option<Paper>> {
        let mut binds = Binds::default();
        // On SQLite there is one writer at a time anyway.
        let lock = if self.postgres() { " FOR NO KEY UPDATE OF p" } else { "" };
        let of = format!("p.paper_id = {}{lock}", binds.one(paper.uuid()));
        Ok(self.papers_where(&of, binds).await?.pop())
    }

    async fn paper_add(&self, paper: &Paper) -> Result<bool> {
        let content = serde_json::to_string(&paper.content).map_err(Error::internal)?;
        let row: [(&str, Value); 16] = [
            ("park_id", self.park_id()?.into()),
            ("tenant_id", id(paper.tenant)),
            ("paper_id", id(paper.id)),
            ("lease_id", id(paper.lease)),
            ("version", paper.version.into()),
            ("number", paper.number.as_str().into()),
            ("kind", paper.kind.name().into()),
            ("template", paper.template.as_str().into()),
            ("language", paper.language.name().into()),
            ("content", content.into()),
            ("sha256", paper.sha256.clone().into()),
            ("state", paper.state.name().into()),
            ("needed", paper.needed.into()),
            ("drafted_at", paper.drafted_at.into()),
            ("drafted_by", paper.drafted_by.map(Id::uuid).into()),
            ("last_n", paper.last.into()),
        ];
        let (columns, values): (Vec<&str>, Vec<Value>) = row.into_iter().unzip();
        for (sql, values) in inserts("contract_paper", &columns, vec![values]) {
            match self.execute(&sql, &[], values).await {
                // SQLite names the columns, not the index.
                Err(e) if violated(&e).is_some_and(|c| c.contains("living") || c.contains("version")) => {
                    return Ok(false);
                }
                other => other.map_err(fail)?,
            };
        }
        Ok(true)
    }

    async fn paper_save(&self, paper: &Paper) -> Result<()> {
        let sql =
            "UPDATE contract_paper AS p SET state = $2, approved_at = $3, signed_on = $4, signed_park_sealed = $5,
              signed_tenant_sealed = $6, scan_id = $7, last_n = $8 WHERE {p} AND p.paper_id = $1";
        let of = paper.id.uuid();
        let values = vec![
            of.into(),
            paper.state.name().into(),
            paper.approved_at.into(),
            paper.signed_on.into(),
            self.sealed(FOR_PARK, of, 0, &paper.signed_park)?.into(),
            self.sealed(FOR_TENANT, of, 0, &paper.signed_tenant)?.into(),
            paper.scan.map(Id::uuid).into(),
            paper.last.into(),
        ];
        self.execute(sql, &OF_PAPER, values).await.map(|_| ()).map_err(fail)
    }

    async fn paper_steps(&self, papers: &[PaperId]) -> Result<Vec<PaperStep>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT st.tenant_id, st.paper_id, st.n, st.act, st.words_sealed, st.recorded_at, st.recorded_by, st.by_name_sealed
             FROM contract_paper_step st WHERE {{st}} AND st.paper_id IN {} ORDER BY st.paper_id, st.n",
            binds.ids(papers)
        );
        let rows = self.query(&sql, &[Slot("st", "contract_paper_step")], binds.into_values()).await?;
        let step = |row: &QueryResult| {
            let (paper, n): (Uuid, i64) = (get(row, "paper_id")?, get(row, "n")?);
            Ok(PaperStep {
                paper: PaperId::from_uuid(paper),
                tenant: TenantId::from_uuid(get(row, "tenant_id")?),
                n,
                act: named!(PaperAct, row, "act")?,
                words: self.opened(row, WORDS, paper, n)?,
                at: get(row, "recorded_at")?,
                by: get::<Option<Uuid>>(row, "recorded_by")?.map(UserId::from_uuid),
                by_name: self.opened(row, NAME, paper, n)?,
            })
        };
        rows.iter().map(step).collect()
    }

    async fn paper_step_add(&self, step: &PaperStep) -> Result<()> {
        let of = step.paper.uuid();
        let row: [(&str, Value); 9] = [
            ("park_id", self.park_id()?.into()),
            ("tenant_id", id(step.tenant)),
            ("paper_id", of.into()),
            ("n", step.n.into()),
            ("act", step.act.name().into()),
            ("words_sealed", self.sealed(WORDS, of, step.n, &step.words)?.into()),
            ("recorded_at", step.at.into()),
            ("recorded_by", step.by.map(Id::uuid).into()),
            ("by_name_sealed", self.sealed(NAME, of, step.n, &step.by_name)?.into()),
        ];
        let (columns, values): (Vec<&str>, Vec<Value>) = row.into_iter().unzip();
        for (sql, values) in inserts("contract_paper_step", &columns, vec![values]) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn contract_policy(&self) -> Result<Option<ContractPolicy>> {
        let sql = "SELECT c.approvals, c.sign_before_seats, c.warn_days FROM contract_policy c WHERE {c}";
        let row = self.query_one(sql, &[Slot("c", "contract_policy")], Vec::new()).await?;
        row.map(|row| {
            Ok(ContractPolicy {
                approvals: get(&row, "approvals")?,
                sign_before_seats: get(&row, "sign_before_seats")?,
                warn_days: serde_json::from_value(get(&row, "warn_days")?).map_err(Error::internal)?,
            })
        })
        .transpose()
    }

    async fn contract_policy_set(&self, policy: &ContractPolicy) -> Result<()> {
        let sql =
            "INSERT INTO contract_policy (park_id, approvals, sign_before_seats, warn_days) VALUES ($1, $2, $3, $4)
             ON CONFLICT (park_id) DO UPDATE SET approvals = $2, sign_before_seats = $3, warn_days = $4";
        let values = vec![
            self.park_id()?.into(),
            policy.approvals.into(),
            policy.sign_before_seats.into(),
            serde_json::json!(policy.warn_days).into(),
        ];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }
}
