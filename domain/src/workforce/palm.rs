//! The integrals behind Erlang A.
//!
//! Measured in patience times, a contact that must wait meets an *offered wait* `y` (the wait if it never hung up) of
//! density proportional to `exp(x (1 - e^-y) - c y)`, where `c = N * patience / handle` is what the agents complete
//! and `x = A * patience / handle` what arrives during one patience time. The same shape, with `x e^-z` in place of
//! `x`, is what remains beyond `y = z`. So one function of `(c, x)` answers everything: Palm's function
//! `A(c, x) = c * integral` (C. Palm, 1957) and its relatives weighted by who is still there.
//!
//! They have series of positive terms `1/(c+1) * x/(c+2) * x/(c+3) ...`: no incomplete beta or gamma function, nothing
//! cancels, every digit holds. Where the series would be long (patience worth thousands of contacts) the integrand
//! is smooth with one peak, and double-exponential quadrature (Takahasi and Mori, 1974) takes over.
//!
//! Source: S. Zeltyn, A. Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the M/M/n+G
//! queue", Queueing Systems 51 (2005): the building blocks J, J(t), J1, specialised to exponential patience.

use std::f64::consts::FRAC_PI_2;

/// Integrals over the offered wait `y` in patience times, each multiplied by `c` and by `e^-ln_scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Palm {
    c: f64,
    x: f64,
    shape: Shape,
    /// Natural logarithm of the factor taken out: 0, or the height of the peak.
    pub(super) ln_scale: f64,
    /// Weight `e^-y`: those who stay until served.
    pub(super) served: f64,
    /// Weight `1 - e^-y`: those who hang up.
    pub(super) lost: f64,
    /// Weight `y e^-y`: the wait of those served.
    pub(super) served_wait: f64,
}

/// The logarithm of the integrand: its peak, 0 at `y = 0`, and its fall by `slope*d + bend*h(d)` at `d` from the peak.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shape {
    mode: f64,
    height: f64,
    slope: f64,
    bend: f64,
}

impl Shape {
    fn new(c: f64, x: f64) -> Self {
        if x > c && c > 0.0 {
            let mode = ((x - c) / c).ln_1p();
            Self { mode, height: c * h(-mode), slope: 0.0, bend: c }
        } else {
            Self { mode: 0.0, height: 0.0, slope: (c - x).max(0.0), bend: x.min(c) }
        }
    }
    fn fall(&self, d: f64) -> f64 {
        self.slope * d + self.bend * h(d)
    }
}

impl Palm {
    /// For finite `c > 0` and `x >= 0`.
    pub(super) fn new(c: f64, x: f64) -> Self {
        let shape = Shape::new(c, x);
        // A little above the number of terms that the series takes.
        let terms = (x - c).max(0.0) + (9.0 * x.sqrt()).min(40.0 * (c + 1.0) / (c + 1.0 - x).max(1.0));
        let quick = if terms < 2500.0 && shape.height < 500.0 { Self::series(c, x) } else { None };
        quick.unwrap_or_else(|| Self::quadrature(c, x))
    }

    /// The part of the integrals beyond `y = z`, on the scale of this one: those with a longer offered wait (whether
    /// or not they are still there), the part of them that is served, and the part that hangs up after `z`.
    pub(super) fn beyond(&self, z: f64) -> (f64, f64, f64) {
        let stays = (-z).exp();
        let rest = Self::new(self.c, self.x * stays);
        // The heights of integrand and values differ by what was taken out. Never the difference of two large
        // logarithms: either both look at the same peak, or there is a fall from the peak to z.
        let height = self.shape.height - self.ln_scale;
        let ln_factor = if z < self.shape.mode {
            height - (rest.shape.height - rest.ln_scale)
        } else {
            height - self.shape.fall(z - self.shape.mode)
        };
        let factor = ln_factor.exp();
        (factor * rest.all(), factor * stays * rest.served, factor * stays * rest.lost)
    }

    /// Palm's function, the sum over everybody.
    pub(super) fn all(&self) -> f64 {
        self.served + self.lost
    }

    /// By the series; `None` when it does not end soon.
    pub(super) fn series(c: f64, x: f64) -> Option<Self> {
        let mut term = 1.0 / (c + 1.0);
        // sums of the terms, of k times the k-th, and of its weight 1/(c+1) + ... + 1/(c+k), the mean of y
        let mut harmonic = term;
        let (mut sum, mut weighted, mut delayed) = (term, term, term * harmonic);
        let mut k = 1.0;
        while k < 10_000.0 {
            k += 1.0;
            let inverse = 1.0 / (c + k);
            let ratio = x * inverse;
            term *= ratio;
            harmonic += inverse;
            sum += term;
            weighted += k * term;
            delayed += harmonic * term;
            // The rest is below that of a geometric series of the present ratio, as ratios only fall.
            let gap = 1.0 - ratio;
            if gap > 0.0 && term * ratio * (k * gap + 1.0) <= f64::EPSILON / 8.0 * weighted * gap * gap {
                let (served, served_wait) = (c * sum, c * delayed);
                return Some(Self {
                    c,
                    x,
                    shape: Shape::new(c, x),
                    ln_scale: 0.0,
                    served,
                    lost: weighted,
                    served_wait,
                });
            }
        }
        None
    }

    /// By quadrature from the peak outwards.
    pub(super) fn quadrature(c: f64, x: f64) -> Self {
        let shape = Shape::new(c, x);
        let Shape { mode, height, slope, bend } = shape;
        // Where it has fallen by 45: h(d) >= d^2/(2+d) to the right, h(-d) >= d^2/2 to the left.
        let share = 45.0 / bend;
        let right = (45.0 / slope).min(f64::midpoint(share, (share * share + 8.0 * share).sqrt()));
        let left = mode.min((2.0 * share).sqrt());
        let mut out = Self { c, x, shape, ln_scale: height, served: 0.0, lost: 0.0, served_wait: 0.0 };
        for reach in [right, -left] {
            for (part, weight) in nodes() {
                let y = mode + reach * part;
                let density = c * reach.abs() * weight * (-shape.fall(reach * part)).exp();
                let stays = (-y).exp();
                out.served += density * stays;
                out.lost += density * -(-y).exp_m1();
                out.served_wait += density * y * stays;
            }
        }
        out
    }
}

/// `z - (1 - e^-z)`, never negative, without cancellation near zero.
fn h(z: f64) -> f64 {
    if z.abs() >= 0.5 {
        return z + (-z).exp_m1();
    }
    let mut term = z * z / 2.0;
    let (mut sum, mut n) = (term, 2.0);
    while term.abs() > f64::EPSILON / 8.0 * sum {
        n += 1.0;
        term *= -z / n;
        sum += term;
    }
    sum
}

/// Nodes in (0, 1) and weights of the double-exponential rule.
fn nodes() -> impl Iterator<Item = (f64, f64)> {
    const STEP: f64 = 1.0 / 16.0;
    (-54..=54).map(|k| {
        let t = STEP * f64::from(k);
        let u = FRAC_PI_2 * t.sinh();
        (1.0 / (1.0 + (-2.0 * u).exp()), STEP * FRAC_PI_2 * t.cosh() / (2.0 * u.cosh() * u.cosh()))
    })
}
