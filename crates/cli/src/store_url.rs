//! Where a coordinator's store is, and what its troubles mean to whoever started the command.

use std::path::PathBuf;

use iago_store::StoreError;

use crate::exit::{Exit, Stop};

/// Where a store is. `Debug` is left out: the address may hold a password.
pub(crate) enum StoreUrl {
    /// `postgres://…`
    Postgres(String),
    /// `sqlite:FILE`
    Sqlite(PathBuf),
}

impl StoreUrl {
    /// Reads an address.
    pub(crate) fn parse(url: &str) -> Result<Self, Stop> {
        let is_postgres =
            ["postgres://", "postgresql://"].iter().any(|start| url.starts_with(start));
        if is_postgres {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(file) if !file.is_empty() => Ok(Self::Sqlite(PathBuf::from(file))),
            // It is not repeated: a slip in the first letters may still be followed by a password.
            Some(_) | None => Err(Stop::new(
                Exit::Config,
                "`store` in the coordinator's settings must be postgres://USER@HOST/DATABASE or \
                 sqlite:FILE",
            )),
        }
    }
}

impl StoreUrl {
    /// Reads what was given as `--store`: a file, or an address as in a coordinator's settings.
    pub(crate) fn of_argument(store: &str) -> Result<Self, Stop> {
        match Self::parse(store) {
            Ok(url) => Ok(url),
            Err(_) if store.contains("://") || store.is_empty() => Err(Stop::new(
                Exit::Usage,
                "--store must be a file, or postgres://USER@HOST/DATABASE",
            )),
            Err(_) => Ok(Self::Sqlite(PathBuf::from(store))),
        }
    }

    /// Its place, for people: a password is no part of that.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(address) => {
                let place = address.split(['?', '#']).next().unwrap_or_default();
                let (scheme, rest) = place.split_once("://").unwrap_or(("postgres", ""));
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                format!("{scheme}://{place}")
            }
        }
    }
}

/// The store of a coordinator failed. A database that does not answer is out of reach; a file that
/// does not is something else.
pub(crate) fn trouble(url: &StoreUrl, error: &StoreError) -> Stop {
    let exit = match (url, error) {
        (StoreUrl::Postgres(_), StoreError::Unavailable { .. }) => Exit::Unreachable,
        (StoreUrl::Postgres(_) | StoreUrl::Sqlite(_), error) => Exit::of_store(error),
    };
    let misplaced = matches!(error, StoreError::Unusable { .. });
    let way_out = if misplaced { "; name another place as `store` in the settings" } else { "" };
    Stop::new(exit, format!("{error}{way_out}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_which_store_it_is() {
        assert!(matches!(StoreUrl::parse("postgres://u@h/d"), Ok(StoreUrl::Postgres(_))));
        assert!(
            matches!(StoreUrl::parse("sqlite:/x/y"), Ok(StoreUrl::Sqlite(path)) if path.ends_with("x/y"))
        );
    }

    #[test]
    fn a_store_on_the_command_line_is_a_file_unless_it_says_otherwise() {
        let shown = |store: &str| StoreUrl::of_argument(store).map(|url| url.shown()).ok();
        assert_eq!(shown(".iago/store.sqlite").as_deref(), Some(".iago/store.sqlite"));
        assert_eq!(shown("sqlite:x/y").as_deref(), Some("x/y"));
        assert_eq!(shown("postgres://h/d").as_deref(), Some("postgres://h/d"));
        for none in ["", "postgre://u:secret@h/d"] {
            let stop = StoreUrl::of_argument(none).err().unwrap();
            assert_eq!(stop.exit, Exit::Usage);
            assert!(!stop.message.contains("secret"));
        }
    }

    #[test]
    fn a_place_is_shown_without_a_password() {
        for url in [
            "postgresql://u:se%40cret@h:5433/d?sslmode=require&password=secret",
            "postgresql://u:p@ss@h:5433/d",
        ] {
            let shown = StoreUrl::of_argument(url).map(|url| url.shown()).ok();
            assert_eq!(shown.as_deref(), Some("postgresql://h:5433/d"));
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused_without_showing_a_password() {
        for url in ["sqlite:", "postgre://u:secret@h/d", ""] {
            let stop = StoreUrl::parse(url).err().unwrap();
            assert_eq!(stop.exit, Exit::Config);
            assert!(!stop.message.contains("secret"));
        }
    }
}
