//! Unit-seat cost: the parts of a month over leased and occupied seats.
