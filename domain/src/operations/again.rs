//! A file that was imported is imported again with other options: what it brought goes first.

use super::import::{ContactImport, ImportState};
use super::interval::Slot;
use super::local::{LocalClock, Zone};
use super::service::interval_definition;
use super::source::Format;
use super::store::Slots;
use super::sums::Sums;
use crate::ctx::Ctx;
use crate::error::{Refusal, RefusalCode, Result};
use crate::ids::ImportId;
use crate::permission::{Action, Resource};
use crate::seat_days::Source;
use crate::uow::DomainTx;

/// Whether the import that is there starts anew with the options of `again`: a failed one always; one that is done only
/// when its caller asks to replace what it brought, and not as long as the options are the same.
///
/// # Errors
/// `import-done` when it was read with other options and is not to be replaced; `import-log-kept` for an event log,
/// whose calls reach over several files; those of [`Ctx::require`].
pub(super) async fn restart(
    tx: &dyn DomainTx,
    ctx: &Ctx,
    known: &ContactImport,
    again: &ContactImport,
    replace: bool,
) -> Result<bool> {
    let refused = |rule| Refusal::new(RefusalCode::State, rule).at("fileId");
    match known.state {
        ImportState::Failed => tx.contact_import_restart(again, ImportState::Failed).await,
        ImportState::Done if known.options != again.options => {
            if !replace {
                return Err(refused("import-done").into());
            }
            ctx.require(Action::Commit, Resource::Operations)?;
            if known.format == Format::AsteriskQueueLog {
                return Err(refused("import-log-kept").into());
            }
            let restarted = tx.contact_import_restart(again, ImportState::Done).await?;
            if restarted {
                take_back(tx, ctx, again.id).await?;
            }
            Ok(restarted)
        }
        _ => Ok(false),
    }
}

/// Takes out what an import brought, and counts the intervals again that it was counted in: from what other files
/// brought to the same hours.
async fn take_back(tx: &dyn DomainTx, ctx: &Ctx, id: ImportId) -> Result<()> {
    tx.presence_withdraw(Source::Contacts(id), ctx.now()).await?;
    let definition = interval_definition()?;
    let (reference, thresholds) = (definition.reference(), definition.thresholds());
    let (mut clock, quarter_s) = (LocalClock::new(Zone::from(ctx.zone())), Slot::Quarter.seconds());
    for (queue, first_ms, last_ms) in tx.contacts_take_back(id).await? {
        let from = clock.slot_start(first_ms, quarter_s);
        let to = clock.slot_start(last_ms, quarter_s).saturating_add(quarter_s.saturating_mul(1_000));
        let mut slots = Slots::new();
        for (facts, named) in tx.intervals_clear(&reference, queue, (from, to)).await? {
            let start = clock.slot_start(facts.queued_at, quarter_s);
            slots.entry((start, queue)).or_insert_with(|| Sums::new(thresholds)).count(&facts, named);
        }
        tx.intervals_add(&reference, &slots).await?;
    }
    Ok(())
}
