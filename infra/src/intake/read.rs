//! A stored file as decoded text, piece by piece: unpacked if it is gzip, decoded as declared, guarded against bombs.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::{Decoder, DecoderResult, GB18030};
use flate2::bufread::MultiGzDecoder;
use voxpark_domain::operations::import::Encoding;
use voxpark_domain::{Refusal, RefusalCode};

/// Bytes of a piece before it is decoded.
const PIECE: usize = 64 * 1024;
/// The most bytes a file may unpack to: 8 GiB, some 60 million calls.
const MAX_UNPACKED: u64 = 8 << 30;
/// How many times its size a file may unpack to. Call records pack 5 to 20 times; a bomb up to 1,000 times.
const MAX_RATIO: u32 = 100;
/// From how many unpacked bytes on the ratio counts.
const RATIO_FROM: u64 = 4 << 20;

/// Why no more can be read.
#[derive(Debug)]
pub(super) enum Stop {
    /// The file ends before it should. What was read before is good.
    Cut,
    /// The file cannot be used at all.
    Refused(Refusal),
    /// The disk failed.
    Io(io::Error),
}

/// Counts what is read through it.
struct Counted {
    file: File,
    bytes: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }
}

enum Source {
    Plain(BufReader<Counted>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted>>>),
}

enum Decoding {
    Utf8,
    Gb18030(Box<Decoder>),
    Latin1,
}

/// A file on its way to text.
pub(super) struct Reader {
    source: Source,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
    decoding: Decoding,
    encoding: Encoding,
    raw: Vec<u8>,
    /// Bytes at the beginning of `raw` that are left from the piece before: the beginning of a character.
    left: usize,
    /// Line ends given so far.
    lines: u64,
    ended: bool,
}

impl Reader {
    pub(super) fn open(path: &Path, encoding: Encoding) -> io::Result<Self> {
        let packed = Rc::new(Cell::new(0));
        let mut file = BufReader::with_capacity(PIECE, Counted { file: File::open(path)?, bytes: Rc::clone(&packed) });
        // The magic number decides, not the name.
        let gzip = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        Ok(Self {
            source: if gzip { Source::Gzip(Box::new(MultiGzDecoder::new(file))) } else { Source::Plain(file) },
            packed,
            unpacked: 0,
            decoding: match encoding {
                Encoding::Utf8 => Decoding::Utf8,
                Encoding::Gb18030 => Decoding::Gb18030(Box::new(GB18030.new_decoder_without_bom_handling())),
                Encoding::Latin1 => Decoding::Latin1,
            },
            encoding,
            raw: vec![0; PIECE],
            left: 0,
            lines: 0,
            ended: false,
        })
    }

    /// Bytes of the file as stored read so far.
    pub(super) fn packed(&self) -> u64 {
        self.packed.get()
    }

    /// The next piece into `text` (emptied first); `false` at the end of the file.
    pub(super) fn next(&mut self, text: &mut String) -> Result<bool, Stop> {
        text.clear();
        while text.is_empty() {
            if self.ended {
                return Ok(false);
            }
            let n = self.fill()?;
            self.ended = n == 0;
            self.decode(n, text)?;
        }
        self.lines += text.bytes().filter(|b| *b == b'\n').count() as u64;
        Ok(true)
    }

    fn fill(&mut self) -> Result<usize, Stop> {
        let Some(free) = self.raw.get_mut(self.left..) else { return Ok(0) };
        let read = match &mut self.source {
            Source::Plain(file) => file.read(free).map_err(Stop::Io)?,
            Source::Gzip(gzip) => match gzip.read(free) {
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Err(Stop::Cut),
                Err(e) if matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
                    return Err(Stop::Refused(Refusal::new(RefusalCode::Invalid, "file-damaged").at("file")));
                }
                Err(e) => return Err(Stop::Io(e)),
            },
        };
        self.unpacked += read as u64;
        let ratio = self.unpacked > RATIO_FROM && self.unpacked / self.packed.get().max(1) > u64::from(MAX_RATIO);
        if matches!(self.source, Source::Gzip(_)) && (ratio || self.unpacked > MAX_UNPACKED) {
            let refusal =
                Refusal::new(RefusalCode::TooLarge, "file-bomb").at("file").with("ratio", i64::from(MAX_RATIO));
            return Err(Stop::Refused(refusal));
        }
        Ok(read)
    }

    /// Decodes what is left and `n` new bytes.
    fn decode(&mut self, n: usize, text: &mut String) -> Result<(), Stop> {
        let end = self.left + n;
        let bytes = self.raw.get(..end).unwrap_or_default();
        let mut used = end;
        let mut bad = false;
        match &mut self.decoding {
            Decoding::Utf8 => match std::str::from_utf8(bytes) {
                Ok(all) => text.push_str(all),
                Err(e) => {
                    used = e.valid_up_to();
                    text.push_str(bytes.get(..used).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default());
                    // The beginning of a character waits for its end, unless none comes.
                    bad = e.error_len().is_some() || self.ended;
                }
            },
            Decoding::Gb18030(decoder) => {
                // At most one and a half times the bytes, and room for one that was held back.
                text.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(PIECE * 4));
                let (result, _) = decoder.decode_to_string_without_replacement(bytes, text, self.ended);
                bad = !matches!(result, DecoderResult::InputEmpty);
            }
            Decoding::Latin1 => text.push_str(&encoding_rs::mem::decode_latin1(bytes)),
        }
        if let Some(zero) = text.find('\0') {
            text.truncate(zero);
            bad = true;
        }
        if bad {
            let before = text.bytes().filter(|b| *b == b'\n').count() as u64;
            return Err(Stop::Refused(
                Refusal::new(RefusalCode::Invalid, "call-file-encoding")
                    .at("file")
                    .with("row", i64::try_from(self.lines + before + 1).unwrap_or(i64::MAX))
                    .with("encoding", self.encoding.title()),
            ));
        }
        self.left = end - used;
        self.raw.copy_within(used..end, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    struct Temp(std::path::PathBuf);
    impl Drop for Temp {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn read(bytes: &[u8], encoding: Encoding) -> (String, Option<String>) {
        let name = format!("voxpark-read-{}-{:?}", std::process::id(), std::thread::current().id());
        let path = Temp(std::env::temp_dir().join(name));
        std::fs::write(&path.0, bytes).expect("written");
        let mut reader = Reader::open(&path.0, encoding).expect("opened");
        let (mut all, mut piece) = (String::new(), String::new());
        loop {
            match reader.next(&mut piece) {
                Ok(true) => all.push_str(&piece),
                Ok(false) => return (all, None),
                Err(Stop::Refused(r)) => return (all, Some(format!("{} {:?}", r.rule, r.args))),
                Err(Stop::Cut) => return (all, Some("cut".to_owned())),
                Err(Stop::Io(e)) => panic!("{e}"),
            }
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(bytes).expect("packed");
        out.finish().expect("packed")
    }

    #[test]
    fn characters_may_lie_across_pieces() {
        let text = "a席位,b\n".repeat(30_000);
        for shift in ["", "x", "xy"] {
            let text = format!("{shift}{text}");
            assert_eq!(read(text.as_bytes(), Encoding::Utf8), (text.clone(), None));
            assert_eq!(read(&gzip(text.as_bytes()), Encoding::Utf8).0, text);
            assert_eq!(read(&GB18030.encode(&text).0, Encoding::Gb18030), (text, None));
        }
        assert_eq!(read(&[b'M', 0xfc], Encoding::Latin1).0, "Mü");
        assert_eq!(read(b"", Encoding::Utf8), (String::new(), None));
    }

    #[test]
    fn what_cannot_be_decoded_is_named_by_line() {
        let bad = |bytes: &[u8], encoding| read(bytes, encoding).1.unwrap_or_default();
        let gbk = GB18030.encode("header\n呼叫\n").0.into_owned();
        assert!(bad(&gbk, Encoding::Utf8).contains("Number(2)"));
        assert!(bad(b"a\nb\n\xe5\xb8", Encoding::Utf8).contains("Number(3)"));
        assert!(bad(b"a\n\xff\n", Encoding::Gb18030).contains("Number(2)"));
        assert!(bad(b"a\nb\x00\n", Encoding::Latin1).contains("Number(2)"));
    }

    #[test]
    fn cut_damaged_and_exploding_files_are_told_apart() {
        let good = gzip("席位,1\n".repeat(50_000).as_bytes());
        let (before, why) = read(&good[..good.len() / 2], Encoding::Utf8);
        assert_eq!(why.as_deref(), Some("cut"));
        assert!(!before.is_empty());
        let mut damaged = good.clone();
        let tail = damaged.len() - 6;
        damaged[tail] ^= 1;
        assert_eq!(read(&damaged, Encoding::Utf8).1.as_deref(), Some("file-damaged []"));
        let bomb = gzip(&vec![b'0'; 32 << 20]);
        assert!(read(&bomb, Encoding::Utf8).1.is_some_and(|w| w.starts_with("file-bomb")));
        assert_eq!(read(&gzip(&vec![b'0'; 1 << 20]), Encoding::Utf8).1, None);
    }
}
