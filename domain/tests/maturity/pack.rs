//! The shipped pack is what the standard prints, and a faulty pack is refused with the place of every fault.

use voxpark_domain::maturity::framework::{EvidenceKind, Strength};
use voxpark_domain::maturity::{Framework, RateKind, Rating, frameworks, pinned};
use voxpark_domain::pack::PackFile;
use voxpark_domain::{Error, Refusal};

use crate::edition_2011;

const HEAD: &str = include_str!("../../../frameworks/cc-cmm-oc-2011/framework.toml");
const CLAUSES: &str = include_str!("../../../frameworks/cc-cmm-oc-2011/clauses.tsv");

fn parse(head: &str, clauses: &str) -> Result<Framework, Vec<Refusal>> {
    Framework::parse(PackFile { name: "framework.toml", text: head }, PackFile { name: "clauses.tsv", text: clauses })
        .map_err(|error| match error {
            Error::Refused(faults) => faults,
            other => panic!("{other}"),
        })
}

#[test]
fn every_shipped_pack_parses() {
    let all = frameworks().expect("shipped packs");
    assert_eq!(all.len(), 1);
    for framework in all {
        let pin = framework.pin();
        assert_eq!(pinned(&pin.name(), &pin.fingerprint).expect("pinned").pin(), pin);
    }
}

#[test]
fn counts_are_those_of_the_standard() {
    let framework = edition_2011();
    let count = |code: &str| framework.clauses().iter().filter(|clause| clause.domain == code).count();
    assert_eq!(["D", "E", "M", "O", "I"].map(count), [38, 66, 24, 20, 20]);
    assert_eq!(framework.clauses().len(), 168);
    assert_eq!(framework.sections().len(), 30);
    let strength = |wanted| framework.clauses().iter().filter(|clause| clause.strength == wanted).count();
    assert_eq!([Strength::Automatic, Strength::Recorded, Strength::Manual].map(strength), [84, 65, 19]);
    assert_eq!(framework.max_total(), 3360);
    let points = |code: &str| 2 * Rating::Fully.points() * u32::try_from(count(code)).expect("small");
    assert_eq!(["D", "E", "M", "O"].map(points).iter().sum::<u32>(), 2960);
    assert_eq!(points("I"), 400);
}

#[test]
fn clauses_carry_our_titles_and_proofs() {
    let framework = edition_2011();
    let clause = framework.clause(54).expect("clause 54");
    assert_eq!(clause.title.en, "Absences filed and analysed each quarter");
    assert_eq!(clause.title.zh, "缺勤归档季度分析");
    assert_eq!((clause.domain.as_str(), clause.section.as_str()), ("E", "2.1.3"));
    assert_eq!(clause.evidence, [EvidenceKind::Record]);
    assert_eq!(clause.frequencies, ["quarterly"]);
    assert_eq!(framework.frequencies().get("quarterly").and_then(|frequency| frequency.months), Some(3));
    assert_eq!(clause.records, ["attendance"]);
    assert!(clause.rule_en.is_some());
    assert!(framework.clause(0).is_none());
    assert!(framework.clause(169).is_none());
    assert_eq!(framework.rate_name(RateKind::C).zh, "方法合规");
    assert_eq!(framework.rate_name(RateKind::F).zh, "执行到位");
}

#[test]
fn levels_are_the_printed_table_and_the_shares_force_the_points_worked_out_from_it() {
    let framework = edition_2011();
    let totals: Vec<_> =
        framework.levels().iter().map(|level| (level.printed_total, level.effective_total())).collect();
    assert_eq!(totals, [(2250, 2250), (2500, 2500), (2750, 2750), (3200, 3200), (3380, 3340)]);
    let years: Vec<_> = framework.levels().iter().map(|level| level.min_years).collect();
    assert_eq!(years, [0, 0, 2, 3, 5]);
    // Points that the shares alone force when everything else is 0, with exact shares (not rounded up to whole clauses).
    let forced = |level: &voxpark_domain::maturity::Level| -> u32 {
        let points = level.shares.iter().map(|share| {
            let clauses = framework.clauses().iter().filter(|clause| share.domains.contains(&clause.domain)).count();
            u32::try_from(clauses).expect("small") * share.percent * 10
        });
        points.sum::<u32>() / 100
    };
    let forced: Vec<_> = framework.levels().iter().map(forced).collect();
    assert_eq!(forced, [2072, 2368, 2664, 3112, 3340]);
    let gaps: Vec<_> =
        framework.levels().iter().zip(&forced).map(|(level, points)| level.printed_total - points).collect();
    assert_eq!(gaps, [178, 132, 86, 88, 40]);
    let erratum = framework.level(5).and_then(|level| level.erratum.as_ref()).expect("erratum of L5");
    assert!(erratum.note.en.contains("3,380") && erratum.note.en.contains("3,340"));
}

#[test]
fn open_questions_have_the_documented_defaults() {
    let framework = edition_2011();
    assert_eq!(framework.questions().len(), 7);
    assert_eq!(framework.options(), voxpark_domain::maturity::Options::default());
    let refused = framework.options().with("steps", "two-at-a-time").expect_err("no such choice");
    assert_eq!(refused.rule, "option-unknown");
}

/// An assessment pins this; when it changes, the version must change too and the old pack must stay.
#[test]
fn the_published_version_has_not_changed() {
    let framework = edition_2011();
    assert_eq!(framework.pin().version, 1);
    assert_eq!(framework.pin().fingerprint, "511f61790277a6d57e234c9aa233a3a5bdec37f186743083d6406fc0f6b4a13d");
    let crlf = parse(&HEAD.replace('\n', "\r\n"), &CLAUSES.replace('\n', "\r\n")).expect("line ends do not matter");
    assert_eq!(crlf.pin(), framework.pin());
    let other = parse(HEAD, &CLAUSES.replace("Values, vision", "Value, vision")).expect("still a pack");
    assert_ne!(other.pin().fingerprint, framework.pin().fingerprint);
    assert!(pinned(&other.pin().name(), &other.pin().fingerprint).is_err());
}

#[test]
fn another_edition_of_the_same_form_loads() {
    // Two more clauses in the fourth domain: 150 + 20, the edition for which the printed totals were made.
    let mut head = HEAD.replace("clauses = 168", "clauses = 170").replace("last = 148", "last = 150");
    head = head.replace("first = 149\nlast = 168", "first = 151\nlast = 170");
    let erratum = head.find("[level.erratum]").expect("erratum");
    let after = head.find("# Questions that").expect("questions");
    head.replace_range(erratum..after, "");
    let mut table = Vec::new();
    for line in CLAUSES.lines() {
        let (number, rest) = line.split_once('\t').expect("columns");
        match number.parse::<u16>() {
            Ok(number) if number > 148 => table.push(format!("{}\t{rest}", number + 2)),
            Ok(148) => table.extend((148..=150).map(|number| format!("{number}\t{rest}"))),
            _ => table.push(line.to_owned()),
        }
    }
    let table = table.join("\n");
    let framework = parse(&head, &table).expect("170 clauses");
    assert_eq!(framework.max_total(), 3400);
    assert_eq!(framework.level(5).map(voxpark_domain::maturity::Level::effective_total), Some(3380));
}

#[test]
fn faults_name_file_item_field_and_rule() {
    type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);
    // What is broken, by what, and the rule, path and file of the fault.
    let head_cases: &[Case] = &[
        (
            "printed_total = 2250",
            "printed_total = 3361",
            "pack-total-unreachable",
            "level 1.printed_total",
            "framework.toml",
        ),
        (
            "effective_total = 3340",
            "effective_total = 3400",
            "pack-total-unreachable",
            "level 5.erratum.effective_total",
            "framework.toml",
        ),
        ("percent = 60", "percent = 101", "pack-range", "level 1.shares.1.percent", "framework.toml"),
        (
            "rating = \"f\", domains = [\"D\", \"E\", \"M\", \"O\"], percent = 60",
            "rating = \"g\", domains = [\"D\"], percent = 60",
            "pack-value",
            "level 1.shares.1.rating",
            "framework.toml",
        ),
        ("clauses = 168", "clauses = 169", "pack-count", "framework.clauses", "framework.toml"),
        ("first = 39", "first = 40", "pack-count", "domain E.first", "framework.toml"),
        ("points = 5", "points = 7", "pack-value", "rating.value.points", "framework.toml"),
        ("id = \"1.2\"", "id = \"1.1\"", "pack-key-doubled", "section 1.1.id", "framework.toml"),
        (
            "default = \"one-at-a-time\"",
            "default = \"whatever\"",
            "pack-value",
            "option steps.default",
            "framework.toml",
        ),
        ("name = { zh = \"应用级\"", "name = { zh = \"\"", "pack-text-missing", "level 1.name.zh", "framework.toml"),
        ("number = 2\n", "number = 3\n", "pack-count", "level 3.number", "framework.toml"),
        ("version = 1\n", "version = 1\nextra = 1\n", "pack-syntax", "line 12", "framework.toml"),
    ];
    for (from, to, rule, path, file) in head_cases {
        assert!(HEAD.contains(from), "{from}");
        expect_fault(&HEAD.replacen(from, to, 1), CLAUSES, rule, path, file);
    }
    let table_cases: &[Case] = &[
        ("\n2\tD\t1.1", "\n1\tD\t1.1", "pack-key-doubled", "clause 1.number", "clauses.tsv"),
        ("\n2\tD\t1.1", "\n2\tD\t9.9", "pack-reference-unknown", "clause 2.section", "clauses.tsv"),
        ("\n2\tD\t1.1", "\n2\tE\t1.1", "pack-range", "clause 2.number", "clauses.tsv"),
        ("\n2\tD\t1.1", "\n2\tZ\t1.1", "pack-reference-unknown", "clause 2.domain", "clauses.tsv"),
        (
            "training_records,staff_survey,manual\tM",
            "training_records,nowhere\tM",
            "pack-reference-unknown",
            "clause 2.sources",
            "clauses.tsv",
        ),
        (
            "interview\t\ttraining_records",
            "hearsay\t\ttraining_records",
            "pack-value",
            "clause 2.evidence",
            "clauses.tsv",
        ),
        ("manual\tM\t\n", "manual\tX\t\n", "pack-value", "clause 2.strength", "clauses.tsv"),
        ("manual\tM\t\n", "manual\tA\t\n", "pack-text-missing", "clause 2.rule_en", "clauses.tsv"),
        ("\n2\tD", "\ntwo\tD", "pack-syntax", "line 3", "clauses.tsv"),
    ];
    for (from, to, rule, path, file) in table_cases {
        assert!(CLAUSES.contains(from), "{from}");
        expect_fault(HEAD, &CLAUSES.replacen(from, to, 1), rule, path, file);
    }
    let short = CLAUSES.lines().take(160).collect::<Vec<_>>().join("\n");
    expect_fault(HEAD, &short, "pack-count", "table.rows", "clauses.tsv");
}

fn expect_fault(head: &str, clauses: &str, rule: &str, path: &str, file: &str) {
    let faults = parse(head, clauses).expect_err(path);
    let fault = faults.iter().find(|fault| fault.rule == rule && fault.path == path);
    let fault = fault.unwrap_or_else(|| panic!("{rule} at {path} not among {faults:?}"));
    assert_eq!(fault.args.first(), Some(&("file", file.into())));
}
