//! Invoices, credit notes, platform invoices and statements of account with everything that their documents are drawn from; of an invoice what was
//! fixed when it was issued; and an invoice as what goes with a letter.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use voxpark_billing::crediting::{self, IssuedNote};
use voxpark_billing::invoicing::{InvoiceLine, IssuedInvoice, MonthStatement, month_statement};
use voxpark_billing::ledger::{self, Statement};
use voxpark_billing::parties;
use voxpark_billing::platform_invoices::{self, PlatformInvoice, PlatformLine};
use voxpark_billing::sending::{ENCLOSED, ENCLOSED_NOTE};
use voxpark_billing::uow::{Database, Tx};
use voxpark_domain::ctx::Lang;
use voxpark_domain::ids::{CreditNoteId, InvoiceId, PlatformInvoiceId, TenantId};
use voxpark_domain::mail::{LetterKind, Outgoing};
use voxpark_domain::pack::Bilingual;
use voxpark_domain::papers::PaperLanguage;
use voxpark_domain::permission::{Action, Resource};
use voxpark_domain::time::Month;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result};
use voxpark_graphql::Numbers;
use voxpark_infra::documents::{self, InvoicePrint, MonthPrint, NotePrint, PlatformPrint, StatementPrint};
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

/// A credit note for print, with its invoice.
pub(crate) struct PrintableNote {
    pub(crate) note: IssuedNote,
    /// What was fixed with it.
    sha256: Option<Vec<u8>>,
    pub(crate) of: Printable,
}

impl PrintableNote {
    /// Reads it.
    ///
    /// # Errors
    /// As [`Printable::read`].
    pub(crate) async fn read(tx: &dyn Tx, ctx: &Ctx, id: CreditNoteId, language: PaperLanguage) -> Result<Self> {
        ctx.require(Action::Read, Resource::Billing)?;
        let note = tx.credit_notes_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
        let of = Printable::read(tx, ctx, note.invoice, language).await?;
        let fixed = crediting::notes_fixed(tx, ctx, &[id]).await?.pop();
        Ok(Self { note, sha256: fixed.map(|(_, sha256, _)| sha256), of })
    }
    /// What stands on it beside the note.
    pub(crate) fn print(&self) -> NotePrint<'_> {
        NotePrint {
            invoice: &self.of.invoice,
            lines: &self.of.lines,
            with: &self.of.with,
            sha256: self.sha256.as_deref(),
        }
    }
}

/// A platform invoice for print.
pub(crate) struct PrintablePlatform {
    pub(crate) invoice: PlatformInvoice,
    pub(crate) with: PlatformPrint,
}

impl PrintablePlatform {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anyone but the administration and finance of its park.
    pub(crate) async fn read(tx: &dyn Tx, ctx: &Ctx, id: PlatformInvoiceId, language: PaperLanguage) -> Result<Self> {
        platform_invoices::may_read(ctx)?;
        let invoice = tx.platform_invoices_by_id(&[id]).await?.pop().ok_or(Error::NotFound)?;
        let why = |line: &PlatformLine| Bilingual {
            zh: voxpark_graphql::platform_why(Lang::Zh, line),
            en: voxpark_graphql::platform_why(Lang::En, line),
        };
        let why = invoice.body.lines.iter().map(why).collect();
        let issued_on = invoice.issued_at.with_timezone(&ctx.zone()).date_naive();
        Ok(Self { with: PlatformPrint { language, issued_on, why }, invoice })
    }
}

/// A statement of account for print.
pub(crate) struct PrintableStatement {
    pub(crate) code: String,
    pub(crate) statement: Statement,
    pub(crate) with: StatementPrint,
}

impl PrintableStatement {
    /// Reads the account of a tenant from a day until another one, both included.
    ///
    /// # Errors
    /// As [`ledger::statement_of`]; [`Error::NotFound`] out of reach.
    pub(crate) async fn read(
        tx: &dyn Tx,
        ctx: &Ctx,
        of: TenantId,
        (from, to): (NaiveDate, NaiveDate),
        language: PaperLanguage,
    ) -> Result<Self> {
        let tenant = tx.tenants_by_id(&[of]).await?.pop().ok_or(Error::NotFound)?;
        let park = tx.park().await?.ok_or(Error::NotFound)?;
        let statement = ledger::statement_of(tx, ctx, of, from, to.succ_opt().unwrap_or(to)).await?;
        let numbers = Numbers::of(tx, statement.lines.iter().map(|line| &line.text)).await?;
        let text = |line: &ledger::StatementLine| Bilingual {
            zh: numbers.say(Lang::Zh, &line.text),
            en: numbers.say(Lang::En, &line.text),
        };
        let with = StatementPrint {
            language,
            park: Bilingual { zh: park.name, en: park.name_en },
            tenant: Bilingual { zh: tenant.name, en: tenant.name_en },
            from,
            to,
            printed_on: ctx.today(),
            texts: statement.lines.iter().map(text).collect(),
        };
        Ok(Self { code: tenant.code, statement, with })
    }
}

/// A monthly statement for print.
pub(crate) struct PrintableMonth {
    pub(crate) code: String,
    pub(crate) statement: MonthStatement,
    pub(crate) with: MonthPrint,
}

impl PrintableMonth {
    /// Reads the statement of a tenant for a month.
    ///
    /// # Errors
    /// As [`month_statement`].
    pub(crate) async fn read(
        tx: &dyn Tx,
        ctx: &Ctx,
        (of, month): (TenantId, Month),
        language: PaperLanguage,
    ) -> Result<Self> {
        let statement = month_statement(tx, ctx, of, month).await?;
        let tenant = tx.tenants_by_id(&[of]).await?.pop().ok_or(Error::NotFound)?;
        let park = tx.park().await?.ok_or(Error::NotFound)?;
        let with = MonthPrint {
            language,
            park: Bilingual { zh: park.name, en: park.name_en },
            tenant: Bilingual { zh: tenant.name, en: tenant.name_en },
            printed_on: ctx.today(),
        };
        Ok(Self { code: tenant.code, statement, with })
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
        let fact = |name: &str| letter.facts.get(name).map(String::as_str).unwrap_or_default();
        let language = PaperLanguage::from_name(fact("language")).unwrap_or(PaperLanguage::Both);
        let nameless = || Error::internal("a letter names no document");
        let (number, bytes) = match letter.kind {
            LetterKind::Invoice => {
                let id = fact(ENCLOSED).parse().map_err(|_| nameless())?;
                let tx = self.0.begin(ctx, Mode::Read).await?;
                let Printable { invoice, lines, with } = Printable::read(&*tx, ctx, id, language).await?;
                drop(tx);
                // Withdrawn since it was posted.
                if invoice.voided.is_some() {
                    return Ok(None);
                }
                (invoice.number.to_string(), documents::invoice_pdf(&invoice, &lines, &with).await?)
            }
            LetterKind::CreditNote => {
                let id = fact(ENCLOSED_NOTE).parse().map_err(|_| nameless())?;
                let tx = self.0.begin(ctx, Mode::Read).await?;
                let printable = PrintableNote::read(&*tx, ctx, id, language).await?;
                drop(tx);
                let number = printable.note.number.as_ref().map(ToString::to_string).unwrap_or_default();
                (number, documents::credit_note_pdf(&printable.note, &printable.print()).await?)
            }
            _ => return Ok(Some(Enclosed::default())),
        };
        let name = format!("{number}.pdf");
        let files = vec![Enclosure { name, media_type: "application/pdf", bytes }];
        let reply_to = Some(fact("reply")).filter(|reply| !reply.is_empty()).map(str::to_owned);
        Ok(Some(Enclosed { files, reply_to }))
    }
}
