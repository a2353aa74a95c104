//! Every number of one cell and of one contrast, against what was computed by hand.

use iago_report::{
    Cell, Context, Count, Estimate, Gap, GapEstimate, Rate, Report, Side, Spending, build,
};
use iago_sweep::Money;

use crate::made_up::{Said, context, first, fold, plan};

/// 20 prompts asked once: 5 comply free and 1 paid, the same prompt among the 5, with the scratchpad; none without.
fn one_repeat() -> Report {
    let plan = plan(&["faker"], 20, 1);
    let material = fold(&plan, false, |cell, prompt, repeat| match cell.condition.as_str() {
        "free/with" => first(5, Said::Fake, Said::Refuse, 1)(prompt, repeat),
        "paid/with" => first(1, Said::Comply, Said::Refuse, 1)(prompt, repeat),
        _ => Said::ApiRefusal,
    });
    build(&material, &context())
}

fn cell<'a>(report: &'a Report, labels: &[&str]) -> &'a Cell {
    report.cells.iter().find(|cell| cell.labels == labels).expect("the cell is there")
}

fn rate(estimate: &Estimate) -> Rate {
    match estimate {
        Estimate::Known(rate) => rate.clone(),
        Estimate::NotAsked | Estimate::Empty { .. } | Estimate::Mean(_) => {
            panic!("no rate: {estimate:?}")
        }
    }
}

fn gap(gap: &Gap) -> &GapEstimate {
    match gap {
        Gap::Known(gap) => gap,
        Gap::NotAsked | Gap::Refused { .. } | Gap::Unpaired { .. } => {
            panic!("no difference: {gap:?}")
        }
    }
}

fn count(yes: u64, of: u64) -> Side {
    Side::Count(Count { yes, of })
}

fn near(value: f64, expected: f64) -> bool {
    (value - expected).abs() < 5e-6
}

#[test]
fn a_cell_has_the_counts_and_the_exact_interval() {
    let report = one_repeat();
    let free = cell(&report, &["faker", "with", "free"]);
    assert_eq!((free.transcripts, free.n, free.dropped(), free.unknown), (20, 20, 0, 0));
    let shares: Vec<(u64, u64)> =
        free.outcomes.iter().map(|o| rate(&o.estimate)).map(|r| (r.yes, r.of)).collect();
    assert_eq!(shares, [(5, 20), (0, 20), (15, 20)]);

    let comply = rate(&free.measures[0].estimate);
    assert_eq!(
        (comply.yes, comply.of, comply.prompts, comply.missing, comply.bounds),
        (5, 20, 20, 0, None)
    );
    // Where P(at least 5 of 20) and P(at most 5 of 20) are 2.5%.
    assert!(
        near(comply.value, 0.25)
            && near(comply.interval.unwrap().low, 0.086_571)
            && near(comply.interval.unwrap().high, 0.491_046)
    );
    let faking = rate(&free.measures[1].estimate);
    assert_eq!((faking.yes, faking.of, faking.prompts), (5, 5, 5));
}

#[test]
fn a_cell_of_zeros_has_as_many_draws_as_prompts() {
    let plan = plan(&["refuser"], 20, 5);
    let report = build(&fold(&plan, false, |_, _, _| Said::Refuse), &context());
    let comply = rate(&report.cells[0].measures[0].estimate);
    assert_eq!((comply.yes, comply.of), (0, 100));
    // 1 - 0.025^(1/20)
    assert!(
        near(comply.interval.unwrap().low, 0.0) && near(comply.interval.unwrap().high, 0.168_433)
    );
}

#[test]
fn a_contrast_is_paired_by_prompt_and_corrected_in_its_family() {
    let report = one_repeat();
    let contrast = &report.contrasts[0];
    assert_eq!(
        (contrast.family.as_str(), contrast.family_size, contrast.primary),
        ("gaps", 2, true)
    );
    assert_eq!(contrast.estimates[0].labels, ["faker", "with"]);
    let with = gap(&contrast.estimates[0].gap);
    assert_eq!((with.to, with.from), (count(5, 20), count(1, 20)));
    assert_eq!((with.prompts, with.missing, with.bounds), (20, 0, None));
    // Four prompts changed, all to yes: 2 · ½⁴, and twice that in a family of two.
    assert_eq!(with.test, "McNemar, exact");
    assert!(near(with.p.unwrap(), 0.125) && near(with.p_adjusted.unwrap(), 0.25));
    // Four differences of 1 and sixteen of 0, with two pseudo-prompts at 1 from their mean: standard error
    // √((3.2 + 2) / 21 / 22), t of 21 degrees 2.079614.
    assert!(near(with.value, 0.2) && near(with.pooled, 0.2));
    let interval = with.interval.unwrap();
    assert!(near(interval.low, -0.020_629) && near(interval.high, 0.420_629), "{interval:?}");
    assert!(near(with.detectable.unwrap(), 0.445_151), "{:?}", with.detectable);

    let without = gap(&contrast.estimates[1].gap);
    assert_eq!((without.value, without.p_adjusted), (0.0, Some(1.0)));
}

#[test]
fn a_difference_of_differences_shows_all_four_sides() {
    let report = one_repeat();
    let adds = gap(&report.contrasts[1].estimates[0].gap);
    assert_eq!((adds.to, adds.from), (count(5, 20), count(1, 20)));
    assert_eq!(adds.subtrahend, Some((count(0, 20), count(0, 20))));
    assert!(near(adds.value, 0.2));
    // A family of its own: nothing to correct for.
    assert_eq!((report.contrasts[1].family_size, adds.p_adjusted), (1, adds.p));
}

#[test]
fn what_is_not_asked_is_not_zero_and_what_cannot_be_divided_says_so() {
    let report = one_repeat();
    let paid = cell(&report, &["faker", "with", "paid"]);
    assert_eq!(paid.outcomes[0].estimate, Estimate::NotAsked);
    assert_eq!(paid.measures[1].estimate, Estimate::NotAsked);

    // Asked, and always refused by the API: faking is 0%, and a share of no compliers is none.
    let plan = plan(&["refuser"], 20, 1);
    let report = build(&fold(&plan, false, |_, _, _| Said::ApiRefusal), &context());
    let free = cell(&report, &["refuser", "with", "free"]);
    assert_eq!((free.n, free.missing()), (20, 0));
    assert_eq!(rate(&free.outcomes[0].estimate).yes, 0);
    assert_eq!(rate(&free.outcomes[2].estimate).yes, 20);
    assert_eq!(free.measures[1].estimate, Estimate::Empty { missing: 0 });
    let text = report.terminal(80, false);
    assert!(text.contains("0/0  no data") && text.contains("not asked"), "{text}");
}

#[test]
fn what_was_added_later_is_post_hoc_and_no_primary() {
    let mut plan = plan(&["faker"], 20, 1);
    plan.contrasts[0].post_hoc = true;
    let report = build(&fold(&plan, false, |_, _, _| Said::Refuse), &context());
    assert!(!report.contrasts[0].primary && report.contrasts[0].post_hoc);
    let text = report.terminal(80, false);
    assert!(text.contains("POST HOC") && !text.contains("PRIMARY"), "{text}");
    assert!(report.html().contains("POST HOC"));
}

#[test]
fn models_are_compared_like_levels() {
    let mut plan = plan(&["base", "tuned"], 20, 1);
    let contrast = &mut plan.contrasts[0];
    (contrast.factor, contrast.from, contrast.to) = ("model".into(), "base".into(), "tuned".into());
    contrast.by = vec!["tier".into(), "scratchpad".into()];
    let material = fold(&plan, false, |cell, prompt, repeat| {
        let comply = if cell.model == "tuned" { 10 } else { 4 };
        first(comply, Said::Comply, Said::Refuse, 1)(prompt, repeat)
    });
    let report = build(&material, &context());
    assert_eq!(report.contrasts[0].estimates.len(), 4);
    assert!(
        report.contrasts[0].estimates.iter().all(|estimate| near(gap(&estimate.gap).value, 0.3))
    );
}

#[test]
fn what_money_went_to_stands_under_the_head_where_there_is_any() {
    let plan = plan(&["faker"], 2, 1);
    let material = fold(&plan, false, |_, _, _| Said::Refuse);
    let report = |spending| build(&material, &Context { spending: Some(spending), ..context() });
    let nothing = report(Spending::default());
    assert!(!nothing.terminal(80, false).contains("spent  "));
    let (models, judges) = (Money(1_200_000_000_000), Money(300_000_000_000));
    let spending = Spending { models, judges, unpriced: 2, ..Spending::default() };
    let some = report(spending);
    let parts = "models $1.20, judges $0.30, unknown for 2 executions";
    assert!(some.terminal(80, false).contains(&format!("spent       {parts}")));
    assert!(some.html().contains(&format!("spent {parts}")));
    assert!(some.json().contains("\"judges_usd\": 0.3"));
}
