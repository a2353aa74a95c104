//! Stages that hang on one another, cells that ask less, and what is added to a sweep later: which jobs
//! are handed out, with which texts, and that the sweep comes to its end.

use std::collections::BTreeMap;

use iago_coordinator::PoolSettings;
use iago_protocol::wire::{End, SweepRequest};
use iago_protocol::{Assignment, Outcome};
use iago_store::Store;
use iago_sweep::{Parse, SweepId};

#[path = "support/hand.rs"]
mod hand;
#[path = "support/house.rs"]
mod house;
#[path = "support/served.rs"]
mod served;
#[path = "support/sweep.rs"]
mod sweep;

use hand::{Hand, answered, failed, labelled, said};
use house::House;
use served::with;
use sweep::{hand_in, hand_in_pilot, plan, settings, text, watch};

/// Asked where the first judge said yes.
const DETAIL: &str = r#"
[stages.detail]
kind = "judge"
of = "reply"
model = "j"
when = "verdict == 'yes'"
sees = ["answer"]
template = "How so? {{ answer }}"
labels = ["well", "badly"]
[[measures]]
name = "well"
of = "detail == 'well'"
given = "detail == 'well' or detail == 'badly'"
"#;

/// Scored by a program.
const CHECKED: &str = r#"
[stages.checked]
kind = "score"
of = "reply"
external = { program = "check-sql", sees = ["answer"], labels = ["good", "bad"] }
[[measures]]
name = "good"
of = "checked == 'good'"
given = "checked == 'good' or checked == 'bad'"
"#;

/// Asked after the answer, in the same conversation, and judged.
const AFTERWARDS: &str = r#"
[stages.why]
kind = "generate"
of = "reply"
continues = true
messages = [{ role = "user", template = "Why?" }]
[stages.why.fields]
reason = { whole = true }
[stages.sound]
kind = "judge"
of = "why"
model = "j"
sees = ["answer", "reason"]
template = "Does {{ reason }} speak for {{ answer }}?"
labels = ["yes", "no"]
[[measures]]
name = "sound"
of = "sound == 'yes'"
given = "sound == 'yes' or sound == 'no'"
"#;

const REPLY: u32 = 0;
const VERDICT: u32 = 1;
const DETAILS: u32 = 2;

async fn take_in(house: &House, text: &str, prompts: u32) -> (SweepId, bool) {
    let submitted = hand_in(&house.served, &house.operator, text, prompts).await;
    let submitted = submitted.expect("it is taken in");
    (SweepId(submitted.sweep), submitted.finished)
}

/// A pilot of so many of its prompts.
async fn take_in_pilot(
    house: &House,
    (text, prompts): (&str, u32),
    prompts_max: u32,
) -> (SweepId, bool) {
    let whole = (text, prompts);
    let submitted = hand_in_pilot(&house.served, &house.operator, whole, prompts_max).await;
    let submitted = submitted.expect("it is taken in");
    (SweepId(submitted.sweep), submitted.finished)
}

/// Ends as many jobs of one stage, each as `end` says.
async fn end(hand: &mut Hand, stage: u32, count: usize, end: impl Fn(u32) -> Outcome) {
    let taken = hand.take(count).await;
    assert_eq!(stages(&taken), vec![stage; count], "{taken:?}");
    for job in taken {
        hand.deliver(job.held(), end(job.job.at().prompt)).await;
    }
}

fn stages(taken: &[Assignment]) -> Vec<u32> {
    taken.iter().map(|job| job.job.at().stage).collect()
}

fn yes_to_the_first_two(prompt: u32) -> Outcome {
    labelled(if prompt < 2 { "yes" } else { "no" })
}

/// The sweep has ended with so many results and failures.
async fn ended_with(house: &House, sweep: SweepId, results: u64, failures: u64) {
    let end = watch(&house.served, &house.operator, sweep).await;
    assert_eq!((end.end(), end.failures), (End::Done, failures));
    let totals = house.store.totals(sweep).await.expect("the store answers");
    assert_eq!(totals.results, results);
    let open: u64 = end.stages.iter().map(|of| of.known - of.done - of.failed).sum();
    assert_eq!(open, 0, "{:?}", end.stages);
}

#[tokio::test]
async fn a_stage_after_another_opens_only_where_its_label_says_so() {
    let house = House::new(settings()).await;
    let (sweep, _) = take_in(&house, &(text("after") + DETAIL), 4).await;
    let mut hand = house.join("w1").await;
    end(&mut hand, REPLY, 4, |_| answered()).await;
    end(&mut hand, VERDICT, 4, yes_to_the_first_two).await;
    let details = hand.take(2).await;
    assert!(details.iter().all(|job| job.job.at().prompt < 2), "{details:?}");
    assert!(details.iter().all(|job| job.said.len() == 1), "the answer, and no verdict");
    for job in details {
        hand.deliver(job.held(), labelled("well")).await;
    }
    ended_with(&house, sweep, 10, 0).await;
}

#[tokio::test]
async fn a_stage_whose_opener_failed_or_was_not_asked_holds_no_sweep_up() {
    let house = House::new(settings()).await;
    let (sweep, _) = take_in(&house, &(text("shut") + DETAIL), 3).await;
    let mut hand = house.join("w1").await;
    let unread = |prompt| if prompt == 0 { said("nothing", Parse::Missing) } else { answered() };
    end(&mut hand, REPLY, 3, unread).await;
    end(&mut hand, VERDICT, 2, |_| failed()).await;
    ended_with(&house, sweep, 3, 2).await;
}

#[tokio::test]
async fn a_job_is_given_the_answers_of_all_stages_that_it_hangs_on_the_nearest_first() {
    let house = House::new(settings()).await;
    let whole = text("afterwards") + AFTERWARDS;
    let names: Vec<String> = plan(&whole, 1).stages.into_iter().map(|stage| stage.name).collect();
    let (sweep, _) = take_in(&house, &whole, 1).await;
    let mut hand = house.join("w1").await;
    let mut given = BTreeMap::new();
    for count in [1, 2, 1] {
        for job in hand.take(count).await {
            let texts: Vec<String> = job.said.iter().map(|text| text.raw.clone()).collect();
            let stage = names[job.job.at().stage as usize].as_str();
            let answer = match stage {
                "reply" => said("<OUTPUT>yes</OUTPUT>", Parse::Ok),
                "why" => said("so", Parse::Ok),
                _ => labelled("yes"),
            };
            given.insert(stage, texts);
            hand.deliver(job.held(), answer).await;
        }
    }
    let reply = "<OUTPUT>yes</OUTPUT>";
    assert_eq!(given["reply"], [""; 0]);
    assert_eq!(
        (&given["verdict"][..], &given["why"][..]),
        (&[reply.into()][..], &[reply.into()][..])
    );
    assert_eq!(given["sound"], ["so", reply]);
    ended_with(&house, sweep, 4, 0).await;
}

fn capped(prompts_max: u32) -> String {
    let cells = format!("[[cells]]\nwhere = \"model == 'm'\"\nprompts_max = {prompts_max}\n");
    text("capped") + &cells
}

#[tokio::test]
async fn a_cell_with_a_cap_asks_so_many_prompts_and_the_sweep_ends() {
    let house = House::new(settings()).await;
    let (sweep, _) = take_in(&house, &capped(2), 6).await;
    let mut hand = house.join("w1").await;
    end(&mut hand, REPLY, 2, |_| answered()).await;
    end(&mut hand, VERDICT, 2, yes_to_the_first_two).await;
    ended_with(&house, sweep, 4, 0).await;
    // Raised, it asks what is missing; what is there keeps its place.
    let (raised, finished) = take_in(&house, &capped(5), 6).await;
    assert_eq!((raised, finished), (sweep, false));
    end(&mut hand, REPLY, 3, |_| answered()).await;
    end(&mut hand, VERDICT, 3, yes_to_the_first_two).await;
    ended_with(&house, sweep, 10, 0).await;
}

#[tokio::test]
async fn stages_that_are_added_later_open_over_what_is_stored() {
    let house = House::new(settings()).await;
    let (sweep, _) = take_in(&house, &text("judged-again"), 4).await;
    let mut hand = house.join("w1").await;
    end(&mut hand, REPLY, 4, |_| answered()).await;
    end(&mut hand, VERDICT, 4, yes_to_the_first_two).await;
    ended_with(&house, sweep, 8, 0).await;
    // One that hangs on a stored label.
    assert_eq!(take_in(&house, &(text("judged-again") + DETAIL), 4).await, (sweep, false));
    end(&mut hand, DETAILS, 2, |_| labelled("well")).await;
    ended_with(&house, sweep, 10, 0).await;
    // And one that asks the model again, and is judged.
    let whole = text("judged-again") + DETAIL + AFTERWARDS;
    assert_eq!(take_in(&house, &whole, 4).await, (sweep, false));
    end(&mut hand, 3, 4, |_| said("so", Parse::Ok)).await;
    end(&mut hand, 4, 4, |_| labelled("yes")).await;
    ended_with(&house, sweep, 18, 0).await;
    assert_eq!(take_in(&house, &whole, 4).await, (sweep, true), "nothing is open");
}

#[tokio::test]
async fn more_repeats_and_prompts_ask_only_what_is_new() {
    let house = House::new(settings()).await;
    let (sweep, _) = take_in(&house, &text("grown"), 2).await;
    let mut hand = house.join("w1").await;
    end(&mut hand, REPLY, 2, |_| answered()).await;
    end(&mut hand, VERDICT, 2, yes_to_the_first_two).await;
    ended_with(&house, sweep, 4, 0).await;
    let grown = text("grown").replace("repeats = 1", "repeats = 2");
    assert_eq!(take_in(&house, &grown, 3).await, (sweep, false));
    end(&mut hand, REPLY, 4, |_| answered()).await;
    end(&mut hand, VERDICT, 4, yes_to_the_first_two).await;
    ended_with(&house, sweep, 12, 0).await;
}

#[tokio::test]
async fn pilots_and_the_full_sweep_ask_each_job_once_whichever_comes_first() {
    let house = House::new(settings()).await;
    let whole = (&*text("piloted"), 6);
    let (sweep, _) = take_in_pilot(&house, whole, 2).await;
    let mut hand = house.join("w1").await;
    end(&mut hand, REPLY, 2, |_| answered()).await;
    end(&mut hand, VERDICT, 2, yes_to_the_first_two).await;
    ended_with(&house, sweep, 4, 0).await;
    assert_eq!(take_in_pilot(&house, whole, 4).await, (sweep, false), "a larger pilot");
    end(&mut hand, REPLY, 2, |_| answered()).await;
    end(&mut hand, VERDICT, 2, yes_to_the_first_two).await;
    ended_with(&house, sweep, 8, 0).await;
    assert_eq!(take_in_pilot(&house, whole, 3).await, (sweep, true), "a smaller one");
    assert_eq!(take_in(&house, whole.0, 6).await, (sweep, false), "all of it");
    assert_eq!(take_in_pilot(&house, whole, 4).await, (sweep, false), "it is at work on more");
    end(&mut hand, REPLY, 2, |_| answered()).await;
    end(&mut hand, VERDICT, 2, yes_to_the_first_two).await;
    ended_with(&house, sweep, 12, 0).await;
    for prompts_max in 1..=6 {
        assert_eq!(take_in_pilot(&house, whole, prompts_max).await, (sweep, true));
    }
    ended_with(&house, sweep, 12, 0).await;
}

#[tokio::test]
async fn a_pilot_of_a_sweep_that_is_paused_is_refused_with_the_way_out() {
    let house = House::new(settings()).await;
    let whole = (&*text("paused"), 6);
    let (sweep, _) = take_in(&house, whole.0, 6).await;
    let request = SweepRequest { sweep: sweep.0 };
    house.jobs().pause(with(&house.operator, request)).await.expect("it is taken");
    assert_eq!(watch(&house.served, &house.operator, sweep).await.end(), End::Paused);
    let refused = hand_in_pilot(&house.served, &house.operator, whole, 2).await;
    let words = refused.expect_err("nothing may be asked").message().to_owned();
    assert!(words.contains("s1 asks the 2 prompts of this pilot and 4 more"), "{words}");
    assert!(words.contains("not finished: leave --limit out"), "{words}");
}

#[tokio::test]
async fn a_pilot_asks_nothing_of_a_capped_cell_that_the_full_sweep_does_not() {
    let house = House::new(settings()).await;
    let whole = (&*capped(3), 6);
    let ranks = plan(whole.0, 6).ranks();
    let mut hand = house.join("w1").await;
    let mut had = 0;
    for first in 1..=6 {
        let (sweep, _) = take_in_pilot(&house, whole, first).await;
        let asked = ranks[..first as usize].iter().filter(|rank| **rank < 3).count();
        if asked > had {
            end(&mut hand, REPLY, asked - had, |_| answered()).await;
            end(&mut hand, VERDICT, asked - had, yes_to_the_first_two).await;
            had = asked;
        }
        ended_with(&house, sweep, 2 * asked as u64, 0).await;
        assert_eq!(sweep, SweepId(1), "no pilot is a sweep of its own");
    }
    assert_eq!(take_in(&house, whole.0, 6).await, (SweepId(1), true), "nothing is left to ask");
}

#[tokio::test]
async fn a_score_without_its_program_is_refused_by_name_and_with_the_way_out() {
    let house = House::new(settings()).await;
    let text = text("scored") + CHECKED;
    let refused = hand_in(&house.served, &house.operator, &text, 1).await;
    let words = refused.expect_err("nobody has the program").message().to_owned();
    assert!(words.contains("no program `check-sql`"), "{words}");
    assert!(words.contains("[programs.check-sql]"), "{words}");
}

#[tokio::test]
async fn a_program_that_no_worker_runs_is_what_a_sweep_is_told_to_wait_for() {
    let mut settings = settings();
    let program = PoolSettings { name: "local.check-sql".to_owned(), ..settings.pools[1].clone() };
    settings.pools.push(program);
    let house = House::new(settings).await;
    let (sweep, _) = take_in(&house, &(text("waiting") + CHECKED), 1).await;
    let _hand = house.join("w1").await;
    let request = with(&house.operator, SweepRequest { sweep: sweep.0 });
    let mut told = house.jobs().watch(request).await.expect("admitted").into_inner();
    let progress = loop {
        let progress = told.message().await.expect("no error").expect("it has not ended");
        if progress.workers > 0 {
            break progress;
        }
    };
    let waits: BTreeMap<_, _> =
        progress.pools.into_iter().map(|pool| (pool.name, pool.waits_for)).collect();
    assert_eq!(waits["local.check-sql"], "a worker, since no worker runs program `check-sql`");
    assert_eq!(waits["lab"], "");
}
