//! `[factors.*]`: the axes of the conditions, and all their combinations.

use iago_sweep::{Condition, Factor, JobId, Level};

use crate::reader::{Entry, Pass, Table};

/// The only condition of a sweep without factors.
const ONLY: &str = "only";

pub(super) fn read_factors(top: &mut Table<'_>) -> Vec<Factor> {
    let factors = top.entries("factors");
    let pass = top.pass;
    factors
        .into_iter()
        .map(|factor| {
            let levels = pass.entries_of(&factor.key, factor.item);
            if levels.is_empty() {
                pass.faults
                    .add(&*factor.key, "has no levels; give it at least one, or take it out");
            }
            let levels = levels.iter().map(|level| read_level(pass, level)).collect();
            Factor { name: factor.name.to_owned(), levels }
        })
        .collect()
}

fn read_level<'a>(pass: &'a Pass<'a>, level: &Entry<'a>) -> Level {
    let variables = pass
        .entries_of(&level.key, level.item)
        .iter()
        .map(|variable| (variable.name.to_owned(), pass.read_literal(variable)))
        .collect();
    Level { name: level.name.to_owned(), variables }
}

/// All combinations of levels, the last factor varying fastest.
///
/// Their number is checked before they are built: a few lines of file can say billions.
pub(super) fn combine(top: &Table<'_>, factors: &[Factor], models: usize) -> Vec<Condition> {
    let sizes = factors.iter().map(|factor| factor.levels.len());
    let cells = sizes.fold(models.max(1), usize::saturating_mul);
    if cells > JobId::CELLS_MAX as usize {
        let limit = JobId::CELLS_MAX;
        top.fault(
            "factors",
            format!(
                "make {cells} cells with the models, and {limit} is the limit; split the sweep"
            ),
        );
        return Vec::new();
    }
    let mut conditions = vec![Condition { name: String::new(), levels: Default::default() }];
    for factor in factors {
        conditions = conditions
            .iter()
            .flat_map(|begun| factor.levels.iter().map(|level| extend(begun, factor, level)))
            .collect();
    }
    if let ([], [only]) = (factors, conditions.as_mut_slice()) {
        only.name = ONLY.to_owned();
    }
    conditions
}

fn extend(begun: &Condition, factor: &Factor, level: &Level) -> Condition {
    let mut levels = begun.levels.clone();
    levels.insert(factor.name.clone(), level.name.clone());
    let separator = if begun.name.is_empty() { "" } else { "/" };
    Condition { name: format!("{}{separator}{}", begun.name, level.name), levels }
}
