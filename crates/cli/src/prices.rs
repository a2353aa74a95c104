//! `iago prices`: prices of models from a public map, and what a model is taken to cost.

mod import;
pub(crate) mod litellm;
mod map_file;
mod show;
mod told;

use crate::args::{PricesArgs, PricesCommand};
use crate::exit::{Exit, Stop};

/// Imports prices, or shows one.
pub(crate) fn run(args: &PricesArgs) -> Result<Exit, Stop> {
    match &args.command {
        PricesCommand::Import(args) => import::run(args),
        PricesCommand::Show(args) => show::run(args),
    }
}
