//! Something between the program and its endpoint that writes down what the program sends.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What each connection sent, byte for byte. A byte is written down before it is passed on, so that
/// whatever was answered is here.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Recorder {
    /// Listens on a free port and passes on to `endpoint`; gives its own address.
    pub(crate) async fn start(&self, endpoint: SocketAddr) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let recorder = self.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(endpoint).await.expect("the endpoint is there");
                tokio::spawn(recorder.clone().pass(client, server));
            }
        });
        address
    }

    async fn pass(self, client: TcpStream, server: TcpStream) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let number = self.open();
        let back = tokio::spawn(async move { io::copy(&mut from_server, &mut to_client).await });
        let mut chunk = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from_client.read(&mut chunk).await {
            self.sent.lock().expect("nobody panics with it")[number].extend(&chunk[..read]);
            if to_server.write_all(&chunk[..read]).await.is_err() {
                break;
            }
        }
        back.abort();
    }

    fn open(&self) -> usize {
        let mut sent = self.sent.lock().expect("nobody panics with it");
        sent.push(Vec::new());
        sent.len() - 1
    }

    /// The bodies of all requests, as text.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let sent = self.sent.lock().expect("nobody panics with it");
        sent.iter().flat_map(|sent| split_bodies(sent)).filter(|body| !body.is_empty()).collect()
    }
}

/// Splits what one connection sent into the bodies of its requests.
fn split_bodies(sent: &[u8]) -> Vec<String> {
    let mut bodies = Vec::new();
    let mut rest = sent;
    while let Some(head) = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
        let length = content_length(&String::from_utf8_lossy(&rest[..head]));
        let body = &rest[head + 4..][..length];
        bodies.push(String::from_utf8(body.to_vec()).expect("JSON is UTF-8"));
        rest = &rest[head + 4 + length..];
    }
    assert!(rest.is_empty(), "every request came whole");
    bodies
}

fn content_length(head: &str) -> usize {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.map_or(0, |(_, length)| length.trim().parse().expect("a number"))
}
