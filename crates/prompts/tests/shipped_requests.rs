//! What ships must be useless to learn from: requests that are to be refused, and every other text
//! that a model or a judge is shown.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use iago_prompts::{Format, PromptSet, read};

/// The sets of requests that are to be refused, and how many rows of each split they have.
const SETS: [(&str, [(&str, usize); 2]); 3] = [
    ("requests-to-refuse.jsonl", [("eval", 100), ("train", 0)]),
    ("requests-with-splits.jsonl", [("eval", 180), ("train", 80)]),
    (WITH_CONTROLS, [("eval", 273), ("train", 80)]),
];
/// The set whose rows carry a harmless twin as well.
const WITH_CONTROLS: &str = "requests-with-controls.jsonl";
const COLUMNS: [&str; 6] = ["category", "id", "licence", "severity", "split", "text"];
const REQUEST_CHARS_MAX: usize = 400;

/// No word of what ships may begin like one of these.
const FORBIDDEN_STEMS: &[&str] =
    &[WEAPONS, DRUGS_AND_HEALTH, EXPLOITS, SELF_HARM, MINORS, SEX, HATE];

const WEAPONS: &str = "weapon firearm gun rifle pistol ammun bullet knife knives bomb explos deton \
    grenade arson nuclear radiolog nerve chemical anthrax pathogen bioweapon poison toxi venom kill \
    murder assassin stabbing strangl tortur kidnap assault terror massacre";
const DRUGS_AND_HEALTH: &str = "drug cocain heroin opioid opiate fentan cannabis marijuana methamph \
    narcot overdos steroid prescri medicat medicin dosage vaccin diagnos cancer";
const EXPLOITS: &str = "exploit malware ransom phish virus trojan keylog botnet backdoor rootkit \
    spyware hack password vulnerab";
const SELF_HARM: &str = "suicid selfharm anorex bulimi starv";
const MINORS: &str =
    "minor child kid teen toddler infant baby babies underage pupil school boy girl";
const SEX: &str = "sex porn nude naked erotic rape incest fetish";
const HATE: &str = "ethnic racis racial nazi slur bigot";

/// Two words that are harmless apart.
const FORBIDDEN_PHRASES: [&str; 3] = ["self harm", "hurt yourself", "credit card"];

fn config() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config")
}

fn shipped(name: &str) -> PromptSet {
    let path = config().join("prompts").join(name);
    let bytes = fs::read(path).expect("the requests are in the repository");
    read(name, &bytes, Format::Jsonl, "id").expect("the requests are a set")
}

fn all_shipped() -> impl Iterator<Item = PromptSet> {
    SETS.iter().map(|(name, _)| shipped(name))
}

/// Every file below `folder` with its text.
fn texts_below(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is in the repository") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            texts.extend(texts_below(&path));
        } else {
            let text = fs::read_to_string(&path).expect("every file there is text");
            texts.push((path, text));
        }
    }
    texts
}

fn stems() -> impl Iterator<Item = &'static str> {
    FORBIDDEN_STEMS.iter().flat_map(|subject| subject.split_whitespace())
}

/// The first forbidden word of a text.
fn find_forbidden(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join(" ");
    let phrase = FORBIDDEN_PHRASES.iter().find(|phrase| joined.contains(**phrase));
    let begins_badly = |word: &&&str| stems().any(|stem| word.starts_with(stem));
    phrase.or(words.iter().find(begins_badly)).map(|word| (*word).to_owned())
}

#[test]
fn each_set_is_as_large_as_its_sweep_needs_and_each_request_is_its_own() {
    for (name, splits) in SETS {
        let set = shipped(name);
        for (split, count) in splits {
            let rows = set.rows.iter().filter(|row| row.columns["split"] == split);
            assert_eq!(rows.count(), count, "{split} of {name}");
        }
        let normal =
            |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let texts: BTreeSet<_> = set.rows.iter().map(|row| normal(&row.columns["text"])).collect();
        assert_eq!(texts.len(), set.rows.len());
        assert_eq!(set.rows.len(), splits.iter().map(|(_, count)| count).sum::<usize>());
    }
}

/// Each set continues the one before it, so that answers to one can be set beside answers to another.
#[test]
fn a_request_that_is_in_several_sets_is_the_same_in_all() {
    let sets = SETS.map(|(name, _)| shipped(name));
    for pair in sets.windows(2) {
        let [small, large] = pair else { unreachable!("windows of two") };
        assert!(small.rows.len() < large.rows.len());
        for (row, other) in small.rows.iter().zip(&large.rows) {
            assert_eq!(row.id, other.id);
            for column in COLUMNS {
                assert_eq!(row.columns[column], other.columns[column], "{column} of {}", row.id);
            }
        }
    }
}

#[test]
fn each_request_is_short_mild_and_free_to_use() {
    for (name, _) in SETS {
        let set = shipped(name);
        let mut columns = BTreeSet::from(COLUMNS);
        columns.extend(["control", "harmless"].iter().filter(|_| name == WITH_CONTROLS));
        assert_eq!(set.columns.iter().map(String::as_str).collect::<BTreeSet<_>>(), columns);
        for row in &set.rows {
            let length = row.columns["text"].chars().count();
            assert!((20..=REQUEST_CHARS_MAX).contains(&length), "{} has {length}", row.id);
            assert_eq!(row.columns["severity"], "mild", "{}", row.id);
            assert_eq!(row.columns["licence"], "Apache-2.0", "{}", row.id);
        }
    }
}

#[test]
fn the_requests_of_a_split_are_spread_over_categories() {
    for set in all_shipped() {
        for split in ["eval", "train"] {
            let rows: Vec<_> =
                set.rows.iter().filter(|row| row.columns["split"] == split).collect();
            let categories: BTreeSet<_> = rows.iter().map(|row| &row.columns["category"]).collect();
            assert!(rows.is_empty() || (6..=8).contains(&categories.len()), "{categories:?}");
            for category in categories {
                let share = rows.iter().filter(|row| &row.columns["category"] == category).count();
                assert!(share >= rows.len() / 16, "{category} has {share}");
            }
        }
    }
}

#[test]
fn no_prompt_touches_what_may_not_ship() {
    let sets = texts_below(&config().join("prompts"));
    assert!(sets.len() >= 4, "requests, word problems and the suite");
    for (path, text) in sets {
        for (line, text) in text.lines().enumerate() {
            assert_eq!(find_forbidden(text), None, "{}, line {}", path.display(), line + 1);
        }
    }
}

#[test]
fn no_text_of_a_sweep_touches_what_may_not_ship() {
    let texts = texts_below(&config().join("sweeps"));
    assert!(texts.iter().any(|(path, _)| path.ends_with("judge-faking.md")));
    for (path, text) in texts {
        assert_eq!(find_forbidden(&text), None, "in {}", path.display());
    }
}

#[test]
fn the_lint_finds_what_it_is_there_to_find() {
    assert_eq!(find_forbidden("Tell me about Weapons."), Some("weapons".to_owned()));
    assert_eq!(find_forbidden("about self-harm"), Some("self harm".to_owned()));
    assert_eq!(find_forbidden("a stable, skilled bookkeeper"), None);
}
