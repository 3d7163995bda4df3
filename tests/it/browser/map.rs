//! The map of a floor through time, and while somebody else changes it.

use fantoccini::key::Key;
use serde_json::{Value, json};
use voxpark_tests::Backend;
use voxpark_tests::browser::{Browser, Setup};
use voxpark_tests::site::Site;

use super::ground::{lease, park, sign_in};
use crate::estate::{import, plan, seat_ids};

/// With script: the slider moves through the months with the focus on it, the address follows, a live region says the day;
/// the way to the next change; the colours of price and use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_slider() {
    let site = park(Backend::Sqlite).await;
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "park", "/park/map").await;
    browser.reads("#map-says", "21 Nov 2026: 16 of 60 seats leased, 3 occupied").await;
    browser.reads("#map-changes", "1 Oct 2026 · 16 begin").await;
    browser.reads("#map-changes", "1 Oct 2027 · 16 end").await;
    browser.good("en").await;

    // Eleven months on it is the last month of the leases, and one more they are over. The focus stays on the slider.
    let slider = browser.element(".slide input").await;
    slider.send_keys("").await.unwrap();
    browser.execute("document.querySelector('.slide input').focus()", Vec::new()).await.unwrap();
    for _ in 0..10 {
        browser.press(Key::Right).await;
    }
    browser.reads("#map-says", "1 Sep 2027: 16 of 60 seats leased").await;
    browser.press(Key::Right).await;
    browser.reads("#map-says", "1 Oct 2027: 0 of 60 seats leased").await;
    browser.reads(".legend", "Free 60").await;
    assert_eq!(browser.focus().await, "Month shown");
    assert!(browser.path().await.ends_with("?on=2027-10-01"), "{}", browser.path().await);
    browser.press(Key::Left).await;
    browser.reads(".legend", "a1 Centre 10").await;
    browser.screenshot("seat-map-time-en").await;
    browser.good("en").await;

    // What is drawn again is a map as before: arrows walk, a seat opens.
    browser.execute("document.querySelector('.seat').focus()", Vec::new()).await.unwrap();
    browser.press(Key::Right).await;
    assert!(browser.focus().await.starts_with("S-0002"), "{}", browser.focus().await);

    // The nearest change is a link; back at its day the leases have begun.
    browser.click("#map-changes [rel=prev]").await;
    browser.reads("#map-says", "1 Oct 2026: 16 of 60 seats leased, 3 occupied").await;

    browser.visit(&site.at(&format!("{}&by=price", browser.path().await))).await;
    browser.reads(".legend", "CN¥880.00 16").await;
    browser.good("en").await;
    let path = browser.path().await.replace("by=price", "by=use").replace("2026-10-01", "2026-12-30");
    browser.visit(&site.at(&path)).await;
    browser.reads(".legend", "Leased, somebody seated 3").await;
    browser.reads(".legend", "Leased, nobody seated for 90 days or more 13").await;
    browser.reads(".legend", "Free for 90 days or more 44").await;
    browser.good("en").await;
}

/// Without script the form and the links do the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_without_script() {
    let site = park(Backend::Sqlite).await;
    let browser = Browser::open(&Setup::desktop("en").without_script()).await;
    sign_in(&site, &browser, "park", "/park/map").await;
    browser.click("#map-changes [rel=next]").await;
    browser.reads("#map-says", "1 Oct 2027: 0 of 60 seats leased").await;
    browser.click("#map-earlier a").await;
    browser.reads("#map-says", "1 Sep 2027: 16 of 60 seats leased").await;
    assert!(browser.path().await.ends_with("?on=2027-09-01"), "{}", browser.path().await);
}

/// Somebody else leases seats: the open map shows them, with the focus and the chosen seat where they were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_map_follows_its_floor() {
    let site = park(Backend::Sqlite).await;
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "park", "/park/map").await;
    browser.reads(".legend", "a2 Centre 6").await;
    browser.execute("document.querySelectorAll('.seat')[2].focus()", Vec::new()).await.unwrap();
    browser.press(Key::Enter).await;
    browser.reads("#seat", "S-0003").await;
    browser.execute("document.querySelectorAll('.seat')[4].focus()", Vec::new()).await.unwrap();
    assert!(browser.focus().await.starts_with("S-0005"));

    let seats: Vec<String> = seat_ids(&site.world, 60).await[50..].to_vec();
    let input = json!({ "leaseId": lease(&site.world, "a2").await, "seatIds": seats, "from": "2026-11-21", "idempotencyKey": "more" });
    assert_eq!(site.world.done("park", "seatsAllocate", "count", input).await["count"], Value::from(10));
    browser.reads(".legend", "a2 Centre 16").await;
    browser.reads("#map-says", "26 of 60 seats leased").await;
    assert!(browser.focus().await.starts_with("S-0005"), "{}", browser.focus().await);
    browser.reads("#seat", "S-0003").await;
    browser.good("en").await;
}

/// The rental-control table: a cell leads to its seats on a day, the table is taken away as a file, the charts carry their
/// values.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rental_control_table() {
    let site = park(Backend::Sqlite).await;
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "park", "/park/control?month=2026-09&months=6").await;
    browser.reads("tbody tr:nth-child(2)", "Z1 0.0% 26.7% +16 26.7%").await;
    browser.reads("main", "Leased and occupied over time").await;
    browser.screenshot("rental-control-en").await;
    browser.good("en").await;
    browser.click("tbody tr:nth-child(2) td:nth-child(3) a").await;
    browser.reads("main", "1–50 of 60").await;
    browser.reads("main table", "S-0001 3F Z1 Equipped").await;
    browser.reads("main table", "L-a1").await;
    assert!(browser.path().await.contains("&on=2026-10-01"), "{}", browser.path().await);
    browser.visit(&site.at("/park/control?month=2027-09&months=6")).await;
    browser.reads("tbody tr:nth-child(2)", "Z1 26.7% 0.0% −16 0.0%").await;
    let script = "const a = await fetch('/park/control?month=2027-09&months=6&as=csv'); return (await a.text()).split('\\r\\n')[2]";
    let line = browser.execute(script, Vec::new()).await.unwrap();
    assert_eq!(line, "A,3F,Z1,All,2027-10,1860,0,0,0,16");
}

/// A floor of two thousand seats, three quarters of them leased, is drawn whole, whatever it is coloured by; the time from
/// the first byte of the page to the frame that shows it is printed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_seats_are_drawn() {
    let site = Site::open(Backend::Sqlite).await;
    let world = &site.world;
    assert_eq!(import(world, plan(2000).as_bytes(), json!({})).await["added"], 2000);
    let lease = json!({ "tenantId": world.ids.tenant("a1").to_string(), "code": "L-1", "signedOn": "2026-09-20", "termFrom": "2026-10-01",
        "termTo": "2027-10-01", "product": "EQUIPPED", "unitPrice": "880.00", "taxRatePercent": "6", "proration": "by_day",
        "rentFree": [], "deposit": "0", "paymentDays": 15, "idempotencyKey": "lease" });
    let lease = world.done("park", "leaseCreate", "lease { id }", lease).await["lease"]["id"].clone();
    let seats = seat_ids(world, 1500).await;
    let input = json!({ "leaseId": lease, "seatIds": seats, "from": "2026-11-01", "idempotencyKey": "all" });
    assert_eq!(world.done("park", "seatsAllocate", "count", input).await["count"], 1500);
    let browser = Browser::open(&Setup::desktop("en")).await;
    sign_in(&site, &browser, "park", "/park/map").await;
    let path = browser.path().await;
    // Two frames after the page has loaded and its modules have run, everything is on the screen.
    let script = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const [page] = performance.getEntriesByType('navigation');
        return [performance.now() - page.responseStart, page.responseStart, page.decodedBodySize, document.querySelectorAll('.seat').length]";
    for by in ["tenant", "price", "use", "state", "tenant"] {
        browser.visit(&site.at(&format!("{path}?by={by}"))).await;
        let read = browser.execute(script, Vec::new()).await.unwrap();
        assert_eq!(read[3], 2000);
        let drawn = read[0].as_f64().unwrap();
        println!("2,000 seats by {by}: drawn in {drawn:.0} ms, first byte after {} ms, {} bytes", read[1], read[2]);
    }
}
