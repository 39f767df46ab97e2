// SPDX-License-Identifier: MIT
#pragma once

#include "endpoint.hpp"

#include "fanfare/webhooks/event.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::webhooks {

/// A POST, ready to be sent.
struct Request {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  ///< in addition to HTTP's own
    std::string body;
    std::chrono::milliseconds timeout{0};  ///< for all of it, from the name to the answer's end
    bool tls_verify = true;
    std::string tls_ca_file;  ///< empty: the system's
};

/// What came of a request.
struct Answer {
    long status = 0;    ///< 0 if there was no answer
    std::string error;  ///< why, if there was none, or not all of it

    [[nodiscard]] bool is_success() const { return error.empty() && status / 100 == 2; }

    /// 410: the receiver wants no more of this.
    [[nodiscard]] bool is_final() const { return status == 410; }

    /// `status=503`, or the error in quotes.
    [[nodiscard]] std::string reason() const;
};

/// The body of a batch, which must not be empty. Its time is that of its first event.
[[nodiscard]] std::string body_of(std::span<const Event> batch);

/// Signs the body.
[[nodiscard]] Request make_request(
    const Endpoint& endpoint, std::string body, std::string_view user_agent
);

}  // namespace fanfare::webhooks
