// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/token_bucket.hpp"
#include "fanfare/sessions/session.hpp"
#include "fanfare/sessions/window_counter.hpp"

namespace fanfare::sessions {

/// What a session's client has used of its rates.
struct Session::Abuse {
    WindowCounter messages;
    WindowCounter malformed;
    TokenBucket client_events;
};

}  // namespace fanfare::sessions
