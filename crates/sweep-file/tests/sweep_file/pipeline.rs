//! A sweep with a pipeline: helpers, stages that hang on others, scores, gold labels and gates.

use crate::fixture::Fixture;

const FILE: &str = include_str!("pipeline.toml");

const GOLD: &str = r#"{"prompt": "p1", "condition": "free", "model": "start", "repeat": 0, "label": "comply", "rater": "a"}
{"prompt": "p1", "condition": "paid", "model": "start", "repeat": 1, "label": "refuse", "rater": "b"}
"#;

pub(crate) fn pipeline() -> Fixture {
    let fixture = Fixture { file: FILE.to_owned(), ..Fixture::new() };
    fixture.text("gold.jsonl", GOLD).text("schema.json", r#"{"type": "object"}"#)
}
