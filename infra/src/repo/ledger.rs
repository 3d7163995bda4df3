//! The seat ledger folded as it was known at an instant: who held which seat from when to when.

use crate::db::Slot;

/// The tables of [`fold`].
pub(crate) const FOLD_SLOTS: [Slot; 3] = [Slot("e", "lease"), Slot("l", "seat_ledger"), Slot("r", "seat_ledger")];

/// The beginning of a statement that folds the ledger once for everything in `asked` (`n, lease_id, since, till,
/// known_at`), ending in a table `held` of allocations that touch `[since, till)`, one row each, with an open `held_to`
/// where nothing was released.
///
/// What was recorded last counts; an allocation that was taken back as a whole is not there. The lease leads to the
/// tenant, so that the ledger is read by its key also for staff of the park.
///
/// Nearly every allocation begins once and ends at most once, so that its entries are gathered without being sorted; only where
/// something was recorded again is the last entry looked for.
pub(crate) fn fold(asked: &str) -> String {
    let last = |kind: &str| {
        format!(
            "(SELECT r.effective_on FROM seat_ledger r WHERE {{r}} AND r.park_id = g.park_id AND r.tenant_id = g.tenant_id
              AND r.lease_id = g.lease_id AND r.allocation_id = g.allocation_id AND r.kind = '{kind}' AND r.recorded_at <= g.known_at
             ORDER BY r.recorded_at DESC, r.entry_id DESC LIMIT 1)"
        )
    };
    format!(
        "WITH asked (n, lease_id, since, till, known_at) AS ({asked}),
         gathered AS (
          SELECT k.n, k.since, k.till, k.known_at, l.park_id, l.tenant_id, l.lease_id, l.allocation_id, l.seat_id,
           MIN(CASE WHEN l.kind = 'allocate' THEN l.effective_on END) AS held_from,
           SUM(CASE WHEN l.kind = 'allocate' THEN 1 ELSE 0 END) AS begins,
           MIN(CASE WHEN l.kind = 'release' THEN l.effective_on END) AS held_to,
           SUM(CASE WHEN l.kind = 'release' THEN 1 ELSE 0 END) AS ends,
           SUM(CASE WHEN l.kind = 'reverse' THEN 1 ELSE 0 END) AS reversed
          FROM asked k JOIN lease e ON e.lease_id = k.lease_id
          JOIN seat_ledger l ON l.park_id = e.park_id AND l.tenant_id = e.tenant_id AND l.lease_id = e.lease_id
          WHERE {{e}} AND {{l}} AND l.recorded_at <= k.known_at
          GROUP BY k.n, k.since, k.till, k.known_at, l.park_id, l.tenant_id, l.lease_id, l.allocation_id, l.seat_id),
         folded AS (
          SELECT g.n, g.since, g.till, g.allocation_id, g.seat_id,
           CASE WHEN g.begins > 1 THEN {} ELSE g.held_from END AS held_from,
           CASE WHEN g.ends > 1 THEN {} ELSE g.held_to END AS held_to
          FROM gathered g WHERE g.reversed = 0),
         held AS (SELECT * FROM folded o WHERE o.held_from < o.till AND (o.held_to IS NULL OR o.held_to > o.since))",
        last("allocate"),
        last("release"),
    )
}
