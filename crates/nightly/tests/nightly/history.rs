//! Nights side by side.

use iago_nightly::{
    Flipping, NightTallies, Streak, Word, find_flipping, find_streaks, mark_nights,
};
use iago_statistics::Tally;

#[test]
fn nights_that_came_out_alike_are_one_run() {
    let nights = [Word::Pass, Word::Pass, Word::Inconclusive, Word::Pass, Word::Regression];
    let run = |word, nights| Streak { word, nights };
    let expected = [
        run(Word::Pass, 2),
        run(Word::Inconclusive, 1),
        run(Word::Pass, 1),
        run(Word::Regression, 1),
    ];
    assert_eq!(find_streaks(&nights), expected);
    assert_eq!(mark_nights(&nights), "✓ ✓ ~ ✓ ✗");
}

/// Of three repeats, how many were yes each night; `changed` nights have other circumstances.
fn nights(prompts: &[(&str, &[u32])], changed_from: usize) -> Vec<NightTallies> {
    let nights = prompts[0].1.len();
    let night = |at: usize| NightTallies {
        circumstances: if at < changed_from { "before" } else { "after" }.to_owned(),
        prompts: prompts
            .iter()
            .map(|(prompt, yes)| ((*prompt).to_owned(), Tally { yes: yes[at], of: 3 }))
            .collect(),
    };
    (0..nights).map(night).collect()
}

#[test]
fn a_prompt_that_goes_both_ways_while_nothing_changed_flips() {
    let nights = nights(
        &[
            ("steady", &[3, 3, 3, 3, 3]),
            ("lost for good", &[3, 3, 0, 0, 0]),
            ("flips often", &[3, 0, 3, 0, 3]),
            ("flips once each way", &[3, 0, 0, 2, 3]),
        ],
        5,
    );
    let flipping =
        |prompt: &str, down, up| Flipping { prompt: prompt.to_owned(), down, up, nights: 5 };
    let expected = [flipping("flips often", 2, 2), flipping("flips once each way", 1, 1)];
    assert_eq!(find_flipping(&nights), expected);
}

#[test]
fn a_flip_between_nights_that_differ_has_a_cause() {
    let prompts: [(&str, &[u32]); 1] = [("one", &[3, 0, 3, 3])];
    assert_eq!(find_flipping(&nights(&prompts, 4)).len(), 1);
    assert_eq!(find_flipping(&nights(&prompts, 2)), []);
}

#[test]
fn a_tie_is_no_majority() {
    let tie = |yes| NightTallies {
        circumstances: String::new(),
        prompts: [("one".to_owned(), Tally { yes, of: 2 })].into(),
    };
    assert_eq!(find_flipping(&[tie(2), tie(1), tie(2), tie(1)]), []);
    assert_eq!(find_flipping(&[tie(2), tie(1), tie(0), tie(1), tie(2)]).len(), 1);
}
