//! What is wrong with a call before it is made: a refusal is known from the manual, and a sweep
//! should not pay with waiting to learn it.

mod model;
mod protocol;

use iago_sweep::Parameters;

use crate::Dialect;
use crate::rules::{family, longest_answer};

/// A parameter that cannot be sent, or that the model is known to refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The field of [`Parameters`], or `prefill`, or `streaming`.
    pub parameter: &'static str,
    /// Why, and the way out: a sentence without a capital and a full stop.
    pub why: String,
    /// Only the table of models says so: at an endpoint whose rules are off it is sent.
    pub by_table: bool,
}

/// What stands against asking `model_id` like this; empty where nothing is known to.
///
/// The first part holds for everything that speaks the protocol: what it has no way to say. The
/// second is looked up in `rules.toml` by the model's id, at endpoints of the standard flavour whose
/// rules are on; a model that is not in it is objected to in nothing.
pub fn objections(
    dialect: &Dialect,
    model_id: &str,
    parameters: &Parameters,
    has_prefill: bool,
) -> Vec<Objection> {
    let mut found = protocol::objections(dialect, parameters, has_prefill);
    let family = family(dialect, model_id);
    let of_family = family
        .map(|family| model::objections(dialect, model_id, family, parameters, has_prefill))
        .unwrap_or_default();
    let too_long = longest_answer(dialect, model_id)
        .and_then(|most| model::too_long(model_id, most, parameters));
    let of_table = of_family.into_iter().chain(too_long);
    found.extend(of_table.map(|objection| Objection { by_table: true, ..objection }));
    // What the protocol cannot say needs no second reason.
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|objection| seen.insert(objection.parameter));
    found
}

fn object(parameter: &'static str, why: impl Into<String>) -> Objection {
    Objection { parameter, why: why.into(), by_table: false }
}
