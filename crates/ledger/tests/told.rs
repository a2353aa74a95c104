//! A limit of tokens that nobody configured, told by headers, and calls that take other than was estimated.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits, Source};
use iago_sweep::{CallEnd, Need, PoolId, Told, ToldLimit, WorkerId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const POOL: PoolId = PoolId(0);
const ONE: WorkerId = WorkerId(1);
const MINUTE: Duration = Duration::from_secs(60);
const LATENCY: Duration = Duration::from_secs(1);
/// Input tokens a minute that the endpoint tells.
const LIMIT: u64 = 60_000;
const SLOTS: u64 = 32;
/// Tokens that a call is estimated to take, and by how much it may take more or less.
const ESTIMATE: u64 = 500;
const ERROR: u64 = 100;

enum Happening {
    Ends { number: Option<u64>, input: u64 },
    Wakes,
}

struct World {
    ledger: Ledger,
    dice: ChaCha8Rng,
    now: Duration,
    agenda: BTreeMap<(Duration, u64), Happening>,
    sequence: u64,
    /// When calls arrived, and what they really took.
    taken: Vec<(Duration, u64)>,
}

impl World {
    fn new(limits: Limits, seed: u64) -> Self {
        let mut world = Self {
            ledger: Ledger::new(Duration::ZERO, vec![limits]),
            dice: ChaCha8Rng::seed_from_u64(seed),
            now: Duration::ZERO,
            agenda: BTreeMap::new(),
            sequence: 0,
            taken: Vec::new(),
        };
        for _ in 0..SLOTS {
            world.want();
        }
        world
    }

    fn run(&mut self, until: Duration) {
        self.decide();
        while let Some(((at, _), happening)) = self.agenda.pop_first() {
            if at > until {
                break;
            }
            self.now = at;
            if let Happening::Ends { number, input } = happening {
                self.end(number, input);
            }
            self.decide();
        }
    }

    fn decide(&mut self) {
        let mut actions = Vec::new();
        self.ledger.grant(self.now, &mut actions);
        for action in actions {
            if let Action::Grant(_, number) = action {
                self.call(Some(number));
            }
        }
        self.agenda.retain(|_, happening| !matches!(happening, Happening::Wakes));
        if let Some(next) = self.ledger.next_moment(self.now) {
            self.plan(next, Happening::Wakes);
        }
    }

    fn call(&mut self, number: Option<u64>) {
        let input = ESTIMATE - ERROR + self.dice.next_u64() % (2 * ERROR);
        self.taken.push((self.now, input));
        self.plan(self.now + LATENCY, Happening::Ends { number, input });
    }

    fn end(&mut self, number: Option<u64>, input: u64) {
        let told = ToldLimit {
            limit: Some(LIMIT),
            remaining: Some(LIMIT.saturating_sub(self.used_before(self.now))),
            ..ToldLimit::default()
        };
        let ended = Ended {
            number,
            pools: vec![POOL],
            took: LATENCY,
            how: CallEnd::Answered,
            usage: Some(Need { input, output: 0 }),
            cost: None,
            told: Told { input_tokens: Some(told), ..Told::default() },
        };
        self.ledger.apply(self.now, Event::Ended(ONE, ended), &mut Vec::new());
        self.want();
    }

    fn want(&mut self) {
        if !self.ledger.metered(POOL) {
            return self.call(None);
        }
        self.sequence += 1;
        let need = Need { input: ESTIMATE, output: 0 };
        let ask =
            Ask { number: self.sequence, pools: vec![POOL], need, certain: 0, cost_most: None };
        self.ledger.apply(self.now, Event::Asked(ONE, ask), &mut Vec::new());
    }

    fn plan(&mut self, at: Duration, happening: Happening) {
        self.sequence += 1;
        self.agenda.insert((at, self.sequence), happening);
    }

    /// What calls took that arrived in the minute before.
    fn used_before(&self, to: Duration) -> u64 {
        let of_minute = self.taken.iter().rev().skip_while(|(at, _)| *at > to);
        of_minute.take_while(|(at, _)| *at + MINUTE > to).map(|(_, input)| input).sum()
    }
}

#[test]
fn a_told_limit_of_tokens_is_used_to_the_full_and_never_exceeded() {
    for seed in 1..=3 {
        let mut world = World::new(Limits::default(), seed);
        world.run(Duration::from_secs(400));
        let state = world.ledger.state(POOL);
        let limit = state.minute.iter().find(|of| of.quantity == "input tokens").unwrap().limit;
        assert_eq!(limit, Some((LIMIT, Source::Told)));
        // What is under way is known by its estimate only: about two calls a second, each for a second.
        let unknown = 6 * ERROR;
        for (at, _) in &world.taken {
            let used = world.used_before(*at);
            assert!(used <= LIMIT + unknown, "seed {seed}: {used} in the minute before {at:?}");
        }
        for minute in 2..=6 {
            let used = world.used_before(MINUTE * minute);
            assert!(used * 100 >= LIMIT * 95, "seed {seed}: {used} in minute {minute}");
        }
    }
}

#[test]
fn a_higher_limit_that_is_told_does_not_raise_a_configured_one_and_a_lower_one_lowers_it() {
    for (configured, most) in [(30_000, 30_000), (90_000, LIMIT)] {
        let limits = Limits { input_tokens_per_minute: Some(configured), ..Limits::default() };
        let mut world = World::new(limits, 1);
        world.run(Duration::from_secs(300));
        for minute in 3..=5 {
            let used = world.used_before(MINUTE * minute);
            assert!(used <= most + 6 * ERROR, "{configured}: {used}");
            assert!(used * 100 >= most * 95, "{configured}: {used}");
        }
    }
}

#[test]
fn others_use_what_the_provider_counts_and_not_what_is_configured_for_us() {
    let limits = Limits { requests_per_minute: Some(100), ..Limits::default() };
    let mut ledger = Ledger::new(Duration::ZERO, vec![limits]);
    let told = ToldLimit { limit: Some(1_000), remaining: Some(500), ..ToldLimit::default() };
    for second in 100..200 {
        hear(&mut ledger, Duration::from_secs(second), told);
    }
    assert_eq!(ledger.state(POOL).minute[0].limit, Some((100, Source::Configured)));
}

#[test]
fn nothing_left_holds_until_the_reset_that_was_told_unless_we_used_it_ourselves() {
    let now = Duration::from_secs(1_000);
    let reset_after = Some(Duration::from_secs(40));
    let told = ToldLimit { limit: Some(600), remaining: Some(0), reset_after, per_day: false };
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    hear(&mut ledger, now, told);
    ask(&mut ledger, now);
    assert!(ledger.next_moment(now).unwrap() >= now + Duration::from_secs(40));

    let limits = Limits { requests_per_minute: Some(600), ..Limits::default() };
    let mut ledger = Ledger::new(now, vec![limits]);
    hear(&mut ledger, now, told);
    ask(&mut ledger, now);
    assert!(ledger.next_moment(now).unwrap() < now + Duration::from_secs(2));
}

fn hear(ledger: &mut Ledger, now: Duration, told: ToldLimit) {
    let ended = Ended {
        number: None,
        pools: vec![POOL],
        took: Duration::from_millis(10),
        how: CallEnd::Other,
        usage: None,
        cost: None,
        told: Told { requests: Some(told), ..Told::default() },
    };
    ledger.apply(now, Event::Ended(ONE, ended), &mut Vec::new());
}

fn ask(ledger: &mut Ledger, now: Duration) {
    let ask =
        Ask { number: 1, pools: vec![POOL], need: Need::default(), certain: 0, cost_most: None };
    ledger.apply(now, Event::Asked(ONE, ask), &mut Vec::new());
}

#[test]
fn of_the_limits_of_several_models_the_least_told_in_a_minute_holds() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    let told = |limit| ToldLimit { limit: Some(limit), ..ToldLimit::default() };
    for second in 100..200 {
        hear(&mut ledger, Duration::from_secs(second), told(50));
        hear(&mut ledger, Duration::from_secs(second), told(4_000));
        assert_eq!(ledger.state(POOL).minute[0].limit, Some((50, Source::Told)));
        assert_eq!(ledger.limit_in_force(POOL), Some(50));
    }
    for second in 200..300 {
        hear(&mut ledger, Duration::from_secs(second), told(4_000));
        let least = if second < 259 { 50 } else { 4_000 };
        assert_eq!(ledger.limit_in_force(POOL), Some(least), "{second}");
    }
}

#[test]
fn many_different_limits_are_told_and_the_least_is_remembered() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    for limit in (1..100).rev().chain(1..100) {
        let told = ToldLimit { limit: Some(limit), ..ToldLimit::default() };
        hear(&mut ledger, Duration::from_secs(100), told);
    }
    assert_eq!(ledger.limit_in_force(POOL), Some(1));
}
