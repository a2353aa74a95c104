//! Every cell's messages make a conversation, and none of them lacks a variable.
//!
//! Of cells that send the same one stands for all, and prompts are gone through only where a `when`
//! reads of them. What templates do with a prompt's text is tried on one prompt for each set of
//! messages shown.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::Grader;
use iago_sweep::{Conversation, Coordinate, Message, Plan, Role, Stage, StageKind};

use super::alike::{Alike, group};
use super::beforehand::count_prompts;
use super::expressions::names_in;
use super::templates::Reads;
use crate::fault::Faults;
use crate::render::{RenderError, Renderer, check_order, fields_before, messages_key};
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
            let check = StageCheck { plan, grader, stage, number, messages, reads };
            check.check(faults, &renderer);
        }
    }
}

/// Key and message, to the cells that have this trouble.
type Troubles<'a> = BTreeMap<(String, String), Vec<&'a Alike<'a>>>;

/// Messages that are shown together somewhere.
struct Set<'a> {
    cells: &'a Alike<'a>,
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
    reads: &'a Reads,
}

impl<'a> StageCheck<'a> {
    fn check(&self, faults: &Faults<'_>, renderer: &Renderer) {
        let whens = self.messages.iter().filter_map(|message| message.when.as_deref());
        let names: BTreeSet<&str> = whens.flat_map(names_in).collect();
        let groups = group(self.plan, &self.list_read(), &names);
        let sets = self.collect_sets(&groups, &names);
        let mut troubles = Troubles::new();
        for set in &sets {
            for trouble in self.find_troubles(set, renderer) {
                troubles.entry(trouble).or_default().push(set.cells);
            }
        }
        for ((key, message), cells) in troubles {
            faults.add(key, format!("{}: {message}", Alike::name(&cells)));
        }
        for message in self.find_unshown(&sets) {
            let key = format!("{}.when", self.key_of(message));
            faults.add(
                key,
                "is never true, so the message is never sent; change it, or \
                take the message out",
            );
        }
    }

    /// What the templates of the stage read.
    fn list_read(&self) -> BTreeSet<&'a str> {
        let keys = (0..self.messages.len()).map(|message| self.key_of(message));
        let reads = keys.filter_map(|key| self.reads.get(&key)).flatten();
        reads.map(String::as_str).collect()
    }

    /// Each group of cells with each set of messages that it can show.
    fn collect_sets<'g>(&self, groups: &'g [Alike<'g>], names: &BTreeSet<&str>) -> Vec<Set<'g>> {
        let prompts = count_prompts(self.plan, names);
        let mut sets = Vec::new();
        for cells in groups {
            let mut found = BTreeSet::new();
            for prompt in 0..prompts {
                let cell = cells.cell;
                let at = Coordinate { stage: self.number, cell, prompt, ..Coordinate::default() };
                let shown: Vec<usize> = (0..self.messages.len())
                    .filter(|&message| self.grader.message_shown(at, message))
                    .collect();
                if found.insert(shown.clone()) {
                    sets.push(Set { cells, shown, at });
                }
            }
        }
        sets
    }

    fn find_unshown(&self, sets: &[Set<'_>]) -> Vec<usize> {
        let is_shown = |message: usize| sets.iter().any(|set| set.shown.contains(&message));
        (0..self.messages.len()).filter(|&message| !is_shown(message)).collect()
    }

    /// What is wrong with one set of messages; nothing is rendered with a variable missing.
    fn find_troubles(&self, set: &Set<'_>, renderer: &Renderer) -> Vec<(String, String)> {
        let undefined = self.find_undefined(set);
        if !undefined.is_empty() {
            return undefined;
        }
        let roles = set.shown.iter().map(|&message| self.messages[message].role);
        if let Err(message) = check_order(self.stage, roles) {
            return vec![(messages_key(self.stage), message.to_owned())];
        }
        match renderer.rehearse(self.plan, self.grader, set.at) {
            Ok(conversation) => self.find_bad_texts(&conversation, set),
            Err(RenderError::Template { place, message }) => vec![(place, message)],
            Err(error) => vec![(messages_key(self.stage), error.to_string())],
        }
    }

    fn find_undefined(&self, set: &Set<'_>) -> Vec<(String, String)> {
        let fields = self.plan.prompts.first().map(|prompt| &prompt.fields);
        let before = fields_before(self.plan, self.number);
        let is_defined = |name: &String| {
            set.cells.defined.contains(name.as_str())
                || fields.is_some_and(|fields| fields.contains_key(name))
                || before.iter().any(|field| &field.name == name)
        };
        let advice = "set it there, or give the message a `when` that leaves it out";
        let mut missing = Vec::new();
        for &message in &set.shown {
            let key = self.key_of(message);
            for name in self.reads.get(&key).into_iter().flatten().filter(|name| !is_defined(name))
            {
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
