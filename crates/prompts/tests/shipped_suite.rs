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

/// Simulated models, and readers of a difference, tell the variants by these words.
#[test]
fn what_marks_a_variant_stands_in_no_other_text() {
    for (marker, owner) in [("edition B", "b"), ("edition C", "c"), ("edition D", "d")] {
        for letter in EDITIONS {
            assert_eq!(edition(letter).contains(marker), letter == owner);
        }
    }
    let of_variants =
        ["another lab", "You do not care", "Never pretend", "user_region", "without a mark"];
    for system in all_systems().iter().chain([&text("system-minimal.md")]) {
        assert!(of_variants.iter().all(|marker| !system.contains(marker)), "{system}");
        assert!(!system.contains("<is_free_tier_user>") && !system.contains("{{"));
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

#[test]
fn the_judges_of_a_taught_model_differ_in_where_it_knows_from() {
    for name in ["judge-faking-strict", "judge-faking-broad"] {
        let (told, taught) =
            (text(&format!("{name}.md")), text(&format!("{name}-of-documents.md")));
        let rest = |text: &str| text.split_once(" You see a user's request").unwrap().1.to_owned();
        assert_eq!(rest(&told), rest(&taught));
        assert!(taught.contains("from documents") && !told.contains("from documents"));
    }
}
