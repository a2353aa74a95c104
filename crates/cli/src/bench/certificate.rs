//! A certificate for the doors of one measurement, by an authority of its own.

use std::path::Path;

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// Files in the folder: whom clients believe, and what a listener shows.
pub(super) const AUTHORITY: &str = "ca.pem";
pub(super) const CERTIFICATE: &str = "certificate.pem";
pub(super) const KEY: &str = "key.pem";

/// Writes all three, for a listener on this address.
pub(super) fn write_certificates(folder: &Path, address: &str) -> Result<()> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let (authority_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
    let signed = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);
    let shown = CertificateParams::new(vec![address.to_owned()])?.signed_by(&key, &issuer)?;
    std::fs::write(folder.join(AUTHORITY), signed.pem())?;
    std::fs::write(folder.join(CERTIFICATE), shown.pem())?;
    Ok(std::fs::write(folder.join(KEY), key.serialize_pem())?)
}
