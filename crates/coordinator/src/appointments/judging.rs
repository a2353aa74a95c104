//! A night that has come to rest is judged, beside the loop: a pure function of what is stored.

use std::fmt::Display;
use std::sync::Arc;

use iago_nightly::{Morning, PinnedBaseline, RunEnd, RunKey, Word};
use iago_store::{Comparison, Nights, Store, StoreError};
use iago_sweep::{Plan, SweepId};
use jiff::Timestamp;
use tokio::time::sleep;
use tracing::warn;

use super::{News, survived};
use crate::act::RETRY;
use crate::driver::Driver;
use crate::night::{Assessed, Subject, assess};
use crate::report::PresentError;
use crate::standing::{find_head, stored_plan};

/// What a night comes to at one look.
pub(crate) struct Judged {
    /// Which look it was, from 1.
    pub(super) look: u32,
    /// How often is looked at most.
    pub(super) looks: u32,
    /// All jobs of its sweep had ended.
    pub(super) has_ended: bool,
    pub(super) assessed: Assessed,
}

/// A night to be judged, with all that this takes.
struct Judging<S> {
    store: Arc<S>,
    key: RunKey,
    sweep: SweepId,
    against: Option<Comparison>,
    terms: Option<PinnedBaseline>,
    zone: Option<String>,
    has_ended: bool,
    now: Timestamp,
}

/// Which look at a sweep its plan is for, how often is looked at most, and the repeats of the first one.
fn find_look(first: &Plan, plan: &Plan) -> (u32, u32, u32) {
    let top_up = plan.gating.as_ref().and_then(|gating| gating.top_up.as_ref());
    let Some(top_up) = top_up.filter(|top_up| top_up.repeats > 0) else {
        return (1, 1, plan.repeats);
    };
    let more = plan.repeats.saturating_sub(first.repeats);
    (1 + more / top_up.repeats, top_up.looks, first.repeats)
}

impl<S: Store + Nights> Driver<S> {
    /// Has a night judged.
    pub(super) fn judge(&mut self, key: RunKey, has_ended: bool) {
        let now = self.now();
        let Some(going) = self.appointments.as_ref().and_then(|of| of.going.get(&key)) else {
            return;
        };
        let terms = going.schedule.as_ref().map(|schedule| &schedule.terms);
        let judging = Arc::new(Judging {
            store: Arc::clone(&self.store),
            key: key.clone(),
            sweep: going.sweep,
            against: going.against.clone(),
            terms: terms.and_then(|terms| terms.baseline.clone()),
            zone: terms.map(|terms| terms.timetable.zone_name().to_owned()),
            has_ended,
            now,
        });
        self.work_beside(async move {
            let work = Arc::clone(&judging);
            let judged = survived(async move { work.judge().await }).await;
            let judged = judged.unwrap_or_else(|broke| judging.give_up(broke));
            News::Judged(key, Box::new(judged))
        });
    }
}

impl<S: Store + Nights> Judging<S> {
    /// Judges it, however long the store is away.
    async fn judge(&self) -> Judged {
        loop {
            match self.judge_once().await {
                Ok(judged) => return judged,
                Err(PresentError::Store(
                    error @ (StoreError::Unavailable { .. } | StoreError::Full { .. }),
                )) => {
                    warn!(sweep = %self.sweep, %error, "a night cannot be judged yet");
                    sleep(RETRY).await;
                }
                Err(error) => return self.give_up(error),
            }
        }
    }

    async fn judge_once(&self) -> Result<Judged, PresentError> {
        let store = &*self.store;
        let head = find_head(store, self.sweep).await?;
        let first = stored_plan(store, self.sweep, 0).await?;
        let plan = stored_plan(store, self.sweep, head.revision).await?;
        let (look, looks, first_repeats) = find_look(&first, &plan);
        let subject = Subject {
            sweep: self.sweep,
            run: Some(self.key.clone()),
            zone: self.zone.clone(),
            end: if self.has_ended { RunEnd::Ended } else { RunEnd::Stopped },
            look,
            first_repeats,
            comparison: self.against.clone(),
            baseline_terms: self.terms.clone(),
            now: self.now,
        };
        let Assessed { step, morning } = assess(store, &subject).await?;
        let assessed = Assessed { step, morning: self.tell_missing_baseline(morning) };
        Ok(Judged { look, looks, has_ended: self.has_ended, assessed })
    }

    /// A night that was to be compared with a baseline which was not there has nothing to be compared with.
    fn tell_missing_baseline(&self, morning: Morning) -> Morning {
        let Some(missing) = self.terms.as_ref().filter(|_| self.against.is_none()) else {
            return morning;
        };
        let name = &missing.pinned;
        let why = format!(
            "there was no baseline named `{name}` when it began: `iago baseline set {name} SWEEP` makes a \
             sweep one for the nights to come"
        );
        // What stood in the way of the night itself comes first.
        let word = morning.word.min(Word::UnreliableBaseline);
        Morning { word, why: Some(why), ..morning }
    }

    /// What is stored cannot be judged. That is no verdict on the model.
    fn give_up(&self, error: impl Display) -> Judged {
        warn!(sweep = %self.sweep, "a night cannot be judged");
        let why = format!("it could not be judged: {error}");
        let name = self.key.schedule.as_str();
        let morning = Morning {
            sweep: Some(self.sweep),
            run: Some(self.key.clone()),
            zone: self.zone.clone(),
            ..Morning::without_numbers(Word::Infrastructure, why, name, self.now)
        };
        let assessed = Assessed { step: None, morning };
        Judged { look: 1, looks: 1, has_ended: self.has_ended, assessed }
    }
}

#[cfg(test)]
mod tests {
    use iago_sweep::{Gating, MissingAs, Spend, TopUp};

    use super::*;

    fn plan(repeats: u32, top_up: Option<u32>) -> Plan {
        let top_up = top_up.map(|repeats| TopUp { repeats, looks: 3, spend: Spend::Pocock });
        let gating = Gating {
            alpha: 0.05,
            missing: MissingAs::WorstCase,
            max_missing: None,
            top_up,
            rejudge_baseline: false,
        };
        Plan { repeats, gating: Some(gating), ..Plan::default() }
    }

    #[test]
    fn the_look_follows_from_the_repeats_of_the_plan() {
        let look = |repeats| find_look(&plan(3, Some(2)), &plan(repeats, Some(2)));
        assert_eq!([look(3), look(5), look(7)], [(1, 3, 3), (2, 3, 3), (3, 3, 3)]);
        assert_eq!(find_look(&plan(3, None), &plan(3, None)), (1, 1, 3), "nothing is topped up");
    }
}
