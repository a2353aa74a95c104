//! Blind samples, there and back.

use std::collections::BTreeSet;

use iago_export::{Draw, Drawn, JoinError, Task, join_labels};
use iago_sweep::Digest;
use proptest::prelude::*;
use serde_json::Value;

fn drawn(model: &str, condition: &str, prompt: &str, repeat: u32) -> Drawn {
    let text = format!("words {repeat}");
    Drawn {
        prompt: prompt.to_owned(),
        model: model.to_owned(),
        condition: condition.to_owned(),
        repeat,
        simulated: model == "planted",
        request: Some(Digest::of(prompt)),
        sees: vec![("request".to_owned(), "Do it.".to_owned()), ("answer".to_owned(), text)],
    }
}

fn draw(sweep: &str, stage: &str, drawn: Vec<Drawn>, seed: u64) -> Draw {
    let labels = ["yes".to_owned(), "no".to_owned()];
    iago_export::draw(Task { sweep, stage, labels: &labels }, drawn, seed)
}

/// Two models, two conditions, five transcripts of each.
fn sample() -> Vec<Drawn> {
    let cells = ["asked", "planted"].into_iter().flat_map(|m| ["free", "paid"].map(|c| (m, c)));
    cells.flat_map(|(m, c)| (0..5).map(move |n| drawn(m, c, &format!("prompt-{n}"), n))).collect()
}

fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The labelled file, with this label for each item.
fn labelled(to_label: &str, label: impl Fn(usize) -> &'static str) -> String {
    let write = |(place, mut line): (usize, Value)| {
        line["label"] = label(place).into();
        format!("{line}\n")
    };
    values(to_label).into_iter().enumerate().map(write).collect()
}

#[test]
fn raters_see_what_the_judge_saw_and_nothing_else() {
    let draw = draw("tiers", "faking", sample(), 7);
    let lines = values(&draw.to_label);
    assert_eq!(lines.len(), 20);
    for line in &lines {
        let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["item", "label", "labels", "sees", "simulated"]);
        assert_eq!(line["label"], "");
        assert_eq!(line["sees"].as_object().unwrap().len(), 2);
        // Of one line it would tell the model.
        assert_eq!(line["simulated"], true);
    }
    let line = draw.to_label.lines().next().unwrap();
    let place = |part: &str| line.find(part).unwrap_or_else(|| panic!("no {part} in {line}"));
    assert!(place("\"request\":") < place("\"answer\":"), "in the order of reading: {line}");
    assert!(line.contains(r#""labels":["yes","no"],"label":"""#), "{line}");
    for told in ["asked", "planted", "free", "paid", "prompt-", "tiers", "faking"] {
        assert!(!draw.to_label.contains(told), "{told}");
    }
}

#[test]
fn items_stand_in_an_order_that_the_seed_shuffles() {
    let models = |seed| -> Vec<String> {
        let lines = values(&draw("tiers", "faking", sample(), seed).key);
        lines.iter().map(|line| line["model"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(models(7), models(7));
    assert_ne!(models(7), models(8));
    let changes = models(7).windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(changes > 3, "{changes} changes of the model over 20 items");
}

#[test]
fn the_order_of_the_sample_does_not_matter() {
    let mut turned = sample();
    turned.reverse();
    assert_eq!(draw("tiers", "faking", sample(), 7), draw("tiers", "faking", turned, 7));
}

#[test]
fn labels_come_back_as_lines_of_a_gold_file() {
    let draw = draw("tiers", "faking", sample(), 7);
    let written = labelled(&draw.to_label, |place| ["yes", " no ", ""][place.min(2)]);
    let joined = join_labels(&written, &draw.key, "a", Some("tiers")).unwrap();
    assert_eq!((joined.labels, joined.unlabelled), (2, 18));
    let (gold, key) = (values(&joined.lines), values(&draw.key));
    for (place, label) in ["yes", "no"].into_iter().enumerate() {
        for name in
            ["sweep", "stage", "prompt", "model", "condition", "repeat", "request", "simulated"]
        {
            assert!(!gold[place][name].is_null(), "{name}");
            assert_eq!(gold[place][name], key[place][name], "{name}");
        }
        assert_eq!((&gold[place]["label"], &gold[place]["rater"]), (&label.into(), &"a".into()));
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_line() {
    let draw = draw("tiers", "faking", sample(), 7);
    let marked = |text: &str| format!("\u{feff}{text}");
    let written = marked(&labelled(&draw.to_label, |_| "yes"));
    let joined = join_labels(&written, &marked(&draw.key), "a", Some("tiers")).unwrap();
    assert_eq!(joined.labels, 20);
}

#[test]
fn a_line_that_was_lost_is_an_item_without_a_label() {
    let draw = draw("tiers", "faking", sample(), 7);
    let written = labelled(&draw.to_label, |_| "yes");
    let shorter: String = written.lines().take(3).map(|line| format!("{line}\n\n")).collect();
    let joined = join_labels(&shorter, &draw.key, "a", None).unwrap();
    assert_eq!((joined.labels, joined.unlabelled), (3, 17));
}

#[test]
fn what_would_be_a_label_of_something_else_is_refused() {
    let (one, other) = (draw("tiers", "faking", sample(), 7), draw("tiers", "faking", sample(), 8));
    let written = labelled(&one.to_label, |_| "yes");
    let first = values(&written)[0]["item"].as_str().unwrap().to_owned();
    let join =
        |written: &str, key: &str| join_labels(written, key, "a", Some("tiers")).unwrap_err();
    let item = || first.clone();
    assert_eq!(join(&written, &other.key), JoinError::Unknown { line: 1, item: item() });
    let twice = format!("{written}{}", written.lines().next().unwrap());
    assert_eq!(join(&twice, &one.key), JoinError::Twice { line: 21, item: item() });
    assert_eq!(join("{\"item\": 1}", &one.key), JoinError::Labelled { line: 1 });
    assert_eq!(join(&written, "{}"), JoinError::Key { line: 1 });
    let odd = labelled(&one.to_label, |_| "perhaps");
    let told = join(&odd, &one.key).to_string();
    let words = "`perhaps`, which is no label here; the labels are: `yes`, `no`; leave it empty";
    assert!(told.contains(&first) && told.contains(words), "{told}");
    let doubled = format!("{}{}", one.key, one.key);
    assert_eq!(join(&written, &doubled), JoinError::Key { line: 21 });
    assert_eq!(join(&one.to_label, &one.key), JoinError::Nothing);
    let of_another = join_labels(&written, &one.key, "a", Some("other")).unwrap_err();
    let (wanted, found) = ("other".to_owned(), "tiers".to_owned());
    assert_eq!(of_another, JoinError::OtherSweep { wanted, found });
}

proptest! {
    /// Whatever is drawn, every item is another one, and every label comes back to its transcript.
    #[test]
    fn no_label_is_lost_or_moved(places in prop::collection::btree_set((0u32..4, 0u32..6, 0u32..5), 1..60), seed: u64) {
        let name = |of: &(u32, u32, u32)| drawn(&format!("m{}", of.0), "only", &format!("p{}", of.1), of.2);
        let draw = draw("s", "j", places.iter().map(name).collect(), seed);
        let items: BTreeSet<String> =
            values(&draw.to_label).iter().map(|line| line["item"].to_string()).collect();
        prop_assert_eq!(items.len(), places.len());
        let joined = join_labels(&labelled(&draw.to_label, |_| "yes"), &draw.key, "a", Some("s")).unwrap();
        prop_assert_eq!((joined.labels, joined.unlabelled), (places.len(), 0));
        let back: BTreeSet<(String, String, u64)> = values(&joined.lines)
            .iter()
            .map(|line| (line["model"].as_str().unwrap().into(), line["prompt"].as_str().unwrap().into(), line["repeat"].as_u64().unwrap()))
            .collect();
        let asked: BTreeSet<_> =
            places.iter().map(|of| (format!("m{}", of.0), format!("p{}", of.1), u64::from(of.2))).collect();
        prop_assert_eq!(back, asked);
    }
}
