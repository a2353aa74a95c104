//! What people are told of a night.

use std::collections::BTreeMap;

use iago_nightly::{
    Against as Told, Agreement, Morning, Progress, RunEnd, Step, Value, Verdict, Word, Yes,
    find_drift,
};
use iago_report::{PromptCount, PromptCounts};
use iago_store::State;

use super::against::Against;
use super::circumstances::circumstances;
use super::compared::Compared;
use super::flips::find_flips;
use super::side::{Side, began};
use super::{Facts, Subject};

/// A morning holds what so many prompts count, over all its values: of more, the first of each value's.
const PROMPTS_TOLD_MAX: usize = 10_000;

/// The morning of a night, with its verdict if there is one.
pub(super) fn tell(
    subject: &Subject,
    facts: &Facts,
    compared: Option<&Compared>,
    step: Option<&Step>,
) -> Morning {
    let Facts { tonight, against } = facts;
    let against = against.as_ref();
    let anchors = against.and_then(|against| against.anchors.as_ref());
    let sides = [Some(tonight), against.map(|against| &against.then), anchors];
    let paid = [Some(tonight), anchors];
    let verdict = step.map(verdict_of);
    Morning {
        word: verdict.map_or_else(|| word_alone(subject.end), |verdict| verdict.word),
        why: why(subject, tonight, compared),
        missed: false,
        name: tonight.head.name.clone(),
        run: subject.run.clone(),
        zone: subject.zone.clone(),
        sweep: Some(tonight.head.id),
        began: began(&tonight.head),
        judged: subject.now,
        done: progress(tonight),
        spent: paid.iter().flatten().map(|side| side.totals.cost).sum(),
        unpriced: paid.iter().flatten().map(|side| side.totals.unpriced).sum(),
        simulated: sides.iter().flatten().any(|side| side.material.is_simulated()),
        against: against.map(tell_against),
        verdict: verdict.cloned(),
        values: values(tonight),
        flips: compared.map(|compared| find_flips(&compared.gates)).unwrap_or_default(),
        drift: against
            .map(|against| find_drift(&against.then.habits, &tonight.habits))
            .unwrap_or_default(),
        habits: tonight.habits.clone(),
        circumstances: Some(circumstances(tonight, against)),
    }
}

fn verdict_of(step: &Step) -> &Verdict {
    match step {
        Step::Decided(verdict) | Step::TopUp { so_far: verdict, .. } => verdict,
    }
}

/// What a night comes to with which nothing is compared.
fn word_alone(end: RunEnd) -> Word {
    match end {
        RunEnd::Ended => Word::Inconclusive,
        RunEnd::Stopped => Word::Infrastructure,
        RunEnd::DeadlinePassed => Word::Deadline,
    }
}

fn why(subject: &Subject, tonight: &Side, compared: Option<&Compared>) -> Option<String> {
    let Some(compared) = compared else { return Some(nothing_to_compare_with(subject, tonight)) };
    let no_gates = tonight.plan.gates.is_empty();
    let no_gates = no_gates.then(|| "the sweep has no gates: add [[gates]] to its file".to_owned());
    let told: Vec<String> = compared.left_out.iter().cloned().chain(no_gates).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn nothing_to_compare_with(subject: &Subject, tonight: &Side) -> String {
    let sweep = tonight.head.id;
    match &subject.baseline_terms {
        Some(terms) => format!(
            "nothing to compare with: there was no baseline `{name}` when it began; set one with \
             `iago baseline set {name} {sweep}`, or another sweep",
            name = terms.pinned
        ),
        None => format!(
            "nothing to compare with: set a baseline with `iago baseline set NAME {sweep}`, and run \
             against it with `--against NAME`"
        ),
    }
}

fn progress(tonight: &Side) -> Progress {
    let iago_report::Progress { answered, failed, open } = tonight.material.progress();
    // Of a sweep that is done nothing is open, whatever its facts would still call for.
    let open = if tonight.head.state == State::Done { 0 } else { open };
    Progress { answered, failed, open }
}

fn tell_against(against: &Against) -> Told {
    let gold = against.anchors.as_ref().and_then(|anchors| anchors.material.agreement());
    Told {
        name: against.name.clone(),
        sweep: against.then.head.id,
        revision: against.revision,
        began: began(&against.then.head),
        repeats: against.then.plan.repeats,
        anchors: against.anchors.as_ref().map(|anchors| anchors.head.id),
        gold: gold.map(|(agree, of)| Agreement { agree, of }),
    }
}

/// Every measure in every cell that it speaks of.
fn values(tonight: &Side) -> Vec<Value> {
    let (measures, cells) = (tonight.plan.measures.len(), tonight.plan.cells.len());
    let all = (0..measures).flat_map(|measure| (0..cells).map(move |cell| (measure, cell)));
    let speaks = |(measure, cell): &(usize, usize)| {
        let mut prompts = 0..tonight.plan.prompts.len();
        prompts.any(|prompt| tonight.material.speaks_of(*measure, *cell, prompt))
    };
    let spoken: Vec<(usize, usize)> = all.filter(speaks).collect();
    let room = room_for_each(spoken.len());
    spoken.into_iter().filter_map(|(measure, cell)| value(tonight, measure, cell, room)).collect()
}

/// Of how many prompts each of so many values tells what they count.
fn room_for_each(values: usize) -> usize {
    PROMPTS_TOLD_MAX / values.max(1)
}

fn value(tonight: &Side, measure: usize, cell: usize, room: usize) -> Option<Value> {
    let plan = &tonight.plan;
    let counts = tonight.material.count_by_prompt(measure, cell)?;
    let (sum, of, prompts) = match &counts {
        PromptCounts::Rate(counts) => {
            (total(counts), count(counts), by_prompt(tonight, counts, room))
        }
        PromptCounts::Mean(counts) => (total(counts), count(counts), BTreeMap::new()),
    };
    let of_cell = &plan.cells[cell];
    Some(Value {
        measure: plan.measures[measure].name.clone(),
        model: of_cell.model.clone(),
        condition: of_cell.condition.clone(),
        is_mean: matches!(counts, PromptCounts::Mean(_)),
        value: mean(sum, of),
        of,
        prompts,
    })
}

fn total<T: Copy + Into<f64>>(counts: &[PromptCount<T>]) -> f64 {
    counts.iter().map(|count| count.sum.into()).sum()
}

fn count<T>(counts: &[PromptCount<T>]) -> u64 {
    counts.iter().map(|count| u64::from(count.of)).sum()
}

#[expect(clippy::cast_precision_loss, reason = "no sweep has so many transcripts")]
fn mean(sum: f64, of: u64) -> Option<f64> {
    (of > 0).then(|| sum / of as f64)
}

fn by_prompt(tonight: &Side, counts: &[PromptCount<u32>], room: usize) -> BTreeMap<String, Yes> {
    let prompts = tonight.plan.prompts.iter().zip(counts);
    let counted = prompts.filter(|(_, count)| count.of > 0).take(room);
    counted
        .map(|(prompt, count)| (prompt.id.clone(), Yes { yes: count.sum, of: count.of }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_of_a_morning_share_one_bound() {
        assert_eq!(room_for_each(1), PROMPTS_TOLD_MAX);
        for values in [0, 1, 7, 4_000, usize::MAX] {
            assert!(values.saturating_mul(room_for_each(values)) <= PROMPTS_TOLD_MAX, "{values}");
        }
    }
}
