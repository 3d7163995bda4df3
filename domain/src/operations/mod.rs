//! Operations: contacts, where they come from, and the intervals and indicators they add up to.
