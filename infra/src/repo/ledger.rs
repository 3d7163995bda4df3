//! The seat ledger folded as it was known at an instant: who held which seat from when to when.

use crate::db::Slot;

/// The tables of [`fold`].
pub(crate) const FOLD_SLOTS: [Slot; 2] = [Slot("e", "lease"), Slot("l", "seat_ledger")];

/// The beginning of a statement that folds the ledger once for everything in `asked` (`n, lease_id, since, till,
/// known_at`), ending in a table `held` of allocations that touch `[since, till)`, one row each, with an open `held_to`
/// where nothing was released.
///
/// What was recorded last counts; an allocation that was taken back as a whole is not there. The lease leads to the
/// tenant, so that the ledger is read by its key also for staff of the park.
pub(crate) fn fold(asked: &str) -> String {
    format!(
        "WITH asked (n, lease_id, since, till, known_at) AS ({asked}),
         facts AS (
          SELECT k.n, k.since, k.till, l.park_id, l.tenant_id, l.lease_id, l.allocation_id, l.seat_id, l.kind, l.effective_on,
           ROW_NUMBER() OVER (PARTITION BY k.n, l.lease_id, l.allocation_id, l.kind ORDER BY l.recorded_at DESC, l.entry_id DESC) AS newest
          FROM asked k JOIN lease e ON e.lease_id = k.lease_id
          JOIN seat_ledger l ON l.park_id = e.park_id AND l.tenant_id = e.tenant_id AND l.lease_id = e.lease_id
          WHERE {{e}} AND {{l}} AND l.recorded_at <= k.known_at),
         folded AS (
          SELECT f.n, f.since, f.till, f.park_id, f.tenant_id, f.lease_id, f.allocation_id, f.seat_id,
           MIN(CASE WHEN f.kind = 'allocate' AND f.newest = 1 THEN f.effective_on END) AS held_from,
           MIN(CASE WHEN f.kind = 'release' AND f.newest = 1 THEN f.effective_on END) AS held_to,
           SUM(CASE WHEN f.kind = 'reverse' THEN 1 ELSE 0 END) AS reversed
          FROM facts f
          GROUP BY f.n, f.since, f.till, f.park_id, f.tenant_id, f.lease_id, f.allocation_id, f.seat_id),
         held AS (
          SELECT * FROM folded o WHERE o.reversed = 0 AND o.held_from < o.till AND (o.held_to IS NULL OR o.held_to > o.since))"
    )
}
