//! Lines over time, with a target band where there is one.

use std::fmt::Write as _;

use super::{Plot, Scale, Series, WIDTHS, count, figure, line_legend, nothing, svg, table};
use crate::html::{Esc, Html};
use crate::words::Words;

/// The range in which values are wanted.
#[derive(Clone, Debug)]
pub struct Band {
    /// From.
    pub low: f64,
    /// To.
    pub high: f64,
    /// What the range is.
    pub name: String,
}

/// Lines over time.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// The question.
    pub title: String,
    /// Unit and period.
    pub unit: String,
    /// What the labels are (head of the first column of the table).
    pub axis: String,
    /// Points in time, oldest first.
    pub labels: Vec<String>,
    /// The lines.
    pub series: Vec<Series>,
    /// Target band.
    pub band: Option<Band>,
    /// Whether the value axis starts at zero.
    pub zero: bool,
    /// A value that the axis reaches in any case, so that charts side by side compare.
    pub reach: Option<f64>,
    /// Decimals of the values.
    pub places: usize,
    /// Places where something happens to the first line: which label, and what.
    pub marks: Vec<(usize, String)>,
    /// What they have in common, for the legend.
    pub mark: String,
}

impl Lines {
    /// Draws it.
    pub fn draw(&self, w: Words) -> Html {
        let values = || self.series.iter().flat_map(|s| s.values.iter().copied().flatten());
        if values().next().is_none() {
            return nothing(&self.title, &self.unit, w);
        }
        let bounds = self.band.iter().flat_map(|b| [b.low, b.high]);
        let scale = Scale::over(values().chain(bounds).chain(self.reach), self.zero);
        let mut drawings = String::new();
        for (class, width) in WIDTHS {
            drawings.push_str(&svg(class, width, 204.0, &self.title, &self.body(width, &scale, w)));
        }
        let mut legend = line_legend(&self.series);
        if let Some(band) = &self.band {
            let _ = write!(
                legend,
                r#"<li><svg viewBox="0 0 14 10" aria-hidden="true"><rect class="band" width="14" height="10"/></svg>{}</li>"#,
                Esc(&band.name)
            );
        }
        if !self.marks.is_empty() {
            let _ = write!(
                legend,
                r#"<li><svg viewBox="0 0 14 10" aria-hidden="true"><line class="mark" x1="7" x2="7" y1="0" y2="10"/></svg>{}</li>"#,
                Esc(&self.mark)
            );
        }
        let values = table(&self.axis, &self.labels, &self.series, self.places, w);
        figure(&self.title, &self.unit, &drawings, &legend, &values, w)
    }

    fn body(&self, width: f64, scale: &Scale, w: Words) -> String {
        let plot = Plot::new(width, scale, w);
        let steps = count(self.labels.len().saturating_sub(1)).max(1.0);
        let x = |index: usize| plot.left + 4.0 + (plot.width() - 8.0) * count(index) / steps;
        let y = |value: f64| scale.y(value, plot.top, plot.bottom);
        let mut out = String::new();
        if let Some(band) = &self.band {
            let _ = write!(
                out,
                r#"<rect class="band" x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}"/>"#,
                plot.left,
                y(band.high),
                plot.width(),
                (y(band.low) - y(band.high)).max(0.0)
            );
        }
        for (at, what) in &self.marks {
            let _ = write!(
                out,
                r#"<line class="mark" x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{:.1}"><title>{}</title></line>"#,
                plot.top,
                plot.bottom,
                Esc(what),
                x = x(*at)
            );
        }
        plot.value_axis(&mut out, scale, w);
        plot.label_axis(&mut out, &self.labels, x);
        for series in &self.series {
            let mut path = String::new();
            let mut pen = 'M';
            for (index, value) in series.values.iter().enumerate() {
                match value {
                    Some(value) => {
                        let _ = write!(path, "{pen}{:.1} {:.1}", x(index), y(*value));
                        pen = 'L';
                    }
                    None => pen = 'M',
                }
            }
            let _ = write!(out, r#"<path class="ln k{}{}" d="{path}"/>"#, series.colour % 10, series.stroke.class());
            // Few points carry a dot with their value; many would hide the line, and the table has them all.
            if self.labels.len() <= 40 {
                for (index, value) in series.values.iter().enumerate() {
                    let (Some(value), Some(label)) = (value, self.labels.get(index)) else { continue };
                    let _ = write!(
                        out,
                        r#"<circle class="f{}" cx="{:.1}" cy="{:.1}" r="2.6"><title>{} · {} {}</title></circle>"#,
                        series.colour % 10,
                        x(index),
                        y(*value),
                        Esc(label),
                        Esc(&series.name),
                        Esc(w.decimal(*value, self.places))
                    );
                }
            }
        }
        out
    }
}
