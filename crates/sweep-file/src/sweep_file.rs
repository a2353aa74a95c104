//! The steps from text to plan, each on the ground that the one before has cleared.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::Grader;
use iago_sweep::{Plan, words};

use crate::check;
use crate::fault::{Fault, Faults, Lines, SweepFileErrors};
use crate::read::{Draft, PromptSet, grid, prompts as prompt_set, read_draft};
use crate::reader::Pass;
use crate::tree::{Item, parse_tree};

/// A sweep file whose keys, values and names are checked. Nothing that it refers to is loaded.
#[derive(Clone, Debug)]
pub struct SweepFile {
    file: String,
    root: Item,
    lines: Lines,
    references: References,
}

/// What a sweep file needs beside itself. Paths are as written, relative to the file's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The files of the prompt set, in order; each may be a pattern, such as `requests/*.jsonl`.
    pub prompts: Vec<String>,
    /// The column of the prompt set that holds ids. Without one, an id is made of a row's content.
    pub prompt_id: Option<String>,
    /// What the file says about rows with the same content, if it says anything.
    pub duplicates: Option<Duplicates>,
    /// Texts of variables, messages and judges, and files of data, such as schemas and gold labels.
    pub texts: BTreeSet<String>,
}

words! {
    /// What happens to rows of the prompt set that send the same as an earlier one.
    Duplicates, "way to treat duplicates", {
        /// The sweep is not compiled.
        Error = "error",
        /// They are left out.
        KeepFirst = "keep-first",
    }
}

/// A row of the prompt set as its reader gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptColumns {
    /// Its id.
    pub id: String,
    /// Column to text, the column of the id among them or not.
    pub columns: BTreeMap<String, String>,
}

impl SweepFile {
    /// Reads a sweep file's text. `file_name` is what faults call it.
    ///
    /// # Errors
    /// Everything that can be told without the texts and the prompts: form, keys, values, names,
    /// what refers to what, and contrasts.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, SweepFileErrors> {
        let file = file_name.to_owned();
        let root = parse_tree(text).map_err(|error| {
            let key = String::new();
            SweepFileErrors(vec![Fault {
                file: file.clone(),
                line: error.line,
                key,
                message: error.message,
            }])
        })?;
        let lines = root.collect_lines();
        let references = check_without_texts(&file, &root, &lines)?;
        Ok(Self { file, root, lines, references })
    }

    /// An empty list of faults of this file.
    pub(crate) fn faults(&self) -> Faults<'_> {
        Faults::new(&self.file, &self.lines)
    }

    /// What has to be brought to [`SweepFile::compile`].
    pub fn references(&self) -> References {
        self.references.clone()
    }

    /// Makes the plan, from the texts by path as written and the rows of the prompt set.
    ///
    /// # Errors
    /// A text that is not among `texts`, an edit that does not match, a column that is not there,
    /// and everything that can be told only now: templates, expressions, outcomes, and the messages
    /// of every cell.
    pub fn compile(
        &self,
        texts: &BTreeMap<String, String>,
        prompts: &[PromptColumns],
    ) -> Result<Plan, SweepFileErrors> {
        self.compile_pilot(texts, prompts, None)
    }

    /// As [`SweepFile::compile`], with at most `prompts_max` prompts: the first of those that `where`
    /// and `subset` leave.
    ///
    /// # Errors
    /// As [`SweepFile::compile`].
    pub fn compile_pilot(
        &self,
        texts: &BTreeMap<String, String>,
        prompts: &[PromptColumns],
        prompts_max: Option<u32>,
    ) -> Result<Plan, SweepFileErrors> {
        let pass = Pass::new(self.faults(), Some(texts));
        let mut draft = read_draft(&pass, &self.root);
        grid::lay_out(&pass.faults, &mut draft.plan, &draft.grid);
        draft.plan.prompts = prompt_set::select(&pass.faults, &draft.prompt_set, prompts);
        if let Some(most) = prompts_max {
            draft.plan = keep_first(draft.plan, most as usize);
        }
        check::check_size(&pass.faults, &draft.plan);
        check::check_outside(&pass.faults, &draft.plan);
        check::check_labelled(&pass.faults, &draft.plan, &draft.labelled, prompts);
        pass.faults.stop_if_any()?;

        let templates = check::check_templates(&pass, &draft);
        let Draft { plan, .. } = draft;
        let grader = Grader::new(&plan);
        if let Err(errors) = &grader {
            check::report_expressions(&pass.faults, &plan, errors);
        }
        pass.faults.stop_if_any()?;

        if let Ok(grader) = grader {
            check::check_conversations(&pass.faults, &plan, &grader, &templates);
            check::check_expected(&pass.faults, &plan, &grader, &templates);
            check::check_outcomes(&pass.faults, &plan, &grader);
        }
        pass.faults.stop_if_any()?;
        Ok(plan)
    }
}

/// A pilot: only the first prompts, of which a cell with a cap asks no others than in the whole.
fn keep_first(plan: Plan, most: usize) -> Plan {
    if plan.prompts.len() <= most {
        return plan;
    }
    let first: BTreeSet<String> =
        plan.prompts.iter().take(most).map(|prompt| prompt.id.clone()).collect();
    plan.with_prompts(|prompt| first.contains(&prompt.id))
}

fn check_without_texts(
    file: &str,
    root: &Item,
    lines: &Lines,
) -> Result<References, SweepFileErrors> {
    let pass = Pass::new(Faults::new(file, lines), None);
    let mut draft = read_draft(&pass, root);
    pass.faults.stop_if_any()?;
    let is_laid_out = grid::lay_out(&pass.faults, &mut draft.plan, &draft.grid);
    check::check_names(&pass.faults, &draft);
    let Draft { plan, prompt_set, contrast_tables, .. } = draft;
    check::check_references(&pass.faults, &plan, &prompt_set);
    // Without its cells, every contrast would seem to compare nothing.
    if is_laid_out {
        check::check_contrasts(&pass.faults, &plan, &contrast_tables);
    }
    pass.faults.stop_if_any()?;
    let texts = pass.texts.list_files();
    let PromptSet { paths, id, duplicates, .. } = prompt_set;
    Ok(References { prompts: paths, prompt_id: id, duplicates, texts })
}
