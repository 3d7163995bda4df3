use std::io::Write as _;

use encoding_rs::GB18030;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::write::SimpleFileOptions;

use super::*;

fn rows(bytes: impl Into<Vec<u8>>) -> Vec<(u64, Vec<String>)> {
    let table = parse(bytes.into(), None).expect("a table");
    assert_eq!(table.ragged, []);
    table.rows.into_iter().map(|r| (r.line, r.cells)).collect()
}
fn refusal(bytes: impl Into<Vec<u8>>) -> (&'static str, Option<i64>) {
    match parse(bytes.into(), None) {
        Err(Error::Refused(list)) => {
            let row = list[0].args.iter().find(|(name, _)| *name == "row").map(|(_, value)| match value {
                voxpark_domain::error::Arg::Number(n) => *n,
                voxpark_domain::error::Arg::Text(_) => unreachable!("rows are numbers"),
            });
            (list[0].rule, row)
        }
        other => panic!("not refused: {other:?}"),
    }
}
fn cells(list: &[&str]) -> Vec<String> {
    list.iter().map(|c| (*c).to_owned()).collect()
}
fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

const TEXT: &str = "编号,区域\r\nA-001,客服一区\r\n\r\n\"A,2\",\"二\"\"区\"\r\n";

#[test]
fn one_text_in_every_encoding() {
    let expected = vec![(2, cells(&["A-001", "客服一区"])), (4, cells(&["A,2", "二\"区"]))];
    let marked = |mark: &[u8], rest: Vec<u8>| [mark.to_vec(), rest].concat();
    let all = [
        TEXT.as_bytes().to_vec(),
        marked(b"\xef\xbb\xbf", TEXT.as_bytes().to_vec()),
        marked(b"\xff\xfe", utf16(TEXT, u16::to_le_bytes)),
        marked(b"\xfe\xff", utf16(TEXT, u16::to_be_bytes)),
        utf16(TEXT, u16::to_le_bytes),
        GB18030.encode(TEXT).0.into_owned(),
    ];
    for bytes in all {
        assert_eq!(rows(bytes), expected);
    }
}

#[test]
fn what_cannot_be_decoded_is_named_by_row() {
    let broken = |encoding: &'static encoding_rs::Encoding| {
        let mut bytes = encoding.encode("编号,区域\nA-1,一区\nA-2,").0.into_owned();
        bytes.extend(b"\xff\xff\nA-3,x\n");
        bytes
    };
    assert_eq!(refusal(broken(encoding_rs::UTF_8)), ("file-encoding", Some(3)));
    assert_eq!(refusal(broken(GB18030)), ("file-encoding", Some(3)));
    let marked = [b"\xef\xbb\xbf".to_vec(), GB18030.encode("code,zone\nA,区\n").0.into_owned()].concat();
    assert_eq!(refusal(marked), ("file-encoding", Some(2)));
    let cut = [b"\xff\xfe".to_vec(), utf16("a,b\n1,2\n", u16::to_le_bytes), vec![0x31]].concat();
    assert_eq!(refusal(cut), ("file-encoding", Some(3)));
    // Western letters are not taken for Chinese ones.
    assert_eq!(refusal(b"code,name\nA,x\nB,M\xfcller\nC,Gr\xf6\xdfe\n".to_vec()), ("file-encoding", Some(3)));
}

#[test]
fn delimiters_quotes_and_ragged_rows() {
    for text in ["a;b\n1;\"x;y\"\n", "a\tb\n1\tx;y\n", "a,b\n1,x;y\n"] {
        assert_eq!(rows(text), [(2, cells(&["1", "x;y"]))]);
    }
    assert_eq!(rows("a\n1\n\n2"), [(2, cells(&["1"])), (4, cells(&["2"]))]);
    // A cell over two lines moves the rows behind it; empty cells at the end are no fault.
    assert_eq!(rows("a,b\n\"1\n2\",x\n3,4,,\n"), [(2, cells(&["1\n2", "x"])), (4, cells(&["3", "4"]))]);
    let table = parse(b"a,b\n1\n1,2,3\n4,5\n".to_vec(), None).expect("a table");
    let ragged: Vec<_> = table.ragged.iter().map(|i| (i.line, i.refusal.rule)).collect();
    assert_eq!((ragged, table.rows.len()), (vec![(2, "row-ragged"), (3, "row-ragged")], 1));
    assert_eq!(refusal("a,b\n1,2\n3,\"4\n5,6\n"), ("table-quote-open", Some(3)));
}

#[test]
fn what_is_no_table_is_refused() {
    assert_eq!(refusal("").0, "table-empty");
    assert_eq!(refusal("a,b\n\n,\n").0, "table-empty");
    assert_eq!(refusal(b"%PDF-1.7\n\x00\x01\x02\x00\x01".to_vec()).0, "file-kind");
    assert_eq!(refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00\x00\x00".to_vec()).0, "file-kind");
    assert_eq!(refusal(b"PK\x03\x04 and nothing else".to_vec()).0, "workbook-broken");
    assert_eq!(refusal(format!("a\n{}\n", "x".repeat(MAX_CELL + 1))), ("table-cell-too-long", Some(2)));
    assert_eq!(refusal(format!("a{}\n1\n", ",a".repeat(MAX_COLUMNS))).0, "table-too-many-columns");
    assert_eq!(refusal(format!("a\n{}", "1\n".repeat(MAX_ROWS + 1))).0, "table-too-many-rows");
}

#[test]
fn a_workbook_reads_as_it_was_meant() {
    let mut book = Workbook::new();
    let hidden = book.add_worksheet();
    hidden.set_name("cover").expect("a name").set_hidden(true);
    let sheet = book.add_worksheet();
    sheet.set_name("seats").expect("a name").set_active(true);
    let (day, time) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_num_format("hh:mm"));
    for (column, name) in (0_u16..).zip(["code", "x_mm", "price", "from", "start", "note"]) {
        sheet.write(1, column, name).expect("a header");
    }
    sheet.write(3, 0, "A-001").expect("a cell");
    sheet.write(3, 1, 12_000).expect("a cell");
    sheet.write(3, 2, 0.1 + 0.2).expect("a cell");
    let date = ExcelDateTime::from_ymd(2026, 2, 28).expect("a date");
    sheet.write_with_format(3, 3, &date, &day).expect("a cell");
    sheet.write_with_format(3, 4, ExcelDateTime::from_hms(8, 30, 0).expect("a time"), &time).expect("a cell");
    sheet.write(4, 0, 10_086_123_456_i64).expect("a cell");
    sheet.write(5, 6, "beyond the header").expect("a cell");
    let bytes = book.save_to_buffer().expect("a workbook");

    let table = parse(bytes.clone(), Some("seats")).expect("a table");
    assert_eq!(table.header, Row { line: 2, cells: cells(&["code", "x_mm", "price", "from", "start", "note"]) });
    let expected = [
        Row { line: 4, cells: cells(&["A-001", "12000", "0.3", "2026-02-28", "08:30:00", ""]) },
        Row { line: 5, cells: cells(&["10086123456", "", "", "", "", ""]) },
    ];
    assert_eq!(table.rows, expected);
    assert_eq!(table.ragged.iter().map(|i| (i.line, i.refusal.rule)).collect::<Vec<_>>(), [(6, "row-ragged")]);
    assert_eq!(parse(bytes.clone(), None).expect("the first one that can be seen"), table);
    assert!(matches!(parse(bytes, Some("none")), Err(Error::Refused(list)) if list[0].rule == "sheet-unknown"));
}

#[test]
fn a_bomb_is_weighed_before_it_is_opened() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).expect("a part");
    let block = vec![b' '; 1024 * 1024];
    for _ in 0..97 {
        archive.write_all(&block).expect("bytes");
    }
    let bytes = archive.finish().expect("an archive").into_inner();
    assert!(bytes.len() < 1024 * 1024, "it is small on the disk");
    assert_eq!(refusal(bytes).0, "table-too-large");
}
