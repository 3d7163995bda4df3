//! Regions, and grants on every park of one: given by the installation's operator, a part of each in every park that lies
//! there, now and later, among that park's own grants and on its record.

use chrono::{DateTime, Utc};

use super::grant::{Grant, GrantDraft, GrantTerms};
use super::provision::{provisioning, unknown};
use super::store::Store;
use crate::audit::{self, AuditEntry, Seen};
use crate::ctx::Ctx;
use crate::error::{Refusal, RefusalCode, Result};
use crate::ids::{ParkId, RegionGrantId, UserId};
use crate::permission::Role;
use crate::tenancy::{self, Park};

/// A region by its GB/T 2260 code: six digits, of which `00` at the end of a pair means all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// A code.
    ///
    /// # Errors
    /// `region-code`.
    pub fn parse(code: &str) -> Result<Self, Refusal> {
        let digits = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) && !code.starts_with("00");
        // A county lies in a prefecture: `xx00yy` is none.
        let nested = !matches!((code.get(2..4), code.get(4..6)), (Some("00"), Some(rest)) if rest != "00");
        if digits && nested {
            Ok(Self(code.to_owned()))
        } else {
            Err(Refusal::new(RefusalCode::Invalid, "region-code").at("region").with("code", code))
        }
    }
    /// The six digits.
    pub fn code(&self) -> &str {
        &self.0
    }
    /// Whether a place lies in it or is it.
    pub fn holds(&self, place: &Self) -> bool {
        let mut stem = self.0.as_str();
        while let Some(shorter) = stem.strip_suffix("00") {
            stem = shorter;
        }
        place.0.starts_with(stem)
    }
}

/// A grant on every park of a region, given by the installation's operator. Each park has its part of it among its own
/// grants, and on its own record.
#[derive(Clone, Debug)]
pub struct RegionGrant {
    /// Its id.
    pub id: RegionGrantId,
    /// The region.
    pub region: Region,
    /// Who holds it.
    pub user: UserId,
    /// The holder's name.
    pub display_name: String,
    /// In which role.
    pub role: Role,
    /// What for and how far.
    pub terms: GrantTerms,
    /// Taken back at.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl RegionGrant {
    /// Whether a park in some region (if it is known) has a part of it.
    fn reaches(&self, park: Option<&Region>) -> bool {
        self.revoked_at.is_none() && park.is_some_and(|place| self.region.holds(place))
    }
}

/// Brings the grants of a park in line with those on regions: adds what is missing and takes back what does not reach it any
/// more. What changed, for the park's record.
///
/// # Errors
/// None but those of the store (system scope).
async fn regions_apply<S: Store + ?Sized>(
    system: &S,
    ctx: &Ctx,
    park: ParkId,
    region: Option<&Region>,
) -> Result<Vec<(Grant, bool)>> {
    let there = system.region_parts(park).await?;
    let mut done = Vec::new();
    for grant in system.region_grants().await? {
        let part = there.iter().find(|(of, _)| *of == grant.id);
        match (grant.reaches(region), part) {
            (true, None) => {
                let part = Grant {
                    region: Some((grant.id, grant.region.code().to_owned())),
                    ..grant.terms.grant(ctx.id(), grant.user, grant.display_name.clone(), grant.role, None)
                };
                system.grant_add(park, &part, ctx.now()).await?;
                done.push((part, true));
            }
            (false, Some((_, part))) => {
                system.grant_revoke(park, *part, ctx.now()).await?;
                let gone = grant.terms.grant(*part, grant.user, grant.display_name.clone(), grant.role, None);
                done.push((gone, false));
            }
            _ => {}
        }
    }
    Ok(done)
}

/// Brings the grants of a park in line with those on regions, and says so on its record.
pub(super) async fn regions_applied<S: Store + audit::Store + ?Sized>(store: &S, ctx: &Ctx, park: &Park) -> Result<()> {
    for (grant, given) in regions_apply(store, ctx, park.id, park.region.as_ref()).await? {
        let action = if given { "grant.create" } else { "grant.revoke" };
        let mut entry = AuditEntry::new(action, grant.id).on_park(park.id);
        for (field, seen) in grant.seen().into_iter().filter(|_| given) {
            entry = entry.set(field, seen);
        }
        store.audit(ctx, &entry).await?;
    }
    Ok(())
}

/// Says where a park lies; grants on regions then reach it or do not.
///
/// # Errors
/// `region-code`, `park-unknown`.
pub async fn park_region<S: Store + audit::Store + tenancy::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    park: &str,
    region: &str,
) -> Result<Park> {
    provisioning(ctx)?;
    let region = Region::parse(region)?;
    let found = store.parks().await?.into_iter().find(|p| p.code == park.trim());
    let mut park = found.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "park-unknown").at("park"))?;
    store.park_region_set(park.id, &region).await?;
    let before = Seen::maybe(park.region.as_ref().map(Region::code));
    let entry = AuditEntry::new("park.region", park.id).on_park(park.id);
    store.audit(ctx, &entry.changed("region", before, Seen::of(region.code()))).await?;
    park.region = Some(region);
    regions_applied(store, ctx, &park).await?;
    Ok(park)
}

/// Gives somebody a grant on every park of a region, now and later. In how many parks there is a part of it.
///
/// # Errors
/// Those of [`GrantTerms::check`](super::GrantTerms::check); `region-code`, `user-unknown`.
pub async fn region_grant_add<S: Store + audit::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    region: &str,
    draft: GrantDraft,
) -> Result<(RegionGrant, usize)> {
    provisioning(ctx)?;
    draft.terms.check(draft.role, draft.tenant)?;
    let region = Region::parse(region)?;
    let (user, display_name) = store.user_name(draft.email.trim()).await?.ok_or_else(unknown)?;
    let grant = RegionGrant {
        id: ctx.id(),
        region,
        user,
        display_name,
        role: draft.role,
        terms: draft.terms,
        revoked_at: None,
    };
    store.region_grant_add(&grant, ctx.now()).await?;
    let whole = grant.terms.grant(ctx.id(), grant.user, grant.display_name.clone(), grant.role, None);
    let entry = AuditEntry::new("region-grant.create", grant.id).set("region", Seen::of(grant.region.code()));
    let entry = whole.seen().into_iter().fold(entry, |entry, (field, seen)| entry.set(field, seen));
    store.audit(ctx, &entry).await?;
    let mut reached = 0;
    for park in store.parks().await? {
        if park.region.as_ref().is_some_and(|place| grant.region.holds(place)) {
            reached += 1;
            regions_applied(store, ctx, &park).await?;
        }
    }
    Ok((grant, reached))
}

/// Takes a grant on a region back, in every park at once.
///
/// # Errors
/// `grant-unknown`.
pub async fn region_grant_revoke<S: Store + audit::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    id: RegionGrantId,
) -> Result<()> {
    provisioning(ctx)?;
    if !store.region_grant_revoke(id, ctx.now()).await? {
        return Err(Refusal::new(RefusalCode::NotFound, "grant-unknown").at("grantId").into());
    }
    store.audit(ctx, &AuditEntry::new("region-grant.revoke", id)).await?;
    for park in store.parks().await? {
        regions_applied(store, ctx, &park).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_hold_what_lies_in_them() {
        let region = |code| Region::parse(code).expect("a code");
        for (wide, place, holds) in [
            ("530000", "530111", true),
            ("530100", "530111", true),
            ("530100", "530100", true),
            ("530111", "530100", false),
            ("530100", "530211", false),
            ("530000", "310000", false),
        ] {
            assert_eq!(region(wide).holds(&region(place)), holds, "{wide} {place}");
        }
        for bad in ["5301", "53010a", "000000", "530011", "5301111"] {
            assert_eq!(Region::parse(bad).expect_err("no code").rule, "region-code", "{bad}");
        }
    }
}
