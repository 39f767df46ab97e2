// SPDX-License-Identifier: MIT
#include "tls_files.hpp"

#include "fanfare/config/error.hpp"
#include "fanfare/server/server.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace fanfare::server {

namespace {

/// Of a pair of files, or one that is both.
transport::TlsFiles files_of(std::string_view certificate, std::string_view key) {
    return {std::string(certificate), std::string(key.empty() ? certificate : key)};
}

transport::TlsFiles parse_pair(std::string_view pair) {
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return files_of(pair, "");
    return files_of(pair.substr(0, colon), pair.substr(colon + 1));
}

}  // namespace

std::shared_ptr<const transport::TlsContext> load_tls(const config::TlsSettings& settings) {
    if (settings.certificate_file.empty()) {
        if (settings.key_file.empty() && settings.more_certificates.empty() &&
            settings.client_ca_file.empty()) {
            return nullptr;
        }
        throw config::ConfigError(
            "server.tls_certificate_file (FANFARE_TLS_CERTIFICATE_FILE): it is empty though other "
            "settings of TLS are not; expected the path of a certificate"
        );
    }
    transport::TlsOptions options;
    options.files = files_of(settings.certificate_file, settings.key_file);
    for (const std::string& pair : settings.more_certificates) {
        options.more.push_back(parse_pair(pair));
    }
    options.client_ca_file = settings.client_ca_file;
    try {
        return std::make_shared<const transport::TlsContext>(options);
    } catch (const std::runtime_error& error) {
        throw config::ConfigError(std::string("server.tls_…: ") + error.what());
    }
}

std::vector<std::filesystem::path> tls_files(const config::TlsSettings& settings) {
    std::vector<std::filesystem::path> files;
    const auto add = [&](const std::string& file) {
        if (!file.empty()) files.emplace_back(file);
    };
    add(settings.certificate_file);
    add(settings.key_file);
    for (const std::string& pair : settings.more_certificates) {
        const transport::TlsFiles both = parse_pair(pair);
        add(both.certificate);
        add(both.key);
    }
    add(settings.client_ca_file);
    return files;
}

void require_usable_tls(const config::Settings& settings) {
    (void)load_tls(settings.server.tls);
}

}  // namespace fanfare::server
