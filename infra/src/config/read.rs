//! From file and environment to [`Config`], every problem told at once.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use voxpark_billing::parties::{Party, PartyDraft};
use voxpark_domain::Error;
use voxpark_domain::identity::oidc::ProviderDraft;
use voxpark_domain::permission::Audience;

use super::keys::{self, KEYS, PREFIX, TEST_PREFIX};
use super::{Config, Log, Mail, MailWay, Oidc, Secret, Smtp, Tls, Traces};
use crate::db::DbOptions;
use crate::files::Bucket;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said.
    Default,
    /// This file.
    File(PathBuf),
    /// This variable.
    Environment(String),
}

/// One setting as `config check` shows it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value; `***` for a secret that is set.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// The configuration with its origins.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The typed value.
    pub config: Config,
    /// Every setting.
    pub settings: Vec<Setting>,
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}
impl std::error::Error for Problems {}

/// The file that is read when it is there and nobody names another.
const FILE: &str = "voxpark.toml";

/// Reads `file` (or `voxpark.toml` of the working folder, if there is one) and the environment of this process.
///
/// # Errors
/// Every problem found.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn load(file: Option<&Path>) -> Result<Loaded, Problems> {
    let environment = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    load_from(file, Path::new(FILE), environment)
}

/// The same with `file`, or `fallback` when that exists, and variables from elsewhere.
///
/// # Errors
/// Every problem found.
pub fn load_from(
    file: Option<&Path>,
    fallback: &Path,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, Problems> {
    let mut r = Reader::default();
    for key in KEYS {
        r.values.insert(key.name, (key.default.to_owned(), Origin::Default));
    }
    if let Some(path) = file.or_else(|| Some(fallback).filter(|p| p.exists())) {
        r.file(path);
    }
    r.environment(environment);
    r.derive();
    let built = r.build();
    match built {
        Some(config) if r.problems.is_empty() => Ok(Loaded { config, settings: r.settings() }),
        _ => Err(Problems(r.problems)),
    }
}

#[derive(Default)]
struct Reader {
    values: BTreeMap<&'static str, (String, Origin)>,
    problems: Vec<String>,
}

impl Reader {
    fn file(&mut self, path: &Path) {
        let shown = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) => return self.problems.push(format!("{shown}: {e}")),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => self.table(path, "", table),
            // The message alone: the quoted line may hold a secret.
            Err(e) => {
                let line = e.span().map_or(0, |s| text.get(..s.start).unwrap_or("").lines().count().max(1));
                self.problems.push(format!("{shown}, line {line}: {}", e.message()));
            }
        }
    }

    fn table(&mut self, path: &Path, prefix: &str, table: toml::Table) {
        for (name, value) in table {
            let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            let text = match value {
                toml::Value::Table(inner) if KEYS.iter().any(|k| k.name.starts_with(&format!("{name}."))) => {
                    self.table(path, &name, inner);
                    continue;
                }
                toml::Value::String(text) => Some(text),
                toml::Value::Integer(n) => Some(n.to_string()),
                toml::Value::Boolean(b) => Some(b.to_string()),
                _ => None,
            };
            match (keys::key(&name), text) {
                (Some(key), Some(text)) => {
                    self.values.insert(key.name, (text, Origin::File(path.to_owned())));
                }
                (Some(key), None) => {
                    self.problems.push(format!("{}: {} is one text, number or truth value", path.display(), key.name));
                }
                (None, _) => self.problems.push(format!("{}: there is no setting {name}", path.display())),
            }
        }
    }

    fn environment(&mut self, environment: impl IntoIterator<Item = (String, String)>) {
        for (variable, value) in environment {
            if !variable.starts_with(PREFIX) || variable.starts_with(TEST_PREFIX) {
                continue;
            }
            match KEYS.iter().find(|k| k.variable() == variable) {
                Some(key) => {
                    self.values.insert(key.name, (value, Origin::Environment(variable)));
                }
                None => self.problems.push(format!("environment: there is no setting {variable}")),
            }
        }
        self.problems.sort();
    }

    fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |v| v.0.trim())
    }

    /// Fills in what follows from other settings.
    fn derive(&mut self) {
        let public = format!("http://{}", self.text("listen"));
        let database = format!("sqlite:{}", Path::new(self.text("data_dir")).join("voxpark.db").display());
        for (name, value) in [("public_url", public), ("database.url", database)] {
            if let Some(slot) = self.values.get_mut(name).filter(|v| v.0.trim().is_empty()) {
                slot.0 = value;
            }
        }
    }

    /// The value of a setting, or a problem that names the setting and not its value.
    fn get<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, &'static str>) -> Option<T> {
        match parse(self.text(name)) {
            Ok(value) => Some(value),
            Err(wanted) => {
                let origin = self.values.get(name).map_or(Origin::Default, |v| v.1.clone());
                self.problems.push(format!("{name} ({origin}): {wanted}"));
                None
            }
        }
    }

    fn number<T: FromStr + PartialOrd + Copy>(
        &mut self,
        name: &'static str,
        from: T,
        to: T,
        wanted: &'static str,
    ) -> Option<T> {
        self.get(name, |t| t.parse().ok().filter(|n| *n >= from && *n <= to).ok_or(wanted))
    }

    fn truth(&mut self, name: &'static str) -> Option<bool> {
        self.get(name, |t| t.parse().map_err(|_| "wanted is true or false"))
    }

    /// An empty value is no secret.
    fn secret(&mut self, name: &'static str, good: fn(&str) -> Result<(), &'static str>) -> Option<Secret> {
        self.get(name, |t| if t.is_empty() { Ok(None) } else { good(t).map(|()| Some(Secret::new(t))) }).flatten()
    }

    fn build(&mut self) -> Option<Config> {
        let listen = self.get("listen", |t| t.parse().map_err(|_| "wanted is an address and a port, 127.0.0.1:8080"));
        let data_dir =
            self.get("data_dir", |t| if t.is_empty() { Err("wanted is a folder") } else { Ok(PathBuf::from(t)) });
        let public_url = self.get("public_url", public_url);
        let proxies = self.number("proxies", 0_usize, 10, "wanted is a number of reverse proxies, 0-10");
        let secret_key = self.secret("secret_key", |t| {
            let good = t.len() == 64 && t.bytes().all(|b| b.is_ascii_hexdigit());
            if good { Ok(()) } else { Err("wanted are 64 hex digits") }
        });
        let owner_url = self.secret("database.owner_url", |t| {
            if is_postgres(t) { Ok(()) } else { Err("wanted is postgres://USER:PASSWORD@HOST:PORT/DATABASE") }
        });
        let role_prefix = self.get("database.role_prefix", |t| {
            let word = t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            let good = word && t.len() <= 40 && t.starts_with(|c: char| c.is_ascii_lowercase());
            if good { Ok(t.to_owned()) } else { Err("wanted are at most 40 of a-z, 0-9 and _, a letter first") }
        });
        let pool = self.number("database.pool", 1_u32, 200, "wanted is a number of connections, 1-200");
        let database = self.get("database.url", |t| database(t, role_prefix.unwrap_or_default(), pool.unwrap_or(1)));
        let mail = self.mail(data_dir.as_deref().unwrap_or(Path::new("")));
        let oidc = self.oidc();
        let operator = self.operator();
        let key_days = self.number("identity.key_days", 1_i64, 3650, "wanted is a number of days, 1-3650");
        let max_mib = self.number("files.max_mib", 1_u64, 16_384, "wanted is a size in MiB, 1-16384");
        let bucket = self.bucket();
        let scanner = self.get("files.scan", |t| if t.is_empty() { Ok(None) } else { t.parse().map(Some) });
        let max_depth = self.number("limits.depth", 3_usize, 50, "wanted is a number of levels, 3-50");
        let max_complexity =
            self.number("limits.complexity", 100_usize, 1_000_000, "wanted is a number of fields, 100-1000000");
        let introspection = self.audience("limits.introspection");
        let documents = self.audience("limits.documents");
        let get = self.truth("limits.get");
        let burst =
            self.number("limits.burst", 1_000_i64, 1_000_000_000, "wanted is a number of points, 1000-1000000000");
        let per_second =
            self.number("limits.per_second", 1_i64, 1_000_000_000, "wanted is a number of points, 1-1000000000");
        let level = self.get("log.level", |t| {
            tracing_subscriber::EnvFilter::try_new(t)
                .map(|_| t.to_owned())
                .map_err(|_| "wanted is error, warn, info, debug or trace, also by module")
        });
        let json = self.truth("log.json");
        let metrics = self.get("metrics.listen", |t| match t {
            "" => Ok(None),
            address => address.parse().map(Some).map_err(|_| "an address and a port, such as 127.0.0.1:9464"),
        });
        let share = self.number("traces.share", 0.0, 1.0, "a number from 0 to 1");
        let endpoint = self.get("traces.endpoint", |t| match t {
            "" => Ok(None),
            url if url.starts_with("http://") => Ok(Some(url.to_owned())),
            _ => Err("an address that begins with http://"),
        });
        let traces = endpoint.zip(share).map(|(to, share)| to.map(|endpoint| Traces { endpoint, share }));
        Some(Config {
            listen: listen?,
            data_dir: data_dir?,
            public_url: public_url?,
            proxies: proxies?,
            secret_key,
            database: database?,
            owner_url,
            mail: mail?,
            oidc: oidc?,
            operator: operator.ok()?,
            key_days: key_days?,
            max_file_bytes: max_mib? * 1024 * 1024,
            bucket: bucket.ok()?,
            scanner: scanner?,
            max_depth: max_depth?,
            max_complexity: max_complexity?,
            introspection: introspection?,
            documents: documents?,
            get: get?,
            points: (burst?, per_second?),
            log: Log { level: level?, json: json? },
            metrics: metrics?,
            traces: traces?,
        })
    }

    /// The bucket, if one is wanted; an error when something about it is wrong, which is noted.
    fn bucket(&mut self) -> Result<Option<Bucket>, ()> {
        let s3 = self.get("files.store", |t| match t {
            "folder" => Ok(false),
            "s3" => Ok(true),
            _ => Err("wanted is folder or s3"),
        });
        let needed = s3 == Some(true);
        let word = |t: &str| if needed && t.is_empty() { Err("files.store s3 needs it") } else { Ok(t.to_owned()) };
        let name = self.get("files.s3.bucket", word);
        let region = self.get("files.s3.region", word);
        let endpoint = self.get("files.s3.endpoint", |t| match t {
            "" => Ok(None),
            _ if t.starts_with("https://") || t.starts_with("http://") => Ok(Some(t.trim_end_matches('/').to_owned())),
            _ => Err("wanted is https://HOST[:PORT], or nothing"),
        });
        let prefix = self.get("files.s3.prefix", |t| {
            let good = !t.ends_with('/') && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
            if good { Ok(t.to_owned()) } else { Err("wanted are letters, digits and /-_. without a slash at the end") }
        });
        let in_host = self.truth("files.s3.in_host");
        let key_id = self.get("files.s3.key_id", word);
        let secret = self.secret("files.s3.secret", |_| Ok(()));
        if needed && secret.is_none() {
            self.problems.push("files.s3.secret: files.store s3 needs it".to_owned());
        }
        if !s3.ok_or(())? {
            return Ok(None);
        }
        Ok(Some(Bucket {
            name: name.ok_or(())?,
            region: region.ok_or(())?,
            endpoint: endpoint.ok_or(())?,
            prefix: prefix.ok_or(())?,
            in_host: in_host.ok_or(())?,
            key_id: key_id.ok_or(())?,
            secret: secret.ok_or(())?,
        }))
    }

    fn audience(&mut self, name: &'static str) -> Option<Audience> {
        self.get(name, |t| Audience::from_name(t).ok_or("wanted is everybody, permitted or nobody"))
    }

    fn oidc(&mut self) -> Option<Oidc> {
        let list = |t: &str| Ok::<_, &'static str>(t.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>());
        let issuer = self.get("oidc.issuer", |t| Ok(t.to_owned()))?;
        let client_id = self.get("oidc.client_id", |t| {
            if t.is_empty() && !issuer.is_empty() { Err("oidc.issuer needs it") } else { Ok(t.to_owned()) }
        });
        let secret = self.secret("oidc.client_secret", |_| Ok(()));
        let host = issuer.split_once("://").map_or("", |t| t.1).split('/').next().unwrap_or_default().to_owned();
        let name = self.get("oidc.name", |t| Ok(if t.is_empty() { host } else { t.to_owned() }));
        let scopes = self.get("oidc.scopes", list);
        let domains = self.get("oidc.domains", list);
        let strong = self.get("oidc.second_factor", list);
        let private = self.truth("oidc.private");
        let ca_file = self.get("oidc.ca_file", |t| Ok((!t.is_empty()).then(|| PathBuf::from(t))));
        let draft = ProviderDraft {
            id: None,
            name: name?,
            issuer,
            client_id: client_id?,
            secret: secret.map(|s| s.expose().to_owned()),
            scopes: scopes?,
            domains: domains?,
            strong: strong?,
        };
        let provider = if draft.issuer.is_empty() {
            None
        } else {
            let built = draft.installation();
            self.get("oidc.issuer", |_| built.map(Some).map_err(|_| {
                "wanted is the address of a provider, https://HOST; oidc.domains are domains, oidc.scopes and oidc.second_factor words"
            }))?
        };
        Some(Oidc { provider, private: private?, ca_file: ca_file? })
    }

    /// Who charges parks, if anybody does; an error when something about it is wrong, which is noted.
    fn operator(&mut self) -> Result<Option<Party>, ()> {
        // Field of a side of an invoice, its setting, whether it has to be there, what is wanted.
        const FIELDS: [(&str, &str, bool, &str); 7] = [
            ("name", "operator.name", true, "wanted are 1-100 characters"),
            ("nameEn", "operator.name_en", false, "wanted are at most 100 characters"),
            ("taxNumber", "operator.tax_number", true, "wanted is a taxpayer number"),
            ("address", "operator.address", true, "wanted are 1-200 characters"),
            ("phone", "operator.phone", false, "wanted are at most 40 characters"),
            ("bank", "operator.bank", true, "wanted are 1-100 characters"),
            ("account", "operator.account", true, "wanted are 1-40 digits and letters"),
        ];
        let texts = FIELDS.map(|(_, key, _, _)| self.text(key).trim().to_owned());
        if texts.iter().all(String::is_empty) {
            return Ok(None);
        }
        let missing = FIELDS.iter().zip(&texts).filter(|((_, _, needed, _), text)| *needed && text.is_empty());
        let mut wrong: Vec<&str> = missing.map(|((field, ..), _)| *field).collect();
        let [name, name_en, tax_number, address, phone, bank, account] = texts;
        let draft = PartyDraft { name, name_en, tax_number, address, phone, bank, account };
        let checked = draft.checked();
        if let Err(Error::Refused(list)) = &checked {
            wrong.extend(list.iter().map(|refusal| refusal.path.as_ref()));
        }
        for (_, key, _, wanted) in FIELDS.iter().filter(|(field, ..)| wrong.contains(field)) {
            self.get::<()>(key, |_| Err(wanted));
        }
        if wrong.is_empty() { checked.map(Some).map_err(|_| ()) } else { Err(()) }
    }

    fn mail(&mut self, data_dir: &Path) -> Option<Mail> {
        let smtp = self.get("mail.mode", |t| match t {
            "outbox" => Ok(false),
            "smtp" => Ok(true),
            _ => Err("wanted is outbox or smtp"),
        });
        let from = self.get("mail.from", |t| {
            t.parse::<lettre::message::Mailbox>()
                .map(|_| t.to_owned())
                .map_err(|_| "wanted is an address, Name <name@host>")
        });
        let per_minute = self.number("mail.per_minute", 1_u32, 10_000, "wanted is a number of letters, 1-10000");
        let needed = smtp == Some(true);
        let host = self.get("mail.smtp.host", |t| {
            if needed && t.is_empty() { Err("mail.mode smtp needs a mail server") } else { Ok(t.to_owned()) }
        });
        let port = self.number("mail.smtp.port", 1_u16, u16::MAX, "wanted is a port, 1-65535");
        let user = self.get("mail.smtp.user", |t| Ok(t.to_owned()));
        let password = self.secret("mail.smtp.password", |_| Ok(()));
        let tls = self.get("mail.smtp.tls", |t| match t {
            "starttls" => Ok(Tls::Starttls),
            "implicit" => Ok(Tls::Implicit),
            "none" => Ok(Tls::None),
            _ => Err("wanted is starttls, implicit or none"),
        });
        let login = user.filter(|u| !u.is_empty()).map(|u| (u, password.unwrap_or_else(|| Secret::new(""))));
        let way = if smtp? {
            MailWay::Smtp(Smtp { host: host?, port: port?, login, tls: tls? })
        } else {
            MailWay::Outbox(data_dir.join("outbox"))
        };
        Some(Mail { from: from?, way, per_minute: per_minute? })
    }

    fn settings(&self) -> Vec<Setting> {
        let shown = |key: &keys::Key| match self.text(key.name) {
            "" => String::new(),
            _ if key.secret => "***".to_owned(),
            text => text.to_owned(),
        };
        let origin = |name| self.values.get(name).map_or(Origin::Default, |v| v.1.clone());
        KEYS.iter().map(|k| Setting { name: k.name, value: shown(k), origin: origin(k.name) }).collect()
    }
}

fn is_postgres(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

fn public_url(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest.map(|r| r.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("wanted is https://HOST or http://HOST, without a path"),
    }
}

fn database(text: &str, role_prefix: String, pool: u32) -> Result<DbOptions, &'static str> {
    const WANTED: &str = "wanted is sqlite:PATH or postgres://HOST:PORT/DATABASE";
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains('?') || path == ":memory:" {
            return Err(WANTED);
        }
        return Ok(DbOptions::Sqlite { path: PathBuf::from(path) });
    }
    if !is_postgres(text) {
        return Err(WANTED);
    }
    let place = text.split_once("://").map_or("", |t| t.1);
    if place.split('/').next().is_some_and(|authority| authority.contains('@')) {
        return Err(
            "no user and password here: the service signs in as its own roles (database.owner_url is for migrate)",
        );
    }
    Ok(DbOptions::Postgres { url: text.to_owned(), role_prefix, pool })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Loaded, Problems> {
        let dir = std::env::temp_dir().join(format!(
            "voxpark-config-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::create_dir_all(&dir).expect("a folder");
        let path = dir.join("voxpark.toml");
        if let Some(text) = file {
            std::fs::write(&path, text).expect("written");
        }
        let pairs = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let loaded = load_from(file.map(|_| path.as_path()), Path::new("/nowhere"), pairs);
        std::fs::remove_dir_all(&dir).expect("removed");
        loaded
    }

    #[test]
    fn nothing_said_means_embedded() {
        let config = with(None, &[]).expect("defaults are good").config;
        assert!(matches!(&config.database, DbOptions::Sqlite { path } if path == Path::new("data/voxpark.db")));
        assert!(matches!(&config.mail.way, MailWay::Outbox(path) if path == Path::new("data/outbox")));
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert!(config.secret_key.is_none());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file =
            "listen = \"0.0.0.0:1\"\n[database]\npool = 3\nurl = \"postgres://db/voxpark\"\n[mail.smtp]\nport = 25\n";
        let loaded = with(Some(file), &[("VOXPARK_LISTEN", "0.0.0.0:2"), ("PATH", "/bin")]).expect("good");
        assert_eq!(loaded.config.listen.port(), 2);
        assert!(matches!(&loaded.config.database, DbOptions::Postgres { pool: 3, .. }));
        let origin = |name| loaded.settings.iter().find(|s| s.name == name).map(|s| s.origin.to_string());
        assert_eq!(origin("listen").as_deref(), Some("VOXPARK_LISTEN"));
        assert!(origin("database.pool").is_some_and(|o| o.ends_with("voxpark.toml")));
        assert_eq!(origin("limits.depth").as_deref(), Some("default"));
    }

    #[test]
    fn unknown_names_are_refused_by_name_and_all_at_once() {
        let file = "lisen = \"x\"\n[mail]\nmode = \"pigeon\"\n[mail.smpt]\nhost = \"h\"\n[database]\npool = [1]\n";
        let problems = with(Some(file), &[("VOXPARK_DATBASE_URL", "x"), ("VOXPARK_TEST_POSTGRES_URL", "y")]);
        let text = problems.expect_err("refused").to_string();
        for wanted in ["setting lisen", "mail.mode", "setting mail.smpt", "database.pool", "VOXPARK_DATBASE_URL"] {
            assert!(text.contains(wanted), "{wanted} is missing in:\n{text}");
        }
        assert!(!text.contains("VOXPARK_TEST_"));
    }

    #[test]
    fn secrets_never_show() {
        let key = "ab".repeat(32);
        let owner = "postgres://boss:hunter2@db/voxpark";
        let secrets = [
            ("VOXPARK_SECRET_KEY", key.as_str()),
            ("VOXPARK_DATABASE_OWNER_URL", owner),
            ("VOXPARK_MAIL_SMTP_PASSWORD", "hunter2"),
            ("VOXPARK_MAIL_SMTP_USER", "u"),
            ("VOXPARK_MAIL_SMTP_HOST", "h"),
            ("VOXPARK_MAIL_MODE", "smtp"),
        ];
        let loaded = with(None, &secrets).expect("good");
        let shown = format!("{loaded:?}");
        assert!(!shown.contains("hunter2") && !shown.contains(&key), "{shown}");
        assert_eq!(loaded.config.secret_key.as_ref().map(Secret::expose), Some(key.as_str()));
        let wrong = with(None, &[("VOXPARK_SECRET_KEY", "hunter2")]).expect_err("refused").to_string();
        assert!(!wrong.contains("hunter2"), "{wrong}");
        let broken = with(Some("secret_key = \"hunter2\n"), &[]).expect_err("refused").to_string();
        assert!(!broken.contains("hunter2"), "{broken}");
    }

    #[test]
    fn bad_values_name_the_setting_and_what_is_wanted() {
        for (name, value) in [
            ("VOXPARK_LISTEN", "8080"),
            ("VOXPARK_PUBLIC_URL", "park.example"),
            ("VOXPARK_DATABASE_URL", "mysql://x"),
            ("VOXPARK_DATABASE_URL", "postgres://u:p@h/d"),
            ("VOXPARK_DATABASE_ROLE_PREFIX", "a; DROP ROLE b"),
            ("VOXPARK_DATABASE_POOL", "0"),
            ("VOXPARK_MAIL_FROM", "nobody"),
            ("VOXPARK_MAIL_MODE", "smtp"),
            ("VOXPARK_FILES_MAX_MIB", "-1"),
            ("VOXPARK_LIMITS_INTROSPECTION", "yes"),
            ("VOXPARK_OPERATOR_NAME", "某公司"),
            ("VOXPARK_LOG_LEVEL", "info,=="),
        ] {
            let text = with(None, &[(name, value)]).expect_err(value).to_string();
            assert!(text.contains("want") || text.contains("need") || text.contains("no user"), "{name}: {text}");
        }
    }

    #[test]
    fn the_operator_is_known_whole_or_not_at_all() {
        let all = [
            ("VOXPARK_OPERATOR_NAME", "某公司"),
            ("VOXPARK_OPERATOR_TAX_NUMBER", "91350100m000100y43"),
            ("VOXPARK_OPERATOR_ADDRESS", "某路 1 号"),
            ("VOXPARK_OPERATOR_BANK", "某银行"),
            ("VOXPARK_OPERATOR_ACCOUNT", "6222 0000 1111"),
        ];
        let party = with(None, &all).expect("good").config.operator.expect("an operator");
        assert_eq!((party.tax_number.as_str(), party.account.reveal()), ("91350100M000100Y43", "622200001111"));
        let wrong = [all[0], ("VOXPARK_OPERATOR_TAX_NUMBER", "91350100M000100Y44"), all[3]];
        let text = with(None, &wrong).expect_err("refused").to_string();
        for wanted in ["operator.tax_number", "operator.address", "operator.account"] {
            assert!(text.contains(wanted), "{wanted} is missing in:\n{text}");
        }
        assert!(!text.contains("operator.name") && !text.contains("operator.bank"), "{text}");
        assert!(with(None, &[]).expect("good").config.operator.is_none());
    }

    #[test]
    fn the_documentation_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == super::super::reference(), "run: voxpark config reference > docs/configuration.md");
    }
}
