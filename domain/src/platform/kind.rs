//! What kinds of file there are, and which of them are taken in for what.
//!
//! What a file is, its first bytes tell. The name and the declared type may not say otherwise: whoever opens the file
//! later goes by them.

use crate::error::{Refusal, RefusalCode};
use crate::permission::listed;

listed! {
    /// What the bytes of a file are.
    FileKind {
        /// Text in any encoding: tables, logs, notes.
        Text = "text",
        /// A gzip stream (packed call records).
        Gzip = "gzip",
        /// A workbook (XLSX).
        Workbook = "xlsx",
        /// A text document (DOCX).
        Document = "docx",
        /// Slides (PPTX).
        Slides = "pptx",
        /// A document, workbook or slides in the older binary form (DOC, XLS, PPT).
        OldOffice = "office-97",
        /// A portable document.
        Pdf = "pdf",
        /// A picture.
        Jpeg = "jpeg",
        /// A picture.
        Png = "png",
        /// A picture.
        Webp = "webp",
        /// A picture of lines. What runs or reaches elsewhere is not in it: such files are not taken in.
        Svg = "svg",
        /// A drawing to be read for what stands where (DXF).
        Drawing = "dxf",
        /// Sound (recordings of calls).
        Wave = "wav",
        /// Sound.
        Mp3 = "mp3",
        /// A film.
        Mp4 = "mp4",
    }
}

listed! {
    /// What a file is brought for.
    Purpose {
        /// A table or log to be read into records.
        Import = "import",
        /// Proof that an assessment rests on.
        Evidence = "evidence",
        /// A picture that lies under the seats of a floor.
        FloorPlan = "floor-plan",
        /// A drawing that seats are placed by.
        Placing = "placing",
        /// A photograph of a zone or seat.
        Photo = "photo",
    }
}

/// The largest piece of evidence, bytes.
const MAX_EVIDENCE: u64 = 100 * 1024 * 1024;
/// The largest picture, bytes.
const MAX_PICTURE: u64 = 20 * 1024 * 1024;
/// The largest drawing, bytes.
const MAX_DRAWING: u64 = 64 * 1024 * 1024;

/// What senders declare when they do not know.
const UNDECLARED: &[&str] =
    &["", "application/octet-stream", "application/x-www-form-urlencoded", "binary/octet-stream"];

impl Purpose {
    /// Whether such a file serves it.
    pub const fn accepts(self, kind: FileKind) -> bool {
        match self {
            Self::Import => matches!(kind, FileKind::Text | FileKind::Gzip | FileKind::Workbook),
            Self::Evidence => !matches!(kind, FileKind::Gzip | FileKind::Svg | FileKind::Drawing),
            Self::FloorPlan => matches!(kind, FileKind::Svg | FileKind::Png | FileKind::Jpeg | FileKind::Webp),
            Self::Placing => matches!(kind, FileKind::Drawing),
            Self::Photo => matches!(kind, FileKind::Jpeg | FileKind::Png | FileKind::Webp),
        }
    }
    /// The largest file that serves it, bytes; `None` = as large as the installation takes any.
    pub const fn max_bytes(self) -> Option<u64> {
        match self {
            Self::Import => None,
            Self::Evidence => Some(MAX_EVIDENCE),
            Self::FloorPlan | Self::Photo => Some(MAX_PICTURE),
            Self::Placing => Some(MAX_DRAWING),
        }
    }
}

impl FileKind {
    /// The endings that names of such files have, and the types that they are declared as. Text may also have none, or a
    /// number (rotated logs).
    const fn known_as(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Text => (
                &["csv", "tsv", "txt", "log", "md"],
                &[
                    "text/csv",
                    "text/plain",
                    "text/tab-separated-values",
                    "text/markdown",
                    "text/x-log",
                    "text/comma-separated-values",
                    // What Windows calls a CSV file.
                    "application/vnd.ms-excel",
                    "application/csv",
                ],
            ),
            Self::Gzip => (&["gz"], &["application/gzip", "application/x-gzip"]),
            Self::Workbook => (&["xlsx"], &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]),
            Self::Document => (&["docx"], &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]),
            Self::Slides => (&["pptx"], &["application/vnd.openxmlformats-officedocument.presentationml.presentation"]),
            Self::OldOffice => (
                &["doc", "xls", "ppt"],
                &["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"],
            ),
            Self::Pdf => (&["pdf"], &["application/pdf"]),
            Self::Jpeg => (&["jpg", "jpeg"], &["image/jpeg"]),
            Self::Png => (&["png"], &["image/png"]),
            Self::Webp => (&["webp"], &["image/webp"]),
            Self::Svg => (&["svg"], &["image/svg+xml"]),
            Self::Drawing => (
                &["dxf"],
                &[
                    "image/vnd.dxf",
                    "image/x-dxf",
                    "application/dxf",
                    "application/x-dxf",
                    "application/x-autocad",
                    "text/plain",
                ],
            ),
            Self::Wave => (&["wav"], &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"]),
            Self::Mp3 => (&["mp3"], &["audio/mpeg", "audio/mp3"]),
            Self::Mp4 => (&["mp4", "m4v", "m4a"], &["video/mp4", "audio/mp4", "audio/x-m4a", "video/x-m4v"]),
        }
    }

    /// The kind that a stored file was found to be, by its media type.
    pub fn of_media_type(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.media_type("") == text || kind.media_type("x.csv") == text)
    }

    /// The media type it is given out as.
    pub fn media_type(self, name: &str) -> &'static str {
        match (self, ending(name).as_deref()) {
            (Self::Text, Some("csv")) => "text/csv",
            (Self::Text, _) => "text/plain",
            (Self::OldOffice, Some("xls")) => "application/vnd.ms-excel",
            (Self::OldOffice, Some("ppt")) => "application/vnd.ms-powerpoint",
            (kind, _) => kind.known_as().1.first().copied().unwrap_or("application/octet-stream"),
        }
    }

    /// Whether a name and a declared type fit what the bytes are.
    ///
    /// # Errors
    /// `file-type-name`, `file-type-declared`.
    pub fn check(self, name: &str, declared: &str) -> Result<(), Refusal> {
        let (endings, types) = self.known_as();
        let found = || Refusal::new(RefusalCode::Invalid, "file-type-name").at("file").with("kind", self.name());
        match ending(name) {
            Some(ending) if endings.contains(&ending.as_str()) => {}
            Some(ending) if self == Self::Text && ending.bytes().all(|b| b.is_ascii_digit()) => {}
            Some(ending) => return Err(found().with("ending", ending)),
            None => {}
        }
        let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if UNDECLARED.contains(&declared.as_str()) || types.contains(&declared.as_str()) {
            return Ok(());
        }
        // What packs everything in a zip is declared as one by some programs.
        let zipped = matches!(self, Self::Workbook | Self::Document | Self::Slides);
        if zipped && matches!(declared.as_str(), "application/zip" | "application/x-zip-compressed") {
            return Ok(());
        }
        Err(Refusal::new(RefusalCode::Invalid, "file-type-declared").at("file").with("kind", self.name()))
    }
}

/// What stands behind the last dot of a name, in small letters.
fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then(|| ending.to_ascii_lowercase())
}

/// Whether a file may be used for something, by the type that was found when it was taken in.
///
/// # Errors
/// `file-type-purpose`, `file-too-large`.
pub fn fits(purpose: Purpose, media_type: &str, bytes: i64) -> Result<(), Refusal> {
    // What was taken in before types were looked at is judged by whoever reads it.
    if FileKind::of_media_type(media_type).is_some_and(|kind| !purpose.accepts(kind)) {
        return Err(Refusal::new(RefusalCode::Invalid, "file-type-purpose")
            .at("fileId")
            .with("purpose", purpose.name()));
    }
    match purpose.max_bytes() {
        Some(max) if u64::try_from(bytes).unwrap_or(0) > max => Err(too_large(max).at("fileId")),
        _ => Ok(()),
    }
}

/// A file above a size, bytes.
pub fn too_large(max: u64) -> Refusal {
    Refusal::new(RefusalCode::TooLarge, "file-too-large")
        .at("file")
        .with("max", i64::try_from(max / (1024 * 1024)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_declared_types_may_not_say_otherwise() {
        let rule = |kind: FileKind, name, declared| kind.check(name, declared).err().map(|r| r.rule);
        for (kind, name, declared) in [
            (FileKind::Text, "话务 10月.CSV", "text/csv; charset=gbk"),
            (FileKind::Text, "calls.csv", "application/vnd.ms-excel"),
            (FileKind::Text, "queue_log", ""),
            (FileKind::Text, "queue_log.1", "application/octet-stream"),
            (FileKind::Workbook, "seats.xlsx", "application/zip"),
            (FileKind::Pdf, "nda.pdf", "application/pdf"),
            (FileKind::OldOffice, "plan.doc", "application/msword"),
            (FileKind::Jpeg, "floor.JPEG", "image/jpeg"),
        ] {
            assert_eq!(rule(kind, name, declared), None, "{name}");
        }
        assert_eq!(rule(FileKind::Text, "page.html", "text/plain"), Some("file-type-name"));
        assert_eq!(rule(FileKind::Text, "run.sh", ""), Some("file-type-name"));
        assert_eq!(rule(FileKind::Png, "nda.pdf", "application/pdf"), Some("file-type-name"));
        assert_eq!(rule(FileKind::Png, "floor.png", "application/pdf"), Some("file-type-declared"));
        assert_eq!(rule(FileKind::Text, "a.csv", "text/html"), Some("file-type-declared"));
    }

    #[test]
    fn every_kind_is_found_again_by_its_media_type() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::of_media_type(kind.media_type("x")), Some(*kind));
            assert!(Purpose::ALL.iter().any(|p| p.accepts(*kind)), "{kind:?} serves nothing");
        }
        let rule = |p, t, n| fits(p, t, n).err().map(|r| r.rule);
        assert_eq!(rule(Purpose::Import, "application/pdf", 1), Some("file-type-purpose"));
        assert_eq!(rule(Purpose::Evidence, "application/gzip", 1), Some("file-type-purpose"));
        assert_eq!(rule(Purpose::Evidence, "application/pdf", 1 << 30), Some("file-too-large"));
        assert_eq!(rule(Purpose::Import, "text/csv", 1 << 30), None);
        assert_eq!(rule(Purpose::Import, "application/octet-stream", 1), None);
    }
}
