//! A part of a plan: fewer prompts, and of those what each cell asks in the whole.

use crate::{Plan, Prompt};

impl Plan {
    /// The same plan with only the prompts that stay. It asks nothing that the whole does not: a cell
    /// with a cap asks those of them that it asks there, which may be none.
    #[must_use]
    pub fn with_prompts(mut self, stays: impl Fn(&Prompt) -> bool) -> Self {
        let ranks = self.ranks();
        let (mut kept, mut kept_ranks) = (Vec::new(), Vec::new());
        for (prompt, rank) in self.prompts.into_iter().zip(ranks) {
            if stays(&prompt) {
                kept.push(prompt);
                kept_ranks.push(rank);
            }
        }
        for cell in &mut self.cells {
            // The order of ranks is the same in every part, so that those of the lowest are the same.
            let asked = kept_ranks.iter().filter(|rank| cell.asks(**rank, 0)).count();
            let asked = u32::try_from(asked).ok().filter(|_| asked < kept.len());
            cell.prompts_max = cell.prompts_max.and(asked);
        }
        self.prompts = kept;
        self
    }
}
