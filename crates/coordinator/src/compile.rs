//! From the files that a client names to a checked plan: the same code on both sides of the wire.

use std::collections::BTreeMap;

use iago_prompts::{Format, PromptSet, PromptsError};
use iago_sweep::Plan;
use iago_sweep_file::{PromptColumns, SweepFile, SweepFileErrors};

/// A sweep file and everything that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// How messages name the sweep file.
    pub file_name: String,
    /// Path, as written in the sweep file, to content; the sweep file itself stands under "".
    pub files: BTreeMap<String, Vec<u8>>,
    /// A pilot: only the first prompts of the set.
    pub prompts_max: Option<u32>,
}

/// Sources that make no plan.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The sweep file is wrong.
    #[error(transparent)]
    Sweep(#[from] SweepFileErrors),
    /// The prompt set is wrong.
    #[error(transparent)]
    Prompts(#[from] PromptsError),
    /// The kind of a prompt set cannot be told.
    #[error("{file}: prompts `{path}` must end in .jsonl, .csv or .tsv")]
    Format {
        /// The sweep file.
        file: String,
        /// The path as written.
        path: String,
    },
    /// A file that must be text is not.
    #[error("{0} is not UTF-8 text; save it as UTF-8")]
    NotText(String),
    /// A file that was named did not come.
    #[error("{0} was named but not sent")]
    Absent(String),
}

/// Compiles sources.
pub fn compile(sources: &Sources) -> Result<Plan, CompileError> {
    let file = SweepFile::parse(&sources.file_name, sources.text("")?)?;
    let references = file.references();
    let format = Format::from_path(&references.prompts).ok_or_else(|| CompileError::Format {
        file: sources.file_name.clone(),
        path: references.prompts.clone(),
    })?;
    let set = iago_prompts::read(
        &references.prompts,
        sources.bytes(&references.prompts)?,
        format,
        &references.prompt_id,
    )?;
    let mut texts = BTreeMap::new();
    for path in &references.texts {
        texts.insert(path.clone(), sources.text(path)?.to_owned());
    }
    Ok(file.compile(&texts, &columns(set, sources.prompts_max))?)
}

fn columns(set: PromptSet, prompts_max: Option<u32>) -> Vec<PromptColumns> {
    let limit = prompts_max.map_or(usize::MAX, |max| max as usize);
    let rows = set.rows.into_iter().take(limit);
    rows.map(|row| PromptColumns { id: row.id, columns: row.columns }).collect()
}

impl Sources {
    fn bytes(&self, path: &str) -> Result<&[u8], CompileError> {
        let found = self.files.get(path).map(Vec::as_slice);
        found.ok_or_else(|| CompileError::Absent(path.to_owned()))
    }

    fn text(&self, path: &str) -> Result<&str, CompileError> {
        let name = if path.is_empty() { &self.file_name } else { path };
        std::str::from_utf8(self.bytes(path)?)
            .map_err(|_not_utf8| CompileError::NotText(name.to_owned()))
    }
}
