//! Whether a program is believed to be of any use.

use iago_sweep::{JobId, SweepId};

/// Which job a program was asked for.
pub(crate) type Asker = (SweepId, JobId);

/// What is known of a program in the life of its worker. Before its first reply nobody can tell
/// whether a break is the program's fault (a wrong argument, a missing module, a misspelt label) or
/// that of the one transcript which it was given. One job that breaks it says nothing; a second one
/// says that it is the program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    #[default]
    Untried,
    BrokenBy(Asker),
    BrokenBySeveral,
    /// Whatever breaks it from now on, it is of use to others.
    Replied,
}

impl Standing {
    pub(crate) fn replied(&mut self) {
        *self = Self::Replied;
    }

    pub(crate) fn broke(&mut self, by: Asker) {
        match self {
            Self::Untried => *self = Self::BrokenBy(by),
            Self::BrokenBy(other) if *other != by => *self = Self::BrokenBySeveral,
            Self::BrokenBy(_) | Self::BrokenBySeveral | Self::Replied => {}
        }
    }

    /// Whether a person has to look at it before it is asked again.
    pub(crate) fn is_unusable(&self) -> bool {
        *self == Self::BrokenBySeveral
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asker(number: i64) -> Asker {
        (SweepId(1), JobId::from_number(number).expect("it is not negative"))
    }

    fn standing(broken_by: &[i64]) -> Standing {
        let mut standing = Standing::default();
        broken_by.iter().for_each(|number| standing.broke(asker(*number)));
        standing
    }

    #[test]
    fn it_takes_two_jobs_to_say_that_it_is_the_program() {
        assert!(!standing(&[]).is_unusable());
        assert!(!standing(&[7, 7, 7, 7, 7]).is_unusable());
        assert!(standing(&[7, 7, 8, 7]).is_unusable());
    }

    #[test]
    fn what_has_replied_is_of_use_whatever_breaks_it() {
        for broken_by in [&[][..], &[7], &[7, 8]] {
            let mut standing = standing(broken_by);
            standing.replied();
            (0..9).for_each(|number| standing.broke(asker(number)));
            assert!(!standing.is_unusable());
        }
    }
}
