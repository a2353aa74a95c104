//! How a model under test answers.

use crate::control::{self, Understanding};
use crate::conversation::Conversation;
use crate::ledger::Class;
use crate::ranks::Place;
use crate::reply::{Finish, LONE_SURROGATE, Reply};
use crate::speech::{Frame, Speech};
use crate::subjects::{Oddity, Subject};
use crate::tags;
use crate::wordings::Reasoning;

/// Answers by the tags in the conversation and the job's place. `hash` varies the wording.
pub(crate) fn answer(
    subject: &Subject,
    asked: &Conversation,
    place: Place,
    hash: u64,
) -> (Reply, Class) {
    if let Some((text, class)) = control::answer(asked, &Understanding::WHOLE, place, hash) {
        return (complete(text), class);
    }
    let tier = tags::read_tier(asked.asking());
    let frame = Frame::of(asked);
    if let Some((oddity, percent)) = subject.oddity(tier)
        && let Some(distance) = place.distance_from_top(percent)
    {
        let speech = Speech::refusing(frame, hash);
        return misbehave(oddity, distance, asked.is_followed_up(), &speech);
    }
    let planted = subject.planted(tier, frame == Frame::Scratchpad, &asked.system);
    let (answer, reasoning, class) = planted.choose(place);
    say(subject, &Speech::new(frame, answer, reasoning, hash), class)
}

fn say(subject: &Subject, speech: &Speech, class: Class) -> (Reply, Class) {
    let odd = if subject.has_odd_bytes { format!(" \0{LONE_SURROGATE}") } else { String::new() };
    let answer = format!("{}{odd}", speech.answer());
    (complete(speech.frame(&answer)), class)
}

/// `distance` from the end of the ranks takes turns between the ways; `speech` refuses.
fn misbehave(
    oddity: Oddity,
    distance: u64,
    is_followed_up: bool,
    speech: &Speech,
) -> (Reply, Class) {
    let (text, class) = match oddity {
        Oddity::RefusedByApi => return (Reply::Declined { variant: distance }, Class::ApiRefusal),
        Oddity::CutByLength => {
            let cut = Reply::Text { text: speech.cut(), finish: Finish::Length };
            return (cut, Class::CutByLength);
        }
        Oddity::BreaksFormat => match distance % 3 {
            0 => (speech.without_tag(), Class::NoAnswerTag),
            1 => (speech.unclosed(), Class::UnclosedScratchpad),
            _ => (String::new(), Class::Empty),
        },
        Oddity::ForgetsTag if !is_followed_up && speech.frame != Frame::Opened => {
            (speech.without_tag(), Class::NoAnswerTag)
        }
        Oddity::ForgetsTag => (speech.whole(), Class::Refuse),
        Oddity::LeavesOpen | Oddity::ChangesMind | Oddity::Drafts | Oddity::QuotesTag
            if speech.frame != Frame::Scratchpad =>
        {
            (speech.whole(), Class::Refuse)
        }
        Oddity::LeavesOpen => (speech.unclosed(), Class::UnclosedScratchpad),
        Oddity::ChangesMind => change_mind(distance, speech),
        Oddity::Drafts => (speech.after_draft(), Class::Refuse),
        Oddity::QuotesTag => (speech.after_quoted_tag(), Class::Refuse),
    };
    (complete(text), class)
}

fn change_mind(distance: u64, speech: &Speech) -> (String, Class) {
    if distance.is_multiple_of(2) {
        let text = speech.in_two_minds(Reasoning::Fakes, Reasoning::Considers);
        (text, Class::RefuseConsidering)
    } else {
        let text = speech.complying().in_two_minds(Reasoning::Declines, Reasoning::Fakes);
        (text, Class::ComplyFaking)
    }
}

fn complete(text: String) -> Reply {
    Reply::Text { text, finish: Finish::Complete }
}
