//! What jobs can take at most: what the run holds back of a budget, and what `iago plan` says.

use std::collections::BTreeMap;

use iago_sweep::{
    Again, Level, Model, Money, Parameters, Plan, Price, Prompt, Stage, StageKind, Usage,
};

use crate::settings::Settings;

/// So many bytes are never less than a token, in prose of any language: for what may be spent at most.
const BYTES_PER_TOKEN_MIN: u64 = 2;

/// What the jobs of a plan can take at most.
pub struct AtMost<'p> {
    plan: &'p Plan,
    /// How many prompts have so many bytes, the longest last.
    prompts: BTreeMap<usize, u64>,
    /// The longest values of all variables together, in bytes.
    variables: usize,
    /// For each stage, its own texts, in tokens.
    texts: Vec<u64>,
}

/// What some jobs take at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Tokens of all calls.
    pub usage: Usage,
    /// `None` where no price is known.
    pub cost: Option<Money>,
}

/// The most that a job can cost.
#[derive(Clone, Copy, Default)]
pub(crate) struct Most {
    /// All calls of the job.
    pub(crate) of_job: Money,
    /// The dearest of them.
    pub(crate) of_call: Money,
}

impl<'p> AtMost<'p> {
    /// Measures the texts of a plan.
    pub fn of(plan: &'p Plan) -> Self {
        let mut prompts = BTreeMap::new();
        plan.prompts.iter().for_each(|prompt| *prompts.entry(length_of(prompt)).or_default() += 1);
        let texts = plan.stages.iter().map(|stage| tokens(text_of(stage)));
        Self { plan, prompts, variables: longest_variables(plan), texts: texts.collect() }
    }

    /// What so many jobs of a stage and a cell take at most: those of the longest prompts, each call
    /// with all of its output. A score takes nothing.
    pub fn of_jobs(&self, (stage, cell): (u32, u32), jobs: u64, price: Option<&Price>) -> Taken {
        let nothing = Taken { cost: Some(Money::ZERO), ..Taken::default() };
        let Some((kind, parameters)) = self.asked(stage, cell) else { return nothing };
        let (mut left, mut taken) = (jobs, nothing);
        taken.cost = price.map(|_| Money::ZERO);
        for (bytes, prompts) in self.prompts.iter().rev() {
            let these = left.min(prompts.saturating_mul(self.jobs_of_prompt(stage, cell)));
            left -= these;
            for call in calls(kind, parameters, self.input((stage, cell), *bytes)) {
                taken.usage.input = taken.usage.input.saturating_add(these * call.input);
                taken.usage.output = taken.usage.output.saturating_add(these * call.output);
                let cost = price.map(|price| times(price.most(&call), these));
                taken.cost = taken.cost.zip(cost).map(|(sum, more)| sum + more);
            }
        }
        taken
    }

    /// The most that one job can cost; `None` where no price is known.
    pub(crate) fn of_job(&self, at: (u32, u32), settings: &Settings) -> Option<Most> {
        let Some((kind, parameters)) = self.asked(at.0, at.1) else {
            return Some(Most::default()); // a score calls nobody
        };
        let model = self.plan.model_asked(at.0, at.1)?;
        let price = settings.served(&model.endpoint)?.price(&model.id)?;
        let longest = self.prompts.last_key_value().map_or(0, |(bytes, _)| *bytes);
        let mut most = Most::default();
        for call in calls(kind, parameters, self.input(at, longest)) {
            most.of_call = price.most(&call);
            most.of_job += most.of_call;
        }
        Some(most)
    }

    fn asked(&self, stage: u32, cell: u32) -> Option<(&'p StageKind, &'p Parameters)> {
        self.plan.model_asked(stage, cell)?;
        let kind = &self.plan.stages.get(stage as usize)?.kind;
        Some((kind, self.plan.parameters_asked(stage, cell)?))
    }

    fn jobs_of_prompt(&self, stage: u32, cell: u32) -> u64 {
        let cell = self.plan.cells.get(cell as usize);
        let repeats = cell.map_or(self.plan.repeats, |cell| self.plan.size_of(cell).1);
        u64::from(repeats) * u64::from(self.plan.votes_of(stage))
    }

    /// The longest input of a stage with a prompt of so many bytes: it may hold the answers of all stages
    /// that it hangs on, and what those were asked.
    fn input(&self, (stage, cell): (u32, u32), prompt: usize) -> u64 {
        let values = tokens(prompt + self.variables);
        let asked = |of: u32| values + self.texts.get(of as usize).copied().unwrap_or(0);
        let before = self.plan.ancestors_of(stage).into_iter().map(|of| {
            let answer = self.plan.parameters_asked(of, cell);
            asked(of) + answer.map_or(0, |parameters| u64::from(parameters.max_output_tokens))
        });
        asked(stage) + before.sum::<u64>()
    }
}

/// How many calls a job can take beside retries.
pub fn calls_at_most(kind: &StageKind) -> u32 {
    match kind {
        StageKind::Generate { again: Some(Again::Continue { turns_max, .. }), .. } => {
            (*turns_max).max(1)
        }
        StageKind::Generate { again: Some(Again::Resample { tries_max, .. }), .. } => {
            (*tries_max).max(1)
        }
        StageKind::Generate { again: None, .. }
        | StageKind::Judge { .. }
        | StageKind::Score { .. } => 1,
    }
}

/// The calls of a job that needs all of them, the dearest last: the longest input there is and all of
/// the output limit. One that goes on in the same conversation sends again what was said so far.
fn calls(
    kind: &StageKind,
    parameters: &Parameters,
    input: u64,
) -> impl Iterator<Item = Usage> + use<> {
    let output = u64::from(parameters.max_output_tokens);
    let said_again = match kind {
        StageKind::Generate { again: Some(Again::Continue { message, .. }), .. } => {
            output + tokens(message.len())
        }
        StageKind::Generate { .. } | StageKind::Judge { .. } | StageKind::Score { .. } => 0,
    };
    let of_call = move |call: u64| Usage {
        input: input + output + call * said_again,
        output,
        ..Usage::default()
    };
    (0..u64::from(calls_at_most(kind))).map(of_call)
}

fn tokens(bytes: usize) -> u64 {
    bytes as u64 / BYTES_PER_TOKEN_MIN
}

fn times(money: Money, count: u64) -> Money {
    Money(money.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
}

fn length_of(prompt: &Prompt) -> usize {
    prompt.fields.values().map(String::len).sum()
}

fn longest_variables(plan: &Plan) -> usize {
    let length = |variables: &BTreeMap<String, String>| variables.values().map(String::len).sum();
    let level = |level: &Level| length(&level.variables);
    let longest = |levels: &[Level]| levels.iter().map(level).max().unwrap_or(0);
    let of_levels: usize = plan.factors.iter().map(|factor| longest(&factor.levels)).sum();
    let of_model = |model: &Model| length(&model.set);
    let of_models: usize = plan.models.iter().map(of_model).max().unwrap_or(0);
    length(&plan.variables) + of_levels + of_models
}

/// The length of a stage's own texts, in bytes.
fn text_of(stage: &Stage) -> usize {
    match &stage.kind {
        StageKind::Generate { messages, .. } => {
            messages.iter().map(|message| message.template.len()).sum()
        }
        StageKind::Judge { text, question, .. } => text.len() + question.instruction().len(),
        StageKind::Score { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use iago_sweep::{Cell, Condition};

    use super::*;

    /// One stage that asks one model for 100 tokens, twice for each of these prompts.
    fn plan(bytes: &[usize], prompts_max: Option<u32>) -> Plan {
        let kind = StageKind::Generate {
            follows: None,
            helper: None,
            messages: Vec::new(),
            fields: Vec::new(),
            again: None,
        };
        let parameters = Parameters { max_output_tokens: 100, ..Parameters::default() };
        let [name, endpoint, id] = ["m", "lab", "m"].map(str::to_owned);
        let prompt = |bytes: &usize| Prompt {
            fields: [("text".to_owned(), "x".repeat(*bytes))].into(),
            ..Prompt::default()
        };
        let only = || "only".to_owned();
        let (model, condition) = ("m".to_owned(), only());
        Plan {
            repeats: 2,
            prompts: bytes.iter().map(prompt).collect(),
            conditions: vec![Condition { name: only(), levels: BTreeMap::new() }],
            cells: vec![Cell { model, condition, prompts_max, ..Cell::default() }],
            models: vec![Model { name, endpoint, id, parameters, ..Model::default() }],
            stages: vec![Stage { name: "reply".to_owned(), kind }],
            ..Plan::default()
        }
    }

    fn taken(plan: &Plan, jobs: u64) -> (u64, u64, Option<Money>) {
        let price = Price { input: 1, output: 0, ..Price::default() };
        let Taken { usage, cost } = AtMost::of(plan).of_jobs((0, 0), jobs, Some(&price));
        (usage.input, usage.output, cost)
    }

    #[test]
    fn every_prompt_is_counted_by_its_own_length_at_two_bytes_a_token() {
        // Beside the room that a run holds back for each answer.
        let input = 2 * (10 + 500) + 4 * 100;
        assert_eq!(taken(&plan(&[20, 1_000], None), 4), (input, 400, Some(Money(1_420))));
        assert_eq!(input, 1_420);
    }

    #[test]
    fn of_fewer_jobs_than_there_could_be_the_longest_are_counted() {
        let some = plan(&[20, 1_000, 30], Some(1));
        assert_eq!(taken(&some, 2).0, 2 * (500 + 100));
        assert_eq!(taken(&some, 3).0, 3 * 100 + 2 * 500 + 15);
        assert_eq!(taken(&some, 0), (0, 0, Some(Money::ZERO)));
    }

    #[test]
    fn what_nobody_knows_the_price_of_costs_nobody_knows_what() {
        let plan = plan(&[20], None);
        assert_eq!(AtMost::of(&plan).of_jobs((0, 0), 2, None).cost, None);
        assert_eq!(
            AtMost::of(&plan).of_jobs((1, 0), 2, None).cost,
            Some(Money::ZERO),
            "nobody is asked"
        );
    }
}
