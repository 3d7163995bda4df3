//! Configuration: one typed value from a file and the environment. Nothing else reads the environment.

mod keys;
mod read;
mod secret;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use voxpark_billing::parties::Party;
use voxpark_domain::identity::oidc::Provider;
use voxpark_domain::permission::Audience;
use voxpark_domain::time::Env;
use voxpark_domain::{Error, Result};

use crate::db::DbOptions;
use crate::files::{Bucket, Files, Scanner};
use crate::secrets::{Keys, SystemRandom};

pub use keys::{KEYS, Key, reference};
pub use read::{Loaded, Origin, Problems, Setting, load, load_from};
pub use secret::Secret;

/// Everything that can be set, checked. `docs/configuration.md` explains each.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where `serve` listens.
    pub listen: SocketAddr,
    /// Folder of what the embedded mode keeps.
    pub data_dir: PathBuf,
    /// How browsers reach the installation; no slash at the end.
    pub public_url: String,
    /// Reverse proxies in front.
    pub proxies: usize,
    /// The installation key, 64 hex digits; `None` = the file in the data folder.
    pub secret_key: Option<Secret>,
    /// The database.
    pub database: DbOptions,
    /// PostgreSQL: who may migrate.
    pub owner_url: Option<Secret>,
    /// Outgoing mail.
    pub mail: Mail,
    /// Sign-in with accounts elsewhere.
    pub oidc: Oidc,
    /// How the operator of the installation is called on platform invoices; `None` = it issues none.
    pub operator: Option<Party>,
    /// After so many days the key that signs access tokens is replaced.
    pub key_days: i64,
    /// Largest upload, bytes.
    pub max_file_bytes: u64,
    /// The bucket of uploaded files; `None` = the folder [`Config::files_dir`].
    pub bucket: Option<Bucket>,
    /// The scanner of uploaded files.
    pub scanner: Option<Scanner>,
    /// Levels of selection in a document.
    pub max_depth: usize,
    /// Fields a document may ask for.
    pub max_complexity: usize,
    /// Who may ask the schema about itself.
    pub introspection: Audience,
    /// Who may send documents of its own.
    pub documents: Audience,
    /// Points of complexity that a user may ask for at once, and how many come back in a second.
    pub points: (i64, i64),
    /// Whether queries may be asked by GET.
    pub get: bool,
    /// What is logged.
    pub log: Log,
    /// Where figures for Prometheus are given out.
    pub metrics: Option<SocketAddr>,
    /// Where traces go.
    pub traces: Option<Traces>,
}

/// Outgoing mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Sender.
    pub from: String,
    /// How.
    pub way: MailWay,
    /// The most letters that one process sends in a minute.
    pub per_minute: u32,
}

/// Sign-in with accounts elsewhere.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// The provider of the installation.
    pub provider: Option<Provider>,
    /// Whether providers may stand at addresses that are not public.
    pub private: bool,
    /// Further certificate authorities, PEM.
    pub ca_file: Option<PathBuf>,
}

/// How letters leave.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// As files in a folder.
    Outbox(PathBuf),
    /// Through a server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User and password; `None` = no sign-in.
    pub login: Option<(String, Secret)>,
    /// Encryption.
    pub tls: Tls,
}

/// When a mail connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// After a plain greeting, or nothing is sent.
    Starttls,
    /// From the first byte.
    Implicit,
    /// Never.
    None,
}

/// Where traces go.
#[derive(Clone, Debug, PartialEq)]
pub struct Traces {
    /// A collector's address for OTLP over HTTP.
    pub endpoint: String,
    /// Which share of requests, 0-1.
    pub share: f64,
}

/// What is logged.
#[derive(Clone, Debug)]
pub struct Log {
    /// Filter directives.
    pub level: String,
    /// One JSON object a line.
    pub json: bool,
}

impl Config {
    /// The folder of stored files.
    pub fn files_dir(&self) -> PathBuf {
        self.data_dir.join("files")
    }

    /// The configured store of files.
    ///
    /// # Errors
    /// An internal error when the folder cannot be made or the settings of the bucket contradict one another.
    pub fn files(&self, env: Env) -> Result<Files> {
        match &self.bucket {
            None => Files::folder(self.files_dir(), env, self.max_file_bytes),
            Some(bucket) => Files::bucket(bucket, self.files_dir().join("incoming"), env, self.max_file_bytes),
        }
    }

    /// The file that keeps a key nobody configured.
    pub fn key_file(&self) -> PathBuf {
        self.data_dir.join("secret.key")
    }

    /// Makes the data folder, readable by its owner only.
    ///
    /// # Errors
    /// An internal error of the disk.
    pub fn make_data_dir(&self) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.data_dir)
            .map_err(|e| Error::internal(format!("data_dir {}: {e}", self.data_dir.display())))
    }

    /// The installation key: the configured one, or that of the data folder, made when there is none.
    ///
    /// # Errors
    /// An internal error when it cannot be read or made.
    pub fn keys(&self) -> Result<Keys> {
        if let Some(secret) = &self.secret_key {
            return Keys::from_hex(secret.expose());
        }
        let path = self.key_file();
        let failed = |e: std::io::Error| Error::internal(format!("{}: {e}", path.display()));
        match std::fs::read_to_string(&path) {
            Ok(text) => Keys::from_hex(&text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                self.make_data_dir()?;
                make_key(&path).map_err(failed)?;
                Keys::from_hex(&std::fs::read_to_string(&path).map_err(failed)?)
            }
            Err(e) => Err(failed(e)),
        }
    }
}

/// Writes a new key beside its place and links it there: whoever comes second finds the first one's, whole.
fn make_key(path: &Path) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    use voxpark_domain::time::Random as _;

    let mut key = [0_u8; 32];
    SystemRandom.fill(&mut key);
    let part = path.with_extension(format!("part{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    writeln!(file, "{}", hex::encode(key))?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&part, path);
    std::fs::remove_file(&part)?;
    match linked {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
        }
    }
}
