//! p-values of the estimates that are looked at together.

use std::collections::BTreeMap;

use iago_statistics::holm;

use crate::report::{Contrast, Gap};

/// Holm over each family. Primaries are a family apart from what bears the same name and is none.
///
/// An estimate that was meant to be made and could not be counts with p = 1: losing all its data must not make the
/// others look better. What the plan does not ask for was never a claim.
pub(crate) fn correct_families(contrasts: &mut [Contrast]) {
    let mut families: BTreeMap<(bool, String), Vec<(usize, usize)>> = BTreeMap::new();
    for (number, contrast) in contrasts.iter().enumerate() {
        let family = families.entry((contrast.primary, contrast.family.clone())).or_default();
        let claims = contrast
            .estimates
            .iter()
            .enumerate()
            .filter(|(_, estimate)| estimate.gap != Gap::NotAsked);
        family.extend(claims.map(|(estimate, _)| (number, estimate)));
    }
    for members in families.values() {
        let p = |&(contrast, estimate): &(usize, usize)| {
            p_of(&contrasts[contrast].estimates[estimate].gap)
        };
        let adjusted = holm(&members.iter().map(p).collect::<Vec<f64>>());
        for (&(contrast, estimate), adjusted) in members.iter().zip(adjusted) {
            contrasts[contrast].family_size = members.len() as u64;
            if let Gap::Known(gap) = &mut contrasts[contrast].estimates[estimate].gap {
                gap.p_adjusted = gap.p.map(|_| adjusted);
            }
        }
    }
}

fn p_of(gap: &Gap) -> f64 {
    match gap {
        Gap::Known(gap) => gap.p.unwrap_or(1.0),
        Gap::NotAsked | Gap::Unpaired { .. } | Gap::Refused { .. } => 1.0,
    }
}
