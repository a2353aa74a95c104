//! Scores: what code said of an answer.

use iago_report::{Estimate, Material, Report, build};
use iago_sweep::{
    Better, Coordinate, Counts, EditedText, Expected, Gate, Generalise, Label, Margin, Measure,
    Normalise, Outcome, Plan, ResultFact, Says, Scorer, Stage, StageKind, Tier,
};

use crate::made_up::{answer, context, plan, rate};

fn score(name: &str, scorer: Scorer) -> Stage {
    let kind = StageKind::Score { of: "response".into(), when: None, after: None, scorer };
    Stage { name: name.into(), kind }
}

/// Four prompts in one cell, scored by code and by a program that says a number.
fn benchmark() -> Plan {
    let mut plan = plan(&["alpha"], 4, 1);
    plan.cells.truncate(1);
    plan.judges.clear();
    plan.stages.truncate(1);
    let exact = Expected {
        field: "answer".into(),
        text: "{{ expected }}".into(),
        normalise: vec![Normalise::Trim],
    };
    plan.stages.push(score("correct", Scorer::Exact(exact)));
    plan.stages.push(score(
        "style",
        Scorer::External {
            program: "style".into(),
            sees: vec!["answer".into()],
            says: Says::Number,
        },
    ));
    let outcome =
        |name: &str, when: &str| Outcome { name: name.into(), when: when.into(), style: None };
    plan.outcomes = vec![outcome("right", "correct == 'yes'"), outcome("wrong", "correct == 'no'")];
    let style = Measure { counts: Counts::Mean("style".into()), ..rate("style of it", "") };
    plan.measures = vec![rate("accuracy", "correct == 'yes'"), style];
    plan.contrasts.clear();
    plan
}

fn report(plan: &Plan) -> Report {
    let mut material = Material::new(plan.clone()).expect("the plan is right");
    let scored = [(Some("yes"), "0.25"), (Some("no"), "0.75"), (Some("yes"), "0.5"), (None, "0.5")];
    for (prompt, (correct, style)) in (0..).zip(scored) {
        let at = |stage| Coordinate { stage, prompt, ..Coordinate::default() };
        let label = |word: &str| Some(Label::Word(word.into()));
        material.result(&ResultFact { opens: 0b110, decided: 0b110, ..answer(plan, at(0)) });
        // No endpoint declares a score planted.
        let made =
            |stage| ResultFact { simulated: false, echoed_model: None, ..answer(plan, at(stage)) };
        let correct = correct.map_or(Some(Label::Abstained), label);
        material.result(&ResultFact { label: correct, ..made(1) });
        let version = Some(format!("v{}", 1 + prompt / 3));
        material.result(&ResultFact { label: label(style), echoed_model: version, ..made(2) });
    }
    build(&material, &context())
}

#[test]
fn scores_are_counted_like_labels_and_numbers_are_averaged() {
    let report = report(&benchmark());
    let cell = &report.cells[0];
    assert_eq!((cell.n, cell.unknown), (3, 1));
    let lacking = &cell.abstained[0];
    assert_eq!((lacking.stage.as_str(), lacking.score, lacking.abstained), ("correct", true, 1));
    let Estimate::Mean(style) = &cell.measures[1].estimate else { panic!("{cell:?}") };
    assert_eq!((style.value, style.of, style.missing), (0.5, 4, 0));
    let text = report.terminal(100, false);
    assert!(text.contains("score unknown") && !text.contains("judge abstained"), "{text}");
    assert!(report.instrument.checks.contains(&"score unknown 1".to_owned()));
}

#[test]
fn a_score_is_as_planted_as_what_it_scores() {
    let report = report(&benchmark());
    assert!(report.terminal(80, false).starts_with("SIMULATED  "));
    assert_eq!((report.simulated.results, report.simulated.of), (4, 4));
}

#[test]
fn a_program_of_two_versions_is_no_working_instrument() {
    let report = report(&benchmark());
    let problem = "style answered under 2 versions of its program: v1, v2".to_owned();
    assert!(report.instrument.problems.contains(&problem), "{:?}", report.instrument);
    let html = report.html();
    assert!(html.contains("<b>style</b>") && html.contains("<code>v1</code> x 3"), "{html}");
    assert!(html.contains("{{ expected }} (both in trim)"), "{html}");
}

#[test]
fn what_else_a_reader_must_know_stands_in_the_definitions() {
    let mut plan = benchmark();
    plan.generalise = Generalise::Suite;
    plan.gates = vec![Gate {
        measure: "accuracy".into(),
        better: Better::Higher,
        margin: Margin::Relative(0.2),
        tier: Tier::Critical,
    }];
    plan.texts = vec![EditedText {
        name: "terse".into(),
        of: "base".into(),
        diff: "--- base\n+++ terse\n-Explain <b>each</b> step.\n\u{1b}[2J+\tBe brief.".into(),
    }];
    let html = report(&plan).html();
    for said in [
        "about these prompts and no others",
        "20.0% of the baseline",
        "judged by a nightly",
        "--- base\n+++ terse\n-Explain &lt;b&gt;each&lt;/b&gt; step.\n[2J+    Be brief.</pre>",
    ] {
        assert!(html.contains(said), "{said} is not in {html}");
    }
}
