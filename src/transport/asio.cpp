// SPDX-License-Identifier: MIT
// The bodies of Asio and Beast, for the whole program.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
