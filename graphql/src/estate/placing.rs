//! Seats set down on their floor plan, by hand or by a drawing.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use serde::{Deserialize, Serialize};
use voxpark_domain::Result;
use voxpark_domain::estate::{self, Drawing, DrawingPlacing, LengthUnit as Unit, MarksOf, Placed, Spot};
use voxpark_domain::ids::FloorId;
use voxpark_domain::platform::AuditEntry;

use crate::change::{Outcome, change};
use crate::error::{Fault as _, UserError};
use crate::node;
use crate::request::Asking as _;

/// The most words of a drawing and codes that it does not have that an answer lists.
const MAX_LISTED: usize = 500;

/// Where a seat is to be.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatSpotInput {
    /// Which seat.
    seat_id: ID,
    /// Millimetres from the left edge of the floor plan, 0 to 1000000.
    x_mm: i64,
    /// Millimetres from its upper edge, 0 to 1000000.
    y_mm: i64,
}

/// Where seats of a floor are to be.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsPlaceInput {
    /// Which floor.
    floor_id: ID,
    /// 1 to 2000 of its seats; the others stay where they are.
    spots: Vec<SeatSpotInput>,
    /// Repeats of the same request under this key answer the same and move nothing.
    idempotency_key: String,
}

/// What became of seats that were set down: all of them or none.
#[derive(SimpleObject, Default)]
pub(crate) struct SeatsPlacePayload {
    /// How many seats are somewhere else now.
    count: Option<usize>,
    /// What has to be mended first, by seat.
    user_errors: Vec<UserError>,
}

/// What a drawing counts lengths in.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[graphql(remote = "Unit")]
pub(crate) enum LengthUnit {
    /// Millimetre.
    Millimetre,
    /// Centimetre.
    Centimetre,
    /// Decimetre.
    Decimetre,
    /// Metre.
    Metre,
    /// Inch, 25.4 mm.
    Inch,
    /// Foot, 304.8 mm.
    Foot,
}

/// A point on a drawing.
#[derive(InputObject, Clone, Copy, Serialize)]
pub(crate) struct DrawingCornerInput {
    /// Millimetres to the right of the drawing's origin.
    x_mm: i64,
    /// Millimetres upwards from it.
    y_mm: i64,
}

/// A drawing (DXF, as text) that has the codes of seats where the seats are to be.
#[derive(InputObject, Clone, Serialize)]
pub(crate) struct SeatsPlaceByDrawingInput {
    /// Which floor.
    floor_id: ID,
    /// The uploaded drawing, at most 64 MiB.
    file_id: ID,
    /// On this layer only; on any when left out.
    layer: Option<String>,
    /// Codes are values of the block attribute with this tag, and a seat stands where its block does; when left out, codes
    /// are texts and a seat stands where its text does.
    tag: Option<String>,
    /// What the drawing counts in; when left out, as it says itself.
    unit: Option<LengthUnit>,
    /// The corner that seats are counted from, on the drawing; when left out, a metre to the left of the leftmost seat
    /// found and a metre above the uppermost.
    corner: Option<DrawingCornerInput>,
    /// Only tells what would happen.
    dry_run: Option<bool>,
    /// Repeats of the same request under this key answer the same and move nothing.
    idempotency_key: String,
}

/// A seat that a drawing moves.
#[derive(SimpleObject, Clone, Serialize, Deserialize)]
pub(crate) struct SeatMove {
    /// Which seat.
    seat_id: ID,
    /// Its code.
    code: String,
    /// Where it was: millimetres from the left edge.
    from_x_mm: i64,
    /// Where it was: millimetres from the upper edge.
    from_y_mm: i64,
    /// Where it is: millimetres from the left edge.
    to_x_mm: i64,
    /// Where it is: millimetres from the upper edge.
    to_y_mm: i64,
}

/// A word of a drawing that is no code of a seat of the floor.
#[derive(SimpleObject, Clone, Serialize, Deserialize)]
pub(crate) struct DrawingWord {
    /// What it says.
    text: String,
    /// The first line of the file at which it stands.
    line: u64,
}

/// What became of a drawing: all of its seats are moved or none.
#[derive(SimpleObject, Default, Serialize, Deserialize)]
pub(crate) struct SeatsPlaceByDrawingPayload {
    /// The seats that are, or would be, somewhere else than before, by code.
    moves: Vec<SeatMove>,
    /// How many seats of the drawing are where it says already.
    unchanged: Option<usize>,
    /// What the drawing says beside codes of seats of the floor: the first 500.
    unknown: Vec<DrawingWord>,
    /// How many such words there are.
    unknown_count: Option<usize>,
    /// Codes of seats of the floor that the drawing does not have: the first 500. They stay where they are.
    missing: Vec<String>,
    /// How many such seats there are.
    missing_count: Option<usize>,
    /// Whether anything was written: not in a dry run, and not where every seat is where the drawing says already.
    applied: Option<bool>,
    /// What has to be mended first.
    #[serde(skip)]
    user_errors: Vec<UserError>,
}

impl From<Placed> for SeatsPlaceByDrawingPayload {
    fn from(placed: Placed) -> Self {
        let moved = |m: &estate::Move| SeatMove {
            seat_id: m.now.id.to_string().into(),
            code: m.now.code.clone(),
            from_x_mm: m.was.x_mm,
            from_y_mm: m.was.y_mm,
            to_x_mm: m.now.x_mm,
            to_y_mm: m.now.y_mm,
        };
        Self {
            moves: placed.moves.iter().map(moved).collect(),
            unchanged: Some(placed.unchanged),
            unknown_count: Some(placed.unknown.len()),
            missing_count: Some(placed.missing.len()),
            unknown: placed
                .unknown
                .into_iter()
                .take(MAX_LISTED)
                .map(|(text, line)| DrawingWord { text, line })
                .collect(),
            missing: placed.missing.into_iter().take(MAX_LISTED).collect(),
            applied: Some(placed.applied),
            user_errors: Vec::new(),
        }
    }
}

/// Reads a drawing before the writing transaction begins: nobody waits for a parser.
async fn drawn(gql: &Context<'_>, file: &ID, of: MarksOf) -> async_graphql::Result<Outcome<Drawing>> {
    let request = gql.request();
    let read = async {
        let (ctx, id) = (request.ctx()?, node::id("fileId", file)?);
        estate::drawing(&*request.read().await?, &*request.services.drawings, ctx, id, &of).await
    };
    match read.await {
        Ok(drawing) => Ok(Ok(drawing)),
        Err(error) => UserError::all(&error, request.lang()).map(Err).ok_or_else(|| gql.fault(&error)),
    }
}

/// A name that is asked for; none when it is empty.
fn named(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[derive(Default)]
pub(crate) struct PlacingMutation;

#[Object]
impl PlacingMutation {
    /// Sets seats of a floor down on its plan, all of them or none.
    async fn seats_place(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsPlaceInput,
    ) -> async_graphql::Result<Option<SeatsPlacePayload>> {
        let wanted = input.clone();
        let done = change(gql, "seatsPlace", Some(&input.idempotency_key), &input, |ctx, tx| {
            Box::pin(async move {
                let floor: FloorId = node::id("floorId", &wanted.floor_id)?;
                let read = |(at, spot): (usize, &SeatSpotInput)| {
                    let seat = node::id(format!("spots.{at}.seatId"), &spot.seat_id)?;
                    Ok(Spot { seat, x_mm: spot.x_mm, y_mm: spot.y_mm })
                };
                let spots = wanted.spots.iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
                let count = estate::seats_place(tx, ctx, floor, &spots).await?;
                let detail = serde_json::json!({ "seats": count });
                Ok((count, AuditEntry::new("seats.place", floor).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(count) => SeatsPlacePayload { count: Some(count), ..Default::default() },
            Err(user_errors) => SeatsPlacePayload { user_errors, ..Default::default() },
        }))
    }

    /// Sets the seats of a floor down where a drawing has their codes, all of them or none. Seats that it does not have
    /// stay; what it says beside codes is told.
    async fn seats_place_by_drawing(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SeatsPlaceByDrawingInput,
    ) -> async_graphql::Result<Option<SeatsPlaceByDrawingPayload>> {
        let of = MarksOf { layer: named(input.layer.as_ref()), tag: named(input.tag.as_ref()) };
        let drawing = match drawn(gql, &input.file_id, of).await? {
            Ok(drawing) => drawing,
            Err(user_errors) => return Ok(Some(SeatsPlaceByDrawingPayload { user_errors, ..Default::default() })),
        };
        let (wanted, dry_run) = (input.clone(), input.dry_run.unwrap_or(false));
        // A dry run answers anew each time it is asked.
        let key = (!dry_run).then_some(input.idempotency_key.as_str());
        let done = change(gql, "seatsPlaceByDrawing", key, &input, |ctx, tx| {
            Box::pin(async move {
                let floor: FloorId = node::id("floorId", &wanted.floor_id)?;
                let placing = DrawingPlacing {
                    unit: wanted.unit.map(Into::into),
                    corner: wanted.corner.map(|corner| (corner.x_mm, corner.y_mm)),
                };
                let placed = estate::seats_place_by_drawing(tx, ctx, floor, (&drawing, &placing), dry_run).await?;
                let detail = serde_json::json!({ "file": wanted.file_id.as_str(), "seats": placed.moves.len(), "applied": placed.applied });
                Ok((SeatsPlaceByDrawingPayload::from(placed), AuditEntry::new("seats.drawing", floor).with(detail)))
            })
        });
        Ok(Some(match done.await? {
            Ok(payload) => payload,
            Err(user_errors) => SeatsPlaceByDrawingPayload { user_errors, ..Default::default() },
        }))
    }
}
