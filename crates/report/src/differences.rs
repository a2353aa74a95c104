//! One difference: the counts of its cells, prompt by prompt, to a value with its error.

use iago_statistics::{
    Difference, Flips, Interval, MeanDifference, Pair, Quad, Sum, Tally, Test,
    difference_of_differences, difference_of_differences_bounds, mean_difference,
    mean_difference_bounds, mean_difference_of_differences, mean_difference_of_differences_bounds,
    paired_difference, paired_difference_bounds,
};

use crate::contrasts::{Compared, Sides};
use crate::counted::{Counted, Gappy, see_pair};
use crate::report::{Count, Gap, GapEstimate, Range, Side, SideMean};

impl Sides<'_> {
    /// The difference of a measure, by its number, over these cells.
    pub(crate) fn estimate(&self, measure: usize, compared: &Compared) -> Gap {
        if self.plan.measures[measure].is_mean() {
            self.compare_means(measure, compared)
        } else {
            self.compare_rates(measure, compared)
        }
    }

    fn compare_rates(&self, measure: usize, compared: &Compared) -> Gap {
        let seed = self.plan.seed;
        let Some(Paired { pairs, less }) = self.collect(measure, compared, Counted::rate) else {
            return Gap::NotAsked;
        };
        let (found, bounds) = match &less {
            None => (paired_difference(&see_pairs(&pairs), seed), paired_difference_bounds(&pairs)),
            Some(less) => {
                let quads = join(&pairs, less);
                let found = difference_of_differences(&see_quads(&quads), seed);
                (found, difference_of_differences_bounds(&quads))
            }
        };
        self.describe(found.map(Found::from), &pairs, less.as_deref(), bounds)
    }

    fn compare_means(&self, measure: usize, compared: &Compared) -> Gap {
        let seed = self.plan.seed;
        let Some(Paired { pairs, less }) = self.collect(measure, compared, Counted::mean) else {
            return Gap::NotAsked;
        };
        let limits = self.limits.get(measure).copied().flatten();
        let (found, bounds) = match &less {
            None => (
                mean_difference(&see_pairs(&pairs), seed),
                limits.and_then(|limits| mean_difference_bounds(&pairs, limits)),
            ),
            Some(less) => {
                let quads = join(&pairs, less);
                let found = mean_difference_of_differences(&see_quads(&quads), seed);
                let bound = |limits| mean_difference_of_differences_bounds(&quads, limits);
                (found, limits.and_then(bound))
            }
        };
        let reach = limits.map(|limits| limits.width() * if less.is_some() { 2.0 } else { 1.0 });
        let found = found.map(|found| Found::from(found).within(reach));
        self.describe(found, &pairs, less.as_deref(), bounds)
    }

    /// What each prompt counts on the two sides, and on those of the subtrahend; `None` if a side has no cell where the
    /// measure is asked.
    fn collect<T: Gappy>(
        &self,
        measure: usize,
        compared: &Compared,
        read: fn(&Counted) -> Option<&Vec<T>>,
    ) -> Option<Paired<T>> {
        let pair = |from: &[usize], to: &[usize]| -> Option<Vec<Pair<T>>> {
            let (from, to) = (self.pool(measure, from, read)?, self.pool(measure, to, read)?);
            Some(from.into_iter().zip(to).map(|(from, to)| Pair { from, to }).collect())
        };
        let pairs = pair(&compared.from, &compared.to)?;
        let less = match &compared.subtrahend {
            None => None,
            Some((from, to)) => Some(pair(from, to)?),
        };
        Some(Paired { pairs, less })
    }

    fn pool<T: Gappy>(
        &self,
        measure: usize,
        cells: &[usize],
        read: fn(&Counted) -> Option<&Vec<T>>,
    ) -> Option<Vec<T>> {
        let asked = cells.iter().filter(|&&cell| self.asked.measure(cell, measure));
        let counted = asked.filter_map(|&cell| read(&self.counts[cell].measures[measure]));
        counted.cloned().reduce(|mut pooled, prompts| {
            for (sum, prompt) in pooled.iter_mut().zip(prompts) {
                *sum = sum.plus(prompt);
            }
            pooled
        })
    }

    fn describe<T: Gappy>(
        &self,
        found: Option<Found>,
        minuend: &[Pair<T>],
        subtrahend: Option<&[Pair<T>]>,
        bounds: Option<Interval>,
    ) -> Gap
    where
        Side: FromIterator<T::Seen>,
    {
        let Some(found) = found else {
            return Gap::Unpaired {
                from: minuend.iter().map(|pair| pair.from.see()).collect(),
                to: minuend.iter().map(|pair| pair.to.see()).collect(),
            };
        };
        let pairs = minuend.iter().chain(subtrahend.unwrap_or_default());
        let missing =
            pairs.map(|pair| u64::from(pair.from.missing()) + u64::from(pair.to.missing())).sum();
        let p = (!self.interim).then_some(found.p);
        Gap::Known(Box::new(GapEstimate {
            from: found.from,
            to: found.to,
            subtrahend: found.subtrahend,
            prompts: found.prompts,
            value: found.value,
            interval: found.interval.map(Range::from),
            p,
            p_adjusted: p,
            test: name_test(found.test).to_owned(),
            detectable: found.detectable,
            pooled: found.pooled,
            missing,
            bounds: if missing > 0 { bounds.map(Range::from) } else { None },
        }))
    }
}

/// What each prompt counts on the two sides, and on those of the difference that is subtracted again.
struct Paired<T> {
    pairs: Vec<Pair<T>>,
    less: Option<Vec<Pair<T>>>,
}

/// A difference, whatever it is one of.
struct Found {
    from: Side,
    to: Side,
    subtrahend: Option<(Side, Side)>,
    prompts: u64,
    value: f64,
    interval: Option<Interval>,
    p: f64,
    test: Test,
    detectable: Option<f64>,
    pooled: f64,
}

impl Found {
    /// With an interval that ends where the difference must.
    fn within(mut self, reach: Option<f64>) -> Self {
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

impl From<Interval> for Range {
    fn from(Interval { low, high }: Interval) -> Self {
        Self { low, high }
    }
}

fn describe_mean((total, of): (f64, u64)) -> Side {
    Side::Mean(SideMean { mean: (of > 0).then(|| total / of as f64), of })
}

fn name_test(test: Test) -> &'static str {
    match test {
        Test::SignFlip { flips: Flips::Exact } => "sign flip over prompts, exact",
        Test::SignFlip { flips: Flips::Sampled(_) } => "sign flip over prompts, sampled",
        Test::McNemarExact => "McNemar, exact",
    }
}

fn see_pairs<T: Gappy>(pairs: &[Pair<T>]) -> Vec<Pair<T::Seen>> {
    pairs.iter().map(see_pair).collect()
}

fn see_quads<T: Gappy>(quads: &[Quad<T>]) -> Vec<Quad<T::Seen>> {
    let see = |quad: &Quad<T>| Quad {
        minuend: see_pair(&quad.minuend),
        subtrahend: see_pair(&quad.subtrahend),
    };
    quads.iter().map(see).collect()
}

fn join<T: Gappy>(minuend: &[Pair<T>], subtrahend: &[Pair<T>]) -> Vec<Quad<T>> {
    let pairs = minuend.iter().zip(subtrahend);
    pairs.map(|(&minuend, &subtrahend)| Quad { minuend, subtrahend }).collect()
}
