//! Leads, their steps and notes, visits. What names people is sealed on its way in and opened on its way out.

mod quotes;
mod rows;

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{DbErr, QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::ids::{Id, LeadId, UserId, VisitId, ZoneId};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::pipeline::{
    Funnel, Lead, LeadFilter, LeadNote, LeadSort, LeadState, LeadStep, LostReason, Private, StaffMember, Store, Visit,
    name_key,
};

use self::rows::{LEAD, filtered, named, sorted};
use crate::db::{Slot, Tx, fail, violated};
use crate::repo::binds::{Binds, id, inserts};
use crate::repo::estate::covers;
use crate::repo::get;
use crate::repo::sorted::Sorted;
use crate::secrets::SystemRandom;

const OF_LEAD: [Slot; 1] = [Slot("l", "lead")];

/// What a sealed value is bound to.
fn bound(place: &str, id: Uuid, n: i64) -> Vec<u8> {
    [place.as_bytes(), b"/", id.as_bytes(), &n.to_be_bytes()].concat()
}

impl Tx {
    pub(in crate::repo) fn sealed(&self, place: &str, of: Uuid, n: i64, text: &Private) -> Result<Option<Vec<u8>>> {
        if text.is_empty() {
            return Ok(None);
        }
        self.keys().seal(&SystemRandom, &bound(place, of, n), text.reveal()).map(Some)
    }
    pub(in crate::repo) fn opened(&self, row: &QueryResult, place: &str, of: Uuid, n: i64) -> Result<Private> {
        let sealed: Option<Vec<u8>> = get(row, place.split_once('.').map_or(place, |(_, column)| column))?;
        match sealed {
            None => Ok(Private::default()),
            Some(sealed) => Ok(Private::new(self.keys().open(&bound(place, of, n), &sealed)?)),
        }
    }

    async fn leads_where(&self, of: &str, binds: Binds) -> Result<Vec<Lead>> {
        let sql = format!("SELECT {LEAD} FROM lead l WHERE {{l}} AND {of}");
        self.query(&sql, &OF_LEAD, binds.into_values()).await?.iter().map(|row| self.to_lead(row)).collect()
    }

    async fn staff_where(&self, of: &str, binds: Binds) -> Result<Vec<StaffMember>> {
        let sql = format!(
            "SELECT m.user_id, MIN(m.display_name) AS display_name FROM park_member m WHERE {{m}} AND {of}
             GROUP BY m.user_id ORDER BY 2, m.user_id"
        );
        let rows = self.query(&sql, &[Slot("m", "park_member")], binds.into_values()).await?;
        let member = |row: &QueryResult| {
            Ok(StaffMember { user: UserId::from_uuid(get(row, "user_id")?), name: get(row, "display_name")? })
        };
        rows.iter().map(member).collect()
    }

    async fn next_of(&self, table: &'static str, lead: LeadId) -> Result<i64> {
        let sql = format!("SELECT COALESCE(MAX(x.n), 0) + 1 AS n FROM {table} x WHERE {{x}} AND x.lead_id = $1");
        let row = self.query_one(&sql, &[Slot("x", table)], vec![id(lead)]).await?;
        row.map_or(Ok(1), |row| get(&row, "n"))
    }

    async fn add(&self, table: &str, columns: &[&str], row: Vec<Value>) -> Result<(), DbErr> {
        for (sql, values) in inserts(table, columns, vec![row]) {
            self.execute(&sql, &[], values).await?;
        }
        Ok(())
    }

    async fn visits_where(&self, of: &str, binds: Binds) -> Result<Vec<Visit>> {
        let sql = format!(
            "SELECT v.visit_id, v.lead_id, v.day, v.at_min, v.guide_id, v.remark_sealed, v.state FROM visit v
             WHERE {{v}} AND {of} ORDER BY v.day DESC, v.at_min DESC, v.visit_id"
        );
        let rows = self.query(&sql, &[Slot("v", "visit")], binds.into_values()).await?;
        let mut visits = rows.iter().map(|row| self.to_visit(row)).collect::<Result<Vec<_>>>()?;
        let mut binds = Binds::default();
        let ids: Vec<VisitId> = visits.iter().map(|visit| visit.id).collect();
        let sql = format!(
            "SELECT z.visit_id, z.zone_id FROM visit_zone z WHERE {{z}} AND z.visit_id IN {} ORDER BY z.visit_id, z.n",
            binds.ids(&ids)
        );
        let mut zones: HashMap<VisitId, Vec<ZoneId>> = HashMap::new();
        for row in self.query(&sql, &[Slot("z", "visit_zone")], binds.into_values()).await? {
            let visit = VisitId::from_uuid(get(&row, "visit_id")?);
            zones.entry(visit).or_default().push(ZoneId::from_uuid(get(&row, "zone_id")?));
        }
        for visit in &mut visits {
            visit.draft.zones = zones.remove(&visit.id).unwrap_or_default();
        }
        Ok(visits)
    }
}

/// Whether the database refused a second lead of one credit code. SQLite names the columns, not the constraint.
fn code_taken(error: &DbErr) -> bool {
    violated(error).is_some_and(|c| c.contains("credit_code"))
}

#[async_trait]
impl Store for Tx {
    async fn pipeline_staff(&self, on: NaiveDate) -> Result<Vec<StaffMember>> {
        let mut binds = Binds::default();
        let member = covers("m.valid_from", "m.valid_to", &binds.one(on));
        self.staff_where(&format!("{member} AND m.role IN ('park_administrator', 'park_finance')"), binds).await
    }

    async fn pipeline_names(&self, users: &[UserId]) -> Result<Vec<StaffMember>> {
        let mut binds = Binds::default();
        let of = format!("m.user_id IN {}", binds.ids(users));
        self.staff_where(&of, binds).await
    }

    async fn leads(&self, filter: &LeadFilter, sort: Sort<LeadSort>, page: &PageRequest) -> Result<Page<Lead>> {
        let mut binds = Binds::default();
        let of = filtered(filter, &mut binds);
        let list = Sorted::new(sort, sorted(sort.by, &mut binds));
        let sql = list.sql(LEAD, &format!("FROM lead l WHERE {{l}} AND {of}"), page, &mut binds)?;
        let rows = self.query(&sql, &OF_LEAD, binds.into_values()).await?;
        let row = |row: &QueryResult| Ok((list.cursor(row)?, self.to_lead(row)?));
        Ok(Page::from_rows(page, rows.iter().map(row).collect::<Result<_>>()?))
    }

    async fn leads_count(&self, filter: &LeadFilter) -> Result<i64> {
        let mut binds = Binds::default();
        let sql = format!("SELECT COUNT(*) AS n FROM lead l WHERE {{l}} AND {}", filtered(filter, &mut binds));
        let row = self.query_one(&sql, &OF_LEAD, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn leads_funnel(&self) -> Result<Vec<Funnel>> {
        let sql = "SELECT l.state, COUNT(*) AS leads, CAST(SUM(l.seats) AS bigint) AS seats FROM lead l WHERE {l} GROUP BY l.state";
        let rows = self.query(sql, &OF_LEAD, Vec::new()).await?;
        let funnel = |row: &QueryResult| {
            Ok(Funnel { state: named(row, "state")?, leads: get(row, "leads")?, seats: get(row, "seats")? })
        };
        rows.iter().map(funnel).collect()
    }

    async fn leads_by_id(&self, ids: &[LeadId]) -> Result<Vec<Lead>> {
        let mut binds = Binds::default();
        let of = format!("l.lead_id IN {}", binds.ids(ids));
        self.leads_where(&of, binds).await
    }

    async fn lead_locked(&self, lead: LeadId) -> Result<Option<Lead>> {
        let mut binds = Binds::default();
        let lock = if self.postgres() { "FOR NO KEY UPDATE OF l" } else { "" };
        let of = format!("l.lead_id = {} {lock}", binds.one(lead.uuid()));
        Ok(self.leads_where(&of, binds).await?.pop())
    }

    async fn lead_of_name(&self, key: &str, but: Option<LeadId>) -> Result<Option<LeadState>> {
        let mut binds = Binds::default();
        let mut of = format!("l.name_key = {}", binds.one(key));
        if let Some(but) = but {
            of = format!("{of} AND l.lead_id <> {}", binds.one(but.uuid()));
        }
        let sql = format!("SELECT l.state FROM lead l WHERE {{l}} AND {of} ORDER BY l.lead_id LIMIT 1");
        self.query_one(&sql, &OF_LEAD, binds.into_values()).await?.map(|row| named(&row, "state")).transpose()
    }

    async fn tenant_of_name(&self, name: &str) -> Result<bool> {
        let sql = "SELECT 1 AS one FROM tenant t WHERE {t} AND t.name = $1 LIMIT 1";
        Ok(self.query_one(sql, &[Slot("t", "tenant")], vec![name.into()]).await?.is_some())
    }

    async fn lead_add(&self, lead: &Lead) -> Result<bool> {
        let mut columns = vec!["park_id", "lead_id", "created_at"];
        let mut values: Vec<Value> = vec![self.park_id()?.into(), id(lead.id), lead.created_at.into()];
        for (column, value) in self.of_lead(lead)? {
            columns.push(column);
            values.push(value);
        }
        match self.add("lead", &columns, values).await {
            Err(e) if code_taken(&e) => Ok(false),
            other => other.map(|()| true).map_err(fail),
        }
    }

    async fn lead_save(&self, lead: &Lead) -> Result<bool> {
        let mut binds = Binds::default();
        let sets = self.of_lead(lead)?.into_iter().map(|(column, value)| format!("{column} = {}", binds.one(value)));
        let sets = sets.collect::<Vec<_>>().join(", ");
        let sql = format!("UPDATE lead AS l SET {sets} WHERE {{l}} AND l.lead_id = {}", binds.one(lead.id.uuid()));
        match self.execute(&sql, &OF_LEAD, binds.into_values()).await {
            Err(e) if code_taken(&e) => Ok(false),
            other => other.map(|_| true).map_err(fail),
        }
    }

    async fn lead_steps(&self, leads: &[LeadId]) -> Result<Vec<LeadStep>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT s.lead_id, s.n, s.from_state, s.to_state, s.lost_reason, s.remark_sealed, s.recorded_at, s.recorded_by
             FROM lead_step s WHERE {{s}} AND s.lead_id IN {} ORDER BY s.lead_id, s.n",
            binds.ids(leads)
        );
        let rows = self.query(&sql, &[Slot("s", "lead_step")], binds.into_values()).await?;
        rows.iter().map(|row| self.to_step(row)).collect()
    }

    async fn lead_step_add(&self, step: &LeadStep) -> Result<()> {
        let n = self.next_of("lead_step", step.lead).await?;
        let columns = [
            "park_id",
            "lead_id",
            "n",
            "from_state",
            "to_state",
            "lost_reason",
            "remark_sealed",
            "recorded_at",
            "recorded_by",
        ];
        let row = vec![
            self.park_id()?.into(),
            id(step.lead),
            n.into(),
            step.from.map(LeadState::name).into(),
            step.to.name().into(),
            step.lost.map(LostReason::name).into(),
            self.sealed("lead_step.remark_sealed", step.lead.uuid(), n, &step.remark)?.into(),
            step.at.into(),
            step.by.map(Id::uuid).into(),
        ];
        self.add("lead_step", &columns, row).await.map_err(fail)
    }

    async fn lead_notes(&self, leads: &[LeadId]) -> Result<Vec<LeadNote>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT n.lead_id, n.n, n.text_sealed, n.recorded_at, n.recorded_by FROM lead_note n
             WHERE {{n}} AND n.lead_id IN {} ORDER BY n.lead_id, n.n DESC",
            binds.ids(leads)
        );
        let rows = self.query(&sql, &[Slot("n", "lead_note")], binds.into_values()).await?;
        rows.iter().map(|row| self.to_note(row)).collect()
    }

    async fn lead_note_add(&self, note: &LeadNote) -> Result<()> {
        let n = self.next_of("lead_note", note.lead).await?;
        let columns = ["park_id", "lead_id", "n", "text_sealed", "recorded_at", "recorded_by"];
        let row = vec![
            self.park_id()?.into(),
            id(note.lead),
            n.into(),
            self.sealed("lead_note.text_sealed", note.lead.uuid(), n, &note.text)?.into(),
            note.at.into(),
            note.by.map(Id::uuid).into(),
        ];
        self.add("lead_note", &columns, row).await.map_err(fail)
    }

    async fn visits_of(&self, leads: &[LeadId]) -> Result<Vec<Visit>> {
        let mut binds = Binds::default();
        let of = format!("v.lead_id IN {}", binds.ids(leads));
        self.visits_where(&of, binds).await
    }

    async fn visits_by_id(&self, ids: &[VisitId]) -> Result<Vec<Visit>> {
        let mut binds = Binds::default();
        let of = format!("v.visit_id IN {}", binds.ids(ids));
        self.visits_where(&of, binds).await
    }

    async fn visit_save(&self, visit: &Visit, new: bool) -> Result<()> {
        let (park, draft): (Value, _) = (self.park_id()?.into(), &visit.draft);
        let remark = self.sealed("visit.remark_sealed", visit.id.uuid(), 0, &draft.remark)?;
        if new {
            let columns = ["park_id", "visit_id", "lead_id", "day", "at_min", "guide_id", "remark_sealed", "state"];
            let row = vec![
                park.clone(),
                id(visit.id),
                id(visit.lead),
                draft.day.into(),
                draft.at_min.into(),
                id(draft.guide),
                remark.into(),
                visit.state.name().into(),
            ];
            self.add("visit", &columns, row).await.map_err(fail)?;
        } else {
            let sql = "UPDATE visit AS v SET day = $2, at_min = $3, guide_id = $4, remark_sealed = $5, state = $6
                       WHERE {v} AND v.visit_id = $1";
            let values = vec![
                id(visit.id),
                draft.day.into(),
                draft.at_min.into(),
                id(draft.guide),
                remark.into(),
                visit.state.name().into(),
            ];
            self.execute(sql, &[Slot("v", "visit")], values).await.map_err(fail)?;
            let sql = "DELETE FROM visit_zone AS z WHERE {z} AND z.visit_id = $1";
            self.execute(sql, &[Slot("z", "visit_zone")], vec![id(visit.id)]).await.map_err(fail)?;
        }
        let rows = (1_i64..).zip(&draft.zones).map(|(n, zone)| vec![park.clone(), id(visit.id), n.into(), id(*zone)]);
        for (sql, values) in inserts("visit_zone", &["park_id", "visit_id", "n", "zone_id"], rows.collect()) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }
}

/// The name of a lead as names are compared.
fn key_of(lead: &Lead) -> Value {
    name_key(&lead.facts.name).into()
}
