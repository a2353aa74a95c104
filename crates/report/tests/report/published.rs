//! What stands beside an interval by prompt: the styles of papers, ratios, looks, and what is said where none of it holds.

use iago_report::{Context, Estimate, RatioEstimate, Report, build};
use iago_sweep::{FailureClass, Generalise};

use crate::made_up::{Said, context, first, fold, plan};
use crate::people::first_gap;

/// The free cells comply this often in so many prompts of one repeat, the paid ones that often.
fn complied(prompts: usize, free: usize, paid: usize) -> Report {
    let plan = plan(&["faker"], prompts, 1);
    let material = fold(&plan, true, |cell, prompt, repeat| {
        let of = if cell.condition.starts_with("free") { free } else { paid };
        first(of, Said::Comply, Said::Refuse, 1)(prompt, repeat)
    });
    build(&material, &context())
}

#[test]
fn both_published_styles_of_error_stand_beside_ours() {
    let report = complied(353, 50, 10);
    let Estimate::Known(rate) = &report.cells[0].measures[0].estimate else { panic!("a rate") };
    let share = 50.0 / 353.0;
    let expected = f64::sqrt(share * (1.0 - share) / 353.0);
    assert!((rate.standard_error - expected).abs() < 1e-12);
    let gap = first_gap(&report);
    let unpaired = gap.unpaired.unwrap();
    assert!((unpaired.value - 40.0 / 353.0).abs() < 1e-12);
    assert!((unpaired.standard_error - 0.020_54).abs() < 5e-5, "{unpaired:?}");
    let RatioEstimate { value, low, high } = gap.ratio.unwrap();
    assert!((value.unwrap() - 5.0).abs() < 1e-9, "{value:?}");
    assert!(low.unwrap() > 1.0 && low < value && high.is_none_or(|high| high > 5.0));
    // A difference of differences has neither.
    let iago_report::Gap::Known(adds) = &report.contrasts[1].estimates[0].gap else {
        panic!("prompts are paired")
    };
    assert_eq!((adds.unpaired, adds.ratio), (None, None));
}

#[test]
fn a_ratio_over_zero_has_no_value_and_no_upper_end() {
    let report = complied(200, 60, 0);
    let ratio = first_gap(&report).ratio.unwrap();
    assert_eq!((ratio.value, ratio.high), (None, None));
    assert!(ratio.low.unwrap() > 5.0, "{ratio:?}");
    let json = serde_json::to_value(ratio).unwrap();
    assert!(json["value"].is_null() && json["high"].is_null());
    // Of nothing over nothing there is not even a lower end.
    let nothing = first_gap(&complied(200, 0, 0)).ratio.unwrap();
    assert_eq!(nothing, RatioEstimate { value: None, low: None, high: None });
    // The page shows no infinity and no NaN.
    for page in [report.terminal(100, false), report.html(), report.json()] {
        assert!(
            !page.contains("NaN") && !page.contains("inf ") && !page.contains("inf]"),
            "{page}"
        );
    }
}

#[test]
fn a_fixed_suite_has_the_error_of_its_draws_only() {
    let mut plan = plan(&["faker"], 40, 10);
    // Prompts differ a lot: one half always complies, the other never does.
    let said = |cell: &iago_sweep::Cell, prompt: usize, repeat: u32| {
        let often = if cell.condition.starts_with("free") { 9 } else { 7 };
        let complies = prompt < 20 && repeat < often;
        if complies { Said::Comply } else { Said::Refuse }
    };
    let width = |report: &Report| {
        let Estimate::Known(rate) = &report.cells[0].measures[0].estimate else { panic!("a rate") };
        let (rate, gap) = (rate.interval.unwrap(), first_gap(report).interval.unwrap());
        (rate.high - rate.low, gap.high - gap.low)
    };
    let sampled = build(&fold(&plan, true, said), &context());
    plan.generalise = Generalise::Suite;
    let fixed = build(&fold(&plan, true, said), &context());
    assert_eq!(first_gap(&fixed).value, first_gap(&sampled).value);
    assert!(width(&fixed).0 < 0.6 * width(&sampled).0, "{:?} {:?}", width(&fixed), width(&sampled));
    assert!(width(&fixed).1 < width(&sampled).1, "{:?} {:?}", width(&fixed), width(&sampled));
    assert_ne!(first_gap(&fixed).test, first_gap(&sampled).test);
    assert_eq!(fixed.definitions.generalise, Generalise::Suite);
}

#[test]
fn what_is_missing_from_a_fixed_suite_is_bounded_both_ways() {
    let mut plan = plan(&["faker"], 40, 5);
    plan.generalise = Generalise::Suite;
    let material = fold(&plan, true, |cell, prompt, _| match prompt {
        0..2 if cell.condition.starts_with("free") => Said::Failed(FailureClass::Exhausted),
        0..20 => Said::Comply,
        _ => Said::Refuse,
    });
    let report = build(&material, &context());
    let Estimate::Known(rate) = &report.cells[0].measures[0].estimate else { panic!("a rate") };
    let (bounds, interval) = (rate.bounds.unwrap(), rate.interval.unwrap());
    assert!(bounds.low <= interval.low.min(0.45) && bounds.high >= interval.high.max(0.5));
    let gap = first_gap(&report);
    let (bounds, interval) = (gap.bounds.unwrap(), gap.interval.unwrap());
    assert!(bounds.low <= interval.low && bounds.high >= interval.high && bounds.low < -0.04);
}

#[test]
fn a_sweep_that_was_extended_after_results_says_that_its_p_are_not_corrected_for_it() {
    let plan = plan(&["faker"], 8, 1);
    let material = fold(&plan, true, |_, _, _| Said::Refuse);
    let once = build(&material, &context());
    assert!(once.contrasts.iter().all(|contrast| contrast.looks == 1));
    assert!(!once.instrument.checks.iter().any(|check| check.contains("looked at")));
    let twice = build(&material, &Context { looks: 2, ..context() });
    assert!(twice.contrasts.iter().all(|contrast| contrast.looks == 2) && twice.instrument.ok);
    let says = |check: &String| check.contains("looked at 2 times") && check.contains("8.3%");
    assert!(twice.instrument.checks.iter().any(says), "{:?}", twice.instrument.checks);
}
