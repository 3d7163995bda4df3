//! The framework packs that ship with the product. A pack loaded by a customer has the same form and goes through
//! [`Framework::parse`] too; it is only not listed here.

use std::sync::LazyLock;

use super::Framework;
use crate::error::{Error, Refusal, Result};
use crate::pack::PackFile;

/// The two files of one shipped pack.
struct Shipped {
    head: PackFile<'static>,
    clauses: PackFile<'static>,
}

macro_rules! shipped {
    ($($folder:literal),+ $(,)?) => {
        &[$(Shipped {
            head: PackFile {
                name: concat!($folder, "/framework.toml"),
                text: include_str!(concat!("../../../frameworks/", $folder, "/framework.toml")),
            },
            clauses: PackFile {
                name: concat!($folder, "/clauses.tsv"),
                text: include_str!(concat!("../../../frameworks/", $folder, "/clauses.tsv")),
            },
        }),+]
    };
}

/// One folder a version; an old version stays as long as an assessment may pin it.
const SHIPPED: &[Shipped] = shipped!["cc-cmm-oc-2011"];

static FRAMEWORKS: LazyLock<Result<Vec<Framework>, Vec<Refusal>>> = LazyLock::new(|| {
    let parsed = SHIPPED.iter().map(|pack| Framework::parse(pack.head, pack.clauses));
    parsed.collect::<Result<Vec<_>>>().map_err(|error| match error {
        Error::Refused(faults) => faults,
        _ => Vec::new(),
    })
});

/// Every shipped framework, parsed once.
///
/// # Errors
/// [`Error::Internal`] when a shipped pack is faulty, which the tests of this crate exclude.
pub fn frameworks() -> Result<&'static [Framework]> {
    FRAMEWORKS.as_deref().map_err(|faults| Error::internal(Error::Refused(faults.clone())))
}

/// The newest version of an edition, by its [name](super::FrameworkPin::name).
///
/// # Errors
/// [`Error::NotFound`] when no such edition ships.
pub fn framework(name: &str) -> Result<&'static Framework> {
    let found = frameworks()?.iter().filter(|framework| framework.pin.name() == name);
    found.max_by_key(|framework| framework.pin.version).ok_or(Error::NotFound)
}

/// Exactly the pack that an assessment was made with.
///
/// # Errors
/// [`Error::Internal`] when no shipped pack has this name and fingerprint: then the installation lacks a pack that its own
/// data need.
pub fn pinned(name: &str, fingerprint: &str) -> Result<&'static Framework> {
    let mut all = frameworks()?.iter();
    all.find(|framework| framework.pin.name() == name && framework.pin.fingerprint == fingerprint)
        .ok_or_else(|| Error::internal(format!("no framework pack {name} with fingerprint {fingerprint}")))
}
