//! Tests that need a real browser. `./test fast` leaves out what is in here.

mod harness;
