//! What a report says that is not in the facts it is folded from.

use std::collections::BTreeSet;
use std::time::Duration;

use iago_sweep::Money;

/// Around the numbers: what the sweep cost, how far it is, where to look next.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// The sweep's id in its store, as people type it.
    pub sweep_id: String,
    /// What all calls cost together; `None` where nothing is known of it.
    pub spent: Option<Money>,
    /// The same money, by what it went to; `None` where nothing is known of it.
    pub spending: Option<Spending>,
    /// Some calls went to an endpoint without a price: `spent` is a lower bound.
    pub spend_unknown: bool,
    /// HTTP exchanges, over results, failures and attempts.
    pub calls: u64,
    /// How many of them were throttled.
    pub throttles: u64,
    /// How long the sweep has run; `None` where nobody knows.
    pub elapsed: Option<Duration>,
    /// What was found about the instrument before any number was read.
    pub controls: Controls,
    /// Jobs that are still open. With any, the report is INTERIM.
    pub open: u64,
    /// Where the results are.
    pub store: String,
    /// The command to look at next.
    pub command_hint: String,
    /// How often the data were looked at: 1, and once more for each time that the sweep was extended by repeats or prompts
    /// after results were in.
    pub looks: u64,
}

impl Default for Context {
    /// Of a sweep of which nothing is known, and that was looked at once.
    fn default() -> Self {
        Self {
            sweep_id: String::new(),
            spent: None,
            spending: None,
            spend_unknown: false,
            calls: 0,
            throttles: 0,
            elapsed: None,
            controls: Controls::default(),
            open: 0,
            store: String::new(),
            command_hint: String::new(),
            looks: 1,
        }
    }
}

/// What the money of a sweep went to. The parts add up to all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Answers of models under test.
    pub models: Money,
    /// Answers of judges and helpers.
    pub judges: Money,
    /// Failures of all rounds.
    pub failed: Money,
    /// What came after another execution of its job had ended it, and what was given back.
    pub late: Money,
    /// The most that executions can have cost whose worker was lost.
    pub abandoned: Money,
    /// Executions, of any of these, of which nobody knows what they cost.
    pub unpriced: u64,
}

/// Checks of the instrument that need more than the narrow facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Controls {
    /// One for each primary contrast; none where nobody compared the messages.
    pub paired: Vec<PairedDifference>,
}

/// How the messages of paired cells differ, over the prompts that were compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairedDifference {
    /// The contrast's name.
    pub contrast: String,
    /// Every differing span that any prompt showed, as [`diff_places`](crate::diff_places) gives them.
    pub places: BTreeSet<(String, String)>,
    /// How many prompts were compared.
    pub prompts_checked: u64,
    /// Pairs of cells that send the same messages for some prompts: nothing was varied there.
    pub identical: Vec<IdenticalPair>,
}

/// Two compared cells that send the same messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdenticalPair {
    /// The cell that is subtracted, as `MODEL CONDITION`.
    pub from: String,
    /// The other cell.
    pub to: String,
    /// For how many prompts.
    pub prompts: u64,
}
