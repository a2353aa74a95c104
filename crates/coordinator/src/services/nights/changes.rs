//! Which files of a sweep differ from those that a schedule pinned so far, in lines for people.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use similar::TextDiff;

/// A larger file is not compared line by line.
const COMPARED_BYTES_MAX: usize = 256 << 10;
/// How long the lines of one file are compared.
const COMPARED_MAX: Duration = Duration::from_millis(500);
/// Lines that are shown of one file.
const LINES_MAX: usize = 60;
/// Lines around each that differs.
const AROUND: usize = 1;

type Files = BTreeMap<String, Vec<u8>>;

/// What differs, file by file; the sweep's own file, which has no path of its own, by this name.
pub(super) fn changed_files(sweep: &str, before: &Files, now: &Files) -> Vec<String> {
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let changed = paths.into_iter().flat_map(|path| {
        let name = if path.is_empty() { sweep } else { path };
        match (before.get(path), now.get(path)) {
            (Some(before), Some(now)) if before == now => Vec::new(),
            (Some(before), Some(now)) => changed_lines(name, before, now),
            (None, Some(_)) => vec![format!("{name}: added")],
            (Some(_), None) => vec![format!("{name}: not there any more")],
            (None, None) => Vec::new(),
        }
    });
    changed.collect()
}

fn changed_lines(name: &str, before: &[u8], now: &[u8]) -> Vec<String> {
    let mut lines = vec![format!("{name}: {} → {} bytes", before.len(), now.len())];
    let text =
        |data| std::str::from_utf8(data).ok().filter(|text| text.len() <= COMPARED_BYTES_MAX);
    let (Some(before), Some(now)) = (text(before), text(now)) else { return lines };
    let diff = TextDiff::configure().timeout(COMPARED_MAX).diff_lines(before, now);
    let shown = diff.unified_diff().context_radius(AROUND).to_string();
    let mut shown = shown.lines().map(|line| format!("  {line}"));
    lines.extend(shown.by_ref().take(LINES_MAX));
    let left = shown.count();
    if left > 0 {
        lines.push(format!("  and {left} more lines"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(of: &[(&str, &str)]) -> Files {
        of.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn every_file_that_differs_is_named_with_what_does() {
        let before = files(&[("", "a\nb\nc\n"), ("same.md", "x"), ("gone.md", "x")]);
        let now = files(&[("", "a\nB\nc\n"), ("same.md", "x"), ("new.md", "x")]);
        let lines = changed_files("sweep.toml", &before, &now);
        assert_eq!(
            lines,
            [
                "sweep.toml: 6 → 6 bytes",
                "  @@ -1,3 +1,3 @@",
                "   a",
                "  -b",
                "  +B",
                "   c",
                "gone.md: not there any more",
                "new.md: added"
            ]
        );
    }

    #[test]
    fn a_long_difference_is_cut_and_says_so() {
        let many = |word: &str| (0..100).map(|line| format!("{word} {line}\n")).collect::<String>();
        let lines = changed_files("s", &files(&[("", &many("a"))]), &files(&[("", &many("b"))]));
        assert_eq!(lines.len(), 1 + LINES_MAX + 1);
        assert_eq!(lines.last().map(String::as_str), Some("  and 141 more lines"));
    }
}
