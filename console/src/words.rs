//! The words of the console: Fluent catalogues in two languages, complete by test.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::exec::Lang;
use crate::fmt as numbers;

macro_rules! catalogues {
    ($($name:literal),+ $(,)?) => {
        /// File name and text of every catalogue, Chinese and English.
        pub(crate) const FILES: &[(&str, &str, &str)] = &[$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/zh-CN/", $name, ".ftl")),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en/", $name, ".ftl")),
        )),+];
    };
}

// One line a catalogue: the file exists in both languages.
catalogues![
    "shell", "common", "account", "enums", "park", "estate", "leasing", "papers", "pipeline", "requests", "seating",
    "billing", "books", "prices", "access", "security", "audit", "centre", "staff", "costs", "maturity"
];

/// Words for the values of an enumeration, `<family>-<value in lower case, _ as ->`; the tests see that none is missing.
#[cfg(test)]
pub(crate) const FAMILIES: &[(&str, &[&str])] = &[
    ("audit-action", crate::pages::audit::ACTIONS),
    ("audit-context", crate::pages::audit::CONTEXTS),
    ("seat-product", &["BARE", "FURNISHED", "EQUIPPED"]),
    ("seat-state", &["PLANNED", "AVAILABLE", "HELD", "ALLOCATED", "OUT_OF_SERVICE", "REMOVED"]),
    ("length-unit", &crate::pages::seat_drawing::UNITS),
    ("seat-view", &["LEASED", "OCCUPIED", "EFFECTIVE", "LOGGED_IN"]),
    ("seat-ledger-kind", &["ALLOCATION", "OCCUPANCY", "PRESENCE", "CONTRACT", "PAYROLL", "INSURANCE"]),
    ("run-state", &["ISSUED", "READY", "HELD", "ALREADY", "REFUSED", "WAITING"]),
    ("run-now", &crate::pages::billing_run::STATES),
    ("run-guard", &["FAR_OFF", "NEGATIVE", "MANY_LINES"]),
    ("price-basis", &["SEAT", "SEAT_DAY", "SHIFT", "METERED", "ONCE", "PERCENT"]),
    ("price-every", &["WEEK", "MONTH", "QUARTER", "HALF_YEAR", "YEAR"]),
    ("price-due", &["ADVANCE", "ARREARS"]),
    ("price-model", &["PER_UNIT", "GRADUATED", "VOLUME", "PACKAGE", "FLAT", "PERCENTAGE"]),
    ("price-line", &["SEATS", "RENT_FREE", "MINIMUM_SEATS", "QUANTITY", "ONCE", "PERCENT", "CAP", "TRUE_UP"]),
    ("hold-state", &["LIVE", "EXPIRED", "ALLOCATED", "RELEASED"]),
    ("lease-state", &["UPCOMING", "RUNNING", "ENDED"]),
    ("settlement-state", &["ISSUED", "AGREED", "WITHDRAWN"]),
    ("settlement-line", &["INVOICE", "LATE_FEE", "DAMAGE", "CLEANING", "KEYS", "OTHER", "CREDIT", "DEPOSIT"]),
    ("settlement-balance", &["TENANT", "PARK", "NOBODY"]),
    ("paper-kind", &["LEASE", "AMENDMENT", "RENEWAL", "TERMINATION"]),
    ("paper-state", &crate::pages::papers::STATES),
    ("paper-act", &["DRAFT", "APPROVE", "REFUSE", "WITHDRAW", "SIGN"]),
    ("paper-language", &crate::pages::paper_new::LANGUAGES),
    ("lead-state", &crate::pages::pipeline::STATES),
    ("lead-source", &crate::pages::lead_form::SOURCES),
    ("lost-reason", &crate::pages::lead::REASONS),
    ("assign-mode", &crate::pages::centre_assignments::MODES),
    ("assign-mode-hint", &crate::pages::centre_assignments::MODES),
    ("request-state", &crate::pages::requests::STATES),
    ("request-kind", &crate::pages::requests::KINDS),
    ("request-kind-hint", &crate::pages::requests::KINDS),
    ("request-side", &crate::pages::requests::SIDES),
    ("request-waits", &crate::pages::requests::SIDES),
    ("request-act", &crate::pages::request::ACTS),
    ("request-do", &crate::pages::request::ACTS),
    ("visit-state", &["PLANNED", "DONE", "CANCELLED"]),
    ("quote-state", &["DRAFT", "SENT", "ACCEPTED", "DECLINED", "EXPIRED", "WITHDRAWN"]),
    ("payment-step", &crate::pages::park_payment::STEPS),
    ("fapiao-kind-of", &crate::pages::fapiaos::KINDS),
    ("fapiao-colour", &["BLUE", "RED"]),
    ("fapiao-state", &["NONE", "ISSUED", "REVERSED"]),
    ("fapiao-wanted", &crate::pages::billing_profile::KINDS),
    ("tax-order", &["NET_FIRST", "TAX_FIRST"]),
    ("write-off-step", &["WRITTEN_OFF", "RESTORED"]),
    ("invoice-state", &["UNPAID", "PART_PAID", "PAID", "OVERDUE", "VOID", "UNCOLLECTIBLE"]),
    ("platform-line", &crate::pages::platform_invoice::KINDS),
    ("book-account-of", &crate::pages::books::ACCOUNTS),
    ("book-cost-pool-of", &crate::pages::book_costs::POOLS),
    ("book-cost-against-of", &crate::pages::book_costs::AGAINST),
    ("book-act", &["CLOSE", "REOPEN"]),
    ("book-reason", &crate::pages::books::REASONS),
    ("contact-format", &["ANONYMOUS_BANK", "ASTERISK_QUEUE_LOG", "GENERIC_CSV"]),
    ("contact-format-hint", &["ANONYMOUS_BANK", "ASTERISK_QUEUE_LOG", "GENERIC_CSV"]),
    (
        "cost-category",
        &[
            "LABOUR",
            "RENT",
            "TELECOM",
            "DEPRECIATION",
            "MANAGEMENT",
            "RECRUITING",
            "TRAINING",
            "POWER",
            "SOFTWARE",
            "OTHER",
        ],
    ),
    ("cost-source", &["MANUAL", "IMPORT"]),
    ("encoding", &["UTF8", "GB18030", "LATIN1"]),
    ("mapping-column", &["WAIT", "HANDLE", "TALK", "HOLD", "WRAP", "AGENT", "ENDCUSTOMER", "EXTERNALID", "PRIORITY"]),
    ("mapping-time", &["START", "QUEUED", "ANSWERED", "ENDED"]),
    ("outcome", &["ANSWERED", "ABANDONED", "NOT_OFFERED", "OVERFLOWED", "IGNORED", "OPEN"]),
    ("strength", &["A", "B", "M"]),
    ("evidence-kind", &["DOCUMENT", "RECORD", "METRIC", "INTERVIEW"]),
    ("proration", &["BY_DAY", "FIXED_THIRTY", "NONE"]),
    (
        "column",
        &[
            "BUILDING",
            "FLOOR",
            "LEVEL",
            "ZONE",
            "SEAT",
            "PRODUCT",
            "X_MM",
            "Y_MM",
            "BUILT_FROM",
            "BUILT_TO",
            "WINDOW",
            "SOUND_INSULATION",
            "POWER_POINTS",
            "NETWORK_POINTS",
            "SHIFT_CLASS",
        ],
    ),
    ("invitation", &["OPEN", "ACCEPTED", "REVOKED", "EXPIRED"]),
    (
        "letter",
        &[
            "INVITATION",
            "PASSWORD_RESET",
            "PASSWORD_CHANGED",
            "ACCOUNT_CHANGED",
            "SESSION_REUSED",
            "EMERGENCY",
            "SEAT_REQUEST",
            "INVOICE",
            "CREDIT_NOTE",
            "PLATFORM_INVOICE",
        ],
    ),
    ("letter-state", &["WAITING", "SENT", "FAILED", "SUPPRESSED"]),
    ("grant", &["REVOKED", "COMING", "UNDECLARED", "VALID", "OVER"]),
    ("ability", &["READ", "RATE", "SAMPLE"]),
    ("cover", &["OPEN", "RECUSED", "UNDECLARED"]),
    ("act", &["read", "write", "commit"]),
    (
        "resource",
        &[
            "access",
            "assessment",
            "audit",
            "billing",
            "billing_profiles",
            "cost",
            "estate",
            "jobs",
            "leasing",
            "operations",
            "people",
            "pipeline",
            "requests",
            "self_assessment",
            "staffing",
            "tenants",
        ],
    ),
    ("import-state", &["WAITING", "RUNNING", "DONE", "FAILED"]),
    ("file-state", &["WAITING", "CLEAN", "REFUSED"]),
    ("job-state", &["WAITING", "RUNNING", "DONE", "FAILED", "CANCELLED"]),
    ("assessment-state", &["DRAFT", "SUBMITTED", "ASSESSED", "WITHDRAWN"]),
    (
        "role",
        &[
            "PLATFORM_OPERATOR",
            "PARK_ADMINISTRATOR",
            "PARK_FINANCE",
            "TENANT_MANAGER",
            "TEAM_LEADER",
            "QUALITY_ANALYST",
            "TRAINER",
            "HUMAN_RESOURCES",
            "TENANT_FINANCE",
            "AGENT",
            "ASSESSOR",
            "STATISTICS_OFFICER",
            "SYSTEM",
        ],
    ),
];

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Lang::ALL.map(bundle));

fn bundle(lang: Lang) -> Bundle {
    let id = match lang {
        Lang::Zh => unic_langid::langid!("zh-CN"),
        Lang::En => unic_langid::langid!("en"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    // Numbers inside sentences carry the same thousands separators as everywhere else.
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(n) => Some(numbers::group(&n.as_string())),
        _ => None,
    }));
    for (name, zh, en) in FILES {
        let text = if lang == Lang::Zh { zh } else { en };
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(partial, errors)| {
            tracing::error!(catalogue = name, lang = lang.tag(), ?errors, "catalogue has errors");
            partial
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(catalogue = name, lang = lang.tag(), ?errors, "catalogue repeats words");
        }
    }
    bundle
}

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Whose words.
    pub lang: Lang,
}

impl Words {
    /// Words of a language.
    pub const fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// Says a key: `{{ f.w.s("park-home-title") }}`; arguments by [`Say::arg`].
    pub fn s(&self, key: &'static str) -> Say {
        Say { lang: self.lang, key: Cow::Borrowed(key), args: FluentArgs::new() }
    }

    /// The name in this language; the Chinese one where there is no English one.
    pub fn name<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.lang == Lang::En && !en.is_empty() { en } else { zh }
    }

    /// Says a value of an enumeration: `{{ f.w.of("seat-state", seat.state) }}`.
    pub fn of(&self, family: &str, value: &str) -> Say {
        let key = format!("{family}-{}", value.to_ascii_lowercase().replace('_', "-"));
        Say { lang: self.lang, key: Cow::Owned(key), args: FluentArgs::new() }
    }
}

/// A sentence about to be said: displays itself, in a template escaped like any text.
#[derive(Debug)]
pub struct Say {
    lang: Lang,
    key: Cow<'static, str>,
    args: FluentArgs<'static>,
}

impl Say {
    /// Fills an argument: a text as it stands, a number with plural rules and separators.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl Argument) -> Self {
        self.args.set(name, value.value());
        self
    }

    /// The language it is said in.
    pub fn lang(&self) -> Lang {
        self.lang
    }
}

/// What can fill an argument of a sentence, however many references deep a template holds it.
pub trait Argument {
    /// As Fluent wants it.
    fn value(&self) -> FluentValue<'static>;
}
macro_rules! number_arguments {
    ($($t:ty),+) => { $(
        impl Argument for $t {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )+ };
}
number_arguments!(i64, i32, u32, u64, usize);
impl Argument for str {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.to_owned())
    }
}
impl Argument for String {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.clone())
    }
}
impl Argument for Say {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.to_string())
    }
}
impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }
}

impl From<Say> for String {
    fn from(say: Say) -> Self {
        say.to_string()
    }
}

impl fmt::Display for Say {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = &BUNDLES[usize::from(self.lang == Lang::En)];
        let Some(pattern) = bundle.get_message(&self.key).and_then(|message| message.value()) else {
            return write!(f, "⟦{}⟧", self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.args), &mut errors);
        if errors.is_empty() { f.write_str(&text) } else { write!(f, "⟦{}⟧", self.key) }
    }
}

#[cfg(test)]
mod tests;
