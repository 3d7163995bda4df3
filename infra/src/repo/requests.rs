//! Requests of tenants for seats, their history, how long each side has. What was said is sealed on its way in and opened
//! on its way out.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::{
    AllocationId, HoldId, Id, LeaseId, QuoteId, SeatId, SeatRequestId, TenantId, UserId, ZoneId,
};
use voxpark_domain::leasing::Shift;
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::requests::{
    Clock, Reference, RequestAct, RequestFilter, RequestKind, RequestSort, RequestState, RequestStep, SeatRequest,
    Side, Store,
};

use super::binds::{Binds, id, inserts};
use super::estate::product;
use super::sorted::{Key, Sorted};
use super::{NEVER, broken, get};
use crate::db::{Slot, Tx, fail, violated};

const REQUEST: &str =
    "r.tenant_id, r.request_id, r.number, r.kind, r.seats, r.product, r.zone_id, r.shift_from_min, r.shift_to_min,
     r.wanted_from, r.lease_id, r.state, r.entered_at, r.due_on, r.last_n, r.created_at";
const OF_REQUEST: [Slot; 1] = [Slot("r", "seat_request")];
const WITH_TENANT: [Slot; 2] = [Slot("r", "seat_request"), Slot("t", "tenant")];
const WORDS: &str = "seat_request_step.words_sealed";
const NAME: &str = "seat_request_step.by_name_sealed";

macro_rules! named {
    ($type:ident, $row:expr, $column:literal) => {{
        let name: String = get($row, $column)?;
        $type::from_name(&name).ok_or_else(|| broken($column, &name))
    }};
}

fn to_request(row: &QueryResult) -> Result<SeatRequest> {
    let sold: Option<String> = get(row, "product")?;
    let shift = match (get::<Option<i64>>(row, "shift_from_min")?, get::<Option<i64>>(row, "shift_to_min")?) {
        (Some(from_min), Some(to_min)) => Some(Shift { from_min, to_min }),
        _ => None,
    };
    Ok(SeatRequest {
        id: SeatRequestId::from_uuid(get(row, "request_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        number: get(row, "number")?,
        kind: named!(RequestKind, row, "kind")?,
        seats: get(row, "seats")?,
        product: sold.map(|name| product(&name)).transpose()?,
        zone: get::<Option<Uuid>>(row, "zone_id")?.map(ZoneId::from_uuid),
        shift,
        from: get(row, "wanted_from")?,
        lease: get::<Option<Uuid>>(row, "lease_id")?.map(LeaseId::from_uuid),
        named: Vec::new(),
        state: named!(RequestState, row, "state")?,
        entered_at: get(row, "entered_at")?,
        due_on: get(row, "due_on")?,
        last: get(row, "last_n")?,
        created_at: get(row, "created_at")?,
    })
}

fn to_reference(row: &QueryResult) -> Result<Option<Reference>> {
    let Some(kind) = get::<Option<String>>(row, "answer_kind")? else { return Ok(None) };
    let of: Uuid = get(row, "answer_id")?;
    Ok(Some(match kind.as_str() {
        "allocation" => Reference::Allocation(AllocationId::from_uuid(of)),
        "lease" => {
            let version: Option<i64> = get(row, "answer_version")?;
            Reference::Lease(LeaseId::from_uuid(of), version.unwrap_or(1))
        }
        "hold" => Reference::Hold(HoldId::from_uuid(of)),
        "quote" => Reference::Quote(QuoteId::from_uuid(of)),
        other => return Err(broken("answer_kind", other)),
    }))
}

/// A reference as it is stored: its kind, id, version.
fn stored(reference: Option<Reference>) -> (Option<&'static str>, Option<Uuid>, Option<i64>) {
    match reference {
        None => (None, None, None),
        Some(Reference::Allocation(of)) => (Some("allocation"), Some(of.uuid()), None),
        Some(Reference::Lease(of, version)) => (Some("lease"), Some(of.uuid()), Some(version)),
        Some(Reference::Hold(of)) => (Some("hold"), Some(of.uuid()), None),
        Some(Reference::Quote(of)) => (Some("quote"), Some(of.uuid()), None),
    }
}

/// The condition on `r` under which a request is asked for.
fn filtered(filter: &RequestFilter, today: NaiveDate, binds: &mut Binds) -> String {
    let mut all = vec!["1 = 1".to_owned()];
    let states = |of: &dyn Fn(RequestState) -> bool| {
        let names = RequestState::ALL.iter().copied().filter(|state| of(*state)).map(RequestState::name);
        names.collect::<Vec<_>>()
    };
    if !filter.states.is_empty() {
        all.push(format!("r.state IN {}", binds.list(filter.states.iter().map(|state| state.name()))));
    }
    if !filter.kinds.is_empty() {
        all.push(format!("r.kind IN {}", binds.list(filter.kinds.iter().map(|kind| kind.name()))));
    }
    if filter.overdue {
        all.push(format!("r.due_on < {}", binds.one(today)));
    }
    if let Some(side) = filter.waits_for {
        all.push(format!("r.state IN {}", binds.list(states(&|state| state.waits_for() == Some(side)))));
    }
    if let Some(tenant) = filter.tenant {
        all.push(format!("r.tenant_id = {}", binds.one(tenant.uuid())));
    }
    all.join(" AND ")
}

fn sorted(by: RequestSort, binds: &mut Binds) -> Vec<Key> {
    let first = match by {
        RequestSort::Created => None,
        RequestSort::State => {
            let places =
                RequestState::ALL.iter().enumerate().map(|(n, state)| format!("WHEN '{}' THEN {n}", state.name()));
            let places = places.collect::<Vec<_>>().join(" ");
            Some(Key::Whole(format!("CAST(CASE r.state {places} END AS bigint)")))
        }
        RequestSort::DueOn => Some(Key::Day(format!("COALESCE(r.due_on, {})", binds.one(NEVER)))),
        RequestSort::Seats => Some(Key::whole("r.seats")),
        RequestSort::WantedFrom => Some(Key::day("r.wanted_from")),
        RequestSort::Tenant => Some(Key::text("t.code")),
    };
    // Ids are minted in the order of time.
    first.into_iter().chain([Key::Id("r.request_id")]).collect()
}

impl Tx {
    async fn with_named(&self, mut requests: Vec<SeatRequest>) -> Result<Vec<SeatRequest>> {
        let mut binds = Binds::default();
        let ids: Vec<SeatRequestId> = requests.iter().map(|request| request.id).collect();
        let sql = format!(
            "SELECT rs.request_id, rs.seat_id FROM seat_request_seat rs
             JOIN seat s ON s.park_id = rs.park_id AND s.seat_id = rs.seat_id AND {{s}}
             WHERE {{rs}} AND rs.request_id IN {} ORDER BY s.code",
            binds.ids(&ids)
        );
        let slots = [Slot("rs", "seat_request_seat"), Slot("s", "seat")];
        let mut seats: HashMap<SeatRequestId, Vec<SeatId>> = HashMap::new();
        for row in self.query(&sql, &slots, binds.into_values()).await? {
            let request = SeatRequestId::from_uuid(get(&row, "request_id")?);
            seats.entry(request).or_default().push(SeatId::from_uuid(get(&row, "seat_id")?));
        }
        for request in &mut requests {
            request.named = seats.remove(&request.id).unwrap_or_default();
        }
        Ok(requests)
    }

    fn to_request_step(&self, row: &QueryResult) -> Result<RequestStep> {
        let (request, n): (Uuid, i64) = (get(row, "request_id")?, get(row, "n")?);
        Ok(RequestStep {
            request: SeatRequestId::from_uuid(request),
            tenant: TenantId::from_uuid(get(row, "tenant_id")?),
            n,
            side: named!(Side, row, "side")?,
            act: named!(RequestAct, row, "act")?,
            state: named!(RequestState, row, "state")?,
            words: self.opened(row, WORDS, request, n)?,
            reference: to_reference(row)?,
            at: get(row, "recorded_at")?,
            by: get::<Option<Uuid>>(row, "recorded_by")?.map(UserId::from_uuid),
            by_name: self.opened(row, NAME, request, n)?,
        })
    }
}

#[async_trait]
impl Store for Tx {
    async fn seat_requests(
        &self,
        filter: &RequestFilter,
        today: NaiveDate,
        sort: Sort<RequestSort>,
        page: &PageRequest,
    ) -> Result<Page<SeatRequest>> {
        let mut binds = Binds::default();
        let of = filtered(filter, today, &mut binds);
        let list = Sorted::new(sort, sorted(sort.by, &mut binds));
        let from = "FROM seat_request r JOIN tenant t ON t.park_id = r.park_id AND t.tenant_id = r.tenant_id AND {t}";
        let sql = list.sql(REQUEST, &format!("{from} WHERE {{r}} AND {of}"), page, &mut binds)?;
        let rows = self.query(&sql, &WITH_TENANT, binds.into_values()).await?;
        let cursors = rows.iter().map(|row| list.cursor(row)).collect::<Result<Vec<_>>>()?;
        let requests = self.with_named(rows.iter().map(to_request).collect::<Result<_>>()?).await?;
        Ok(Page::from_rows(page, cursors.into_iter().zip(requests).collect()))
    }

    async fn seat_requests_count(&self, filter: &RequestFilter, today: NaiveDate) -> Result<i64> {
        let mut binds = Binds::default();
        let of = filtered(filter, today, &mut binds);
        let sql = format!("SELECT COUNT(*) AS n FROM seat_request r WHERE {{r}} AND {of}");
        let row = self.query_one(&sql, &OF_REQUEST, binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn seat_requests_by_id(&self, ids: &[SeatRequestId]) -> Result<Vec<SeatRequest>> {
        let mut binds = Binds::default();
        let sql = format!("SELECT {REQUEST} FROM seat_request r WHERE {{r}} AND r.request_id IN {}", binds.ids(ids));
        let rows = self.query(&sql, &OF_REQUEST, binds.into_values()).await?;
        self.with_named(rows.iter().map(to_request).collect::<Result<_>>()?).await
    }

    async fn seat_request_locked(&self, of: SeatRequestId) -> Result<Option<SeatRequest>> {
        let lock = if self.postgres() { "FOR NO KEY UPDATE OF r" } else { "" };
        let sql = format!("SELECT {REQUEST} FROM seat_request r WHERE {{r}} AND r.request_id = $1 {lock}");
        self.query_one(&sql, &OF_REQUEST, vec![id(of)]).await?.map(|row| to_request(&row)).transpose()
    }

    async fn seat_request_number(&self) -> Result<i64> {
        let sql = "SELECT COALESCE(MAX(r.number), 0) + 1 AS n FROM seat_request r WHERE {r}";
        self.query_one(sql, &OF_REQUEST, Vec::new()).await?.map_or(Ok(1), |row| get(&row, "n"))
    }

    async fn seat_request_add(&self, request: &SeatRequest) -> Result<bool> {
        let (park, tenant): (Value, Value) = (self.park_id()?.into(), self.tenant_id()?.into());
        let columns = [
            "park_id",
            "tenant_id",
            "request_id",
            "number",
            "kind",
            "seats",
            "product",
            "zone_id",
            "shift_from_min",
            "shift_to_min",
            "wanted_from",
            "lease_id",
            "state",
            "entered_at",
            "due_on",
            "last_n",
            "created_at",
        ];
        let row = vec![
            park.clone(),
            tenant.clone(),
            id(request.id),
            request.number.into(),
            request.kind.name().into(),
            request.seats.into(),
            request.product.map(SeatProduct::name).into(),
            request.zone.map(Id::uuid).into(),
            request.shift.map(|shift| shift.from_min).into(),
            request.shift.map(|shift| shift.to_min).into(),
            request.from.into(),
            request.lease.map(Id::uuid).into(),
            request.state.name().into(),
            request.entered_at.into(),
            request.due_on.into(),
            request.last.into(),
            request.created_at.into(),
        ];
        let named = request.named.iter().map(|seat| vec![park.clone(), tenant.clone(), id(request.id), id(*seat)]);
        let named = inserts("seat_request_seat", &["park_id", "tenant_id", "request_id", "seat_id"], named.collect());
        for (sql, values) in inserts("seat_request", &columns, vec![row]).into_iter().chain(named) {
            match self.execute(&sql, &[], values).await {
                // SQLite names the columns, not the constraint.
                Err(e) if violated(&e).is_some_and(|c| c.contains("number")) => return Ok(false),
                other => other.map_err(fail)?,
            };
        }
        Ok(true)
    }

    async fn seat_request_save(&self, request: &SeatRequest) -> Result<()> {
        let sql = "UPDATE seat_request AS r SET state = $2, entered_at = $3, due_on = $4, last_n = $5
             WHERE {r} AND r.request_id = $1";
        let values = vec![
            id(request.id),
            request.state.name().into(),
            request.entered_at.into(),
            request.due_on.into(),
            request.last.into(),
        ];
        self.execute(sql, &OF_REQUEST, values).await.map(|_| ()).map_err(fail)
    }

    async fn seat_request_steps(&self, requests: &[SeatRequestId]) -> Result<Vec<RequestStep>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT st.tenant_id, st.request_id, st.n, st.side, st.act, st.state, st.words_sealed, st.answer_kind, st.answer_id,
              st.answer_version, st.recorded_at, st.recorded_by, st.by_name_sealed FROM seat_request_step st
             WHERE {{st}} AND st.request_id IN {} ORDER BY st.request_id, st.n",
            binds.ids(requests)
        );
        let rows = self.query(&sql, &[Slot("st", "seat_request_step")], binds.into_values()).await?;
        rows.iter().map(|row| self.to_request_step(row)).collect()
    }

    async fn seat_request_step_add(&self, step: &RequestStep) -> Result<()> {
        let columns = [
            "park_id",
            "tenant_id",
            "request_id",
            "n",
            "side",
            "act",
            "state",
            "words_sealed",
            "answer_kind",
            "answer_id",
            "answer_version",
            "recorded_at",
            "recorded_by",
            "by_name_sealed",
        ];
        let (kind, of, version) = stored(step.reference);
        let request = step.request.uuid();
        let row = vec![
            self.park_id()?.into(),
            id(step.tenant),
            request.into(),
            step.n.into(),
            step.side.name().into(),
            step.act.name().into(),
            step.state.name().into(),
            self.sealed(WORDS, request, step.n, &step.words)?.into(),
            kind.into(),
            of.into(),
            version.into(),
            step.at.into(),
            step.by.map(Id::uuid).into(),
            self.sealed(NAME, request, step.n, &step.by_name)?.into(),
        ];
        for (sql, values) in inserts("seat_request_step", &columns, vec![row]) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn request_clock(&self) -> Result<Option<Clock>> {
        let sql = "SELECT c.take_up_days, c.answer_days, c.reply_days FROM seat_request_clock c WHERE {c}";
        let row = self.query_one(sql, &[Slot("c", "seat_request_clock")], Vec::new()).await?;
        row.map(|row| {
            Ok(Clock {
                take_up_days: get(&row, "take_up_days")?,
                answer_days: get(&row, "answer_days")?,
                reply_days: get(&row, "reply_days")?,
            })
        })
        .transpose()
    }

    async fn request_clock_set(&self, clock: Clock) -> Result<()> {
        let sql =
            "INSERT INTO seat_request_clock (park_id, take_up_days, answer_days, reply_days) VALUES ($1, $2, $3, $4)
             ON CONFLICT (park_id) DO UPDATE SET take_up_days = $2, answer_days = $3, reply_days = $4";
        let values =
            vec![self.park_id()?.into(), clock.take_up_days.into(), clock.answer_days.into(), clock.reply_days.into()];
        self.execute(sql, &[], values).await.map(|_| ()).map_err(fail)
    }

    async fn member_name(&self, user: UserId) -> Result<String> {
        let table = if self.tenant_id().is_ok() { "tenant_member" } else { "park_member" };
        let sql =
            format!("SELECT m.display_name FROM {table} m WHERE {{m}} AND m.user_id = $1 ORDER BY m.role LIMIT 1");
        let row = self.query_one(&sql, &[Slot("m", table)], vec![id(user)]).await?;
        row.map_or(Ok(String::new()), |row| get(&row, "display_name"))
    }
}
