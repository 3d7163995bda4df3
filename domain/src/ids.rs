//! Typed ids: a newtype a kind over UUIDv7, with a prefix in text.
//!
//! The text form is `<prefix>_<32 hex digits>`; a wrong prefix does not parse, so an id of another kind can never be
//! used by mistake. There is no default and no public way to mint one but [`crate::Ctx::id`] and
//! [`crate::time::Env::id`], which take clock and randomness from outside. UUIDv7 tells when it was made; that is known and accepted.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// What every typed id can do.
pub trait Id: Copy + Eq + Ord + std::hash::Hash + fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// The prefix of the text form.
    const PREFIX: &'static str;
    /// Wraps a raw value (repositories only).
    fn from_uuid(raw: Uuid) -> Self;
    /// The raw value.
    fn uuid(self) -> Uuid;
}

/// The text is not an id of this kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {0} id")]
pub struct ParseIdError(pub &'static str);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
            #[serde(try_from = "String", into = "String")]
            pub struct $name(Uuid);

            impl Id for $name {
                const PREFIX: &'static str = $prefix;
                fn from_uuid(raw: Uuid) -> Self { Self(raw) }
                fn uuid(self) -> Uuid { self.0 }
            }
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, "{}_{}", $prefix, self.0.simple())
                }
            }
            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
            }
            impl FromStr for $name {
                type Err = ParseIdError;
                fn from_str(text: &str) -> Result<Self, ParseIdError> {
                    let raw = text.strip_prefix($prefix).and_then(|t| t.strip_prefix('_')).ok_or(ParseIdError($prefix))?;
                    if raw.len() != 32 { return Err(ParseIdError($prefix)); }
                    Uuid::try_parse(raw).map(Self).map_err(|_| ParseIdError($prefix))
                }
            }
            impl TryFrom<String> for $name {
                type Error = ParseIdError;
                fn try_from(text: String) -> Result<Self, ParseIdError> { text.parse() }
            }
            impl From<$name> for String {
                fn from(id: $name) -> Self { id.to_string() }
            }
        )+
        /// Every prefix in use; a test keeps them distinct.
        pub const PREFIXES: &[&str] = &[$($prefix),+];
    };
}

ids! {
    /// A person who can sign in.
    UserId = "user";
    /// A signed-in session (its refresh token can be revoked).
    SessionId = "sess";
    /// A park: the outer isolation boundary.
    ParkId = "park";
    /// A tenant: one call centre in one park, the inner isolation boundary.
    TenantId = "tenant";
    /// A dated permission of an assessor.
    GrantId = "grant";
    /// A grant on every park of a region.
    RegionGrantId = "regiongrant";
    /// A service account: a program of a park or tenant.
    ServiceAccountId = "svc";
    /// A token of a service account.
    ServiceTokenId = "svctok";
    /// An emergency entry of the platform operator.
    EmergencyId = "emergency";
    /// An invitation to join.
    InvitationId = "invite";
    /// A letter by mail.
    LetterId = "letter";
    /// Another system that says who somebody is.
    ProviderId = "idp";
    /// That an account is known to such a system.
    OidcLinkId = "oidc";
    /// A passkey of an account.
    PasskeyId = "passkey";
    /// A building.
    BuildingId = "bldg";
    /// A floor.
    FloorId = "floor";
    /// A zone of a floor.
    ZoneId = "zone";
    /// A seat.
    SeatId = "seat";
    /// Where a seat was and what it was called there.
    SeatPlaceId = "place";
    /// What a zone was called.
    ZoneNameId = "zname";
    /// What lies under the seats of a floor from a day on.
    FloorPlanId = "fplan";
    /// A photograph of a zone or seat.
    PhotoId = "photo";
    /// A lease.
    LeaseId = "lease";
    /// What the two sides of a lease sign.
    PaperId = "paper";
    /// What the two sides of a lease owe each other when it ends.
    SettlementId = "settle";
    /// An allocation of one seat to one tenant.
    AllocationId = "alloc";
    /// An entry of the append-only seat ledger.
    LedgerEntryId = "sledg";
    /// An entry of the books.
    BookEntryId = "bentry";
    /// A billing run.
    BillingRunId = "brun";
    /// Past invoices priced again.
    RepricingRunId = "rrun";
    /// A credit note.
    CreditNoteId = "cnote";
    /// Seats kept for somebody while an offer is open.
    HoldId = "hold";
    /// A seat of a hold.
    HeldSeatId = "held";
    /// Days on which a seat cannot be used.
    OutageId = "outage";
    /// A request of a tenant to its park for seats.
    SeatRequestId = "sreq";
    /// A company that may become a tenant.
    LeadId = "lead";
    /// A visit of such a company.
    VisitId = "visit";
    /// One version of a quote.
    QuoteId = "quote";
    /// Work of a tenant for a client.
    CampaignId = "campaign";
    /// A seat that a tenant gives to a team or campaign.
    SeatAssignmentId = "assign";
    /// A team of a tenant.
    TeamId = "team";
    /// A person who works for a tenant.
    PersonId = "person";
    /// A shift pattern of a tenant.
    ShiftId = "shift";
    /// A rostered shift of a person on a day.
    RosterEntryId = "roster";
    /// A person sitting on a seat for a period.
    OccupancyId = "occ";
    /// A queue (line of work) of a tenant.
    QueueId = "queue";
    /// One import of a file of any kind.
    ImportId = "import";
    /// One contact (call).
    ContactId = "contact";
    /// A stored file.
    FileId = "file";
    /// A background job.
    JobId = "job";
    /// When a park has some work done by itself.
    ScheduleId = "sched";
    /// An assessment of a tenant by a framework.
    AssessmentId = "assess";
    /// A piece of evidence.
    EvidenceId = "evid";
    /// An invoice.
    InvoiceId = "inv";
    /// A payment.
    PaymentId = "pay";
    /// What became of a payment.
    PaymentActId = "pact";
    /// A debt that was given up, or asked for again.
    WriteOffId = "woff";
    /// A bill of the operator to a park.
    PlatformInvoiceId = "plinv";
    /// A payment of such a bill.
    PlatformPaymentId = "plpay";
    /// A figure of a meter.
    UsageId = "usage";
    /// A fapiao on record.
    FapiaoId = "fapiao";
    /// How a side of an invoice is called from a day on.
    BillingProfileId = "bprofile";
    /// A cost entry of a tenant's month.
    CostEntryId = "cost";
    /// A row of the audit log.
    AuditId = "audit";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_distinct_and_wrong_ones_do_not_parse() {
        let mut sorted = PREFIXES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), PREFIXES.len());
        let seat = SeatId::from_uuid(Uuid::from_u128(7));
        assert_eq!(seat.to_string(), "seat_00000000000000000000000000000007");
        assert_eq!(seat.to_string().parse::<SeatId>(), Ok(seat));
        assert!(seat.to_string().parse::<ZoneId>().is_err());
        assert!("seat_7".parse::<SeatId>().is_err());
        assert!("seat_00000000-0000-0000-0000-000000000007".parse::<SeatId>().is_err());
    }
}
