//! Stages that hang on another stage's label: what opens them, and what is said where that label is unknown.

use iago_grading::{
    Class, DropReason, Grader, Opening, OutcomeFault, Reading, Said, StageState, Transcript,
    parse_answer, read_fields,
};
use iago_sweep::{Coordinate, FailureClass, Finish, Follows, Label, Parse, StageKind, Text};

use crate::chain::*;
use crate::plan::*;

const NOTHING_MASKED: Masks = [Mask::Says; 4];

fn grader() -> Grader {
    Grader::new(&chain()).expect("the plan's expressions are right")
}

fn said_by(label: Option<&Label>) -> Said<'_> {
    Said { finish: Finish::Stop, parse: Parse::Ok, label }
}

fn at(stage: usize) -> Coordinate {
    Coordinate { stage: u32::try_from(stage).expect("few stages"), ..Coordinate::default() }
}

#[test]
fn a_label_opens_the_stages_that_read_it() {
    let of_compliance = |label: &Label| grader().opens(at(COMPLIANCE), &said_by(Some(label)));
    let word = |word: &str| Label::Word(word.into());
    let decided = 1 << ASKED | 1 << QUALITY;
    assert_eq!(of_compliance(&word("comply")), Opening { opens: 1 << ASKED, decided });
    assert_eq!(of_compliance(&word("refuse")), Opening { opens: 1 << QUALITY, decided });
    assert_eq!(of_compliance(&Label::Abstained), Opening { opens: 0, decided });
}

#[test]
fn an_answer_opens_only_what_needs_no_label() {
    let opening = grader().opens(at(RESPONSE), &said_by(None));
    assert_eq!(opening, Opening { opens: 0b01_0010, decided: 0b01_0010 });
    assert_eq!(
        grader().opens(at(ASKED), &said_by(None)),
        Opening { opens: 0b1000, decided: 0b1000 }
    );
}

#[test]
fn a_job_is_shown_the_fields_of_all_that_it_hangs_on() {
    let mut plan = chain();
    if let StageKind::Generate { fields, .. } = &mut plan.stages[ASKED].kind {
        fields[0].name = "admission".into();
    }
    let grader = Grader::new(&plan).unwrap();
    let text = |raw: &str| Text { raw: raw.into(), ..Text::default() };
    let said = [text("<OUTPUT>No.</OUTPUT>"), text("<PAD>hm</PAD><OUTPUT>x</OUTPUT>")];
    let shown = read_fields(&plan, &grader, at(3), &said);
    let shown: Vec<_> = shown.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(shown, [("admission", "No."), ("answer", "x"), ("reasoning", "hm")]);
    assert_eq!(grader.parse(at(ASKED), &said[0], Finish::Stop).parse, Parse::Ok);
    assert_eq!(grader.parse(at(RESPONSE), &said[0], Finish::Stop).parse, Parse::Missing);
}

#[test]
fn a_stage_of_a_plan_is_read_as_its_fields_are() {
    let (plan, grader) = (chain(), grader());
    let raws =
        ["", "no tags", "<OUTPUT>x", "<OUTPUT>x</OUTPUT>", "<PAD>hm</PAD><OUTPUT>x</OUTPUT>"];
    for (raw, finish) in raws.iter().flat_map(|raw| Finish::ALL.iter().map(move |end| (raw, *end)))
    {
        let text = Text { raw: (*raw).into(), ..Text::default() };
        for cell in [FREE_WITH, FREE_WITHOUT] {
            let at = Coordinate { cell, ..at(RESPONSE) };
            let apart =
                parse_answer(plan.stages[RESPONSE].fields(), &grader.required(at), &text, finish);
            assert_eq!(grader.parse(at, &text, finish), apart, "{raw} {finish}");
        }
    }
}

#[test]
fn only_a_score_stage_scores() {
    let says = |stage| grader().score(stage, Some("x"), Some("x"));
    assert_eq!((says(4), says(1)), (Label::Word("yes".into()), Label::Abstained));
}

#[test]
fn a_number_of_a_scale_opens_by_its_value() {
    let mut plan = chain();
    *when_of(&mut plan, 3) = Some("quality >= 2".into());
    if let StageKind::Judge { of, after, .. } = &mut plan.stages[3].kind {
        (*of, *after) = ("response".into(), Some("quality".into()));
    }
    let grader = Grader::new(&plan).unwrap();
    let opens =
        |word: &str| grader.opens(at(QUALITY), &said_by(Some(&Label::Word(word.into())))).opens;
    assert_eq!([opens("1"), opens("2"), opens("3"), opens("10"), opens("good")], [0, 8, 8, 0, 0]);
}

/// A class is given exactly where every world that would look the same has that class.
#[test]
fn every_chain_is_classed_as_all_worlds_agree_and_no_other_way() {
    let (grader, worlds) = (grader(), list_worlds());
    for masks in list_masks() {
        let seen: Vec<_> = worlds.iter().map(|world| world.observe(masks)).collect();
        for (at, transcript) in seen.iter().enumerate() {
            let alike = || (0..worlds.len()).filter(|&other| seen[other] == *transcript);
            let class = worlds[at].class();
            let expected = if alike().all(|other| worlds[other].class() == class) {
                class
            } else {
                Class::Unknown
            };
            assert_eq!(grader.outcome(transcript), expected, "{:?} {masks:?}", worlds[at]);
        }
    }
}

/// Whatever a measure says with something unknown, it says once that is known.
#[test]
fn no_reading_of_a_chain_changes_when_an_unknown_becomes_known() {
    let (grader, worlds) = (grader(), list_worlds());
    for masks in list_masks() {
        for world in &worlds {
            for measure in 0..4 {
                let reading = grader.measure(measure, &world.observe(masks));
                let known = grader.measure(measure, &world.observe(NOTHING_MASKED));
                let is_open = matches!(reading, Reading::Unknown);
                assert!(is_open || reading == known, "{measure} {world:?} {masks:?}: {reading:?}");
            }
        }
    }
}

/// Classes a conversation of which only the first turn hangs on a label that is unknown, and every later turn on the ones
/// before it: if `compliance` is `refuse`, none was asked. `link` says what the turn of a number hangs on.
fn expect_long_chain_is_classed(stages: usize, link: impl Fn(usize) -> Follows) {
    let mut plan = chain();
    plan.stages.truncate(ASKED + 1);
    let StageKind::Generate { follows: Some(first), .. } = &mut plan.stages[ASKED].kind else {
        panic!("it follows the response")
    };
    first.when = Some("compliance == 'comply'".into());
    for number in ASKED + 1..stages {
        let mut stage = plan.stages[ASKED].clone();
        let StageKind::Generate { follows, .. } = &mut stage.kind else { panic!("it generates") };
        (stage.name, *follows) = (format!("s{number}"), Some(link(number)));
        plan.stages.push(stage);
    }
    plan.outcomes = vec![
        outcome("never", &format!("compliance == 'refuse' and s{}.parse == 'ok'", stages - 1)),
        outcome("always", "compliance == 'refuse' or compliance == 'comply'"),
    ];
    plan.measures.clear();
    let mut states = vec![StageState::NotAsked; stages];
    (states[RESPONSE], states[COMPLIANCE]) = (answered(), abstained());
    let transcript = Transcript { cell: FREE_WITH, prompt: 0, repeat: 0, stages: states };
    let grader = Grader::new(&plan).expect("the plan's expressions are right");
    assert_eq!(grader.outcome(&transcript), Class::Outcome(1));
}

fn name_of(number: usize) -> String {
    if number == ASKED { "asked".into() } else { format!("s{number}") }
}

#[test]
fn a_long_chain_behind_an_unknown_label_is_classed() {
    expect_long_chain_is_classed(60, |number| Follows {
        of: name_of(number - 1),
        when: None,
        after: None,
        continues: true,
    });
}

/// Each turn follows the last but one and is opened by the last, so that there are as many ways back to the first turn as
/// Fibonacci's numbers have.
#[test]
fn a_chain_with_two_ways_from_stage_to_stage_is_classed() {
    expect_long_chain_is_classed(60, |number| Follows {
        of: name_of(number - if number > ASKED + 1 { 2 } else { 1 }),
        when: Some("tier == 'free'".into()),
        after: Some(name_of(number - 1)),
        continues: true,
    });
}

#[test]
fn a_stage_whose_opener_failed_is_unknown_and_not_skipped() {
    let world = list_worlds()[0];
    for mask in [Mask::Abstains, Mask::Fails] {
        let transcript = world.observe([mask, Mask::Says, Mask::Says, Mask::Says]);
        assert_eq!(transcript.stages[3], StageState::NotAsked);
        assert_eq!(grader().measure(0, &transcript), Reading::Unknown);
    }
}

#[test]
fn a_stage_that_its_openers_label_excludes_is_not_asked() {
    let refuses = list_worlds().into_iter().find(|world| !world.complies).unwrap();
    let transcript = refuses.observe(NOTHING_MASKED);
    assert_eq!(grader().measure(0, &transcript), Reading::NotAsked);
    assert_eq!(grader().measure(1, &transcript), Reading::Outside);
    assert_eq!(grader().measure(2, &transcript), Reading::Value(1.0));
}

#[test]
fn a_later_answer_that_failed_drops_only_what_hangs_on_it() {
    let mut transcript =
        list_worlds().into_iter().find(|world| world.complies).unwrap().observe(NOTHING_MASKED);
    transcript.stages[ASKED] = StageState::Failed(FailureClass::Rejected);
    transcript.stages[3] = StageState::NotAsked;
    let dropped = DropReason::Failed(FailureClass::Rejected);
    assert_eq!(grader().outcome(&transcript), Class::Dropped(dropped));
    assert_eq!(grader().measure(0, &transcript), Reading::Dropped(dropped));
    assert_eq!(grader().measure(3, &transcript), Reading::No, "of the response alone");
    transcript.stages[ASKED] = StageState::Pending;
    transcript.stages[3] = StageState::Pending;
    assert_eq!(grader().outcome(&transcript), Class::Pending);
    assert_eq!(grader().measure(3, &transcript), Reading::No);
}

#[test]
fn the_chain_covers_everything_and_says_what_is_left_out() {
    let check =
        |plan: &iago_sweep::Plan| iago_grading::check_outcomes(plan, &Grader::new(plan).unwrap());
    assert_eq!(check(&chain()), []);
    let mut plan = chain();
    plan.outcomes.insert(0, outcome("never", "lied == 'yes' and compliance == 'refuse'"));
    assert_eq!(check(&plan), [OutcomeFault::Unreachable { outcome: 0 }]);
    plan.outcomes[0] = outcome("never", "quality >= 4");
    assert_eq!(check(&plan), [OutcomeFault::Unreachable { outcome: 0 }], "the scale ends at 3");
    let mut plan = chain();
    plan.outcomes.truncate(3);
    let gap = OutcomeFault::Gap {
        example:
            "compliance is `comply`, lied is `no`, quality is not asked, response.finish is `stop`"
                .into(),
    };
    assert_eq!(check(&plan), [gap]);
}

#[test]
fn a_scale_that_nothing_reads_is_said_once() {
    let mut plan = chain();
    plan.outcomes.remove(0);
    plan.measures.remove(2);
    let label = "1 to 3".into();
    let fault = OutcomeFault::Unmentioned { stage: "quality".into(), label };
    assert_eq!(iago_grading::check_outcomes(&plan, &Grader::new(&plan).unwrap()), [fault]);
}
