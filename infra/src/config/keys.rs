//! Every setting there is: one table, from which the file and the environment are read and the documentation printed.

use std::fmt::Write as _;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in the file, dot separated (`mail.smtp.host` is `host` in the table `[mail.smtp]`).
    pub name: &'static str,
    /// What it is when nobody says; empty = nothing, or derived from other settings as the help says.
    pub default: &'static str,
    /// Never printed.
    pub secret: bool,
    /// What it means, its unit and its allowed values.
    pub help: &'static str,
}

impl Key {
    const fn new(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self { name, default, secret: false, help }
    }
    const fn secret(name: &'static str, help: &'static str) -> Self {
        Self { name, default: "", secret: true, help }
    }
    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// What the name of every environment variable of ours begins with.
pub const PREFIX: &str = "VOXPARK_";
/// What test runs set for themselves; not settings of the product.
pub const TEST_PREFIX: &str = "VOXPARK_TEST_";

/// All settings, in the order of the documentation.
pub const KEYS: &[Key] = &[
    Key::new(
        "listen",
        "127.0.0.1:8080",
        "Address and port that `serve` listens on. `[::]:8080` = every address of the machine.",
    ),
    Key::new(
        "data_dir",
        "data",
        "Folder of everything the embedded mode keeps: database, files, outgoing mail, the secret key. Made when missing, readable by its owner only. A relative path counts from where the command is started.",
    ),
    Key::new(
        "public_url",
        "",
        "How browsers reach the installation, for links in mail and for cookies (`https://...` marks them secure). Default: `http://` and the value of `listen`.",
    ),
    Key::new(
        "proxies",
        "0",
        "How many reverse proxies stand in front, 0-10. Each adds the address it was called from to `X-Forwarded-For`; too small a number makes everybody look like the proxy, too large a one lets clients choose their address.",
    ),
    Key::secret(
        "secret_key",
        "The installation key, 64 hex digits: personal data is sealed with it, tokens are signed and database roles get their passwords from it. Every process of one installation needs the same. Whoever loses it loses the personal data. Default: made once and kept in `secret.key` of the data folder, mode 0600.",
    ),
    Key::new(
        "database.url",
        "",
        "`sqlite:PATH` or `postgres://HOST:PORT/DATABASE` without user and password: the service signs in as its four login roles. Default: `sqlite:` and `voxpark.db` in the data folder.",
    ),
    Key::secret(
        "database.owner_url",
        "PostgreSQL, for `migrate` only: `postgres://USER:PASSWORD@HOST:PORT/DATABASE` of a user that may create roles and the schema. `serve` and `worker` do not need it and should not have it.",
    ),
    Key::new(
        "database.role_prefix",
        "voxpark",
        "PostgreSQL: the login roles are `PREFIX_tenant`, `PREFIX_park`, `PREFIX_assessor` and `PREFIX_system`. Two installations on one server need two prefixes. Letters a-z, digits and `_`, at most 40.",
    ),
    Key::new(
        "database.pool",
        "8",
        "PostgreSQL: connections each of the four login roles may hold, 1-200; as many more look up who asks.",
    ),
    Key::new(
        "mail.mode",
        "outbox",
        "`outbox`: letters are written as `.eml` files into `outbox` of the data folder; `smtp`: they are sent.",
    ),
    Key::new("mail.from", "Voxpark <voxpark@localhost>", "Sender of letters."),
    Key::new("mail.per_minute", "60", "The most letters that one process sends in a minute, 1-10000."),
    Key::new("mail.smtp.host", "", "Mail server."),
    Key::new("mail.smtp.port", "587", "Its port."),
    Key::new("mail.smtp.user", "", "User at the mail server; empty = no sign-in."),
    Key::secret("mail.smtp.password", "The password of that user."),
    Key::new(
        "mail.smtp.tls",
        "starttls",
        "`starttls`: encrypted after a plain greeting, or not sent; `implicit`: encrypted from the first byte (port 465); `none`: never (only to a server on the same machine).",
    ),
    Key::new(
        "oidc.issuer",
        "",
        "Sign-in by OpenID Connect for the whole installation: the provider's address, as it calls itself. Parks add providers of their own in the API. Empty = none.",
    ),
    Key::new("oidc.name", "", "What its button says. Default: the host of `oidc.issuer`."),
    Key::new(
        "oidc.client_id",
        "",
        "Who the installation is at the provider. There, `public_url` followed by `/sign-in/back` is the redirect URI.",
    ),
    Key::secret("oidc.client_secret", "What proves it to the provider; empty = a public client, with PKCE alone."),
    Key::new("oidc.scopes", "email profile", "What is asked for beside `openid`, space separated."),
    Key::new(
        "oidc.domains",
        "",
        "Domains of mail addresses that the provider may speak for, space separated: a verified address of one opens the account or invitation it belongs to. Empty = only accounts that were linked on their account page.",
    ),
    Key::new(
        "oidc.second_factor",
        "",
        "Values of `amr` or `acr` that count as a second factor, space separated; otherwise an account with a second factor is asked for it here too.",
    ),
    Key::new(
        "oidc.private",
        "false",
        "Whether providers may stand at addresses that are not public, and at `http://localhost`: `true` or `false`. The addresses of parks' providers come from their administrators.",
    ),
    Key::new(
        "oidc.ca_file",
        "",
        "PEM file of certificate authorities that providers' certificates may come from, beside those that browsers trust.",
    ),
    Key::new(
        "operator.name",
        "",
        "The legal name of the operator of the installation, for platform invoices to parks: with it, `operator.tax_number`, `operator.address`, `operator.bank` and `operator.account` are needed. Empty = no platform invoices can be issued.",
    ),
    Key::new("operator.name_en", "", "The same in English."),
    Key::new("operator.tax_number", "", "Its taxpayer number."),
    Key::new("operator.address", "", "Its registered address, at most 200 characters."),
    Key::new("operator.phone", "", "Its telephone."),
    Key::new("operator.bank", "", "Where its account is held, at most 100 characters."),
    Key::new("operator.account", "", "The number of that account, at most 40 digits and letters."),
    Key::new(
        "identity.key_days",
        "90",
        "After so many days the key that signs access tokens is replaced by itself, 1-3650. Tokens that the old one signed stay good until they run out.",
    ),
    Key::new("files.max_mib", "512", "Largest file that may be uploaded, MiB, 1-16384."),
    Key::new(
        "files.store",
        "folder",
        "`folder`: uploaded files are kept in `files` of the data folder; `s3`: in the bucket of `files.s3`. Files do not move by themselves when this is changed.",
    ),
    Key::new("files.s3.bucket", "", "Name of the bucket, which has to be there."),
    Key::new("files.s3.region", "us-east-1", "Region, as the server names it."),
    Key::new(
        "files.s3.endpoint",
        "",
        "Address of a server that speaks the S3 protocol, `https://HOST[:PORT]` (or `http://` on a network that nobody else listens on). Default: Amazon's for the region.",
    ),
    Key::new("files.s3.prefix", "", "What the keys of all files begin with, without a slash at the end."),
    Key::new(
        "files.s3.in_host",
        "false",
        "Whether the name of the bucket stands in the host name (`BUCKET.HOST`) instead of the path: `true` or `false`.",
    ),
    Key::new("files.s3.key_id", "", "Access key."),
    Key::secret("files.s3.secret", "The secret of that key."),
    Key::new(
        "files.scan",
        "",
        "Scanner that looks at every file: the address of a clamd, `tcp:HOST:PORT` or `unix:/PATH`; empty = none, and every file counts as clean. While it is away files are taken in and wait: they can neither be read nor used. Its `StreamMaxLength` has to be at least `files.max_mib`.",
    ),
    Key::new("limits.depth", "12", "Levels of selection a GraphQL document may have, 3-50."),
    Key::new(
        "limits.complexity",
        "20000",
        "Fields a GraphQL document may ask for, a list counting as often as it may hold, 100-1000000.",
    ),
    Key::new(
        "limits.burst",
        "200000",
        "Points a user may ask GraphQL for at once, an operation costing its complexity, 1000-1000000000; a tenant's users together have five times as many.",
    ),
    Key::new("limits.per_second", "2000", "How many of these points come back in a second, 1-1000000000."),
    Key::new(
        "limits.get",
        "false",
        "Whether GraphQL queries may be asked by GET too, as some tools do: `true` or `false`.",
    ),
    Key::new(
        "limits.introspection",
        "permitted",
        "Who may ask GraphQL for its schema: `everybody`, `permitted` (who may read the API, see docs/permissions.md) or `nobody`.",
    ),
    Key::new(
        "limits.documents",
        "permitted",
        "Who may send GraphQL documents of its own: `everybody`, `permitted` (who may read the API) or `nobody`. Others send the documents of the console, and sign in.",
    ),
    Key::new(
        "metrics.listen",
        "",
        "Address and port of the figures for Prometheus (`GET /metrics`), for `serve` and `worker`; keep it inside. Empty = none.",
    ),
    Key::new(
        "traces.endpoint",
        "",
        "Where traces go: the address of an OpenTelemetry collector for OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. Empty = nowhere.",
    ),
    Key::new("traces.share", "1", "Which share of requests is traced where the caller does not say, 0-1."),
    Key::new(
        "log.level",
        "info,sqlx=warn,sea_orm_migration=warn",
        "What is logged: `error`, `warn`, `info`, `debug` or `trace`, also by module (`info,voxpark_infra=debug`).",
    ),
    Key::new("log.json", "false", "One JSON object a line instead of text: `true` or `false`."),
];

/// The setting with this name.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}

/// `docs/configuration.md`, from the table.
pub fn reference() -> String {
    let mut out = String::from(
        "# Configuration\n\n\
         <!-- Printed by `voxpark config reference` from infra/src/config/keys.rs; a test compares. -->\n\n\
         Every setting has a name in the configuration file (`voxpark.toml` in the working folder, or the file that\n\
         `--config` names) and a variable in the environment; the environment wins. Without either, Voxpark runs embedded:\n\
         SQLite, files and outgoing mail in one data folder, no other service.\n\n\
         A name that is not in this table, in the file or in the environment (`VOXPARK_...`), is refused, so that a typing\n\
         mistake cannot pass as a setting. Variables named `VOXPARK_TEST_...` belong to the tests. `voxpark config check`\n\
         prints every setting with its value and where it came from; secrets show as `***`.\n\n\
         | name | environment | default | meaning |\n|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        let secret = if key.secret { "**Secret.** " } else { "" };
        let _ = writeln!(out, "| `{}` | `{}` | {default} | {secret}{} |", key.name, key.variable(), key.help);
    }
    out.push_str(
        "\n## A production file\n\n\
         ```toml\n\
         listen = \"127.0.0.1:8080\"            # behind a reverse proxy that speaks TLS\n\
         public_url = \"https://park.example\"\n\
         data_dir = \"/var/lib/voxpark\"\n\n\
         [database]\n\
         url = \"postgres://db.internal:5432/voxpark\"\n\n\
         [mail]\n\
         mode = \"smtp\"\n\
         from = \"Park <office@park.example>\"\n\n\
         [mail.smtp]\n\
         host = \"mail.internal\"\n\
         user = \"voxpark\"\n\
         ```\n\n\
         with `VOXPARK_SECRET_KEY`, `VOXPARK_MAIL_SMTP_PASSWORD` and, for `migrate` alone, `VOXPARK_DATABASE_OWNER_URL` in\n\
         the environment.\n",
    );
    out
}
