//! Plans by their hash: those that are known, and the assignments that wait for one that is not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iago_protocol::Assignment;
use iago_sweep::Digest;

use crate::work::{Work, WorkError};

/// Plans that are kept; the one that was not used for longest makes way. An attempt keeps its plan
/// for as long as it lasts, and one that has gone is asked for again.
const PLANS_MAX: usize = 16;

/// A plan to work by, or why it cannot be worked by.
pub(crate) type Known = Result<Arc<Work>, String>;

#[derive(Debug, Default)]
pub(crate) struct Plans {
    known: BTreeMap<Digest, (u64, Known)>,
    /// Counts uses, to tell which plan was not used for longest.
    uses: u64,
    /// Bounded by the credit that was given for assignments.
    waiting: BTreeMap<Digest, Vec<Assignment>>,
    /// Plans that are wanted and were not asked for in this connection.
    unasked: BTreeSet<Digest>,
}

impl Plans {
    /// What is known of a plan.
    pub(crate) fn find(&mut self, digest: Digest) -> Option<Known> {
        self.uses += 1;
        let (used, known) = self.known.get_mut(&digest)?;
        *used = self.uses;
        Some(known.clone())
    }

    /// Keeps an assignment until its plan comes.
    pub(crate) fn wait(&mut self, assignment: Assignment) {
        let plan = assignment.plan;
        let waiting = self.waiting.entry(plan).or_default();
        if waiting.is_empty() {
            self.unasked.insert(plan);
        }
        waiting.push(assignment);
    }

    /// A plan has come: gives those that waited for it. One that nobody waits for is nothing; one
    /// that does not have its hash is an error, for then the peer is broken.
    pub(crate) fn learn(
        &mut self,
        digest: Digest,
        json: &[u8],
    ) -> Result<Vec<Assignment>, WorkError> {
        if !self.waiting.contains_key(&digest) {
            return Ok(Vec::new());
        }
        let known = match Work::compile(digest, json) {
            Ok(work) => Ok(Arc::new(work)),
            Err(altered @ WorkError::Altered(_)) => return Err(altered),
            Err(unusable) => Err(unusable.to_string()),
        };
        self.keep(digest, known);
        self.unasked.remove(&digest);
        Ok(self.waiting.remove(&digest).unwrap_or_default())
    }

    /// A plan that is wanted and was not asked for yet; counts as asked for from here on.
    pub(crate) fn next_need(&mut self) -> Option<Digest> {
        self.unasked.pop_first()
    }

    /// A new connection: what was asked for in the last one may never be answered.
    pub(crate) fn ask_again(&mut self) {
        self.unasked = self.waiting.keys().copied().collect();
    }

    /// Gives up everything that waits.
    pub(crate) fn give_back(&mut self) -> Vec<Assignment> {
        self.unasked.clear();
        std::mem::take(&mut self.waiting).into_values().flatten().collect()
    }

    fn keep(&mut self, digest: Digest, known: Known) {
        self.uses += 1;
        self.known.insert(digest, (self.uses, known));
        if self.known.len() > PLANS_MAX {
            let oldest = self.known.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(digest, _)| *digest) {
                self.known.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use iago_protocol::Lease;
    use iago_sweep::{JobId, Need, SweepId};

    use super::*;

    /// Something that has the right hash and is no plan: enough for what is tested here.
    fn json(n: usize) -> Vec<u8> {
        format!("no plan {n}").into_bytes()
    }

    fn assignment(plan: Digest) -> Assignment {
        let (lease, sweep) = (Lease { term: 1, sequence: 1 }, SweepId(1));
        let job = JobId::from_number(1).expect("it is not negative");
        Assignment {
            lease,
            sweep,
            job,
            attempt: 1,
            plan,
            said: Vec::new(),
            key: String::new(),
            pools: Vec::new(),
            need: Need::default(),
            cost_most: None,
        }
    }

    #[test]
    fn a_plan_is_asked_for_once_in_each_connection_until_it_comes() {
        let (mut plans, digest) = (Plans::default(), Digest::of(json(1)));
        plans.wait(assignment(digest));
        plans.wait(assignment(digest));
        assert_eq!([plans.next_need(), plans.next_need()], [Some(digest), None]);
        plans.ask_again();
        assert_eq!([plans.next_need(), plans.next_need()], [Some(digest), None]);
        assert_eq!(plans.learn(digest, &json(1)).unwrap().len(), 2);
        plans.ask_again();
        assert_eq!(plans.next_need(), None);
    }

    #[test]
    fn what_does_not_have_its_hash_is_not_learnt_and_what_nobody_wants_neither() {
        let (mut plans, digest) = (Plans::default(), Digest::of(json(1)));
        assert!(plans.learn(digest, &json(1)).unwrap().is_empty() && plans.find(digest).is_none());
        plans.wait(assignment(digest));
        assert!(matches!(plans.learn(digest, &json(2)), Err(WorkError::Altered(_))));
        assert!(plans.find(digest).is_none());
    }

    #[test]
    fn the_plan_that_was_not_used_for_longest_makes_way() {
        let mut plans = Plans::default();
        let digests: Vec<_> = (0..=PLANS_MAX).map(|n| Digest::of(json(n))).collect();
        for (n, digest) in digests.iter().enumerate() {
            plans.wait(assignment(*digest));
            plans.learn(*digest, &json(n)).unwrap();
            assert!(plans.find(digests[0]).is_some_and(|known| known.is_err()));
        }
        let gone: Vec<_> = digests.iter().filter(|digest| plans.find(**digest).is_none()).collect();
        assert_eq!(gone, [&digests[1]]);
    }
}
