//! What a call is expected to take before any like it has ended.
//!
//! Texts are counted where a stage names them, at about four bytes a token, which is right for English
//! prose and short for other languages: the estimate is followed by what calls really take. Whatever
//! answers of earlier stages add is a guess.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Coordinate, Need, Plan, PoolId, Prompt, Stage, StageKind};

use crate::fits::{Longest, TooLong, check_longest, limits_tokens, within};
use crate::reread::Reader;
use crate::settings::{PoolSettings, Settings};

/// Bytes of a token of English prose, about.
pub(crate) const BYTES_PER_TOKEN: usize = 4;
/// What nobody is sent, and how it ends.
const COMMENT: (&str, &str) = ("{#", "#}");
/// Prompts that are rendered to find the longest request: what a condition leaves out or adds may make
/// another one of the longest prompts the longest request.
const LONGEST_TRIED: usize = 4;

/// What calls of one stage are expected to take.
pub(crate) struct Needs<'p> {
    reader: Reader<'p>,
    settings: &'p Settings,
    number: u32,
    stage: &'p Stage,
    /// What it sends, with gaps for what that names.
    templates: Vec<Template<'p>>,
    /// Bytes that are sent as they are.
    plain: usize,
    prompts: Prompts,
}

/// A text with gaps.
pub(crate) struct Template<'p> {
    /// Bytes around the gaps.
    plain: usize,
    /// What stands in the gaps.
    gaps: Vec<&'p str>,
}

/// What of prompts a stage sends, in bytes.
struct Prompts {
    mean: usize,
    /// By the prompt's number.
    lengths: Vec<usize>,
    /// The places of prompts in the order by which a cell that has only some takes them; empty where none
    /// does.
    ranks: Vec<u32>,
    /// The longest by `prompts_max`, once they were looked for: many cells ask for the same ones.
    longest: RefCell<BTreeMap<Option<u32>, Vec<u32>>>,
}

impl<'p> Needs<'p> {
    /// Reads the texts of a stage, which has this number.
    pub(crate) fn of(
        reader: Reader<'p>,
        settings: &'p Settings,
        (number, stage): (u32, &'p Stage),
    ) -> Self {
        let templates: Vec<_> = texts_of(stage).into_iter().map(Template::of).collect();
        let plain = templates.iter().map(|text| text.plain).sum::<usize>() + instruction_of(stage);
        let prompts = Prompts::of(reader.plan, &templates);
        Self { reader, settings, number, stage, templates, plain, prompts }
    }

    /// What a call of this stage and a cell is expected to take.
    pub(crate) fn of_cell(&self, cell: u32, pools: &[PoolId]) -> Result<Need, TooLong> {
        let Self { reader: Reader { plan, .. }, number, .. } = *self;
        let asked = plan.model_asked(number, cell).zip(plan.parameters_asked(number, cell));
        let Some((model, parameters)) = asked else {
            return Ok(Need::default()); // a score calls nobody
        };
        let pools = pools.iter().filter_map(|pool| self.settings.pool(*pool));
        let pools: Vec<&PoolSettings> = pools.collect();
        let output = u64::from(parameters.max_output_tokens);
        if pools.iter().any(|pool| limits_tokens(pool)) {
            check_longest((self.stage, model), &self.longest(cell), output, &pools)?;
        }
        let certain = tokens(self.own_bytes(cell) + self.prompts.mean);
        let input = certain + answers(plan, number, cell);
        Ok(within(Need { input, output }, certain, &pools))
    }

    /// The longest request of a cell: as it is rendered, or as far as it is written where it hangs on an
    /// answer.
    fn longest(&self, cell: u32) -> Longest {
        let plan = self.reader.plan;
        let of_cell = plan.cells.get(cell as usize);
        let tried = self.prompts.longest(of_cell.and_then(|cell| cell.prompts_max));
        let own = self.own_bytes(cell);
        let written = |prompt: u32| own + self.prompts.lengths.get(prompt as usize).unwrap_or(&0);
        let bytes = |prompt| self.rendered(cell, prompt).unwrap_or_else(|| written(prompt));
        let longest = tried.into_iter().map(|prompt| (bytes(prompt), Reverse(prompt))).max();
        let (bytes, prompt) = longest.map_or((0, None), |(bytes, of)| (bytes, Some(of.0)));
        let prompt = prompt.and_then(|prompt| plan.prompts.get(prompt as usize));
        Longest {
            input: tokens(bytes),
            prompt: prompt.map_or_else(String::new, |prompt| prompt.id.clone()),
            condition: of_cell.map_or_else(String::new, |cell| cell.condition.clone()),
        }
    }

    /// The bytes of a request; `None` where it hangs on what is answered first.
    fn rendered(&self, cell: u32, prompt: u32) -> Option<usize> {
        let Reader { plan, grader, renderer } = self.reader;
        if plan.parent_of(self.number).is_some() {
            return None;
        }
        let at = Coordinate { stage: self.number, cell, prompt, ..Coordinate::default() };
        let said = renderer.render(plan, grader, at, &[]).ok()?;
        let around = [said.system, said.prefill].into_iter().flatten();
        let turns = said.turns.into_iter().map(|turn| turn.text);
        Some(turns.chain(around).map(|text| text.len()).sum())
    }

    /// The templates, and the variables that they name.
    fn own_bytes(&self, cell: u32) -> usize {
        let variables = self.reader.plan.variables_of_cell(cell);
        let named = variables.iter().filter(|(name, _)| is_named(&self.templates, name));
        self.plain + named.map(|(_, text)| text.len()).sum::<usize>()
    }
}

impl<'p> Template<'p> {
    /// A gap ends with the first bracket that can end it: where its own text holds one, the estimate is
    /// a little off.
    pub(crate) fn of(text: &'p str) -> Self {
        let (mut plain, mut gaps, mut rest) = (0, Vec::new(), text);
        while let Some((at, close)) = next_gap(rest) {
            plain += at;
            let gap = &rest[at..];
            let end = gap.find(close).map_or(gap.len(), |end| end + close.len());
            gaps.push(&gap[..end]);
            rest = &gap[end..];
        }
        Self { plain: plain + rest.len(), gaps }
    }

    /// Every word in its gaps, as often as it stands there: the names of what is sent are among them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'p str> {
        let read = self.gaps.iter().filter(|gap| !gap.starts_with(COMMENT.0));
        read.flat_map(|gap| gap.split(|c: char| !(c.is_alphanumeric() || c == '_')))
    }
}

/// Where the next gap begins, and what ends it.
fn next_gap(text: &str) -> Option<(usize, &'static str)> {
    let kinds = [("{{", "}}"), ("{%", "%}"), COMMENT];
    let found = kinds.into_iter().filter_map(|(open, close)| Some((text.find(open)?, close)));
    found.min()
}

impl Prompts {
    fn of(plan: &Plan, templates: &[Template<'_>]) -> Self {
        let fields: BTreeSet<&String> =
            plan.prompts.iter().flat_map(|prompt| prompt.fields.keys()).collect();
        let named: Vec<&String> =
            fields.into_iter().filter(|name| is_named(templates, name)).collect();
        let length = |prompt: &Prompt| {
            let sent = named.iter().filter_map(|name| prompt.fields.get(*name));
            sent.map(String::len).sum::<usize>()
        };
        let lengths: Vec<usize> = plan.prompts.iter().map(length).collect();
        let mean = lengths.iter().sum::<usize>().checked_div(lengths.len()).unwrap_or(0);
        let some = plan.cells.iter().any(|cell| cell.prompts_max.is_some());
        let ranks = if some { plan.ranks() } else { Vec::new() };
        Self { mean, lengths, ranks, longest: RefCell::default() }
    }

    /// The longest prompts of a cell that has no more than so many, by number.
    fn longest(&self, prompts_max: Option<u32>) -> Vec<u32> {
        let mut longest = self.longest.borrow_mut();
        longest.entry(prompts_max).or_insert_with(|| self.find_longest(prompts_max)).clone()
    }

    fn find_longest(&self, prompts_max: Option<u32>) -> Vec<u32> {
        let is_in = |number: &u32| {
            let rank = self.ranks.get(*number as usize);
            rank.zip(prompts_max).is_none_or(|(rank, most)| *rank < most)
        };
        let all = (0..).zip(&self.lengths).filter(|(number, _)| is_in(number));
        let mut longest: Vec<(Reverse<usize>, u32)> = Vec::with_capacity(LONGEST_TRIED + 1);
        for (number, length) in all {
            longest.push((Reverse(*length), number));
            longest.sort_unstable();
            longest.truncate(LONGEST_TRIED);
        }
        longest.into_iter().map(|(_, number)| number).collect()
    }
}

fn is_named(templates: &[Template<'_>], name: &str) -> bool {
    templates.iter().flat_map(|text| &text.gaps).any(|gap| gap.contains(name))
}

fn tokens(bytes: usize) -> u64 {
    (bytes / BYTES_PER_TOKEN) as u64
}

/// The texts that a stage sends, with gaps for what they name.
pub(crate) fn texts_of(stage: &Stage) -> Vec<&str> {
    match &stage.kind {
        StageKind::Generate { messages, .. } => {
            messages.iter().map(|message| message.template.as_str()).collect()
        }
        StageKind::Judge { text, .. } => vec![text],
        StageKind::Score { .. } => Vec::new(),
    }
}

/// The bytes by which a judge is told what it may say.
pub(crate) fn instruction_of(stage: &Stage) -> usize {
    match &stage.kind {
        StageKind::Judge { question, .. } => question.instruction().len(),
        StageKind::Generate { .. } | StageKind::Score { .. } => 0,
    }
}

/// What the answers that a job hangs on add to its input, at most.
fn answers(plan: &Plan, stage: u32, cell: u32) -> u64 {
    let before = plan.ancestors_of(stage).into_iter();
    let asked = before.filter_map(|of| plan.parameters_asked(of, cell));
    asked.map(|parameters| u64::from(parameters.max_output_tokens)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_stage_names_is_counted() {
        let text = |bytes: usize| "x".repeat(bytes);
        let fields = |bytes| [("request".to_owned(), text(bytes)), ("other".to_owned(), text(900))];
        let prompt = |bytes| Prompt { fields: fields(bytes).into(), ..Prompt::default() };
        let plan = Plan { prompts: vec![prompt(100), prompt(300)], ..Plan::default() };
        let of = |template: &str| {
            let prompts = Prompts::of(&plan, &[Template::of(template)]);
            let longest = prompts.longest(None)[0];
            (prompts.mean, prompts.lengths[longest as usize])
        };
        assert_eq!(of("{{ request }}"), (200, 300));
        assert_eq!(of("the request"), (0, 0), "it is only spoken of");
    }

    #[test]
    fn what_stands_in_a_gap_is_not_sent() {
        let of = |text| {
            let Template { plain, gaps } = Template::of(text);
            (plain, gaps.len())
        };
        assert_eq!(of("{{ request }}"), (0, 1));
        assert_eq!(of("Say: {{ request }}."), (6, 1));
        assert_eq!(of("{% if a %}yes{% else %}no{% endif %}{# why #}"), (5, 4));
        assert_eq!(of("a { b } c {{ open"), (10, 1));
        assert_eq!(of(""), (0, 0));
    }

    #[test]
    fn a_cell_with_some_of_the_prompts_is_measured_by_those() {
        let lengths = vec![10, 900, 20, 30, 40, 50];
        let ranks = vec![0, 5, 1, 2, 3, 4];
        let prompts = Prompts { mean: 0, lengths, ranks, longest: RefCell::default() };
        assert_eq!(prompts.longest(None), [1, 5, 4, 3]);
        assert_eq!(prompts.longest(Some(2)), [2, 0]);
    }

    #[test]
    fn cells_with_as_many_prompts_look_for_the_longest_once() {
        let (lengths, ranks) = (vec![10, 900], vec![1, 0]);
        let mut prompts = Prompts { mean: 0, lengths, ranks, longest: RefCell::default() };
        let found = || [prompts.longest(None), prompts.longest(Some(1))];
        assert_eq!(found(), [vec![1, 0], vec![1]]);
        prompts.lengths.clear();
        assert_eq!(prompts.longest(None), [1, 0], "no prompt is looked at again");
        assert_eq!(prompts.longest(Some(1)), [1]);
    }
}
