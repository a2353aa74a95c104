//! Nights side by side: how they came out, and which prompts flip without cause.

use std::collections::BTreeMap;

use iago_statistics::Tally;
use serde::{Deserialize, Serialize};

use crate::word::Word;

/// So many nights in a row that came out alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streak {
    /// How they came out.
    pub word: Word,
    /// Nights.
    pub nights: u32,
}

/// Like nights in a row, oldest first.
pub fn find_streaks(nights: &[Word]) -> Vec<Streak> {
    let streaks = nights.chunk_by(|one, next| one == next);
    streaks
        .map(|like| Streak { word: like[0], nights: u32::try_from(like.len()).unwrap_or(u32::MAX) })
        .collect()
}

/// One character for each night, oldest first, as in `✓ ✓ ~ ✗`.
pub fn mark_nights(nights: &[Word]) -> String {
    let marks: Vec<String> = nights.iter().map(|word| word.mark().to_string()).collect();
    marks.join(" ")
}

/// What one night's prompts came to, under one measure in one cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NightTallies {
    /// What a flip could be blamed on: model id, prompt set, judge, texts. Nights with equal words here are
    /// nights between which nothing changed.
    pub circumstances: String,
    /// By the prompt's id.
    pub prompts: BTreeMap<String, Tally>,
}

/// A prompt that goes both ways while nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flipping {
    /// The prompt's id.
    pub prompt: String,
    /// From mostly yes to mostly no.
    pub down: u32,
    /// From mostly no to mostly yes.
    pub up: u32,
    /// Nights in which it was mostly one of them.
    pub nights: u32,
}

/// The prompts that flip without cause, those that do so most often first.
///
/// A flip is a change of the majority of a prompt's repeats, from one night that has one to the next, while
/// the circumstances are the same. A tie is no majority and is passed over. A prompt that went one way only
/// may have had a reason; one that came back had none.
pub fn find_flipping(nights: &[NightTallies]) -> Vec<Flipping> {
    let mut seen: BTreeMap<&str, Track> = BTreeMap::new();
    for (era, night) in eras(nights) {
        for (prompt, tally) in &night.prompts {
            seen.entry(prompt).or_default().add(era, *tally);
        }
    }
    let both_ways = seen.into_iter().filter(|(_, track)| track.up > 0 && track.down > 0);
    let mut flipping: Vec<Flipping> = both_ways
        .map(|(prompt, Track { up, down, nights, .. })| Flipping {
            prompt: prompt.to_owned(),
            down,
            up,
            nights,
        })
        .collect();
    flipping.sort_by_key(|prompt| std::cmp::Reverse(prompt.up + prompt.down));
    flipping
}

/// Nights, oldest first, each with the number of the stretch of equal circumstances that it lies in.
fn eras(nights: &[NightTallies]) -> impl Iterator<Item = (usize, &NightTallies)> {
    let stretches = nights.chunk_by(|one, next| one.circumstances == next.circumstances);
    stretches.enumerate().flat_map(|(era, nights)| nights.iter().map(move |night| (era, night)))
}

/// One prompt through the nights.
#[derive(Default)]
struct Track {
    /// Where it was last: (stretch, mostly yes).
    last: Option<(usize, bool)>,
    up: u32,
    down: u32,
    nights: u32,
}

impl Track {
    fn add(&mut self, era: usize, Tally { yes, of }: Tally) {
        let Some(is_yes) = majority(yes, of) else { return };
        match self.last {
            Some((last, was_yes)) if last == era && was_yes != is_yes => {
                if is_yes {
                    self.up += 1;
                } else {
                    self.down += 1;
                }
            }
            Some(_) | None => {}
        }
        self.last = Some((era, is_yes));
        self.nights += 1;
    }
}

fn majority(yes: u32, of: u32) -> Option<bool> {
    let (yes, no) = (yes, of.saturating_sub(yes));
    (yes != no).then_some(yes > no)
}
