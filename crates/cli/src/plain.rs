//! Text of others, made harmless for a terminal. Models, endpoints and whoever names a sweep write
//! what they like; a terminal obeys what it reads.

/// The text with everything visible that a terminal would act on. Line breaks and tabs stay.
pub(crate) fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut plain, c| {
        match c {
            '\n' | '\t' => plain.push(c),
            c if is_hostile(c) => plain.push_str(&escaped(c)),
            c => plain.push(c),
        }
        plain
    })
}

/// The same, in one line.
pub(crate) fn plain_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

/// JSON with the same characters escaped. JSON itself lets those above U+001F pass as they are.
pub(crate) fn plain_json(json: &serde_json::Value) -> String {
    // They can stand only inside of strings, where an escape means the same.
    plain(&json.to_string())
}

/// Controls, C1 among them, and the characters that turn the direction of writing.
fn is_hostile(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

/// As JSON writes it; each of them is below U+10000.
fn escaped(c: char) -> String {
    format!("\\u{:04x}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_would_obey() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{7}\r\u{8}\u{7f}\u{0}b\u{202e}c\n\td é 日本 👍";
        let shown = plain(hostile);
        assert!(shown.chars().all(|c| c == '\n' || c == '\t' || !is_hostile(c)), "{shown:?}");
        assert!(shown.starts_with("a\\u001b[2J\\u009b31m") && shown.ends_with("\n\td é 日本 👍"));
        assert_eq!(plain_line("a\nb"), "a b");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "text": "a\u{1b}[2J\u{9b}\u{202e}\n\"\\" });
        let shown = plain_json(&value);
        assert!(!shown.chars().any(is_hostile), "{shown:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
