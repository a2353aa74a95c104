//! A provider's words, made fit for a log line, a table cell and a terminal.

/// Longest message that is kept, in characters, its ellipsis included.
pub const MESSAGE_CHARS_MAX: usize = 300;

/// Where validators (pydantic, FastAPI) begin to quote the request in their message.
const QUOTES_THE_REQUEST: [&str; 3] = ["'input':", "\"input\":", "input_value="];

/// Fewest characters after `sk-` that are taken for a key.
const KEY_CHARS_MIN: usize = 8;

/// The words without control and invisible characters, on one line, without what looks like a key
/// or a quoted request, shortened. Hostile input: it can be anything.
pub(crate) fn excerpt(words: &str) -> String {
    let end = QUOTES_THE_REQUEST.iter().filter_map(|mark| words.find(mark)).min();
    let kept = &words[..end.unwrap_or(words.len())];
    let line = mask_keys(&one_line(kept));
    shorten(&line, end.is_some())
}

/// Runs of white space and control characters become one space each. Stops early: a message may be
/// megabytes long.
fn one_line(words: &str) -> String {
    let visible = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line = String::new();
    for character in visible.filter(|c| !is_invisible(*c)).take(4 * MESSAGE_CHARS_MAX) {
        if !character.is_whitespace() {
            line.push(character);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Zero-width characters and those that turn the direction of the text around them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// Some servers repeat the key that they refuse.
fn mask_keys(line: &str) -> String {
    let masked: Vec<String> = line.split(' ').map(mask_key).collect();
    masked.join(" ")
}

fn mask_key(word: &str) -> String {
    let in_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '.');
    let Some(start) = word.find("sk-") else { return word.to_owned() };
    let (before, key) = word.split_at(start);
    let end = key.find(|c| !in_key(c)).unwrap_or(key.len());
    if before.ends_with(|c: char| c.is_alphanumeric()) || end < "sk-".len() + KEY_CHARS_MIN {
        return word.to_owned();
    }
    format!("{before}[key]{}", &key[end..])
}

fn shorten(line: &str, cut: bool) -> String {
    if !cut && line.chars().count() <= MESSAGE_CHARS_MAX {
        return line.to_owned();
    }
    line.chars().take(MESSAGE_CHARS_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_become_one_visible_line() {
        assert_eq!(excerpt(" too\r\n\tlong\u{1b}[31m\u{202e}!\0 "), "too long [31m!");
    }

    #[test]
    fn a_quoted_request_and_a_key_are_left_out() {
        assert_eq!(excerpt("Field required, 'input': {'text': 'secret'}"), "Field required,…");
        assert_eq!(
            excerpt("Incorrect key: sk-ant-api03-AbCd_1234. See task-12345678"),
            "Incorrect key: [key] See task-12345678"
        );
    }

    proptest! {
        #[test]
        fn anything_comes_out_short_and_without_controls(words in "(\\PC|[\\x00-\\x1f]|sk-){0,900}") {
            let line = excerpt(&words);
            prop_assert!(line.chars().count() <= MESSAGE_CHARS_MAX);
            prop_assert!(!line.contains(|c: char| c.is_control()));
        }
    }
}
