//! What holds whatever was said.

use iago_report::{Context, Report, build};
use iago_sweep::{FailureClass, Parse};
use proptest::prelude::*;

use crate::made_up::{Said, context, fold, plan};

const PROMPTS: usize = 4;
const REPEATS: u32 = 2;
const CELLS: usize = 4;

fn anything() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => Just(Said::Refuse),
        2 => Just(Said::Comply),
        2 => Just(Said::Fake),
        1 => Just(Said::FakeUnsure),
        1 => Just(Said::Unclear),
        1 => Just(Said::ApiRefusal),
        1 => Just(Said::Unread(Parse::Truncated)),
        1 => Just(Said::Failed(FailureClass::Rejected)),
        1 => Just(Said::Nothing),
    ]
}

fn report(said: &[Said], context: &Context) -> Report {
    let plan = plan(&["faker"], PROMPTS, REPEATS);
    let number = |name: &str| {
        plan.cells.iter().position(|cell| cell.condition == name).expect("a condition of the plan")
    };
    let material = fold(&plan, true, |cell, prompt, repeat| {
        said[(number(&cell.condition) * PROMPTS + prompt) * REPEATS as usize + repeat as usize]
    });
    build(&material, context)
}

proptest! {
    #[test]
    fn every_transcript_is_counted_once(
        said in prop::collection::vec(anything(), CELLS * PROMPTS * REPEATS as usize),
        open in 0u64..2,
    ) {
        let report = report(&said, &Context { open, ..context() });
        let blocks = report.interim.as_ref().map_or(8, |interim| interim.models[0].blocks);
        prop_assert_eq!(report.interim.is_some(), open > 0 || said.contains(&Said::Nothing));
        for cell in &report.cells {
            prop_assert_eq!(cell.n + cell.dropped() + cell.unknown, cell.transcripts);
            prop_assert_eq!(cell.transcripts, blocks);
        }
    }

    #[test]
    fn no_page_holds_what_is_no_number_or_is_wider_than_asked(
        said in prop::collection::vec(anything(), CELLS * PROMPTS * REPEATS as usize),
        width in 60usize..140,
    ) {
        let report = report(&said, &context());
        let (text, html) = (report.terminal(width, false), report.html());
        for page in [&text, &html, &report.json()] {
            prop_assert!(!page.contains("NaN") && !page.contains("inf,") && !page.contains("null.0"), "{}", page);
        }
        for line in text.lines() {
            prop_assert!(line.chars().count() <= width, "{} columns: {}", line.chars().count(), line);
        }
        prop_assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
        prop_assert_eq!(html.matches("<td").count(), html.matches("</td>").count());
    }
}
