//! Names, ids and places are written by anyone.

use iago_report::{Correction, Estimate, Gap, IdenticalPair, Report, build};
use iago_sweep::{EditedText, Model, Plan};

use crate::everything::show_everything;
use crate::made_up::{Said, context, fold, plan};

const HOSTILE: &str = "<script>alert('x')</script>\"&\u{1b}[2J\u{202e}";

/// Every text of a report that is not an expression, hostile.
fn hostile() -> Report {
    let mut plan: Plan = plan(&["faker"], 4, 1);
    plan.name = HOSTILE.into();
    plan.models[0].name = HOSTILE.into();
    plan.models[0].id = HOSTILE.into();
    for cell in &mut plan.cells {
        cell.model = HOSTILE.into();
    }
    (plan.models[0].run, plan.models[0].step) = (Some(HOSTILE.into()), Some(1));
    plan.models[0].set = [(HOSTILE.into(), HOSTILE.into())].into();
    let base = Model { name: "base".into(), step: Some(0), ..plan.models[0].clone() };
    plan.models.push(base);
    let diff = format!("{HOSTILE}\n{HOSTILE}");
    plan.texts = vec![EditedText { name: HOSTILE.into(), of: HOSTILE.into(), diff }];
    plan.judges[0].id = HOSTILE.into();
    plan.outcomes[0].name = format!("comply{HOSTILE}");
    plan.outcomes[1].name = HOSTILE.into();
    plan.outcomes[1].style = Some(format!("{HOSTILE}+hatch"));
    plan.measures[1].name = HOSTILE.into();
    for contrast in &mut plan.contrasts {
        (contrast.name, contrast.family) = (HOSTILE.into(), Some(HOSTILE.into()));
    }
    let mut context = context();
    (context.sweep_id, context.store, context.command_hint) =
        (HOSTILE.into(), HOSTILE.into(), HOSTILE.into());
    context.controls.paired[0].contrast = HOSTILE.into();
    context.controls.paired[0].places = [(HOSTILE.into(), HOSTILE.into())].into();
    context.controls.paired[0].identical =
        vec![IdenticalPair { from: HOSTILE.into(), to: HOSTILE.into(), prompts: 1 }];
    hostile_everywhere(show_everything(build(&fold(&plan, true, |_, _, _| Said::Comply), &context)))
}

/// What is said of controls, people's labels and refusals, hostile as well.
fn hostile_everywhere(mut report: Report) -> Report {
    let hostile = || HOSTILE.to_owned();
    for control in &mut report.instrument.controls {
        (control.kind, control.name) = (hostile(), hostile());
        control.groups.iter_mut().for_each(|group| group.labels = vec![hostile()]);
    }
    for audit in &mut report.audits {
        (audit.stage, audit.measure, audit.sampled) = (hostile(), hostile(), hostile());
        audit.refused = Some(hostile());
        for cell in &mut audit.cells {
            cell.correction = Correction::Refused { why: hostile() };
        }
    }
    for cell in &mut report.cells {
        if let Estimate::Known(rate) = &mut cell.measures[0].estimate {
            rate.caution = Some(hostile());
        }
        cell.measures[0].corrected = Some(Correction::Refused { why: hostile() });
    }
    for estimate in report.contrasts.iter_mut().flat_map(|contrast| &mut contrast.estimates) {
        if let Gap::Known(gap) = &mut estimate.gap {
            (gap.caution, gap.corrected) =
                (Some(hostile()), Some(Correction::Refused { why: hostile() }));
        }
    }
    report.contrasts[0].estimates[0].gap = Gap::Refused { why: hostile() };
    report
}

#[test]
fn no_name_becomes_markup() {
    let html = hostile().html();
    assert!(!html.contains("<script") && !html.contains("alert('x')"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;[2J"));
    assert!(html.contains("default-src 'none'; style-src 'unsafe-inline'"));
    for fetched in ["src=", "href=", "@import", "url(http", "url(//", "<link", "<iframe"] {
        assert!(!html.contains(fetched), "a page fetches by {fetched}");
    }
}

#[test]
fn no_name_moves_the_cursor() {
    let text = hostile().terminal(80, false);
    let is_harmful =
        |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
    assert!(!text.contains(is_harmful), "{text:?}");
    let colored = hostile().terminal(80, true);
    let sequences = colored
        .split('\u{1b}')
        .skip(1)
        .all(|rest| ["[0m", "[1m", "[1;31m"].iter().any(|known| rest.starts_with(known)));
    assert!(sequences, "{colored:?}");
}
