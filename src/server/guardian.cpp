// SPDX-License-Identifier: MIT
#include "guardian.hpp"

#include "fanfare/server/server.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <utility>

namespace fanfare::server {

namespace {

constexpr std::array daemon_signals{SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

/// Those that a daemon hears, and the end of a child.
sigset_t heard_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : daemon_signals) ::sigaddset(&signals, signal);
    ::sigaddset(&signals, SIGCHLD);
    return signals;
}

volatile std::sig_atomic_t signals_go_to = 0;

/// A child that is left; 0 if there is none. A successor's successor becomes one when that ends.
pid_t remaining_child() {
    std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    pid_t child = 0;
    children >> child;
    return child;
}

}  // namespace

bool becomes_guardian() {
    const bool is_guarded = std::getenv(guarded_variable) != nullptr;
    return !is_guarded && std::getenv("NOTIFY_SOCKET") == nullptr;
}

void pass_signals_to(pid_t successor) {
    signals_go_to = successor;
    for (const int signal : daemon_signals) {
        std::signal(signal, [](int number) { ::kill(signals_go_to, number); });
    }
}

void leave(pid_t successor) {
    if (!becomes_guardian()) std::_Exit(0);
    // A signal that comes before it is heard waits.
    const sigset_t signals = heard_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // outlives exec()
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    // Gives back all that the process had.
    const std::string pid = std::to_string(successor);
    ::execl("/proc/self/exe", "fanfare", "guard", pid.c_str(), static_cast<char*>(nullptr));
    std::_Exit(guard(successor));
}

/// Supervisor, a container or a shell wait for the process that they have started: it passes
/// signals on to its successor, and to the successors of that, and ends as the last one does.
int guard(pid_t successor) {
    const sigset_t signals = heard_signals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    int status = 0;
    std::set<int> passed_on;  // to this successor, but for the order to upgrade
    for (;;) {
        pid_t ended = 0;
        while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0) {
            if (ended != successor) continue;
            successor = remaining_child();
            if (successor == 0)
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            // One that was about to leave has not heard them.
            for (const int signal : std::exchange(passed_on, {})) ::kill(successor, signal);
        }
        if (ended < 0) return 1;  // it was no child of ours
        int signal = 0;
        ::sigwait(&signals, &signal);
        if (signal == SIGCHLD) continue;
        ::kill(successor, signal);
        if (signal != SIGUSR2) passed_on.insert(signal);
    }
}

}  // namespace fanfare::server
