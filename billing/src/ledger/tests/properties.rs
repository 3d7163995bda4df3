//! Random histories of facts against a slow count by the documents' own arithmetic, which knows no account and no entry.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// A step of a history: what is wanted, with numbers to choose by.
#[derive(Clone, Copy, Debug)]
struct Wish {
    what: u8,
    a: u32,
    b: u32,
    days: u8,
}

#[derive(Clone, Debug)]
enum Step {
    Fact(Fact),
    Close(Month),
}

// -- the slow count ---------------------------------------------------------------------------------------------

/// A line of an invoice: amounts over days, and its tax.
#[derive(Clone, Debug, Default)]
struct SlowLine {
    net: i64,
    tax: i64,
    over: Vec<(Period, i64)>,
}

/// What documents and payments say, added up.
#[derive(Clone, Debug, Default)]
struct Slow {
    owed: BTreeMap<Item, i64>,
    credit: BTreeMap<(Payer, Document), i64>,
    used: BTreeMap<(Document, Item), i64>,
    lines: BTreeMap<(InvoiceId, u32), SlowLine>,
    held: BTreeMap<DepositId, i64>,
    cash: BTreeMap<Currency, i64>,
    currency: BTreeMap<Document, Currency>,
    terms: BTreeMap<LeaseId, i64>,
    facts: BTreeMap<PostingKey, Fact>,
}

impl Slow {
    fn owe(&mut self, item: Item, minor: i64) {
        *self.owed.entry(item).or_default() += minor;
    }
    fn credit(&mut self, payer: Payer, source: Document, minor: i64) {
        *self.credit.entry((payer, source)).or_default() += minor;
    }
    fn uses(&mut self, source: Document, item: Item, minor: i64) {
        *self.used.entry((source, item)).or_default() += minor;
        self.owe(item, -minor);
    }
    fn cash(&mut self, money: Money, sign: i64) {
        *self.cash.entry(money.currency).or_default() += sign * money.minor;
    }
    fn tell(&mut self, fact: &Fact) {
        self.facts.insert(fact.key(), fact.clone());
        self.count(fact, 1);
    }
    /// `sign` -1 = it is taken back.
    fn count(&mut self, fact: &Fact, sign: i64) {
        match fact {
            Fact::InvoiceIssued(f) => {
                self.currency.insert(Document::Invoice(f.invoice), f.currency);
                for share in &f.shares {
                    self.owe(Item { invoice: f.invoice, payer: share.payer }, share.minor);
                }
                for (at, line) in (0_u32..).zip(&f.lines) {
                    let over = match line.earned {
                        Earned::ByDay(service) => vec![(service, line.net)],
                        Earned::AtOnce => vec![],
                    };
                    self.lines.insert((f.invoice, at), SlowLine { net: line.net, tax: line.tax, over });
                }
            }
            Fact::InvoiceVoided(f) => {
                for (_, minor) in self.owed.iter_mut().filter(|(item, _)| item.invoice == f.invoice) {
                    *minor = 0;
                }
                let lines = self.lines.iter_mut().filter(|((invoice, _), _)| *invoice == f.invoice);
                for (_, line) in lines {
                    *line = SlowLine::default();
                }
            }
            Fact::CreditNoteIssued(f) => self.note(f),
            Fact::PaymentReceived(f) => {
                self.currency.insert(Document::Payment(f.payment), f.amount.currency);
                self.credit(f.payer, Document::Payment(f.payment), sign * f.amount.minor);
                self.cash(f.amount, sign);
            }
            Fact::Applied(f) => {
                self.credit(f.payer, f.source, -sign * f.amount.minor);
                self.uses(f.source, f.item, sign * f.amount.minor);
            }
            Fact::Moved(f) => {
                self.uses(f.source, f.from, -sign * f.amount.minor);
                self.uses(f.source, f.to, sign * f.amount.minor);
            }
            Fact::Unapplied(f) => {
                self.uses(f.source, f.item, -sign * f.amount.minor);
                self.credit(f.payer, f.source, sign * f.amount.minor);
            }
            Fact::Refunded(f) => {
                match f.from {
                    RefundFrom::Credit(payer) => self.credit(payer, f.source, -sign * f.amount.minor),
                    RefundFrom::Applied(item) => self.uses(f.source, item, -sign * f.amount.minor),
                }
                self.cash(f.amount, -sign);
            }
            Fact::PaymentBounced(f) => {
                let source = Document::Payment(f.payment);
                let items: Vec<_> = self.used.iter().filter(|((from, _), _)| *from == source).collect();
                let items: Vec<_> = items.into_iter().map(|((_, item), minor)| (*item, *minor)).collect();
                for (item, minor) in items {
                    self.uses(source, item, -minor);
                }
                for (_, minor) in self.credit.iter_mut().filter(|((_, from), _)| *from == source) {
                    *minor = 0;
                }
                let Some(Fact::PaymentReceived(payment)) = self
                    .facts
                    .values()
                    .find(|fact| matches!(fact, Fact::PaymentReceived(payment) if payment.payment == f.payment))
                else {
                    panic!("it came")
                };
                self.cash(payment.amount, -1);
            }
            Fact::WrittenOff(f) => self.owe(f.item, -sign * f.amount.minor),
            Fact::Recovered(f) => self.owe(f.item, sign * f.amount.minor),
            Fact::RoundedOff(f) => match f.what {
                LetGo::Open(item) => self.owe(item, -sign * f.amount.minor),
                LetGo::Credit(payer, source) => self.credit(payer, source, -sign * f.amount.minor),
            },
            Fact::DepositReceived(f) => {
                self.currency.insert(Document::Deposit(f.deposit), f.amount.currency);
                *self.held.entry(f.deposit).or_default() += sign * f.amount.minor;
                match f.from {
                    Funds::Cash(_) => self.cash(f.amount, sign),
                    Funds::Credit(source) => self.credit(f.payer, source, -sign * f.amount.minor),
                }
            }
            Fact::DepositSetOff(f) => {
                *self.held.entry(f.deposit).or_default() -= sign * f.amount.minor;
                self.uses(Document::Deposit(f.deposit), f.item, sign * f.amount.minor);
            }
            Fact::DepositReturned(f) => {
                *self.held.entry(f.deposit).or_default() -= sign * f.amount.minor;
                self.cash(f.amount, -sign);
            }
            Fact::DepositForfeited(f) => *self.held.entry(f.deposit).or_default() -= sign * f.amount.minor,
            Fact::CostBooked(f) => {
                if matches!(f.against, CostAgainst::Cash(_)) {
                    self.cash(f.amount, -sign);
                }
            }
            Fact::Levelled(f) => *self.terms.entry(f.lease).or_default() += f.amount.minor,
            Fact::Recognised(_) => {}
            Fact::Reversed(f) => {
                let back = self.facts[&f.key].clone();
                self.count(&back, -1);
            }
        }
    }
    fn note(&mut self, f: &CreditNoteIssued) {
        let note = Document::CreditNote(f.note);
        let currency = self.currency[&Document::Invoice(f.invoice)];
        self.currency.insert(note, currency);
        for back in &f.lines {
            let line = self.lines.get_mut(&(f.invoice, back.line)).expect("a line");
            line.net -= back.net;
            line.tax -= back.tax;
            if line.net == 0 {
                line.over.clear();
            } else if let Some((service, _)) = line.over.first().copied() {
                line.over.push((back.service.unwrap_or(service), -back.net));
            }
        }
        for part in &f.to {
            match part.to {
                CreditToWhere::OpenBalance => self.owe(Item { invoice: f.invoice, payer: part.payer }, -part.minor),
                CreditToWhere::Balance => self.credit(part.payer, note, part.minor),
                CreditToWhere::Refund(_) => self.cash(Money::new(part.minor, currency), -1),
            }
        }
    }
    /// What a line is earned until a day: by its days, amounts over the same days together, half away from zero.
    fn earned(&self, invoice: InvoiceId, line: u32, until: NaiveDate) -> i64 {
        let mut same: BTreeMap<Period, i64> = BTreeMap::new();
        for (over, amount) in &self.lines[&(invoice, line)].over {
            *same.entry(*over).or_default() += amount;
        }
        let of = |(over, amount): (Period, i64)| {
            let whole = over.days().expect("closed");
            let gone = over.from.iter_days().take_while(|day| over.contains(*day) && *day < until).count();
            let exact = i128::from(amount) * i128::try_from(gone).expect("few");
            let (size, whole) = (exact.abs(), i128::from(whole));
            let whole_units = size / whole + i128::from(size % whole * 2 >= whole);
            i64::try_from(whole_units * exact.signum()).expect("fits")
        };
        same.into_iter().map(of).sum()
    }
}

// -- histories --------------------------------------------------------------------------------------------------

/// What may be wished for whose order on one day does not matter.
const PLAIN: u8 = 12;
/// All that may be wished for.
const ALL: u8 = 22;

fn wishes(kinds: u8, most: usize) -> impl Strategy<Value = Vec<Wish>> {
    let wish = (0..kinds, any::<u32>(), any::<u32>(), 0_u8..6);
    proptest::collection::vec(wish.prop_map(|(what, a, b, days)| Wish { what, a, b, days }), 1..most)
}

fn pick<T: Copy>(list: &[T], by: u32) -> Option<T> {
    if list.is_empty() { None } else { list.get(usize::try_from(by).expect("fits") % list.len()).copied() }
}

struct Maker {
    books: Books,
    slow: Slow,
    steps: Vec<Step>,
    day: NaiveDate,
    n: u128,
    closed: Vec<(Month, TrialBalance)>,
}

impl Maker {
    fn new() -> Self {
        Self {
            books: Books::since(month("2025-11")),
            slow: Slow::default(),
            steps: Vec::new(),
            day: day("2026-01-20"),
            n: 1_000,
            closed: Vec::new(),
        }
    }
    fn next<I: Id>(&mut self) -> I {
        self.n += 1;
        id(self.n)
    }
    fn items(&self) -> Vec<Item> {
        self.slow.owed.keys().copied().collect()
    }
    fn sources(&self) -> Vec<(Payer, Document)> {
        self.slow.credit.keys().copied().collect()
    }
    /// A part of what there is: all, some, now and then too much.
    fn part(all: i64, by: u32) -> i64 {
        match by % 5 {
            0 | 1 => all,
            2 => all / 2 + 1,
            3 => all.min(i64::from(by % 1_000) + 1),
            _ => all + 1,
        }
    }
    fn money(&self, document: Document, minor: i64) -> Money {
        Money::new(minor, self.slow.currency[&document])
    }
    fn invoice(&mut self, wish: Wish) -> Fact {
        let Wish { a, b, .. } = wish;
        let code = ["CNY", "JPY", "KWD"][usize::try_from(a % 3).expect("fits")];
        let on = self.day - Days::new(u64::from(a / 3 % 4) * 15);
        let from = on - Days::new(u64::from(b % 25));
        let service = Earned::ByDay(Period { from, to: Some(from + Days::new(u64::from(b % 61) + 1)) });
        let net = i64::from(b % 900_000) + 1;
        let mut lines = vec![line(RENT, net, [0, 600, 900][usize::try_from(b % 3).expect("fits")], service)];
        if a.is_multiple_of(2) {
            lines.push(line(Income::Contra(Contra::Waiver), -(net / 3), 600, service));
        }
        if a.is_multiple_of(5) {
            lines.push(line(Income::Revenue(RevenueKind::LateFee), i64::from(a % 977), 0, Earned::AtOnce));
        }
        // A rate of its own could leave more tax off than there is.
        for line in &mut lines {
            line.rate = rate([0, 600, 900][usize::try_from(b % 3).expect("fits")]);
            line.tax = scaled(line.net, i64::from(line.rate.basis_points()), 10_000).expect("taxed");
        }
        let total: i64 = lines.iter().map(|line| line.net + line.tax).sum();
        let sponsored = total * i64::from(a % 4) / 4;
        let payer = tenant(u128::from(a % 2) + 1);
        let shares = vec![Share { payer, minor: total - sponsored }, Share { payer: sponsor(), minor: sponsored }];
        Fact::InvoiceIssued(InvoiceIssued {
            invoice: self.next(),
            lease: Some(lease()),
            day: on,
            tax_point: on,
            due_on: on + Days::new(14),
            currency: Currency::parse(code).expect("a currency"),
            lines,
            shares,
        })
    }
    fn note(&mut self, wish: Wish) -> Option<Fact> {
        let invoices: BTreeSet<InvoiceId> = self.slow.owed.keys().map(|item| item.invoice).collect();
        let invoice = pick(&invoices.into_iter().collect::<Vec<_>>(), wish.a)?;
        let mut lines = Vec::new();
        let of: Vec<_> = self.slow.lines.range((invoice, 0)..=(invoice, u32::MAX)).collect();
        for ((_, at), line) in of {
            let net = if wish.b.is_multiple_of(3) { line.net } else { line.net / 3 };
            let tax = match (net == line.net, line.net) {
                (true, _) => line.tax,
                (_, whole) => scaled(line.tax, net.abs(), whole.abs()).expect("in range"),
            };
            // The days from the middle on, now and then.
            let half = line.over.first().filter(|_| wish.b % 7 == 1).and_then(|(over, _)| {
                let days = u64::try_from(over.days()? / 2).ok().filter(|days| *days > 0)?;
                Some(Period { from: over.from + Days::new(days), to: over.to })
            });
            if net != 0 {
                lines.push(CreditLine { line: *at, net, tax, service: half });
            }
        }
        let mut rest: i64 = lines.iter().map(|line| line.net + line.tax).sum();
        if rest <= 0 {
            return None;
        }
        let mut to = Vec::new();
        for item in self.items().into_iter().filter(|item| item.invoice == invoice) {
            let off = rest.min(self.slow.owed[&item]);
            if off > 0 {
                to.push(CreditTo { payer: item.payer, minor: off, to: CreditToWhere::OpenBalance });
                rest -= off;
            }
            let back = rest.min(self.books.positions().paid(item).expect("in range"));
            if back > 0 {
                let place = [CreditToWhere::Balance, CreditToWhere::Refund(CashKind::Bank)];
                to.push(CreditTo { payer: item.payer, minor: back, to: place[usize::try_from(wish.a % 2).ok()?] });
                rest -= back;
            }
        }
        let on = self.day - Days::new(u64::from(wish.b % 4) * 11);
        let note = self.next();
        Some(Fact::CreditNoteIssued(CreditNoteIssued { note, invoice, day: on, tax_point: on, lines, to }))
    }
    /// What the straight line of a lease makes of a month.
    fn level(&mut self, wish: Wish) -> Fact {
        let known: Vec<LeaseId> = self.slow.terms.keys().copied().collect();
        let lease = pick(&known, wish.a).filter(|_| known.len() > 2 || wish.a.is_multiple_of(2));
        let lease = lease.unwrap_or_else(|| self.next());
        let ahead = self.books.positions().earned(Stream::Term { lease, income: RENT });
        let amount = Money::new(i64::from(wish.b % 70_000) - 35_000, Currency::CNY);
        Fact::Levelled(Levelled { lease, income: RENT, amount, ahead, until: Month::of(self.day).end() })
    }
    /// The fact that a wish comes to, if there is anything to wish it of. It may be refused.
    fn fact(&mut self, wish: Wish) -> Option<Fact> {
        let (a, b, on) = (wish.a, wish.b, self.day);
        let act: ActId = self.next();
        let item = pick(&self.items(), a);
        let source = pick(&self.sources(), b);
        let document = |item: Item| Document::Invoice(item.invoice);
        Some(match wish.what {
            0 | 1 => self.invoice(wish),
            2 | 3 => {
                let item = item?;
                let minor = Self::part(self.slow.owed[&item], b).max(1);
                let (amount, payer) = (self.money(document(item), minor), item.payer);
                let payment = self.next();
                Fact::PaymentReceived(PaymentReceived { payment, payer, amount, cash: CashKind::Bank, day: on })
            }
            4 | 5 => {
                let (payer, source) = source?;
                let currency = self.slow.currency[&source];
                let fit = |item: &Item| self.slow.currency[&document(*item)] == currency || a.is_multiple_of(9);
                let item = pick(&self.items().into_iter().filter(fit).collect::<Vec<_>>(), a)?;
                let most = self.slow.credit[&(payer, source)].min(self.slow.owed[&item]);
                let amount = self.money(source, Self::part(most, a / 9));
                Fact::Applied(Applied { act, payer, source, item, amount, day: on })
            }
            6 => self.note(wish)?,
            7 => {
                let item = item?;
                let amount = self.money(document(item), Self::part(self.slow.owed[&item], b));
                Fact::WrittenOff(WrittenOff { act, item, amount, day: on })
            }
            8 => {
                let item = item?;
                let amount = self.money(document(item), 1 + i64::from(b % 3));
                Fact::RoundedOff(RoundedOff { act, what: LetGo::Open(item), amount, most: 2, day: on })
            }
            9 if b.is_multiple_of(4) => self.level(wish),
            9 => {
                let item = item?;
                let (deposit, amount) = (self.next(), self.money(document(item), i64::from(b % 50_000) + 1));
                let (payer, from) = (item.payer, Funds::Cash(CashKind::Bank));
                Fact::DepositReceived(DepositReceived { act, deposit, payer, lease: None, amount, from, day: on })
            }
            10 => {
                let deposits: Vec<_> = self.slow.held.keys().copied().collect();
                let deposit = pick(&deposits, a)?;
                let minor = Self::part(self.slow.held[&deposit], b);
                let amount = self.money(Document::Deposit(deposit), minor);
                match b / 7 % 3 {
                    0 => Fact::DepositSetOff(DepositSetOff { act, deposit, item: item?, amount, day: on }),
                    1 => {
                        let cash = CashKind::Bank;
                        Fact::DepositReturned(DepositReturned { act, deposit, amount, cash, day: on })
                    }
                    _ => {
                        let (rate, tax) = (rate(600), minor / 20);
                        Fact::DepositForfeited(DepositForfeited { act, deposit, amount, rate, tax, day: on })
                    }
                }
            }
            11 => {
                let streams: Vec<_> = self.books.positions().streams().collect();
                let until = on.succ_opt()?;
                Fact::Recognised(Recognised { stream: pick(&streams, a)?, until })
            }
            12 => Fact::InvoiceVoided(InvoiceVoided { invoice: item?.invoice, day: on }),
            13 => {
                let Document::Payment(payment) = source?.1 else { return None };
                Fact::PaymentBounced(PaymentBounced { payment, day: on })
            }
            14 => {
                let (payer, source) = source?;
                let amount = self.money(source, Self::part(self.slow.credit[&(payer, source)], a));
                let from = RefundFrom::Credit(payer);
                Fact::Refunded(Refunded { act, source, from, amount, cash: CashKind::Bank, day: on })
            }
            15 | 16 => {
                let used: Vec<_> = self.slow.used.keys().copied().collect();
                let (source, from) = pick(&used, b)?;
                let amount = self.money(source, Self::part(self.slow.used[&(source, from)], a));
                if wish.what == 15 {
                    return Some(Fact::Moved(Moved { act, source, from, to: item?, amount, day: on }));
                }
                if a.is_multiple_of(3) {
                    return Some(Fact::Unapplied(Unapplied {
                        act,
                        payer: from.payer,
                        source,
                        item: from,
                        amount,
                        day: on,
                    }));
                }
                // Only what was paid in money can go back as money.
                let Document::Payment(_) = source else { return None };
                let (from, cash) = (RefundFrom::Applied(from), CashKind::Bank);
                Fact::Refunded(Refunded { act, source, from, amount, cash, day: on })
            }
            17 => {
                let item = item?;
                let amount = self.money(document(item), Self::part(self.books.positions().given_up(item), b));
                Fact::Recovered(Recovered { act, item, amount, day: on })
            }
            18 => {
                let (payer, source) = source?;
                let amount = self.money(source, 1 + i64::from(a % 2));
                let what = LetGo::Credit(payer, source);
                Fact::RoundedOff(RoundedOff { act, what, amount, most: 2, day: on })
            }
            19 => {
                let (pool, counter) = (pick(CostPool::ALL, a)?, pick(CostCounter::ALL, b)?);
                let paid = a.is_multiple_of(2);
                let against = if paid { CostAgainst::Cash(CashKind::Bank) } else { CostAgainst::Counter(counter) };
                let amount = cny(i64::from(b % 10_000) + 1);
                Fact::CostBooked(CostBooked { act, pool, amount, against, service: None, day: on, note: String::new() })
            }
            20 => {
                let simple = |fact: &&Fact| {
                    !matches!(
                        fact,
                        Fact::InvoiceIssued(_)
                            | Fact::InvoiceVoided(_)
                            | Fact::CreditNoteIssued(_)
                            | Fact::PaymentBounced(_)
                            | Fact::Recognised(_)
                            | Fact::Levelled(_)
                            | Fact::Reversed(_)
                    )
                };
                let keys: Vec<_> = self.slow.facts.values().filter(simple).map(Fact::key).collect();
                let at = usize::try_from(a).ok()? % keys.len().max(1);
                Fact::Reversed(Reversed { key: keys.get(at)?.clone(), day: on })
            }
            _ => return None,
        })
    }
    /// Does what is wished, if it can be done, and looks whether everything still adds up.
    fn wish(&mut self, wish: Wish) {
        self.day = self.day + Days::new(u64::from(wish.days));
        if wish.what == 21 {
            let next = self.books.calendar().open_from();
            if next < Month::of(self.day) {
                self.books.close(next).expect("the next one");
                let trial = trial_balance(self.books.entries(), next.period(), None).expect("sums");
                self.closed.push((next, trial));
                self.steps.push(Step::Close(next));
            }
            return;
        }
        let Some(fact) = self.fact(wish) else { return };
        self.try_fact(fact);
    }
    fn try_fact(&mut self, fact: Fact) -> bool {
        let second = i64::try_from(self.steps.len()).expect("few");
        match self.books.book(&fact, at(second)) {
            // The same payment may bounce twice, and an entry be taken back twice, on one day.
            Ok(Booked::Known) => true,
            Ok(Booked::New(_)) => {
                self.slow.tell(&fact);
                self.steps.push(Step::Fact(fact));
                self.adds_up();
                true
            }
            Err(Error::Refused(_)) => false,
            Err(other) => panic!("{other}"),
        }
    }
    /// Books all revenue until a day.
    fn earn_all(&mut self, until: NaiveDate) {
        let streams: Vec<_> = self.books.positions().streams().collect();
        for stream in streams {
            assert!(self.try_fact(Fact::Recognised(Recognised { stream, until })));
        }
    }
    /// What the entries say is what the documents say.
    fn adds_up(&self) {
        let positions = self.books.positions();
        for (item, owed) in &self.slow.owed {
            assert_eq!(positions.open(*item), *owed, "owed on {item:?}");
        }
        for ((payer, source), minor) in &self.slow.credit {
            assert_eq!(positions.prepaid(*payer, *source), *minor, "credit of {payer}");
        }
        for ((source, item), minor) in &self.slow.used {
            assert_eq!(positions.applied(*source, *item), *minor, "applied of {source}");
        }
        for (deposit, held) in &self.slow.held {
            assert_eq!(positions.held(*deposit), *held);
        }
        for ((invoice, at), line) in &self.slow.lines {
            assert_eq!(positions.left(*invoice, *at), (line.net, line.tax));
            let stream = Stream::Line { invoice: *invoice, line: *at };
            let Ok(schedule) = positions.schedule(stream) else { continue };
            assert_eq!(positions.carried(stream) + positions.earned(stream), line.net, "deferred and earned");
            assert_eq!(schedule.total(), Ok(line.net));
            if let Some(until) = positions.earned_until(stream) {
                assert_eq!(positions.earned(stream), self.slow.earned(*invoice, *at, until), "earned until {until}");
            }
        }
        for (lease, level) in &self.slow.terms {
            let stream = Stream::Term { lease: *lease, income: RENT };
            assert_eq!((positions.earned(stream), positions.carried(stream)), (*level, -*level));
        }
    }
    /// What reports say, at the end.
    fn reports_tie(&self) {
        let entries = self.books.entries();
        for entry in entries {
            let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
            for line in entry.lines() {
                *sums.entry(line.currency).or_default() += i128::from(line.minor);
            }
            assert!(sums.values().all(|sum| *sum == 0), "{entry:?}");
        }
        let end = AsOf::day(NaiveDate::MAX);
        let rows = balances(entries, end).expect("sums");
        let cash = |currency| {
            let of = |row: &&BalanceRow| matches!(row.account, Account::Cash(_)) && row.currency == currency;
            rows.iter().filter(of).map(|row| row.minor).sum::<i64>()
        };
        for (currency, minor) in &self.slow.cash {
            assert_eq!(cash(*currency), *minor);
        }
        for row in ageing(entries, end).expect("sums") {
            let owed = rows.iter().find(|r| r.account == Account::Receivable(row.payer) && r.currency == row.currency);
            let credit = rows.iter().find(|r| r.account == Account::Prepaid(row.payer) && r.currency == row.currency);
            let (owed, credit) = (owed.map_or(0, |r| r.minor), credit.map_or(0, |r| -r.minor));
            assert_eq!((row.ageing.owed(), row.ageing.unapplied), (Ok(owed), credit));
            let statement = statement(entries, row.payer, end).expect("sums");
            let last = statement.iter().rev().find(|r| r.currency == row.currency).expect("a row");
            assert_eq!(last.balance, owed - credit);
        }
        let always = Period { from: NaiveDate::MIN, to: None };
        let vat: i64 = vat_report(entries, always, None).expect("sums").iter().map(|row| row.tax).sum();
        let tax = rows.iter().filter(|row| matches!(row.account, Account::TaxPayable(_))).map(|row| -row.minor);
        assert_eq!(vat, tax.sum::<i64>());
        let mut before: BTreeMap<(Account, Currency), i64> = BTreeMap::new();
        for n in 0..12 {
            let month = month("2025-11").plus(n);
            let trial = trial_balance(entries, month.period(), None).expect("sums");
            for total in trial.totals.values() {
                assert_eq!((total.opening, total.closing, total.debit), (0, 0, total.credit));
            }
            for row in &trial.rows {
                assert_eq!(row.opening + row.debit - row.credit, row.closing);
                assert_eq!(before.insert((row.account, row.currency), row.closing).unwrap_or(0), row.opening);
            }
        }
        for (month, trial) in &self.closed {
            let now = trial_balance(entries, month.period(), None).expect("sums");
            assert_eq!(now, *trial, "{month} was closed");
        }
        let journal = journal(entries, always, Chart::shipped().expect("a chart")).expect("rows");
        assert_eq!(journal.len(), entries.iter().map(|entry| entry.lines().len()).sum::<usize>());
    }
}

fn history(wishes: &[Wish]) -> Maker {
    let mut maker = Maker::new();
    for wish in wishes {
        maker.wish(*wish);
    }
    maker
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn entries_say_what_documents_say(wishes in wishes(ALL, 90)) {
        let mut maker = history(&wishes);
        let next = maker.day.succ_opt().expect("a day");
        maker.earn_all(next);
        // Everything that was not taken back is earned in the end.
        let end = maker.day + Days::new(200);
        maker.earn_all(end);
        for ((invoice, line), slow) in &maker.slow.lines {
            let stream = Stream::Line { invoice: *invoice, line: *line };
            prop_assert_eq!(maker.books.positions().carried(stream), 0);
            let earned = recognised(maker.books.entries(), stream, AsOf::day(end)).expect("sums");
            prop_assert_eq!(earned, if slow.over.is_empty() { 0 } else { slow.net });
        }
        maker.reports_tie();
        // Where everything stands follows from the entries.
        let mut positions = Positions::default();
        for entry in maker.books.entries() {
            positions.fold(entry).expect("sums");
        }
        prop_assert_eq!(&positions, maker.books.positions());
    }

    #[test]
    fn the_same_facts_are_the_same_entries_and_add_nothing_twice(wishes in wishes(ALL, 60)) {
        let maker = history(&wishes);
        let mut again = Books::since(month("2025-11"));
        for (second, step) in (0_i64..).zip(&maker.steps) {
            match step {
                Step::Fact(fact) => {
                    again.book(fact, at(second)).expect("booked before");
                }
                Step::Close(month) => again.close(*month).expect("closed before"),
            }
        }
        prop_assert_eq!(again.entries(), maker.books.entries());
        let keys: BTreeSet<_> = again.entries().iter().map(Entry::key).collect();
        prop_assert_eq!(keys.len(), again.entries().len());
        for step in &maker.steps {
            if let Step::Fact(fact) = step {
                prop_assert_eq!(again.book(fact, at(9_999)).expect("known"), Booked::Known);
            }
        }
        prop_assert_eq!(again.entries(), maker.books.entries());
    }

    #[test]
    fn the_order_of_a_day_changes_no_balance(
        groups in proptest::collection::vec(wishes(PLAIN, 14), 1..6),
        seed in any::<u64>(),
    ) {
        let mut maker = Maker::new();
        let mut days: Vec<Vec<Fact>> = Vec::new();
        for group in groups {
            let before = maker.steps.len();
            for wish in group {
                maker.wish(Wish { days: 0, ..wish });
            }
            let facts = maker.steps.iter().skip(before);
            days.push(facts.filter_map(|s| if let Step::Fact(fact) = s { Some(fact.clone()) } else { None }).collect());
            maker.day = maker.day + Days::new(9);
        }
        let mut books = Books::since(month("2025-11"));
        let mut seed = seed;
        for mut facts in days {
            let mut order = |_: &Fact| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                seed >> 33
            };
            facts.sort_by_cached_key(&mut order);
            // What needs another fact of the day waits for it.
            while !facts.is_empty() {
                let waiting = facts.len();
                facts.retain(|fact| books.book(fact, at(0)).is_err());
                prop_assert!(facts.len() < waiting, "never booked: {facts:?}");
            }
        }
        // A recognition that comes to nothing leaves no entry, so a change behind it finds nothing to correct, while the same two
        // in the other order book what the change adds: what is earned is the same once it is booked until one day.
        let end = maker.day;
        maker.earn_all(end);
        for stream in books.positions().streams().collect::<Vec<_>>() {
            books.book(&Fact::Recognised(Recognised { stream, until: end }), at(0)).expect("earned");
        }
        let of = |books: &Books| balances(books.entries(), AsOf::day(NaiveDate::MAX)).expect("sums");
        prop_assert_eq!(of(&books), of(&maker.books));
    }

    #[test]
    fn everything_taken_back_is_nothing(wishes in wishes(ALL, 60)) {
        let maker = history(&wishes);
        let mut entries = maker.books.entries().to_vec();
        let reversed: BTreeSet<_> = entries.iter().filter_map(|entry| entry.head().reverses.clone()).collect();
        let back: Vec<Entry> = entries
            .iter()
            .filter(|entry| entry.head().reverses.is_none() && !reversed.contains(entry.key()))
            .map(|entry| {
                let booking = Booking { on: entry.on(), about: entry.about() };
                Entry::restore(entry.mirror(entry.on()).expect("a mirror"), booking, entry.stamp().clone())
            })
            .collect();
        entries.extend(back);
        prop_assert!(balances(&entries, AsOf::day(NaiveDate::MAX)).expect("sums").is_empty());
        let positions = Positions::of(&entries).expect("sums");
        prop_assert!(positions.open_items().next().is_none());
        for stream in positions.streams() {
            prop_assert_eq!((positions.carried(stream), positions.earned(stream)), (0, 0));
            prop_assert_eq!(positions.schedule(stream).and_then(Schedule::total), Ok(0));
        }
    }
}

/// The histories are not all refusals: each kind of fact is booked, and refused, somewhere among them.
#[test]
fn histories_hold_every_kind_of_fact() {
    let mut seed = 7_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(seed >> 33).expect("31 bits")
    };
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    for _ in 0..40 {
        let few = u32::from(ALL);
        let wishes = (0..120).map(|_| Wish {
            what: u8::try_from(next() % few).expect("small"),
            a: next(),
            b: next(),
            days: u8::try_from(next() % 6).expect("small"),
        });
        let maker = history(&wishes.collect::<Vec<_>>());
        for step in &maker.steps {
            let shown = match step {
                Step::Fact(fact) => format!("{fact:?}"),
                Step::Close(_) => "Close".to_owned(),
            };
            kinds.insert(shown.split('(').next().unwrap_or_default().to_owned());
        }
        maker.reports_tie();
    }
    assert_eq!(kinds.len(), 21, "{kinds:?}");
}
