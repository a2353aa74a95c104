//! Every template compiles, reads only what somebody sets, and everything that is set is read.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::suggest;
use iago_sweep::{Plan, Stage, StageKind};

use super::expressions::collect_names;
use super::names::{list_variables, place_variables};
use crate::read::Draft;
use crate::reader::Pass;
use crate::render::{fields_before, list_templates, stage_key, template_key};
use crate::template::{Templates, is_function};
use crate::tree::item_key;

/// The variables that each template reads, by the key of its message or judge.
pub(crate) type Reads = BTreeMap<String, BTreeSet<String>>;

/// Checks all templates without regard to conditions.
pub(crate) fn check_templates(pass: &Pass<'_>, draft: &Draft) -> Reads {
    let plan = &draft.plan;
    let mut check = TemplateCheck { pass, draft, plan, reads: Reads::new(), all_compile: true };
    for stage in &plan.stages {
        let known = check.list_known(stage);
        for (place, template) in list_templates(stage) {
            check.check_template(stage, &place, template, &known);
        }
    }
    if check.all_compile {
        check.report_unused();
    }
    check.reads
}

struct TemplateCheck<'a> {
    pass: &'a Pass<'a>,
    draft: &'a Draft,
    plan: &'a Plan,
    reads: Reads,
    all_compile: bool,
}

impl TemplateCheck<'_> {
    /// What a stage's templates may read in some condition or other.
    fn list_known(&self, stage: &Stage) -> BTreeSet<String> {
        match &stage.kind {
            StageKind::Judge { sees, .. } => sees.iter().cloned().collect(),
            StageKind::Generate { .. } | StageKind::Score { .. } => {
                let variables =
                    list_variables(self.plan).into_iter().map(|(name, _)| name.to_owned());
                let number = self.plan.stage_number(&stage.name).unwrap_or_default();
                let before = fields_before(self.plan, number).into_iter();
                let before = before.map(|field| field.name.clone());
                variables.chain(self.prompt_fields().cloned()).chain(before).collect()
            }
        }
    }

    fn check_template(
        &mut self,
        stage: &Stage,
        place: &str,
        template: &str,
        known: &BTreeSet<String>,
    ) {
        let mut templates = Templates::new();
        if let Err(error) = templates.add(place, template) {
            self.report(stage, place, &error.to_string());
            self.all_compile = false;
            return;
        }
        let mut reads = templates.variables(place);
        reads.retain(|name| known.contains(name) || !is_function(name));
        for name in reads.iter().filter(|name| !known.contains(*name)) {
            self.report(stage, place, &self.explain_unknown(stage, name, known));
        }
        for (variable, path) in templates.lookups(place) {
            if known.contains(&variable) {
                let message = format!(
                    "`{path}` looks into `{variable}`, which is text and has no parts; write \
                    `{{{{ {variable} }}}}`"
                );
                self.report(stage, place, &message);
            }
        }
        if let Err(error) = templates.probe(place, &reads) {
            self.report(stage, place, &error.to_string());
        }
        self.reads.insert(place.to_owned(), reads);
    }

    fn explain_unknown(&self, stage: &Stage, name: &str, known: &BTreeSet<String>) -> String {
        let number = self.plan.stage_number(&stage.name).unwrap_or_default();
        let is_field = fields_before(self.plan, number).iter().any(|field| field.name == name);
        let is_judge = matches!(stage.kind, StageKind::Judge { .. });
        if is_judge && (is_field || self.prompt_fields().any(|field| field == name)) {
            return format!("`{name}` is not in `sees`; add it there, or take it out of the text");
        }
        if is_judge && list_variables(self.plan).iter().any(|(variable, _)| *variable == name) {
            return format!("`{name}` would tell the judge the condition; take it out of the text");
        }
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        format!("`{name}` is undefined; {}", suggest(name, "variables", names.iter().copied()))
    }

    /// A fault of a template: under the key that holds it, with the place if it is elsewhere.
    fn report(&self, stage: &Stage, place: &str, message: &str) {
        match self.pass.texts.find_place(place) {
            Some((key, found)) => self.pass.faults.add(key, format!("in {found}: {message}")),
            None => self.pass.faults.add(template_key(stage, place), message),
        }
    }

    fn report_unused(&self) {
        let mut read: BTreeSet<&str> = self.reads.values().flatten().map(String::as_str).collect();
        read.extend(self.plan.stages.iter().flat_map(super::stages::list_seen).map(String::as_str));
        for (name, key) in place_variables(self.draft) {
            if !read.contains(name) {
                self.pass.faults.add(
                    key,
                    format!(
                        "no message uses `{name}`; write `{{{{ {name} }}}}` in one, or take it out"
                    ),
                );
            }
        }
        let in_expressions = collect_names(self.plan);
        let fields = self.prompt_fields().map(String::as_str);
        for name in fields.filter(|name| !read.contains(name) && !in_expressions.contains(name)) {
            let message =
                format!("no text and no expression uses `{name}`; use it, or take it out");
            self.pass.faults.add(format!("prompts.fields.{name}"), message);
        }
        for stage in &self.plan.stages {
            self.report_unused_sees(stage);
        }
    }

    fn report_unused_sees(&self, stage: &Stage) {
        let StageKind::Judge { sees, .. } = &stage.kind else { return };
        let key = stage_key(stage);
        let Some(reads) = self.reads.get(&key) else { return };
        for (position, name) in sees.iter().enumerate().filter(|(_, name)| !reads.contains(*name)) {
            let message = format!(
                "the judge's text does not show `{name}`; write `{{{{ {name} }}}}` in it, or \
                take it out of `sees`"
            );
            self.pass.faults.add(item_key(&format!("{key}.sees"), position), message);
        }
    }

    fn prompt_fields(&self) -> impl Iterator<Item = &String> {
        self.plan.prompts.first().into_iter().flat_map(|prompt| prompt.fields.keys())
    }
}
