//! `node` and `nodes`: everything with an id can be fetched again by it.

use async_graphql::{Context, ID, Interface, Object};
use voxpark_domain::ids::{
    AllocationId, AssessmentId, AuditId, BillingRunId, BookEntryId, BuildingId, CampaignId, CostEntryId, CreditNoteId,
    EmergencyId, EvidenceId, FapiaoId, FloorId, GrantId, HoldId, Id, ImportId, InvitationId, InvoiceId, JobId, LeadId,
    LeaseId, LetterId, OccupancyId, OidcLinkId, OutageId, PaperId, ParkId, PasskeyId, PaymentId, PersonId, PhotoId,
    PlatformInvoiceId, ProviderId, QueueId, QuoteId, RepricingRunId, RosterEntryId, ScheduleId, SeatAssignmentId,
    SeatId, SeatRequestId, ServiceAccountId, ServiceTokenId, SessionId, SettlementId, ShiftId, TeamId, TenantId,
    VisitId, ZoneId,
};
use voxpark_domain::{Refusal, RefusalCode};

use crate::audit::AuditEvent;
use crate::billing::{BillingRun, CreditNote, Fapiao, Invoice, Payment, PlatformInvoice, RepricingRun};
use crate::books::LedgerEntry;
use crate::cost::CostEntry;
use crate::error::Fault as _;
use crate::estate::{Building, Floor, PlacePhoto, Seat, SeatOutage, Zone};
use crate::identity::{
    self, Emergency, Grant, IdentityLink, IdentityProvider, Invitation, Letter, Passkey, ServiceAccount, ServiceToken,
    Session,
};
use crate::jobs::Job;
use crate::leasing::{Allocation, Lease, SeatHold};
use crate::load::load;
use crate::maturity::{Assessment, Evidence};
use crate::operations::{ContactImport, Queue};
use crate::papers::ContractPaper;
use crate::people::{Person, Team};
use crate::pipeline::{Lead, Quote, Visit};
use crate::request::Asking as _;
use crate::requests::SeatRequest;
use crate::schedules::Schedule;
use crate::seating::{Campaign, SeatAssignment};
use crate::settling::Settlement;
use crate::staffing::{Occupancy, RosterEntry, Shift};
use crate::tenancy::{Park, Tenant};

/// Reads an id argument of a kind.
pub(crate) fn id<I: Id + std::str::FromStr>(
    path: impl Into<std::borrow::Cow<'static, str>>,
    text: &ID,
) -> voxpark_domain::Result<I> {
    text.parse().map_err(|_| Refusal::new(RefusalCode::Invalid, "id-invalid").at(path).into())
}

macro_rules! nodes {
    ($($type:ident by $key:ident,)+ ; $($one:ident by $of:ident in $list:path,)+) => {
        /// Something that can be fetched again by its id.
        #[derive(Interface)]
        #[graphql(field(name = "id", ty = "ID", desc = "Stable id; its prefix tells the kind."))]
        pub(crate) enum Node { $($type($type),)+ $($one($one),)+ }

        async fn find(gql: &Context<'_>, text: &str) -> async_graphql::Result<Option<Node>> {
            let prefix = text.split('_').next().unwrap_or_default();
            match prefix {
                $(<$key as Id>::PREFIX => match text.parse::<$key>() {
                    Ok(key) => Ok(load(gql, key).await?.map(|v| Node::$type($type::from(v)))),
                    Err(_) => Ok(None),
                },)+
                // There are few of them, and no table that the request's own transaction reaches has them all.
                $(<$of as Id>::PREFIX => {
                    let found = $list(gql).await?.into_iter().find(|one| one.text() == text);
                    Ok(found.map(Node::$one))
                })+
                _ => Ok(None),
            }
        }
    };
}

nodes! {
    Park by ParkId,
    Tenant by TenantId,
    Grant by GrantId,
    Invitation by InvitationId,
    ServiceAccount by ServiceAccountId,
    Assessment by AssessmentId,
    Evidence by EvidenceId,
    Invoice by InvoiceId,
    BillingRun by BillingRunId,
    RepricingRun by RepricingRunId,
    Payment by PaymentId,
    CreditNote by CreditNoteId,
    PlatformInvoice by PlatformInvoiceId,
    LedgerEntry by BookEntryId,
    Fapiao by FapiaoId,
    CostEntry by CostEntryId,
    Building by BuildingId,
    Floor by FloorId,
    Zone by ZoneId,
    Seat by SeatId,
    Lease by LeaseId,
    ContractPaper by PaperId,
    Settlement by SettlementId,
    SeatHold by HoldId,
    SeatOutage by OutageId,
    PlacePhoto by PhotoId,
    Allocation by AllocationId,
    Team by TeamId,
    Person by PersonId,
    Shift by ShiftId,
    RosterEntry by RosterEntryId,
    Occupancy by OccupancyId,
    Queue by QueueId,
    ContactImport by ImportId,
    Job by JobId,
    AuditEvent by AuditId,
    Letter by LetterId,
    Lead by LeadId,
    Visit by VisitId,
    Quote by QuoteId,
    SeatRequest by SeatRequestId,
    Campaign by CampaignId,
    SeatAssignment by SeatAssignmentId,
    ;
    Session by SessionId in identity::sessions,
    Passkey by PasskeyId in identity::passkeys,
    IdentityLink by OidcLinkId in identity::links,
    IdentityProvider by ProviderId in identity::park_providers,
    ServiceToken by ServiceTokenId in identity::service_tokens,
    Emergency by EmergencyId in identity::emergencies,
    Schedule by ScheduleId in crate::schedules::all,
}

#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The thing with this id; null when it does not exist for the caller.
    async fn node(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> async_graphql::Result<Option<Node>> {
        gql.request().ctx().map_err(|e| gql.fault(&e))?;
        find(gql, &id).await
    }

    /// The things with these ids, at most 100, in the order asked; null for those that do not exist for the caller.
    async fn nodes(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The ids, at most 100.")] ids: Vec<ID>,
    ) -> async_graphql::Result<Vec<Option<Node>>> {
        gql.request().ctx().map_err(|e| gql.fault(&e))?;
        if ids.len() > 100 {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "page-size")
                .at("ids")
                .with("value", ids.len())
                .with("max", 100_i64);
            return Err(gql.fault(&refusal.into()));
        }
        futures_util::future::try_join_all(ids.iter().map(|text| find(gql, text))).await
    }
}
