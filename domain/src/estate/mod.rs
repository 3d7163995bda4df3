//! The estate: buildings, floors, zones and the seats on them; who may stand where on a floor plan, not who holds it.
//!
//! A seat exists from a day and, when it is taken away, to a day. Its state on a day follows from that, from the
//! allocations and holds of leasing, and from the days on which it cannot be used; the views here (map, counts, seat-days) read those facts and decide nothing about them.

mod control;
mod drawing;
mod entity;
mod features;
mod floor_plan;
mod known;
mod outage;
mod past;
mod photo;
mod places;
mod placing;
mod plan;
mod service;
mod store;
mod usage;

pub use control::{BuiltSeats, ControlCell, MovedSeat, SeatControl, SeatSpan, control};
pub use drawing::{Drawing, Drawings, LengthUnit, Mark, MarksOf, drawing, picture};
pub use entity::{
    Building, Floor, MapSeat, MapZone, ProductCount, Seat, SeatCounts, SeatFilter, SeatHolder, SeatProduct, SeatSort,
    SeatState, Sight, Standing, Zone, extent,
};
pub use features::{
    FEATURES, Feature, FeatureChange, FeatureChoice, FeatureKind, FeaturePack, FeatureSet, FeatureWanted, Features,
    SeatFeature, seat_features_set,
};
pub use floor_plan::{
    FloorPlan, FloorPlanRequest, FloorPlans, PictureSize, PlanPicture, Sheet, StoredPicture, floor_plan_end,
    floor_plan_of, floor_plan_set, floor_plans, plan_on,
};
pub use known::{Changes, Former, SeatZones, Stay, ZonePath};
pub use outage::{
    OutageRequest, Outages, SeatOutage, outages, outages_by_id, outages_count, seats_in_service, seats_out,
};
pub use past::{FloorChange, PastHolding, SeatPast, pasts};
pub use photo::{Photo, PhotoOf, PhotoRequest, Photos, photo_add, photo_remove, photos, photos_by_id};
pub use places::{
    ALWAYS, CodeUse, FormerName, FormerPlace, Places, ZoneLabel, ZoneSplit, area_text, former_names, former_places,
    seats_renumber, zone_area_set, zone_rename, zone_split, zones_merge,
};
pub use placing::{DrawingPlacing, Move, Placed, Placing, Spot, seats_place, seats_place_by_drawing};
pub use plan::{Known, KnownSeat, Place, Plan, PlanRow, decide, read};
pub(crate) use service::months_in_range;
pub use service::{
    ImportReport, MAX_ISSUES, discloses, floor_changes, floor_map, floor_past, seat_control, seat_counts,
    seat_plan_import, seat_use, seats, seats_count, sight,
};
pub use store::Store;
pub use usage::{SeatUseMonth, Span, months_until, seat_days};
