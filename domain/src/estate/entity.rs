//! Buildings, floors, zones, seats, and what is shown of them.

use std::borrow::Borrow;

use chrono::{DateTime, NaiveDate, Utc};

use super::features::FeatureWanted;
use crate::error::{Refusal, RefusalCode};
use crate::ids::{BuildingId, FloorId, LeaseId, SeatId, TenantId, ZoneId};
use crate::leasing::Shift;
use crate::page::SortKey;
use crate::time::Period;

/// What is sold with a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatProduct {
    /// The place alone.
    Bare,
    /// With furniture.
    Furnished,
    /// With furniture and the park's call-centre system.
    Equipped,
}

impl SeatProduct {
    /// Every product.
    pub const ALL: &[Self] = &[Self::Bare, Self::Furnished, Self::Equipped];

    /// Stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Furnished => "furnished",
            Self::Equipped => "equipped",
        }
    }
    /// The product with this stored name.
    ///
    /// # Errors
    /// `seat-product-unknown`.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        Self::ALL
            .iter()
            .copied()
            .find(|p| p.name() == name)
            .ok_or_else(|| Refusal::new(RefusalCode::Invalid, "seat-product-unknown").with("value", name))
    }
    /// The product as people write it in a seat plan, in either language.
    pub fn from_words(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "bare" | "裸席" | "裸席位" | "空席" => Some(Self::Bare),
            "furnished" | "家具席位" | "带家具" | "家具席" | "带家具席位" => Some(Self::Furnished),
            "equipped" | "配系统" | "配系统席位" | "系统席位" | "带系统" => Some(Self::Equipped),
            _ => None,
        }
    }
}

/// A building of the park.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Building {
    /// Its id.
    pub id: BuildingId,
    /// Unique in the park.
    pub code: String,
    /// What it is called.
    pub name: String,
}

/// A floor of a building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// Its id.
    pub id: FloorId,
    /// Where it is.
    pub building: BuildingId,
    /// Unique in the building.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Storey number: 1 at ground, negative below.
    pub level: i64,
}

/// A zone of a floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its id.
    pub id: ZoneId,
    /// Where it is.
    pub floor: FloorId,
    /// Unique on the floor.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// The day from which on there is such a zone; `None` = always.
    pub begun_on: Option<NaiveDate>,
    /// The day from which on there is none any more, because it was merged into another.
    pub ended_on: Option<NaiveDate>,
    /// How large it is, in hundredths of a square metre, where that is known.
    pub area: Option<i64>,
}

/// One physical workstation on a floor plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Its id.
    pub id: SeatId,
    /// Where it is.
    pub zone: ZoneId,
    /// Unique in the park.
    pub code: String,
    /// What is sold with it.
    pub product: SeatProduct,
    /// Millimetres from the left edge of the floor plan.
    pub x_mm: i64,
    /// Millimetres from its upper edge.
    pub y_mm: i64,
    /// The days on which it exists.
    pub built: Period,
}

/// What a seat is on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeatState {
    /// Not built yet.
    Planned,
    /// Nobody has it, and it can be had.
    Available,
    /// Kept for somebody while an offer is open.
    Held,
    /// Leased, by whom the caller may know.
    Allocated,
    /// It cannot be used, whoever leases it.
    OutOfService,
    /// Taken away.
    Removed,
    /// There, and not leased by the caller: whether a neighbour leases it, or somebody is about to, is not told.
    Undisclosed,
}

/// How much of who has the seats somebody may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Every allocation, and the holds that are in force at this instant.
    Whole(DateTime<Utc>),
    /// What is its own: whether a neighbour leases a seat or somebody is about to is not told.
    Own,
}

/// The facts about a seat on a day, as far as the caller may know them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It cannot be used.
    pub out: bool,
    /// An allocation covers the day.
    pub leased: bool,
    /// A hold in force covers the day.
    pub on_hold: bool,
    /// Whether the caller would see every allocation and hold.
    pub disclosed: bool,
}

impl SeatState {
    /// The state on a day of a seat that exists in `built`.
    pub fn on(day: NaiveDate, built: Period, facts: Standing) -> Self {
        if day < built.from {
            Self::Planned
        } else if !built.contains(day) {
            Self::Removed
        } else if facts.out {
            Self::OutOfService
        } else if facts.leased {
            Self::Allocated
        } else if !facts.disclosed {
            Self::Undisclosed
        } else if facts.on_hold {
            Self::Held
        } else {
            Self::Available
        }
    }
}

/// Which seats are asked for; parts that are `None` do not restrict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatFilter {
    /// In this zone.
    pub zone: Option<ZoneId>,
    /// On this floor.
    pub floor: Option<FloorId>,
    /// Of this product.
    pub product: Option<SeatProduct>,
    /// In this state on the day.
    pub state: Option<SeatState>,
    /// Whose code starts so.
    pub code_prefix: Option<String>,
    /// The day of the state.
    pub on: NaiveDate,
    /// The day on which the seat is in the zone and has the code, where that is over; `None` = now.
    pub was_on: Option<NaiveDate>,
    /// That has all of these.
    pub features: Vec<FeatureWanted>,
}

/// What seats can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SeatSort {
    /// Their code.
    #[default]
    Code,
    /// Building, floor and zone.
    Place,
    /// What is sold with them, the plainest first.
    Product,
}

impl SortKey for SeatSort {
    fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Place => "place",
            Self::Product => "product",
        }
    }
}

/// A zone as a floor map shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapZone {
    /// Which.
    pub id: ZoneId,
    /// Its code that day.
    pub code: String,
    /// What it was called that day.
    pub name: String,
}

/// A seat as a floor map shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapSeat {
    /// Which.
    pub id: SeatId,
    /// Its code that day.
    pub code: String,
    /// Its zone that day.
    pub zone: MapZone,
    /// What is sold with it.
    pub product: SeatProduct,
    /// Millimetres from the left edge.
    pub x_mm: i64,
    /// Millimetres from the upper edge.
    pub y_mm: i64,
    /// The days on which it exists.
    pub built: Period,
    /// Whether it cannot be used that day.
    pub out: bool,
    /// Whether it is kept for somebody that day; false where the caller may not know.
    pub on_hold: bool,
    /// Whether a person of the caller's reach is placed on it that day.
    pub occupied: bool,
    /// Who holds it that day, where the caller may know, by time of the day: a seat can be sold to several shifts.
    pub holders: Vec<SeatHolder>,
}

/// Who holds a seat on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatHolder {
    /// Who.
    pub tenant: TenantId,
    /// Its name in Chinese.
    pub name: String,
    /// Under which lease.
    pub lease: LeaseId,
    /// When.
    pub held: Period,
    /// At what time of the day.
    pub shift: Shift,
}

/// Width and height in millimetres that hold all seats with a margin of one metre; zero without seats.
pub fn extent<S: Borrow<MapSeat>>(seats: &[S]) -> (i64, i64) {
    let edge = |of: fn(&MapSeat) -> i64| {
        seats.iter().map(|s| of(s.borrow())).max().map_or(0, |most| most.saturating_add(1_000))
    };
    (edge(|s| s.x_mm), edge(|s| s.y_mm))
}

/// Seats of a product on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductCount {
    /// The product.
    pub product: SeatProduct,
    /// That exist.
    pub built: i64,
    /// Of those, leased; one sold to two shifts counts once.
    pub leased: i64,
    /// Of those, kept for somebody and not leased.
    pub held: i64,
    /// Of those, not usable, leased or not.
    pub out: i64,
    /// Of those, neither leased nor kept for somebody nor out of service.
    pub available: i64,
    /// Of those that exist, with a person placed on them; two people on one seat count once.
    pub occupied: i64,
}

/// Seats on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatCounts {
    /// The day.
    pub on: NaiveDate,
    /// By product, those there are.
    pub by_product: Vec<ProductCount>,
}

impl SeatCounts {
    /// A sum over the products.
    pub fn sum(&self, of: fn(&ProductCount) -> i64) -> i64 {
        self.by_product.iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_follows_from_the_facts() {
        let day = |d: u32| NaiveDate::from_ymd_opt(2026, 3, d).expect("a date");
        let built = Period { from: day(5), to: Some(day(20)) };
        let on =
            |d, leased, disclosed| SeatState::on(day(d), built, Standing { leased, disclosed, ..Standing::default() });
        assert_eq!(on(4, true, true), SeatState::Planned);
        assert_eq!(on(5, false, true), SeatState::Available);
        assert_eq!(on(5, true, false), SeatState::Allocated);
        assert_eq!(on(19, false, false), SeatState::Undisclosed);
        assert_eq!(on(20, true, true), SeatState::Removed);
        let kept = Standing { on_hold: true, disclosed: true, ..Standing::default() };
        assert_eq!(SeatState::on(day(5), built, kept), SeatState::Held);
        assert_eq!(SeatState::on(day(5), built, Standing { leased: true, ..kept }), SeatState::Allocated);
        assert_eq!(SeatState::on(day(5), built, Standing { disclosed: false, ..kept }), SeatState::Undisclosed);
        assert_eq!(SeatState::on(day(5), built, Standing { out: true, leased: true, ..kept }), SeatState::OutOfService);
        assert_eq!(SeatState::on(day(4), built, Standing { out: true, ..kept }), SeatState::Planned);
    }

    #[test]
    fn products_in_either_language() {
        for product in SeatProduct::ALL {
            assert_eq!(SeatProduct::parse(product.name()), Ok(*product));
            assert_eq!(SeatProduct::from_words(product.name()), Some(*product));
        }
        assert_eq!(SeatProduct::from_words(" 带家具 "), Some(SeatProduct::Furnished));
        assert_eq!(SeatProduct::from_words("豪华"), None);
        assert!(SeatProduct::parse("Bare").is_err());
    }
}
