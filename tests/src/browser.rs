//! A real browser: Debian's Chromium, headless, driven through ChromeDriver.
//!
//! Every [`Browser`] has a driver, a profile and a language of its own and takes all of its processes with it when
//! dropped, also out of a failed test. Tests that use one live in `it/browser/`, so that `./test fast` can leave them out.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::tools::{self, Process, TempDir};

/// How long a page may take to show what a test waits for. Long, because it is spent only on failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// What kind of browser to open.
#[derive(Clone, Debug)]
pub struct Setup {
    language: String,
    size: (u32, u32),
    phone: bool,
    script: bool,
    dark: bool,
}

impl Setup {
    /// A wide screen, light, with script, that asks for pages in this language (a BCP 47 tag).
    pub fn desktop(language: &str) -> Self {
        Self { language: language.to_owned(), size: (1280, 900), phone: false, script: true, dark: false }
    }
    /// A phone held upright: 390 x 844 points, two pixels a point, touch.
    pub fn phone(language: &str) -> Self {
        Self { size: (390, 844), phone: true, ..Self::desktop(language) }
    }
    /// With JavaScript off, as some carry it and as every page must stand.
    #[must_use]
    pub fn without_script(self) -> Self {
        Self { script: false, ..self }
    }
    /// With a preference for dark colours.
    #[must_use]
    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }
    /// With another window, in points.
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        Self { size: (width, height), ..self }
    }

    fn capabilities(&self, profile: &TempDir) -> Capabilities {
        let (width, height) = self.size;
        let mut args = vec![
            // Chromium refuses its sandbox to root, which is who runs tests on a build machine.
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            // Asks nobody for anything: these tests run where there is no network.
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--user-data-dir={}", profile.path().join("profile").display()),
            format!("--window-size={width},{height}"),
            format!("--lang={}", self.language),
        ];
        if self.dark {
            args.push("--force-dark-mode".to_owned());
        }
        let mut options = json!({
            "args": args,
            "prefs": {
                "intl.accept_languages": self.language,
                "profile.managed_default_content_settings.javascript": if self.script { 1 } else { 2 },
            },
        });
        if self.phone {
            options["mobileEmulation"] = json!({
                "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2.0, "touch": true, "mobile": true },
            });
        }
        [("goog:chromeOptions".to_owned(), options), ("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }))]
            .into_iter()
            .collect()
    }
}

/// An open browser window; everything that [`Client`] does, and what our tests do often.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    driver: String,
    // In this order: the processes end before their profile goes.
    _process: Process,
    _profile: TempDir,
}

impl Deref for Browser {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Browser {
    /// Opens one.
    ///
    /// # Panics
    /// When Chromium or ChromeDriver are missing or do not start.
    pub async fn open(setup: &Setup) -> Self {
        let profile = TempDir::new();
        // Port 0: the driver chooses a free one and says which. What a killed browser leaves behind goes with the profile.
        let mut process = Process::start(
            Command::new("chromedriver")
                .args(["--port=0", "--log-level=SEVERE"])
                .env("TMPDIR", profile.path())
                .env("XDG_CONFIG_HOME", profile.path()),
        );
        let line = process.line_with("started successfully on port");
        let port = line.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
        let driver = format!("http://127.0.0.1:{port}");
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(setup.capabilities(&profile))
            .connect(&driver)
            .await
            .unwrap_or_else(|e| panic!("no browser session: {e}\n{}", process.output()));
        let browser = Self { client, driver, _process: process, _profile: profile };
        // A window without a screen may lose the focus when a key led from page to page.
        let focus = json!({ "cmd": "Emulation.setFocusEmulationEnabled", "params": { "enabled": true } });
        browser.ask("goog/cdp/execute", &focus).await;
        browser
    }

    /// Asks the driver what the protocol of `fantoccini` does not have.
    async fn ask(&self, what: &str, body: &Value) -> Value {
        let session = self.client.session_id().await.expect("the session lives").unwrap_or_default();
        let request = Request::post(format!("{}/session/{session}/{what}", self.driver))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        let answer = tools::http(request).await.into_body();
        serde_json::from_slice(&answer).expect("the driver answers in JSON")
    }

    /// Gives the browser an authenticator of its own (WebAuthn's extension of WebDriver): built in, keeps passkeys, and its
    /// person always consents.
    ///
    /// # Panics
    /// When the driver refuses.
    pub async fn add_authenticator(&self) {
        let kind = json!({ "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true });
        let answer = self.ask("webauthn/authenticator", &kind).await;
        assert!(answer["value"].is_string(), "no authenticator: {answer}");
    }

    /// Goes to a page and waits until it has loaded.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn visit(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|e| panic!("{url}: {e}"));
    }

    /// Waits for an element by its CSS selector.
    ///
    /// # Panics
    /// When it does not come; with the address and the text of the page.
    pub async fn element(&self, css: &str) -> Element {
        self.wait_for(Locator::Css(css), css).await
    }

    /// Waits for an element that holds exactly this text (spaces at its ends and in rows do not count).
    ///
    /// # Panics
    /// When it does not come, and when the text has both kinds of quotation marks.
    pub async fn text(&self, text: &str) -> Element {
        let quote = if text.contains('"') { '\'' } else { '"' };
        assert!(!text.contains(quote), "XPath 1.0 cannot quote {text:?}");
        let xpath = format!(
            "//body//*[not(self::script)][normalize-space(.)={quote}{text}{quote}][not(*[normalize-space(.)={quote}{text}{quote}])]"
        );
        self.wait_for(Locator::XPath(&xpath), text).await
    }

    async fn wait_for(&self, locator: Locator<'_>, what: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).every(Duration::from_millis(50)).for_element(locator).await {
            Ok(element) => element,
            Err(e) => panic!("{what:?} does not show: {e}\n{}", self.describe().await),
        }
    }

    /// Where the browser is and what it reads there, for the message of a failed test.
    pub async fn describe(&self) -> String {
        let at = self.client.current_url().await.map_or_else(|e| e.to_string(), |url| url.to_string());
        let text = match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_else(|e| e.to_string()),
            Err(e) => e.to_string(),
        };
        format!("at {at}:\n{text}")
    }

    /// Clicks what the CSS selector names, once it is there.
    ///
    /// # Panics
    /// When it is not there or cannot be clicked (hidden, covered).
    pub async fn click(&self, css: &str) {
        let start = Instant::now();
        while let Err(e) = self.element(css).await.click().await {
            self.asked_again(css, &e, start).await;
        }
    }

    /// A page that is just being replaced takes its elements along: what was found on it is looked for on the next one.
    /// Whatever else is wrong fails the test.
    async fn asked_again(&self, css: &str, e: &CmdError, since: Instant) {
        let replaced = e.is_stale_element_reference() && since.elapsed() < PATIENCE;
        assert!(replaced, "{css} cannot be used: {e}\n{}", self.describe().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    /// Replaces the text of a field.
    ///
    /// # Panics
    /// When it is not there or takes no text.
    pub async fn fill(&self, css: &str, text: &str) {
        let start = Instant::now();
        loop {
            let field = self.element(css).await;
            let filled = match field.clear().await {
                Ok(()) => field.send_keys(text).await,
                Err(e) => Err(e),
            };
            match filled {
                Ok(()) => return,
                Err(e) => self.asked_again(css, &e, start).await,
            }
        }
    }

    /// Chooses in a list of choices by the value of the choice.
    ///
    /// # Panics
    /// When it is not there or has no such choice.
    pub async fn choose(&self, css: &str, value: &str) {
        let field = self.element(css).await;
        field.select_by_value(value).await.unwrap_or_else(|e| panic!("{css} has no choice {value}: {e}"));
    }

    /// Names the file to be sent.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn attach(&self, css: &str, file: &Path) {
        let path = file.display().to_string();
        self.element(css).await.send_keys(&path).await.unwrap_or_else(|e| panic!("{css} takes no file: {e}"));
    }

    /// Presses a key where the focus is.
    ///
    /// # Panics
    /// When nothing can have the focus.
    pub async fn press(&self, key: Key) {
        self.type_in(&char::from(key).to_string()).await;
    }

    /// Types where the focus is.
    ///
    /// # Panics
    /// When nothing can have the focus.
    pub async fn type_in(&self, text: &str) {
        let focus = self.client.active_element().await.expect("something has the focus");
        focus.send_keys(text).await.unwrap_or_else(|e| panic!("{text:?} cannot be typed: {e}"));
    }

    /// What has the focus, by its accessible name or its text.
    ///
    /// # Panics
    /// When script is off.
    pub async fn focus(&self) -> String {
        let script =
            "const e = document.activeElement; return (e.getAttribute('aria-label') ?? e.innerText ?? '').trim()";
        let name = self.client.execute(script, Vec::new()).await.expect("the page answers");
        name.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an element reads so, with whatever stands before and behind.
    ///
    /// # Panics
    /// When it does not come to that.
    pub async fn reads(&self, css: &str, text: &str) {
        let words = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        let (start, wanted, mut last) = (Instant::now(), words(text), String::new());
        while start.elapsed() < PATIENCE {
            // A page that is just being replaced answers with an error: it is asked again.
            if let Ok(element) = self.client.find(Locator::Css(css)).await {
                last = words(&element.text().await.unwrap_or_default());
                if last.contains(&wanted) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{css:?} does not read {text:?} but {last:?}\n{}", self.describe().await);
    }

    /// The path and query of the page.
    ///
    /// # Panics
    /// When the driver does not answer.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("the browser is somewhere");
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// What the present page lacks of what every page must have: names of controls and drawings, one heading, the
    /// language, room on the screen, a visible focus, contrast. A good page leaves this empty.
    ///
    /// # Panics
    /// When script is off.
    pub async fn faults(&self, language: &str) -> Vec<String> {
        let faults = self.client.execute(include_str!("faults.js"), vec![json!(language)]).await;
        serde_json::from_value(faults.expect("the page answers")).expect("faults are texts")
    }

    /// Asserts that the present page is good: no [faults](Self::faults), no [complaints](Self::complaints), nothing
    /// from another host.
    ///
    /// # Panics
    /// When it is not.
    pub async fn good(&self, language: &str) {
        let mut all = self.faults(language).await;
        all.extend(self.complaints().await);
        let url = self.client.current_url().await.expect("the browser is somewhere");
        let own = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or_default());
        all.extend(self.hosts().await.into_iter().filter(|host| *host != own));
        assert!(all.is_empty(), "{url}:\n{}", all.join("\n"));
    }

    /// Saves what the window shows as `<name>.png` and returns where: `target/screenshots`, or the folder that
    /// `VOXPARK_SCREENSHOTS` names.
    ///
    /// # Panics
    /// When it cannot be taken or saved.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let folder = tools::setting("VOXPARK_SCREENSHOTS")
            .map_or_else(|| tools::build_dir().with_file_name("screenshots"), PathBuf::from);
        fs::create_dir_all(&folder).expect("the folder of the screenshots");
        let path = folder.join(format!("{name}.png"));
        let png = self.client.screenshot().await.expect("a screenshot");
        fs::write(&path, png).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        path
    }

    /// What the browser has complained about since the last call: script errors, refused styles and scripts (content
    /// security policy), answers of 400 and above. A good page leaves this empty.
    ///
    /// # Panics
    /// When the driver does not answer.
    pub async fn complaints(&self) -> Vec<String> {
        let answer = self.ask("se/log", &json!({ "type": "browser" })).await;
        let entries = answer["value"].as_array().unwrap_or_else(|| panic!("the driver has no log: {answer}"));
        entries
            .iter()
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .filter_map(|entry| entry["message"].as_str().map(str::to_owned))
            .collect()
    }

    /// The hosts that the present page loaded something from.
    ///
    /// # Panics
    /// When script is off: the page itself is asked.
    pub async fn hosts(&self) -> Vec<String> {
        let script = "return [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).host))]";
        let hosts = self.client.execute(script, Vec::new()).await.expect("the page answers");
        serde_json::from_value(hosts).expect("hosts are texts")
    }
}
