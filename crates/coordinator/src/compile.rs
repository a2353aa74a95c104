//! From the files that a client names to a checked plan: the same code on both sides of the wire.

use std::collections::BTreeMap;

use iago_prompts::{Duplicates, Ids, PromptSet, PromptsError, Unmatched};
use iago_sweep::Plan;
use iago_sweep_file::{PromptColumns, References, SweepFile, SweepFileErrors};

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
    /// No file is meant by the path of a prompt set.
    #[error(transparent)]
    Unmatched(#[from] Unmatched),
    /// A file that must be text is not.
    #[error("{0} is not UTF-8 text; save it as UTF-8")]
    NotText(String),
    /// A file that was named did not come.
    #[error("{0} was named but not sent")]
    Absent(String),
}

/// Compiles sources.
pub fn compile(sources: &Sources) -> Result<Plan, CompileError> {
    let file = sources.sweep_file()?;
    let references = file.references();
    let set = read_prompts(sources, &references)?;
    let mut texts = BTreeMap::new();
    for path in &references.texts {
        texts.insert(path.clone(), sources.text(path)?.to_owned());
    }
    let rows = set.rows.into_iter();
    let rows: Vec<_> = rows.map(|row| PromptColumns { id: row.id, columns: row.columns }).collect();
    Ok(file.compile_pilot(&texts, &rows, sources.prompts_max)?)
}

/// Compiles what a pilot is a part of; `None` where the sources are no pilot.
pub fn compile_whole(sources: &Sources) -> Result<Option<Plan>, CompileError> {
    let whole = sources.prompts_max.map(|_| Sources { prompts_max: None, ..sources.clone() });
    whole.as_ref().map(compile).transpose()
}

fn read_prompts(sources: &Sources, references: &References) -> Result<PromptSet, CompileError> {
    // What else came is text of the sweep, and no prompt file that a pattern could mean.
    let texts = |name: &&str| !name.is_empty() && !references.texts.contains(*name);
    let names: Vec<&str> = sources.files.keys().map(String::as_str).filter(texts).collect();
    let chosen = iago_prompts::choose(&references.prompts, &names)?;
    let mut files = Vec::with_capacity(chosen.len());
    for name in chosen {
        files.push((name, sources.bytes(name)?));
    }
    let ids = references.prompt_id.as_deref().map_or(Ids::Content, Ids::Column);
    // Rows with ids are compared later, by what is sent of those that are chosen.
    let duplicates = match (ids, references.duplicates) {
        (Ids::Content, Some(iago_sweep_file::Duplicates::KeepFirst)) => Duplicates::KeepFirst,
        (Ids::Content | Ids::Column(_), _) => Duplicates::Report,
    };
    Ok(iago_prompts::read_files(&files, ids, duplicates)?)
}

impl Sources {
    /// The sweep file itself, checked as far as it can be alone.
    pub fn sweep_file(&self) -> Result<SweepFile, CompileError> {
        Ok(SweepFile::parse(&self.file_name, self.text("")?)?)
    }

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
