//! `voxpark admin platform-...`: what the operator charges parks.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use voxpark_billing::invoicing::{DueState, PaymentTerms};
use voxpark_billing::platform_invoices::{
    PlatformInvoice, PlatformPaid, TermsDraft, platform_paid, platform_terms_set, platform_void,
};
use voxpark_billing::pricing::TaxRate;
use voxpark_domain::ctx::{Actor, Ctx, Lang, Scope, SystemReason};
use voxpark_domain::permission::Role;
use voxpark_domain::tenancy::Park;
use voxpark_domain::time::Month;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Error, Refusal, RefusalCode};
use voxpark_graphql::platform_why;

use super::failure::Failure;
use crate::compose::App;

#[derive(Debug, Subcommand)]
pub(super) enum Platform {
    /// Say what a park is charged from a month on
    #[command(name = "platform-terms")]
    Terms(Terms),
    /// Issue the platform invoices of a month that is over
    #[command(name = "platform-bill")]
    Bill(Bill),
    /// Record a payment of a platform invoice
    #[command(name = "platform-paid")]
    Paid(Paid),
    /// Withdraw the latest platform invoice of a park; its month can be billed again
    #[command(name = "platform-void")]
    Void(Void),
    /// List platform invoices, the latest first
    #[command(name = "platform-invoices")]
    Invoices(List),
}

#[derive(Debug, Args)]
pub(super) struct Terms {
    /// Code of the park
    #[arg(long)]
    park: String,
    /// First month, 2026-12
    #[arg(long, value_parser = month)]
    from: Month,
    /// File of the price book, TOML
    #[arg(long)]
    file: PathBuf,
    /// Value added tax on it, percent
    #[arg(long, value_parser = percent)]
    tax: TaxRate,
    /// Days to pay, 0-365
    #[arg(long, value_parser = days)]
    payment_days: PaymentTerms,
}

#[derive(Debug, Args)]
pub(super) struct Bill {
    /// The month, 2026-11
    #[arg(long, value_parser = month)]
    month: Month,
    /// Code of the park; all that have terms when left out
    #[arg(long)]
    park: Option<String>,
    /// Tell what would be issued and keep nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Paid {
    /// Number of the invoice
    number: String,
    /// How much, such as 1200.50; all that is owed when left out
    #[arg(long)]
    amount: Option<String>,
    /// The day the money came; today in the park when left out
    #[arg(long)]
    on: Option<NaiveDate>,
    /// The bank's reference
    #[arg(long, default_value = "")]
    reference: String,
}

#[derive(Debug, Args)]
pub(super) struct Void {
    /// Number of the invoice
    number: String,
    /// Why
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Code of the park; all when left out
    #[arg(long)]
    park: Option<String>,
    /// Only those on which something is owed
    #[arg(long)]
    open: bool,
}

fn said(refusal: &Refusal) -> String {
    voxpark_graphql::words::message(Lang::En, refusal.rule, &refusal.args)
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).map_err(|refusal| said(&refusal))
}

fn percent(text: &str) -> Result<TaxRate, String> {
    TaxRate::parse_percent(text).map_err(|refusal| said(&refusal))
}

fn days(text: &str) -> Result<PaymentTerms, String> {
    let days = text.parse().map_err(|_| format!("{text} is no number of days"))?;
    PaymentTerms::net_days(days).map_err(|refusal| said(&refusal))
}

pub(super) async fn run(app: &App, what: Platform) -> Result<String, Failure> {
    let db = &app.api.services().db;
    let ctx = Ctx::system(SystemReason::Charging, app.env().clone());
    match what {
        Platform::Terms(terms) => {
            let text = std::fs::read_to_string(&terms.file)
                .map_err(|e| Failure::new(format!("{}: {e}", terms.file.display())))?;
            let tx = db.begin(&ctx, Mode::Write).await?;
            let park = parks(tx.parks().await?, Some(&terms.park))?.pop().ok_or(Error::NotFound)?;
            let file = terms.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let Terms { from, tax, payment_days: payment, .. } = terms;
            let set = platform_terms_set(&*tx, &ctx, &park, &TermsDraft { from, file, text, tax, payment }).await?;
            tx.commit().await?;
            Ok(format!("park {} is charged by version {} of its terms from {from} on\n", park.code, set.version))
        }
        Platform::Bill(bill) => billed(app, &ctx, &bill).await,
        Platform::Paid(paid) => {
            let tx = db.begin(&ctx, Mode::Write).await?;
            let Paid { number, amount, on, reference } = paid;
            let invoice = platform_paid(&*tx, &ctx, &PlatformPaid { number, amount, on, reference }).await?;
            tx.commit().await?;
            let open = invoice.money(invoice.total_minor.saturating_sub(invoice.paid_minor));
            Ok(format!("{} is paid but for {} {}\n", invoice.number, open.major(), open.currency))
        }
        Platform::Void(void) => {
            let tx = db.begin(&ctx, Mode::Write).await?;
            let invoice = platform_void(&*tx, &ctx, &void.number, &void.reason).await?;
            tx.commit().await?;
            Ok(format!("{} is withdrawn; {} can be billed again\n", invoice.number, invoice.month))
        }
        Platform::Invoices(list) => {
            let tx = db.begin(&ctx, Mode::Read).await?;
            let mut text = String::new();
            for park in parks(tx.parks().await?, list.park.as_deref())? {
                let today = ctx.now().with_timezone(&park.zone).date_naive();
                for invoice in tx.platform_invoices_of(park.id).await?.iter().rev() {
                    let state = invoice.due_state(today)?;
                    if !list.open || !matches!(state, DueState::Paid | DueState::Void) {
                        let _ = writeln!(text, "{}  due {}  {}", line(&park, invoice), invoice.due_on, word(state));
                    }
                }
            }
            Ok(text)
        }
    }
}

const fn word(state: DueState) -> &'static str {
    match state {
        DueState::Unpaid => "open",
        DueState::PartPaid => "paid in part",
        DueState::Paid => "paid",
        DueState::Overdue => "overdue",
        DueState::Void => "withdrawn",
        // The operator does not give up what a park owes.
        DueState::Uncollectible => "written off",
    }
}

/// The park with a code, or all.
fn parks(all: Vec<Park>, code: Option<&str>) -> Result<Vec<Park>, Error> {
    let found: Vec<Park> = all.into_iter().filter(|park| code.is_none_or(|code| park.code == code)).collect();
    if found.is_empty() && code.is_some() {
        return Err(Refusal::new(RefusalCode::NotFound, "park-unknown").at("park").into());
    }
    Ok(found)
}

fn line(park: &Park, invoice: &PlatformInvoice) -> String {
    let total = invoice.money(invoice.total_minor);
    format!("{}  {}  {}  {} {}", invoice.number, park.code, invoice.month, total.major(), total.currency)
}

/// Bills a month park by park; one that cannot be billed keeps no other back, and the command fails in the end.
async fn billed(app: &App, system: &Ctx, bill: &Bill) -> Result<String, Failure> {
    let bills = app.platform_bills();
    let tx = app.api.services().db.begin(system, Mode::Read).await?;
    let parks = parks(tx.parks().await?, bill.park.as_deref())?;
    drop(tx);
    let (mut text, mut failed) = (String::new(), Vec::new());
    for park in parks {
        let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
        let name = "admin platform-bill".to_owned();
        let ctx = Ctx::build(actor, Scope::Park(park.id), Lang::En, park.zone, name, app.env().clone());
        let done = async {
            let Some(measured) = bills.measured(&ctx).await? else { return Ok(None) };
            bills.month(&ctx, &measured, bill.month, bill.dry_run).await.map(Some)
        };
        match done.await {
            Ok(None) => {
                let _ = writeln!(text, "park {} has no terms for {}", park.code, bill.month);
            }
            Ok(Some(None)) => {
                let _ = writeln!(text, "park {} owes nothing for {}", park.code, bill.month);
            }
            Ok(Some(Some(invoice))) => told(&mut text, &park, &invoice, bill.dry_run),
            // By night, or by whoever ran this before.
            Err(Error::Refused(list)) if list.iter().all(|refusal| refusal.rule == "platform-month-billed") => {
                for refusal in &list {
                    let _ = writeln!(text, "park {}: {}", park.code, said(refusal));
                }
            }
            Err(error) => failed.push(format!("park {}: {}", park.code, Failure::from(error))),
        }
    }
    if failed.is_empty() {
        return Ok(text);
    }
    Err(Failure::new(text + &failed.join("\n")))
}

/// What was issued; of a dry run what would be, line by line.
fn told(text: &mut String, park: &Park, invoice: &PlatformInvoice, dry: bool) {
    if !dry {
        let _ = writeln!(text, "{}", line(park, invoice));
        return;
    }
    let total = invoice.money(invoice.total_minor);
    let _ = writeln!(text, "park {}, {}: {} {}", park.code, invoice.month, total.major(), total.currency);
    for one in &invoice.body.lines {
        let net = invoice.money(one.net_minor).major();
        let _ = writeln!(text, "  {} {} {net}  {}", one.kind.name(), one.month, platform_why(Lang::En, one));
    }
}
