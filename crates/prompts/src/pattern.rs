//! Prompt sets that are named by a pattern: `set/*.jsonl`.

use glob::{MatchOptions, Pattern};

/// How a pattern is matched, here and by whoever looks for files: `*` stays within a folder, and names
/// that begin with a dot have to be asked for.
pub const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// Whether a path names files by a pattern: it has one of `*`, `?` and `[`.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The files among `names` that the paths and patterns of a prompt set name: in the order of the
/// paths, within a pattern by name, each once.
///
/// # Errors
/// The first path or pattern that names none of them, or that is no pattern.
pub fn choose<'n>(wanted: &[String], names: &[&'n str]) -> Result<Vec<&'n str>, Unmatched> {
    let mut chosen: Vec<&str> = Vec::new();
    for path in wanted {
        let mut found = find(path, names)?;
        if found.is_empty() {
            return Err(Unmatched::Nothing(path.clone()));
        }
        found.sort_unstable();
        chosen.extend(found.into_iter().filter(|name| !chosen.contains(name)).collect::<Vec<_>>());
    }
    Ok(chosen)
}

fn find<'n>(path: &str, names: &[&'n str]) -> Result<Vec<&'n str>, Unmatched> {
    if !is_pattern(path) {
        return Ok(names.iter().copied().filter(|name| *name == path).collect());
    }
    let pattern = Pattern::new(path)
        .map_err(|error| Unmatched::NoPattern(path.to_owned(), error.msg.to_owned()))?;
    let matches = |name: &&str| pattern.matches_with(name, MATCHING);
    Ok(names.iter().copied().filter(matches).collect())
}

/// A path or pattern of a prompt set that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmatched {
    /// There is no such file.
    #[error("no file is named by `{0}`; correct the path, which starts at the sweep file's folder")]
    Nothing(String),
    /// It cannot be read as a pattern.
    #[error("`{0}` is no pattern: {1}; use `*`, `?` and `[…]`")]
    NoPattern(String, String),
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["a/b.jsonl", "a/a.jsonl", "a/deep/c.jsonl", "d.csv"];

    fn choose_from(wanted: &[&str]) -> Result<Vec<&'static str>, Unmatched> {
        let wanted: Vec<String> = wanted.iter().map(|path| (*path).to_owned()).collect();
        choose(&wanted, &NAMES)
    }

    #[test]
    fn a_pattern_names_files_of_one_folder_in_order_and_each_once() {
        let chosen = choose_from(&["d.csv", "a/*.jsonl", "a/b.jsonl"]).unwrap();
        assert_eq!(chosen, ["d.csv", "a/a.jsonl", "a/b.jsonl"]);
        assert_eq!(choose_from(&["**/c.jsonl"]).unwrap(), ["a/deep/c.jsonl"]);
    }

    #[test]
    fn what_names_nothing_is_told() {
        assert_eq!(choose_from(&["a/*.csv"]), Err(Unmatched::Nothing("a/*.csv".into())));
        assert!(matches!(choose_from(&["a/[.csv"]), Err(Unmatched::NoPattern(..))));
    }
}
