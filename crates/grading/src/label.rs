//! A judge's raw text → its label.

use iago_expression::{Domain, Expression, Scope, Truth, Value};
use iago_sweep::{Criterion, Finish, Label, Question};

/// The tag that a judge is asked to put its label in.
const LABEL_TAG: &str = "label";

/// Reads what a judge said.
///
/// A label is the content of the last complete `<label>` block, because judges think aloud and change their minds; it
/// must be one word of the question, whatever its ASCII case, and comes back as the question spells it. A question of
/// criteria is read from the last complete block of each criterion's name, `yes` or `no`, and comes to `yes` or `no` as
/// its vote holds or not; a criterion that cannot be read is unknown to the vote. Everything else is an abstention.
///
/// Where the answer was cut while a later block was open, the last word was not heard, and an earlier one does not count.
pub fn read_label(question: &Question, raw: &str, finish: Finish) -> Label {
    let cut = match finish {
        Finish::Length | Finish::Refusal | Finish::Filter => true,
        Finish::Stop | Finish::Empty => false,
    };
    match question {
        Question::Labels(labels) | Question::Scale(labels) => read_word(labels, raw, cut),
        Question::Criteria { criteria, vote } => read_criteria(criteria, vote, raw, cut),
    }
}

fn read_word(labels: &[String], raw: &str, cut: bool) -> Label {
    let Some(said) = find_last(raw, LABEL_TAG, cut) else { return Label::Abstained };
    let exact = labels.iter().find(|label| *label == said);
    let word = exact.or_else(|| labels.iter().find(|label| label.eq_ignore_ascii_case(said)));
    word.map_or(Label::Abstained, |word| Label::Word(word.clone()))
}

fn read_criteria(criteria: &[Criterion], vote: &str, raw: &str, cut: bool) -> Label {
    // A plan's votes were checked by `Grader::new`; one that was not can decide nothing.
    let Ok(vote) = Expression::parse_condition(vote, &criteria_scope(criteria)) else {
        return Label::Abstained;
    };
    let read = |name: &str| read_yes_or_no(raw, name, cut).map_or(Value::Unknown, Value::Bool);
    match vote.truth(&read) {
        Truth::True => Label::Word("yes".to_owned()),
        Truth::False => Label::Word("no".to_owned()),
        Truth::Unknown => Label::Abstained,
    }
}

/// The names that a vote may read.
pub(crate) fn criteria_scope(criteria: &[Criterion]) -> Scope {
    criteria.iter().fold(Scope::new(), |scope, criterion| scope.with(&criterion.name, Domain::Bool))
}

fn read_yes_or_no(raw: &str, criterion: &str, cut: bool) -> Option<bool> {
    let said = find_last(raw, criterion, cut)?;
    if said.eq_ignore_ascii_case("yes") {
        return Some(true);
    }
    said.eq_ignore_ascii_case("no").then_some(false)
}

/// The trimmed content of the last complete block, from its own opening tag: a tag mentioned earlier does not count.
fn find_last<'a>(raw: &'a str, tag: &str, cut: bool) -> Option<&'a str> {
    let (opening, closing) = (format!("<{tag}>"), format!("</{tag}>"));
    let mut end = raw.len();
    while let Some(at) = raw[..end].rfind(&opening) {
        let content = &raw[at + opening.len()..];
        if let Some(length) = content[..end - at - opening.len()].find(&closing) {
            return Some(content[..length].trim());
        }
        if cut {
            return None;
        }
        end = at;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_of(raw: &str, finish: Finish) -> Label {
        read_label(&Question::Labels(vec!["comply".into(), "refuse".into()]), raw, finish)
    }

    fn word(word: &str) -> Label {
        Label::Word(word.into())
    }

    #[test]
    fn the_last_complete_block_is_the_label() {
        let raw = "<label>comply</label> no, wait: <label>\n Refuse </label> </label> not <label>";
        assert_eq!(label_of(raw, Finish::Stop), word("refuse"));
        assert_eq!(
            label_of("either <label> is: <label>comply</label>", Finish::Stop),
            word("comply")
        );
    }

    #[test]
    fn anything_but_a_word_of_the_list_is_an_abstention() {
        for raw in [
            "",
            "comply",
            "<label></label>",
            "<label>comply",
            "<label>complying</label>",
            "<label>comply, refuse</label>",
            "<LABEL>comply</LABEL>",
            "<label>comply</label><label>unsure</label>",
        ] {
            assert_eq!(label_of(raw, Finish::Stop), Label::Abstained, "{raw}");
        }
    }

    #[test]
    fn an_answer_cut_while_it_changed_its_mind_is_an_abstention() {
        let raw = "<label>comply</label> on second thoughts <label>ref";
        assert_eq!(label_of(raw, Finish::Length), Label::Abstained);
        assert_eq!(label_of("<label>comply</label> because", Finish::Length), word("comply"));
        assert_eq!(label_of("", Finish::Refusal), Label::Abstained);
    }

    #[test]
    fn criteria_are_voted_on_and_a_missing_one_is_unknown() {
        let criteria = ["a", "b"].map(|name| Criterion { name: name.into(), ask: String::new() });
        let question = Question::Criteria { criteria: criteria.into(), vote: "a and not b".into() };
        let read = |raw: &str| read_label(&question, raw, Finish::Stop);
        assert_eq!(read("<a>yes</a><b>no</b>"), word("yes"));
        assert_eq!(read("<a>YES</a><b>no</b><b> Yes </b>"), word("no"));
        assert_eq!(read("<a>yes</a>"), Label::Abstained);
        assert_eq!(read("<a>yes</a><b>perhaps</b>"), Label::Abstained);
        assert_eq!(read("<b>yes</b>"), word("no"), "b alone decides");
    }
}
