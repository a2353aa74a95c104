//! Whether raters agree with each other.

/// The kappa of Fleiss (1971): agreement of pairs of raters beyond what their shares of the categories
/// make by chance, `(P − Pₑ) / (1 − Pₑ)`.
///
/// `items` hold, for each item, how many raters chose each category. P is the mean over items of the
/// share of pairs of its raters that agree, `Σⱼ nⱼ(nⱼ−1) / n(n−1)`; Pₑ is `Σⱼ qⱼ²` with qⱼ the share of
/// all ratings in category j. Raters need not be the same, nor as many, for every item. Items with
/// fewer than two raters are left out. 1 is perfect agreement, 0 what chance makes; it has no unit.
/// `None` when no item is left, or when all ratings are in one category: then nothing could disagree.
pub fn fleiss_kappa(items: &[Vec<u32>]) -> Option<f64> {
    let rated: Vec<&Vec<u32>> = items.iter().filter(|item| raters(item) >= 2.0).collect();
    let all: f64 = rated.iter().map(|item| raters(item)).sum();
    let agreed = rated.iter().map(|item| agreeing_pairs(item)).sum::<f64>() / rated.len() as f64;
    let categories = rated.iter().map(|item| item.len()).max()?;
    let chosen = |category| -> f64 {
        rated.iter().filter_map(|item| item.get(category)).map(|n| f64::from(*n)).sum()
    };
    let by_chance: f64 = (0..categories).map(|category| (chosen(category) / all).powi(2)).sum();
    (by_chance < 1.0).then(|| (agreed - by_chance) / (1.0 - by_chance))
}

fn raters(item: &[u32]) -> f64 {
    item.iter().map(|n| f64::from(*n)).sum()
}

/// The share of pairs of an item's raters that chose the same category.
fn agreeing_pairs(item: &[u32]) -> f64 {
    let pairs = |n: f64| n * (n - 1.0);
    item.iter().map(|n| pairs(f64::from(*n))).sum::<f64>() / pairs(raters(item))
}
