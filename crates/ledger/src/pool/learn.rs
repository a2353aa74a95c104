//! What the ends of calls teach a pool: refusals, pauses, and what headers tell.

use iago_sweep::{CallEnd, Told, ToldLimit};
use std::time::Duration;

use super::spacing::TooClose;
use super::{Pool, real};
use crate::Ended;
use crate::discovery::{Discovery, Refusal};
use crate::meter::{MOST_AMOUNT, Quantity};
use crate::others::is_of_a_minute;

/// No pause that a reply asks for is longer: limits by the day.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// No pause of one quantity, of a limit by the minute, is longer.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// Our own account and the endpoint's differ by no more than this part of a limit while nobody else uses it.
const EXPLAINED: u64 = 50;

impl Pool {
    /// What the end of a call says of the limits by the minute.
    pub(crate) fn learn(&mut self, now: Duration, at: Duration, ended: &Ended) {
        self.past |= at < self.since;
        match ended.how {
            CallEnd::Throttled { retry_after } => self.learn_refusal(now, at, retry_after),
            CallEnd::Overloaded { retry_after } => {
                self.pause(now, retry_after.unwrap_or_default());
            }
            CallEnd::Answered => self.learn_taken(now, at),
            CallEnd::Broken | CallEnd::Other | CallEnd::Unsent => {}
        }
        self.hear(now, &ended.told);
        self.refresh(now);
    }

    /// A limit that a ledger before this one had found. It holds where less is not known, and is looked at again at the
    /// first refusal after a minute.
    pub(crate) fn carry_over(&mut self, now: Duration, found: u64) {
        let found = found.clamp(1, MOST_AMOUNT);
        let known = self.known(Quantity::Requests);
        let learnt = self.discovery.as_ref().is_some_and(|discovery| !discovery.is_carried(found));
        if learnt || known.is_some_and(|known| known <= found) {
            return;
        }
        self.metered = true;
        self.discovery = Some(Discovery::carry_over(now, real(found), known.is_some()));
        let window = &mut self.meters[Quantity::Requests as usize].window;
        if known.is_none() && !std::mem::replace(&mut self.carried, true) {
            window.fill_before(self.since, found);
            window.advance(now);
        }
        self.refresh(now);
    }

    fn learn_refusal(&mut self, now: Duration, at: Duration, retry_after: Option<Duration>) {
        self.metered = true;
        let stale = self.discovery.as_ref().is_some_and(|discovery| discovery.is_stale(at));
        if !stale || retry_after.is_some() {
            self.pause(now, retry_after.unwrap_or_default());
        }
        if self.came_too_close(at) {
            return;
        }
        let refusal = Refusal { now, started: at, hold_until: self.paused_until };
        let known = self.usable(Quantity::Requests).map(real);
        let since = self.first_call.unwrap_or(self.since);
        let window = &self.meters[0].window;
        let says = match &mut self.discovery {
            Some(discovery) => discovery.refuse(refusal, window),
            None => {
                self.discovery = Some(Discovery::begin(refusal, window, since, known, self.past));
                true
            }
        };
        if let Some(discovery) = self.discovery.as_ref().filter(|_| says) {
            self.meters[Quantity::Requests as usize].hold(now + discovery.refill());
        }
    }

    /// Whether a known limit was not reached, but the endpoint holds a single call, and this one came too early for it.
    fn came_too_close(&mut self, at: Duration) -> bool {
        let known = self.usable(Quantity::Requests).filter(|_| self.discovery.is_none());
        let Some(limit) = known.map(real) else { return false };
        let refused = TooClose { started: at, limit };
        let before = at.saturating_sub(refused.within());
        // Its own charge is among them.
        let near = self.meters[Quantity::Requests as usize].window.between(before, at) > 1;
        self.spacing.explain(refused, near)
    }

    fn learn_taken(&mut self, now: Duration, at: Duration) {
        self.spacing.take(at);
        if let Some(discovery) = &mut self.discovery {
            discovery.take(now, at, &self.meters[0].window);
        }
    }

    /// Starts nothing for so long, and nothing in a burst afterwards.
    fn pause(&mut self, now: Duration, pause: Duration) {
        let until = now + pause.min(LONGEST_PAUSE);
        if until > self.paused_until && !pause.is_zero() {
            self.paused_until = until;
            for meter in &mut self.meters {
                meter.use_up(until);
            }
        }
    }

    fn hear(&mut self, now: Duration, told: &Told) {
        let all = [told.requests, told.input_tokens, told.output_tokens, told.tokens];
        for (quantity, told) in Quantity::ALL.into_iter().zip(all) {
            match told {
                Some(told) if told.per_day => self.hear_of_day(now, quantity, told),
                Some(told) => self.hear_of_minute(now, quantity, told),
                None => {}
            }
        }
    }

    fn hear_of_minute(&mut self, now: Duration, quantity: Quantity, told: ToldLimit) {
        let meter = &mut self.meters[quantity as usize];
        meter.window.advance(now);
        let own = meter.window.sum();
        self.told[quantity as usize].hear(now, told, own);
        let Some(least) = self.told[quantity as usize].limit() else { return };
        self.metered = true;
        // Where our own calls explain that nothing is left, our own account knows better when there is room.
        let limit = told.limit.filter(|limit| *limit > 0).unwrap_or(least);
        let unexplained = own.saturating_add(limit / EXPLAINED).saturating_add(1) < limit;
        if told.remaining == Some(0)
            && unexplained
            && is_of_a_minute(limit, limit, told.reset_after)
        {
            let hold = told.reset_after.unwrap_or_default().min(LONGEST_HOLD);
            self.meters[quantity as usize].hold(now + hold);
        }
    }

    fn hear_of_day(&mut self, now: Duration, quantity: Quantity, told: ToldLimit) {
        let empty = told.remaining == Some(0);
        let reset = told.reset_after.filter(|_| empty);
        if let Some(reset) = reset {
            self.metered = true;
            self.day.hold(now, now.saturating_add(reset));
        }
        let limit = told.limit.filter(|limit| *limit > 0 && quantity == Quantity::Requests);
        let Some(limit) = limit else { return };
        self.metered = true;
        self.told_per_day = Some(limit);
        if let Some(remaining) = told.remaining {
            self.day.count_others(now, limit.saturating_sub(remaining));
        }
    }
}
