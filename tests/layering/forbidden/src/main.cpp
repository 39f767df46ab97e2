// SPDX-License-Identifier: MIT
#include "fanfare/cli/cli.hpp"
#include "fanfare/server/server.hpp"
