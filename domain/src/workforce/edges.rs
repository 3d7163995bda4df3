//! Edges and bad input: nothing here may panic, wait a negative time or be "not a number".

use super::cases::{patient_for, rules, target, traffic};
use super::*;

#[test]
fn nothing_offered_needs_nobody() {
    let none = traffic(0.0, 1800.0, 180.0);
    assert_eq!(traffic(0.0, 900.0, 0.0).load().to_bits(), 0, "without contacts the handle time does not matter");
    for model in [Model::ErlangC, patient_for(300.0), patient_for(0.0), patient_for(f64::INFINITY)] {
        let target = StaffingTarget { model, max_occupancy: Some(0.5), ..target(0.8, 20.0) };
        let need = agents_needed(none, &target).expect("a need");
        assert_eq!((need.agents, need.service_level.to_string(), need.occupancy), (0, "1".to_owned(), None));
        let idle = predict(none, 3, &target).expect("a prediction");
        assert_eq!((idle.service_level.to_string(), idle.occupancy), ("1".to_owned(), Some(0.0)));
    }
    assert_eq!(erlang_c(none, 0).and_then(|queue| queue.service_level(0.0)), Ok(1.0));
    assert_eq!(erlang_c(traffic(0.0, 1.0, 0.0), 5).and_then(|queue| queue.service_level(0.0)), Ok(1.0));
    assert_eq!(erlang_a(none, 60.0, 0).map(|queue| queue.abandon_probability), Ok(0.0));
}

#[test]
fn a_queue_without_steady_state_is_refused_not_negative() {
    for agents in [0, 1, 9, 10] {
        let refusal = erlang_c(traffic(100.0, 1800.0, 180.0), agents).expect_err("unstable");
        assert_eq!((refusal.rule, refusal.path.as_ref()), ("erlang-unstable", "agents"));
        assert_eq!(refusal.args, [("agents", i64::from(agents).into()), ("load", "10.000".into())]);
        let endless = erlang_a(traffic(100.0, 1800.0, 180.0), f64::INFINITY, agents).expect_err("unstable");
        assert_eq!(endless.rule, "erlang-unstable");
    }
    assert!(erlang_c(traffic(100.0, 1800.0, 180.0), 11).expect("stable").mean_wait_seconds > 0.0);
    // As a prediction (what if only ten come?) it is an answer, marked as such.
    let swamped = predict(traffic(100.0, 1800.0, 180.0), 10, &target(0.8, 20.0)).expect("a prediction");
    assert!(!swamped.stable && swamped.asa_seconds.is_none());
    assert_eq!((swamped.service_level.to_string(), swamped.occupancy), ("0".to_owned(), Some(1.0)));
}

#[test]
fn patience_at_its_ends() {
    let load = traffic(100.0, 1800.0, 180.0);
    // None: Erlang B.
    let blocked = erlang_a(load, 0.0, 14).expect("A");
    let lost = erlang_b(14, 10.0).expect("B");
    assert!((blocked.abandon_probability - lost).abs() < 1e-15 && (blocked.wait_probability - lost).abs() < 1e-15);
    assert_eq!((blocked.queue_length, blocked.mean_wait_seconds), (0.0, 0.0));
    let within = blocked.within(0.0).expect("levels");
    assert!((within.offered - (1.0 - lost)).abs() < 1e-15);
    assert_eq!((within.early_abandons_excluded, within.answered, within.left_queue), (Some(1.0), Some(1.0), 1.0));
    assert!((blocked.occupancy.expect("occupancy") - 10.0 * (1.0 - lost) / 14.0).abs() < 1e-15);
    // Very little, and very much, are close to the ends.
    let brief = erlang_a(load, 1e-7, 14).expect("A");
    assert!((brief.abandon_probability - lost).abs() < 1e-8);
    assert!((brief.within(20.0).expect("levels").offered - within.offered).abs() < 1e-8);
    for agents in [1, 10, 14] {
        for patience in [f64::MIN_POSITIVE, 1e-310, 1e-190, 1e-50, 300.0, 1e150] {
            for threshold in [0.0, f64::MIN_POSITIVE, 20.0, 1e200, f64::MAX] {
                let levels = erlang_a(load, patience, agents).expect("A").within(threshold).expect("levels");
                for share in [levels.offered, levels.left_queue, levels.virtual_wait, levels.abandoned] {
                    assert!((0.0..=1.0).contains(&share), "{agents} {patience} {threshold}: {levels:?}");
                }
            }
        }
    }
    let queue = erlang_c(load, 14).expect("C");
    for patience in [1e10, 1e15, 1e30, 1e150, 1e250, f64::MAX, f64::INFINITY] {
        let patient = erlang_a(load, patience, 14).expect("A");
        let levels = patient.within(20.0).expect("levels");
        let pairs = [
            (patient.wait_probability, queue.wait_probability),
            (patient.mean_wait_seconds, queue.mean_wait_seconds),
            (patient.mean_wait_served_seconds.expect("served"), queue.mean_wait_seconds),
            (patient.queue_length, queue.queue_length),
            (levels.offered, queue.service_level(20.0).expect("SL")),
            (levels.left_queue, levels.offered),
            (levels.virtual_wait, levels.offered),
        ];
        for (got, want) in pairs {
            assert!((got - want).abs() < 1e-7 * want, "patience {patience}: {got} is not {want}");
        }
    }
}

#[test]
fn nobody_at_work() {
    let queue = erlang_a(traffic(100.0, 1800.0, 180.0), 60.0, 0).expect("A");
    assert_eq!((queue.wait_probability, queue.abandon_probability, queue.occupancy), (1.0, 1.0, None));
    assert_eq!((queue.mean_wait_seconds, queue.mean_wait_served_seconds), (60.0, None));
    assert!((queue.queue_length - 100.0 / 30.0).abs() < 1e-14);
    let within = queue.within(60.0).expect("levels");
    assert_eq!((within.offered, within.early_abandons_excluded, within.answered), (0.0, Some(0.0), None));
    assert!((within.left_queue - (1.0 - (-1.0_f64).exp())).abs() < 1e-15);
    assert!((within.abandoned - within.left_queue).abs() < 1e-15);
    let gone = erlang_a(traffic(100.0, 1800.0, 180.0), 0.0, 0).expect("A").within(0.0).expect("levels");
    assert_eq!((gone.offered, gone.early_abandons_excluded, gone.left_queue), (0.0, None, 1.0));
    assert_eq!(erlang_b(0, 5.0), Ok(1.0));
}

#[test]
fn large_numbers_neither_overflow_nor_drag() {
    let thousand = erlang_c(traffic(990.0, 1.0, 1.0), 1000).expect("C");
    assert!(thousand.wait_probability > 0.5 && thousand.wait_probability < 0.75);
    for n in [1_000, 10_000, 1_000_000, 4_000_000_000] {
        let load = f64::from(n) - f64::from(n).sqrt();
        let blocking = erlang_b(n, load).expect("B");
        assert!(blocking > 0.0 && blocking < 0.05, "{n}: {blocking}");
        let back = erlang_b_load(n, blocking).expect("A");
        assert!((back / load - 1.0).abs() < 1e-9, "{n}: {back}");
    }
    assert_eq!(erlang_b(u32::MAX, 1.0), Ok(0.0), "below 1e-308");
    assert!((erlang_b(u32::MAX, 1e300).expect("B") - 1.0).abs() < 1e-15);
    let huge = agents_needed(traffic(1e9, 60.0, 60.0), &target(0.8, 20.0)).expect("a need");
    assert!(huge.agents > 1_000_000_000 && huge.agents < 1_000_100_000);
    let lazy = StaffingTarget { max_occupancy: Some(0.1), ..target(0.8, 20.0) };
    assert_eq!(rules(agents_needed(traffic(1e9, 60.0, 60.0), &lazy)), [("agents-too-many", "contacts".to_owned())]);
    assert_eq!(agents_needed(traffic(1e-300, 60.0, 60.0), &target(0.8, 20.0)).map(|need| need.agents).ok(), Some(1));
    // Forty thousand calls in the quarter hour, agents for a quarter of them, an hour's patience.
    let flood = erlang_a(traffic(40_000.0, 900.0, 300.0), 3600.0, 3_333).expect("A");
    assert!((flood.abandon_probability - 0.75).abs() < 1e-4 && flood.occupancy == Some(1.0));
}

#[test]
fn bad_numbers_are_refused_by_name() {
    let fail =
        |contacts, period, handle| Traffic::new(contacts, period, handle).map_err(|r| (r.rule, r.path.into_owned()));
    for bad in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(fail(bad, 900.0, 60.0), Err(("not-a-quantity", "contacts".to_owned())));
        assert_eq!(fail(1.0, bad, 60.0), Err(("not-a-quantity", "period_seconds".to_owned())));
        assert_eq!(fail(1.0, 900.0, bad), Err(("not-a-quantity", "handle_seconds".to_owned())));
        assert_eq!(erlang_b(3, bad).map_err(|r| r.rule), Err("not-a-quantity"));
        assert_eq!(erlang_b_lines(bad, 0.01).map_err(|r| r.rule), Err("not-a-quantity"));
        let queue = erlang_c(traffic(1.0, 900.0, 60.0), 1).expect("C");
        assert_eq!(queue.service_level(bad).map_err(|r| r.rule), Err("not-a-quantity"));
        let queue = erlang_a(traffic(1.0, 900.0, 60.0), 60.0, 1).expect("A");
        assert_eq!(queue.within(bad).map_err(|r| r.rule), Err("not-a-quantity"));
    }
    assert_eq!(fail(1.0, 0.0, 60.0), Err(("period-not-positive", "period_seconds".to_owned())));
    assert_eq!(fail(1.0, 900.0, 0.0), Err(("handle-time-zero", "handle_seconds".to_owned())));
    assert_eq!(fail(1e300, 900.0, 1e300), Err(("load-too-large", "contacts".to_owned())));
    for bad in [-1.0, f64::NAN, f64::NEG_INFINITY] {
        assert_eq!(erlang_a(traffic(1.0, 900.0, 60.0), bad, 1).map_err(|r| r.rule), Err("patience-invalid"));
    }
    for bad in [0.0, 1.0, -0.5, 2.0, f64::NAN] {
        assert_eq!(erlang_b_load(3, bad).map_err(|r| r.rule), Err("blocking-range"));
        assert_eq!(erlang_b_lines(3.0, bad).map_err(|r| r.rule), Err("blocking-range"));
    }
    assert_eq!(erlang_b_load(0, 0.5).map_err(|r| r.rule), Err("lines-zero"));
    let wrong = StaffingTarget {
        model: patient_for(-1.0),
        max_occupancy: Some(0.0),
        max_abandonment: Some(1.1),
        max_asa_seconds: Some(0.0),
        shrinkage: 1.0,
        ..target(1.0, -20.0)
    };
    let found = [
        ("service-level-range", "service_level"),
        ("shrinkage-range", "shrinkage"),
        ("occupancy-range", "max_occupancy"),
        ("abandonment-range", "max_abandonment"),
        ("asa-range", "max_asa_seconds"),
        ("not-a-quantity", "threshold_seconds"),
        ("patience-invalid", "patience_seconds"),
    ]
    .map(|(rule, path)| (rule, path.to_owned()));
    assert_eq!(rules(wrong.check()), found, "all at once");
    assert_eq!(rules(need_per_interval::<u8>(&[], 900, &wrong)), found);
}

#[test]
fn intervals_name_what_is_wrong_with_them() {
    let at = |start, contacts, handle_seconds| IntervalLoad { start, contacts, handle_seconds };
    let target = StaffingTarget { shrinkage: 0.3, ..target(0.8, 20.0) };
    let bad = [at(0, 3.0, Some(0.0)), at(1, 5.0, Some(60.0)), at(2, f64::NAN, Some(60.0)), at(3, 1.0, Some(-1.0))];
    assert_eq!(
        rules(need_per_interval(&bad, 900, &target)),
        [
            ("handle-time-zero", "intervals.0.handle_seconds".to_owned()),
            ("not-a-quantity", "intervals.2.contacts".to_owned()),
            ("not-a-quantity", "intervals.3.handle_seconds".to_owned()),
        ]
    );
    assert_eq!(
        rules(need_per_interval(&[at(0, 0.0, None), at(1, 2.0, None)], 900, &target)),
        [("handle-time-missing", "intervals.1.handle_seconds".to_owned())]
    );
    assert_eq!(
        rules(need_per_interval(&[at(0, 1.0, None)], 0, &target)),
        [("period-not-positive", "interval_seconds".to_owned())]
    );
    assert_eq!(need_per_interval::<u8>(&[], 900, &target).map(|needs| needs.len()).ok(), Some(0));
    // Nobody was served in the first and the last: the mean of the others (6 * 100 + 2 * 300) / 8 stands in.
    let gaps = [at(0, 2.0, None), at(1, 6.0, Some(100.0)), at(2, 2.0, Some(300.0)), at(3, 0.0, None)];
    let needs = need_per_interval(&gaps, 900, &target).expect("needs");
    assert_eq!(
        needs.iter().map(|need| need.traffic.handle_seconds()).collect::<Vec<_>>(),
        [150.0, 100.0, 300.0, 150.0]
    );
    assert_eq!((needs[3].agents, needs[3].positions), (0, 0));
}

#[test]
fn need_against_roster_and_seats() {
    let target = StaffingTarget { shrinkage: 0.3, ..target(0.8, 20.0) };
    let day = [IntervalLoad { start: "09:00", contacts: 100.0, handle_seconds: Some(180.0) }];
    let need = need_per_interval(&day, 1800, &target).expect("needs").remove(0);
    assert_eq!((need.start, need.agents, need.positions), ("09:00", 14, 20));
    assert!((need.traffic.load() - 10.0).abs() < 1e-12);
    assert!((need.predicted.service_level - 0.888_350_02).abs() < 1e-8);

    let even = need.against(Supply { rostered: 20, seats: 14 }, &target).expect("coverage");
    assert_eq!((even.working, even.gap_to_roster, even.gap_to_seats), (14, 0, 0));
    assert_eq!(even.predicted, need.predicted);
    let squeezed = need.against(Supply { rostered: 30, seats: 12 }, &target).expect("coverage");
    assert_eq!((squeezed.working, squeezed.gap_to_roster, squeezed.gap_to_seats), (12, 10, -2), "seats are the limit");
    assert!(squeezed.predicted.service_level < 0.8);
    let short = need.against(Supply { rostered: 14, seats: 40 }, &target).expect("coverage");
    assert_eq!((short.working, short.gap_to_roster, short.gap_to_seats), (9, -6, 26));
    assert!(!short.predicted.stable);
    // The same shortage, if callers hang up: not hopeless, but one in eight is lost.
    let human = StaffingTarget { model: patient_for(300.0), ..target };
    let lossy = need.against(Supply { rostered: 14, seats: 40 }, &human).expect("coverage");
    assert!(lossy.predicted.stable && lossy.predicted.abandonment > 0.1 && lossy.predicted.service_level > 0.2);
    let nobody = need.against(Supply { rostered: 0, seats: 0 }, &human).expect("coverage");
    assert_eq!((nobody.predicted.occupancy, nobody.predicted.asa_seconds), (None, None));
}

#[test]
fn a_target_travels_as_data() {
    let target = StaffingTarget { model: patient_for(300.0), max_occupancy: Some(0.85), ..target(0.8, 20.0) };
    let text = serde_json::to_string(&target).expect("JSON");
    assert!(text.contains(r#""model":{"name":"erlang-a","patience_seconds":300.0,"basis":"offered"}"#), "{text}");
    assert_eq!(serde_json::from_str::<StaffingTarget>(&text).expect("a target"), target);
}
