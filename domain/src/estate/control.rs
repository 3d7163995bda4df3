//! The rental-control table: seat-days of a park by zone, by product and by month, with the seats that begin and fall
//! free.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::entity::SeatProduct;
use crate::ids::{SeatId, ZoneId};
use crate::time::{Month, Period};

/// A period of a seat (held, or sat on) with where the seat is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatSpan {
    /// Which seat.
    pub seat: SeatId,
    /// Where it is.
    pub zone: ZoneId,
    /// What is sold with it.
    pub product: SeatProduct,
    /// The days on which it exists.
    pub built: Period,
    /// When.
    pub period: Period,
}

/// Seats of a zone and product that exist on the same days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltSeats {
    /// Where they are.
    pub zone: ZoneId,
    /// What is sold with them.
    pub product: SeatProduct,
    /// When they exist.
    pub built: Period,
    /// How many they are.
    pub seats: i64,
}

/// A seat that was in another zone than now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MovedSeat {
    /// Which seat.
    pub seat: SeatId,
    /// Where it is now.
    pub zone: ZoneId,
    /// Where it was.
    pub was: ZoneId,
    /// What is sold with it.
    pub product: SeatProduct,
    /// The days on which it exists.
    pub built: Period,
    /// When it was there.
    pub period: Period,
}

/// A month of some seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ControlCell {
    /// Seats that existed x days.
    pub built: i64,
    /// Seats held x days; one held by two shifts on a day counts once.
    pub leased: i64,
    /// Seats with somebody placed on them x days; two people on one seat count once a day.
    pub occupied: i64,
    /// Seats that were free the day before and are held from a day of the month on.
    pub begin: i64,
    /// Seats that are free from a day of the month on and were held the day before.
    pub fall_free: i64,
}

impl ControlCell {
    fn add(&mut self, other: Self) {
        self.built = self.built.saturating_add(other.built);
        self.leased = self.leased.saturating_add(other.leased);
        self.occupied = self.occupied.saturating_add(other.occupied);
        self.begin = self.begin.saturating_add(other.begin);
        self.fall_free = self.fall_free.saturating_add(other.fall_free);
    }
}

/// Months of the park's seats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatControl {
    /// The months, oldest first; every row has a cell for each.
    pub months: Vec<Month>,
    /// By zone, in the order of the plan; zones without seats in these months are missing.
    pub zones: Vec<(ZoneId, Vec<ControlCell>)>,
    /// By product, the plainest first; likewise.
    pub products: Vec<(SeatProduct, Vec<ControlCell>)>,
    /// All together.
    pub total: Vec<ControlCell>,
}

/// The table of these months. `built` stands in the order of the plan; spans stand by seat and start. Spans that end the
/// day before the months begin must be among them: whether a seat begins depends on it. The days on which a seat was in
/// another zone than now count there; zones that have only such days come last.
pub fn control(
    months: &[Month],
    built: &[BuiltSeats],
    moved: &[MovedSeat],
    leased: impl IntoIterator<Item = SeatSpan>,
    occupied: impl IntoIterator<Item = SeatSpan>,
) -> SeatControl {
    let mut table = Table { months, rows: Vec::new(), places: BTreeMap::new() };
    let mut before: BTreeMap<SeatId, Vec<MovedSeat>> = BTreeMap::new();
    for seats in built {
        table.days(seats.zone, seats.product, seats.built, |cell, days| {
            cell.built = cell.built.saturating_add(days.saturating_mul(seats.seats));
        });
    }
    for moved in moved {
        before.entry(moved.seat).or_default().push(*moved);
        table.elsewhere(moved, moved.built, |cell, days| cell.built = cell.built.saturating_add(days));
    }
    let none = Vec::new();
    for run in runs(leased) {
        let before = before.get(&run.seat).unwrap_or(&none);
        table.run(&run, before, |cell, days| cell.leased = cell.leased.saturating_add(days));
        table.turn(&run, before, run.period.from, |cell| cell.begin = cell.begin.saturating_add(1));
        if let Some(to) = run.period.to.filter(|to| run.built.contains(*to)) {
            table.turn(&run, before, to, |cell| cell.fall_free = cell.fall_free.saturating_add(1));
        }
    }
    for run in runs(occupied) {
        let before = before.get(&run.seat).unwrap_or(&none);
        table.run(&run, before, |cell, days| cell.occupied = cell.occupied.saturating_add(days));
    }
    table.sums()
}

/// What follows on without a day between becomes one span, seat by seat.
fn runs(spans: impl IntoIterator<Item = SeatSpan>) -> impl Iterator<Item = SeatSpan> {
    let mut spans = spans.into_iter();
    let mut open = spans.next();
    std::iter::from_fn(move || {
        let mut run = open.take()?;
        for span in spans.by_ref() {
            if span.seat == run.seat && run.period.to.is_none_or(|to| span.period.from <= to) {
                run.period.to = match (run.period.to, span.period.to) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            } else {
                open = Some(span);
                break;
            }
        }
        Some(run)
    })
}

struct Table<'a> {
    months: &'a [Month],
    /// Zone, product and cells, in the order in which they came.
    rows: Vec<(ZoneId, SeatProduct, Vec<ControlCell>)>,
    places: BTreeMap<(ZoneId, SeatProduct), usize>,
}

impl Table<'_> {
    fn cells(&mut self, zone: ZoneId, product: SeatProduct) -> Option<&mut Vec<ControlCell>> {
        let (rows, months) = (&mut self.rows, self.months.len());
        let place = *self.places.entry((zone, product)).or_insert_with(|| {
            rows.push((zone, product, vec![ControlCell::default(); months]));
            rows.len().saturating_sub(1)
        });
        rows.get_mut(place).map(|(_, _, cells)| cells)
    }

    /// Adds the days of a period to the months that it touches.
    fn days(&mut self, zone: ZoneId, product: SeatProduct, period: Period, add: impl Fn(&mut ControlCell, i64)) {
        let months = self.months;
        let Some(cells) = self.cells(zone, product) else { return };
        for (cell, month) in cells.iter_mut().zip(months) {
            if let Some(days) = period.intersect(month.period()).and_then(Period::days) {
                add(cell, days);
            }
        }
    }

    /// Counts the days of a period on which a seat was elsewhere there, and not where it is now.
    fn elsewhere(&mut self, moved: &MovedSeat, period: Period, add: impl Fn(&mut ControlCell, i64)) {
        let Some(there) = period.intersect(moved.period) else { return };
        self.days(moved.zone, moved.product, there, |cell, days| add(cell, days.saturating_neg()));
        self.days(moved.was, moved.product, there, add);
    }

    /// Counts the days of a run where the seat was on each of them.
    fn run(&mut self, run: &SeatSpan, before: &[MovedSeat], add: impl Fn(&mut ControlCell, i64)) {
        self.days(run.zone, run.product, run.period, &add);
        for moved in before {
            self.elsewhere(moved, run.period, &add);
        }
    }

    /// Counts a turn of a run in the month that it falls in.
    fn turn(&mut self, run: &SeatSpan, before: &[MovedSeat], day: NaiveDate, count: impl Fn(&mut ControlCell)) {
        let Some(place) = self.months.iter().position(|month| month.period().contains(day)) else { return };
        let zone = before.iter().find(|moved| moved.period.contains(day)).map_or(run.zone, |moved| moved.was);
        if let Some(cell) = self.cells(zone, run.product).and_then(|cells| cells.get_mut(place)) {
            count(cell);
        }
    }

    fn sums(self) -> SeatControl {
        let empty = || vec![ControlCell::default(); self.months.len()];
        let (mut zones, mut total) = (Vec::new(), empty());
        let mut places = BTreeMap::new();
        let mut products = BTreeMap::new();
        let join = |sum: &mut Vec<ControlCell>, cells: &[ControlCell]| {
            sum.iter_mut().zip(cells).for_each(|(sum, cell)| sum.add(*cell));
        };
        let nothing = ControlCell::default();
        for (zone, product, cells) in self.rows.iter().filter(|row| row.2.iter().any(|cell| *cell != nothing)) {
            let place = *places.entry(*zone).or_insert_with(|| {
                zones.push((*zone, empty()));
                zones.len().saturating_sub(1)
            });
            if let Some((_, sum)) = zones.get_mut(place) {
                join(sum, cells);
            }
            join(products.entry(*product).or_insert_with(empty), cells);
            join(&mut total, cells);
        }
        SeatControl { months: self.months.to_vec(), zones, products: products.into_iter().collect(), total }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn day(n: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date") + chrono::Duration::days(n)
    }
    fn id<I: crate::ids::Id>(n: u8) -> I {
        I::from_uuid(Uuid::from_u128(u128::from(n) + 1))
    }
    /// Six seats: two zones, two products, built at different times, one of them taken away.
    fn seat(n: u8) -> BuiltSeats {
        let built = Period { from: day(i64::from(n) * 12 - 30), to: (n == 3).then(|| day(80)) };
        let product = if n.is_multiple_of(2) { SeatProduct::Bare } else { SeatProduct::Equipped };
        BuiltSeats { zone: id(n / 3), product, built, seats: 1 }
    }
    fn spans(raw: &[(u8, i64, i64, bool)]) -> Vec<SeatSpan> {
        let mut spans: Vec<SeatSpan> = raw
            .iter()
            .map(|(n, from, length, open)| {
                let period = Period { from: day(*from), to: (!open).then(|| day(from + length)) };
                let BuiltSeats { zone, product, built, .. } = seat(*n);
                SeatSpan { seat: id(*n), zone, product, built, period }
            })
            .collect();
        spans.sort_by_key(|s| (s.seat, s.period.from));
        spans
    }

    /// Seats that were elsewhere before: each until its day.
    fn moved(raw: &[(u8, i64)]) -> Vec<MovedSeat> {
        let mut seen = std::collections::BTreeSet::new();
        raw.iter()
            .filter(|(n, _)| seen.insert(*n))
            .map(|(n, to)| {
                let BuiltSeats { zone, product, built, .. } = seat(*n);
                let period = Period { from: built.from.min(day(*to)), to: Some(day(*to)) };
                MovedSeat { seat: id(*n), zone, was: id(7), product, built, period }
            })
            .collect()
    }

    /// Day by day and seat by seat, of the seats that are among those asked for on the day.
    fn slowly(
        months: &[Month],
        of: &dyn Fn(u8, NaiveDate) -> bool,
        leased: &[SeatSpan],
        occupied: &[SeatSpan],
    ) -> Vec<ControlCell> {
        let on = |spans: &[SeatSpan], n: u8, d: NaiveDate| {
            spans.iter().any(|s| s.seat == id::<SeatId>(n) && s.period.contains(d))
        };
        let count = |month: &Month, is: &dyn Fn(u8, NaiveDate) -> bool| {
            let sum = month.each_day().map(|d| (0..6).filter(|n| of(*n, d) && is(*n, d)).count()).sum::<usize>();
            i64::try_from(sum).expect("small")
        };
        let before = |d: NaiveDate| d.pred_opt().expect("a day");
        months
            .iter()
            .map(|month| ControlCell {
                built: count(month, &|n, d| seat(n).built.contains(d)),
                leased: count(month, &|n, d| on(leased, n, d)),
                occupied: count(month, &|n, d| on(occupied, n, d)),
                begin: count(month, &|n, d| on(leased, n, d) && !on(leased, n, before(d))),
                fall_free: count(month, &|n, d| {
                    !on(leased, n, d) && on(leased, n, before(d)) && seat(n).built.contains(d)
                }),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn the_table_is_what_a_slow_count_says(
            leased in prop::collection::vec((0_u8..6, -60_i64..150, 1_i64..90, any::<bool>()), 0..24),
            occupied in prop::collection::vec((0_u8..6, -60_i64..150, 1_i64..60, any::<bool>()), 0..12),
            changed in prop::collection::vec((0_u8..6, -20_i64..140), 0..5),
        ) {
            let months: Vec<Month> = (0..4).map(|n| Month::new(2026, 1).expect("a month").plus(n)).collect();
            let (leased, occupied, moved) = (spans(&leased), spans(&occupied), moved(&changed));
            let built: Vec<BuiltSeats> = (0..6).map(seat).collect();
            let table = control(&months, &built, &moved, leased.clone(), occupied.clone());
            let slow = |of: &dyn Fn(u8, NaiveDate) -> bool| slowly(&months, of, &leased, &occupied);
            let zone = |n: u8, d: NaiveDate| -> ZoneId {
                let was = moved.iter().find(|m| m.seat == id::<SeatId>(n) && m.period.contains(d));
                was.map_or(seat(n).zone, |m| m.was)
            };
            prop_assert_eq!(&table.total, &slow(&|_, _| true));
            let nothing = vec![ControlCell::default(); months.len()];
            for n in [0, 1, 7] {
                let of: ZoneId = id(n);
                let found = table.zones.iter().find(|(zone, _)| *zone == of).map_or(&nothing, |(_, cells)| cells);
                prop_assert_eq!(found, &slow(&|n, d| zone(n, d) == of));
            }
            let products = vec![(SeatProduct::Bare, slow(&|n, _| n % 2 == 0)), (SeatProduct::Equipped, slow(&|n, _| n % 2 == 1))];
            prop_assert_eq!(&table.products, &products);
        }
    }
}
