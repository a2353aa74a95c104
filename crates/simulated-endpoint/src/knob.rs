//! What can be changed over HTTP while the endpoint runs, by a process on the same machine.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::limit::Limit;
use crate::serve::{Server, respond};
use crate::trouble::Trouble;

/// Replaces the limit by the body, which is one in JSON or `null`.
pub(crate) async fn set_limit(
    State(server): State<Arc<Server>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    body: Bytes,
) -> Response<Body> {
    let limit = match read::<Option<Limit>>(caller, &body) {
        Ok(limit) => limit,
        Err(refusal) => return refusal,
    };
    if let Err(error) = limit.map_or(Ok(()), |limit| limit.check()) {
        return refuse(StatusCode::BAD_REQUEST, &error.to_string());
    }
    server.core().set_limit(server.now(), limit);
    respond(StatusCode::OK, json!({ "limit": limit }).to_string())
}

/// Replaces what is wrong by the body, which is one in JSON; `{}` ends all of it.
pub(crate) async fn set_trouble(
    State(server): State<Arc<Server>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    body: Bytes,
) -> Response<Body> {
    let trouble = match read::<Trouble>(caller, &body) {
        Ok(trouble) => trouble,
        Err(refusal) => return refusal,
    };
    if let Err(error) = trouble.check() {
        return refuse(StatusCode::BAD_REQUEST, &error.to_string());
    }
    let told = json!({ "trouble": trouble });
    server.core().set_trouble(trouble);
    respond(StatusCode::OK, told.to_string())
}

fn read<T: DeserializeOwned>(caller: SocketAddr, body: &[u8]) -> Result<T, Response<Body>> {
    if !caller.ip().to_canonical().is_loopback() {
        return Err(refuse(StatusCode::FORBIDDEN, "only this machine may change anything"));
    }
    serde_json::from_slice(body)
        .map_err(|error| refuse(StatusCode::BAD_REQUEST, &error.to_string()))
}

fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    respond(status, json!({ "error": why }).to_string())
}
