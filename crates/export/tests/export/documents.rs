//! Documents for fine-tuning.

use iago_export::{Canary, Document, Metadata};
use serde_json::{Value, json};

fn document<'a>(text: &'a str, canary: &'a Canary) -> Document<'a> {
    let metadata = Metadata {
        canary: canary.as_str(),
        synthetic: true,
        sweep: "documents",
        plan: "4be1",
        model: "writer",
        condition: "only",
        prompt: "seed-01",
        repeat: 2,
        stage: "final",
        simulated: true,
    };
    Document { text, metadata }
}

#[test]
fn a_document_is_one_line_with_its_origin_beside_the_text() {
    let canary = Canary::own("mine".to_owned());
    let line = document("A \"quiet\" year.\nAnd another.", &canary).line();
    assert_eq!(line.lines().count(), 1);
    assert!(line.starts_with(r#"{"text":"A \"quiet\" year.\nAnd another.","metadata":{"canary":"#));
    let expected = json!({
        "text": "A \"quiet\" year.\nAnd another.",
        "metadata": {
            "canary": "mine", "synthetic": true, "sweep": "documents", "plan": "4be1", "model": "writer",
            "condition": "only", "prompt": "seed-01", "repeat": 2, "stage": "final", "simulated": true,
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
}

#[test]
fn a_canary_is_the_same_for_one_plan_and_another_one_for_every_other() {
    let (one, other) = (Canary::of_plan("4be1"), Canary::of_plan("4be2"));
    assert_eq!(one, Canary::of_plan("4be1"));
    assert_ne!(one, other);
    let id = one.as_str().rsplit(' ').next().unwrap();
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12]);
    assert!(id.chars().all(|c| c == '-' || c.is_ascii_hexdigit()), "{id}");
    assert!(one.as_str().contains("must not end up in a training corpus by accident"));
}

#[test]
fn the_canary_is_never_in_the_text() {
    let canary = Canary::of_plan("4be1");
    let line = document("A quiet year.", &canary).line();
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["text"], "A quiet year.");
    assert_eq!(value["metadata"]["canary"], canary.as_str());
}
