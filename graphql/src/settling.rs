//! Settlement sheets: what the two sides of a lease owe each other when it is over.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use voxpark_billing::settling;
use voxpark_billing::uow::Tx;
use voxpark_domain::ids::{LeaseId, SettlementId};
use voxpark_domain::pack::hex;
use voxpark_domain::permission::Resource;
use voxpark_domain::platform::AuditEntry;
use voxpark_domain::{Ctx, Result};

use crate::billing::Invoice;
use crate::change::change;
use crate::error::{Fault as _, UserError};
use crate::leasing::Lease;
use crate::load::{Load, load, load_known};
use crate::node;
use crate::papers::PaperText;
use crate::request::Asking as _;
use crate::scalar::{Date, Money};

/// What a line of a settlement sheet is for.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "settling::LineKind")]
pub(crate) enum SettlementLineKind {
    /// What is still owed on an invoice.
    Invoice,
    /// What a late payment costs by the clause of the lease.
    LateFee,
    /// Something is broken or missing.
    Damage,
    /// The area is not clean.
    Cleaning,
    /// Keys or passes are not back.
    Keys,
    /// Something else that the tenant owes.
    Other,
    /// Something that the park owes.
    Credit,
    /// The deposit that the park holds, set off.
    Deposit,
}

/// Where a settlement sheet is in its life.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
#[graphql(remote = "settling::SettlementState")]
pub(crate) enum SettlementState {
    /// The tenant has it.
    Issued,
    /// Both sides agree.
    Agreed,
    /// It was taken back.
    Withdrawn,
}

/// A line of a settlement sheet.
pub(crate) struct SettlementLine(settling::SheetLine, voxpark_domain::money::Currency);

/// A line of a settlement sheet.
#[Object]
impl SettlementLine {
    /// What it is for.
    async fn kind(&self) -> SettlementLineKind {
        self.0.kind.into()
    }
    /// In words; the number of the invoice where it is one.
    async fn text(&self) -> &str {
        &self.0.text
    }
    /// Positive is owed by the tenant, negative by the park.
    async fn amount(&self) -> Money {
        voxpark_domain::money::Money::new(self.0.minor, self.1).into()
    }
    /// The invoice it is about.
    async fn invoice(&self, gql: &Context<'_>) -> async_graphql::Result<Option<Invoice>> {
        let Some(id) = self.0.invoice else { return Ok(None) };
        Ok(load(gql, id).await?.map(Invoice::from))
    }
    /// Days that the invoice was late, of a late fee.
    async fn days(&self) -> Option<i64> {
        self.0.days
    }
}

/// What was found of something that is looked at when a lease ends.
#[derive(SimpleObject)]
pub(crate) struct SettlementCheck {
    /// Its name in the list.
    item: String,
    /// What is in order when it is.
    title: PaperText,
    /// Whether it is in order.
    in_order: bool,
    /// What is not; empty when it is.
    remark: String,
}

/// What the two sides of a lease owe each other when it is over. Fixed when it is issued.
#[derive(Clone)]
pub(crate) struct Settlement(Arc<settling::Settlement>);

impl From<Arc<settling::Settlement>> for Settlement {
    fn from(settlement: Arc<settling::Settlement>) -> Self {
        Self(settlement)
    }
}

/// What the two sides of a lease owe each other when it is over. Fixed when it is issued.
#[Object]
impl Settlement {
    /// Stable id; of a preview one that nothing has.
    pub(crate) async fn id(&self, _gql: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.0.id.to_string().into())
    }
    /// Of which lease.
    async fn lease(&self, gql: &Context<'_>) -> async_graphql::Result<Lease> {
        load_known(gql, self.0.lease).await.map(Lease::from)
    }
    /// The code of the lease and how many sheets there were: `L-1/S1`.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// The day after the last of the lease.
    async fn ended_on(&self) -> Date {
        self.0.ended_on.into()
    }
    /// Where it is.
    async fn state(&self) -> SettlementState {
        self.0.state.into()
    }
    /// What stands on it, in order.
    async fn lines(&self) -> Vec<SettlementLine> {
        self.0.sheet.lines.iter().map(|line| SettlementLine(line.clone(), self.0.currency)).collect()
    }
    /// What was found of every item of the list.
    async fn checks(&self) -> Vec<SettlementCheck> {
        let checks = self.0.sheet.checks.iter();
        checks
            .map(|check| SettlementCheck {
                item: check.item.clone(),
                title: (&check.title).into(),
                in_order: check.in_order,
                remark: check.remark.clone(),
            })
            .collect()
    }
    /// What it comes to: positive is owed by the tenant, negative by the park.
    async fn balance(&self) -> Money {
        voxpark_domain::money::Money::new(self.0.balance_minor, self.0.currency).into()
    }
    /// SHA-256 of what stands on it, in hexadecimal: printed at its foot.
    async fn sha256(&self) -> String {
        hex(&self.0.sha256)
    }
    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }
    /// The day on which the tenant agreed.
    async fn agreed_on(&self) -> Option<Date> {
        self.0.agreed_on.map(Date)
    }
    /// Who agreed for the tenant; empty before.
    async fn agreed_by(&self) -> &str {
        self.0.agreed_by.reveal()
    }
    /// Why it was taken back; empty when it was not.
    async fn withdrawn_for(&self) -> &str {
        self.0.withdrawn_for.reveal()
    }
    /// Where it is to be had as PDF, below the service's address.
    async fn document_path(&self) -> String {
        format!("/documents/{}", self.0.id)
    }
}

#[async_trait]
impl Load for SettlementId {
    type Value = Arc<settling::Settlement>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(_: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        Ok(tx.settlements_by_id(keys).await?.into_iter().map(|one| (one.id, Arc::new(one))).collect())
    }
}

/// The sheets of a lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SettlementsOf(LeaseId);

#[async_trait]
impl Load for SettlementsOf {
    type Value = Vec<Arc<settling::Settlement>>;
    const RESOURCE: Resource = Resource::Billing;
    async fn load(ctx: &Ctx, tx: &dyn Tx, keys: &[Self]) -> Result<Vec<(Self, Self::Value)>> {
        let ids: Vec<LeaseId> = keys.iter().map(|key| key.0).collect();
        let found: Vec<_> = settling::settlements_of(tx, ctx, &ids).await?.into_iter().map(Arc::new).collect();
        let of = |id| found.iter().filter(|one| one.lease == id).cloned().collect();
        Ok(keys.iter().map(|key| (*key, of(key.0))).collect())
    }
}

/// Something that the park or the tenant owes beside invoices.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SettlementChargeInput {
    /// What for: damage, cleaning, keys, other, or a credit that the park owes.
    kind: SettlementLineKind,
    /// In words, 1 to 200 characters.
    text: String,
    /// In major units of the lease's currency, positive whoever owes it: `120.00`.
    amount: String,
}

/// Something that is not in order when a lease ends.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SettlementFaultInput {
    /// The item of the list.
    item: String,
    /// What is not in order, 1 to 200 characters.
    remark: String,
}

/// What a settlement sheet is drawn up from beside the books.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SettlementDraftInput {
    /// The deposit that the park holds, in major units; that of the lease when left out.
    deposit_held: Option<String>,
    /// True: late fees are not charged.
    without_late_fees: Option<bool>,
    /// Beside invoices, at most 50.
    charges: Option<Vec<SettlementChargeInput>>,
    /// What is not in order; everything else is.
    faults: Option<Vec<SettlementFaultInput>>,
}

impl SettlementDraftInput {
    fn read(self) -> settling::SettlementDraft {
        let charge = |charge: SettlementChargeInput| settling::Charge {
            kind: charge.kind.into(),
            text: charge.text,
            amount: charge.amount,
        };
        settling::SettlementDraft {
            deposit_held: self.deposit_held,
            without_late_fees: self.without_late_fees.unwrap_or_default(),
            charges: self.charges.unwrap_or_default().into_iter().map(charge).collect(),
            faults: self.faults.unwrap_or_default().into_iter().map(|fault| (fault.item, fault.remark)).collect(),
        }
    }
}

/// The settlement of a lease.
#[derive(Clone)]
pub(crate) struct LeaseSettlement(pub(crate) LeaseId);

/// What a settlement sheet would say, or why there can be none.
#[derive(SimpleObject, Default)]
pub(crate) struct SettlementPreview {
    /// What it would say; nothing of it is kept.
    settlement: Option<Settlement>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The settlement of a lease.
#[Object]
impl LeaseSettlement {
    /// Its settlement sheets, newest first.
    async fn settlements(&self, gql: &Context<'_>) -> async_graphql::Result<Vec<Settlement>> {
        let found = load(gql, SettlementsOf(self.0)).await?.unwrap_or_default();
        Ok(found.into_iter().map(Settlement::from).collect())
    }
}

/// The settlements of a park.
#[derive(Clone)]
pub(crate) struct ParkSettlement;

/// The settlements of a park.
#[Object]
impl ParkSettlement {
    /// What the settlement sheet of a lease would say now; null for whoever may not issue it.
    #[graphql(complexity = "20 + child_complexity")]
    async fn settlement_preview(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Of which lease.")] lease_id: ID,
        #[graphql(desc = "What it is drawn up from beside the books.")] draft: Option<SettlementDraftInput>,
    ) -> async_graphql::Result<Option<SettlementPreview>> {
        let request = gql.request();
        let lease = node::id::<LeaseId>("leaseId", &lease_id).map_err(|e| gql.fault(&e))?;
        let draft = draft.map(SettlementDraftInput::read).unwrap_or_default();
        let read = async {
            settling::settlement_preview(&*request.read().await?, request.ctx()?, lease, &draft).await.map(Arc::new)
        };
        match read.await {
            Ok(settlement) => {
                Ok(Some(SettlementPreview { settlement: Some(settlement.into()), user_errors: Vec::new() }))
            }
            Err(error @ voxpark_domain::Error::Refused(_)) => {
                let user_errors = UserError::all(&error, request.lang()).unwrap_or_default();
                Ok(Some(SettlementPreview { settlement: None, user_errors }))
            }
            Err(voxpark_domain::Error::Forbidden | voxpark_domain::Error::NotFound) => Ok(None),
            Err(error) => Err(gql.fault(&error)),
        }
    }
}

/// A settlement sheet is to be issued.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SettlementIssueInput {
    /// Of which lease.
    lease_id: ID,
    /// What it is drawn up from beside the books.
    draft: SettlementDraftInput,
    /// Repeats of the same request under this key answer the same and issue nothing.
    idempotency_key: String,
}

/// The tenant agreed to a settlement sheet.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SettlementAgreeInput {
    /// To which.
    settlement_id: ID,
    /// The day on which it did; not after today.
    agreed_on: Date,
    /// Who for the tenant, 1 to 100 characters.
    agreed_by: String,
    /// Repeats of the same request under this key answer the same and record nothing.
    idempotency_key: String,
}

/// A settlement sheet is to be taken back.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SettlementWithdrawInput {
    /// Which.
    settlement_id: ID,
    /// Why, 1 to 200 characters.
    reason: String,
    /// Repeats of the same request under this key answer the same and take nothing back.
    idempotency_key: String,
}

/// What became of a settlement sheet.
#[derive(SimpleObject, Default)]
pub(crate) struct SettlementPayload {
    /// The sheet.
    settlement: Option<Settlement>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

async fn answer(
    gql: &Context<'_>,
    done: async_graphql::Result<std::result::Result<SettlementId, Vec<UserError>>>,
) -> async_graphql::Result<Option<SettlementPayload>> {
    Ok(Some(match done? {
        Ok(id) => SettlementPayload { settlement: load(gql, id).await?.map(Settlement::from), ..Default::default() },
        Err(user_errors) => SettlementPayload { user_errors, ..Default::default() },
    }))
}

fn entry(act: &'static str, settlement: &settling::Settlement) -> AuditEntry {
    let detail = serde_json::json!({ "number": settlement.number, "state": settlement.state.name(),
        "balanceMinor": settlement.balance_minor });
    AuditEntry::new(act, settlement.id).with(detail)
}

#[derive(Default)]
pub(crate) struct SettlementMutation;

#[Object]
impl SettlementMutation {
    /// Issues the settlement sheet of a lease that is over: what it says is fixed, and the tenant sees it.
    async fn settlement_issue(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SettlementIssueInput,
    ) -> async_graphql::Result<Option<SettlementPayload>> {
        let wanted = input.clone();
        let done = change(gql, "settlementIssue", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let (lease, draft) = (node::id("leaseId", &wanted.lease_id)?, wanted.draft.read());
                let settlement = settling::settlement_issue(tx, ctx, lease, &draft).await?;
                Ok((settlement.id, entry("settlement.issue", &settlement)))
            })
        });
        answer(gql, done.await).await
    }

    /// Records that the tenant agreed to a settlement sheet.
    async fn settlement_agree(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SettlementAgreeInput,
    ) -> async_graphql::Result<Option<SettlementPayload>> {
        let wanted = input.clone();
        let done = change(gql, "settlementAgree", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let agreement = settling::Agreement {
                    settlement: node::id("settlementId", &wanted.settlement_id)?,
                    on: wanted.agreed_on.0,
                    by: wanted.agreed_by,
                };
                let settlement = settling::settlement_agree(tx, ctx, &agreement).await?;
                Ok((settlement.id, entry("settlement.agree", &settlement)))
            })
        });
        answer(gql, done.await).await
    }

    /// Takes a settlement sheet back that nobody agreed to; another can be issued.
    async fn settlement_withdraw(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SettlementWithdrawInput,
    ) -> async_graphql::Result<Option<SettlementPayload>> {
        let wanted = input.clone();
        let done = change(gql, "settlementWithdraw", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let id = node::id("settlementId", &wanted.settlement_id)?;
                let settlement = settling::settlement_withdraw(tx, ctx, id, &wanted.reason).await?;
                Ok((settlement.id, entry("settlement.withdraw", &settlement)))
            })
        });
        answer(gql, done.await).await
    }
}
