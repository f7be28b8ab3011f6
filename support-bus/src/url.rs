//! Where Redis is.

use std::{fmt, str::FromStr};

use redis::{Client, ConnectionAddr, ConnectionInfo, ProtocolVersion};

/// Where Redis is and how to get in: `redis://user:password@host:6379`, `rediss://…` over TLS,
/// `redis+unix:///path/of/socket?pass=…`.
#[derive(Clone)]
pub struct RedisUrl(Client);

/// A text that says nowhere where Redis is. It isn't repeated here: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be redis://host:port, rediss://host:port or redis+unix:///path")]
pub struct InvalidRedisUrl;

impl RedisUrl {
    /// What connects there.
    pub(crate) fn client(&self) -> &Client {
        &self.0
    }
}

impl FromStr for RedisUrl {
    type Err = InvalidRedisUrl;

    fn from_str(text: &str) -> Result<Self, InvalidRedisUrl> {
        let info: ConnectionInfo = text.parse().map_err(|_| InvalidRedisUrl)?;
        // Encrypted for whoever answers protects nobody.
        if let ConnectionAddr::TcpTls { insecure: true, .. } = info.addr() {
            return Err(InvalidRedisUrl);
        }
        // Protocol 3 lets one connection both publish and listen.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        // Hints are small and urgent: they don't wait for the acknowledgement of those before.
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        let client = Client::open(info.set_redis_settings(settings).set_tcp_settings(tcp));
        client.map(Self).map_err(|_| InvalidRedisUrl)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RedisUrl").field(&self.to_string()).finish()
    }
}

/// The address alone, without what lets one in.
impl fmt::Display for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.get_connection_info().addr().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn every_way_to_redis_is_understood() {
        for text in [
            "redis://localhost",
            "redis://:password@127.0.0.1:6380/3",
            "rediss://user:password@redis.example:6379",
            "redis+unix:///run/redis.sock?user=me&pass=password",
            "unix:///run/redis.sock",
        ] {
            let url: RedisUrl = text.parse().unwrap();
            assert_eq!(
                url.client().get_connection_info().redis_settings().protocol(),
                ProtocolVersion::RESP3,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_way_to_redis_is_refused() {
        for text in [
            "",
            "localhost:6379",
            "http://localhost",
            "redis://",
            "redis://localhost:99999",
            "redis://localhost/first",
            "rediss://localhost/#insecure",
        ] {
            assert_eq!(text.parse::<RedisUrl>().err(), Some(InvalidRedisUrl), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for text in [
            "redis://me:sesame@redis.example",
            "redis+unix:///run/redis.sock?pass=sesame",
        ] {
            let url: RedisUrl = text.parse().unwrap();
            assert!(!format!("{url:?} {url}").contains("sesame"), "{text}");
        }
        let refused = "redis://me:sesame@redis.example:99999".parse::<RedisUrl>().unwrap_err();
        assert!(!format!("{refused:?} {refused}").contains("sesame"));
    }
}
