//! Calls that can never begin: what a minute of a pool has no room for, before anything waits for ever.
//!
//! The longest request of each stage and cell is rendered as it will be sent, at about four bytes a
//! token. Whatever answers of earlier stages add is a guess, and no job is refused because of a guess.

use std::fmt;

use iago_sweep::{Model, Need, Stage};

use crate::settings::PoolSettings;

/// A request that a pool can never take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLong {
    stage: String,
    model: String,
    /// What it is made of.
    longest: Box<Longest>,
    output: u64,
    pool: String,
    limit: u64,
    short: Short,
}

impl std::error::Error for TooLong {}

/// The longest request of a stage in a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Longest {
    /// Tokens, the answers before it left out.
    pub(crate) input: u64,
    /// The prompt's id.
    pub(crate) prompt: String,
    pub(crate) condition: String,
}

/// Which limit it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Short {
    Input,
    Output,
    /// Input and output together.
    Both,
}

/// Fails with the first limit of these pools that one request of a stage passes, which may take so much
/// output.
pub(crate) fn check_longest(
    (stage, model): (&Stage, &Model),
    longest: &Longest,
    output: u64,
    pools: &[&PoolSettings],
) -> Result<(), TooLong> {
    let needs = [
        (longest.input, Short::Input),
        (output, Short::Output),
        (longest.input.saturating_add(output), Short::Both),
    ];
    for pool in pools {
        for (need, short) in needs {
            if let Some(limit) = short.limit_of(pool).filter(|limit| need > *limit) {
                return Err(TooLong {
                    stage: stage.name.clone(),
                    model: model.name.clone(),
                    longest: Box::new(longest.clone()),
                    output,
                    pool: pool.name.clone(),
                    limit,
                    short,
                });
            }
        }
    }
    Ok(())
}

/// Whether tokens of this pool are limited at all.
pub(crate) fn limits_tokens(pool: &PoolSettings) -> bool {
    [Short::Input, Short::Output, Short::Both].iter().any(|short| short.limit_of(pool).is_some())
}

/// The part of an estimate that pools can take at once. Of its input `certain` tokens are no guess.
pub(crate) fn within(need: Need, certain: u64, pools: &[&PoolSettings]) -> Need {
    let least = |short: Short| {
        pools.iter().filter_map(|pool| short.limit_of(pool)).min().unwrap_or(u64::MAX)
    };
    let both = least(Short::Both);
    let input_max = least(Short::Input).min(both.saturating_sub(need.output));
    let input = need.input.min(input_max.max(certain));
    let output = need.output.min(least(Short::Output)).min(both.saturating_sub(input));
    Need { input, output }
}

impl Short {
    fn limit_of(self, pool: &PoolSettings) -> Option<u64> {
        match self {
            Self::Input => pool.limits.input_tokens_per_minute,
            Self::Output => pool.limits.output_tokens_per_minute,
            Self::Both => pool.limits.tokens_per_minute,
        }
    }

    /// The setting that holds the limit.
    fn setting(self) -> &'static str {
        match self {
            Self::Input => "input_tokens_per_minute",
            Self::Output => "output_tokens_per_minute",
            Self::Both => "tokens_per_minute",
        }
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, model, longest, output, pool, limit, short } = self;
        let Longest { input, prompt, condition } = &**longest;
        write!(f, "stage `{stage}` asks model `{model}` ")?;
        let way_out = match short {
            Short::Input => {
                write!(f, "with about {input} input tokens in one request")?;
                "shorten the texts or leave the longest prompts out"
            }
            Short::Output => {
                write!(f, "for up to {output} output tokens in one request")?;
                "lower its max_output_tokens"
            }
            Short::Both => {
                let both = input.saturating_add(*output);
                write!(
                    f,
                    "with about {input} input tokens and for up to {output} output tokens in one request, \
                     {both} together"
                )?;
                "shorten the texts, lower its max_output_tokens"
            }
        };
        if *short != Short::Output {
            write!(f, " (prompt `{prompt}`, condition `{condition}`)")?;
        }
        let setting = short.setting();
        write!(
            f,
            ", and pool `{pool}` takes {limit} a minute: {way_out}, or raise {setting} of `{pool}` if it \
             takes more"
        )
    }
}

#[cfg(test)]
mod tests {
    use iago_ledger::Limits;
    use iago_sweep::StageKind;

    use super::*;

    fn pool(limits: Limits) -> PoolSettings {
        PoolSettings { name: "lab".to_owned(), limits }
    }

    fn check(limits: Limits) -> Option<String> {
        let kind = StageKind::Generate {
            follows: None,
            helper: None,
            messages: Vec::new(),
            fields: Vec::new(),
            again: None,
        };
        let stage = Stage { name: "reply".to_owned(), kind };
        let model = Model { name: "m".to_owned(), ..Model::default() };
        let longest =
            Longest { input: 900, prompt: "p-7".to_owned(), condition: "only".to_owned() };
        let checked = check_longest((&stage, &model), &longest, 400, &[&pool(limits)]);
        checked.err().map(|why| why.to_string())
    }

    #[test]
    fn a_request_fits_into_a_minute_that_it_fills_and_into_none_that_is_smaller() {
        let limits = |input, output, both| Limits {
            input_tokens_per_minute: Some(input),
            output_tokens_per_minute: Some(output),
            tokens_per_minute: Some(both),
            ..Limits::default()
        };
        assert_eq!(check(Limits::default()), None);
        assert_eq!(check(limits(900, 400, 1_300)), None);
        for (short, words) in [
            (
                limits(899, 400, 1_300),
                "about 900 input tokens in one request (prompt `p-7`, condition `only`), and pool `lab` \
                 takes 899 a minute: shorten the texts or leave the longest prompts out, or raise \
                 input_tokens_per_minute of `lab`",
            ),
            (
                limits(900, 399, 1_300),
                "for up to 400 output tokens in one request, and pool `lab` takes 399 a minute: lower its \
                 max_output_tokens, or raise output_tokens_per_minute",
            ),
            (
                limits(900, 400, 1_299),
                "1300 together (prompt `p-7`, condition `only`), and pool `lab` takes 1299 a minute",
            ),
        ] {
            let said = check(short).expect("it is too long");
            assert!(
                said.starts_with("stage `reply` asks model `m` ") && said.contains(words),
                "{said}"
            );
        }
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
        assert_eq!(
            of(both),
            Need { input: 6_000, ..guess },
            "the output is sure, and the input is not"
        );
    }
}
