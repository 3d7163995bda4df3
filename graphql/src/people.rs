//! Teams and people of a tenant: private to it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use serde::Serialize;
use voxpark_billing::uow::Tx;
use voxpark_domain::audit::Happening;
use voxpark_domain::ids::{FileId, PersonId, TeamId, TenantId};
use voxpark_domain::people;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::load::{Load, load, load_known};
use crate::node;
use crate::once::question;
use crate::page::{self, Order, Paged, counter, known, paged};
use crate::request::Asking as _;
use crate::scalar::Date;
use crate::staffing::{Occupancy, SatOn};
use crate::upload::{self, ImportMode, ImportReport, RowIssue};

/// Whether the caller is staff of this very tenant.
pub(crate) fn own(gql: &Context<'_>, tenant: TenantId) -> bool {
    gql.request().ctx().and_then(Ctx::tenant).is_ok_and(|own| own == tenant)
}

/// A team of a call centre.
#[derive(Clone)]
pub(crate) struct Team(Arc<people::Team>);

impl From<Arc<people::Team>> for Team {
    fn from(team: Arc<people::Team>) -> Self {
        Self(team)
    }
}

/// A team of a call centre.
#[Object]
impl Team {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// What lists of people call it, unique in the tenant.
    async fn code(&self) -> &str {
        &self.0.code
    }
    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

/// A person who works for a call centre.
#[derive(Clone)]
pub(crate) struct Person(Arc<people::Person>);

impl From<Arc<people::Person>> for Person {
    fn from(person: Arc<people::Person>) -> Self {
        Self(person)
    }
}

/// A person who works for a call centre.
#[Object]
impl Person {
    /// Stable id.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// The tenant's own number for the person.
    async fn employee_no(&self) -> &str {
        &self.0.employee_no
    }
    /// Name.
    async fn name(&self) -> &str {
        self.0.name.reveal()
    }
    /// What the person is employed as.
    async fn position(&self) -> &str {
        &self.0.position
    }
    /// Team, if any.
    async fn team(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Team>> {
        match self.0.team {
            Some(id) => Ok(Some(load_known(gql, id).await?.into())),
            None => Ok(None),
        }
    }
    /// First day of employment.
    async fn joined_on(&self) -> Date {
        self.0.joined_on.into()
    }
    /// The day after the last of employment; null = still employed.
    async fn left_on(&self) -> Option<Date> {
        self.0.left_on.map(Date)
    }
    /// Where the person sits.
    async fn occupancy(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "On this day; today when left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<Occupancy>> {
        let today = gql.request().ctx().map_err(|e| gql.fault(&e))?.today();
        Ok(load(gql, SatOn(self.0.id, on.map_or(today, |d| d.0))).await?.map(Occupancy::from))
    }
}

#[async_trait]
impl Load for TeamId {
    type Value = Arc<people::Team>;
    const RESOURCE: Resource = Resource::People;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.teams_by_id(keys).await?.into_iter().map(|t| (t.id, Arc::new(t))).collect())
    }
}

#[async_trait]
impl Load for PersonId {
    type Value = Arc<people::Person>;
    const RESOURCE: Resource = Resource::People;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        ctx.heard().tell(Happening::Read("people"));
        Ok(tx.people_by_id(keys).await?.into_iter().map(|p| (p.id, Arc::new(p))).collect())
    }
}

/// Which people are asked for; conditions left out do not narrow.
#[derive(InputObject)]
pub(crate) struct PersonFilter {
    /// In this team.
    team_id: Option<ID>,
    /// Employed on this day.
    on: Option<Date>,
    /// With an employee number that begins so.
    employee_no_prefix: Option<String>,
}

impl PersonFilter {
    fn read(self) -> Result<people::PersonFilter> {
        Ok(people::PersonFilter {
            team: self.team_id.as_ref().map(|t| node::id("filter.teamId", t)).transpose()?,
            on: self.on.map(|d| d.0),
            employee_no_prefix: self.employee_no_prefix.filter(|p| !p.is_empty()),
        })
    }
}

#[derive(Clone)]
pub(crate) struct TenantPeople(pub(crate) TenantId);

#[Object]
impl TenantPeople {
    /// Teams by code. Private to the tenant.
    async fn teams(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Team>> {
        if !own(gql, self.0) {
            return Ok(Vec::new());
        }
        let request = gql.request();
        let list = async { people::teams(&*request.read().await?, request.ctx()?).await };
        let list = request.once(question(gql, self.0)?, list);
        Ok(gql.or_default(list.await)?.into_iter().map(|t| Team(Arc::new(t))).collect())
    }

    /// People by employee number. Private to the tenant.
    #[graphql(complexity = "crate::page::cost(first, child_complexity)")]
    async fn people(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "Continue behind this cursor.")] after: Option<String>,
        #[graphql(desc = "What the list is narrowed down to.")] filter: Option<PersonFilter>,
        #[graphql(desc = "By what; by employee number when left out.")] order_by: Option<Order<PersonOrderField>>,
    ) -> async_graphql::Result<Paged<Person>> {
        if !own(gql, self.0) {
            return Ok(paged(None, known(0), |p| Person(Arc::new(p))));
        }
        let request = gql.request();
        let filter = filter.map_or_else(|| Ok(people::PersonFilter::default()), PersonFilter::read);
        let filter = filter.map_err(|e| gql.fault(&e))?;
        let list = async {
            let ask = page::request(first, after)?;
            people::people(&*request.read().await?, request.ctx()?, &filter, Order::read(order_by), &ask).await
        };
        let page = gql.nullable(request.once(question(gql, self.0)?, list).await)?;
        let count = counter!(gql, self.0, [filter] | ctx, tx | people::people_count(tx, ctx, &filter));
        Ok(paged(page, count, |p| Person(Arc::new(p))))
    }
}

/// What people can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "people::PersonSort")]
pub(crate) enum PersonOrderField {
    /// Their employee number.
    EmployeeNo,
    /// Their position.
    Position,
    /// The day they joined.
    JoinedOn,
    /// The day they left; those who stay come last.
    LeftOn,
}

/// A list of people: CSV or XLSX with the columns employee no (工号), name (姓名), position (岗位), joined on (入职日期),
/// and where known team (班组) and left on (离职日期), in any order.
#[derive(InputObject, Serialize)]
pub(crate) struct PeopleImportInput {
    /// The uploaded file.
    file_id: ID,
    /// What happens to the good rows when there are bad ones.
    mode: ImportMode,
    /// Tells what would become of the file and writes nothing.
    dry_run: Option<bool>,
    /// Repeats of the same request under this key answer the same and write nothing.
    idempotency_key: String,
}

/// What became of a list of people.
#[derive(SimpleObject, Default)]
pub(crate) struct PeopleImportPayload {
    /// Rows under the header, blank ones left out.
    rows: Option<usize>,
    /// People who were not known by their employee number; in a trial run, who would be added.
    added: Option<usize>,
    /// Known people of whom something changed.
    updated: Option<usize>,
    /// Rows with a fault.
    refused: Option<usize>,
    /// The faults by row, at most 1,000.
    issues: Vec<RowIssue>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct PeopleMutation;

#[Object]
impl PeopleMutation {
    /// Takes over a list of people. Who is known by employee number gets the row's name, position and first day, and its
    /// team and last day where the list has those columns; nobody is removed by being left out. Teams are made when
    /// missing. Who leaves gives up a seat held until further notice on that day.
    async fn people_import(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PeopleImportInput,
    ) -> async_graphql::Result<Option<PeopleImportPayload>> {
        let table = match upload::table(gql, Resource::People, &input.file_id, None).await? {
            Ok(table) => table,
            Err(user_errors) => return Ok(Some(PeopleImportPayload { user_errors, ..Default::default() })),
        };
        let lang = gql.request().lang();
        let done = change(gql, "peopleImport", Some(&input.idempotency_key), &input, |ctx, tx| {
            let (mode, dry_run) = (input.mode.into(), input.dry_run.unwrap_or_default());
            let file = node::id::<FileId>("fileId", &input.file_id);
            Box::pin(async move {
                let report = people::people_import(tx, ctx, &table, mode, dry_run).await?;
                let imported = ImportReport::of(&report, lang);
                let entry = AuditEntry::new("people.import", file?).with(imported.figures(dry_run));
                Ok((imported, entry))
            })
        });
        Ok(Some(match done.await? {
            Ok(done) => PeopleImportPayload {
                rows: Some(done.rows),
                added: Some(done.added),
                updated: Some(done.updated),
                refused: Some(done.refused),
                issues: done.issues,
                user_errors: Vec::new(),
            },
            Err(user_errors) => PeopleImportPayload { user_errors, ..Default::default() },
        }))
    }
}
