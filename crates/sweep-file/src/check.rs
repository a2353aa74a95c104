//! What can be wrong with a file whose every part is well formed.

mod alike;
mod beforehand;
mod contrasts;
mod controls;
mod conversations;
mod coverage;
mod expected;
mod expressions;
mod gates;
mod gold;
mod names;
mod references;
mod stages;
mod templates;

pub(crate) use alike::group;
pub(crate) use beforehand::{Beforehand, count_prompts};
pub(crate) use contrasts::check_contrasts;
pub(crate) use conversations::check_conversations;
pub(crate) use coverage::{Combination, Grid};
pub(crate) use expected::check_expected;
pub(crate) use expressions::{
    check_outcomes, expressions_of, names_in, paths_in, report_expressions,
};
pub(crate) use gold::check_labelled;
pub(crate) use names::{check_names, variable_names};
pub(crate) use references::{check_references, check_size};
pub(crate) use stages::check_outside;
pub(crate) use templates::check_templates;
