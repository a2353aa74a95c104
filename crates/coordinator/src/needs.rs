//! What a call is expected to take before any like it has ended, and calls that can never begin.
//!
//! Texts are counted where a stage names them, at about four bytes a token, which is right for English
//! prose and short for other languages: the estimate is followed by what calls really take. Whatever
//! answers of earlier stages add is a guess, and no job is refused because of a guess.

use std::collections::BTreeSet;

use iago_sweep::{Model, Need, Plan, PoolId, Prompt, Stage, StageKind};

use crate::settings::{PoolSettings, Settings};

/// Bytes of a token of English prose, about.
const BYTES_PER_TOKEN: usize = 4;

/// A request that its pool can never take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "stage `{stage}` asks model `{model}` with about {tokens} input tokens in one request, and pool \
     `{pool}` takes {limit} a minute: shorten the texts or leave the longest prompts out, or raise \
     {setting} of `{pool}` if it takes more"
)]
pub(crate) struct TooLong {
    stage: String,
    model: String,
    tokens: u64,
    pool: String,
    limit: u64,
    setting: &'static str,
}

/// What calls of one stage are expected to take.
pub(crate) struct Needs<'p> {
    plan: &'p Plan,
    settings: &'p Settings,
    number: u32,
    stage: &'p Stage,
    /// What it sends, with gaps for what that names.
    templates: Vec<&'p str>,
    prompts: Prompts,
}

/// What of prompts a stage sends, in bytes.
struct Prompts {
    mean: usize,
    longest: usize,
}

impl<'p> Needs<'p> {
    /// Reads the texts of a stage, which has this number.
    pub(crate) fn of(
        plan: &'p Plan,
        settings: &'p Settings,
        (number, stage): (u32, &'p Stage),
    ) -> Self {
        let templates = templates(stage);
        let prompts = Prompts::of(plan, &templates);
        Self { plan, settings, number, stage, templates, prompts }
    }

    /// What a call of this stage and a cell is expected to take.
    pub(crate) fn of_cell(&self, cell: u32, pools: &[PoolId]) -> Result<Need, TooLong> {
        let Self { plan, number, .. } = *self;
        let asked = plan.model_asked(number, cell).zip(plan.parameters_asked(number, cell));
        let Some((model, parameters)) = asked else {
            return Ok(Need::default()); // a score calls nobody
        };
        let tokens = |bytes: usize| (bytes / BYTES_PER_TOKEN) as u64;
        let own = self.own_bytes(cell);
        let pools = pools.iter().filter_map(|pool| self.settings.pool(*pool));
        let pools: Vec<&PoolSettings> = pools.collect();
        check_longest(self.stage, model, &pools, tokens(own + self.prompts.longest))?;
        let certain = tokens(own + self.prompts.mean);
        let input = certain + answers(plan, number, cell);
        let output = u64::from(parameters.max_output_tokens);
        Ok(within(Need { input, output }, certain, &pools))
    }

    /// The templates, and the variables that they name.
    fn own_bytes(&self, cell: u32) -> usize {
        let own: usize = self.templates.iter().map(|text| text.len()).sum();
        let variables = self.plan.variables_of_cell(cell);
        let named = variables.iter().filter(|(name, _)| is_named(&self.templates, name));
        own + named.map(|(_, text)| text.len()).sum::<usize>()
    }
}

impl Prompts {
    fn of(plan: &Plan, templates: &[&str]) -> Self {
        let fields: BTreeSet<&String> =
            plan.prompts.iter().flat_map(|prompt| prompt.fields.keys()).collect();
        let named: Vec<&String> =
            fields.into_iter().filter(|name| is_named(templates, name)).collect();
        let length = |prompt: &Prompt| {
            let sent = named.iter().filter_map(|name| prompt.fields.get(*name));
            sent.map(String::len).sum::<usize>()
        };
        let lengths = || plan.prompts.iter().map(length);
        let mean = lengths().sum::<usize>().checked_div(plan.prompts.len()).unwrap_or(0);
        Self { mean, longest: lengths().max().unwrap_or(0) }
    }
}

fn is_named(templates: &[&str], name: &str) -> bool {
    templates.iter().any(|text| text.contains(name))
}

fn check_longest(
    stage: &Stage,
    model: &Model,
    pools: &[&PoolSettings],
    tokens: u64,
) -> Result<(), TooLong> {
    for pool in pools {
        let limits = [
            (pool.limits.input_tokens_per_minute, "input_tokens_per_minute"),
            (pool.limits.tokens_per_minute, "tokens_per_minute"),
        ];
        for (limit, setting) in limits {
            if let Some(limit) = limit.filter(|limit| tokens > *limit) {
                return Err(TooLong {
                    stage: stage.name.clone(),
                    model: model.name.clone(),
                    tokens,
                    pool: pool.name.clone(),
                    limit,
                    setting,
                });
            }
        }
    }
    Ok(())
}

/// The part of an estimate that pools can take at once. Of its input `certain` tokens are no guess.
fn within(need: Need, certain: u64, pools: &[&PoolSettings]) -> Need {
    let least = |limits: fn(&PoolSettings) -> Option<u64>| {
        pools.iter().filter_map(|pool| limits(pool)).min().unwrap_or(u64::MAX)
    };
    let both = least(|pool| pool.limits.tokens_per_minute);
    let input_max = least(|pool| pool.limits.input_tokens_per_minute).min(both);
    let input = need.input.min(input_max.max(certain));
    let output_max = least(|pool| pool.limits.output_tokens_per_minute);
    let output = need.output.min(output_max).min(both.saturating_sub(input));
    Need { input, output }
}

/// The texts that a stage sends, with gaps for what they name.
fn templates(stage: &Stage) -> Vec<&str> {
    match &stage.kind {
        StageKind::Generate { messages, .. } => {
            messages.iter().map(|message| message.template.as_str()).collect()
        }
        StageKind::Judge { text, .. } => vec![text],
        StageKind::Score { .. } => Vec::new(),
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
    use iago_ledger::Limits;

    use super::*;

    fn pool(limits: Limits) -> PoolSettings {
        PoolSettings { name: "lab".to_owned(), limits }
    }

    #[test]
    fn no_guess_is_more_than_its_pools_can_take() {
        let guess = Need { input: 9_000, output: 4_000 };
        let of = |limits: Limits| within(guess, 1_000, &[&pool(limits)]);
        assert_eq!(of(Limits::default()), guess);
        let input = Limits { input_tokens_per_minute: Some(5_000), ..Limits::default() };
        assert_eq!(of(input), Need { input: 5_000, ..guess });
        let output = Limits { output_tokens_per_minute: Some(500), ..Limits::default() };
        assert_eq!(of(output), Need { output: 500, ..guess });
        let both = Limits { tokens_per_minute: Some(10_000), ..Limits::default() };
        assert_eq!(of(both), Need { output: 1_000, ..guess });
    }

    #[test]
    fn only_what_a_stage_names_is_counted() {
        let text = |bytes: usize| "x".repeat(bytes);
        let fields = |bytes| [("request".to_owned(), text(bytes)), ("other".to_owned(), text(900))];
        let prompt = |bytes| Prompt { fields: fields(bytes).into(), ..Prompt::default() };
        let plan = Plan { prompts: vec![prompt(100), prompt(300)], ..Plan::default() };
        let of = |template: &str| {
            let prompts = Prompts::of(&plan, &[template]);
            (prompts.mean, prompts.longest)
        };
        assert_eq!(of("{{ request }}"), (200, 300));
        assert_eq!(of("nothing"), (0, 0));
    }
}
