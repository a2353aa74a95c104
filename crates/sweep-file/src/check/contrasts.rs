//! A difference is between two levels that exist, and averages over nothing in silence.

use iago_sweep::{Contrast, Plan};

use super::coverage::{Coverage, Grid};
use crate::fault::Faults;
use crate::read::MODEL;
use crate::tree::item_key;
use iago_expression::suggest;

/// Checks what contrasts refer to, that `by` names everything that they would pool, and that there
/// is something to compare. `tables` says which table each contrast is from, counted from 0.
pub(crate) fn check_contrasts(faults: &Faults<'_>, plan: &Plan, tables: &[usize]) {
    let grid = Grid::of(plan);
    for (position, (contrast, table)) in plan.contrasts.iter().zip(tables).enumerate() {
        let check = ContrastCheck { faults, plan, grid: &grid, key: item_key("contrasts", *table) };
        check.check(contrast);
        let mut earlier = plan.contrasts.iter().zip(tables).take(position);
        if earlier.any(|(other, from)| from != table && other.name == contrast.name) {
            check.fault("name", &format!("`{}` is there twice; rename one", contrast.name));
        }
    }
}

struct ContrastCheck<'a> {
    faults: &'a Faults<'a>,
    plan: &'a Plan,
    grid: &'a Grid<'a>,
    key: String,
}

impl ContrastCheck<'_> {
    fn check(&self, contrast: &Contrast) {
        self.check_measure(&contrast.measure);
        let mut is_sound = self.check_levels("", &contrast.factor, &contrast.from, &contrast.to);
        if let Some(minus) = &contrast.minus {
            is_sound &= self.check_levels("minus.", &minus.factor, &minus.from, &minus.to);
            if minus.factor == contrast.factor {
                is_sound = false;
                self.fault(
                    "minus.factor",
                    "is the factor that is compared already; name another one",
                );
            }
        }
        // Under a misspelt name, everything would seem to be pooled.
        if self.check_by(contrast)
            && self.list_levels(&contrast.factor).is_some()
            && let Some(coverage) = self.grid.cover(contrast)
        {
            let split = split(contrast, &coverage);
            let is_comparable = self.grid.cover(&split).is_some_and(|split| split.is_comparable);
            if is_sound && !is_comparable {
                self.report_nothing_to_compare(contrast);
            } else if !coverage.pooled.is_empty() {
                self.report_pooling(&split, &coverage);
            }
        }
    }

    fn check_measure(&self, name: &str) {
        let names = || self.plan.measures.iter().map(|measure| measure.name.as_str());
        if !names().any(|known| known == name) {
            let known: Vec<&str> = names().collect();
            let advice = suggest(name, "measures", known.iter().copied());
            self.fault("measure", &format!("there is no measure `{name}`; {advice}"));
        }
    }

    fn check_levels(&self, within: &str, factor: &str, from: &str, to: &str) -> bool {
        let Some(levels) = self.list_levels(factor) else {
            let advice = suggest(factor, "factors", self.list_factors());
            self.fault(
                &format!("{within}factor"),
                &format!("there is no factor `{factor}`; {advice}"),
            );
            return false;
        };
        let noun = if factor == MODEL { "models" } else { "levels" };
        let unknown =
            [("from", from), ("to", to)].into_iter().filter(|(_, level)| !levels.contains(level));
        let mut is_sound = true;
        for (end, level) in unknown {
            is_sound = false;
            let advice = suggest(level, noun, levels.iter().copied());
            let what = if factor == MODEL {
                format!("there is no model `{level}`")
            } else {
                format!("`{factor}` has no level `{level}`")
            };
            self.fault(&format!("{within}{end}"), &format!("{what}; {advice}"));
        }
        if from == to {
            is_sound = false;
            self.fault(
                &format!("{within}to"),
                "is the same level as `from`, so the difference is nothing; name another",
            );
        }
        is_sound
    }

    /// Whether all names of `by` are there.
    fn check_by(&self, contrast: &Contrast) -> bool {
        let known: Vec<&str> = std::iter::once(MODEL).chain(self.list_factors()).collect();
        let mut are_known = true;
        for (position, name) in contrast.by.iter().enumerate() {
            let key = item_key("by", position);
            if !known.contains(&name.as_str()) {
                are_known = false;
                let advice = suggest(name, "names", known.iter().copied());
                self.fault(&key, &format!("there is no factor `{name}`; {advice}"));
            } else if contrast.by[..position].contains(name) {
                self.fault(&key, &format!("`{name}` is there twice; take one out"));
            } else if is_compared(contrast, name) {
                self.fault(
                    &key,
                    &format!(
                        "`{name}` is what is compared, so there is no estimate by it; take it out"
                    ),
                );
            }
        }
        are_known
    }

    /// An average over conditions is a claim about a mixture that nobody chose, and so is a difference
    /// between two conditions that differ in more than one thing.
    fn report_pooling(&self, split: &Contrast, coverage: &Coverage<'_>) {
        let named: Vec<String> = coverage.pooled.iter().map(|name| format!("`{name}`")).collect();
        let list: Vec<String> = split.by.iter().map(|name| format!("\"{name}\"")).collect();
        let (named, list) = (named.join(" and "), list.join(", "));
        self.fault(
            "by",
            &format!(
                "the contrast would pool over {named}; write `by = [{list}]` for one estimate each"
            ),
        );
    }

    fn report_nothing_to_compare(&self, contrast: &Contrast) {
        let Contrast { factor, from, to, measure, .. } = contrast;
        let sides = match &contrast.minus {
            Some(minus) => format!(
                "`{from}` and `{to}`, each under `{}` and `{}` of `{}`,",
                minus.from, minus.to, minus.factor
            ),
            None => format!("`{from}` and `{to}`"),
        };
        self.fault(
            "factor",
            &format!(
                "has nothing to compare: no cells of {sides} meet that differ in `{factor}` alone \
                 and that `{measure}` speaks of; see `exclude`, and the measure's `where`"
            ),
        );
    }

    /// The levels of a factor, or the models; `None` where there is no such factor.
    fn list_levels(&self, factor: &str) -> Option<Vec<&str>> {
        if factor == MODEL {
            return Some(self.plan.models.iter().map(|model| model.name.as_str()).collect());
        }
        let found = self.plan.factors.iter().find(|candidate| candidate.name == factor)?;
        Some(found.levels.iter().map(|level| level.name.as_str()).collect())
    }

    fn list_factors(&self) -> Vec<&str> {
        self.plan.factors.iter().map(|factor| factor.name.as_str()).collect()
    }

    fn fault(&self, name: &str, message: &str) {
        self.faults.add(format!("{}.{name}", self.key), message);
    }
}

/// The contrast with an estimate for each combination of what it would pool.
fn split(contrast: &Contrast, coverage: &Coverage<'_>) -> Contrast {
    let pooled = coverage.pooled.iter().map(|name| (*name).to_owned());
    let by = contrast.by.iter().cloned().chain(pooled).collect();
    Contrast { by, ..contrast.clone() }
}

/// Whether a name is one whose levels a contrast compares.
pub(super) fn is_compared(contrast: &Contrast, name: &str) -> bool {
    contrast.factor == name || contrast.minus.as_ref().is_some_and(|minus| minus.factor == name)
}
