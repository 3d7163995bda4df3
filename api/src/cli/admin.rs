//! `voxpark admin`: what only the operator of the installation does.

use std::io::BufRead as _;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use voxpark_domain::ctx::{Actor, Ctx, Lang, SystemReason};
use voxpark_domain::identity::{self, ParkDraft};
use voxpark_domain::money::Currency;
use voxpark_domain::permission::Role;
use voxpark_domain::uow::Mode;
use voxpark_infra::config::Config;

use super::failure::{Failure, Outcome, print};
use super::platform::{self, Platform};
use super::region::RegionGrant;
use super::serve::open;
use crate::compose::{App, Parts};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Found a park
    ParkAdd(ParkAdd),
    /// Say where a park lies; grants on regions reach it by that
    ParkRegion {
        /// Code of the park
        park: String,
        /// GB/T 2260 code of its region, six digits
        region: String,
    },
    /// Grants on every park of a region
    #[command(subcommand)]
    RegionGrant(RegionGrant),
    /// Add a user; without --password-stdin a password is made and printed once
    UserAdd(UserAdd),
    /// Give a user a role in a park or in one of its tenants
    MemberAdd(MemberAdd),
    /// Give a user another password and end all its sessions
    Password(Password),
    /// Remove the second factor of a user who has lost it
    FactorRemove {
        /// Mail address of the user
        email: String,
    },
    /// Send letters again to an address that has refused them for good
    MailAllow {
        /// Mail address
        email: String,
    },
    /// Charging parks: terms, platform invoices, payments
    #[command(flatten)]
    Platform(Platform),
}

#[derive(Debug, Args)]
pub(super) struct ParkAdd {
    /// Short code, unique in the installation
    #[arg(long)]
    code: String,
    /// Name in Chinese
    #[arg(long)]
    name: String,
    /// Name in English
    #[arg(long)]
    name_en: String,
    /// Time zone of its contracts
    #[arg(long, default_value = "Asia/Shanghai")]
    zone: chrono_tz::Tz,
    /// Currency it bills in
    #[arg(long, default_value = "CNY")]
    currency: String,
    /// City tier, 1-5
    #[arg(long)]
    city_tier: i64,
    /// Where it lies: GB/T 2260 code, six digits; grants on regions reach it by that
    #[arg(long)]
    region: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct UserAdd {
    /// Mail address, by which the user signs in
    email: String,
    /// How colleagues see the user
    #[arg(long)]
    name: String,
    /// Language: zh-CN or en
    #[arg(long, default_value = "zh-CN", value_parser = ["zh-CN", "en"])]
    lang: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct MemberAdd {
    /// Mail address of the user
    email: String,
    /// Role: park_administrator, park_finance; tenant_manager, team_leader, quality_analyst, trainer,
    /// human_resources, tenant_finance, agent
    #[arg(long, value_parser = role)]
    role: Role,
    /// Code of the park
    #[arg(long)]
    park: String,
    /// Code of the tenant, for roles in a tenant
    #[arg(long)]
    tenant: Option<String>,
    /// First day; today in the park when left out
    #[arg(long)]
    from: Option<NaiveDate>,
}

#[derive(Debug, Args)]
pub(super) struct Password {
    /// Mail address of the user
    email: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

pub(super) fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| format!("there is no role {name}"))
}

pub(super) async fn run(config: Config, what: Admin) -> Outcome {
    let app = open(config, Parts::system()).await?;
    let said = act(&app, what).await;
    app.db.close().await;
    print(&said?)
}

async fn act(app: &App, what: Admin) -> Result<String, Failure> {
    if let Admin::Platform(what) = what {
        return platform::run(app, what).await;
    }
    let services = app.api.services();
    let passwords = &*services.passwords;
    let ctx = Ctx::system(SystemReason::Provisioning, app.env().clone());
    let tx = services.db.begin(&ctx, Mode::Write).await?;
    let said = match what {
        Admin::ParkAdd(p) => {
            let currency = Currency::parse(&p.currency).map_err(voxpark_domain::Error::from)?;
            let draft = ParkDraft {
                code: p.code,
                name: p.name,
                name_en: p.name_en,
                zone: p.zone,
                currency,
                city_tier: p.city_tier,
                region: p.region,
            };
            let park = identity::park_add(&*tx, &ctx, draft).await?;
            format!("park {} is founded ({})\n", park.code, park.id)
        }
        Admin::ParkRegion { park, region } => {
            let park = identity::park_region(&*tx, &ctx, &park, &region).await?;
            format!("park {} lies in {region}\n", park.code)
        }
        Admin::RegionGrant(what) => super::region::run(&*tx, &ctx, what).await?,
        Admin::UserAdd(u) => {
            let (password, shown) = password(app, u.password_stdin)?;
            let lang = Lang::negotiate(&u.lang);
            identity::user_add(&*tx, passwords, &ctx, &u.email, &u.name, &password, lang).await?;
            format!("{} can sign in{shown}\n", u.email)
        }
        Admin::Password(p) => {
            let (password, shown) = password(app, p.password_stdin)?;
            identity::password_set(&*tx, passwords, &ctx, &p.email, &password).await?;
            format!("{} has another password{shown}; all sessions ended\n", p.email)
        }
        Admin::FactorRemove { email } => {
            let (user, _) = identity::user_named(&*tx, &ctx, &email).await?;
            let had = tx.factor_remove(user).await?;
            format!("{email} {}\n", if had { "signs in with the password alone" } else { "has no second factor" })
        }
        Admin::MailAllow { email } => {
            let lifted = tx.suppress_lift(&email).await?;
            let said = if lifted { "gets letters again" } else { "was not held back" };
            format!("{email} {said}\n")
        }
        // Has transactions of its own.
        Admin::Platform(_) => String::new(),
        Admin::MemberAdd(m) => {
            let (user, name) = identity::user_named(&*tx, &ctx, &m.email).await?;
            let (scope, park) = identity::place(&*tx, &ctx, &m.park, m.tenant.as_deref()).await?;
            drop(tx);
            // Written in the scope of the owner itself, whose audit log tells of it.
            let actor = Actor { user: None, session: None, role: Role::System, grants: Vec::new() };
            let ctx = Ctx::build(actor, scope, Lang::En, park.zone, "admin member-add".to_owned(), app.env().clone());
            let tx = services.db.begin(&ctx, Mode::Write).await?;
            let from = m.from.unwrap_or_else(|| ctx.today());
            identity::member_add(&*tx, &ctx, user, &name, m.role, from).await?;
            tx.commit().await?;
            return Ok(format!("{} is {} from {from} on\n", m.email, m.role.name()));
        }
    };
    tx.commit().await?;
    Ok(said)
}

/// The password to set, and what to print of it: one that was made here must be told once.
fn password(app: &App, from_stdin: bool) -> Result<(String, String), Failure> {
    if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(Failure::new)?;
        return Ok((line.trim_end_matches(['\r', '\n']).to_owned(), String::new()));
    }
    // 100 bits in letters and digits that cannot be mistaken for each other (Crockford's base 32).
    let signs = b"0123456789abcdefghjkmnpqrstvwxyz";
    let letter = |byte: u8| signs.get(usize::from(byte & 31)).map_or('0', |s| char::from(*s));
    let bytes = app.env().bytes::<20>();
    let groups: Vec<String> = bytes.chunks(5).map(|group| group.iter().map(|b| letter(*b)).collect()).collect();
    let made = groups.join("-");
    let shown = format!(" with the password {made}");
    Ok((made, shown))
}
