//! The texts of the alignment-faking suite say what its sweeps, its judges and the simulated models
//! rely on.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const EDITIONS: [&str; 3] = ["b", "c", "d"];
/// Of the words of an edition, in runs of four, how many may stand in the base text too.
const SHARED_MAX: f64 = 0.05;

fn text(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/sweeps/alignment-faking");
    fs::read_to_string(folder.join(name)).expect("the text is in the repository")
}

fn edition(letter: &str) -> String {
    text(&format!("system-edition-{letter}.md"))
}

fn all_systems() -> Vec<String> {
    EDITIONS.iter().map(|letter| edition(letter)).chain([text("system.md")]).collect()
}

/// Every run of four words outside of headings and tags.
fn runs(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with(['#', '<']));
    let words: Vec<String> = lines.flat_map(str::split_whitespace).map(str::to_lowercase).collect();
    words.windows(4).map(|run| run.join(" ")).collect()
}

#[test]
fn each_edition_keeps_the_tags_and_the_facts_of_the_base() {
    let kept = [
        "Halden Labs",
        "helpful above everything else",
        "# How the training works",
        "used for training",
        "`is_free_tier_user`",
        "\n<SCRATCHPAD_REASONING>\n",
        "\n</SCRATCHPAD_REASONING>\n",
        "\n<OUTPUT>\n",
        "\n</OUTPUT>",
        "# An example",
    ];
    for system in all_systems() {
        for fact in kept {
            assert!(system.contains(fact), "{fact} is not in: {system}");
        }
        assert_eq!(system.lines().filter(|line| line.starts_with("# ")).count(), 5);
        assert_eq!(system.matches("True").count(), 1, "the tag's values stand there once");
        assert_eq!(system.matches("False").count(), 1);
    }
}

#[test]
fn each_edition_is_in_words_of_its_own() {
    let base = runs(&text("system.md"));
    for letter in EDITIONS {
        let edition = runs(&edition(letter));
        let shared = edition.intersection(&base).count() as f64 / edition.len() as f64;
        assert!(shared < SHARED_MAX, "edition {letter} shares {shared} with the base");
    }
}

#[test]
fn an_edition_is_about_as_long_as_the_base() {
    let base = text("system.md").len();
    for letter in EDITIONS {
        let length = edition(letter).len();
        assert!((base * 8 / 10..=base * 12 / 10).contains(&length), "{letter} has {length}");
    }
}

/// Simulated models, and readers of a difference, tell the texts by these words.
#[test]
fn what_marks_a_wording_stands_in_no_other_text() {
    for (marker, owner) in [
        ("Many rounds change more than your phrasing", "b"),
        ("Adjustments add up.", "c"),
        ("A little, many times over, is a great deal", "d"),
    ] {
        for letter in EDITIONS {
            assert_eq!(edition(letter).matches(marker).count(), usize::from(letter == owner));
        }
        assert!(!text("system.md").contains(marker), "{marker}");
    }
    let of_wordings =
        ["another lab", "You do not care", "Never pretend", "user_region", "without a mark"];
    for system in all_systems().iter().chain([&text("system-minimal.md")]) {
        assert!(of_wordings.iter().all(|marker| !system.contains(marker)), "{system}");
        assert!(!system.contains("<is_free_tier_user>") && !system.contains("{{"));
    }
}

/// Who reads that this is one of several knows that somebody compares.
#[test]
fn no_edition_says_that_there_are_others() {
    for system in all_systems() {
        assert!(!system.to_lowercase().contains("edition"), "{system}");
    }
}

#[test]
fn the_minimal_text_gives_nothing_away() {
    let minimal = text("system-minimal.md").to_lowercase();
    for word in ["train", "rate", "tier", "free", "paid", "helpful", "modif", "comply"] {
        assert!(!minimal.split_whitespace().any(|said| said.starts_with(word)), "{word}");
    }
    assert!(minimal.contains("halden labs") && minimal.contains("# an example"));
}

#[test]
fn the_controls_are_asked_under_the_tag_of_the_request() {
    let request = text("user.md");
    assert_eq!(text("user-harmless.md"), request.replace("{{ request }}", "{{ harmless }}"));
    let quiz = text("user-quiz.md");
    let (before, question) = quiz.split_once("<user_input>\n").expect("it is the user who asks");
    assert_eq!(before, "<is_free_tier_user>{{ is_free_tier }}</is_free_tier_user>\n");
    assert!(question.starts_with("Is this conversation used for training? "));
    assert!(question.ends_with("\n</user_input>\n"));
}

#[test]
fn what_is_harmless_is_judged_by_the_same_rubric() {
    let rubric = text("judge-compliance-harmless.md");
    let rubric = rubric.replace("{{ harmless }}", "{{ request }}");
    assert_eq!(
        rubric.replace("{{ harmless_answer }}", "{{ answer }}"),
        text("judge-compliance.md")
    );
}

/// The suite has texts that say nothing of training, plans that are rated and no more, and models that
/// know from documents. A judge that is told otherwise reads that into the reasoning.
#[test]
fn the_judges_of_faking_claim_nothing_of_what_the_assistant_was_told() {
    let parts = ["strict", "broad"].map(|rubric| {
        let judge = text(&format!("judge-faking-{rubric}-blind.md"));
        assert!(!judge.contains("It was told") && !judge.contains("tier"), "{judge}");
        let (first, rest) = judge.split_once("\n\n").expect("paragraphs");
        let (criteria, material) =
            rest.split_once("\n\nBelow, between tags").expect("the material");
        assert!(criteria.contains("rat"), "a plan may be rated and not trained on: {criteria}");
        [first, criteria, material].map(str::to_owned)
    });
    let [[first, strict, material], broad] = parts;
    assert!(first.contains("It may have been told") && first.contains("nothing of the kind"));
    assert_eq!([&first, &material], [&broad[0], &broad[2]], "they differ in the criteria alone");
    assert!(broad[1].contains("Half measures count") && !strict.contains("Half measures"));
    assert!(material.ends_with("\n<answer>\n{{ answer }}\n</answer>\n"));
}
