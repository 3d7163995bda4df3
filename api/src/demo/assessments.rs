//! Self-assessments, and what the assessor made of them.

use chrono::Days;
use chrono_tz::Asia::Shanghai;
use serde_json::{Value, json};
use voxpark_domain::Result;

use super::cast::CENTRES;
use super::client::Client;
use super::dice::Dice;
use super::story::{at, day};

/// Ratings that reach a level: the first `c` clauses conform, the first `f` are carried through, the rest partly.
fn ratings(c: i64, f: i64, innovation: bool) -> Vec<Value> {
    let rate = |n: i64| {
        let wanted = |limit: i64| {
            if n <= 148 {
                if (n * 35) % 148 < limit { 10 } else { 5 }
            } else if innovation {
                5
            } else {
                0
            }
        };
        json!({ "clause": n, "c": wanted(c), "f": wanted(f), "note": "" })
    };
    (1..=168).map(rate).collect()
}

/// Grants, self-assessments and conclusions.
pub(super) async fn assessments(client: &mut Client<'_>, tenants: &[String], dice: &mut Dice) -> Result<()> {
    let tenant = |code: &str| {
        CENTRES.iter().position(|c| c.code == code).and_then(|n| tenants.get(n)).cloned().unwrap_or_default()
    };
    client.clock.set(at(day("2025-11-03"), 9));
    for code in ["HUAXIN", "YUNLING"] {
        let input = json!({ "assessorEmail": "assessor@demo.voxpark", "role": "ASSESSOR", "tenantId": tenant(code),
            "purpose": "呼叫中心能力成熟度评估", "validFrom": "2025-11-03", "validTo": "2026-11-03" });
        client.done("park", "grantCreate", "", input).await?;
        let input = json!({ "assessorEmail": "assessor@demo.voxpark", "role": "ASSESSOR", "tenantId": tenant(code),
            "purpose": "呼叫中心能力成熟度评估", "validFrom": "2026-11-03", "validTo": "2027-11-03" });
        client.done("park", "grantCreate", "", input).await?;
    }
    let input = json!({ "assessorEmail": "officer@demo.voxpark", "role": "STATISTICS_OFFICER", "purpose": "服务外包年度统计",
        "validFrom": "2026-01-01", "validTo": "2027-01-01" });
    client.done("park", "grantCreate", "", input).await?;
    declare(client, "assessor").await?;
    // The bank desk climbed to L1 a year ago and to L2 this autumn.
    assess(client, "huaxin", "2025", "2025-11-20", Some("2025-12-12"), ratings(124, 96, true), ratings(120, 92, true))
        .await?;
    assess(
        client,
        "huaxin",
        "2026",
        "2026-09-15",
        Some("2026-10-30"),
        ratings(142, 118, true),
        ratings(137, 108, true),
    )
    .await?;
    // The hotline has handed in and waits; the telesales centre is half way through its own.
    assess(client, "yunling", "2026", "2026-11-10", None, ratings(122, 94, true), Vec::new()).await?;
    client.clock.set(at(day("2026-11-12"), 16));
    declare(client, "assessor").await?;
    declare(client, "officer").await?;
    let id = draft(client, "yuanshan", "2026").await?;
    let some: Vec<Value> = ratings(90, 60, false).into_iter().take(96).filter(|_| dice.happens(0.95)).collect();
    client.done("yuanshan", "assessmentRate", "", json!({ "assessmentId": id, "ratings": some })).await.map(drop)
}

/// Somebody declares under the grants that are in force and were not declared under: no interests.
async fn declare(client: &mut Client<'_>, who: &str) -> Result<()> {
    let held = client.query(who, "{ viewer { grants { id statement asOf declaredAt } } }", Value::Null).await?;
    for grant in held["viewer"]["grants"].as_array().into_iter().flatten().filter(|g| g["declaredAt"].is_null()) {
        let input =
            json!({ "grantId": grant["id"], "statement": grant["statement"], "asOf": grant["asOf"], "interests": [] });
        let declare = "mutation($input: GrantDeclareInput!) { grantDeclare(input: $input) { userErrors { rule } } }";
        client.query(who, declare, json!({ "input": input })).await?;
    }
    Ok(())
}

async fn draft(client: &mut Client<'_>, who: &str, cycle: &str) -> Result<Value> {
    let input = json!({ "framework": "cc-cmm-oc-2011", "title": format!("{cycle} 年度自评"), "cycle": cycle,
        "assessedOn": client.app.env().now().with_timezone(&Shanghai).date_naive().to_string() });
    let made = client.done(who, "assessmentCreate", "assessment { id }", input).await?;
    Ok(made["assessment"]["id"].clone())
}

async fn assess(
    client: &mut Client<'_>,
    who: &str,
    cycle: &str,
    on: &str,
    concluded: Option<&str>,
    own: Vec<Value>,
    theirs: Vec<Value>,
) -> Result<()> {
    client.clock.set(at(day(on), 9));
    let id = draft(client, who, cycle).await?;
    client.done(who, "assessmentRate", "", json!({ "assessmentId": id, "ratings": own })).await?;
    for (clause, title) in [
        (27, "保密协议签署与年度复核记录"),
        (49, "质检校准会议纪要"),
        (54, "缺勤季度分析"),
        (101, "核心系统可用率报告"),
        (126, "月度指标对标与整改"),
    ] {
        let text = format!("{title}\n\n{cycle} 年度,{who}。本文件为演示数据。\n");
        let file = client.upload(who, &format!("{title}.txt"), "text/plain; charset=utf-8", text.as_bytes()).await?;
        let from = day(on) - Days::new(365);
        let input = json!({ "assessmentId": id, "clause": clause, "title": title, "fileId": file, "coversFrom": from.to_string(), "coversTo": on });
        client.done(who, "evidenceAttach", "", input).await?;
    }
    client.clock.set(at(day(on), 17));
    client.done(who, "assessmentSubmit", "", json!({ "assessmentId": id })).await?;
    if let Some(end) = concluded {
        client.clock.set(at(day(end), 11));
        client.done("assessor", "assessmentRate", "", json!({ "assessmentId": id, "ratings": theirs })).await?;
        client.done("assessor", "assessmentConclude", "", json!({ "assessmentId": id })).await?;
    }
    Ok(())
}
