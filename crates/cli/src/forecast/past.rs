//! What a stored run shows of the values that a night will have.

use std::collections::{BTreeMap, BTreeSet};

use iago_nightly::Values;
use iago_report::{Material, PromptCount, PromptCounts};
use iago_statistics::{Tally, rate};
use iago_sweep::{FailureFact, JobId, Plan, ResultFact};

/// What was seen of each measure in each cell, by the names of measure, model and condition.
pub(crate) type Past = BTreeMap<(String, String, String), Shown>;

/// What was seen of one measure in one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) values: Values,
    /// The share of answers that came to nothing.
    pub(crate) missing: f64,
    /// The value itself: some margins are shares of it.
    pub(crate) value: f64,
}

/// The share of jobs that failed, of those that ended. One that was tried again and answered did not.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub(crate) fn share_failed(results: &[ResultFact], failures: &[FailureFact]) -> f64 {
    let answered: BTreeSet<JobId> = results.iter().map(|fact| fact.job).collect();
    let failed: BTreeSet<JobId> = failures.iter().map(|failure| failure.job).collect();
    let failed = failed.difference(&answered).count();
    failed as f64 / (failed + answered.len()).max(1) as f64
}

/// What a run shows, and `failed`, the share of its jobs that failed. What is still open says nothing.
pub(crate) fn past(material: &Material, plan: &Plan, failed: f64) -> Past {
    let mut past = Past::new();
    for (measure, of) in plan.measures.iter().enumerate() {
        for (cell, at) in plan.cells.iter().enumerate() {
            let shown = match material.count_by_prompt(measure, cell) {
                Some(PromptCounts::Rate(counts)) => of_rate(&counts, failed),
                Some(PromptCounts::Mean(counts)) => {
                    of_mean(&counts, spread(material, plan, (measure, cell)), failed)
                }
                None => None,
            };
            let place = (of.name.clone(), at.model.clone(), at.condition.clone());
            past.extend(shown.map(|shown| (place, shown)));
        }
    }
    past
}

/// The rate is taken for the value in its interval that varies most: few answers that all say the same are
/// no sign that the next ones will. What repeats of a prompt agree is taken nearly as it was seen.
fn of_rate(counts: &[PromptCount<u32>], failed: f64) -> Option<Shown> {
    let tallies: Vec<_> =
        counts.iter().map(|count| Tally { yes: count.sum, of: count.of }).collect();
    let found = rate(&tallies)?;
    let varies = 0.5_f64.clamp(found.interval.low, found.interval.high);
    let values = Values::Rate { rate: varies, correlation: agreement(&tallies) };
    Some(Shown { values, missing: missing(counts, failed), value: found.value })
}

/// How much two answers to one prompt agree beyond chance: the share of the variance that lies between
/// prompts. Prompts that were asked once show nothing of it. Two answers more that varied, as where a night
/// is judged, keep a few that all said the same from being taken for certainty.
fn agreement(tallies: &[Tally]) -> f64 {
    let often: Vec<_> = tallies.iter().filter(|tally| tally.of > 1).collect();
    let (mut within, mut yes, mut of) = (0.0, 0.0, 0.0);
    for tally in &often {
        let (said, asked) = (f64::from(tally.yes), f64::from(tally.of));
        within += said * (asked - said) / (asked - 1.0);
        yes += said;
        of += asked;
    }
    let all = if of > 0.0 { of * (yes / of) * (1.0 - yes / of) } else { 0.0 };
    let within = within + VARIED;
    if all > 0.0 { (1.0 - within / all).clamp(0.0, 1.0) } else { UNSEEN_AGREEMENT }
}

/// The answers that are taken to have varied beside those that were seen.
const VARIED: f64 = 2.0;

/// Where nothing varied, or nothing was asked twice.
const UNSEEN_AGREEMENT: f64 = 0.5;

/// A mean by the deviation of the answers to one prompt. Where no prompt was asked twice it is not known.
fn of_mean(counts: &[PromptCount<f64>], deviation: Option<f64>, failed: f64) -> Option<Shown> {
    let of: f64 = counts.iter().map(|count| f64::from(count.of)).sum();
    let total: f64 = counts.iter().map(|count| count.sum).sum();
    let values = Values::Mean { deviation: deviation? };
    Some(Shown { values, missing: missing(counts, failed), value: total / of })
}

/// The deviation of single answers from their prompt's mean, over all prompts.
fn spread(material: &Material, plan: &Plan, (measure, cell): (usize, usize)) -> Option<f64> {
    let (mut squares, mut free) = (0.0, 0.0);
    for prompt in 0..plan.prompts.len() {
        let repeats = 0..plan.repeats as usize;
        let values: Vec<f64> = repeats
            .filter_map(|repeat| material.value_in(measure, (cell, prompt, repeat)))
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "repeats of one prompt are few")]
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count.max(1.0);
        squares += values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        free += (count - 1.0).max(0.0);
    }
    (free > 0.0).then(|| (squares / free).sqrt())
}

/// What judges could not grade, and as much more as failed.
fn missing<T>(counts: &[PromptCount<T>], failed: f64) -> f64 {
    let sum =
        |of: fn(&PromptCount<T>) -> u32| counts.iter().map(|count| f64::from(of(count))).sum();
    let (of, ungraded): (f64, f64) = (sum(|count| count.of), sum(|count| count.ungraded));
    failed + (1.0 - failed) * ungraded / (of + ungraded).max(1.0)
}

#[cfg(test)]
mod tests {
    use iago_sweep::{Coordinate, Digest, FailureClass, Finish, Parse, Usage};

    use super::*;

    fn shown(counts: &[(u32, u32)]) -> Shown {
        let count = |&(sum, of)| PromptCount { sum, of, unanswered: 0, ungraded: 0 };
        let counts: Vec<_> = counts.iter().map(count).collect();
        of_rate(&counts, 0.0).expect("something was counted")
    }

    fn rate_of(shown: Shown) -> (f64, f64) {
        match shown.values {
            Values::Rate { rate, correlation } => (rate, correlation),
            Values::Mean { .. } => panic!("it is a rate"),
        }
    }

    #[test]
    fn few_answers_that_all_say_yes_are_not_taken_for_certainty() {
        let (few, _) = rate_of(shown(&[(1, 1); 5]));
        let (many, _) = rate_of(shown(&[(1, 1); 500]));
        assert!((0.5..0.55).contains(&few), "{few}");
        assert!((0.98..1.0).contains(&many), "{many}");
        assert!((shown(&[(1, 1); 5]).value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn prompts_that_always_say_the_same_agree_and_coins_do_not() {
        let (_, fixed) = rate_of(shown(&[(4, 4), (0, 4)].repeat(400)));
        let (_, coins) = rate_of(shown(&[(2, 4); 40]));
        assert!((0.995..1.0).contains(&fixed) && coins == 0.0, "{fixed} {coins}");
    }

    #[test]
    fn few_prompts_that_always_said_the_same_are_not_taken_to_always_will() {
        // Sixteen answers with a variance of 4 in all, of which two answers are taken to be chance.
        let (_, few) = rate_of(shown(&[(4, 4), (0, 4), (4, 4), (0, 4)]));
        assert!((few - 0.5).abs() < 1e-12, "{few}");
    }

    #[test]
    fn a_job_that_was_tried_again_and_answered_did_not_fail() {
        let job = |prompt| {
            let at = Coordinate { prompt, ..Coordinate::default() };
            JobId::pack(at).expect("it is in range")
        };
        let failures = [failure(job(0), 0), failure(job(0), 1), failure(job(1), 0)];
        let share = share_failed(&[result(job(1)), result(job(2)), result(job(3))], &failures);
        assert!((share - 0.25).abs() < 1e-12, "{share}");
        assert!(share_failed(&[], &[]).abs() < 1e-12);
    }

    fn result(job: JobId) -> ResultFact {
        ResultFact {
            job,
            term: 1,
            attempt: 2,
            finish: Finish::Stop,
            parse: Parse::Ok,
            label: None,
            opens: 0,
            decided: 0,
            usage: Usage::default(),
            cost: None,
            latency_ms: 0,
            calls: 1,
            throttles: 0,
            echoed_model: None,
            request: Digest::of("what was asked"),
            simulated: false,
        }
    }

    fn failure(job: JobId, round: u32) -> FailureFact {
        FailureFact {
            job,
            round,
            term: 1,
            attempt: 1 + round,
            class: FailureClass::Exhausted,
            status: None,
            message: String::new(),
            calls: 1,
            throttles: 0,
            cost: None,
            simulated: false,
        }
    }

    #[test]
    fn what_nobody_graded_and_what_failed_is_missing() {
        let counts = [PromptCount { sum: 9_u32, of: 9, unanswered: 5, ungraded: 1 }];
        let shown = of_rate(&counts, 0.1).expect("something was counted");
        assert!((shown.missing - 0.19).abs() < 1e-12, "{}", shown.missing);
    }
}
