// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/options.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <string>

namespace fanfare::redis {

/// Reads the certificates and the key. Throws std::runtime_error, naming the file.
[[nodiscard]] boost::asio::ssl::context make_tls_context(const TlsOptions& options);

/// Prepares one connection: SNI, and the name or address that the certificate must bear.
void expect_name(SSL& connection, const std::string& name, bool verify);

/// Why a handshake failed; says what is wrong with the server's certificate, if something is.
[[nodiscard]] std::string handshake_failure(
    const SSL& connection, const boost::system::error_code& error
);

}  // namespace fanfare::redis
