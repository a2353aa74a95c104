//! What can be wrong with a file whose every part is well formed.

mod contrasts;
mod conversations;
mod expressions;
mod names;
mod references;
mod templates;

pub(crate) use contrasts::check_contrasts;
pub(crate) use conversations::check_conversations;
pub(crate) use expressions::{check_outcomes, names_in, report_expressions};
pub(crate) use names::check_names;
pub(crate) use references::{check_references, check_size};
pub(crate) use templates::check_templates;
