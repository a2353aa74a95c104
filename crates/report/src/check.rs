//! Whether a plan's contrasts compare what the plan has.

use iago_sweep::Plan;

use crate::axes::{MODEL, levels_of};
use crate::error::ReportError;

/// A plan that a file made passes; a stored one of another version might not.
pub(crate) fn check_contrasts(plan: &Plan) -> Result<(), ReportError> {
    for contrast in &plan.contrasts {
        let name = || contrast.name.clone();
        if !plan.measures.iter().any(|measure| measure.name == contrast.measure) {
            return Err(ReportError::NoMeasure {
                contrast: name(),
                measure: contrast.measure.clone(),
            });
        }
        let minus = contrast.minus.as_ref();
        let minus_sides =
            minus.map(|minus| [(&minus.factor, &minus.from), (&minus.factor, &minus.to)]);
        let sides = [(&contrast.factor, &contrast.from), (&contrast.factor, &contrast.to)];
        for (axis, level) in sides.into_iter().chain(minus_sides.into_iter().flatten()) {
            if !levels_of(plan, axis).is_some_and(|levels| levels.contains(&level.as_str())) {
                return Err(ReportError::NoLevel {
                    contrast: name(),
                    axis: axis.clone(),
                    level: level.clone(),
                });
            }
        }
        if let Some(axis) =
            contrast.by.iter().find(|axis| *axis != MODEL && levels_of(plan, axis).is_none())
        {
            return Err(ReportError::NoAxis { contrast: name(), axis: axis.clone() });
        }
    }
    Ok(())
}
