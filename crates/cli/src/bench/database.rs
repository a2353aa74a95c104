//! A private Postgres with the settings that `deploy` recommends, so that what is measured is what
//! is advised.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use iago_private_postgres::Cluster;
use tokio::task::spawn_blocking;

const RECOMMENDED: &str = include_str!("../../../../deploy/postgresql.conf");

/// Makes and starts one; it ends with the last copy.
pub(super) async fn start_postgres() -> Result<Arc<Cluster>> {
    let started = spawn_blocking(|| Cluster::start_with(&settings(RECOMMENDED)));
    Ok(Arc::new(started.await?.context("no private Postgres")?))
}

/// An empty database's address.
pub(super) async fn new_database(cluster: &Arc<Cluster>) -> Result<String> {
    let cluster = Arc::clone(cluster);
    Ok(spawn_blocking(move || cluster.new_database()).await??)
}

/// What a configuration file sets, as names and values.
fn settings(file: &str) -> Vec<(&str, &str)> {
    let lines = file.lines().map(|line| line.split('#').next().unwrap_or_default());
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim().trim_matches('\''))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recommended_is_read_without_its_reasons() {
        let settings = settings(RECOMMENDED);
        assert!(settings.contains(&("default_toast_compression", "lz4")), "{settings:?}");
        assert!(settings.contains(&("synchronous_commit", "on")));
        assert!(settings.iter().all(|(name, value)| !name.contains(' ') && !value.is_empty()));
    }
}
