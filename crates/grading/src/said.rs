//! The answers that a job hangs on → the parts of them that it may be shown.

use std::collections::BTreeMap;

use iago_sweep::{Coordinate, Finish, Plan, Text};

use crate::Grader;

/// The fields of the answers that a job hangs on, by name. `said` is in the order of
/// [`Plan::ancestors_of`], nearest first; what is beyond its end has no fields. Of two fields of one name the nearer
/// counts.
pub fn read_fields(
    plan: &Plan,
    grader: &Grader,
    at: Coordinate,
    said: &[Text],
) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (stage, text) in plan.ancestors_of(at.stage).into_iter().zip(said) {
        // How the answer ended decides whether it could be read, never what is in it.
        let read = grader.parse(Coordinate { stage, vote: 0, ..at }, text, Finish::Stop).fields;
        for (name, content) in read {
            fields.entry(name).or_insert(content);
        }
    }
    fields
}
