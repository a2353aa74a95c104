//! Routes that share pools: one of two busy pools gets its part of both.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits};
use iago_sweep::{CallEnd, Need, PoolId, Told, WorkerId};

const ONE: WorkerId = WorkerId(1);
const ROUTES: [&[u32]; 3] = [&[0], &[1], &[0, 1]];
const SLOTS: u64 = 24;
const LATENCY: Duration = Duration::from_millis(400);
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// All routes are saturated.
struct World {
    ledger: Ledger,
    ends: BTreeMap<(Duration, u64), usize>,
    routes: BTreeMap<u64, usize>,
    next: u64,
    granted: [u64; 3],
}

impl World {
    fn run(limits: [u32; 2]) -> [u64; 3] {
        let limits = limits.map(|limit| Limits {
            requests_per_minute: Some(limit),
            concurrency: Some(1_000),
            ..Limits::default()
        });
        let mut world = Self {
            ledger: Ledger::new(Duration::ZERO, limits.to_vec()),
            ends: BTreeMap::new(),
            routes: BTreeMap::new(),
            next: 0,
            granted: [0; 3],
        };
        for slot in 0..SLOTS * 3 {
            world.ask(Duration::ZERO, usize::try_from(slot % 3).expect("small"));
        }
        let mut now = Duration::ZERO;
        while now < TEN_MINUTES {
            world.step(now);
            let ends = world.ends.first_key_value().map(|(key, _)| key.0);
            let next = world.ledger.next_moment(now).into_iter().chain(ends).min();
            now = next.expect("all is saturated");
        }
        world.granted
    }

    fn step(&mut self, now: Duration) {
        while let Some(entry) = self.ends.first_entry().filter(|entry| entry.key().0 <= now) {
            let number = entry.key().1;
            let route = entry.remove();
            self.end(now, number, route);
            self.ask(now, route);
        }
        let mut actions = Vec::new();
        self.ledger.grant(now, &mut actions);
        for action in actions {
            let Action::Grant(_, number) = action else { panic!("{action:?}") };
            let route = self.routes.remove(&number).expect("asked");
            self.granted[route] += 1;
            self.ends.insert((now + LATENCY, number), route);
        }
    }

    fn ask(&mut self, now: Duration, route: usize) {
        let pools = pools(route);
        let need = Need::default();
        let ask = Ask { number: self.next, pools, need, certain: 0, cost_most: None };
        self.routes.insert(self.next, route);
        self.next += 1;
        self.ledger.apply(now, Event::Asked(ONE, ask), &mut Vec::new());
    }

    fn end(&mut self, now: Duration, number: u64, route: usize) {
        let ended = Ended {
            number: Some(number),
            pools: pools(route),
            took: LATENCY,
            how: CallEnd::Answered,
            usage: None,
            cost: None,
            told: Told::default(),
        };
        self.ledger.apply(now, Event::Ended(ONE, ended), &mut Vec::new());
    }
}

fn pools(route: usize) -> Vec<PoolId> {
    ROUTES[route].iter().map(|pool| PoolId(*pool)).collect()
}

/// Limits of two pools, calls of ten minutes in the routes of the first, of the second, and of both: a third of what the
/// scarcer one lets others do, at least, and no pool is left unused for it.
#[test]
fn a_route_of_two_busy_pools_gets_its_part_of_the_scarcer_one() {
    for limits in [[600, 500], [600, 350], [100, 37], [6, 4]] {
        let [first, second, both] = World::run(limits);
        assert!(both * 3 >= second, "{limits:?}: {first}, {second} and {both}");
        for (limit, used) in limits.into_iter().zip([first + both, second + both]) {
            let most = u64::from(limit) * 10;
            assert!(used * 100 >= most * 90 && used <= most, "{limits:?}: {used} of {most}");
        }
    }
}

#[test]
fn a_pool_that_is_paused_for_long_slows_no_other_of_its_routes() {
    let limits = Limits { requests_per_minute: Some(600), ..Limits::default() };
    let mut ledger = Ledger::new(Duration::ZERO, vec![limits; 2]);
    let start = Duration::from_secs(1_000);
    let mut actions = Vec::new();
    let pause = CallEnd::Overloaded { retry_after: Some(Duration::from_secs(120)) };
    let took = Duration::from_millis(10);
    let (usage, cost, told) = (None, None, Told::default());
    let ended = Ended { number: None, pools: vec![PoolId(1)], took, how: pause, usage, cost, told };
    ledger.apply(start, Event::Ended(ONE, ended), &mut actions);
    let ask = |number, pools: &[u32]| {
        let pools = pools.iter().map(|pool| PoolId(*pool)).collect();
        Event::Asked(ONE, Ask { number, pools, need: Need::default(), certain: 0, cost_most: None })
    };
    ledger.apply(start, ask(0, &[0, 1]), &mut actions);
    for number in 1..=600 {
        ledger.apply(start, ask(number, &[0]), &mut actions);
    }
    actions.clear();
    let mut now = start;
    while now < start + Duration::from_secs(60) {
        ledger.grant(now, &mut actions);
        now = ledger.next_moment(now).expect("all wait").max(now);
    }
    let granted = actions.iter().filter(|action| matches!(action, Action::Grant(..))).count();
    assert!(granted >= 590, "{granted}");
}
