//! A radar over a few axes of one scale: the domains of a framework.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use super::{Series, count, figure, line_legend, nothing, svg, table, text_width};
use crate::html::{Esc, Html};
use crate::words::Words;

/// A radar.
#[derive(Clone, Debug, Default)]
pub struct Radar {
    /// The question.
    pub title: String,
    /// Unit of the axes.
    pub unit: String,
    /// What the axes are (head of the first column of the table).
    pub axis: String,
    /// The axes, clockwise from the top; three at least.
    pub axes: Vec<String>,
    /// The shapes.
    pub series: Vec<Series>,
    /// Value at the rim.
    pub max: f64,
    /// Decimals of the values.
    pub places: usize,
}

const WIDTH: f64 = 400.0;
const CX: f64 = WIDTH / 2.0;
const CY: f64 = 132.0;
const R: f64 = 92.0;

impl Radar {
    /// Draws it.
    pub fn draw(&self, w: Words) -> Html {
        if self.axes.len() < 3 || self.max <= 0.0 {
            return nothing(&self.title, &self.unit, w);
        }
        let turn = TAU / count(self.axes.len());
        let point = |index: usize, share: f64| {
            let angle = turn * count(index) - TAU / 4.0;
            (CX + R * share * angle.cos(), CY + R * share * angle.sin())
        };
        let ring = |share: f64| polygon((0..self.axes.len()).map(|i| point(i, share)));
        let mut body = String::new();
        for share in [0.25, 0.5, 0.75, 1.0] {
            let _ = write!(body, r#"<polygon class="axis" points="{}"/>"#, ring(share));
        }
        for (index, label) in self.axes.iter().enumerate() {
            let (x, y) = point(index, 1.0);
            let _ = write!(body, r#"<line class="axis" x1="{CX}" y1="{CY}" x2="{x:.1}" y2="{y:.1}"/>"#);
            let (tx, ty) = point(index, 1.1);
            let anchor = if (tx - CX).abs() < 8.0 {
                "middle"
            } else if tx > CX {
                "start"
            } else {
                "end"
            };
            // A long name takes two lines, and must not leave the drawing: it is moved in as far as it is too long.
            let (first, second) = lines(label);
            let width = text_width(first).max(text_width(second));
            let tx = match anchor {
                "start" => tx.min(WIDTH - 2.0 - width),
                "end" => tx.max(2.0 + width),
                _ => tx,
            };
            let ty = if ty < CY - 8.0 { ty } else { ty + 9.0 };
            let (up, down) = match (second.is_empty(), index) {
                (true, _) => (ty, ty),
                (false, 0) => (ty - 13.0, ty),
                (false, _) => (ty - 6.0, ty + 7.0),
            };
            let _ = write!(body, r#"<text x="{tx:.1}" y="{up:.1}" text-anchor="{anchor}">{}"#, Esc(first));
            if !second.is_empty() {
                let _ = write!(body, r#"<tspan x="{tx:.1}" y="{down:.1}">{}</tspan>"#, Esc(second));
            }
            body.push_str("</text>");
        }
        for series in &self.series {
            let share =
                |i: usize| series.values.get(i).copied().flatten().unwrap_or(0.0).clamp(0.0, self.max) / self.max;
            let points = polygon((0..self.axes.len()).map(|i| point(i, share(i))));
            let c = series.colour % 10;
            let _ = write!(
                body,
                r#"<polygon class="pale f{c}" points="{points}"/><polygon class="ln k{c}{}" points="{points}"/>"#,
                series.stroke.class()
            );
        }
        let drawing = svg("radar", WIDTH, 262.0, &self.title, &body);
        let values = table(&self.axis, &self.axes, &self.series, self.places, w);
        figure(&self.title, &self.unit, &drawing, &line_legend(&self.series), &values, w)
    }
}

/// A name in one line, or in two where a space near its middle allows it and it is long.
fn lines(label: &str) -> (&str, &str) {
    let middle = label.len() / 2;
    let spaces = label.match_indices(' ').map(|(at, _)| at);
    match spaces.min_by_key(|at| at.abs_diff(middle)) {
        Some(at) if text_width(label) > 90.0 => (&label[..at], label[at..].trim_start()),
        _ => (label, ""),
    }
}

fn polygon(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.fold(String::new(), |mut out, (x, y)| {
        let _ = write!(out, "{x:.1},{y:.1} ");
        out
    })
}
