//! The price map as somebody names it on the command line.

use std::path::Path;

use crate::exit::{Exit, Stop};

/// Reads it.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    let place = path.display();
    if is_url(path) {
        let message = format!(
            "nothing is fetched, and {place} is an address: download it, as with `curl -L -o map.json \
             ADDRESS`, and import map.json"
        );
        return Err(Stop::new(Exit::Usage, message));
    }
    if path.is_dir() {
        let message = format!("{place} is a folder; name the price map in it, a file of JSON");
        return Err(Stop::new(Exit::NoInput, message));
    }
    std::fs::read(path).map_err(|error| {
        Stop::new(Exit::NoInput, format!("cannot read the price map {place}: {error}"))
    })
}

fn is_url(path: &Path) -> bool {
    let name = path.to_string_lossy();
    ["http:", "https:"].iter().any(|scheme| name.starts_with(scheme))
}

/// It is something else, for this reason.
pub(super) fn no_map(path: &Path, content: &[u8], why: &str) -> Stop {
    let way_out = match content.trim_ascii_start().first() {
        None => "it is empty: download it again",
        Some(b'<') => "it is a web page: download the file itself, which GitHub calls raw",
        Some(_) => {
            "LiteLLM's is called model_prices_and_context_window.json; `iago prices import --help` says \
             where it is"
        }
    };
    let message = format!("{} is no price map: {why}; {way_out}", path.display());
    Stop::new(Exit::NoInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_folder_are_no_file() {
        let stop = read(Path::new("https://example.invalid/map.json")).unwrap_err();
        assert_eq!(stop.exit, Exit::Usage);
        assert!(stop.message.contains("nothing is fetched"), "{}", stop.message);
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().message.contains("is a folder"));
    }

    #[test]
    fn a_wrong_file_is_told_apart() {
        for (content, words) in
            [("  ", "is empty"), ("<!doctype html>", "web page"), ("{}", "--help")]
        {
            let stop = no_map(Path::new("m"), content.as_bytes(), "why");
            assert!(stop.message.contains(words), "{}", stop.message);
        }
    }
}
