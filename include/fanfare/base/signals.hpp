// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>

namespace fanfare {

/// For a thread that is not the main one, at its beginning, and for that one at its end: signals
/// are for those that know what they mean, and nobody else dies of them.
inline void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace fanfare
