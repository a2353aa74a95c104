//! Every way in which the unknowns of a transcript could turn out.

use std::collections::BTreeMap;

use crate::value::Value;

/// The cartesian product of the values of each name. The first name varies slowest; no names give one empty map, and a
/// name without values gives none at all. The names must differ.
///
/// Lazy, because the product can be far too large to hold: bound the number of names, or stop early.
pub fn completions(
    names: &[(String, Vec<Value>)],
) -> impl Iterator<Item = BTreeMap<String, Value>> {
    let possible = names.iter().all(|(_, values)| !values.is_empty());
    let mut next = possible.then(|| vec![0; names.len()]);
    std::iter::from_fn(move || {
        let choices = next.take()?;
        let completion = names
            .iter()
            .zip(&choices)
            .map(|((name, values), &choice)| (name.clone(), values[choice].clone()));
        let completion = completion.collect();
        next = advance(choices, names);
        Some(completion)
    })
}

/// Counts up by one, as an odometer does; `None` after the last combination.
fn advance(mut choices: Vec<usize>, names: &[(String, Vec<Value>)]) -> Option<Vec<usize>> {
    for (choice, (_, values)) in choices.iter_mut().zip(names).rev() {
        *choice += 1;
        if *choice < values.len() {
            return Some(choices);
        }
        *choice = 0;
    }
    None
}
