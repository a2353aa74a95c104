//! What the money of a sweep went to.

use iago_report::Spending;
use iago_store::Totals;
use iago_sweep::Plan;

use crate::shape::asks_judge;

/// What the money of a sweep went to, by its store: which stages grade is the plan's to say.
pub fn spending(totals: &Totals, plan: &Plan) -> Spending {
    let spent = &totals.spent;
    let mut told = Spending {
        failed: spent.failures.cost,
        late: spent.late.cost,
        abandoned: spent.abandoned.cost,
        unpriced: totals.unpriced,
        ..Spending::default()
    };
    for (number, of) in &spent.stages {
        let stage = plan.stages.get(*number as usize);
        let grades = stage.is_some_and(|stage| asks_judge(&stage.kind));
        *(if grades { &mut told.judges } else { &mut told.models }) += of.cost;
    }
    told
}
