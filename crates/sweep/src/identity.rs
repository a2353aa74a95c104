//! Whether an edited sweep may meet the results of the one before it.
//!
//! What is sent decides: an old answer is never taken for a new question.

use std::collections::BTreeMap;

use serde_json::json;

use crate::ask::Ask;
use crate::grammar::{Common, counting};
use crate::sent::Sent;
use crate::{Digest, Plan, Stage};

/// How a new plan stands to one that has results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Asks the same and reads the same from it.
    Same,
    /// Asks the same; outcomes, measures, contrasts, controls, thresholds, the seed, what prompts keep or where
    /// models come from differ, or how stored texts are read ([`rereads`]).
    Reanalysed,
    /// Asks all of it and more. The words say what is added.
    Extended(Vec<String>),
    /// Asks something else. The words say what.
    Different(String),
}

/// Compares what two plans ask, then what they read from the answers.
///
/// The budget is no part of either: a raised budget goes on with the same sweep.
pub fn relation(old: &Plan, new: &Plan) -> Relation {
    // What only new stages read was never asked, and what only scores read is read again.
    let sent = Sent::by(old);
    let (asked, asks) = (Ask::of(old, &sent), Ask::of(new, &sent));
    if let Some(why) = asked.conflict(&asks) {
        return Relation::Different(why);
    }
    let added = asked.added(&asks);
    if !added.is_empty() {
        return Relation::Extended(added);
    }
    let same = old.analysis_hash() == new.analysis_hash() && rereads(old, new).is_empty();
    if same { Relation::Same } else { Relation::Reanalysed }
}

/// The stages of both plans whose stored texts the new one reads in another way, by name.
pub fn rereads(old: &Plan, new: &Plan) -> Vec<String> {
    // Of prompts and cells that were added there is nothing to read.
    let common = Common::of(old, new);
    let differs = |number: u32, stage: &Stage| {
        let before = old.stage_number(&stage.name)?;
        let differs = old.grammar(before, Some(&common)) != new.grammar(number, Some(&common));
        differs.then(|| stage.name.clone())
    };
    (0..).zip(&new.stages).filter_map(|(number, stage)| differs(number, stage)).collect()
}

/// The stages of both plans whose labels come about in another way: their texts are read in another
/// way, or their votes are counted in another way.
pub fn relabels(old: &Plan, new: &Plan) -> Vec<String> {
    let mut changed = rereads(old, new);
    for stage in &new.stages {
        let before = old.stages.iter().find(|before| before.name == stage.name);
        if before.is_some_and(|before| counting(before) != counting(stage)) {
            changed.push(stage.name.clone());
        }
    }
    changed
}

impl Plan {
    /// Hash of everything that is sent: messages, parameters, models, judges, prompts, repeats.
    pub fn ask_hash(&self) -> Digest {
        Ask::of(self, &Sent::by(self)).digest()
    }

    /// Hash of everything that is read from the answers once their labels are known.
    pub fn analysis_hash(&self) -> Digest {
        let contrasts: Vec<_> = self
            .contrasts
            .iter()
            .map(|contrast| crate::Contrast { post_hoc: false, ..contrast.clone() })
            .collect();
        let controls: Vec<_> = self
            .controls
            .iter()
            .map(|control| crate::Control { post_hoc: false, ..control.clone() })
            .collect();
        let counted: BTreeMap<_, _> =
            self.stages.iter().filter_map(|stage| Some((&stage.name, counting(stage)?))).collect();
        let held =
            json!([self.gates, self.gating, self.gold, self.generalise, self.figures, controls]);
        // What is sent of them is asked about; outcomes and measures may read all of it.
        let kept: BTreeMap<_, _> = self
            .prompts
            .iter()
            .map(|prompt| (&prompt.id, (&prompt.notes, &prompt.fields)))
            .collect();
        let models = self.models.iter();
        let origins: BTreeMap<_, _> =
            models.map(|of| (&of.name, (&of.run, of.step, &of.parent, &of.expect))).collect();
        Digest::of_value(&json!([
            self.seed,
            self.outcomes,
            self.measures,
            contrasts,
            counted,
            held,
            kept,
            origins
        ]))
    }
}
