//! Bars, side by side or stacked.

use std::fmt::Write as _;

use super::{Plot, Scale, Series, WIDTHS, area_legend, count, figure, nothing, svg, table};
use crate::html::{Esc, Html};
use crate::words::Words;

/// Bars.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// The question.
    pub title: String,
    /// Unit and period.
    pub unit: String,
    /// What the labels are (head of the first column of the table).
    pub axis: String,
    /// Groups of bars.
    pub labels: Vec<String>,
    /// What is compared within a group.
    pub series: Vec<Series>,
    /// One on another instead of side by side; negative values then count from zero downwards.
    pub stacked: bool,
    /// Decimals of the values.
    pub places: usize,
}

impl Bars {
    /// Draws it.
    pub fn draw(&self, w: Words) -> Html {
        let any = self.series.iter().any(|s| s.values.iter().any(Option::is_some));
        if !any {
            return nothing(&self.title, &self.unit, w);
        }
        let extremes: Vec<f64> = if self.stacked {
            (0..self.labels.len()).flat_map(|i| [self.sum(i, |v| v > 0.0), self.sum(i, |v| v < 0.0)]).collect()
        } else {
            self.series.iter().flat_map(|s| s.values.iter().copied().flatten()).collect()
        };
        let scale = Scale::over(extremes.into_iter(), true);
        let mut drawings = String::new();
        for (class, width) in WIDTHS {
            drawings.push_str(&svg(class, width, 204.0, &self.title, &self.body(width, &scale, w)));
        }
        let legend = if self.series.len() > 1 { area_legend(&self.series) } else { String::new() };
        let values = table(&self.axis, &self.labels, &self.series, self.places, w);
        figure(&self.title, &self.unit, &drawings, &legend, &values, w)
    }

    fn sum(&self, index: usize, which: impl Fn(f64) -> bool) -> f64 {
        self.series.iter().filter_map(|s| s.values.get(index).copied().flatten()).filter(|v| which(*v)).sum()
    }

    fn body(&self, width: f64, scale: &Scale, w: Words) -> String {
        let plot = Plot::new(width, scale, w);
        let slot = plot.width() / count(self.labels.len()).max(1.0);
        let mut out = String::new();
        plot.value_axis(&mut out, scale, w);
        plot.label_axis(&mut out, &self.labels, |index| plot.left + slot * (count(index) + 0.5));
        let lanes = if self.stacked { 1.0 } else { count(self.series.len()).max(1.0) };
        let bar = (slot * 0.72 / lanes).min(48.0);
        for (index, label) in self.labels.iter().enumerate() {
            let centre = plot.left + slot * (count(index) + 0.5);
            let (mut above, mut below) = (0.0, 0.0);
            for (lane, series) in self.series.iter().enumerate() {
                let Some(value) = series.values.get(index).copied().flatten() else { continue };
                let from = match (self.stacked, value < 0.0) {
                    (false, _) => 0.0,
                    (true, true) => below,
                    (true, false) => above,
                };
                if value < 0.0 {
                    below += value;
                } else {
                    above += value;
                }
                let left = centre - bar * lanes / 2.0 + if self.stacked { 0.0 } else { bar * count(lane) };
                let (a, b) = (scale.y(from, plot.top, plot.bottom), scale.y(from + value, plot.top, plot.bottom));
                let _ = write!(
                    out,
                    r#"<rect class="f{}" x="{left:.1}" y="{:.1}" width="{:.1}" height="{:.1}"><title>{} · {} {}</title></rect>"#,
                    series.colour % 10,
                    a.min(b),
                    (bar - 1.0).max(1.0),
                    (a - b).abs().max(0.5),
                    Esc(label),
                    Esc(&series.name),
                    Esc(w.decimal(value, self.places))
                );
            }
        }
        out
    }
}
