use std::collections::BTreeMap;

use serde::Deserialize;
use voxpark_domain::money::{Currency, Money, TaxRate};

use super::{From, Range, Written, number, read, usd};
use crate::invoicing::{
    AccountEntry, Creditable, Deductions, PaidFrom, Processor, TaxMode, TaxOrder, TaxRounding, TaxRule, TaxSource,
    balance, credit, note_total, processor_amount, rate_of, returned, settle, taxed,
};
use crate::pricing::{
    DayCount, Discount, Ratio, Settlement, Subsidy, SubsidyRule, Tariff, credit_by_line, day_share, discounts,
    inclusive, split, taxable,
};

pub(super) const TEXT: &str = include_str!("money.toml");

#[derive(Deserialize)]
struct Round {
    id: String,
    currency: Option<String>,
    digits: Option<u32>,
    amount: Ratio,
    minor: i64,
}
#[derive(Deserialize)]
struct Split {
    id: String,
    total: i64,
    weights: BTreeMap<String, i64>,
    parts: BTreeMap<String, i64>,
}
#[derive(Deserialize)]
struct Discounts {
    id: String,
    lines: Vec<i64>,
    fixed: Vec<i64>,
    off: Vec<i64>,
    left: Vec<i64>,
}
#[derive(Deserialize)]
struct Processed {
    id: String,
    currency: String,
    amount: String,
    sent: i64,
}
#[derive(Deserialize)]
struct Fee {
    price: i64,
    inclusive: Range,
    anchor: From,
}
#[derive(Deserialize)]
struct Tax {
    id: String,
    #[serde(default)]
    mode: TaxMode,
    #[serde(default)]
    order: TaxOrder,
    #[serde(default)]
    lines: Vec<i64>,
    fee: Option<Fee>,
    coupon: Option<i64>,
    #[serde(default)]
    coupons: Vec<i64>,
    #[serde(default)]
    reverse: bool,
    rates: Vec<(i64, i64, i64)>,
    taxes: Vec<i64>,
    total: i64,
    #[serde(default)]
    credit_notes: i64,
    #[serde(default)]
    prepaid: i64,
    due: Option<i64>,
}
#[derive(Deserialize)]
struct Carried {
    id: String,
    total: i64,
    credit: i64,
    due: i64,
    left: i64,
}
#[derive(Deserialize)]
struct Account {
    id: String,
    entries: Vec<(String, i64)>,
    balance: i64,
}
#[derive(Deserialize)]
struct ByLine {
    id: String,
    #[serde(flatten)]
    written: Written,
    qty: Ratio,
    lines: Vec<i64>,
    credit: i64,
    credits: Vec<i64>,
    left: i64,
}
#[derive(Deserialize)]
struct Help {
    id: String,
    unit: Ratio,
    quantity: Ratio,
    months: i64,
    share: Ratio,
    settlement: Settlement,
    years: Vec<Ratio>,
    year: usize,
    invoiced: i64,
    granted: i64,
    borne: i64,
}
#[derive(Deserialize)]
struct Note {
    id: String,
    price: Option<i64>,
    rate: u32,
    billed: Option<Range>,
    unused: Option<Range>,
    anchor: Option<From>,
    invoiced: Option<i64>,
    #[serde(default)]
    lines: Vec<(i64, i64, i64)>,
    coupon: Option<i64>,
    net: i64,
    tax: i64,
    total: i64,
}
#[derive(Deserialize)]
struct Back {
    id: String,
    total: i64,
    owed: i64,
    balance: i64,
    cash: i64,
    to_balance: i64,
    to_cash: i64,
}
#[derive(Deserialize)]
struct Cases {
    round: Vec<Round>,
    split: Vec<Split>,
    discount: Vec<Discounts>,
    processor: Vec<Processed>,
    tax: Vec<Tax>,
    carried: Vec<Carried>,
    account: Vec<Account>,
    by_line: Vec<ByLine>,
    subsidy: Vec<Help>,
    credit_note: Vec<Note>,
    returned: Vec<Back>,
}

fn cases() -> Cases {
    read("money", TEXT)
}
fn keyed(lines: &[i64]) -> BTreeMap<usize, i64> {
    lines.iter().copied().enumerate().collect()
}
fn rate(points: i64) -> Option<TaxRate> {
    u32::try_from(points).ok().map(|points| TaxRate::new(points).expect("a rate"))
}

#[test]
fn rounding_and_splitting() {
    for case in cases().round {
        let digits = case.currency.map(|code| Currency::parse(&code).expect("a currency").exponent()).or(case.digits);
        assert_eq!(case.amount.rounded(digits.expect("digits")), Ok(case.minor), "{}", case.id);
    }
    for case in cases().split {
        assert_eq!(split(case.total, &case.weights), Some(case.parts), "{}", case.id);
    }
    for case in cases().processor {
        let currency = Currency::parse(&case.currency).expect("a currency");
        let money = Money::parse_major(&case.amount, currency).expect("an amount");
        assert_eq!(processor_amount(Processor::STRIPE, money), Ok(case.sent), "{}", case.id);
    }
}

#[test]
fn discounts_come_off_lines() {
    for case in cases().discount {
        let lines = keyed(&case.lines);
        let given: Vec<Discount> = case.fixed.iter().map(|minor| Discount::Fixed(*minor)).collect();
        let applied = discounts(&lines, &given).expect("discounted");
        assert_eq!(applied.iter().map(|discount| discount.minor).collect::<Vec<_>>(), case.off, "{}", case.id);
        assert_eq!(taxable(&lines, &applied), keyed(&case.left), "{}", case.id);
    }
    for case in cases().by_line {
        let parts = case.written.tariff().parts(case.qty, case.qty).expect("priced");
        let minor = |part: &crate::pricing::Part| part.total().and_then(|t| t.money(usd())).expect("in range").minor;
        let lines: Vec<i64> = parts.iter().map(minor).collect();
        assert_eq!(lines, case.lines, "{}", case.id);
        assert_eq!(credit_by_line(&lines, case.credit), (case.credits, case.left), "{}", case.id);
    }
}

#[test]
fn taxes() {
    for case in cases().tax {
        let mut lines = case.lines.clone();
        if let Some(fee) = &case.fee {
            let used = inclusive(fee.inclusive.0, fee.inclusive.1).expect("a range");
            let share = day_share(DayCount::Actual, used, fee.anchor.period_of(used.from)).expect("closed");
            lines.push(share.of_amount(fee.price).expect("in range"));
        }
        let keyed_lines = keyed(&lines);
        let given: Vec<Discount> = case.coupon.into_iter().map(Discount::Fixed).collect();
        let applied = discounts(&keyed_lines, &given).expect("discounted");
        let off: Vec<i64> = applied.iter().flat_map(|discount| discount.lines.values().copied()).collect();
        assert_eq!(off, case.coupons, "{}", case.id);
        let amounts = taxable(&keyed_lines, &applied).into_values().zip(&case.rates).map(|(minor, rates)| {
            let seller = rate(rates.2).expect("a rate");
            let (rate, source) = rate_of(rate(rates.0), rate(rates.1), seller, case.reverse);
            assert_eq!(source == TaxSource::ReverseCharge, case.reverse, "{}", case.id);
            (rate, minor)
        });
        let amounts: Vec<_> = amounts.collect();
        for rounding in [TaxRounding::Group, TaxRounding::Line] {
            let done = taxed(&amounts, TaxRule { mode: case.mode, order: case.order, rounding }).expect("taxed");
            let taxes: Vec<i64> = done.lines.iter().map(|line| line.tax_minor).collect();
            assert_eq!((taxes, done.total()), (case.taxes.clone(), Ok(case.total)), "{} {rounding:?}", case.id);
        }
        if let Some(due) = case.due {
            let available = Deductions { credit_notes: case.credit_notes, prepaid: case.prepaid };
            assert_eq!(settle(case.total, available).due, due, "{}", case.id);
        }
    }
}

#[test]
fn accounts_and_credits() {
    for case in cases().carried {
        let done = settle(case.total, Deductions { credit_notes: 0, prepaid: case.credit });
        assert_eq!((done.due, done.carried.prepaid), (case.due, case.left), "{}", case.id);
    }
    for case in cases().account {
        let entry = |(kind, minor): &(String, i64)| match kind.as_str() {
            "charge" => AccountEntry::Charge(*minor),
            "adjustment" => AccountEntry::Adjustment(*minor),
            "credit" => AccountEntry::Credit(*minor),
            "payment" => AccountEntry::Payment(*minor),
            "refund" => AccountEntry::Refund(*minor),
            other => panic!("no entry {other}"),
        };
        let entries: Vec<AccountEntry> = case.entries.iter().map(entry).collect();
        assert_eq!(balance(&entries), Ok(case.balance), "{}", case.id);
    }
}

#[test]
fn who_bears_the_rent() {
    for case in cases().subsidy {
        let year = Tariff::per_unit(case.unit).total(case.quantity).and_then(|rent| rent.times(case.months.into()));
        let charge = year.and_then(|rent| rent.money(Currency::CNY)).expect("in range");
        let subsidy = Subsidy {
            rule: SubsidyRule::Share(case.share),
            years: case.years,
            most: None,
            settlement: case.settlement,
        };
        let found = subsidy.apply(charge, case.quantity, case.year).expect("granted");
        let minor = (found.invoiced.minor, found.granted.minor, found.borne.minor);
        assert_eq!(minor, (case.invoiced, case.granted, case.borne), "{} {}", case.id, case.year);
    }
    // Fifteen a square metre up to a thousand, eight above, five thousand at most.
    let bands: Written = read("bands", "model = \"graduated\"\ntiers = \"1000:15,inf:8\"");
    let rule = SubsidyRule::Bands { tariff: bands.tariff(), most: Some(number("5000")) };
    let subsidy = Subsidy { rule, years: Vec::new(), most: None, settlement: Settlement::SponsorPays };
    let charge = Money::new(100_000_000, Currency::CNY);
    for (area, granted) in [("800", 1_200_000), ("1000", 1_500_000), ("3000", 3_100_000), ("6000", 4_700_000)] {
        assert_eq!(subsidy.apply(charge, number(area), 1).map(|g| g.granted.minor), Ok(granted), "{area}");
    }
}

#[test]
fn notes_take_back_what_was_invoiced() {
    for case in cases().credit_note {
        let tax_on = |net: i64| {
            let rates = [(TaxRate::new(case.rate).expect("a rate"), net)];
            taxed(&rates, TaxRule::default()).and_then(|done| done.tax()).expect("taxed")
        };
        let lines = if let (Some(price), Some(billed), Some(unused), Some(anchor)) =
            (case.price, case.billed, case.unused, case.anchor)
        {
            let whole = anchor.period_of(billed.0);
            let of = |range: Range| {
                day_share(DayCount::Actual, range.period(), whole).and_then(|s| s.of_amount(price)).expect("in range")
            };
            vec![(of(billed), 0, of(unused))]
        } else {
            case.lines.clone()
        };
        let note = |(amount, discount, back): &(i64, i64, i64)| {
            let line = Creditable {
                amount: *amount,
                discount: *discount,
                tax: tax_on(amount - discount),
                tax_included: false,
            };
            if let Some(invoiced) = case.invoiced {
                assert_eq!(line.net() + line.tax, invoiced, "{}", case.id);
            }
            let note = credit(&line, &[], *back).expect("credited");
            // The note that takes the rest makes both sum to the line.
            if *back < *amount {
                let rest = credit(&line, &[note], amount - back).expect("credited");
                assert_eq!((note.net + rest.net, note.tax + rest.tax), (line.net(), line.tax), "{}", case.id);
            }
            note
        };
        let all = note_total(&lines.iter().map(note).collect::<Vec<_>>()).expect("summed");
        assert_eq!((all.net, all.tax, all.total()), (case.net, case.tax, case.total), "{}", case.id);
        if let Some(coupon) = case.coupon {
            assert_eq!(all.discount, coupon, "{}", case.id);
        }
    }
    for case in cases().returned {
        let paid = BTreeMap::from([(PaidFrom::Balance, case.balance), (PaidFrom::Cash, case.cash)]);
        let found = returned(case.total, case.owed, &paid).expect("returned");
        let to = |source| found.back.get(&source).copied().unwrap_or(0);
        let back = (to(PaidFrom::Balance), to(PaidFrom::Cash));
        assert_eq!(back, (case.to_balance, case.to_cash), "{}", case.id);
    }
}
