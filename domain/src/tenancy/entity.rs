//! Park and tenant.

use chrono::NaiveDate;

use crate::error::{Refusal, RefusalCode, Refusals, Result};
use crate::identity::Region;
use crate::ids::{ParkId, TenantId};
use crate::money::Currency;
use crate::page::SortKey;

/// A park.
#[derive(Clone, Debug)]
pub struct Park {
    /// Its id.
    pub id: ParkId,
    /// Short code.
    pub code: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Civil dates of contracts are dates in this zone.
    pub zone: chrono_tz::Tz,
    /// What it bills in.
    pub currency: Currency,
    /// City tier 1-5 (reference wages differ by it).
    pub city_tier: i64,
    /// Where it lies, if that is known.
    pub region: Option<Region>,
}

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Short code, unique in the park.
    pub code: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What it does, in its own words.
    pub business: String,
    /// In operation since (years of operation count for maturity levels).
    pub operating_since: NaiveDate,
    /// First day in this park.
    pub arrived_on: NaiveDate,
}

/// What a tenant is asked to be.
#[derive(Clone, Debug)]
pub struct TenantDraft {
    /// 1-20 letters, digits, `-` or `_`.
    pub code: String,
    /// 1-80 characters.
    pub name: String,
    /// 1-80 characters.
    pub name_en: String,
    /// 0-200 characters.
    pub business: String,
    /// In operation since.
    pub operating_since: NaiveDate,
    /// First day in this park.
    pub arrived_on: NaiveDate,
}

impl TenantDraft {
    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// All refusals at once: `code-invalid`, `text-required`, `text-too-long`.
    pub fn check(&self) -> Result<()> {
        let mut bad = Refusals::new();
        bad.when(!code_ok(&self.code, 20), || {
            Refusal::new(RefusalCode::Invalid, "code-invalid").at("code").with("max", 20_i64)
        });
        for (path, text) in [("name", &self.name), ("nameEn", &self.name_en)] {
            bad.when(text.trim().is_empty() || text.chars().count() > 80, || {
                Refusal::new(RefusalCode::Required, "text-required").at(path).with("max", 80_i64)
            });
        }
        bad.when(self.business.chars().count() > 200, || {
            Refusal::new(RefusalCode::TooLarge, "text-too-long").at("business").with("max", 200_i64)
        });
        bad.finish()
    }
    /// As a tenant.
    pub fn into_tenant(self, id: TenantId) -> Tenant {
        Tenant {
            id,
            code: self.code.trim().to_owned(),
            name: self.name.trim().to_owned(),
            name_en: self.name_en.trim().to_owned(),
            business: self.business.trim().to_owned(),
            operating_since: self.operating_since,
            arrived_on: self.arrived_on,
        }
    }
}

/// Whether a text can be a code: 1 to `max` letters, digits, `-`, `_`, `.` or `/`.
pub fn code_ok(text: &str, max: usize) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.chars().count() <= max
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
}

/// What tenants can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TenantSort {
    /// Their code.
    #[default]
    Code,
    /// How many seats they hold today.
    Seats,
    /// The day they came to the park.
    ArrivedOn,
}

impl SortKey for TenantSort {
    fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Seats => "seats",
            Self::ArrivedOn => "arrived_on",
        }
    }
}
