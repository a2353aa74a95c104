//! Looking at a comparison before it is complete, and paying for it.
//!
//! Two looks at 5% each find something in 8.3% of sweeps where there is nothing. A spending function
//! says how much of alpha may be used up to each share of the information; the bound of each look
//! follows from what the looks before it have left over.

use statrs::function::erf::erfc;

use crate::quantile::normal_quantile;

/// How alpha is spent (Lan and DeMets 1983): on each side, half of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// `α ln(1 + (e − 1) t)`: about the same bound at every look, as Pocock (1977).
    Pocock,
    /// `4 (1 − Φ(z / √t))` with z the normal quantile at `1 − α/4`: hardly anything early, so that the
    /// last bound is nearly that of a single look, as O'Brien and Fleming (1979). It is their
    /// one-sided function at `α/2`, once for each side, as published tables and programs have it.
    ObrienFleming,
}

/// The two-sided alpha that may be used up to a share `t` of the information, from 0 at nothing to
/// `alpha` at all of it (and beyond), and nothing where the share is not a number.
///
/// Information is what makes a standard error small: the share is the variance expected at the end
/// over the variance now, about the share of prompts.
pub fn spent(spending: Spending, alpha: f64, information: f64) -> f64 {
    let share = if information.is_nan() { 0.0 } else { information.clamp(0.0, 1.0) };
    match spending {
        Spending::Pocock => alpha * ((std::f64::consts::E - 1.0) * share).ln_1p(),
        Spending::ObrienFleming if share == 0.0 => 0.0,
        Spending::ObrienFleming => {
            4.0 * upper_tail(normal_quantile(1.0 - alpha / 4.0) / share.sqrt())
        }
    }
}

/// The bounds of |z| at looks taken at these shares of the information, given in rising order.
///
/// Under no effect, the chance that |z| first reaches its bound at a look is what the spending function
/// allows since the look before; so the chance that any does is `alpha` when the last share is 1. The
/// statistics of the looks are jointly normal with correlation `√(t₁/t₂)`, as sums of independent prompts
/// are, and their chances are integrated numerically from look to look (Armitage, McPherson and Rowe
/// 1969). A look without alpha to spend (no new information, or nothing spent yet) has an infinite bound.
pub fn look_bounds(spending: Spending, alpha: f64, information: &[f64]) -> Vec<f64> {
    let (mut paths, mut used) = (Paths::at_start(), 0.0);
    let mut reached = 0.0;
    let mut bound = |(look, &share): (usize, &f64)| {
        let (allowed, share) = (spent(spending, alpha, share) - used, share.min(1.0));
        let opens = allowed > 0.0 && share > reached;
        if !opens {
            return f64::INFINITY;
        }
        used += allowed;
        reached = share;
        let bound = paths.bound(share, allowed);
        // How finely the paths are followed depends on how far away the next look is.
        let next = information.get(look + 1).map_or(1.0, |next| next - share);
        paths = if share - paths.share >= FOLLOWED_MIN * share {
            paths.advance(share, bound, next)
        } else {
            paths.thin(share, bound)
        };
        bound
    };
    information.iter().enumerate().map(&mut bound).collect()
}

/// To a look that adds less than this share to the information so far, the paths are not followed: they are
/// only thinned by what crosses there. That makes later bounds a little too high, and keeps the number of
/// points of [`Paths`] bounded.
const FOLLOWED_MIN: f64 = 0.02;

/// Steps of the paths larger than this many standard deviations do not happen.
const STEPS_FAR: f64 = 9.0;

/// Where the sums are that have crossed no bound so far: points with weights, on the scale on which
/// the sum has variance `share`. They stand for a density that is symmetric about zero.
struct Paths {
    share: f64,
    points: Vec<(f64, f64)>,
}

impl Paths {
    fn at_start() -> Self {
        Self { share: 0.0, points: vec![(0.0, 1.0)] }
    }

    /// The bound that as large a part of the paths as `allowed` crosses at `share`.
    fn bound(&self, share: f64, allowed: f64) -> f64 {
        let (mut low, mut high) = (0.0, 40.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if self.crossing(share, middle) > allowed { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    /// The chance of first crossing `bound` at `share`.
    fn crossing(&self, share: f64, bound: f64) -> f64 {
        let (edge, step) = (bound * share.sqrt(), (share - self.share).sqrt());
        self.points.iter().map(|(at, weight)| 2.0 * weight * upper_tail((edge - at) / step)).sum()
    }

    /// The paths that do not cross `bound` at `share`, where they were before.
    fn thin(&self, share: f64, bound: f64) -> Self {
        let (edge, step) = (bound * share.sqrt(), (share - self.share).sqrt());
        let crosses = |at: f64| upper_tail((edge - at) / step) + upper_tail((edge + at) / step);
        let points = self.points.iter().map(|&(at, weight)| (at, weight * (1.0 - crosses(at))));
        Self { share: self.share, points: points.collect() }
    }

    /// The paths that do not cross `bound` at `share`, fine enough for a look that is `next` further.
    fn advance(&self, share: f64, bound: f64, next: f64) -> Self {
        let step = (share - self.share).sqrt();
        let density = |to: f64| -> f64 {
            let kernel = |at: f64| (-0.5 * ((to - at) / step).powi(2)).exp();
            let near = self.points.iter().filter(|(at, _)| (to - at).abs() < STEPS_FAR * step);
            let sum: f64 = near.map(|(at, weight)| weight * kernel(*at)).sum();
            sum / (step * (2.0 * std::f64::consts::PI).sqrt())
        };
        let edge = bound.min(STEPS_FAR) * share.sqrt();
        let width = 0.5 * step.min(next.max(FOLLOWED_MIN * share).sqrt());
        let points = legendre(edge, width).map(|(at, weight)| (at, weight * density(at)));
        Self { share, points: points.collect() }
    }
}

/// Points and weights that integrate from `-edge` to `edge`, by the five-point rule of Gauss and
/// Legendre (Abramowitz and Stegun 1964, table 25.4) on panels of at most `width`.
fn legendre(edge: f64, width: f64) -> impl Iterator<Item = (f64, f64)> {
    const RULE: [(f64, f64); 5] = [
        (-0.906_179_845_938_664, 0.236_926_885_056_189_08),
        (-0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    let half = edge / (2.0 * edge / width).ceil().max(1.0);
    let panels = (edge / half).round();
    let centers = (0_u32..).map(f64::from).take_while(move |panel| *panel < panels);
    centers.flat_map(move |panel| {
        let center = (2.0 * panel + 1.0) * half - edge;
        RULE.iter().map(move |(at, weight)| (center + half * at, half * weight))
    })
}

/// P(Z > z) of a standard normal.
fn upper_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}
