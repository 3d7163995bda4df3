//! The park opens, and tenants move in.

use std::fmt::Write as _;

use chrono_tz::Asia::Shanghai;
use serde_json::{Value, json};
use voxpark_domain::ctx::{Actor, Lang, SystemReason};
use voxpark_domain::identity::{self, ParkDraft};
use voxpark_domain::ids::{ParkId, TenantId};
use voxpark_domain::money::Currency;
use voxpark_domain::permission::Role;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Error, Result, Scope};

use super::cast::{Centre, PASSWORD, USERS};
use super::client::Client;
use super::story::day;
use crate::compose::App;

/// The park and everybody who can sign in, as the installation's operator would provision them.
pub(super) async fn found(app: &App) -> Result<()> {
    let services = app.api.services();
    let system = Ctx::system(SystemReason::Provisioning, app.env().clone());
    let tx = services.db.begin(&system, Mode::Write).await?;
    let draft = ParkDraft {
        code: "BINJIANG".to_owned(),
        name: "滨江呼叫产业园".to_owned(),
        name_en: "Binjiang Call-Centre Park".to_owned(),
        zone: Shanghai,
        currency: Currency::CNY,
        city_tier: 2,
        region: Some("530111".to_owned()),
    };
    let park = identity::park_add(&*tx, &system, draft).await?;
    let mut staff = Vec::new();
    for (who, name, role, _) in USERS {
        let email = format!("{who}@demo.voxpark");
        let user = identity::user_add(&*tx, &*services.passwords, &system, &email, name, PASSWORD, Lang::Zh).await?;
        if matches!(role, Role::ParkAdministrator | Role::ParkFinance) {
            staff.push((user, *name, *role));
        }
    }
    tx.commit().await?;
    let ctx = operator(app, Scope::Park(park.id));
    let tx = services.db.begin(&ctx, Mode::Write).await?;
    for (user, name, role) in staff {
        identity::member_add(&*tx, &ctx, user, name, role, day("2025-09-01")).await?;
    }
    tx.commit().await
}

/// The installation's operator at work in a park or for a tenant.
fn operator(app: &App, scope: Scope) -> Ctx {
    let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
    Ctx::build(actor, scope, Lang::Zh, Shanghai, "demo".to_owned(), app.env().clone())
}

/// 1,200 seats on three floors: the seat plan as the park's own spreadsheet.
pub(super) async fn estate(client: &mut Client<'_>) -> Result<()> {
    let mut plan = String::from("building,floor,level,zone,seat,product,x_mm,y_mm,built_from\n");
    let products = [
        ["equipped", "equipped", "equipped", "furnished"],
        ["equipped", "equipped", "equipped", "equipped"],
        ["furnished", "furnished", "bare", "bare"],
    ];
    for (level, zones) in (1_u32..).zip(products) {
        for (z, (zone, product)) in (0_u32..).zip(["A", "B", "C", "D"].into_iter().zip(zones)) {
            for n in 0..100_u32 {
                // Ten rows of ten desks, back to back in pairs, an aisle behind every second row.
                let (row, column) = (n / 10, n % 10);
                let x = 2000 + (z % 2) * 19_000 + column * 1_500 + (column / 5) * 900;
                let y = 2000 + (z / 2) * 17_500 + row * 1_400 + (row / 2) * 700;
                let _ = writeln!(
                    plan,
                    "1号楼,{level}F,{level},{zone},{level}F-{zone}-{:03},{product},{x},{y},2025-09-01",
                    n + 1
                );
            }
        }
    }
    let file = client.upload("park", "席位图.csv", "text/csv", plan.as_bytes()).await?;
    let input = json!({ "fileId": file, "mode": "ALL_OR_NOTHING", "dryRun": false });
    client.done("park", "seatPlanImport", "added", input).await.map(drop)
}

/// A tenant moves in; its id.
pub(super) async fn arrive(app: &App, client: &mut Client<'_>, centre: &Centre) -> Result<String> {
    let input = json!({ "code": centre.code, "name": centre.name, "nameEn": centre.name_en, "business": centre.business,
        "operatingSince": centre.since, "arrivedOn": centre.arrived });
    let made = client.done("park", "tenantCreate", "tenant { id }", input).await?;
    let id = made["tenant"]["id"].as_str().unwrap_or_default().to_owned();
    let tenant: TenantId = id.parse().map_err(Error::internal)?;
    let services = app.api.services();
    let park = client.query("park", "{ park { id } }", Value::Null).await?;
    let park: ParkId = park["park"]["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let system = Ctx::system(SystemReason::Provisioning, app.env().clone());
    let finder = services.db.begin(&system, Mode::Read).await?;
    let ctx = operator(app, Scope::Tenant(park, tenant));
    let tx = services.db.begin(&ctx, Mode::Write).await?;
    for (who, name, role, _) in USERS.iter().filter(|u| u.3 == Some(centre.code)) {
        let (user, _) = finder.user_name(&format!("{who}@demo.voxpark")).await?.ok_or(Error::NotFound)?;
        identity::member_add(&*tx, &ctx, user, name, *role, day("2025-09-01")).await?;
    }
    tx.commit().await?;
    Ok(id)
}
