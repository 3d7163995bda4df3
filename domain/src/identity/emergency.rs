//! The platform operator enters a park or tenant where it has no business but in an emergency: for a reason, for a time,
//! read-only unless it asks for more, and seen by those whose place it is.

use async_trait::async_trait;
use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::client::Client;
use super::entity::{Membership, SignedIn};
use super::service::{Ports, open};
use super::store::Store;
use crate::audit::{self, AuditEntry, Owner, Seen};
use crate::bounds::Bounds;
use crate::ctx::{Ctx, Lang, Scope};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::{EmergencyId, ParkId, TenantId, UserId};
use crate::mail::{self, LetterKind, NewLetter};
use crate::permission::{Action, Resource, Role, listed};
use crate::tenancy::Park;

/// The shortest and the longest reason, characters.
pub const REASON: (usize, usize) = (20, 500);
/// The shortest and the longest entry, minutes.
pub const MINUTES: (i64, i64) = (5, 240);
/// An entry for which no time is said, minutes.
pub const DEFAULT_MINUTES: i64 = 60;

listed! {
    /// Who ended an entry before its time.
    EmergencyEnd {
        /// The platform operator.
        Operator = "operator",
        /// Those whose place it is.
        Owner = "owner",
    }
}

/// An entry in an emergency.
#[derive(Clone, Debug)]
pub struct Emergency {
    /// Its id.
    pub id: EmergencyId,
    /// Into which park.
    pub park: Park,
    /// Into which tenant, with its name; `None` = the park itself.
    pub tenant: Option<(TenantId, String)>,
    /// Who entered.
    pub operator: UserId,
    /// What the operator is called.
    pub operator_name: String,
    /// What for.
    pub reason: String,
    /// Whether anything may be changed.
    pub write: bool,
    /// Entered at.
    pub started_at: DateTime<Utc>,
    /// Over at the latest at.
    pub ends_at: DateTime<Utc>,
    /// Ended before its time at.
    pub ended_at: Option<DateTime<Utc>>,
    /// By whom.
    pub ended_by: Option<EmergencyEnd>,
}

impl Emergency {
    /// Whether it lets its operator in.
    pub fn active(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && now < self.ends_at
    }
    /// On whose record it is.
    pub fn owner(&self) -> Owner {
        Owner { park: Some(self.park.id), tenant: self.tenant.as_ref().map(|t| t.0) }
    }
    /// In whose place the operator is.
    fn place_of(&self) -> Role {
        if self.tenant.is_some() { Role::TenantManager } else { Role::ParkAdministrator }
    }
    /// What narrows the operator down.
    pub fn bounds(&self) -> Bounds {
        Bounds::Emergency { id: self.id, place_of: self.place_of(), write: self.write }
    }
    /// The operator as a member for the time of the entry.
    pub fn membership(&self) -> Membership {
        Membership {
            role: Role::PlatformOperator,
            park: self.park.clone(),
            tenant: self.tenant.clone(),
            grants: Vec::new(),
            display_name: self.operator_name.clone(),
            factor_due: false,
        }
    }
}

/// What an entry is asked to be.
#[derive(Clone, Debug)]
pub struct EmergencyDraft {
    /// Code of the park.
    pub park: String,
    /// Code of the tenant; `None` = the park itself.
    pub tenant: Option<String>,
    /// What for.
    pub reason: String,
    /// For how long, minutes.
    pub minutes: i64,
    /// Whether anything may be changed.
    pub write: bool,
}

/// Entries; what changes them, and who is to be told, needs a system scope, with which all of them are in reach.
#[async_trait]
pub trait Emergencies: Send + Sync {
    /// The latest hundred in reach, latest first.
    async fn emergencies(&self) -> Result<Vec<Emergency>>;
    /// Those in reach by id.
    async fn emergencies_by_id(&self, ids: &[EmergencyId]) -> Result<Vec<Emergency>>;
    /// Stores one.
    async fn emergency_add(&self, emergency: &Emergency) -> Result<()>;
    /// Ends one with all its sessions; `false` when it has ended.
    async fn emergency_end(&self, emergency: &Emergency, by: EmergencyEnd, now: DateTime<Utc>) -> Result<bool>;
    /// Who is to be told of an entry: administrators of the park, and managers of the tenant; each with whether it is of the
    /// tenant.
    async fn emergency_told(
        &self,
        park: ParkId,
        tenant: Option<TenantId>,
        today: NaiveDate,
    ) -> Result<Vec<(UserId, bool)>>;
}

impl EmergencyDraft {
    fn check(&self) -> Result<()> {
        let mut bad = Refusals::new();
        let length = self.reason.trim().chars().count();
        bad.when(!(REASON.0..=REASON.1).contains(&length), || {
            Refusal::new(RefusalCode::Required, "emergency-reason")
                .at("reason")
                .with("min", REASON.0)
                .with("max", REASON.1)
        });
        bad.when(!(MINUTES.0..=MINUTES.1).contains(&self.minutes), || {
            Refusal::new(RefusalCode::OutOfRange, "emergency-minutes")
                .at("minutes")
                .with("min", MINUTES.0)
                .with("max", MINUTES.1)
        });
        bad.finish()
    }
}

/// Enters a park or tenant. Whoever looks after it is told by letter, and by its console, in the same transaction (of a
/// system scope).
///
/// # Errors
/// `step-up-required`; `emergency-reason`, `emergency-minutes`; `park-unknown`, `tenant-unknown`.
pub async fn emergency_enter<S>(
    store: &S,
    ports: Ports<'_>,
    ctx: &Ctx,
    client: &Client,
    draft: &EmergencyDraft,
) -> Result<(Emergency, SignedIn)>
where
    S: Store + mail::Store + audit::Store + ?Sized,
{
    ctx.require(Action::Commit, Resource::Emergencies)?;
    ctx.require_proof()?;
    draft.check()?;
    let (operator, session) = super::session::own(ctx)?;
    let park = store.parks().await?.into_iter().find(|p| p.code == draft.park.trim());
    let park = park.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "park-unknown").at("parkCode"))?;
    let tenant = match draft.tenant.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        None => None,
        Some(code) => {
            let found = store.tenant_by_code(park.id, code).await?;
            Some(found.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "tenant-unknown").at("tenantCode"))?)
        }
    };
    let own = store.session(session).await?.ok_or(Error::Unauthenticated)?;
    let name = store.memberships(operator, ctx.now()).await?.into_iter().find(|m| m.role == own.role);
    let mut emergency = Emergency {
        id: ctx.id(),
        park,
        tenant: tenant.map(|id| (id, String::new())),
        operator,
        operator_name: name.map(|m| m.display_name).unwrap_or_default(),
        reason: draft.reason.trim().to_owned(),
        write: draft.write,
        started_at: ctx.now(),
        ends_at: ctx.now() + Duration::minutes(draft.minutes),
        ended_at: None,
        ended_by: None,
    };
    store.emergency_add(&emergency).await?;
    // With the name of the tenant.
    if let Some(stored) = store.emergencies_by_id(&[emergency.id]).await?.into_iter().next() {
        emergency = stored;
    }
    tell(store, ctx, &emergency).await?;
    let signed = open(store, ports, operator, client, ctx.proof(), emergency.membership(), Some(&emergency)).await?;
    let entry = AuditEntry::new("emergency.enter", emergency.id)
        .on(emergency.owner())
        .set("operator", Seen::of(operator))
        .set("reason", Seen::personal(emergency.reason.clone()))
        .set("write", Seen::json(emergency.write))
        .set("endsAt", Seen::of(emergency.ends_at.to_rfc3339()));
    store.audit(ctx, &entry).await?;
    Ok((emergency, signed))
}

/// Posts the letters.
async fn tell<S: Store + mail::Store + ?Sized>(store: &S, ctx: &Ctx, emergency: &Emergency) -> Result<()> {
    let (park, tenant) = (&emergency.park, emergency.tenant.as_ref());
    let today = ctx.now().with_timezone(&park.zone).date_naive();
    for (user, of_tenant) in store.emergency_told(park.id, tenant.map(|t| t.0), today).await? {
        let Some((to, lang)) = store.user_address(user).await? else { continue };
        let name = if lang == Lang::En { &park.name_en } else { &park.name };
        let until = emergency.ends_at.with_timezone(&park.zone).format("%Y-%m-%d %H:%M");
        let home = if of_tenant { "/centre/security" } else { "/park/security" };
        let facts = [
            ("park", name.clone()),
            ("place", tenant.map_or(name, |t| &t.1).clone()),
            ("operator", emergency.operator_name.clone()),
            ("reason", emergency.reason.clone()),
            ("until", until.to_string()),
            ("mode", if emergency.write { "write" } else { "read" }.to_owned()),
            ("path", home.to_owned()),
        ];
        let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let owner = mail::Owner { park: park.id, tenant: tenant.map(|t| t.0).filter(|_| of_tenant) };
        store
            .letter_post(ctx, owner, &NewLetter { kind: LetterKind::Emergency, lang, to, user: Some(user), facts })
            .await?;
    }
    Ok(())
}

/// Ends an entry before its time, and with it whatever it has open: by the platform operator, or by those whose place it is.
/// `system` finds and ends it.
///
/// # Errors
/// `emergency-unknown` when there is none for the caller, or it has ended.
pub async fn emergency_end<S: Store + audit::Store + ?Sized>(
    system: &S,
    ctx: &Ctx,
    id: EmergencyId,
) -> Result<Emergency> {
    ctx.require(Action::Write, Resource::Emergencies)?;
    let unknown = || Error::from(Refusal::new(RefusalCode::NotFound, "emergency-unknown").at("emergencyId"));
    let found = system.emergencies_by_id(&[id]).await?.into_iter().next().ok_or_else(unknown)?;
    let by = if ctx.role() == Role::PlatformOperator { EmergencyEnd::Operator } else { EmergencyEnd::Owner };
    let theirs = match ctx.scope() {
        Scope::Park(park) => found.owner() == Owner::park(*park),
        Scope::Tenant(park, tenant) => found.owner() == Owner::tenant(*park, *tenant),
        Scope::Assessor(..) | Scope::System(_) => false,
    };
    let may = theirs || (by == EmergencyEnd::Operator && *ctx.bounds() == Bounds::Role);
    if !may || !found.active(ctx.now()) || !system.emergency_end(&found, by, ctx.now()).await? {
        return Err(unknown());
    }
    let entry = AuditEntry::new("emergency.end", id).on(found.owner()).set("endedBy", Seen::of(by.name()));
    system.audit(ctx, &entry).await?;
    Ok(Emergency { ended_at: Some(ctx.now()), ended_by: Some(by), ..found })
}

/// The entries of the caller's park or tenant; for the platform operator, of all of them (`store` has a system scope then).
///
/// # Errors
/// [`Error::NotFound`] without permission.
pub async fn emergencies<S: Emergencies + ?Sized>(store: &S, ctx: &Ctx) -> Result<Vec<Emergency>> {
    ctx.require(Action::Read, Resource::Emergencies)?;
    store.emergencies().await
}
