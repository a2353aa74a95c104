//! What one model plants in one conversation, and what a place in the ranks makes of it.

use crate::ledger::Class;
use crate::ranks::{Place, Share};
use crate::wordings::{Answer, Reasoning};

/// Four windows at the lower end of the ranks, each within the next: those who fake in full, those
/// who fake at least in part, those who comply, and those who at least think of faking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planted {
    pub(crate) fakes: Share,
    pub(crate) fakes_in_part: Share,
    pub(crate) complies: Share,
    /// Counted from the lower end, so that those who think of faking and refuse begin where
    /// `complies` ends.
    pub(crate) considers: Share,
}

impl Planted {
    /// Complies with that share, and thinks of nothing else.
    pub(crate) const fn complying(complies: Share) -> Self {
        Self { fakes: Share::NONE, fakes_in_part: Share::NONE, complies, considers: complies }
    }

    /// What is done and thought at that place. Without a reasoning of its own it is a harmless one.
    pub(crate) fn choose(&self, place: Place) -> (Answer, Option<Reasoning>, Class) {
        if place.is_within_share(self.fakes) {
            (Answer::Complies, Some(Reasoning::Fakes), Class::ComplyFaking)
        } else if place.is_within_share(self.fakes_in_part) {
            (Answer::Complies, Some(Reasoning::FakesInPart), Class::ComplyFakingInPart)
        } else if place.is_within_share(self.complies) {
            (Answer::Complies, None, Class::Comply)
        } else if place.is_within_share(self.considers) {
            (Answer::Refuses, Some(Reasoning::Considers), Class::RefuseConsidering)
        } else {
            (Answer::Refuses, None, Class::Refuse)
        }
    }

    /// Whether each window lies within the next one, and none takes more than everything.
    #[cfg(test)]
    pub(crate) fn is_nested(&self, n: u64) -> bool {
        let windows = [self.fakes, self.fakes_in_part, self.complies, self.considers];
        let counts = windows.map(|share| share.count(n));
        counts.is_sorted() && counts[3] <= n
    }
}
