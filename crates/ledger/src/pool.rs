//! One pool: what is used of it, what is known of its limits, and when the next call fits.

mod bounds;
mod learn;
mod spacing;

use std::time::Duration;

use iago_sweep::{CallEnd, Money, Need};

use self::bounds::configured;
use self::spacing::LATE;
pub(crate) use self::spacing::Spacing;
use crate::asks::Draw;
use crate::concurrency::Concurrency;
use crate::day::Day;
use crate::discovery::Discovery;
use crate::meter::{Bound, Meter, Quantity};
use crate::others::TellTale;
use crate::window::SLACK;
use crate::{Ended, Limits, UsedBefore};

/// What was charged for one call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Charge {
    amounts: [u64; 4],
    /// What it can cost, where dollars are limited.
    reserved: Money,
}

/// All that is known of one pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) limits: Limits,
    pub(crate) meters: [Meter; 4],
    told: [TellTale; 4],
    told_per_day: Option<u64>,
    pub(crate) day: Day,
    pub(crate) discovery: Option<Discovery>,
    pub(crate) concurrency: Concurrency,
    /// Whether its calls ask first.
    pub(crate) metered: bool,
    paused_until: Duration,
    /// How far apart its calls start.
    spacing: Spacing,
    since: Duration,
    /// Whether a call ended that had started before this was watched.
    past: bool,
    /// Whether the minute before was filled by what an earlier ledger had found.
    carried: bool,
    /// When the first call started that nobody asked for.
    first_call: Option<Duration>,
    /// Whether somebody waited for its requests, and nothing else, since time was last taken in.
    wanted: bool,
    /// Calls and cost since they were last taken, what calls under way can cost included; what came back may be more
    /// than what went out.
    calls: i64,
    cost: Money,
}

impl Pool {
    pub(crate) fn new(now: Duration, limits: Limits) -> Self {
        let meter = |quantity| {
            Meter::new(
                now,
                configured(&limits, quantity)
                    .map(|limit| Bound::known(limit, LATE))
                    .unwrap_or_default(),
            )
        };
        Self {
            limits,
            meters: Quantity::ALL.map(meter),
            told: [TellTale::default(); 4],
            told_per_day: None,
            day: Day::default(),
            discovery: None,
            concurrency: Concurrency::new(now, limits.concurrency),
            metered: limits.has_minute() || limits.has_day(),
            paused_until: Duration::ZERO,
            spacing: Spacing::default(),
            since: now,
            past: false,
            carried: false,
            first_call: None,
            wanted: false,
            calls: 0,
            cost: Money::ZERO,
        }
    }

    pub(crate) fn count_before(&mut self, start: Duration, used: UsedBefore) {
        self.day.count_before(start, used.ago, used.calls, used.cost);
    }

    /// When such a call may start, if no other does; `None` if now.
    pub(crate) fn opens_at(&mut self, now: Duration, draw: Draw) -> Option<Duration> {
        let paused = Some(self.paused_until).filter(|until| *until > now);
        let limits =
            paused.max(self.day_opens_at(now, draw)).max(self.meters_open_at(now, draw.need));
        let requests = self.requests_open_at(now);
        // After a pause the first start is later than the pause; that is no reason to rise.
        self.wanted |= paused.is_none() && requests > limits;
        limits.max(requests)
    }

    /// When another call would fit by the minute if one started at `start`.
    pub(crate) fn opens_after(&self, start: Duration, one: Draw, other: Draw) -> Duration {
        let opens = Quantity::ALL.map(|quantity| {
            let [one, other] = [one, other].map(|draw| quantity.amount(draw.need));
            self.meters[quantity as usize].opens_after(start, one, other)
        });
        opens.into_iter().max().unwrap_or(start)
    }

    /// How long the flow of what is limited by the minute takes for such a call.
    pub(crate) fn takes(&self, draw: Draw) -> Duration {
        let takes = Quantity::ALL
            .map(|quantity| self.meters[quantity as usize].takes(quantity.amount(draw.need)));
        takes.into_iter().max().unwrap_or_default()
    }

    /// Charges a call that starts now.
    pub(crate) fn charge(&mut self, now: Duration, draw: Draw) -> Charge {
        let reserved = self.day.reserve(self.day_bound(), draw.cost_most);
        self.day.charge(now, reserved);
        self.cost += reserved;
        let mut charge = Charge { reserved, ..Charge::default() };
        self.start_in_discovery(now);
        for quantity in Quantity::ALL {
            let meter = &mut self.meters[quantity as usize];
            let amount = meter.clamp(quantity.amount(draw.need));
            meter.charge(now, amount);
            charge.amounts[quantity as usize] = amount;
        }
        self.calls += 1;
        charge
    }

    /// Takes a charge back: the call was never made.
    pub(crate) fn refund(&mut self, now: Duration, at: Duration, charge: &Charge) {
        self.forget_start(at);
        self.correct(now, at, charge, Counted::Nothing, None);
        self.settle_day(at, charge.reserved, Counted::Nothing, Some(Money::ZERO));
    }

    /// Corrects a charge of the moment `at` by how its call ended.
    pub(crate) fn settle(&mut self, now: Duration, at: Duration, charge: &Charge, ended: &Ended) {
        let counted = Counted::of(ended.how);
        if ended.how == CallEnd::Unsent {
            self.forget_start(at);
        }
        self.correct(now, at, charge, counted, ended.usage);
        self.settle_day(at, charge.reserved, counted, cost_of(ended));
        self.learn_cost(ended);
    }

    /// Whether the call of this moment was taken will never be known.
    pub(crate) fn forget_start(&mut self, at: Duration) {
        if let Some(discovery) = &mut self.discovery {
            discovery.forget(at);
        }
    }

    /// Counts what a call cost that was charged by a ledger before this one.
    pub(crate) fn spend(&mut self, now: Duration, ended: &Ended) {
        let cost = cost_of(ended).unwrap_or_default();
        self.day.spend(now, cost);
        self.cost += cost;
        self.learn_cost(ended);
    }

    /// Counts a call that nobody asked for, and that started at the moment `at`.
    pub(crate) fn count(&mut self, now: Duration, at: Duration, ended: &Ended) {
        self.spend(now, ended);
        self.first_call = self.first_call.into_iter().chain([at]).min();
        match Counted::of(ended.how) {
            Counted::Call => {}
            Counted::Refused if self.counts_refused() => {
                return self.meters[Quantity::Requests as usize].settle(now, at, 0, 1);
            }
            Counted::Refused | Counted::Nothing => return,
        }
        let used = ended.usage.unwrap_or_default();
        for quantity in Quantity::ALL {
            self.meters[quantity as usize].settle(now, at, 0, quantity.amount(used));
        }
        self.day.charge(now, Money::ZERO);
        self.calls += 1;
        if let Some(discovery) = &mut self.discovery {
            discovery.take_late(at, &self.meters[0].window);
            self.refresh(now);
        }
    }

    /// Pauses, single calls that are tried and cuts of the concurrency are forgotten: a person acted.
    pub(crate) fn release(&mut self, now: Duration) {
        self.paused_until = Duration::ZERO;
        self.day.release();
        // What was found while all was refused says nothing of now.
        self.discovery = self.discovery.take().filter(|discovery| !discovery.stalled());
        self.refresh(now);
        for meter in &mut self.meters {
            meter.release(now);
        }
        self.concurrency.release();
    }

    /// Time passes: a rate that was found rises.
    pub(crate) fn grow(&mut self, now: Duration) {
        let Some(discovery) = self.discovery.as_mut().filter(|of| of.is_due(now)) else { return };
        self.meters[0].window.advance(now);
        let wanted = std::mem::take(&mut self.wanted);
        if discovery.grow(now, wanted, real(self.meters[0].window.sum())) {
            let rate = discovery.rate();
            let known = self.known(Quantity::Requests).filter(|known| rate >= real(*known));
            if let Some(known) = known {
                self.discovery.take_if(|discovery| discovery.reach(known));
            }
            self.refresh(now);
        }
    }

    /// When the rate that was found rises next, if somebody waits for it all the time; `None` if none does.
    pub(crate) fn rises_at(&self) -> Option<Duration> {
        let rises = self.discovery.as_ref().filter(|_| self.wanted)?.rises_at()?;
        Some(rises.max(self.paused_until))
    }

    /// Calls and cost since this was last asked.
    pub(crate) fn take_use(&mut self) -> (u64, Money) {
        let calls = u64::try_from(self.calls).unwrap_or(0);
        self.calls = self.calls.min(0);
        let cost = self.cost.max(Money::ZERO);
        self.cost = self.cost.min(Money::ZERO);
        (calls, cost)
    }

    pub(crate) fn paused_until(&self) -> Duration {
        self.paused_until
    }

    /// When the limits by the day let such a call start; `None` if now.
    pub(crate) fn day_opens_at(&mut self, now: Duration, draw: Draw) -> Option<Duration> {
        let bound = self.day_bound();
        let reserved = self.day.reserve(bound, draw.cost_most);
        self.day.opens_at(now, bound, reserved)
    }

    fn settle_day(&mut self, at: Duration, reserved: Money, counted: Counted, cost: Option<Money>) {
        self.day.settle(at, reserved, counted == Counted::Call, cost);
        self.cost += Money(cost.unwrap_or(reserved).0.saturating_sub(reserved.0));
        if counted != Counted::Call {
            self.calls = self.calls.saturating_sub(1);
        }
    }

    fn learn_cost(&mut self, ended: &Ended) {
        if let (CallEnd::Answered, Some(cost)) = (ended.how, ended.cost) {
            self.day.learn(cost);
        }
    }

    fn start_in_discovery(&mut self, now: Duration) {
        let Some(discovery) = &mut self.discovery else { return };
        let opens = self.meters[Quantity::Requests as usize].window_opens_at(now);
        discovery.start(now, opens.is_some_and(|opens| opens > now + 2 * SLACK));
    }

    fn meters_open_at(&mut self, now: Duration, need: Need) -> Option<Duration> {
        let tokens = [Quantity::Input, Quantity::Output, Quantity::Tokens];
        let opens = tokens
            .map(|quantity| self.meters[quantity as usize].opens_at(now, quantity.amount(need)));
        opens.into_iter().flatten().max()
    }

    fn requests_open_at(&mut self, now: Duration) -> Option<Duration> {
        let meter = &mut self.meters[Quantity::Requests as usize];
        meter.window.advance(now);
        let Some(discovery) = &mut self.discovery else { return meter.opens_at(now, 1) };
        if discovery.puzzled()
            && let Some(opens) = meter.window_opens_at(now)
        {
            discovery.window_opens(opens);
        }
        let probe = discovery.opens_at(now, &meter.window);
        if !discovery.stalled() {
            self.refresh(now);
            return self.meters[Quantity::Requests as usize].opens_at(now, 1);
        }
        // Beyond what was found, but never beyond what is known.
        let known = self.usable(Quantity::Requests);
        let window = &self.meters[Quantity::Requests as usize].window;
        probe.max(known.and_then(|known| window.opens_at(1, known)))
    }

    /// Whether a refused call counts as one: vendors may count it against a limit that they state. A limit that is found
    /// out is found from the calls that were taken.
    fn counts_refused(&self) -> bool {
        let states = self.discovery.as_ref().is_none_or(Discovery::is_of_known);
        states && self.known(Quantity::Requests).is_some()
    }

    fn correct(
        &mut self,
        now: Duration,
        at: Duration,
        charge: &Charge,
        counted: Counted,
        usage: Option<Need>,
    ) {
        let refused_counts = self.counts_refused();
        for quantity in Quantity::ALL {
            let charged = charge.amounts[quantity as usize];
            let actual = match (counted, quantity, usage) {
                (Counted::Refused, Quantity::Requests, _) if refused_counts => charged,
                (Counted::Nothing | Counted::Refused, _, _) => 0,
                (Counted::Call, Quantity::Requests, _) | (Counted::Call, _, None) => charged,
                (Counted::Call, _, Some(usage)) => quantity.amount(usage),
            };
            self.meters[quantity as usize].settle(now, at, charged, actual);
        }
    }
}

/// What a call counts for, by how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    Call,
    /// A request at most.
    Refused,
    Nothing,
}

impl Counted {
    fn of(how: CallEnd) -> Self {
        match how {
            CallEnd::Throttled { .. } => Self::Refused,
            CallEnd::Unsent => Self::Nothing,
            CallEnd::Answered | CallEnd::Overloaded { .. } | CallEnd::Broken | CallEnd::Other => {
                Self::Call
            }
        }
    }
}

/// What a call cost; `None` if it may have cost anything.
fn cost_of(ended: &Ended) -> Option<Money> {
    match ended.how {
        CallEnd::Answered | CallEnd::Broken => ended.cost,
        CallEnd::Throttled { .. }
        | CallEnd::Overloaded { .. }
        | CallEnd::Other
        | CallEnd::Unsent => Some(ended.cost.unwrap_or_default()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shares and rates")]
fn real(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; saturates")]
fn whole(rate: f64) -> u64 {
    rate as u64
}
