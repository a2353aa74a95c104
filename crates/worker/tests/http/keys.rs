//! The header that a key travels in, as it is seen on the wire.

use iago_providers::AuthStyle;
use iago_worker::probe;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{answer, endpoint};

const KEY: &str = "sk-very-secret-indeed";

/// The headers of a call that have a key in them.
async fn headers_with_key(auth: AuthStyle) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut endpoint = endpoint(&format!("http://{}", listener.local_addr().expect("it is bound")));
    endpoint.key = Some(SecretString::from(KEY));
    endpoint.dialect.auth = auth;
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("it listens");
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a request"));
        }
        stream.write_all(answer().as_bytes()).await.expect("it listens");
        String::from_utf8(head).expect("it is text")
    });
    probe(&endpoint, "echo").await.expect("it answers");
    let head = serving.await.expect("it serves");
    head.lines().filter(|line| line.contains(KEY)).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_key_travels_in_one_header_of_the_endpoints_choice() {
    assert_eq!(headers_with_key(AuthStyle::XApiKey).await, [format!("x-api-key: {KEY}")]);
    let bearer = [format!("authorization: Bearer {KEY}")];
    assert_eq!(headers_with_key(AuthStyle::Bearer).await, bearer);
    assert_eq!(headers_with_key(AuthStyle::None).await, [""; 0]);
}
