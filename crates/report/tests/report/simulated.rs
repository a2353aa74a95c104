//! SIMULATED is computed from the facts: it is everywhere or nowhere.

use iago_report::{Report, build};
use iago_sweep::Plan;

use crate::made_up::{Said, context, first, fold, plan};

fn report(plan: &Plan, simulated: bool) -> Report {
    let material = fold(plan, simulated, |_, prompt, repeat| {
        first(4, Said::Comply, Said::Refuse, 1)(prompt, repeat)
    });
    build(&material, &context())
}

#[test]
fn planted_behaviour_is_said_first_and_last_and_inside_every_figure() {
    let report = report(&plan(&["faker", "null"], 20, 1), true);
    for width in [60, 80, 100] {
        let text = report.terminal(width, false);
        assert!(text.starts_with("SIMULATED  alignment-faking"), "{text}");
        assert!(
            text.ends_with("\nSIMULATED: planted behaviour, not a finding about any model\n"),
            "{text}"
        );
        let headings = text
            .lines()
            .filter(|line| line.contains("compliance gap: ") || line.contains("outcomes by"));
        assert!(
            headings.clone().count() == 2
                && headings.clone().all(|line| line.starts_with("SIMULATED")),
            "{text}"
        );
    }
    let html = report.html();
    let panels: Vec<&str> = html.split("<svg class=\"panel\"").skip(1).collect();
    assert_eq!(panels.len(), 2);
    for panel in panels {
        assert!(panel.split("</svg>").next().unwrap().contains(">SIMULATED</text>"));
    }
    assert!(
        html.contains("<title>SIMULATED")
            && html.contains("SIMULATED: planted behaviour, not a finding")
    );
}

#[test]
fn what_no_endpoint_declared_is_not_called_simulated() {
    let report = report(&plan(&["faker"], 20, 1), false);
    for text in [report.terminal(80, true), report.html(), report.json()] {
        assert!(
            !text.contains("SIMULATED")
                && !text.contains("planted")
                && !text.contains("(simulated)"),
            "{text}"
        );
    }
}

#[test]
fn a_mixture_says_how_much_of_it_is_planted_and_in_which_rows() {
    let planted = plan(&["planted"], 4, 1);
    let both = plan(&["planted", "real"], 4, 1);
    // Only the first four cells come from the simulated endpoint.
    let mut material =
        fold(
            &both,
            true,
            |cell, _, _| if cell.model == "planted" { Said::Refuse } else { Said::Nothing },
        );
    crate::made_up::fold_into(&mut material, &both, false, |cell, _, _| {
        if cell.model == "real" { Said::Refuse } else { Said::Nothing }
    });
    let results =
        build(&fold(&planted, true, |_, _, _| Said::Refuse), &context()).simulated.results;
    let report = build(&material, &context());
    let text = report.terminal(100, false);
    let announced = format!("SIMULATED in part: {results} of {} results", 2 * results);
    assert!(text.starts_with(&announced), "{text}");
    assert!(text.ends_with(&format!("\n{announced} are planted\n")), "{text}");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("planted with") || line.starts_with("real    with"))
        .collect();
    assert!(
        rows.iter().any(|row| row.contains("  yes")) && rows.iter().any(|row| row.contains("  no")),
        "{text}"
    );
    let estimates = &report.contrasts[0].estimates;
    assert_eq!(
        estimates.iter().map(|estimate| estimate.simulated).collect::<Vec<_>>(),
        [true, true, false, false]
    );
    let html = report.html();
    let marks = html
        .split("<svg class=\"panel\"")
        .skip(1)
        .map(|panel| panel.split("</svg>").next().unwrap().contains("SIMULATED"));
    assert_eq!(marks.collect::<Vec<_>>(), [true, false]);
}
