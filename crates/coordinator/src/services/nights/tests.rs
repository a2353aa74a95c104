//! Baselines and gates as people ask for them.

use std::sync::Arc;

use futures_util::TryStreamExt;
use iago_nightly::{Cause, Morning, Word};
use iago_protocol::wire::gate_part::Part;
use iago_protocol::wire::{BaselineRequest, BaselineSet, BaselineTold, FlipTold, GateRequest};
use iago_store::{Kind, NewBaseline, NewRevision, Nights, State, Store};
use iago_sweep::SweepId;
use jiff::Timestamp;
use tonic::{Code, Status};

use super::{baselines, gate};
use crate::night::tests::house::{
    House, PROMPTS, Transcript, USUAL, edited, mostly_good, new_sweep, plan,
};

fn worse(prompt: u32, repeat: u32) -> Transcript {
    if prompt % 10 == 1 + repeat % 2 { Transcript::Poor } else { far_worse(prompt, repeat) }
}

fn far_worse(prompt: u32, repeat: u32) -> Transcript {
    if prompt % 10 > 6 { Transcript::Poor } else { mostly_good(prompt, repeat) }
}

fn set(name: &str, sweep: SweepId) -> BaselineSet {
    BaselineSet { name: name.to_owned(), sweep: sweep.0, ..BaselineSet::default() }
}

async fn ask(
    house: &House,
    sweep: SweepId,
    baseline: &str,
) -> Result<(Morning, Vec<FlipTold>), Status> {
    let request = GateRequest { sweep: sweep.0, baseline: baseline.to_owned(), flips: 3 };
    let now = Timestamp::from_second(60).expect("it is in range");
    let parts: Vec<_> =
        gate::gate(Arc::clone(&house.store), request, now).await?.try_collect().await?;
    let mut parts = parts.into_iter().map(|part| part.part.expect("it is not empty"));
    let Some(Part::Morning(morning)) = parts.next() else { panic!("the morning comes first") };
    let flips = parts.map(|part| match part {
        Part::Flip(flip) => flip,
        Part::Morning(_) => panic!("there is one morning"),
    });
    Ok((serde_json::from_slice(&morning).expect("it is a morning"), flips.collect()))
}

/// A sweep, and one that was submitted against it.
async fn night(house: &House, says: fn(u32, u32) -> Transcript) -> (SweepId, SweepId) {
    let baseline = house.sweep(&plan(), mostly_good, USUAL).await;
    let sweep = house.sweep(&plan(), says, USUAL).await;
    house.compare((sweep, &plan()), (baseline, &plan()), mostly_good, USUAL).await;
    (baseline, sweep)
}

#[tokio::test]
async fn a_gate_asks_about_what_the_sweep_was_submitted_against() {
    let house = House::new().await;
    let (baseline, sweep) = night(&house, mostly_good).await;
    let (morning, flips) = ask(&house, sweep, "").await.expect("it is judged");
    assert_eq!((morning.word, flips.len()), (Word::Pass, 0));
    let against = morning.against.expect("it is compared");
    assert_eq!((against.name.as_str(), against.sweep, against.repeats), ("known", baseline, 2));
    let (morning, _) = ask(&house, sweep, "known").await.expect("by its name as well");
    assert_eq!(morning.word, Word::Pass);
}

#[tokio::test]
async fn the_worst_flips_come_with_what_was_said_then_and_tonight() {
    let house = House::new().await;
    let (_, sweep) = night(&house, worse).await;
    let (morning, flips) = ask(&house, sweep, "").await.expect("it is judged");
    assert_eq!(morning.word, Word::Regression);
    assert_eq!(flips.len(), 3);
    for flip in flips {
        let (then, now) = (flip.baseline.expect("then"), flip.tonight.expect("now"));
        assert_eq!((then.outcome.as_str(), now.outcome.as_str()), ("good", "poor"));
        assert_eq!((&then.prompt, &now.prompt), (&flip.prompt, &flip.prompt));
        assert!(now.said[0].text.as_ref().is_some_and(|text| text.raw.starts_with("the text of")));
        assert_eq!(now.said[0].sent.len(), 1, "with what was asked");
    }
}

#[tokio::test]
async fn a_sweep_without_a_baseline_says_how_to_name_one() {
    let house = House::new().await;
    let sweep = house.sweep(&plan(), mostly_good, USUAL).await;
    let refused = ask(&house, sweep, "").await.expect_err("nothing to compare with");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains("--baseline NAME"), "{}", refused.message());
    let refused = ask(&house, sweep, "nowhere").await.expect_err("no such baseline");
    assert_eq!(refused.code(), Code::NotFound);
    assert!(refused.message().contains("iago baseline set nowhere"), "{}", refused.message());
}

#[tokio::test]
async fn a_baseline_named_later_is_compared_with_and_its_judge_is_watched_by_nobody() {
    let house = House::new().await;
    let baseline = house.sweep(&plan(), mostly_good, USUAL).await;
    let sweep = house.sweep(&plan(), mostly_good, USUAL).await;
    baselines::set(&*house.store, set("late", baseline), "o").await.expect("it is done");
    let (morning, _) = ask(&house, sweep, "late").await.expect("it is judged");
    assert_eq!(morning.word, Word::Infrastructure);
    assert!(morning.why.expect("it says why").contains("--against late"));
    let gate = &morning.verdict.expect("it has gates").gates[0];
    assert!(matches!(gate.causes[..], [Cause::UnwatchedJudge { .. }]), "{:?}", gate.causes);
}

#[tokio::test]
async fn a_sweep_that_is_still_going_has_no_verdict() {
    let house = House::new().await;
    let (_, sweep) = night(&house, mostly_good).await;
    house.store.control(house.term, sweep, State::Running).await.expect("it is there");
    let (morning, _) = ask(&house, sweep, "").await.expect("it is judged");
    assert_eq!(morning.word, Word::Infrastructure);
}

#[tokio::test]
async fn a_baseline_is_pinned_as_it_stands_and_told_with_who_answered() {
    let house = House::new().await;
    let sweep = house.sweep(&plan(), mostly_good, USUAL).await;
    let told = baselines::set(&*house.store, set("known", sweep), "olga").await.expect("done");
    assert_eq!((told.sweep, told.revision, told.by.as_str()), (sweep.0, 0, "olga"));
    assert_eq!((told.repeats, told.results, told.state.as_str()), (2, 240, "done"));
    assert_eq!((told.models["m"].as_str(), told.models["j"].as_str()), ("m-1", "j-1"));
    assert_eq!(told.replaced, "");
    let listed = baselines::list(&*house.store).await.expect("they are there").baselines;
    // A list reads no results.
    let (results, models) = (0, std::collections::HashMap::new());
    assert_eq!(listed, [BaselineTold { results, models, ..told }]);

    let other = house.sweep(&plan(), mostly_good, USUAL).await;
    let taken = baselines::set(&*house.store, set("known", other), "olga").await;
    assert_eq!(taken.expect_err("it is taken").code(), Code::AlreadyExists);
    let replacing = BaselineSet { replace: true, ..set("known", other) };
    let replaced = baselines::set(&*house.store, replacing, "olga").await.expect("it is done");
    assert_eq!(replaced.replaced, format!("{sweep} at revision 0"));

    let known = || BaselineRequest { name: "known".to_owned() };
    let gone = baselines::remove(&*house.store, known()).await.expect("it was there");
    assert_eq!(gone.sweep, other.0);
    let missing = baselines::remove(&*house.store, known()).await.expect_err("it is gone");
    assert_eq!(missing.code(), Code::NotFound);
}

#[tokio::test]
async fn what_still_moves_or_is_no_answer_is_no_baseline() {
    let house = House::new().await;
    let store = &*house.store;
    let going = store.submit(house.term, new_sweep(&plan(), Kind::Asked)).await.expect("stored");
    let refused = baselines::set(store, set("known", going), "o").await.expect_err("it moves");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains(&format!("iago watch {going}")), "{}", refused.message());
    let anchors =
        store.submit(house.term, new_sweep(&plan(), Kind::Anchors)).await.expect("stored");
    house.end(anchors).await;
    let refused = baselines::set(store, set("known", anchors), "o").await.expect_err("no answers");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    house.end(going).await;
    for name in ["", " known", "a\nb", &"x".repeat(201)] {
        let refused = baselines::set(store, set(name, going), "o").await.expect_err("no name");
        assert_eq!(refused.code(), Code::InvalidArgument, "{name:?}");
    }
}

/// What was added to a baseline later is no part of it.
#[tokio::test]
async fn a_baseline_stays_what_it_was_when_its_sweep_is_extended() {
    let house = House::new().await;
    let (baseline, sweep) = night(&house, mostly_good).await;
    let mut longer = plan();
    longer.repeats = 4;
    let revision = NewRevision { number: 1, ..new_sweep(&longer, Kind::Asked).revision };
    house.store.revise(house.term, baseline, revision).await.expect("it is stored");
    let poor_later = |prompt, repeat| match repeat {
        0 | 1 => mostly_good(prompt, repeat),
        _ => Transcript::Poor,
    };
    for stage in [0, 1] {
        house.answer(baseline, &longer, stage, &poor_later, USUAL).await;
    }
    let (morning, _) = ask(&house, sweep, "").await.expect("it is judged");
    assert_eq!(morning.word, Word::Pass);
    let finding = morning.verdict.expect("it has gates").gates[0].finding.clone();
    assert_eq!(finding.map(|finding| finding.baseline), Some(0.9));
}

#[tokio::test]
async fn a_topped_up_sweep_is_at_its_second_look() {
    let house = House::new().await;
    let gated = edited(
        "max_missing = 0.05",
        "max_missing = 0.05\ntop_up = { repeats = 2, looks = 2, spend = \"pocock\" }",
    );
    let baseline = house.sweep(&gated, mostly_good, USUAL).await;
    let sweep = house.sweep(&gated, mostly_good, USUAL).await;
    house.compare((sweep, &gated), (baseline, &gated), mostly_good, USUAL).await;
    let mut longer = gated.clone();
    longer.repeats = 4;
    let revision = NewRevision { number: 1, ..new_sweep(&longer, Kind::Asked).revision };
    house.store.revise(house.term, sweep, revision).await.expect("it is stored");
    for stage in [0, 1] {
        house.answer(sweep, &longer, stage, &mostly_good, USUAL).await;
    }
    let (morning, _) = ask(&house, sweep, "").await.expect("it is judged");
    assert_eq!(morning.verdict.expect("it has gates").look, 2);
    assert_eq!(morning.values[0].of, u64::from(4 * PROMPTS));
}

#[tokio::test]
async fn a_sweep_with_several_baselines_asks_which() {
    let house = House::new().await;
    let (baseline, sweep) = night(&house, mostly_good).await;
    let new = NewBaseline {
        name: "other".to_owned(),
        sweep: baseline,
        revision: 0,
        by: "o".to_owned(),
        replaces: false,
    };
    house.store.set_baseline(new).await.expect("it is set");
    let with = iago_store::NewComparison {
        baseline: "other".to_owned(),
        of: baseline,
        revision: 0,
        anchors: None,
    };
    house.store.compare(house.term, sweep, with).await.expect("it is stored");
    let refused = ask(&house, sweep, "").await.expect_err("which one?");
    assert!(refused.message().contains("`known`") && refused.message().contains("`other`"));
}
