use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::*;
use crate::ctx::SystemReason;
use crate::time::{Clock, Env, Random};

struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        "2026-11-21T02:00:00Z".parse().expect("an instant")
    }
}

struct Counting(std::sync::atomic::AtomicU64);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_le_bytes();
        buffer.fill(0);
        buffer.iter_mut().zip(n).for_each(|(b, n)| *b = n);
    }
}

fn ctx() -> Ctx {
    Ctx::system(SystemReason::Provisioning, Env::new(Arc::new(Still), Arc::new(Counting(0.into()))))
}

fn table(text: &str) -> Table {
    let mut rows = text.lines().enumerate().map(|(n, line)| Row {
        line: u64::try_from(n).expect("small") + 1,
        cells: line.split(',').map(|c| c.trim().to_owned()).collect(),
    });
    Table { header: rows.next().expect("a header"), rows: rows.collect(), ragged: Vec::new() }
}

fn faults(issues: &[RowIssue]) -> Vec<(u64, &str, &str)> {
    issues.iter().map(|i| (i.line, i.refusal.path.as_ref(), i.refusal.rule)).collect()
}

const HEADER: &str = "building,floor,zone,seat,product,x_mm,y_mm,built_from,built_to,level";

fn plan(rows: &str, known: &Known) -> Plan {
    let (rows, issues) = read(&table(&format!("{HEADER}\n{rows}"))).expect("columns");
    assert_eq!(faults(&issues), []);
    decide(&ctx(), rows, known)
}

/// A park after a first import.
fn park() -> Known {
    let first = plan(
        "A,3F,Z1,A-1,bare,0,0,2026-01-01,,\nA,3F,Z1,A-2,equipped,1500,0,2026-01-01,2027-01-01,",
        &Known::default(),
    );
    let seats = first.added.into_iter().map(|seat| KnownSeat { held: seat.code == "A-2", seat }).collect();
    Known {
        buildings: first.buildings,
        floors: first.floors,
        zones: first.zones,
        seats,
        codes_until: Vec::new(),
        features: Vec::new(),
    }
}

#[test]
fn a_first_plan_makes_the_tree() {
    let plan = plan(
        "A,3F,Z1,A-1,裸席,0,0,,,\nA,3F,Z2,A-2,bare,\"1500\",0,2026-12-01,,\nB,B1,Z1,B-1,配系统,0,0,,,\nB,屋顶,Z1,B-2,带家具,0,0,,,7"
            .replace('"', "")
            .as_str(),
        &Known::default(),
    );
    assert_eq!(faults(&plan.issues), []);
    assert_eq!((plan.buildings.len(), plan.floors.len(), plan.zones.len(), plan.added.len()), (2, 3, 4, 4));
    assert_eq!(plan.floors.iter().map(|f| f.level).collect::<Vec<_>>(), [3, -1, 7]);
    let today = ctx().today();
    let built: Vec<_> = plan.added.iter().map(|s| s.built.from).collect();
    assert_eq!(built.first(), Some(&today), "a seat without a date is there from today on");
    assert_eq!(built.get(1).map(NaiveDate::to_string), Some("2026-12-01".to_owned()));
}

#[test]
fn headers_in_chinese() {
    let text = "楼栋,楼层,区域,席位号,产品,X坐标,Y坐标\nA座,3层,一区,A-1,家具席位,100,200";
    let (rows, issues) = read(&table(text)).expect("columns");
    assert_eq!((rows.len(), issues.len()), (1, 0));
}

#[test]
fn every_fault_of_a_row_is_named() {
    let text =
        format!("{HEADER}\n,3F,Z 1,A-1,luxury,-1,1.5,2026-02-30,,x\nA,3F,Z1,A-2,bare,0,0,2026-02-01,2026-02-01,999");
    let (rows, issues) = read(&table(&text)).expect("columns");
    assert_eq!(rows, []);
    let expected = [
        (2, "building", "text-required"),
        (2, "zone", "code-invalid"),
        (2, "product", "seat-product-unknown"),
        (2, "x_mm", "number-range"),
        (2, "y_mm", "number-invalid"),
        (2, "level", "number-invalid"),
        (2, "built_from", "date-invalid"),
        (3, "level", "number-range"),
        (3, "built_to", "period-empty"),
    ];
    assert_eq!(faults(&issues), expected);
}

#[test]
fn doubled_codes_name_each_other() {
    let plan = plan("A,3F,Z1,A-1,bare,0,0,,,\nA,3F,Z1,A-2,bare,0,0,,,\nA,3F,Z2,A-1,bare,0,0,,,", &Known::default());
    assert_eq!(faults(&plan.issues), [(2, "seat", "seat-code-doubled"), (4, "seat", "seat-code-doubled")]);
    let others: Vec<_> = plan.issues.iter().map(|i| i.refusal.args.get(1).cloned()).collect();
    assert_eq!(others, [Some(("other", Arg::Number(4))), Some(("other", Arg::Number(2)))]);
    assert_eq!(plan.added.len(), 1);
    assert_eq!(plan.zones.len(), 1, "a refused row makes no zone");
}

#[test]
fn seats_that_are_there() {
    let known = park();
    let same = plan("A,3F,Z1,A-1,bare,0,0,,,\nA,3F,Z1,A-2,equipped,1500,0,2026-01-01,2027-01-01,3", &known);
    assert_eq!((same.unchanged, same.updated.len(), same.issues.len()), (2, 0, 0));

    let moved = plan("A,3F,Z1,A-1,furnished,10,20,,,\nA,3F,Z1,A-2,equipped,1600,0,,,", &known);
    assert_eq!((moved.updated.len(), moved.issues.len()), (2, 0));
    assert_eq!(moved.updated.first().map(|s| (s.product, s.x_mm)), Some((SeatProduct::Furnished, 10)));

    let refused = plan(
        "A,3F,Z9,A-1,bare,0,0,,,\nA,3F,Z1,A-2,bare,1500,0,,,\nA,3F,Z1,A-3,bare,0,0,,,4\nA,3F,Z1,A-4,bare,0,0,,2026-01-01,",
        &known,
    );
    let expected = [
        (2, "seat", "seat-elsewhere"),
        (3, "product", "seat-product-held"),
        (4, "level", "floor-level-differs"),
        (5, "built_to", "period-empty"),
    ];
    assert_eq!(faults(&refused.issues), expected);
    assert!(refused.zones.is_empty() && refused.added.is_empty());
    let fixed = plan("A,3F,Z1,A-1,bare,0,0,2026-01-02,,\nA,3F,Z1,A-2,equipped,1500,0,,2026-12-01,", &known);
    assert_eq!(faults(&fixed.issues), [(2, "built_from", "seat-built-fixed"), (3, "built_to", "seat-built-fixed")]);
}

#[test]
fn two_levels_for_one_new_floor() {
    let plan =
        plan("A,大堂,Z1,A-1,bare,0,0,,,1\nA,大堂,Z1,A-2,bare,0,0,,,2\nA,大堂,Z1,A-3,bare,0,0,,,1", &Known::default());
    assert_eq!(faults(&plan.issues), [(3, "level", "floor-level-differs")]);
    assert_eq!(plan.added.len(), 2);
}
