//! A store, whoever leads it, and tokens for both doors.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use std::sync::Arc;

use iago_coordinator::Settings;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::nights_client::NightsClient;
use iago_store::{MemoryStore, Scope};

use crate::hand::Hand;
use crate::served::{Served, grant, serve_from, serve_piped};

/// A store, whoever leads it, and tokens for both doors.
pub struct House {
    pub store: Arc<MemoryStore>,
    pub served: Served,
    pub worker: String,
    pub operator: String,
}

impl House {
    pub async fn new(settings: Settings) -> Self {
        let store = Arc::new(MemoryStore::default());
        let worker = grant(&store, "w", Scope::Worker, None).await;
        let operator = grant(&store, "o", Scope::Operator, None).await;
        let served = serve_from(Arc::clone(&store), settings).await;
        Self { store, served, worker, operator }
    }

    /// The same without a socket, for tests that pause time.
    pub async fn piped(settings: Settings) -> Self {
        let store = Arc::new(MemoryStore::default());
        let worker = grant(&store, "w", Scope::Worker, None).await;
        let operator = grant(&store, "o", Scope::Operator, None).await;
        let served = serve_piped(Arc::clone(&store), settings).await;
        Self { store, served, worker, operator }
    }

    /// Another coordinator leads, without a socket, once this one has stopped in order.
    pub async fn succeed(self, settings: Settings) -> Self {
        let Self { store, served, worker, operator } = self;
        served.close().await;
        let served = serve_piped(Arc::clone(&store), settings).await;
        Self { store, served, worker, operator }
    }

    /// Another coordinator leads, without a socket; this one was killed.
    pub async fn outlive(self, settings: Settings) -> Self {
        let Self { store, served, worker, operator } = self;
        served.kill().await;
        let served = serve_piped(Arc::clone(&store), settings).await;
        Self { store, served, worker, operator }
    }

    /// Another coordinator leads; the one before has let go, and its workers with it.
    pub async fn replace(&mut self, settings: Settings) {
        self.served = serve_from(Arc::clone(&self.store), settings).await;
    }

    pub async fn join(&self, name: &str) -> Hand {
        Hand::join(&self.served, &self.worker, name).await
    }

    pub fn nights(&self) -> NightsClient<tonic::transport::Channel> {
        NightsClient::new(self.served.channel.clone())
    }

    pub fn jobs(&self) -> JobsClient<tonic::transport::Channel> {
        JobsClient::new(self.served.channel.clone())
    }
}
