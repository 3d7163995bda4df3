//! The Asterisk queue_log: golden figures of a real one, and the traps of the format.

use super::{Keep, data, pseudonym, read, refused};
use crate::operations::contact::{Outcome, RawKind};
use crate::operations::indicator::Indicator;
use crate::operations::service_level::Pack;
use crate::operations::source::{CallFile, CallParser, QueueLog};
use crate::operations::summary::Summary;
use crate::operations::sums::Thresholds;

fn parser() -> CallParser {
    CallParser::AsteriskQueueLog(QueueLog::new())
}

/// Outcome, wait, handle and agent-known of every contact of a log.
fn contacts(text: &str) -> Vec<(Outcome, u32, Option<u32>, bool)> {
    let (keep, _) = read(parser(), text);
    assert_eq!(keep.rules(), []);
    shape(&keep)
}
fn shape(keep: &Keep) -> Vec<(Outcome, u32, Option<u32>, bool)> {
    keep.contacts
        .iter()
        .map(|c| (c.facts.outcome, c.facts.wait_s, c.facts.handle.map(|h| h.total_s), c.agent.is_some()))
        .collect()
}

#[test]
fn the_sample_gives_the_golden_figures() {
    let Some(text) = data("asterisk_queue_log_sample.txt") else { return };
    let (keep, file) = read(parser(), &text);
    assert_eq!(keep.rules(), []);
    let events: Vec<_> = file.tally().events.iter().map(|(e, n)| (e.as_str(), *n)).collect();
    assert_eq!(
        events,
        [
            ("ABANDON", 12),
            ("COMPLETEAGENT", 6),
            ("COMPLETECALLER", 1),
            ("CONFIGRELOAD", 7),
            ("CONNECT", 8),
            ("ENTERQUEUE", 21),
            ("QUEUESTART", 2),
            ("RINGNOANSWER", 221),
        ]
    );
    assert_eq!(file.tally().rows, 278);
    assert_eq!((file.tally().contacts, file.tally().provisional, keep.contacts.len()), (19, 2, 21));
    assert!(keep.contacts.iter().all(|c| c.queue == "9000"));

    let mut by_entry = keep.contacts.clone();
    by_entry.sort_by_key(|c| (c.facts.entered_at, c.row));
    let of = |outcome| by_entry.iter().filter(move |c| c.facts.outcome == outcome);
    assert_eq!(of(Outcome::Answered).map(|c| c.facts.wait_s).collect::<Vec<_>>(), [1, 2, 36, 6, 84, 4, 5, 5]);
    let talks: Vec<_> = of(Outcome::Answered).map(|c| c.facts.handle.map(|h| h.total_s)).collect();
    assert_eq!(talks, [Some(3), Some(4), Some(8), Some(12), Some(5), Some(13), Some(0), None]);
    let mut abandoned: Vec<_> = of(Outcome::Abandoned).map(|c| c.facts.wait_s).collect();
    let mut expected = [13, 45, 17, 32, 17, 21, 15, 23, 17, 10, 2, 3];
    abandoned.sort_unstable();
    expected.sort_unstable();
    assert_eq!(abandoned, expected);
    // What the log counted and what its clock says agree on every call.
    for c in of(Outcome::Answered) {
        assert_eq!(c.facts.answered_at, Some(c.facts.entered_at + i64::from(c.facts.wait_s) * 1000));
    }
    for c in of(Outcome::Abandoned) {
        assert_eq!(c.facts.ended_at, Some(c.facts.entered_at + i64::from(c.facts.wait_s) * 1000));
    }
    let open = file.parser().open_calls();
    let open: Vec<_> = open.iter().map(|o| (o.call.as_str(), o.queue.as_str(), o.answered_at.is_some())).collect();
    assert_eq!(open, [("1266839761.533", "9000", true), ("1266839768.534", "9000", false)]);
    assert!(keep.contacts.iter().filter(|c| c.facts.provisional).count() == 2);

    let mut summary = Summary::new();
    for c in &keep.contacts {
        summary.count(&c.facts, c.agent);
    }
    let sums = summary.sums(Thresholds::default());
    assert_eq!((sums.contacts, sums.offered, sums.answered, sums.abandoned, sums.open), (21, 20, 8, 12, 1));
    assert_eq!(Indicator::AverageSpeedOfAnswer.of(&sums).fixed(3).as_deref(), Some("17.875"));
    let pack = Pack::built_in().expect("the built-in pack");
    for (id, numerator, denominator) in
        [("sl-20-negative", 6, 20), ("sl-20-ignored", 6, 12), ("sl-20-positive", 14, 20)]
    {
        let ratio = pack.latest(id).expect("defined").of_summary(&summary);
        assert_eq!((ratio.numerator, ratio.denominator), (numerator, denominator), "{id}");
    }
}

#[test]
fn calls_that_are_open_at_rotation_end_in_the_next_file_under_their_key() {
    let first = "1000|a|q|NONE|ENTERQUEUE||0150|1\n1003|b|q|NONE|ENTERQUEUE||0151|2\n1005|a|q|SIP/1|CONNECT|5|x|2\n";
    let second = "1010|b|q|NONE|ABANDON|1|2|7\n1065|a|q|SIP/1|COMPLETECALLER|5|60|1\n";
    let (keep, file) = read(parser(), first);
    assert_eq!(shape(&keep), [(Outcome::Answered, 5, None, true), (Outcome::Open, 2, None, false)]);
    assert!(keep.contacts.iter().all(|c| c.facts.provisional));

    // The parser goes through JSON, as a stored one does.
    let json = serde_json::to_string(&file.into_next()).expect("json");
    assert!(!json.contains("0150") && !json.contains("SIP"), "{json}");
    let (next, _) = read(serde_json::from_str(&json).expect("a parser"), second);
    assert_eq!(shape(&next), [(Outcome::Abandoned, 7, None, false), (Outcome::Answered, 5, Some(60), true)]);
    assert_eq!(next.contacts[0].key, keep.contacts[1].key);
    assert_eq!(next.contacts[1].key, keep.contacts[0].key);
    assert_eq!(next.contacts[1].end_customer, Some(pseudonym(RawKind::EndCustomer, "0150")));

    // Without the first file the contacts still have their keys: an end says how long the stay was.
    let (alone, _) = read(parser(), second);
    assert_eq!(shape(&alone), shape(&next));
    assert_eq!(
        alone.contacts.iter().map(|c| c.key).collect::<Vec<_>>(),
        next.contacts.iter().map(|c| c.key).collect::<Vec<_>>()
    );
}

#[test]
fn every_way_to_end_and_a_stray_bar() {
    let text = "\
1000|a|q|NONE|ENTERQUEUE||0150|1|
1010|a|q|SIP/1|CONNECT|10|x|2|
1070|a|q|SIP/1|COMPLETEAGENT|10|60|1|
2000|b|q|NONE|ENTERQUEUE||0151|1
2030|b|q|NONE|EXITWITHTIMEOUT|1|1|30|
2000|c|q|NONE|ENTERQUEUE||0152|1
2005|c|q|NONE|EXITEMPTY|1|1|5
2000|d|q|NONE|ENTERQUEUE||0153|1
2007|d|q|NONE|EXITWITHKEY|9|1|1|7
3000|e|q|NONE|ENTERQUEUE||0154|1
3004|e|q|SIP/2|CONNECT|4|x|1
3030|e|q|SIP/2|BLINDTRANSFER|100|from-internal|4|26|1
3000|f|q|NONE|ENTERQUEUE||0155|1
3004|f|q|SIP/3|CONNECT|4|x|1
3034|f|q|SIP/3|ATTENDEDTRANSFER|LINK|SIP/3-1|SIP/9-1|4|30|1
4000|g|q|NONE|ENTERQUEUE||0156
4004|g|q|SIP/3|CONNECT|4|x
4044|g|q|SIP/3|TRANSFER|200|ctx|4|40
5000|h|q|NONE|ENTERQUEUE||0157
5012|h|q|NONE|EXITWITHTIMEOUT|1
6030|i|q|SIP/3|ATTENDEDTRANSFER|BRIDGE|abc|4|26|1
";
    assert_eq!(
        contacts(text),
        [
            (Outcome::Answered, 10, Some(60), true),
            (Outcome::Overflowed, 30, None, false),
            (Outcome::Overflowed, 5, None, false),
            (Outcome::Overflowed, 7, None, false),
            (Outcome::Answered, 4, Some(26), true),
            (Outcome::Answered, 4, Some(30), true),
            (Outcome::Answered, 4, Some(40), true),
            (Outcome::Overflowed, 12, None, false),
            // Its CONNECT is missing, as happens with attended transfers.
            (Outcome::Answered, 4, Some(26), true),
        ]
    );
}

#[test]
fn a_call_may_enter_several_queues_and_one_queue_again() {
    let text = "\
1000|a|q1|NONE|ENTERQUEUE||0150|1
1000|b|q1|NONE|ENTERQUEUE||0151|2
1020|a|q1|NONE|EXITWITHTIMEOUT|1|1|20
1020|a|q2|NONE|ENTERQUEUE||0150|1
1030|a|q2|NONE|EXITEMPTY|1|1|10
1031|a|q1|NONE|ENTERQUEUE||0150|2
1031|a|q1|NONE|EXITEMPTY|1|1|0
1031|a|q1|NONE|ENTERQUEUE||0150|2
1041|a|q1|SIP/1|CONNECT|10|x|2
1042|b|q1|SIP/2|CONNECT|42|x|2
1050|b|q1|SIP/2|COMPLETECALLER|42|8|2
1051|a|q1|SIP/1|COMPLETECALLER|10|10|2
";
    let (keep, _) = read(parser(), text);
    assert_eq!(keep.rules(), []);
    let list: Vec<_> = keep.contacts.iter().map(|c| (c.queue.as_str(), c.facts.outcome, c.facts.wait_s)).collect();
    assert_eq!(
        list,
        [
            ("q1", Outcome::Overflowed, 20),
            ("q2", Outcome::Overflowed, 10),
            ("q1", Outcome::Overflowed, 0),
            ("q1", Outcome::Answered, 42),
            ("q1", Outcome::Answered, 10),
        ]
    );
    let mut keys: Vec<_> = keep.contacts.iter().map(|c| c.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 5);
}

#[test]
fn broken_lines_are_named_and_lost_ends_told() {
    let text = "\
00|a|q|NON
1000|a|q|NONE|ENTERQUEUE||0150|1
x|a|q|NONE|ABANDON|1|1|5
1004|a|q|NONE|ABANDON|1|1|x
1005|a|q|NONE|ABANDON|1|1|-5
1006|a|q|SIP/1|CONNECT|6|x|1
1007|a|q|NONE|ABANDON|1|1|7
1008|a|q|SIP/1|COMPLETECALLER|6
1009|z|q|NONE|EXITWITHTIMEOUT|1
1010|b|q|NONE|ENTERQUEUE||0151|1
1015|b|q|NONE|ENTERQUEUE||0151|1
1020|NONE|NONE|NONE|QUEUESTART|
1030|c|q|NONE|ENTERQUEUE||0152|1
1020|c|q|SIP/1|CONNECT|5|x|1
1026|c|q|SIP/1|RINGNOANSWER|1000
100000|NONE|NONE|NONE|CONFIGRELOAD|
";
    let (keep, file) = read(parser(), text);
    assert_eq!(
        keep.rules(),
        [
            (1, "", "row-cut-short"),
            (3, "time", "row-time-invalid"),
            (4, "hold", "row-number-invalid"),
            (5, "hold", "row-duration-negative"),
            (7, "event", "queue-log-out-of-order"),
            (8, "talk", "row-value-missing"),
            (9, "hold", "row-value-missing"),
            (11, "event", "queue-log-entered-again"),
            (12, "event", "queue-log-never-ended"),
            (12, "event", "queue-log-never-ended"),
            (14, "time", "queue-log-out-of-order"),
            (16, "event", "queue-log-never-ended"),
        ]
    );
    assert_eq!(
        shape(&keep),
        [
            (Outcome::Open, 0, None, false),
            (Outcome::Answered, 6, None, true),
            (Outcome::Open, 0, None, false),
            (Outcome::Open, 0, None, false),
        ]
    );
    assert!(keep.contacts.iter().all(|c| !c.facts.provisional));
    assert_eq!(file.parser().open_calls(), []);
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let text = "call_id\tdate\tserver\r\n".repeat(10);
    assert_eq!(refused(parser(), &text), [("call-file-not-queue-log", "file".to_owned())]);
    assert_eq!(refused(parser(), ""), [("call-file-empty", "file".to_owned())]);
    let mut file = CallFile::new(parser());
    let mut keep = Keep::default();
    file.push("1000|NONE|NONE|NONE|PAUSE|lunch\n1000|NONE|NONE|NONE|whatever|\n", &mut keep).expect("read");
    assert_eq!(file.tally().events.keys().map(String::as_str).collect::<Vec<_>>(), ["OTHER", "PAUSE"]);
}
