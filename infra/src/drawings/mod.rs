//! What is in uploaded pictures and drawings: how a picture is shaped, whether one of lines is harmless, what stands where
//! on a drawing.
//!
//! Everything is bounded before it is believed. Files are read on a thread that may block.

mod dxf;
mod svg;

use std::io::Read as _;
use std::sync::Arc;

use async_trait::async_trait;
use voxpark_domain::estate::{Drawing, MarksOf, PictureSize};
use voxpark_domain::platform::{FileKind, Purpose, StoredFile};
use voxpark_domain::uow::FileStore;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

pub use dxf::marks;
pub use svg::look;

/// The most points of a picture: what a browser still holds in memory.
const MAX_POINTS: usize = 60_000_000;
/// The longest side of a picture, points.
const MAX_SIDE: usize = 30_000;

/// Reads pictures and drawings out of a file store.
pub struct Drawings(Arc<dyn FileStore>);

impl Drawings {
    /// Over a store.
    pub fn new(files: Arc<dyn FileStore>) -> Self {
        Self(files)
    }

    async fn read<T: Send + 'static>(
        &self,
        file: &StoredFile,
        of: impl FnOnce(&[u8]) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let copy = self.0.local(&file.sha256).await?;
        let most = file.bytes.unsigned_abs();
        let read = move || {
            let mut bytes = Vec::new();
            let file = std::fs::File::open(copy.path()).map_err(Error::internal)?;
            file.take(most).read_to_end(&mut bytes).map_err(Error::internal)?;
            of(&bytes)
        };
        tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
    }
}

impl std::fmt::Debug for Drawings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Drawings")
    }
}

/// A file that is not of a kind that serves a purpose.
fn wrong_kind(purpose: Purpose) -> Error {
    Refusal::new(RefusalCode::Invalid, "file-type-purpose").at("fileId").with("purpose", purpose.name()).into()
}

#[async_trait]
impl voxpark_domain::estate::Drawings for Drawings {
    async fn picture(&self, file: &StoredFile) -> Result<PictureSize> {
        match FileKind::of_media_type(&file.media_type) {
            Some(FileKind::Svg) => self.read(file, look).await,
            Some(FileKind::Png | FileKind::Jpeg | FileKind::Webp) => self.read(file, points).await,
            _ => Err(wrong_kind(Purpose::FloorPlan)),
        }
    }

    async fn marks(&self, file: &StoredFile, of: &MarksOf) -> Result<Drawing> {
        if FileKind::of_media_type(&file.media_type) != Some(FileKind::Drawing) {
            return Err(wrong_kind(Purpose::Placing));
        }
        let of = of.clone();
        self.read(file, move |bytes| marks(bytes, &of)).await
    }
}

/// The size of a picture of points, by its head alone.
fn points(bytes: &[u8]) -> Result<PictureSize> {
    let broken = || Error::from(Refusal::new(RefusalCode::Invalid, "picture-broken").at("fileId"));
    let size = imagesize::blob_size(bytes).map_err(|_| broken())?;
    if size.width == 0 || size.height == 0 {
        return Err(Refusal::new(RefusalCode::Invalid, "picture-size").at("fileId").into());
    }
    if size.width > MAX_SIDE || size.height > MAX_SIDE || size.width.saturating_mul(size.height) > MAX_POINTS {
        let refusal = Refusal::new(RefusalCode::TooLarge, "picture-points").at("fileId");
        let refusal = refusal.with("width", size.width).with("height", size.height);
        return Err(refusal.with("max", MAX_POINTS / 1_000_000).into());
    }
    let side = |n: usize| i64::try_from(n).map_err(Error::internal);
    Ok(PictureSize { width: side(size.width)?, height: side(size.height)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a picture of points with a size.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    fn rule(found: Result<PictureSize>) -> &'static str {
        match found {
            Err(Error::Refused(list)) => list.first().map_or("", |r| r.rule),
            _ => "",
        }
    }

    #[test]
    fn pictures_of_points_are_measured() {
        assert_eq!(points(&png(640, 480)).unwrap(), PictureSize { width: 640, height: 480 });
        assert_eq!(rule(points(&png(0, 480))), "picture-size");
        assert_eq!(rule(points(&png(30_000, 30_000))), "picture-points");
        assert_eq!(rule(points(&png(40_000, 1))), "picture-points");
        assert_eq!(rule(points(b"\x89PNG\r\n\x1a\n")), "picture-broken");
    }
}
