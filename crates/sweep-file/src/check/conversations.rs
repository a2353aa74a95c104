//! Every condition's messages make a conversation, and none of them lacks a variable.
//!
//! Conditions are gone through one by one, and prompts only where a `when` reads their fields.
//! What templates do with a prompt's text is tried on one prompt for each set of messages shown.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::Grader;
use iago_sweep::{Condition, Conversation, Coordinate, Message, Plan, Role, Stage, StageKind};

use super::expressions::names_in;
use super::templates::Reads;
use crate::fault::Faults;
use crate::render::{RenderError, Renderer, check_order, messages_key};
use crate::tree::item_key;

/// Checks what each generate stage sends.
pub(crate) fn check_conversations(
    faults: &Faults<'_>,
    plan: &Plan,
    grader: &Grader,
    reads: &Reads,
) {
    let renderer = match Renderer::new(plan) {
        Ok(renderer) => renderer,
        Err(error) => return faults.add("stages", error.to_string()),
    };
    for (number, stage) in (0..).zip(&plan.stages) {
        if let StageKind::Generate { messages, .. } = &stage.kind {
            let check = StageCheck { plan, grader, stage, number, messages };
            let sets = check.collect_sets();
            let mut troubles = Troubles::new();
            for set in &sets {
                let found = check.find_troubles(set, reads, &renderer);
                for trouble in found {
                    troubles.entry(trouble).or_default().insert(&set.condition.name);
                }
            }
            for ((key, message), conditions) in troubles {
                faults.add(key, format!("{}: {message}", name_conditions(&conditions)));
            }
            for message in check.find_unshown(&sets) {
                let key = format!("{}.when", check.key_of(message));
                faults.add(
                    key,
                    "is never true, so the message is never sent; change it, or \
                    take the message out",
                );
            }
        }
    }
}

/// Key and message, to the conditions that have this trouble.
type Troubles<'a> = BTreeMap<(String, String), BTreeSet<&'a str>>;

/// Messages that are shown together somewhere.
struct Set<'a> {
    condition: &'a Condition,
    shown: Vec<usize>,
    /// The first place where they are.
    at: Coordinate,
}

struct StageCheck<'a> {
    plan: &'a Plan,
    grader: &'a Grader,
    stage: &'a Stage,
    number: u32,
    messages: &'a [Message],
}

impl<'a> StageCheck<'a> {
    /// Each condition with each set of messages that it can show.
    fn collect_sets(&self) -> Vec<Set<'a>> {
        let (cells, prompts) = self.count_to_visit();
        // Cells go through the conditions of one model after the other.
        let mut conditions = self.plan.conditions.iter().cycle();
        let mut found = BTreeSet::new();
        let mut sets = Vec::new();
        for cell in 0..cells {
            let Some(condition) = conditions.next() else { continue };
            for prompt in 0..prompts {
                let at = Coordinate { stage: self.number, cell, prompt, ..Coordinate::default() };
                let shown: Vec<usize> = (0..self.messages.len())
                    .filter(|&message| self.grader.message_shown(at, message))
                    .collect();
                if found.insert((&condition.name, shown.clone())) {
                    sets.push(Set { condition, shown, at });
                }
            }
        }
        sets
    }

    /// The cells and prompts that can differ in what they show; the first ones stand for the rest.
    fn count_to_visit(&self) -> (u32, u32) {
        let whens = self.messages.iter().filter_map(|message| message.when.as_deref());
        let read: BTreeSet<&str> = whens.flat_map(names_in).collect();
        let fields = self.plan.prompts.first().map(|prompt| &prompt.fields);
        let by_prompt =
            fields.is_some_and(|fields| fields.keys().any(|field| read.contains(field.as_str())));
        let all = |reads: bool, all: usize, few: usize| {
            u32::try_from(if reads { all } else { few.min(all) }).unwrap_or(u32::MAX)
        };
        (
            all(read.contains("model"), self.plan.cells.len(), self.plan.conditions.len()),
            all(by_prompt, self.plan.prompts.len(), 1),
        )
    }

    fn find_unshown(&self, sets: &[Set<'_>]) -> Vec<usize> {
        let is_shown = |message: usize| sets.iter().any(|set| set.shown.contains(&message));
        (0..self.messages.len()).filter(|&message| !is_shown(message)).collect()
    }

    /// What is wrong with one set of messages; nothing is rendered with a variable missing.
    fn find_troubles(
        &self,
        set: &Set<'_>,
        reads: &Reads,
        renderer: &Renderer,
    ) -> Vec<(String, String)> {
        let undefined = self.find_undefined(set, reads);
        if !undefined.is_empty() {
            return undefined;
        }
        let roles = set.shown.iter().map(|&message| self.messages[message].role);
        if let Err(message) = check_order(roles) {
            return vec![(messages_key(self.stage), message.to_owned())];
        }
        match renderer.render(self.plan, self.grader, set.at, &BTreeMap::new()) {
            Ok(conversation) => self.find_bad_texts(&conversation, set),
            Err(RenderError::Template { place, message }) => vec![(place, message)],
            Err(error) => vec![(messages_key(self.stage), error.to_string())],
        }
    }

    fn find_undefined(&self, set: &Set<'_>, reads: &Reads) -> Vec<(String, String)> {
        let variables = self.plan.variables_of(set.condition);
        let fields = self.plan.prompts.first().map(|prompt| &prompt.fields);
        let is_defined = |name: &String| {
            variables.contains_key(name) || fields.is_some_and(|fields| fields.contains_key(name))
        };
        let advice = "set it there, or give the message a `when` that leaves it out";
        let mut missing = Vec::new();
        for &message in &set.shown {
            let key = self.key_of(message);
            for name in reads.get(&key).into_iter().flatten().filter(|name| !is_defined(name)) {
                missing.push((key.clone(), format!("`{name}` is undefined; {advice}")));
            }
        }
        missing
    }

    /// Vendors refuse empty messages, and a prefill that ends in white space.
    fn find_bad_texts(&self, conversation: &Conversation, set: &Set<'_>) -> Vec<(String, String)> {
        let mut turns = conversation.turns.iter().map(|turn| turn.text.as_str());
        let mut bad = Vec::new();
        for (position, &message) in set.shown.iter().enumerate() {
            let is_prefill = position + 1 == set.shown.len() && conversation.prefill.is_some();
            let text = match self.messages[message].role {
                Role::System => conversation.system.as_deref(),
                Role::Assistant if is_prefill => conversation.prefill.as_deref(),
                Role::User | Role::Assistant => turns.next(),
            };
            let text = text.unwrap_or_default();
            let trouble = if text.trim().is_empty() {
                "the message is empty, which endpoints refuse; give it text, or a `when` that \
                leaves it out"
            } else if is_prefill && text.ends_with(char::is_whitespace) {
                "the prefill ends in white space, which endpoints refuse; take it off"
            } else {
                continue;
            };
            bad.push((self.key_of(message), trouble.to_owned()));
        }
        bad
    }

    fn key_of(&self, message: usize) -> String {
        item_key(&messages_key(self.stage), message)
    }
}

fn name_conditions(conditions: &BTreeSet<&str>) -> String {
    let first = conditions.first().copied().unwrap_or_default();
    match conditions.len() {
        1 => format!("in condition `{first}`"),
        count => format!("in {count} conditions, such as `{first}`"),
    }
}
