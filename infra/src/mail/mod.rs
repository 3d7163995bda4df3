//! Outgoing mail: into a folder of `.eml` files, or through a server. [`Postman`] sends the letters that were posted, in the
//! words of [`words`].

mod notice;
mod postman;
pub mod words;

pub use notice::RequestNotices;
pub use postman::{Enclosures, Postman};

use std::fmt;
use std::path::PathBuf;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use voxpark_domain::{Error, Refusal, RefusalCode, Result};

use self::words::Written;
use crate::config::{Mail, MailWay, Smtp, Tls};

/// Sends letters.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Outbox(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailer")
    }
}

impl Mailer {
    /// As configured. Connections are made when first used.
    ///
    /// # Errors
    /// An internal error when the sender or the server's name cannot be used.
    pub fn new(mail: &Mail) -> Result<Self> {
        let from = mail.from.parse().map_err(|_| Error::internal("mail.from: not an address"))?;
        let way = match &mail.way {
            MailWay::Outbox(folder) => Way::Outbox(folder.clone()),
            MailWay::Smtp(server) => Way::Smtp(smtp(server)?),
        };
        Ok(Self { from, way })
    }

    /// Whether letters could leave: the folder can be written, the server answers and accepts our sign-in.
    ///
    /// # Errors
    /// An internal error that says why not.
    pub async fn check(&self) -> Result<()> {
        match &self.way {
            Way::Outbox(folder) => {
                tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
                let probe = folder.join(".probe");
                tokio::fs::write(&probe, b"").await.map_err(Error::internal)?;
                tokio::fs::remove_file(&probe).await.map_err(Error::internal)
            }
            Way::Smtp(server) => {
                let answers = server.test_connection().await.map_err(Error::internal)?;
                if answers { Ok(()) } else { Err(Error::internal("the server closed the connection")) }
            }
        }
    }

    /// Sends a letter as text and HTML, with what is enclosed.
    ///
    /// # Errors
    /// Why it did not leave; no address is in it.
    pub async fn deliver(&self, to: &str, written: &Written, enclosed: &Enclosed) -> Result<(), Unsent> {
        // Nothing of an address belongs into a log.
        let to: Mailbox = to.parse().map_err(|_| Unsent::ForGood("553".to_owned(), true))?;
        let unwritten = || Unsent::ForGood("letter".to_owned(), false);
        let mut builder = Message::builder().from(self.from.clone()).to(to).subject(written.subject.clone());
        if let Some(reply) = enclosed.reply_to.as_deref().and_then(|reply| reply.parse().ok()) {
            builder = builder.reply_to(reply);
        }
        let mut body = MultiPart::alternative_plain_html(written.text.clone(), written.html.clone());
        if !enclosed.files.is_empty() {
            let mut parts = MultiPart::mixed().multipart(body);
            for file in &enclosed.files {
                let media_type = ContentType::parse(file.media_type).map_err(|_| unwritten())?;
                parts = parts.singlepart(Attachment::new(file.name.clone()).body(file.bytes.clone(), media_type));
            }
            body = parts;
        }
        let letter = builder.multipart(body).map_err(|_| unwritten())?;
        match &self.way {
            Way::Outbox(folder) => {
                let later = |_| Unsent::Later("outbox".to_owned());
                tokio::fs::create_dir_all(folder).await.map_err(later)?;
                let outbox = AsyncFileTransport::<Tokio1Executor>::new(folder);
                outbox.send(letter).await.map(|_| ()).map_err(|_| Unsent::Later("outbox".to_owned()))
            }
            Way::Smtp(server) => server.send(letter).await.map(|_| ()).map_err(|error| unsent(&error)),
        }
    }

    /// Sends a plain letter.
    ///
    /// # Errors
    /// `email-invalid`; an internal error when it could not be handed over.
    pub async fn send(&self, to: &str, subject: &str, body: &str) -> Result<()> {
        let to: Mailbox = to.parse().map_err(|_| Refusal::new(RefusalCode::Invalid, "email-invalid").at("email"))?;
        let letter = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body.to_owned())
            .map_err(Error::internal)?;
        match &self.way {
            Way::Outbox(folder) => {
                tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
                let outbox = AsyncFileTransport::<Tokio1Executor>::new(folder);
                outbox.send(letter).await.map(|_| ()).map_err(Error::internal)
            }
            Way::Smtp(server) => server.send(letter).await.map(|_| ()).map_err(Error::internal),
        }
    }
}

/// A file that goes with a letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Its name.
    pub name: String,
    /// What it is.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Enclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Enclosure({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// What goes with a letter beside its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enclosed {
    /// Files.
    pub files: Vec<Enclosure>,
    /// Where an answer goes.
    pub reply_to: Option<String>,
}

/// Why a letter did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// It may another time; the server's code or what failed.
    Later(String),
    /// It never will: the server's code, and whether it was the address that was refused.
    ForGood(String, bool),
}

/// What a mail server's answer means. 5yz is for good (RFC 5321, 4.2.1), but what it says of our own sign-in can be mended;
/// 550, 551, 553 and 556 are about the address.
fn unsent(error: &lettre::transport::smtp::Error) -> Unsent {
    let Some(code) = error.status().map(|code| code.to_string()) else {
        return Unsent::Later(if error.is_timeout() { "timeout" } else { "connection" }.to_owned());
    };
    if !error.is_permanent() || matches!(code.as_str(), "530" | "534" | "535" | "538") {
        return Unsent::Later(code);
    }
    let address = matches!(code.as_str(), "550" | "551" | "553" | "556");
    Unsent::ForGood(code, address)
}

fn smtp(server: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    type Transport = AsyncSmtpTransport<Tokio1Executor>;
    let builder = match server.tls {
        Tls::Starttls => Transport::starttls_relay(&server.host).map_err(Error::internal)?,
        Tls::Implicit => Transport::relay(&server.host).map_err(Error::internal)?,
        Tls::None => Transport::builder_dangerous(&server.host),
    };
    let builder = builder.port(server.port).timeout(Some(std::time::Duration::from_secs(20)));
    Ok(match &server.login {
        Some((user, password)) => builder.credentials(Credentials::new(user.clone(), password.expose().to_owned())),
        None => builder,
    }
    .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_lands_in_the_outbox() {
        let folder = std::env::temp_dir().join(format!("voxpark-outbox-{}", std::process::id()));
        let mail =
            Mail {
                from: "园区 <park@example.test>".to_owned(), way: MailWay::Outbox(folder.clone()), per_minute: 60
            };
        let mailer = Mailer::new(&mail).expect("a mailer");
        mailer.check().await.expect("the folder can be written");
        mailer.send("somebody@example.test", "账单", "您好。\n").await.expect("sent");
        assert!(mailer.send("nobody", "x", "y").await.is_err());
        let letters: Vec<_> = std::fs::read_dir(&folder).expect("the folder").flatten().map(|e| e.path()).collect();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].extension().is_some_and(|e| e == "eml"));
        let text = std::fs::read_to_string(&letters[0]).expect("a letter");
        assert!(text.contains("To: somebody@example.test"), "{text}");
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told() {
        let smtp = Smtp { host: "127.0.0.1".to_owned(), port: 9, login: None, tls: Tls::None };
        let mail = Mail { from: "park@example.test".to_owned(), way: MailWay::Smtp(smtp), per_minute: 60 };
        assert!(Mailer::new(&mail).expect("a mailer").check().await.is_err());
    }
}
