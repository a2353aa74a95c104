//! Nights whose sweep is not what it was: whatever was taken out of it, nothing passes for it.

use iago_nightly::{Cause, Morning, RunEnd, Settle, Word};
use iago_store::{Kind, Nights, Store};
use iago_sweep::{Plan, StageKind, SweepId};

use super::house::{House, USUAL, Who, edited, mostly_good, new_sweep, plan, subject};
use super::words::Told;
use crate::night::assess;

/// A night with this plan, of which the answers are as good as those of a baseline with that one.
async fn between(then: Plan, tonight: Plan) -> Morning {
    let (then, tonight) = ((then, mostly_good as _, USUAL), (tonight, mostly_good as _, USUAL));
    Told { then, tonight, ..Told::default() }.come_to(|_| {}).await.morning
}

#[tokio::test]
async fn a_judge_that_is_asked_about_less_is_not_as_it_was_though_it_says_the_same() {
    let mut narrowed = plan();
    if let StageKind::Judge { when, .. } = &mut narrowed.stages[1].kind {
        *when = Some("request != 'request 10'".to_owned());
    }
    let morning = between(plan(), narrowed.clone()).await;
    assert_eq!(morning.word, Word::Inconclusive);
    let why = morning.why.expect("it says why");
    assert!(why.contains("`quality` grades in another way"), "{why}");
    assert_eq!(between(narrowed.clone(), narrowed).await.word, Word::Pass);
}

#[tokio::test]
async fn a_judge_with_another_id_that_does_not_judge_the_baseline_again_settles_nothing() {
    let once = || edited("rejudge_baseline = true", "rejudge_baseline = false");
    let mut other = once();
    other.judges[0].id = "another".to_owned();
    assert_eq!(between(once(), other).await.word, Word::Inconclusive);
    assert_eq!(between(once(), once()).await.word, Word::Pass);
}

#[tokio::test]
async fn a_cell_that_is_not_asked_any_more_stays_open() {
    let wider =
        edited("[models.m]\nid = \"m\"\n", "[models.m]\nid = \"m\"\n[models.n]\nid = \"n\"\n");
    let morning = between(wider, plan()).await;
    assert_eq!(morning.word, Word::Inconclusive);
    assert!(morning.why.expect("it says why").contains("only the baseline has `n` under `only`"));
    let gates = morning.verdict.expect("it has gates").gates;
    assert_eq!((gates[0].word, gates[1].word), (Word::Pass, Word::Inconclusive));
    assert_eq!((gates[1].model.as_str(), &gates[1].settle), ("n", &Some(Settle::PairedPrompts)));
}

#[tokio::test]
async fn a_critical_gate_that_is_gone_is_named() {
    let more = "[[gates]]\nmeasure = \"output\"\nbetter = \"lower\"\nmargin = 5\ntier = \"critical\"\n[gating]\n";
    let why = between(edited("[gating]\n", more), plan()).await.why.expect("it says why");
    assert!(why.contains("a critical gate on `output`"), "{why}");
    assert_eq!(between(plan(), plan()).await.why, None);
}

#[tokio::test]
async fn a_column_that_is_named_at_the_beginning_of_a_line_is_a_part_of_its_prompt() {
    let about = |topic: &str| {
        let mut plan = plan();
        if let StageKind::Judge { text, .. } = &mut plan.stages[1].kind {
            text.push_str("\ntopic");
        }
        plan.prompts[3].notes.insert("topic".to_owned(), topic.to_owned());
        plan.prompts[3].notes.insert("ntopic".to_owned(), format!("unread {topic}"));
        plan
    };
    assert_eq!(between(about("one"), about("two")).await.word, Word::UnreliableBaseline);
    let mut unread = about("one");
    unread.prompts[3].notes.insert("ntopic".to_owned(), "another".to_owned());
    assert_eq!(between(about("one"), unread).await.word, Word::Pass);
}

#[tokio::test]
async fn a_sweep_is_never_compared_with_itself() {
    let assessed = Told::default().come_to(|of| {
        let with = of.comparison.as_mut().expect("it is compared");
        with.of = of.sweep;
    });
    let assessed = assessed.await;
    assert!(assessed.step.is_none());
    assert_eq!((assessed.morning.word, assessed.morning.against), (Word::Inconclusive, None));
}

/// The model is asked what a helper made of the request; nothing is judged again.
fn helped() -> Plan {
    let mut plan = edited(
        "[stages.reply]\nkind = \"generate\"\nmessages = [{ role = \"user\", template = \"{{ request }}\" }]\n",
        r#"[stages.reworded]
kind = "generate"
model = "h"
messages = [{ role = "user", template = "Say it in other words: {{ request }}" }]
fields = { wording = { whole = true } }
[stages.reply]
kind = "generate"
of = "reworded"
messages = [{ role = "user", template = "{{ wording }}" }]
[judges.h]
id = "h"
endpoint = "lab"
max_output_tokens = 16
"#,
    );
    let gating = plan.gating.as_mut().expect("it has gates");
    gating.rejudge_baseline = false;
    plan
}

async fn answered(house: &House, who: Who) -> SweepId {
    let plan = helped();
    let new = new_sweep(&plan, Kind::Asked);
    let sweep = house.store.submit(house.term, new).await.expect("it is stored");
    for stage in 0..3 {
        house.answer(sweep, &plan, stage, &mostly_good, who).await;
    }
    house.end(sweep).await;
    sweep
}

#[tokio::test]
async fn a_helper_that_was_swapped_behind_its_name_is_a_changed_model() {
    for (helper, word) in [("h-1", Word::Pass), ("h-2", Word::ChangedModel)] {
        let house = House::new().await;
        let (then, plan) = (answered(&house, USUAL).await, helped());
        let tonight = answered(&house, Who { helper, ..USUAL }).await;
        house.compare((tonight, &plan), (then, &plan), mostly_good, USUAL).await;
        let with = house.store.comparisons(tonight).await.expect("the store answers");
        let mut subject = subject(tonight, with.into_iter().next());
        subject.end = RunEnd::Ended;
        let morning = assess(&*house.store, &subject).await.expect("it is judged").morning;
        assert_eq!(morning.word, word, "{:?}", morning.verdict);
        let causes = &morning.verdict.expect("it has gates").gates[0].causes;
        let named =
            causes.iter().any(|of| matches!(of, Cause::ChangedModel(of) if of.model == "h"));
        assert_eq!(named, word == Word::ChangedModel, "{causes:?}");
    }
}
