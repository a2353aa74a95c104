//! A difference is between two levels that exist, and averages over nothing in silence.

use iago_sweep::{Contrast, Factor, Plan};

use crate::fault::Faults;
use crate::nearest::suggest;
use crate::tree::item_key;

/// What `by` calls the models.
const MODEL: &str = "model";

/// Checks what contrasts refer to, and that `by` names everything that they would pool.
pub(crate) fn check_contrasts(faults: &Faults<'_>, plan: &Plan) {
    for (position, contrast) in plan.contrasts.iter().enumerate() {
        ContrastCheck { faults, plan, key: item_key("contrasts", position) }.check(contrast);
    }
}

struct ContrastCheck<'a> {
    faults: &'a Faults<'a>,
    plan: &'a Plan,
    key: String,
}

impl ContrastCheck<'_> {
    fn check(&self, contrast: &Contrast) {
        self.check_measure(&contrast.measure);
        self.check_levels("", &contrast.factor, &contrast.from, &contrast.to);
        if let Some(minus) = &contrast.minus {
            self.check_levels("minus.", &minus.factor, &minus.from, &minus.to);
            if minus.factor == contrast.factor {
                self.fault(
                    "minus.factor",
                    "is the factor that is compared already; name another one",
                );
            }
        }
        self.check_by(contrast);
        // Under a misspelt factor, everything would seem to be pooled.
        if self.find_factor(&contrast.factor).is_some() {
            self.check_pooling(contrast);
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

    fn check_levels(&self, within: &str, factor: &str, from: &str, to: &str) {
        let Some(found) = self.find_factor(factor) else {
            let names: Vec<&str> =
                self.plan.factors.iter().map(|factor| factor.name.as_str()).collect();
            let advice = suggest(factor, "factors", names.iter().copied());
            self.fault(
                &format!("{within}factor"),
                &format!("there is no factor `{factor}`; {advice}"),
            );
            return;
        };
        let levels: Vec<&str> = found.levels.iter().map(|level| level.name.as_str()).collect();
        for (end, level) in [("from", from), ("to", to)] {
            if !levels.contains(&level) {
                let advice = suggest(level, "levels", levels.iter().copied());
                self.fault(
                    &format!("{within}{end}"),
                    &format!("`{factor}` has no level `{level}`; {advice}"),
                );
            }
        }
        if from == to {
            self.fault(
                &format!("{within}to"),
                "is the same level as `from`, so the difference is nothing; name another",
            );
        }
    }

    fn check_by(&self, contrast: &Contrast) {
        let known: Vec<&str> = std::iter::once(MODEL)
            .chain(self.plan.factors.iter().map(|factor| factor.name.as_str()))
            .collect();
        for (position, name) in contrast.by.iter().enumerate() {
            let key = item_key("by", position);
            if !known.contains(&name.as_str()) {
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
    }

    /// An average over conditions is a claim about a mixture that nobody chose.
    fn check_pooling(&self, contrast: &Contrast) {
        let models = (MODEL, self.plan.models.len());
        let factors =
            self.plan.factors.iter().map(|factor| (factor.name.as_str(), factor.levels.len()));
        let pooled: Vec<&str> = std::iter::once(models)
            .chain(factors)
            .filter(|(name, size)| *size > 1 && !is_compared(contrast, name))
            .map(|(name, _)| name)
            .filter(|name| !contrast.by.iter().any(|by| by == name))
            .collect();
        if !pooled.is_empty() {
            let named =
                pooled.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
            let list: Vec<String> = contrast
                .by
                .iter()
                .map(String::as_str)
                .chain(pooled)
                .map(|name| format!("\"{name}\""))
                .collect();
            let list = list.join(", ");
            self.fault(
                "by",
                &format!(
                    "the contrast would pool over {named}; write `by = \
                [{list}]` for one estimate each"
                ),
            );
        }
    }

    fn find_factor(&self, name: &str) -> Option<&Factor> {
        self.plan.factors.iter().find(|factor| factor.name == name)
    }

    fn fault(&self, name: &str, message: &str) {
        self.faults.add(format!("{}.{name}", self.key), message);
    }
}

fn is_compared(contrast: &Contrast, name: &str) -> bool {
    contrast.factor == name || contrast.minus.as_ref().is_some_and(|minus| minus.factor == name)
}
