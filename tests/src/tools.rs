//! Folders, ports, child processes and the product's own binary.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// The root of the checkout.
///
/// # Panics
/// Never in a checkout.
pub fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate is a folder of the workspace")
}

/// Reads a variable of the environment that the test runner was started with; an empty one counts as absent.
#[expect(clippy::disallowed_methods, reason = "the tests' own settings come from the environment of ./test")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A number that no other caller in this process gets.
pub fn serial() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An empty folder that is removed with everything in it when dropped.
#[derive(Debug)]
pub struct TempDir(PathBuf);

impl TempDir {
    /// Makes one.
    ///
    /// # Panics
    /// When the system's folder for such things cannot be written.
    #[expect(clippy::new_without_default, reason = "it makes a folder: nothing that should happen by default")]
    pub fn new() -> Self {
        let parent = std::env::temp_dir();
        loop {
            // A process id can return, and a killed test leaves its folder behind: then the next number is free.
            let path = parent.join(format!("voxpark-it-{}-{}", std::process::id(), serial()));
            match fs::create_dir(&path) {
                Ok(()) => return Self(path),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => panic!("cannot make {}: {e}", path.display()),
            }
        }
    }
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // A browser that was just killed may still be letting go of its files.
        for _ in 0..20 {
            if fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        eprintln!("could not remove {}", self.0.display());
    }
}

/// A loopback port that was free just now. Better: let the program choose (port 0) and tell.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
    listener.local_addr().expect("a bound listener has an address").port()
}

/// The folder that cargo builds into: the test binary is in its `deps`.
///
/// # Panics
/// When the test binary was moved out of it.
pub fn build_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("a test binary has a path");
    exe.parent().and_then(Path::parent).expect("the test binary is in target/<profile>/deps").to_owned()
}

/// The `voxpark` binary of this build, ready for arguments, with an environment that holds no setting of ours.
///
/// # Panics
/// When it was not built (`./test` does so first).
#[expect(clippy::disallowed_methods, reason = "keeps the developer's own settings away from the tested binary")]
pub fn voxpark() -> Command {
    let path = build_dir().join("voxpark");
    assert!(path.exists(), "{} is not there: run ./test, or `cargo build --workspace` first", path.display());
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("VOXPARK_")) {
        command.env_remove(name);
    }
    command
}

/// A child process with its descendants; all of them are killed when this is dropped, by their process group.
///
/// A descendant that makes a group of its own escapes: none of ours do.
pub struct Process {
    child: Child,
    ended: bool,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("id", &self.child.id()).finish_non_exhaustive()
    }
}

impl Process {
    /// Starts it, without input, its output kept for [`Process::line_with`].
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {}: {e}", command.get_program().display()));
        let (sender, lines) = channel();
        forward(child.stdout.take(), sender.clone());
        forward(child.stderr.take(), sender);
        Self { child, ended: false, lines, seen: Vec::new() }
    }
    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
    /// Waits for the next line of output that contains the text and returns that line. Blocks the thread.
    ///
    /// # Panics
    /// After half a minute, or when the output ends first; with everything the process said.
    pub fn line_with(&mut self, text: &str) -> String {
        self.line_within(text, Duration::from_secs(30))
    }
    /// The same for what takes its time.
    ///
    /// # Panics
    /// When it took longer, or the output ends first; with everything the process said.
    pub fn line_within(&mut self, text: &str, patience: Duration) -> String {
        let start = Instant::now();
        loop {
            match self.lines.recv_timeout(patience.saturating_sub(start.elapsed())) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("no line with {text:?} in time:\n{}", self.output()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended without a line with {text:?}:\n{}", self.output()),
            }
        }
    }
    /// Everything it has said so far, both streams, in order of arrival.
    pub fn output(&mut self) -> String {
        self.seen.extend(self.lines.try_iter());
        self.seen.join("\n")
    }
    /// Asks it to stop (`TERM`) and waits; returns its exit code, `None` when a signal ended it.
    ///
    /// # Panics
    /// When it has not stopped after half a minute.
    pub fn stop(mut self) -> Option<i32> {
        signal("TERM", &self.child.id().to_string());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                self.kill_group();
                return status.code();
            }
            assert!(start.elapsed() < Duration::from_secs(30), "does not stop:\n{}", self.output());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Process {
    /// Once: after the process is waited for and its group is empty, the number may belong to somebody else.
    fn kill_group(&mut self) {
        if !self.ended {
            signal("KILL", &format!("-{}", self.child.id()));
            self.ended = true;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
        let _ = self.child.wait();
    }
}

/// Sends a signal to one process, or to the group of a negative id.
fn signal(name: &str, target: &str) {
    // The shell's own `kill`: there may be no other on a small machine, and ours would need unsafe code.
    let _ = Command::new("sh").args(["-c", "kill -s \"$0\" -- \"$1\"", name, target]).stderr(Stdio::null()).status();
}

fn forward(stream: Option<impl Read + Send + 'static>, sender: Sender<String>) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        // Reads on even when nobody listens: a full pipe would stop the process.
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
}

/// Sends a request to a real server (`http://` only) and collects the answer.
///
/// # Panics
/// When there is no answer.
pub async fn http(request: Request<Body>) -> Response<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let what = format!("{} {}", request.method(), request.uri());
    let response = client.request(request).await.unwrap_or_else(|e| panic!("{what}: {e}"));
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.unwrap_or_else(|e| panic!("{what}: {e}"));
    Response::from_parts(head, body)
}
