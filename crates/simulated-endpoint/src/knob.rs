//! What can be changed over HTTP while the endpoint runs, by a process on the same machine.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{Response, StatusCode};
use serde_json::json;

use crate::limit::Limit;
use crate::serve::{Server, respond};

/// Replaces the limit by the body, which is one in JSON or `null`.
pub(crate) async fn set_limit(
    State(server): State<Arc<Server>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    body: Bytes,
) -> Response<Body> {
    if !caller.ip().to_canonical().is_loopback() {
        return refuse(StatusCode::FORBIDDEN, "only this machine may change the limit");
    }
    let limit = match serde_json::from_slice::<Option<Limit>>(&body) {
        Ok(limit) => limit,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    if let Err(error) = limit.map_or(Ok(()), |limit| limit.check()) {
        return refuse(StatusCode::BAD_REQUEST, &error.to_string());
    }
    server.core().set_limit(server.now(), limit);
    respond(StatusCode::OK, json!({ "limit": limit }).to_string())
}

fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    respond(status, json!({ "error": why }).to_string())
}
