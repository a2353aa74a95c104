//! Endpoints whose certificate no public authority has signed.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use iago_worker::{ProbeError, probe};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::{answer, endpoint};

/// Our own authority in PEM, and the settings of a server that it has signed for.
fn signed() -> (String, ServerConfig) {
    let authority = KeyPair::generate().expect("a key");
    let mut of_authority = CertificateParams::new(Vec::new()).expect("no names");
    of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = of_authority.self_signed(&authority).expect("it signs itself").pem();
    let issuer = Issuer::new(of_authority, authority);
    let key = KeyPair::generate().expect("a key");
    let of_server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    let certificate = of_server.signed_by(&key, &issuer).expect("it signs");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("there are some")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("they fit");
    (root, config)
}

/// Answers so many connections, on a thread of its own; those that fail too.
fn serve(config: ServerConfig, connections: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for stream in listener.incoming().take(connections).flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("it is set up");
            let mut stream = StreamOwned::new(connection, stream);
            let mut request = [0; 16 * 1024];
            if stream.read(&mut request).is_ok() {
                // Whoever has hung up needs no answer.
                drop(stream.write_all(answer().as_bytes()).and_then(|()| stream.flush()));
                stream.conn.send_close_notify();
                drop(stream.flush());
            }
        }
    });
    format!("https://{address}/v1")
}

#[tokio::test]
async fn an_authority_that_the_settings_name_is_trusted_and_no_other() {
    let (root, config) = signed();
    let mut endpoint = endpoint(&serve(config, 3));
    let unknown = probe(&endpoint, "echo").await.unwrap_err();
    assert!(matches!(&unknown, ProbeError::Tls { why, .. } if !why.is_empty()), "{unknown:?}");
    let (other, _) = signed();
    endpoint.ca = Some(other.into_bytes());
    assert!(matches!(probe(&endpoint, "echo").await, Err(ProbeError::Tls { .. })));
    endpoint.ca = Some(root.into_bytes());
    probe(&endpoint, "echo").await.unwrap();
}
