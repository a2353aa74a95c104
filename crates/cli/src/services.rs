//! What a coordinator is asked through: the clients of its services, over one connection.

use iago_protocol::MESSAGE_BYTES_MAX;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::nights_client::NightsClient;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;

use crate::dial::Bearer;
use crate::submission::Jobs;

/// A client of the Nights service.
pub(crate) type Nights = NightsClient<InterceptedService<Channel, Bearer>>;

/// Clients of the services for people.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) jobs: Jobs,
    pub(crate) nights: Nights,
}

impl Services {
    /// Over this connection, with this token in every call.
    pub(crate) fn new(channel: Channel, bearer: Bearer) -> Self {
        let jobs = JobsClient::with_interceptor(channel.clone(), bearer.clone());
        let nights = NightsClient::with_interceptor(channel, bearer);
        Self {
            jobs: jobs.max_decoding_message_size(MESSAGE_BYTES_MAX),
            nights: nights.max_decoding_message_size(MESSAGE_BYTES_MAX),
        }
    }
}
