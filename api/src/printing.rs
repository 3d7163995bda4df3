//! An invoice with everything that its documents are drawn from: what was fixed when it was issued; and as what goes with a
//! letter.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use voxpark_billing::invoicing::{InvoiceLine, IssuedInvoice};
use voxpark_billing::parties;
use voxpark_billing::sending::ENCLOSED;
use voxpark_billing::uow::{Database, Tx};
use voxpark_domain::ctx::Lang;
use voxpark_domain::ids::InvoiceId;
use voxpark_domain::mail::{LetterKind, Outgoing};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};
use voxpark_infra::documents::{self, InvoicePrint};
use voxpark_infra::mail::{Enclosed, Enclosure, Enclosures};

/// An invoice for print.
pub(crate) struct Printable {
    pub(crate) invoice: IssuedInvoice,
    pub(crate) lines: Vec<InvoiceLine>,
    pub(crate) with: InvoicePrint,
}

impl Printable {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::NotFound`] out of reach or without permission to read invoices.
    pub(crate) async fn read(tx: &dyn Tx, ctx: &Ctx, id: InvoiceId, language: PaperLanguage) -> Result<Self> {
        ctx.require(Action::Read, Resource::Billing)?;
        let invoice = tx.invoices_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
        let lines: Vec<_> = tx.invoice_lines(&[id]).await?.into_iter().map(|(_, _, line)| line).collect();
        let (_, sides) = parties::on_invoices(tx, ctx, &[id]).await?.pop().ok_or(Error::NotFound)?;
        let lease = tx.leases_by_id(&[invoice.lease]).await?.pop().ok_or(Error::NotFound)?;
        let why = |line: &InvoiceLine| Bilingual {
            zh: voxpark_graphql::why(Lang::Zh, line.rated.kind, &line.rated.explanation),
            en: voxpark_graphql::why(Lang::En, line.rated.kind, &line.rated.explanation),
        };
        let issued_on = invoice.issued_at.with_timezone(&ctx.zone()).date_naive();
        let why = lines.iter().map(why).collect();
        Ok(Self { with: InvoicePrint { language, issued_on, sides, lease: lease.code, why }, invoice, lines })
    }
}

/// The invoices that letters bring, printed when the letter leaves.
#[derive(Clone)]
pub struct InvoiceEnclosures(pub Arc<dyn Database>);

impl fmt::Debug for InvoiceEnclosures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvoiceEnclosures")
    }
}

#[async_trait]
impl Enclosures for InvoiceEnclosures {
    async fn of(&self, ctx: &Ctx, letter: &Outgoing) -> Result<Option<Enclosed>> {
        if letter.kind != LetterKind::Invoice {
            return Ok(Some(Enclosed::default()));
        }
        let fact = |name: &str| letter.facts.get(name).map(String::as_str).unwrap_or_default();
        let id = fact(ENCLOSED).parse().map_err(|_| Error::internal("a letter names no invoice"))?;
        let language = PaperLanguage::from_name(fact("language")).unwrap_or(PaperLanguage::Both);
        let tx = self.0.begin(ctx, Mode::Read).await?;
        let Printable { invoice, lines, with } = Printable::read(&*tx, ctx, id, language).await?;
        drop(tx);
        // Withdrawn since it was posted.
        if invoice.voided.is_some() {
            return Ok(None);
        }
        let bytes = documents::invoice_pdf(&invoice, &lines, &with).await?;
        let name = format!("{}.pdf", invoice.number);
        let files = vec![Enclosure { name, media_type: "application/pdf", bytes }];
        let reply_to = Some(fact("reply")).filter(|reply| !reply.is_empty()).map(str::to_owned);
        Ok(Some(Enclosed { files, reply_to }))
    }
}
