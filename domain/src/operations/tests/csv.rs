//! Delimited files by a mapping: every way to say a time, and every way to be wrong.

use serde_json::{Value, json};

use super::{Keep, pseudonym, read, zone};
use crate::error::Error;
use crate::operations::contact::{Direction, Outcome, RawKind};
use crate::operations::source::{CallFile, CallParser, CsvMapping, GenericCsv};

fn mapping(extra: Value) -> CsvMapping {
    let mut base = json!({
        "delimiter": ",",
        "start": {"column": "开始", "format": "iso"},
        "queue": {"column": "技能组"},
        "outcome": {"column": "结果", "values": {"接通": "answered", "放弃": "abandoned", "溢出": "overflowed", "测试": "ignored"}},
        "wait": "等待",
        "handle": "处理",
        "agent": "工号",
        "end_customer": "主叫",
    });
    if let (Value::Object(base), Value::Object(extra)) = (&mut base, extra) {
        for (k, v) in extra {
            if v.is_null() {
                base.remove(&k);
            } else {
                base.insert(k, v);
            }
        }
    }
    serde_json::from_value(base).expect("a mapping")
}

fn parser(extra: Value) -> CallParser {
    CallParser::GenericCsv(Box::new(GenericCsv::new(mapping(extra), zone("Asia/Shanghai")).expect("a good mapping")))
}

fn rules<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(&'static str, String)> {
    match result {
        Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect(),
        other => panic!("accepted: {other:?}"),
    }
}

const HEADER: &str = "开始,技能组,结果,等待,处理,工号,主叫,备注\r\n";

#[test]
fn rows_become_contacts() {
    let text = format!(
        "\u{feff}{HEADER}2024-02-03 08:15:30,售后,接通,12.4,1:30,8001,13800138000,\"说,\"\"好\"\"\n两行\"\r\n\
         2024-02-03T00:15:31Z,售后,放弃,0:00:05,,,,x\r\n\
         2024-02-03 08:16,售后,测试,,,,,\r\n"
    );
    let (keep, file) = read(parser(json!({})), &text);
    assert_eq!(keep.rules(), []);
    let [a, b, c] = keep.contacts.as_slice() else { panic!("three contacts: {keep:?}") };
    assert_eq!((a.facts.outcome, a.facts.wait_s, a.facts.handle.map(|h| h.total_s)), (Outcome::Answered, 13, Some(90)));
    assert_eq!((a.facts.entered_at, a.facts.queued_at), (1_706_919_330_000, 1_706_919_330_000));
    assert_eq!(a.facts.answered_at, Some(1_706_919_343_000));
    assert_eq!(a.facts.ended_at, Some(1_706_919_433_000));
    assert_eq!(a.agent, Some(pseudonym(RawKind::Agent, "8001")));
    assert_eq!(a.end_customer, Some(pseudonym(RawKind::EndCustomer, "13800138000")));
    assert_eq!((a.row, b.row, c.row, file.tally().rows), (2, 4, 5, 3));
    assert_eq!((b.facts.outcome, b.facts.wait_s, b.facts.handle, b.agent), (Outcome::Abandoned, 5, None, None));
    assert_eq!(b.facts.entered_at, a.facts.entered_at + 1_000);
    assert_eq!((c.facts.outcome, c.facts.wait_s), (Outcome::Ignored, 0));
}

#[test]
fn waits_and_handle_times_from_instants_and_parts() {
    let extra = json!({
        "delimiter": ";", "wait": null, "handle": null, "agent": null, "end_customer": null,
        "start": {"column": "in", "format": "%d/%m/%Y %H:%M:%S"},
        "queued": {"column": "queued", "format": "epoch_seconds"},
        "answered": {"column": "answered", "format": "epoch_millis"},
        "ended": {"column": "out", "format": "iso"},
        "queue": {"fixed": "main"},
        "outcome": {"column": "how", "values": {"A": "answered", "B": "abandoned"}},
        "direction": {"column": "dir", "values": {"in": "inbound", "out": "outbound"}},
        "external_id": "id", "priority": "prio", "talk": "talk", "hold": "hold", "wrap": "wrap"
    });
    let text = "id;in;queued;answered;out;how;dir;prio;talk;hold;wrap\n\
                1;03/02/2024 08:15:30;1706919335;1706919345500;2024-02-03T00:17:00Z;A;in;3;60;10;30\n\
                2;03/02/2024 08:15:30;;1706919345000;2024-02-03T00:17:00Z;A;out;;;;\n\
                3;03/02/2024 08:15:30;;;2024-02-03T00:15:37Z;B;in;;;;\n\
                4;03/02/2024 08:15:30;;;;B;in;;;;\n\
                5;03/02/2024 08:15:30;;;2024-02-03T00:15:37Z;A;in;;;;\n\
                6;03/02/2024 08:15:30;;1706919000000;2024-02-03T00:15:37Z;A;in;;;;\n";
    let (keep, _) = read(parser(extra), text);
    let [a, b, c] = keep.contacts.as_slice() else { panic!("three contacts: {keep:?}") };
    // 10.5 s: not within 10.
    assert_eq!((a.facts.queued_at, a.facts.wait_s, a.priority), (1_706_919_335_000, 11, 3));
    assert_eq!(
        a.facts.handle.map(|h| (h.total_s, h.talk_s, h.hold_s, h.wrap_s)),
        Some((100, Some(60), Some(10), Some(30)))
    );
    assert_eq!((b.facts.direction, b.facts.wait_s), (Direction::Outbound, 15));
    assert_eq!(b.facts.handle.map(|h| (h.total_s, h.talk_s)), Some((75, None)));
    assert_eq!((c.facts.wait_s, c.facts.handle, c.queue.as_str()), (7, None, "main"));
    assert_eq!(
        keep.rules(),
        [(5, "out", "row-value-missing"), (6, "answered", "row-value-missing"), (7, "answered", "row-times-disagree")]
    );
}

#[test]
fn a_bad_mapping_is_refused_with_every_fault() {
    let check = |extra| rules(mapping(extra).validate());
    assert_eq!(check(json!({"delimiter": "x"})), [("mapping-delimiter", "delimiter".to_owned())]);
    let several = json!({
        "agent": " ", "wait": null, "handle": null, "queue": {"fixed": ""},
        "start": {"column": "开始", "format": "%Y-%m-%d"},
        "outcome": {"column": "结果", "values": {"x": "abandoned"}},
    });
    let rules: Vec<_> = check(several);
    let expected = [
        ("mapping-column-empty", "agent"),
        ("mapping-column-empty", "queue"),
        ("mapping-time-pattern", "start.format"),
        ("mapping-outcome-empty", "outcome.values"),
        ("mapping-wait-missing", "wait"),
        ("mapping-handle-missing", "handle"),
    ];
    assert_eq!(rules.iter().map(|(r, p)| (*r, p.as_str())).collect::<Vec<_>>(), expected);
    // Unknown keys and unknown outcomes do not even read.
    assert!(serde_json::from_value::<CsvMapping>(json!({"delimiter": ",", "color": "red"})).is_err());
}

#[test]
fn missing_and_doubled_columns_refuse_the_file_before_its_first_row() {
    let mut keep = Keep::default();
    let mut file = CallFile::new(parser(json!({})));
    let text = "开始,结果,等待,处理,处理,工号\r\n2024-02-03 08:15:30,接通,1,1,1,8001\r\n";
    let mut list = rules(file.push(text, &mut keep));
    list.sort();
    let expected =
        [("csv-column-doubled", "handle"), ("csv-column-missing", "end_customer"), ("csv-column-missing", "queue")];
    assert_eq!(list.iter().map(|(r, p)| (*r, p.as_str())).collect::<Vec<_>>(), expected);
    assert!(keep.contacts.is_empty() && keep.issues.is_empty());
    assert_eq!(super::refused(parser(json!({})), ""), [("call-file-empty", "file".to_owned())]);
    assert_eq!(super::refused(parser(json!({})), "\"开始,技能组\r\n"), [("row-quotes-broken", "file".to_owned())]);
}

#[test]
fn bad_rows_are_named_by_row_column_and_rule() {
    let rows = [
        ("2024-02-03 08:15:30,售后,接通,12,90,8001,138", "", "row-field-count"),
        ("2024-02-30 08:15:30,售后,接通,12,90,8001,138,", "开始", "row-time-invalid"),
        (",售后,接通,12,90,8001,138,", "开始", "row-value-missing"),
        ("2024-02-03 08:15:30,,接通,12,90,8001,138,", "技能组", "row-value-missing"),
        ("2024-02-03 08:15:30,售后,王小明,12,90,8001,138,", "结果", "row-outcome-unknown"),
        ("2024-02-03 08:15:30,售后,接通,-1,90,8001,138,", "等待", "row-duration-negative"),
        ("2024-02-03 08:15:30,售后,接通,,90,8001,138,", "等待", "row-value-missing"),
        ("2024-02-03 08:15:30,售后,接通,12,1:75,8001,138,", "处理", "row-number-invalid"),
        ("2024-02-03 08:15:30,售后,接通,12,9999999999,8001,138,", "处理", "row-duration-too-long"),
        ("2024-02-03 08:15:30,售后,接通,12,90,8001,138,\"x\"y", "", "row-quotes-broken"),
    ];
    let mut text = HEADER.to_owned();
    for (row, _, _) in rows {
        text.push_str(row);
        text.push('\n');
    }
    let (keep, file) = read(parser(json!({})), &text);
    for (i, ((issue, raw), (row, field, rule))) in keep.issues.iter().zip(rows).enumerate() {
        assert_eq!(
            (issue.row, issue.field.as_ref(), issue.rule, raw.as_str()),
            (u64::try_from(i + 2).expect("small"), field, rule, row)
        );
        assert!(!format!("{issue:?}").contains("王小明"));
    }
    assert_eq!((file.tally().issues, file.tally().contacts), (10, 0));
    assert_eq!(keep.issues[4].0.to_refusal().path, "rows.6.结果");
}

#[test]
fn a_quote_that_never_closes_costs_one_row() {
    let good = |n: u32| format!("2024-02-03 08:{n:02}:30,售后,接通,12,90,8001,138,\r\n");
    let mut text = HEADER.to_owned();
    text.push_str(&good(1));
    text.push_str("2024-02-03 08:15:30,售后,接通,12,90,8001,138,\"开口\r\n");
    for n in 2..40 {
        text.push_str(&good(n));
    }
    text.push_str("2024-02-03 08:15:30,售后,接通,12,90,8001,138,\"又开\r\n");
    text.push_str(&good(41));
    let (keep, file) = read(parser(json!({})), &text);
    assert_eq!(keep.rules(), [(3, "", "row-quotes-broken"), (42, "", "row-quotes-broken")]);
    assert_eq!((keep.contacts.len(), file.tally().rows), (40, 42));
    let rows: Vec<_> = keep.contacts.iter().map(|c| c.row).collect();
    assert!(rows.is_sorted() && rows.last() == Some(&43), "{rows:?}");
}

#[test]
fn records_without_an_id_are_told_apart_and_known_again() {
    let row = "2024-02-03 08:15:30,售后,接通,12,90,8001,138,\n";
    let other_person = "2024-02-03 08:15:30,售后,接通,12,90,8002,139,\n";
    let later = "2024-02-03 08:15:31,售后,接通,12,90,8001,138,\n";
    let text = format!("{HEADER}{row}{other_person}{later}{row}");
    let (keep, _) = read(parser(json!({})), &text);
    let (again, _) = read(parser(json!({})), &text);
    let keys = |k: &Keep| k.contacts.iter().map(|c| c.key).collect::<Vec<_>>();
    assert_eq!(keys(&keep), keys(&again));
    let mut unique = keys(&keep);
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 4);
    // An export that begins later still gives the row its key.
    let (tail, _) = read(parser(json!({})), &format!("{HEADER}{later}"));
    assert_eq!(tail.contacts[0].key, keep.contacts[2].key);
}
