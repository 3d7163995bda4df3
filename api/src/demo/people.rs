//! Invented people: common family and given names, none of them anybody's.

use std::fmt::Write as _;

use chrono::{NaiveDate, TimeDelta};

use super::dice::Dice;

const FAMILY: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗",
];
const GIVEN: &[&str] = &[
    "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "超", "明", "霞", "平", "刚", "桂英",
    "晓燕", "志强", "雨桐", "子涵", "欣怡", "浩然", "嘉怡", "俊杰", "梓萱", "思远", "佳琪", "文博",
];

/// The header of a people file.
pub(super) const HEADER: &str = "工号,姓名,岗位,班组,入职日期,离职日期\n";

/// Appends `count` people: one team leader for every twelve agents, joined over the months before and after `from`.
pub(super) fn write(out: &mut String, prefix: &str, count: u32, from: NaiveDate, until: NaiveDate, dice: &mut Dice) {
    let span = (until - from).num_days().max(1).unsigned_abs();
    for n in 1..=count {
        let team = (n - 1) / 13 + 1;
        let leader = n % 13 == 1;
        let joined = if dice.happens(0.72) {
            from
        } else {
            from + TimeDelta::days(i64::try_from(dice.below(span)).unwrap_or(0))
        };
        // Agents come and go; team leaders stay.
        let left = (!leader && dice.happens(0.12))
            .then(|| joined + TimeDelta::days(60 + i64::try_from(dice.below(240)).unwrap_or(0)))
            .filter(|day| *day < until);
        let name = format!("{}{}", dice.pick(FAMILY).unwrap_or(&"王"), dice.pick(GIVEN).unwrap_or(&"敏"));
        let _ = writeln!(
            out,
            "{prefix}{n:04},{name},{},{prefix}{team:02}组,{joined},{}",
            if leader { "班长" } else { "座席代表" },
            left.map(|d| d.to_string()).unwrap_or_default()
        );
    }
}
