//! Many tests at once.

/// Step-down p-values of Holm (1979), in the order of the input.
///
/// The k-th smallest of n is multiplied by `n − k + 1`, made monotone and capped at 1. Controls
/// the chance of any false claim in the family under every dependence between the tests. Expects
/// p-values in `0..=1`.
pub fn holm(p: &[f64]) -> Vec<f64> {
    debug_assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "not p-values: {p:?}");
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));

    let mut adjusted = vec![0.0; p.len()];
    let mut floor: f64 = 0.0;
    for (rank, &index) in order.iter().enumerate() {
        floor = floor.max(p[index] * (p.len() - rank) as f64).min(1.0);
        adjusted[index] = floor;
    }
    adjusted
}
