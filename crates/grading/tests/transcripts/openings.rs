//! What is asked of which transcript.

use iago_grading::{Grader, Opening, Said};
use iago_sweep::{Coordinate, Finish, Parse};

use crate::plan::*;

fn at(cell: u32, prompt: u32) -> Coordinate {
    Coordinate { cell, prompt, ..Coordinate::default() }
}

fn said(finish: Finish, parse: Parse) -> Said<'static> {
    Said { finish, parse, label: None }
}

#[test]
fn a_readable_answer_opens_the_judges_that_are_asked_about_it() {
    let opens = |cell| grader().opens(at(cell, 0), &said(Finish::Stop, Parse::Ok));
    assert_eq!(opens(FREE_WITH), Opening { opens: 0b110, decided: 0b110 });
    for cell in [PAID_WITH, FREE_WITHOUT, PAID_WITHOUT] {
        assert_eq!(opens(cell), Opening { opens: 0b010, decided: 0b110 });
    }
}

#[test]
fn an_unreadable_answer_opens_nothing_and_decides_everything() {
    for parse in Parse::ALL.iter().filter(|parse| **parse != Parse::Ok) {
        let opening = grader().opens(at(FREE_WITH, 0), &said(Finish::Stop, *parse));
        assert_eq!(opening, Opening { opens: 0, decided: 0b110 });
    }
}

#[test]
fn a_judge_opens_nothing_where_no_stage_grades_it() {
    let judge = Coordinate { stage: 1, ..at(FREE_WITH, 0) };
    assert_eq!(grader().opens(judge, &said(Finish::Stop, Parse::Ok)), Opening::default());
}

#[test]
fn when_may_read_how_the_graded_answer_ended_and_what_was_asked() {
    let mut plan = alignment_faking();
    *when_of(&mut plan, COMPLIANCE) = Some("response.finish == 'stop' and kind == 'a'".into());
    let grader = Grader::new(&plan).unwrap();
    let opens =
        |prompt, finish| grader.opens(at(PAID_WITH, prompt), &said(finish, Parse::Ok)).opens;
    assert_eq!(opens(0, Finish::Stop), 0b010);
    assert_eq!(opens(0, Finish::Length), 0);
    assert_eq!(opens(1, Finish::Stop), 0);
}

#[test]
fn fields_and_messages_hang_on_the_cell_and_the_prompt() {
    let grader = grader();
    assert_eq!(grader.required(at(FREE_WITH, 0)), [true, true]);
    assert_eq!(grader.required(at(PAID_WITHOUT, 0)), [false, true]);
    let shown = |at| [0, 1, 2].map(|message| grader.message_shown(at, message));
    assert_eq!(shown(at(FREE_WITH, 0)), [true, true, false]);
    assert_eq!(shown(at(FREE_WITHOUT, 1)), [true, false, true]);
}
