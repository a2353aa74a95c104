//! When a log is told how a sweep goes: seldom, and soon after what it waits for has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

/// A run that is over by then has nothing to say of its course.
const FIRST_AFTER: Duration = Duration::from_secs(30);
/// Lines are no closer together than this, but for a new reason of waiting.
const PAUSE_MIN: Duration = Duration::from_secs(60);
/// Even where little moves there is a line, so that nobody takes the silence for an end.
const PAUSE_MAX: Duration = Duration::from_secs(600);
/// Progress that is worth a line.
const SHARE_MIN: f64 = 0.1;
/// A reason that is gone by then was none.
const REASON_HELD: Duration = Duration::from_secs(5);
/// Reasons come and go; the same one is told again after this.
const REASON_AGAIN: Duration = Duration::from_secs(600);
/// Reasons that are remembered; they are people's and providers' words.
const REASONS_MAX: usize = 100;

/// What a log was told.
pub(super) struct Due {
    first_after: Duration,
    begun: Option<Instant>,
    last: Option<Last>,
    /// What is waited for, and since when, each by itself: one pool's reasons may come and go beside
    /// another one's that stays.
    waits: BTreeMap<String, Instant>,
    /// Reasons, and when they were told.
    told: BTreeMap<String, Instant>,
}

struct Last {
    at: Instant,
    share: f64,
}

impl Due {
    /// For a run that has just said what it does.
    pub(super) fn after_a_while() -> Self {
        Self::after(FIRST_AFTER)
    }

    /// For whoever looks at a sweep that is at work: the first line is due at once.
    pub(super) fn at_once() -> Self {
        Self::after(Duration::ZERO)
    }

    fn after(first_after: Duration) -> Self {
        let (waits, told) = (BTreeMap::new(), BTreeMap::new());
        Self { first_after, begun: None, last: None, waits, told }
    }

    /// Whether a line is due, with this share done and these reasons of waiting. If so it is taken to be
    /// told.
    pub(super) fn is_due(&mut self, share: f64, reasons: &[String], now: Instant) -> bool {
        let begun = *self.begun.get_or_insert(now);
        let is_new = self.waits_anew(reasons, now);
        let is_time = match &self.last {
            None => now - begun >= self.first_after,
            Some(last) => {
                let pause = now - last.at;
                let moved = share - last.share >= SHARE_MIN;
                pause >= PAUSE_MAX || (pause >= PAUSE_MIN && moved)
            }
        };
        let is_due = is_time || is_new;
        if is_due {
            self.last = Some(Last { at: now, share });
            self.remember(now);
        }
        is_due
    }

    /// Whether it waits for a reason that has held for a while and was not told lately.
    fn waits_anew(&mut self, reasons: &[String], now: Instant) -> bool {
        let reasons: BTreeSet<String> = reasons.iter().map(|reason| lasting(reason)).collect();
        self.waits.retain(|known, _| reasons.contains(known));
        for reason in reasons {
            self.waits.entry(reason).or_insert(now);
        }
        self.told.retain(|_, told| now - *told < REASON_AGAIN);
        // What cannot be remembered would be told at every look.
        self.told.len() < REASONS_MAX
            && self.waits.iter().any(|(reason, since)| {
                now - *since >= REASON_HELD && !self.told.contains_key(reason)
            })
    }

    /// A line names all that is waited for.
    fn remember(&mut self, now: Instant) {
        for reason in self.waits.keys() {
            if self.told.len() < REASONS_MAX || self.told.contains_key(reason) {
                self.told.insert(reason.clone(), now);
            }
        }
    }
}

/// A reason without what changes from look to look: how long it will take, and counts. Whose it is stays
/// as it is: names have digits too.
fn lasting(reason: &str) -> String {
    let parted = reason.split_once(" waits: ").or_else(|| reason.split_once(": "));
    let (whose, why) = parted.unwrap_or(("", reason));
    let why = why.split(": ").next().unwrap_or_default();
    let why: String = why.chars().filter(|c| !c.is_ascii_digit()).collect();
    format!("{whose}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds, of looks twice a second, at which a line was due.
    fn lines(mut due: Due, until_s: u32, look: impl Fn(u32) -> (f64, Vec<String>)) -> Vec<u32> {
        let begun = Instant::now();
        let looks = (0..until_s * 2).filter(|half| {
            let (share, reasons) = look(half / 2);
            due.is_due(share, &reasons, begun + Duration::from_millis(500) * *half)
        });
        looks.map(|half| half / 2).collect()
    }

    #[test]
    fn a_short_run_says_nothing_and_whoever_comes_later_hears_at_once() {
        let steady = |_| (0.5, Vec::new());
        assert!(lines(Due::after_a_while(), 30, steady).is_empty());
        assert_eq!(lines(Due::at_once(), 30, steady), [0]);
    }

    #[test]
    fn a_tenth_is_worth_a_line_and_no_minute_has_two() {
        let fast = |second: u32| (f64::from(second) / 300.0, Vec::new());
        assert_eq!(lines(Due::after_a_while(), 300, fast), [30, 90, 150, 210, 270]);
        let slow = |second: u32| (f64::from(second) / 2_000.0, Vec::new());
        assert_eq!(lines(Due::at_once(), 500, slow), [0, 200, 400]);
    }

    #[test]
    fn a_sweep_that_stands_still_is_heard_of_all_the_same() {
        assert_eq!(lines(Due::at_once(), 1_300, |_| (0.5, Vec::new())), [0, 600, 1_200]);
    }

    #[test]
    fn a_new_reason_of_waiting_is_told_as_soon_as_it_lasts() {
        let look = |second: u32| {
            let reasons = match second {
                // It counts down, and is the same reason.
                10..40 => vec![format!(
                    "lab waits: the endpoint asked for a pause: {} s left",
                    40 - second
                )],
                // Too short to be one.
                50..53 => vec!["lab waits: another one".to_owned()],
                70..90 => vec!["lab waits: credential refused (401)".to_owned()],
                _ => Vec::new(),
            };
            (0.0, reasons)
        };
        assert_eq!(lines(Due::at_once(), 100, look), [0, 15, 75]);
    }

    #[test]
    fn a_reason_that_comes_and_goes_does_not_fill_the_log() {
        let look = |second: u32| {
            let waits = (second / 10).is_multiple_of(2);
            (
                0.0,
                waits
                    .then(|| "lab waits: its limit of 60 calls a minute".to_owned())
                    .into_iter()
                    .collect(),
            )
        };
        assert_eq!(lines(Due::after_a_while(), 600, look), [5]);
    }

    #[test]
    fn a_reason_that_stays_is_told_while_another_one_comes_and_goes() {
        let look = |second: u32| {
            let blocked = (second >= 40).then(|| "lab waits: credential refused (401)".to_owned());
            let other = (second % 4 < 2).then(|| "far waits: its limit of calls".to_owned());
            (0.0, blocked.into_iter().chain(other).collect())
        };
        assert_eq!(lines(Due::after_a_while(), 600, look), [30, 45]);
    }

    #[test]
    fn pools_whose_names_differ_by_a_digit_wait_for_reasons_of_their_own() {
        let look = |second: u32| {
            let of = |pool: &str| format!("{pool} waits: credential refused (401)");
            let other = (second >= 100).then(|| of("lab.m-2"));
            (0.0, [of("lab.m-1")].into_iter().chain(other).collect())
        };
        assert_eq!(lines(Due::after_a_while(), 500, look), [5, 105]);
    }

    #[test]
    fn reasons_beyond_what_is_remembered_do_not_fill_the_log() {
        let many: Vec<String> =
            (0..REASONS_MAX * 2).map(|n| format!("{n} waits: a limit")).collect();
        assert_eq!(lines(Due::after_a_while(), 500, |_| (0.0, many.clone())), [5]);
    }
}
