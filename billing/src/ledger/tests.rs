//! Proofs of the ledger.
