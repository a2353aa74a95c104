//! How a sweep comes to rest, and goes on after its end.

use std::collections::BTreeMap;

use iago_sweep::PoolId;

use super::Sweep;
use crate::course::Course;
use crate::events::PauseReason;
use crate::known::StageCount;
use crate::pool::Pool;
use crate::route::Routes;

/// How a sweep came to rest.
#[derive(Debug)]
pub(crate) enum Rest {
    Finished,
    Paused(PauseReason),
    Cancelled,
}

/// What is left to be handed out.
enum Outlook {
    /// Something, now or after the grace.
    Open,
    /// Something, but not now.
    HeldUp(PauseReason),
    Nothing,
}

impl Sweep {
    /// How it came to rest, once nothing is out and nothing more will be handed out. Says so once.
    pub(crate) fn rest(&mut self, routes: &Routes, pools: &BTreeMap<PoolId, Pool>) -> Option<Rest> {
        if self.course.has_ended() || !self.out.is_empty() {
            return None;
        }
        let rest = match self.course.clone() {
            Course::Cancelling => Rest::Cancelled,
            Course::Pausing(PauseReason::Asked(_))
                if matches!(self.outlook(routes, pools), Outlook::Nothing) =>
            {
                Rest::Finished
            }
            Course::Pausing(reason) => Rest::Paused(reason),
            Course::Running | Course::Paused | Course::Cancelled | Course::Done => {
                match self.outlook(routes, pools) {
                    Outlook::Open => return None,
                    Outlook::HeldUp(reason) => Rest::Paused(reason),
                    Outlook::Nothing => Rest::Finished,
                }
            }
        };
        self.course = match rest {
            Rest::Finished => Course::Done,
            Rest::Paused(_) => Course::Paused,
            Rest::Cancelled => Course::Cancelled,
        };
        Some(rest)
    }

    /// Goes on after its end, where something is open after all. True if it does.
    pub(crate) fn go_on(&mut self) -> bool {
        let goes_on =
            matches!(self.course, Course::Done) && self.counts().iter().any(StageCount::is_open);
        if goes_on {
            self.course = Course::Running;
        }
        goes_on
    }

    fn outlook(&mut self, routes: &Routes, pools: &BTreeMap<PoolId, Pool>) -> Outlook {
        if self.held_back.is_some() && self.counts().iter().any(StageCount::is_open) {
            return Outlook::Open;
        }
        let mut outlook = Outlook::Nothing;
        for route in self.walks.keys().copied().collect::<Vec<_>>() {
            let Some(job) = self.upcoming(route) else { continue };
            let blocked = routes.pools(route).iter().find_map(|id| {
                let why = pools.get(id)?.blocked.clone()?;
                Some(PauseReason::Blocked { pool: *id, why })
            });
            outlook = match blocked {
                Some(reason) => Outlook::HeldUp(reason),
                None if self.is_over_budget(job) => Outlook::HeldUp(PauseReason::Budget),
                None => return Outlook::Open,
            };
        }
        outlook
    }
}
