//! Laws that hold for every input, and slow oracles that work another way.

use proptest::prelude::*;

use super::cases::{patient_for, target, traffic};
use super::erlang::{Ladder, idle_ratio};
use super::palm::Palm;
use super::*;

/// ln n!, summed.
fn ln_factorial(n: u32) -> f64 {
    (1..=n).map(|k| f64::from(k).ln()).sum()
}

/// Erlang B from its definition, in logarithms.
fn slow_b(lines: u32, load: f64) -> f64 {
    let ln_term =
        |k: u32| f64::from(k) * load.ln() - ln_factorial(k) - (f64::from(lines) * load.ln() - ln_factorial(lines));
    1.0 / (0..=lines).map(|k| ln_term(k).exp()).sum::<f64>()
}

/// The birth-death process of Erlang A, state by state: (P(wait), P(abandon), E[Lq], occupancy).
fn slow_a(agents: u32, load: f64, span: f64) -> (f64, f64, f64, f64) {
    let n = f64::from(agents);
    let (mut term, mut k) = (1.0_f64, 0.0);
    let (mut all, mut waits, mut queue, mut busy) = (1.0, 0.0, 0.0, 0.0);
    while k < n + 10.0 || term * (k - n) > 1e-14 * queue {
        k += 1.0;
        term *= load / (f64::min(k, n) + (k - n).max(0.0) / span);
        all += term;
        busy += term * f64::min(k, n);
        if k >= n {
            waits += term;
            queue += term * (k - n);
        }
    }
    (waits / all, queue / all / span / load, queue / all, busy / all / n)
}

fn close(got: f64, want: f64, relative: f64) -> bool {
    (got - want).abs() <= relative * want.abs() + 1e-300
}

proptest! {
    #[test]
    fn erlang_b_is_its_definition(lines in 0_u32..400, load in 0.01_f64..400.0) {
        let got = erlang_b(lines, load).expect("B");
        prop_assert!(close(got, slow_b(lines, load), 1e-10), "{got} {}", slow_b(lines, load));
    }

    #[test]
    fn a_large_load_need_not_be_climbed_from_zero(n in 200_u32..60_000, share in 0.2_f64..1.5) {
        let load = f64::from(n) / share;
        let climbed = (1..=n).fold(0.0, |ratio, k| f64::from(k) / load * (1.0 + ratio));
        let got = idle_ratio(load, n);
        prop_assert!(got.total_cmp(&climbed).is_eq() || close(got, climbed, 1e-11), "{got} {climbed}");
    }

    #[test]
    fn a_ladder_gives_what_a_climb_gives(load in 0.01_f64..5000.0, asked in prop::collection::vec(0_u32..8000, 1..12)) {
        let mut ladder = Ladder::new(load);
        for n in asked {
            let (got, want) = (ladder.at(n), idle_ratio(load, n));
            prop_assert!(got.total_cmp(&want).is_eq() || close(got, want, 1e-11), "{n}: {got} {want}");
        }
    }

    #[test]
    fn the_inverse_is_an_inverse(lines in 1_u32..3000, exponent in -12.0_f64..-0.001) {
        let blocking = 10_f64.powf(exponent);
        let load = erlang_b_load(lines, blocking).expect("A");
        prop_assert!(close(erlang_b(lines, load).expect("B"), blocking, 1e-9));
        let fewest = erlang_b_lines(load * (1.0 - 1e-9), blocking).expect("lines");
        prop_assert_eq!(fewest, lines);
    }

    #[test]
    fn erlang_c_is_the_textbook_formula(agents in 1_u32..300, busy in 0.01_f64..0.999, handle in 1.0_f64..2000.0, t in 0.0_f64..200.0) {
        let load = busy * f64::from(agents);
        let queue = erlang_c(traffic(load, 60.0, 60.0), agents).expect("C");
        let b = slow_b(agents, load);
        let c = b / (1.0 - busy * (1.0 - b));
        prop_assert!(close(queue.wait_probability, c, 1e-9));
        prop_assert!(close(queue.queue_length, c * busy / (1.0 - busy), 1e-9));
        let slow = erlang_c(traffic(load, handle, handle), agents).expect("C");
        let spare = f64::from(agents) - load;
        prop_assert!(close(slow.mean_wait_seconds, c * handle / spare, 1e-8));
        prop_assert!((slow.service_level(t).expect("SL") - (1.0 - c * (-spare * t / handle).exp())).abs() < 1e-9);
    }

    #[test]
    fn erlang_a_is_its_birth_death_process(agents in 1_u32..200, busy in 0.05_f64..1.5, span in 0.01_f64..10.0) {
        let load = busy * f64::from(agents);
        let queue = erlang_a(traffic(load, 60.0, 60.0), span * 60.0, agents).expect("A");
        let (waits, lost, length, occupancy) = slow_a(agents, load, span);
        prop_assert!(close(queue.wait_probability, waits, 1e-9), "{} {waits}", queue.wait_probability);
        prop_assert!(close(queue.abandon_probability, lost, 1e-9), "{} {lost}", queue.abandon_probability);
        prop_assert!(close(queue.queue_length, length, 1e-9));
        prop_assert!(close(queue.occupancy.expect("occupancy"), occupancy, 1e-9));
        // Flow balance, and Little's law.
        prop_assert!(close(load * (1.0 - queue.abandon_probability), occupancy * f64::from(agents), 1e-9));
        prop_assert!(close(queue.queue_length, load / 60.0 * queue.mean_wait_seconds, 1e-9));
    }

    #[test]
    fn both_ways_to_integrate_agree(ln_c in 4.0_f64..13.0, excess in -3.0_f64..3.0) {
        let c = ln_c.exp();
        let x = c + excess * c.sqrt();
        let (quick, smooth) = (Palm::series(c, x), Palm::quadrature(c, x));
        let quick = quick.expect("a series that ends");
        let scale = smooth.ln_scale.exp();
        prop_assert!(close(smooth.served * scale, quick.served, 1e-11), "{quick:?} {smooth:?}");
        prop_assert!(close(smooth.lost * scale, quick.lost, 1e-11), "{quick:?} {smooth:?}");
        prop_assert!(close(smooth.served_wait * scale, quick.served_wait, 1e-11), "{quick:?} {smooth:?}");
    }

    #[test]
    fn shares_are_shares_and_the_names_are_ordered(
        load in 0.001_f64..3000.0, grade in -5.0_f64..5.0, ln_patience in -8.0_f64..25.0, t in 0.0_f64..3000.0,
    ) {
        let agents = agents_at(load, grade);
        let queue = erlang_a(traffic(load, 180.0, 180.0), ln_patience.exp(), agents).expect("A");
        let levels = queue.within(t).expect("levels");
        let answered = levels.answered.unwrap_or(1.0);
        let excluded = levels.early_abandons_excluded.unwrap_or(1.0);
        for share in [queue.wait_probability, queue.abandon_probability, queue.occupancy.unwrap_or(0.5), levels.offered,
            excluded, answered, levels.left_queue, levels.virtual_wait, levels.abandoned]
        {
            prop_assert!((0.0..=1.0).contains(&share), "{queue:?} {levels:?}");
        }
        let tiny = 1e-11;
        prop_assert!(levels.offered <= excluded + tiny && excluded <= answered + tiny, "{levels:?}");
        prop_assert!(levels.offered <= levels.left_queue + tiny && levels.virtual_wait <= levels.left_queue + tiny);
        prop_assert!((levels.offered + levels.abandoned - levels.left_queue).abs() < tiny, "{levels:?}");
        prop_assert!(queue.mean_wait_seconds >= 0.0 && queue.mean_wait_served_seconds.is_none_or(|wait| wait >= 0.0));
    }

    #[test]
    fn one_more_agent_never_makes_it_worse(
        load in 0.01_f64..2000.0, grade in -4.0_f64..4.0, ln_patience in -3.0_f64..12.0, t in 0.0_f64..300.0,
    ) {
        let agents = agents_at(load, grade).max(1);
        let at = |n| {
            let queue = erlang_a(traffic(load, 180.0, 180.0), ln_patience.exp(), n).expect("A");
            (queue, queue.within(t).expect("levels"))
        };
        let ((fewer, levels), (more, better)) = (at(agents), at(agents + 1));
        let tiny = 1e-11;
        for basis in [ServiceLevelBasis::Offered, ServiceLevelBasis::EarlyAbandonsExcluded, ServiceLevelBasis::Answered,
            ServiceLevelBasis::LeftQueue, ServiceLevelBasis::VirtualWait]
        {
            prop_assert!(levels.of(basis) <= better.of(basis).map(|share| share + tiny), "{basis:?} {levels:?} {better:?}");
        }
        prop_assert!(more.wait_probability <= fewer.wait_probability + tiny);
        prop_assert!(more.abandon_probability <= fewer.abandon_probability + tiny);
        prop_assert!(more.occupancy <= fewer.occupancy.map(|share| share + tiny));
        prop_assert!(more.mean_wait_served_seconds <= fewer.mean_wait_served_seconds.map(|wait| wait * (1.0 + 1e-9) + 1e-9));
    }

    #[test]
    fn patience_joins_erlang_b_and_c(load in 0.1_f64..500.0, grade in 0.1_f64..4.0, t in 0.0_f64..100.0) {
        let agents = agents_at(load, grade) + 1;
        let queue = erlang_c(traffic(load, 180.0, 180.0), agents).expect("C");
        let patient = erlang_a(traffic(load, 180.0, 180.0), 1e13, agents).expect("A");
        prop_assert!((patient.wait_probability - queue.wait_probability).abs() < 1e-6);
        prop_assert!(close(patient.mean_wait_seconds, queue.mean_wait_seconds, 1e-4));
        let levels = patient.within(t).expect("levels");
        prop_assert!((levels.offered - queue.service_level(t).expect("SL")).abs() < 1e-6);
        let hasty = erlang_a(traffic(load, 180.0, 180.0), 1e-9, agents).expect("A");
        prop_assert!((hasty.abandon_probability - erlang_b(agents, load).expect("B")).abs() < 1e-6);
    }

    #[test]
    fn the_need_is_the_smallest_that_meets_the_target(
        loads in prop::collection::vec(0.0_f64..120.0, 1..8), level in 0.0_f64..0.99, t in 0.0_f64..60.0,
        patience in prop::option::of(1.0_f64..2000.0), occupancy in prop::option::of(0.3_f64..1.0),
        abandonment in prop::option::of(0.001_f64..0.5), asa in prop::option::of(0.1_f64..100.0),
    ) {
        let target = StaffingTarget {
            model: patience.map_or(Model::ErlangC, patient_for),
            max_occupancy: occupancy,
            max_abandonment: abandonment,
            max_asa_seconds: asa,
            ..target(level, t)
        };
        let list: Vec<_> = loads.iter().enumerate()
            .map(|(start, contacts)| IntervalLoad { start, contacts: *contacts, handle_seconds: Some(900.0) })
            .collect();
        for need in need_per_interval(&list, 900, &target).expect("needs") {
            let slow = (1..100_000).find(|n| target.is_met(&predict(need.traffic, *n, &target).expect("a prediction")));
            prop_assert_eq!(Some(need.agents), slow, "{:?}", need);
            prop_assert_eq!(need.predicted, predict(need.traffic, need.agents, &target).expect("a prediction"));
        }
    }
}

/// About `grade` square roots of agents more than the load.
fn agents_at(load: f64, grade: f64) -> u32 {
    let whole = (load + grade * load.sqrt()).max(0.0).round();
    whole.to_string().parse().expect("a whole number")
}

#[test]
fn a_month_of_quarter_hours_meets_its_target() {
    // From the dead of night to 40 erlangs and back, each search beginning where the last one ended.
    let list: Vec<_> = (0_u32..2976)
        .map(|start| {
            let hour = f64::from(start % 96) / 4.0;
            let contacts = 150.0 * (-(hour - 13.0).powi(2) / 20.0).exp();
            IntervalLoad { start, contacts, handle_seconds: Some(240.0) }
        })
        .collect();
    for model in [Model::ErlangC, patient_for(300.0)] {
        let target = StaffingTarget { model, shrinkage: 0.3, ..target(0.8, 20.0) };
        let needs = need_per_interval(&list, 900, &target).expect("needs");
        assert_eq!(needs.len(), list.len());
        assert!(needs.iter().all(|need| target.is_met(&need.predicted)));
    }
}
