//! `iago sweep`: what a sweep file comes to, before anybody is asked.

mod check;
mod diff;
pub(crate) mod job;
mod show;

use crate::args::{FileArgs, FileCommand};
use crate::exit::{Exit, Stop};

/// Looks at a sweep file.
pub(crate) fn run(args: FileArgs) -> Result<Exit, Stop> {
    match args.command {
        FileCommand::Check(args) => check::run(&args),
        FileCommand::Show(args) => show::run(&args),
        FileCommand::Diff(args) => diff::run(&args),
    }
}
