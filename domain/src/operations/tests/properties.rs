//! Adding up, in any order and any pieces, gives the same.

use proptest::prelude::*;

use super::zone;
use crate::operations::busy::Busy;
use crate::operations::contact::{ContactFacts, Direction, Handle, Outcome, Pseudonym};
use crate::operations::interval::{Basis, Intervals, Slot};
use crate::operations::local::LocalClock;
use crate::operations::summary::Summary;
use crate::operations::sums::{Sums, Thresholds};

type Contact = (String, ContactFacts, Option<Pseudonym>);

const ZONES: [&str; 4] = ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"];

fn contact() -> impl Strategy<Value = Contact> {
    // Around both changes of the clock in 2024, and around midnight.
    let start = prop_oneof![
        1_710_000_000_i64..1_710_200_000,
        1_712_340_000_i64..1_712_430_000,
        1_730_560_000_i64..1_730_700_000
    ];
    let outcome = prop::sample::select(Outcome::ALL.to_vec());
    (start, -30_i64..200, outcome, 0_u32..400, prop::option::of(0_u32..900), prop::option::of(0_u8..5), 0_usize..3)
        .prop_map(|(start, menu, outcome, wait_s, handle, agent, queue)| {
            let queued_at = (start + menu) * 1000;
            let answered_at = queued_at + i64::from(wait_s) * 1000;
            let facts = ContactFacts {
                direction: Direction::Inbound,
                outcome,
                provisional: false,
                entered_at: start * 1000,
                queued_at,
                answered_at: (outcome == Outcome::Answered).then_some(answered_at),
                ended_at: None,
                wait_s,
                handle: handle.map(|s| Handle {
                    total_s: s,
                    talk_s: Some(s / 2),
                    hold_s: None,
                    wrap_s: Some(s - s / 2),
                }),
            };
            (["PS", "NW", "咨询"][queue].to_owned(), facts, agent.map(|a| Pseudonym([a; 16])))
        })
}

fn intervals(contacts: &[Contact], zone_name: &str, basis: Basis, thresholds: Thresholds) -> Intervals {
    let mut intervals = Intervals::new(LocalClock::new(zone(zone_name)), basis, thresholds);
    for (queue, facts, agent) in contacts {
        intervals.count(queue, facts, agent.is_some());
    }
    intervals
}
fn list(intervals: &Intervals) -> Vec<(String, i64, Sums)> {
    intervals.iter().map(|i| (i.queue.to_owned(), i.start_ms, *i.sums)).collect()
}
fn summary(contacts: &[Contact]) -> Summary {
    let mut summary = Summary::new();
    for (_, facts, agent) in contacts {
        summary.count(facts, *agent);
    }
    summary
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn half_hours_are_sums_of_their_quarters(
        contacts in prop::collection::vec(contact(), 0..80),
        zone_name in prop::sample::select(ZONES.to_vec()),
    ) {
        let quarters = intervals(&contacts, zone_name, Basis::Queued, Thresholds::default());
        let halves = quarters.by(Slot::Half);
        let mut clock = LocalClock::new(zone(zone_name));
        for half in halves.iter() {
            let mut sum = Sums::new(Thresholds::default());
            for start in [half.start_ms, half.start_ms + 900_000] {
                if let Some(q) = quarters.iter().find(|q| q.queue == half.queue && q.start_ms == start) {
                    sum.add(q.sums).expect("same thresholds");
                }
            }
            prop_assert_eq!(*half.sums, sum);
            // And they begin on a half hour of the park's clock.
            prop_assert_eq!(clock.wall_at(half.start_ms / 1000).rem_euclid(1800), 0);
        }
        // Counting the contacts anew by half hours gives the same.
        for (queue, facts, _) in &contacts {
            let start = clock.slot_start(facts.queued_at, 1800);
            prop_assert!(halves.iter().any(|h| h.queue == queue && h.start_ms == start));
        }
        prop_assert_eq!(halves.total(), quarters.total());
    }

    #[test]
    fn intervals_days_and_summary_agree_at_any_threshold(
        contacts in prop::collection::vec(contact(), 0..80),
        service_s in 0_u32..300,
        short_abandon_s in 0_u32..30,
        suspect_handle_s in 0_u32..60,
        basis in prop::sample::select(vec![Basis::Queued, Basis::Entered]),
    ) {
        let thresholds = Thresholds { service_s, short_abandon_s, suspect_handle_s };
        let intervals = intervals(&contacts, "America/New_York", basis, thresholds);
        let total = summary(&contacts).sums(thresholds);
        prop_assert_eq!(intervals.total(), total);
        prop_assert_eq!(intervals.all_queues().total(), total);
        let mut days = Sums::new(thresholds);
        for day in intervals.days().values() {
            days.add(day).expect("same thresholds");
        }
        prop_assert_eq!(days, total);
    }

    #[test]
    fn order_and_splits_do_not_matter(
        (contacts, shuffled) in prop::collection::vec(contact(), 0..80).prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
        at in any::<prop::sample::Index>(),
    ) {
        let whole = summary(&contacts);
        prop_assert_eq!(&summary(&shuffled), &whole);
        let (left, right) = shuffled.split_at(if shuffled.is_empty() { 0 } else { at.index(shuffled.len()) });
        let mut merged = summary(right);
        merged.merge(&summary(left));
        prop_assert_eq!(&merged, &whole);
        let json = serde_json::to_string(&whole).expect("json");
        prop_assert_eq!(&serde_json::from_str::<Summary>(&json).expect("a summary"), &whole);

        let of = |contacts: &[Contact]| intervals(contacts, "Asia/Kathmandu", Basis::Queued, Thresholds::default());
        let mut joined = of(left);
        for i in of(right).iter() {
            joined.add(i.queue, i.start_ms, i.sums).expect("same thresholds");
        }
        prop_assert_eq!(list(&joined), list(&of(&contacts)));

        let busy = |contacts: &[Contact]| {
            let mut busy = Busy::new();
            for (_, facts, _) in contacts {
                busy.count(facts);
            }
            busy
        };
        let mut both = busy(left);
        both.merge(&busy(right));
        prop_assert_eq!(both.peak(), busy(&contacts).peak());
        // A slow oracle: at some answer the most are busy.
        let spans: Vec<_> = contacts
            .iter()
            .filter(|(_, f, _)| f.outcome == Outcome::Answered)
            .filter_map(|(_, f, _)| Some((f.answered_at?, f.answered_at? + i64::from(f.handle?.total_s) * 1000)))
            .collect();
        let most = spans.iter().map(|(at, _)| spans.iter().filter(|(a, b)| a <= at && at < b).count()).max().unwrap_or(0);
        prop_assert_eq!(usize::try_from(both.peak().map_or(0, |(n, _)| n)).expect("small"), most);
    }

    #[test]
    fn order_statistics_agree_with_sorting(values in prop::collection::vec(0_u32..50, 1..60), percent in 1_u8..=100) {
        let mut seconds = crate::operations::summary::Seconds::default();
        for v in &values {
            seconds.count(*v);
        }
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let n = sorted.len();
        let median = seconds.median().expect("values");
        prop_assert_eq!(median.numerator, i64::from(sorted[(n - 1) / 2]) + i64::from(sorted[n / 2]));
        let rank = (n * usize::from(percent)).div_ceil(100);
        prop_assert_eq!(seconds.percentile(percent), Some(sorted[rank - 1]));
    }
}
