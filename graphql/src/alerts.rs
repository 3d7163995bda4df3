//! What needs the park today.

use async_graphql::{Context, Enum, ID, Object};
use voxpark_billing::alerts::{self, Subject};

use crate::billing::Invoice;
use crate::error::Fault as _;
use crate::estate::SeatOutage;
use crate::leasing::{Lease, SeatHold};
use crate::load::load;
use crate::papers::ContractPaper;
use crate::request::Asking as _;
use crate::requests::SeatRequest;
use crate::scalar::Date;

/// What is pointed out to a park.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "alerts::AlertKind")]
pub(crate) enum AlertKind {
    /// An invoice was priced again as it was known then, and did not come out as it was issued.
    InvoiceDiffers,
    /// An invoice was to be paid.
    InvoiceOverdue,
    /// The park was to act on a request.
    RequestOverdue,
    /// A request waits for the park.
    RequestWaiting,
    /// A tenant was to act on a request.
    RequestUnanswered,
    /// A lease ends within 7 days.
    Departure,
    /// A lease begins within 7 days.
    Arrival,
    /// A lease runs and nobody has a seat under it.
    LeaseWithoutSeats,
    /// A lease ends within the days that the park warns of; 90 unless it set others.
    LeaseEnding,
    /// The price of a lease follows its index within 30 days, or was to.
    IndexReview,
    /// A contract paper waits for approval.
    PaperWaiting,
    /// Seats are kept for somebody 7 days longer at most.
    HoldEnding,
    /// A seat is to be back in service within 3 days.
    OutageEnding,
}

/// How much something presses.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "alerts::Severity")]
pub(crate) enum AlertSeverity {
    /// It is late.
    Late,
    /// It is due soon.
    Soon,
    /// It is good to know.
    Notice,
}

/// Something that needs the park. It follows from the facts and is gone when they are mended.
pub(crate) struct Alert(alerts::Alert);

/// Something that needs the park. It follows from the facts and is gone when they are mended.
#[Object]
impl Alert {
    /// What.
    async fn kind(&self) -> AlertKind {
        self.0.kind.into()
    }
    /// How much it presses.
    async fn severity(&self) -> AlertSeverity {
        self.0.severity.into()
    }
    /// The id of what it is about, for `node`; one of the fields below has it.
    async fn subject_id(&self) -> ID {
        match self.0.subject {
            Subject::Lease(id) => id.to_string(),
            Subject::Request(id) => id.to_string(),
            Subject::Hold(id) => id.to_string(),
            Subject::Outage(id) => id.to_string(),
            Subject::Invoice(id) => id.to_string(),
            Subject::Paper(id) => id.to_string(),
        }
        .into()
    }
    /// The lease it is about; null when it is about something else.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Lease>> {
        match self.0.subject {
            Subject::Lease(id) => Ok(load(gql, id).await?.map(Lease::from)),
            _ => Ok(None),
        }
    }
    /// The request it is about; null when it is about something else.
    async fn request(&self, gql: &Context<'_>) -> async_graphql::Result<Option<SeatRequest>> {
        match self.0.subject {
            Subject::Request(id) => Ok(load(gql, id).await?.map(SeatRequest::from)),
            _ => Ok(None),
        }
    }
    /// The hold it is about; null when it is about something else.
    async fn hold(&self, gql: &Context<'_>) -> async_graphql::Result<Option<SeatHold>> {
        match self.0.subject {
            Subject::Hold(id) => Ok(load(gql, id).await?.map(SeatHold::from)),
            _ => Ok(None),
        }
    }
    /// The seat out of service that it is about; null when it is about something else.
    async fn outage(&self, gql: &Context<'_>) -> async_graphql::Result<Option<SeatOutage>> {
        match self.0.subject {
            Subject::Outage(id) => Ok(load(gql, id).await?.map(SeatOutage::from)),
            _ => Ok(None),
        }
    }
    /// The invoice it is about; null when it is about something else.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        match self.0.subject {
            Subject::Invoice(id) => Ok(load(gql, id).await?.map(Invoice::from)),
            _ => Ok(None),
        }
    }
    /// The contract paper it is about; null when it is about something else.
    async fn paper(&self, gql: &Context<'_>) -> async_graphql::Result<Option<ContractPaper>> {
        match self.0.subject {
            Subject::Paper(id) => Ok(load(gql, id).await?.map(ContractPaper::from)),
            _ => Ok(None),
        }
    }
    /// The first day on which it is pointed out.
    async fn since(&self) -> Date {
        self.0.since.into()
    }
    /// The day by which it is due.
    async fn due(&self) -> Date {
        self.0.due.into()
    }
}

/// What needs a park today.
#[derive(Clone)]
pub(crate) struct ParkAlerts;

/// What needs a park today.
#[Object]
impl ParkAlerts {
    /// What needs the park today, the most pressing first, at most 100 of each kind; for its staff, as far as each may see.
    /// Computed from the facts in a constant number of statements; nothing of it is kept.
    #[graphql(complexity = "50 * child_complexity")]
    async fn alerts(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Alert>> {
        let request = gql.request();
        let found = async { alerts::alerts(&*request.read().await?, request.ctx()?).await };
        Ok(gql.or_default(found.await)?.into_iter().map(Alert).collect())
    }
}
