//! What is fixed with an invoice when it is issued: how its two sides are called, and a hash of everything that it says.
//!
//! The hash is the SHA-256 of the content as JSON without blanks, keys in order (RFC 8785; every number is whole), so that
//! anybody who has the content can compute it. What came later (payments, withdrawal) is no part of it.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use voxpark_domain::ids::{InvoiceId, TenantId};
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::tenancy::{Park, Tenant};
use voxpark_domain::{Ctx, Error, Result, tenancy};

use super::entity::{Party, in_force};
use super::service::by_tenant;
use crate::invoicing::{InvoiceBody, IssuedInvoice};
use crate::uow::Tx;

/// The form of the content, named in it: another form is another number.
const FORM: i64 = 1;

/// How the two sides of an invoice were called when it was issued, and what it says as a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Whose.
    pub tenant: TenantId,
    /// Who issued it.
    pub seller: Party,
    /// To whom it is made out.
    pub buyer: Party,
    /// SHA-256 of everything that it says.
    pub sha256: Vec<u8>,
}

/// A line of an invoice to the letter: what is known of lines later changes nothing about what was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLine {
    /// Its place, from 1.
    pub number: i64,
    /// What kind of line.
    pub kind: String,
    /// The version of the lease that set the price.
    pub lease_version: i64,
    /// What was sold.
    pub product: String,
    /// Quantity.
    pub seat_days: i64,
    /// The price of one, minor units.
    pub unit_minor: i64,
    /// Before tax, minor units.
    pub net_minor: i64,
    /// With tax, minor units, of a line whose price contains it.
    pub gross_minor: Option<i64>,
    /// Hundredths of a percent.
    pub tax_rate_bp: i64,
    /// Why it amounts to that.
    pub explanation: Value,
}

impl KeptLine {
    fn all(body: &InvoiceBody) -> Result<Vec<Self>> {
        let line = |(number, line): (i64, &crate::invoicing::InvoiceLine)| {
            Ok(Self {
                number,
                kind: line.rated.kind.name().to_owned(),
                lease_version: line.rated.lease_version,
                product: line.rated.product.name().to_owned(),
                seat_days: line.rated.seat_days,
                unit_minor: line.rated.unit.minor,
                net_minor: line.net_minor,
                gross_minor: line.gross_minor(),
                tax_rate_bp: i64::from(line.rated.vat.basis_points()),
                explanation: serde_json::to_value(&line.rated.explanation).map_err(Error::internal)?,
            })
        };
        (1_i64..).zip(&body.lines).map(line).collect()
    }
}

/// JSON without blanks, keys in order.
pub(crate) fn canonical(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
                out.push('{');
                for (n, (name, value)) in fields.into_iter().enumerate() {
                    let comma = if n > 0 { "," } else { "" };
                    let _ = write!(out, "{comma}{}:", Value::String(name.clone()));
                    write(value, out);
                }
                out.push('}');
            }
            Value::Array(values) => {
                out.push('[');
                for (n, value) in values.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write(value, out);
                }
                out.push(']');
            }
            plain => drop(write!(out, "{plain}")),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// The hash of everything that an invoice says.
fn hash(invoice: &IssuedInvoice, lines: &[KeptLine], seller: &Party, buyer: &Party) -> Result<Vec<u8>> {
    let line = |line: &KeptLine| {
        let mut content = json!({ "number": line.number, "kind": line.kind, "leaseVersion": line.lease_version, "product": line.product,
            "seatDays": line.seat_days, "unitMinor": line.unit_minor, "netMinor": line.net_minor,
            "taxRateBp": line.tax_rate_bp, "explanation": line.explanation });
        if let (Some(gross), Some(fields)) = (line.gross_minor, content.as_object_mut()) {
            fields.insert("grossMinor".to_owned(), gross.into());
        }
        content
    };
    let content = json!({
        "form": FORM,
        "invoice": invoice.id.to_string(),
        "number": invoice.number.to_string(),
        "lease": invoice.lease.to_string(),
        "tenant": invoice.tenant.to_string(),
        "from": invoice.period.from.to_string(),
        "to": invoice.period.to.map(|day| day.to_string()),
        "issuedAtMicros": invoice.issued_at.timestamp_micros(),
        "knownAtMicros": invoice.known_at.timestamp_micros(),
        "dueOn": invoice.due_on.to_string(),
        "currency": invoice.currency.code(),
        "netMinor": invoice.net_minor,
        "taxMinor": invoice.tax_minor,
        "totalMinor": invoice.total_minor,
        "lines": lines.iter().map(line).collect::<Vec<_>>(),
        "seller": serde_json::to_value(seller).map_err(Error::internal)?,
        "buyer": serde_json::to_value(buyer).map_err(Error::internal)?,
    });
    Ok(Sha256::digest(canonical(&content).as_bytes()).to_vec())
}

/// The names of a park and its tenants, in place of profiles that nobody has set.
pub(crate) fn plainly(name: &str, name_en: &str) -> Party {
    Party { name: name.to_owned(), name_en: name_en.to_owned(), ..Party::default() }
}

/// How the sides of the invoices of some tenants are called on the day of the caller.
struct Called {
    seller: Party,
    buyers: HashMap<TenantId, Party>,
}

impl Called {
    /// A constant number of statements.
    async fn today(tx: &dyn Tx, ctx: &Ctx, park: &Park, tenants: &[TenantId]) -> Result<Self> {
        let today = ctx.today();
        let seller = tx.seller_profiles().await?;
        let seller = in_force(&seller, today).map(|profile| profile.said.party.clone());
        let profiles = by_tenant(tx.buyer_profiles(tenants).await?);
        let called = |tenant: Tenant| {
            let known = profiles.get(&tenant.id).and_then(|all| in_force(all, today));
            let party = known.map(|profile| profile.said.party.clone());
            (tenant.id, party.unwrap_or_else(|| plainly(&tenant.name, &tenant.name_en)))
        };
        let buyers = tx.tenants_by_id(tenants).await?.into_iter().map(called).collect();
        Ok(Self { seller: seller.unwrap_or_else(|| plainly(&park.name, &park.name_en)), buyers })
    }
    fn buyer(&self, tenant: TenantId) -> Result<Party> {
        self.buyers.get(&tenant).cloned().ok_or_else(|| Error::internal("an invoice without its tenant"))
    }
}

/// Fixes what invoices say that have just been issued. A constant number of statements.
///
/// # Errors
/// Those of reading and writing.
pub async fn fix(tx: &dyn Tx, ctx: &Ctx, park: &Park, issued: &[(IssuedInvoice, InvoiceBody)]) -> Result<()> {
    let mut tenants: Vec<TenantId> = issued.iter().map(|(invoice, _)| invoice.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let called = Called::today(tx, ctx, park, &tenants).await?;
    let fixed = |(invoice, body): &(IssuedInvoice, InvoiceBody)| {
        let (seller, buyer) = (called.seller.clone(), called.buyer(invoice.tenant)?);
        let sha256 = hash(invoice, &KeptLine::all(body)?, &seller, &buyer)?;
        Ok(Fixed { invoice: invoice.id, tenant: invoice.tenant, seller, buyer, sha256 })
    };
    tx.fixed_add(&issued.iter().map(fixed).collect::<Result<Vec<_>>>()?).await
}

/// How the two sides stand on an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnInvoice {
    /// Who issued it.
    pub seller: Party,
    /// To whom it is made out.
    pub buyer: Party,
    /// The hash that was fixed with it; `None` of an invoice issued before anything was fixed, whose sides are those of
    /// today.
    pub sha256: Option<Vec<u8>>,
}

/// How the sides stand on invoices; those out of reach are missing. A constant number of statements.
///
/// # Errors
/// [`Error::NotFound`] without permission to read invoices.
pub async fn on_invoices(tx: &dyn Tx, ctx: &Ctx, ids: &[InvoiceId]) -> Result<Vec<(InvoiceId, OnInvoice)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let mut found: Vec<_> = tx.fixed_of(ids).await?.into_iter().map(kept).collect();
    let fixed: HashSet<InvoiceId> = found.iter().map(|(id, _)| *id).collect();
    let missing: Vec<InvoiceId> = ids.iter().filter(|id| !fixed.contains(id)).copied().collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let invoices = tx.invoices_by_id(&missing).await?;
    let tenants: Vec<TenantId> = invoices.iter().map(|invoice| invoice.tenant).collect();
    let park = tenancy::park(tx, ctx).await?;
    let called = Called::today(tx, ctx, &park, &tenants).await?;
    for invoice in invoices {
        let on = OnInvoice { seller: called.seller.clone(), buyer: called.buyer(invoice.tenant)?, sha256: None };
        found.push((invoice.id, on));
    }
    Ok(found)
}

fn kept(fixed: Fixed) -> (InvoiceId, OnInvoice) {
    (fixed.invoice, OnInvoice { seller: fixed.seller, buyer: fixed.buyer, sha256: Some(fixed.sha256) })
}

/// Whether invoices still say what was fixed with them, by computing the hash again from what is stored; those of which
/// nothing was fixed are missing. A constant number of statements.
///
/// # Errors
/// [`Error::NotFound`] without permission to read invoices.
pub async fn intact(tx: &dyn Tx, ctx: &Ctx, ids: &[InvoiceId]) -> Result<Vec<(InvoiceId, bool)>> {
    ctx.require(Action::Read, Resource::Billing)?;
    let fixed = tx.fixed_of(ids).await?;
    let invoices: HashMap<InvoiceId, IssuedInvoice> =
        tx.invoices_by_id(ids).await?.into_iter().map(|invoice| (invoice.id, invoice)).collect();
    let mut lines: HashMap<InvoiceId, Vec<KeptLine>> = HashMap::new();
    for (id, line) in tx.lines_kept(ids).await? {
        lines.entry(id).or_default().push(line);
    }
    let mut out = Vec::with_capacity(fixed.len());
    for one in fixed {
        let lines = lines.remove(&one.invoice).unwrap_or_default();
        let same = match invoices.get(&one.invoice) {
            Some(invoice) => hash(invoice, &lines, &one.seller, &one.buyer)? == one.sha256,
            None => false,
        };
        out.push((one.invoice, same));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_has_one_form_whatever_the_order_of_its_keys() {
        let value: Value =
            serde_json::from_str("{ \"b\": [1, {\"z\": null, \"a\": \"席\\n\\u0001\\\"\"}], \"a\": true, \"B\": -5 }")
                .expect("JSON");
        assert_eq!(canonical(&value), "{\"B\":-5,\"a\":true,\"b\":[1,{\"a\":\"席\\n\\u0001\\\"\",\"z\":null}]}");
    }
}
