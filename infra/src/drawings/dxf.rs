//! Drawings of the exchange format (DXF, as text): which words stand where.
//!
//! A file is pairs of lines: the number of a group and its value. Read are the unit of the header, and of the entities
//! TEXT, MTEXT and the attributes of INSERT. Blocks are not unfolded, and what lies on paper beside the model is left out.

use std::str::Lines;

use rust_decimal::Decimal;
use voxpark_domain::estate::{Drawing, LengthUnit, Mark, MarksOf};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

use crate::tables::decode;

/// The most lines.
const MAX_LINES: u64 = 8_000_000;
/// The most marks.
const MAX_MARKS: usize = 100_000;
/// The longest word, characters; what is longer is no code.
const MAX_TEXT: usize = 200;

fn broken(line: u64) -> Error {
    Refusal::new(RefusalCode::Invalid, "dxf-broken").at("fileId").with("line", number(line)).into()
}

fn number(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

/// Reads the marks of a drawing.
///
/// # Errors
/// `dxf-broken` with the line, `dxf-too-large`, `file-encoding`, at `fileId`.
pub fn marks(bytes: &[u8], of: &MarksOf) -> Result<Drawing> {
    let text = decode(bytes)?;
    let mut groups = Groups { lines: text.lines(), line: 0 };
    let mut reader = Reader { of, drawing: Drawing::default(), entity: None, insert: None };
    let (mut section, mut variable) = (Section::Between, String::new());
    while let Some(group) = groups.next()? {
        match (group.code, group.value) {
            (0, "EOF") => {
                reader.end()?;
                return Ok(reader.drawing);
            }
            (0, "SECTION") => section = Section::Begun,
            (0, "ENDSEC") => {
                reader.end()?;
                section = Section::Between;
            }
            (2, name) if section == Section::Begun => section = Section::of(name),
            (9, name) if section == Section::Header => name.clone_into(&mut variable),
            (70, value) if section == Section::Header && variable == "$INSUNITS" => {
                reader.drawing.unit = unit(value);
            }
            _ if section == Section::Entities => reader.group(&group)?,
            _ => {}
        }
    }
    // Cut off: who knows what is missing.
    Err(broken(groups.line))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Between,
    Begun,
    Header,
    Entities,
    Other,
}

impl Section {
    fn of(name: &str) -> Self {
        match name {
            "HEADER" => Self::Header,
            "ENTITIES" => Self::Entities,
            _ => Self::Other,
        }
    }
}

/// The units that `$INSUNITS` numbers, those in which buildings are drawn.
fn unit(value: &str) -> Option<LengthUnit> {
    match value {
        "1" => Some(LengthUnit::Inch),
        "2" => Some(LengthUnit::Foot),
        "4" => Some(LengthUnit::Millimetre),
        "5" => Some(LengthUnit::Centimetre),
        "6" => Some(LengthUnit::Metre),
        "14" => Some(LengthUnit::Decimetre),
        _ => None,
    }
}

/// A group: its number, its value, and the line of its number.
struct Group<'a> {
    code: i32,
    value: &'a str,
    line: u64,
}

struct Groups<'a> {
    lines: Lines<'a>,
    line: u64,
}

impl<'a> Groups<'a> {
    fn next(&mut self) -> Result<Option<Group<'a>>> {
        let Some(code) = self.lines.next() else { return Ok(None) };
        let line = self.line + 1;
        let Some(value) = self.lines.next() else {
            return if code.trim().is_empty() { Ok(None) } else { Err(broken(line)) };
        };
        self.line += 2;
        if self.line > MAX_LINES {
            let refusal = Refusal::new(RefusalCode::TooLarge, "dxf-too-large").at("fileId");
            return Err(refusal.with("lines", number(MAX_LINES)).with("marks", MAX_MARKS).into());
        }
        let code = code.trim().parse().map_err(|_| broken(line))?;
        Ok(Some(Group { code, value: value.trim(), line }))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Paragraph,
    Insert,
    Attribute,
}

/// An entity as it is read.
struct Entity {
    kind: Kind,
    line: u64,
    layer: String,
    tag: String,
    text: String,
    /// Where it begins, and where it is aligned to.
    at: [Option<Decimal>; 2],
    aligned: [Option<Decimal>; 2],
    is_aligned: bool,
    on_paper: bool,
    from_behind: bool,
}

impl Entity {
    fn new(kind: Kind, line: u64) -> Self {
        Self {
            kind,
            line,
            layer: String::new(),
            tag: String::new(),
            text: String::new(),
            at: [None; 2],
            aligned: [None; 2],
            is_aligned: false,
            on_paper: false,
            from_behind: false,
        }
    }

    fn place(&self) -> Option<(Decimal, Decimal)> {
        let [x, y] = match (self.is_aligned, self.aligned) {
            (true, [Some(x), Some(y)]) => [x, y],
            _ => [self.at[0]?, self.at[1]?],
        };
        Some((if self.from_behind { -x } else { x }, y))
    }

    fn group(&mut self, group: &Group<'_>) -> Result<()> {
        let decimal = || {
            let read = group.value.parse().or_else(|_| Decimal::from_scientific(group.value));
            read.map_err(|_| broken(group.line + 1))
        };
        let text = self.kind != Kind::Insert;
        match group.code {
            8 => group.value.clone_into(&mut self.layer),
            2 => group.value.clone_into(&mut self.tag),
            // The pieces of a long text come before its end.
            1 | 3 if text && self.text.len() <= MAX_TEXT * 8 => self.text.push_str(group.value),
            10 => self.at[0] = Some(decimal()?),
            20 => self.at[1] = Some(decimal()?),
            // Of a paragraph the second point is a direction.
            11 if self.kind == Kind::Text => self.aligned[0] = Some(decimal()?),
            21 if self.kind == Kind::Text => self.aligned[1] = Some(decimal()?),
            72 | 73 if group.value != "0" => self.is_aligned = true,
            67 => self.on_paper = group.value == "1",
            230 => self.from_behind = group.value.starts_with('-'),
            _ => {}
        }
        Ok(())
    }
}

struct Reader<'a> {
    of: &'a MarksOf,
    drawing: Drawing,
    entity: Option<Entity>,
    /// The block that attributes belong to.
    insert: Option<Entity>,
}

impl Reader<'_> {
    fn group(&mut self, group: &Group<'_>) -> Result<()> {
        if group.code != 0 {
            return match &mut self.entity {
                Some(entity) => entity.group(group),
                None => Ok(()),
            };
        }
        self.end()?;
        let begun = |kind| Some(Entity::new(kind, group.line));
        self.entity = match group.value {
            "TEXT" => begun(Kind::Text),
            "MTEXT" => begun(Kind::Paragraph),
            "INSERT" => begun(Kind::Insert),
            "ATTRIB" => begun(Kind::Attribute),
            _ => None,
        };
        if group.value != "ATTRIB" {
            self.insert = None;
        }
        Ok(())
    }

    /// The entity that was being read is over.
    fn end(&mut self) -> Result<()> {
        let Some(entity) = self.entity.take() else { return Ok(()) };
        match (entity.kind, &self.of.tag) {
            (Kind::Insert, _) => self.insert = Some(entity),
            (Kind::Text | Kind::Paragraph, None) => return self.mark(&entity, &entity),
            (Kind::Attribute, Some(tag)) if same(tag, &entity.tag) => {
                if let Some(insert) = self.insert.take() {
                    self.mark(&entity, &insert)?;
                    self.insert = Some(insert);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Notes what an entity says where another stands.
    fn mark(&mut self, said: &Entity, stands: &Entity) -> Result<()> {
        if stands.on_paper || self.of.layer.as_ref().is_some_and(|layer| !same(layer, &stands.layer)) {
            return Ok(());
        }
        let text = plain(&said.text);
        if text.is_empty() || text.chars().count() > MAX_TEXT {
            return Ok(());
        }
        let (x, y) = stands.place().ok_or_else(|| broken(stands.line))?;
        if self.drawing.marks.len() >= MAX_MARKS {
            let refusal = Refusal::new(RefusalCode::TooLarge, "dxf-too-large").at("fileId");
            return Err(refusal.with("lines", number(MAX_LINES)).with("marks", MAX_MARKS).into());
        }
        self.drawing.marks.push(Mark { text, x, y, line: said.line });
        Ok(())
    }
}

fn same(asked: &str, found: &str) -> bool {
    asked.trim().to_lowercase() == found.trim().to_lowercase()
}

/// What a text says without how it looks.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '{' | '}' => {}
            '\\' => styled(&mut rest, &mut out),
            '%' if rest.as_str().starts_with('%') => {
                rest.next();
                match rest.next() {
                    Some('d' | 'D') => out.push('°'),
                    Some('p' | 'P') => out.push('±'),
                    Some('c' | 'C') => out.push('⌀'),
                    Some('%') => out.push('%'),
                    // Lines under, over and through.
                    _ => {}
                }
            }
            c => out.push(c),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands behind a backslash: a character, or a change of looks.
fn styled(rest: &mut std::str::Chars<'_>, out: &mut String) {
    let Some(c) = rest.next() else { return };
    match c {
        '\\' | '{' | '}' => out.push(c),
        'P' | 'N' | 'X' | '~' => out.push(' '),
        'U' if rest.as_str().starts_with('+') => {
            let hex: String = rest.as_str().chars().skip(1).take(4).collect();
            match u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32).filter(|_| hex.len() == 4) {
                Some(character) => {
                    out.push(character);
                    rest.nth(4);
                }
                None => out.push(c),
            }
        }
        'L' | 'l' | 'O' | 'o' | 'K' | 'k' => {}
        'A' | 'C' | 'c' | 'F' | 'f' | 'H' | 'Q' | 'T' | 'W' | 'p' => {
            // Up to the semicolon; without one it was text.
            match rest.as_str().split_once(';') {
                Some((_, behind)) => *rest = behind.chars(),
                None => out.push(c),
            }
        }
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(unit: &str, entities: &str) -> String {
        format!(
            "999\ndrawn\n0\nSECTION\n2\nHEADER\n9\n$INSUNITS\n70\n{unit}\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n{entities}0\nENDSEC\n0\nEOF\n"
        )
    }

    fn read(text: &str, of: &MarksOf) -> Vec<(String, String, String, u64)> {
        let found = marks(text.as_bytes(), of).unwrap();
        found.marks.into_iter().map(|m| (m.text, m.x.to_string(), m.y.to_string(), m.line)).collect()
    }

    fn fault(text: &[u8]) -> (&'static str, String) {
        match marks(text, &MarksOf::default()) {
            Err(Error::Refused(list)) => (list[0].rule, format!("{:?}", list[0].args)),
            other => panic!("{other:?}"),
        }
    }

    const TEXTS: &str = "0\nTEXT\n8\nSEATS\n10\n1.5\n20\n2.25\n1\nA-01\n0\nTEXT\n8\nOther\n10\n3\n20\n4\n11\n5\n21\n6\n72\n1\n1\n%%uA-02\n\
        0\nLINE\n8\nSEATS\n10\n0\n20\n0\n0\nMTEXT\n8\nseats\n10\n1e2\n20\n-7\n3\n{\\fArial|b0;A\n1\n-\\U+0030\\P3}\n0\nTEXT\n67\n1\n8\nSEATS\n10\n0\n20\n0\n1\nP\n";

    #[test]
    fn texts_say_what_stands_where() {
        let text = file("6", TEXTS);
        let all = read(&text, &MarksOf::default());
        let mark = |t: &str, x: &str, y: &str, line| (t.to_owned(), x.to_owned(), y.to_owned(), line);
        assert_eq!(all, [mark("A-01", "1.5", "2.25", 17), mark("A-02", "5", "6", 27), mark("A-0 3", "100", "-7", 51)]);
        let layer = MarksOf { layer: Some("Seats".to_owned()), tag: None };
        assert_eq!(read(&text, &layer).iter().map(|m| m.0.as_str()).collect::<Vec<_>>(), ["A-01", "A-0 3"]);
        // Windows line ends, and a file of an old program in its own encoding.
        assert_eq!(read(&text.replace('\n', "\r\n"), &MarksOf::default()), all);
        let (bytes, _, _) = encoding_rs::GB18030
            .encode("0\nSECTION\n2\nENTITIES\n0\nTEXT\n10\n0\n20\n0\n1\n甲区-01\n0\nENDSEC\n0\nEOF\n");
        assert_eq!(marks(&bytes, &MarksOf::default()).unwrap().marks[0].text, "甲区-01");
    }

    #[test]
    fn attributes_stand_where_their_block_does() {
        let entities = "0\nINSERT\n8\nSEATS\n2\nDESK\n66\n1\n10\n10\n20\n20\n0\nATTRIB\n8\n0\n10\n99\n20\n99\n2\nCODE\n1\nA-01\n\
            0\nATTRIB\n10\n99\n20\n99\n2\nOWNER\n1\nnobody\n0\nSEQEND\n0\nTEXT\n10\n0\n20\n0\n1\nA-02\n";
        let of = MarksOf { layer: Some("seats".to_owned()), tag: Some("code".to_owned()) };
        let found = read(&file("4", entities), &of);
        assert_eq!(found, [("A-01".to_owned(), "10".to_owned(), "20".to_owned(), 29)]);
    }

    #[test]
    fn units_are_those_of_the_header() {
        for (value, unit) in
            [("6", Some(LengthUnit::Metre)), ("  4", Some(LengthUnit::Millimetre)), ("0", None), ("18", None)]
        {
            assert_eq!(marks(file(value, "").as_bytes(), &MarksOf::default()).unwrap().unit, unit);
        }
    }

    #[test]
    fn broken_files_say_in_which_line() {
        let text = file("6", TEXTS);
        let cut = text.split_at(text.find("A-02").unwrap()).0;
        assert_eq!(fault(cut.as_bytes()).0, "dxf-broken");
        assert!(fault(b"0\nSECTION\nx\ny\n").1.contains('3'));
        let wrong = text.replace("2.25", "here");
        assert!(fault(wrong.as_bytes()).1.contains("24"), "{:?}", fault(wrong.as_bytes()));
        let nowhere = file("6", "0\nTEXT\n1\nA-01\n");
        assert!(fault(nowhere.as_bytes()).1.contains("17"));
        // Blank lines behind the end do no harm.
        assert_eq!(read(&format!("{text}\n\n"), &MarksOf::default()).len(), 3);
    }
}
