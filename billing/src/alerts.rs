//! What needs the park today, from the facts of every context: nothing of it is kept, so nothing of it can be stale. A
//! constant number of statements; each kind lists the hundred most urgent at most.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use voxpark_domain::ctx::Scope;
use voxpark_domain::estate::{self, SeatOutage};
use voxpark_domain::ids::{HoldId, InvoiceId, LeaseId, OutageId, PaperId, SeatRequestId};
use voxpark_domain::leasing::{self, HoldSort, HoldState, Lease, LeaseFilter, LeaseSort, LeaseState, SeatHold};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::papers::{self, ContractPolicy, Paper, PaperState};
use voxpark_domain::requests::{self, RequestFilter, RequestSort, RequestState, SeatRequest, Side};
use voxpark_domain::{Ctx, Error, Result};

use crate::invoicing::{self, DueState, InvoiceFilter, InvoiceSort, IssuedInvoice};
use crate::repricing::{self, Differing};
use crate::uow::Tx;

/// Days ahead that arrivals, departures and the ends of holds are pointed out.
pub const NEAR_DAYS: i64 = 7;
/// Days ahead that the end of an outage is pointed out.
pub const OUTAGE_DAYS: i64 = 3;

/// Days ahead that the review of a price by its index is pointed out.
pub const INDEX_DAYS: i64 = 30;

/// What is pointed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertKind {
    /// An invoice was priced again and did not come out as it was issued.
    InvoiceDiffers,
    /// An invoice was to be paid.
    InvoiceOverdue,
    /// The park was to act on a request.
    RequestOverdue,
    /// A request waits for the park.
    RequestWaiting,
    /// A tenant was to act on a request.
    RequestUnanswered,
    /// A lease ends within a week.
    Departure,
    /// A lease begins within a week.
    Arrival,
    /// A lease runs and nobody has a seat under it.
    LeaseWithoutSeats,
    /// A lease ends within the days that the park warns of.
    LeaseEnding,
    /// The price of a lease follows its index soon, or was to.
    IndexReview,
    /// A contract paper waits for approval.
    PaperWaiting,
    /// Seats are kept for somebody a week longer at most.
    HoldEnding,
    /// A seat is to be back in service within days.
    OutageEnding,
}

/// How much it presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It is late.
    Late,
    /// It is due soon.
    Soon,
    /// It is good to know.
    Notice,
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A lease.
    Lease(LeaseId),
    /// A request.
    Request(SeatRequestId),
    /// Seats kept for somebody.
    Hold(HoldId),
    /// A seat out of service.
    Outage(OutageId),
    /// An invoice.
    Invoice(InvoiceId),
    /// A contract paper.
    Paper(PaperId),
}

/// Something that needs the park.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What.
    pub kind: AlertKind,
    /// How much it presses.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The first day on which it is pointed out.
    pub since: NaiveDate,
    /// By when it is due.
    pub due: NaiveDate,
}

fn before(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_sub_signed(TimeDelta::days(days)).unwrap_or(day)
}

/// A lease that begins or ends soon, or has no seats.
fn of_lease(lease: &Lease, today: NaiveDate, policy: &ContractPolicy, seatless: bool) -> Option<Alert> {
    let term = lease.versions.last()?.terms.term();
    let (subject, end) = (Subject::Lease(lease.id), term.to?);
    let alert = |kind, severity, since, due| Some(Alert { kind, severity, subject, since, due });
    if seatless {
        return alert(AlertKind::LeaseWithoutSeats, Severity::Soon, term.from, term.from);
    }
    if term.from > today {
        let since = before(term.from, NEAR_DAYS);
        return (since <= today)
            .then_some(())
            .and_then(|()| alert(AlertKind::Arrival, Severity::Notice, since, term.from));
    }
    let left = (end - today).num_days();
    if left <= 0 {
        return None;
    }
    if left <= NEAR_DAYS {
        return alert(AlertKind::Departure, Severity::Soon, before(end, NEAR_DAYS), end);
    }
    let step = policy.band(left)?;
    let severity = if Some(&step) == policy.warn_days.iter().min() { Severity::Soon } else { Severity::Notice };
    alert(AlertKind::LeaseEnding, severity, before(end, step), end)
}

/// A lease whose index is to be read.
fn of_index(lease: &Lease, today: NaiveDate) -> Option<Alert> {
    let due = lease.versions.last()?.clauses.index.as_ref()?.next;
    let severity = if due < today { Severity::Late } else { Severity::Soon };
    let since = before(due, INDEX_DAYS);
    Some(Alert { kind: AlertKind::IndexReview, severity, subject: Subject::Lease(lease.id), since, due })
}

/// A request that somebody is to act on.
fn of_request(request: &SeatRequest, ctx: &Ctx) -> Option<Alert> {
    let (due, late) = (request.due_on?, request.overdue(ctx.today()));
    let (kind, severity) = match (request.state.waits_for()?, late) {
        (Side::Park, true) => (AlertKind::RequestOverdue, Severity::Late),
        (Side::Park, false) => (AlertKind::RequestWaiting, Severity::Soon),
        (Side::Tenant, true) => (AlertKind::RequestUnanswered, Severity::Notice),
        (Side::Tenant, false) => return None,
    };
    let since = request.entered_at.with_timezone(&ctx.zone()).date_naive();
    Some(Alert { kind, severity, subject: Subject::Request(request.id), since, due })
}

/// A hold that ends soon.
fn of_hold(hold: &SeatHold, ctx: &Ctx) -> Option<Alert> {
    let day = |at: DateTime<Utc>| at.with_timezone(&ctx.zone()).date_naive();
    let due = day(hold.expires_at);
    let since = before(due, NEAR_DAYS);
    let severity = if due <= ctx.today().checked_add_days(Days::new(1))? { Severity::Soon } else { Severity::Notice };
    (since <= ctx.today()).then_some(Alert {
        kind: AlertKind::HoldEnding,
        severity,
        subject: Subject::Hold(hold.id),
        since: since.max(day(hold.created_at)),
        due,
    })
}

/// A seat that is soon to be back in service.
fn of_outage(outage: &SeatOutage, today: NaiveDate) -> Option<Alert> {
    let due = outage.out.to?;
    let since = before(due, OUTAGE_DAYS).max(outage.out.from);
    (since <= today && outage.out.from <= today).then_some(Alert {
        kind: AlertKind::OutageEnding,
        severity: Severity::Notice,
        subject: Subject::Outage(outage.id),
        since,
        due,
    })
}

fn of_paper(paper: &Paper, ctx: &Ctx) -> Alert {
    let since = paper.drafted_at.with_timezone(&ctx.zone()).date_naive();
    let (kind, subject) = (AlertKind::PaperWaiting, Subject::Paper(paper.id));
    Alert { kind, severity: Severity::Soon, subject, since, due: since }
}

fn of_invoice(invoice: &IssuedInvoice) -> Alert {
    Alert {
        kind: AlertKind::InvoiceOverdue,
        severity: Severity::Late,
        subject: Subject::Invoice(invoice.id),
        since: invoice.due_on.succ_opt().unwrap_or(invoice.due_on),
        due: invoice.due_on,
    }
}

fn of_differing(found: &Differing, ctx: &Ctx) -> Alert {
    let since = found.found_at.with_timezone(&ctx.zone()).date_naive();
    let (kind, subject) = (AlertKind::InvoiceDiffers, Subject::Invoice(found.invoice));
    Alert { kind, severity: Severity::Late, subject, since, due: since }
}

/// The smallest or earliest first.
fn rising<K>(by: K) -> Sort<K> {
    Sort { by, descending: false }
}

/// What the caller may see of a list; nothing where it may not look.
fn seen<T>(found: Result<Page<T>>) -> Result<Vec<T>> {
    match found {
        Ok(page) => Ok(page.items.into_iter().map(|(_, item)| item).collect()),
        Err(Error::NotFound | Error::Forbidden) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

/// What needs the park today, the most pressing first; what the caller may not see is left out.
///
/// # Errors
/// [`Error::NotFound`] for anybody but staff of the park.
pub async fn alerts(store: &dyn Tx, ctx: &Ctx) -> Result<Vec<Alert>> {
    if !matches!(ctx.scope(), Scope::Park(_)) {
        return Err(Error::NotFound);
    }
    let (today, all) = (ctx.today(), PageRequest::full());
    let policy = &papers::contract_policy(store, ctx).await?;
    let within = today.checked_add_signed(TimeDelta::days(policy.first_warning()));
    let mut alerts = Vec::new();
    let ending = LeaseFilter { ends_by: within, ..LeaseFilter::default() };
    let ending = leasing::leases(store, ctx, &ending, rising(LeaseSort::TermTo), &all).await;
    let upcoming = LeaseFilter { state: Some(LeaseState::Upcoming), ..LeaseFilter::default() };
    let upcoming = leasing::leases(store, ctx, &upcoming, rising(LeaseSort::TermFrom), &all).await;
    alerts.extend(seen(upcoming)?.iter().filter_map(|lease| of_lease(lease, today, policy, false)));
    // One that has not begun is there already.
    let running = |lease: &&Lease| lease.state(today) == LeaseState::Running;
    alerts.extend(seen(ending)?.iter().filter(running).filter_map(|lease| of_lease(lease, today, policy, false)));
    let seatless = LeaseFilter { state: Some(LeaseState::Running), without_seats: true, ..LeaseFilter::default() };
    let seatless = leasing::leases(store, ctx, &seatless, rising(LeaseSort::TermFrom), &all).await;
    alerts.extend(seen(seatless)?.iter().filter_map(|lease| of_lease(lease, today, policy, true)));
    let index_by = today.checked_add_signed(TimeDelta::days(INDEX_DAYS));
    let indexed = LeaseFilter { state: Some(LeaseState::Running), index_by, ..LeaseFilter::default() };
    let indexed = leasing::leases(store, ctx, &indexed, rising(LeaseSort::TermTo), &all).await;
    alerts.extend(seen(indexed)?.iter().filter_map(|lease| of_index(lease, today)));
    let open = RequestState::ALL.iter().copied().filter(|state| state.is_open()).collect();
    let open = RequestFilter { states: open, ..RequestFilter::default() };
    let open = requests::requests(store, ctx, &open, rising(RequestSort::DueOn), &all).await;
    alerts.extend(seen(open)?.iter().filter_map(|request| of_request(request, ctx)));
    let drafted = papers::papers(store, ctx, Some(PaperState::Drafted), &all).await;
    alerts.extend(seen(drafted)?.iter().map(|paper| of_paper(paper, ctx)));
    let holds = leasing::holds(store, ctx, Some(HoldState::Live), rising(HoldSort::ExpiresAt), &all).await;
    alerts.extend(seen(holds)?.iter().filter_map(|hold| of_hold(hold, ctx)));
    let outages = seen(estate::outages(store, ctx, &all).await)?;
    alerts.extend(outages.iter().filter_map(|outage| of_outage(outage, today)));
    let late = InvoiceFilter { state: Some(DueState::Overdue), ..InvoiceFilter::default() };
    let late = invoicing::invoices(store, ctx, &late, rising(InvoiceSort::DueOn), &all).await;
    alerts.extend(seen(late)?.iter().map(of_invoice));
    match repricing::differing(store, ctx).await {
        Ok(found) => alerts.extend(found.iter().map(|one| of_differing(one, ctx))),
        Err(Error::NotFound | Error::Forbidden) => {}
        Err(other) => return Err(other),
    }
    alerts.sort_by_key(|alert| (alert.severity, alert.due, alert.kind));
    Ok(alerts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use voxpark_domain::ids::Id as _;
    use voxpark_domain::time::Period;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, n).expect("a date")
    }

    #[test]
    fn an_outage_is_pointed_out_when_its_end_is_near() {
        let outage = |from, to| SeatOutage {
            id: OutageId::from_uuid(uuid::Uuid::nil()),
            seat: voxpark_domain::ids::SeatId::from_uuid(uuid::Uuid::nil()),
            out: Period { from: day(from), to },
            reason: None,
        };
        assert_eq!(of_outage(&outage(1, None), day(20)), None);
        assert_eq!(of_outage(&outage(1, Some(day(24))), day(20)), None);
        assert_eq!(of_outage(&outage(1, Some(day(23))), day(20)).map(|a| (a.since, a.due)), Some((day(20), day(23))));
        assert_eq!(of_outage(&outage(21, Some(day(23))), day(20)), None);
        assert_eq!(of_outage(&outage(19, Some(day(21))), day(20)).map(|a| a.since), Some(day(19)));
    }
}
