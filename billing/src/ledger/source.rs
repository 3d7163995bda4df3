//! Facts from what invoicing keeps: what was issued, paid and withdrawn.

use std::collections::BTreeMap;

use voxpark_domain::ids::{Id, InvoiceId};
use voxpark_domain::{Ctx, Result};

use super::service::PORTION;
use super::{
    ActId, Applied, CashKind, Contra, Document, Earned, Fact, Income, InvoiceIssued, InvoiceVoided, Item, Payer,
    PaymentReceived, RevenueKind, Share, SoldLine, book,
};
use crate::invoicing::{InvoiceLine, InvoiceState, IssuedInvoice, PaymentRecord, line_taxes};
use crate::pricing::LineKind;
use crate::uow::Tx;
use voxpark_domain::time::Period;

/// What a line is revenue of.
const fn income(kind: LineKind) -> Income {
    Income::Revenue(match kind {
        LineKind::Waiver => return Income::Contra(Contra::Waiver),
        LineKind::Discount => return Income::Contra(Contra::Discount),
        LineKind::SeatRent | LineKind::RentFree => RevenueKind::Rent,
        LineKind::MinimumSpend => RevenueKind::TrueUp,
        LineKind::Usage => RevenueKind::Utility,
        LineKind::OneTime | LineKind::Percent => RevenueKind::Service,
    })
}

/// The days of the service: those on which seats were held (of what comes off their rent, too), or the whole period where no days are named; of a correction the
/// month that it corrects.
fn service(line: &InvoiceLine, period: Period) -> Period {
    if line.rated.explanation.correction.is_some() {
        return line.rated.explanation.period;
    }
    if let Some(concession) = &line.rated.explanation.concession {
        return concession.days;
    }
    let slices = &line.rated.explanation.slices;
    let (from, to) = (slices.iter().map(|slice| slice.from).min(), slices.iter().map(|slice| slice.to).max());
    from.map_or(period, |from| Period { from, to })
}

/// An invoice was issued. Its tax point is the day of issue: what is billed is over, and nothing was paid ahead.
pub(crate) fn issued(ctx: &Ctx, invoice: &IssuedInvoice, lines: &[InvoiceLine]) -> Result<Fact> {
    let (InvoiceState::Issued(issue) | InvoiceState::Void { issue, .. }) = invoice.state(ctx) else {
        return Err(voxpark_domain::Error::internal("an issued invoice without a day of issue"));
    };
    let taxes = line_taxes(lines)?;
    let sold = |(line, tax): (&InvoiceLine, &crate::invoicing::NetTax)| SoldLine {
        income: income(line.rated.kind),
        net: tax.net_minor,
        rate: line.rated.vat,
        tax: tax.tax_minor,
        earned: Earned::ByDay(service(line, invoice.period)),
    };
    Ok(Fact::InvoiceIssued(InvoiceIssued {
        invoice: invoice.id,
        lease: Some(invoice.lease),
        day: issue.issued_on,
        tax_point: issue.issued_on,
        due_on: invoice.due_on,
        currency: invoice.currency,
        lines: lines.iter().zip(&taxes).map(sold).collect(),
        shares: vec![Share { payer: Payer::Tenant(invoice.tenant), minor: invoice.total_minor }],
    }))
}

/// A payment came and paid its invoice at once; one that came before the invoice was issued pays it on the day of issue.
/// Invoicing does not ask where money lies, so it lies in the bank.
pub(crate) fn paid(ctx: &Ctx, payment: &PaymentRecord, invoice: &IssuedInvoice) -> [Fact; 2] {
    let payer = Payer::Tenant(payment.tenant);
    let issued_on = invoice.issued_at.with_timezone(&ctx.zone()).date_naive();
    [
        Fact::PaymentReceived(PaymentReceived {
            payment: payment.id,
            payer,
            amount: payment.amount,
            cash: CashKind::Bank,
            day: payment.paid_on,
        }),
        Fact::Applied(Applied {
            // One application a payment: the key follows from it.
            act: ActId::from_uuid(payment.id.uuid()),
            payer,
            source: Document::Payment(payment.id),
            item: Item { invoice: invoice.id, payer },
            amount: payment.amount,
            day: payment.paid_on.max(issued_on),
        }),
    ]
}

/// Books whatever invoicing did before the park had books: all of it, or of one invoice. A constant number of statements for some
/// hundreds.
pub(crate) async fn catch_up(tx: &dyn Tx, ctx: &Ctx, only: Option<InvoiceId>) -> Result<()> {
    for portion in tx.invoices_unbooked(only).await?.chunks(PORTION) {
        catch_up_portion(tx, ctx, portion).await?;
    }
    Ok(())
}

async fn catch_up_portion(tx: &dyn Tx, ctx: &Ctx, missing: &[InvoiceId]) -> Result<()> {
    let mut lines: BTreeMap<InvoiceId, Vec<InvoiceLine>> = BTreeMap::new();
    for (id, _, line) in tx.invoice_lines(missing).await? {
        lines.entry(id).or_default().push(line);
    }
    let mut payments: BTreeMap<InvoiceId, Vec<PaymentRecord>> = BTreeMap::new();
    for (invoice, _, payment) in tx.payments_of(missing).await? {
        payments.entry(invoice).or_default().push(payment);
    }
    let mut facts = Vec::new();
    let mut invoices = tx.invoices_by_id(missing).await?;
    invoices.sort_by_key(|invoice| invoice.id);
    for invoice in &invoices {
        facts.push(issued(ctx, invoice, lines.get(&invoice.id).map_or(&[], Vec::as_slice))?);
        for payment in payments.get(&invoice.id).into_iter().flatten() {
            facts.extend(paid(ctx, payment, invoice));
        }
        if let InvoiceState::Void { voided_on, .. } = invoice.state(ctx) {
            facts.push(Fact::InvoiceVoided(InvoiceVoided { invoice: invoice.id, day: voided_on }));
        }
    }
    book(tx, ctx, &facts).await.map(|_| ())
}
