//! A driver that sleeps as long as it is told misses nothing.

use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits};
use iago_sweep::{CallEnd, Money, Need, PoolId, Told, ToldLimit, WorkerId};
use proptest::prelude::*;

/// How much later than a possible grant a driver may be woken up.
const TOLERATED: Duration = Duration::from_millis(1);

const WORKERS: u64 = 3;

#[derive(Clone, Debug)]
enum Step {
    Asks { worker: u64, route: usize, input: u64, cost: Option<i64> },
    Ends { which: usize, how: CallEnd, input: u64, told: Told },
    EndsUnasked { route: usize, how: CallEnd, told: Told },
    Withdraws { which: usize },
    Parts { worker: u64 },
    Frees { pool: u32 },
}

fn pools() -> Vec<Limits> {
    vec![
        Limits { requests_per_minute: Some(120), ..Limits::default() },
        Limits { input_tokens_per_minute: Some(9_000), ..Limits::default() },
        Limits::default(),
        Limits {
            dollars_per_day: Some(Money(1_000)),
            requests_per_day: Some(40),
            ..Limits::default()
        },
    ]
}

const ROUTES: [&[u32]; 7] = [&[0], &[1], &[2], &[3], &[0, 1], &[2, 1], &[2, 0, 3]];

fn route(which: usize) -> Vec<PoolId> {
    ROUTES[which].iter().map(|pool| PoolId(*pool)).collect()
}

/// A ledger, and what a driver knows of it.
struct Driver {
    ledger: Ledger,
    now: Duration,
    numbers: u64,
    /// Granted and not ended: who, which, and its pools.
    granted: Vec<(WorkerId, u64)>,
    routes: Vec<usize>,
}

impl Driver {
    fn new() -> Self {
        let ledger = Ledger::new(Duration::ZERO, pools());
        Self { ledger, now: Duration::ZERO, numbers: 0, granted: Vec::new(), routes: Vec::new() }
    }

    /// Lets time pass without an event, looking in between: what a look finds, the ledger must have announced.
    fn pass(&mut self, looks: &[u64]) -> Result<(), TestCaseError> {
        for look in looks {
            let announced = self.ledger.next_moment(self.now);
            self.now += Duration::from_millis(*look);
            let found = self.grant();
            let in_time = announced.is_some_and(|at| at <= self.now + TOLERATED);
            prop_assert!(
                found.is_empty() || in_time,
                "{found:?} at {:?}, announced for {announced:?}",
                self.now
            );
        }
        Ok(())
    }

    fn grant(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        self.ledger.grant(self.now, &mut actions);
        for action in &actions {
            if let Action::Grant(worker, number) = action {
                self.granted.push((*worker, *number));
            }
        }
        actions
    }

    fn take(&mut self, step: &Step) {
        let event = match step {
            Step::Asks { worker, route: which, input, cost } => {
                self.routes.push(*which);
                self.numbers += 1;
                let need = Need { input: *input, output: 5 };
                let cost_most = cost.map(Money);
                let number = self.numbers - 1;
                let ask = Ask { number, pools: route(*which), need, certain: 0, cost_most };
                Event::Asked(WorkerId(worker % WORKERS), ask)
            }
            Step::Ends { which, how, input, told } => {
                let Some((worker, number)) = self.pick(*which) else { return };
                let of = self.routes[usize::try_from(number).expect("few")];
                let usage = Some(Need { input: *input, output: 9 });
                Event::Ended(worker, ended(Some(number), of, *how, usage, *told))
            }
            Step::EndsUnasked { route, how, told } => {
                Event::Ended(WorkerId(0), ended(None, *route, *how, None, *told))
            }
            Step::Withdraws { which } => {
                let Some((worker, number)) = self.pick(*which) else { return };
                Event::Withdrew(worker, number)
            }
            Step::Parts { worker } => Event::Parted(WorkerId(worker % WORKERS)),
            Step::Frees { pool } => Event::Free(PoolId(*pool)),
        };
        self.ledger.apply(self.now, event, &mut Vec::new());
        self.grant();
    }

    fn pick(&mut self, which: usize) -> Option<(WorkerId, u64)> {
        let place = which.checked_rem(self.granted.len())?;
        Some(self.granted.remove(place))
    }
}

fn ended(number: Option<u64>, of: usize, how: CallEnd, usage: Option<Need>, told: Told) -> Ended {
    let took = Duration::from_millis(300);
    Ended { number, pools: route(of), took, how, usage, cost: Some(Money(20)), told }
}

fn hows() -> impl Strategy<Value = CallEnd> {
    let wait = || prop::option::of((1_u64..20_000).prop_map(Duration::from_millis));
    prop_oneof![
        4 => Just(CallEnd::Answered),
        2 => wait().prop_map(|retry_after| CallEnd::Throttled { retry_after }),
        1 => wait().prop_map(|retry_after| CallEnd::Overloaded { retry_after }),
        1 => Just(CallEnd::Broken),
    ]
}

fn tolds() -> impl Strategy<Value = Told> {
    let limit = (prop::bool::ANY, prop::option::of(1_u64..500), prop::option::of(0_u64..500));
    let told = limit.prop_map(|(per_day, limit, remaining)| {
        let reset_after = Some(Duration::from_secs(7));
        let told = ToldLimit { per_day, limit, remaining, reset_after };
        Told { requests: Some(told), ..Told::default() }
    });
    prop_oneof![3 => Just(Told::default()), 1 => told]
}

fn steps() -> impl Strategy<Value = Step> {
    let routes = || 0..ROUTES.len();
    prop_oneof![
        8 => (0..WORKERS, routes(), 0_u64..4_000, prop::option::of(0_i64..200))
            .prop_map(|(worker, route, input, cost)| Step::Asks { worker, route, input, cost }),
        5 => (any::<usize>(), hows(), 0_u64..4_000, tolds())
            .prop_map(|(which, how, input, told)| Step::Ends { which, how, input, told }),
        3 => (routes(), hows(), tolds())
            .prop_map(|(route, how, told)| Step::EndsUnasked { route, how, told }),
        1 => any::<usize>().prop_map(|which| Step::Withdraws { which }),
        1 => (0..WORKERS).prop_map(|worker| Step::Parts { worker }),
        1 => (0_u32..4).prop_map(|pool| Step::Frees { pool }),
    ]
}

proptest! {
    #[test]
    fn nothing_is_granted_before_it_was_announced(
        course in prop::collection::vec(
            (prop::collection::vec(steps(), 1..6), prop::collection::vec(0_u64..3_000, 0..6)),
            1..40,
        ),
    ) {
        let mut driver = Driver::new();
        for (steps, looks) in &course {
            steps.iter().for_each(|step| driver.take(step));
            driver.pass(looks)?;
        }
    }
}

#[test]
fn a_change_of_the_concurrency_is_announced_though_nothing_waits() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    let mut actions = Vec::new();
    let now = Duration::from_secs(100);
    for after in 0..10 {
        let took = Duration::from_millis(1);
        let how = CallEnd::Overloaded { retry_after: None };
        let overloaded = Ended { took, ..ended(None, 0, how, None, Told::default()) };
        let at = now + Duration::from_millis(10 * after);
        ledger.apply(at, Event::Ended(WorkerId(1), overloaded), &mut actions);
    }
    let [Action::Concurrency(PoolId(0), first)] = actions.as_slice() else { panic!("{actions:?}") };
    let first = *first;
    // The fifth in a row was told at once, the tenth has to wait.
    let due = ledger.next_moment(now + Duration::from_millis(100)).unwrap();
    assert_eq!(due, now + Duration::from_millis(40) + Duration::from_secs(1));
    actions.clear();
    ledger.grant(due, &mut actions);
    let [Action::Concurrency(PoolId(0), second)] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert!(*second < first);
    assert_eq!(ledger.next_moment(due), None);
}
