//! Regular expressions of a sweep file, within bounds.

use iago_expression::ExpressionError;
use regex::{Captures, Regex, RegexBuilder};

/// How much memory a compiled expression may take, in bytes. Those in use take a few thousand; `(a{1000}){1000}` would
/// take all there is.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// How many bytes all matches of an expression in one text may take to find.
///
/// To find one match is linear in the text whatever the expression, and to find all of them is not: `.*[^A-Z]|[A-Z]` reads
/// a text of nothing but `A` to its end for each letter. How far a search read is not known, so each is charged with all
/// that is left of the text. A text of up to 46 kB can match at every byte within this bound, one of 100 kB about 20 000
/// times and one of 1 MB about 2000 times; to read as much takes a second or so.
pub(crate) const SEARCHED_BYTES_MAX: usize = 1 << 30;

/// Compiles a regular expression.
///
/// # Errors
///
/// What is wrong with it, and where.
pub(crate) fn compile_pattern(source: &str) -> Result<Regex, ExpressionError> {
    RegexBuilder::new(source).size_limit(COMPILED_BYTES_MAX).build().map_err(|error| {
        let (column, message) = describe(&error);
        ExpressionError { column, message, source: source.to_owned() }
    })
}

/// What the first group of each match holds, or the match where there is no group; a group that takes no part in a match
/// is blank. `None` where finding them takes more than `bytes_max`, for which [`SEARCHED_BYTES_MAX`] is meant.
pub(crate) fn find_matches<'t>(
    pattern: &Regex,
    text: &'t str,
    bytes_max: usize,
) -> Option<Vec<&'t str>> {
    let mut matches = pattern.captures_iter(text);
    let (mut contents, mut left, mut from) = (Vec::new(), bytes_max, 0);
    loop {
        left = left.checked_sub(text.len() - from)?;
        let Some(found) = matches.next() else { return Some(contents) };
        from = found.get_match().end();
        contents.push(content_of(pattern, &found));
    }
}

/// The same of the first match only; `None` if there is none.
pub(crate) fn find_match<'t>(pattern: &Regex, text: &'t str) -> Option<&'t str> {
    pattern.captures(text).map(|found| content_of(pattern, &found))
}

fn content_of<'t>(pattern: &Regex, found: &Captures<'t>) -> &'t str {
    let group = usize::from(pattern.captures_len() > 1);
    found.get(group).map_or("", |part| part.as_str())
}

fn describe(error: &regex::Error) -> (usize, String) {
    if let regex::Error::CompiledTooBig(_) = error {
        return (1, "this regular expression takes too much memory: repeat less in it".to_owned());
    }
    let shown = error.to_string();
    let reason = shown.lines().find_map(|line| line.strip_prefix("error: "));
    let message = format!("not a regular expression: {}", reason.unwrap_or("it does not parse"));
    // The crate says where only by a caret under the expression, which it indents by four.
    let caret = shown.lines().find(|line| !line.is_empty() && line.trim_start().starts_with('^'));
    let column = caret.and_then(|line| line.find('^')).map_or(1, |at| at.saturating_sub(4) + 1);
    (column, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_its_column() {
        let error = compile_pattern("answer: (").unwrap_err();
        assert_eq!(
            (error.column, error.message.as_str()),
            (9, "not a regular expression: unclosed group")
        );
    }

    #[test]
    fn an_expression_that_would_take_all_memory_is_refused() {
        let error = compile_pattern("((a{1000}){1000}){1000}").unwrap_err();
        assert!(error.message.contains("too much memory"), "{}", error.message);
    }

    #[test]
    fn matches_that_take_too_much_to_find_are_not_found() {
        let pattern = compile_pattern(".*[^A-Z]|[A-Z]").unwrap();
        let matches = |bytes_max| find_matches(&pattern, "AAAA", bytes_max);
        // 4 for the first letter, 3, 2 and 1 for the rest, and none for finding that nothing is left.
        assert_eq!(matches(10), Some(vec!["A"; 4]));
        assert_eq!(matches(9), None);
        assert_eq!(find_match(&pattern, "AAAA"), Some("A"));
    }

    #[test]
    fn a_text_of_usual_length_can_match_at_every_byte() {
        let pattern = compile_pattern("(A)|").unwrap();
        let text = "A".repeat(46_000);
        assert_eq!(
            find_matches(&pattern, &text, SEARCHED_BYTES_MAX).map(|all| all.len()),
            Some(46_000)
        );
    }
}
