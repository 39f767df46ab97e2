// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/crypto.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace fanfare::api::testing {

/// The app of the test vectors (protocol.md, appendix B).
struct VectorApp {
    [[nodiscard]] apps::App& app() { return app_; }

    [[nodiscard]] std::string sign(std::string_view text) {
        const Sha256Hex mac = app_.signer().hex(text);
        return {mac.data(), mac.size()};
    }

private:
    static config::SharedAppSettings vector_settings() {
        config::AppSettings vector;
        vector.id = "3";
        vector.key = "278d425bdf160c739803";
        vector.secret = "7ad3773142a6692b25b8";
        return std::make_shared<const config::AppSettings>(vector);
    }

    apps::AppUsage usage_;
    apps::App app_{0, vector_settings(), usage_};
};

}  // namespace fanfare::api::testing
