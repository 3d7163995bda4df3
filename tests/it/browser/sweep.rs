//! Every page that can be come to by links, as everybody who has pages: on a wide screen and on a phone, light and dark.

use std::collections::{BTreeMap, BTreeSet};

use voxpark_tests::Backend;
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::site::Site;

use super::ground::{assessment, invoice, park, sign_in, sign_out, submit, under, with_calls};
use crate::platform_bill;

/// The kind of a page: its path without ids, and the name of its query parameter, whatever it says; of several, `seat`
/// (which opens a panel) counts.
fn kind(href: &str) -> String {
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let steps = path.split('/').map(|step| {
        // Ids are prefixed (`lease_...`); clauses and sections are numbers.
        if step.contains('_') || step.starts_with(|c: char| c.is_ascii_digit()) { "*" } else { step }
    });
    let name = match query.split('&').filter_map(|p| p.split('=').next()).collect::<Vec<_>>().as_slice() {
        names if names.contains(&"seat") => "seat",
        [] | [""] => "",
        [one] => one,
        _ => "several",
    };
    format!("{}?{name}", steps.collect::<Vec<_>>().join("/"))
}

/// Follows every link to a kind of page that was not seen yet; what is wrong on each, and the kinds that were seen.
async fn walk(site: &Site, browser: &Browser, who: &str, language: &str) -> (Vec<String>, BTreeSet<String>) {
    sign_in(site, browser, who, "/").await;
    let mut open: BTreeMap<String, String> = [(String::new(), browser.path().await)].into();
    if who == "park" {
        open.insert("search".to_owned(), "/park/search?q=a1".to_owned());
    }
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    while let Some((kind_of, href)) = open.pop_first() {
        seen.extend([kind_of, kind(&href)]);
        browser.visit(&site.at(&href)).await;
        let mut all = browser.faults(language).await;
        all.extend(browser.complaints().await);
        wrong.extend(all.into_iter().map(|fault| format!("{who} {href}: {fault}")));
        if let Some(path) = kind(&href).strip_suffix(['?']) {
            let name = path.trim_matches('/').replace('/', "-").replace('*', "one");
            browser.screenshot(&format!("page-{}-{name}", language.split('-').next().unwrap_or_default())).await;
        }
        let script = "return [...document.querySelectorAll('a[href]')].filter(a => !a.hasAttribute('download')).map(a => a.getAttribute('href'))
            .filter(h => !h.startsWith('#')).map(h => new URL(h, location.href)).filter(u => u.host === location.host && !u.search.includes('lang='))
            .map(u => u.pathname + u.search)";
        let links: Vec<String> = serde_json::from_value(browser.execute(script, Vec::new()).await.unwrap()).unwrap();
        for link in links {
            let kind = kind(&link);
            if !seen.contains(&kind) {
                open.entry(kind).or_insert(link);
            }
        }
    }
    sign_out(browser).await;
    (wrong, seen)
}

/// A park in use, with a little of everything.
async fn in_use() -> Site {
    let site = park(Backend::Sqlite).await;
    invoice(&site.world, "a1").await;
    with_calls(&site.world).await;
    let id = assessment(&site.world, 5).await;
    submit(&site.world, &id).await;
    under(&site.world).await;
    let asked = serde_json::json!({ "kind": "MORE", "seats": 20, "from": "2027-01-01", "reason": "新项目", "idempotencyKey": "sweep" });
    site.world.done("a1", "seatRequestCreate", "", asked).await;
    let run = serde_json::json!({ "month": "2026-09", "idempotencyKey": "sweep" });
    site.world.done("park", "billingRunStart", "run { id }", run).await;
    let again = serde_json::json!({ "from": "2026-01", "to": "2026-12", "idempotencyKey": "sweep" });
    site.world.done("park", "repricingStart", "run { id }", again).await;
    site.world.run_jobs().await;
    let of = site.world.ids.park_a;
    platform_bill::terms(&site.world, of, "2026-10", platform_bill::FLAT, "6").await.unwrap();
    let bill = platform_bill::bill(&site.world, of, "2026-10").await.unwrap().unwrap();
    platform_bill::pay(&site.world, &bill.number.to_string(), Some("6.00")).await.unwrap();
    site
}

async fn sweep(setup: &Setup, language: &str) {
    let site = in_use().await;
    let browser = Browser::open(setup).await;
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    browser.visit(&site.at("/sign-in")).await;
    wrong.extend(browser.faults(language).await);
    for who in ["park", "a1", "assessor", "a1-agent"] {
        let (more, kinds) = walk(&site, &browser, who, language).await;
        wrong.extend(more);
        seen.extend(kinds);
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(seen.len() > 55, "few pages are linked: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_on_a_wide_screen() {
    sweep(&Setup::desktop("en").dark(), "en").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_on_a_phone() {
    sweep(&Setup::phone("zh-CN"), "zh-CN").await;
}
