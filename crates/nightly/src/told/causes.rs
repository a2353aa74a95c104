//! Why there is no verdict on the model: each cause once, with the gates that it holds for.

use super::gate::GateTold;
use crate::{Morning, Word};

/// One cause.
pub(super) struct CauseTold {
    pub(super) word: Word,
    pub(super) sentence: String,
    /// The measures of the gates that it holds for; empty where that is all of them.
    pub(super) only: Vec<String>,
}

impl CauseTold {
    /// The sentence, with the gates that it holds for where that is not all of them.
    pub(super) fn told(&self) -> String {
        match self.only.as_slice() {
            [] => self.sentence.clone(),
            only => format!("{} (for {})", self.sentence, only.join("; ")),
        }
    }
}

impl Morning {
    /// All causes, the most weighty first.
    pub(super) fn causes_told(&self) -> Vec<CauseTold> {
        let gates = self.gates_told();
        let mut causes: Vec<CauseTold> = Vec::new();
        for gate in &gates {
            for cause in &gate.gate.causes {
                note(&mut causes, *gate, cause.word(), cause.to_string());
            }
        }
        for cause in &mut causes {
            if cause.only.len() == gates.len() {
                cause.only.clear();
            }
        }
        causes.sort_by_key(|cause| cause.word);
        causes
    }
}

fn note(causes: &mut Vec<CauseTold>, gate: GateTold<'_>, word: Word, sentence: String) {
    match causes.iter_mut().find(|cause| cause.sentence == sentence) {
        Some(cause) => cause.only.push(gate.name()),
        None => causes.push(CauseTold { word, sentence, only: vec![gate.name()] }),
    }
}
