//! What a job will take, by what others of its kind took.

use std::collections::BTreeMap;

use iago_sweep::{JobId, Need, Usage};

/// Answers of a stage and cell from which on their mean is believed.
const ANSWERS_MIN: u64 = 8;

/// What is added to a mean, in hundredths of it: jobs differ, and what was estimated too low is made
/// up for only once a job ends.
const MARGIN_PERCENT: u64 = 10;

/// No job takes more tokens of a kind than this: endpoints can claim any number, and a sweep would
/// never have its turn again.
const TOKENS_MAX: u64 = 1 << 24;

/// The running means of what answers took, by (stage, cell).
#[derive(Clone, Debug, Default)]
pub(crate) struct Estimates(BTreeMap<(u32, u32), Taken>);

#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    answers: u64,
    sum: Need,
}

impl Estimates {
    /// An answer told what it took.
    pub(crate) fn learn(&mut self, job: JobId, usage: &Usage) {
        let taken = self.0.entry((job.at().stage, job.at().cell)).or_default();
        taken.answers += 1;
        taken.sum = taken.sum + need_of(usage);
    }

    /// What a job is expected to take; never nothing. A job for which nothing was expected asks no
    /// model, and counts as a token.
    pub(crate) fn need(&self, job: JobId, first: Need) -> Need {
        if first == Need::default() {
            return Need { input: 1, output: 0 };
        }
        let taken = self.0.get(&(job.at().stage, job.at().cell));
        let known = taken.filter(|taken| taken.answers >= ANSWERS_MIN && taken.sum.output > 0);
        let Need { input, output } = known.map_or(first, Taken::mean);
        Need { input: input.max(1), output: output.max(1) }
    }
}

impl Taken {
    fn mean(&self) -> Need {
        let parts = self.answers.saturating_mul(100);
        let mean = |sum: u64| sum.saturating_mul(100 + MARGIN_PERCENT).div_ceil(parts);
        Need { input: mean(self.sum.input), output: mean(self.sum.output) }
    }
}

/// The tokens of an answer that count against limits: those that no cache served.
pub(crate) fn need_of(usage: &Usage) -> Need {
    let input = usage.input.saturating_sub(usage.cached_input);
    Need { input: input.min(TOKENS_MAX), output: usage.output.min(TOKENS_MAX) }
}

/// The tokens by which sweeps share a route; a job without any counts as one.
pub(crate) fn tokens_of(need: Need) -> u64 {
    need.input.saturating_add(need.output).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Need = Need { input: 1000, output: 4000 };

    fn job() -> JobId {
        JobId::from_number(0).unwrap()
    }

    fn learned(answers: u64, usage: Usage) -> Need {
        let mut estimates = Estimates::default();
        (0..answers).for_each(|_| estimates.learn(job(), &usage));
        estimates.need(job(), FIRST)
    }

    #[test]
    fn a_few_answers_say_more_than_the_first_estimate() {
        let usage = Usage { input: 300, cached_input: 200, output: 51, ..Usage::default() };
        assert_eq!(learned(ANSWERS_MIN - 1, usage), FIRST);
        assert_eq!(learned(ANSWERS_MIN, usage), Need { input: 110, output: 57 });
    }

    #[test]
    fn nothing_is_expected_to_take_nothing() {
        let cached = Usage { input: 300, cached_input: 300, output: 1, ..Usage::default() };
        assert_eq!(learned(ANSWERS_MIN, cached), Need { input: 1, output: 2 });
        assert_eq!(learned(ANSWERS_MIN, Usage::default()), FIRST, "servers that tell no usage");
        let score = Estimates::default().need(job(), Need::default());
        assert_eq!(tokens_of(score), 1);
        let huge = Usage { input: u64::MAX, output: u64::MAX, ..Usage::default() };
        assert!(tokens_of(learned(ANSWERS_MIN, huge)) < 3 * TOKENS_MAX, "whatever is claimed");
    }
}
