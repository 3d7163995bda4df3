//! Text files: which encoding, which delimiter, which rows.

use encoding_rs::{DecoderResult, GB18030};
use voxpark_domain::tables::Table;
use voxpark_domain::{Error, RefusalCode, Result};

use super::{Builder, at_file};

pub(super) fn parse(bytes: &[u8]) -> Result<Table> {
    // Old and protected workbooks, PDF, gzip.
    if [b"\xd0\xcf\x11\xe0".as_slice(), b"%PDF", b"\x1f\x8b"].iter().any(|magic| bytes.starts_with(magic)) {
        return Err(at_file(RefusalCode::Invalid, "file-kind").into());
    }
    let text = decode(bytes)?;
    // A text has no control characters but tabs and line ends: anything else was never a table.
    if text.bytes().any(|b| b < 0x20 && !matches!(b, b'\t' | b'\r' | b'\n' | 0x0b | 0x0c)) {
        return Err(at_file(RefusalCode::Invalid, "file-kind").into());
    }
    rows(&text)
}

/// Bytes to text: by the mark at the start; without one UTF-16 when bytes are zero on one side of the
/// pairs (the other half of every delimiter), else UTF-8, else GB18030.
pub(crate) fn decode(bytes: &[u8]) -> Result<String> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return std::str::from_utf8(rest)
            .map(str::to_owned)
            .map_err(|e| undecodable("UTF-8", rest.get(..e.valid_up_to()).unwrap_or(rest)));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes);
    }
    let start = bytes.get(..4096).unwrap_or(bytes);
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > even * 3 => return utf16(bytes, u16::from_le_bytes),
        (even, odd) if even > odd * 3 => return utf16(bytes, u16::from_be_bytes),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        // More characters than faults: UTF-8 that was damaged, which GB18030 might well turn into other characters.
        Err(e) if mostly_utf8(bytes) => Err(undecodable("UTF-8", bytes.get(..e.valid_up_to()).unwrap_or(bytes))),
        Err(_) => gb18030(bytes),
    }
}

fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad
}

/// `before` is what could be read before the fault, in an encoding in which a line end is the byte 10.
fn undecodable(encoding: &'static str, before: &[u8]) -> Error {
    let row = before.split(|b| *b == b'\n').count();
    at_file(RefusalCode::Invalid, "file-encoding").with("row", row).with("encoding", encoding).into()
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for character in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        match character {
            Ok(c) => text.push(c),
            Err(_) => return Err(undecodable("UTF-16", text.as_bytes())),
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(undecodable("UTF-16", text.as_bytes())) }
}

fn gb18030(bytes: &[u8]) -> Result<String> {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3));
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    let good = match result {
        DecoderResult::InputEmpty => bytes,
        DecoderResult::Malformed(bad, after) => {
            let end = read.saturating_sub(usize::from(bad) + usize::from(after));
            return Err(undecodable("GB18030", bytes.get(..end).unwrap_or(bytes)));
        }
        DecoderResult::OutputFull => return Err(Error::internal("the buffer is as large as the decoder asked for")),
    };
    match implausible(good) {
        None => Ok(text),
        Some(end) => Err(undecodable("UTF-8", good.get(..end).unwrap_or(good))),
    }
}

/// GB18030 gives nearly every pair of bytes a meaning, so Latin letters with accents decode to rare characters. Chinese
/// as it is written lies in the GB/T 2312 rows (both bytes 0xA1-0xFE); unless most of the pairs do, this is
/// another encoding. Tells where the first pair outside is.
fn implausible(bytes: &[u8]) -> Option<usize> {
    let (mut common, mut rare, mut first, mut at) = (0_usize, 0_usize, None, 0_usize);
    while let Some(&lead) = bytes.get(at) {
        if lead < 0x80 {
            at += 1;
            continue;
        }
        let trail = bytes.get(at + 1).copied().unwrap_or(0);
        if (0xa1..=0xf7).contains(&lead) && trail >= 0xa1 {
            common += 1;
        } else {
            rare += 1;
            first = first.or(Some(at));
        }
        at += if trail.is_ascii_digit() { 4 } else { 2 };
    }
    first.filter(|_| common <= rare)
}

fn rows(text: &str) -> Result<Table> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut builder = Builder::new(false);
    let mut record = csv::StringRecord::new();
    let (mut start, mut line, mut folded) = (0, 1, false);
    while reader.read_record(&mut record).map_err(Error::internal)? {
        // The reader says where it stopped last; blank lines and half of a line end may come before the row.
        let stopped = record.position().and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(start);
        let blank = text.get(stopped..).unwrap_or_default().bytes().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let passed = text.get(start..stopped + blank).unwrap_or_default();
        line += passed.bytes().filter(|b| *b == b'\n').count() as u64;
        start = stopped + blank;
        folded = record.iter().any(|cell| cell.contains('\n'));
        builder.push(line, record.iter().map(str::to_owned).collect())?;
    }
    // A quote that is never closed swallows the rest of the file into one cell.
    let last = text.get(start..).unwrap_or_default();
    if folded && last.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
        let row = i64::try_from(line).unwrap_or(i64::MAX);
        return Err(at_file(RefusalCode::Invalid, "table-quote-open").with("row", row).into());
    }
    builder.finish()
}

/// The delimiter that the first line with text has most of, outside quotes.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let count = |wanted: u8| {
        let mut quoted = false;
        header
            .bytes()
            .filter(|b| {
                quoted ^= *b == b'"';
                !quoted && *b == wanted
            })
            .count()
    };
    // The last of equals wins: a comma where there is none of the three.
    *b"\t;,".iter().max_by_key(|b| count(**b)).unwrap_or(&b',')
}
