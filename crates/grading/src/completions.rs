//! Every way in which what is unknown of one transcript could turn out.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Expression, Truth, Value, completions};

use crate::classify::{Walk, walk};
use crate::names::Origin;
use crate::{Grader, Transcript};

/// How many ways of completing one transcript's unknowns are tried. Six abstaining judges of four labels each fit;
/// beyond it the transcript is unknown.
const COMPLETIONS_MAX: usize = 4096;

type Completion = BTreeMap<String, Value>;

/// A stage of which nobody knows whether it would have been asked.
struct Unsettled<'a> {
    stage: usize,
    /// Those of its names that a completion says something of.
    names: Vec<&'a String>,
    /// The unsettled stages that it hangs on. It would be asked if each of them would be, and its own rules hold.
    before: BTreeSet<usize>,
}

impl Grader {
    /// What every completion of the unknowns comes to; undecided if they differ, or are too many to try.
    pub(crate) fn complete(&self, transcript: &Transcript) -> Walk {
        let (unknowns, unsettled) = self.list_unknowns(transcript);
        let ways =
            unknowns.iter().try_fold(1usize, |ways, (_, values)| ways.checked_mul(values.len()));
        if ways.is_none_or(|ways| ways > COMPLETIONS_MAX) {
            return Walk::Undecided;
        }
        let unsettled = self.describe_unsettled(&unsettled, &unknowns);
        let possible = completions(&unknowns)
            .filter(|completion| self.can_be(completion, &unsettled, transcript));
        let mut walks = possible.map(|completion| {
            walk(&self.outcomes, &|name| {
                completion.get(name).cloned().unwrap_or_else(|| self.value(name, transcript))
            })
        });
        let Some(first) = walks.next() else { return Walk::Undecided };
        if walks.all(|other| other == first) { first } else { Walk::Undecided }
    }

    /// The names that outcomes read and the transcript does not know, with all that they can be, and the stages of them
    /// that may not have been asked at all; and the same of what decides about these. What has no end of values, such as
    /// a share of votes, is left out, and stays unknown in every completion.
    fn list_unknowns(
        &self,
        transcript: &Transcript,
    ) -> (Vec<(String, Vec<Value>)>, BTreeSet<usize>) {
        let (mut unknowns, mut unsettled) = (BTreeMap::new(), BTreeSet::new());
        let mut open: Vec<&String> = self.outcomes.iter().flat_map(Expression::names).collect();
        while let Some(name) = open.pop() {
            if unknowns.contains_key(name) || self.value(name, transcript) != Value::Unknown {
                continue;
            }
            let stage = self.names.origin(name).and_then(Origin::stage);
            let may_be_skipped = stage.filter(|&stage| self.is_unsettled(stage, transcript));
            let deciding =
                may_be_skipped.map(|stage| self.add_unsettled(stage, transcript, &mut unsettled));
            open.extend(deciding.into_iter().flatten());
            if let Some(values) = self.names.values(name) {
                let skipped = may_be_skipped.map(|_| Value::NotAsked);
                let values = values.iter().cloned().chain(skipped).collect();
                unknowns.insert(name.clone(), values);
            }
        }
        (unknowns.into_iter().collect(), unsettled)
    }

    /// Notes an unsettled stage and those that it hangs on; what decides about them is to be completed too.
    fn add_unsettled<'a>(
        &'a self,
        stage: usize,
        transcript: &Transcript,
        unsettled: &mut BTreeSet<usize>,
    ) -> Vec<&'a String> {
        if !self.is_unsettled(stage, transcript) || !unsettled.insert(stage) {
            return Vec::new();
        }
        let rules = &self.stages[stage];
        let mut names: Vec<&String> = rules.when.iter().flat_map(Expression::names).collect();
        for before in rules.hangs_on() {
            names.extend(self.add_unsettled(before, transcript, unsettled));
        }
        names
    }

    /// What is to be known of each unsettled stage to say of any completion whether it would be asked. It is gone through
    /// once for a transcript, and not for each of its completions.
    fn describe_unsettled<'a>(
        &'a self,
        unsettled: &BTreeSet<usize>,
        unknowns: &[(String, Vec<Value>)],
    ) -> Vec<Unsettled<'a>> {
        let is_unknown = |name: &&String| unknowns.iter().any(|(unknown, _)| unknown == *name);
        let describe = |&stage: &usize| Unsettled {
            stage,
            names: self.names.of_stage(stage).filter(is_unknown).collect(),
            before: self.find_before(stage, unsettled),
        };
        unsettled.iter().map(describe).collect()
    }

    /// The unsettled stages that a stage hangs on, whatever stands between. It is one of them itself only in a circle: a
    /// plan that a file made has none, and a stored one might.
    fn find_before(&self, stage: usize, unsettled: &BTreeSet<usize>) -> BTreeSet<usize> {
        let (mut before, mut open) = (BTreeSet::new(), vec![stage]);
        while let Some(stage) = open.pop() {
            let hung = self.stages[stage].hangs_on().filter(|before| unsettled.contains(before));
            open.extend(hung.filter(|hung| before.insert(*hung)));
        }
        before
    }

    /// Whether a completion takes exactly those stages for asked that would be.
    fn can_be(
        &self,
        completion: &Completion,
        unsettled: &[Unsettled<'_>],
        transcript: &Transcript,
    ) -> bool {
        let allows = |of: &Unsettled<'_>| (of.stage, self.allows(of, completion, transcript));
        let allowed: BTreeMap<usize, Truth> = unsettled.iter().map(allows).collect();
        unsettled.iter().all(|of| {
            let named = of.names.iter().filter_map(|name| completion.get(*name));
            let (skipped, said): (Vec<_>, Vec<_>) =
                named.partition(|value| **value == Value::NotAsked);
            let asked = of.before.iter().map(|before| allowed[before]);
            match asked.fold(allowed[&of.stage], Truth::and) {
                Truth::True => skipped.is_empty(),
                Truth::False => said.is_empty(),
                Truth::Unknown => skipped.is_empty() || said.is_empty(),
            }
        })
    }

    /// Whether a stage would be asked if all that it hangs on were.
    fn allows(
        &self,
        of: &Unsettled<'_>,
        completion: &Completion,
        transcript: &Transcript,
    ) -> Truth {
        let rules = &self.stages[of.stage];
        let lookup = |name: &str| {
            let known = || self.value_at_opening(name, of.stage, transcript);
            completion.get(name).cloned().unwrap_or_else(known)
        };
        let own = rules.when.as_ref().map_or(Truth::True, |when| when.truth(&lookup));
        // An answer that may never have been asked for may also be one that cannot be read.
        let parent_is_open = rules.parent.is_some_and(|parent| of.before.contains(&parent));
        let is_in_circle = of.before.contains(&of.stage);
        own.and(if parent_is_open || is_in_circle { Truth::Unknown } else { Truth::True })
    }
}
