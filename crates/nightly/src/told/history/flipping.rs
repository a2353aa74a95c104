//! Prompts that go both ways while nothing changed.

use std::collections::BTreeMap;

use iago_statistics::Tally;

use super::RunShown;
use crate::told::gate::cell;
use crate::{Circumstances, Flipping, Morning, NightTallies, Value, Yes, find_flipping};

/// More prompts of one measure are not named; their number is.
const NAMED: usize = 5;

/// A measure, a model and a condition.
type Place<'a> = (&'a str, &'a str, &'a str);

/// A line for each measure and cell that has any.
pub(super) fn describe(runs: &[RunShown]) -> Vec<String> {
    let mut nights: BTreeMap<Place<'_>, Vec<NightTallies>> = BTreeMap::new();
    for (era, morning) in eras(runs) {
        for value in &morning.values {
            let place = (value.measure.as_str(), value.model.as_str(), value.condition.as_str());
            nights.entry(place).or_default().push(tallies(era, value));
        }
    }
    nights.iter().filter_map(|(place, nights)| line(*place, &find_flipping(nights))).collect()
}

/// The nights that were asked, each with the number of the stretch of equal circumstances that it lies in.
fn eras(runs: &[RunShown]) -> impl Iterator<Item = (usize, &Morning)> {
    let mornings = runs.iter().filter_map(|shown| shown.morning.as_ref());
    let asked = mornings.filter_map(|morning| Some((morning.circumstances.as_ref()?, morning)));
    let mut era = 0;
    let mut before: Option<&Circumstances> = None;
    asked.map(move |(now, morning)| {
        era += usize::from(before.is_some_and(|before| before != now));
        before = Some(now);
        (era, morning)
    })
}

fn tallies(era: usize, value: &Value) -> NightTallies {
    let tally =
        |(prompt, yes): (&String, &Yes)| (prompt.clone(), Tally { yes: yes.yes, of: yes.of });
    NightTallies {
        circumstances: era.to_string(),
        prompts: value.prompts.iter().map(tally).collect(),
    }
}

fn line((measure, model, condition): Place<'_>, flipping: &[Flipping]) -> Option<String> {
    let told = |one: &Flipping| {
        format!("{} ({} up, {} down in {} nights)", one.prompt, one.up, one.down, one.nights)
    };
    let named: Vec<String> = flipping.iter().take(NAMED).map(told).collect();
    let more = match flipping.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let cell = cell(model, condition);
    (!named.is_empty())
        .then(|| format!("flips without cause, {measure}, {cell}: {}{more}", named.join(", ")))
}
