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
use crate::settings::SettingsError;
use crate::trouble::Trouble;

/// Why nothing was changed.
type Refusal = (StatusCode, String);

/// Replaces the limit by the body, which is one in JSON or `null`.
pub(crate) async fn set_limit(
    State(server): State<Arc<Server>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    body: Bytes,
) -> Response<Body> {
    let check = |limit: &Option<Limit>| limit.map_or(Ok(()), |limit| limit.check());
    match read::<Option<Limit>>(caller, &body, check) {
        Ok(limit) => {
            server.core().set_limit(server.now(), limit);
            respond(StatusCode::OK, json!({ "limit": limit }).to_string())
        }
        Err(refusal) => refuse(&refusal),
    }
}

/// Replaces what is wrong by the body, which is one in JSON; `{}` ends all of it.
pub(crate) async fn set_trouble(
    State(server): State<Arc<Server>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    body: Bytes,
) -> Response<Body> {
    match read(caller, &body, Trouble::check) {
        Ok(trouble) => {
            let told = json!({ "trouble": trouble });
            server.core().set_trouble(trouble);
            respond(StatusCode::OK, told.to_string())
        }
        Err(refusal) => refuse(&refusal),
    }
}

/// What the body says, if it means something and comes from this machine.
fn read<T: DeserializeOwned>(
    caller: SocketAddr,
    body: &[u8],
    check: impl Fn(&T) -> Result<(), SettingsError>,
) -> Result<T, Refusal> {
    if !caller.ip().to_canonical().is_loopback() {
        let why = "only this machine may change anything";
        return Err((StatusCode::FORBIDDEN, why.to_owned()));
    }
    let invalid = |why: String| (StatusCode::BAD_REQUEST, why);
    let said: T = serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
    check(&said).map_err(|error| invalid(error.to_string()))?;
    Ok(said)
}

fn refuse((status, why): &Refusal) -> Response<Body> {
    respond(*status, json!({ "error": why }).to_string())
}
