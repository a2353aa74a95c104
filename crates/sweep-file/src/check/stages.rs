//! How stages hang together: what each waits for, what it looks at, and what it goes on from.

use std::collections::BTreeSet;

use iago_sweep::{Again, Follows, Plan, Scorer, Stage, StageKind};

use crate::fault::Faults;
use crate::read::PromptSet;
use crate::render::{fields_before, list_templates, scorer_key, stage_key};
use crate::tree::item_key;
use iago_expression::suggest;

/// Checks what a stage says of other stages, once it is known that they are there.
pub(super) fn check_stage(
    faults: &Faults<'_>,
    plan: &Plan,
    number: u32,
    stage: &Stage,
    prompt_set: &PromptSet,
) {
    let check = StageCheck { faults, plan, number, stage, prompt_set };
    check.check_after();
    match &stage.kind {
        StageKind::Generate { follows, again, .. } => {
            if let Some(follows) = follows.as_ref().filter(|follows| follows.continues) {
                check.check_continued(follows);
            }
            if let Some(Again::Resample { until, .. }) = again {
                check.check_until(until);
            }
        }
        StageKind::Judge { sees, .. } => {
            check.check_sees("judge", &format!("{}.sees", stage_key(stage)), sees);
        }
        StageKind::Score { scorer, .. } => check.check_scorer(scorer),
    }
}

/// The values that a stage is given by name alone, without a text that shows them.
pub(super) fn list_seen(stage: &Stage) -> &[String] {
    match &stage.kind {
        StageKind::Score { scorer: Scorer::External { sees, .. }, .. } => sees,
        StageKind::Score { .. } | StageKind::Generate { .. } | StageKind::Judge { .. } => &[],
    }
}

/// A misspelt tag would cut nothing out, and nobody would notice: it has to be another field's, or
/// one that the model is told of.
pub(crate) fn check_outside(faults: &Faults<'_>, plan: &Plan) {
    for stage in &plan.stages {
        for field in stage.fields() {
            let Some(outside) = &field.outside else { continue };
            let others = stage.fields().iter().filter(|other| other.name != field.name);
            let tags: Vec<&str> = others.filter_map(iago_sweep::Field::tag).collect();
            if tags.contains(&outside.as_str()) || is_told(plan, stage, &format!("<{outside}>")) {
                continue;
            }
            let advice = suggest(outside, "tags of other fields", tags.iter().copied());
            faults.add(
                format!("{}.fields.{}.outside", stage_key(stage), field.name),
                format!(
                    "`{outside}` is the tag of no other field of this stage, and no text that it \
                     sends has `<{outside}>`; {advice}"
                ),
            );
        }
    }
}

/// Whether a text that a stage can send has this in it.
fn is_told(plan: &Plan, stage: &Stage, tag: &str) -> bool {
    let levels = plan.factors.iter().flat_map(|factor| &factor.levels);
    let mut variables = levels
        .flat_map(|level| level.variables.values())
        .chain(plan.models.iter().flat_map(|model| model.set.values()))
        .chain(plan.variables.values());
    list_templates(stage).iter().any(|(_, template)| template.contains(tag))
        || variables.any(|text| text.contains(tag))
}

struct StageCheck<'a> {
    faults: &'a Faults<'a>,
    plan: &'a Plan,
    number: u32,
    stage: &'a Stage,
    prompt_set: &'a PromptSet,
}

impl StageCheck<'_> {
    /// The result that opens a job has to bring along the answer that the job needs.
    fn check_after(&self) {
        let (Some(of), Some(after)) = (self.stage.of(), self.stage.opened_by()) else { return };
        let opener = self.plan.stage_number(after);
        let (Some(needed), Some(opener)) = (self.plan.stage_number(of), opener) else { return };
        if after == of || self.plan.ancestors_of(opener).contains(&needed) {
            return;
        }
        let graded = self.plan.stages.get(opener as usize).and_then(Stage::of).unwrap_or_default();
        self.fault(
            "when",
            &format!(
                "reads `{after}`, which is `of` `{graded}`, and this stage is `of` `{of}`; make \
                 it `of` `{graded}` or what that is `of`, or read a stage that is `of` `{of}`"
            ),
        );
    }

    /// What is said in between is not kept, and nobody is given another one's words as its own.
    fn check_continued(&self, follows: &Follows) {
        let found = self.plan.stages.iter().find(|stage| stage.name == follows.of);
        let (Some(StageKind::Generate { helper, again, .. }), of) =
            (found.map(|stage| &stage.kind), &follows.of)
        else {
            return;
        };
        let StageKind::Generate { helper: own, .. } = &self.stage.kind else { return };
        if helper != own {
            self.fault(
                "continues",
                &format!(
                    "goes on from `{of}`, which asks another model, so that one would find the \
                     other's words in its own mouth; show them as a field instead"
                ),
            );
        } else if matches!(again, Some(Again::Continue { .. })) {
            self.fault(
                "continues",
                &format!(
                    "goes on from `{of}`, of which only the last of several turns is kept; take \
                     `continue` out there, or show its fields instead"
                ),
            );
        }
    }

    fn check_until(&self, until: &str) {
        let fault = |message: &str| self.fault("resample.until", message);
        let Some(found) = self.plan.stages.iter().find(|stage| stage.name == until) else {
            let scores = self.plan.stages.iter().filter(|stage| is_pure_score(stage));
            let advice = suggest(until, "score stages", scores.map(|stage| &*stage.name));
            return fault(&format!("there is no stage `{until}`; {advice}"));
        };
        if !is_pure_score(found) {
            fault(&format!(
                "`{until}` needs a judge, a model or a program, and trying again must not wait for \
                 one; name a score stage that is code alone"
            ));
        } else if found.of() != Some(&self.stage.name) {
            fault(&format!(
                "`{until}` is not `of` this stage, so it says nothing of its answers; name one \
                 that is"
            ));
        } else if found.when().is_some() {
            fault(&format!(
                "`{until}` has a `when`, and where that is false it never says yes; take it out \
                 there"
            ));
        }
    }

    fn check_scorer(&self, scorer: &Scorer) {
        let table = scorer_key(self.stage, scorer);
        if let Scorer::External { sees, .. } = scorer {
            return self.check_sees("program", &format!("{table}.sees"), sees);
        }
        let Some(name) = scorer.field() else { return };
        let fields = self.list_fields();
        if self.has_answer() && !fields.contains(&name) {
            let advice = suggest(name, "fields", fields.iter().copied());
            self.faults.add(
                format!("{table}.field"),
                format!("no answer before this stage has a field `{name}`; {advice}"),
            );
        }
    }

    fn check_sees(&self, who: &str, list: &str, sees: &[String]) {
        if sees.is_empty() {
            let message =
                format!("is empty, so there is nothing to grade; name what the {who} may see");
            self.faults.add(list, message);
        }
        let prompt_fields = self.prompt_set.fields.keys().map(String::as_str);
        let known: Vec<&str> = prompt_fields.chain(self.list_fields()).collect();
        let conditions: BTreeSet<&str> = super::names::list_variables(self.plan)
            .into_iter()
            .map(|(name, _)| name)
            .chain(self.plan.factors.iter().map(|factor| factor.name.as_str()))
            .collect();
        for (position, name) in sees.iter().enumerate() {
            let message = if sees[..position].contains(name) {
                format!("`{name}` is there twice; take one out")
            } else if conditions.contains(name.as_str()) {
                format!(
                    "`{name}` would tell the {who} the condition; a {who} sees prompt fields and \
                     fields of the answer"
                )
            } else if self.has_answer() && !known.contains(&name.as_str()) {
                let noun = "prompt fields and fields of the answer";
                let advice = suggest(name, noun, known.iter().copied());
                format!("there is nothing called `{name}` to see; {advice}")
            } else {
                continue;
            };
            self.faults.add(item_key(list, position), message);
        }
    }

    /// Whether the stage that this one is `of` is there; it is told elsewhere if it is not.
    fn has_answer(&self) -> bool {
        let parent = self.plan.parent_of(self.number);
        parent.and_then(|of| self.plan.stages.get(of as usize)).is_some_and(Stage::generates)
    }

    fn list_fields(&self) -> Vec<&str> {
        let fields = fields_before(self.plan, self.number).into_iter();
        fields.map(|field| field.name.as_str()).collect()
    }

    fn fault(&self, name: &str, message: &str) {
        self.faults.add(format!("{}.{name}", stage_key(self.stage)), message);
    }
}

fn is_pure_score(stage: &Stage) -> bool {
    matches!(&stage.kind, StageKind::Score { scorer, .. } if scorer.program().is_none())
}
