// SPDX-License-Identifier: MIT
#include "support/server_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

namespace fanfare::testing {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds patience{60};
constexpr std::chrono::milliseconds pause{5};

/// Null if the test is not root's.
const passwd* servers_user() {
    return ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr;
}

/// Of a process that begins; only what is allowed between fork and exec.
[[noreturn]] void become(const passwd* user, char* const* arguments, const char* log) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
    const int out = ::open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    if (user != nullptr) {
        const bool is_changed = ::setgroups(0, nullptr) == 0 && ::setgid(user->pw_gid) == 0 &&
                                ::setuid(user->pw_uid) == 0;
        if (!is_changed) ::_exit(126);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // forgotten with the user
    }
    ::execv(arguments[0], arguments);
    ::_exit(127);
}

/// What /proc says of a process or thread after its name: "S 1 …", its state and its parent.
/// Empty if there is none.
std::string stat_of(const fs::path& task) {
    std::ifstream in(task / "stat");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const std::size_t name_end = text.rfind(')');  // the name may have spaces
    return name_end == text.npos ? "" : text.substr(name_end + 2);
}

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const pid_t child = std::atoi(entry.path().filename().c_str());
        if (child <= 0) continue;
        const std::string stat = stat_of(entry.path());
        if (!stat.empty() && std::atoi(stat.c_str() + 2) == parent) children.push_back(child);
    }
    return children;
}

/// Or has ended: a child of a process that is stopped is not waited for.
bool is_still(pid_t process) {
    std::error_code ignored;
    const fs::path threads = "/proc/" + std::to_string(process) + "/task";
    for (const auto& thread : fs::directory_iterator(threads, ignored)) {
        const std::string stat = stat_of(thread.path());
        if (!stat.empty() && stat.front() != 'T' && stat.front() != 'Z') return false;
    }
    return true;
}

/// The signal is only asked for by kill(): a thread that runs may yet answer a query.
void stop(pid_t process) {
    ::kill(process, SIGSTOP);
    wait_until([=] { return is_still(process); }, "a process does not stop");
}

}  // namespace

ServerFolder::ServerFolder() {
    const passwd* const user = servers_user();
    if (user == nullptr) return;
    if (::chown(path("").c_str(), user->pw_uid, user->pw_gid) != 0) {
        throw std::runtime_error("cannot give a folder to nobody");
    }
}

ServerProcess::ServerProcess(const std::vector<std::string>& command, const std::string& log) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const passwd* const user = servers_user();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ == 0) become(user, arguments.data(), log.c_str());
}

ServerProcess::~ServerProcess() {
    if (pid_ == 0) return;
    signal_with_children(SIGKILL);
    wait();
}

void ServerProcess::signal(int number) const {
    if (pid_ != 0) ::kill(pid_, number);
}

void ServerProcess::signal_with_children(int number) const {
    if (pid_ == 0) return;
    signal(number);
    for (const pid_t child : children_of(pid_)) ::kill(child, number);
}

void ServerProcess::freeze() const {
    if (pid_ == 0) return;
    stop(pid_);  // first, for it makes children
    for (const pid_t child : children_of(pid_)) stop(child);
}

bool ServerProcess::is_running() {
    if (pid_ != 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ != 0;
}

int ServerProcess::wait() {
    if (pid_ != 0) ::waitpid(std::exchange(pid_, 0), &status_, 0);
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

void run_to_end(const std::vector<std::string>& command, const std::string& log) {
    if (ServerProcess(command, log).wait() == 0) return;
    std::ifstream in(log);
    throw std::runtime_error(
        command.front() + " failed: " + std::string(std::istreambuf_iterator<char>(in), {})
    );
}

std::string find_program(const std::string& name, const std::vector<std::string>& folders) {
    for (const std::string& folder : folders) {
        const std::string path = folder + "/" + name;
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    throw std::runtime_error(name + " is not installed");
}

void wait_until(const std::function<bool()>& condition, const std::string& what) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error(what);
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace fanfare::testing
