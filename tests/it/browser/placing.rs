//! Seats set down on their floor, and the picture under them: by pointer, by keyboard, as numbers.

use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::key::Key;
use serde_json::{Value, json};
use voxpark_tests::Backend;
use voxpark_tests::app::World;
use voxpark_tests::browser::{Browser, Setup};

use super::ground::{park, sign_in, under};

/// Where seats are, by code.
async fn spots(world: &World, codes: &[&str]) -> Vec<(i64, i64)> {
    let found = world.ok("park", "{ park { floors { map { seats { code xMm yMm } } } } }", json!({})).await;
    let seats = found["park"]["floors"][0]["map"]["seats"].as_array().cloned().unwrap_or_default();
    let of = |code: &&str| {
        let seat = seats.iter().find(|seat| seat["code"] == **code).expect("a seat");
        (seat["xMm"].as_i64().unwrap(), seat["yMm"].as_i64().unwrap())
    };
    codes.iter().map(of).collect()
}

/// The middle of the seat at this place of the map, in points of the window.
async fn middle(browser: &Browser, n: usize) -> (f64, f64) {
    let script =
        "const box = document.querySelectorAll('[data-place] .seat rect')[arguments[0]].getBoundingClientRect();
        return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];";
    let at: Value = browser.execute(script, vec![json!(n)]).await.unwrap();
    (at[0].as_f64().unwrap(), at[1].as_f64().unwrap())
}

fn move_to((x, y): (f64, f64)) -> PointerAction {
    PointerAction::MoveTo { duration: None, x, y }
}

/// Presses at a point, moves and lets go.
async fn drag(browser: &Browser, from: (f64, f64), by: (f64, f64)) {
    let down = PointerAction::Down { button: 0 };
    let up = PointerAction::Up { button: 0 };
    let half = (from.0 + by.0 / 2.0, from.1 + by.1 / 2.0);
    let to = (from.0 + by.0, from.1 + by.1);
    let mouse =
        MouseActions::new("mouse".to_owned()).then(move_to(from)).then(down).then(move_to(half)).then(move_to(to));
    browser.perform_actions(mouse.then(up)).await.unwrap();
}

/// Dragged one by one and two together, a step back, then saved at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_by_pointer() {
    let site = park(Backend::Sqlite).await;
    let floor = under(&site.world).await;
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "park", &format!("/park/floors/{floor}/place")).await;
    browser.reads("h1", "Place seats").await;
    browser.good("en").await;
    let start = spots(&site.world, &["S-0001", "S-0002", "S-0003"]).await;

    drag(&browser, middle(&browser, 0).await, (0.0, 60.0)).await;
    browser.reads("#place-says", "Moved: 1").await;
    drag(&browser, middle(&browser, 1).await, (0.0, 80.0)).await;
    browser.reads("#place-says", "Moved: 2").await;
    browser.click("[data-undo]").await;
    browser.reads("#place-says", "S-0002: 1500, 0 mm. Moved: 1").await;
    // Chosen together they move together.
    browser.click("[data-place] .seat:nth-of-type(2)").await;
    browser.execute("document.querySelectorAll('[data-place] .seat')[1].focus()", Vec::new()).await.unwrap();
    browser.press(Key::PageDown).await;
    browser.type_in(" ").await;
    drag(&browser, middle(&browser, 2).await, (0.0, 100.0)).await;
    browser.reads("#place-says", "Moved: 3").await;
    browser.screenshot("place-seats-en").await;
    browser.good("en").await;
    assert_eq!(
        spots(&site.world, &["S-0001", "S-0002", "S-0003"]).await,
        start,
        "nothing is changed before it is saved"
    );
    browser.click("form[data-placing] button.primary").await;
    browser.text("3 seats stand in their new places.").await;
    let now = spots(&site.world, &["S-0001", "S-0002", "S-0003", "S-0004"]).await;
    assert_eq!((now[0].0, now[3]), (0, (4_500, 0)));
    assert!(now[0].1 > 0 && now[1].1 > now[0].1 && now[1].1 == now[2].1, "{now:?}");
    assert_eq!(now[2].0 - now[1].0, 1_500);
}

/// With nothing but a keyboard: seats say where they are, walk, and are saved; two on one place are refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_walk() {
    let site = park(Backend::Sqlite).await;
    let floor = under(&site.world).await;
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "park", &format!("/park/floors/{floor}/place")).await;
    browser.execute("document.querySelector('[data-place] .seat').focus()", Vec::new()).await.unwrap();
    assert_eq!(browser.focus().await, "S-0001: 0, 0 mm");
    for _ in 0..15 {
        browser.press(Key::Right).await;
    }
    browser.reads("#place-says", "S-0001: 1500, 0 mm. Moved: 1").await;
    browser.click("form[data-placing] button.primary").await;
    browser.reads("#errors", "S-0001").await;
    assert_eq!(browser.faults("en").await, Vec::<String>::new());
    browser.execute("document.querySelector('[data-place] .seat').focus()", Vec::new()).await.unwrap();
    assert_eq!(browser.focus().await, "S-0001: 1500, 0 mm", "what was moved is still there");
    browser.press(Key::Down).await;
    browser.press(Key::PageDown).await;
    assert_eq!(browser.focus().await, "S-0002: 1500, 0 mm");
    browser.press(Key::Down).await;
    browser.press(Key::Down).await;
    browser.reads("#place-says", "S-0002: 1500, 200 mm. Moved: 2").await;
    browser.click("form[data-placing] button.primary").await;
    browser.text("2 seats stand in their new places.").await;
    assert_eq!(spots(&site.world, &["S-0001", "S-0002"]).await, [(1_500, 100), (1_500, 200)]);
}

/// Without script a table of numbers does the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_as_numbers() {
    let site = park(Backend::Sqlite).await;
    let floor = under(&site.world).await;
    let browser = Browser::open(&Setup::desktop("zh-CN").without_script()).await;
    sign_in(&site, &browser, "park", &format!("/park/floors/{floor}/place")).await;
    browser.click("details.values summary").await;
    browser.fill("tr[data-seat]:nth-child(3) input[name^=x-]", "70000").await;
    browser.click("form[data-placing] button.primary").await;
    browser.reads("[role=status]", "1 个席位已就位").await;
    assert_eq!(spots(&site.world, &["S-0003"]).await, [(70_000, 0)]);
}

/// The picture lies under the seats for the park and its tenants, can be hidden without script, and says what it is for a
/// drawing's check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_lies_under_the_seats() {
    let site = park(Backend::Sqlite).await;
    under(&site.world).await;
    for (who, path, setup) in [
        ("park", "/park/map", Setup::desktop("en").dark()),
        ("a1", "/centre/seats", Setup::desktop("en").without_script()),
    ] {
        let browser = Browser::open(&setup).await;
        sign_in(&site, &browser, who, path).await;
        browser.element(".map .under image").await;
        let shown = browser.element(".map .under").await;
        assert!(shown.is_displayed().await.unwrap(), "{who}");
        browser.screenshot(&format!("floor-picture-{who}")).await;
        browser.click(".show-under input").await;
        assert!(!shown.is_displayed().await.unwrap(), "{who}");
    }
}
