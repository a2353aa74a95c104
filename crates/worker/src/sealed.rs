//! A request that stays what it is, however often it is sent.

use iago_providers::UnsignedRequest;
use iago_sweep::Digest;

/// A request and the hash that its body had when it was written.
#[derive(Debug)]
pub(crate) struct Sealed {
    request: UnsignedRequest,
    digest: Digest,
}

/// The body is another one than that which was written: a bug, and nothing that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("iago was about to send another request than before; please report it with the log")]
pub(crate) struct Altered;

impl Sealed {
    pub(crate) fn new(request: UnsignedRequest) -> Self {
        let digest = Digest::of(&request.body);
        Self { request, digest }
    }

    /// Hash of the body.
    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.request.body.len()
    }

    /// The request, as long as it is the one that was written. An attempt's calls must all ask the
    /// same, or its answer would belong to another question than the one that is stored beside it.
    pub(crate) fn open(&self) -> Result<&UnsignedRequest, Altered> {
        if Digest::of(&self.request.body) == self.digest { Ok(&self.request) } else { Err(Altered) }
    }
}

#[cfg(test)]
mod tests {
    use iago_providers::AuthStyle;

    use super::*;

    #[test]
    fn what_was_altered_is_not_sent() {
        let request = UnsignedRequest {
            url: String::new(),
            headers: Vec::new(),
            body: b"{\"n\":1}".to_vec(),
            auth: AuthStyle::None,
            streams: false,
        };
        let mut sealed = Sealed::new(request);
        assert!(sealed.open().is_ok() && sealed.digest() == Digest::of("{\"n\":1}"));
        sealed.request.body[5] = b'2';
        assert_eq!(sealed.open(), Err(Altered));
    }
}
