//! Papers, their history, what they say.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{FileId, LeaseId, PaperId, TenantId, UserId};
use crate::leasing::{Lease, LeaseVersion};
use crate::pack::Bilingual;
use crate::permission::listed;
use crate::pipeline::Private;

listed! {
    /// What a paper is for.
    PaperKind {
        /// The lease itself.
        Lease = "lease",
        /// Other terms.
        Amendment = "amendment",
        /// The lease goes on.
        Renewal = "renewal",
        /// The lease ends before its time.
        Termination = "termination",
    }
}

impl PaperKind {
    /// What the paper of a version is for: it follows from what that version changes.
    pub fn of(lease: &Lease, version: &LeaseVersion) -> Self {
        let before = lease.versions.iter().rfind(|other| other.version < version.version);
        match before.map(|before| (before.terms.term_to, version.terms.term_to)) {
            None => Self::Lease,
            Some((was, is)) if is < was && version.in_force_from == is => Self::Termination,
            Some((was, is)) if is > was => Self::Renewal,
            Some(_) => Self::Amendment,
        }
    }
}

listed! {
    /// In which language a paper is set.
    PaperLanguage {
        /// Chinese.
        Chinese = "zh",
        /// English.
        English = "en",
        /// Both, clause by clause, Chinese first.
        Both = "both",
    }
}

listed! {
    /// What was done to a paper.
    PaperAct {
        /// It was written.
        Draft = "draft",
        /// Somebody approved it.
        Approve = "approve",
        /// Somebody did not approve it.
        Refuse = "refuse",
        /// It was taken back.
        Withdraw = "withdraw",
        /// Both sides signed it.
        Sign = "sign",
    }
}

listed! {
    /// Where a paper is in its life.
    PaperState {
        /// It waits for approval.
        Drafted = "drafted",
        /// It may be signed.
        Approved = "approved",
        /// Both sides signed it.
        Signed = "signed",
        /// It was not approved.
        Refused = "refused",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

impl PaperState {
    /// Whether it can still become a signed paper, or is one: there is one such of a version.
    pub const fn lives(self) -> bool {
        matches!(self, Self::Drafted | Self::Approved | Self::Signed)
    }
}

/// A side of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// What the paper calls it.
    pub role: Bilingual,
    /// Who it is.
    pub name: Bilingual,
}

/// A clause of a paper; its number is its place, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentClause {
    /// Its name in the template; empty for what was agreed beside it.
    pub id: String,
    /// What it is about.
    pub title: Bilingual,
    /// What it says.
    pub text: Bilingual,
}

/// What a paper says. Fixed when it is drafted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What it is.
    pub title: Bilingual,
    /// The park, then the tenant.
    pub parties: Vec<Party>,
    /// Before the clauses.
    pub opening: Bilingual,
    /// In order.
    pub clauses: Vec<ContentClause>,
}

/// What the two sides sign for one version of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its id.
    pub id: PaperId,
    /// Whose lease.
    pub tenant: TenantId,
    /// Which lease.
    pub lease: LeaseId,
    /// Which version of it.
    pub version: i64,
    /// The code of the lease and the number of the version: `L-1/2`.
    pub number: String,
    /// What it is for.
    pub kind: PaperKind,
    /// The template it was drafted by, with its version: `seat-lease.v1`.
    pub template: String,
    /// In which language it is set.
    pub language: PaperLanguage,
    /// What it says.
    pub content: Content,
    /// SHA-256 of what it says, as it is kept.
    pub sha256: Vec<u8>,
    /// Where it is.
    pub state: PaperState,
    /// How many approvals it needs, 1 to 3: as the park had set when it was drafted.
    pub needed: i64,
    /// When it was drafted.
    pub drafted_at: DateTime<Utc>,
    /// By whom.
    pub drafted_by: Option<UserId>,
    /// When it had the approvals it needs; stays when it is withdrawn later.
    pub approved_at: Option<DateTime<Utc>>,
    /// The day on which both sides had signed.
    pub signed_on: Option<NaiveDate>,
    /// Who signed for the park.
    pub signed_park: Private,
    /// Who signed for the tenant.
    pub signed_tenant: Private,
    /// The signed paper, scanned: a file of the park.
    pub scan: Option<FileId>,
    /// The number of its last step.
    pub last: i64,
}

/// A step in the history of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperStep {
    /// Of which paper.
    pub paper: PaperId,
    /// Whose.
    pub tenant: TenantId,
    /// From 1.
    pub n: i64,
    /// What was done.
    pub act: PaperAct,
    /// What was said to it.
    pub words: Private,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: Option<UserId>,
    /// What they are called.
    pub by_name: Private,
}

/// A paper that is to be drafted.
#[derive(Clone, Debug)]
pub struct PaperDraft {
    /// Of which lease.
    pub lease: LeaseId,
    /// Of which of its versions; the latest when left out.
    pub version: Option<i64>,
    /// By which template; the one built in when left out.
    pub template: Option<String>,
    /// In which language.
    pub language: PaperLanguage,
    /// What is agreed beside the template, a paragraph each: at most 20 of 1,000 characters.
    pub special: Vec<String>,
}
