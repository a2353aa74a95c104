//! How stages hang together.

use iago_sweep::{Again, Field, Follows, Plan, Question, Rating, Source, StageKind, Take};
use iago_sweep_file::{SweepFile, warnings};

use crate::faults::check_edits;
use crate::fixture::Fixture;
use crate::pipeline::pipeline;

fn find<'p>(plan: &'p Plan, name: &str) -> &'p StageKind {
    &plan.stages.iter().find(|stage| stage.name == name).expect("the stage is there").kind
}

#[test]
fn a_stage_stands_behind_all_that_it_waits_for() {
    let plan = pipeline().plan();
    let names: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "reworded",
            "first_word",
            "asked_after",
            "kept",
            "response",
            "correct",
            "complies",
            "harm",
            "checked",
        ]
    );
    for (number, stage) in (0..).zip(&plan.stages) {
        assert!(plan.opener_of(number).is_none_or(|opener| opener < number), "{}", stage.name);
        assert!(plan.parent_of(number).is_none_or(|parent| parent < number), "{}", stage.name);
    }
}

#[test]
fn a_label_that_when_reads_is_waited_for() {
    let plan = pipeline().plan();
    let StageKind::Generate { follows, again, .. } = find(&plan, "response") else {
        panic!("generate")
    };
    let (of, when) = ("reworded".to_owned(), Some("kept == 'yes'".to_owned()));
    let after = Some("kept".to_owned());
    assert_eq!(*follows, Some(Follows { of, when, after, continues: false }));
    let message = "Answer inside <OUT>.".to_owned();
    assert_eq!(*again, Some(Again::Continue { turns_max: 3, message }));
    let StageKind::Judge { after, question, .. } = find(&plan, "harm") else { panic!("judge") };
    assert_eq!(after.as_deref(), Some("complies"));
    assert_eq!(*question, Question::Scale(["1", "2", "3"].map(str::to_owned).into()));
    let finish =
        pipeline().edit("complies == 'comply'\"\nsees", "complies.finish == 'stop'\"\nsees");
    let plan = finish.plan();
    let StageKind::Judge { after, .. } = find(&plan, "harm") else { panic!("judge") };
    assert_eq!(after.as_deref(), Some("complies"));
}

#[test]
fn a_helper_is_asked_until_a_score_says_yes() {
    let plan = pipeline().plan();
    let StageKind::Generate { helper, again, .. } = find(&plan, "reworded") else {
        panic!("generate")
    };
    assert_eq!(helper.as_deref(), Some("rewriter"));
    assert_eq!(*again, Some(Again::Resample { tries_max: 4, until: "kept".to_owned() }));
}

#[test]
fn fields_come_from_tags_patterns_the_whole_reply_and_the_reasoning() {
    let plan = pipeline().plan();
    let fields = |stage: &str| -> Vec<(String, Source, Take)> {
        let StageKind::Generate { fields, .. } = find(&plan, stage) else { panic!("generate") };
        let tell = |field: &Field| (field.name.clone(), field.source.clone(), field.take);
        fields.iter().map(tell).collect()
    };
    let (tag, regex) = (Source::Tag("OUT".into()), Source::Regex("([0-9]+)".into()));
    assert_eq!(
        fields("response"),
        [
            ("answer".into(), tag, Take::First),
            ("figure".into(), regex, Take::Last),
            ("thought".into(), Source::Reasoning, Take::First),
        ]
    );
    assert_eq!(fields("reworded"), [("wording".into(), Source::Whole, Take::First)]);
}

/// What is warned of that a stage has to see.
fn needs(fixture: &Fixture) -> String {
    let warnings = warnings(&fixture.plan()).into_iter();
    warnings.filter(|line| line.contains("has to see")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_stage_that_needs_what_an_answer_may_lack_is_warned_of() {
    let helper = pipeline().edit("whole = true", "whole = true, required = false");
    insta::assert_snapshot!(needs(&helper), @r#"
    stage `response` has to see `wording`, which answers may lack: those fail to be asked; require the field, or give the stage a `when`
    score stage `checked` has to see `confession`, which answers may lack: those fail to be scored; require the field, or give the stage a `when`
    "#);
    // The message shows the field of the answer before, and the judge that of the one before that.
    let judge = helper
        .edit("sees = [\"request\", \"answer\"]", "sees = [\"wording\", \"answer\"]")
        .edit("Q: {{ request }}", "Q: {{ wording }}");
    insta::assert_snapshot!(needs(&judge), @r#"
    stage `response` has to see `wording`, which answers may lack: those fail to be asked; require the field, or give the stage a `when`
    judge stage `complies` has to see `wording`, which answers may lack: those fail to be judged; require the field, or give the stage a `when`
    score stage `checked` has to see `confession`, which answers may lack: those fail to be scored; require the field, or give the stage a `when`
    "#);
    let required = pipeline().edit("tag = \"SAY\", required = false", "tag = \"SAY\"");
    assert_eq!(needs(&required), "");
}

#[test]
fn labels_are_no_more_than_a_report_can_tell_apart() {
    let labels = |first: &str, count: usize| {
        let more = (2..count).map(|number| format!(", \"l{number}\""));
        format!("labels = [{first}{}]", more.collect::<String>())
    };
    for first in ["\"comply\", \"refuse\"", "\"lie\", \"truth\""] {
        let asked = |count: usize| {
            pipeline().edit(&format!("labels = [{first}]"), &labels(first, count)).faults()
        };
        assert!(!asked(254).contains("is the limit"), "{}", asked(254));
        let many = asked(255);
        let limit = "has 255 labels, and 254 is the limit; take fewer, or ask in two stages";
        assert!(many.ends_with(limit) && many.lines().count() == 1, "{many}");
    }
}

#[test]
fn faults_of_stages() {
    check_edits(&pipeline(), include_str!("faults/stages.txt"));
}

#[test]
fn stages_that_wait_for_each_other_are_told_once() {
    let circle = pipeline()
        .edit("of = \"reworded\"\nwhen = \"kept == 'yes'\"", "of = \"asked_after\"")
        .edit("of = \"first_word\"\ncontinues = true", "of = \"response\"");
    insta::assert_snapshot!(circle.faults(), @"52: stages.response.of: `response` and `asked_after` wait for each other; one of them has to come first");
    let own = Fixture::new().edit("[stages.response]\n", "[stages.response]\nof = \"response\"\n");
    insta::assert_snapshot!(own.faults(), @"44: stages.response.of: `response` waits for itself; name a stage that comes before it");
}

#[test]
fn gold_labels_are_read_line_by_line() {
    let plan = pipeline().plan();
    let [gold] = plan.gold.as_slice() else { panic!("one gold set") };
    assert_eq!((gold.stage.as_str(), gold.min_per_class, gold.anchors), ("complies", 5, true));
    assert_eq!(gold.labels, iago_sweep::Digest::of(&pipeline().texts["gold.jsonl"]));
    let rated = |prompt: &str, condition: &str, repeat, label: &str, rater: &str| Rating {
        prompt: prompt.to_owned(),
        model: "start".to_owned(),
        condition: condition.to_owned(),
        repeat,
        rater: rater.to_owned(),
        label: label.to_owned(),
        request: None,
    };
    let ratings = [rated("p1", "free", 0, "comply", "a"), rated("p1", "paid", 1, "refuse", "b")];
    assert_eq!(gold.ratings, ratings);
    let line = pipeline().texts["gold.jsonl"].lines().next().expect("two lines").to_owned();
    let with = |text: &str| pipeline().text("gold.jsonl", text).faults();
    let faults = [
        with("\n"),
        with(&format!("{line}\n\n{{")),
        with(&line.replace("\"rater\"", "\"by\"")),
        with(&line.replace("\"p1\"", "1")),
        with(&line.replace(": 0", ": \"0\"")),
        with(&line.replace("\"comply\"", "\"complies\"")),
        with(&line.replace("\"p1\"", "\"p9\"")),
        with(&line.replace("\"start\"", "\"strat\"")),
        with(&line.replace("\"free\"", "\"fre\"")),
        with(&line.replace(": 0", ": 2")),
        with(&line.replace(": 0", ": -1")),
        with(&line.replace(": 0", ": 4294967296")),
        with(&format!("{line}\n{}\n{line}", line.replace("\"a\"", "\"b\""))),
    ];
    insta::assert_snapshot!(faults.join("\n"), @r#"
    76: stages.complies.gold.path: `gold.jsonl` has no labels; give it some, or take [gold] out
    76: stages.complies.gold.path: line 3 of `gold.jsonl` is no JSON object; write one on each line
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has no `rater`; each line has prompt, condition, model, repeat, label, rater
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has a `prompt` that is no text; write it in quotes
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has a `repeat` that is no whole number; the first is 0
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has the label `complies`, which the judge cannot say; the labels here are: `comply`, `refuse`
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has the prompt `p9`, which is not in the prompt set; correct it, or take the line out
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has the model `strat`, which is not in the sweep; did you mean `start`?
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has the condition `fre`, which is not in the sweep; did you mean `free`?
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has the repeat 2, and they go from 0 to 1; correct it
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has a `repeat` that is no whole number; the first is 0
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has the repeat 4294967296, which no sweep comes to; correct it
    76: stages.complies.gold.path: line 3 of `gold.jsonl` has a label of `a` for the transcript of line 1; keep one
    "#);
}

#[test]
fn gold_labels_say_what_they_are_of() {
    let line = pipeline().texts["gold.jsonl"].lines().next().expect("two lines").to_owned();
    let name = pipeline().plan().name;
    let with = |more: &str| {
        let line = line.replacen('{', &format!("{{{more}, "), 1);
        pipeline().text("gold.jsonl", &format!("\u{feff}{line}\n"))
    };
    let digest = iago_sweep::Digest::of("asked");
    let of_this = format!(r#""sweep": "{name}", "stage": "complies", "request": "{digest}""#);
    assert_eq!(with(&of_this).plan().gold[0].ratings[0].request, Some(digest));
    let faults = [
        with(r#""stage": "checked""#).faults(),
        with(r#""stage": 1"#).faults(),
        with(r#""sweep": "another""#).faults(),
        with(r#""request": "12""#).faults(),
    ];
    insta::assert_snapshot!(faults.join("\n"), @r"
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has a label of stage `checked`, and this is the gold of `complies`; give each its own file
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has a `stage` that is no text; write it in quotes
    76: stages.complies.gold.path: line 1 of `gold.jsonl` is of the sweep `another`, and this is `pipeline`; take the labels that were drawn from it
    76: stages.complies.gold.path: line 1 of `gold.jsonl` has the request `12`, which is no hash; take it as it was drawn
    ");
}

#[test]
fn a_pilot_may_leave_labelled_prompts_out() {
    let Fixture { file, mut texts, prompts } = pipeline();
    let of_the_second = texts["gold.jsonl"].replace("\"p1\"", "\"p2\"");
    texts.insert("gold.jsonl".to_owned(), of_the_second);
    let file = SweepFile::parse("x.toml", &file).expect("it is sound");
    let pilot = file.compile_pilot(&texts, &prompts, Some(1));
    assert_eq!(pilot.map(|plan| plan.prompts.len()), Ok(1));
}
