//! `voxpark admin region-grant`: grants on every park of a region.

use std::fmt::Write as _;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use voxpark_billing::uow::Tx;
use voxpark_domain::Ctx;
use voxpark_domain::identity::{self, Abilities, Ability, GrantDraft, GrantTerms};
use voxpark_domain::ids::RegionGrantId;
use voxpark_domain::permission::Role;

use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum RegionGrant {
    /// Give somebody a grant on every park of a region, now and later
    Add(Add),
    /// List the grants on regions, newest first
    List,
    /// Take one back, in every park at once
    Revoke {
        /// Its id
        id: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Mail address of the user
    email: String,
    /// Region by its GB/T 2260 code: 530000 = a province, 530100 = a city, 530111 = a county or district
    #[arg(long)]
    region: String,
    /// Role: assessor or statistics_officer
    #[arg(long, value_parser = super::admin::role)]
    role: Role,
    /// What for
    #[arg(long)]
    purpose: String,
    /// What it lets an assessor do: read, rate, sample; all when left out
    #[arg(long, value_delimiter = ',', value_parser = ability)]
    abilities: Option<Vec<Ability>>,
    /// First day
    #[arg(long)]
    from: NaiveDate,
    /// The day after the last, at most 366 days later
    #[arg(long)]
    to: NaiveDate,
}

fn ability(name: &str) -> Result<Ability, String> {
    Ability::from_name(name).ok_or_else(|| format!("a grant cannot let anybody {name}"))
}

pub(super) async fn run(tx: &dyn Tx, ctx: &Ctx, what: RegionGrant) -> Result<String, Failure> {
    Ok(match what {
        RegionGrant::Add(add) => {
            let abilities = match add.abilities {
                Some(list) => Abilities::new(list),
                None if add.role == Role::Assessor => Abilities::all(),
                None => Abilities::new([]),
            };
            let terms = GrantTerms { purpose: add.purpose, abilities, from: add.from, to: add.to };
            let draft = GrantDraft { email: add.email, role: add.role, tenant: None, terms };
            let (grant, parks) = identity::region_grant_add(tx, ctx, &add.region, draft).await?;
            format!("{} reaches {parks} parks in {}\n", grant.id, grant.region.code())
        }
        RegionGrant::List => {
            let mut list = String::new();
            for grant in tx.region_grants().await? {
                let (role, terms) = (grant.role.name(), &grant.terms);
                let end = grant.revoked_at.map_or_else(String::new, |at| format!(", revoked {at}"));
                let _ = writeln!(
                    list,
                    "{} {} {} {role} ({}) {}..{}{end}",
                    grant.id,
                    grant.region.code(),
                    grant.display_name,
                    terms.abilities.text(),
                    terms.from,
                    terms.to,
                );
            }
            list
        }
        RegionGrant::Revoke { id } => {
            let id = id.parse::<RegionGrantId>().map_err(Failure::new)?;
            identity::region_grant_revoke(tx, ctx, id).await?;
            format!("{id} is revoked in every park\n")
        }
    })
}
