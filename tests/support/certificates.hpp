// SPDX-License-Identifier: MIT
#pragma once

#include "support/temporary_folder.hpp"

#include <string>

namespace fanfare::testing {

/// Certificates for tests, made by the openssl command: an authority, and those it has signed. PEM
/// files, gone with the object.
class Certificates {
public:
    Certificates();

    /// `alternative_names` as in `DNS:localhost,IP:127.0.0.1`.
    void sign(const std::string& name, const std::string& alternative_names) const;

    [[nodiscard]] std::string authority() const { return certificate("authority"); }

    [[nodiscard]] std::string certificate(const std::string& name) const {
        return folder_.path(name + ".crt");
    }

    [[nodiscard]] std::string key(const std::string& name) const {
        return folder_.path(name + ".key");
    }

private:
    void make(const std::string& name, const std::string& arguments) const;

    TemporaryFolder folder_;
};

}  // namespace fanfare::testing
