//! The monthly statement of a tenant.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use voxpark_billing::invoicing::{self, StatementPart};

use super::Invoice;
use crate::error::Fault as _;
use crate::load::load_known;
use crate::request::Asking as _;
use crate::scalar::{Money, Month};
use crate::tenancy::{Tenant, asked_for};

/// What the invoices of a tenant for a month come to, by its cost centres and by currency.
pub(crate) struct MonthStatement(invoicing::MonthStatement);

/// What the invoices of a tenant for a month come to, by its cost centres and by currency.
#[Object]
impl MonthStatement {
    /// Whose.
    async fn tenant(&self, gql: &Context<'_>) -> async_graphql::Result<Tenant> {
        load_known(gql, self.0.tenant).await.map(Tenant::from)
    }
    /// The month.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }
    /// Those of no cost centre first; empty when nothing was billed.
    async fn parts(&self) -> Vec<MonthStatementPart> {
        self.0.parts.iter().cloned().map(MonthStatementPart).collect()
    }
    /// Where it can be had as PDF, in both languages; with `?lang=zh` or `?lang=en` in one. A path of this installation.
    async fn document_path(&self) -> String {
        format!("/statements/{}/{}", self.0.tenant, self.0.month)
    }
}

/// The invoices of one cost centre in one currency.
pub(crate) struct MonthStatementPart(StatementPart);

/// The invoices of one cost centre in one currency.
#[Object]
impl MonthStatementPart {
    /// The cost centre at the end of the month; empty for leases that name none.
    async fn cost_centre(&self) -> &str {
        &self.0.cost_centre
    }
    /// The invoices in force, by number.
    async fn invoices(&self) -> Vec<Invoice> {
        self.0.invoices.iter().map(|(_, invoice)| Invoice::from(Arc::new(invoice.clone()))).collect()
    }
    /// Before tax.
    async fn net(&self) -> Money {
        self.0.money(self.0.sums.net_minor).into()
    }
    /// Value added tax.
    async fn tax(&self) -> Money {
        self.0.money(self.0.sums.tax_minor).into()
    }
    /// Net and tax.
    async fn total(&self) -> Money {
        self.0.money(self.0.sums.total_minor).into()
    }
    /// Credited since, with tax.
    async fn credited(&self) -> Money {
        self.0.money(self.0.sums.credited_minor).into()
    }
    /// Given up of what was owed.
    async fn written_off(&self) -> Money {
        self.0.money(self.0.sums.given_up_minor).into()
    }
    /// Paid on them, less what went back.
    async fn paid(&self) -> Money {
        self.0.money(self.0.sums.paid_minor).into()
    }
    /// Still owed.
    async fn balance(&self) -> Money {
        self.0.money(self.0.sums.balance_minor()).into()
    }
}

#[derive(Clone)]
pub(crate) struct ParkStatement;

#[Object]
impl ParkStatement {
    /// What the invoices of a tenant for a month come to, for the park and for the tenant itself. Null for others, and where the park
    /// names nobody.
    async fn month_statement(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Whose; their own for staff of a tenant when left out.")] tenant_id: Option<ID>,
        #[graphql(desc = "The month, YYYY-MM.")] month: Month,
    ) -> async_graphql::Result<Option<MonthStatement>> {
        let request = gql.request();
        let Some(tenant) = asked_for(gql, tenant_id).await? else { return Ok(None) };
        let found =
            async { invoicing::month_statement(&*request.read().await?, request.ctx()?, tenant, month.0).await };
        Ok(gql.nullable(found.await)?.map(MonthStatement))
    }
}
