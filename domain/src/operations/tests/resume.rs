//! A file that is cut anywhere, killed anywhere and taken up again gives the same as one read at once.

use super::{Keep, data, read, zone};
use crate::operations::source::{
    AnonymousBank, CallFile, CallParser, Checkpoint, GenericCsv, MAX_LINE_BYTES, QueueLog,
};

fn bank() -> CallParser {
    CallParser::AnonymousBank(AnonymousBank::new(zone("Asia/Jerusalem")))
}

fn csv() -> CallParser {
    let mapping = serde_json::json!({
        "delimiter": ",", "start": {"column": "t", "format": "iso"}, "queue": {"column": "q"},
        "outcome": {"column": "o", "values": {"A": "answered"}}, "wait": "w", "handle": "h",
    });
    let mapping = serde_json::from_value(mapping).expect("a mapping");
    CallParser::GenericCsv(Box::new(GenericCsv::new(mapping, zone("Asia/Shanghai")).expect("a good mapping")))
}

const CSV: &str = "t,q,o,w,h,note\r\n\
    2024-02-03 08:15:30,甲,A,1,2,\r\n2024-02-03 08:15:30,甲,A,1,2,\"两\r\n行,\"\"x\"\"\r\n\"\r\n\r\nbad\r\n\
    2024-02-03 08:15:30,甲,A,1,2,\"open\r\n2024-02-03 08:15:30,甲,A,1,2,\r\n2024-02-03 08:15:30,甲,A,1,2,\"z\"\r\n\
    2024-02-03 08:15:30,甲,A,1,2,last";

/// What is left of a process that dies: its checkpoint, through JSON.
fn revive(file: &CallFile) -> (usize, CallFile) {
    let json = serde_json::to_string(&file.checkpoint()).expect("json");
    let checkpoint: Checkpoint = serde_json::from_str(&json).expect("a checkpoint");
    (usize::try_from(checkpoint.position).expect("small"), CallFile::resume(checkpoint))
}

fn same(a: &Keep, b: &Keep) {
    assert_eq!(a.contacts, b.contacts);
    assert_eq!(a.issues, b.issues);
}

/// Dies once, at every character.
fn dies_anywhere(parser: &CallParser, text: &str) {
    let (whole, whole_file) = read(parser.clone(), text);
    for (at, _) in text.char_indices() {
        let mut keep = Keep::default();
        let mut file = CallFile::new(parser.clone());
        file.push(&text[..at], &mut keep).expect("readable");
        let (position, mut file) = revive(&file);
        assert!(position <= at);
        file.push(&text[position..], &mut keep).expect("readable");
        file.finish(&mut keep).expect("readable");
        same(&keep, &whole);
        assert_eq!(file.tally(), whole_file.tally(), "{at}");
    }
}

#[test]
fn a_delimited_file_survives_at_every_character() {
    dies_anywhere(&csv(), CSV);
    let (keep, _) = read(csv(), CSV);
    assert_eq!(keep.rules(), [(7, "", "row-field-count"), (8, "", "row-quotes-broken")]);
    assert_eq!(keep.contacts.len(), 5);
}

#[test]
fn a_queue_log_survives_at_every_character_with_its_open_calls() {
    let text = "1000|a|q|NONE|ENTERQUEUE||0150|1\n1003|b|q|NONE|ENTERQUEUE||0151|2\n1005|a|q|SIP/1|CONNECT|5|x|2\n\
                1010|b|q|NONE|ABANDON|1|2|7\nbroken\n1065|a|q|SIP/1|COMPLETECALLER|5|60|1\n1066|c|q|NONE|ENTERQUEUE||0152|1";
    dies_anywhere(&CallParser::AsteriskQueueLog(QueueLog::new()), text);
}

#[test]
fn pieces_may_end_anywhere() {
    let (whole, _) = read(csv(), CSV);
    let mut keep = Keep::default();
    let mut file = CallFile::new(csv());
    for c in CSV.chars() {
        file.push(c.encode_utf8(&mut [0; 4]), &mut keep).expect("readable");
    }
    file.finish(&mut keep).expect("readable");
    same(&keep, &whole);
}

#[test]
fn a_month_survives_a_death_every_few_thousand_bytes() {
    let Some(text) = data("ab1999_02.txt.gz") else { return };
    let (whole, whole_file) = read(bank(), &text);
    let mut keep = Keep::default();
    let mut file = CallFile::new(bank());
    let mut at = 0;
    while at < text.len() {
        let to = (at + 5_003).min(text.len());
        file.push(&text[at..to], &mut keep).expect("readable");
        (at, file) = revive(&file);
    }
    file.finish(&mut keep).expect("readable");
    same(&keep, &whole);
    assert_eq!(file.tally(), whole_file.tally());
}

#[test]
fn a_line_without_end_is_named_and_not_kept() {
    let long = "x".repeat(10 * MAX_LINE_BYTES);
    let text = format!("t,q,o,w,h,note\n{long}\n2024-02-03 08:15:30,q,A,1,2,\n{long}");
    let mut keep = Keep::default();
    let mut file = CallFile::new(csv());
    for piece in text.as_bytes().chunks(1000) {
        file.push(std::str::from_utf8(piece).expect("ASCII"), &mut keep).expect("readable");
    }
    file.finish(&mut keep).expect("readable");
    assert_eq!(keep.rules(), [(2, "", "row-too-long"), (4, "", "row-too-long")]);
    assert_eq!((keep.contacts.len(), keep.issues[0].1.len()), (1, MAX_LINE_BYTES));
}
