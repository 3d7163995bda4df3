//! Whatever stands in a file, every row ends as a contact or as an issue, and nothing panics.

use proptest::prelude::*;

use super::{Keep, zone};
use crate::operations::source::{AnonymousBank, CallFile, CallParser, GenericCsv, QueueLog};

const BANK: &str = "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\r\n";
const BANK_ROW: &str =
    "AA0101\t1\t0\t0\tPS\t241103\t1:59:50\t1:59:55\t5\t1:59:55\t1:00:05\t10\tAGENT\t1:00:04\t1:01:04\t60\tMICHAL\r\n";
const LOG_ROWS: &str =
    "1000|a|q|NONE|ENTERQUEUE||0150|1\n1005|a|q|SIP/1|CONNECT|5|x|2\n1065|a|q|SIP/1|COMPLETECALLER|5|60|1\n";
const CSV_HEADER: &str = "t,q,o,w,h,a,e,n\n";
const CSV_ROW: &str = "03/11/2024 01:59:50,售,A,1:15,75.5,8001,1730613600,\"x\"\n";

fn parsers() -> [(CallParser, &'static str, &'static str); 3] {
    let mapping = serde_json::json!({
        "delimiter": ",", "start": {"column": "t", "format": "%d/%m/%Y %H:%M:%S"}, "queue": {"column": "q"},
        "outcome": {"column": "o", "values": {"A": "answered", "B": "abandoned"}}, "wait": "w", "handle": "h",
        "agent": "a", "ended": {"column": "e", "format": "epoch_seconds"},
    });
    let mapping = serde_json::from_value(mapping).expect("a mapping");
    let new_york = zone("America/New_York");
    [
        (CallParser::AnonymousBank(AnonymousBank::new(new_york)), BANK, BANK_ROW),
        (CallParser::AsteriskQueueLog(QueueLog::new()), "", LOG_ROWS),
        (CallParser::GenericCsv(Box::new(GenericCsv::new(mapping, new_york).expect("good"))), CSV_HEADER, CSV_ROW),
    ]
}

/// Rows with some characters replaced by others that matter to a format.
fn damaged(row: &str) -> impl Strategy<Value = String> + use<> {
    let row: Vec<char> = row.chars().collect();
    let character = prop::sample::select("0123456789:-.|,;\t\"\r\n+E 甲NAQ%".chars().collect::<Vec<_>>());
    prop::collection::vec((any::<prop::sample::Index>(), character, 0..3_u8), 0..6).prop_map(move |changes| {
        let mut row = row.clone();
        for (at, character, how) in changes {
            let at = at.index(row.len());
            match how {
                0 => row[at] = character,
                1 => row.insert(at, character),
                _ if row.len() > 1 => drop(row.remove(at)),
                _ => {}
            }
        }
        row.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_row_is_a_contact_or_an_issue(
        which in 0_usize..3,
        rows in prop::collection::vec((damaged(BANK_ROW), damaged(LOG_ROWS), damaged(CSV_ROW)), 1..12),
        piece in 1_usize..40,
    ) {
        let (parser, header, _) = parsers().into_iter().nth(which).expect("one of three");
        let rows = rows.into_iter().map(|(bank, log, csv)| [bank, log, csv].into_iter().nth(which).unwrap_or_default());
        let text: String = std::iter::once(header.to_owned()).chain(rows).collect();
        let mut keep = Keep::default();
        let mut file = CallFile::new(parser);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.ceil_char_boundary(piece.min(rest.len())));
            if file.push(now, &mut keep).is_err() {
                // Only a log may still be refused here: its first ten lines were all broken.
                prop_assert_eq!(which, 1);
                return Ok(());
            }
            rest = later;
        }
        file.finish(&mut keep).ok();
        let tally = file.tally();
        prop_assert_eq!(tally.issues, u64::try_from(keep.issues.len()).expect("small"));
        prop_assert_eq!(tally.contacts + tally.provisional, u64::try_from(keep.contacts.len()).expect("small"));
        if which != 1 {
            prop_assert_eq!(tally.rows, tally.contacts + tally.issues);
            // No text is lost: what is not in a contact is kept aside.
            let lines = text.split('\n').skip(1).filter(|l| !l.trim().is_empty()).count();
            let kept: usize = keep.issues.iter().map(|(_, raw)| raw.split('\n').count()).sum();
            prop_assert!(which == 2 || lines == keep.contacts.len() + kept);
        }
        for c in &keep.contacts {
            prop_assert!(c.facts.answered_at.is_none_or(|at| at + 86_400_000 > c.facts.entered_at));
        }
    }

    #[test]
    fn any_text_at_all_is_survived(text in any::<String>(), which in 0_usize..3) {
        let (parser, header, _) = parsers().into_iter().nth(which).expect("one of three");
        let mut keep = Keep::default();
        let mut file = CallFile::new(parser);
        file.push(header, &mut keep).expect("a header");
        file.push(&text, &mut keep).ok();
        file.finish(&mut keep).ok();
    }
}
