//! What the colours of a map tell apart: who, what, in which state, for how much, how well used.

use chrono::NaiveDate;

use super::{Holder, MapSeat};
use crate::charts::SeatShape;
use crate::frame::Frame;
use crate::wire::{Money, Ref};
use crate::words::Words;

/// Days from which on a seat that nobody uses is drawn more strongly.
const LONG: [i64; 2] = [30, 90];
/// The most steps of price.
const STEPS: usize = 5;

/// What colours tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Tenant,
    Product,
    State,
    Price,
    Use,
    Effective,
}

impl By {
    const ALL: [Self; 6] = [Self::Tenant, Self::Product, Self::State, Self::Price, Self::Use, Self::Effective];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Product => "product",
            Self::State => "state",
            Self::Price => "price",
            Self::Use => "use",
            Self::Effective => "effective",
        }
    }

    pub(super) fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|by| by.name() == name).unwrap_or(Self::Tenant)
    }

    /// The ways there are for somebody, with their words: price, use and effectiveness follow from leases.
    pub(super) fn ways(f: &Frame) -> impl Iterator<Item = (Self, String)> {
        let w = f.w;
        let words = [
            w.s("map-by-tenant"),
            w.s("map-by-product"),
            w.s("map-by-state"),
            w.s("map-by-price"),
            w.s("map-by-use"),
            w.s("map-by-effective"),
        ];
        let some = if f.may("read", "leasing") { 6 } else { 3 };
        Self::ALL.into_iter().zip(words.map(String::from)).take(some)
    }
}

/// How a seat is drawn, and what it counts under in the legend.
pub(super) struct Look {
    /// The key of the legend.
    pub(super) key: String,
    pub(super) shape: SeatShape,
    /// How the key itself is drawn.
    pub(super) swatch: SeatShape,
    pub(super) label: String,
    /// The place in the legend; within it the most seats come first.
    pub(super) rank: i64,
}

impl Look {
    fn new(key: impl Into<String>, shape: SeatShape, label: impl Into<String>, rank: i64) -> Self {
        Self { key: key.into(), shape, swatch: shape, label: label.into(), rank }
    }
}

/// Steps of price: a step a price while they are few, else neighbouring prices together, the lowest first.
pub(super) fn steps(prices: impl Iterator<Item = Money>) -> Vec<(Money, Money)> {
    let mut prices: Vec<Money> = prices.collect();
    prices.sort_unstable_by(|a, b| (&a.currency, a.minor()).cmp(&(&b.currency, b.minor())));
    prices.dedup();
    let each = prices.len().div_ceil(STEPS).max(1);
    prices.chunks(each).filter_map(|step| Some((step.first()?.clone(), step.last()?.clone()))).collect()
}

/// Which of the steps of long, longer, longest so many days are.
pub(super) fn how_long(days: i64) -> u8 {
    LONG.iter().fold(0, |step, from| step + u8::from(days >= *from))
}

/// Reads seats into looks.
pub(super) struct Palette<'a> {
    pub(super) by: By,
    pub(super) w: Words,
    pub(super) on: NaiveDate,
    pub(super) tenants: &'a [Ref],
    pub(super) steps: Vec<(Money, Money)>,
}

impl Palette<'_> {
    pub(super) fn look(&self, seat: &MapSeat) -> Look {
        let state = self.w.of("seat-state", &seat.state).to_string();
        match (seat.state.as_str(), self.by) {
            ("PLANNED", _) => Look::new("planned", SeatShape::Planned, state, 9),
            ("REMOVED", _) => Look::new("removed", SeatShape::Removed, state, 9),
            ("OUT_OF_SERVICE", _) => Look::new("out", SeatShape::Out, state, 8),
            ("HELD", By::Tenant | By::State | By::Price | By::Use | By::Effective) => Look::new("held", SeatShape::Kept, state, 8),
            (_, By::Product) => self.of_product(seat),
            (_, By::Use) => self.of_use(seat).unwrap_or_else(|| Look::new("free", SeatShape::Free, state, 8)),
            ("ALLOCATED", By::Tenant) => self.of_tenant(seat, state),
            ("ALLOCATED", By::Price) => self.of_price(seat).unwrap_or_else(|| {
                Look::new("unpriced", SeatShape::Unsat(9), self.w.s("map-unpriced"), 7)
            }),
            ("ALLOCATED", By::Effective) => self.of_effective(seat),
            ("ALLOCATED", By::State) if seat.occupied => {
                Look::new("occupied", SeatShape::Held(0), self.w.s("map-occupied"), 0)
            }
            ("ALLOCATED", By::State) => Look::new("unsat", SeatShape::Unsat(0), self.w.s("map-unsat"), 0),
            ("AVAILABLE", _) => Look::new("free", SeatShape::Free, state, 8),
            (other, _) => Look::new(other.to_lowercase(), SeatShape::Free, state, 8),
        }
    }

    fn of_product(&self, seat: &MapSeat) -> Look {
        let c = match seat.product.as_str() {
            "EQUIPPED" => 0,
            "FURNISHED" => 2,
            _ => 3,
        };
        let shape = if seat.state == "ALLOCATED" { SeatShape::Held(c) } else { SeatShape::Unsat(c) };
        let label = self.w.of("seat-product", &seat.product);
        Look { swatch: SeatShape::Held(c), ..Look::new(&seat.product, shape, label, 0) }
    }

    fn of_tenant(&self, seat: &MapSeat, state: String) -> Look {
        // Of a seat sold to several shifts the earliest of the day.
        let first = seat.holders.first();
        let id = first.map_or("other", |h| h.tenant_id.as_str());
        let index = self.tenants.iter().position(|t| t.id == id).unwrap_or(9);
        let c = u8::try_from(index % 9).unwrap_or(9);
        let shape = if seat.occupied { SeatShape::Held(c) } else { SeatShape::Unsat(c) };
        let name = first.map_or(state, |h| holder_name(h, self.w, self.tenants).to_owned());
        Look { swatch: SeatShape::Held(c), ..Look::new(id, shape, name, 0) }
    }

    fn of_price(&self, seat: &MapSeat) -> Option<Look> {
        let price = seat.unit_price.as_ref()?;
        let holds = |(low, high): &(Money, Money)| {
            price.currency == low.currency && (low.minor()..=high.minor()).contains(&price.minor())
        };
        let step = self.steps.iter().position(holds)?;
        let (low, high) = self.steps.get(step)?;
        let label = if low == high {
            self.w.money(low)
        } else {
            self.w.s("map-price-step").arg("low", self.w.money(low)).arg("high", self.w.money(high)).to_string()
        };
        // The strongest colour is for the highest price, however few steps there are.
        let strength = u8::try_from(STEPS - self.steps.len() + step).unwrap_or_default();
        Some(Look::new(format!("p{step}"), SeatShape::Step(strength), label, i64::try_from(step).unwrap_or_default()))
    }

    fn of_effective(&self, seat: &MapSeat) -> Look {
        match (seat.effective, seat.occupied) {
            (Some(true), _) => Look::new("effective", SeatShape::Held(1), self.w.s("map-effective"), 0),
            (_, true) => Look::new("unproven", SeatShape::Held(2), self.w.s("map-unproven"), 1),
            (_, false) => Look::new("unsat", SeatShape::Unsat(9), self.w.s("map-unsat"), 2),
        }
    }

    fn of_use(&self, seat: &MapSeat) -> Option<Look> {
        let w = self.w;
        let long = |since: NaiveDate| how_long((self.on - since).num_days());
        if seat.state == "ALLOCATED" && seat.occupied {
            return Some(Look::new("sat", SeatShape::Held(1), w.s("map-sat"), 0));
        }
        if let Some(since) = seat.idle_since {
            let step = long(since);
            let label = match step {
                0 => w.s("map-idle-short").arg("to", LONG[0]),
                1 => w.s("map-idle-some").arg("from", LONG[0]).arg("to", LONG[1] - 1),
                _ => w.s("map-idle-long").arg("from", LONG[1]),
            };
            return Some(Look::new(format!("idle{step}"), SeatShape::Idle(step), label, 1 + i64::from(step)));
        }
        let step = long(seat.free_since?);
        let label = match step {
            0 => w.s("map-free-short").arg("to", LONG[0]),
            1 => w.s("map-free-some").arg("from", LONG[0]).arg("to", LONG[1] - 1),
            _ => w.s("map-free-long").arg("from", LONG[1]),
        };
        Some(Look::new(format!("free{step}"), SeatShape::Empty(step), label, 4 + i64::from(step)))
    }

    /// What a hover says: who, product, price, since, until, whether somebody sits there.
    pub(super) fn title(&self, seat: &MapSeat) -> String {
        let w = self.w;
        let mut lines = vec![format!("{} · {}", seat.code, w.of("seat-product", &seat.product))];
        if seat.holders.is_empty() {
            lines.push(w.of("seat-state", &seat.state).into());
        }
        for held in &seat.holders {
            lines.push(holder_name(held, w, self.tenants).to_owned());
            lines.push(
                w.s("period").arg("from", w.date(held.held_from)).arg("to", w.date_or_open(&held.held_to)).into(),
            );
        }
        if let Some(price) = &seat.unit_price {
            lines.push(w.s("map-price").arg("price", w.money(price)).into());
        }
        let days = |since: NaiveDate| (self.on - since).num_days();
        if seat.state == "ALLOCATED" {
            lines.push(match seat.idle_since {
                _ if seat.occupied => w.s("map-occupied").into(),
                Some(since) => w.s("map-idle-days").arg("days", days(since)).arg("since", w.date(since)).into(),
                None => w.s("map-unsat").into(),
            });
        } else if let Some(since) = seat.free_since {
            lines.push(w.s("map-free-days").arg("days", days(since)).arg("since", w.date(since)).into());
        }
        lines.join("\n")
    }
}

fn holder_name<'a>(holder: &'a Holder, w: Words, tenants: &'a [Ref]) -> &'a str {
    let known = tenants.iter().find(|t| t.id == holder.tenant_id);
    known.map_or(holder.tenant_name.as_str(), |t| w.name(&t.name, &t.name_en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::Lang;

    #[test]
    fn prices_come_in_at_most_five_steps() {
        let cny = |amount: &str| Money { amount: amount.into(), currency: "CNY".into() };
        let of = |amounts: &[&str]| {
            let steps = steps(amounts.iter().map(|a| cny(a)));
            steps.into_iter().map(|(low, high)| (low.amount, high.amount)).collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), []);
        let own = |a: &str| (a.to_owned(), a.to_owned());
        assert_eq!(of(&["880.00", "700.50", "880.00", "1580.50"]), [own("700.50"), own("880.00"), own("1580.50")]);
        let many: Vec<String> = (1..=12).rev().map(|n| format!("{n}00.00")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let steps = of(&many);
        assert_eq!(steps.len(), 4);
        assert_eq!(steps[0], ("100.00".into(), "300.00".into()));
        assert_eq!(steps[3], ("1000.00".into(), "1200.00".into()));
    }

    #[test]
    fn empty_seats_come_in_three_steps() {
        assert_eq!([0, 29, 30, 89, 90, 400].map(how_long), [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn every_state_has_a_look() {
        let on: NaiveDate = "2026-12-31".parse().expect("a day");
        let seat = |text: &str| -> MapSeat {
            let common = r#""seatId": "s", "code": "A", "zoneId": "z", "zoneCode": "Z", "zoneName": "Z", "product": "BARE", "xMm": 0, "yMm": 0, "holders": []"#;
            serde_json::from_str(&format!("{{{common}, {text}}}")).expect("a seat")
        };
        let price = Money { amount: "880.00".into(), currency: "CNY".into() };
        let look = |by, text: &str| {
            let steps = steps(std::iter::once(price.clone()));
            let look = Palette { by, w: Words::new(Lang::En), on, tenants: &[], steps }.look(&seat(text));
            (look.key, look.shape)
        };
        let leased = r#""state": "ALLOCATED", "occupied": false, "unitPrice": {"amount": "880.00", "currency": "CNY"}, "idleSince": "2026-10-02""#;
        let sat = r#""state": "ALLOCATED", "occupied": true"#;
        let proven = r#""state": "ALLOCATED", "occupied": true, "effective": true"#;
        let free = r#""state": "AVAILABLE", "occupied": false, "freeSince": "2026-12-30""#;
        for (by, text, key, shape) in [
            (By::Use, leased, "idle2", SeatShape::Idle(2)),
            (By::Use, sat, "sat", SeatShape::Held(1)),
            (By::Use, free, "free0", SeatShape::Empty(0)),
            (By::Price, leased, "p0", SeatShape::Step(4)),
            (By::Price, sat, "unpriced", SeatShape::Unsat(9)),
            (By::Price, free, "free", SeatShape::Free),
            (By::State, leased, "unsat", SeatShape::Unsat(0)),
            (By::State, sat, "occupied", SeatShape::Held(0)),
            (By::Tenant, free, "free", SeatShape::Free),
            (By::Product, free, "BARE", SeatShape::Unsat(3)),
            (By::Effective, leased, "unsat", SeatShape::Unsat(9)),
            (By::Effective, sat, "unproven", SeatShape::Held(2)),
            (By::Effective, proven, "effective", SeatShape::Held(1)),
            (By::Effective, free, "free", SeatShape::Free),
            (By::Use, r#""state": "PLANNED", "occupied": false"#, "planned", SeatShape::Planned),
        ] {
            assert_eq!(look(by, text), (key.to_owned(), shape), "{} {text}", by.name());
        }
    }
}
