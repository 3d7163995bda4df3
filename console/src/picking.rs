//! Finding seats to do something with: by zone and codes, on a day; those that can be had with a tick box each.

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::json;

use crate::form::Form;
use crate::pages::count;
use crate::visit::{Found, Stop, Visit};
use crate::wire::{Connection, Made};

/// How many seats one search may look at; more are taken floor by floor.
const MOST: usize = 2000;
const STEP: usize = 100;

#[derive(Deserialize)]
struct Data {
    park: Option<Park>,
}

#[derive(Deserialize)]
struct Park {
    seats: Connection<Seat>,
}

/// A seat that was looked at.
#[derive(Deserialize)]
pub(crate) struct Seat {
    id: String,
    code: String,
    state: String,
    zone: Zone,
    hold: Option<Made>,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
}

impl Seat {
    /// Whether nobody has it.
    pub(crate) fn is_free(&self) -> bool {
        self.state == "AVAILABLE"
    }

    /// Whether a hold keeps it.
    pub(crate) fn is_kept_by(&self, hold: &str) -> bool {
        self.state == "HELD" && self.hold.as_ref().is_some_and(|by| by.id == hold)
    }

    /// Whether it is there and can be used.
    pub(crate) fn is_in_service(&self) -> bool {
        matches!(self.state.as_str(), "AVAILABLE" | "HELD" | "ALLOCATED")
    }
}

/// A seat that can be ticked.
pub(crate) struct Tick {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) zone: String,
    pub(crate) on: bool,
}

/// What a search found.
pub(crate) struct Picked {
    /// Seats that can be had.
    pub(crate) free: Vec<Tick>,
    /// How many of them are ticked.
    pub(crate) chosen: i64,
    /// The others, each with what it is.
    pub(crate) taken: Vec<String>,
    /// How many were found.
    pub(crate) total: i64,
    /// Whether there are more than one search looks at.
    pub(crate) cut: bool,
}

/// Finds seats of a product in the range of codes and the zone that the form asks for, on its day `from`, and tells those
/// apart that can be had. The document has the operation `SeatsToPick`. What was sent is ticked, else the first so many.
pub(crate) async fn look(
    visit: &Visit,
    document: &'static str,
    form: &Form,
    product: Option<&str>,
    can_be_had: impl Fn(&Seat) -> bool,
) -> Result<Picked, Stop> {
    let on = form.value("from").parse::<chrono::NaiveDate>().ok();
    let (low, high) = (form.value("codeFrom"), form.value("codeTo"));
    // What both ends begin with, the API can search by; digits are left out, because begins with A- only.
    let same = low.chars().zip(high.chars()).take_while(|(a, b)| a == b && !a.is_ascii_digit());
    let prefix: String = same.map(|(a, _)| a).collect();
    let zone = form.optional("zone");
    let filter =
        json!({ "zoneId": zone, "product": product, "on": on, "codePrefix": (!prefix.is_empty()).then_some(prefix) });
    let (mut seats, mut after, mut cut) = (Vec::new(), None, false);
    loop {
        let vars = json!({ "first": STEP, "after": after, "filter": filter, "on": on });
        let data: Data = visit.load(document, "SeatsToPick", vars).await?;
        let list = data.park.found()?.seats;
        seats.extend(list.nodes);
        after = list.page_info.end_cursor;
        if !list.page_info.has_next_page || after.is_none() {
            break;
        }
        if seats.len() >= MOST {
            cut = true;
            break;
        }
    }
    seats.retain(|seat| {
        let above = low.is_empty() || natural(&seat.code, low) != Ordering::Less;
        above && (high.is_empty() || natural(&seat.code, high) != Ordering::Greater)
    });
    seats.sort_by(|a, b| natural(&a.code, &b.code));
    let total = count(seats.len());
    let (free, taken): (Vec<Seat>, Vec<Seat>) = seats.into_iter().partition(|seat| can_be_had(seat));
    let sent = form.values("seatIds");
    let wanted = form.value("count").parse::<usize>().unwrap_or(usize::MAX);
    let ticks = free.into_iter().enumerate().map(|(index, seat)| Tick {
        on: if sent.is_empty() { index < wanted } else { sent.contains(&seat.id.as_str()) },
        id: seat.id,
        code: seat.code,
        zone: seat.zone.name,
    });
    let free: Vec<Tick> = ticks.collect();
    let name = |seat: &Seat| format!("{} ({})", seat.code, visit.w.of("seat-state", &seat.state));
    Ok(Picked {
        chosen: count(free.iter().filter(|tick| tick.on).count()),
        free,
        taken: taken.iter().map(name).collect(),
        total,
        cut,
    })
}

/// Compares codes as people read them: runs of digits by their value, so that A-9 comes before A-10.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (da, db) = (digits(a), digits(b));
        if da > 0 && db > 0 {
            let (na, nb) = (a[..da].trim_start_matches('0'), b[..db].trim_start_matches('0'));
            let order = na.len().cmp(&nb.len()).then_with(|| na.cmp(nb));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[da..], &b[db..]);
            continue;
        }
        match (a.chars().next(), b.chars().next()) {
            (Some(x), Some(y)) if x == y => (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_compare_as_people_read_them() {
        for (less, more) in [("A-9", "A-10"), ("A-09", "A-10"), ("A-1", "B-1"), ("A", "A-1"), ("区1-2", "区1-11")] {
            assert_eq!(natural(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(natural(more, less), Ordering::Greater, "{less} {more}");
        }
        assert_eq!(natural("A-01", "A-1"), Ordering::Equal);
    }
}
