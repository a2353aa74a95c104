//! What speaks of nothing, or caps nothing: it may have been written for other prompts than these.

use std::collections::BTreeSet;

use iago_sweep::{Cell, Plan};

use crate::check::{Beforehand, count_prompts, group, names_in};

/// A measure of no transcript has no estimate, and nothing else would say why.
pub(super) fn warn_of_idle_measures(plan: &Plan, warnings: &mut Vec<String>) {
    for measure in &plan.measures {
        if measure.within.as_ref().is_some_and(|within| !may_hold(plan, within)) {
            warnings.push(format!(
                "measure `{}` speaks of no transcript, because its `where` holds for no prompt in any cell; correct it, or \
                 take the measure out",
                measure.name
            ));
        }
    }
}

/// Whether an expression may hold for some prompt in some cell.
fn may_hold(plan: &Plan, within: &str) -> bool {
    let Some(condition) = Beforehand::of(plan, within) else { return true };
    let names = names_in(within);
    let prompts = plan.prompts.iter().take(count_prompts(plan, &names) as usize);
    let cells = group(plan, &BTreeSet::new(), &names);
    let mut cells = cells.iter().filter_map(|cells| plan.cells.get(cells.cell as usize));
    cells.any(|cell| prompts.clone().any(|prompt| condition.may_hold(cell, prompt)))
}

/// A cap that is not below what it caps.
pub(super) fn warn_of_idle_caps(plan: &Plan, warnings: &mut Vec<String>) {
    let prompts = u32::try_from(plan.prompts.len()).unwrap_or(u32::MAX);
    let caps = |read: fn(&Cell) -> Option<u32>| plan.cells.iter().filter_map(read).collect();
    let caps: [(&str, &str, u32, BTreeSet<u32>); 2] = [
        ("prompts_max", "prompt", prompts, caps(|cell| cell.prompts_max)),
        ("repeats_max", "repeat", plan.repeats, caps(|cell| cell.repeats_max)),
    ];
    for (name, noun, there_are, said) in caps {
        for most in said.range(there_are..) {
            let counted = match there_are {
                1 => format!("there is 1 {noun}"),
                count => format!("there are {count} {noun}s"),
            };
            warnings.push(format!(
                "`{name} = {most}` in [[cells]] caps nothing, because {counted}; unless more are to come, lower it or take \
                 it out"
            ));
        }
    }
}
