//! Stored texts are read in another way, and nobody is asked for them again.

use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::{End, Transcript, TranscriptsRequest};
use iago_store::{Names, NewRevision, State, Store};
use iago_sweep::{Label, Parse, SweepId};

#[path = "support/hand.rs"]
mod hand;
#[path = "support/house.rs"]
mod house;
#[path = "support/served.rs"]
mod served;
#[path = "support/sweep.rs"]
mod sweep;

use hand::{Hand, labelled, said};
use house::House;
use served::with;
use sweep::{hand_in, plan, settings, text, watch};

const PROMPTS: u32 = 3;

/// Every answer must have a plan.
fn strict(name: &str) -> String {
    let answer = "answer = { tag = \"OUTPUT\", required = true }";
    text(name).replace(answer, &format!("{answer}\nplan = {{ tag = \"PLAN\", required = true }}"))
}

/// An answer may have a plan.
fn lenient(name: &str) -> String {
    strict(name).replace("tag = \"PLAN\", required = true", "tag = \"PLAN\", required = false")
}

async fn take_in(house: &House, text: &str) -> (SweepId, bool) {
    let submitted = hand_in(&house.served, &house.operator, text, PROMPTS).await;
    let submitted = submitted.expect("it is taken in");
    (SweepId(submitted.sweep), submitted.finished)
}

/// A sweep whose first two answers had no plan, so that nobody judged them.
async fn strictly_read(house: &House, hand: &mut Hand, name: &str) -> SweepId {
    let (sweep, _) = take_in(house, &strict(name)).await;
    for job in hand.take(3).await {
        let whole = job.job.at().prompt == 2;
        let plan = if whole { "<PLAN>think</PLAN>" } else { "" };
        let parse = if whole { Parse::Ok } else { Parse::Missing };
        hand.deliver(job.held(), said(&format!("{plan}<OUTPUT>yes</OUTPUT>"), parse)).await;
    }
    judge(hand, &[2]).await;
    assert_eq!(watch(&house.served, &house.operator, sweep).await.end(), End::Done);
    sweep
}

/// Judges the answers of exactly these prompts.
async fn judge(hand: &mut Hand, prompts: &[u32]) {
    let jobs = hand.take(prompts.len()).await;
    let mut asked: Vec<_> =
        jobs.iter().map(|job| (job.job.at().stage, job.job.at().prompt)).collect();
    asked.sort_unstable();
    assert_eq!(asked, prompts.iter().map(|prompt| (1, *prompt)).collect::<Vec<_>>());
    for job in jobs {
        assert_eq!(job.said.len(), 1, "the stored answer");
        hand.deliver(job.held(), labelled("yes")).await;
    }
}

async fn transcripts(house: &House, sweep: SweepId) -> Vec<Transcript> {
    let mut client = JobsClient::new(house.served.channel.clone());
    let request = TranscriptsRequest { sweep: sweep.0, ..TranscriptsRequest::default() };
    let found = client.transcripts(with(&house.operator, request)).await.expect("admitted");
    let mut found = found.into_inner();
    let mut all = Vec::new();
    while let Some(one) = found.message().await.expect("no error") {
        all.push(one);
    }
    all
}

#[tokio::test]
async fn answers_that_can_be_read_now_are_judged_and_not_asked_for_again() {
    let house = House::new(settings()).await;
    let mut hand = house.join("w1").await;
    let sweep = strictly_read(&house, &mut hand, "reread").await;
    assert_eq!(take_in(&house, &lenient("reread")).await, (sweep, false));
    judge(&mut hand, &[0, 1]).await;
    assert_eq!(watch(&house.served, &house.operator, sweep).await.end(), End::Done);
    let totals = house.store.totals(sweep).await.expect("the store answers");
    assert_eq!((totals.results, totals.attempts), (6, 0));
    let told = transcripts(&house, sweep).await;
    assert!(told.iter().all(|one| one.outcome == "yes"), "{told:?}");
    assert!(told.iter().all(|one| one.said[0].parse == "ok"), "{told:?}");
    assert_eq!(take_in(&house, &lenient("reread")).await, (sweep, true));
    // And back: what was read at first is not what counts, but a reading of its own.
    assert_eq!(take_in(&house, &strict("reread")).await, (sweep, true));
    let missing = |one: &Transcript| one.said[0].parse == "missing";
    let told = transcripts(&house, sweep).await;
    assert_eq!(told.iter().filter(|one| missing(one)).count(), 2, "{told:?}");
}

#[tokio::test]
async fn an_answer_that_comes_from_a_worker_with_the_earlier_plan_is_read_by_todays() {
    let house = House::new(settings()).await;
    let mut hand = house.join("w1").await;
    let (sweep, _) = take_in(&house, &strict("overtaken")).await;
    let jobs = hand.take(3).await;
    assert_eq!(take_in(&house, &lenient("overtaken")).await, (sweep, false));
    for job in jobs {
        hand.deliver(job.held(), said("<OUTPUT>yes</OUTPUT>", Parse::Missing)).await;
    }
    judge(&mut hand, &[0, 1, 2]).await;
    assert_eq!(watch(&house.served, &house.operator, sweep).await.end(), End::Done);
    let of_today = plan(&lenient("overtaken"), PROMPTS).grammar_of(0);
    let readings = house.store.readings(sweep, of_today, None, 10).await.expect("it answers");
    assert_eq!(readings.iter().map(|of| of.parse).collect::<Vec<_>>(), [Parse::Ok; 3]);
}

#[tokio::test]
async fn whoever_leads_next_goes_on_with_the_reading() {
    let mut house = House::new(settings()).await;
    let mut hand = house.join("w1").await;
    let sweep = strictly_read(&house, &mut hand, "broken-off").await;
    // The leader revised the sweep, and died before it had read anything.
    let mut revised = plan(&lenient("broken-off"), PROMPTS);
    revised.reread.insert("reply".to_owned());
    let term = house.store.lead("the test", std::time::Duration::ZERO).await.expect("it leads");
    let revision = NewRevision {
        number: 1,
        plan: serde_json::to_vec(&revised).expect("it has a JSON form"),
        ask: revised.ask_hash(),
        analysis: revised.analysis_hash(),
        note: String::new(),
        names: Names::default(),
    };
    house.store.revise(term, sweep, revision).await.expect("it is the next one");
    house.store.control(term, sweep, State::Running).await.expect("it is there");
    house.replace(settings()).await;
    let mut hand = house.join("w2").await;
    judge(&mut hand, &[0, 1]).await;
    assert_eq!(watch(&house.served, &house.operator, sweep).await.end(), End::Done);
}

/// A sweep with a score, which expects this.
fn scored(expected: &str) -> String {
    let score = format!(
        "[stages.right]\nkind = \"score\"\nof = \"reply\"\n\
         exact = {{ field = \"answer\", equals = \"{expected}\" }}\n\
         [[measures]]\nname = \"right\"\nof = \"right == 'yes'\"\n"
    );
    text("scored") + &score
}

#[tokio::test]
async fn a_score_that_expects_something_else_is_made_again_from_the_stored_answers() {
    let house = House::new(settings()).await;
    let mut hand = house.join("w1").await;
    let (sweep, _) = take_in(&house, &scored("yes")).await;
    for job in hand.take(3).await {
        hand.deliver(job.held(), said("<OUTPUT>yes</OUTPUT>", Parse::Ok)).await;
    }
    for job in hand.take(6).await {
        hand.deliver(job.held(), labelled("yes")).await;
    }
    assert_eq!(watch(&house.served, &house.operator, sweep).await.end(), End::Done);
    assert_eq!(take_in(&house, &scored("no")).await, (sweep, true), "nobody is asked");
    let today = plan(&scored("no"), PROMPTS);
    let grammar = today.grammar_of(today.stage_number("right").expect("it is there"));
    let readings = house.store.readings(sweep, grammar, None, 10).await.expect("it answers");
    let no = Some(Label::Word("no".to_owned()));
    assert_eq!(readings.iter().map(|of| of.label.clone()).collect::<Vec<_>>(), vec![no; 3]);
}
