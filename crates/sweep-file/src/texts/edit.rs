//! Edits of a text. Each has to match exactly once: an edit that misses, or that could mean two
//! places, would leave a condition that is not the one that was meant.

use similar::TextDiff;

/// How many characters of what is looked for a message quotes.
const QUOTED_MAX: usize = 60;

/// How many lines of matches a message lists.
const LISTED_MAX: usize = 10;

/// How many lines around a change a diff shows.
const CONTEXT_LINES: usize = 3;

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What is looked for, as it stands.
    pub(crate) find: String,
    pub(crate) change: Change,
}

/// What happens where an edit matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Cut,
    Replace(String),
    InsertAfter(String),
    InsertBefore(String),
}

/// An edit that does not match exactly once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EditError {
    Nowhere(String),
    /// Line breaks and runs of spaces are where texts differ without looking it.
    OtherSpaces {
        find: String,
        line: usize,
    },
    Several {
        find: String,
        count: usize,
        /// Of the first [`LISTED_MAX`] matches.
        lines: Vec<usize>,
    },
    Idle,
}

impl EditError {
    /// What is wrong, and the way out; `searched` is how people call the text.
    pub(crate) fn explain(&self, searched: &str) -> String {
        match self {
            Self::Nowhere(find) => format!(
                "{} is nowhere in {searched}; an edit has to match exactly once: quote it exactly as it stands there",
                quote(find)
            ),
            Self::OtherSpaces { find, line } => format!(
                "{} is nowhere in {searched}, only with other white space on line {line}; quote it exactly as it stands \
                 there, line breaks included",
                quote(find)
            ),
            Self::Several { find, count, lines } => format!(
                "{} is in {searched} {count} times, on lines {}; an edit has to match exactly once: quote more of what \
                 stands around the place that is meant",
                quote(find),
                list_lines(lines, *count)
            ),
            Self::Idle => "changes nothing; take it out".to_owned(),
        }
    }
}

/// The text with the edit made.
pub(crate) fn apply(text: &str, edit: &Edit) -> Result<String, EditError> {
    let at = find_once(text, &edit.find)?;
    let (before, found) = text.split_at(at);
    let after = &found[edit.find.len()..];
    let find = edit.find.as_str();
    let edited = match &edit.change {
        Change::Cut => format!("{before}{after}"),
        Change::Replace(with) => format!("{before}{with}{after}"),
        Change::InsertAfter(more) => format!("{before}{find}{more}{after}"),
        Change::InsertBefore(more) => format!("{before}{more}{find}{after}"),
    };
    if edited == text { Err(EditError::Idle) } else { Ok(edited) }
}

/// What a text's edits changed, as a unified diff of lines.
pub(crate) fn draw_diff(of: (&str, &str), edited: (&str, &str)) -> String {
    let diff = TextDiff::from_lines(of.1, edited.1);
    let mut unified = diff.unified_diff();
    unified.context_radius(CONTEXT_LINES).missing_newline_hint(false).header(of.0, edited.0);
    unified.to_string()
}

fn find_once(text: &str, find: &str) -> Result<usize, EditError> {
    // A match of all its bytes begins and ends where characters do.
    let places = find_all(text.as_bytes(), find.as_bytes());
    match places.as_slice() {
        [only] => Ok(*only),
        [] => Err(explain_nowhere(text, find)),
        several => {
            let lines = several.iter().take(LISTED_MAX).map(|at| line_of(text, *at)).collect();
            Err(EditError::Several { find: find.to_owned(), count: several.len(), lines })
        }
    }
}

/// Every place of a match, those among them that overlap: `aa` is twice in `aaa`. In one pass, however
/// often it nearly matches (Knuth, Morris and Pratt 1977).
fn find_all<T: PartialEq>(within: &[T], find: &[T]) -> Vec<usize> {
    let borders = measure_borders(find);
    let mut places = Vec::new();
    let mut matched = 0;
    for (at, part) in within.iter().enumerate() {
        matched = grow(find, &borders, matched, part);
        if matched > 0 && matched == find.len() {
            places.push(at + 1 - matched);
        }
    }
    places
}

/// For each beginning of what is looked for, by its length less one: how long the longest shorter
/// beginning is that it also ends in.
fn measure_borders<T: PartialEq>(find: &[T]) -> Vec<usize> {
    let mut borders = Vec::with_capacity(find.len());
    let mut matched = 0;
    for part in find {
        // The first part is compared with itself, and has no shorter beginning.
        matched = if borders.is_empty() { 0 } else { grow(find, &borders, matched, part) };
        borders.push(matched);
    }
    borders
}

/// How much of what is looked for is matched with one more part, after `matched` of it were.
fn grow<T: PartialEq>(find: &[T], borders: &[usize], mut matched: usize, part: &T) -> usize {
    while matched > 0 && find.get(matched) != Some(part) {
        matched = borders[matched - 1];
    }
    if find.get(matched) == Some(part) { matched + 1 } else { 0 }
}

fn explain_nowhere(text: &str, find: &str) -> EditError {
    let (mut words, mut lines) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        let before = words.len();
        words.extend(line.split_whitespace());
        lines.extend(std::iter::repeat_n(number + 1, words.len() - before));
    }
    let find_words: Vec<&str> = find.split_whitespace().collect();
    let place = find_all(&words, &find_words).first().and_then(|place| lines.get(*place));
    let find = find.to_owned();
    match place {
        Some(line) => EditError::OtherSpaces { find, line: *line },
        None => EditError::Nowhere(find),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn list_lines(lines: &[usize], count: usize) -> String {
    let shown: Vec<String> = lines.iter().map(usize::to_string).collect();
    let more = count.saturating_sub(shown.len());
    match shown.split_last() {
        Some((last, first)) if more == 0 && !first.is_empty() => {
            format!("{} and {last}", first.join(", "))
        }
        _ if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

/// What is looked for, on one line.
fn quote(find: &str) -> String {
    let shown: String = find.replace('\n', "\\n").chars().take(QUOTED_MAX).collect();
    let end = if find.chars().nth(QUOTED_MAX).is_some() { "…" } else { "" };
    format!("`{shown}{end}`")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(find: &str, change: Change) -> Edit {
        Edit { find: find.to_owned(), change }
    }

    #[test]
    fn an_edit_changes_the_one_place_that_it_names() {
        let text = "one two\nthree";
        let made = |change| apply(text, &edit("two", change)).unwrap();
        assert_eq!(made(Change::Cut), "one \nthree");
        assert_eq!(made(Change::Replace("2".into())), "one 2\nthree");
        assert_eq!(made(Change::InsertAfter("!".into())), "one two!\nthree");
        assert_eq!(made(Change::InsertBefore("x ".into())), "one x two\nthree");
    }

    #[test]
    fn matches_that_overlap_are_two() {
        let error = apply("aaa", &edit("aa", Change::Cut)).unwrap_err();
        assert_eq!(error, EditError::Several { find: "aa".into(), count: 2, lines: vec![1, 1] });
    }

    #[test]
    fn of_many_matches_the_first_lines_and_the_number_are_told() {
        let error = apply(&"a \n".repeat(250_000), &edit(" ", Change::Cut)).unwrap_err();
        let lines = (1..=LISTED_MAX).collect();
        assert_eq!(error, EditError::Several { find: " ".into(), count: 250_000, lines });
        assert_eq!(
            error.explain("text `a`"),
            "` ` is in text `a` 250000 times, on lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 249990 more; an edit has to \
             match exactly once: quote more of what stands around the place that is meant"
        );
    }

    #[test]
    fn a_diff_shows_lines_with_what_stands_around_them() {
        let of = "1\n2\n3\n4\n5\n6";
        let edited = "1\n2\n3\n4\nfive\n6";
        insta::assert_snapshot!(draw_diff(("base", of), ("terse", edited)), @r"
        --- base
        +++ terse
        @@ -2,5 +2,5 @@
         2
         3
         4
        -5
        +five
         6
        ");
    }

    proptest! {
        #[test]
        fn every_match_is_found(text in "[ab]{0,16}", find in "[ab]{1,5}") {
            let slow: Vec<usize> = (0..text.len()).filter(|at| text[*at..].starts_with(&find)).collect();
            prop_assert_eq!(find_all(text.as_bytes(), find.as_bytes()), slow);
        }

        #[test]
        fn an_edit_is_made_exactly_where_there_is_one_match(
            text in "[ab\\n]{0,12}", find in "[ab\\n]{1,3}", with in "[abc]{0,3}",
        ) {
            let places = (0..text.len()).filter(|at| text[*at..].starts_with(&find)).count();
            let made = apply(&text, &edit(&find, Change::Replace(with.clone())));
            match (places, made) {
                (1, Ok(made)) => prop_assert_eq!(made, text.replacen(&find, &with, 1)),
                (1, Err(error)) => prop_assert_eq!((error, find), (EditError::Idle, with)),
                (_, made) => prop_assert!(made.is_err()),
            }
        }
    }
}
