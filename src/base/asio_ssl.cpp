// SPDX-License-Identifier: MIT
// The body of Asio's TLS, for the whole program; apart, since not every user of Asio links OpenSSL.
#include <boost/asio/ssl/impl/src.hpp>
