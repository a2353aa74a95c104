//! What can happen to a fleet, and how often.

use iago_scheduler::PoolId;
use proptest::prelude::*;

/// What can happen. The numbers pick a worker, and one of the things that it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chance {
    /// A worker's attempt ends: answered, failed or released.
    Ends(usize, usize, Ending),
    /// The same, and the stream breaks before anything comes back.
    EndsUnheard(usize, usize, Ending),
    Breaks(usize),
    Returns(usize),
    Arrives,
    Drains(usize),
    /// It drains and is gone before what it was handed meanwhile reaches it.
    GoesAtOnce(usize),
    Dies(usize),
    /// It is given up, and lives, and may return.
    IsTakenForLost(usize),
    Pause,
    Cancel,
    Load,
    Retry,
    Extend,
    GraceOver,
    /// So many calls at once may be used of a pool.
    Usable(PoolId, u32),
    /// An attempt ends, and the coordinator dies before or after the commit.
    Crashes(usize, usize, Ending, bool),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    Answered,
    Failed,
    Released,
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![8 => Just(Ending::Answered), 1 => Just(Ending::Failed), 1 => Just(Ending::Released)]
}

/// An attempt ends, mostly well.
pub(crate) fn ordinary() -> impl Strategy<Value = Chance> {
    (0usize..8, 0usize..16, ending())
        .prop_map(|(worker, pick, ending)| Chance::Ends(worker, pick, ending))
}

/// Streams and coordinators break; no worker is lost.
pub(crate) fn breaks() -> impl Strategy<Value = Chance> {
    prop_oneof![
        4 => (0usize..8, 0usize..16, ending())
            .prop_map(|(worker, pick, ending)| Chance::EndsUnheard(worker, pick, ending)),
        4 => (0usize..8).prop_map(Chance::Breaks),
        6 => (0usize..8).prop_map(Chance::Returns),
        2 => (0usize..8, 0usize..16, ending(), any::<bool>()).prop_map(
            |(worker, pick, ending, committed)| Chance::Crashes(worker, pick, ending, committed)
        ),
        2 => Just(Chance::GraceOver),
        2 => (0u32..2, 1u32..6).prop_map(|(pool, most)| Chance::Usable(PoolId(pool), most)),
        2 => Just(Chance::Arrives),
        1 => (0usize..8).prop_map(Chance::Drains),
        1 => (0usize..8).prop_map(Chance::GoesAtOnce),
    ]
}

/// Workers are lost, or seem to be.
pub(crate) fn losses() -> impl Strategy<Value = Chance> {
    prop_oneof![
        1 => (0usize..8).prop_map(Chance::Dies),
        2 => (0usize..8).prop_map(Chance::IsTakenForLost),
    ]
}

/// People change their minds.
pub(crate) fn wishes() -> impl Strategy<Value = Chance> {
    prop_oneof![
        2 => Just(Chance::Pause),
        1 => Just(Chance::Cancel),
        3 => Just(Chance::Load),
        1 => Just(Chance::Retry),
        1 => Just(Chance::Extend),
    ]
}
