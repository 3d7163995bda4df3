//! Assessments, their ratings, evidence and conclusions.

use std::fmt::Write as _;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, EntityTrait as _, FromQueryResult as _, PaginatorTrait, QueryFilter, QueryResult, QuerySelect, Set,
    TryInsertResult, Value,
};
use uuid::Uuid;
use voxpark_domain::ids::{AssessmentId, EvidenceId, FileId, Id, TenantId};
use voxpark_domain::maturity::{
    Assessment, Attached, ClauseRating, Conclusion, Evidence, EvidenceFile, EvidenceKey, Listed, Rating, Standing,
    State, Store,
};
use voxpark_domain::page::{Page, PageRequest, cursor_invalid};
use voxpark_domain::platform::FileState;
use voxpark_domain::time::Period;
use voxpark_domain::{Ctx, Error, Result};

use crate::db::{Slot, Tx, fail};
use crate::entity::{assessment, assessment_result, assessor_rating, evidence, self_rating};
use crate::repo::{broken, get};

/// What is known of an assessment, with `$1` the calling user. The tenant keeps draft, submitted and withdrawn; the rest
/// of the state shows in the conclusion and in the caller's own ratings.
const ASSESSMENT: &str =
    "SELECT a.tenant_id, a.assessment_id, a.framework, a.framework_sha256, a.title, a.cycle, a.state, a.assessed_on,
 a.created_at, a.submitted_at, t.operating_since, r.level, r.total, r.concluded_at,
 COALESCE((SELECT p.level FROM assessment_result p WHERE {p} AND p.park_id = a.park_id AND p.tenant_id = a.tenant_id
  AND p.framework = a.framework AND (r.concluded_at IS NULL OR p.concluded_at < r.concluded_at)
  ORDER BY p.concluded_at DESC LIMIT 1), 0) AS previous_level,
 CAST(CASE WHEN EXISTS (SELECT 1 FROM assessor_rating x WHERE {x} AND x.park_id = a.park_id AND x.tenant_id = a.tenant_id
  AND x.assessment_id = a.assessment_id AND x.assessor_id = $1) THEN 1 ELSE 0 END AS bigint) AS begun,
 COUNT(*) OVER (PARTITION BY a.tenant_id) AS of_tenant
 FROM assessment a
 JOIN tenant t ON t.park_id = a.park_id AND t.tenant_id = a.tenant_id AND {t}
 LEFT JOIN assessment_result r ON r.park_id = a.park_id AND r.tenant_id = a.tenant_id
  AND r.assessment_id = a.assessment_id AND {r}
 WHERE {a}";

const SLOTS: &[Slot] = &[
    Slot("a", "assessment"),
    Slot("t", "tenant"),
    Slot("r", "assessment_result"),
    Slot("p", "assessment_result"),
    Slot("x", "assessor_rating"),
];

/// The calling user; nobody has the nil id.
fn caller(ctx: &Ctx) -> Uuid {
    ctx.actor().user.map_or(Uuid::nil(), Id::uuid)
}

fn uuids<I: Id>(ids: &[I]) -> impl Iterator<Item = Uuid> + '_ {
    ids.iter().map(|id| id.uuid())
}

/// `$n, $n+1, ...` for ids that are added to the values.
fn listed<I: Id>(values: &mut Vec<Value>, ids: &[I]) -> String {
    let mut text = String::new();
    for id in uuids(ids) {
        values.push(id.into());
        let _ = write!(text, "{}${}", if text.is_empty() { "" } else { ", " }, values.len());
    }
    text
}

/// One past the page, so that it is known whether more follows.
fn limit(page: &PageRequest) -> i64 {
    i64::from(page.first) + 1
}

fn after<T>(page: &PageRequest, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    page.after.as_deref().map(|text| parse(text).ok_or_else(|| cursor_invalid().into())).transpose()
}

pub(super) fn small<T: TryFrom<i64>>(value: i64) -> Result<T> {
    T::try_from(value).map_err(|_| broken("number", &value.to_string()))
}

fn rating(points: i64) -> Result<Rating> {
    Rating::from_points(small(points)?).ok_or_else(|| broken("rating", &points.to_string()))
}

fn to_rating(assessment: Uuid, clause: i64, c: i64, f: i64, note: String) -> Result<(AssessmentId, ClauseRating)> {
    let rating = ClauseRating { clause: small(clause)?, c: rating(c)?, f: rating(f)?, note };
    Ok((AssessmentId::from_uuid(assessment), rating))
}

fn to_assessment(row: &QueryResult) -> Result<Assessment> {
    let name: String = get(row, "state")?;
    let stored = State::from_name(&name).ok_or_else(|| broken("assessment state", &name))?;
    let concluded_at: Option<DateTime<Utc>> = get(row, "concluded_at")?;
    let conclusion = match concluded_at {
        None => None,
        Some(at) => Some(Conclusion { level: small(get(row, "level")?)?, total: small(get(row, "total")?)?, at }),
    };
    let begun = get::<i64>(row, "begun")? > 0;
    let state = match stored {
        State::Submitted if conclusion.is_some() => State::Assessed,
        State::Submitted if begun => State::UnderAssessment,
        other => other,
    };
    Ok(Assessment {
        id: AssessmentId::from_uuid(get(row, "assessment_id")?),
        tenant: TenantId::from_uuid(get(row, "tenant_id")?),
        framework: get(row, "framework")?,
        fingerprint: get(row, "framework_sha256")?,
        title: get(row, "title")?,
        cycle: get(row, "cycle")?,
        state,
        assessed_on: get::<NaiveDate>(row, "assessed_on")?,
        operating_since: get::<NaiveDate>(row, "operating_since")?,
        previous_level: small(get(row, "previous_level")?)?,
        created_at: get(row, "created_at")?,
        submitted_at: get(row, "submitted_at")?,
        conclusion,
    })
}

fn to_attached(row: evidence::Model) -> Result<Attached> {
    let sha256 = row.file_sha256.try_into().map_err(|_| Error::internal("a hash in the database is not 32 bytes"))?;
    Ok(Attached {
        id: EvidenceId::from_uuid(row.evidence_id),
        assessment: AssessmentId::from_uuid(row.assessment_id),
        evidence: Evidence {
            clause: small(row.clause)?,
            title: row.title,
            covers: Period { from: row.covers_from, to: row.covers_to },
        },
        file: EvidenceFile {
            id: FileId::from_uuid(row.file_id),
            sha256,
            bytes: row.file_bytes,
            name: row.file_name,
            media_type: row.media_type,
            state: FileState::from_name(&row.file_state).ok_or_else(|| broken("file state", &row.file_state))?,
        },
    })
}

/// A row of a list below a parent: the parent, how many the list has, the key to continue from, the item.
struct Below<P, T>(P, i64, String, T);

/// Folds rows that are ordered by parent into a page a parent.
fn pages<P: Id, T>(request: &PageRequest, rows: Vec<Below<P, T>>) -> Vec<(P, Listed<T>)> {
    let mut folded = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while let Some(Below(parent, total, key, item)) = rows.next() {
        let mut items = vec![(key, item)];
        while let Some(Below(_, _, key, item)) = rows.next_if(|next| next.0 == parent) {
            items.push((key, item));
        }
        folded.push((parent, Listed { page: Page::from_rows(request, items), total: Some(total) }));
    }
    folded
}

#[async_trait]
impl Store for Tx {
    async fn assessment_add(&self, new: &Assessment) -> Result<bool> {
        use assessment::Column as C;
        let row = assessment::ActiveModel {
            park_id: Set(self.park_id()?),
            tenant_id: Set(self.tenant_id()?),
            assessment_id: Set(new.id.uuid()),
            framework: Set(new.framework.clone()),
            framework_sha256: Set(new.fingerprint.clone()),
            title: Set(new.title.clone()),
            cycle: Set(new.cycle.clone()),
            state: Set(new.state.name().to_owned()),
            assessed_on: Set(new.assessed_on),
            created_at: Set(new.created_at),
            submitted_at: Set(new.submitted_at),
        };
        // The key holds for those that were not taken back.
        let one_a_cycle = OnConflict::columns([C::ParkId, C::TenantId, C::Framework, C::Cycle])
            .target_and_where(Expr::cust("state <> 'withdrawn'"))
            .do_nothing()
            .to_owned();
        let insert = assessment::Entity::insert(row).on_conflict(one_a_cycle);
        Ok(insert.exec_without_returning(self.conn()).await.map_err(fail)? == 1)
    }

    async fn assessment_lock(&self, id: AssessmentId) -> Result<()> {
        // SQLite has one writer at a time.
        if self.postgres() {
            self.select::<assessment::Entity>()?
                .filter(assessment::Column::AssessmentId.eq(id.uuid()))
                .lock(LockType::Update)
                .one(self.conn())
                .await
                .map_err(fail)?;
        }
        Ok(())
    }

    async fn assessments(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Assessment>> {
        let mut values: Vec<Value> = vec![caller(ctx).into(), limit(page).into()];
        let mut sql = ASSESSMENT.to_owned();
        if let Some(last) = after(page, |text| text.parse::<AssessmentId>().ok())? {
            values.push(last.uuid().into());
            sql.push_str(" AND a.assessment_id < $3");
        }
        sql.push_str(" ORDER BY a.assessment_id DESC LIMIT $2");
        let rows = self.query(&sql, SLOTS, values).await?;
        let items = rows.iter().map(to_assessment).collect::<Result<Vec<_>>>()?;
        Ok(Page::from_rows(page, items.into_iter().map(|a| (a.id.to_string(), a)).collect()))
    }

    async fn assessments_count(&self, of: Option<TenantId>) -> Result<i64> {
        let mut select = self.select::<assessment::Entity>()?;
        if let Some(tenant) = of {
            select = select.filter(assessment::Column::TenantId.eq(tenant.uuid()));
        }
        small(i64::try_from(select.count(self.conn()).await.map_err(fail)?).map_err(Error::internal)?)
    }

    async fn assessments_by_id(&self, ctx: &Ctx, ids: &[AssessmentId]) -> Result<Vec<Assessment>> {
        let mut values: Vec<Value> = vec![caller(ctx).into()];
        let list = listed(&mut values, ids);
        let rows = self.query(&format!("{ASSESSMENT} AND a.assessment_id IN ({list})"), SLOTS, values).await?;
        rows.iter().map(to_assessment).collect()
    }

    async fn assessments_of(
        &self,
        ctx: &Ctx,
        tenants: &[TenantId],
        page: &PageRequest,
    ) -> Result<Vec<(TenantId, Listed<Assessment>)>> {
        let mut values: Vec<Value> = vec![caller(ctx).into(), limit(page).into()];
        let list = listed(&mut values, tenants);
        let mut behind = String::new();
        if let Some(last) = after(page, |text| text.parse::<AssessmentId>().ok())? {
            values.push(last.uuid().into());
            let _ = write!(behind, "WHERE v.assessment_id < ${}", values.len());
        }
        let sql = format!(
            "SELECT w.* FROM (SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.tenant_id ORDER BY v.assessment_id DESC) AS pos
             FROM ({ASSESSMENT} AND a.tenant_id IN ({list})) v {behind}) w WHERE w.pos <= $2 ORDER BY w.tenant_id, w.pos"
        );
        let rows = self.query(&sql, SLOTS, values).await?;
        let item = |row: &QueryResult| {
            let a = to_assessment(row)?;
            Ok(Below(a.tenant, get(row, "of_tenant")?, a.id.to_string(), a))
        };
        Ok(pages(page, rows.iter().map(item).collect::<Result<_>>()?))
    }

    async fn assessment_turn(&self, id: AssessmentId, to: State, submitted_at: Option<DateTime<Utc>>) -> Result<()> {
        self.update::<assessment::Entity>()?
            .col_expr(assessment::Column::State, Expr::value(to.name()))
            .col_expr(assessment::Column::SubmittedAt, Expr::value(submitted_at))
            .filter(assessment::Column::AssessmentId.eq(id.uuid()))
            .exec(self.conn())
            .await
            .map_err(fail)?;
        self.update::<self_rating::Entity>()?
            .col_expr(self_rating::Column::SubmittedAt, Expr::value(submitted_at))
            .filter(self_rating::Column::AssessmentId.eq(id.uuid()))
            .exec(self.conn())
            .await
            .map_err(fail)?;
        self.update::<evidence::Entity>()?
            .col_expr(evidence::Column::SubmittedAt, Expr::value(submitted_at))
            .filter(evidence::Column::AssessmentId.eq(id.uuid()))
            .exec(self.conn())
            .await
            .map_err(fail)?;
        Ok(())
    }

    async fn self_ratings_put(&self, ctx: &Ctx, of: &Assessment, ratings: &[ClauseRating]) -> Result<()> {
        use self_rating::Column as C;
        let (park, tenant) = (self.park_id()?, self.tenant_id()?);
        let rows = ratings.iter().map(|r| self_rating::ActiveModel {
            park_id: Set(park),
            tenant_id: Set(tenant),
            assessment_id: Set(of.id.uuid()),
            clause: Set(i64::from(r.clause)),
            c_rate: Set(i64::from(r.c.points())),
            f_rate: Set(i64::from(r.f.points())),
            note: Set(r.note.clone()),
            rated_at: Set(ctx.now()),
            rated_by: Set(ctx.actor().user.map(Id::uuid)),
            submitted_at: Set(None),
        });
        if ratings.is_empty() {
            return Ok(());
        }
        let replace = OnConflict::columns([C::ParkId, C::TenantId, C::AssessmentId, C::Clause])
            .update_columns([C::CRate, C::FRate, C::Note, C::RatedAt, C::RatedBy])
            .to_owned();
        self_rating::Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.conn())
            .await
            .map_err(fail)?;
        Ok(())
    }

    async fn self_ratings(&self, of: &[AssessmentId]) -> Result<Vec<(AssessmentId, ClauseRating)>> {
        let rows = self
            .select::<self_rating::Entity>()?
            .filter(self_rating::Column::AssessmentId.is_in(uuids(of)))
            .all(self.conn())
            .await
            .map_err(fail)?;
        rows.into_iter().map(|r| to_rating(r.assessment_id, r.clause, r.c_rate, r.f_rate, r.note)).collect()
    }

    async fn assessor_ratings_put(&self, ctx: &Ctx, of: &Assessment, ratings: &[ClauseRating]) -> Result<bool> {
        use assessor_rating::Column as C;
        let park = self.park_id()?;
        let rows = ratings.iter().map(|r| assessor_rating::ActiveModel {
            park_id: Set(park),
            tenant_id: Set(of.tenant.uuid()),
            assessment_id: Set(of.id.uuid()),
            clause: Set(i64::from(r.clause)),
            assessor_id: Set(caller(ctx)),
            c_rate: Set(i64::from(r.c.points())),
            f_rate: Set(i64::from(r.f.points())),
            note: Set(r.note.clone()),
            rated_at: Set(ctx.now()),
            concluded_at: Set(None),
        });
        if ratings.is_empty() {
            return Ok(true);
        }
        // Ratings of a conclusion stay as they are, even when this was begun before it.
        let replace = OnConflict::columns([C::ParkId, C::TenantId, C::AssessmentId, C::Clause, C::AssessorId])
            .update_columns([C::CRate, C::FRate, C::Note, C::RatedAt])
            .action_and_where(Expr::col((assessor_rating::Entity, C::ConcludedAt)).is_null())
            .to_owned();
        let written = assessor_rating::Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.conn())
            .await
            .map_err(fail)?;
        Ok(usize::try_from(written).is_ok_and(|n| n == ratings.len()))
    }

    async fn assessor_ratings(&self, ctx: &Ctx, of: &[AssessmentId]) -> Result<Vec<(AssessmentId, ClauseRating)>> {
        use assessor_rating::Column as C;
        let mut select = self.select::<assessor_rating::Entity>()?.filter(C::AssessmentId.is_in(uuids(of)));
        // Assessors rate blind to one another; the tenant sees what the conclusion rests on.
        select = if ctx.tenant().is_ok() {
            select.filter(C::ConcludedAt.is_not_null())
        } else {
            select.filter(C::AssessorId.eq(caller(ctx)))
        };
        let rows = select.all(self.conn()).await.map_err(fail)?;
        rows.into_iter().map(|r| to_rating(r.assessment_id, r.clause, r.c_rate, r.f_rate, r.note)).collect()
    }

    async fn assessor_ratings_close(&self, ctx: &Ctx, of: &Assessment) -> Result<()> {
        use assessor_rating::Column as C;
        self.update::<assessor_rating::Entity>()?
            .col_expr(C::ConcludedAt, Expr::value(ctx.now()))
            .filter(C::AssessmentId.eq(of.id.uuid()))
            .filter(C::AssessorId.eq(caller(ctx)))
            .exec(self.conn())
            .await
            .map_err(fail)?;
        Ok(())
    }

    async fn conclusion_add(&self, ctx: &Ctx, of: &Assessment, conclusion: Conclusion) -> Result<bool> {
        let row = assessment_result::ActiveModel {
            park_id: Set(self.park_id()?),
            tenant_id: Set(of.tenant.uuid()),
            assessment_id: Set(of.id.uuid()),
            assessor_id: Set(caller(ctx)),
            framework: Set(of.framework.clone()),
            level: Set(i64::from(conclusion.level)),
            total: Set(i64::from(conclusion.total)),
            concluded_at: Set(conclusion.at),
        };
        let insert = assessment_result::Entity::insert(row).on_conflict_do_nothing();
        let done = insert.exec_without_returning(self.conn()).await.map_err(fail)?;
        Ok(matches!(done, TryInsertResult::Inserted(1)))
    }

    async fn standings(&self, of: Option<&[TenantId]>) -> Result<Vec<Standing>> {
        let mut select = self.select::<assessment_result::Entity>()?;
        if let Some(tenants) = of {
            select = select.filter(assessment_result::Column::TenantId.is_in(uuids(tenants)));
        }
        let standing = |row: assessment_result::Model| {
            Ok(Standing {
                tenant: TenantId::from_uuid(row.tenant_id),
                assessment: AssessmentId::from_uuid(row.assessment_id),
                conclusion: Conclusion { level: small(row.level)?, total: small(row.total)?, at: row.concluded_at },
            })
        };
        select.all(self.conn()).await.map_err(fail)?.into_iter().map(standing).collect()
    }

    async fn evidence_add(&self, ctx: &Ctx, new: &Attached) -> Result<()> {
        let row = evidence::ActiveModel {
            park_id: Set(self.park_id()?),
            tenant_id: Set(self.tenant_id()?),
            assessment_id: Set(new.assessment.uuid()),
            evidence_id: Set(new.id.uuid()),
            clause: Set(i64::from(new.evidence.clause)),
            title: Set(new.evidence.title.clone()),
            file_id: Set(new.file.id.uuid()),
            file_name: Set(new.file.name.clone()),
            media_type: Set(new.file.media_type.clone()),
            file_sha256: Set(new.file.sha256.to_vec()),
            file_bytes: Set(new.file.bytes),
            covers_from: Set(new.evidence.covers.from),
            covers_to: Set(new.evidence.covers.to),
            recorded_at: Set(ctx.now()),
            recorded_by: Set(ctx.actor().user.map(Id::uuid)),
            submitted_at: Set(None),
            file_state: Set(new.file.state.name().to_owned()),
        };
        self.insert(row).await.map_err(fail)
    }

    async fn evidence_by_id(&self, ids: &[EvidenceId]) -> Result<Vec<Attached>> {
        let rows = self
            .select::<evidence::Entity>()?
            .filter(evidence::Column::EvidenceId.is_in(uuids(ids)))
            .all(self.conn())
            .await
            .map_err(fail)?;
        rows.into_iter().map(to_attached).collect()
    }

    async fn evidence_of(
        &self,
        assessments: &[AssessmentId],
        clause: Option<u16>,
        page: &PageRequest,
    ) -> Result<Vec<(AssessmentId, Listed<Attached>)>> {
        let mut values: Vec<Value> = vec![limit(page).into()];
        let list = listed(&mut values, assessments);
        let (mut wanted, mut behind) = (String::new(), String::new());
        if let Some(clause) = clause {
            values.push(i64::from(clause).into());
            let _ = write!(wanted, "AND e.clause = ${}", values.len());
        }
        if let Some(last) = after(page, EvidenceKey::parse)? {
            values.push(i64::from(last.clause).into());
            values.push(last.id.uuid().into());
            let n = values.len();
            let _ = write!(behind, "WHERE (v.clause, v.evidence_id) > (${}, ${n})", n - 1);
        }
        let sql = format!(
            "SELECT w.* FROM (SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.assessment_id ORDER BY v.clause, v.evidence_id) AS pos
             FROM (SELECT e.*, COUNT(*) OVER (PARTITION BY e.assessment_id) AS of_assessment FROM evidence e
              WHERE {{e}} AND e.assessment_id IN ({list}) {wanted}) v {behind}) w
             WHERE w.pos <= $1 ORDER BY w.assessment_id, w.pos"
        );
        let rows = self.query(&sql, &[Slot("e", "evidence")], values).await?;
        let item = |row: &QueryResult| {
            let a = to_attached(evidence::Model::from_query_result(row, "").map_err(fail)?)?;
            let key = EvidenceKey { clause: a.evidence.clause, id: a.id };
            Ok(Below(a.assessment, get(row, "of_assessment")?, key.to_string(), a))
        };
        Ok(pages(page, rows.iter().map(item).collect::<Result<_>>()?))
    }

    async fn evidence_counts(&self, of: &[AssessmentId]) -> Result<Vec<(AssessmentId, u16, i64)>> {
        let mut values = Vec::new();
        let list = listed(&mut values, of);
        let sql = format!(
            "SELECT e.assessment_id, e.clause, COUNT(*) AS pieces FROM evidence e
             WHERE {{e}} AND e.assessment_id IN ({list}) GROUP BY e.assessment_id, e.clause"
        );
        let rows = self.query(&sql, &[Slot("e", "evidence")], values).await?;
        let count = |row: &QueryResult| {
            let id = AssessmentId::from_uuid(get(row, "assessment_id")?);
            Ok((id, small(get::<i64>(row, "clause")?)?, get(row, "pieces")?))
        };
        rows.iter().map(count).collect()
    }
}
