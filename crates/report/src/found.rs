//! A difference as the statistics found it, whatever it is one of.

use iago_statistics::{Caution, Difference, Flips, Interval, MeanDifference, Sum, Tally, Test};

use crate::report::{Count, Side, SideMean};

/// A difference, whatever it is one of.
pub(crate) struct Found {
    pub(crate) from: Side,
    pub(crate) to: Side,
    pub(crate) subtrahend: Option<(Side, Side)>,
    pub(crate) prompts: u64,
    pub(crate) value: f64,
    pub(crate) interval: Option<Interval>,
    pub(crate) p: f64,
    pub(crate) test: Test,
    pub(crate) detectable: Option<f64>,
    pub(crate) pooled: f64,
    /// Why neither interval nor p hold.
    pub(crate) caution: Option<Caution>,
}

impl Found {
    /// With an interval that ends where the difference must.
    pub(crate) fn within(mut self, reach: Option<f64>) -> Self {
        if let (Some(interval), Some(reach)) = (&mut self.interval, reach) {
            *interval = interval.clamp(-reach, reach);
        }
        self
    }
}

impl From<Difference> for Found {
    fn from(found: Difference) -> Self {
        let side = |(yes, of): (u64, u64)| Side::Count(Count { yes, of });
        Self {
            from: side(found.from),
            to: side(found.to),
            subtrahend: found.subtrahend.map(|(from, to)| (side(from), side(to))),
            prompts: found.prompts,
            value: found.value,
            interval: Some(found.interval),
            p: found.p,
            test: found.test,
            detectable: Some(found.detectable),
            pooled: found.pooled,
            caution: found.caution,
        }
    }
}

impl From<MeanDifference> for Found {
    fn from(found: MeanDifference) -> Self {
        Self {
            from: describe_mean(found.from),
            to: describe_mean(found.to),
            subtrahend: found.subtrahend.map(|(from, to)| (describe_mean(from), describe_mean(to))),
            prompts: found.prompts,
            value: found.value,
            interval: found.interval,
            p: found.p,
            test: found.test,
            detectable: found.detectable,
            pooled: found.pooled,
            caution: found.caution,
        }
    }
}

impl FromIterator<Tally> for Side {
    fn from_iter<I: IntoIterator<Item = Tally>>(tallies: I) -> Self {
        Self::Count(tallies.into_iter().fold(Count::default(), |sum, tally| Count {
            yes: sum.yes + u64::from(tally.yes),
            of: sum.of + u64::from(tally.of),
        }))
    }
}

impl FromIterator<Sum> for Side {
    fn from_iter<I: IntoIterator<Item = Sum>>(sums: I) -> Self {
        let add = |(total, of), sum: Sum| (total + sum.total, of + u64::from(sum.of));
        describe_mean(sums.into_iter().fold((0.0, 0), add))
    }
}

fn describe_mean((total, of): (f64, u64)) -> Side {
    Side::Mean(SideMean { mean: (of > 0).then(|| total / of as f64), of })
}

pub(crate) fn name_test(test: Test) -> &'static str {
    match test {
        Test::SignFlip { flips: Flips::Exact } => "sign flip over prompts, exact",
        Test::SignFlip { flips: Flips::Sampled(_) } => "sign flip over prompts, sampled",
        Test::McNemarExact => "McNemar, exact",
        Test::MantelHaenszel { exact: true } => "stratified by prompt (Mantel-Haenszel), exact",
        Test::MantelHaenszel { exact: false } => "stratified by prompt (Mantel-Haenszel)",
        Test::WithinPrompts => "normal, variance within prompts",
    }
}
