// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace fanfare::redis {

/// Where a Redis listens.
struct Endpoint {
    std::string host;  ///< a name or an address; empty for a Unix socket
    std::uint16_t port = 0;
    std::string unix_path;  ///< absolute; empty for TCP

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// The user needs the commands PING, INFO, SCRIPT LOAD, EVALSHA, (S)PUBLISH, (S)SUBSCRIBE and
/// (S)UNSUBSCRIBE, CLUSTER SLOTS in a cluster, and what commands and scripts of the Client's user
/// need; a sentinel's user needs PING and SENTINEL get-master-addr-by-name.
struct Credentials {
    std::string username;  ///< empty: the default user
    std::string password;  ///< empty: none is sent
};

struct TlsOptions {
    bool enabled = false;
    bool verify = true;            ///< the certificate, and the name in it
    std::string ca_file;           ///< empty: the system's
    std::string certificate_file;  ///< of this client; empty: none
    std::string key_file;
    std::string server_name;  ///< for SNI and verification; empty: the endpoint's host
};

enum class Topology : std::uint8_t { single, sentinel, cluster };

/// How to reach the Redis that a cluster of Fanfare nodes shares.
struct Options {
    Topology topology = Topology::single;
    /// single: the server. sentinel: the sentinels. cluster: some of the nodes.
    std::vector<Endpoint> endpoints;
    Credentials credentials;
    std::uint32_t database = 0;
    TlsOptions tls;
    std::string master_name;           ///< sentinel only
    Credentials sentinel_credentials;  ///< sentinel only
    /// A Redis that does not answer for so long is lost; also the limit for connecting.
    std::chrono::milliseconds timeout{5'000};
};

}  // namespace fanfare::redis
