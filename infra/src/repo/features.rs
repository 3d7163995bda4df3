//! What seats have beside their product.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::Value;
use voxpark_domain::Result;
use voxpark_domain::estate::{FeatureChange, FeatureWanted, Features, SeatFeature};
use voxpark_domain::ids::{Id, SeatId, UserId};

use super::binds::{Binds, id, inserts, portions};
use super::get;
use crate::db::{Slot, Tx, fail};

pub(super) const HAS: Slot = Slot("sf", "seat_feature");

/// Whether a row of `s` has what is wanted.
pub(super) fn having(wanted: &FeatureWanted, binds: &mut Binds) -> String {
    let mut condition =
        format!("sf.feature = {} AND sf.amount >= {}", binds.one(wanted.feature.as_str()), binds.one(wanted.at_least));
    if let Some(choice) = &wanted.choice {
        condition = format!("{condition} AND sf.choice = {}", binds.one(choice.as_str()));
    }
    format!(
        "EXISTS (SELECT 1 FROM seat_feature sf WHERE {{sf}} AND sf.park_id = s.park_id AND sf.seat_id = s.seat_id AND {condition})"
    )
}

#[async_trait]
impl Features for Tx {
    async fn features_of(&self, seats: &[SeatId]) -> Result<Vec<(SeatId, SeatFeature)>> {
        let mut found = Vec::new();
        for seats in portions(seats) {
            let mut binds = Binds::default();
            let sql = format!(
                "SELECT sf.seat_id, sf.feature, sf.amount, sf.choice FROM seat_feature sf
                 WHERE {{sf}} AND sf.seat_id IN {} ORDER BY sf.seat_id, sf.feature",
                binds.ids(seats)
            );
            for row in self.query(&sql, &[HAS], binds.into_values()).await? {
                let has = SeatFeature {
                    feature: get(&row, "feature")?,
                    amount: get(&row, "amount")?,
                    choice: get(&row, "choice")?,
                };
                found.push((SeatId::from_uuid(get(&row, "seat_id")?), has));
            }
        }
        Ok(found)
    }

    async fn features_set(&self, changes: &[FeatureChange], at: DateTime<Utc>, by: Option<UserId>) -> Result<()> {
        let park = self.park_id()?;
        let row = |change: &FeatureChange| {
            let has = change.has.as_ref()?;
            Some(vec![
                park.into(),
                id(change.seat),
                Value::from(has.feature.as_str()),
                has.amount.into(),
                has.choice.clone().into(),
                at.into(),
                by.map(Id::uuid).into(),
            ])
        };
        let columns = ["park_id", "seat_id", "feature", "amount", "choice", "recorded_at", "recorded_by"];
        for (sql, values) in inserts("seat_feature", &columns, changes.iter().filter_map(row).collect()) {
            let sql = format!(
                "{sql} ON CONFLICT (park_id, seat_id, feature) DO UPDATE SET amount = excluded.amount, choice = excluded.choice,
                  recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by"
            );
            self.execute(&sql, &[], values).await.map_err(fail)?;
        }
        let mut gone: BTreeMap<&str, Vec<SeatId>> = BTreeMap::new();
        for change in changes.iter().filter(|change| change.has.is_none()) {
            gone.entry(&change.feature).or_default().push(change.seat);
        }
        // A statement a kind: there are few kinds.
        for (feature, seats) in gone {
            for seats in portions(&seats) {
                let mut binds = Binds::default();
                let sql = format!(
                    "DELETE FROM seat_feature AS sf WHERE {{sf}} AND sf.feature = {} AND sf.seat_id IN {}",
                    binds.one(feature),
                    binds.ids(seats)
                );
                self.execute(&sql, &[HAS], binds.into_values()).await.map_err(fail)?;
            }
        }
        Ok(())
    }
}
