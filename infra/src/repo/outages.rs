//! Days on which seats cannot be used.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::QueryResult;
use voxpark_domain::Result;
use voxpark_domain::estate::{Outages, SeatOutage};
use voxpark_domain::ids::{Id, OutageId, SeatId, UserId};
use voxpark_domain::page::{Page, PageRequest, Sort, SortKey};
use voxpark_domain::time::Period;

use super::binds::{Binds, id, inserts};
use super::sorted::{Key, Sorted};
use super::{NEVER, get};
use crate::db::{Slot, Tx, fail};

const SLOT: [Slot; 1] = [Slot("o", "seat_outage")];
/// One that ends where it begins never was.
const WAS: &str = "(o.out_to IS NULL OR o.out_to > o.out_from)";

/// The one order of the list.
#[derive(Clone, Copy, Default, PartialEq)]
struct ByStart;

impl SortKey for ByStart {
    fn name(self) -> &'static str {
        "start"
    }
}

fn to_outage(row: &QueryResult, reason: bool) -> Result<SeatOutage> {
    Ok(SeatOutage {
        id: OutageId::from_uuid(get(row, "outage_id")?),
        seat: SeatId::from_uuid(get(row, "seat_id")?),
        out: Period { from: get(row, "out_from")?, to: get(row, "out_to")? },
        reason: if reason { Some(get(row, "reason")?) } else { None },
    })
}

#[async_trait]
impl Outages for Tx {
    async fn outages(&self, on: NaiveDate, page: &PageRequest) -> Result<Page<SeatOutage>> {
        let mut binds = Binds::default();
        let rest =
            format!("FROM seat_outage o WHERE {{o}} AND {WAS} AND (o.out_to IS NULL OR o.out_to > {})", binds.one(on));
        let list = Sorted::new(Sort::<ByStart>::default(), vec![Key::day("o.out_from"), Key::Id("o.outage_id")]);
        let columns = "o.outage_id, o.seat_id, o.out_from, o.out_to, o.reason";
        let sql = list.sql(columns, &rest, page, &mut binds)?;
        let rows = self.query(&sql, &SLOT, binds.into_values()).await?;
        let rows = rows.iter().map(|row| Ok((list.cursor(row)?, to_outage(row, true)?))).collect::<Result<_>>()?;
        Ok(Page::from_rows(page, rows))
    }

    async fn outages_count(&self, on: NaiveDate) -> Result<i64> {
        let sql = format!(
            "SELECT COUNT(*) AS n FROM seat_outage o WHERE {{o}} AND {WAS} AND (o.out_to IS NULL OR o.out_to > $1)"
        );
        let row = self.query_one(&sql, &SLOT, vec![on.into()]).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn outages_by_id(&self, ids: &[OutageId]) -> Result<Vec<SeatOutage>> {
        let mut binds = Binds::default();
        let sql = format!(
            "SELECT o.outage_id, o.seat_id, o.out_from, o.out_to, o.reason FROM seat_outage o WHERE {{o}} AND o.outage_id IN {}",
            binds.ids(ids)
        );
        let rows = self.query(&sql, &SLOT, binds.into_values()).await?;
        rows.iter().map(|row| to_outage(row, true)).collect()
    }

    async fn outages_of(&self, seats: &[SeatId], within: Period) -> Result<Vec<SeatOutage>> {
        let mut binds = Binds::default();
        let (from, to) = (binds.one(within.from), binds.one(within.to.unwrap_or(NEVER)));
        let sql = format!(
            "SELECT o.outage_id, o.seat_id, o.out_from, o.out_to FROM seat_outage o WHERE {{o}} AND {WAS}
              AND o.out_from < {to} AND (o.out_to IS NULL OR o.out_to > {from}) AND o.seat_id IN {}
             ORDER BY o.seat_id, o.out_from",
            binds.ids(seats)
        );
        let rows = self.query(&sql, &SLOT, binds.into_values()).await?;
        rows.iter().map(|row| to_outage(row, false)).collect()
    }

    async fn outages_add(&self, new: &[SeatOutage], at: DateTime<Utc>, by: Option<UserId>) -> Result<()> {
        self.tell_seats()?;
        let park = self.park_id()?;
        let row = |o: &SeatOutage| {
            vec![
                park.into(),
                id(o.id),
                id(o.seat),
                o.out.from.into(),
                o.out.to.into(),
                o.reason.clone().unwrap_or_default().into(),
                at.into(),
                by.map(Id::uuid).into(),
            ]
        };
        let columns = ["park_id", "outage_id", "seat_id", "out_from", "out_to", "reason", "recorded_at", "recorded_by"];
        for (sql, values) in inserts("seat_outage", &columns, new.iter().map(row).collect()) {
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        Ok(())
    }

    async fn outages_end(&self, ids: &[OutageId], on: NaiveDate, at: DateTime<Utc>, by: Option<UserId>) -> Result<()> {
        self.tell_seats()?;
        let mut binds = Binds::default();
        let sql = format!(
            "UPDATE seat_outage AS o SET out_to = {}, ended_at = {}, ended_by = {} WHERE {{o}} AND o.outage_id IN {}",
            binds.one(on),
            binds.one(at),
            binds.one(by.map(Id::uuid)),
            binds.ids(ids)
        );
        self.execute(&sql, &SLOT, binds.into_values()).await.map_err(fail).map(|_| ())
    }
}
