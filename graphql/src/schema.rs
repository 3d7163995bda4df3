//! The schema: the contexts' parts put together.

use async_graphql::MergedObject;

use crate::api::Limits;
use crate::audit::AuditQuery;
use crate::billing::{
    BillingMutation, CreditMutation, FiscalMutation, PartiesMutation, ReceivingMutation, RepricingMutation,
    RunsMutation, SendingMutation, UsageMutation, WriteOffMutation,
};
use crate::book_costs::BookCostMutation;
use crate::books::BooksMutation;
use crate::cost::{CostMutation, CostQuery};
use crate::estate::{
    FeaturesMutation, FloorPlanMutation, OutageMutation, PhotoMutation, PlacesMutation, PlacingMutation,
};
use crate::files::FilesMutation;
use crate::identity::{
    AccountMutation, EmergencyMutation, EmergencyQuery, FactorMutation, GrantMutation, IdentityQuery, InviteMutation,
    InviteQuery, OidcMutation, OidcQuery, PasskeyMutation, PolicyMutation, PolicyQuery, ServiceAccountsMutation,
    ServiceAccountsQuery, SignInMutation,
};
use crate::jobs::{JobsMutation, JobsQuery};
use crate::leasing::{HoldMutation, IndexMutation, LeasingMutation, RenewalMutation};
use crate::maturity::{MaturityMutation, MaturityQuery};
use crate::node::NodeQuery;
use crate::operations::OperationsMutation;
use crate::papers::PaperMutation;
use crate::people::PeopleMutation;
use crate::pipeline::{PipelineMutation, QuoteMutation, VisitMutation};
use crate::price_books::PriceBookMutation;
use crate::requests::RequestMutation;
use crate::schedules::{SchedulesMutation, SchedulesQuery};
use crate::seat_days::SeatFactsMutation;
use crate::seat_plan::SeatPlanMutation;
use crate::seating::SeatingMutation;
use crate::settling::SettlementMutation;
use crate::staffing::StaffingMutation;
use crate::straight_lines::StraightLineMutation;
use crate::subscription::Subscription;
use crate::tenancy::{TenancyMutation, TenancyQuery};
use crate::throttle::Charge;

/// Reading.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    NodeQuery,
    IdentityQuery,
    InviteQuery,
    OidcQuery,
    PolicyQuery,
    ServiceAccountsQuery,
    EmergencyQuery,
    TenancyQuery,
    MaturityQuery,
    CostQuery,
    JobsQuery,
    SchedulesQuery,
    AuditQuery,
);

/// Changing.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    GrantMutation,
    SignInMutation,
    AccountMutation,
    FactorMutation,
    InviteMutation,
    OidcMutation,
    PolicyMutation,
    ServiceAccountsMutation,
    EmergencyMutation,
    PasskeyMutation,
    TenancyMutation,
    MaturityMutation,
    BillingMutation,
    RunsMutation,
    UsageMutation,
    WriteOffMutation,
    RepricingMutation,
    CreditMutation,
    BooksMutation,
    BookCostMutation,
    StraightLineMutation,
    PartiesMutation,
    SendingMutation,
    FiscalMutation,
    ReceivingMutation,
    PriceBookMutation,
    CostMutation,
    SeatPlanMutation,
    LeasingMutation,
    HoldMutation,
    RenewalMutation,
    IndexMutation,
    PaperMutation,
    SettlementMutation,
    OutageMutation,
    PlacesMutation,
    FeaturesMutation,
    FloorPlanMutation,
    PlacingMutation,
    PhotoMutation,
    PipelineMutation,
    VisitMutation,
    QuoteMutation,
    RequestMutation,
    PeopleMutation,
    StaffingMutation,
    SeatFactsMutation,
    SeatingMutation,
    OperationsMutation,
    JobsMutation,
    FilesMutation,
    SchedulesMutation,
);

pub(crate) type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

pub(crate) fn build(limits: Limits) -> Schema {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .limit_complexity(limits.complexity)
        .limit_recursive_depth(32)
        .limit_directives(5)
        .limit_aliases(limits.aliases)
        .disable_suggestions()
        .extension(Charge)
        .finish()
}

/// The schema in the schema definition language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    build(Limits::default()).sdl_with_options(async_graphql::SDLExportOptions::new().sorted_fields().sorted_arguments())
}
