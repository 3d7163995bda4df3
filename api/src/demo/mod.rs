//! The demonstration park.

mod clock;

use voxpark_domain::ctx::{Actor, Lang, SystemReason};
use voxpark_domain::identity::{self, ParkDraft};
use voxpark_domain::money::Currency;
use voxpark_domain::permission::Role;
use voxpark_domain::uow::Mode;
use voxpark_domain::{Ctx, Result, Scope};

use crate::compose::App;

pub use clock::DemoClock;

/// Everybody's password in the demonstration.
pub const PASSWORD: &str = "voxpark-demo-2026";

/// Who can sign in: the part before `@demo.voxpark`, name, role, tenant code.
pub const USERS: &[(&str, &str, Role, Option<&str>)] =
    &[("park", "周敏", Role::ParkAdministrator, None), ("finance", "吴静", Role::ParkFinance, None)];

/// Founds the park with its users, as the installation's operator would.
///
/// # Errors
/// An internal error when something is refused.
pub async fn load(app: &App, _clock: &DemoClock) -> Result<()> {
    let services = app.api.services();
    let system = Ctx::system(SystemReason::Provisioning, app.env().clone());
    let tx = services.db.begin(&system, Mode::Write).await?;
    let draft = ParkDraft {
        code: "BINJIANG".to_owned(),
        name: "滨江呼叫产业园".to_owned(),
        name_en: "Binjiang Call-Centre Park".to_owned(),
        zone: chrono_tz::Asia::Shanghai,
        currency: Currency::CNY,
        city_tier: 2,
    };
    let park = identity::park_add(&*tx, &system, draft).await?;
    let mut members = Vec::new();
    for (who, name, role, _) in USERS {
        let email = format!("{who}@demo.voxpark");
        let user = identity::user_add(&*tx, &*services.passwords, &system, &email, name, PASSWORD, Lang::Zh).await?;
        members.push((user, *name, *role));
    }
    tx.commit().await?;
    let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
    let ctx = Ctx::build(actor, Scope::Park(park.id), Lang::Zh, park.zone, "demo".to_owned(), app.env().clone());
    let tx = services.db.begin(&ctx, Mode::Write).await?;
    for (user, name, role) in members {
        identity::member_add(&*tx, &ctx, user, name, role, ctx.today()).await?;
    }
    tx.commit().await
}
