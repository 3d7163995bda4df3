//! Leases that go on: renewed, or handed over to another company.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;
use voxpark_domain::ids::LeaseId;
use voxpark_domain::leasing;
use voxpark_domain::platform::AuditEntry;

use super::Lease;
use crate::change::change;
use crate::error::UserError;
use crate::load::load;
use crate::node;
use crate::scalar::Date;

/// A lease that goes on with another tenant, or went on from one.
#[derive(SimpleObject, Clone)]
pub(crate) struct LeaseTransfer {
    /// The first day with the new tenant.
    pub(super) on: Date,
    /// The other lease.
    pub(super) lease: Lease,
}

/// How a lease is to go on.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseRenewInput {
    /// Which.
    lease_id: ID,
    /// The day after its last; left out by the tenant's right, which says for how long.
    term_to: Option<Date>,
    /// True: by the tenant's right to go on, in time and for no more than it says.
    by_option: Option<bool>,
    /// For a seat and month before tax from then on, in major units; as before when left out.
    unit_price: Option<String>,
    /// Why, 1 to 200 characters.
    reason: String,
    /// True: the seats that are held to the end are held as long as the lease.
    extend_seats: Option<bool>,
    /// Repeats of the same request under this key answer the same and renew nothing.
    idempotency_key: String,
}

/// What became of a renewal.
#[derive(SimpleObject, Default)]
pub(crate) struct LeaseRenewPayload {
    /// The lease.
    lease: Option<Lease>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// A lease that another company is to take over.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct LeaseTransferInput {
    /// Which.
    lease_id: ID,
    /// Who takes it over.
    to_tenant_id: ID,
    /// The code of the lease that it becomes: 1 to 30 letters, digits or - _ . /, unique for the new tenant.
    code: String,
    /// The first day with the new tenant: inside the term and not inside a month that is billed.
    on: Date,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Whether people who would still sit there lose their seats; otherwise, and when left out, they are in the way and
    /// the refusal names their seats.
    end_occupancies: Option<bool>,
    /// Repeats of the same request under this key answer the same and hand over nothing.
    idempotency_key: String,
}

/// What became of a transfer.
#[derive(SimpleObject, Default)]
pub(crate) struct LeaseTransferPayload {
    /// The lease that ends.
    from: Option<Lease>,
    /// The lease that goes on with the new tenant.
    to: Option<Lease>,
    /// How many seats go along.
    seats: Option<usize>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct RenewalMutation;

#[Object]
impl RenewalMutation {
    /// Renews a lease: adds the version of its terms that begins where it would have ended, and holds its seats for as long,
    /// when asked so.
    async fn lease_renew(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeaseRenewInput,
    ) -> async_graphql::Result<Option<LeaseRenewPayload>> {
        let wanted = input.clone();
        let done = change(gql, "leaseRenew", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let renewal = leasing::Renewal {
                    lease: node::id("leaseId", &wanted.lease_id)?,
                    term_to: wanted.term_to.map(|day| day.0),
                    by_option: wanted.by_option.unwrap_or_default(),
                    unit_price: wanted.unit_price,
                    reason: wanted.reason,
                    extend_seats: wanted.extend_seats.unwrap_or_default(),
                };
                let lease = leasing::lease_renew(tx, ctx, &renewal).await?;
                let to = lease.versions.last().map(|version| version.terms.term_to);
                let detail = serde_json::json!({ "code": lease.code, "to": to, "byOption": renewal.by_option });
                Ok((lease.id, AuditEntry::new("lease.renew", lease.id).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(id) => {
                LeaseRenewPayload { lease: load::<LeaseId>(gql, id).await?.map(Lease::from), ..Default::default() }
            }
            Err(user_errors) => LeaseRenewPayload { user_errors, ..Default::default() },
        }))
    }

    /// Hands a lease over to another company: it ends on the day, a lease of the same terms begins with the new tenant, and
    /// the seats go along.
    async fn lease_transfer(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LeaseTransferInput,
    ) -> async_graphql::Result<Option<LeaseTransferPayload>> {
        let wanted = input.clone();
        let done = change(gql, "leaseTransfer", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let transfer = leasing::Transfer {
                    lease: node::id("leaseId", &wanted.lease_id)?,
                    to: node::id("toTenantId", &wanted.to_tenant_id)?,
                    code: wanted.code,
                    on: wanted.on.0,
                    reason: wanted.reason,
                    end_occupancies: wanted.end_occupancies.unwrap_or_default(),
                };
                let done = leasing::lease_transfer(tx, ctx, &transfer).await?;
                let detail =
                    serde_json::json!({ "to": done.to, "tenant": transfer.to, "on": transfer.on, "seats": done.seats });
                Ok((done, AuditEntry::new("lease.transfer", done.from).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(done) => LeaseTransferPayload {
                from: load::<LeaseId>(gql, done.from).await?.map(Lease::from),
                to: load::<LeaseId>(gql, done.to).await?.map(Lease::from),
                seats: Some(done.seats),
                user_errors: Vec::new(),
            },
            Err(user_errors) => LeaseTransferPayload { user_errors, ..Default::default() },
        }))
    }
}
