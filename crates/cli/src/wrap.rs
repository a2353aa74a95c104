//! Text broken into lines, so that nothing of it is lost at an edge.

/// Lines of at most `width` columns, broken between words; a word that is longer stays whole.
pub(crate) fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let fits = |last: &String| last.chars().count() + 1 + word.chars().count() <= width;
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) if fits(last) => last.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Lines of at most `width` columns, and of one at least; a word that is longer is broken as well.
pub(crate) fn wrap_hard(line: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let whole = wrap(line, width).into_iter();
    whole.flat_map(|line| pieces(&line, width)).collect()
}

fn pieces(line: &str, width: usize) -> Vec<String> {
    let chars: Vec<char> = line.chars().collect();
    if chars.len() <= width {
        return vec![line.to_owned()];
    }
    chars.chunks(width).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible", 8), ["incomprehensible"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn nothing_is_lost_where_no_line_may_be_longer() {
        assert_eq!(wrap_hard("one incomprehensible", 8), ["one", "incompre", "hensible"]);
        assert_eq!(wrap_hard("", 8), [""]);
        assert_eq!(wrap_hard("ab", 0), ["a", "b"]);
    }
}
