//! The steps from text to plan, each on the ground that the one before has cleared.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use iago_grading::Grader;
use iago_sweep::{Plan, Prompt};

use crate::check;
use crate::fault::{Fault, Faults, Lines, SweepFileErrors};
use crate::read::{Draft, PromptSet, read_draft};
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
    /// The prompt set.
    pub prompts: String,
    /// The column of the prompt set that holds ids.
    pub prompt_id: String,
    /// Texts of variables, messages and judges.
    pub texts: BTreeSet<String>,
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

    /// What has to be brought to [`SweepFile::compile`].
    pub fn references(&self) -> References {
        self.references.clone()
    }

    /// Makes the plan, from the texts by path as written and the rows of the prompt set.
    ///
    /// # Errors
    /// A text that is not among `texts`, a column that is not there, and everything that can be
    /// told only now: templates, expressions, outcomes, and the messages of every condition.
    pub fn compile(
        &self,
        texts: &BTreeMap<String, String>,
        prompts: &[PromptColumns],
    ) -> Result<Plan, SweepFileErrors> {
        let pass = Pass::new(Faults::new(&self.file, &self.lines), Some(texts));
        let Draft { mut plan, prompt_set } = read_draft(&pass, &self.root);
        plan.prompts = take_prompts(&pass.faults, &prompt_set, prompts);
        check::check_size(&pass.faults, &plan);
        pass.faults.stop_if_any()?;

        let templates = check::check_templates(&pass.faults, &plan, &pass.files());
        let grader = Grader::new(&plan);
        if let Err(errors) = &grader {
            check::report_expressions(&pass.faults, &plan, errors);
        }
        pass.faults.stop_if_any()?;

        if let Ok(grader) = grader {
            check::check_conversations(&pass.faults, &plan, &grader, &templates);
            check::check_outcomes(&pass.faults, &plan, &grader);
        }
        pass.faults.stop_if_any()?;
        Ok(plan)
    }
}

fn check_without_texts(
    file: &str,
    root: &Item,
    lines: &Lines,
) -> Result<References, SweepFileErrors> {
    let pass = Pass::new(Faults::new(file, lines), None);
    let draft = read_draft(&pass, root);
    pass.faults.stop_if_any()?;
    let Draft { plan, prompt_set } = draft;
    check::check_names(&pass.faults, &plan, &prompt_set);
    check::check_references(&pass.faults, &plan, &prompt_set);
    check::check_contrasts(&pass.faults, &plan);
    pass.faults.stop_if_any()?;
    let texts = pass.files().into_values().collect();
    Ok(References { prompts: prompt_set.path, prompt_id: prompt_set.id, texts })
}

/// The named columns of every prompt, under their variables' names.
fn take_prompts(faults: &Faults<'_>, set: &PromptSet, rows: &[PromptColumns]) -> Vec<Prompt> {
    if rows.is_empty() {
        faults.add(
            "prompts.path",
            format!("`{}` has no prompts; a sweep needs at least one", set.path),
        );
    }
    report_repeated_ids(faults, rows);
    for (variable, column) in &set.fields {
        let mut without = rows.iter().filter(|row| !row.columns.contains_key(column));
        if let Some(first) = without.next() {
            let prompts = match without.count() {
                0 => "1 prompt lacks".to_owned(),
                more => format!("{} prompts lack", more + 1),
            };
            let message = format!(
                "{prompts} the column `{column}`, such as `{}`; name a column that every prompt has",
                first.id
            );
            faults.add(format!("prompts.fields.{variable}"), message);
        }
    }
    let take = |row: &PromptColumns| {
        let take = |(variable, column): (&String, &String)| {
            (variable.clone(), row.columns.get(column).cloned().unwrap_or_default())
        };
        Prompt { id: row.id.clone(), fields: set.fields.iter().map(take).collect() }
    };
    rows.iter().map(take).collect()
}

fn report_repeated_ids(faults: &Faults<'_>, rows: &[PromptColumns]) {
    let mut ids = HashSet::new();
    if let Some(row) = rows.iter().find(|row| !ids.insert(row.id.as_str())) {
        faults.add(
            "prompts.id",
            format!("two prompts have the id `{}`; ids tell prompts apart", row.id),
        );
    }
}
