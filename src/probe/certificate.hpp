// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/probe/target.hpp"

#include <openssl/x509.h>

namespace fanfare::probe {

/// But for who vouches for it.
[[nodiscard]] Certificate describe(X509* certificate, const std::string& host);

}  // namespace fanfare::probe
