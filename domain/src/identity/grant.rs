//! Grants: what lets an assessor or statistics officer in, what it opens, and the declaration of interests that comes first.
//!
//! A grant opens nothing until its holder has declared, for the tenants there were then, with which of them it has an
//! interest: those stay closed to it, and tenants that came later ask for another declaration. ISO/IEC 17020, 4.1 and
//! ISO 19011, 4 (independence) ask for the declaration before the work.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::store::Store;
use crate::audit::{Happening, Seen};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{GrantId, Id as _, RegionGrantId, TenantId, UserId};
use crate::page::{Page, PageRequest};
use crate::permission::{Action, Resource, Role, listed};

listed! {
    /// What a grant lets its holder do.
    Ability {
        /// See submitted assessments with their figures, and the list of their evidence.
        Read = "read",
        /// Rate and conclude.
        Rate = "rate",
        /// Open the records behind the figures: the content of evidence.
        Sample = "sample",
    }
}

/// What a grant lets its holder do; reading always belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abilities(BTreeSet<Ability>);

impl Abilities {
    /// These, and reading.
    pub fn new(list: impl IntoIterator<Item = Ability>) -> Self {
        Self(list.into_iter().chain([Ability::Read]).collect())
    }
    /// All there are.
    pub fn all() -> Self {
        Self::new(Ability::ALL.iter().copied())
    }
    /// Whether it is among them.
    pub fn has(&self, ability: Ability) -> bool {
        self.0.contains(&ability)
    }
    /// One by one, in order.
    pub fn iter(&self) -> impl Iterator<Item = Ability> + '_ {
        self.0.iter().copied()
    }
    /// With those of another grant.
    pub fn join(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
    /// As it is kept: names in order, a space between.
    pub fn text(&self) -> String {
        self.iter().map(Ability::name).collect::<Vec<_>>().join(" ")
    }
    /// From what [`text`](Self::text) made; `None` when a name is unknown.
    pub fn parse(text: &str) -> Option<Self> {
        text.split_whitespace().map(Ability::from_name).collect::<Option<Vec<_>>>().map(Self::new)
    }
}

/// A dated permission of an assessor or statistics officer.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who holds it.
    pub user: UserId,
    /// The holder's name.
    pub display_name: String,
    /// In which role.
    pub role: Role,
    /// On which tenant; `None` = every tenant of the park.
    pub tenant: Option<TenantId>,
    /// What for.
    pub purpose: String,
    /// What it lets its holder do.
    pub abilities: Abilities,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// Taken back at.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The grant on a whole region that it is this park's part of, and the region's code.
    pub region: Option<(RegionGrantId, String)>,
    /// The holder last declared its interests at.
    pub declared_at: Option<DateTime<Utc>>,
}

/// What a grant is for and how far it goes, whoever will hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantTerms {
    /// What for; 1-200 characters.
    pub purpose: String,
    /// What it lets its holder do.
    pub abilities: Abilities,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

impl GrantTerms {
    /// The longest a grant may run, days.
    pub const MAX_DAYS: i64 = 366;

    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// All refusals at once: `grant-role`, `grant-officer-tenant`, `grant-officer-abilities`, `text-required`,
    /// `period-empty`, `grant-too-long`.
    pub fn check(&self, role: Role, tenant: Option<TenantId>) -> Result<()> {
        let mut bad = Refusals::new();
        bad.when(!matches!(role, Role::Assessor | Role::StatisticsOfficer), || {
            Refusal::new(RefusalCode::Invalid, "grant-role").at("role")
        });
        // An officer sees figures of a park, in which no tenant can be told.
        let officer = role == Role::StatisticsOfficer;
        bad.when(officer && tenant.is_some(), || {
            Refusal::new(RefusalCode::Invalid, "grant-officer-tenant").at("tenantId")
        });
        bad.when(officer && self.abilities != Abilities::new([]), || {
            Refusal::new(RefusalCode::Invalid, "grant-officer-abilities").at("abilities")
        });
        bad.when(self.purpose.trim().is_empty() || self.purpose.chars().count() > 200, || {
            Refusal::new(RefusalCode::Required, "text-required").at("purpose").with("max", 200_i64)
        });
        let days = (self.to - self.from).num_days();
        bad.when(days <= 0, || {
            Refusal::new(RefusalCode::OutOfRange, "period-empty")
                .at("validTo")
                .with("from", self.from)
                .with("to", self.to)
        });
        bad.when(days > Self::MAX_DAYS, || {
            Refusal::new(RefusalCode::OutOfRange, "grant-too-long").at("validTo").with("max", Self::MAX_DAYS)
        });
        bad.finish()
    }
}

/// What a grant is asked to be.
#[derive(Clone, Debug)]
pub struct GrantDraft {
    /// Mail address of an existing user.
    pub email: String,
    /// Assessor or statistics officer.
    pub role: Role,
    /// On which tenant; `None` = every tenant of the park.
    pub tenant: Option<TenantId>,
    /// What for and how far.
    pub terms: GrantTerms,
}

/// A grant in force, as its holder's membership carries it.
#[derive(Clone, Debug)]
pub struct Hold {
    /// The grant.
    pub id: GrantId,
    /// On which tenant; `None` = every tenant of the park.
    pub tenant: Option<TenantId>,
    /// What it lets its holder do.
    pub abilities: Abilities,
    /// The holder last declared its interests at; before that it opens nothing.
    pub declared_at: Option<DateTime<Utc>>,
    /// The tenants with which the holder then had an interest.
    pub recused: Vec<TenantId>,
}

/// What the grants of a membership open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Tenants, with what may be done to each.
    pub tenants: BTreeMap<TenantId, Abilities>,
    /// Whether a grant on the whole park is open: figures of the park as a whole.
    pub park: bool,
}

impl Opened {
    /// Of some grants; `tenants` are those of the park, each with the instant since when it is there.
    pub fn by(holds: &[Hold], tenants: &[(TenantId, DateTime<Utc>)]) -> Self {
        let mut opened = Self::default();
        for hold in holds {
            let Some(declared) = hold.declared_at else { continue };
            opened.park |= hold.tenant.is_none();
            let covered = tenants.iter().filter(|(t, _)| hold.tenant.is_none_or(|one| one == *t));
            for (tenant, _) in covered.filter(|(t, since)| *since <= declared && !hold.recused.contains(t)) {
                let known = opened.tenants.entry(*tenant).or_insert_with(|| Abilities::new([]));
                known.join(&hold.abilities);
            }
        }
        opened
    }
}

/// Which wording of the declaration is in force: holders declare by it, and it is kept with what they declared.
pub const STATEMENT: &str = "2026-1";
/// The longest reason of a recusal, characters.
const MAX_REASON: usize = 500;

/// A tenant with which the holder of a grant has an interest, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recusal {
    /// The tenant, which the grant does not open.
    pub tenant: TenantId,
    /// The interest, in the holder's words; 1-500 characters. Personal data.
    pub reason: String,
}

/// A tenant that a grant covers, for its holder to declare about.
#[derive(Clone, Debug)]
pub struct Covered {
    /// The tenant.
    pub id: TenantId,
    /// Its name in Chinese.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// In the park since.
    pub since: DateTime<Utc>,
}

/// What a grant opens of a tenant that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// It is open.
    Open,
    /// Its holder declared an interest.
    Recused,
    /// Its holder has not declared since the tenant is there.
    Undeclared,
}

impl Hold {
    fn cover(&self, tenant: &Covered) -> Cover {
        match self.declared_at {
            Some(at) if tenant.since <= at && self.recused.contains(&tenant.id) => Cover::Recused,
            Some(at) if tenant.since <= at => Cover::Open,
            _ => Cover::Undeclared,
        }
    }
}

/// The grants that the caller acts under, each with the tenants that it covers, by code. Read with a system scope: a role
/// that needs grants may not read those of others, and before the declaration nothing of a tenant is open but its name.
///
/// # Errors
/// None but those of the store.
pub async fn own_grants(system: &dyn Store, ctx: &Ctx, holds: &[Hold]) -> Result<Vec<(Grant, Vec<(Covered, Cover)>)>> {
    if ctx.actor().grants.is_empty() {
        return Ok(Vec::new());
    }
    let mut grants = system.grants_by_id(&ctx.actor().grants).await?;
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.id));
    let all = system.grant_covers(ctx.park()?, None).await?;
    let covers = |grant: &Grant| {
        let hold = holds.iter().find(|h| h.id == grant.id);
        let covered = all.iter().filter(|t| grant.tenant.is_none_or(|one| one == t.id));
        covered.map(|t| (t.clone(), hold.map_or(Cover::Undeclared, |h| h.cover(t)))).collect()
    };
    Ok(grants.into_iter().map(|grant| (grant.clone(), covers(&grant))).collect())
}

async fn own(system: &dyn Store, ctx: &Ctx, id: GrantId) -> Result<Grant> {
    let held = ctx.actor().grants.contains(&id);
    let found = if held { system.grants_by_id(&[id]).await?.into_iter().next() } else { None };
    found.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "grant-unknown").at("grantId").into())
}

/// The holder of a grant declares with which of the tenants that were there at an instant, when it was shown them, it has an
/// interest; those that came later wait for another declaration. Declaring again replaces what was declared, and nothing of
/// it is lost.
///
/// # Errors
/// `grant-unknown` for any but the caller's own grants in force, `grant-statement-old` when another wording is in force,
/// `tenant-unknown` for one that the grant does not cover, `grant-tenant-doubled`, `text-required`.
pub async fn grant_declare(
    system: &dyn Store,
    ctx: &Ctx,
    id: GrantId,
    statement: &str,
    as_of: DateTime<Utc>,
    recusals: &[Recusal],
) -> Result<Grant> {
    let mut grant = own(system, ctx, id).await?;
    let as_of = as_of.min(ctx.now());
    let covered = system.grant_covers(ctx.park()?, grant.tenant).await?;
    let mut bad = Refusals::new();
    bad.when(statement != STATEMENT, || Refusal::new(RefusalCode::Conflict, "grant-statement-old").at("statement"));
    for (n, recusal) in recusals.iter().enumerate() {
        let at = |field: &str| format!("interests.{n}.{field}");
        bad.when(!covered.iter().any(|t| t.id == recusal.tenant), || {
            Refusal::new(RefusalCode::NotFound, "tenant-unknown").at(at("tenantId"))
        });
        bad.when(recusals.iter().take(n).any(|r| r.tenant == recusal.tenant), || {
            Refusal::new(RefusalCode::Duplicate, "grant-tenant-doubled").at(at("tenantId"))
        });
        let reason = recusal.reason.trim();
        bad.when(reason.is_empty() || reason.chars().count() > MAX_REASON, || {
            Refusal::new(RefusalCode::Required, "text-required").at(at("reason")).with("max", MAX_REASON)
        });
    }
    bad.finish()?;
    system.grant_declare(ctx, &grant, statement, recusals, as_of).await?;
    let heard = ctx.heard();
    heard.changed("declaredAt", Seen::maybe(grant.declared_at.map(|t| t.to_rfc3339())), Seen::of(as_of.to_rfc3339()));
    heard.set("statement", Seen::of(statement));
    for recusal in recusals {
        heard.set(format!("recusal {}", recusal.tenant), Seen::personal(recusal.reason.trim()));
    }
    grant.declared_at = Some(as_of);
    Ok(grant)
}

/// The grants of the park, for its administrator.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn grants(store: &dyn Store, ctx: &Ctx, page: &PageRequest) -> Result<Page<Grant>> {
    ctx.require(Action::Read, Resource::Access)?;
    store.grants(page).await
}

/// Grants an assessor access. `system` finds the user (users belong to no park), `store` writes the grant.
///
/// # Errors
/// Those of [`GrantTerms::check`]; `user-unknown`.
pub async fn grant_create(store: &dyn Store, system: &dyn Store, ctx: &Ctx, draft: GrantDraft) -> Result<Grant> {
    ctx.require(Action::Commit, Resource::Access)?;
    ctx.require_proof()?;
    draft.terms.check(draft.role, draft.tenant)?;
    let (user, display_name) = system
        .user_name(draft.email.trim())
        .await?
        .ok_or_else(|| Refusal::new(RefusalCode::NotFound, "user-unknown").at("assessorEmail"))?;
    let grant = draft.terms.grant(ctx.id(), user, display_name, draft.role, draft.tenant);
    store.grant_add(ctx.park()?, &grant, ctx.now()).await?;
    for (field, seen) in grant.seen() {
        ctx.heard().set(field, seen);
    }
    Ok(grant)
}

impl GrantTerms {
    /// The grant to somebody on these terms.
    pub fn grant(
        &self,
        id: GrantId,
        user: UserId,
        display_name: String,
        role: Role,
        tenant: Option<TenantId>,
    ) -> Grant {
        Grant {
            id,
            user,
            display_name,
            role,
            tenant,
            purpose: self.purpose.trim().to_owned(),
            abilities: self.abilities.clone(),
            from: self.from,
            to: self.to,
            revoked_at: None,
            region: None,
            declared_at: None,
        }
    }
}

impl Grant {
    /// What the audit log keeps of a new one.
    pub fn seen(&self) -> Vec<(&'static str, Seen)> {
        vec![
            ("user", Seen::of(self.user)),
            ("role", Seen::of(self.role.name())),
            ("tenant", Seen::maybe(self.tenant)),
            ("region", Seen::maybe(self.region.as_ref().map(|r| &r.1))),
            ("purpose", Seen::personal(self.purpose.clone())),
            ("abilities", Seen::of(self.abilities.text())),
            ("validFrom", Seen::of(self.from)),
            ("validTo", Seen::of(self.to)),
        ]
    }
}

/// Takes a grant back at once.
///
/// # Errors
/// `grant-unknown` when there is none or it was taken back before; `grant-of-region` when it is part of a grant on a region,
/// which the installation's operator takes back.
pub async fn grant_revoke(store: &dyn Store, ctx: &Ctx, id: GrantId) -> Result<Grant> {
    ctx.require(Action::Commit, Resource::Access)?;
    ctx.require_proof()?;
    let found = store.grants_by_id(&[id]).await?.into_iter().next();
    if let Some((_, region)) = found.and_then(|grant| grant.region) {
        return Err(Refusal::new(RefusalCode::State, "grant-of-region").at("grantId").with("region", region).into());
    }
    if !store.grant_revoke(ctx.park()?, id, ctx.now()).await? {
        return Err(Refusal::new(RefusalCode::NotFound, "grant-unknown").at("grantId").into());
    }
    ctx.heard().set("revokedAt", Seen::of(ctx.now().to_rfc3339()));
    let found = store.grants_by_id(&[id]).await?;
    found.into_iter().next().ok_or_else(|| Error::internal(format!("grant {} vanished", id.uuid())))
}

/// The interests that the holders of some grants last declared, for the park that gave them.
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn recusals(store: &dyn Store, ctx: &Ctx, of: &[GrantId]) -> Result<Vec<(GrantId, Recusal)>> {
    ctx.require(Action::Read, Resource::Access)?;
    let found = store.recusals(of).await?;
    if !found.is_empty() {
        ctx.heard().tell(Happening::Read("declared interests"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(n: u128) -> TenantId {
        TenantId::from_uuid(uuid::Uuid::from_u128(n))
    }
    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::Duration::days(n)
    }
    fn hold(on: Option<u128>, abilities: Abilities, declared: Option<i64>, recused: &[u128]) -> Hold {
        Hold {
            id: GrantId::from_uuid(uuid::Uuid::from_u128(9)),
            tenant: on.map(tenant),
            abilities,
            declared_at: declared.map(day),
            recused: recused.iter().map(|n| tenant(*n)).collect(),
        }
    }

    #[test]
    fn nothing_is_open_before_the_declaration_and_nothing_that_it_closed_or_did_not_know() {
        let tenants = [(tenant(1), day(0)), (tenant(2), day(0)), (tenant(3), day(20))];
        let all = || Abilities::all();
        assert_eq!(Opened::by(&[hold(None, all(), None, &[])], &tenants), Opened::default());
        let opened = Opened::by(&[hold(None, all(), Some(10), &[2])], &tenants);
        assert_eq!(opened.tenants.keys().copied().collect::<Vec<_>>(), [tenant(1)]);
        assert!(opened.park);
        // A recusal of one grant is none of another; abilities join tenant by tenant.
        let two = [hold(Some(2), Abilities::new([]), Some(5), &[]), hold(None, all(), Some(10), &[2])];
        let opened = Opened::by(&two, &tenants);
        assert!(!opened.tenants[&tenant(2)].has(Ability::Rate) && opened.tenants[&tenant(1)].has(Ability::Rate));
    }

    #[test]
    fn abilities_always_hold_reading_and_keep_their_names() {
        for text in ["read", "read rate", "read sample", "read rate sample"] {
            assert_eq!(Abilities::parse(text).expect("names").text(), text);
        }
        assert_eq!(Abilities::parse("rate").expect("a name").text(), "read rate");
        assert_eq!(Abilities::parse("write"), None);
    }

    #[test]
    fn officers_get_figures_of_whole_parks() {
        let terms = GrantTerms {
            purpose: "统计".to_owned(),
            abilities: Abilities::all(),
            from: day(0).date_naive(),
            to: day(30).date_naive(),
        };
        let Err(Error::Refused(list)) = terms.check(Role::StatisticsOfficer, Some(tenant(1))) else {
            panic!("refused");
        };
        assert_eq!(
            list.iter().map(|r| r.rule).collect::<Vec<_>>(),
            ["grant-officer-tenant", "grant-officer-abilities"]
        );
        assert!(terms.check(Role::Assessor, Some(tenant(1))).is_ok());
    }
}
