//! Rows of leases and allocations, and the conditions under which they are asked for.

use chrono::NaiveDate;
use sea_orm::QueryResult;
use voxpark_domain::ids::{AllocationId, Id, LeaseId, SeatId, TenantId};
use voxpark_domain::leasing::{
    Allocation, AllocationsOf, BookVersion, Lease, LeaseFilter, LeaseSort, LeaseState, LeaseTerms, LeaseVersion,
    PriceStep, Proration, Shift,
};
use voxpark_domain::money::{Currency, Money, TaxRate};
use voxpark_domain::time::Period;
use voxpark_domain::{Error, Result};

use crate::db::Slot;
use crate::repo::binds::Binds;
use crate::repo::estate::{covers, product};
use crate::repo::sorted::Key;
use crate::repo::{broken, get};

pub(super) const LEASE: &str = "l.lease_id, l.tenant_id, l.code, l.signed_on";
pub(super) const ALLOCATION: &str = "a.allocation_id, a.tenant_id, a.seat_id, a.lease_id, a.held_from, a.held_to,
     a.shift_from_min, a.shift_to_min, a.shift_next_min, a.recorded_at";

/// The window of an allocation.
pub(crate) fn shift(row: &QueryResult) -> Result<Shift> {
    Ok(Shift::stored(get(row, "shift_from_min")?, get(row, "shift_to_min")?, get(row, "shift_next_min")?))
}

pub(super) fn to_lease(row: &QueryResult) -> Result<Lease> {
    Ok(Lease {
        id: LeaseId::from_uuid(get(row, "lease_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        code: get(row, "code")?,
        signed_on: get(row, "signed_on")?,
        versions: Vec::new(),
    })
}

/// Later prices, as they are kept: days and minor units.
pub(crate) fn steps(row: &QueryResult, currency: Currency) -> Result<Vec<PriceStep>> {
    let steps: Vec<(NaiveDate, i64)> = serde_json::from_value(get(row, "price_steps")?).map_err(Error::internal)?;
    Ok(steps.into_iter().map(|(from, minor)| PriceStep { from, unit_price: Money::new(minor, currency) }).collect())
}

/// The price book that a version names.
fn price_book(row: &QueryResult) -> Result<Option<BookVersion>> {
    let Some(book) = get::<Option<String>>(row, "price_book")? else { return Ok(None) };
    let version = get::<Option<i64>>(row, "price_book_version")?.and_then(|version| u32::try_from(version).ok());
    let version = version.ok_or_else(|| broken("version of a price book", &book))?;
    Ok(Some(BookVersion { book, version }))
}

pub(crate) fn to_version(row: &QueryResult) -> Result<LeaseVersion> {
    let currency: String = get(row, "currency")?;
    let currency = Currency::parse(&currency).map_err(|_| broken("currency", &currency))?;
    let rate: i64 = get(row, "tax_rate_bp")?;
    let tax_rate = u32::try_from(rate).ok().and_then(|bp| TaxRate::new(bp).ok());
    let proration: String = get(row, "proration")?;
    let terms = LeaseTerms {
        term_from: get(row, "term_from")?,
        term_to: get(row, "term_to")?,
        product: product(&get::<String>(row, "product")?)?,
        unit_price: Money::new(get(row, "unit_price_minor")?, currency),
        price_steps: steps(row, currency)?,
        price_book: price_book(row)?,
        tax_rate: tax_rate.ok_or_else(|| broken("tax rate", &rate.to_string()))?,
        proration: Proration::parse(&proration).map_err(|_| broken("proration", &proration))?,
        rent_free: serde_json::from_value(get(row, "rent_free")?).map_err(Error::internal)?,
        deposit: Money::new(get(row, "deposit_minor")?, currency),
        payment_days: get(row, "payment_days")?,
    };
    Ok(LeaseVersion {
        version: get(row, "version")?,
        in_force_from: get(row, "in_force_from")?,
        terms,
        clauses: serde_json::from_value(get(row, "clauses")?).map_err(Error::internal)?,
        recorded_at: get(row, "recorded_at")?,
        reason: get(row, "reason")?,
    })
}

pub(super) fn to_allocation(row: &QueryResult) -> Result<Allocation> {
    Ok(Allocation {
        id: AllocationId::from_uuid(get(row, "allocation_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        seat: SeatId::from_uuid(get(row, "seat_id")?),
        lease: LeaseId::from_uuid(get(row, "lease_id")?),
        held: Period { from: get(row, "held_from")?, to: get(row, "held_to")? },
        shift: shift(row)?,
        recorded_at: get(row, "recorded_at")?,
    })
}

/// The condition for "all of these", with the column that tells them apart.
pub(super) fn owner(of: &[AllocationsOf], binds: &mut Binds) -> String {
    let (mut tenants, mut leases) = (Vec::new(), Vec::new());
    for one in of {
        match one {
            AllocationsOf::Tenant(id) => tenants.push(*id),
            AllocationsOf::Lease(id) => leases.push(*id),
        }
    }
    if leases.is_empty() {
        format!("a.tenant_id IN {}", binds.ids(&tenants))
    } else {
        format!("a.lease_id IN {}", binds.ids(&leases))
    }
}

/// Tenants and leases apart, each with the column that names them; a statement asks for one kind.
pub(super) fn by_owner(of: &[AllocationsOf]) -> impl Iterator<Item = (Vec<AllocationsOf>, &'static str)> {
    let (tenants, leases): (Vec<_>, Vec<_>) = of.iter().partition(|o| matches!(o, AllocationsOf::Tenant(_)));
    [(tenants, "tenant_id"), (leases, "lease_id")].into_iter().filter(|(part, _)| !part.is_empty())
}

pub(super) fn on_day(on: Option<NaiveDate>, binds: &mut Binds) -> String {
    on.map_or_else(|| "1 = 1".to_owned(), |on| covers("a.held_from", "a.held_to", &binds.one(on)))
}

/// The condition on `l` under which a lease is asked for.
pub(super) fn filtered(filter: &LeaseFilter, today: NaiveDate, binds: &mut Binds) -> (String, Vec<Slot>) {
    let (mut conditions, mut slots) = (vec!["{l}".to_owned()], vec![Slot("l", "lease")]);
    if let Some(tenant) = filter.tenant {
        conditions.push(format!("l.tenant_id = {}", binds.one(tenant.uuid())));
    }
    let mut terms = Vec::new();
    if let Some(state) = filter.state {
        let day = binds.one(today);
        terms.push(match state {
            LeaseState::Upcoming => format!("v.term_from > {day}"),
            LeaseState::Running => format!("v.term_from <= {day} AND v.term_to > {day}"),
            LeaseState::Ended => format!("v.term_to <= {day}"),
        });
    }
    if let Some(by) = filter.ends_by {
        terms.push(format!("v.term_to > {} AND v.term_to <= {}", binds.one(today), binds.one(by)));
    }
    if let Some(by) = filter.index_by {
        terms.push(format!("v.index_next <= {} AND v.index_next < v.term_to", binds.one(by)));
    }
    if !terms.is_empty() {
        let terms = terms.join(" AND ");
        // By what was agreed last.
        conditions.push(format!(
            "EXISTS (SELECT 1 FROM lease_version v WHERE {{v}} AND v.park_id = l.park_id AND v.tenant_id = l.tenant_id
              AND v.lease_id = l.lease_id AND {terms} AND NOT EXISTS (SELECT 1 FROM lease_version w WHERE {{w}}
               AND w.park_id = l.park_id AND w.tenant_id = l.tenant_id AND w.lease_id = l.lease_id AND w.version > v.version))"
        ));
        slots.extend([Slot("v", "lease_version"), Slot("w", "lease_version")]);
    }
    if filter.without_seats {
        let held = covers("a.held_from", "a.held_to", &binds.one(today));
        conditions.push(format!(
            "NOT EXISTS (SELECT 1 FROM allocation a WHERE {{a}} AND a.park_id = l.park_id AND a.tenant_id = l.tenant_id
              AND a.lease_id = l.lease_id AND {held})"
        ));
        slots.push(Slot("a", "allocation"));
    }
    (conditions.join(" AND "), slots)
}

/// What leases `l` are sorted by, and the tables that takes.
pub(super) fn sorted(
    by: LeaseSort,
    today: NaiveDate,
    slots: &mut Vec<Slot>,
    binds: &mut Binds,
) -> (Vec<Key>, &'static str) {
    let (code, last) = (Key::text("l.code"), Key::Id("l.lease_id"));
    if by == LeaseSort::Tenant {
        slots.push(Slot("st", "tenant"));
        let tenant = " JOIN tenant st ON st.park_id = l.park_id AND st.tenant_id = l.tenant_id AND {st}";
        return (vec![Key::text("st.code"), code, last], tenant);
    }
    if by == LeaseSort::Seats {
        slots.push(Slot("sa", "allocation"));
        let held = covers("sa.held_from", "sa.held_to", &binds.one(today));
        let seats = format!(
            "(SELECT COUNT(DISTINCT sa.seat_id) FROM allocation sa WHERE {{sa}} AND sa.park_id = l.park_id
              AND sa.tenant_id = l.tenant_id AND sa.lease_id = l.lease_id AND {held})"
        );
        return (vec![Key::Whole(seats), code, last], "");
    }
    let first = match by {
        LeaseSort::Tenant | LeaseSort::Seats | LeaseSort::Code => return (vec![code, last], ""),
        LeaseSort::UnitPrice => Key::whole("sv.unit_price_minor"),
        LeaseSort::TermFrom => Key::day("sv.term_from"),
        LeaseSort::TermTo => Key::day("sv.term_to"),
    };
    slots.extend([Slot("sv", "lease_version"), Slot("sw", "lease_version")]);
    let agreed =
        " JOIN lease_version sv ON sv.park_id = l.park_id AND sv.tenant_id = l.tenant_id AND sv.lease_id = l.lease_id
              AND {sv} AND NOT EXISTS (SELECT 1 FROM lease_version sw WHERE {sw} AND sw.park_id = l.park_id
               AND sw.tenant_id = l.tenant_id AND sw.lease_id = l.lease_id AND sw.version > sv.version)";
    (vec![first, code, last], agreed)
}
