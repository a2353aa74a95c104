//! Whether a sample looks drawn at random from what it is a part of.

/// The two-sided exact p-value of a sample drawn without regard to yes and no: `min(1, 2 · min(P(X ≤ x),
/// P(X ≥ x)))`, where X, the yes among `drawn.1` of `all.1`, is hypergeometric.
///
/// Both are (yes, of), the sample and all that it was drawn from. Small where the sample holds more yes, or
/// fewer, than chance would have put there. 1 for a sample that is no part of `all`: of that it knows
/// nothing.
pub fn hypergeometric_exact(drawn: (u64, u64), all: (u64, u64)) -> f64 {
    let ((seen, draws), (yes, of)) = (drawn, all);
    if draws > of || yes > of || seen > draws.min(yes) || draws - seen > of - yes {
        return 1.0;
    }
    let (lowest, highest) = (draws.saturating_sub(of - yes), draws.min(yes));
    // Outwards from the likeliest, so that nothing near it is lost to rounding.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between zero and the draws, and is only where to begin"
    )]
    let mode = ((draws + 1) as f64 * (yes + 1) as f64 / (of + 2) as f64) as u64;
    let mode = mode.clamp(lowest, highest);
    let up = (mode..highest).scan(1.0, |chance, x| step(chance, up_from(x, draws, yes, of)));
    let down = (lowest..mode)
        .rev()
        .scan(1.0, |chance, x| step(chance, up_from(x, draws, yes, of).recip()));
    let chances = || {
        let below = (lowest..mode).rev().zip(down.clone());
        below.chain([(mode, 1.0)]).chain((mode + 1..=highest).zip(up.clone()))
    };
    let sum = |holds: &dyn Fn(u64) -> bool| -> f64 {
        chances().filter(|(x, _)| holds(*x)).map(|(_, chance)| chance).sum()
    };
    let (total, fewer, more) = (sum(&|_| true), sum(&|x| x <= seen), sum(&|x| x >= seen));
    (2.0 * fewer.min(more) / total).clamp(f64::MIN_POSITIVE, 1.0)
}

/// P(X = x + 1) / P(X = x).
fn up_from(x: u64, draws: u64, yes: u64, of: u64) -> f64 {
    let gained = (yes - x) as f64 * (draws - x) as f64;
    gained / ((x + 1) as f64 * (of + x + 1 - yes - draws) as f64)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that a scan asks for")]
fn step(chance: &mut f64, ratio: f64) -> Option<f64> {
    *chance *= ratio;
    Some(*chance)
}
