//! What a night is compared with: the baseline as it was pinned, and its transcripts judged again.

use iago_report::Material;
use iago_store::{Comparison, State, Store};
use iago_sweep::Plan;

use crate::report::PresentError;
use crate::standing::{find_head, stored_plan};

use super::side::Side;

/// What a night is compared with.
pub(super) struct Against {
    pub(super) name: String,
    /// At this revision.
    pub(super) revision: u32,
    /// The baseline, counted by tonight's measures; by none at all where they do not fit.
    pub(super) then: Side,
    /// Why tonight's measures do not fit, if they do not.
    pub(super) uncountable: Option<String>,
    /// The sweep in which its transcripts were judged again.
    pub(super) anchors: Option<Side>,
}

impl Against {
    pub(super) async fn read<S: Store>(
        store: &S,
        with: &Comparison,
        tonight: &Plan,
    ) -> Result<Self, PresentError> {
        let head = find_head(store, with.of).await?;
        let plan = stored_plan(store, with.of, with.revision).await?;
        let (counted, uncountable) = count_by(&plan, tonight);
        let then = Side::fold(store, head, plan, &counted).await?;
        let anchors = match with.anchors {
            Some(anchors) => Some(Side::latest(store, anchors).await?),
            None => None,
        };
        let (name, revision) = (with.baseline.clone(), with.revision);
        Ok(Self { name, revision, then, uncountable, anchors })
    }

    /// All jobs of the pinned revision have ended. It is pinned once they have; what was added later is
    /// no part of it.
    pub(super) fn has_ended(&self) -> bool {
        self.then.head.state == State::Done || self.then.head.revision > self.revision
    }
}

/// The baseline's plan with tonight's measures, or without any and why.
fn count_by(then: &Plan, tonight: &Plan) -> (Plan, Option<String>) {
    let bare = Plan {
        outcomes: Vec::new(),
        measures: Vec::new(),
        contrasts: Vec::new(),
        controls: Vec::new(),
        figures: Vec::new(),
        gates: Vec::new(),
        gold: Vec::new(),
        ..then.clone()
    };
    let (outcomes, measures) = (tonight.outcomes.clone(), tonight.measures.clone());
    let counted = Plan { outcomes, measures, ..bare.clone() };
    match Material::new(counted.clone()) {
        Ok(_) => (counted, None),
        Err(error) => (bare, Some(error.to_string())),
    }
}
