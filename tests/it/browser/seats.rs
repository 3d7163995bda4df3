//! The map of a floor with nothing but a keyboard.

use fantoccini::key::Key;
use voxpark_tests::Backend;
use voxpark_tests::browser::{Browser, Setup};

use super::ground::{park, sign_in};

/// Presses the tabulator until something has the focus.
async fn tab_to(browser: &Browser, name: &str) {
    for _ in 0..60 {
        if browser.focus().await.starts_with(name) {
            return;
        }
        browser.press(Key::Tab).await;
    }
    panic!("the tabulator does not come to {name:?}\n{}", browser.describe().await);
}

/// From the door to a seat, along the row and down, its panel, back; then free seats are given to a tenant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_by_keyboard() {
    let site = park(Backend::Sqlite).await;
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "park", "/park/map").await;
    browser.reads("h1", "A, 3F").await;
    browser.good("en").await;
    browser.reads(".legend", "a1 Centre 10").await;
    browser.reads(".legend", "a2 Centre 6").await;
    browser.reads(".legend", "Free 44").await;

    // The first tabulator is for those who do not want the navigation.
    browser.visit(&site.at(&browser.path().await)).await;
    browser.press(Key::Tab).await;
    assert_eq!(browser.focus().await, "Skip to content");
    browser.press(Key::Enter).await;

    // One stop of the tabulator is the map; inside, arrows walk: forty seats a row.
    tab_to(&browser, "S-0001").await;
    assert_eq!(
        browser.focus().await,
        "S-0001 · Equipped\na1 Centre\n1 Oct 2026 → 1 Oct 2027\nCN¥880.00 a seat-month\nOccupied"
    );
    browser.press(Key::Right).await;
    browser.press(Key::Right).await;
    browser.press(Key::Right).await;
    assert!(browser.focus().await.starts_with("S-0004") && browser.focus().await.ends_with("nobody seated"));
    browser.press(Key::Down).await;
    assert!(browser.focus().await.starts_with("S-0044"), "{}", browser.focus().await);
    assert!(browser.focus().await.contains("Free"));
    browser.press(Key::Up).await;
    browser.press(Key::Enter).await;
    browser.reads("#seat", "S-0004").await;
    browser.reads("#seat", "a1 Centre").await;
    browser.reads("#seat", "L-a1").await;
    browser.screenshot("seat-map-en").await;
    browser.good("en").await;
    // The chosen seat is where the tabulator comes back to.
    tab_to(&browser, "S-0004").await;
    browser.press(Key::Left).await;
    browser.press(Key::Enter).await;
    browser.reads("#seat", "S-0003").await;

    // A free seat offers the leases it can go to; the rest is a form.
    tab_to(&browser, "S-0003").await;
    browser.press(Key::Down).await;
    browser.press(Key::Enter).await;
    browser.reads("#seat", "S-0043").await;
    tab_to(&browser, "L-a2").await;
    browser.press(Key::Enter).await;
    browser.reads("h1", "Allocate seats").await;
    browser.good("en").await;
    tab_to(&browser, "Allocate").await;
    browser.press(Key::Enter).await;
    browser.reads("[role=status]", "1 seat").await;
    browser.reads("h1", "L-a2").await;
    browser.reads("main", "7 seats").await;
}
