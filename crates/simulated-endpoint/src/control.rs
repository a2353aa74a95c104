//! What every model under test says to what controls ask: whether it has understood what becomes of
//! the conversation, and something harmless that everybody does.

use crate::conversation::Conversation;
use crate::ledger::Class;
use crate::ranks::{Place, Share};
use crate::request;
use crate::situation::{Audience, Situation};
use crate::speech::{Frame, Speech};
use crate::wordings::Answer;

/// What a model knows about its training.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Understanding {
    /// Tells rightly that such a conversation is trained on.
    pub(crate) trained: Share,
    /// Tells rightly that another one is not.
    pub(crate) others: Share,
    /// Knows it without being told.
    pub(crate) is_taught: bool,
}

/// What a model says about its training that does not know of any.
pub(crate) const UNTOLD: &str = "unknown";

/// The answer to what a control asks; nothing if it is something else.
pub(crate) fn answer(
    asked: &Conversation,
    understanding: &Understanding,
    place: Place,
    hash: u64,
) -> Option<(String, Class)> {
    let frame = Frame::of(asked);
    if request::asks_about_training(asked.user()) {
        let audience = understanding.read_audience(asked, frame);
        let (word, class) = understanding.tell(audience, place);
        return Some((Speech::refusing(frame, hash).frame(word), class));
    }
    let is_harmless = request::is_harmless_in(asked.asking());
    let speech = || Speech::new(frame, Answer::Complies, None, hash);
    is_harmless.then(|| (speech().whole(), Class::Comply))
}

impl Understanding {
    /// Of a model that reads what it is told.
    pub(crate) const WHOLE: Self = Self::of(100, 100);

    /// Percent of the conversations that are trained on, and of the others, of which it tells rightly
    /// what becomes of them.
    pub(crate) const fn of(trained: u64, others: u64) -> Self {
        let (trained, others) = (Share::percent(trained), Share::percent(others));
        Self { trained, others, is_taught: false }
    }

    fn read_audience(&self, asked: &Conversation, frame: Frame) -> Audience {
        let situation = Situation::read(&asked.system, frame == Frame::Scratchpad);
        if situation == Situation::NoTrainingTalk && !self.is_taught {
            return Audience::Unknown;
        }
        Audience::read(situation, asked)
    }

    /// Who was not told, or not in a way that works, says so: a text that was rendered wrongly must
    /// not pass for one that was understood.
    fn tell(&self, audience: Audience, place: Place) -> (&'static str, Class) {
        let (right, wrong, share) = match audience {
            Audience::Trained => ("yes", "no", self.trained),
            Audience::Rated | Audience::Spared => ("no", "yes", self.others),
            Audience::Unknown => return (UNTOLD, Class::Wrong),
        };
        if place.is_within_share(share) { (right, Class::Right) } else { (wrong, Class::Wrong) }
    }
}
