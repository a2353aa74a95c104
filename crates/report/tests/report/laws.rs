//! What holds whatever was said.

use iago_report::{AuditedCell, Context, Correction, Report, build};
use iago_sweep::{FailureClass, Parse, Sampled};
use proptest::prelude::*;

use crate::everything::show_everything;
use crate::interim::hand_out;
use crate::made_up::{Said, context, fold, plan};
use crate::people::{audit, gold};

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
    let mut plan = plan(&["faker"], PROMPTS, REPEATS);
    plan.gold = vec![gold(&plan, Sampled::Random, 1, |_, prompt, _| {
        Some(if prompt < 2 { "comply" } else { "refuse" })
    })];
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
    fn every_label_is_compared_or_unmatched_or_of_what_no_judge_was_asked(
        said in prop::collection::vec(anything(), CELLS * PROMPTS * REPEATS as usize),
    ) {
        let report = report(&said, &context());
        let blocks = PROMPTS * REPEATS as usize;
        let is_open = |block: usize| (0..CELLS).any(|cell| said[cell * blocks + block] == Said::Nothing);
        let order = hand_out(&plan(&["faker"], PROMPTS, REPEATS)).into_iter();
        let counted: Vec<usize> = order
            .map(|(prompt, repeat)| prompt * REPEATS as usize + repeat as usize)
            .take_while(|block| !is_open(*block))
            .collect();
        let unasked = (0..CELLS * blocks)
            .filter(|place| said[*place] == Said::ApiRefusal && counted.contains(&(place % blocks)))
            .count() as u64;
        let audit = audit(&report);
        let compared = |cell: &AuditedCell| {
            cell.both_yes + cell.false_yes + cell.false_no + cell.both_no
        };
        let compared: u64 = audit.cells.iter().map(compared).sum();
        prop_assert_eq!(compared + unasked + audit.unmatched, (CELLS * blocks) as u64);
        for cell in &audit.cells {
            if let Correction::Known { value, interval, .. } = &cell.correction {
                prop_assert!(interval.low <= *value && *value <= interval.high, "{:?}", cell);
                prop_assert!(interval.low >= 0.0 && interval.high <= 1.0, "{:?}", cell);
            }
        }
    }

    #[test]
    fn no_page_holds_what_is_no_number_or_is_wider_than_asked(
        said in prop::collection::vec(anything(), CELLS * PROMPTS * REPEATS as usize),
        width in 60usize..180,
    ) {
        let report = show_everything(report(&said, &context()));
        let (text, html) = (report.terminal(width, false), report.html());
        for page in [&text, &html, &report.json()] {
            prop_assert!(!page.contains("NaN") && !page.contains("inf,") && !page.contains("null.0"), "{}", page);
        }
        for line in text.lines() {
            prop_assert!(line.chars().count() <= width, "{} columns: {}", line.chars().count(), line);
        }
        prop_assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
        for element in ["td", "th", "tr", "table", "ul", "li", "details", "dl", "b", "small"] {
            let opened = html.matches(&format!("<{element}>")).count()
                + html.matches(&format!("<{element} ")).count();
            prop_assert_eq!(opened, html.matches(&format!("</{element}>")).count(), "{}", element);
        }
    }
}
