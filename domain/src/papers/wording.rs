//! The values of a lease as a paper says them, in both languages.

use chrono::{Datelike as _, NaiveDate};

use super::template::{Values, When};
use crate::estate::SeatProduct;
use crate::leasing::{
    BookVersion, Clauses, Concession, ConcessionKind, Lease, LeaseTerms, LeaseVersion, Minimum, Off, Proration, Share,
    Shift,
};
use crate::money::{Currency, Money};
use crate::pack::Bilingual;
use crate::time::{Month, Period};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn same(text: &(impl ToString + ?Sized)) -> Bilingual {
    Bilingual { zh: text.to_string(), en: text.to_string() }
}

fn date(day: NaiveDate) -> Bilingual {
    let month = MONTHS.get(day.month0() as usize).copied().unwrap_or_default();
    Bilingual {
        zh: format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        en: format!("{} {month} {}", day.day(), day.year()),
    }
}

/// When a month is billed, as a sentence.
fn billed(in_advance: bool) -> Bilingual {
    let (zh, en) = if in_advance {
        (
            "甲方在每月之前或当月内出具当月账单，此后的变动由下一张账单更正。",
            "The Park invoices each month before or in it; the next invoice corrects what changes afterwards.",
        )
    } else {
        ("甲方在每月结束后出具该月账单。", "The Park invoices each month when it is over.")
    };
    Bilingual { zh: zh.to_owned(), en: en.to_owned() }
}

/// The last day before a half-open end.
fn last(end: NaiveDate) -> NaiveDate {
    end.pred_opt().unwrap_or(end)
}

fn money(money: Money) -> Bilingual {
    same(&format!("{} {}", money.currency.code(), money.grouped()))
}

fn product(product: SeatProduct) -> Bilingual {
    let (zh, en) = match product {
        SeatProduct::Bare => ("裸席", "bare"),
        SeatProduct::Furnished => ("带家具", "furnished"),
        SeatProduct::Equipped => ("配系统", "equipped"),
    };
    Bilingual { zh: zh.to_owned(), en: en.to_owned() }
}

fn proration(rule: Proration) -> Bilingual {
    let (zh, en) = match rule {
        Proration::ByDay => {
            ("不足一月的，按当月实际天数折算。".to_owned(), "Part of a month counts by its days.".to_owned())
        }
        Proration::FixedThirty => (
            "不足一月的，每月按 30 日折算。".to_owned(),
            "Part of a month counts by its days as if every month had 30.".to_owned(),
        ),
        Proration::FullMonthBefore(day) => (
            format!("当月 {day} 日前起租的按整月计，{day} 日及以后起租的按当月实际天数折算。"),
            format!(
                "Seats taken before day {day} of a month pay all of it; seats taken on that day or later pay by its days."
            ),
        ),
        Proration::None => ("不足一月的按整月计。".to_owned(), "Part of a month counts as a whole one.".to_owned()),
    };
    Bilingual { zh, en }
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60 % 24, minute % 60)
}

fn window(shift: &Shift) -> Bilingual {
    let (from, to) = (clock(shift.from_min), clock(shift.to_min));
    let next = shift.to_min > 1440;
    Bilingual {
        zh: format!("{from}至{}{to}", if next { "次日" } else { "" }),
        en: format!("{from} to {to}{}", if next { " the next day" } else { "" }),
    }
}

fn range(period: Period) -> Bilingual {
    let (from, to) = (date(period.from), period.to.map(|to| date(last(to))));
    let to = to.unwrap_or_else(|| Bilingual { zh: "…".to_owned(), en: "…".to_owned() });
    Bilingual { zh: format!("{}至{}", from.zh, to.zh), en: format!("{} to {}", from.en, to.en) }
}

fn since(day: NaiveDate, what: &Bilingual) -> Bilingual {
    let day = date(day);
    Bilingual { zh: format!("自{}起 {}", day.zh, what.zh), en: format!("{} from {}", what.en, day.en) }
}

fn list(items: impl Iterator<Item = Bilingual>) -> Bilingual {
    let (zh, en): (Vec<_>, Vec<_>) = items.map(|item| (item.zh, item.en)).unzip();
    Bilingual { zh: zh.join("；"), en: en.join("; ") }
}

fn minimum(rows: &[Minimum], what: impl Fn(i64) -> Bilingual) -> Bilingual {
    list(rows.iter().map(|row| since(row.from, &what(row.least))))
}

fn seats(n: i64) -> Bilingual {
    Bilingual { zh: format!("{n} 个席位"), en: format!("{n} seats") }
}

/// What a version says, after what it was before.
pub(super) fn values(lease: &Lease, version: &LeaseVersion, seat_count: i64) -> Values {
    let (terms, clauses) = (&version.terms, &version.clauses);
    let mut out = Values::default();
    let reason = if version.reason.is_empty() { "—" } else { version.reason.as_str() };
    let before = lease.versions.iter().rfind(|other| other.version < version.version);
    let changes = before.map(|before| changes(before, version)).unwrap_or_default();
    let changes = if changes.is_empty() {
        Bilingual { zh: "无".to_owned(), en: "nothing".to_owned() }
    } else {
        list(changes.into_iter())
    };
    out.texts.extend([
        ("code", same(&lease.code)),
        ("signed_on", date(lease.signed_on)),
        ("in_force_from", date(version.in_force_from)),
        ("term_from", date(terms.term_from)),
        ("term_last", date(last(terms.term_to))),
        ("product", product(terms.product)),
        ("seats", same(&seat_count)),
        ("tax_rate", same(&terms.tax_rate)),
        ("tax_basis", tax_basis(clauses.tax_included)),
        ("proration", proration(terms.proration)),
        ("billed", billed(version.clauses.in_advance)),
        ("payment_days", same(&terms.payment_days)),
        ("changes", changes),
        ("reason", same(&reason)),
    ]);
    agree(&mut out, terms);
    agree_clauses(&mut out, clauses, terms);
    out
}

/// Whether prices contain the tax.
fn tax_basis(included: bool) -> Bilingual {
    let (zh, en) = if included { ("含税", "with tax") } else { ("不含税", "before tax") };
    Bilingual { zh: zh.to_owned(), en: en.to_owned() }
}

fn book(named: &BookVersion) -> Bilingual {
    let BookVersion { book, version } = named;
    Bilingual { zh: format!("{book} 第 {version} 版"), en: format!("{book}, version {version}") }
}

/// What of the price is not in every lease.
fn agree(out: &mut Values, terms: &LeaseTerms) {
    match &terms.price_book {
        None => {
            out.agreed.insert(When::UnitPrice);
            out.texts.insert("unit_price", money(terms.unit_price));
        }
        Some(named) => {
            out.agreed.insert(When::PriceBook);
            out.texts.insert("price_book", book(named));
        }
    }
    if !terms.price_steps.is_empty() {
        out.agreed.insert(When::PriceSteps);
        out.texts.insert("price_steps", list(terms.price_steps.iter().map(|s| since(s.from, &money(s.unit_price)))));
    }
    if !terms.rent_free.is_empty() {
        out.agreed.insert(When::RentFree);
        out.texts.insert("rent_free", list(terms.rent_free.iter().copied().map(range)));
    }
    if terms.deposit.minor > 0 {
        out.agreed.insert(When::Deposit);
        out.texts.insert("deposit", money(terms.deposit));
    }
}

/// How far a review can move the price at most.
fn limits(rise: Option<Share>, fall: Option<Share>) -> Bilingual {
    let side = |share: Option<Share>, zh: &str, en: &str| match share {
        None => Bilingual { zh: format!("{zh}不限"), en: format!("{en} without limit") },
        Some(share) if share.millionths() == 0 => Bilingual { zh: format!("不{zh}"), en: format!("never {en}") },
        Some(share) => {
            let percent = share.percent();
            Bilingual { zh: format!("{zh}不超过 {percent}%"), en: format!("{en} at most {percent}%") }
        }
    };
    let (up, down) = (side(rise, "上调", "up"), side(fall, "下调", "down"));
    Bilingual { zh: format!("{}，{}", up.zh, down.zh), en: format!("{}, {}", up.en, down.en) }
}

/// What comes off in which months, and why.
fn concession(one: &Concession, currency: Currency) -> Bilingual {
    let (zh, en) = match one.kind {
        ConcessionKind::Waiver => ("减免", "a waiver"),
        ConcessionKind::Discount => ("折扣", "a discount"),
    };
    let (off_zh, off_en) = match one.off {
        Off::Percent(share) => (format!("{}%", share.percent()), format!("{} %", share.percent())),
        Off::Fixed(minor) => {
            let amount = money(Money::new(minor, currency));
            (format!("每月 {}", amount.zh), format!("{} a month", amount.en))
        }
    };
    let (from, last, reason) = (Month::of(one.from), one.last(), &one.reason);
    Bilingual {
        zh: format!("{from}至{last}{zh}{off_zh}（{reason}）"),
        en: format!("{en} of {off_en} from {from} to {last} ({reason})"),
    }
}

fn agree_clauses(out: &mut Values, clauses: &Clauses, terms: &LeaseTerms) {
    let currency = terms.unit_price.currency;
    if let Some(days) = clauses.notice_days {
        out.agreed.insert(When::Notice);
        out.texts.insert("notice_days", same(&days));
    }
    if !clauses.minimum_seats.is_empty() {
        out.agreed.insert(When::MinimumSeats);
        out.texts.insert("minimum_seats", minimum(&clauses.minimum_seats, seats));
    }
    if !clauses.minimum_spend.is_empty() {
        out.agreed.insert(When::MinimumSpend);
        let amount = |minor| money(Money::new(minor, currency));
        out.texts.insert("minimum_spend", minimum(&clauses.minimum_spend, amount));
    }
    if !clauses.concessions.is_empty() {
        out.agreed.insert(When::Concessions);
        out.texts.insert("concessions", list(clauses.concessions.iter().map(|one| concession(one, currency))));
    }
    if !clauses.reverse_charge.is_empty() {
        out.agreed.insert(When::ReverseCharge);
        out.texts.insert("reverse_charge", same(&clauses.reverse_charge));
    }
    if let Some(fee) = clauses.late_fee {
        out.agreed.insert(When::LateFee);
        out.texts.insert("late_grace", same(&fee.grace_days));
        out.texts.insert("late_percent", same(&fee.per_day.percent()));
        out.texts.insert("late_cap", same(&fee.cap.percent()));
    }
    if let Some(clause) = clauses.decrease {
        out.agreed.insert(When::Decrease);
        out.texts.insert("decrease_days", same(&clause.notice_days));
        out.texts.insert("decrease_earliest", date(clause.earliest.unwrap_or(terms.term_from)));
    }
    if let Some(clause) = clauses.renewal {
        out.agreed.insert(When::Renewal);
        out.texts.insert("renewal_days", same(&clause.notice_days));
        out.texts.insert("renewal_months", same(&clause.months));
        out.texts.insert("renewal_increase", same(&clause.most_increase.percent()));
    }
    if let Some(index) = &clauses.index {
        out.agreed.insert(When::Index);
        out.texts.insert("index_name", same(&index.name));
        out.texts.insert("index_base", same(&index.base));
        out.texts.insert("index_next", date(index.next));
        out.texts.insert("index_months", same(&index.every_months));
        out.texts.insert("index_percent", same(&index.pass.percent()));
        out.texts.insert("index_limits", limits(index.most_rise, index.most_fall));
    }
    if clauses.own_zone {
        out.agreed.insert(When::OwnZone);
    }
    if let Some(hours) = &clauses.quiet_hours {
        out.agreed.insert(When::QuietHours);
        out.texts.insert("quiet_hours", window(hours));
    }
    if !clauses.windows.is_empty() {
        out.agreed.insert(When::Windows);
        out.texts.insert("windows", list(clauses.windows.iter().map(window)));
    }
}

/// What a version says otherwise than the one before.
fn changes(before: &LeaseVersion, after: &LeaseVersion) -> Vec<Bilingual> {
    let none = || Bilingual { zh: "无".to_owned(), en: "none".to_owned() };
    let or_none = |text: Bilingual| if text.zh.is_empty() { none() } else { text };
    let facts = |version: &LeaseVersion| {
        let terms = &version.terms;
        let mut all = vec![
            ("租期至", "term until", date(last(terms.term_to))),
            ("每席位月租金", "rent for a seat and month", money(terms.unit_price)),
            ("价目表", "price book", terms.price_book.as_ref().map_or_else(none, book)),
            ("增值税税率", "value added tax", same(&format!("{}%", terms.tax_rate))),
            (
                "租金调整",
                "later rents",
                or_none(list(terms.price_steps.iter().map(|s| since(s.from, &money(s.unit_price))))),
            ),
            ("免租期", "rent-free days", or_none(list(terms.rent_free.iter().copied().map(range)))),
            ("不足月计租", "part months", proration(terms.proration)),
            ("押金", "deposit", money(terms.deposit)),
            ("付款期限（日）", "days to pay", same(&terms.payment_days)),
        ];
        let mut values = Values::default();
        agree_clauses(&mut values, &version.clauses, terms);
        let said = |names: &[&str]| {
            let texts = names.iter().filter_map(|name| values.texts.get(name).cloned());
            let (zh, en): (Vec<_>, Vec<_>) = texts.map(|text| (text.zh, text.en)).unzip();
            or_none(Bilingual { zh: zh.join(" / "), en: en.join(" / ") })
        };
        let yes = |yes: bool| if yes { Bilingual { zh: "有".to_owned(), en: "yes".to_owned() } } else { none() };
        all.extend([
            ("提前终止通知期（日）", "days of notice", said(&["notice_days"])),
            ("最低席位数", "fewest seats", said(&["minimum_seats"])),
            ("最低月租金", "least rent of a month", said(&["minimum_spend"])),
            (
                "逾期违约金（宽限日 / 每日% / 上限%）",
                "late fee (days of grace / % a day / % at most)",
                said(&["late_grace", "late_percent", "late_cap"]),
            ),
            (
                "退还席位（提前日 / 最早）",
                "fewer seats (days before / earliest)",
                said(&["decrease_days", "decrease_earliest"]),
            ),
            (
                "续租权（提前日 / 月 / 涨幅上限%）",
                "right to go on (days before / months / rise % at most)",
                said(&["renewal_days", "renewal_months", "renewal_increase"]),
            ),
            (
                "指数调整（指数 / 基准 / 下次 / 月 / 比例% / 限度）",
                "index (name / base / next / months / % followed / limits)",
                said(&["index_name", "index_base", "index_next", "index_months", "index_percent", "index_limits"]),
            ),
            ("租金减让", "off the rent", said(&["concessions"])),
            ("承租方自行缴税", "tax owed by the tenant", said(&["reverse_charge"])),
            ("成本中心", "cost centre", same(&version.clauses.cost_centre)),
            ("租金预付", "rent billed in advance", yes(version.clauses.in_advance)),
            ("独立区域", "a zone of its own", yes(version.clauses.own_zone)),
            ("安静时段", "quiet hours", said(&["quiet_hours"])),
            ("使用时段", "times of day", said(&["windows"])),
        ]);
        all
    };
    let both = facts(before).into_iter().zip(facts(after));
    let changed = both.filter(|(was, is)| was.2 != is.2).map(|((zh, en, was), (_, _, is))| Bilingual {
        zh: format!("{zh}由“{}”改为“{}”", was.zh, is.zh),
        en: format!("{en}: “{}” instead of “{}”", is.en, was.en),
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn values_are_said_as_people_write_them() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(
            date(day("2026-01-05")),
            Bilingual { zh: "2026年1月5日".to_owned(), en: "5 January 2026".to_owned() }
        );
        let said = |minor| money(Money::new(minor, Currency::CNY)).en;
        assert_eq!(
            [said(88_000), said(123_456_789), said(-100_000), said(5)],
            ["CNY 880.00", "CNY 1,234,567.89", "CNY -1,000.00", "CNY 0.05"]
        );
        assert_eq!(window(&Shift { from_min: 1320, to_min: 1800 }).zh, "22:00至次日06:00");
        assert_eq!(window(&Shift { from_min: 480, to_min: 1440 }).en, "08:00 to 00:00");
        let free = Period { from: day("2026-01-12"), to: Some(day("2026-03-12")) };
        assert_eq!(range(free).en, "12 January 2026 to 11 March 2026");
    }
}
