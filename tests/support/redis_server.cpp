// SPDX-License-Identifier: MIT
#include "support/redis_server.hpp"

#include <hiredis/hiredis.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace fanfare::testing {

namespace {

constexpr std::chrono::seconds patience{20};
constexpr std::chrono::milliseconds pause{5};

/// Waits for something outside of this process.
template <typename Condition>
bool comes_true(Condition condition, std::chrono::milliseconds limit = patience) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(pause);
    }
    return true;
}

std::string flat(const redisReply& reply) {
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            return std::to_string(reply.integer);
        case REDIS_REPLY_NIL:
            return "(nil)";
        case REDIS_REPLY_ARRAY: {
            std::string text;
            for (std::size_t i = 0; i < reply.elements; ++i) {
                text += (i == 0 ? "" : " ") + flat(*reply.element[i]);
            }
            return text;
        }
        default:
            return {reply.str, static_cast<std::size_t>(reply.len)};
    }
}

std::string ask_over(redisContext& connection, std::initializer_list<std::string> command) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : command) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    void* answer =
        redisCommandArgv(&connection, static_cast<int>(texts.size()), texts.data(), sizes.data());
    if (answer == nullptr) throw std::runtime_error("redis does not answer");
    const std::unique_ptr<void, decltype(&freeReplyObject)> owner(answer, &freeReplyObject);
    return flat(*static_cast<redisReply*>(answer));
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> lines, bool is_sentinel)
    : is_sentinel_(is_sentinel), port_(free_port()) {
    std::ofstream file(folder_.path("redis.conf"));
    file << "port " << port_ << "\nbind 127.0.0.1\ndir " << folder_.path("") << "\n";
    if (!is_sentinel) file << "save \"\"\nunixsocket " << socket_path() << "\n";
    for (const std::string& line : lines) file << line << "\n";
    file.close();
    start();
}

RedisServer::~RedisServer() {
    stop();
}

void RedisServer::start() {
    spawn();
    if (!comes_true([this] { return answers() || !is_running(); }) || !answers()) {
        throw std::runtime_error("redis-server does not start");
    }
}

void RedisServer::spawn() {
    const std::string conf = folder_.path("redis.conf");
    const std::string log = folder_.path("log");
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
    if (std::freopen(log.c_str(), "a", stdout) == nullptr) ::_exit(127);
    ::execlp(
        "redis-server",
        "redis-server",
        conf.c_str(),
        is_sentinel_ ? "--sentinel" : static_cast<char*>(nullptr),
        static_cast<char*>(nullptr)
    );
    ::_exit(127);
}

void RedisServer::stop() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void RedisServer::freeze() const {
    ::kill(pid_, SIGSTOP);
    ::waitpid(pid_, nullptr, WUNTRACED);  // until all its threads have stopped
}

void RedisServer::thaw() const {
    ::kill(pid_, SIGCONT);
}

bool RedisServer::is_running() const {
    return ::waitpid(pid_, nullptr, WNOHANG) == 0;
}

bool RedisServer::answers() const {
    try {
        const std::string answer = ask({"PING"});
        return answer == "PONG" || answer.starts_with("NOAUTH");
    } catch (const std::runtime_error&) {
        return false;
    }
}

std::string RedisServer::ask(std::initializer_list<std::string> command) const {
    const timeval limit{5, 0};
    const std::unique_ptr<redisContext, decltype(&redisFree)> connection(
        redisConnectWithTimeout("127.0.0.1", port_, limit), &redisFree
    );
    if (!connection || connection->err != 0) throw std::runtime_error("redis is not reached");
    redisSetTimeout(connection.get(), limit);
    if (!password_.empty()) ask_over(*connection, {"AUTH", password_});
    return ask_over(*connection, command);
}

bool comes_to_answer(
    const RedisServer& server,
    std::initializer_list<std::string> command,
    const std::string& expected,
    std::chrono::milliseconds limit
) {
    return comes_true(
        [&] { return server.ask(command).find(expected) != std::string::npos; }, limit
    );
}

void wait_for_answer(
    const RedisServer& server,
    std::initializer_list<std::string> command,
    const std::string& expected
) {
    if (comes_to_answer(server, command, expected, patience)) return;
    throw std::runtime_error("redis answers " + server.ask(command) + ", not " + expected);
}

}  // namespace fanfare::testing
