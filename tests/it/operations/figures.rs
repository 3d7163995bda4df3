//! The golden figures of two real months and of a real queue_log.

use serde_json::{Value, json};
use voxpark_domain::operations::indicator::Ratio;
use voxpark_tests::app::World;
use voxpark_tests::on_both;

use super::{counts, data, import, totals};

const SUMMARY: &str =
    "query($from: Date!, $to: Date!, $queue: ID) { tenant { operations(from: $from, to: $to, queueId: $queue) {
    definition rows ignored notOffered offered answered abandoned overflowed open answeredIn abandonedIn shortAbandoned
    indicators { id version title unit numerator denominator value text } } } }";

async fn summary(world: &World, who: &str, from: &str, to: &str, queue: Option<&str>) -> Value {
    let variables = json!({ "from": from, "to": to, "queue": queue });
    world.ok(who, SUMMARY, variables).await["tenant"]["operations"].clone()
}

fn numbers<const N: usize>(summary: &Value, fields: [&str; N]) -> [i64; N] {
    fields.map(|f| summary[f].as_i64().unwrap())
}

/// An indicator's value to a number of digits.
fn indicator(summary: &Value, id: &str, digits: u32) -> String {
    let list = summary["indicators"].as_array().unwrap();
    let found = list.iter().find(|i| i["id"] == id).unwrap_or_else(|| panic!("no {id}"));
    for words in ["title", "text"] {
        let text = found[words].as_str().unwrap();
        assert!(!text.is_empty() && text != id && !text.ends_with("-formula"), "{found}");
    }
    let [numerator, denominator] = numbers(found, ["numerator", "denominator"]);
    let exact = Ratio::new(numerator, denominator).fixed(digits).unwrap();
    let shown: f64 = exact.parse().unwrap();
    assert!((found["value"].as_f64().unwrap() - shown).abs() <= 0.51 * 0.1_f64.powi(i32::try_from(digits).unwrap()));
    exact
}

struct Golden {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    counts: [i64; 9],
    indicators: [(&'static str, u32, &'static str); 19],
}

const MONTHS: [Golden; 2] = [
    Golden {
        file: "ab1999_01.txt.gz",
        from: "1999-01-01",
        to: "1999-02-01",
        counts: [31_599, 240, 1_198, 30_161, 27_060, 3_101, 16_402, 1_006, 195],
        indicators: [
            ("abandonment-rate", 4, "0.1028"),
            ("abandonment-rate-without-short", 4, "0.0970"),
            ("sl-20-negative", 4, "0.5438"),
            ("sl-20-ignored", 4, "0.5626"),
            ("sl-20-positive", 4, "0.5772"),
            ("sl-20-answered", 4, "0.6061"),
            ("sl-20-short-removed", 4, "0.5474"),
            ("average-speed-of-answer", 3, "35.028"),
            ("average-speed-of-answer-waited", 3, "69.772"),
            ("mean-time-to-abandon", 3, "60.724"),
            ("longest-wait", 0, "1500"),
            ("patience-estimate", 2, "366.39"),
            ("average-handle-time", 3, "183.452"),
            ("median-handle-time", 0, "113"),
            ("average-handle-time-named", 3, "186.308"),
            ("suspect-hang-ups", 0, "1511"),
            ("suspect-hang-up-rate", 4, "0.0558"),
            ("total-handle-time", 0, "4964204"),
            ("distinct-agents", 0, "28"),
        ],
    },
    Golden {
        file: "ab1999_02.txt.gz",
        from: "1999-02-01",
        to: "1999-03-01",
        counts: [33_344, 278, 1_941, 31_125, 27_162, 3_963, 16_209, 1_257, 274],
        indicators: [
            ("abandonment-rate", 4, "0.1273"),
            ("abandonment-rate-without-short", 4, "0.1196"),
            ("sl-20-negative", 4, "0.5208"),
            ("sl-20-ignored", 4, "0.5427"),
            ("sl-20-positive", 4, "0.5612"),
            ("sl-20-answered", 4, "0.5968"),
            ("sl-20-short-removed", 4, "0.5254"),
            ("average-speed-of-answer", 3, "40.774"),
            ("average-speed-of-answer-waited", 3, "78.569"),
            ("mean-time-to-abandon", 3, "65.530"),
            ("longest-wait", 0, "908"),
            ("patience-estimate", 2, "344.99"),
            ("average-handle-time", 3, "176.353"),
            ("median-handle-time", 0, "107"),
            ("average-handle-time-named", 3, "179.035"),
            ("suspect-hang-ups", 0, "1819"),
            ("suspect-hang-up-rate", 4, "0.0670"),
            ("total-handle-time", 0, "4790100"),
            ("distinct-agents", 0, "24"),
        ],
    },
];

const COUNTS: [&str; 9] = [
    "rows",
    "ignored",
    "notOffered",
    "offered",
    "answered",
    "abandoned",
    "answeredIn",
    "abandonedIn",
    "shortAbandoned",
];

/// February by type: offered, answered, abandoned, abandonment, service level, speed of answer, handle time.
const TYPES: [(&str, [i64; 3], [&str; 4]); 6] = [
    ("PS", [20_027, 18_349, 1_678], ["0.0838", "0.5532", "35.92", "184.34"]),
    ("NW", [6_959, 4_990, 1_969], ["0.2829", "0.4107", "55.41", "106.81"]),
    ("NE", [2_702, 2_520, 182], ["0.0674", "0.4919", "50.80", "275.18"]),
    ("IN", [261, 199, 62], ["0.2375", "0.3218", "101.15", "263.36"]),
    ("TT", [1_040, 984, 56], ["0.0538", "0.7673", "18.11", "103.06"]),
    ("PE", [136, 120, 16], ["0.1176", "0.4485", "49.68", "228.46"]),
];

on_both! {
    /// Two months of the bank, each figure of the published table; asked again, the same file is the same import.
    async fn two_months_give_the_golden_figures(backend) {
        let world = World::new(backend).await;
        for month in MONTHS {
            let Some(bytes) = data(month.file) else { return };
            let done = import(&world, "a1", &bytes, "ANONYMOUS_BANK", json!({})).await;
            assert_eq!(counts(&done), ("DONE".to_owned(), [month.counts[0], month.counts[0], 0, 0]));
            assert_eq!(done["bytesRead"], done["bytesTotal"]);
            let again = import(&world, "a1", &bytes, "ANONYMOUS_BANK", json!({})).await;
            assert_eq!(again, done, "a file is imported once");
        }
        for month in MONTHS {
            let figures = summary(&world, "a1", month.from, month.to, None).await;
            assert_eq!(numbers(&figures, COUNTS), month.counts);
            assert_eq!(figures["definition"], "sl-20-negative.v1");
            for (id, digits, value) in month.indicators {
                assert_eq!(indicator(&figures, id, digits), value, "{id}");
            }
            let [offered, answered, abandoned] = totals(&world, "a1", month.from, month.to).await;
            assert_eq!([offered, answered, abandoned], [month.counts[3], month.counts[4], month.counts[5]]);
        }

        let queues = world.ok("a1", "{ tenant { queues { id code } } }", json!({})).await;
        for (code, [offered, answered, abandoned], [rate, level, asa, aht]) in TYPES {
            let queue = queues["tenant"]["queues"].as_array().unwrap().iter().find(|q| q["code"] == code).unwrap();
            let figures = summary(&world, "a1", "1999-02-01", "1999-03-01", queue["id"].as_str()).await;
            assert_eq!(numbers(&figures, ["offered", "answered", "abandoned"]), [offered, answered, abandoned], "{code}");
            assert_eq!(indicator(&figures, "abandonment-rate", 4), rate, "{code}");
            assert_eq!(indicator(&figures, "sl-20-negative", 4), level, "{code}");
            assert_eq!(indicator(&figures, "average-speed-of-answer", 2), asa, "{code}");
            assert_eq!(indicator(&figures, "average-handle-time", 2), aht, "{code}");
        }

        // Wednesday 3 February: the day, and the hours as sums of half hours.
        let day = summary(&world, "a1", "1999-02-03", "1999-02-04", None).await;
        assert_eq!(numbers(&day, ["rows", "offered", "answered", "abandoned"]), [1_949, 1_545, 1_319, 226]);
        assert_eq!(indicator(&day, "sl-20-negative", 4), "0.5107");
        assert_eq!(indicator(&day, "average-speed-of-answer", 3), "37.243");
        assert_eq!(indicator(&day, "average-handle-time", 3), "171.665");
        assert_eq!(indicator(&day, "distinct-agents", 0), "17");
        let document = "{ tenant { intervals(from: \"1999-02-03\", to: \"1999-02-04\", grain: HALF) {
            start minutes offered answered abandoned answeredIn serviceLevel { numerator denominator value } } } }";
        let halves = world.ok("a1", document, json!({})).await["tenant"]["intervals"].clone();
        for (hour, figures) in [
            (8, [117, 104, 13]),
            (10, [123, 104, 19]),
            (13, [168, 76, 92]),
            (14, [144, 135, 9]),
            (16, [63, 62, 1]),
            (20, [65, 62, 3]),
        ] {
            let mut sum = [0; 3];
            for minute in ["00", "30"] {
                let start = format!("1999-02-03T{:02}:{minute}:00+00:00", hour - 8);
                let half = halves.as_array().unwrap().iter().find(|h| h["start"] == start.as_str());
                let half = half.unwrap_or_else(|| panic!("no half hour at {start} in {halves}"));
                let found = numbers(half, ["offered", "answered", "abandoned"]);
                sum = [sum[0] + found[0], sum[1] + found[1], sum[2] + found[2]];
                assert_eq!(half["minutes"], 30);
                assert_eq!(half["serviceLevel"]["denominator"], half["offered"]);
            }
            assert_eq!(sum, figures, "{hour}");
        }
    }

    /// A real queue_log with a call that waits and a call that talks at its end; the next log brings their ends.
    async fn a_queue_log_gives_the_golden_figures_and_goes_on_in_the_next_file(backend) {
        let world = World::new(backend).await;
        let Some(bytes) = data("asterisk_queue_log_sample.txt") else { return };
        let done = import(&world, "a1", &bytes, "ASTERISK_QUEUE_LOG", json!({})).await;
        assert_eq!(counts(&done), ("DONE".to_owned(), [278, 21, 0, 0]));
        let figures = summary(&world, "a1", "2010-02-22", "2010-02-23", None).await;
        assert_eq!(numbers(&figures, ["rows", "offered", "answered", "abandoned", "open"]), [21, 20, 8, 12, 1]);
        assert_eq!(indicator(&figures, "average-speed-of-answer", 3), "17.875");
        for (id, value) in [("sl-20-negative", "0.3000"), ("sl-20-ignored", "0.5000"), ("sl-20-positive", "0.7000")] {
            assert_eq!(indicator(&figures, id, 4), value);
        }
        assert_eq!(totals(&world, "a1", "2010-02-22", "2010-02-23").await, [20, 8, 12]);

        // The next file, cut at rotation: the talking call completes after 60 s, the waiting one gives up.
        let last = String::from_utf8(bytes.clone()).unwrap();
        let queue = "9000";
        let end: i64 = last.lines().last().unwrap().split('|').next().unwrap().parse().unwrap();
        let next = format!(
            "{}|1266839761.533|{queue}|SIP/1|COMPLETECALLER|5|60|1\n{}|1266839768.534|{queue}|NONE|ABANDON|1|1|90\n",
            end + 60,
            end + 90
        );
        let done = import(&world, "a1", next.as_bytes(), "ASTERISK_QUEUE_LOG", json!({})).await;
        assert_eq!(counts(&done), ("DONE".to_owned(), [2, 0, 2, 0]));
        let figures = summary(&world, "a1", "2010-02-22", "2010-02-23", None).await;
        assert_eq!(numbers(&figures, ["rows", "offered", "answered", "abandoned", "open"]), [21, 21, 8, 13, 0]);
        assert_eq!(totals(&world, "a1", "2010-02-22", "2010-02-23").await, [21, 8, 13]);
        // Golden talk time is 45 s over seven calls; the eighth adds its 60.
        assert_eq!(indicator(&figures, "total-handle-time", 0), "105");
    }

    /// Figures take the same few statements whatever the period, and a period must be one.
    async fn figures_cost_a_constant_number_of_statements(backend) {
        let world = World::new(backend).await;
        let mut seen = Vec::new();
        for to in ["1999-02-02", "1999-03-01"] {
            let token = world.token("a1").await;
            let variables = json!({ "from": "1999-02-01", "to": to });
            let answer = world.call(Some(token), SUMMARY, variables).await;
            assert!(answer.body.get("errors").is_none(), "{}", answer.body);
            seen.push(answer.statements);
        }
        assert_eq!(seen[0], seen[1]);
        assert!(seen[0] <= 5, "{seen:?}");
        for (from, to, message) in [("1999-02-01", "1999-02-01", "must come after"), ("1999-01-01", "2001-01-01", "400")] {
            let token = world.token("a1").await;
            let body = world.call(Some(token), SUMMARY, json!({ "from": from, "to": to })).await.body;
            let text = body["errors"][0]["message"].as_str().unwrap().to_owned();
            assert!(text.contains(message), "{body}");
        }
        // The park, a neighbour and an agent see nothing of it.
        for who in ["park", "a2", "a1-agent", "a1-hr"] {
            let document = "query($id: ID!) { node(id: $id) { ... on Tenant { queues { id } imports { totalCount nodes { id } }
                operations(from: \"1999-02-01\", to: \"1999-02-02\") { offered } daily(from: \"1999-02-01\", to: \"1999-02-02\") { day } } } }";
            let node = world.ok(who, document, json!({ "id": world.ids.a1.to_string() })).await["node"].clone();
            if !node.is_null() {
                let nothing = json!({ "queues": [], "imports": { "totalCount": 0, "nodes": [] }, "operations": null, "daily": [] });
                assert_eq!(node, nothing, "{who}");
            }
        }
    }
}
