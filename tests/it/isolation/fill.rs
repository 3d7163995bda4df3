//! A victim with something in every table, and plain values for every input.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use voxpark_billing::uow::Database as _;
use voxpark_domain::Ctx;
use voxpark_domain::ctx::SystemReason;
use voxpark_domain::identity::STATEMENT;
use voxpark_domain::uow::Mode;
use voxpark_tests::app::{World, user};
use voxpark_tests::idp::Idp;
use voxpark_tests::plant::Plant;

use super::schema::{Member, Schema};
use super::{ASSESSED, COURTED, Ids, PRIVATE, SHARED};
use crate::billing::{Ground, THEN, Terms};
use crate::platform_bill;

/// Mutations that act on nothing but the caller's own session.
pub(crate) const HARMLESS: &[&str] = &[
    "signIn",
    "signInFinish",
    "tokenRefresh",
    "scopeSwitch",
    "signOut",
    "sessionsEndAll",
    "passwordResetRequest",
    "oidcBegin",
    "passkeyAsk",
];

/// Types that only mutations return.
pub(crate) const PAYLOAD_TYPES: &[&str] =
    &["UserError", "FileLink", "ImportReport", "RowIssue", "BillingRunRow", "SeatMove", "DrawingWord"];

/// Text columns that hold no text of anybody's, and why. In all others a row of the victim holds a canary.
pub(crate) const WORDS: &[(&str, &str)] = &[
    ("tenant.code", "a short code; the names beside it are looked for"),
    ("tenant_member.role", "a word of the product"),
    ("lease_version.product", "a word of the product"),
    ("lease_version.currency", "an ISO code"),
    ("lease_usage.quantity", "a number"),
    ("lease_version.proration", "a word of the product"),
    ("lease_version.price_book", "the id of a book"),
    ("agreed_price_book.book", "the id of a book; its text is looked for"),
    ("settlement.state", "a word of the product"),
    ("settlement.currency", "an ISO code"),
    ("contract_paper.kind", "a word of the product"),
    ("contract_paper.language", "a word of the product"),
    ("contract_paper.template", "the id of a pack"),
    ("contract_paper.state", "a word of the product"),
    ("contract_paper_step.act", "a word of the product"),
    ("seat_ledger.kind", "a word of the product"),
    ("seat_assignment.mode", "a word of the product"),
    ("seat_request.kind", "a word of the product"),
    ("seat_request.product", "a word of the product"),
    ("seat_request.state", "a word of the product"),
    ("seat_request_step.side", "a word of the product"),
    ("seat_request_step.act", "a word of the product"),
    ("seat_request_step.state", "a word of the product"),
    ("seat_request_step.answer_kind", "a word of the product"),
    ("contact_import.format", "a word of the product"),
    ("contact_import.state", "a word of the product"),
    ("import_issue.field", "the name of a column of the format"),
    ("import_issue.rule", "the id of a rule"),
    ("contact.direction", "a word of the product"),
    ("contact.outcome", "a word of the product"),
    ("contact_interval.definition", "the id of a definition"),
    ("assessment.framework", "the id of a pack"),
    ("assessment.framework_sha256", "a digest of a pack"),
    ("assessment.state", "a word of the product"),
    ("assessment_result.framework", "the id of a pack"),
    ("evidence.media_type", "a media type"),
    ("stored_file.media_type", "a media type"),
    ("stored_file.state", "a word of the product"),
    ("evidence.file_state", "a word of the product"),
    ("invoice.number", "numbered by the park"),
    ("credit_note.number", "numbered by the park"),
    ("credit_note.currency", "that of its invoice"),
    ("invoice.currency", "an ISO code"),
    ("invoice_delivery.language", "a word of the product"),
    ("invoice_delivery.state", "a word of the product"),
    ("invoice_delivery.code", "a code of a mail server"),
    ("invoice_fapiao.kind", "the id of a kind of a pack"),
    ("invoice_fapiao.colour", "a word of the product"),
    ("invoice_fapiao.code", "digits of the tax office"),
    ("invoice_fapiao.number", "digits of the tax office"),
    ("invoice_line.kind", "a word of the product"),
    ("invoice_line.product", "a word of the product"),
    ("payment.currency", "an ISO code"),
    ("payment_act.step", "a word of the product"),
    ("invoice_write_off.step", "a word of the product"),
    ("ledger_statement.currency", "an ISO code"),
    ("ledger_statement.text_rule", "the id of a rule"),
    ("ledger_statement.text_args", "ids of documents and days"),
    ("cost_entry.category", "the id of a category of a pack"),
    ("cost_entry.currency", "an ISO code"),
    ("cost_entry.source", "a word of the product"),
    ("letter.kind", "a word of the product"),
    ("letter.lang", "a tag of a language"),
    ("letter.state", "a word of the product"),
    ("letter.code", "a code of a mail server"),
    ("job.kind", "a word of the product"),
    ("job.state", "a word of the product"),
    ("job.step", "a word of the product"),
    ("job.last_error", "the victim's jobs ended well; no query reads it"),
    ("emergency.operator_name", "the name of the operator of the installation"),
    ("emergency.mode", "a word of the product"),
    ("emergency.ended_by", "a word of the product"),
    ("service_account.role", "a word of the product"),
    ("service_account.scopes", "words of the product"),
    ("service_token.last_used_from", "a network address"),
    ("idempotency.operation", "the name of a mutation"),
    ("audit_event.role", "a word of the product"),
    ("audit_event.action", "a word of the product"),
    ("audit_event.subject", "an id"),
    ("audit_event.request", "an id of a request"),
    ("audit_event.grants", "ids of grants"),
    ("audit_event.detail", "figures and codes"),
];

/// Fields that no victim can fill yet, each with the reason.
pub(crate) const UNREAD: &[(&str, &str)] = &[
    (
        "PlatformInvoiceLine.carriedFrom",
        "no bill of the walk comes to less than nothing; billing/src/platform_invoices has some",
    ),
    ("PlatformInvoiceLine.correction", "nothing is recorded late in the walk; tests/it/platform_bill does"),
    ("PlatformCorrection.invoice", "nothing is recorded late in the walk"),
    ("PlatformCorrection.billed", "nothing is recorded late in the walk"),
    ("PlatformCorrection.now", "nothing is recorded late in the walk"),
    ("PlatformCorrection.billedWhy", "nothing is recorded late in the walk"),
    ("PlatformCorrection.nowWhy", "nothing is recorded late in the walk"),
    ("Fapiao.takesBack", "the walk enters no type twice on one path; tests/it/fiscal reads it"),
    ("InvoiceDelivery.code", "a mail server has to refuse a letter for it; tests/it/sending has one"),
    ("StatementOfAccount.openings", "nothing was owed before the days of the walk; tests/it/books has some"),
    ("InvoiceCorrection.billed", "one level below where the walk ends; tests/it/billing reads it"),
    ("InvoiceCorrection.now", "one level below where the walk ends; tests/it/billing reads it"),
    ("CreditedLine.net", "one level below where the walk ends; tests/it/crediting reads it"),
    ("CreditedLine.tax", "one level below where the walk ends; tests/it/crediting reads it"),
    ("ContractPaper.scanId", "the park alone reads it; tests/it/papers does"),
    ("SettlementPreview.settlement", "the lease of the walk runs; tests/it/settling has one that is over"),
    ("SettlementCheck.title", "one level below where the walk ends; tests/it/settling reads it"),
    ("SettlementLine.amount", "one level below where the walk ends; tests/it/settling reads it"),
    ("SettlementLine.invoice", "one level below where the walk ends"),
    ("SettlementLine.days", "the victim's sheet has no late fee; tests/it/settling has one"),
    ("Alert.paper", "the papers of the victim's park are signed; tests/it/papers has one that waits"),
    ("Lease.transferredFrom", "the park alone reads it; tests/it/clauses does"),
    ("Lease.transferredTo", "the park alone reads it"),
    ("LeaseTransfer.on", "the park alone reads it"),
    ("LeaseTransfer.lease", "the park alone reads it"),
    ("LeaseClauses.minimumSeats", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseClauses.concessions", "one level below where the walk ends; tests/it/billing/concessions reads them"),
    ("LeaseClauses.minimumSpend", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseClauses.lateFee", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseClauses.decrease", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseClauses.renewal", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseClauses.quietHours", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseClauses.windows", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseClauses.index", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndex.name", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndex.base", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndex.nextReview", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndex.everyMonths", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndex.followsPercent", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndex.mostRisePercent", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndex.mostFallPercent", "one level below where the walk ends; tests/it/indexing reads it"),
    ("LeaseIndexPreview.review", "the lease of the walk follows no index; tests/it/indexing has one that does"),
    ("LeaseIndexReview.due", "the lease of the walk follows no index; tests/it/indexing has one that does"),
    ("LeaseIndexReview.from", "the lease of the walk follows no index; tests/it/indexing has one that does"),
    ("LeaseIndexReview.before", "the lease of the walk follows no index; tests/it/indexing has one that does"),
    ("LeaseIndexReview.after", "the lease of the walk follows no index; tests/it/indexing has one that does"),
    ("LeaseIndexReview.limited", "the lease of the walk follows no index; tests/it/indexing has one that does"),
    (
        "PriceBookCurve.jumps",
        "where the walk looks nothing jumps; tests/it/price_books and the walk of the book itself read some",
    ),
    ("StraightLineRow.userErrors", "what is there can be priced"),
    ("PriceBookCurve.userErrors", "what is there can be drawn"),
    ("PriceBookQuote.userErrors", "what is there can be quoted"),
    ("LeaseTerms.priceBook", "one level below where the walk ends; tests/it/billing/by_book reads it"),
    ("LeasePriceBook.book", "one level below where the walk ends; tests/it/billing/by_book reads it"),
    ("LeasePriceBook.version", "one level below where the walk ends; tests/it/billing/by_book reads it"),
    ("InvoiceLine.priceBook", "the victim's invoice is priced by its lease; tests/it/billing/by_book has others"),
    ("InvoicePriceBook.book", "the victim's invoice is priced by its lease"),
    ("InvoicePriceBook.version", "the victim's invoice is priced by its lease"),
    ("InvoicePriceBook.price", "the victim's invoice is priced by its lease"),
    ("InvoicePriceBook.title", "the victim's invoice is priced by its lease"),
    ("Quote.holds", "the quote of the walk has none; tests/it/pipeline reads them"),
    ("LeaseDecrease.noticeDays", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseDecrease.earliest", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseLateFee.graceDays", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseLateFee.percentPerDay", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseLateFee.capPercent", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseMinimumSeats.from", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseMinimumSeats.seats", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseConcession.kind", "one level below where the walk ends; tests/it/billing/concessions reads them"),
    ("LeaseConcession.from", "one level below where the walk ends; tests/it/billing/concessions reads them"),
    ("LeaseConcession.last", "one level below where the walk ends; tests/it/billing/concessions reads them"),
    ("LeaseConcession.percent", "one level below where the walk ends; tests/it/billing/concessions reads them"),
    ("LeaseConcession.amount", "one level below where the walk ends; tests/it/billing/concessions reads them"),
    ("LeaseConcession.reason", "one level below where the walk ends; tests/it/billing/concessions reads them"),
    ("LeaseMinimumSpend.from", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseMinimumSpend.amount", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseRenewalOption.noticeDays", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseRenewalOption.months", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseRenewalOption.mostIncreasePercent", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseWindow.fromMin", "one level below where the walk ends; tests/it/clauses reads them"),
    ("LeaseWindow.toMin", "one level below where the walk ends; tests/it/clauses reads them"),
    (
        "RepricingRun.differences",
        "a past invoice always comes out the same; tests/it/billing/repricing has some that do not",
    ),
    ("DifferingInvoice.invoice", "a past invoice always comes out the same"),
    ("DifferingInvoice.stored", "a past invoice always comes out the same"),
    ("DifferingInvoice.again", "a past invoice always comes out the same"),
    ("DifferingInvoice.differences", "a past invoice always comes out the same"),
    ("DifferingInvoice.userErrors", "a past invoice always comes out the same"),
    ("DifferingInvoice.foundAt", "a past invoice always comes out the same"),
    ("Repricing.differences", "a past invoice always comes out the same, so there is no difference to read"),
    ("UnitSeatCost.otherRents", "the victim's seats have prices in one currency; tests/it/billing/currency reads it"),
    ("InvoicePreview.userErrors", "the month of the walk can be drawn up, so there is nothing to mend"),
    ("RowIssueEdge.node", "one level below where the walk ends; the nodes of the same connection are read"),
    ("Emergency.endedAt", "the entry at the victim's goes on; tests/it/emergency ends some"),
    ("Emergency.endedBy", "the entry at the victim's goes on"),
    ("Session.endedAt", "no session of the victim ended by a copied token"),
    ("Session.ended", "no session of the victim ended by a copied token"),
    ("Job.problem", "the victim's jobs ended well"),
    ("InvitationOffer.parkName", "read with the token of a letter alone; tests/it/mail does"),
    ("InvitationOffer.parkNameEn", "read with the token of a letter alone"),
    ("InvitationOffer.role", "read with the token of a letter alone"),
    ("InvitationOffer.email", "read with the token of a letter alone"),
    ("InvitationOffer.hasAccount", "read with the token of a letter alone"),
    ("Viewer.secondFactor", "the victim has none; tests/it/factor does"),
    ("SecondFactor.since", "the victim has none"),
    ("SecondFactor.recoveryCodesLeft", "the victim has none"),
    ("SignInWays.providers", "the installation has none; tests/it/oidc has one"),
    ("Viewer.passkeys", "the victim has none; tests/it/passkey does"),
    ("Passkey.id", "the victim has none"),
    ("Passkey.name", "the victim has none"),
    ("Passkey.since", "the victim has none"),
    ("Passkey.lastUsedAt", "the victim has none"),
    ("Viewer.identityLinks", "no account of the victim is linked; tests/it/oidc does"),
    ("IdentityLink.id", "no account of the victim is linked"),
    ("IdentityLink.issuer", "no account of the victim is linked"),
    ("IdentityLink.own", "no account of the victim is linked"),
    ("IdentityLink.since", "no account of the victim is linked"),
    ("IdentityLink.lastUsedAt", "no account of the victim is linked"),
    ("Letter.code", "a mail server has to refuse a letter for it; tests/it/mail has one"),
    ("Viewer.grants", "only assessors hold grants; neither the victim nor its park is one"),
    ("Grant.covers", "for the holder of a grant alone; tests/it/grants is one"),
    ("Grant.asOf", "for the holder of a grant alone"),
    ("CoveredTenant.tenantId", "for the holder of a grant alone"),
    ("CoveredTenant.name", "for the holder of a grant alone"),
    ("CoveredTenant.nameEn", "for the holder of a grant alone"),
    ("CoveredTenant.cover", "for the holder of a grant alone"),
    ("Schedule.begunAt", "nothing is due while the walk lasts; tests/it/schedules lets time pass"),
    ("Schedule.job", "nothing is due while the walk lasts"),
    ("Grant.region", "grants on regions are given by the operator; tests/it/grants has one"),
    ("ParkStatistics.seatsOccupied", "held back: the park has fewer than five tenants"),
    ("ParkStatistics.people", "held back: the park has fewer than five tenants"),
    ("LeasePriceStep.unitPrice", "one level below where the walk ends; tests/it/pipeline reads it"),
    ("QuoteMonth.net", "one level below where the walk ends; tests/it/pipeline reads it"),
    ("QuoteMonth.tax", "one level below where the walk ends"),
    ("QuoteMonth.total", "one level below where the walk ends"),
    ("QuoteMonth.lines", "one level below where the walk ends"),
    ("QuoteLine.lease", "the victim did not accept; tests/it/pipeline does"),
    ("QuoteSums.userErrors", "what can be drawn up can be priced"),
    ("SeatDays.knownOn", "the walk asks for what is known now; tests/it/seat_days asks for the past"),
    ("SeatAssignment.reversedAt", "what was taken back is not in the list unless asked for; tests/it/seating does"),
    ("Alert.lease", "no lease of the walk ends within 90 days or lacks seats; tests/it/alerts has some"),
    ("Alert.hold", "the victim's hold ends later than within a week; tests/it/alerts has one that does"),
    ("Alert.outage", "the seat is out of service for longer; tests/it/alerts has one that is soon back"),
    ("Alert.invoice", "no invoice is late on the day of the walk; tests/it/alerts has one"),
    ("Zone.endedOn", "the victim's zones stay; tests/it/estate/places ends some"),
    ("FloorMap.floor", "the floor that the map was reached from; the walk enters no type twice on one path"),
];

/// What staff of the victim's own park may do to its shared things; they are no intruders there.
pub(crate) fn allowed(who: &str, mutation: &str) -> bool {
    let park = [
        "tenantCreate",
        "invitationCreate",
        "invitationResend",
        "invitationRevoke",
        "identityProviderSave",
        "identityProviderRemove",
        "grantCreate",
        "grantRevoke",
        "seatPlanImport",
        "leaseCreate",
        "leaseAmend",
        "leaseRenew",
        "leaseTransfer",
        "paperDraft",
        "paperApprove",
        "paperRefuse",
        "paperWithdraw",
        "paperSign",
        "contractPolicySet",
        "settlementIssue",
        "settlementAgree",
        "settlementWithdraw",
        "seatsAllocate",
        "seatsRelease",
        "seatsHold",
        "seatsMove",
        "leaseEnd",
        "seatHoldExtend",
        "seatHoldRelease",
        "seatsOutOfService",
        "seatsInService",
        "seatsRenumber",
        "zoneRename",
        "zoneSplit",
        "zonesMerge",
        "seatFeaturesSet",
        "zoneAreaSet",
        "floorPlanSet",
        "floorPlanEnd",
        "seatsPlace",
        "seatsPlaceByDrawing",
        "photoAdd",
        "photoRemove",
        "invoiceIssue",
        "invoiceVoid",
        "invoiceWriteOff",
        "invoiceRestore",
        "billingRun",
        "billingRunStart",
        "repricingStart",
        "paymentRecord",
        "usageRecord",
        "creditNoteSend",
        "paymentReceive",
        "paymentApply",
        "paymentUnapply",
        "paymentRefund",
        "paymentBounce",
        "creditNoteApply",
        "creditNoteUnapply",
        "creditNoteRefund",
        "sellerProfileSet",
        "buyerProfileSet",
        "invoiceSend",
        "invoicePolicySet",
        "fapiaoRecord",
        "revenueRecognise",
        "bookCostRecord",
        "bookCostReverse",
        "straightLineBook",
        "bookMonthClose",
        "bookMonthReopen",
        "priceBookPublish",
        "leadCreate",
        "leadChange",
        "leadAssign",
        "leadPlan",
        "leadMove",
        "leadNoteAdd",
        "visitPlan",
        "visitChange",
        "visitEnd",
        "quoteCreate",
        "quoteChange",
        "quoteRevise",
        "quoteSend",
        "quoteDecline",
        "quoteWithdraw",
        "quoteAccept",
        "seatRequestAct",
        "seatRequestClockSet",
    ];
    match who {
        "park" => park.contains(&mutation),
        "finance" => [
            "invoiceIssue",
            "invoiceVoid",
            "invoiceWriteOff",
            "invoiceRestore",
            "billingRun",
            "billingRunStart",
            "repricingStart",
            "paymentRecord",
            "usageRecord",
            "creditNoteSend",
            "paymentReceive",
            "paymentApply",
            "paymentUnapply",
            "paymentRefund",
            "paymentBounce",
            "creditNoteApply",
            "creditNoteUnapply",
            "creditNoteRefund",
            "sellerProfileSet",
            "buyerProfileSet",
            "invoiceSend",
            "invoicePolicySet",
            "fapiaoRecord",
            "revenueRecognise",
            "bookCostRecord",
            "bookCostReverse",
            "straightLineBook",
            "bookMonthClose",
            "bookMonthReopen",
            "priceBookPublish",
            "paperApprove",
            "paperRefuse",
            "settlementIssue",
            "settlementAgree",
            "settlementWithdraw",
        ]
        .contains(&mutation),
        _ => false,
    }
}

/// What the victim's assessor may do with what was submitted to it, and the operator about entries in an emergency, which
/// its own tests hold.
pub(crate) fn shown(who: &str, mutation: &str) -> bool {
    match who {
        "assessor" => mutation == "fileLink",
        "operator" => ["emergencyEnter", "emergencyEnd"].contains(&mutation),
        _ => false,
    }
}

/// A value for a field of an input: one of the victim's ids where it is an id, plain otherwise.
pub(crate) fn value(
    schema: &Schema,
    ids: &Ids,
    mutation: &str,
    owner: &str,
    member: &Member,
    missing: &mut BTreeSet<String>,
) -> Option<Value> {
    let first = |prefix: &str| ids.get(prefix).and_then(|s| s.iter().next()).map(|id| json!(id));
    let of = member.of.name.as_str();
    match of {
        "ID" => {
            let prefix = match member.name.trim_end_matches('s') {
                "tenantId" | "toTenantId" => "tenant",
                "paperId" => "paper",
                "settlementId" => "settle",
                "grantId" => "grant",
                "leaseId" => "lease",
                "leadId" => "lead",
                "visitId" => "visit",
                "quoteId" => "quote",
                "zoneId" | "intoZoneId" => "zone",
                "floorId" => return first("floor").or_else(|| Some(json!(format!("floor_{:032x}", 1)))),
                // The park's own: its tenants see none.
                "photoId" => return first("photo").or_else(|| Some(json!(format!("photo_{:032x}", 1)))),
                "ownerId" | "guideId" => return Some(json!(user("park").to_string())),
                // Seats are no secret; one that nobody has does where the API shows none.
                "seatId" | "toSeatId" => return first("seat").or_else(|| Some(json!(format!("seat_{:032x}", 1)))),
                "allocationId" | "referenceId" => "alloc",
                "requestId" => "sreq",
                "campaignId" => "campaign",
                "assignmentId" => "assign",
                // The park's own: its tenants see none.
                "holdId" => return first("hold").or_else(|| Some(json!(format!("hold_{:032x}", 1)))),
                "outageId" => return first("outage").or_else(|| Some(json!(format!("outage_{:032x}", 1)))),
                "personId" => "person",
                "shiftId" => "shift",
                "occupancyId" => "occ",
                "teamId" => "team",
                "queueId" => "queue",
                "assessmentId" => "assess",
                "invoiceId" => "inv",
                "takesBackId" => "fapiao",
                "paymentId" => "pay",
                "creditNoteId" => "cnote",
                "entryId" => return first("bentry").or_else(|| Some(json!(format!("bentry_{:032x}", 1)))),
                "sessionId" => "sess",
                "jobId" => "job",
                "scheduleId" => return Some(json!(format!("sched_{:032x}", 1))),
                "invitationId" => "invite",
                "passkeyId" => return Some(json!(format!("passkey_{:032x}", 1))),
                "providerId" => "idp",
                "linkId" => return first("oidc").or_else(|| Some(json!(format!("oidc_{:032x}", 1)))),
                "subjectId" => "evid",
                "serviceAccountId" => "svc",
                "emergencyId" => "emergency",
                "serviceTokenId" => "svctok",
                "fileId" | "scanId" => return Some(json!(format!("file_{:032x}", 1))),
                _ => return None,
            };
            first(prefix)
        }
        "Date" => Some(json!(if matches!(member.name.as_str(), "to" | "validTo" | "termTo") {
            "2027-03-01"
        } else {
            "2026-11-25"
        })),
        "Month" => Some(json!("2026-10")),
        "DateTime" => Some(json!("2026-11-21T02:00:00Z")),
        "Int" => Some(json!(match member.name.as_str() {
            "clause" => 1,
            "c" | "f" => 10,
            "shiftToMin" => 1440,
            "endMin" => 1080,
            "startMin" => 540,
            _ => 0,
        })),
        "Boolean" => Some(json!(false)),
        "String" => Some(json!(match member.name.as_str() {
            "idempotencyKey" => format!("intruder-{mutation}"),
            "assessorEmail" => "park@example.test".to_owned(),
            "unitPrice" | "deposit" | "amount" => "1.00".to_owned(),
            "taxRatePercent" => "6".to_owned(),
            "proration" => "by_day".to_owned(),
            "category" => "labour".to_owned(),
            "timeZone" => "Asia/Shanghai".to_owned(),
            _ => "X1".to_owned(),
        })),
        _ => match schema.get(of).kind.as_str() {
            "ENUM" => schema.get(of).values.first().map(|v| json!(v)),
            "INPUT_OBJECT" if member.of.required || member.of.list => {
                let mut map = serde_json::Map::new();
                for inner in &schema.get(of).inputs {
                    if let Some(v) = value(schema, ids, mutation, of, inner, missing) {
                        map.insert(inner.name.clone(), if inner.of.list { json!([v]) } else { v });
                    } else if inner.of.required {
                        missing.insert(format!("{owner}.{}.{}", member.name, inner.name));
                    }
                }
                Some(Value::Object(map))
            }
            _ => None,
        },
    }
}

/// Gives the victim, its neighbour and the other park something of everything, through the API alone. Returns the ids of
/// what the victim showed to its assessor.
pub(crate) async fn fill(world: &World) -> BTreeSet<String> {
    let system = Ctx::system(SystemReason::Jobs, world.env.clone());
    let tx = world.db.begin(&system, Mode::Write).await.unwrap();
    tx.schedules_ensure(&system).await.unwrap();
    tx.commit().await.unwrap();
    let grant = json!({ "assessorEmail": "assessor@example.test", "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(),
        "purpose": format!("{SHARED} purpose"), "validFrom": "2026-01-01", "validTo": "2026-12-01", "idempotencyKey": "fill-grant" });
    let made = world.done("park", "grantCreate", "grant { id }", grant).await;
    let interest = json!({ "tenantId": world.ids.a1.to_string(), "reason": format!("{SHARED} interest") });
    let declared = json!({ "grantId": made["grant"]["id"], "statement": STATEMENT, "asOf": world.env.now(), "interests": [interest] });
    world.done("assessor", "grantDeclare", "grant { id }", declared).await;
    world
        .done(
            "park",
            "grantRevoke",
            "grant { id }",
            json!({ "grantId": made["grant"]["id"], "idempotencyKey": "fill-revoke" }),
        )
        .await;
    let invited = json!({ "email": "canary-shared@example.test", "role": "ASSESSOR", "tenantId": world.ids.a1.to_string(),
        "purpose": format!("{SHARED} purpose"), "validFrom": "2026-01-01", "validTo": "2026-12-01", "idempotencyKey": "fill-invite" });
    world.done("park", "invitationCreate", "invitation { id }", invited).await;
    // Tenants may know that the park has a provider and what its button says; the rest is the park's own.
    let idp = Idp::start(&world.env).await;
    let provider = json!({ "name": "单位账号", "issuer": idp.issuer(), "clientId": format!("{SHARED} client"), "clientSecret": "x",
        "scopes": ["email"], "domains": ["canary-shared.test"], "secondFactorValues": ["mfa"], "idempotencyKey": "fill-idp" });
    world.done("park", "identityProviderSave", "provider { id }", provider).await;
    for (who, from) in [("a1", "2027-01-02"), ("a2", "2027-02-03")] {
        let from = json!({ "from": from, "idempotencyKey": "fill-policy" });
        world.done(who, "secondFactorRequire", "", from).await;
        let name = if who == "a1" { format!("{PRIVATE} program") } else { "neighbour".to_owned() };
        let program = json!({ "name": name, "role": "TENANT_MANAGER", "scopes": ["estate:read", "tenants:read"], "validTo": "2027-03-01",
            "idempotencyKey": "fill-program" });
        let made = world.done(who, "serviceAccountCreate", "token", program).await;
        world.call(made["token"].as_str().map(str::to_owned), "{ viewer { role } }", json!({})).await;
    }
    let emergency =
        json!({ "parkCode": "PA", "tenantCode": "A1", "reason": format!("{PRIVATE} reason of an emergency") });
    world.done("operator", "emergencyEnter", "accessToken", emergency).await;
    estate(world, "park", &["a1", "a2"]).await;
    estate(world, "other-park", &["b1"]).await;
    price_books(world).await;
    billing(world).await;
    charged(world).await;
    people(world).await;
    seating(world).await;
    pipeline(world).await;
    requests(world).await;
    operations(world).await;
    assessments(world).await
}

/// Contacts of the victim and of its neighbours, a row kept aside, and a file that could not be read.
async fn operations(world: &World) {
    for (who, canary) in [("a1", PRIVATE), ("a2", "neighbour"), ("b1", "neighbour")] {
        let rows = "2026-11-02 09:00:01,answered,5,60,x\n2026-11-02 09:16:00,abandoned,30,0,\n2026-11-20 10:00:00,answered,3,9,x\nbroken\n";
        let text = format!("start,outcome,wait,talk,agent,{who}\n{}", rows.replace('\n', ",\n"));
        let mapping = json!({ "start": { "column": "start", "format": "iso" }, "outcome": "outcome", "wait": "wait", "handle": "talk",
            "agent": "agent", "outcomes": [{ "text": "answered", "outcome": "ANSWERED" }, { "text": "abandoned", "outcome": "ABANDONED" }] });
        for (text, format, more) in [
            (text.as_str(), "GENERIC_CSV", json!({ "mapping": mapping, "queueCode": format!("{canary} queue") })),
            ("no such header\n", "ANONYMOUS_BANK", json!({})),
        ] {
            let file = world.upload(who, "calls.csv", text.as_bytes()).await;
            let mut input = json!({ "fileId": file, "format": format, "idempotencyKey": format!("fill-{format}") });
            for (key, value) in more.as_object().unwrap() {
                input[key] = value.clone();
            }
            world.done(who, "contactImportStart", "import { id }", input).await;
        }
    }
    world.run_jobs().await;
}

/// A draft that nobody but the victim may see, and a concluded assessment that its assessor may see too.
async fn assessments(world: &World) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for canary in [PRIVATE, ASSESSED] {
        let input =
            json!({ "framework": "cc-cmm-oc-2011", "title": canary, "cycle": canary, "idempotencyKey": canary });
        let made = world.done("a1", "assessmentCreate", "assessment { id }", input).await;
        let id = &made["assessment"]["id"];
        let ratings: Vec<_> = (1..=168).map(|n| json!({ "clause": n, "c": 10, "f": 5, "note": canary })).collect();
        let input = json!({ "assessmentId": id, "ratings": ratings });
        world.done("a1", "assessmentRate", "", input.clone()).await;
        let file = world.upload("a1", &format!("{canary}.txt"), canary.as_bytes()).await;
        let evidence = json!({ "assessmentId": id, "clause": 1, "title": canary, "fileId": file, "coversFrom": "2026-01-01",
            "coversTo": "2027-01-01", "idempotencyKey": canary });
        let attached = world.done("a1", "evidenceAttach", "evidence { id }", evidence).await;
        if canary == ASSESSED {
            let keyed = json!({ "assessmentId": id, "idempotencyKey": "fill" });
            world.done("a1", "assessmentSubmit", "", keyed.clone()).await;
            world.done("assessor", "assessmentRate", "", input).await;
            world.done("assessor", "assessmentConclude", "", keyed).await;
            shown.extend([id, &attached["evidence"]["id"]].map(|id| id.as_str().unwrap().to_owned()));
        }
    }
    shown
}

/// A price book of each park in two versions: the park's own, and nothing to its tenants.
async fn price_books(world: &World) {
    for (park, canary) in [("park", COURTED), ("other-park", "neighbour")] {
        for version in [1, 2] {
            let text = format!(
                r#"
id = "seats"
version = {version}
title = {{ zh = "{canary} 书", en = "{canary} book" }}
currency = "CNY"

[commitment]
prices = ["seat"]
step = [{{ from = "2026-01-01", to = "2027-01-01", least = "10" }}, {{ from = "2027-01-01", least = "20" }}]

[[price]]
id = "seat"
title = {{ zh = "{canary} 价", en = "{canary} price" }}
basis = "seat"
due = "arrears"
minimum_seats = [{{ from = "2026-01-01", least = 1 }}]
maximum = "100000"

[[price.step]]
from = "2026-01-01"
to = "2027-01-01"
tariff = {{ model = {{ volume = {{ tiers = [{{ up_to = 10, unit = "{version}00" }}, {{ unit = "80", flat = "50", block = 5 }}] }} }}, cap = "90000" }}

[[price.step]]
from = "2027-01-01"
tariff = {{ model = {{ volume = {{ tiers = [{{ below = 10, unit = "100" }}, {{ unit = "130" }}] }} }} }}

[[price]]
id = "fee"
title = {{ zh = "{canary} 费", en = "{canary} fee" }}
basis = "percent"
due = "arrears"
of = ["seat"]

[[price.step]]
from = "2026-01-01"
tariff = {{ model = {{ percentage = {{ percent = "3" }} }} }}

[[price]]
id = "power"
title = {{ zh = "{canary} 电", en = "{canary} power" }}
basis = "metered"
meter = "{canary} meter"
due = "arrears"
tax = "13"
applies = {{ products = ["equipped"], zones = ["{canary} zone"], shifts = ["{canary} shift"] }}

[[price.step]]
from = "2026-01-01"
tariff = {{ model = {{ per_unit = {{ unit = "1" }} }} }}
"#
            );
            let input = json!({ "text": text, "note": format!("{canary} note"), "idempotencyKey": format!("fill-book-{version}") });
            world.done(park, "priceBookPublish", "priceBook { version }", input).await;
        }
    }
    // What a lease names, its tenant has a copy of.
    for (park, tenant) in [("park", "a2"), ("other-park", "b1"), ("park", "a1")] {
        let canary = if tenant == "a1" { SHARED } else { "neighbour" };
        let id = format!("of-{tenant}");
        let text = format!(
            "id = \"{id}\"\nversion = 1\ntitle = {{ zh = \"{canary} 书\", en = \"{canary} book\" }}\ncurrency = \"CNY\"\n[[price]]\nid = \"p\"\n\
             title = {{ zh = \"价\", en = \"P\" }}\nbasis = \"seat\"\ndue = \"arrears\"\n[[price.step]]\nfrom = \"2026-01-01\"\n\
             tariff = {{ model = {{ per_unit = {{ unit = 5 }} }} }}\n[[price]]\nid = \"m\"\ntitle = {{ zh = \"{canary} 电\", en = \"{canary} power\" }}\n\
             basis = \"metered\"\nmeter = \"{canary} meter\"\ndue = \"arrears\"\n[[price.step]]\nfrom = \"2026-01-01\"\n\
             tariff = {{ model = {{ per_unit = {{ unit = 2 }} }} }}\n"
        );
        world.done(park, "priceBookPublish", "", json!({ "text": text, "idempotencyKey": format!("fill-{id}") })).await;
        let lease = json!({ "tenantId": world.ids.tenant(tenant).to_string(), "code": format!("{canary}-B"), "signedOn": "2026-01-05",
            "termFrom": "2026-01-12", "termTo": "2028-01-12", "product": "EQUIPPED", "unitPrice": "0", "taxRatePercent": "6", "proration": "by_day",
            "rentFree": [], "deposit": "0", "paymentDays": 10, "priceBook": { "book": id, "version": 1 }, "idempotencyKey": format!("fill-lease-{id}") });
        let lease = world.done(park, "leaseCreate", "lease { id }", lease).await["lease"]["id"].clone();
        let used = json!({ "leaseId": lease, "month": "2026-10", "meters": [{ "meter": format!("{canary} meter"), "quantity": "12.5" }],
            "note": format!("{canary} note"), "idempotencyKey": format!("fill-usage-{id}") });
        world.done(park, "usageRecord", "", used).await;
    }
}

/// An invoice, a payment and a cost entry of the victim, and of its neighbour.
async fn billing(world: &World) {
    let mut ground = Ground::new(world).await;
    let seller = json!({ "name": "Park A", "nameEn": "Park A", "taxNumber": "91350100M000100Y43", "address": "1", "phone": "1",
        "bank": "Bank", "account": "1", "mail": "bills@example.test", "idempotencyKey": "fill-seller" });
    world.done("park", "sellerProfileSet", "", seller).await;
    for (who, tenant) in [("a1", world.ids.a1), ("a2", world.ids.a2)] {
        let shared = if who == "a1" { SHARED } else { "neighbour" };
        let buyer = json!({ "tenantId": tenant.to_string(), "name": format!("{shared} title"), "nameEn": format!("{shared} title"),
            "taxNumber": "91350100M000100Y43", "address": format!("{shared} address"), "phone": shared, "bank": format!("{shared} bank"),
            "account": "1", "fapiao": "SPECIAL", "mails": [format!("{shared}@example.test")], "idempotencyKey": format!("fill-buyer-{who}") });
        world.done("park", "buyerProfileSet", "", buyer).await;
        // In another currency, before everything else: October billed, September left to the run, and a lease of which
        // nothing is. The neighbour's alone, so that the victim's idle seats have one price.
        let abroad = Terms { currency: "USD", ..Terms::default() };
        for (from, key) in
            [("2026-09-20", Some("fill-abroad")), ("2026-10-01", None)].into_iter().filter(|_| who == "a2")
        {
            let lease = ground.lease(tenant, THEN, &abroad).await;
            ground.allocate(tenant, lease, 1, from, THEN).await;
            if let Some(key) = key {
                let issue = json!({ "leaseId": lease.to_string(), "month": "2026-10", "idempotencyKey": format!("{key}-{who}") });
                world.done("park", "invoiceIssue", "", issue).await;
            }
        }
        let terms = Terms { rent_free: Some(("2026-10-01", "2026-10-03")), ..Terms::default() };
        let lease = ground.lease(tenant, THEN, &terms).await;
        let held = ground.allocate(tenant, lease, 2, "2026-10-01", THEN).await;
        ground.sit(&held[0], "2026-10-01", None).await;
        // October corrects September.
        ground.allocate(tenant, lease, 1, "2026-09-10", THEN).await;
        let september = json!({ "leaseId": lease.to_string(), "month": "2026-09", "idempotencyKey": format!("fill-september-{who}") });
        world.done("park", "invoiceIssue", "", september).await;
        let late = (world.env.now() + chrono::TimeDelta::seconds(1)).to_rfc3339();
        ground.allocate(tenant, lease, 1, "2026-09-20", &late).await;
        let (canary, own) = if who == "a1" { (SHARED, PRIVATE) } else { ("neighbour", "neighbour") };
        let issue =
            json!({ "leaseId": lease.to_string(), "month": "2026-10", "idempotencyKey": format!("fill-{who}") });
        let wrong = world.done("park", "invoiceIssue", "invoice { id }", issue.clone()).await["invoice"]["id"].clone();
        let void = json!({ "invoiceId": wrong, "reason": format!("{canary} reason"), "idempotencyKey": format!("fill-{who}") });
        world.done("park", "invoiceVoid", "", void).await;
        let mut issue = issue;
        issue["idempotencyKey"] = json!(format!("fill-again-{who}"));
        let made = world.done("park", "invoiceIssue", "invoice { id lines { lineNo net { minor } } }", issue).await;
        let given_up = json!({ "invoiceId": made["invoice"]["id"], "reason": format!("{canary} given up"), "idempotencyKey": format!("fill-up-{who}") });
        world.done("park", "invoiceWriteOff", "", given_up.clone()).await;
        world.done("park", "invoiceRestore", "", given_up).await;
        let payment = json!({ "invoiceId": made["invoice"]["id"], "amount": "100", "paidOn": "2026-11-20",
            "method": format!("{canary} method"), "reference": format!("{canary} reference"), "idempotencyKey": format!("fill-{who}") });
        let first = world.done("park", "paymentRecord", "payment { id }", payment).await["payment"]["id"].clone();
        let money = json!({ "tenantId": tenant.to_string(), "amount": "60", "currency": "CNY", "paidOn": "2026-11-20",
            "method": format!("{canary} method"), "reference": format!("{canary} reference"),
            "applications": [{ "invoiceId": made["invoice"]["id"], "amount": "10" }], "idempotencyKey": format!("fill-money-{who}") });
        let money = world.done("park", "paymentReceive", "payment { id }", money).await["payment"]["id"].clone();
        let off = json!({ "paymentId": money, "invoiceId": made["invoice"]["id"], "reason": format!("{canary} reason"), "idempotencyKey": format!("fill-off-{who}") });
        world.done("park", "paymentUnapply", "", off).await;
        let lost = json!({ "tenantId": tenant.to_string(), "amount": "7", "currency": "CNY", "paidOn": "2026-11-20",
            "method": format!("{canary} method"), "reference": format!("{canary} reference"), "idempotencyKey": format!("fill-lost-{who}") });
        let lost = world.done("park", "paymentReceive", "payment { id }", lost).await["payment"]["id"].clone();
        let back = json!({ "paymentId": lost, "on": "2026-11-20", "reason": format!("{canary} reason"), "idempotencyKey": format!("fill-back-{who}") });
        world.done("park", "paymentBounce", "", back).await;
        let send = json!({ "invoiceIds": [made["invoice"]["id"]], "idempotencyKey": format!("fill-send-{who}") });
        world.done("park", "invoiceSend", "", send).await;
        let mut fapiao = json!({ "invoiceId": made["invoice"]["id"], "kind": "digital-special", "number": format!("2652000000000000000{}", &who[1..]),
            "issuedOn": "2026-11-20", "net": "100", "tax": "9", "title": format!("{canary} title"), "taxNumber": "91350100M000100Y43",
            "idempotencyKey": format!("fill-fapiao-{who}") });
        let blue = world.done("park", "fapiaoRecord", "fapiao { id }", fapiao.clone()).await["fapiao"]["id"].clone();
        fapiao["takesBackId"] = blue;
        fapiao["number"] = json!(format!("2652000000000000009{}", &who[1..]));
        fapiao["idempotencyKey"] = json!(format!("fill-red-{who}"));
        world.done("park", "fapiaoRecord", "", fapiao).await;
        // The first lines may be free of rent.
        let charged = made["invoice"]["lines"]
            .as_array()
            .unwrap()
            .iter()
            .find(|line| line["net"]["minor"] != "0")
            .unwrap()["lineNo"]
            .clone();
        let credit = json!({ "invoiceId": made["invoice"]["id"], "lines": [{ "lineNo": charged, "amount": "1.00" }], "reason": format!("{canary} credit"),
            "idempotencyKey": format!("fill-{who}") });
        world.done("park", "creditNoteIssue", "creditNote { id }", credit.clone()).await;
        // Paid in full, another note leaves credit, which pays a part of what is owed once a payment was taken off.
        let owed = "query($id: ID!) { node(id: $id) { ... on Invoice { balance { amount } } } }";
        let owed =
            world.ok("park", owed, json!({ "id": made["invoice"]["id"] })).await["node"]["balance"]["amount"].clone();
        let rest = json!({ "tenantId": tenant.to_string(), "amount": owed, "currency": "CNY", "paidOn": "2026-11-20",
            "method": format!("{canary} method"), "reference": format!("{canary} reference"),
            "applications": [{ "invoiceId": made["invoice"]["id"] }], "idempotencyKey": format!("fill-rest-{who}") });
        world.done("park", "paymentReceive", "", rest).await;
        let mut credit = credit;
        credit["lines"][0]["amount"] = json!("5.00");
        credit["paidTo"] = json!("CREDIT");
        credit["idempotencyKey"] = json!(format!("fill-credit-{who}"));
        let note = world.done("park", "creditNoteIssue", "creditNote { id }", credit).await["creditNote"]["id"].clone();
        let post = json!({ "creditNoteIds": [note], "idempotencyKey": format!("fill-post-{who}") });
        world.done("park", "creditNoteSend", "", post).await;
        let off = json!({ "paymentId": first, "invoiceId": made["invoice"]["id"], "reason": format!("{canary} reason"), "idempotencyKey": format!("fill-first-{who}") });
        world.done("park", "paymentUnapply", "", off).await;
        let pays = json!({ "creditNoteId": note, "applications": [{ "invoiceId": made["invoice"]["id"], "amount": "5.00" }], "idempotencyKey": format!("fill-pays-{who}") });
        world.done("park", "creditNoteApply", "", pays).await;
        // December is billed ahead, and a seat of it given back.
        let ahead =
            ground.lease(tenant, THEN, &Terms { in_advance: true, tax_included: true, ..Terms::default() }).await;
        let held = ground.allocate(tenant, ahead, 1, "2026-12-01", THEN).await;
        let issue =
            json!({ "leaseId": ahead.to_string(), "month": "2026-12", "idempotencyKey": format!("fill-ahead-{who}") });
        world.done("park", "invoiceIssue", "", issue).await;
        ground.record(&held, "release", "2026-12-05", &late).await;
        let credit = json!({ "leaseId": ahead.to_string(), "reason": format!("{canary} credit"), "idempotencyKey": format!("fill-corrections-{who}") });
        world.done("park", "correctionsCredit", "", credit).await;
        let cost = json!({ "month": "2026-10", "category": "labour", "amount": "9000", "note": format!("{own} note"),
            "idempotencyKey": format!("fill-{who}") });
        world.done(who, "costEntryAdd", "entry { id }", cost).await;
    }
    let cost = json!({ "pool": "POWER", "amount": "7", "against": "BANK", "on": "2026-11-20", "note": format!("{SHARED} note"), "idempotencyKey": "fill-cost" });
    let cost = world.done("park", "bookCostRecord", "entry { id }", cost).await["entry"]["id"].clone();
    let back = json!({ "entryId": cost, "reason": format!("{SHARED} reason"), "idempotencyKey": "fill-cost-back" });
    world.done("park", "bookCostReverse", "", back).await;
    for month in ["2026-09", "2026-10"] {
        let close = json!({ "month": month, "withoutUnbilled": true, "idempotencyKey": format!("fill-{month}") });
        world.done("park", "bookMonthClose", "", close).await;
    }
    let again = json!({ "month": "2026-10", "reason": "AUDIT", "note": "fill", "idempotencyKey": "fill-month" });
    world.done("park", "bookMonthReopen", "", again).await;
    let run = json!({ "month": "2026-09", "idempotencyKey": "fill-run" });
    world.done("park", "billingRunStart", "run { id }", run).await;
    let again = json!({ "from": "2026-09", "to": "2026-11", "idempotencyKey": "fill-again" });
    world.done("park", "repricingStart", "run { id }", again).await;
    world.run_jobs().await;
    // Among what was booked last.
    let last = json!({ "tenantId": world.ids.a1.to_string(), "amount": "3", "currency": "CNY", "paidOn": "2026-11-20",
        "method": format!("{SHARED} method"), "reference": format!("{SHARED} reference"), "idempotencyKey": "fill-last" });
    world.done("park", "paymentReceive", "", last).await;
}

/// What the operator charges the victim's park and its neighbour: a bill that is paid in part, and one that was withdrawn.
async fn charged(world: &World) {
    for park in [world.ids.park_a, world.ids.park_b] {
        platform_bill::terms(world, park, "2026-09", platform_bill::FLAT, "6").await.unwrap();
        let first = platform_bill::bill(world, park, "2026-09").await.unwrap().unwrap();
        platform_bill::pay(world, &first.number.to_string(), Some("1.00")).await.unwrap();
        let second = platform_bill::bill(world, park, "2026-10").await.unwrap().unwrap();
        platform_bill::void(world, &second.number.to_string()).await.unwrap();
    }
}

/// The victim wants more of its park: a lead with everything that belongs to one. The park's own.
async fn pipeline(world: &World) {
    let staff = user("park").to_string();
    let lead = json!({ "name": format!("{COURTED} lead"), "nameEn": format!("{COURTED} lead"), "creditCode": "91350100M000100Y43", "source": "TENANT",
        "contactName": format!("{COURTED} name"), "contactPhone": "13800000000", "contactMail": "canary-courted@example.test", "seats": 9,
        "product": "BARE", "wantedFrom": "2027-01-01", "business": format!("{COURTED} business"), "tenantId": world.ids.a1.to_string(),
        "ownerId": staff, "nextStep": format!("{COURTED} step"), "nextOn": "2026-11-30", "idempotencyKey": "fill-lead" });
    let lead = world.done("park", "leadCreate", "lead { id }", lead).await["lead"]["id"].clone();
    let note = json!({ "leadId": lead, "text": format!("{COURTED} note"), "idempotencyKey": "fill-note" });
    world.done("park", "leadNoteAdd", "", note).await;
    let zone = world.ok("park", "{ park { floors { zones { id } } } }", json!({})).await["park"]["floors"][0]["zones"]
        [0]["id"]
        .clone();
    let visit = json!({ "leadId": lead, "day": "2026-11-21", "atMin": 600, "guideId": staff, "zoneIds": [zone], "remark": format!("{COURTED} remark"),
        "idempotencyKey": "fill-visit" });
    world.done("park", "visitPlan", "", visit).await;
    let line = json!({ "seats": 2, "product": "BARE", "termFrom": "2028-02-01", "termTo": "2029-02-01", "unitPrice": "400", "taxRatePercent": "9",
        "proration": "by_day", "rentFree": [{ "from": "2028-02-01", "to": "2028-03-01" }], "depositMonths": 2, "paymentDays": 15, "noticeDays": 90,
        "priceSteps": [{ "from": "2028-08-01", "unitPrice": "420" }] });
    let quote = json!({ "leadId": lead, "validUntil": "2026-12-31", "remark": format!("{COURTED} remark"), "lines": [line], "idempotencyKey": "fill-quote" });
    let quote = world.done("park", "quoteCreate", "quote { id }", quote).await["quote"]["id"].clone();
    world.done("park", "quoteSend", "", json!({ "quoteId": quote, "idempotencyKey": "fill-quote" })).await;
    let decline = json!({ "quoteId": quote, "remark": format!("{COURTED} reason"), "idempotencyKey": "fill-quote" });
    world.done("park", "quoteDecline", "", decline).await;
    let lost = json!({ "leadId": lead, "to": "LOST", "lostReason": "OTHER", "remark": format!("{COURTED} reason"), "idempotencyKey": "fill-lost" });
    world.done("park", "leadMove", "", lost).await;
}

/// Seats that the victim and its neighbour give to a team and a campaign: one is ended, one taken back.
async fn seating(world: &World) {
    for (who, canary) in [("a1", PRIVATE), ("a2", "neighbour")] {
        let made = json!({ "code": canary, "name": format!("{canary} name"), "client": format!("{canary} client"), "idempotencyKey": "fill-campaign" });
        let campaign = world.done(who, "campaignCreate", "campaign { id }", made).await["campaign"]["id"].clone();
        let held = "{ tenant { teams { id } allocations(first: 1, on: \"2026-10-05\") { nodes { seat { id } } } } }";
        let held = world.ok(who, held, json!({})).await["tenant"].clone();
        let seat = &held["allocations"]["nodes"][0]["seat"]["id"];
        for (from, to, key) in [("2026-10-05", Value::Null, "1"), ("2026-10-04", json!("2026-10-05"), "2")] {
            let give = json!({ "seatIds": [seat], "teamId": held["teams"][0]["id"], "campaignId": campaign, "from": from, "to": to,
                "idempotencyKey": format!("fill-assign-{key}") });
            world.done(who, "seatsAssign", "count", give).await;
        }
        let given = "{ tenant { seatAssignments(orderBy: { field: FROM }) { nodes { id } } } }";
        let given = world.ok(who, given, json!({})).await["tenant"]["seatAssignments"]["nodes"].clone();
        let end = json!({ "assignmentIds": [given[1]["id"]], "on": "2026-12-01", "idempotencyKey": "fill-assign-end" });
        world.done(who, "seatAssignmentsEnd", "count", end).await;
        let back = json!({ "assignmentIds": [given[0]["id"]], "idempotencyKey": "fill-assign-back" });
        world.done(who, "seatAssignmentsReverse", "count", back).await;
    }
}

/// Requests of the victim and of its neighbours to their parks, answered in every way.
async fn requests(world: &World) {
    let node = async |who: &str, document: &str, at: &str| {
        world.ok(who, document, json!({})).await.pointer(at).cloned().unwrap_or_default()
    };
    for (who, park) in [("a2", "park"), ("b1", "other-park"), ("a1", "park")] {
        let canary = if who == "a1" { SHARED } else { "neighbour" };
        let zone = node(park, "{ park { floors { zones { id } } } }", "/park/floors/0/zones/0/id").await;
        let held = "{ tenant { allocations { nodes { id seat { id } lease { id } } } } }";
        let held = node(who, held, "/tenant/allocations/nodes/0").await;
        let request = json!({ "kind": "OTHER", "seats": 1, "product": "EQUIPPED", "zoneId": zone, "shiftFromMin": 480, "shiftToMin": 1200,
            "from": "2026-12-01", "leaseId": held["lease"]["id"], "seatIds": [held["seat"]["id"]], "reason": format!("{canary} reason"),
            "idempotencyKey": format!("fill-request-{who}") });
        let made = world.done(who, "seatRequestCreate", "request { id }", request).await["request"]["id"].clone();
        if who != "a1" {
            continue;
        }
        let hold = node("park", "{ park { seatHolds { nodes { id } } } }", "/park/seatHolds/nodes/0/id").await;
        let quote = node("park", "{ park { quotes { nodes { id } } } }", "/park/quotes/nodes/0/id").await;
        let mut seen = 1;
        for answer in [held["id"].clone(), held["lease"]["id"].clone(), hold, quote] {
            for (who, act, answer) in [("park", "OFFER", answer), ("a1", "REFUSE", Value::Null)] {
                let input = json!({ "requestId": made, "act": act, "seen": seen, "words": format!("{SHARED} words"), "referenceId": answer,
                    "idempotencyKey": format!("fill-request-{seen}") });
                world.done(who, "seatRequestAct", "", input).await;
                seen += 1;
            }
        }
        let clock = json!({ "takeUpDays": 3, "answerDays": 4, "replyDays": 5, "idempotencyKey": "fill-clock" });
        world.done("park", "seatRequestClockSet", "", clock).await;
    }
}

/// Seats, and for each tenant a lease and seats under it.
async fn estate(world: &World, park: &str, tenants: &[&str]) {
    let policy =
        json!({ "approvals": 1, "signBeforeSeats": false, "warnDays": [90, 60, 30], "idempotencyKey": "fill-policy" });
    world.done(park, "contractPolicySet", "policy { approvals }", policy).await;
    let plan = "building,floor,zone,seat,product,x_mm,y_mm,built_from,built_to\n\
        A,3F,Z1,S-1,equipped,0,0,2026-01-01,2030-01-01\nA,3F,Z1,S-2,equipped,1500,0,2026-01-01,2030-01-01\n\
        A,3F,Z1,S-3,equipped,3000,0,2026-01-01,2030-01-01\nA,3F,Z1,S-4,equipped,4500,0,2026-01-01,2030-01-01\n";
    let file = world.upload(park, "plan", plan.as_bytes()).await;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": "fill-plan" });
    assert_eq!(world.done(park, "seatPlanImport", "added", input).await["added"], 4);
    let seats =
        world.ok(park, "{ park { seats { nodes { id } } } }", json!({})).await["park"]["seats"]["nodes"].clone();
    for (n, tenant) in tenants.iter().enumerate() {
        let code = if *tenant == "a1" { format!("{SHARED}-L") } else { format!("{tenant}-L") };
        let lease = json!({ "tenantId": world.ids.tenant(tenant).to_string(), "code": code, "signedOn": "2026-01-05",
            "termFrom": "2026-01-12", "termTo": "2028-01-12", "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "6",
            "priceSteps": [{ "from": "2027-06-01", "unitPrice": "900.00" }],
            "proration": "by_day", "rentFree": [{ "from": "2026-01-12", "to": "2026-03-12" }], "deposit": "5000", "paymentDays": 10,
            "clauses": { "noticeDays": 90, "minimumSeats": [{ "from": "2026-01-12", "seats": 0 }], "minimumSpend": [{ "from": "2026-01-12", "amount": "1.00" }],
                "lateFee": { "graceDays": 3, "percentPerDay": "0.05", "capPercent": "30" }, "decrease": { "noticeDays": 0, "earliest": "2026-01-12" },
                "concessions": [{ "kind": "WAIVER", "from": "2026-01", "last": "2026-12", "percent": "5", "reason": format!("{code} off") },
                    { "kind": "DISCOUNT", "from": "2026-01", "last": "2026-12", "amount": "1.00", "reason": format!("{code} off") }],
                "costCentre": format!("{code} centre"), "renewal": { "noticeDays": 90, "months": 12, "mostIncreasePercent": "5" }, "quietHours": { "fromMin": 1320, "toMin": 1800 },
                "windows": [{ "fromMin": 0, "toMin": 1440 }] },
            "idempotencyKey": format!("fill-lease-{tenant}") });
        let lease = world.done(park, "leaseCreate", "lease { id }", lease).await["lease"]["id"].clone();
        let input = json!({ "leaseId": lease, "seatIds": [seats[n]["id"]], "from": "2026-02-01",
            "idempotencyKey": format!("fill-seats-{tenant}") });
        world.done(park, "seatsAllocate", "count", input).await;
        let reason = if *tenant == "a1" { format!("{SHARED} reason") } else { "neighbour".to_owned() };
        let amend = json!({ "leaseId": lease, "inForceFrom": "2027-01-01", "reason": reason, "unitPrice": "890.00",
            "idempotencyKey": format!("fill-amend-{tenant}") });
        world.done(park, "leaseAmend", "", amend).await;
        let special = if *tenant == "a1" { format!("{SHARED} special") } else { "neighbour".to_owned() };
        let paper = json!({ "leaseId": lease, "language": "BOTH", "special": [special], "idempotencyKey": format!("fill-paper-{tenant}") });
        let paper = world.done(park, "paperDraft", "paper { id }", paper).await["paper"]["id"].clone();
        if park == "park" {
            let scan = world.upload(park, "scan.pdf", b"%PDF-1.7 scan").await;
            world
                .done(
                    "finance",
                    "paperApprove",
                    "",
                    json!({ "paperId": paper, "idempotencyKey": format!("fill-approve-{tenant}") }),
                )
                .await;
            let name = if *tenant == "a1" { format!("{SHARED} name") } else { "neighbour".to_owned() };
            let signed = json!({ "paperId": paper, "signedOn": "2026-11-20", "forPark": name, "forTenant": name, "scanId": scan,
                "idempotencyKey": format!("fill-sign-{tenant}") });
            world.done(park, "paperSign", "", signed).await;
        }
    }
    // One that is over before seats were held, with a sheet that is agreed.
    for tenant in tenants {
        let canary = if *tenant == "a1" { SHARED } else { "neighbour" };
        let over = json!({ "tenantId": world.ids.tenant(tenant).to_string(), "code": format!("{canary}-S"), "signedOn": "2025-01-05",
            "termFrom": "2025-01-12", "termTo": "2026-01-12", "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "6",
            "proration": "by_day", "deposit": "5000", "paymentDays": 10, "idempotencyKey": format!("fill-over-{tenant}") });
        let over = world.done(park, "leaseCreate", "lease { id }", over).await["lease"]["id"].clone();
        let draft = json!({ "charges": [{ "kind": "DAMAGE", "text": format!("{canary} charge"), "amount": "120.00" }],
            "faults": [{ "item": "keys", "remark": format!("{canary} fault") }] });
        let sheet = json!({ "leaseId": over, "draft": draft, "idempotencyKey": format!("fill-sheet-{tenant}") });
        let sheet = world.done(park, "settlementIssue", "settlement { id }", sheet).await["settlement"]["id"].clone();
        let agreed = json!({ "settlementId": sheet, "agreedOn": "2026-11-20", "agreedBy": format!("{canary} name"),
            "idempotencyKey": format!("fill-agreed-{tenant}") });
        world.done(park, "settlementAgree", "", agreed).await;
    }
    let canary = if park == "park" { SHARED } else { "neighbour" };
    let tenant = tenants.first().map(|tenant| world.ids.tenant(tenant).to_string());
    let hold = json!({ "seatIds": [seats[2]["id"]], "keptFor": format!("{canary} name"), "note": format!("{canary} note"),
        "tenantId": tenant, "from": "2026-01-01", "to": "2027-01-01", "expiresAt": "2027-02-01T00:00:00Z", "idempotencyKey": "fill-hold" });
    world.done(park, "seatsHold", "hold { id }", hold).await;
    let out = json!({ "seatIds": [seats[3]["id"]], "from": "2026-01-01", "to": "2028-01-01", "reason": format!("{canary} reason"), "idempotencyKey": "fill-out" });
    world.done(park, "seatsOutOfService", "count", out).await;
    let codes = json!({ "changes": [{ "seatId": seats[3]["id"], "code": "S-4N" }], "from": "2026-11-01", "idempotencyKey": "fill-codes" });
    world.done(park, "seatsRenumber", "count", codes).await;
    let zone = "query($id: ID!) { node(id: $id) { ... on Seat { zone { id } } } }";
    let zone = world.ok(park, zone, json!({ "id": seats[0]["id"] })).await["node"]["zone"]["id"].clone();
    let name =
        json!({ "zoneId": zone, "code": "Z1", "name": "Hall", "from": "2026-11-01", "idempotencyKey": "fill-zone" });
    world.done(park, "zoneRename", "zone { id }", name).await;
    let area = json!({ "zoneId": zone, "areaM2": "412.50", "idempotencyKey": "fill-area" });
    world.done(park, "zoneAreaSet", "zone { id }", area).await;
    let ids: Vec<_> = seats.as_array().unwrap().iter().map(|seat| seat["id"].clone()).collect();
    let has = json!({ "seatIds": ids, "features": [{ "name": "power_points", "amount": 4 }, { "name": "shift_class", "choice": "night" }], "idempotencyKey": "fill-features" });
    world.done(park, "seatFeaturesSet", "count", has).await;
    let picture =
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 1\"><title>{canary}</title></svg>");
    let file = world.upload(park, "floor.svg", picture.as_bytes()).await;
    let floor = world.ok(park, "{ park { floors { id } } }", json!({})).await["park"]["floors"][0]["id"].clone();
    let under = json!({ "floorId": floor, "fileId": file, "xMm": 0, "yMm": 0, "widthMm": 9000, "from": "2026-01-01", "idempotencyKey": "fill-under" });
    world.done(park, "floorPlanSet", "floor { id }", under).await;
    let own = if park == "park" { COURTED } else { "neighbour" };
    let file = world.upload(park, "hall.png", &crate::estate::png(8, 4)).await;
    let photo = json!({ "zoneId": zone, "fileId": file, "caption": format!("{own} caption"), "takenOn": "2026-11-20", "idempotencyKey": "fill-photo" });
    world.done(park, "photoAdd", "photo { id }", photo).await;
    let photo = json!({ "seatId": seats[0]["id"], "fileId": file, "caption": format!("{own} caption"), "takenOn": "2026-11-20", "idempotencyKey": "fill-photo-seat" });
    world.done(park, "photoAdd", "photo { id }", photo).await;
    let spot = json!({ "floorId": floor, "spots": [{ "seatId": seats[3]["id"], "xMm": 4600, "yMm": 100 }], "idempotencyKey": "fill-spot" });
    world.done(park, "seatsPlace", "count", spot).await;
    let part = json!({ "zoneId": zone, "seatIds": [seats[3]["id"]], "code": "Z2", "name": "Annex", "from": "2026-11-10", "idempotencyKey": "fill-part" });
    world.done(park, "zoneSplit", "zone { id }", part).await;
}

/// People with a roster, a seat and contacts, for the victim and its neighbour.
async fn people(world: &World) {
    let mut plant = Plant::new(world);
    let seats = plant.seats(world.ids.a1, 1, "'2026-06-01', '2036-01-01'", (0, 1440));
    plant.seats(world.ids.a2, 1, "'2026-06-01', '2036-01-01'", (0, 1440));
    // 09:00 in Shanghai on the Friday before the one that is walked.
    plant.quarters(world.ids.a1, &[(1_794_531_600_000, 30, 28, 5_000)]);
    plant.done().await;
    for (who, canary) in [("a1", PRIVATE), ("a2", "neighbour")] {
        let list = format!(
            "employee no,name,position,team,joined on,left on\n{canary}-1,{canary} name,{canary} position,{canary}-team,2026-01-01,2027-01-01\n"
        );
        let file = world.upload(who, "people.csv", list.as_bytes()).await;
        let import = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": "fill-people" });
        world.done(who, "peopleImport", "added", import).await;
        let shift = json!({ "code": canary, "name": format!("{canary} shift"), "startMin": 540, "endMin": 1080, "breakMin": 60, "idempotencyKey": "fill-shift" });
        let shift = world.done(who, "shiftCreate", "shift { id }", shift).await["shift"]["id"].clone();
        let people = "query($of: String) { tenant { people(filter: { employeeNoPrefix: $of }) { nodes { id } } } }";
        let people = world.ok(who, people, json!({ "of": canary })).await;
        let person = &people["tenant"]["people"]["nodes"][0]["id"];
        let roster = json!({ "entries": [{ "personId": person, "day": "2026-11-20", "shiftId": shift }], "idempotencyKey": "fill-roster" });
        world.done(who, "rosterSet", "set", roster).await;
        if who == "a1" {
            let occupy = json!({ "seatId": seats[0].to_string(), "personId": person, "from": "2026-10-01", "to": "2026-12-01", "idempotencyKey": "fill-occupy" });
            world.done(who, "seatOccupy", "occupancy { id }", occupy).await;
        }
        for (mutation, list) in [
            (
                "employmentProofImport",
                format!("employee no,month,payroll,insurance,contract from\n{canary}-1,2026-10,y,y,2026-01-01\n"),
            ),
            ("presenceImport", format!("employee no,login\n{canary}-1,2026-11-02 08:58\n")),
        ] {
            let file = world.upload(who, "list.csv", list.as_bytes()).await;
            let import =
                json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "idempotencyKey": format!("fill-{mutation}") });
            world.done(who, mutation, "added", import).await;
        }
    }
}
