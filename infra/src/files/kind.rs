//! What a file is, by its bytes.

use std::path::Path;

use voxpark_domain::platform::{FileKind, Purpose, too_large};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

use super::Arrived;

/// What an arrived file is.
///
/// # Errors
/// `file-type-refused` for anything that is not taken in: programs, pages, archives, what nobody knows; `workbook-broken`.
pub(super) async fn kind_of(arrived: &Arrived) -> Result<FileKind> {
    let kind = match by_head(&arrived.head) {
        Some(Looks::Known(kind)) => Some(kind),
        Some(Looks::Zip) => {
            let path = arrived.part.0.clone();
            tokio::task::spawn_blocking(move || by_entries(&path)).await.map_err(Error::internal)??
        }
        None => None,
    };
    match kind {
        // Pictures of lines are programs too: only those in which nothing runs are taken in at all.
        Some(FileKind::Svg) => look_through(arrived).await.map(|()| FileKind::Svg),
        Some(kind) => Ok(kind),
        None if arrived.head.starts_with(b"AutoCAD Binary DXF") => {
            Err(Refusal::new(RefusalCode::Invalid, "dxf-binary").at("file").into())
        }
        None => Err(Refusal::new(RefusalCode::Invalid, "file-type-refused").at("file").into()),
    }
}

/// Looks a picture of lines through.
async fn look_through(arrived: &Arrived) -> Result<()> {
    if let Some(most) = Purpose::FloorPlan.max_bytes().filter(|most| arrived.bytes > *most) {
        return Err(too_large(most).into());
    }
    let path = arrived.part.0.clone();
    let looked = move || {
        let bytes = std::fs::read(&path).map_err(Error::internal)?;
        match crate::drawings::look(&bytes) {
            // Where it lies on a floor, it is refused for having no shape.
            Err(Error::Refused(list)) if list.iter().all(|r| r.rule == "picture-size") => Ok(()),
            other => other.map(drop),
        }
    };
    tokio::task::spawn_blocking(looked).await.map_err(Error::internal)?
}

enum Looks {
    Known(FileKind),
    Zip,
}

fn by_head(head: &[u8]) -> Option<Looks> {
    let at = |from: usize, magic: &[u8]| head.get(from..from + magic.len()) == Some(magic);
    let kind = if at(0, b"%PDF-") {
        FileKind::Pdf
    } else if textual(head) {
        // Pages and scripts are text as well, and run where they are opened.
        let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        let markup = matches!(bare, [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'!' | b'?', ..]);
        if markup && !bare.starts_with(b"<html") && bare.windows(4).any(|w| w == b"<svg") {
            return Some(Looks::Known(FileKind::Svg));
        }
        if is_drawing(bare) {
            return Some(Looks::Known(FileKind::Drawing));
        }
        if markup || bare.starts_with(b"#!") || bare.starts_with(b"{\\rtf") || bare.starts_with(b"%!PS") {
            return None;
        }
        FileKind::Text
    } else if at(0, b"PK\x03\x04") {
        return Some(Looks::Zip);
    } else if at(0, &[0x1f, 0x8b]) {
        FileKind::Gzip
    } else if at(0, &[0xff, 0xd8, 0xff]) {
        FileKind::Jpeg
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        FileKind::Png
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        FileKind::Webp
    } else if at(0, b"RIFF") && at(8, b"WAVE") {
        FileKind::Wave
    } else if at(0, b"ID3") || matches!(head, [0xff, 0xf2 | 0xf3 | 0xfa | 0xfb, ..]) {
        FileKind::Mp3
    } else if at(4, b"ftyp") {
        FileKind::Mp4
    } else if at(0, &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        FileKind::OldOffice
    } else {
        return None;
    };
    Some(Looks::Known(kind))
}

/// Whether a text begins as drawings do: pairs of lines, after remarks (999) the one that begins a section.
fn is_drawing(head: &[u8]) -> bool {
    let mut lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    loop {
        match (lines.next(), lines.next()) {
            (Some(b"999"), Some(_)) => {}
            (Some(b"0"), Some(section)) => return section == b"SECTION",
            _ => return false,
        }
    }
}

/// Whether bytes can be text of any encoding that the trade writes: no control characters but those of lines.
fn textual(head: &[u8]) -> bool {
    // UTF-16 says so itself.
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    head.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a | 0x20..=0x7e | 0x80..))
}

/// Which office document a zip file is, if it is one.
fn by_entries(path: &Path) -> Result<Option<FileKind>> {
    let file = std::fs::File::open(path).map_err(Error::internal)?;
    let broken = |_| Refusal::new(RefusalCode::Invalid, "workbook-broken").at("file");
    let zip = zip::ZipArchive::new(file).map_err(broken)?;
    let has = |name: &str| zip.index_for_name(name).is_some();
    if !has("[Content_Types].xml") {
        return Ok(None);
    }
    let kinds = [
        ("xl/workbook.xml", FileKind::Workbook),
        ("word/document.xml", FileKind::Document),
        ("ppt/presentation.xml", FileKind::Slides),
    ];
    Ok(kinds.into_iter().find_map(|(part, kind)| has(part).then_some(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> Option<FileKind> {
        match by_head(bytes) {
            Some(Looks::Known(kind)) => Some(kind),
            _ => None,
        }
    }

    #[test]
    fn bytes_tell_what_a_file_is() {
        for (bytes, what) in [
            (&b"%PDF-1.7\n1 0 obj"[..], Some(FileKind::Pdf)),
            ("座位,产品\n".as_bytes(), Some(FileKind::Text)),
            (b"\xd7\xf9\xce\xbb,1\r\n", Some(FileKind::Text)),
            (b"\xff\xfea\0,\0b\0", Some(FileKind::Text)),
            // Short magic numbers that a header may begin with by chance.
            (b"BM,name\n", Some(FileKind::Text)),
            (b"MZ;2\n", Some(FileKind::Text)),
            (b"\x1f\x8b\x08\0", Some(FileKind::Gzip)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(FileKind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0", Some(FileKind::Png)),
            (b"RIFF\x01\0\0\0WAVEfmt ", Some(FileKind::Wave)),
            (b"\0\0\0\x18ftypmp42", Some(FileKind::Mp4)),
            (b"MZ\x90\0\x03\0", None),
            (b"\x7fELF\x02\x01", None),
            (b"#!/bin/sh\n", None),
            (b"  <html><script>", None),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?><svg", Some(FileKind::Svg)),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?><page", None),
            (b"<html><svg>", None),
            (b"999\r\ndrawn\r\n  0\r\nSECTION\r\n", Some(FileKind::Drawing)),
            (b"0\nSECTION", Some(FileKind::Drawing)),
            (b"0\n1\n", Some(FileKind::Text)),
            (b"AutoCAD Binary DXF\r\n\x1a\0", None),
            (b"{\\rtf1", None),
            (b"Rar!\x1a\x07\0", None),
        ] {
            assert_eq!(kind(bytes), what, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
