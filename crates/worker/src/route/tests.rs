use futures_util::FutureExt;
use iago_protocol::Slice;
use iago_sweep::Need;
use tokio::task::JoinHandle;

use super::*;
use crate::asks::Answers;

const DRAW: Draw = Draw { need: Need { input: 10, output: 5 }, certain: 0, cost_most: None };

fn slice(requests_per_minute: Option<u32>, concurrency: u32) -> Slice {
    Slice { pool: "p".to_owned(), requests_per_minute, concurrency, ..Slice::default() }
}

fn metered(concurrency: u32) -> Slice {
    Slice { metered: true, ..slice(None, concurrency) }
}

/// Pools, and routes through them.
struct World {
    asks: Arc<Asks>,
    clock: Clock,
    pools: Vec<Arc<Pool>>,
}

impl World {
    fn new(slices: impl IntoIterator<Item = Slice>) -> Self {
        let clock = Clock::start();
        let pools = slices.into_iter().map(|slice| Arc::new(Pool::new(&slice, clock)));
        Self { asks: Arc::default(), clock, pools: pools.collect() }
    }

    /// A route through these pools.
    fn route(&self, number: Taker, pools: &[usize]) -> Arc<Route> {
        let through = |nth: &usize| (format!("p{nth}"), Arc::clone(&self.pools[*nth]));
        let pools = pools.iter().map(through).collect();
        Arc::new(Route::new(number, pools, Arc::clone(&self.asks), self.clock))
    }

    /// Numbers and pools of what is asked for next.
    fn said(&self) -> Vec<(u64, Vec<String>)> {
        let next = self.asks.next_asks().unwrap_or_default();
        next.into_iter().map(|ask| (ask.number, ask.pools)).collect()
    }

    fn answer(&self, answers: Answers) {
        let sent_ms = u64::try_from(self.clock.now().as_millis()).expect("it is small");
        self.asks.answer(Answers { sent_ms, ..answers });
    }

    fn grant(&self, number: u64) {
        self.answer(Answers { granted: vec![number], ..Answers::default() });
    }
}

fn enter(route: &Arc<Route>, key: u64) -> JoinHandle<Result<Permit, Shut>> {
    let route = Arc::clone(route);
    tokio::spawn(async move { route.enter(key, DRAW).await })
}

/// Lets everything that can go on do so.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_blocked_pool_turns_everybody_away() {
    let world = World::new([slice(None, 1)]);
    let route = world.route(1, &[0]);
    world.pools[0].gate.with(|gate, _| gate.block("401".to_owned()));
    assert_eq!(route.enter(1, DRAW).await.unwrap_err(), Shut::Blocked("401".to_owned()));
}

#[tokio::test]
async fn what_only_waits_for_its_pace_keeps_no_slot_that_is_taken_away() {
    let world = World::new([slice(Some(0), 3)]);
    let route = world.route(1, &[0]);
    let entering: Vec<_> = (0..3).map(|key| enter(&route, key)).collect();
    settle().await;
    world.pools[0].change(&slice(Some(0), 1));
    assert_eq!(world.pools[0].over(), 2);
    settle().await;
    assert_eq!(world.pools[0].over(), 0);
    assert!(entering.iter().all(|entering| !entering.is_finished()));
}

#[tokio::test]
async fn what_a_closed_gate_held_back_keeps_the_pace_once_it_opens() {
    let world = World::new([slice(Some(600), 16)]);
    let route = world.route(1, &[0]);
    drop(route.enter(0, DRAW).await.unwrap());
    let entering: Vec<_> = (1..=11).map(|key| enter(&route, key)).collect();
    // All of them have asked for the pace while the gate was open, and it closes for longer than the
    // pace needs to let all of them through.
    settle().await;
    route.gate.with(|gate, now| gate.throttled(now, now, Some(Duration::from_millis(1500))));
    let mut started = Vec::new();
    for one in entering {
        started.push(one.await.unwrap().unwrap().started);
    }
    started.sort_unstable();
    let (first, last) = (started[0], started[10]);
    assert!(last - first >= Duration::from_millis(700), "11 calls in {:?}", last - first);
}

#[tokio::test(start_paused = true)]
async fn a_closed_gate_lets_nobody_in_before_its_time_and_no_slot_is_held_before_it() {
    let world = World::new([slice(None, 8)]);
    let route = world.route(1, &[0]);
    route.gate.with(|gate, now| gate.throttled(now, now, Some(Duration::from_secs(7))));
    let entering = enter(&route, 1);
    settle().await;
    assert!((0..8).all(|_| world.pools[0].slots.try_take(9).is_some()));
    let permit = entering.await.unwrap().unwrap();
    assert!(permit.started >= Duration::from_secs(7), "{:?}", permit.started);
}

#[tokio::test]
async fn another_slice_is_in_force_at_once_for_those_who_wait() {
    let world = World::new([slice(None, 0)]);
    let route = world.route(1, &[0]);
    let mut entering = [Box::pin(route.enter(1, DRAW)), Box::pin(route.enter(2, DRAW))];
    assert!(entering.iter_mut().all(|one| one.now_or_never().is_none()));
    world.pools[0].change(&slice(None, 1));
    let first = (&mut entering[0]).now_or_never().expect("there is a slot").unwrap();
    assert!((&mut entering[1]).now_or_never().is_none());
    world.pools[0].change(&slice(None, 0));
    drop(first);
    assert!((&mut entering[1]).now_or_never().is_none(), "the slot has gone with its call");
    world.pools[0].change(&slice(None, 1));
    assert!((&mut entering[1]).now_or_never().is_some());
}

#[tokio::test]
async fn whoever_waits_for_its_pace_in_a_slot_that_was_taken_away_does_not_start() {
    let world = World::new([slice(Some(0), 1)]);
    let route = world.route(1, &[0]);
    let mut entering = Box::pin(route.enter(1, DRAW));
    assert!((&mut entering).now_or_never().is_none());
    world.pools[0].change(&slice(None, 0));
    assert!((&mut entering).now_or_never().is_none());
    world.pools[0].change(&slice(None, 1));
    assert!(entering.now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_block_lasts_until_a_slice_lifts_it_which_leaves_a_pause() {
    let world = World::new([slice(None, 1)]);
    let route = world.route(1, &[0]);
    let home = &world.pools[0];
    home.gate.with(|gate, now| gate.throttled(now, now, Some(Duration::from_secs(7))));
    home.gate.with(|gate, _| gate.block("401".to_owned()));
    home.change(&slice(None, 1));
    assert_eq!(route.enter(1, DRAW).await.unwrap_err(), Shut::Blocked("401".to_owned()));
    home.change(&Slice { lifts: true, ..slice(None, 1) });
    let permit = route.enter(1, DRAW).await.unwrap();
    assert!(permit.started >= Duration::from_secs(7), "{:?}", permit.started);
}

#[tokio::test]
async fn a_call_of_a_metered_pool_begins_when_it_is_granted() {
    let world = World::new([slice(None, 2), metered(2)]);
    let route = world.route(1, &[0, 1]);
    let entering = [enter(&route, 1), enter(&route, 2)];
    settle().await;
    let pools = vec!["p0".to_owned(), "p1".to_owned()];
    assert_eq!(world.said(), [(1, pools.clone()), (2, pools)]);
    assert!(entering.iter().all(|one| !one.is_finished()));
    world.grant(1);
    let [first, second] = entering;
    let mut permit = first.await.unwrap().unwrap();
    assert_eq!(permit.begin(), Some(1));
    drop(permit);
    assert_eq!(world.asks.next_withdrawn(), None);
    second.abort();
    assert!(second.await.is_err());
    assert_eq!(world.asks.next_withdrawn(), Some(vec![2]), "whoever stops wanting it says so");
}

#[tokio::test]
async fn a_permit_that_is_not_used_gives_its_grant_back() {
    let world = World::new([metered(1)]);
    let route = world.route(1, &[0]);
    let entering = enter(&route, 1);
    settle().await;
    world.said();
    world.grant(1);
    drop(entering.await.unwrap().unwrap());
    assert_eq!(world.asks.next_withdrawn(), Some(vec![1]));
}

#[tokio::test]
async fn what_is_granted_behind_a_gate_or_in_a_slot_that_has_gone_is_given_back() {
    let world = World::new([metered(1)]);
    let route = world.route(1, &[0]);
    let entering = enter(&route, 1);
    settle().await;
    world.said();
    route.gate.with(|gate, now| gate.throttled(now, now, Some(Duration::from_millis(1))));
    world.grant(1);
    let asked_again = async {
        loop {
            if let [(number, _)] = world.said()[..] {
                return number;
            }
            sleep(Duration::from_millis(1)).await;
        }
    };
    assert_eq!(timeout(Duration::from_secs(30), asked_again).await, Ok(2));
    assert_eq!(world.asks.next_withdrawn(), Some(vec![1]));
    world.pools[0].change(&metered(0));
    settle().await;
    assert_eq!(world.asks.next_withdrawn(), None, "it keeps its age, if there is a slot again");
    world.grant(2);
    settle().await;
    assert_eq!(world.asks.next_withdrawn(), Some(vec![2]));
    assert!(!entering.is_finished());
}

#[tokio::test]
async fn what_can_never_fit_is_refused() {
    let world = World::new([metered(1)]);
    let route = world.route(1, &[0]);
    let entering = enter(&route, 1);
    settle().await;
    world.said();
    let refused = vec![(1, "more than a minute's tokens".to_owned())];
    world.answer(Answers { refused, ..Answers::default() });
    let refused = Shut::Refused("more than a minute's tokens".to_owned());
    assert_eq!(entering.await.unwrap().unwrap_err(), refused);
}

#[tokio::test(start_paused = true)]
async fn a_grant_is_not_held_up_for_long_by_the_pace() {
    let world = World::new([Slice { requests_per_minute: Some(1), ..metered(1) }]);
    let route = world.route(1, &[0]);
    let entering = enter(&route, 1);
    settle().await;
    world.said();
    world.grant(1);
    let permit = entering.await.unwrap().unwrap();
    assert!(permit.started <= SMOOTHED_MAX + Duration::from_millis(2), "{:?}", permit.started);
}

#[tokio::test]
async fn no_slot_is_held_while_another_pool_has_none() {
    let world = World::new([slice(None, 1), slice(None, 0)]);
    let (both, alone) = (world.route(1, &[0, 1]), world.route(2, &[0]));
    let waiting = enter(&both, 1);
    settle().await;
    drop(alone.enter(2, DRAW).now_or_never().expect("nobody holds it").unwrap());
    world.pools[1].change(&slice(None, 1));
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn routes_that_cross_never_wait_in_a_circle() {
    let world = World::new([slice(None, 1), slice(None, 1)]);
    let routes = [world.route(1, &[0, 1]), world.route(2, &[1, 0])];
    let call = |key: u64| {
        let route = Arc::clone(&routes[usize::from(key.is_multiple_of(2))]);
        tokio::spawn(async move {
            let permit = route.enter(key, DRAW).await.expect("nothing is shut");
            tokio::task::yield_now().await;
            drop(permit);
        })
    };
    for one in (0..200).map(call).collect::<Vec<_>>() {
        timeout(Duration::from_secs(30), one).await.expect("no circle").unwrap();
    }
}

#[tokio::test]
async fn what_is_declined_goes_back() {
    let world = World::new([metered(1)]);
    let route = world.route(1, &[0]);
    let entering = enter(&route, 1);
    settle().await;
    world.said();
    world.answer(Answers { declined: vec![1], ..Answers::default() });
    assert_eq!(entering.await.unwrap().unwrap_err(), Shut::Declined);
    assert_eq!(world.asks.next_withdrawn(), None);
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_grants_leave_slots_to_routes_that_want_some_now() {
    let world = World::new([slice(None, 30), metered(30)]);
    let (limited, free) = (world.route(1, &[0, 1]), world.route(2, &[0]));
    drop(free.enter(1, DRAW).await.unwrap());
    let waiting: Vec<_> = (0..50).map(|key| enter(&limited, key)).collect();
    settle().await;
    assert_eq!(world.said().len(), 30, "all slots: nobody else wants one now");
    let permits: Vec<_> =
        futures_util::future::join_all((0..20).map(|key| free.enter(key, DRAW))).await;
    assert!(permits.iter().all(Result::is_ok));
    assert_eq!(world.asks.next_withdrawn(), None, "what gave its slots away still waits");
    sleep(WAITED_IN_SLOT * 2).await;
    assert_eq!(limited.turns.limit(), 10, "a third, for two routes");
    drop(permits);
    sleep(WAITED_IN_SLOT * 2).await;
    assert_eq!(limited.turns.limit(), 30);
    assert!(waiting.iter().all(|one| !one.is_finished()));
}

#[tokio::test(start_paused = true)]
async fn the_only_slot_goes_round_and_what_was_asked_for_keeps_its_age() {
    let world = World::new([slice(None, 1), metered(1)]);
    let (limited, free) = (world.route(1, &[0, 1]), world.route(2, &[0]));
    let waiting = enter(&limited, 1);
    settle().await;
    assert_eq!(world.said().len(), 1);
    for key in 2..5 {
        drop(free.enter(key, DRAW).await.unwrap());
        settle().await;
    }
    assert_eq!((world.asks.next_withdrawn(), world.said().len()), (None, 0));
    world.grant(1);
    assert_eq!(waiting.await.unwrap().unwrap().begin(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_comes_while_the_slot_is_away_goes_back() {
    let world = World::new([slice(None, 1), metered(1)]);
    let (limited, free) = (world.route(1, &[0, 1]), world.route(2, &[0]));
    let waiting = enter(&limited, 1);
    settle().await;
    world.said();
    let permit = free.enter(2, DRAW).await.unwrap();
    world.grant(1);
    settle().await;
    assert_eq!(world.asks.next_withdrawn(), Some(vec![1]));
    assert_eq!(world.said().len(), 0, "it has no slot");
    drop(permit);
    settle().await;
    assert_eq!(world.said().len(), 1, "it is asked for again");
    world.grant(2);
    assert!(waiting.await.unwrap().is_ok());
}
