//! A strip of cells a row: the clauses of a framework, the hours of a day. A cell may have an upper and a lower half.

use std::fmt::Write as _;

use super::{count, figure, svg};
use crate::html::{Esc, Html};
use crate::words::Words;

/// A cell of a strip.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// State of the upper half: ok, warn, bad, info, idle.
    pub upper: &'static str,
    /// State of the lower half; the same as the upper one when empty.
    pub lower: &'static str,
    /// What a hover or a screen reader says.
    pub title: String,
    /// Where it leads; nowhere when empty.
    pub href: String,
}

/// A row of cells.
#[derive(Clone, Debug, Default)]
pub struct StripRow {
    /// What the row is.
    pub label: String,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// Rows of cells.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    /// The question.
    pub title: String,
    /// How to read a cell.
    pub note: String,
    /// The rows.
    pub rows: Vec<StripRow>,
    /// States that occur, with their words, for the legend.
    pub legend: Vec<(&'static str, String)>,
}

const GAP: f64 = 2.0;

impl Strip {
    /// Draws it: rows too long for the width go on in the next line.
    pub fn draw(&self, w: Words) -> Html {
        let _ = w;
        let longest = self.rows.iter().map(|r| r.cells.len()).max().unwrap_or(1).max(1);
        let mut drawings = String::new();
        for (class, width, most) in [("wide", 1000.0, longest.min(70)), ("narrow", 360.0, longest.min(22))] {
            let left = 40.0;
            let step = ((width - left) / count(most)).min(26.0);
            let (mut body, mut y) = (String::new(), 4.0);
            for row in &self.rows {
                let _ = write!(body, r#"<text x="0" y="{:.1}">{}</text>"#, y + 13.0, Esc(&row.label));
                for line in row.cells.chunks(most) {
                    for (index, cell) in line.iter().enumerate() {
                        cell.draw(&mut body, left + step * count(index), y, step - GAP);
                    }
                    y += 24.0;
                }
                y += 6.0;
            }
            // Cells are links, so the drawing is a group and not one image.
            let drawing = svg(class, width, y, &self.title, &body).replacen(r#"role="img""#, r#"role="group""#, 1);
            drawings.push_str(&drawing);
        }
        let legend = self.legend.iter().fold(String::new(), |mut out, (state, name)| {
            let _ = write!(
                out,
                r#"<li><svg viewBox="0 0 14 10" aria-hidden="true"><rect class="cell-{state}" x=".5" y=".5" width="10" height="9"/>{}</svg>{}</li>"#,
                mark(state, 0.5, 0.5, 10.0, 9.0),
                Esc(name)
            );
            out
        });
        figure(&self.title, &self.note, &drawings, &legend, "", w)
    }
}

/// What tells states apart without colour: a slash for attention, a cross for danger.
fn mark(state: &str, x: f64, y: f64, width: f64, height: f64) -> String {
    let (r, b) = (x + width, y + height);
    match state {
        "warn" => format!(r#"<path class="mark" d="M{x:.1} {b:.1}L{r:.1} {y:.1}"/>"#),
        "bad" => format!(r#"<path class="mark" d="M{x:.1} {b:.1}L{r:.1} {y:.1}M{x:.1} {y:.1}L{r:.1} {b:.1}"/>"#),
        _ => String::new(),
    }
}

impl Cell {
    fn draw(&self, out: &mut String, x: f64, y: f64, width: f64) {
        let (open, close) = if self.href.is_empty() {
            ("<g>".to_owned(), "</g>")
        } else {
            (format!(r#"<a href="{}">"#, Esc(&self.href)), "</a>")
        };
        out.push_str(&open);
        if !self.title.is_empty() {
            let _ = write!(out, "<title>{}</title>", Esc(&self.title));
        }
        let halves: &[(&str, f64, f64)] = if self.lower.is_empty() {
            &[(self.upper, 0.0, 20.0)]
        } else {
            &[(self.upper, 0.0, 9.5), (self.lower, 10.5, 9.5)]
        };
        for (state, top, height) in halves {
            let top = y + top;
            let _ = write!(
                out,
                r#"<rect class="cell-{state}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height}"/>{}"#,
                mark(state, x, top, width, *height)
            );
        }
        out.push_str(close);
    }
}
