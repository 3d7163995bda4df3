//! The ledger: what every business fact does to the books of a park, in double entry.
//!
//! Decides which accounts there are ([`Account`]) and what they are called ([`Chart`], a pack), what a fact books
//! ([`Fact`], one pure rule each in `posting`), into which month ([`Calendar`]), what is earned when ([`Schedule`]), and what
//! follows from entries ([`Positions`], `report`). An [`Entry`] sums to nothing in every currency, is never edited, and is
//! taken back by its mirror only. The key of an entry comes from the fact, so that a fact that is told twice is booked once.
//!
//! What is kept of it is behind [`Store`]; [`book`] is the only way in, in the transaction of the fact.
//!
//! Does not decide amounts: those are the documents' (`pricing`, `invoicing`). Money that is set against a document is
//! *applied* to it (核销); an allocation is a seat's.

mod account;
mod books;
mod calendar;
mod chart;
mod costs;
mod entry;
mod fact;
mod ids;
mod level;
mod position;
mod posting;
mod report;
mod schedule;
mod service;
mod source;
mod store;

pub use account::{
    Account, AccountFamily, CashKind, Class, Contra, CostCounter, CostPool, Heading, Income, Payer, PayerKind,
    RevenueKind, Side,
};
pub use books::{Booked, Books};
pub use calendar::{Booking, Calendar, ReopenReason, Reopening};
pub use chart::{Chart, ChartRow};
pub use costs::{CostDraft, cost_record, cost_reverse};
pub use entry::{
    About, Document, Entry, How, Item, Kind, Line, Posting, PostingHead, PostingKey, Stamp, TaxAbout, Text,
};
pub use fact::{
    Applied, CostAgainst, CostBooked, CreditLine, CreditNoteIssued, CreditTo, CreditToWhere, DepositForfeited,
    DepositReceived, DepositReturned, DepositSetOff, Earned, Fact, Funds, InvoiceIssued, InvoiceVoided, LetGo,
    Levelled, Moved, PaymentBounced, PaymentReceived, Recognised, Recovered, RefundFrom, Refunded, Reversed,
    RoundedOff, Share, SoldLine, Unapplied, WrittenOff,
};
pub use ids::{ActId, DepositId, SponsorId};
pub use level::{
    BookedLevel, DayMonth, LevelledLeases, StraightLine, StraightMonth, level, straight_line_book, straight_lines,
    straight_lines_of,
};
pub use position::{Positions, Sold};
pub use posting::post;
pub use report::{
    Ageing, AgeingRow, AsOf, BalanceRow, JournalRow, StatementRow, TrialBalance, TrialRow, TrialTotal, VatRow, ageing,
    balances, journal, recognised, statement, trial_balance, vat_report,
};
pub use schedule::{Schedule, Stream};
pub(crate) use service::book;
pub use service::{
    Closed, ageing_on, book_month_close, book_month_reopen, book_months, entries, entries_by_id, entries_count,
    revenue_recognise, statement_of, tax_of, trial,
};
pub(crate) use source::{catch_up, issued, paid};
pub use store::{
    Balance, EntryFilter, MonthAct, MonthStep, OpenItem, Recorded, Statement, StatementLine, Store, TaxSum,
};
pub use voxpark_domain::ids::CreditNoteId;

#[cfg(test)]
mod tests;
