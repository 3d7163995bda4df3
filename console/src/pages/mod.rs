//! The pages. One line below registers a page: its module here, its folder in `pages/`.

/// The document of a page with the fragment that every page asks for (`...Shell`: who looks).
macro_rules! document {
    // Mutations alone: a fragment that nothing uses is an error.
    (alone $folder:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/", $folder, "/query.graphql"))
    };
    ($folder:literal) => {
        concat!(
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/", $folder, "/query.graphql")),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/shell.graphql"))
        )
    };
}

macro_rules! register {
    ($($module:ident = $folder:literal),+ $(,)?) => {
        $(pub(crate) mod $module;)+

        /// Folder and document of every page.
        pub(crate) const DOCUMENTS: &[(&str, &str)] = &[$(($folder, $module::DOCUMENT)),+];

        /// Folder, template and fixture of every page, for the tests.
        #[cfg(test)]
        pub(crate) const FIXTURES: &[(&str, &str)] = &[$(($folder, include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"), "/pages/", $folder, "/fixture.json"
        )))),+];

        /// The routes of every page.
        pub(crate) fn routes() -> Router<Console> {
            Router::new()$(.merge($module::routes()))+.fallback(nowhere)
        }
    };
}

use axum::Router;

use crate::Console;
use crate::visit::Stop;

register! {
    sign_in = "sign-in",
    sign_in_with = "sign-in-with",
    account_link = "account-link",
    account_passkey = "account-passkey",
    scope = "scope",
    welcome = "welcome",
    account = "account",
    account_factor = "account-factor",
    confirm = "confirm",
    jobs = "jobs",
    join = "join",
    forgot = "forgot",
    reset = "reset",
    park_home = "park-home",
    centre_home = "centre-home",
    centre_operations = "centre-operations",
    centre_imports = "centre-imports",
    import_new = "import-new",
    centre_import = "centre-import",
    centre_seats = "centre-seats",
    centre_people = "centre-people",
    table_import = "table-import",
    centre_shifts = "centre-shifts",
    centre_roster = "centre-roster",
    centre_staffing = "centre-staffing",
    centre_invoices = "centre-invoices",
    centre_invoice = "centre-invoice",
    centre_cost = "centre-cost",
    assessments = "assessments",
    scorecard = "scorecard",
    rating = "rating",
    clause = "clause",
    closing = "closing",
    assess_home = "assess-home",
    declare = "declare",
    statistics = "statistics",
    park_map = "park-map",
    floor_plan = "floor-plan",
    seat_place = "seat-place",
    seat_drawing = "seat-drawing",
    photos = "photos",
    park_control = "park-control",
    park_zone = "park-zone",
    zone_renumber = "zone-renumber",
    park_seats = "park-seats",
    seat_days = "seat-days",
    seat_days_seats = "seat-days-seats",
    seat_ledger = "seat-ledger",
    seat_import = "seat-import",
    park_holds = "park-holds",
    park_hold = "park-hold",
    hold_new = "hold-new",
    park_outages = "park-outages",
    outage_new = "outage-new",
    park_tenants = "park-tenants",
    park_tenant = "park-tenant",
    tenant_new = "tenant-new",
    park_leases = "park-leases",
    park_lease = "park-lease",
    lease_new = "lease-new",
    lease_amend = "lease-amend",
    lease_allocate = "lease-allocate",
    lease_move = "lease-move",
    lease_end = "lease-end",
    lease_index = "lease-index",
    lease_usage = "lease-usage",
    month_statement = "month-statement",
    lease_corrections = "lease-corrections",
    lease_renew = "lease-renew",
    lease_transfer = "lease-transfer",
    papers = "papers",
    paper = "paper",
    paper_new = "paper-new",
    paper_policy = "paper-policy",
    lease_checkout = "lease-checkout",
    settlement = "settlement",
    centre_use = "centre-use",
    centre_assignments = "centre-assignments",
    assign_new = "assign-new",
    requests = "requests",
    request = "request",
    request_new = "request-new",
    pipeline = "pipeline",
    lead = "lead",
    lead_form = "lead-form",
    visit_form = "visit-form",
    quote = "quote",
    quote_form = "quote-form",
    quote_accept = "quote-accept",
    quote_print = "quote-print",
    park_invoices = "park-invoices",
    park_invoice = "park-invoice",
    invoice_issue = "invoice-issue",
    invoice_run = "invoice-run",
    billing_run = "billing-run",
    billing_runs = "billing-runs",
    repricing = "repricing",
    billing_profile = "billing-profile",
    fapiaos = "fapiaos",
    invoice_credit = "invoice-credit",
    park_payments = "park-payments",
    payment_new = "payment-new",
    park_payment = "park-payment",
    books = "books",
    book_entries = "book-entries",
    ageing = "ageing",
    straight_lines = "straight-lines",
    book_costs = "book-costs",
    lease_straight_line = "lease-straight-line",
    statement = "statement",
    prices = "prices",
    price_book = "price-book",
    price_book_new = "price-book-new",
    platform_invoices = "platform-invoices",
    platform_invoice = "platform-invoice",
    park_grants = "park-grants",
    grant_new = "grant-new",
    park_invitations = "park-invitations",
    invitation_new = "invitation-new",
    park_letters = "park-letters",
    platform = "platform",
    security = "security",
    service_account_new = "service-account-new",
    service_account = "service-account",
    park_provider = "park-provider",
    park_search = "park-search",
    audit = "audit",
}

/// A length as a number that is shown.
pub(crate) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// The look of an invoice's state.
pub(crate) fn invoice_state(state: &str) -> &'static str {
    match state {
        "PAID" => "ok",
        "PART_PAID" => "warn",
        "OVERDUE" => "bad",
        "VOID" | "UNCOLLECTIBLE" => "idle",
        _ => "info",
    }
}

/// The look of a seat's state.
pub(crate) fn seat_state(state: &str) -> &'static str {
    match state {
        "ALLOCATED" => "ok",
        "AVAILABLE" => "info",
        "HELD" | "PLANNED" => "warn",
        "OUT_OF_SERVICE" => "bad",
        _ => "idle",
    }
}

/// The look of a lease's state.
pub(crate) fn lease_state(state: &str) -> &'static str {
    match state {
        "RUNNING" => "ok",
        "UPCOMING" => "info",
        _ => "idle",
    }
}

async fn nowhere() -> Stop {
    Stop::NotFound
}

#[cfg(test)]
mod tests;
