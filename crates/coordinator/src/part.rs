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
    /// Prompts of the pilot that the stored sweep asks, and all that the pilot has.
    shared: (usize, usize),
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
            shared: (shared.prompts.len(), ids.len()),
            relation: relation(&shared, pilot),
        })
    }

    /// What whoever hands the pilot in is told. Nothing of it is asked.
    ///
    /// # Errors
    ///
    /// Says why the stored sweep does not serve for it, and the way out.
    pub fn settle(&self, at_work: bool, retry_failed: bool) -> Result<Submitted, String> {
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
                     on with; `iago report {}` shows what it has, with --store and its file where \
                     `iago run` asked",
                    id.0
                ));
            }
        };
        let SweepHead { id, revision, .. } = self.head;
        Ok(Submitted {
            sweep: id.0,
            revision,
            note,
            possibly_lost_jobs: 0,
            finished,
            anchors: None,
        })
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
        let (shared, of_pilot) = self.shared;
        let others = self.plan.prompts.len().saturating_sub(shared);
        let of = if shared == of_pilot { String::new() } else { format!("{shared} of ") };
        format!("asks {of}the {of_pilot} prompts of this pilot and {others} more")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use iago_store::Kind;
    use iago_sweep::{Cell, Condition, Digest, Model, Prompt, SweepId};

    use super::*;

    fn plan(prompts: &[&str]) -> Plan {
        let prompt = |id: &&str| Prompt { id: (*id).to_owned(), ..Prompt::default() };
        let only = || "only".to_owned();
        Plan {
            repeats: 1,
            prompts: prompts.iter().map(prompt).collect(),
            conditions: vec![Condition { name: only(), levels: BTreeMap::new() }],
            cells: vec![Cell { model: "m".to_owned(), condition: only(), ..Cell::default() }],
            models: vec![Model { name: "m".to_owned(), ..Model::default() }],
            ..Plan::default()
        }
    }

    /// What whoever hands in a pilot of a set is told, of which these prompts are stored.
    fn told(stored: &[&str], state: State, whole: &[&str], prompts_max: usize) -> String {
        let head = SweepHead {
            id: SweepId(1),
            name: String::new(),
            revision: 0,
            ask: Digest::of(""),
            analysis: Digest::of(""),
            note: String::new(),
            state,
            round: 0,
            created_ms: 0,
            kind: Kind::Asked,
        };
        let (pilot, whole) = (plan(&whole[..prompts_max]), plan(whole));
        let part = Part::of(&head, &plan(stored), &pilot, &whole).expect("it is a part");
        part.settle(false, false).map_or_else(|why| why, |settled| settled.note)
    }

    #[test]
    fn only_prompts_that_are_stored_are_called_shared() {
        let said = told(&["a", "b", "c"], State::Done, &["a", "b", "c"], 2);
        assert_eq!(said, "known: it asks the 2 prompts of this pilot and 1 more");
        let said = told(&["a", "b", "c"], State::Done, &["new", "a", "b", "c"], 2);
        let described = "asks 1 of the 2 prompts of this pilot and 2 more, and this file asks";
        assert!(said.contains(described), "{said}");
    }

    #[test]
    fn what_is_stored_of_one_that_is_not_finished_is_found_with_and_without_a_coordinator() {
        let said = told(&["a", "b"], State::Running, &["a", "b"], 1);
        let way =
            "`iago report 1` shows what it has, with --store and its file where `iago run` asked";
        assert!(said.ends_with(way), "{said}");
    }
}
