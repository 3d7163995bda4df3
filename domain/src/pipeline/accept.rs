//! A quote is accepted: tenant, leases and the end of the funnel, in one.

use chrono::NaiveDate;

use super::holds::keep_for;
use super::lead::{LeadState, Private};
use super::leads::step;
use super::quote::{Quote, QuoteLine, QuoteState};
use super::quotes::{locked_quote, others, tell, withdraw_all};
use super::store::{Quotes, Store};
use crate::ctx::Ctx;
use crate::error::{Error, Refusal, RefusalCode, Result};
use crate::ids::{LeaseId, QuoteId, TenantId};
use crate::leasing::{self, ClausesDraft, Holds, LeaseDraft};
use crate::permission::{Action, Resource};
use crate::tenancy::{self, TenantDraft};

/// What a company still has to say to become a tenant.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// 1-20 letters, digits, `-` or `_`.
    pub code: String,
    /// Its name in English; that of the lead when empty.
    pub name_en: String,
    /// In operation since.
    pub operating_since: NaiveDate,
    /// First day in this park; the first day of its leases when left out.
    pub arrived_on: Option<NaiveDate>,
}

/// How a quote is accepted.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Which.
    pub quote: QuoteId,
    /// Of a lead that is no tenant yet.
    pub tenant: Option<NewTenant>,
    /// Codes of the leases in the order of the lines; number and line where there is none.
    pub lease_codes: Vec<String>,
    /// When it was signed.
    pub signed_on: NaiveDate,
}

/// What came of an accepted quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// As it is now.
    pub quote: Quote,
    /// Who holds the leases.
    pub tenant: TenantId,
    /// One a line, in their order.
    pub leases: Vec<LeaseId>,
}

/// Puts the place of a part before the paths of what it was refused for.
fn within<T>(result: Result<T>, place: impl Fn(&str) -> String) -> Result<T> {
    match result {
        Err(Error::Refused(list)) => Err(Error::Refused(
            list.into_iter()
                .map(|refusal| {
                    let path = place(&refusal.path);
                    refusal.at(path)
                })
                .collect(),
        )),
        other => other,
    }
}

/// Accepts a quote: takes the lead into the park where it is no tenant yet, agrees a lease for each line, and ends the
/// funnel. All of it or nothing.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] without permission to do each of these; `quote-unknown`, `quote-state`,
/// `lead-closed` of a lost lead, `quote-tenant-needed`, `quote-tenant-known`, `quote-lease-codes`; those of
/// [`tenancy::tenant_create`] under `tenant` and of [`leasing::lease_create`] under `leaseCodes` and `lines`.
pub async fn quote_accept<S: Store + Quotes + Holds + tenancy::Store + leasing::Store + ?Sized>(
    store: &S,
    ctx: &Ctx,
    wanted: Acceptance,
) -> Result<Accepted> {
    ctx.require(Action::Commit, Resource::Pipeline)?;
    let (before, mut lead, all) = locked_quote(store, wanted.quote).await?;
    before.must_be(&[QuoteState::Sent], ctx.today())?;
    // Who was won by one quote can accept another.
    if lead.state == LeadState::Lost {
        lead.state.must_be_open()?;
    }
    if wanted.lease_codes.len() > before.lines.len() {
        return Err(Refusal::new(RefusalCode::TooLarge, "quote-lease-codes").at("leaseCodes").into());
    }
    let tenant = match (lead.facts.tenant, wanted.tenant) {
        (Some(tenant), None) => tenant,
        (Some(_), Some(_)) => {
            return Err(Refusal::new(RefusalCode::Invalid, "quote-tenant-known").at("tenant").into());
        }
        (None, None) => return Err(Refusal::new(RefusalCode::Required, "quote-tenant-needed").at("tenant").into()),
        (None, Some(new)) => {
            let first = before.lines.iter().map(|line| line.terms.term_from).min();
            let name_en = new.name_en.trim();
            let draft = TenantDraft {
                code: new.code,
                name: lead.facts.name.clone(),
                name_en: if name_en.is_empty() { lead.facts.name_en.clone() } else { name_en.to_owned() },
                business: lead.facts.business.clone(),
                operating_since: new.operating_since,
                arrived_on: new.arrived_on.or(first).unwrap_or(wanted.signed_on),
            };
            within(tenancy::tenant_create(store, ctx, draft).await, |path| format!("tenant.{path}"))?.id
        }
    };
    let mut quote = Quote { state: QuoteState::Accepted, ended_at: Some(ctx.now()), ..before.clone() };
    let mut leases = Vec::with_capacity(quote.lines.len());
    for (at, line) in quote.lines.iter_mut().enumerate() {
        let code = wanted.lease_codes.get(at).map(|code| code.trim()).filter(|code| !code.is_empty());
        let own = || format!("{}-{}", before.number, at.saturating_add(1));
        let draft = draft(line, tenant, code.map_or_else(own, str::to_owned), wanted.signed_on);
        let lease = within(leasing::lease_create(store, ctx, draft).await, |path| match path {
            "code" => format!("leaseCodes.{at}"),
            path => format!("lines.{at}.{path}"),
        })?;
        line.lease = Some(lease.id);
        leases.push(lease.id);
    }
    store.quote_save(&quote, false).await?;
    store.quote_leases_set(&quote, tenant).await?;
    keep_for(store, quote.id, tenant).await?;
    tell(ctx, Some(&before), &quote);
    withdraw_all(store, ctx, others(all, &before)).await?;
    lead.facts.tenant = Some(tenant);
    if lead.state != LeadState::Won {
        step(store, ctx, &mut lead, LeadState::Won, None, Private::default()).await?;
    }
    store.lead_save(&lead).await?;
    Ok(Accepted { quote, tenant, leases })
}

/// A line as the lease that it becomes.
fn draft(line: &QuoteLine, tenant: TenantId, code: String, signed_on: NaiveDate) -> LeaseDraft {
    let clauses = ClausesDraft { notice_days: Some(line.notice_days), ..ClausesDraft::default() };
    LeaseDraft::new(&line.terms, clauses, tenant, code, signed_on)
}
