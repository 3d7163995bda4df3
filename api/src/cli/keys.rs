//! `voxpark keys`: the keys that sign access tokens.

use std::fmt::Write as _;

use clap::Subcommand;
use voxpark_infra::config::Config;
use voxpark_infra::tokens::KeyState;

use super::failure::{Failure, Outcome, print};
use super::serve::open;
use crate::compose::{App, Parts};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Every key there was, the latest first, and what it is good for
    List,
    /// Make a key that signs from now on; the last one verifies until its tokens have run out
    Rotate,
    /// Retire a key at once, because somebody may have a copy: what it signed is good no more
    Retire {
        /// Its name, as `list` prints it
        kid: String,
    },
}

pub(super) async fn run(config: Config, what: Keys) -> Outcome {
    let app = open(config, Parts::system()).await?;
    let said = act(&app, what).await;
    app.db.close().await;
    print(&said?)
}

async fn act(app: &App, what: Keys) -> Result<String, Failure> {
    match what {
        Keys::List => {
            let mut text = String::new();
            for key in app.tokens.list().await? {
                let state = match key.state {
                    KeyState::Signs => "signs".to_owned(),
                    KeyState::VerifiesUntil(until) => format!("verifies until {until:.0?}"),
                    KeyState::Over => "over".to_owned(),
                    KeyState::Retired(at) => format!("retired {at:.0?}"),
                };
                let _ = writeln!(text, "{}  made {:.0?}  {state}", key.kid, key.created_at);
            }
            Ok(text)
        }
        Keys::Rotate => Ok(format!("{} signs from now on\n", app.tokens.rotate().await?)),
        Keys::Retire { kid } => {
            app.tokens.retire(&kid).await?;
            Ok(format!("{kid} is retired; what it signed is good no more\n"))
        }
    }
}
