//! What a score compares with is mostly known before the first call, and so is whether that can be
//! compared with anything at all.

use std::collections::BTreeSet;

use iago_grading::Grader;
use iago_sweep::{Coordinate, Label, Plan, Scorer, Stage, StageKind};

use super::alike::group;
use super::beforehand::{Beforehand, count_prompts, names_of, whens_before};
use super::templates::Reads;
use crate::fault::Faults;
use crate::render::{Renderer, fields_before, scorer_key};

/// Checks that what numbers and options are compared with is a number and an option.
pub(crate) fn check_expected(faults: &Faults<'_>, plan: &Plan, grader: &Grader, reads: &Reads) {
    // One that does not compile is told of with the conversations.
    let Ok(renderer) = Renderer::new(plan) else { return };
    for (number, stage) in (0..).zip(&plan.stages) {
        if let StageKind::Score { scorer, .. } = &stage.kind {
            let check = ScoreCheck { plan, grader, renderer: &renderer, number, stage, scorer };
            check.check(faults, reads);
        }
    }
}

struct ScoreCheck<'a> {
    plan: &'a Plan,
    grader: &'a Grader,
    renderer: &'a Renderer,
    number: u32,
    stage: &'a Stage,
    scorer: &'a Scorer,
}

impl<'a> ScoreCheck<'a> {
    fn check(&self, faults: &Faults<'_>, reads: &'a Reads) {
        let Some(trouble) = tell_trouble(self.scorer) else { return };
        let key = format!("{}.equals", scorer_key(self.stage, self.scorer));
        let read: BTreeSet<&str> =
            reads.get(&key).into_iter().flatten().map(String::as_str).collect();
        let mut answers = fields_before(self.plan, self.number).into_iter();
        if answers.any(|field| read.contains(field.name.as_str())) {
            return;
        }
        let found = self.find_never(&read);
        let first = found.first().and_then(|first| self.plan.prompts.get(*first as usize));
        if let Some(first) = first {
            let id = &first.id;
            let message = match found.len() {
                1 => format!("for 1 prompt, `{id}`: its score could only be unknown; correct it"),
                count => format!(
                    "for {count} prompts, the first of them `{id}`: their score could only be unknown; correct them"
                ),
            };
            faults.add(key, format!("{trouble} {message}, or leave such out with a `when`"));
        }
    }

    /// The prompts whose expected text nothing can be compared with in some cell that scores them.
    fn find_never(&self, read: &BTreeSet<&'a str>) -> BTreeSet<u32> {
        let whens = whens_before(self.plan, self.number);
        let names: BTreeSet<&str> = names_of(&whens);
        let conditions: Vec<Beforehand<'_>> =
            whens.iter().filter_map(|when| Beforehand::of(self.plan, when)).collect();
        // Where nothing is read of prompts, the text is the same for all of them.
        let is_one_text = count_prompts(self.plan, &read.union(&names).copied().collect()) < 2;
        let prompts = (0..).zip(&self.plan.prompts);
        let mut never = BTreeSet::new();
        for cells in group(self.plan, read, &names) {
            let Some(cell) = self.plan.cells.get(cells.cell as usize) else { continue };
            for (number, prompt) in prompts.clone() {
                if is_one_text && number > 0 {
                    never.extend(never.contains(&0).then_some(number));
                } else if conditions.iter().all(|when| when.may_hold(cell, prompt))
                    && self.is_never(cells.cell, number)
                {
                    never.insert(number);
                }
            }
        }
        never
    }

    /// A text that cannot even be compared with itself can be compared with none.
    fn is_never(&self, cell: u32, prompt: u32) -> bool {
        let at = Coordinate { stage: self.number, cell, prompt, ..Coordinate::default() };
        let Ok(Some(text)) = self.renderer.expect(self.plan, at) else { return false };
        self.grader.score(self.number, Some(&text), Some(&text)) == Label::Abstained
    }
}

/// What is wrong with an expected text that cannot be compared with; `None` for a score that takes any.
fn tell_trouble(scorer: &Scorer) -> Option<&'static str> {
    match scorer {
        Scorer::Number { .. } => Some("is no number"),
        Scorer::Choice { .. } => Some("is none of `among`"),
        Scorer::Exact(_)
        | Scorer::Contains(_)
        | Scorer::Prefix(_)
        | Scorer::Regex { .. }
        | Scorer::Overlap { .. }
        | Scorer::Schema { .. }
        | Scorer::External { .. } => None,
    }
}
