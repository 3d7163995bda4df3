//! The published worked examples of service-level variants, and the checks on a pack.

use crate::error::Error;
use crate::operations::service_level::{BUILT_IN, Pack, Variant};
use crate::operations::sums::{Sums, Thresholds};
use crate::pack::PackFile;

fn level(id: &str, sums: &Sums) -> String {
    let pack = Pack::built_in().expect("the built-in pack");
    pack.latest(id).expect("defined").of_sums(sums).expect("same thresholds").fixed(4).expect("defined")
}

#[test]
fn published_examples_of_the_variants() {
    // Cisco ICM user guide: 70 answered and 10 abandoned within the threshold, 20 later ones.
    let cisco = Sums {
        offered: 100,
        answered: 90,
        abandoned: 10,
        answered_within: 70,
        abandoned_within: 10,
        ..Sums::new(Thresholds::default())
    };
    assert_eq!(level("sl-20-ignored", &cisco), "0.7778");
    assert_eq!(level("sl-20-negative", &cisco), "0.7000");
    assert_eq!(level("sl-20-positive", &cisco), "0.8000");
    // 1060 offered, 1000 answered of which 860 in time, 10 of the 60 abandoned at once.
    let trade = Sums {
        offered: 1060,
        answered: 1000,
        abandoned: 60,
        answered_within: 860,
        abandoned_short: 10,
        ..Sums::new(Thresholds::default())
    };
    assert_eq!(level("sl-20-answered", &trade), "0.8600");
    assert_eq!(level("sl-20-negative", &trade), "0.8113");
    assert_eq!(level("sl-20-short-removed", &trade), "0.8190");
    assert_eq!(level("sl-20-short-credited", &trade), "0.8208");
}

#[test]
fn the_built_in_pack_has_every_variant_and_cites_itself() {
    let pack = Pack::built_in().expect("the built-in pack");
    for v in [
        Variant::AbandonsNegative,
        Variant::AbandonsIgnored,
        Variant::AbandonsPositive,
        Variant::AnsweredOnly,
        Variant::ShortAbandonsRemoved,
        Variant::ShortAbandonsCredited,
    ] {
        assert!(pack.definition.iter().any(|d| d.variant == v), "{v:?}");
    }
    for d in &pack.definition {
        assert_eq!(pack.cited(&d.reference()), Some(d));
    }
    assert_eq!(pack.cited("sl-20-negative.v9"), None);
}

#[test]
fn sums_at_other_thresholds_have_no_level_and_do_not_add() {
    let pack = Pack::built_in().expect("the built-in pack");
    let at_15 = Sums::new(pack.latest("sl-15-negative").expect("defined").thresholds());
    let mut at_20 = Sums::new(Thresholds::default());
    assert_eq!(pack.latest("sl-20-negative").expect("defined").of_sums(&at_15), None);
    assert!(at_20.add(&at_15).is_err());
    // Nothing offered: no level, not zero.
    let nothing = pack.latest("sl-20-negative").and_then(|d| d.of_sums(&at_20)).expect("same thresholds");
    assert_eq!(nothing.fixed(4), None);
}

#[test]
fn overflowed_contacts_count_as_the_definition_says() {
    let left_out = BUILT_IN.text.replace("overflowed = \"counted\"", "overflowed = \"left_out\"");
    let pack = Pack::parse(PackFile { name: "left-out.toml", text: &left_out }).expect("a pack");
    let sums = Sums {
        offered: 10,
        answered: 6,
        abandoned: 2,
        overflowed: 2,
        answered_within: 4,
        ..Sums::new(Thresholds::default())
    };
    assert_eq!(level("sl-20-negative", &sums), "0.4000");
    assert_eq!(
        pack.latest("sl-20-negative").and_then(|d| d.of_sums(&sums)).and_then(|r| r.fixed(4)).as_deref(),
        Some("0.5000")
    );
}

#[test]
fn a_bad_pack_is_refused_with_every_fault() {
    let rules = |text: &str| match Pack::parse(PackFile { name: "x.toml", text }) {
        Err(Error::Refused(list)) => list.into_iter().map(|r| (r.rule, r.path.into_owned())).collect::<Vec<_>>(),
        other => panic!("accepted: {other:?}"),
    };
    let good = BUILT_IN.text;
    assert_eq!(rules("id = 3")[0].0, "pack-syntax");
    assert_eq!(rules(&good.replace("answered_only", "answered_mostly"))[0].0, "pack-syntax");
    assert_eq!(rules(&good.replace("threshold_s = 15", "threshold = 15"))[0].0, "pack-syntax");
    let doubled = rules(&good.replace("sl-20-ignored", "sl-20-negative"));
    assert_eq!(doubled, [("pack-key-doubled", "definition sl-20-negative.version".to_owned())]);
    let unknown = rules(&good.replace("default = \"sl-20-negative\"", "default = \"sl-1\""));
    assert_eq!(unknown, [("pack-reference-unknown", "pack.default".to_owned())]);
    let several = good
        .replace("id = \"sl-15-negative\"\nversion = 1", "id = \"SL 15\"\nversion = 0")
        .replace("threshold_s = 15", "threshold_s = 4")
        .replace("source = \"Trade practice\"", "source = \" \"");
    assert_eq!(
        rules(&several),
        [
            ("pack-text-missing", "definition sl-20-short-credited.source".to_owned()),
            ("pack-value", "definition SL 15.id".to_owned()),
            ("pack-range", "definition SL 15.version".to_owned()),
            ("pack-range", "definition SL 15.short_abandon_s".to_owned()),
        ]
    );
}
