// SPDX-License-Identifier: MIT
#include "../base/secret.hpp"
#include "base/secret.hpp"

#include "fanfare/base/upward.hpp"

// What would upset a list of CMake's must not shift the numbers of lines: ; ] [
#define ODD    \
    1;         \
    "\\][; \"" \
    ""

#include <fanfare/sessions/session.hpp>
