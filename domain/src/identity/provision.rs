//! Use cases of the installation's operator: parks, users, members, passwords.

use chrono::NaiveDate;

use super::client::Client;
use super::entity::Ended;
use super::guess::Attempt;
use super::region::{Region, regions_applied};
use super::store::{Passwords, Store, Which};
use crate::audit::{self, AuditEntry, Seen};
use crate::ctx::{Ctx, Lang, Scope, SystemReason};
use crate::error::{Error, Refusal, RefusalCode, Refusals, Result};
use crate::ids::UserId;
use crate::money::Currency;
use crate::permission::Role;
use crate::tenancy::{self, Park, code_ok};

/// The shortest password, characters. NIST SP 800-63B: length counts, rules about kinds of characters do not.
pub const MIN_PASSWORD: usize = 12;
const MAX_PASSWORD: usize = 200;

/// What a park is asked to be.
#[derive(Clone, Debug)]
pub struct ParkDraft {
    /// 1-20 letters, digits, `-` or `_`; unique in the installation.
    pub code: String,
    /// 1-80 characters, Chinese.
    pub name: String,
    /// 1-80 characters, English.
    pub name_en: String,
    /// Its civil dates are dates in this zone.
    pub zone: chrono_tz::Tz,
    /// What it bills in.
    pub currency: Currency,
    /// City tier 1-5.
    pub city_tier: i64,
    /// Where it lies, a GB/T 2260 code.
    pub region: Option<String>,
}

pub(super) fn provisioning(ctx: &Ctx) -> Result<()> {
    if *ctx.scope() == Scope::System(SystemReason::Provisioning) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Founds a park.
///
/// # Errors
/// All refusals at once: `code-invalid`, `text-required`, `city-tier`, `region-code`; `park-code-taken`.
pub async fn park_add<S: Store + audit::Store + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    draft: ParkDraft,
) -> Result<Park> {
    provisioning(ctx)?;
    let mut bad = Refusals::new();
    bad.when(!code_ok(&draft.code, 20), || {
        Refusal::new(RefusalCode::Invalid, "code-invalid").at("code").with("max", 20_i64)
    });
    for (path, text) in [("name", &draft.name), ("nameEn", &draft.name_en)] {
        bad.when(text.trim().is_empty() || text.chars().count() > 80, || {
            Refusal::new(RefusalCode::Required, "text-required").at(path).with("max", 80_i64)
        });
    }
    bad.when(!(1..=5).contains(&draft.city_tier), || {
        Refusal::new(RefusalCode::OutOfRange, "city-tier").at("cityTier").with("value", draft.city_tier)
    });
    let region = draft.region.as_deref().map(Region::parse).transpose().map_err(|refusal| bad.push(refusal));
    bad.finish()?;
    if store.parks().await?.iter().any(|p| p.code == draft.code.trim()) {
        return Err(Refusal::new(RefusalCode::Duplicate, "park-code-taken").at("code").with("code", draft.code).into());
    }
    let park = Park {
        id: ctx.id(),
        code: draft.code.trim().to_owned(),
        name: draft.name.trim().to_owned(),
        name_en: draft.name_en.trim().to_owned(),
        zone: draft.zone,
        currency: draft.currency,
        city_tier: draft.city_tier,
        region: region.unwrap_or_default(),
    };
    store.park_add(&park, ctx.now()).await?;
    let entry = AuditEntry::new("park.add", park.id)
        .on_park(park.id)
        .set("code", Seen::of(&park.code))
        .set("name", Seen::of(&park.name))
        .set("nameEn", Seen::of(&park.name_en))
        .set("timeZone", Seen::of(park.zone.name()))
        .set("currency", Seen::of(park.currency))
        .set("cityTier", Seen::json(park.city_tier))
        .set("region", Seen::maybe(park.region.as_ref().map(Region::code)));
    store.audit(ctx, &entry).await?;
    regions_applied(store, ctx, &park).await?;
    Ok(park)
}

/// Adds a user, who can sign in and is nowhere yet.
///
/// # Errors
/// All refusals at once: `email-invalid`, `text-required`, `password-weak`; `user-exists`.
pub async fn user_add<S: Store + audit::Store + ?Sized>(
    store: &S,
    passwords: &dyn Passwords,
    ctx: &Ctx,
    email: &str,
    name: &str,
    password: &str,
    lang: Lang,
) -> Result<UserId> {
    provisioning(ctx)?;
    let (email, name) = (email.trim(), name.trim());
    let mut bad = Refusals::new();
    bad.when(!email_ok(email), || Refusal::new(RefusalCode::Invalid, "email-invalid").at("email"));
    bad.when(name.is_empty() || name.chars().count() > 80, || {
        Refusal::new(RefusalCode::Required, "text-required").at("name").with("max", 80_i64)
    });
    bad.when(!password_ok(password), weak);
    bad.finish()?;
    if store.credentials(email).await?.is_some() {
        return Err(Refusal::new(RefusalCode::Duplicate, "user-exists").at("email").into());
    }
    let id = ctx.id();
    store.user_add(id, email, name, &passwords.hash(password).await?, lang, ctx.now()).await?;
    let entry = AuditEntry::new("user.add", id)
        .set("email", Seen::personal(email))
        .set("displayName", Seen::personal(name))
        .set("language", Seen::of(lang.tag()));
    store.audit(ctx, &entry).await?;
    Ok(id)
}

/// Gives a user another password and ends all its sessions.
///
/// # Errors
/// `password-weak`, `user-unknown`.
pub async fn password_set<S: Store + audit::Store + ?Sized>(
    store: &S,
    passwords: &dyn Passwords,
    ctx: &Ctx,
    email: &str,
    password: &str,
) -> Result<()> {
    provisioning(ctx)?;
    if !password_ok(password) {
        return Err(weak().into());
    }
    let user = store.credentials(email).await?.ok_or_else(unknown)?.user;
    store.password_set(user, &passwords.hash(password).await?).await?;
    Attempt::at("password", email, &Client::default()).forget(store).await?;
    store.sessions_end(user, Which::All, Ended::Password, ctx.now()).await?;
    store.audit(ctx, &AuditEntry::new("user.password", user)).await
}

/// The scope and zone in which a member is added: a park by its code, or one of its tenants by code.
///
/// # Errors
/// `park-unknown`, `tenant-unknown`.
pub async fn place<S: Store + ?Sized>(store: &S, ctx: &Ctx, park: &str, tenant: Option<&str>) -> Result<(Scope, Park)> {
    provisioning(ctx)?;
    let park = store.parks().await?.into_iter().find(|p| p.code == park);
    let park = park.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "park-unknown").at("park"))?;
    let scope = match tenant {
        None => Scope::Park(park.id),
        Some(code) => {
            let tenant = store.tenant_by_code(park.id, code).await?;
            let tenant = tenant.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "tenant-unknown").at("tenant"))?;
            Scope::Tenant(park.id, tenant)
        }
    };
    Ok((scope, park))
}

/// Who has this mail address, and its name.
///
/// # Errors
/// `user-unknown`.
pub async fn user_named<S: Store + ?Sized>(store: &S, ctx: &Ctx, email: &str) -> Result<(UserId, String)> {
    provisioning(ctx)?;
    store.user_name(email).await?.ok_or_else(|| unknown().into())
}

/// Makes a user a member of the park or tenant that the context is in. It goes on that owner's audit log.
///
/// # Errors
/// `role-scope` when the role belongs elsewhere; assessors and statistics officers get grants instead.
pub async fn member_add<S: Store + audit::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    user: UserId,
    name: &str,
    role: Role,
    from: NaiveDate,
) -> Result<()> {
    if ctx.role() != Role::System {
        return Err(Error::Forbidden);
    }
    match (ctx.scope(), role) {
        (Scope::Park(park), Role::PlatformOperator | Role::ParkAdministrator | Role::ParkFinance) => {
            store.park_member_add(*park, user, role, name, from).await?;
        }
        (
            Scope::Tenant(park, tenant),
            Role::TenantManager
            | Role::TeamLeader
            | Role::QualityAnalyst
            | Role::Trainer
            | Role::HumanResources
            | Role::TenantFinance
            | Role::Agent,
        ) => store.tenant_member_add(*park, *tenant, user, role, name, from).await?,
        _ => return Err(Refusal::new(RefusalCode::Invalid, "role-scope").at("role").with("role", role.name()).into()),
    }
    let entry = AuditEntry::new("member.add", user)
        .set("role", Seen::of(role.name()))
        .set("validFrom", Seen::of(from))
        .set("displayName", Seen::personal(name));
    store.audit(ctx, &entry).await
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "user-unknown").at("email")
}

pub(super) fn weak() -> Refusal {
    Refusal::new(RefusalCode::Invalid, "password-weak").at("password").with("min", MIN_PASSWORD)
}

/// Whether a text looks like a mail address: something, one `@`, a host, no spaces.
pub fn email_ok(text: &str) -> bool {
    let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    let parts = text.split_once('@');
    plain && text.len() <= 254 && parts.is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && !b.contains('@'))
}

/// Length, and that it is not one sign over and over.
pub(super) fn password_ok(text: &str) -> bool {
    let mut signs: Vec<char> = text.chars().collect();
    let long = (MIN_PASSWORD..=MAX_PASSWORD).contains(&signs.len());
    signs.sort_unstable();
    signs.dedup();
    long && signs.len() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_passwords() {
        for good in ["a@b", "周@园区.example", "first.last+tag@host.example"] {
            assert!(email_ok(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c", "a@b@c", "a@b\n"] {
            assert!(!email_ok(bad), "{bad:?}");
        }
        assert!(password_ok("correct horse battery"));
        assert!(password_ok("十二个汉字组成的密码也很好"));
        for bad in ["short", "aaaaaaaaaaaaaaaa", "abababababababab", ""] {
            assert!(!password_ok(bad), "{bad}");
        }
    }
}
