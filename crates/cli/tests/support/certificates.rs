//! Certificates for one test, made anew each time.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// PEM texts.
pub struct Certificates {
    /// Who signs; clients trust it.
    pub authority: String,
    /// What a listener shows.
    pub certificate: String,
    pub key: String,
}

/// An authority, and a certificate by it for these addresses.
pub fn make(names: Vec<String>) -> Certificates {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let authority_key = KeyPair::generate().expect("a key");
    let signed = authority.self_signed(&authority_key).expect("it signs itself");
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(names).expect("addresses");
    let leaf = leaf.signed_by(&key, &issuer).expect("it signs");
    Certificates { authority: signed.pem(), certificate: leaf.pem(), key: key.serialize_pem() }
}
