//! Who is in a class: the rule behind the exact counts.
//!
//! The N prompts of a set stand in a seeded order. A class with share q is a window of
//! k = round(q N) places. From one repeat to the next, every prompt moves on by [`STRIDE`] places,
//! round and round. So every repeat has exactly k members; a prompt is in the window in several
//! repeats that lie side by side, which gives prompts different propensities, as real ones have;
//! and the conditions of one (prompt, repeat) share its place, so that they are jointly distributed.

use std::collections::HashMap;

use crate::draw;

/// How many places a prompt moves on per repeat.
const STRIDE: u64 = 3;
/// The number of places for a request that is in no order. Every whole percentage of it is exact.
const UNRANKED_PLACES: u64 = 10_000;

/// The seeded order of a prompt set.
#[derive(Debug, Default)]
pub(crate) struct Ranks {
    by_text: HashMap<String, u64>,
}

/// Where a job stands for the drawing of classes: `position` counts from 0 and is below `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    position: u64,
    of: u64,
}

/// A share of a prompt set, said as a count of some set: `yes` of `of`. A set of just that size has
/// just that count, so that published cells come out to the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    yes: u64,
    of: u64,
}

impl Share {
    pub(crate) const NONE: Self = Self::percent(0);

    /// `of` must be more than 0.
    pub(crate) const fn new(yes: u64, of: u64) -> Self {
        Self { yes, of }
    }

    pub(crate) const fn percent(percent: u64) -> Self {
        Self { yes: percent, of: 100 }
    }

    /// How many of `n` this share is: `round(n yes / of)`, half up.
    pub(crate) const fn count(self, n: u64) -> u64 {
        (2 * n * self.yes + self.of) / (2 * self.of)
    }
}

impl Ranks {
    /// Orders the prompts by a hash of seed and text. A text that stands there twice counts once.
    pub(crate) fn new<'a>(seed: u64, prompts: impl IntoIterator<Item = &'a String>) -> Self {
        let mut order: Vec<_> = prompts
            .into_iter()
            .map(|prompt| prompt.trim())
            .map(|text| (draw::hash(seed, &[b"rank", text.as_bytes()]), text))
            .collect();
        order.sort_unstable();
        order.dedup();
        let by_text = (0..).zip(order).map(|(rank, (_, text))| (text.to_owned(), rank)).collect();
        Self { by_text }
    }

    /// Where this request stands in this repeat; nothing if it is not in the prompt set.
    pub(crate) fn place(&self, request: &str, repeat: u64) -> Option<Place> {
        let rank = *self.by_text.get(request.trim())?;
        Some(Place::ranked(rank, self.by_text.len() as u64, repeat))
    }
}

impl Place {
    fn ranked(rank: u64, of: u64, repeat: u64) -> Self {
        let moved = STRIDE * (repeat % of);
        Self { position: (rank + moved) % of, of }
    }

    /// A place by the draw of one job alone, which no other job shares.
    pub(crate) fn drawn(hash: u64) -> Self {
        Self { position: hash % UNRANKED_PLACES, of: UNRANKED_PLACES }
    }

    /// Whether the job is in the window of that many percent at the lower end. A smaller window
    /// lies within a larger one.
    pub(crate) fn is_within(self, percent: u64) -> bool {
        self.is_within_share(Share::percent(percent))
    }

    /// Whether the job is in the window of that share at the lower end.
    pub(crate) fn is_within_share(self, share: Share) -> bool {
        self.position < share.count(self.of)
    }

    /// Whether the job is among the first so many places.
    pub(crate) fn is_before(self, places: u64) -> bool {
        self.position < places
    }

    /// Whether the job is in the window of that share at the lower end, without the last so many places
    /// of it.
    pub(crate) fn is_within_all_but(self, percent: u64, places: u64) -> bool {
        self.is_before(Share::percent(percent).count(self.of).saturating_sub(places))
    }

    /// Whether the job is one of that share of places, evenly spread over all of them.
    pub(crate) fn is_every_nth(self, share: Share) -> bool {
        let before = |position: u64| position * share.count(self.of) / self.of;
        before(self.position + 1) > before(self.position)
    }

    /// Counts the jobs of all repeats: the first repeat's first, and within one by position.
    pub(crate) fn index(self, repeat: u64) -> u64 {
        repeat.wrapping_mul(self.of).wrapping_add(self.position)
    }

    /// If the job is in the window of that many percent at the upper end, how far it is from that
    /// end. It cannot meet the lower windows, as long as the two take less than everything.
    pub(crate) fn distance_from_top(self, percent: u64) -> Option<u64> {
        let distance = self.of - 1 - self.position;
        (distance < Share::percent(percent).count(self.of)).then_some(distance)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prompts(n: u64) -> Vec<String> {
        (0..n).map(|index| format!("request {index}")).collect()
    }

    fn places(seed: u64, n: u64, repeat: u64) -> Vec<Place> {
        let prompts = prompts(n);
        let ranks = Ranks::new(seed, &prompts);
        prompts.iter().map(|text| ranks.place(text, repeat).expect("it was given")).collect()
    }

    proptest! {
        #[test]
        fn every_repeat_has_exactly_the_planted_count(
            seed: u64, n in 1_u64..300, repeat: u64, percent in 0_u64..=100,
        ) {
            let places = places(seed, n, repeat);
            let low = places.iter().filter(|place| place.is_within(percent)).count() as u64;
            let top = places.iter().filter(|place| place.distance_from_top(percent).is_some()).count() as u64;
            prop_assert_eq!(low, Share::percent(percent).count(n));
            prop_assert_eq!(top, Share::percent(percent).count(n));
        }

        #[test]
        fn every_place_is_taken_once(seed: u64, n in 1_u64..300, repeat: u64) {
            let mut taken: Vec<_> = places(seed, n, repeat).iter().map(|at| at.position).collect();
            taken.sort_unstable();
            prop_assert_eq!(taken, (0..n).collect::<Vec<_>>());
        }

        #[test]
        fn windows_are_nested_and_the_ends_do_not_meet(
            seed: u64, n in 1_u64..300, repeat: u64, low in 0_u64..=48, more in 0_u64..=48,
        ) {
            for place in places(seed, n, repeat) {
                prop_assert!(!place.is_within(low) || place.is_within(low + more));
                // Two rounded counts can add up to one more than the rounded sum, so stay below.
                let count = |percent| Share::percent(percent).count(n);
                let apart = count(low) + count(more) <= n;
                prop_assert!(!apart || !place.is_within(low) || place.distance_from_top(more).is_none());
            }
        }

        #[test]
        fn a_count_is_the_nearest_whole_number(
            n in 0_u64..1_000_000, (of, yes) in (1_u64..1_000).prop_flat_map(|of| (Just(of), 0..=of)),
        ) {
            let error = (Share::new(yes, of).count(n) * of).abs_diff(yes * n);
            prop_assert!(2 * error <= of);
        }

        #[test]
        fn a_set_of_the_size_that_a_share_is_a_count_of_has_that_count(
            (of, yes) in (1_u64..1_000).prop_flat_map(|of| (Just(of), 0..=of)),
        ) {
            prop_assert_eq!(Share::new(yes, of).count(of), yes);
            prop_assert_eq!(Share::new(yes, of).count(100 * of), 100 * yes);
        }
    }

    #[test]
    fn prompts_differ_in_propensity() {
        let of = |text: &str| {
            let ranks = Ranks::new(7, &prompts(100));
            (0..5).filter(|repeat| ranks.place(text, *repeat).unwrap().is_within(14)).count()
        };
        let hits: Vec<_> = prompts(100).iter().map(|text| of(text)).collect();
        assert_eq!(hits.iter().sum::<usize>(), 70);
        assert!(hits.contains(&5) && hits.iter().filter(|hits| **hits == 0).count() > 50);
    }

    #[test]
    fn spaces_around_a_request_do_not_matter_and_a_text_given_twice_counts_once() {
        let ranks = Ranks::new(1, &["  one\n".to_owned(), "one".to_owned(), "two".to_owned()]);
        assert_eq!(ranks.place("one", 0).unwrap().of, 2);
        assert_eq!(ranks.place("\none ", 0), ranks.place("one", 0));
        assert_eq!(ranks.place("three", 0), None);
    }
}
