//! What a sweep is compared with is judged again beside it, and no model is asked for that.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_sweep_is_compared_with_a_baseline_by_its_name_and_only_once() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    let before = baseline(&house, &mut hand, "good").await;
    let (served, token) = (&house.served, &house.operator);
    let text = gated("change");
    let refused = hand_in_against(served, token, (&text, PROMPTS), "gone").await;
    let refused = refused.expect_err("there is no such baseline");
    assert_eq!(refused.code(), Code::NotFound);
    assert!(refused.message().contains("iago baseline set gone"), "{}", refused.message());
    assert_eq!(house.store.sweeps().await.expect("the store answers").len(), 1);
    let submitted = hand_in_against(served, token, (&text, PROMPTS), "good").await.expect("taken");
    let anchors = submitted.anchors.expect("its judge judges again");
    answer_all(&mut hand, "yes").await;
    let again = hand_in_against(served, token, (&text, PROMPTS), "good").await.expect("taken");
    assert_eq!((again.sweep, again.anchors), (submitted.sweep, Some(anchors)));
    assert!(again.finished);
    let with = house.store.comparisons(SweepId(submitted.sweep)).await.expect("the store answers");
    assert_eq!(with.iter().map(|with| with.of).collect::<Vec<_>>(), [before]);
    for sweep in [submitted.sweep, anchors] {
        let request = with_token(&house, sweep);
        let status = house.jobs().get(request).await.expect("it is there").into_inner();
        let kind = if sweep == anchors { "anchors" } else { "asked" };
        assert_eq!((status.state.as_str(), status.kind.as_str()), ("done", kind));
    }
}

/// Everybody runs a part first. What is compared then is judged again in full once there is more of it.
#[tokio::test(start_paused = true)]
async fn anchors_grow_with_the_sweep_that_is_compared() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    baseline(&house, &mut hand, "good").await;
    let (served, token, text) = (&house.served, &house.operator, gated("change"));
    let part = hand_in_against(served, token, (&text, PROMPTS / 2), "good").await.expect("taken");
    let anchors = part.anchors.expect("its judge judges again");
    let judged = |jobs: &[SweepId]| jobs.iter().filter(|of| of.0 == anchors).count();
    assert_eq!(judged(&answer_all(&mut hand, "yes").await), PROMPTS as usize / 2);
    let whole = hand_in_against(served, token, (&text, PROMPTS), "good").await.expect("taken");
    assert_eq!((whole.sweep, whole.anchors), (part.sweep, Some(anchors)));
    assert_eq!(judged(&answer_all(&mut hand, "yes").await), PROMPTS as usize / 2);
    let request = with_token(&house, anchors);
    let status = house.jobs().get(request).await.expect("it is there").into_inner();
    assert_eq!(status.state, "done");
    hand_in_against(served, token, (&text, PROMPTS), "good").await.expect("taken");
    assert!(answer_all(&mut hand, "yes").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pilot_and_the_baseline_itself_are_compared_with_nothing() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    let before = baseline(&house, &mut hand, "good").await;
    let terms = |extend| SubmitHead { against: "good".to_owned(), extend, ..SubmitHead::default() };
    let hand_in =
        async |sources, terms| hand_in_with(&house.served, &house.operator, sources, terms).await;
    let pilot = Sources { prompts_max: Some(2), ..sources(&gated("change"), PROMPTS) };
    let itself = sources(&text("before"), PROMPTS + 1);
    for (sources, terms, words) in
        [(pilot, terms(None), "run the whole sweep"), (itself, terms(Some(before.0)), "itself")]
    {
        let refused = hand_in(sources, terms).await.expect_err("it would say nothing");
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains(words), "{}", refused.message());
    }
    let heads = house.store.sweeps().await.expect("the store answers");
    assert_eq!((heads.len(), heads[0].revision), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn anchors_are_tried_again_and_asked_for_more_without_asking_a_model() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    let (served, token) = (&house.served, &house.operator);
    let before = submit(served, token, "before", PROMPTS).await;
    let unanswered = hand.take(PROMPTS as usize).await.remove(0);
    hand.deliver(unanswered.held(), failed()).await;
    drop(hand);
    let mut hand = house.join("w2").await;
    answer_all(&mut hand, "yes").await;
    set_baseline(&house, before, "good").await;
    let text = gated("change");
    let submitted = hand_in_against(served, token, (&text, PROMPTS), "good").await.expect("taken");
    let anchors = SweepId(submitted.anchors.expect("its judge judges again"));
    let break_anchors = |job: &Assignment| match job.said.is_empty() {
        _ if job.sweep == anchors => failed(),
        true => answered(),
        false => labelled("yes"),
    };
    answer_each(&mut hand, break_anchors).await;
    house.jobs().retry_failed(with_token(&house, anchors.0)).await.expect("it is taken");
    let again = answer_each(&mut hand, |_| labelled("yes")).await;
    assert_eq!(again.len(), PROMPTS as usize - 1, "one has no answer");
    assert!(again.iter().all(|job| job.sweep == anchors && !job.said.is_empty()), "{again:?}");
    let more = hand_in_extension(served, token, (&text, PROMPTS + 1), anchors).await;
    let refused = more.expect_err("these are the answers of another sweep");
    assert!(refused.message().contains("extend the sweep that it is compared"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_a_sweep_holds_for_the_anchors_beside_it() {
    let house = house().await;
    let mut hand = house.join("w1").await;
    baseline(&house, &mut hand, "good").await;
    drop(hand);
    let text = (&*gated("change"), PROMPTS);
    let submitted = hand_in_against(&house.served, &house.operator, text, "good").await;
    let Submitted { sweep, anchors, .. } = submitted.expect("it is taken");
    let request = || with_token(&house, sweep);
    house.jobs().pause(request()).await.expect("it is at work");
    assert!(states(&house).await.iter().all(|state| matches!(state, State::Paused(_))));
    house.jobs().resume(request()).await.expect("it is paused");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(states(&house).await, [State::Running, State::Running]);
    house.jobs().cancel(request()).await.expect("it is at work");
    assert_eq!(states(&house).await, [State::Cancelled, State::Cancelled]);
    let anchors = anchors.expect("its judge judges again");
    let refused = house.jobs().resume(with_token(&house, anchors)).await.expect_err("cancelled");
    assert!(refused.message().contains("submitted again with --against"), "{refused}");
    let mut hand = house.join("w2").await;
    assert!(answer_all(&mut hand, "yes").await.is_empty(), "nobody is asked any more");
}

/// Of the sweep and its anchors.
async fn states(house: &House) -> Vec<State> {
    let heads = house.store.sweeps().await.expect("the store answers");
    heads.into_iter().map(|head| head.state).filter(|state| *state != State::Done).collect()
}
