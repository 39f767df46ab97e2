// SPDX-License-Identifier: MIT
#pragma once

#include "secret.hpp"

#include "fanfare/protocol/frames.hpp"
