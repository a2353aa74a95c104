//! A program's reply → its label.

use iago_sweep::{Label, Says};
use serde_json::error::Category;
use serde_json::{Map, Value};

/// Reads one line of a scoring program: a JSON object with exactly one of `label` (one of the words that it may say, as
/// they are spelled), `score` (a finite number) and `abstain` (`true`). Other keys say nothing here.
///
/// # Errors
///
/// What is wrong with the line, in words for whoever wrote the program. It quotes nothing of the line, which may hold
/// what models said: errors are logged and shown.
pub fn read_score(says: &Says, line: &str) -> Result<Label, String> {
    let reply: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| describe_error(&error))?;
    let said: Vec<&str> =
        ["label", "score", "abstain"].into_iter().filter(|key| reply.contains_key(*key)).collect();
    match (said.as_slice(), says) {
        (["abstain"], _) if reply["abstain"] == Value::Bool(true) => Ok(Label::Abstained),
        (["abstain"], _) => Err("`abstain` can only be `true`".to_owned()),
        (["label"], Says::Labels(labels)) => read_label(labels, &reply["label"]),
        (["score"], Says::Number) => read_number(&reply["score"]),
        (["label"], Says::Number) => {
            Err("it says `label`, and this stage takes a `score`".to_owned())
        }
        (["score"], Says::Labels(_)) => {
            Err("it says `score`, and this stage takes a `label`".to_owned())
        }
        ([], _) => Err("it says none of `label`, `score` and `abstain`".to_owned()),
        _ => Err(format!("it says several things at once: `{}`", said.join("`, `"))),
    }
}

/// The error's own words would quote the line.
fn describe_error(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Syntax => "it is no JSON",
        Category::Eof => "it ends too early",
        Category::Data => "it is JSON of another kind",
        Category::Io => "it cannot be read",
    };
    let (line, column) = (error.line(), error.column());
    format!("the line is no JSON object: {what} (line {line}, column {column})")
}

fn read_label(labels: &[String], said: &Value) -> Result<Label, String> {
    let Value::String(said) = said else { return Err("`label` is no text".to_owned()) };
    if labels.contains(said) {
        return Ok(Label::Word(said.clone()));
    }
    Err(format!("`label` is none of those that it may say: {}", labels.join(", ")))
}

fn read_number(said: &Value) -> Result<Label, String> {
    let number = said.as_f64().filter(|number| number.is_finite());
    number
        .map(|number| Label::Word(spell(number)))
        .ok_or_else(|| "`score` is no finite number".to_owned())
}

/// The shortest spelling that reads back as the same number.
fn spell(number: f64) -> String {
    let plain = number == 0.0 || (1e-6..1e15).contains(&number.abs());
    if plain { number.to_string() } else { format!("{number:e}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels() -> Says {
        Says::Labels(vec!["good".into(), "bad".into()])
    }

    #[test]
    fn one_answer_is_read() {
        let word = |word: &str| Ok(Label::Word(word.into()));
        assert_eq!(read_score(&labels(), r#"{"id": 3, "label": "good"}"#), word("good"));
        assert_eq!(read_score(&Says::Number, r#"{"score": 0.73, "version": "2"}"#), word("0.73"));
        assert_eq!(read_score(&Says::Number, r#"{"score": 7}"#), word("7"));
        assert_eq!(read_score(&Says::Number, r#"{"score": 1e300}"#), word("1e300"));
        assert_eq!(read_score(&labels(), r#"{"abstain": true}"#), Ok(Label::Abstained));
    }

    #[test]
    fn anything_else_is_an_error_that_says_what_is_wrong() {
        for (says, line, why) in [
            (
                labels(),
                r#"{"label": "Good"}"#,
                "`label` is none of those that it may say: good, bad",
            ),
            (labels(), r#"{"label": 1}"#, "`label` is no text"),
            (labels(), r#"{"score": 1}"#, "it says `score`, and this stage takes a `label`"),
            (
                Says::Number,
                r#"{"label": "good"}"#,
                "it says `label`, and this stage takes a `score`",
            ),
            (Says::Number, r#"{"score": "1"}"#, "`score` is no finite number"),
            (labels(), r#"{"abstain": false}"#, "`abstain` can only be `true`"),
            (labels(), r#"{"lable": "good"}"#, "it says none of `label`, `score` and `abstain`"),
            (
                labels(),
                r#"{"label": "good", "abstain": true}"#,
                "it says several things at once: `label`, `abstain`",
            ),
        ] {
            assert_eq!(read_score(&says, line), Err(why.to_owned()), "{line}");
        }
        for (line, why) in [
            ("good", "it is no JSON (line 1, column 1)"),
            ("{", "it ends too early (line 1, column 1)"),
            ("[1]", "it is JSON of another kind (line 1, column 0)"),
        ] {
            let why = format!("the line is no JSON object: {why}");
            assert_eq!(read_score(&labels(), line), Err(why), "{line}");
        }
    }

    #[test]
    fn an_error_quotes_nothing_of_the_line() {
        for line in [
            r#""private words""#,
            r#"{"label": "private words"}"#,
            r#"{"private words": 1}"#,
            r#"{"score": "private words"}"#,
            r#"{"abstain": "private words"}"#,
            r#"["private words"]"#,
            "private words",
        ] {
            for says in [labels(), Says::Number] {
                let error = read_score(&says, line).unwrap_err();
                assert!(!error.contains("private"), "{error}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_line_is_too_strange(line in ".*") {
            let _said = (read_score(&labels(), &line), read_score(&Says::Number, &line));
        }

        #[test]
        fn a_number_is_read_back_as_it_was(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            prop_assert_eq!(spell(number).parse::<f64>().unwrap().to_bits(), number.to_bits());
        }
    }
}
