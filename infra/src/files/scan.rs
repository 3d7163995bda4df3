//! A scanner behind the INSTREAM command of clamd (clamd(8)): the file goes over one connection, the verdict comes back.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use voxpark_domain::{Error, Result};

use super::Bytestream;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one file may take: a large archive is unpacked and looked through.
const PATIENCE: Duration = Duration::from_mins(5);
/// Bytes of a piece; clamd takes any size below its `StreamMaxLength`.
const PIECE: usize = 64 * 1024;
/// The longest answer that is read, bytes.
const MAX_ANSWER: u64 = 4 * 1024;

/// Where a scanner listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// `tcp:HOST:PORT`.
    Tcp(String),
    /// `unix:/PATH`.
    Unix(PathBuf),
}

/// What a scanner says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// This was found.
    Found(String),
}

impl FromStr for Scanner {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = "wanted is tcp:HOST:PORT or unix:/PATH of a clamd, or nothing";
        if let Some(path) = text.strip_prefix("unix:").filter(|p| p.starts_with('/')) {
            return Ok(Self::Unix(path.into()));
        }
        let address = text.strip_prefix("tcp:").ok_or(wanted)?;
        let (host, port) = address.rsplit_once(':').ok_or(wanted)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(wanted);
        }
        Ok(Self::Tcp(address.to_owned()))
    }
}

impl fmt::Display for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A connection of either kind.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

impl Scanner {
    async fn connect(&self) -> Result<Box<dyn Wire>> {
        let connected = async {
            Ok::<Box<dyn Wire>, std::io::Error>(match self {
                Self::Tcp(address) => Box::new(TcpStream::connect(address).await?),
                Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
            })
        };
        match tokio::time::timeout(CONNECT, connected).await {
            Ok(Ok(wire)) => Ok(wire),
            Ok(Err(error)) => Err(Error::internal(format!("the scanner {self} is away: {error}"))),
            Err(_) => Err(Error::internal(format!("the scanner {self} does not answer"))),
        }
    }

    /// Has a file looked at.
    ///
    /// # Errors
    /// An internal error when the scanner is away, is too slow, or says anything but a verdict (a file above its own
    /// limits, for one): then nothing is known of the file.
    pub async fn scan(&self, file: Bytestream) -> Result<Verdict> {
        let mut wire = self.connect().await?;
        let asked = async {
            // It may answer and hang up before it has everything.
            let sent = send(&mut wire, file).await;
            match (answer(&mut wire).await, sent) {
                (Ok(answer), _) if !answer.is_empty() => Ok(answer),
                (_, Err(error)) | (Err(error), _) => Err(error),
                (Ok(_), Ok(())) => Err(std::io::ErrorKind::UnexpectedEof.into()),
            }
        };
        let said = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(said) => said.map_err(|e| Error::internal(format!("the scanner {self} broke off: {e}")))?,
            Err(_) => return Err(Error::internal(format!("the scanner {self} takes too long"))),
        };
        verdict(&said).ok_or_else(|| Error::internal(format!("the scanner {self} says: {said}")))
    }

    /// Asks whether it is there.
    ///
    /// # Errors
    /// An internal error when it is not.
    pub async fn ping(&self) -> Result<()> {
        let mut wire = self.connect().await?;
        let asked = async {
            wire.write_all(b"zPING\0").await?;
            answer(&mut wire).await
        };
        match tokio::time::timeout(CONNECT, asked).await {
            Ok(Ok(said)) if said == "PONG" => Ok(()),
            Ok(Ok(said)) => Err(Error::internal(format!("the scanner {self} says: {said}"))),
            Ok(Err(error)) => Err(Error::internal(format!("the scanner {self} broke off: {error}"))),
            Err(_) => Err(Error::internal(format!("the scanner {self} does not answer"))),
        }
    }
}

async fn send(wire: &mut Box<dyn Wire>, mut file: Bytestream) -> std::io::Result<()> {
    wire.write_all(b"zINSTREAM\0").await?;
    while let Some(chunk) = file.next().await {
        for piece in chunk?.chunks(PIECE) {
            wire.write_all(&u32::try_from(piece.len()).unwrap_or(0).to_be_bytes()).await?;
            wire.write_all(piece).await?;
        }
    }
    wire.write_all(&0_u32.to_be_bytes()).await?;
    wire.flush().await
}

async fn answer(wire: &mut Box<dyn Wire>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    wire.take(MAX_ANSWER).read_to_end(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\0', '\n']).to_owned())
}

/// The verdict in an answer: `stream: OK`, `stream: NAME FOUND`.
fn verdict(said: &str) -> Option<Verdict> {
    let said = said.strip_prefix("stream: ")?;
    if said == "OK" {
        return Some(Verdict::Clean);
    }
    said.strip_suffix(" FOUND").map(|name| Verdict::Found(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_verdict_is_one() {
        assert_eq!(verdict("stream: OK"), Some(Verdict::Clean));
        assert_eq!(
            verdict("stream: Eicar-Test-Signature FOUND"),
            Some(Verdict::Found("Eicar-Test-Signature".to_owned()))
        );
        for other in
            ["", "OK", "INSTREAM size limit exceeded. ERROR", "stream: Can't allocate memory ERROR", "UNKNOWN COMMAND"]
        {
            assert_eq!(verdict(other), None, "{other}");
        }
    }

    #[test]
    fn addresses_are_told_apart() {
        assert_eq!("tcp:127.0.0.1:3310".parse(), Ok(Scanner::Tcp("127.0.0.1:3310".to_owned())));
        assert_eq!("unix:/run/clamav/clamd.ctl".parse(), Ok(Scanner::Unix("/run/clamav/clamd.ctl".into())));
        for bad in ["", "127.0.0.1:3310", "tcp:127.0.0.1", "tcp::3310", "unix:clamd.ctl"] {
            assert!(bad.parse::<Scanner>().is_err(), "{bad}");
        }
    }
}
