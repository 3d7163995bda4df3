//! Whom the park courts: leads in every state, visits, quotes.

use serde_json::{Value, json};
use voxpark_domain::{Error, Result};

use super::client::Client;
use super::story::{at, day};

/// A company that may become a tenant, as it is entered.
struct Courted {
    on: &'static str,
    facts: fn(&[Value], &Value) -> Value,
    /// Day and minute of a visit that took place.
    visit: Option<(&'static str, i32)>,
}

const COURTED: &[Courted] = &[
    Courted {
        on: "2026-10-13",
        facts: |staff, _| {
            json!({ "name": "快运通客服", "nameEn": "Kuaiyun Express Support", "source": "AGENT", "seats": 75, "product": "FURNISHED",
            "contactName": "许经理", "contactPhone": "0871-6500-0001", "ownerId": staff[0] })
        },
        visit: None,
    },
    Courted {
        on: "2026-10-20",
        facts: |staff, _| {
            json!({ "name": "星辰保险服务", "nameEn": "Xingchen Insurance Services", "creditCode": "91530111MA6K1A2B3X", "source": "EVENT",
            "seats": 80, "product": "EQUIPPED", "wantedFrom": "2027-03-01", "business": "车险续保与理赔回访", "contactName": "何女士",
            "contactPhone": "138-0000-0002", "contactMail": "he@example.test", "ownerId": staff[0], "nextStep": "报价快到期，再打一次电话", "nextOn": "2026-11-23" })
        },
        visit: Some(("2026-11-05", 600)),
    },
    Courted {
        on: "2026-10-28",
        facts: |staff, _| {
            json!({ "name": "中汇信用卡中心", "nameEn": "Zhonghui Card Centre", "source": "GOVERNMENT", "seats": 120, "product": "EQUIPPED",
            "wantedFrom": "2027-06-01", "business": "信用卡客服", "contactName": "罗主任", "contactPhone": "138-0000-0003", "ownerId": staff[1],
            "nextStep": "准备报价", "nextOn": "2026-11-27" })
        },
        visit: Some(("2026-11-12", 840)),
    },
    Courted {
        on: "2026-11-10",
        facts: |staff, _| {
            json!({ "name": "云客服务", "nameEn": "Yunke Service", "source": "REFERRAL", "seats": 40, "contactName": "王先生",
            "contactPhone": "138-0000-0004", "ownerId": staff[0], "nextStep": "电话约看房", "nextOn": "2026-11-20" })
        },
        visit: None,
    },
    Courted {
        on: "2026-11-16",
        facts: |_, _| json!({ "name": "蓝海外包", "nameEn": "Lanhai Outsourcing", "source": "INQUIRY", "seats": 60, "business": "电商售前" }),
        visit: None,
    },
    Courted {
        on: "2026-11-18",
        facts: |staff, tenant| {
            json!({ "name": "新程科技（扩租）", "nameEn": "Xincheng Technology, more seats", "source": "TENANT", "seats": 40, "product": "EQUIPPED",
            "tenantId": tenant, "ownerId": staff[0], "nextStep": "确认起租日", "nextOn": "2026-11-25" })
        },
        visit: None,
    },
];

/// Tells it all; `tenant` is one that wants more.
pub(super) async fn court(client: &mut Client<'_>, tenant: &str) -> Result<()> {
    let park = client.query("park", "{ park { staff { id } floors { zones { id } } } }", Value::Null).await?;
    let ids = |list: &Value| list.as_array().into_iter().flatten().map(|one| one["id"].clone()).collect::<Vec<_>>();
    let staff = ids(&park["park"]["staff"]);
    let zones = ids(&park["park"]["floors"][0]["zones"]);
    if staff.len() < 2 {
        return Err(Error::internal("the demonstration park has no staff"));
    }
    let mut leads = Vec::with_capacity(COURTED.len());
    for courted in COURTED {
        client.clock.set(at(day(courted.on), 10));
        let made = client.done("park", "leadCreate", "lead { id }", (courted.facts)(&staff, &json!(tenant))).await?;
        let lead = made["lead"]["id"].clone();
        if let Some((on, minute)) = courted.visit {
            let visit = json!({ "leadId": lead, "day": on, "atMin": minute, "guideId": staff[0], "zoneIds": zones.get(..2), "remark": "看三层与机房" });
            let made = client.done("park", "visitPlan", "visit { id }", visit).await?;
            client.clock.set(at(day(on), 17));
            let end = json!({ "visitId": made["visit"]["id"], "done": true });
            client.done("park", "visitEnd", "visit { id }", end).await?;
        }
        leads.push(lead);
    }
    let [lost, quoted, _, contacted, _, more] = leads.as_slice() else {
        return Err(Error::internal("the demonstration courts others than it did"));
    };
    client.clock.set(at(day("2026-11-06"), 15));
    let input = json!({ "leadId": lost, "to": "LOST", "lostReason": "PRICE", "remark": "隔壁园区每席低 40 元" });
    client.done("park", "leadMove", "lead { id }", input).await?;
    client.clock.set(at(day("2026-11-09"), 11));
    let line = |seats: i32, from: &str, to: &str| {
        json!({ "seats": seats, "product": "EQUIPPED", "termFrom": from, "termTo": to, "unitPrice": "1380.00", "taxRatePercent": "9",
            "proration": "by_day", "depositMonths": 2, "paymentDays": 15, "noticeDays": 90 })
    };
    let mut stepped = line(80, "2027-03-01", "2030-03-01");
    stepped["rentFree"] = json!([{ "from": "2027-03-01", "to": "2027-05-01" }]);
    stepped["priceSteps"] =
        json!([{ "from": "2028-03-01", "unitPrice": "1420.00" }, { "from": "2029-03-01", "unitPrice": "1460.00" }]);
    let quote = json!({ "leadId": quoted, "validUntil": "2026-11-26", "remark": "含员工食堂与 20 个停车位", "lines": [stepped] });
    let made = client.done("park", "quoteCreate", "quote { id }", quote).await?;
    client.done("park", "quoteSend", "quote { id }", json!({ "quoteId": made["quote"]["id"] })).await?;
    client.clock.set(at(day("2026-11-13"), 16));
    let input = json!({ "leadId": contacted, "to": "CONTACTED" });
    client.done("park", "leadMove", "lead { id }", input).await?;
    let note = json!({ "leadId": contacted, "text": "下周来看，要靠窗的整排" });
    client.done("park", "leadNoteAdd", "lead { id }", note).await?;
    client.clock.set(at(day("2026-11-19"), 11));
    let quote = json!({ "leadId": more, "validUntil": "2026-12-19", "lines": [line(40, "2027-01-01", "2027-10-12")] });
    client.done("park", "quoteCreate", "quote { id }", quote).await.map(drop)
}
