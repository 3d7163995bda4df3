//! The "Anonymous Bank" files: golden figures, and what is done with bad rows and hard times.

use std::collections::HashSet;

use super::{Keep, data, pseudonym, read, refused, zone};
use crate::operations::busy::Busy;
use crate::operations::contact::{Direction, Outcome, RawKind};
use crate::operations::indicator::{Indicator, Ratio};
use crate::operations::interval::{Basis, Intervals, Slot};
use crate::operations::local::LocalClock;
use crate::operations::repeat::Repeats;
use crate::operations::service_level::Pack;
use crate::operations::source::{AnonymousBank, CallParser};
use crate::operations::summary::Summary;
use crate::operations::sums::Thresholds;

const HEADER: &str = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\r\n";

fn parser(zone_name: &str) -> CallParser {
    CallParser::AnonymousBank(AnonymousBank::new(zone(zone_name)))
}

/// A month, without the rows that could not be read: there must be none.
fn month(name: &str) -> Option<Keep> {
    let (keep, file) = read(parser("Asia/Jerusalem"), &data(name)?);
    assert_eq!(keep.rules(), []);
    assert_eq!(file.tally().rows, file.tally().contacts);
    Some(keep)
}

fn summary(keep: &Keep) -> Summary {
    let mut summary = Summary::new();
    for c in &keep.contacts {
        summary.count(&c.facts, c.agent);
    }
    summary
}

/// Every service level of the built-in pack at 20 s, in its order.
fn service_levels(summary: &Summary) -> Vec<String> {
    let pack = Pack::built_in().expect("the built-in pack");
    pack.definition.iter().filter(|d| d.threshold_s == 20).map(|d| d.of_summary(summary).to_string()).collect()
}

struct Golden {
    file: &'static str,
    /// Rows, phantoms, never queued, offered, answered, abandoned, within 20 s, abandoned within 20 s, within 5 s.
    counts: [i64; 9],
    /// As in the built-in pack.
    service_levels: [&'static str; 5],
    abandonment: [&'static str; 2],
    /// Speed of answer, that of those who waited, time to abandon, at three digits.
    waits: [&'static str; 3],
    longest_wait: i64,
    patience: &'static str,
    handle: [&'static str; 2],
    named: i64,
    median: Ratio,
    suspects: i64,
    handle_total: i64,
    agents: usize,
}

const MONTHS: [Golden; 2] = [
    Golden {
        file: "ab1999_01.txt.gz",
        counts: [31_599, 240, 1_198, 30_161, 27_060, 3_101, 16_402, 1_006, 195],
        service_levels: ["0.5438", "0.5626", "0.5772", "0.6061", "0.5474"],
        abandonment: ["0.1028", "0.0970"],
        waits: ["35.028", "69.772", "60.724"],
        longest_wait: 1_500,
        patience: "366.39",
        handle: ["183.452", "186.308"],
        named: 26_570,
        median: Ratio::new(226, 2),
        suspects: 1_511,
        handle_total: 4_964_204,
        agents: 28,
    },
    Golden {
        file: "ab1999_02.txt.gz",
        counts: [33_344, 278, 1_941, 31_125, 27_162, 3_963, 16_209, 1_257, 274],
        service_levels: ["0.5208", "0.5427", "0.5612", "0.5968", "0.5254"],
        abandonment: ["0.1273", "0.1196"],
        waits: ["40.774", "78.569", "65.530"],
        longest_wait: 908,
        patience: "344.99",
        handle: ["176.353", "179.035"],
        named: 26_671,
        median: Ratio::new(214, 2),
        suspects: 1_819,
        handle_total: 4_790_100,
        agents: 24,
    },
];

#[test]
fn both_months_give_the_golden_figures() {
    for g in &MONTHS {
        let Some(keep) = month(g.file) else { return };
        let summary = summary(&keep);
        let s = summary.sums(Thresholds::default());
        let counts = [
            s.contacts,
            s.ignored,
            s.not_offered,
            s.offered,
            s.answered,
            s.abandoned,
            s.answered_within,
            s.abandoned_within,
            s.abandoned_short,
        ];
        assert_eq!(counts, g.counts, "{}", g.file);
        assert_eq!(service_levels(&summary)[..5], g.service_levels);
        let at = |i: Indicator, digits| i.of(&s).fixed(digits).expect("defined");
        assert_eq!(at(Indicator::AbandonmentRate, 4), g.abandonment[0]);
        assert_eq!(at(Indicator::AbandonmentRateWithoutShort, 4), g.abandonment[1]);
        assert_eq!(at(Indicator::AverageSpeedOfAnswer, 3), g.waits[0]);
        assert_eq!(at(Indicator::AverageSpeedOfAnswerWaited, 3), g.waits[1]);
        assert_eq!(at(Indicator::MeanTimeToAbandon, 3), g.waits[2]);
        assert_eq!(s.longest_wait_s, g.longest_wait);
        assert_eq!(at(Indicator::PatienceEstimate, 2), g.patience);
        assert_eq!(at(Indicator::AverageHandleTime, 3), g.handle[0]);
        assert_eq!(at(Indicator::AverageHandleTimeNamed, 3), g.handle[1]);
        assert_eq!(s.handled_named, g.named);
        assert_eq!(summary.handle_times().median(), Some(g.median));
        assert_eq!(s.handled_suspect, g.suspects);
        assert_eq!(s.handle_s, g.handle_total);
        assert_eq!(summary.distinct_agents(), g.agents);
        assert_eq!(at(Indicator::TotalHandleTime, 0), g.handle_total.to_string());
    }
}

#[test]
fn february_by_type_gives_the_golden_figures() {
    let Some(keep) = month("ab1999_02.txt.gz") else { return };
    let expected = [
        ("PS", 20_027, 18_349, 1_678, ".0838", ".5532", "35.92", "184.34"),
        ("NW", 6_959, 4_990, 1_969, ".2829", ".4107", "55.41", "106.81"),
        ("NE", 2_702, 2_520, 182, ".0674", ".4919", "50.80", "275.18"),
        ("IN", 261, 199, 62, ".2375", ".3218", "101.15", "263.36"),
        ("TT", 1_040, 984, 56, ".0538", ".7673", "18.11", "103.06"),
        ("PE", 136, 120, 16, ".1176", ".4485", "49.68", "228.46"),
    ];
    let pack = Pack::built_in().expect("the built-in pack");
    let negative = pack.latest("sl-20-negative").expect("defined");
    for (kind, offered, answered, abandoned, rate, level, asa, aht) in expected {
        let mut summary = Summary::new();
        for c in keep.contacts.iter().filter(|c| c.queue == kind) {
            summary.count(&c.facts, c.agent);
            assert_eq!(c.facts.direction == Direction::Outbound, kind == "TT");
        }
        let s = summary.sums(negative.thresholds());
        assert_eq!((s.offered, s.answered, s.abandoned), (offered, answered, abandoned), "{kind}");
        assert_eq!(Indicator::AbandonmentRate.of(&s).to_string(), format!("0{rate}"), "{kind}");
        assert_eq!(negative.of_summary(&summary).to_string(), format!("0{level}"), "{kind}");
        assert_eq!(Indicator::AverageSpeedOfAnswer.of(&s).fixed(2).as_deref(), Some(asa), "{kind}");
        assert_eq!(Indicator::AverageHandleTime.of(&s).fixed(2).as_deref(), Some(aht), "{kind}");
    }
}

#[test]
fn a_wednesday_gives_the_golden_figures_by_hour_and_as_a_day() {
    let Some(keep) = month("ab1999_02.txt.gz") else { return };
    let mut clock = LocalClock::new(zone("Asia/Jerusalem"));
    let mut intervals = Intervals::new(clock.clone(), Basis::Queued, Thresholds::default());
    let mut busy = Busy::new();
    let mut summary = Summary::new();
    let day = "1999-02-03".parse().expect("a date");
    let mut rows = 0;
    for c in &keep.contacts {
        intervals.count(&c.queue, &c.facts, c.agent.is_some());
        if clock.date(c.facts.entered_at) == day {
            rows += 1;
            busy.count(&c.facts);
            summary.count(&c.facts, c.agent);
        }
    }
    let pack = Pack::built_in().expect("the built-in pack");
    let negative = pack.latest("sl-20-negative").expect("defined");

    let hours = intervals.by(Slot::Hour).all_queues();
    for (hour, offered, answered, abandoned, level) in [
        (8, 117, 104, 13, "0.6239"),
        (10, 123, 104, 19, "0.2602"),
        (13, 168, 76, 92, "0.2202"),
        (14, 144, 135, 9, "0.6042"),
        (16, 63, 62, 1, "0.8889"),
        (20, 65, 62, 3, "0.5846"),
    ] {
        // The zone is two hours ahead of UTC in winter.
        let start = day.and_hms_opt(hour - 2, 0, 0).expect("a time").and_utc().timestamp_millis();
        let i = hours.iter().find(|i| i.start_ms == start).expect("an hour");
        assert_eq!((i.sums.offered, i.sums.answered, i.sums.abandoned), (offered, answered, abandoned), "{hour}");
        assert_eq!(negative.of_sums(i.sums).expect("same thresholds").to_string(), level, "{hour}");
    }

    let s = intervals.days()[&day];
    assert_eq!((s.offered, s.answered, s.abandoned), (1_545, 1_319, 226));
    assert_eq!((s, rows), (summary.sums(Thresholds::default()), 1_949));
    assert_eq!(negative.of_sums(&s).expect("same thresholds").to_string(), "0.5107");
    assert_eq!(Indicator::AverageSpeedOfAnswer.of(&s).fixed(3).as_deref(), Some("37.243"));
    assert_eq!(Indicator::AverageHandleTime.of(&s).fixed(3).as_deref(), Some("171.665"));
    assert_eq!(summary.distinct_agents(), 17);
    let (most, since) = busy.peak().expect("busy");
    let since = clock.wall_at(since / 1000).rem_euclid(86_400);
    assert_eq!((most, since / 3600, since % 3600 / 60), (10, 14, 19));
}

#[test]
fn repeat_calls_of_february_give_the_golden_figures() {
    let Some(keep) = month("ab1999_02.txt.gz") else { return };
    let mut clock = LocalClock::new(zone("Asia/Jerusalem"));
    let end = "1999-02-22".parse().expect("a date");
    // In two parts, as a stream of files would come.
    let mut parts = [Repeats::new(), Repeats::new()];
    for c in keep.contacts.iter().filter(|c| c.facts.outcome != Outcome::Ignored) {
        if let Some(person) = c.end_customer {
            let base = c.facts.outcome == Outcome::Answered && clock.date(c.facts.entered_at) < end;
            parts[usize::from(c.row % 2 == 0)].count(person, c.facts.entered_at, base);
        }
    }
    let [mut repeats, other] = parts;
    repeats.merge(&other);
    let day = 86_400_000;
    let (one, seven) = (repeats.not_repeated(day), repeats.not_repeated(7 * day));
    assert_eq!(
        (one.denominator, one.denominator - one.numerator, one.to_string()),
        (8_808, 3_355, "0.6191".to_owned())
    );
    assert_eq!((seven.denominator - seven.numerator, seven.to_string()), (5_482, "0.3776".to_owned()));
}

#[test]
fn keys_are_unique_within_and_across_the_months() {
    let (Some(a), Some(b)) = (month("ab1999_01.txt.gz"), month("ab1999_02.txt.gz")) else { return };
    let keys: HashSet<_> = a.contacts.iter().chain(&b.contacts).map(|c| c.key).collect();
    assert_eq!(keys.len(), 31_599 + 33_344);
}

#[test]
fn a_row_says_what_it_says() {
    let text = format!(
        "{HEADER}AA0101\t33116\t9664491\t2\tPS\t990101\t0:00:31\t0:00:36\t5\t0:00:36\t0:03:09\t153\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\r\n\
         AA0101\t33117\t0\t0\tTT\t990101\t6:55:20\t6:55:26\t6\t0:00:00\t0:00:00\t0\tAGENT\t6:55:25\t6:56:37\t72\tMICHAL\r\n\
         AA0101\t33118\t0\t0\tPS\t990101\t0:34:12\t0:34:23\t11\t0:00:00\t0:00:00\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n"
    );
    let (keep, _) = read(parser("Asia/Jerusalem"), &text);
    let [hang, agent, menu] = keep.contacts.as_slice() else { panic!("three contacts") };
    let midnight = 915_141_600_000; // 1998-12-31T22:00:00Z
    assert_eq!((hang.facts.entered_at, hang.facts.queued_at), (midnight + 31_000, midnight + 36_000));
    assert_eq!((hang.facts.outcome, hang.facts.wait_s, hang.facts.handle), (Outcome::Abandoned, 153, None));
    assert_eq!((hang.facts.ended_at, hang.facts.answered_at), (Some(midnight + 189_000), None));
    assert_eq!((hang.row, hang.priority, hang.agent), (2, 2, None));
    assert_eq!(hang.end_customer, Some(pseudonym(RawKind::EndCustomer, "9664491")));

    assert_eq!(
        (agent.facts.direction, agent.facts.outcome, agent.facts.wait_s),
        (Direction::Outbound, Outcome::Answered, 0)
    );
    // The source's clocks disagree by a second: service begins before the menu ends. It is kept as it says.
    assert_eq!(agent.facts.answered_at, Some(midnight + 24_925_000));
    assert_eq!(agent.facts.handle.map(|h| (h.total_s, h.talk_s, h.hold_s, h.wrap_s)), Some((72, Some(72), None, None)));
    assert_eq!(agent.agent, Some(pseudonym(RawKind::Agent, "MICHAL")));
    assert_eq!(menu.facts.outcome, Outcome::NotOffered);
}

#[test]
fn bad_rows_are_named_and_kept_and_the_rest_is_read() {
    let good =
        "AA0101\t1\t0\t0\tPS\t990301\t9:00:00\t9:00:05\t5\t9:00:05\t9:00:15\t10\tAGENT\t9:00:14\t9:01:14\t60\tMICHAL";
    let with = |place: usize, value: &str| {
        let mut fields: Vec<&str> = good.split('\t').collect();
        fields[place] = value;
        fields.join("\t")
    };
    let rows = [
        (good.replacen('\t', " ", 1), "", "row-field-count"),
        (format!("{good}\tx"), "", "row-field-count"),
        (with(0, ""), "vru+line", "row-value-missing"),
        (with(1, "x1"), "call_id", "row-number-invalid"),
        (with(2, "DANA"), "customer_id", "row-number-invalid"),
        (with(3, "7"), "priority", "row-priority-invalid"),
        (with(4, ""), "type", "row-value-missing"),
        (with(5, "990230"), "date", "row-date-invalid"),
        (with(5, "99023"), "date", "row-date-invalid"),
        (with(6, "9:60:00"), "vru_entry", "row-time-invalid"),
        (with(8, "6"), "vru_time", "row-times-disagree"),
        (with(11, "11"), "q_time", "row-times-disagree"),
        (with(11, "-10"), "q_time", "row-times-disagree"),
        (with(12, "GONE"), "outcome", "row-outcome-unknown"),
        (with(15, ""), "ser_time", "row-value-missing"),
        (with(15, "99999999"), "ser_time", "row-duration-too-long"),
        (with(16, ""), "server", "row-value-missing"),
        ("\u{1a}".to_owned(), "", "row-field-count"),
    ];
    let mut text = HEADER.to_owned();
    for (row, _, _) in &rows {
        text.push_str(row);
        text.push_str("\r\n\r\n");
        text.push_str(&good.replace("\t1\t", &format!("\t{}\t", 100 + text.len())));
        text.push_str("\r\n");
    }
    let (keep, file) = read(parser("Asia/Jerusalem"), &text);
    assert_eq!(keep.contacts.len(), rows.len());
    assert_eq!(keep.issues.len(), rows.len());
    for (i, ((issue, raw), (row, field, rule))) in keep.issues.iter().zip(&rows).enumerate() {
        let line = u64::try_from(i * 3 + 2).expect("small");
        assert_eq!((issue.row, issue.field.as_ref(), issue.rule, raw), (line, *field, *rule, row));
        let shown = format!("{issue:?}");
        assert!(!shown.contains("DANA") && !shown.contains("MICHAL"), "{shown}");
    }
    assert_eq!((file.tally().rows, file.tally().contacts, file.tally().issues), (36, 18, 18));
}

#[test]
fn a_file_of_another_kind_is_refused_before_its_first_row() {
    assert_eq!(refused(parser("UTC"), "a\tb\r\n1\t2\r\n"), [("call-file-header", "file".to_owned())]);
    assert_eq!(refused(parser("UTC"), ""), [("call-file-empty", "file".to_owned())]);
    assert_eq!(refused(parser("UTC"), "\r\n\r\n"), [("call-file-empty", "file".to_owned())]);
}

#[test]
fn one_row_twice_has_one_key_and_a_call_id_of_another_line_or_day_another() {
    let row = |line: &str, date: &str| {
        format!(
            "{line}\t1\t0\t0\tPS\t{date}\t9:00:00\t9:00:05\t5\t9:00:05\t9:00:15\t10\tAGENT\t9:00:14\t9:01:14\t60\tMICHAL\n"
        )
    };
    let text =
        format!("{HEADER}{0}{0}{1}{2}", row("AA0101", "990301"), row("AA0102", "990301"), row("AA0101", "990302"));
    let (keep, _) = read(parser("Asia/Jerusalem"), &text);
    let keys: Vec<_> = keep.contacts.iter().map(|c| c.key).collect();
    assert_eq!(keys[0], keys[1]);
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 3);
}

#[test]
fn times_pass_midnight_and_changes_of_the_clock() {
    // Clocks of New York went from 02:00 to 03:00 on 2024-03-10 and from 02:00 to 01:00 on 2024-11-03.
    let row = |date: &str, vru: &str, queue: &str, service: &str| {
        format!("AA0101\t1\t0\t0\tPS\t{date}\t{vru}\t{queue}\tAGENT\t{service}\tMICHAL\n").replace(' ', "\t")
    };
    let text = [
        HEADER.to_owned(),
        row("240701", "23:59:50 23:59:56 6", "23:59:56 0:00:20 24", "0:00:19 0:05:19 300"),
        row("240310", "1:59:30 1:59:50 20", "1:59:50 3:00:10 20", "3:00:10 3:01:10 60"),
        // Entered at the second 01:59:40 of the night: only so does the menu end at 02:00:00.
        row("241103", "1:59:40 2:00:00 20", "2:00:00 2:00:10 10", "2:00:10 2:01:10 60"),
        // Could be either: the earlier.
        row("241103", "1:30:00 1:30:10 10", "0:00:00 0:00:00 0", "1:30:10 1:31:10 60"),
        // The clock never showed it.
        row("240310", "2:30:00 3:30:10 10", "0:00:00 0:00:00 0", "3:30:10 3:31:10 60"),
    ]
    .concat();
    let (keep, file) = read(parser("America/New_York"), &text);
    assert_eq!(keep.rules(), []);
    let utc = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant").timestamp_millis();
    let times: Vec<_> = keep.contacts.iter().map(|c| (c.facts.entered_at, c.facts.ended_at)).collect();
    assert_eq!(times[0], (utc("2024-07-02T03:59:50Z"), Some(utc("2024-07-02T04:05:19Z"))));
    assert_eq!(times[1], (utc("2024-03-10T06:59:30Z"), Some(utc("2024-03-10T07:01:10Z"))));
    assert_eq!(times[2], (utc("2024-11-03T06:59:40Z"), Some(utc("2024-11-03T07:01:10Z"))));
    assert_eq!(times[3], (utc("2024-11-03T05:30:00Z"), Some(utc("2024-11-03T05:31:10Z"))));
    assert_eq!(times[4], (utc("2024-03-10T07:30:00Z"), Some(utc("2024-03-10T07:31:10Z"))));
    assert_eq!((file.tally().times_shown_twice, file.tally().times_never_shown), (2, 1));
}
