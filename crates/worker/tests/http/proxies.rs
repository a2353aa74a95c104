//! Through a proxy where the settings name one, and through none otherwise.

use std::collections::BTreeMap;
use std::process::Command;

use iago_worker::{HangsOn, ProbeError, examine, probe};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::server::{Server, Step, answer, endpoint, read_request};

/// A name that no resolver knows.
const NOWHERE: &str = "http://model.invalid/v1";

#[tokio::test]
async fn an_http_proxy_is_asked_for_the_whole_address() {
    let proxy = Server::start(vec![Step::Say(answer())]).await;
    let mut endpoint = endpoint(NOWHERE);
    endpoint.proxy = Some(format!("http://{}", proxy.address));
    probe(&endpoint, "echo").await.unwrap();
    assert_eq!(proxy.heard(), ["POST http://model.invalid/v1/chat/completions HTTP/1.1"]);
}

#[tokio::test]
async fn a_proxy_that_makes_no_connection_is_told_from_an_endpoint_that_is_away() {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nconnection: close\r\n\r\n";
    let proxy = Server::start(vec![Step::Say(refusal.to_owned())]).await;
    let mut endpoint = endpoint("https://model.invalid/v1");
    endpoint.proxy = Some(format!("http://{}", proxy.address));
    let error = probe(&endpoint, "echo").await.unwrap_err();
    assert!(matches!(error, ProbeError::Proxy { .. }), "{error:?}");
    assert_eq!(proxy.heard(), ["CONNECT model.invalid:443 HTTP/1.1"]);
}

/// What is said of an endpoint behind the proxy at this address.
async fn why_behind(proxy: &str) -> String {
    let mut endpoint = endpoint("https://model.invalid/v1");
    endpoint.proxy = Some(format!("http://{proxy}"));
    let endpoints = BTreeMap::from([("far".to_owned(), endpoint)]);
    let finding = examine(&endpoints).await.expect("it makes a client").remove(0);
    assert_eq!(finding.hangs_on, HangsOn::Proxy);
    finding.why
}

#[tokio::test]
async fn a_proxy_that_cannot_connect_either_is_told_from_one_that_is_away() {
    let refusal = "HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n";
    let proxy = Server::start(vec![Step::Say(refusal.to_owned())]).await;
    let (answers, away) = (why_behind(&proxy.address).await, why_behind("127.0.0.1:1").await);
    assert!(away.contains("through the proxy") && away.contains("refused"), "{away}");
    assert!(answers.contains("through the proxy") && answers.contains("unsuccessful"), "{answers}");
}

/// A proxy that speaks SOCKS 5, and is what it connects to itself. Gives the name that it was asked
/// for.
async fn socks(listener: TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.expect("it listens");
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).await.expect("a greeting: version, one method, none");
    stream.write_all(&[5, 0]).await.expect("it listens");
    // Version, connect, reserved, a name follows, and how long it is.
    let mut request = [0; 5];
    stream.read_exact(&mut request).await.expect("a request");
    assert_eq!(request[..4], [5, 1, 0, 3]);
    let mut name = vec![0; usize::from(request[4]) + 2];
    stream.read_exact(&mut name).await.expect("a name and a port");
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.expect("it listens");
    let mut stream = BufReader::new(stream);
    read_request(&mut stream).await.expect("a request");
    stream.write_all(answer().as_bytes()).await.expect("it listens");
    String::from_utf8_lossy(&name[..name.len() - 2]).into_owned()
}

#[tokio::test]
async fn a_socks_proxy_looks_the_name_up_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut endpoint = endpoint(NOWHERE);
    endpoint.proxy = Some(format!("socks5h://{}", listener.local_addr().unwrap()));
    let proxy = tokio::spawn(socks(listener));
    probe(&endpoint, "echo").await.unwrap();
    assert_eq!(proxy.await.unwrap(), "model.invalid");
}

#[tokio::test]
async fn an_endpoint_is_called_directly() {
    let server = Server::start(vec![Step::Say(answer())]).await;
    probe(&endpoint(&format!("http://{}/v1", server.address)), "echo").await.unwrap();
}

#[test]
fn a_proxy_of_the_environment_is_not_used() {
    // The test above once more, in a process of its own whose environment names a proxy that is none.
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "proxies::an_endpoint_is_called_directly"]);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let ran = child.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}
