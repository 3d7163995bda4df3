//! `voxpark audit`: the log's proof.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use voxpark_domain::audit::Found;
use voxpark_domain::ids::ParkId;
use voxpark_infra::chains::{Chains, Part, check_file};
use voxpark_infra::config::Config;

use super::failure::{Failure, Outcome, print};
use super::serve::open;
use crate::compose::{App, Parts};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check that nothing of the log was altered, removed, moved or slipped in; fail and name each place otherwise
    Verify(Verify),
    /// Seal a log and write it, with its proof, as JSON Lines
    Export(Export),
    /// Sign what was written since the last seal now (a running installation does so every five minutes)
    Seal,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Code of the park; the whole installation when left out
    #[arg(long, conflicts_with = "file")]
    park: Option<String>,
    /// Check an exported file instead, without any database
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Public key that the seals of the file must have, 64 hex digits, as `voxpark audit seal` prints it
    #[arg(long, requires = "file", value_name = "HEX")]
    key: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Code of the park; the installation's own log when left out
    #[arg(long)]
    park: Option<String>,
    /// Id of a tenant: its part alone
    #[arg(long, requires = "park", value_name = "ID")]
    tenant: Option<String>,
    /// The file to write; must not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(config: impl FnOnce() -> Result<Config, Failure>, what: Audit) -> Outcome {
    if let Audit::Verify(Verify { file: Some(file), key, .. }) = &what {
        return verify_file(file, key.as_deref());
    }
    let app = open(config()?, Parts::system()).await?;
    let said = act(&app, what).await;
    app.db.close().await;
    print(&said?)
}

async fn act(app: &App, what: Audit) -> Result<String, Failure> {
    let chains = app.chains();
    match what {
        Audit::Verify(v) => verify(&chains, v.park.as_deref()).await,
        Audit::Seal => {
            let mut text = String::new();
            for (park, code) in chains.logs().await? {
                if let Some(seal) = chains.seal(park).await? {
                    let _ = writeln!(text, "{code}: seal {} {}", seal.number, hex(&seal.hash));
                }
            }
            let _ = writeln!(text, "public key {}", hex(&chains.public_key()));
            Ok(text)
        }
        Audit::Export(e) => {
            let park = match &e.park {
                Some(code) => Some(named(&chains, code).await?),
                None => None,
            };
            let bad = |_| Failure::new(format!("{} is not the id of a tenant", e.tenant.clone().unwrap_or_default()));
            let tenant = e.tenant.as_ref().map(|t| t.parse()).transpose().map_err(bad)?;
            let failed = |why| Failure::new(format!("{}: {why}", e.out.display()));
            let mut file = BufWriter::new(File::create_new(&e.out).map_err(failed)?);
            let (events, seals) = chains.export(Part { park, tenant }, &mut file).await?;
            file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed)?;
            Ok(format!(
                "{events} events and {seals} seals in {}; public key {}\n",
                e.out.display(),
                hex(&chains.public_key())
            ))
        }
    }
}

async fn named(chains: &Chains, code: &str) -> Result<ParkId, Failure> {
    let found = chains.logs().await?.into_iter().find(|(park, c)| park.is_some() && c == code);
    found.and_then(|f| f.0).ok_or_else(|| Failure::new(format!("there is no park {code}")))
}

/// Tells each fault on standard output as it is found, so that a long list needs no memory and can be cut short.
fn told(found: &Found, faults: &mut u64) {
    *faults += 1;
    let _ = print(&format!("{found}\n"));
}

async fn verify(chains: &Chains, only: Option<&str>) -> Result<String, Failure> {
    let mut logs = chains.logs().await?;
    if let Some(code) = only {
        let park = named(chains, code).await?;
        logs.retain(|(p, _)| *p == Some(park));
    }
    let (mut faults, mut text) = (0, String::new());
    for (park, code) in logs {
        let before = faults;
        let (events, seals) = chains.verify(park, &mut |found| told(&found, &mut faults)).await?;
        let state = if faults == before { "good" } else { "BAD" };
        let _ = writeln!(text, "{state:<5} {code}: {events} events, {seals} seals");
    }
    conclusion(&text, faults)
}

fn verify_file(path: &std::path::Path, key: Option<&str>) -> Outcome {
    let key = key.map(unhex).transpose()?;
    let file = File::open(path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
    let mut faults = 0;
    let checked = check_file(&mut BufReader::new(file), key, &mut |found| told(&found, &mut faults))?;
    let whose = match (checked.part.park, checked.part.tenant) {
        (None, _) => "installation".to_owned(),
        (Some(park), None) => park.to_string(),
        (Some(park), Some(tenant)) => format!("{park} {tenant}"),
    };
    let state = if faults == 0 { "good" } else { "BAD" };
    let text = format!(
        "{state:<5} {whose}: {} events, {} seals; public key {}\n",
        checked.events,
        checked.seals,
        hex(&checked.key)
    );
    print(&conclusion(&text, faults)?)
}

fn conclusion(text: &str, faults: u64) -> Result<String, Failure> {
    if faults == 0 {
        return Ok(text.to_owned());
    }
    print(text)?;
    Err(Failure::new(format!("the audit log does not check: {faults} findings")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Result<[u8; 32], Failure> {
    let bad = || Failure::new("--key: 64 hex digits wanted");
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(bad());
    }
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| bad())?;
    }
    Ok(bytes)
}
