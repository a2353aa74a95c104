//! A store that is out of reach once, at any verb around a top-up.

use iago_store::NewBaseline;
use iago_sweep::Plan;

use super::fragile::Fragile;
use super::*;
use crate::night::tests::house::{House, Transcript, USUAL, new_sweep};

const GATING: &str = r#"
[gating]
alpha = 0.05
missing = "worst-case"
top_up = { repeats = 1, looks = 2, spend = "pocock" }
"#;

/// A night of which so little is known that more is to be asked. Its sweep has just come to rest, and
/// nobody leads.
async fn rested() -> (Arc<MemoryStore>, Clock, SweepId) {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::set(noon()));
    let text = format!("{SWEEP}{GATING}");
    let offered = offer_of(terms("baseline = { pinned = \"good\" }"), &text);
    let plan = offered.plan.clone();
    let term = store.lead("somebody", Duration::ZERO).await.expect("nobody leads");
    let before = store.submit(term, new_sweep(&plan, Kind::Asked)).await.expect("it is stored");
    answer_and_end(&store, before, &plan).await;
    let (name, by) = ("good".to_owned(), "somebody".to_owned());
    let new = NewBaseline { name, sweep: before, revision: 0, by, replaces: false };
    store.set_baseline(new).await.expect("it is stored");
    let leader = Leader::new(Arc::clone(&store), clock).await;
    leader.wish(Wish::Put(Box::new(offered))).await.expect("it is taken");
    let night = sweep_of_run(&store).await;
    drop(leader);
    answer_and_end(&store, night, &plan).await;
    (store, clock, night)
}

async fn answer_and_end(store: &Arc<MemoryStore>, sweep: SweepId, plan: &Plan) {
    let term = store.lead("somebody", Duration::ZERO).await.expect("nobody leads");
    let house = House { store: Arc::clone(store), term };
    house.answer(sweep, plan, 0, &|_, _| Transcript::Good, USUAL).await;
    house.end(sweep).await;
}

/// Lets a coordinator top a night up whose store is out of reach at one step. Says whether it came to that.
async fn top_up(step: usize) -> bool {
    let (store, clock, night) = rested().await;
    let fragile = Arc::new(Fragile::failing(&store, step));
    let patient = Settings { waits_for_store: true, ..settings(clock) };
    // It does not lead yet, and will try again.
    let Ok((handle, driver)) = lead(Arc::clone(&fragile), patient).await else { return true };
    let _running = AbortOnDropHandle::new(tokio::spawn(driver.run()));
    sleep(60 * SECOND).await;
    let heads = store.sweeps().await.expect("the store answers");
    let head = heads.into_iter().find(|head| head.id == night).expect("it is there");
    let stored = (head.revision, head.state);
    assert_eq!(stored, (1, iago_store::State::Running), "out of reach at step {step}");
    let board = handle.board.borrow().clone();
    let progress = board.get(&night).unwrap_or_else(|| panic!("nobody works on it: {step}"));
    let stage = &progress.stages[0];
    let worked_on = (progress.end, stage.done, stage.known);
    assert_eq!(worked_on, (0, 2, 4), "out of reach at step {step}");
    fragile.dead.is_cancelled()
}

#[tokio::test(start_paused = true)]
async fn the_store_may_be_out_of_reach_at_any_step_of_a_top_up_and_it_is_worked_on() {
    let mut step = 0;
    while top_up(step).await {
        step += 1;
    }
    assert!(step > 20, "it was out of reach only {step} times");
}
