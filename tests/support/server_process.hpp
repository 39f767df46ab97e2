// SPDX-License-Identifier: MIT
#pragma once

#include "support/temporary_folder.hpp"

#include <sys/types.h>

#include <csignal>
#include <functional>
#include <string>
#include <vector>

/// Processes of servers that refuse to be root's: if the test is root's, they are nobody's.
namespace fanfare::testing {

/// A temporary folder that is such a process's.
class ServerFolder : public TemporaryFolder {
public:
    ServerFolder();
};

/// One process, which ends with the object, and with the test. What it writes goes to `log`.
class ServerProcess {
public:
    ServerProcess(const std::vector<std::string>& command, const std::string& log);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    void signal(int number) const;
    void signal_with_children(int number) const;

    /// With its children. On return none of their threads runs.
    void freeze() const;

    void thaw() const { signal_with_children(SIGCONT); }

    [[nodiscard]] bool is_running();

    /// Until it ends. Its status; that of exit() if it ended so.
    int wait();

private:
    pid_t pid_;
    int status_ = 0;
};

/// Runs a command to its end. Throws std::runtime_error with what it wrote if that is no success.
void run_to_end(const std::vector<std::string>& command, const std::string& log);

/// The path of a program in one of the folders. Throws std::runtime_error if it is not there.
[[nodiscard]] std::string find_program(
    const std::string& name, const std::vector<std::string>& folders
);

/// Throws std::runtime_error with `what` if it takes too long.
void wait_until(const std::function<bool()>& condition, const std::string& what);

}  // namespace fanfare::testing
