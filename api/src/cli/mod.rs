//! The command line.

mod admin;
mod audit;
mod demo;
mod doctor;
mod failure;
mod keys;
mod migrate;
mod platform;
mod region;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use voxpark_infra::config::{self, Config};
use voxpark_infra::telemetry;

use failure::{Failure, Outcome};

/// Voxpark runs an outsourcing park: seats, leases, people, calls, maturity, invoices, over GraphQL and a web console.
#[derive(Debug, Parser)]
#[command(name = "voxpark", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Settings come from voxpark.toml (or --config FILE) and VOXPARK_... variables; without any, everything lives\n\
    in the folder ./data. `voxpark config check` shows them, `voxpark doctor` says what is wrong and how to mend it."
)]
struct Cli {
    /// Configuration file; without it, voxpark.toml of the working folder if there is one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A first look: make a demonstration park in the data folder and serve it on loopback
    Demo(demo::Demo),
    /// Serve the API and the console, and work off background jobs
    Serve(ServeArgs),
    /// Work off background jobs only, beside `serve --no-worker`
    Worker,
    /// The schema of the database
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Parks, their first users, passwords
    #[command(subcommand)]
    Admin(admin::Admin),
    /// The audit log: checked, sealed, taken away with its proof
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The keys that sign access tokens
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print the GraphQL schema
    Sdl,
    /// The settings of this installation
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Say what is wrong with this installation and how to mend it
    Doctor(doctor::Doctor),
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Leave background jobs to `voxpark worker`
    #[arg(long)]
    no_worker: bool,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every setting, its value and where it came from; fail when something is wrong
    Check,
    /// Print docs/configuration.md
    Reference,
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)
        .and_then(|runtime| runtime.block_on(Box::pin(run(cli))));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("voxpark: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Outcome {
    let file = cli.config.as_deref();
    match cli.command {
        Command::Sdl => failure::print(&voxpark_graphql::sdl()),
        Command::Config(ConfigCommand::Reference) => failure::print(&config::reference()),
        Command::Config(ConfigCommand::Check) => {
            let loaded = config::load(file).map_err(Failure::new)?;
            let text = loaded.settings.iter().fold(String::new(), |mut text, s| {
                use std::fmt::Write as _;
                let _ = writeln!(text, "{:<24} {:<44} {}", s.name, s.value, s.origin);
                text
            });
            failure::print(&text)
        }
        Command::Migrate(what) => migrate::run(&settings(file)?, &what).await,
        Command::Demo(args) => logged(file, |config| demo::run(config, args)).await,
        Command::Admin(what) => admin::run(settings(file)?, what).await,
        Command::Audit(what) => audit::run(|| settings(file), what).await,
        Command::Keys(what) => keys::run(settings(file)?, what).await,
        Command::Doctor(args) => doctor::run(&settings(file)?, &args).await,
        Command::Serve(args) => logged(file, |config| serve::serve(config, !args.no_worker)).await,
        Command::Worker => logged(file, serve::worker).await,
    }
}

fn settings(file: Option<&std::path::Path>) -> Result<Config, Failure> {
    Ok(config::load(file).map_err(Failure::new)?.config)
}

/// Runs a service with its log and its traces.
async fn logged<F: Future<Output = Outcome>>(
    file: Option<&std::path::Path>,
    service: impl FnOnce(Config) -> F,
) -> Outcome {
    let config = settings(file)?;
    let traces = telemetry::start(&config.log, config.traces.as_ref())?;
    let done = service(config).await;
    traces.end().await;
    done
}
