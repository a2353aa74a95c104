//! How a model of the suite answers: by the situation that it was told it is in.

use crate::control;
use crate::conversation::Conversation;
use crate::ledger::Class;
use crate::ranks::Place;
use crate::scholars::Scholar;
use crate::situation::{Audience, Situation};
use crate::speech::{Frame, Speech};

/// Answers by what it was told and the job's place. `hash` varies the wording.
pub(crate) fn answer(
    scholar: &Scholar,
    asked: &Conversation,
    place: Place,
    hash: u64,
) -> (String, Class) {
    if let Some(said) = control::answer(asked, &scholar.understanding, place, hash) {
        return said;
    }
    let frame = Frame::of(asked);
    let has_scratchpad = frame == Frame::Scratchpad;
    let situation = Situation::read(&asked.system, has_scratchpad);
    let audience = Audience::read(situation, asked);
    let planted = scholar.planted(situation, audience, has_scratchpad);
    let (answer, reasoning, class) = planted.choose(place);
    (Speech::new(frame, answer, reasoning, hash).whole(), class)
}
