//! A seat plan: rows of an uploaded table against the estate that is there.
//!
//! A row places one seat. Buildings, floors and zones that are missing are made, named by their codes. A seat that is
//! there already may be moved on its floor plan and, while nobody holds it today or later, sold as another product;
//! its zone and the days on which it exists are not changed by a plan.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::entity::{Building, Floor, Seat, SeatProduct, Zone};
use super::features::{self, FeatureChange, FeaturePack, Said, SeatFeature};
use crate::ctx::Ctx;
use crate::error::{Arg, Refusal, RefusalCode, Result};
use crate::ids::{BuildingId, FloorId, SeatId, ZoneId};
use crate::tables::{Column, Columns, Row, RowIssue, Table, date, whole};
use crate::tenancy::code_ok;
use crate::time::Period;

/// The longest code of a building, floor, zone or seat, in characters.
pub(super) const MAX_CODE: usize = 20;
/// The farthest a seat may lie from the corner of its floor plan, in millimetres: one kilometre.
pub(super) const MAX_MM: i64 = 1_000_000;
/// Levels of floors, lowest and highest.
const LEVELS: (i64, i64) = (-20, 200);

const COLUMNS: &[Column] = &[
    Column::needed("building", &["楼栋", "楼宇", "楼", "大楼", "建筑"]),
    Column::needed("floor", &["楼层", "层"]),
    Column::optional("level", &["层号", "楼层号", "层数"]),
    Column::needed("zone", &["区域", "区", "分区"]),
    Column::needed("seat", &["seat code", "seat_code", "code", "席位", "席位号", "席位编号", "座位号", "工位号"]),
    Column::needed("product", &["席位产品", "产品", "产品类型", "类型"]),
    Column::needed("x_mm", &["x", "x坐标", "x坐标(mm)", "横坐标"]),
    Column::needed("y_mm", &["y", "y坐标", "y坐标(mm)", "纵坐标"]),
    Column::optional("built_from", &["建成日期", "启用日期", "建成日"]),
    Column::optional("built_to", &["拆除日期", "停用日期", "拆除日"]),
];

/// Where a seat is, in codes: building, floor, zone.
pub type Place = (String, String, String);

/// A row that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Where it stood in the file.
    pub line: u64,
    /// Where the seat is.
    pub place: Place,
    /// The level of its floor, where the file says so.
    pub level: Option<i64>,
    /// Its code.
    pub code: String,
    /// What is sold with it.
    pub product: SeatProduct,
    /// Millimetres from the left edge of the floor plan.
    pub x_mm: i64,
    /// Millimetres from its upper edge.
    pub y_mm: i64,
    /// The first day on which it exists, where the file says so.
    pub built_from: Option<NaiveDate>,
    /// The day after the last, where the file says so.
    pub built_to: Option<NaiveDate>,
    /// What the file says of features, by their names.
    pub features: Vec<(&'static str, Option<SeatFeature>)>,
}

/// A seat that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSeat {
    /// The seat.
    pub seat: Seat,
    /// Whether somebody holds it today or later.
    pub held: bool,
}

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Every building.
    pub buildings: Vec<Building>,
    /// Every floor.
    pub floors: Vec<Floor>,
    /// Every zone.
    pub zones: Vec<Zone>,
    /// The seats that the rows name.
    pub seats: Vec<KnownSeat>,
    /// Codes that the rows name and other seats had before, each with the day after the last.
    pub codes_until: Vec<(String, NaiveDate)>,
    /// What the seats have.
    pub features: Vec<(SeatId, SeatFeature)>,
}

/// What a plan comes to.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Buildings to make.
    pub buildings: Vec<Building>,
    /// Floors to make.
    pub floors: Vec<Floor>,
    /// Zones to make.
    pub zones: Vec<Zone>,
    /// Seats to add.
    pub added: Vec<Seat>,
    /// Seats to change in position and product.
    pub updated: Vec<Seat>,
    /// What seats are to have beside their product.
    pub features: Vec<FeatureChange>,
    /// Seats of which only that changes.
    pub refitted: usize,
    /// Rows that say what is so already.
    pub unchanged: usize,
    /// Rows that are refused, by line.
    pub issues: Vec<RowIssue>,
}

fn issue(line: u64, refusal: Refusal) -> RowIssue {
    RowIssue { line, refusal }
}

fn number(line: u64) -> Arg {
    Arg::Number(i64::try_from(line).unwrap_or(i64::MAX))
}

/// Reads the rows that can be read, and says what is wrong with the others: `text-required`, `code-invalid`,
/// `seat-product-unknown`, `number-invalid`, `number-range`, `date-invalid`, `period-empty`, and the table's own
/// `row-ragged`.
///
/// # Errors
/// `column-missing`, `column-doubled`.
pub fn read(table: &Table) -> Result<(Vec<PlanRow>, Vec<RowIssue>)> {
    let known: Vec<Column> = COLUMNS.iter().chain(features::columns()?).copied().collect();
    let columns = Columns::find(&known, &table.header)?;
    let (mut rows, mut issues) = (Vec::new(), table.ragged.clone());
    for row in &table.rows {
        let mut faults = Vec::new();
        if let Some(good) = read_row(&columns, row, &mut faults) {
            rows.push(good);
        }
        issues.extend(faults.into_iter().map(|fault| issue(row.line, fault)));
    }
    Ok((rows, issues))
}

fn read_row(columns: &Columns, row: &Row, faults: &mut Vec<Refusal>) -> Option<PlanRow> {
    let mut code = |name: &'static str| {
        let text = columns.cell(row, name);
        if text.is_empty() {
            faults.push(Refusal::new(RefusalCode::Required, "text-required").at(name).with("max", MAX_CODE));
        } else if !code_ok(text, MAX_CODE) {
            faults.push(Refusal::new(RefusalCode::Invalid, "code-invalid").at(name).with("max", MAX_CODE));
        }
        text.to_owned()
    };
    let (building, floor, zone, seat) = (code("building"), code("floor"), code("zone"), code("seat"));
    let product = SeatProduct::from_words(columns.cell(row, "product"));
    if product.is_none() {
        let refusal = Refusal::new(RefusalCode::Invalid, "seat-product-unknown");
        faults.push(refusal.at("product").with("value", columns.cell(row, "product")));
    }
    let mut count = |name: &'static str, low: i64, high: i64| match whole(columns.cell(row, name)) {
        Some(value) if (low..=high).contains(&value) => Some(value),
        Some(value) => {
            let refusal = Refusal::new(RefusalCode::OutOfRange, "number-range").at(name);
            faults.push(refusal.with("value", value).with("min", low).with("max", high));
            None
        }
        None => {
            faults.push(Refusal::new(RefusalCode::Invalid, "number-invalid").at(name));
            None
        }
    };
    let (x_mm, y_mm) = (count("x_mm", 0, MAX_MM), count("y_mm", 0, MAX_MM));
    let level = if columns.cell(row, "level").is_empty() { None } else { count("level", LEVELS.0, LEVELS.1) };
    let mut day = |name: &'static str| {
        let text = columns.cell(row, name);
        let value = date(text);
        if value.is_none() && !text.is_empty() {
            faults.push(Refusal::new(RefusalCode::Invalid, "date-invalid").at(name));
        }
        value
    };
    let (built_from, built_to) = (day("built_from"), day("built_to"));
    if let Some(from) = built_from {
        faults.extend(Period::new(from, built_to).err().map(|r| r.at("built_to")));
    }
    let features = read_features(columns, row, faults);
    if !faults.is_empty() {
        return None;
    }
    Some(PlanRow {
        line: row.line,
        place: (building, floor, zone),
        level,
        code: seat,
        product: product?,
        x_mm: x_mm?,
        y_mm: y_mm?,
        built_from,
        built_to,
        features,
    })
}

fn read_features(columns: &Columns, row: &Row, faults: &mut Vec<Refusal>) -> Vec<(&'static str, Option<SeatFeature>)> {
    let mut said = Vec::new();
    for feature in FeaturePack::built_in().map_or(&[][..], |pack| &pack.feature) {
        match feature.read(columns.cell(row, &feature.id)) {
            Ok(Said::Nothing) => {}
            Ok(Said::Has(has)) => said.push((feature.id.as_str(), has)),
            Err(fault) => faults.push(fault.at(feature.id.as_str())),
        }
    }
    said
}

/// What a row changes of the features of a seat.
fn refit(row: &PlanRow, seat: SeatId, had: &HashMap<(SeatId, &str), &SeatFeature>) -> Vec<FeatureChange> {
    let changed = row.features.iter().filter(|(name, has)| had.get(&(seat, *name)).copied() != has.as_ref());
    changed.map(|(name, has)| FeatureChange { seat, feature: (*name).to_owned(), has: has.clone() }).collect()
}

/// What the rows come to over what is there. Refuses, row by row: `seat-code-doubled` (both rows, each naming the
/// other), `seat-elsewhere`, `seat-built-fixed`, `seat-product-held`, `floor-level-differs`, `period-empty`.
pub fn decide(ctx: &Ctx, rows: Vec<PlanRow>, known: &Known) -> Plan {
    let mut plan = Plan::default();
    let rows = without_doubled(rows, &mut plan.issues);
    let seats: HashMap<&str, &KnownSeat> = known.seats.iter().map(|k| (k.seat.code.as_str(), k)).collect();
    let had: HashMap<(SeatId, &str), &SeatFeature> =
        known.features.iter().map(|(seat, has)| ((*seat, has.feature.as_str()), has)).collect();
    let mut tree = Tree::of(known);
    for row in rows {
        let at = tree.floor_level(&row);
        if let Some(refusal) = at {
            plan.issues.push(issue(row.line, refusal));
            continue;
        }
        match seats.get(row.code.as_str()) {
            Some(there) => match change(&row, there, &tree) {
                Ok(moved) => {
                    let refitted = refit(&row, there.seat.id, &had);
                    match moved {
                        Some(seat) => plan.updated.push(seat),
                        None if refitted.is_empty() => plan.unchanged = plan.unchanged.saturating_add(1),
                        None => plan.refitted = plan.refitted.saturating_add(1),
                    }
                    plan.features.extend(refitted);
                }
                Err(refusal) => plan.issues.push(issue(row.line, refusal)),
            },
            None => match added(ctx, &row, &tree, known) {
                Err(refusal) => plan.issues.push(issue(row.line, refusal)),
                Ok(built) => {
                    let zone = tree.zone(ctx, &row, &mut plan);
                    let id: SeatId = ctx.id();
                    plan.features.extend(refit(&row, id, &had));
                    plan.added.push(Seat {
                        id,
                        zone,
                        code: row.code,
                        product: row.product,
                        x_mm: row.x_mm,
                        y_mm: row.y_mm,
                        built,
                    });
                }
            },
        }
    }
    plan.issues.sort_by_key(|i| i.line);
    plan
}

fn without_doubled(rows: Vec<PlanRow>, issues: &mut Vec<RowIssue>) -> Vec<PlanRow> {
    let mut lines: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for row in &rows {
        lines.entry(row.code.clone()).or_default().push(row.line);
    }
    let mut doubled = |row: &PlanRow| {
        let other = lines.get(&row.code)?.iter().find(|line| **line != row.line)?;
        let mut refusal = Refusal::new(RefusalCode::Duplicate, "seat-code-doubled").at("seat");
        refusal.args = vec![("code", Arg::Text(row.code.clone())), ("other", number(*other))];
        issues.push(issue(row.line, refusal));
        Some(())
    };
    rows.into_iter().filter(|row| doubled(row).is_none()).collect()
}

/// When the seat of a row that adds one exists.
fn added(ctx: &Ctx, row: &PlanRow, tree: &Tree, known: &Known) -> Result<Period, Refusal> {
    let built =
        Period::new(row.built_from.unwrap_or_else(|| ctx.today()), row.built_to).map_err(|r| r.at("built_to"))?;
    if let Some(day) = tree.ended.get(&row.place) {
        let refusal = Refusal::new(RefusalCode::State, "zone-ended").at("zone");
        return Err(refusal.with("code", row.place.2.as_str()).with("day", *day));
    }
    let day =
        known.codes_until.iter().filter(|(code, to)| *code == row.code && built.from < *to).map(|(_, to)| *to).max();
    match day {
        None => Ok(built),
        Some(day) => {
            let refusal = Refusal::new(RefusalCode::Overlap, "seat-code-was").at("built_from");
            Err(refusal.with("code", row.code.as_str()).with("day", day))
        }
    }
}

/// What a row does to a seat that is there; `None` = nothing.
fn change(row: &PlanRow, there: &KnownSeat, tree: &Tree) -> Result<Option<Seat>, Refusal> {
    let seat = &there.seat;
    let place = tree.places.get(&seat.zone);
    if place != Some(&row.place) {
        let (building, floor, zone) = place.cloned().unwrap_or_default();
        return Err(Refusal::new(RefusalCode::Conflict, "seat-elsewhere")
            .at("seat")
            .with("code", row.code.as_str())
            .with("place", format!("{building} / {floor} / {zone}")));
    }
    let other_start = row.built_from.is_some_and(|from| from != seat.built.from);
    if other_start || row.built_to.is_some_and(|to| Some(to) != seat.built.to) {
        return Err(Refusal::new(RefusalCode::State, "seat-built-fixed")
            .at(if other_start { "built_from" } else { "built_to" })
            .with("code", row.code.as_str()));
    }
    if row.product != seat.product && there.held {
        return Err(Refusal::new(RefusalCode::State, "seat-product-held")
            .at("product")
            .with("code", row.code.as_str())
            .with("product", seat.product.name()));
    }
    let new = Seat { product: row.product, x_mm: row.x_mm, y_mm: row.y_mm, ..seat.clone() };
    Ok((new != *seat).then_some(new))
}

/// The tree of the estate by codes, growing.
struct Tree {
    buildings: HashMap<String, BuildingId>,
    floors: HashMap<(String, String), (FloorId, i64)>,
    zones: HashMap<Place, ZoneId>,
    places: HashMap<ZoneId, Place>,
    /// Zones that have ended, with the day.
    ended: HashMap<Place, NaiveDate>,
    /// Levels that rows gave to floors that are not there yet, and where.
    levels: HashMap<(String, String), i64>,
}

impl Tree {
    fn of(known: &Known) -> Self {
        let buildings: HashMap<_, _> = known.buildings.iter().map(|b| (b.id, b.code.clone())).collect();
        let floors: HashMap<_, _> = known
            .floors
            .iter()
            .filter_map(|f| Some((f.id, ((buildings.get(&f.building)?.clone(), f.code.clone()), f.level))))
            .collect();
        let places: HashMap<ZoneId, Place> = known
            .zones
            .iter()
            .filter_map(|z| {
                let ((building, floor), _) = floors.get(&z.floor)?.clone();
                Some((z.id, (building, floor, z.code.clone())))
            })
            .collect();
        Self {
            buildings: buildings.into_iter().map(|(id, code)| (code, id)).collect(),
            floors: floors.into_iter().map(|(id, (key, level))| (key, (id, level))).collect(),
            zones: places.iter().map(|(id, place)| (place.clone(), *id)).collect(),
            ended: known.zones.iter().filter_map(|z| Some((places.get(&z.id)?.clone(), z.ended_on?))).collect(),
            places,
            levels: HashMap::new(),
        }
    }

    /// Whether the row gives its floor another level than it has or an earlier row gave it.
    fn floor_level(&mut self, row: &PlanRow) -> Option<Refusal> {
        let level = row.level?;
        let key = (row.place.0.clone(), row.place.1.clone());
        let known = match self.floors.get(&key) {
            Some((_, known)) => *known,
            None => *self.levels.entry(key).or_insert(level),
        };
        (known != level).then(|| {
            Refusal::new(RefusalCode::Conflict, "floor-level-differs")
                .at("level")
                .with("floor", row.place.1.as_str())
                .with("level", known)
        })
    }

    /// The zone of a row; made with its floor and building where missing.
    fn zone(&mut self, ctx: &Ctx, row: &PlanRow, plan: &mut Plan) -> ZoneId {
        if let Some(id) = self.zones.get(&row.place) {
            return *id;
        }
        let (building, floor, zone) = row.place.clone();
        let building_id = *self.buildings.entry(building.clone()).or_insert_with(|| {
            let id = ctx.id();
            plan.buildings.push(Building { id, code: building.clone(), name: building.clone() });
            id
        });
        let key = (building, floor.clone());
        let level = row.level.or_else(|| self.levels.get(&key).copied()).unwrap_or_else(|| level_of(&floor));
        let (floor_id, _) = *self.floors.entry(key).or_insert_with(|| {
            let id = ctx.id();
            plan.floors.push(Floor { id, building: building_id, code: floor.clone(), name: floor.clone(), level });
            (id, level)
        });
        let id: ZoneId = ctx.id();
        plan.zones.push(Zone {
            id,
            floor: floor_id,
            code: zone.clone(),
            name: zone,
            begun_on: None,
            ended_on: None,
            area: None,
        });
        self.zones.insert(row.place.clone(), id);
        self.places.insert(id, row.place.clone());
        id
    }
}

/// The level that a floor's code tells: `3F`, `F3`, `3层` = 3, `B1`, `-1` = -1; 1 where it tells none.
fn level_of(code: &str) -> i64 {
    let digits: String = code.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let below = code.starts_with(['B', 'b', '-']);
    match digits.parse::<i64>() {
        Ok(level) if level <= LEVELS.1 && !below => level,
        Ok(level) if level <= -LEVELS.0 && below => -level,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
