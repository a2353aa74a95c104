//! One difference: the counts of its cells, prompt by prompt, to a value with its error.

use iago_statistics::{
    Interval, Pair, Quad, RatioInterval, mean_difference, mean_difference_bounds,
    mean_difference_of_differences, mean_difference_of_differences_bounds, ratio,
    unpaired_difference,
};

use crate::contrasts::{Compared, Sides};
use crate::counted::{Counted, Gappy, see_pair};
use crate::found::{Found, name_test};
use crate::generalise::{
    bound_difference, bound_difference_of_differences, find_difference,
    find_difference_of_differences,
};
use crate::report::{Correction, Gap, GapEstimate, Range, RatioEstimate, Side, Unpaired};
use crate::versions::refuse;

impl Sides<'_> {
    /// The difference of a measure, by its number, over these cells.
    pub(crate) fn estimate(&self, measure: usize, compared: &Compared) -> Gap {
        if let Some(why) = self.refuse(measure, compared) {
            return Gap::Refused { why };
        }
        if self.plan.measures[measure].is_mean() {
            self.compare_means(measure, compared)
        } else {
            self.compare_rates(measure, compared)
        }
    }

    fn refuse(&self, measure: usize, compared: &Compared) -> Option<String> {
        let is_asked = |cell: &usize| self.asked.measure(*cell, measure);
        let sides = compared.sides().into_iter();
        let sides: Vec<Vec<usize>> =
            sides.map(|cells| cells.iter().copied().filter(is_asked).collect()).collect();
        refuse(self.material, self.reads[measure].graders(), &sides)
    }

    fn compare_rates(&self, measure: usize, compared: &Compared) -> Gap {
        let (seed, over) = (self.plan.seed, self.plan.generalise);
        let Some(Paired { pairs, less }) = self.collect(measure, compared, Counted::rate) else {
            return Gap::NotAsked;
        };
        let (found, bounds) = match &less {
            None => {
                (find_difference(over, &see_pairs(&pairs), seed), bound_difference(over, &pairs))
            }
            Some(less) => {
                let quads = join(&pairs, less);
                let found = find_difference_of_differences(over, &see_quads(&quads), seed);
                (found, bound_difference_of_differences(over, &quads))
            }
        };
        let mut gap = self.describe(found.map(Found::from), &pairs, less.as_deref(), bounds);
        if let Gap::Known(gap) = &mut gap {
            if less.is_none() {
                gap.add_published(&see_pairs(&pairs));
            }
            gap.corrected = self.correct(measure, compared);
        }
        gap
    }

    fn correct(&self, measure: usize, compared: &Compared) -> Option<Correction> {
        let corrected = self.gold.correct_difference(measure, &compared.from, &compared.to)?;
        let why = || "a difference of differences is not corrected".to_owned();
        Some(match compared.subtrahend {
            None => corrected,
            Some(_) => Correction::Refused { why: why() },
        })
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
        let mut gap = self.describe(found, &pairs, less.as_deref(), bounds);
        if let Gap::Known(gap) = &mut gap {
            gap.corrected = self.gold.correct_difference(measure, &compared.from, &compared.to);
        }
        gap
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

    /// What each prompt counts over these cells together; `None` where the measure is asked in none of them.
    pub(crate) fn pool<T: Gappy>(
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
        let holds = found.caution.is_none();
        let p = (!self.interim && holds).then_some(found.p);
        Gap::Known(Box::new(GapEstimate {
            from: found.from,
            to: found.to,
            subtrahend: found.subtrahend,
            prompts: found.prompts,
            value: found.value,
            interval: found.interval.filter(|_| holds).map(Range::from),
            caution: found.caution.map(|caution| caution.to_string()),
            p,
            p_adjusted: p,
            test: name_test(found.test).to_owned(),
            detectable: found.detectable.filter(|_| holds),
            pooled: found.pooled,
            missing,
            bounds: if missing > 0 && holds { bounds.map(Range::from) } else { None },
            unpaired: None,
            ratio: None,
            corrected: None,
        }))
    }
}

/// What each prompt counts on the two sides, and on those of the difference that is subtracted again.
struct Paired<T> {
    pairs: Vec<Pair<T>>,
    less: Option<Vec<Pair<T>>>,
}

impl GapEstimate {
    /// What papers print beside a difference, or in its place: one standard error without regard to prompts, and a ratio.
    fn add_published(&mut self, pairs: &[Pair]) {
        if let (Side::Count(from), Side::Count(to)) = (self.from, self.to) {
            let found = unpaired_difference((from.yes, from.of), (to.yes, to.of));
            self.unpaired = found.map(|(value, standard_error)| Unpaired { value, standard_error });
        }
        self.ratio = ratio(pairs).map(|found| {
            let (low, high) = match found.interval {
                _ if self.caution.is_some() => (None, None),
                RatioInterval::Bounded(Interval { low, high }) => (Some(low), Some(high)),
                RatioInterval::AtLeast(low) => (Some(low), None),
                RatioInterval::Unbounded => (None, None),
            };
            RatioEstimate { value: found.value, low, high }
        });
    }
}

impl From<Interval> for Range {
    fn from(Interval { low, high }: Interval) -> Self {
        Self { low, high }
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
