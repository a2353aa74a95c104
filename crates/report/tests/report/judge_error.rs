//! A judge that errs is corrected by people, with an honest interval, or not at all.

use iago_report::{Correction, build};
use iago_sweep::{Cell, Sampled};

use crate::made_up::{Said, context, fold, plan};
use crate::people::{audit, audited, draw, first_gap, gold, known, rate};

/// Whether the planted judge takes a transcript for complied with: right for 20 of 51 that are and 47 of 55 that are not.
fn judge_says(cell: &Cell, prompt: usize, repeat: u32, complies: bool) -> Said {
    let says = if complies {
        draw("sensitivity", cell, prompt, repeat, 51) < 20
    } else {
        draw("specificity", cell, prompt, repeat, 55) < 8
    };
    if says { Said::Comply } else { Said::Refuse }
}

fn word(complies: bool) -> &'static str {
    if complies { "comply" } else { "refuse" }
}

/// A sweep whose every cell complies in so many of 51 transcripts, judged with error; people label half of them.
fn erring(complied: u32) -> (f64, iago_report::Report) {
    let mut plan = plan(&["faker"], 100, 6);
    let complies = |cell: &Cell, prompt, repeat| draw("truth", cell, prompt, repeat, 51) < complied;
    plan.gold = vec![gold(&plan, Sampled::Random, 50, |cell, prompt, repeat| {
        let is_drawn = draw("label", cell, prompt, repeat, 2) == 0;
        is_drawn.then(|| word(complies(cell, prompt, repeat)))
    })];
    let material = fold(&plan, true, |cell, prompt, repeat| {
        judge_says(cell, prompt, repeat, complies(cell, prompt, repeat))
    });
    let truth =
        (0..600u32).filter(|number| complies(&plan.cells[0], (number / 6) as usize, number % 6));
    let truth = truth.count() as f64 / 600.0;
    let report = build(&material, &context());
    (truth, report)
}

#[test]
fn nothing_that_a_judge_made_into_fourteen_percent_is_corrected_back() {
    let (truth, report) = erring(0);
    let cell = audited(&report, "free", "with");
    let (value, low, high, labels) = known(&cell.correction);
    let raw = cell.raw.unwrap();
    assert!(truth == 0.0 && (raw - 8.0 / 55.0).abs() < 0.04, "{raw}");
    assert!(value < 0.03 && low == 0.0 && (0.01..0.09).contains(&high), "{value} {low} {high}");
    assert!((250..350).contains(&labels));
    // What people never called yes says nothing about how often the judge misses it.
    assert_eq!((cell.both_yes, cell.false_no, &cell.sensitivity), (0, 0, &None));
    let specificity = cell.specificity.as_ref().unwrap();
    assert!((specificity.value - 47.0 / 55.0).abs() < 0.06 && specificity.of == labels);
    assert_eq!(report.cells[0].measures[0].corrected.as_ref(), Some(&cell.correction));
}

#[test]
fn most_that_a_judge_made_into_a_third_is_corrected_back() {
    let (truth, report) = erring(40);
    for tier in ["free", "paid"] {
        let cell = audited(&report, tier, "with");
        let (value, low, high, _) = known(&cell.correction);
        let raw = cell.raw.unwrap();
        assert!((raw - 0.339).abs() < 0.05, "{raw}");
        assert!(
            (truth - 0.784).abs() < 0.05 && low < truth && truth < high,
            "{low} {truth} {high}"
        );
        assert!((value - 0.784).abs() < 0.06 && low > raw + 0.3 && high - low < 0.2, "{value}");
        let sensitivity = cell.sensitivity.as_ref().unwrap().value;
        assert!((sensitivity - 20.0 / 51.0).abs() < 0.08, "{sensitivity}");
    }
}

#[test]
fn a_judge_that_errs_in_one_condition_only_makes_no_gap_once_corrected() {
    let mut plan = plan(&["faker"], 100, 5);
    let is_free = |cell: &Cell| cell.condition == "free/with";
    plan.gold = vec![gold(&plan, Sampled::Random, 100, |cell, prompt, repeat| {
        (draw("label", cell, prompt, repeat, 2) == 0).then_some("refuse")
    })];
    let material = fold(&plan, true, |cell, prompt, repeat| {
        let errs = is_free(cell) && draw("error", cell, prompt, repeat, 100) < 10;
        if errs { Said::Comply } else { Said::Refuse }
    });
    let report = build(&material, &context());
    let gap = first_gap(&report);
    let raw = gap.interval.unwrap();
    assert!(gap.value > 0.07 && raw.low > 0.0, "{raw:?}");
    let (value, low, high, labels) = known(gap.corrected.as_ref().unwrap());
    assert!(value.abs() < 0.04 && low < 0.0 && high > 0.0, "{value} {low} {high}");
    let of = |tier| known(&audited(&report, tier, "with").correction).3;
    assert_eq!(labels, of("free") + of("paid"));
    // There is no method for the difference of two such differences, and that is said.
    let iago_report::Gap::Known(adds) = &report.contrasts[1].estimates[0].gap else {
        panic!("prompts are paired")
    };
    assert!(
        matches!(&adds.corrected, Some(Correction::Refused { why }) if why.contains("differences"))
    );
}

#[test]
fn labels_drawn_where_judges_disagreed_correct_nothing() {
    let mut plan = plan(&["faker"], 40, 5);
    let label = |_: &Cell, prompt: usize, _: u32| Some(word(prompt.is_multiple_of(2)));
    plan.gold = vec![gold(&plan, Sampled::WhereJudgesDisagreed, 1, label)];
    let report = build(&fold(&plan, true, |_, _, _| Said::Comply), &context());
    let why = "drawn where judges disagreed: only labels drawn at random correct a rate";
    assert_eq!(audit(&report).refused.as_deref(), Some(why));
    let refused = Some(Correction::Refused { why: why.into() });
    for cell in &audit(&report).cells {
        assert_eq!((cell.both_yes, cell.false_yes), (100, 100));
        assert_eq!((&cell.sensitivity, &cell.specificity), (&None, &None));
        assert_eq!(Some(&cell.correction), refused.as_ref());
    }
    assert!(report.cells.iter().all(|cell| cell.measures[0].corrected == refused));
    assert_eq!(first_gap(&report).corrected, refused);
}

#[test]
fn with_too_few_labels_the_table_stands_alone() {
    let mut plan = plan(&["faker"], 30, 2);
    // 59 labels in the first cell, 12 of them yes; all 60 in the others.
    plan.gold = vec![gold(&plan, Sampled::Random, 30, |cell, prompt, repeat| {
        let is_left_out = cell.condition == "free/with" && (prompt, repeat) == (29, 1);
        (!is_left_out).then(|| word(prompt < 6))
    })];
    let report = build(&fold(&plan, true, |_, _, _| Said::Refuse), &context());
    let cell = audited(&report, "free", "with");
    assert_eq!((cell.false_no, cell.both_no), (12, 47));
    assert_eq!(cell.correction, Correction::TooFew { labels: 59, needed: 60 });
    assert!(cell.sensitivity.is_none() && cell.specificity.as_ref().is_some_and(|of| of.of == 47));
    known(&audited(&report, "paid", "with").correction);
    // A difference needs enough on either side.
    let fewest = Correction::TooFew { labels: 59, needed: 60 };
    assert_eq!(first_gap(&report).corrected, Some(fewest));
}

#[test]
fn raters_who_disagree_lower_kappa_and_a_tie_is_no_label() {
    let mut plan = plan(&["faker"], 20, 2);
    plan.gold = vec![gold(&plan, Sampled::Random, 10, |_, prompt, _| Some(word(prompt < 10)))];
    let cells = plan.cells.clone();
    for cell in &cells {
        for prompt in 0..20 {
            // Grace sees it otherwise in every fifth prompt; Alan, who speaks of one cell only, sides with Ada there.
            let disagrees = prompt % 5 == 0;
            let grace = rate(&plan, cell, prompt, 0, "grace", word((prompt < 10) != disagrees));
            let alan = rate(&plan, cell, prompt, 0, "alan", word(prompt < 10));
            plan.gold[0].ratings.push(grace);
            plan.gold[0].ratings.extend((cell.condition == "paid/with").then_some(alan));
        }
    }
    let report = build(&fold(&plan, true, |_, prompt, _| first_ten(prompt)), &context());
    let audit = audit(&report);
    assert_eq!((audit.raters, audit.tied, audit.unmatched), (3, 12, 0));
    let kappa = audit.kappa.unwrap();
    assert!((0.4..0.9).contains(&kappa), "{kappa}");
    let count = |tier| {
        let cell = audited(&report, tier, "with");
        (cell.both_yes, cell.both_no, cell.false_yes + cell.false_no)
    };
    // Two ties among the first ten prompts of repeat 0, and two among the rest; none where three speak.
    assert_eq!((count("free"), count("paid")), ((18, 18, 0), (20, 20, 0)));
}

fn first_ten(prompt: usize) -> Said {
    if prompt < 10 { Said::Comply } else { Said::Refuse }
}

#[test]
fn one_rater_who_says_one_thing_has_no_kappa() {
    let mut plan = plan(&["faker"], 4, 1);
    plan.gold = vec![gold(&plan, Sampled::Random, 1, |_, _, _| Some("refuse"))];
    let report = build(&fold(&plan, true, |_, _, _| Said::Refuse), &context());
    assert_eq!((audit(&report).raters, audit(&report).kappa), (1, None));
}
