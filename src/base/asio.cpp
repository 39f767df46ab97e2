// SPDX-License-Identifier: MIT
// The body of Asio, for the whole program.
#include <boost/asio/impl/src.hpp>
