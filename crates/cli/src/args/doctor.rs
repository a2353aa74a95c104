//! The command that says what is wrong.

use std::path::PathBuf;

/// Looks at everything that a sweep needs, and changes nothing but for one tiny call of each endpoint (16
/// output tokens). With a coordinator the call is a tiny sweep named `doctor`, which a worker makes;
/// without one this process makes it. What no model is named for is only reached, not called.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Look at what this sweep needs: its endpoints, its models and judges, and their parameters
    pub(crate) sweep: Option<PathBuf>,
    /// Call this model there; may be given several times
    #[arg(long, value_name = "ENDPOINT=ID", value_parser = model)]
    pub(crate) model: Vec<(String, String)>,
    /// Endpoints, keys' names, limits and prices; without it `config/endpoints.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where `iago run` keeps results; looked at where no coordinator is asked
    #[arg(long, default_value = ".iago/store.sqlite", value_name = "FILE")]
    pub(crate) store: PathBuf,
    /// The client's settings, which name the coordinators and the token's variable; without it
    /// `config/client.toml`, if it is there and a coordinator answers
    #[arg(long, value_name = "FILE")]
    pub(crate) client: Option<PathBuf>,
    /// The coordinator to ask, instead of those in the settings
    #[arg(long, value_name = "URL")]
    pub(crate) coordinator: Option<String>,
    /// Ask no coordinator
    #[arg(long, conflicts_with_all = ["client", "coordinator"])]
    pub(crate) local: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn model(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((endpoint, id)) if !endpoint.is_empty() && !id.is_empty() => {
            Ok((endpoint.to_owned(), id.to_owned()))
        }
        Some(_) | None => {
            Err("write the endpoint's name, `=`, and the model's id there".to_owned())
        }
    }
}
