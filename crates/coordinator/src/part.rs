//! A pilot of a sweep of which the store has more: what was paid for there is not asked again.

use std::collections::BTreeSet;

use iago_protocol::wire::Submitted;
use iago_store::{State, SweepHead};
use iago_sweep::{Plan, Relation, relation};

/// A stored sweep that asks a pilot's prompts and others.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The stored sweep.
    pub head: SweepHead,
    /// Its plan.
    pub plan: Plan,
    /// Prompts of the pilot.
    prompts: usize,
    /// How the pilot stands to what the stored sweep asks of its prompts.
    relation: Relation,
}

impl Part {
    /// What a pilot is a part of, if its whole is what the stored sweep asks, or asks more of it.
    pub(crate) fn of(head: &SweepHead, stored: &Plan, pilot: &Plan, whole: &Plan) -> Option<Self> {
        if matches!(relation(stored, whole), Relation::Different(_)) {
            return None;
        }
        let ids: BTreeSet<&str> = pilot.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
        let shared = stored.clone().with_prompts(|prompt| ids.contains(prompt.id.as_str()));
        Some(Self {
            head: head.clone(),
            plan: stored.clone(),
            prompts: ids.len(),
            relation: relation(&shared, pilot),
        })
    }

    /// What whoever hands the pilot in is told. Nothing of it is asked.
    ///
    /// # Errors
    ///
    /// Says why the stored sweep does not serve for it, and the way out.
    pub(crate) fn settle(&self, at_work: bool, retry_failed: bool) -> Result<Submitted, String> {
        if let Some(why) = self.hindrance(retry_failed) {
            return Err(format!("{} {}, {why}", self.head.id, self.describe()));
        }
        let (note, finished) = match &self.head.state {
            State::Done => (format!("known: it {}", self.describe()), true),
            State::Running if at_work => {
                (format!("at work already: it {}", self.describe()), false)
            }
            State::Running | State::Paused(_) | State::Cancelled => {
                let (id, described) = (self.head.id, self.describe());
                return Err(format!(
                    "{id} {described}, and is not finished: leave --limit out, and all of it is gone \
                     on with; `iago report {}` shows what it has",
                    id.0
                ));
            }
        };
        let SweepHead { id, revision, .. } = self.head;
        Ok(Submitted { sweep: id.0, revision, note, possibly_lost_jobs: 0, finished })
    }

    fn hindrance(&self, retry_failed: bool) -> Option<String> {
        match &self.relation {
            Relation::Same if retry_failed => {
                Some("and --retry asks all of it that failed: leave --limit out".to_owned())
            }
            Relation::Same => None,
            Relation::Reanalysed => Some(
                "and this file reads something else from them: leave --limit out, and what is stored \
                 is analysed anew"
                    .to_owned(),
            ),
            Relation::Extended(added) => Some(self.beyond(&added.join(", "))),
            Relation::Different(why) => Some(self.beyond(why)),
        }
    }

    fn beyond(&self, what: &str) -> String {
        format!(
            "and this file asks something beyond that ({what}): leave --limit out to extend {}, or \
             give the sweep another name to ask all of the pilot apart",
            self.head.id
        )
    }

    fn describe(&self) -> String {
        let shared = self.prompts;
        let others = self.plan.prompts.len().saturating_sub(shared);
        format!("asks the {shared} prompts of this pilot and {others} more")
    }
}
