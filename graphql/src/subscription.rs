//! Subscriptions: the answer as it is, and again whenever it has changed.
//!
//! A subscription is a query that is asked again: its resolver reads one value, says what that hangs on
//! ([`Request::watch`](crate::request::Request::watch)), and [`crate::Api::answers`] runs the whole operation again, with the caller's rights as they are by
//! then, when news of it comes. What has not changed for the caller is not said again.

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{Stream, once};
use voxpark_billing::runs::RunState;
use voxpark_domain::Ctx;
use voxpark_domain::ids::{BillingRunId, FloorId, ImportId};
use voxpark_domain::news::Topic;
use voxpark_domain::operations::import::ImportState;

use crate::billing::BillingRun;
use crate::error::Fault as _;
use crate::estate::Floor;
use crate::load::load;
use crate::operations::ContactImport;
use crate::request::Asking as _;

/// Following what changes, by graphql-ws or as server-sent events.
#[derive(Default)]
pub(crate) struct Subscription;

/// One value: there will be others when what it hangs on changes.
fn now<T: Send + 'static>(value: T) -> impl Stream<Item = T> {
    once(std::future::ready(value))
}

/// Following what changes, by graphql-ws or as server-sent events.
#[Subscription]
impl Subscription {
    /// How far an import of call records is, until it is done or has failed; null when it does not exist for the caller.
    async fn contact_import_changed(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The import.")] id: ID,
    ) -> async_graphql::Result<impl Stream<Item = Option<ContactImport>> + use<>> {
        gql.request().ctx().map_err(|e| gql.fault(&e))?;
        let import = match id.parse::<ImportId>() {
            Ok(id) => load(gql, id).await?,
            Err(_) => None,
        };
        if let Some(import) = &import
            && matches!(import.state, ImportState::Waiting | ImportState::Running)
        {
            gql.request().watch(Topic::Import(import.id));
        }
        Ok(now(import.map(ContactImport::from)))
    }

    /// How far a billing run is, until it has ended; null when it does not exist for the caller.
    async fn billing_run_changed(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The run.")] id: ID,
    ) -> async_graphql::Result<impl Stream<Item = Option<BillingRun>> + use<>> {
        gql.request().ctx().map_err(|e| gql.fault(&e))?;
        let run = match id.parse::<BillingRunId>() {
            Ok(id) => load(gql, id).await?,
            Err(_) => None,
        };
        if let Some(run) = run.as_ref().filter(|run| run.state() == RunState::Running) {
            gql.request().watch(Topic::BillingRun(run.id));
        }
        Ok(now(run.map(BillingRun::from)))
    }

    /// A floor whenever its seats are allocated, released, taken or left; null when it does not exist for the caller.
    async fn floor_changed(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The floor.")] id: ID,
    ) -> async_graphql::Result<impl Stream<Item = Option<Floor>> + use<>> {
        let park = gql.request().ctx().and_then(Ctx::park).map_err(|e| gql.fault(&e))?;
        let floor = match id.parse::<FloorId>() {
            Ok(id) => load(gql, id).await?,
            Err(_) => None,
        };
        if floor.is_some() {
            gql.request().watch(Topic::Seats(park));
        }
        Ok(now(floor.map(Floor::from)))
    }
}
