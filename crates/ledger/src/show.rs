//! A pool in words.

use std::time::Duration;

use crate::asks::Draw;
use crate::meter::Quantity;
use crate::pool::Pool;
use crate::{PoolState, QuantityState, Source};

impl Pool {
    /// What people are shown: `waiting` asks wait, and the oldest of them draws this.
    pub(crate) fn show(&self, now: Duration, waiting: usize, oldest: Option<Draw>) -> PoolState {
        // Looking forgets what is too old, and must change nothing.
        let mut pool = self.clone();
        let waits_for = oldest.and_then(|draw| pool.explain(now, draw));
        let (calls_of_day, cost_of_day) = pool.day.used();
        let bound = pool.day_bound();
        let configured = pool.limits.requests_per_day;
        let source =
            |limit| if configured == Some(limit) { Source::Configured } else { Source::Told };
        PoolState {
            metered: pool.metered,
            minute: Quantity::ALL
                .into_iter()
                .filter_map(|of| pool.show_quantity(now, of))
                .collect(),
            calls_of_day,
            calls_per_day: bound.calls.map(|limit| (limit, source(limit))),
            cost_of_day,
            dollars_per_day: bound.dollars,
            concurrency: pool.concurrency.usable(),
            waiting,
            waits_for,
        }
    }

    fn show_quantity(&mut self, now: Duration, quantity: Quantity) -> Option<QuantityState> {
        let limit = self.limit(quantity);
        let window = &mut self.meters[quantity as usize].window;
        window.advance(now);
        let shown = limit.is_some() || quantity == Quantity::Requests;
        shown.then(|| QuantityState { quantity: quantity.words(), limit, used: window.sum() })
    }

    fn explain(&mut self, now: Duration, draw: Draw) -> Option<String> {
        if let Some(why) = self.stuck(draw) {
            return Some(why);
        }
        let opens = self.opens_at(now, draw)?;
        let wait = in_words(opens.saturating_sub(now));
        if self.day_opens_at(now, draw).is_some() {
            return Some(format!("the limit by the day is used up: room in {wait}"));
        }
        if self.paused_until() > now {
            return Some(format!("the endpoint asked for a pause: {wait} left"));
        }
        let refusing = Quantity::ALL.into_iter().max_by_key(|quantity| {
            self.meters[*quantity as usize].opens_at(now, quantity.amount(draw.need))
        })?;
        Some(match self.limit(refusing) {
            Some((limit, source)) => {
                let (words, source) = (refusing.words(), source.word());
                format!("{limit} {words} per minute ({source}): room in {wait}")
            }
            None => format!("the limit is being found out: next try in {wait}"),
        })
    }
}

fn in_words(wait: Duration) -> String {
    match wait.as_secs() {
        0 => format!("{} ms", wait.as_millis().max(1)),
        seconds @ 1..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}
