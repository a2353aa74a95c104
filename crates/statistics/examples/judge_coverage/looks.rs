//! How often several looks find something where there is nothing.

use iago_statistics::{Spending, look_bounds, normal_quantile};

use crate::dice::Dice;
use crate::share::shares;

const ALPHA: f64 = 0.05;

pub(crate) fn print() {
    println!("| looks at | uncorrected | Pocock | O'Brien-Fleming |");
    println!("|---|---|---|---|");
    let plans: [&[f64]; 5] = [
        &[1.0],
        &[0.5, 1.0],
        &[0.25, 0.5, 0.75, 1.0],
        &[0.2, 0.4, 0.6, 0.8, 1.0],
        &[0.1, 0.15, 0.9, 1.0],
    ];
    for information in plans {
        let uncorrected = vec![normal_quantile(1.0 - ALPHA / 2.0); information.len()];
        let [pocock, fleming] = [Spending::Pocock, Spending::ObrienFleming]
            .map(|spending| look_bounds(spending, ALPHA, information));
        let [none, pocock, fleming] = shares(14, |dice| {
            let z = walk(dice, information);
            [&uncorrected, &pocock, &fleming].map(|bounds| crosses(&z, bounds))
        });
        let found = [none, pocock, fleming].map(|share| format!("{:.1}", 100.0 * share));
        let at: Vec<String> = information.iter().map(ToString::to_string).collect();
        println!("| {} | {} |", at.join(", "), found.join(" | "));
    }
    println!();
}

/// The z of a comparison without an effect at each share of its information.
fn walk(dice: &mut Dice, information: &[f64]) -> Vec<f64> {
    let (mut sum, mut before) = (0.0, 0.0);
    let mut look = |share: &f64| {
        sum += (share - before).sqrt() * dice.normal();
        before = *share;
        sum / share.sqrt()
    };
    information.iter().map(&mut look).collect()
}

fn crosses(z: &[f64], bounds: &[f64]) -> bool {
    z.iter().zip(bounds).any(|(z, bound)| z.abs() >= *bound)
}
