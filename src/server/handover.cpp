// SPDX-License-Identifier: MIT
#include "handover.hpp"

#include "guardian.hpp"

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace fanfare::server {

namespace {

using boost::system::error_code;

constexpr std::chrono::seconds start_patience{60};  // it may have to wait for Redis
constexpr std::chrono::seconds step_patience{20};
constexpr std::chrono::seconds pause_patience{5};  // of clients, which wait

/// Requests that are still coming in after so many looks at them are cut off.
constexpr std::chrono::milliseconds look_time{2};
constexpr int looks = 1'000;

/// Only what is allowed between fork and exec. Of the descriptors, the pipe alone goes along.
[[noreturn]] void become(
    const char* program, char* const* arguments, char* const* environment, unsigned pipe
) {
    if (pipe > 3) ::close_range(3, pipe - 1, CLOSE_RANGE_CLOEXEC);
    ::close_range(pipe + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::execve(program, arguments, environment);
    ::_exit(127);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// This process's, but for what was said to it alone.
std::vector<std::string> environment_for_successor(int pipe) {
    constexpr std::array own{"LISTEN_PID=", "WATCHDOG_PID=", handover_variable, guarded_variable};
    std::vector<std::string> environment;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view text = *each;
        const bool is_own = std::any_of(own.begin(), own.end(), [text](std::string_view name) {
            return text.starts_with(name);
        });
        if (!is_own) environment.emplace_back(text);
    }
    environment.push_back(std::string(handover_variable) + "=" + std::to_string(pipe));
    environment.push_back(std::string(guarded_variable) + "=1");
    return environment;
}

}  // namespace

Handover::Handover(Context context, const Successor& successor, Done done)
    : context_(std::move(context)),
      done_(std::move(done)),
      looks_left_(looks),
      waiting_(context_.context),
      timer_(context_.context),
      pause_timer_(context_.context) {
    start(successor);
    wait_for_answer(is_ready, start_patience, [this] { attend(false); });
}

Handover::~Handover() {
    if (going_on_) going_on_->set_value();
    end_successor();
}

void Handover::end_successor() {
    if (successor_ == 0) return;
    ::kill(successor_, SIGKILL);
    ::waitpid(std::exchange(successor_, 0), nullptr, 0);
}

void Handover::start(const Successor& successor) {
    const auto [own, its] = make_descriptor_pipe();
    pipe_.emplace(own);
    std::vector<std::string> arguments = successor.arguments;
    std::vector<std::string> environment = environment_for_successor(its);
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);
    successor_ = ::fork();
    if (successor_ == 0) {
        become(
            successor.program.c_str(),
            argument_pointers.data(),
            environment_pointers.data(),
            static_cast<unsigned>(its)
        );
    }
    ::close(its);
    if (successor_ < 0) {
        successor_ = 0;
        throw std::runtime_error("cannot start another process");
    }
    context_.common.log.info("upgrade begun program=\"{}\" pid={}", successor.program, successor_);
}

void Handover::wait_for_answer(
    std::string_view answer, std::chrono::seconds time, std::function<void()> next
) {
    waiting_.assign(::fcntl(pipe_->fd(), F_DUPFD_CLOEXEC, 0));
    expect(time, "the new process is not ready in time");
    waiting_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [this, answer, next = std::move(next)](const error_code& error) {
            if (error || is_over_) return;
            timer_.cancel();
            waiting_.close();
            pipe_->be_patient(step_patience);  // Asio has made it one that does not wait
            std::string answered;
            try {
                answered = pipe_->receive().bytes;
            } catch (const std::exception&) {
                return wait_for_end(looks);
            }
            if (answered != answer) return call_off(answered);
            next();
        }
    );
}

void Handover::expect(std::chrono::seconds time, const char* otherwise) {
    timer_.expires_after(time);
    timer_.async_wait([this, otherwise](const error_code& error) {
        if (!error) call_off(otherwise);
    });
}

template <typename... Arguments>
std::function<void(Arguments...)> Handover::on_main_thread(std::function<void(Arguments...)> task) {
    return [&context = context_.context,
            alive = std::weak_ptr<bool>(alive_),
            task = std::move(task)](Arguments... arguments) {
        boost::asio::post(context, [alive, task, ... arguments = std::move(arguments)] {
            if (!alive.expired()) task(arguments...);
        });
    };
}

/// The other process begins to listen.
void Handover::attend(bool is_last) {
    if (context_.bus == nullptr) return settle(looks);
    const auto patience = is_last ? pause_patience : start_patience;
    expect(patience, "Redis does not answer");
    const std::function<void(cluster::Attention)> pass_on = [=, this](const auto& attention) {
        if (is_over_) return;
        const auto name = [this](AppIndex app) { return context_.common.apps[app].id; };
        try {
            pipe_->send(encode(attention, name));
        } catch (const std::exception&) {
            return wait_for_end(looks);
        }
        wait_for_answer(is_attending, patience, [this, is_last] {
            is_last ? catch_up() : settle(looks);
        });
    };
    context_.bus->prepare_to_pass(is_last, on_main_thread(pass_on));
}

/// What was said before it did is still to be heard.
void Handover::catch_up() {
    is_attended_ = true;
    expect(pause_patience, "Redis does not answer");
    const std::function<void()> go_on = [this] {
        timer_.cancel();
        if (!is_over_) pause();
    };
    context_.bus->catch_up(on_main_thread(go_on));
}

/// It has let go of the pipe, and may still be writing why.
void Handover::wait_for_end(int tries) {
    if (is_over_) return;
    if (::waitpid(successor_, nullptr, WNOHANG) == successor_) successor_ = 0;
    if (successor_ == 0 || tries == 0) {
        return call_off("the new process has ended at its start; its output says why");
    }
    after_a_look([this, tries] { wait_for_end(tries - 1); });
}

/// Puts every shard into the phase; `done` hears whether all of them are settled.
void Handover::ask(Shard::Phase phase, std::function<void(bool)> done) {
    struct Count {
        std::atomic<std::size_t> missing;
        std::atomic<bool> is_settled{true};
        std::function<void(bool)> done;
    };

    const auto count = std::make_shared<Count>();
    count->missing = context_.shards.size();
    count->done = std::move(done);
    for (const auto& shard : context_.shards) {
        shard->set_phase(phase, [this, count](bool is_settled) {
            if (!is_settled) count->is_settled = false;
            if (--count->missing != 0) return;
            boost::asio::post(context_.context, [count] { count->done(count->is_settled); });
        });
    }
}

void Handover::settle(int tries) {
    ask(Shard::Phase::settling, [this, tries](bool is_settled) {
        if (is_over_) return;
        if (is_settled || tries == 0) return begin_pause();
        after_a_look([this, tries] { settle(tries - 1); });
    });
}

/// Nothing comes in any more; what is on its way between the shards arrives.
void Handover::begin_pause() {
    pause_timer_.expires_after(pause_patience);
    pause_timer_.async_wait([this](const error_code& error) {
        if (!error) call_off("this process does not come to rest within five seconds");
    });
    pause();
}

void Handover::pause() {
    ask(Shard::Phase::paused, [this](bool is_settled) {
        if (is_over_) return;
        if (is_settled || looks_left_ == 0) {
            return context_.bus == nullptr || is_attended_ ? stand_still() : attend(true);
        }
        --looks_left_;
        after_a_look([this] { pause(); });
    });
}

void Handover::after_a_look(std::function<void()> next) {
    timer_.expires_after(look_time);
    timer_.async_wait([this, next = std::move(next)](const error_code& error) {
        if (!error && !is_over_) next();
    });
}

void Handover::stand_still() {
    going_on_.emplace();
    const std::shared_future<void> go_on_signal = going_on_->get_future().share();
    // The bus first: what it has still said, the shards hear.
    if (context_.bus != nullptr && !context_.bus->stand_still(go_on_signal)) return pause_again();
    std::vector<std::promise<void>> still(context_.shards.size());
    for (std::size_t i = 0; i < still.size(); ++i) {
        context_.shards[i]->stand_still([&still, i] { still[i].set_value(); }, go_on_signal);
    }
    for (auto& each : still) each.get_future().wait();
    if (has_mail()) return pause_again();  // sent by one that stopped later
    try {
        pass();
    } catch (const std::exception& error) {
        call_off(error.what());
    }
}

void Handover::pause_again() {
    std::exchange(going_on_, std::nullopt)->set_value();
    if (context_.bus != nullptr && !context_.bus->trouble().empty()) {
        return call_off(fmt::format("the cluster is in trouble ({})", context_.bus->trouble()));
    }
    after_a_look([this] { pause(); });
}

bool Handover::has_mail() const {
    if (context_.bus != nullptr && !context_.bus->has_no_mail()) return true;
    for (const auto& shard : context_.shards) {
        if (!shard->has_no_mail()) return true;
    }
    return false;
}

void Handover::pass() {
    Snapshot all;
    const auto append = [](auto& to, auto& from) {
        to.insert(
            to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end())
        );
    };
    for (const auto& shard : context_.shards) {
        Snapshot one = shard->pass();
        append(all.listeners, one.listeners);
        append(all.clients, one.clients);
        append(all.requests, one.requests);
        append(all.channels.members, one.channels.members);
        append(all.channels.events, one.channels.events);
        append(all.channels.absences, one.channels.absences);
        append(all.channels.counts, one.channels.counts);
    }
    if (context_.bus != nullptr) all.bus = context_.bus->pass();
    std::vector<int> fds;
    const auto name = [this](AppIndex app) { return context_.common.apps[app].id; };
    const std::string bytes = encode(all, name, fds);
    pipe_->send(bytes, fds);
    const std::string answer = pipe_->receive().bytes;
    if (answer != taken_over) throw std::runtime_error(answer);
    // From here on it waits for us to be gone, and for nothing else.
    context_.let_go(successor_);
    pipe_->send("go");
    context_.common.log.info(
        "upgrade done pid={} clients={} requests={} bytes={}",
        successor_,
        all.clients.size(),
        all.requests.size(),
        bytes.size()
    );
    done_("");
    is_over_ = true;
    context_.gone(std::exchange(successor_, 0));
}

void Handover::call_off(const std::string& why) {
    if (std::exchange(is_over_, true)) return;
    context_.common.log.error("upgrade failed, this process goes on: {}", why);
    end_successor();
    timer_.cancel();
    pause_timer_.cancel();
    if (going_on_) std::exchange(going_on_, std::nullopt)->set_value();
    if (context_.bus != nullptr) context_.bus->stay();
    ask(Shard::Phase::running, [this, why](bool /*is_settled*/) { done_(why); });
}

}  // namespace fanfare::server
