//! Letters to the other side. Addresses are out of reach of both: a job, begun with the change, reads them for the
//! installation and posts the letters.

use super::entity::{RequestStep, Side};
use super::store::Store;
use crate::ctx::{Ctx, Lang};
use crate::error::Result;
use crate::ids::SeatRequestId;
use crate::mail::{self, LetterKind, NewLetter};
use crate::{identity, platform, tenancy};

/// The kind of the job that tells the other side.
pub const JOB: &str = "seat-request";

/// Begins the job for a step.
pub(super) async fn begin<S: platform::Store + ?Sized>(store: &S, ctx: &Ctx, step: &RequestStep) -> Result<()> {
    let payload = serde_json::json!({ "seatRequest": step.request, "step": step.n });
    store.job_enqueue(ctx, JOB, payload).await?;
    Ok(())
}

/// Posts the letters about a step: `own` reads the request in the scope of whoever took it, `system` finds addresses and
/// posts, in one transaction. Nothing is done for a request that is not there.
///
/// # Errors
/// An internal error when something cannot be read or written.
pub async fn told<O, S>(own: &O, system: &S, ctx: &Ctx, request: SeatRequestId, n: i64) -> Result<()>
where
    O: Store + tenancy::Store + ?Sized,
    S: identity::Store + mail::Store + ?Sized,
{
    let Some(request) = own.seat_requests_by_id(&[request]).await?.pop() else { return Ok(()) };
    let steps = own.seat_request_steps(&[request.id]).await?;
    let Some(step) = steps.into_iter().find(|step| step.n == n) else { return Ok(()) };
    let Some(tenant) = own.tenants_by_id(&[request.tenant]).await?.pop() else { return Ok(()) };
    let Some(park) = own.park().await? else { return Ok(()) };
    let to_tenant = step.side == Side::Park;
    let today = ctx.now().with_timezone(&park.zone).date_naive();
    // Later steps get letters of their own: this one says what stood then.
    let turn = match step.state.waits_for() {
        None => "none",
        Some(side) if (side == Side::Tenant) == to_tenant => "you",
        Some(_) => "they",
    };
    let due = request.due_on.filter(|_| request.last == n);
    for (user, of_tenant) in system.emergency_told(park.id, Some(tenant.id), today).await? {
        if of_tenant != to_tenant {
            continue;
        }
        let Some((to, lang)) = system.user_address(user).await? else { continue };
        let english = lang == Lang::En;
        let named = |zh: &String, en: &String| if english && !en.is_empty() { en.clone() } else { zh.clone() };
        let area = if of_tenant { "centre" } else { "park" };
        let facts = [
            ("park", named(&park.name, &park.name_en)),
            ("place", named(&tenant.name, &tenant.name_en)),
            ("number", request.number.to_string()),
            ("act", step.act.name().to_owned()),
            ("turn", turn.to_owned()),
            ("until", due.map_or_else(|| "–".to_owned(), |day| day.to_string())),
            ("path", format!("/{area}/requests/{}", request.id)),
        ];
        let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let owner = mail::Owner { park: park.id, tenant: of_tenant.then_some(tenant.id) };
        let letter = NewLetter { kind: LetterKind::SeatRequest, lang, to, user: Some(user), facts };
        system.letter_post(ctx, owner, &letter).await?;
    }
    Ok(())
}
