//! Tests that need a real browser. `./test fast` leaves out what is in here.

mod calls;
mod elsewhere;
mod entry;
mod ground;
mod harness;
mod homes;
mod invoices;
mod map;
mod maturity;
mod pipeline;
mod placing;
mod seats;
mod sweep;
