//! What becomes of the answers when a stage is edited.

use iago_sweep::*;

use crate::changes::{COMPLY, DRAFT};
use crate::edit::{
    again, another_stage, fields, follows, going_on, helper, judged, labels, matching, messages,
    only, program, question, resampled, scored, scorer,
};
use crate::plan::{plan, tag, user};
use crate::table::{Comes, Different, Extended, Reanalysed, check};

const REPLY: Comes = Different("stage `reply` asks something else");
const ADMIT: Comes = Different("stage `admit` asks something else");
const CHAT: Comes = Different("stage `chat` asks something else");

#[test]
fn edits_of_generate_stages() {
    check(&[
        ("a template", |it| messages(it, "reply")[1].template.push('!'), REPLY),
        ("a role", |it| messages(it, "reply")[1].role = Role::Assistant, REPLY),
        ("which are sent", |it| messages(it, "reply")[0].when = None, REPLY),
        ("one more message", |it| messages(it, "reply").push(user("And?")), REPLY),
        ("the helper", |it| *helper(it, "draft") = None, DRAFT),
        ("what it follows", |it| follows(it).of = "chat".into(), ADMIT),
        ("which it follows", |it| follows(it).when = None, ADMIT),
        ("what it waits for", |it| follows(it).after = None, ADMIT),
        ("what comes before it", |it| follows(it).continues = false, ADMIT),
        ("goes on at most", |it| *again(it, "chat") = going_on(4, "Use <OUT> tags."), CHAT),
        ("what it is told", |it| *again(it, "chat") = going_on(3, "Use tags."), CHAT),
        ("going on at all", |it| *again(it, "chat") = None, CHAT),
        ("tries at most", |it| *again(it, "draft") = resampled(5, "valid"), DRAFT),
        ("until when", |it| *again(it, "draft") = resampled(4, "right"), DRAFT),
        ("what ends it", |it| *scorer(it, "valid") = matching("body"), DRAFT),
        ("a new stage", |it| it.stages.push(another_stage()), Extended("stage `more`")),
        (
            "one less",
            |it| it.stages.retain(|stage| stage.name != "sure"),
            Different("stage `sure` is no longer asked"),
        ),
    ]);
}

#[test]
fn edits_of_fields() {
    check(&[
        (
            "of nobody's interest",
            |it| fields(it, "reply")[0] = tag("pad"),
            Reanalysed(&["reply", "right"]),
        ),
        ("gone", |it| drop(fields(it, "reply").remove(0)), Reanalysed(&["reply", "right"])),
        (
            "of nobody's interest, in a last stage",
            |it| fields(it, "admit").push(tag("x")),
            Reanalysed(&["admit"]),
        ),
        ("that others are shown", |it| fields(it, "reply")[1].take = Take::Last, ADMIT),
        (
            "that others are shown, from elsewhere",
            |it| fields(it, "reply")[1].source = Source::Whole,
            ADMIT,
        ),
        (
            "that others are shown, cut",
            |it| fields(it, "reply")[1].outside = Some("X".into()),
            ADMIT,
        ),
        (
            "that a judge of a later stage sees",
            |it| fields(it, "admit")[0].repeated = true,
            Different("stage `sure` asks something else"),
        ),
        ("that it goes on for", |it| fields(it, "chat")[0].required = Required::Never, CHAT),
        ("that ends asking anew", |it| fields(it, "draft")[0].take = Take::Last, DRAFT),
    ]);
}

/// Each one who sees a field is enough.
#[test]
fn whoever_is_shown_a_field_is_asked_something_else_with_another_one() {
    for (stages, expected) in [
        (vec!["reply", "comply"], Some("comply")),
        (vec!["reply", "faking"], Some("faking")),
        (vec!["reply", "gauge"], Some("gauge")),
        (vec!["reply", "admit"], Some("admit")),
        (vec!["reply", "right"], None),
        (vec!["reply"], None),
    ] {
        let mut old = plan();
        only(&mut old, &stages);
        let mut new = old.clone();
        fields(&mut new, "reply")[1].source = Source::Regex("a".into());
        match expected {
            Some(stage) => {
                let what = format!("stage `{stage}` asks something else");
                assert_eq!(relation(&old, &new), Relation::Different(what));
            }
            None => {
                assert_eq!(relation(&old, &new), Relation::Reanalysed, "{stages:?}");
                assert_eq!(rereads(&old, &new), stages);
            }
        }
    }
}

const FAKING: Comes = Different("stage `faking` asks something else");

#[test]
fn edits_of_judge_stages() {
    check(&[
        ("of", |it| *judged(it).of = "chat".into(), FAKING),
        ("judge", |it| *judged(it).judge = "helper".into(), FAKING),
        ("when", |it| *judged(it).when = None, FAKING),
        ("after", |it| *judged(it).after = None, FAKING),
        ("sees", |it| judged(it).sees.push("question".into()), FAKING),
        ("text", |it| judged(it).text.push('!'), FAKING),
        ("a criterion", |it| judged(it).criteria[0].ask.push('!'), FAKING),
        ("the rule", |it| *judged(it).rule = "plans or doubts".into(), Reanalysed(&["faking"])),
        ("votes", |it| judged(it).votes.count = 6, FAKING),
        ("quorum", |it| judged(it).votes.quorum = 2, Reanalysed(&[])),
        ("threshold", |it| judged(it).votes.threshold = 0.8, Reanalysed(&[])),
        ("labels", |it| *question(it, "comply") = labels(&["comply", "deny"]), COMPLY),
        ("their order", |it| *question(it, "comply") = labels(&["refuse", "comply"]), COMPLY),
        (
            "words that become numbers",
            |it| *question(it, "comply") = Question::Scale(vec!["comply".into(), "refuse".into()]),
            Reanalysed(&["comply"]),
        ),
    ]);
}

const GAUGE: Comes = Different("stage `gauge` asks something else");
const RIGHT: Comes = Different("stage `right` asks something else");

#[test]
fn edits_of_score_stages() {
    check(&[
        ("the scorer", |it| *scorer(it, "right") = matching("answer"), Reanalysed(&["right"])),
        ("its field", |it| *scorer(it, "right") = matching("draftpad"), Reanalysed(&["right"])),
        ("of", |it| *scored(it, "right").of = "chat".into(), RIGHT),
        ("when", |it| *scored(it, "right").when = Some("tier == 'free'".into()), RIGHT),
        ("after", |it| *scored(it, "right").after = Some("comply".into()), RIGHT),
        (
            "another program",
            |it| *scorer(it, "gauge") = program("meter", "answer", Says::Number),
            GAUGE,
        ),
        (
            "what it sees",
            |it| *scorer(it, "gauge") = program("gauge", "question", Says::Number),
            GAUGE,
        ),
        (
            "what it says",
            |it| *scorer(it, "gauge") = program("gauge", "answer", Says::Number),
            GAUGE,
        ),
        (
            "a program in place of code",
            |it| *scorer(it, "right") = program("gauge", "answer", Says::Number),
            RIGHT,
        ),
        ("code in place of a program", |it| *scorer(it, "gauge") = matching("answer"), GAUGE),
    ]);
}

/// Whatever is edited at once, the strongest word counts; and what is read anew is told beside it.
#[test]
fn an_extension_may_read_anew_as_well() {
    let (old, mut new) = (plan(), plan());
    new.repeats = 4;
    *scorer(&mut new, "right") = matching("answer");
    assert_eq!(relation(&old, &new), Relation::Extended(vec!["repeats 3 to 4".into()]));
    assert_eq!(rereads(&old, &new), ["right"]);
}
