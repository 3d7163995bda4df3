//! Charts drawn on the server: SVG with classes only, so that the policy on inline styles holds and both colour
//! schemes apply. Each answers the question that is its title, names its unit, and carries its values as a table.
//!
//! A chart is drawn for a wide and a narrow card; the stylesheet shows the one that fits, so that text never shrinks.

mod bars;
mod lines;
mod radar;
mod seats;
mod strip;

use std::fmt::Write as _;

pub use bars::Bars;
pub use lines::{Band, Lines};
pub use radar::Radar;
pub use seats::{SeatKey, SeatMap, SeatShape, Spot, Under};
pub use strip::{Cell, Strip, StripRow};

use crate::fmt;
use crate::html::{Esc, Html};
use crate::words::Words;

/// Widths, in SVG units that are close to pixels, of the wide and the narrow drawing.
const WIDTHS: [(&str, f64); 2] = [("wide", 720.0), ("narrow", 360.0)];

/// How a line is stroked: colour is never the only difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stroke {
    /// ———
    #[default]
    Solid,
    /// – – –
    Dash,
    /// · · ·
    Dot,
}

impl Stroke {
    const fn class(self) -> &'static str {
        match self {
            Self::Solid => "",
            Self::Dash => " dash",
            Self::Dot => " dot",
        }
    }
}

/// One thing that is drawn: at most five in a chart.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its colour, 0 to 9, the same for the same thing on every page.
    pub colour: u8,
    /// How a line of it is stroked.
    pub stroke: Stroke,
    /// A value a label; none leaves a gap.
    pub values: Vec<Option<f64>>,
}

/// A scale of round numbers over the values.
struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// A scale with some four steps of 1, 2 or 5 times a power of ten.
    fn over(values: impl Iterator<Item = f64>, zero: bool) -> Self {
        let (mut low, mut high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if !low.is_finite() || !high.is_finite() {
            (low, high) = (0.0, 1.0);
        }
        if zero || low < 0.0 {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        if high - low < 1e-9 {
            high = low + if low.abs() > 1.0 { low.abs() * 0.1 } else { 1.0 };
        }
        let rough = (high - low) / 4.0;
        let magnitude = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * magnitude).into_iter().find(|s| *s >= rough - 1e-9);
        let step = step.unwrap_or(10.0 * magnitude);
        Self { low: (low / step + 1e-9).floor() * step, high: (high / step - 1e-9).ceil() * step, step }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        (0..=20_u8).map(|i| self.low + f64::from(i) * self.step).take_while(|t| *t <= self.high + self.step / 2.0)
    }

    fn places(&self) -> usize {
        if self.step >= 1.0 {
            0
        } else if self.step >= 0.1 {
            1
        } else {
            2
        }
    }

    /// Where a value lies between `bottom` (low) and `top` (high).
    fn y(&self, value: f64, top: f64, bottom: f64) -> f64 {
        bottom - (value - self.low) / (self.high - self.low) * (bottom - top)
    }
}

/// The rectangle inside the axes.
struct Plot {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Plot {
    fn new(width: f64, scale: &Scale, w: Words) -> Self {
        let widest = scale.ticks().map(|t| w.decimal(t, scale.places()).len()).max().unwrap_or(1);
        Self {
            left: f64::from(u32::try_from(widest).unwrap_or(8)) * 6.6 + 10.0,
            right: width - 12.0,
            top: 10.0,
            bottom: 180.0,
        }
    }

    fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Lines and labels of the value axis.
    fn value_axis(&self, out: &mut String, scale: &Scale, w: Words) {
        for tick in scale.ticks() {
            let y = scale.y(tick, self.top, self.bottom);
            let _ = write!(
                out,
                r#"<line class="axis" x1="{:.1}" x2="{:.1}" y1="{y:.1}" y2="{y:.1}"/><text x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
                self.left,
                self.right,
                self.left - 6.0,
                y + 4.0,
                Esc(w.decimal(tick, scale.places()))
            );
        }
    }

    /// Labels below the axis, as many as fit; `x` gives the place of each.
    fn label_axis(&self, out: &mut String, labels: &[String], x: impl Fn(usize) -> f64) {
        let widest = labels.iter().map(|l| text_width(l)).fold(1.0, f64::max) + 8.0;
        let every = (count(labels.len()) * widest / self.width()).ceil().max(1.0);
        let last = labels.len().saturating_sub(1);
        for (index, label) in labels.iter().enumerate() {
            // Counted from the last label, because the newest is the one that is looked for.
            if count(last - index) % every != 0.0 {
                continue;
            }
            let half = text_width(label) / 2.0;
            let at = x(index).clamp(half, self.right + 12.0 - half);
            let _ = write!(
                out,
                r#"<text x="{at:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                self.bottom + 16.0,
                Esc(label)
            );
        }
    }
}

fn count(n: usize) -> f64 {
    fmt::signed(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Rough width of 11 px text: a Chinese character is as wide as it is high, a Latin one a good half.
fn text_width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 6.2 } else { 11.0 }).sum()
}

fn svg(class: &str, width: f64, height: f64, title: &str, body: &str) -> String {
    format!(
        r#"<svg class="{class}" viewBox="0 0 {width} {height}" role="img" aria-label="{}">{body}</svg>"#,
        Esc(title)
    )
}

/// The whole figure: title, drawing, legend, values.
fn figure(title: &str, unit: &str, drawings: &str, legend: &str, values: &str, w: Words) -> Html {
    let mut out = format!(
        r#"<figure class="chart"><figcaption>{}<small>{}</small></figcaption>{drawings}"#,
        Esc(title),
        Esc(unit)
    );
    if !legend.is_empty() {
        let _ = write!(out, r#"<ul class="legend">{legend}</ul>"#);
    }
    if !values.is_empty() {
        let _ = write!(
            out,
            r#"<details class="values"><summary>{}</summary><div class="scroll"><table>{values}</table></div></details>"#,
            Esc(w.s("chart-values"))
        );
    }
    out.push_str("</figure>");
    Html(out)
}

/// What says that there is nothing to draw yet.
fn nothing(title: &str, unit: &str, w: Words) -> Html {
    let body = format!(r#"<p class="sub">{}</p>"#, Esc(w.s("chart-nothing")));
    figure(title, unit, &body, "", "", w)
}

fn line_legend(series: &[Series]) -> String {
    series.iter().fold(String::new(), |mut out, s| {
        let _ = write!(
            out,
            r#"<li><svg viewBox="0 0 14 10" aria-hidden="true"><line class="ln k{}{}" x1="0" x2="14" y1="5" y2="5"/></svg>{}</li>"#,
            s.colour % 10,
            s.stroke.class(),
            Esc(&s.name)
        );
        out
    })
}

fn area_legend(series: &[Series]) -> String {
    series.iter().fold(String::new(), |mut out, s| {
        let _ = write!(
            out,
            r#"<li><svg viewBox="0 0 14 10" aria-hidden="true"><rect class="f{}" width="10" height="10" rx="2"/></svg>{}</li>"#,
            s.colour % 10,
            Esc(&s.name)
        );
        out
    })
}

/// The values as a table: a label a row, a series a column.
fn table(first: &str, labels: &[String], series: &[Series], places: usize, w: Words) -> String {
    let mut out = format!("<thead><tr><th scope=\"col\">{}</th>", Esc(first));
    for s in series {
        let _ = write!(out, r#"<th class="n" scope="col">{}</th>"#, Esc(&s.name));
    }
    out.push_str("</tr></thead><tbody>");
    for (index, label) in labels.iter().enumerate() {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", Esc(label));
        for s in series {
            let value = s.values.get(index).copied().flatten();
            let text = value.map_or_else(|| fmt::NONE.to_owned(), |v| w.decimal(v, places));
            let _ = write!(out, r#"<td class="n">{}</td>"#, Esc(text));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody>");
    out
}

#[cfg(test)]
mod tests;
