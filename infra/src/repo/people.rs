//! Teams and people. Names are sealed on their way in and opened on their way out.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, EntityTrait as _, FromQueryResult as _, QueryFilter, QueryOrder, QueryResult, QuerySelect, Set,
};
use uuid::Uuid;
use voxpark_domain::Result;
use voxpark_domain::ids::{Id, PersonId, TeamId};
use voxpark_domain::page::{Page, PageRequest, Sort};
use voxpark_domain::people::{InUse, MAX_TEAMS, Person, PersonFilter, PersonName, PersonSort, Store, Team};

use crate::db::{Slot, Tx, fail, violated};
use crate::entity::{person, team};
use crate::repo::binds::Binds;
use crate::repo::estate::covers;
use crate::repo::sorted::{Key, Sorted};
use crate::repo::{NEVER, get, places};
use crate::secrets::SystemRandom;

/// What a sealed name is bound to.
fn context(id: Uuid) -> Vec<u8> {
    [b"person/".as_slice(), id.as_bytes()].concat()
}

fn to_team(row: team::Model) -> Team {
    Team { id: TeamId::from_uuid(row.team_id), code: row.code, name: row.name }
}

/// The condition on `person p`.
fn matches(filter: &PersonFilter, binds: &mut Binds) -> String {
    let mut all = vec!["1 = 1".to_owned()];
    if let Some(team) = filter.team {
        all.push(format!("p.team_id = {}", binds.one(team.uuid())));
    }
    if let Some(on) = filter.on {
        all.push(covers("p.joined_on", "p.left_on", &binds.one(on)));
    }
    if let Some(prefix) = &filter.employee_no_prefix {
        // LIKE would need escapes and ignores case on one of the two databases.
        let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
        all.push(format!("substr(p.employee_no, 1, {}) = {}", binds.one(length), binds.one(prefix.as_str())));
    }
    all.join(" AND ")
}

impl Tx {
    fn to_person(&self, row: person::Model) -> Result<Person> {
        Ok(Person {
            id: PersonId::from_uuid(row.person_id),
            name: PersonName::new(self.keys().open(&context(row.person_id), &row.name_sealed)?),
            employee_no: row.employee_no,
            position: row.position,
            team: row.team_id.map(TeamId::from_uuid),
            joined_on: row.joined_on,
            left_on: row.left_on,
        })
    }
    fn to_people(&self, rows: Vec<person::Model>) -> Result<Vec<Person>> {
        rows.into_iter().map(|r| self.to_person(r)).collect()
    }
}

#[async_trait]
impl Store for Tx {
    async fn teams(&self) -> Result<Vec<Team>> {
        let select = self.select::<team::Entity>()?.order_by_asc(team::Column::Code).limit(MAX_TEAMS as u64);
        Ok(select.all(self.conn()).await.map_err(fail)?.into_iter().map(to_team).collect())
    }

    async fn teams_by_id(&self, ids: &[TeamId]) -> Result<Vec<Team>> {
        let select = self.select::<team::Entity>()?.filter(team::Column::TeamId.is_in(ids.iter().map(|t| t.uuid())));
        Ok(select.all(self.conn()).await.map_err(fail)?.into_iter().map(to_team).collect())
    }

    async fn teams_add(&self, teams: &[Team]) -> Result<bool> {
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let rows = teams.iter().map(|t| team::ActiveModel {
            park_id: Set(park),
            tenant_id: Set(tenant),
            team_id: Set(t.id.uuid()),
            code: Set(t.code.clone()),
            name: Set(t.name.clone()),
        });
        match team::Entity::insert_many(rows).exec_without_returning(self.conn()).await {
            Ok(_) => Ok(true),
            Err(e) if violated(&e).is_some_and(|c| c.contains("team_code") || c.contains("team.code")) => Ok(false),
            Err(e) => Err(fail(e)),
        }
    }

    async fn people(&self, filter: &PersonFilter, sort: Sort<PersonSort>, page: &PageRequest) -> Result<Page<Person>> {
        let mut binds = Binds::default();
        let matching = matches(filter, &mut binds);
        let number = Key::text("p.employee_no");
        let first = match sort.by {
            PersonSort::EmployeeNo => None,
            PersonSort::Position => Some(Key::text("p.position")),
            PersonSort::JoinedOn => Some(Key::day("p.joined_on")),
            PersonSort::LeftOn => Some(Key::Day(format!("COALESCE(p.left_on, {})", binds.one(NEVER)))),
        };
        let list = Sorted::new(sort, first.into_iter().chain([number]).collect());
        let sql = list.sql("p.*", &format!("FROM person p WHERE {{p}} AND {matching}"), page, &mut binds)?;
        let rows = self.query(&sql, &[Slot("p", "person")], binds.into_values()).await?;
        let row = |row: &QueryResult| {
            Ok((list.cursor(row)?, self.to_person(person::Model::from_query_result(row, "").map_err(fail)?)?))
        };
        Ok(Page::from_rows(page, rows.iter().map(row).collect::<Result<_>>()?))
    }

    async fn people_count(&self, filter: &PersonFilter) -> Result<i64> {
        let mut binds = Binds::default();
        let sql = format!("SELECT COUNT(*) AS n FROM person p WHERE {{p}} AND {}", matches(filter, &mut binds));
        let row = self.query_one(&sql, &[Slot("p", "person")], binds.into_values()).await?;
        row.map_or(Ok(0), |row| get(&row, "n"))
    }

    async fn people_by_id(&self, ids: &[PersonId]) -> Result<Vec<Person>> {
        let select =
            self.select::<person::Entity>()?.filter(person::Column::PersonId.is_in(ids.iter().map(|p| p.uuid())));
        self.to_people(select.all(self.conn()).await.map_err(fail)?)
    }

    async fn people_by_employee_no(&self, numbers: &[&str]) -> Result<Vec<Person>> {
        let select = self.select::<person::Entity>()?.filter(person::Column::EmployeeNo.is_in(numbers.iter().copied()));
        self.to_people(select.all(self.conn()).await.map_err(fail)?)
    }

    async fn people_in_use(&self, ids: &[PersonId]) -> Result<Vec<(PersonId, InUse)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let list = places(1, ids.len());
        let sql = format!(
            "SELECT u.person_id, MIN(u.first_day) AS first_day, MAX(u.last_day) AS last_day, MAX(u.ended) AS ended FROM
              (SELECT r.person_id, r.day AS first_day, r.day AS last_day, NULL AS ended FROM roster_entry r
               WHERE {{r}} AND r.person_id IN ({list})
               UNION ALL
               SELECT o.person_id, o.sat_from, o.sat_from, CASE WHEN o.sat_to < o.held_to THEN o.sat_to END FROM occupancy o
               WHERE {{o}} AND o.person_id IN ({list})) u
             GROUP BY u.person_id"
        );
        let slots = [Slot("r", "roster_entry"), Slot("o", "occupancy")];
        let rows = self.query(&sql, &slots, ids.iter().map(|p| p.uuid().into()).collect()).await?;
        rows.iter()
            .map(|row| {
                let last: NaiveDate = get(row, "last_day")?;
                let after = last.succ_opt().unwrap_or(last);
                let to = get::<Option<NaiveDate>>(row, "ended")?.map_or(after, |end| end.max(after));
                Ok((PersonId::from_uuid(get(row, "person_id")?), InUse { from: get(row, "first_day")?, to }))
            })
            .collect()
    }

    async fn people_save(&self, people: &[Person], now: DateTime<Utc>) -> Result<bool> {
        use person::Column as C;
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let row = |p: &Person| {
            let id = p.id.uuid();
            Ok(person::ActiveModel {
                park_id: Set(park),
                tenant_id: Set(tenant),
                person_id: Set(id),
                employee_no: Set(p.employee_no.clone()),
                name_sealed: Set(self.keys().seal(&SystemRandom, &context(id), p.name.reveal())?),
                position: Set(p.position.clone()),
                team_id: Set(p.team.map(Id::uuid)),
                joined_on: Set(p.joined_on),
                left_on: Set(p.left_on),
                recorded_at: Set(now),
            })
        };
        let rows = people.iter().map(row).collect::<Result<Vec<_>>>()?;
        let known = OnConflict::columns([C::ParkId, C::TenantId, C::PersonId])
            .update_columns([C::NameSealed, C::Position, C::TeamId, C::JoinedOn, C::LeftOn, C::RecordedAt])
            .to_owned();
        match person::Entity::insert_many(rows).on_conflict(known).exec_without_returning(self.conn()).await {
            Ok(_) => Ok(true),
            Err(e) if violated(&e).is_some_and(|c| c.contains("employee_no")) => Ok(false),
            Err(e) => Err(fail(e)),
        }
    }

    async fn people_seats_end(&self, ids: &[PersonId], now: DateTime<Utc>) -> Result<u64> {
        self.tell_seats()?;
        let last = "SELECT p.left_on FROM person p
              WHERE {p} AND p.park_id = o.park_id AND p.tenant_id = o.tenant_id AND p.person_id = o.person_id";
        let mut binds = Binds::default();
        let sql = format!(
            "UPDATE occupancy AS o SET sat_to = ({last}), recorded_at = {}
             WHERE {{o}} AND o.sat_to = o.held_to AND o.sat_to > ({last}) AND o.person_id IN {}",
            binds.one(now),
            binds.ids(ids)
        );
        let slots = [Slot("p", "person"), Slot("o", "occupancy")];
        self.execute(&sql, &slots, binds.into_values()).await.map_err(fail)
    }
}
