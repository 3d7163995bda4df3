//! Pictures of lines: taken in only where nothing in them runs, reaches elsewhere or unfolds without end.
//!
//! What is let in is listed; whatever else stands there is refused by its name. The picture is also only ever shown where
//! nothing runs (as an image, under a policy of its own): two walls, neither leaning on the other.

use std::collections::{HashMap, HashSet};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use voxpark_domain::estate::PictureSize;
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

const SVG: &str = "http://www.w3.org/2000/svg";
const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// Elements of the language that draw, or say how. (Sorted; none of them runs, links or embeds a page.)
const ELEMENTS: &[&str] = &[
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
    "filter",
    "g",
    "image",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "metadata",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "switch",
    "symbol",
    "text",
    "textPath",
    "title",
    "tspan",
    "use",
    "view",
];
/// The most elements, and the most that they unfold to where some are used again.
const MAX_ELEMENTS: usize = 200_000;
/// How deep elements stand in one another.
const MAX_DEPTH: usize = 100;
/// The longest style sheet, bytes.
const MAX_SHEET: usize = 1_000_000;
/// What a reference may begin with beside one inside the picture: points that come with it.
const INLINE: [&str; 4] =
    ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/jpg;base64,", "data:image/webp;base64,"];

fn broken(line: usize) -> Error {
    Refusal::new(RefusalCode::Invalid, "svg-broken").at("fileId").with("line", line).into()
}

/// Something that must not be in such a picture, by what it is called there.
fn found(what: &str, line: usize) -> Error {
    let what: String = what.chars().filter(|c| !c.is_control()).take(60).collect();
    Refusal::new(RefusalCode::Invalid, "svg-unsafe").at("fileId").with("found", what).with("line", line).into()
}

/// Looks a picture of lines through; its shape.
///
/// # Errors
/// `svg-unsafe` naming what was found and in which line; `svg-broken`, `picture-size`, `picture-points`.
pub fn look(bytes: &[u8]) -> Result<PictureSize> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let text = text.map_err(|e| broken(bytes.get(..e.valid_up_to()).map_or(1, lines)))?;
    let mut reader = NsReader::from_str(text);
    let mut seen = Seen::default();
    loop {
        let here = |reader: &NsReader<&[u8]>| {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            text.as_bytes().get(..at).map_or(1, lines)
        };
        let event = reader.read_event();
        let line = || here(&reader);
        match event.map_err(|_| broken(line()))? {
            Event::Eof => break,
            Event::Start(element) => seen.open(&reader, &element, &line)?,
            Event::Empty(element) => {
                seen.open(&reader, &element, &line)?;
                seen.close(&line)?;
            }
            Event::End(_) => seen.close(&line)?,
            Event::Text(said) => seen.text(&said.xml_content(XmlVersion::Implicit1_0), &line)?,
            Event::CData(said) => seen.text(&said.xml_content(XmlVersion::Implicit1_0), &line)?,
            Event::GeneralRef(entity) => {
                // The five that every reader knows, and characters by number.
                let plain = ["amp", "lt", "gt", "quot", "apos"].contains(&&*entity) || entity.starts_with('#');
                if !plain {
                    return Err(found(&format!("&{};", &*entity), line()));
                }
                // What is spelt in pieces inside a style cannot be looked at as a whole.
                if seen.style.is_some() {
                    return Err(found(&format!("&{}; in style", &*entity), line()));
                }
            }
            Event::Decl(decl) => {
                let encoding = decl.encoding().transpose().map_err(|_| broken(1))?;
                if encoding
                    .is_some_and(|name| !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("us-ascii"))
                {
                    return Err(found("encoding", 1));
                }
            }
            Event::DocType(_) => return Err(found("<!DOCTYPE>", line())),
            Event::PI(instruction) => return Err(found(&format!("<?{}?>", instruction.target()), line())),
            Event::Comment(_) => {}
        }
    }
    seen.finish()
}

/// In which line something stands, by what is before it.
fn lines(before: &[u8]) -> usize {
    before.split(|b| *b == b'\n').count()
}

/// What has been seen so far.
#[derive(Default)]
struct Seen {
    elements: usize,
    /// The open elements: id, and how many elements there were before.
    open: Vec<(Option<String>, usize)>,
    /// How many elements those with an id hold, themselves included.
    sizes: HashMap<String, usize>,
    /// What is used again.
    uses: Vec<String>,
    /// Ids inside which something is used again.
    users: HashSet<String>,
    /// The style sheet that is being read, and how deep its element stands.
    style: Option<(usize, String)>,
    size: Option<PictureSize>,
}

impl Seen {
    fn open(&mut self, reader: &NsReader<&[u8]>, element: &BytesStart<'_>, line: &dyn Fn() -> usize) -> Result<()> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS || self.open.len() >= MAX_DEPTH {
            let refusal = Refusal::new(RefusalCode::TooLarge, "svg-elements").at("fileId");
            return Err(refusal.with("max", MAX_ELEMENTS).with("depth", MAX_DEPTH).into());
        }
        let (namespace, local) = reader.resolver().resolve_element(element.name());
        let name = local.into_inner();
        let ours = match namespace {
            ResolveResult::Bound(space) if space.0 == SVG => true,
            ResolveResult::Bound(space) if space.0 == XHTML => return Err(found(&format!("<{name}>"), line())),
            // Notes of the program that drew it mean nothing to whoever shows it.
            ResolveResult::Bound(_) => false,
            ResolveResult::Unbound | ResolveResult::Unknown(_) => return Err(found(&format!("<{name}>"), line())),
        };
        if self.open.is_empty() && !(ours && name == "svg") {
            return Err(broken(line()));
        }
        if ours && ELEMENTS.binary_search(&name).is_err() {
            return Err(found(&format!("<{name}>"), line()));
        }
        if self.style.is_some() {
            return Err(found(&format!("<{name}> in style"), line()));
        }
        let mut said: HashMap<String, String> = HashMap::new();
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|_| broken(line()))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| broken(line()))?;
            let key = attribute.key.local_name().into_inner();
            check(name, key, &value).map_err(|what| found(&what, line()))?;
            said.insert(key.to_owned(), value.into_owned());
        }
        if self.open.is_empty() {
            self.size = shape(&said);
        }
        if ours
            && name == "use"
            && let Some(target) = said.get("href").and_then(|href| href.trim().strip_prefix('#'))
        {
            self.users.extend(self.open.iter().filter_map(|(id, _)| id.clone()));
            self.uses.push(target.to_owned());
        }
        if ours && name == "style" {
            self.style = Some((self.open.len(), String::new()));
        }
        self.open.push((said.remove("id"), self.elements - 1));
        Ok(())
    }

    fn close(&mut self, line: &dyn Fn() -> usize) -> Result<()> {
        if let Some((Some(id), before)) = self.open.pop() {
            self.sizes.insert(id, self.elements - before);
        }
        // Comments between the pieces of a sheet join them: it is looked at as a whole.
        if let Some((_, sheet)) = self.style.take_if(|(depth, _)| *depth == self.open.len()) {
            styled(&sheet).map_err(|what| found(&what, line()))?;
        }
        Ok(())
    }

    fn text(&mut self, said: &str, line: &dyn Fn() -> usize) -> Result<()> {
        let Some((_, sheet)) = &mut self.style else { return Ok(()) };
        sheet.push_str(said);
        if sheet.len() > MAX_SHEET { Err(found("<style>", line())) } else { Ok(()) }
    }

    /// What all of it comes to.
    fn finish(self) -> Result<PictureSize> {
        if !self.open.is_empty() || self.elements == 0 {
            return Err(broken(0));
        }
        let mut unfolded = self.elements;
        for target in &self.uses {
            // What is used again must not use something again itself: that multiplies.
            if self.users.contains(target) {
                return Err(found("<use> in <use>", 0));
            }
            unfolded = unfolded.saturating_add(self.sizes.get(target).copied().unwrap_or(0));
        }
        if unfolded > MAX_ELEMENTS {
            let refusal = Refusal::new(RefusalCode::TooLarge, "svg-elements").at("fileId");
            return Err(refusal.with("max", MAX_ELEMENTS).with("depth", MAX_DEPTH).into());
        }
        self.size.ok_or_else(|| Refusal::new(RefusalCode::Invalid, "picture-size").at("fileId").into())
    }
}

/// Whether an attribute may stand on an element; otherwise what it is called.
fn check(element: &str, key: &str, value: &str) -> Result<(), String> {
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("on") || lower == "base" || lower == "attributename" {
        return Err(key.to_owned());
    }
    let bare: String = value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let bare = bare.to_ascii_lowercase();
    if let Some(scheme) = ["javascript:", "vbscript:"].iter().find(|scheme| bare.contains(**scheme)) {
        return Err((*scheme).to_owned());
    }
    if matches!(lower.as_str(), "href" | "src" | "data" | "action" | "formaction") {
        let inline = element == "image" && INLINE.iter().any(|start| bare.starts_with(start));
        return if bare.is_empty() || bare.starts_with('#') || inline { Ok(()) } else { Err(format!("{key}={value}")) };
    }
    styled(value)
}

/// Whether what says how something looks reaches nowhere else.
fn styled(said: &str) -> Result<(), String> {
    let lower = unescaped(said).to_ascii_lowercase();
    if lower.contains("@import") {
        return Err("@import".to_owned());
    }
    for rest in lower.split("url(").skip(1) {
        let target = rest.trim_start().trim_start_matches(['"', '\'']).trim_start();
        if !target.starts_with('#') {
            return Err(format!("url({}", rest.split(')').next().unwrap_or_default()));
        }
    }
    if let Some(word) = ["image-set(", "expression(", "-moz-binding"].iter().find(|word| lower.contains(**word)) {
        return Err((*word).to_owned());
    }
    Ok(())
}

/// A style as it is meant: characters can be written as numbers behind a backslash.
fn unescaped(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    let mut rest = said.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let mut code = String::new();
        while code.len() < 6
            && let Some(digit) = rest.next_if(char::is_ascii_hexdigit)
        {
            code.push(digit);
        }
        if code.is_empty() {
            out.extend(rest.next());
        } else {
            // One space ends the number and is no part of the text.
            rest.next_if(char::is_ascii_whitespace);
            out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
        }
    }
    out
}

/// The shape that the outermost element says: its view box, or its own width and height.
fn shape(said: &HashMap<String, String>) -> Option<PictureSize> {
    if let Some(view) = said.get("viewBox") {
        let numbers: Vec<&str> = view.split([' ', ',', '\t', '\n']).filter(|n| !n.is_empty()).collect();
        let [_, _, width, height] = numbers.as_slice() else { return None };
        return Some(PictureSize { width: thousandths(width)?, height: thousandths(height)? });
    }
    let unit = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit() || ".+-eE".contains(c)).to_owned();
    let (width, height) = (said.get("width")?.trim(), said.get("height")?.trim());
    // Shares of whatever it is shown in say nothing about its shape.
    if unit(width) != unit(height) || unit(width).contains('%') {
        return None;
    }
    let number = |text: &str| thousandths(text.trim_end_matches(&unit(text)));
    Some(PictureSize { width: number(width)?, height: number(height)? })
}

/// A length above 0 in thousandths.
fn thousandths(text: &str) -> Option<i64> {
    use rust_decimal::prelude::ToPrimitive as _;
    let number: rust_decimal::Decimal = text.parse().or_else(|_| rust_decimal::Decimal::from_scientific(text)).ok()?;
    let whole = number.checked_mul(rust_decimal::Decimal::ONE_THOUSAND)?.trunc().to_i64()?;
    (1..=1_000_000_000_000).contains(&whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(body: &str) -> (String, String) {
        let text = format!(
            "<svg xmlns=\"{SVG}\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 200 100\">\n{body}</svg>"
        );
        refusal(&text)
    }

    fn refusal(text: &str) -> (String, String) {
        match look(text.as_bytes()) {
            Err(Error::Refused(list)) => {
                let first = &list[0];
                let what = first.args.iter().find(|(name, _)| *name == "found");
                (first.rule.to_owned(), what.map_or_else(String::new, |(_, what)| format!("{what:?}")))
            }
            Err(error) => panic!("{error:?}"),
            Ok(_) => (String::new(), String::new()),
        }
    }

    #[test]
    fn elements_are_sorted() {
        assert!(ELEMENTS.is_sorted());
    }

    #[test]
    fn plain_pictures_are_let_in() {
        for body in [
            "<path d=\"M0 0L10 10\" style=\"fill:none;stroke:#000\"/>",
            "<defs><linearGradient id=\"g\"><stop offset=\"0\"/></linearGradient></defs><rect fill=\"url(#g)\"/>",
            "<symbol id=\"s\"><path/></symbol><use xlink:href=\"#s\"/><use href=\"#s\"/>",
            "<style>.a { fill: url( '#g' ) } .b { font-family: \"\\5fae\" }</style><text class=\"a\">A &amp; B &#20108;</text>",
            "<image href=\"data:image/png;base64,AAAA\"/><!-- drawn by hand -->",
            "<sodipodi:view xmlns:sodipodi=\"http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd\" pagecolor=\"#fff\"/>",
        ] {
            assert_eq!(fault(body).0, "", "{body}");
        }
    }

    #[test]
    fn what_runs_or_reaches_elsewhere_is_named() {
        for (body, what) in [
            ("<script>alert(1)</script>", "<script>"),
            ("<g onclick=\"x()\"/>", "onclick"),
            ("<g ONLOAD=\"x()\"/>", "ONLOAD"),
            ("<foreignObject/>", "<foreignObject>"),
            ("<a href=\"#x\"/>", "<a>"),
            ("<set attributeName=\"href\"/>", "<set>"),
            ("<animate/>", "<animate>"),
            ("<p xmlns=\"http://www.w3.org/1999/xhtml\"/>", "<p>"),
            ("<image href=\"http://elsewhere.test/a.png\"/>", "href=http://elsewhere.test/a.png"),
            ("<image href=\"data:image/svg+xml;base64,AAAA\"/>", "href=data:"),
            ("<use xlink:href=\"other.svg#a\"/>", "href=other.svg#a"),
            ("<rect fill=\"url(http://elsewhere.test/a)\"/>", "url(http://elsewhere.test/a"),
            ("<style>@import 'a.css';</style>", "@import"),
            ("<style>@im<![CDATA[port 'a.css';]]></style>", "@import"),
            ("<style>.a { background: u\\72l(http://a) }</style>", "url(http://a"),
            ("<style>.a { fill: url(&#104;ttp://a) }</style>", ""),
            ("<rect style=\"x: java\nscript:1\"/>", "javascript:"),
            ("<?xml-stylesheet href=\"a.css\"?>", "<?xml-stylesheet?>"),
            ("<text>&x;</text>", "&x;"),
            ("<g id=\"a\"><use href=\"#b\"/></g><use href=\"#a\"/>", "<use> in <use>"),
            ("<plain:g/>", "<g>"),
        ] {
            let (rule, found) = fault(body);
            assert_eq!(rule, "svg-unsafe", "{body}");
            assert!(found.contains(what), "{body}: {found}");
        }
        assert_eq!(
            refusal("<!DOCTYPE svg [<!ENTITY x \"y\">]><svg xmlns=\"http://www.w3.org/2000/svg\"/>").0,
            "svg-unsafe"
        );
        assert_eq!(refusal("<?xml version=\"1.0\" encoding=\"utf-7\"?><svg/>").0, "svg-unsafe");
    }

    #[test]
    fn what_is_no_picture_or_has_no_shape_is_refused() {
        let shaped = |attributes: &str| refusal(&format!("<svg xmlns=\"{SVG}\" {attributes}/>")).0;
        assert_eq!(shaped("viewBox=\"0 0 10.5 1e2\""), "");
        assert_eq!(shaped("width=\"10mm\" height=\"20mm\""), "");
        for bad in [
            "",
            "viewBox=\"0 0 0 10\"",
            "viewBox=\"0 0 10\"",
            "width=\"100%\" height=\"100%\"",
            "width=\"-1\" height=\"1\"",
        ] {
            assert_eq!(shaped(bad), "picture-size", "{bad}");
        }
        for bad in [
            "<svg",
            "<g xmlns=\"http://www.w3.org/2000/svg\"/>",
            "",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><g></svg>",
        ] {
            assert_eq!(refusal(bad).0, "svg-broken", "{bad}");
        }
        let many = "<g/>".repeat(MAX_ELEMENTS);
        assert_eq!(fault(&many).0, "svg-elements");
        let deep = "<g>".repeat(MAX_DEPTH + 1);
        assert_eq!(fault(&deep).0, "svg-elements");
        let unfolds = format!("<g id=\"s\">{}</g>{}", "<g/>".repeat(1_000), "<use href=\"#s\"/>".repeat(1_000));
        assert_eq!(fault(&unfolds).0, "svg-elements");
    }
}
