//! The map of a floor: every seat where it stands, a link each, so that it works with keyboard and without script.

use std::fmt::Write as _;

use crate::html::{Esc, Html};
use crate::words::Words;

/// How a seat is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatShape {
    /// In a colour, 0 to 9: somebody holds it and sits in it.
    Held(u8),
    /// In a pale colour: somebody holds it and nobody sits in it.
    Unsat(u8),
    /// An empty outline: nobody holds it.
    Free,
    /// A thick outline: kept for somebody.
    Kept,
    /// Crossed out: it cannot be used.
    Out,
    /// A dashed outline: not built yet.
    Planned,
    /// Greyed: gone.
    Removed,
    /// One of five strengths of one colour, 0 to 4: how much.
    Step(u8),
    /// One of three strengths, 0 to 2: somebody holds it, and nobody has sat there for longer and longer.
    Idle(u8),
    /// An outline of one of three strengths, 0 to 2: nobody has held it for longer and longer.
    Empty(u8),
}

impl SeatShape {
    fn classes(self) -> (&'static str, String) {
        match self {
            Self::Held(c) => ("", format!("f{0} k{0}", c % 10)),
            Self::Unsat(c) => (" unsat", format!("f{0} k{0}", c % 10)),
            Self::Free => (" free", String::new()),
            Self::Kept => (" kept", String::new()),
            Self::Out => (" out", String::new()),
            Self::Planned => (" planned", String::new()),
            Self::Removed => (" removed", String::new()),
            Self::Step(n) => ("", format!("step{}", n.min(4))),
            Self::Idle(n) => ("", format!("idle{}", n.min(2))),
            Self::Empty(n) => (" free", format!("empty{}", n.min(2))),
        }
    }
}

/// A seat on the map.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Millimetres from the left.
    pub x_mm: i64,
    /// Millimetres from the top.
    pub y_mm: i64,
    /// How it is drawn.
    pub shape: SeatShape,
    /// Whether a filter sets it back.
    pub dim: bool,
    /// Whether it is the one that is shown beside the map.
    pub chosen: bool,
    /// What a hover or a screen reader says, lines apart.
    pub title: String,
    /// Where it leads.
    pub href: String,
    /// Code of its zone.
    pub zone: String,
}

/// An entry of the legend that filters.
#[derive(Clone, Debug)]
pub struct SeatKey {
    /// How its seats are drawn.
    pub shape: SeatShape,
    /// What they are.
    pub label: String,
    /// How many.
    pub count: i64,
    /// Link that filters, or shows all again.
    pub href: String,
    /// Whether it filters now.
    pub on: bool,
}

/// A picture under the seats.
#[derive(Clone, Debug)]
pub struct Under {
    /// Where it is.
    pub href: String,
    /// Millimetres from the left; below 0 beyond the corner that seats are counted from.
    pub x_mm: i64,
    /// Millimetres from the top; likewise.
    pub y_mm: i64,
    /// Width in millimetres.
    pub width_mm: i64,
    /// Height in millimetres.
    pub height_mm: i64,
}

impl Under {
    /// Left, top, right and lower edge in centimetres.
    fn edges(&self) -> (i64, i64, i64, i64) {
        (self.x_mm / 10, self.y_mm / 10, (self.x_mm + self.width_mm) / 10, (self.y_mm + self.height_mm) / 10)
    }

    /// On white in either colour scheme: plans are drawn in black on nothing.
    fn draw(&self, out: &mut String) {
        let (left, top, right, bottom) = self.edges();
        let place = format!(r#"x="{left}" y="{top}" width="{}" height="{}""#, right - left, bottom - top);
        let _ = write!(
            out,
            r#"<g class="under" aria-hidden="true"><rect {place}/><image href="{}" {place} preserveAspectRatio="xMinYMin meet"/></g>"#,
            Esc(&self.href)
        );
    }
}

/// The map of a floor.
#[derive(Clone, Debug)]
pub struct SeatMap {
    /// What is shown.
    pub title: String,
    /// Width of the floor in millimetres.
    pub width_mm: i64,
    /// Depth of the floor in millimetres.
    pub height_mm: i64,
    /// The seats.
    pub spots: Vec<Spot>,
    /// Names of the zones by their code.
    pub zones: Vec<(String, String)>,
    /// The legend.
    pub legend: Vec<SeatKey>,
    /// What lies under the seats.
    pub under: Option<Under>,
}

impl SeatMap {
    /// Draws it. The unit of the drawing is a centimetre.
    pub fn draw(&self, w: Words) -> Html {
        let (seat_w, seat_h) = self.seat_size();
        // Names of zones are read on a floor of any size.
        let width = self.spots.iter().map(|s| s.x_mm / 10).max().unwrap_or(0);
        let letters = (width / 55).clamp(60, 240);
        let (left, top, right, bottom) = self.frame(seat_w, seat_h, letters);
        let mut out = String::with_capacity(self.spots.len() * 220 + 2048);
        let class = if self.under.is_some() { "map pictured" } else { "map" };
        let _ = write!(out, r#"<div class="{class}">"#);
        if self.under.is_some() {
            // Shown or not: the style sheet asks the box, no script does.
            let label = Esc(w.s("map-under")).to_string();
            let _ = write!(
                out,
                r#"<label class="pick show-under"><input type="checkbox" checked> <span>{label}</span></label>"#
            );
        }
        let _ = write!(
            out,
            r#"<svg viewBox="{left} {top} {} {}" role="group" aria-label="{}">"#,
            right - left,
            bottom - top,
            Esc(&self.title)
        );
        if let Some(under) = &self.under {
            under.draw(&mut out);
        }
        for (code, name) in &self.zones {
            let of_zone = || self.spots.iter().filter(|s| s.zone == *code);
            if let (Some(x), Some(y)) = (of_zone().map(|s| s.x_mm).min(), of_zone().map(|s| s.y_mm).min()) {
                let (x, y) = (x / 10, y / 10 - letters / 3);
                let _ = write!(out, r#"<text class="zone" font-size="{letters}" x="{x}" y="{y}">{}</text>"#, Esc(name));
            }
        }
        for spot in &self.spots {
            let (seat, rect) = spot.shape.classes();
            let dim = if spot.dim { " dim" } else { "" };
            let current = if spot.chosen { r#" aria-current="true""# } else { "" };
            let class = if rect.is_empty() { String::new() } else { format!(r#" class="{rect}""#) };
            let _ = write!(
                out,
                r#"<a class="seat{seat}{dim}" href="{}"{current}><title>{}</title><rect{class} x="{}" y="{}" width="{seat_w}" height="{seat_h}" rx="12"/></a>"#,
                Esc(&spot.href),
                Esc(&spot.title),
                spot.x_mm / 10,
                spot.y_mm / 10,
            );
        }
        let _ = write!(
            out,
            r#"</svg><template><div class="tools"><button type="button" data-zoom="in" aria-label="{0}" title="{0}">+</button><button type="button" data-zoom="out" aria-label="{1}" title="{1}">−</button><button type="button" data-zoom="all" aria-label="{2}" title="{2}">⤢</button></div></template></div>"#,
            Esc(w.s("map-zoom-in")),
            Esc(w.s("map-zoom-out")),
            Esc(w.s("map-zoom-all")),
        );
        out.push_str(r#"<ul class="legend">"#);
        for key in &self.legend {
            let current = if key.on { r#" aria-current="true""# } else { "" };
            let _ = write!(
                out,
                r#"<li><a href="{}"{current}>{}{} {}</a></li>"#,
                Esc(&key.href),
                swatch(key.shape),
                Esc(&key.label),
                Esc(w.n(key.count))
            );
        }
        out.push_str("</ul>");
        Html(out)
    }

    /// The frame: the floor, grown where seats or zone names stand at its edge.
    fn frame(&self, seat_w: i64, seat_h: i64, letters: i64) -> (i64, i64, i64, i64) {
        let xs = || self.spots.iter().map(|s| s.x_mm / 10);
        let ys = || self.spots.iter().map(|s| s.y_mm / 10);
        let left = xs().min().unwrap_or(0).saturating_sub(60);
        let top = ys().min().unwrap_or(0).saturating_sub(letters * 3 / 2 + 20);
        let right = xs().max().unwrap_or(self.width_mm / 10) + seat_w + 60;
        let bottom = ys().max().unwrap_or(self.height_mm / 10) + seat_h + 60;
        match self.under.as_ref().map(Under::edges) {
            None => (left, top, right, bottom),
            Some(edges) => (left.min(edges.0), top.min(edges.1), right.max(edges.2), bottom.max(edges.3)),
        }
    }

    /// How large a seat may be drawn, in centimetres: most of the least distance between neighbours.
    fn seat_size(&self) -> (i64, i64) {
        let mut places: Vec<(i64, i64)> = self.spots.iter().map(|s| (s.y_mm, s.x_mm)).collect();
        places.sort_unstable();
        let beside = places.windows(2).filter_map(|w| match w {
            [(y0, x0), (y1, x1)] if y0 == y1 && x1 > x0 => Some(x1 - x0),
            _ => None,
        });
        let apart_x = beside.min().unwrap_or(1600);
        places.dedup_by_key(|(y, _)| *y);
        let rows = places.windows(2).filter_map(|w| match w {
            [(y0, _), (y1, _)] => Some(y1 - y0),
            _ => None,
        });
        let apart_y = rows.min().unwrap_or(1200);
        (((apart_x * 84 / 1000).clamp(30, 160)), ((apart_y * 80 / 1000).clamp(24, 130)))
    }
}

fn swatch(shape: SeatShape) -> String {
    let class = match shape {
        SeatShape::Held(c) => format!("f{}", c % 10),
        SeatShape::Unsat(c) => format!("pale f{}", c % 10),
        SeatShape::Free => "free".into(),
        SeatShape::Kept => "kept".into(),
        SeatShape::Out => "out".into(),
        SeatShape::Planned => "planned".into(),
        SeatShape::Removed => "removed".into(),
        SeatShape::Step(n) => format!("step{}", n.min(4)),
        SeatShape::Idle(n) => format!("idle{}", n.min(2)),
        SeatShape::Empty(n) => format!("free empty{}", n.min(2)),
    };
    format!(
        r#"<svg class="swatch" viewBox="0 0 14 12" aria-hidden="true"><rect class="{class}" x=".5" y=".5" width="13" height="11" rx="2"/></svg>"#
    )
}
