//! Uploaded pictures and drawings, as far as the estate needs to know what is in them.

use async_trait::async_trait;
use rust_decimal::Decimal;

use super::floor_plan::PictureSize;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::ids::FileId;
use crate::permission::{Action, Resource, listed};
use crate::platform::{self, Purpose, StoredFile};

listed! {
    /// What a drawing counts lengths in.
    LengthUnit {
        /// Millimetre.
        Millimetre = "mm",
        /// Centimetre.
        Centimetre = "cm",
        /// Decimetre.
        Decimetre = "dm",
        /// Metre.
        Metre = "m",
        /// Inch, 25.4 mm.
        Inch = "in",
        /// Foot, 304.8 mm.
        Foot = "ft",
    }
}

impl LengthUnit {
    /// Millimetres of one.
    pub fn mm(self) -> Decimal {
        match self {
            Self::Millimetre => Decimal::ONE,
            Self::Centimetre => Decimal::TEN,
            Self::Decimetre => Decimal::ONE_HUNDRED,
            Self::Metre => Decimal::ONE_THOUSAND,
            Self::Inch => Decimal::new(254, 1),
            Self::Foot => Decimal::new(3048, 1),
        }
    }
}

/// Which marks of a drawing are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarksOf {
    /// On this layer only, whatever its case.
    pub layer: Option<String>,
    /// Values of the attribute with this tag only, whatever its case; `None` = texts.
    pub tag: Option<String>,
}

/// A word that stands somewhere on a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it says, without its looks.
    pub text: String,
    /// To the right, in the units of the drawing.
    pub x: Decimal,
    /// Upwards.
    pub y: Decimal,
    /// The line of the file at which it begins, from 1.
    pub line: u64,
}

/// What stands where on a drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// What it counts in, where it says so.
    pub unit: Option<LengthUnit>,
    /// The marks that were asked for, in the order of the file.
    pub marks: Vec<Mark>,
}

/// Reads uploaded pictures and drawings.
#[async_trait]
pub trait Drawings: Send + Sync {
    /// How a picture is shaped.
    ///
    /// # Errors
    /// `picture-broken`, `picture-size`, `picture-points`, at `fileId`.
    async fn picture(&self, file: &StoredFile) -> Result<PictureSize>;
    /// What stands where on a drawing.
    ///
    /// # Errors
    /// `dxf-broken`, `dxf-too-large`, `file-encoding`, at `fileId`.
    async fn marks(&self, file: &StoredFile, of: &MarksOf) -> Result<Drawing>;
}

/// Looks at an uploaded picture of the caller's own park before anything is written with it.
///
/// # Errors
/// Those of [`Ctx::require`], of [`platform::file_for`] and of [`Drawings::picture`].
pub async fn picture(
    store: &dyn platform::Store,
    drawings: &dyn Drawings,
    ctx: &Ctx,
    (id, purpose): (FileId, Purpose),
) -> Result<(StoredFile, PictureSize)> {
    ctx.require(Action::Write, Resource::Estate)?;
    let file = platform::file_for(store, id, purpose).await?;
    let size = drawings.picture(&file).await?;
    Ok((file, size))
}

/// Reads an uploaded drawing of the caller's own park.
///
/// # Errors
/// Those of [`Ctx::require`], of [`platform::file_for`] and of [`Drawings::marks`].
pub async fn drawing(
    store: &dyn platform::Store,
    drawings: &dyn Drawings,
    ctx: &Ctx,
    id: FileId,
    of: &MarksOf,
) -> Result<Drawing> {
    ctx.require(Action::Write, Resource::Estate)?;
    let file = platform::file_for(store, id, Purpose::Placing).await?;
    drawings.marks(&file, of).await
}
