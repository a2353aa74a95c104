//! Parameters that a model does not take. Only what knows the endpoints can tell, and only the file knows
//! where they were written.

use iago_sweep::Model;

use crate::fault::{Faults, SweepFileErrors};
use crate::read::grid::table_of;
use crate::sweep_file::SweepFile;
use crate::tree::{item_key, join_key};

/// A parameter that a model does not take, or a prefill.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// The model, or the judge.
    pub model: &'a Model,
    /// Which of the two it is.
    pub is_judge: bool,
    /// Whether `[[cells]]` asks for it, and not the model's own table.
    pub is_of_cells: bool,
    /// The stage that asks.
    pub stage: &'a str,
    /// The key, such as `temperature`; `prefill` is the last of a stage's `messages`.
    pub parameter: &'a str,
    /// Why, and the way out.
    pub message: &'a str,
}

impl SweepFile {
    /// What is refused, each where the file asks for it.
    pub fn tell_refused<'a>(
        &self,
        refused: impl IntoIterator<Item = Refused<'a>>,
    ) -> Result<(), SweepFileErrors> {
        let faults = self.faults();
        for refused in refused {
            faults.add(find_key(&faults, &refused), refused.message);
        }
        faults.stop_if_any()
    }
}

fn find_key(faults: &Faults<'_>, refused: &Refused<'_>) -> String {
    let Refused { model, is_judge, is_of_cells, stage, parameter, .. } = *refused;
    if parameter == "prefill" {
        return format!("stages.{stage}.messages");
    }
    let tables = if is_judge { "judges" } else { "models" };
    let own = join_key(&format!("{tables}.{}", table_of(model)), parameter);
    let of_cells = is_of_cells.then(|| find_in_cells(faults, parameter)).flatten();
    let of_defaults = (!is_judge).then(|| join_key("defaults", parameter));
    let written = [of_cells, Some(own.clone()), of_defaults];
    written.into_iter().flatten().find(|key| faults.knows(key)).unwrap_or(own)
}

/// The first of the tables that says it.
fn find_in_cells(faults: &Faults<'_>, parameter: &str) -> Option<String> {
    let tables = (0..).map(|position| item_key("cells", position));
    let mut tables = tables.take_while(|table| faults.knows(table));
    tables.find_map(|table| Some(join_key(&table, parameter)).filter(|key| faults.knows(key)))
}
