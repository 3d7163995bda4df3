//! Names and ranges in the headers of files.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, header};

/// The name in a `Content-Disposition`, its extended form (RFC 8187) first.
pub(super) fn disposition_name(text: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        text.split(';').skip(1).find_map(|p| {
            let (name, value) = p.trim().split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|v| {
        let (charset, rest) = v.split_once('\'')?;
        let (_, encoded) = rest.split_once('\'')?;
        charset.eq_ignore_ascii_case("utf-8").then(|| percent_decoded(encoded)).flatten()
    });
    extended.or_else(|| parameter("filename"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let code = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(code).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// An attachment under a name: plain for old clients, exact for all others (RFC 6266, RFC 8187).
pub(super) fn disposition(name: &str) -> String {
    use std::fmt::Write as _;
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let plain: String = name.chars().map(|c| if keep(c) { c } else { '_' }).collect();
    let mut out = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The part of a file of this many bytes that a request asks for: first byte and the one behind the last. `None` = all of
/// it, also for anything but one range (RFC 9110, 14.2: a server may ignore the field).
///
/// # Errors
/// When the range lies behind the end of the file.
pub(super) fn range(headers: &HeaderMap, etag: &str, bytes: u64) -> Result<Option<Range<u64>>, ()> {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let Some(asked) = text(header::RANGE).and_then(|r| r.trim().strip_prefix("bytes=")) else { return Ok(None) };
    // Of another version than the one it has begun with it wants everything; a date says nothing here.
    if text(header::IF_RANGE).is_some_and(|known| known != etag) {
        return Ok(None);
    }
    let Some((first, last)) = asked.split_once('-') else { return Ok(None) };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(bytes),
        (Some(first), None) if last.trim().is_empty() => first..bytes,
        (None, Some(n)) if first.trim().is_empty() => bytes.saturating_sub(n)..bytes,
        _ => return Ok(None),
    };
    if part.is_empty() { Err(()) } else { Ok(Some(part)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_out_and_comes_back() {
        for name in ["seats.csv", "一层 座位图.xlsx", "a\"b;c'.csv", "100%.txt"] {
            assert_eq!(disposition_name(&disposition(name)).as_deref(), Some(name));
        }
        assert_eq!(disposition_name("attachment; filename=plain.csv").as_deref(), Some("plain.csv"));
        assert_eq!(disposition_name("attachment"), None);
        assert_eq!(disposition_name("attachment; filename*=UTF-8''%zz"), None);
    }

    #[test]
    fn one_range_is_understood() {
        let asked = |text: &str, version: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, text.parse().expect("a header"));
            if let Some(version) = version {
                headers.insert(header::IF_RANGE, version.parse().expect("a header"));
            }
            range(&headers, "\"a\"", 10)
        };
        assert_eq!(asked("bytes=0-3", None), Ok(Some(0..4)));
        assert_eq!(asked("bytes=4-", Some("\"a\"")), Ok(Some(4..10)));
        assert_eq!(asked("bytes=-3", None), Ok(Some(7..10)));
        assert_eq!(asked("bytes=5-500", None), Ok(Some(5..10)));
        assert_eq!(asked("bytes=10-", None), Err(()));
        assert_eq!(asked("bytes=-0", None), Err(()));
        for whole in ["bytes=0-1,3-4", "bytes=4-2", "bytes=x-", "bytes=-", "lines=1-2"] {
            assert_eq!(asked(whole, None), Ok(None), "{whole}");
        }
        assert_eq!(asked("bytes=0-3", Some("\"b\"")), Ok(None), "it has begun with another");
        assert_eq!(range(&HeaderMap::new(), "", 10), Ok(None));
    }
}
