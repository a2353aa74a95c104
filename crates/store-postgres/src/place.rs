//! Where a store is, as people may see it.

use std::fmt;

use sqlx::postgres::PgConnectOptions;

/// Server and database, without user and password.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    host: String,
    port: u16,
    database: String,
}

impl Place {
    pub(crate) fn of(options: &PgConnectOptions) -> Self {
        let socket = options.get_socket().map(|path| path.display().to_string());
        Self {
            host: socket.unwrap_or_else(|| options.get_host().to_owned()),
            port: options.get_port(),
            // Postgres takes the user's name where no database is named.
            database: options.get_database().unwrap_or(options.get_username()).to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}:{}/{}", self.host, self.port, self.database)
    }
}
