//! What money went to, and how limits stand, in words.

use iago_coordinator::spending;
use iago_protocol::wire::{LimitProgress, PoolProgress, Spend};
use iago_report::Spending;
use iago_store::Totals;
use iago_sweep::{Money, Plan, is_local};

use crate::watch::{counted, grouped};

/// The parts of a sum of money that are not nothing, as in `models $1.20, judges $0.30`; empty where all
/// of it went to models.
pub(crate) fn spend_words(spend: &Spend) -> String {
    let others = [
        ("judges", spend.judges),
        ("failed", spend.failed),
        ("late", spend.late),
        ("abandoned, at most", spend.abandoned),
        ("of unknown cost, at most", spend.unknown),
        ("reserved", spend.outstanding),
    ];
    let others = others.into_iter().filter(|(_, amount)| *amount != 0);
    let mut parts: Vec<String> =
        others.map(|(name, amount)| format!("{name} {}", Money(amount))).collect();
    if parts.is_empty() {
        return String::new();
    }
    parts.insert(0, format!("models {}", Money(spend.answered)));
    parts.join(", ")
}

/// A sum of money, with what it leaves out: a lower bound is never shown as if it were the whole.
pub(crate) fn sum_words(spent: Money, unpriced: u64) -> String {
    match unpriced {
        0 => spent.to_string(),
        unpriced => format!("{spent} + ?: unknown for {}", counted(unpriced, "execution")),
    }
}

/// What a sweep's money went to, by its store.
pub(crate) fn spend_of(totals: &Totals, plan: &Plan) -> Spend {
    let Spending { models, judges, failed, late, abandoned, .. } = spending(totals, plan);
    Spend {
        answered: models.0,
        judges: judges.0,
        failed: failed.0,
        late: late.0,
        abandoned: abandoned.0,
        ..Spend::default()
    }
}

/// A limit with where it is from, and what is used of it: `requests 950 of 1,000 a minute (told)`.
pub(crate) fn limit_words(limit: &LimitProgress) -> String {
    let per = if limit.per_day { "day" } else { "minute" };
    let is_money = limit.quantity == "picodollars";
    let amount = |amount: u64| {
        if is_money {
            Money(i64::try_from(amount).unwrap_or(i64::MAX)).to_string()
        } else {
            grouped(amount)
        }
    };
    let quantity = if is_money { "dollars" } else { limit.quantity.as_str() };
    match limit.limit {
        None => format!("{quantity} {} a {per}", amount(limit.used)),
        Some(most) => {
            let (used, most, source) = (amount(limit.used), amount(most), &limit.source);
            format!("{quantity} {used} of {most} a {per} ({source})")
        }
    }
}

/// How a pool stands, but for what it waits for. Jobs that are handed out may be more than calls that may
/// be under way: a worker has the next ones at hand.
pub(crate) fn pool_words(pool: &PoolProgress) -> String {
    let noun = noun(pool);
    let mut words = format!("{}: {} with workers", pool.name, counted(pool.in_flight, "job"));
    if pool.concurrency > 0 {
        words.extend([", at most ", &grouped(pool.concurrency.into()), " ", noun, " at once"]);
    }
    // What nobody knows a limit of is counted only in JSON.
    for limit in pool.limits.iter().filter(|limit| limit.limit.is_some()) {
        words.extend([", ", &limit_words(limit)]);
    }
    if pool.metered && pool.limits.iter().all(|limit| limit.limit.is_none()) {
        words.push_str(", no limit known yet");
    }
    if pool.waiting > 0 {
        words.extend([", ", &grouped(pool.waiting), " ", noun, " wait to begin"]);
    }
    words
}

/// What a pool waits for, if for anything.
pub(crate) fn wait_words(pool: &PoolProgress) -> Option<String> {
    match pool.waits_for.as_str() {
        "" if pool.full => {
            let waited_for = if is_local(&pool.name) { "scores" } else { "answers" };
            Some(format!("waits: {waited_for} ({} {} at once)", pool.concurrency, noun(pool)))
        }
        "" => None,
        reason => Some(format!("waits: {reason}")),
    }
}

/// What a pool has at once.
fn noun(pool: &PoolProgress) -> &'static str {
    if is_local(&pool.name) { "scores" } else { "calls" }
}

#[cfg(test)]
mod tests {
    use iago_store::Spent;
    use iago_sweep::{Stage, StageKind};

    use super::*;

    #[test]
    fn money_is_told_apart_by_what_it_went_to() {
        let spend = Spend { answered: 1_200_000_000_000, ..Spend::default() };
        assert_eq!(spend_words(&spend), "", "all of it went to models");
        let spend = Spend { judges: 300_000_000_000, outstanding: 50_000_000_000, ..spend };
        assert_eq!(spend_words(&spend), "models $1.20, judges $0.30, reserved $0.05");
    }

    #[test]
    fn what_has_no_price_is_no_part_of_a_sum() {
        let spent = Money(120_000_000_000);
        assert_eq!(sum_words(spent, 3_000), "$0.12 + ?: unknown for 3,000 executions");
        assert_eq!(sum_words(Money::ZERO, 1), "$0 + ?: unknown for 1 execution");
        assert_eq!(sum_words(spent, 0), "$0.12");
    }

    #[test]
    fn a_helper_is_paid_for_as_a_judge_is() {
        let stage = |helper: Option<&str>| Stage {
            name: "ask".to_owned(),
            kind: StageKind::Generate {
                follows: None,
                helper: helper.map(str::to_owned),
                messages: Vec::new(),
                fields: Vec::new(),
                again: None,
            },
        };
        let plan = Plan { stages: vec![stage(None), stage(Some("helper"))], ..Plan::default() };
        let mut totals = Totals::default();
        for (stage, cost) in [(0, 5), (1, 7)] {
            let spent = Spent { executions: 1, calls: 1, cost: Money(cost), unpriced: 0 };
            totals.spent.stages.insert(stage, spent);
        }
        totals.spent.failures.cost = Money(2);
        let spend = spend_of(&totals, &plan);
        assert_eq!((spend.answered, spend.judges, spend.failed), (5, 7, 2));
    }

    #[test]
    fn a_limit_says_where_it_is_from() {
        let limit = LimitProgress {
            quantity: "input tokens".to_owned(),
            limit: Some(450_000),
            source: "configured".to_owned(),
            used: 12_000,
            ..LimitProgress::default()
        };
        assert_eq!(limit_words(&limit), "input tokens 12,000 of 450,000 a minute (configured)");
        let money = LimitProgress {
            quantity: "picodollars".to_owned(),
            per_day: true,
            limit: Some(50_000_000_000_000),
            used: 1_500_000_000_000,
            ..limit.clone()
        };
        assert_eq!(limit_words(&money), "dollars $1.50 of $50.00 a day (configured)");
        let pool = PoolProgress {
            name: "x".to_owned(),
            in_flight: 3,
            concurrency: 32,
            waiting: 7,
            limits: vec![limit, LimitProgress { used: 9, ..LimitProgress::default() }],
            ..PoolProgress::default()
        };
        assert_eq!(
            pool_words(&pool),
            "x: 3 jobs with workers, at most 32 calls at once, input tokens 12,000 of 450,000 a minute \
             (configured), 7 calls wait to begin"
        );
        assert_eq!(wait_words(&pool), None);
        let unknown = PoolProgress {
            name: "y".to_owned(),
            in_flight: 1,
            metered: true,
            waits_for: "the endpoint asked for a pause: 3 s left".to_owned(),
            ..PoolProgress::default()
        };
        assert_eq!(pool_words(&unknown), "y: 1 job with workers, no limit known yet");
        let wait = "waits: the endpoint asked for a pause: 3 s left";
        assert_eq!(wait_words(&unknown).as_deref(), Some(wait));
    }

    #[test]
    fn a_full_pool_of_scores_waits_for_scores_and_not_for_answers() {
        let full = |name: &str| PoolProgress {
            name: name.to_owned(),
            full: true,
            concurrency: 2,
            ..PoolProgress::default()
        };
        let wait = |name| wait_words(&full(name));
        assert_eq!(wait("local.exact").as_deref(), Some("waits: scores (2 scores at once)"));
        assert_eq!(wait("locality").as_deref(), Some("waits: answers (2 calls at once)"));
    }
}
