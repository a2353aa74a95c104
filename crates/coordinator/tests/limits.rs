//! Calls of pools with limits: asked for, granted, and told of. Time is paused and everything goes
//! through pipes, so that a minute is a minute. The worker's every frame is the test's own.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_coordinator::{PoolSettings, Served as Endpoint, Settings};
use iago_ledger::Limits;
use iago_protocol::{Ask, Call, FromCoordinator, FromWorker};
use iago_sweep::{CallEnd, Money, Need, Price, Told};
use tokio::time::{Instant, timeout_at};

#[path = "support/hand.rs"]
mod hand;
#[path = "support/house.rs"]
mod house;
#[path = "support/served.rs"]
mod served;
#[path = "support/sweep.rs"]
mod sweep;

use hand::Hand;
use house::House;
use sweep::{POOL, hand_in, settings_with, text};

const MINUTE: Duration = Duration::from_secs(60);

/// These workers send no heartbeats, and are not to be taken for dead.
fn limited(limits: Limits) -> Settings {
    Settings { silence_max: 60 * MINUTE, ..settings_with(limits, Vec::new()) }
}

fn a_minute(requests: u32) -> Limits {
    Limits { requests_per_minute: Some(requests), ..Limits::default() }
}

fn ask(number: u64, input: u64) -> Ask {
    ask_for(number, input, input)
}

/// A call that is sure to take so many tokens, and expected to take more.
fn ask_for(number: u64, certain: u64, input: u64) -> Ask {
    let (pools, need) = (vec![POOL.to_owned()], Need { input, output: 10 });
    Ask { number, pools, need, certain, cost_most: None }
}

fn ended(grant: u64) -> Call {
    Call {
        grant: Some(grant),
        pools: vec![POOL.to_owned()],
        took_ms: 0,
        how: CallEnd::Answered,
        usage: Some(Need { input: 10, output: 10 }),
        cost: None,
        told: Told::default(),
    }
}

/// A worker with a few slots, each of which calls whenever it may.
struct Caller {
    hand: Hand,
    /// Asks so far.
    asked: u64,
    granted: Vec<Instant>,
}

impl Caller {
    async fn new(house: &House, name: &str, slots: u64) -> Self {
        let mut caller = Self { hand: house.join(name).await, asked: 0, granted: Vec::new() };
        for _ in 0..slots {
            caller.ask().await;
        }
        caller
    }

    async fn ask(&mut self) {
        self.asked += 1;
        self.hand.say(FromWorker::Asks(vec![ask(self.asked, 10)])).await;
    }

    /// Calls until a moment.
    async fn call_until(&mut self, end: Instant) {
        while let Ok(said) = timeout_at(end, self.hand.listen()).await {
            let FromCoordinator::Grants { granted, refused, .. } = said else { continue };
            assert_eq!(refused, []);
            for number in granted {
                self.granted.push(Instant::now());
                self.hand.say(FromWorker::Calls(vec![ended(number)])).await;
                self.ask().await;
            }
        }
    }

    async fn call_for(&mut self, time: Duration) -> usize {
        let before = self.granted.len();
        self.call_until(Instant::now() + time).await;
        self.granted.len() - before
    }
}

/// The most calls of any minute.
fn most_of_a_minute(calls: &[Instant]) -> usize {
    let mut calls = calls.to_vec();
    calls.sort_unstable();
    let within =
        |from: Instant| calls.iter().filter(|at| (from..from + MINUTE).contains(at)).count();
    calls.iter().map(|from| within(*from)).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn calls_are_granted_at_the_pace_of_the_limit_and_no_faster() {
    let house = House::piped(limited(a_minute(60))).await;
    let mut caller = Caller::new(&house, "w1", 8).await;
    caller.call_for(2 * MINUTE).await;
    let steady = caller.call_for(5 * MINUTE).await;
    assert!(steady >= 5 * 60 * 98 / 100, "{steady} calls in five minutes");
    assert!(most_of_a_minute(&caller.granted) <= 60);
}

#[tokio::test(start_paused = true)]
async fn workers_take_turns_where_the_limit_is_smaller_than_their_wishes() {
    let house = House::piped(limited(a_minute(6))).await;
    let mut one = Caller::new(&house, "w1", 3).await;
    let mut other = Caller::new(&house, "w2", 3).await;
    let end = Instant::now() + 10 * MINUTE;
    tokio::join!(one.call_until(end), other.call_until(end));
    let (one, other) = (one.granted, other.granted);
    assert!(one.len().abs_diff(other.len()) <= 3, "{} and {}", one.len(), other.len());
    let both = [one, other].concat();
    assert!(most_of_a_minute(&both) <= 6);
    assert!(both.len() >= 54, "{} calls in ten minutes", both.len());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_takes_its_asks_with_it_and_nothing_of_the_limit() {
    let house = House::piped(limited(a_minute(6))).await;
    let gone = Caller::new(&house, "w1", 50).await;
    drop(gone);
    tokio::time::sleep(3 * MINUTE).await;
    let mut back = Caller::new(&house, "w1", 1).await;
    let asked = Instant::now();
    back.call_until(asked + MINUTE).await;
    let first = back.granted.first().expect("it is granted").duration_since(asked);
    assert!(first < Duration::from_secs(1), "nobody called for minutes: {first:?}");
    let granted = back.granted.len();
    assert!((5..=6).contains(&granted), "{granted} calls of its own, and none of before");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_replaced_leaves_no_second_burst_behind() {
    let settings = || limited(a_minute(30));
    let house = House::piped(settings()).await;
    let mut caller = Caller::new(&house, "w1", 4).await;
    caller.call_for(3 * MINUTE).await;
    let before = caller.granted;
    let house = house.outlive(settings()).await;
    let mut caller = Caller::new(&house, "w1", 4).await;
    caller.call_for(3 * MINUTE).await;
    assert!(caller.granted.len() >= 60, "{} calls in three minutes", caller.granted.len());
    assert!(most_of_a_minute(&[before, caller.granted].concat()) <= 30);
}

/// How many calls of so many are granted within a few seconds.
async fn call(house: &House, name: &str, calls: u64) -> usize {
    let mut hand = house.join(name).await;
    hand.say(FromWorker::Asks((1..=calls).map(|number| ask(number, 10)).collect())).await;
    let (mut count, end) = (0, Instant::now() + Duration::from_secs(5));
    while let Ok(said) = timeout_at(end, hand.listen()).await {
        let FromCoordinator::Grants { granted, .. } = said else { continue };
        count += granted.len();
        hand.say(FromWorker::Calls(granted.into_iter().map(ended).collect())).await;
    }
    count
}

fn a_day(requests: u64) -> Settings {
    limited(Limits { requests_per_day: Some(requests), ..Limits::default() })
}

#[tokio::test(start_paused = true)]
async fn a_limit_by_the_day_outlives_who_kept_it() {
    let house = House::piped(a_day(10)).await;
    assert_eq!(call(&house, "w1", 4).await, 4);
    let house = house.succeed(a_day(10)).await;
    assert_eq!(call(&house, "w1", 4).await, 4);
    assert_eq!(call(&house, "w2", 4).await, 2);
    let house = house.succeed(a_day(10)).await;
    assert_eq!(call(&house, "w1", 4).await, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_follows_a_leader_that_was_killed_counts_a_minute_more() {
    let house = House::piped(a_day(10)).await;
    assert_eq!(call(&house, "w1", 3).await, 3);
    let house = house.outlive(a_day(10)).await;
    assert_eq!(call(&house, "w1", 20).await, 10 - 3 - 3);
}

#[tokio::test(start_paused = true)]
async fn leaders_that_are_killed_one_after_the_other_keep_a_limit_by_the_day() {
    let mut house = House::piped(a_day(12)).await;
    for round in 0..2 {
        assert_eq!(call(&house, "w1", 3).await, 3, "round {round}");
        house = house.outlive(a_day(12)).await;
    }
    assert_eq!(call(&house, "w1", 20).await, 0, "twice three, and three that nobody noted");
}

#[tokio::test(start_paused = true)]
async fn no_call_is_refused_for_what_is_only_expected_of_it() {
    let limits = Limits { input_tokens_per_minute: Some(1_000), ..Limits::default() };
    let house = House::piped(limited(limits)).await;
    let mut hand = house.join("w1").await;
    hand.say(FromWorker::Asks(vec![ask_for(1, 900, 5_000)])).await;
    loop {
        if let FromCoordinator::Grants { granted, refused, declined, .. } = hand.listen().await {
            assert_eq!((granted, refused, declined), (vec![1], vec![], vec![]));
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_no_day_can_pay_for_is_refused_when_it_is_handed_in() {
    let price = Price { input: 1_000_000, output: 1_000_000, ..Price::default() };
    let endpoint = Endpoint {
        endpoint: POOL.to_owned(),
        prices: [("*".to_owned(), price)].into(),
        ..Endpoint::default()
    };
    let limits = Limits { dollars_per_day: Some(Money(1)), ..Limits::default() };
    let house = House::piped(Settings { served: vec![endpoint], ..limited(limits) }).await;
    let refused = hand_in(&house.served, &house.operator, &text("dear"), 1).await;
    let words = refused.expect_err("too dear").message().to_owned();
    assert!(words.contains("raise usd_per_day of `lab`"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_can_never_fit_is_refused_and_holds_up_no_other() {
    let limits = Limits { input_tokens_per_minute: Some(1_000), ..Limits::default() };
    let house = House::piped(limited(limits)).await;
    let mut hand = house.join("w1").await;
    hand.say(FromWorker::Asks(vec![ask(1, 1_001), ask(2, 900)])).await;
    let (mut refusals, mut grants) = (Vec::new(), Vec::new());
    while refusals.is_empty() || grants.is_empty() {
        if let FromCoordinator::Grants { granted, refused, .. } = hand.listen().await {
            grants.extend(granted);
            refusals.extend(refused);
        }
    }
    assert_eq!((grants, refusals[0].0), (vec![2], 1));
    assert!(refusals[0].1.contains("1001 input tokens"), "{refusals:?}");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_no_minute_has_room_for_is_refused_when_it_is_handed_in() {
    let limits = Limits { input_tokens_per_minute: Some(1_000), ..Limits::default() };
    let house = House::piped(limited(limits)).await;
    let long = "word ".repeat(2_000);
    let template = format!("{long}{{{{ request }}}}");
    let long = text("long").replace("{{ request }}", &template);
    let refused = hand_in(&house.served, &house.operator, &long, 1).await.expect_err("too long");
    let words = refused.message();
    assert!(words.contains("model `m` with about 2502 input tokens"), "{words}");
    assert!(words.contains("pool `lab` takes 1000 a minute"), "{words}");
    assert!(words.contains("(prompt `p0`, condition `only`)"), "{words}");
    assert!(words.contains("raise input_tokens_per_minute"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn one_call_that_may_answer_more_than_a_minute_allows_is_refused_when_it_is_handed_in() {
    let limits = Limits { output_tokens_per_minute: Some(15), ..Limits::default() };
    let house = House::piped(limited(limits)).await;
    let refused = hand_in(&house.served, &house.operator, &text("loud"), 1).await;
    let words = refused.expect_err("too much").message().to_owned();
    assert!(words.contains("asks model `m` for up to 16 output tokens in one request"), "{words}");
    assert!(words.contains("raise output_tokens_per_minute of `lab`"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_throttles_is_metered_from_then_on() {
    let house = House::piped(limited(Limits::default())).await;
    let mut hand = house.join("w1").await;
    let is_metered = |said: FromCoordinator| {
        let FromCoordinator::Slice(slice) = said else { return None };
        (slice.pool == POOL).then_some(slice.metered)
    };
    let first = loop {
        if let Some(metered) = is_metered(hand.listen().await) {
            break metered;
        }
    };
    assert!(!first, "nothing is known of it");
    let how = CallEnd::Throttled { retry_after: None };
    hand.say(FromWorker::Calls(vec![Call { grant: None, how, ..ended(0) }])).await;
    while is_metered(hand.listen().await) != Some(true) {}
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_has_too_much_to_do_is_divided_smaller() {
    let house = House::piped(limited(Limits { concurrency: Some(64), ..Limits::default() })).await;
    let mut hand = house.join("w1").await;
    let how = CallEnd::Overloaded { retry_after: None };
    let overloaded = || Call { grant: None, how, ..ended(0) };
    let mut told = Vec::new();
    while told.last().is_none_or(|calls| *calls > 32) {
        if let FromCoordinator::Slice(slice) = hand.listen().await
            && slice.pool == POOL
        {
            told.push(slice.concurrency);
            // All that were under way; what comes next is another congestion.
            tokio::time::sleep(MINUTE).await;
            hand.say(FromWorker::Calls((0..8).map(|_| overloaded()).collect())).await;
            let number = slice.number;
            hand.say(FromWorker::Within { pool: slice.pool, number }).await;
        }
    }
    assert_eq!(told[0], 64);
    assert!(told.is_sorted_by(|before, after| before > after), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_job_draws_from_all_pools_that_its_model_names() {
    let pool = |name: &str, limits| PoolSettings { name: name.to_owned(), limits };
    let further = vec![pool("family", a_minute(6)), pool("account", Limits::default())];
    let served = Endpoint {
        endpoint: POOL.to_owned(),
        pools: vec!["account".to_owned()],
        models: BTreeMap::from([("m*".to_owned(), vec!["family".to_owned()])]),
        ..Endpoint::default()
    };
    let settings = settings_with(Limits::default(), further);
    let settings = Settings { silence_max: 60 * MINUTE, served: vec![served], ..settings };
    let house = House::piped(settings).await;
    let (mut hand, mut slices) = (house.join("w1").await, BTreeMap::new());
    while slices.len() < 4 {
        if let FromCoordinator::Slice(slice) = hand.listen().await {
            slices.insert(slice.pool.clone(), (slice.metered, slice.requests_per_minute));
        }
    }
    assert_eq!(slices["family"], (true, Some(6)), "the worker named its endpoint only");
    sweep::submit(&house.served, &house.operator, "routed", 1).await;
    let job = hand.take(1).await.remove(0);
    assert_eq!(job.pools, ["lab", "account", "family"]);
    assert_eq!(job.need.output, 16);
}

#[tokio::test(start_paused = true)]
async fn people_are_told_what_is_used_of_each_limit_and_where_it_is_from() {
    let house = House::piped(limited(a_minute(6))).await;
    let sweep = sweep::submit(&house.served, &house.operator, "told", 1).await;
    let mut caller = Caller::new(&house, "w1", 2).await;
    caller.call_for(2 * MINUTE).await;
    let request =
        served::with(&house.operator, iago_protocol::wire::SweepRequest { sweep: sweep.0 });
    let told = house.jobs().get(request).await.expect("it is there").into_inner();
    let pools = told.progress.expect("it is at work").pools;
    let pool = pools.iter().find(|pool| pool.name == POOL).expect("it is drawn from");
    assert!(pool.metered && pool.waiting > 0, "{pool:?}");
    assert_eq!(pool.concurrency, 1000);
    let requests = pool.limits.iter().find(|limit| limit.quantity == "requests");
    let requests = requests.expect("it is limited");
    assert_eq!((requests.limit, requests.source.as_str()), (Some(6), "configured"));
    assert!((5..=6).contains(&requests.used), "{requests:?}");
    assert!(!pool.waits_for.is_empty());
}
