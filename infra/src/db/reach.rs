//! From a context's scope to what a transaction can reach.

use std::time::Duration;

use uuid::Uuid;
use voxpark_domain::ids::Id;
use voxpark_domain::{Ctx, Scope};
use voxpark_migrations::{Access, Class, Owner, TableRule};

/// What rows a transaction can reach.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The class of caller: login role and pool on PostgreSQL.
    pub class: Class,
    /// The park.
    pub park: Option<Uuid>,
    /// The tenant of tenant staff.
    pub tenant: Option<Uuid>,
    /// The tenants of an assessor's grants.
    pub tenants: Vec<Uuid>,
    /// Who asks, for rows that are the caller's own.
    pub user: Option<Uuid>,
    /// Why the installation reads across the walls.
    pub reason: Option<&'static str>,
}

impl Reach {
    /// Of a context.
    pub fn of(ctx: &Ctx) -> Self {
        let user = ctx.actor().user.map(Id::uuid);
        let none = Self { class: Class::System, park: None, tenant: None, tenants: Vec::new(), user, reason: None };
        match ctx.scope() {
            Scope::Park(park) => Self { class: Class::Park, park: Some(park.uuid()), ..none },
            Scope::Tenant(park, tenant) => {
                Self { class: Class::Tenant, park: Some(park.uuid()), tenant: Some(tenant.uuid()), ..none }
            }
            Scope::Assessor(park, tenants) => Self {
                class: Class::Assessor,
                park: Some(park.uuid()),
                tenants: tenants.iter().map(|t| t.uuid()).collect(),
                ..none
            },
            Scope::System(reason) => Self { reason: Some(reason.name()), ..none },
        }
    }

    /// The settings that row-level security compares with: literals of parsed values, one statement.
    pub(super) fn settings(&self, patience: Duration) -> String {
        let park = self.park.map(|p| p.to_string()).unwrap_or_default();
        let tenant = self.tenant.map(|t| t.to_string()).unwrap_or_default();
        let tenants = self.tenants.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
        let user = self.user.map(|u| u.to_string()).unwrap_or_default();
        let reason = self.reason.unwrap_or_default();
        format!(
            "SET LOCAL app.park_id = '{park}'; SET LOCAL app.tenant_id = '{tenant}'; \
             SET LOCAL app.tenant_ids = '{tenants}'; SET LOCAL app.user_id = '{user}'; SET LOCAL app.reason = '{reason}'; \
             SET LOCAL statement_timeout = {}",
            patience.as_millis()
        )
    }

    /// The announcement that SQLite's write triggers compare with.
    pub(super) fn write_scope(&self) -> String {
        let blob = |id: Option<Uuid>| id.map_or_else(|| "NULL".to_owned(), |u| format!("X'{}'", u.simple()));
        let tenants = self.tenants.iter().map(|u| u.simple().to_string().to_uppercase()).collect::<Vec<_>>().join(",");
        format!(
            "UPDATE write_scope SET class = '{}', park_id = {}, tenant_id = {}, tenant_ids = '{tenants}'",
            self.class.name(),
            blob(self.park),
            blob(self.tenant),
        )
    }

    /// The condition under which a row of a table, known in the statement as `alias`, exists for this caller. This is the
    /// second wall; the database's own policies are the fourth and know nothing of it. `place` binds an id and names its
    /// place: the text is the same for every caller of a class, so that the database keeps its plan.
    pub fn condition(&self, rule: &TableRule, alias: &str, mut place: impl FnMut(Uuid) -> String) -> String {
        const NOTHING: &str = "1 = 0";
        let access = rule.access(self.class);
        if !access.reads() {
            return NOTHING.to_owned();
        }
        let mut parts = Vec::new();
        match (self.class, self.park) {
            (Class::System, _) => return "1 = 1".to_owned(),
            (_, Some(park)) => parts.push(format!("{alias}.park_id = {}", place(park))),
            (_, None) => return NOTHING.to_owned(),
        }
        match (self.class, rule.owner) {
            (_, Owner::Installation) => return NOTHING.to_owned(),
            (_, Owner::Park) | (Class::Park | Class::System, Owner::Tenant) => {}
            (Class::Park | Class::System, Owner::Either) => {
                parts.push(format!("{alias}.tenant_id = {}", place(Uuid::nil())));
            }
            (Class::Tenant, _) => match self.tenant {
                Some(tenant) => parts.push(format!("{alias}.tenant_id = {}", place(tenant))),
                None => return NOTHING.to_owned(),
            },
            (Class::Assessor, _) => {
                if self.tenants.is_empty() {
                    return NOTHING.to_owned();
                }
                let list = self.tenants.iter().copied().map(&mut place).collect::<Vec<_>>().join(", ");
                parts.push(format!("{alias}.tenant_id IN ({list})"));
            }
        }
        match access {
            Access::ReadWhere(extra) => parts.push(format!("{alias}.{extra}")),
            Access::AppendOwn(column) => match self.user {
                Some(user) => parts.push(format!("{alias}.{column} = {}", place(user))),
                None => return NOTHING.to_owned(),
            },
            _ => {}
        }
        parts.join(" AND ")
    }
}
