//! `voxpark migrate`: the only command that changes the schema, and the only one that needs the database's owner.

use std::fmt::Write as _;

use clap::Subcommand;
use voxpark_infra::config::{Config, Secret};
use voxpark_infra::db::{DbOptions, bootstrap, migrate_down, migrate_up, migration_status};

use super::failure::{Failure, Outcome, print};

#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Bring the schema up to date; on PostgreSQL also make or mend the login roles
    Up,
    /// Take back the last migrations, with what their tables hold
    Down {
        /// How many
        #[arg(default_value_t = 1)]
        steps: u32,
    },
    /// List migrations, applied and pending
    Status,
}

pub(super) async fn run(config: &Config, what: &Migrate) -> Outcome {
    let owner = owner(config)?;
    match what {
        Migrate::Up => {
            let done = up(config).await?;
            print(&format!("{done} migrations applied; the schema is up to date\n"))
        }
        Migrate::Down { steps } => {
            migrate_down(&config.database, owner, *steps).await?;
            print(&format!("{steps} migrations taken back\n"))
        }
        Migrate::Status => {
            let (applied, pending) = migration_status(&config.database, owner).await?;
            let mut text = String::new();
            for (state, list) in [("applied", applied), ("pending", pending)] {
                for name in list {
                    let _ = writeln!(text, "{state}  {name}");
                }
            }
            print(&text)
        }
    }
}

/// Brings the schema up to date; tells how many migrations ran.
pub(super) async fn up(config: &Config) -> Result<usize, Failure> {
    let owner = owner(config)?;
    if let DbOptions::Sqlite { path } = &config.database {
        config.make_data_dir()?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| Failure::new(format!("{}: {e}", folder.display())))?;
        }
    }
    let keys = config.keys()?;
    bootstrap(&config.database, owner, &keys).await?;
    Ok(migrate_up(&config.database, owner, &keys).await?)
}

fn owner(config: &Config) -> Result<Option<&str>, Failure> {
    let owner = config.owner_url.as_ref().map(Secret::expose);
    if matches!(config.database, DbOptions::Postgres { .. }) && owner.is_none() {
        return Err(Failure::new(
            "migrating PostgreSQL needs a user that may create roles and the schema: set VOXPARK_DATABASE_OWNER_URL",
        ));
    }
    Ok(owner)
}
