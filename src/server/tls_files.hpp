// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/transport/tls.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace fanfare::server {

/// Reads the certificates; null if there are none. Throws config::ConfigError, in one line that
/// names the setting and the file.
[[nodiscard]] std::shared_ptr<const transport::TlsContext> load_tls(
    const config::TlsSettings& settings
);

/// The files that load_tls() reads.
[[nodiscard]] std::vector<std::filesystem::path> tls_files(const config::TlsSettings& settings);

}  // namespace fanfare::server
