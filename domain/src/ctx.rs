//! Who acts, for which park and tenant, under which grant, since when: the first argument of every use case.
//!
//! A [`Ctx`] is built in one place (the identity context, from a verified session; jobs from their own row). No
//! function above the database room takes a park or tenant id to scope by: scope comes from here.

use chrono::{DateTime, NaiveDate, Utc};

use crate::audit::{Happening, Heard};
use crate::bounds::Bounds;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::identity::{Ability, Opened, Proof};
use crate::ids::{GrantId, Id, ParkId, SessionId, TenantId, UserId};
use crate::permission::{Action, Resource, Role};
use crate::time::Env;

/// The language of messages and documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum Lang {
    /// Simplified Chinese, the first language of the product.
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Lang {
    /// BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
    /// The best match of a tag or an `Accept-Language` header.
    pub fn negotiate(header: &str) -> Self {
        for part in header.split(',') {
            let tag = part.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
            if tag.starts_with("zh") {
                return Self::Zh;
            }
            if tag.starts_with("en") {
                return Self::En;
            }
        }
        Self::default()
    }
}

/// What rows a caller's transaction can reach. The database room turns it into the query filter (wall 2) and the
/// session settings of row-level security (wall 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Staff of one park.
    Park(ParkId),
    /// Staff of one tenant.
    Tenant(ParkId, TenantId),
    /// A government assessor inside one park, with the tenants its current grants name.
    Assessor(ParkId, Vec<TenantId>),
    /// The installation itself, across parks: sign-in, claiming jobs, provisioning. Each use names its reason.
    System(SystemReason),
}

/// Why the installation reads across the walls. The list is closed and its uses are counted by a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemReason {
    /// Looking up a user, a session or a membership before any scope is known.
    SignIn,
    /// Claiming, renewing and finishing background jobs.
    Jobs,
    /// Creating parks and their first users from the command line.
    Provisioning,
    /// The platform operator enters a park or tenant in an emergency.
    Emergency,
    /// Which mail addresses refuse letters, whoever writes to them.
    Mail,
    /// Self-diagnosis (`doctor`, readiness).
    Diagnosis,
    /// Sums over what the tenants of a park keep for themselves.
    Statistics,
    /// Keeping the bytes of files: claiming contents, removing those that nothing refers to.
    Files,
    /// Writing what happened in passing on its owner's log; sealing and checking logs.
    Audit,
    /// Charging parks: terms, platform invoices and their payments.
    Charging,
}

impl SystemReason {
    /// Stable name (database setting, audit log).
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Jobs => "jobs",
            Self::Provisioning => "provisioning",
            Self::Emergency => "emergency",
            Self::Mail => "mail",
            Self::Diagnosis => "diagnosis",
            Self::Statistics => "statistics",
            Self::Files => "files",
            Self::Audit => "audit",
            Self::Charging => "charging",
        }
    }
}

/// Who is behind a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The signed-in user; `None` for the installation's own work.
    pub user: Option<UserId>,
    /// The session of that user.
    pub session: Option<SessionId>,
    /// The role it acts in.
    pub role: Role,
    /// The grants in force (assessors).
    pub grants: Vec<GrantId>,
}

/// The operation context.
#[derive(Clone, Debug)]
pub struct Ctx {
    actor: Actor,
    scope: Scope,
    lang: Lang,
    zone: chrono_tz::Tz,
    now: DateTime<Utc>,
    request: String,
    env: Env,
    proof: Option<Proof>,
    opened: Opened,
    factor: bool,
    bounds: Bounds,
    heard: Heard,
}

/// How long a proof of who somebody is opens acts of money and of access, minutes.
pub const PROOF_MINUTES: i64 = 5;

impl Ctx {
    /// Only the identity context, the job runner and the command line build one.
    pub fn build(actor: Actor, scope: Scope, lang: Lang, zone: chrono_tz::Tz, request: String, env: Env) -> Self {
        let now = env.now();
        Self {
            actor,
            scope,
            lang,
            zone,
            now,
            request,
            env,
            proof: None,
            opened: Opened::default(),
            factor: false,
            bounds: Bounds::default(),
            heard: Heard::default(),
        }
    }
    /// With how the user last proved who it is.
    #[must_use]
    pub fn proven(mut self, proof: Proof) -> Self {
        self.proof = Some(proof);
        self
    }
    /// With what the caller's grants open.
    #[must_use]
    pub fn opened(mut self, opened: Opened) -> Self {
        self.opened = opened;
        self
    }
    /// Who acts under grants may do no more to a tenant than they say.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a tenant that no grant opens; `grant-ability` when the grants do not go that far.
    pub fn require_ability(&self, tenant: TenantId, ability: Ability) -> Result<()> {
        if !matches!(self.scope, Scope::Assessor(..)) {
            return Ok(());
        }
        match self.opened.tenants.get(&tenant) {
            None => Err(Error::NotFound),
            Some(abilities) if abilities.has(ability) => Ok(()),
            Some(_) => {
                Err(Refusal::new(RefusalCode::Forbidden, "grant-ability").with("ability", ability.name()).into())
            }
        }
    }
    /// Figures of the park as a whole are for staff of the park, and for who holds an open grant on all of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn require_park(&self) -> Result<()> {
        match self.scope {
            Scope::Park(_) => Ok(()),
            Scope::Assessor(..) if self.opened.park => Ok(()),
            _ => Err(Error::NotFound),
        }
    }
    /// Of somebody with a second factor, who proves with it.
    #[must_use]
    pub fn with_factor(self, factor: bool) -> Self {
        Self { factor, ..self }
    }
    /// Whether the user has a second factor.
    pub fn factor(&self) -> bool {
        self.factor
    }
    /// Narrowed down to less than the role may do.
    #[must_use]
    pub fn bound(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }
    /// What narrows it down.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }
    /// How the user last proved who it is; long ago for anything but a person's session.
    pub fn proof(&self) -> Proof {
        self.proof.unwrap_or_else(|| Proof::own(DateTime::UNIX_EPOCH, false))
    }
    /// Acts of money and of access ask for a person who has proved lately who it is. The installation's own work needs
    /// no proof, nor does a program, whose scopes had to name the act.
    ///
    /// # Errors
    /// `step-up-required`, `step-up-code-required` of somebody with a second factor.
    pub fn require_proof(&self) -> Result<()> {
        match self.proof {
            Some(proof) if (self.now - proof.at).num_minutes() >= PROOF_MINUTES => Err(self.prove_first()),
            _ => Ok(()),
        }
    }
    /// Ways into the account are for its owner: who has proved it lately by a secret of its own, not somebody for whom a
    /// park's provider alone vouches.
    ///
    /// # Errors
    /// Those of [`Ctx::require_proof`].
    pub fn require_owner(&self) -> Result<()> {
        match self.proof {
            Some(Proof { by: Some(_), .. }) => Err(self.prove_first()),
            _ => self.require_proof(),
        }
    }
    fn prove_first(&self) -> Error {
        let rule = if self.factor { "step-up-code-required" } else { "step-up-required" };
        Refusal::new(RefusalCode::Forbidden, rule).with("minutes", PROOF_MINUTES).into()
    }
    /// The installation's own context, for one closed list of reasons.
    pub fn system(reason: SystemReason, env: Env) -> Self {
        let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
        Self::build(actor, Scope::System(reason), Lang::default(), chrono_tz::UTC, reason.name().to_owned(), env)
    }
    /// The same for a request.
    #[must_use]
    pub fn of_request(self, request: String) -> Self {
        Self { request, ..self }
    }
    /// The same at this moment, with nothing heard yet: for the next part of work that is done in several transactions.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { now: self.env.now(), heard: Heard::default(), ..self.clone() }
    }
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    /// The role it is seen in: in an emergency, that in whose place it is.
    pub fn place(&self) -> Role {
        match self.bounds {
            Bounds::Emergency { place_of, .. } => place_of,
            _ => self.actor.role,
        }
    }
    /// The role it acts in.
    pub fn role(&self) -> Role {
        self.actor.role
    }
    /// What it can reach.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }
    /// The park it acts in.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside a park.
    pub fn park(&self) -> Result<ParkId> {
        match self.scope {
            Scope::Park(park) | Scope::Tenant(park, _) | Scope::Assessor(park, _) => Ok(park),
            Scope::System(_) => Err(Error::NotFound),
        }
    }
    /// The one tenant it acts for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anyone but staff of a tenant.
    pub fn tenant(&self) -> Result<TenantId> {
        match self.scope {
            Scope::Tenant(_, tenant) => Ok(tenant),
            _ => Err(Error::NotFound),
        }
    }
    /// The caller's language.
    pub fn lang(&self) -> Lang {
        self.lang
    }
    /// The park's time zone.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.zone
    }
    /// The instant this operation started; the same for everything it records.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
    /// Today in the park.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
    /// The request id (logs, audit).
    pub fn request(&self) -> &str {
        &self.request
    }
    /// Mints an id.
    pub fn id<I: Id>(&self) -> I {
        self.env.id()
    }
    /// Clock and randomness, for work that outlives this operation.
    pub fn env(&self) -> &Env {
        &self.env
    }
    /// What happened in passing: permissions refused, personal data read.
    pub fn heard(&self) -> &Heard {
        &self.heard
    }
    /// Whether the role may do this at all (the rows it may do it to are the scope's affair).
    pub fn may(&self, action: Action, resource: Resource) -> bool {
        self.bounds.allow(self.actor.role, action, resource)
    }
    /// The only permission decision. What it refuses is heard.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the role may not even read the resource, [`Error::Forbidden`] when it may read it and
    /// not do this.
    pub fn require(&self, action: Action, resource: Resource) -> Result<()> {
        if self.may(action, resource) {
            return Ok(());
        }
        self.heard.tell(Happening::Denied(action, resource));
        if action != Action::Read && self.may(Action::Read, resource) {
            Err(Error::Forbidden)
        } else {
            Err(Error::NotFound)
        }
    }
}
