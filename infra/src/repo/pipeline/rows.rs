//! Rows of the pipeline, and the conditions under which they are asked for.

use chrono::NaiveDate;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::estate::SeatProduct;
use voxpark_domain::ids::{Id, LeadId, TenantId, UserId, VisitId};
use voxpark_domain::pipeline::{
    Contact, CreditCode, Lead, LeadFacts, LeadFilter, LeadNote, LeadSort, LeadSource, LeadState, LeadStep, LostReason,
    QuoteState, Visit, VisitDraft, VisitState,
};

use super::key_of;
use crate::db::Tx;
use crate::repo::binds::Binds;
use crate::repo::estate::product;
use crate::repo::sorted::Key;
use crate::repo::{broken, get};

pub(super) const LEAD: &str = "l.lead_id, l.name, l.name_en, l.credit_code, l.source, l.contact_name_sealed, l.contact_phone_sealed,
     l.contact_mail_sealed, l.seats, l.product, l.wanted_from, l.business, l.of_tenant_id, l.owner_id, l.next_step_sealed,
     l.next_on, l.state, l.lost_reason, l.created_at";

/// The day on which those want seats who have not said, and on which a next step is due that has no day.
const NEVER: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day");

/// A value of a closed list that is kept by its name.
pub(super) trait Listed: Sized {
    fn of(name: &str) -> Option<Self>;
}

macro_rules! listed {
    ($($type:ident),+) => {
        $(impl Listed for $type {
            fn of(name: &str) -> Option<Self> {
                Self::from_name(name)
            }
        })+
    };
}
listed!(LeadState, LeadSource, LostReason, VisitState, QuoteState);

pub(super) fn named<T: Listed>(row: &QueryResult, column: &str) -> Result<T> {
    let name: String = get(row, column)?;
    T::of(&name).ok_or_else(|| broken(column, &name))
}

pub(super) fn maybe<T: Listed>(row: &QueryResult, column: &str) -> Result<Option<T>> {
    let name: Option<String> = get(row, column)?;
    name.map(|name| T::of(&name).ok_or_else(|| broken(column, &name))).transpose()
}

fn user(row: &QueryResult, column: &str) -> Result<Option<UserId>> {
    Ok(get::<Option<Uuid>>(row, column)?.map(UserId::from_uuid))
}

impl Tx {
    pub(super) fn to_lead(&self, row: &QueryResult) -> Result<Lead> {
        let id: Uuid = get(row, "lead_id")?;
        let private = |column: &str| self.opened(row, column, id, 0);
        let code: Option<String> = get(row, "credit_code")?;
        let sold: Option<String> = get(row, "product")?;
        Ok(Lead {
            id: LeadId::from_uuid(id),
            facts: LeadFacts {
                name: get(row, "name")?,
                name_en: get(row, "name_en")?,
                credit_code: code.map(|c| CreditCode::parse(&c).map_err(|_| broken("credit code", &c))).transpose()?,
                source: named(row, "source")?,
                contact: Contact {
                    name: private("lead.contact_name_sealed")?,
                    phone: private("lead.contact_phone_sealed")?,
                    mail: private("lead.contact_mail_sealed")?,
                },
                seats: get(row, "seats")?,
                product: sold.map(|name| product(&name)).transpose()?,
                wanted_from: get(row, "wanted_from")?,
                business: get(row, "business")?,
                tenant: get::<Option<Uuid>>(row, "of_tenant_id")?.map(TenantId::from_uuid),
            },
            owner: user(row, "owner_id")?,
            next_step: private("lead.next_step_sealed")?,
            next_on: get(row, "next_on")?,
            state: named(row, "state")?,
            lost: maybe(row, "lost_reason")?,
            created_at: get(row, "created_at")?,
        })
    }

    /// What of a lead can change, by column.
    pub(super) fn of_lead(&self, lead: &Lead) -> Result<Vec<(&'static str, Value)>> {
        let (facts, id) = (&lead.facts, lead.id.uuid());
        let sealed = |place, text| self.sealed(place, id, 0, text);
        Ok(vec![
            ("name", facts.name.as_str().into()),
            ("name_en", facts.name_en.as_str().into()),
            ("name_key", key_of(lead)),
            ("credit_code", facts.credit_code.as_ref().map(|code| code.text().to_owned()).into()),
            ("source", facts.source.name().into()),
            ("contact_name_sealed", sealed("lead.contact_name_sealed", &facts.contact.name)?.into()),
            ("contact_phone_sealed", sealed("lead.contact_phone_sealed", &facts.contact.phone)?.into()),
            ("contact_mail_sealed", sealed("lead.contact_mail_sealed", &facts.contact.mail)?.into()),
            ("seats", facts.seats.into()),
            ("product", facts.product.map(SeatProduct::name).into()),
            ("wanted_from", facts.wanted_from.into()),
            ("business", facts.business.as_str().into()),
            ("of_tenant_id", facts.tenant.map(Id::uuid).into()),
            ("owner_id", lead.owner.map(Id::uuid).into()),
            ("next_step_sealed", sealed("lead.next_step_sealed", &lead.next_step)?.into()),
            ("next_on", lead.next_on.into()),
            ("state", lead.state.name().into()),
            ("lost_reason", lead.lost.map(LostReason::name).into()),
        ])
    }

    pub(super) fn to_step(&self, row: &QueryResult) -> Result<LeadStep> {
        let (lead, n): (Uuid, i64) = (get(row, "lead_id")?, get(row, "n")?);
        Ok(LeadStep {
            lead: LeadId::from_uuid(lead),
            n,
            from: maybe(row, "from_state")?,
            to: named(row, "to_state")?,
            lost: maybe(row, "lost_reason")?,
            remark: self.opened(row, "lead_step.remark_sealed", lead, n)?,
            at: get(row, "recorded_at")?,
            by: user(row, "recorded_by")?,
        })
    }

    pub(super) fn to_note(&self, row: &QueryResult) -> Result<LeadNote> {
        let (lead, n): (Uuid, i64) = (get(row, "lead_id")?, get(row, "n")?);
        Ok(LeadNote {
            lead: LeadId::from_uuid(lead),
            n,
            text: self.opened(row, "lead_note.text_sealed", lead, n)?,
            at: get(row, "recorded_at")?,
            by: user(row, "recorded_by")?,
        })
    }

    pub(super) fn to_visit(&self, row: &QueryResult) -> Result<Visit> {
        let id: Uuid = get(row, "visit_id")?;
        Ok(Visit {
            id: VisitId::from_uuid(id),
            lead: LeadId::from_uuid(get(row, "lead_id")?),
            draft: VisitDraft {
                day: get(row, "day")?,
                at_min: get(row, "at_min")?,
                guide: UserId::from_uuid(get(row, "guide_id")?),
                zones: Vec::new(),
                remark: self.opened(row, "visit.remark_sealed", id, 0)?,
            },
            state: named(row, "state")?,
        })
    }
}

/// The condition on `l` under which a lead is asked for.
pub(super) fn filtered(filter: &LeadFilter, binds: &mut Binds) -> String {
    let mut all = vec!["1 = 1".to_owned()];
    if !filter.states.is_empty() {
        all.push(format!("l.state IN {}", binds.list(filter.states.iter().map(|state| state.name()))));
    }
    if let Some(owner) = filter.owner {
        all.push(format!("l.owner_id = {}", binds.one(owner.uuid())));
    }
    if filter.pool {
        all.push("l.owner_id IS NULL".to_owned());
    }
    if let Some(day) = filter.due_by {
        all.push(format!("l.next_on <= {} AND l.state NOT IN ('won', 'lost')", binds.one(day)));
    }
    all.join(" AND ")
}

/// What leads `l` are sorted by.
pub(super) fn sorted(by: LeadSort, binds: &mut Binds) -> Vec<Key> {
    let mut day = |column: &str| Key::Day(format!("COALESCE({column}, {})", binds.one(NEVER)));
    let first = match by {
        LeadSort::Created => None,
        LeadSort::Name => Some(Key::text("l.name")),
        LeadSort::State => {
            let places =
                LeadState::ALL.iter().enumerate().map(|(n, state)| format!("WHEN '{}' THEN {n}", state.name()));
            let places = places.collect::<Vec<_>>().join(" ");
            Some(Key::Whole(format!("CAST(CASE l.state {places} END AS bigint)")))
        }
        LeadSort::Seats => Some(Key::whole("l.seats")),
        LeadSort::WantedFrom => Some(day("l.wanted_from")),
        LeadSort::NextOn => Some(day("l.next_on")),
    };
    // Ids are minted in the order of time.
    first.into_iter().chain([Key::Id("l.lead_id")]).collect()
}
