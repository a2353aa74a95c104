//! Yeses at even distances: the rule of models whose counts are exact in every beginning of a count.
//!
//! Of a share yes/of, the first n have `n * yes / of` yeses, rounded down. The n-th is a yes where that
//! number steps up, which is Bresenham's rule for drawing a line. So a study of 20 repeats has a tenth
//! of what one of 200 has, whichever is run first.

/// So many yeses of so many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    yes: u64,
    of: u64,
}

impl Spread {
    /// `of` must be above 0, and `yes` at most `of`.
    pub(crate) const fn new(yes: u64, of: u64) -> Self {
        Self { yes, of }
    }

    /// Yeses among the first `index`.
    pub(crate) fn before(self, index: u64) -> u64 {
        // Whole rounds first: the repeat of an odd key may be any number.
        let (rounds, rest) = (index / self.of, index % self.of);
        rounds.wrapping_mul(self.yes).wrapping_add(rest * self.yes / self.of)
    }

    /// Whether this one, counted from 0, is a yes.
    pub(crate) fn is_due(self, index: u64) -> bool {
        self.before(index.wrapping_add(1)) != self.before(index)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_beginning_has_its_share((of, yes) in (1_u64..1_000).prop_flat_map(|of| (Just(of), 0..=of)), n in 0_u64..3_000) {
            let spread = Spread::new(yes, of);
            let due = (0..n).filter(|index| spread.is_due(*index)).count() as u64;
            prop_assert_eq!(due, n * yes / of);
            prop_assert_eq!(due, spread.before(n));
        }

        #[test]
        fn any_number_is_a_repeat(index: u64) {
            prop_assert!(Spread::new(1, 1).is_due(index) && !Spread::new(0, 9).is_due(index));
        }
    }

    #[test]
    fn yeses_keep_their_distance() {
        let due = (0..20).filter(|index| Spread::new(35, 100).is_due(*index));
        assert_eq!(due.collect::<Vec<_>>(), [2, 5, 8, 11, 14, 17, 19]);
    }
}
