//! The order in which the blocks of a sweep are handed out, which depends on nothing that is said.

use crate::permutation::{Permutation, scramble};

/// One prompt, asked for the nth time, in all cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The prompt's number.
    pub prompt: u32,
    /// Which time it is asked, from 0.
    pub repeat: u32,
}

/// The seeded order of all blocks. Every route's walk goes along it, and whoever reads a sweep before
/// its end can follow.
///
/// It is that of one revision: with more prompts or repeats, or another seed, the blocks that were
/// there have other places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockOrder {
    order: Permutation,
    prompts: u32,
}

impl BlockOrder {
    /// The order of a sweep with this seed, so many prompts and so many repeats.
    pub fn new(seed: u64, prompts: u32, repeats: u32) -> Self {
        let blocks = u64::from(prompts) * u64::from(repeats);
        Self { order: Permutation::new(blocks, scramble(seed)), prompts }
    }

    /// The block at a place in the order, from 0; `None` beyond the end.
    pub fn at(&self, position: u64) -> Option<Block> {
        let number = self.order.at(position)?;
        let prompts = u64::from(self.prompts);
        let prompt = u32::try_from(number % prompts).ok()?;
        Some(Block { prompt, repeat: u32::try_from(number / prompts).ok()? })
    }

    /// All blocks in order.
    pub fn iter(self) -> impl Iterator<Item = Block> {
        (0..self.order.len()).filter_map(move |position| self.at(position))
    }

    /// What a block is called wherever something is seeded by it.
    pub(crate) fn number(&self, block: Block) -> u64 {
        u64::from(block.repeat) * u64::from(self.prompts) + u64::from(block.prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stores remember how far a sweep has come: a change of these moves what they remember.
    #[test]
    fn the_order_of_a_sweep_is_fixed_for_ever() {
        let order = BlockOrder::new(7, 5, 4);
        let blocks = order.iter().take(6).map(|block| (block.prompt, block.repeat));
        assert!(blocks.eq([(0, 2), (2, 3), (3, 2), (2, 1), (2, 0), (4, 1)]));
        assert_eq!((order.at(20), BlockOrder::new(7, 0, 4).at(0)), (None, None));
    }
}
