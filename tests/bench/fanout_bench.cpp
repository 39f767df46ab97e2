// SPDX-License-Identifier: MIT
//
// CPU time of the server per delivered event, next to a bare loop that does nothing but send a
// ready frame to every socket. All three servers are measured in turn, several rounds in one run,
// because only ratios within a run mean anything.
//
//     fanout_bench <path of fanfare> [subscribers] [rounds]
#include "load.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace fanfare::bench;

constexpr std::string_view channel = "bench";
constexpr std::uint64_t deliveries_per_round = 400'000;

/// The frame that Fanfare sends for the benchmark's event: 100 bytes on the wire.
std::string event_frame(std::string_view data) {
    std::string text = R"({"event":"bench","data":")";
    text.append(data).append(R"(","channel":")").append(channel).append("\"}");
    return std::string{'\x81', static_cast<char>(text.size())} + text;
}

std::string event_data() {
    return std::string(100 - event_frame("").size(), 'x');
}

/// The bare loop. The first connection triggers one event per byte; all others get the frame. With
/// `batches`, the events that one read brings are joined into one send per socket.
[[noreturn]] void serve_bare(std::uint16_t port, const std::string& frame, bool batches) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(listener, 4'096) != 0) {
        std::abort();
    }
    const int epoll = ::epoll_create1(0);
    const auto watch = [&](int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    };
    watch(listener);
    const int trigger = ::accept(listener, nullptr, nullptr);
    watch(trigger);
    std::vector<int> subscribers;
    std::array<char, 64> input{};
    while (true) {
        std::array<epoll_event, 64> events{};
        const int count = ::epoll_wait(epoll, events.data(), 64, -1);
        for (int i = 0; i < count; ++i) {
            if (events[static_cast<std::size_t>(i)].data.fd == listener) {
                subscribers.push_back(::accept(listener, nullptr, nullptr));
                continue;
            }
            const ssize_t due = ::recv(trigger, input.data(), input.size(), 0);
            if (due <= 0) std::abort();
            const ssize_t turns = batches ? 1 : due;
            std::string bytes;
            for (ssize_t n = 0; n < (batches ? due : 1); ++n) bytes += frame;
            for (ssize_t turn = 0; turn < turns; ++turn) {
                for (const int fd : subscribers) {
                    if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
                        std::abort();
                    }
                }
            }
        }
    }
}

/// A server with its audience, ready to be measured.
struct Subject {
    Process process;
    Audience audience;
    int trigger;
    std::string trigger_bytes;
    std::uint64_t frame_bytes;
    std::uint64_t events = 0;
};

void fill(Subject& subject, std::size_t subscribers, auto connect) {
    subject.audience.add(subject.trigger, false);
    for (std::size_t i = 0; i < subscribers; ++i) subject.audience.add(connect());
}

std::unique_ptr<Subject> bare_subject(std::size_t subscribers, bool batches) {
    const std::uint16_t port = free_port();
    const std::string frame = event_frame(event_data());
    Process process = Process::fork([&] { serve_bare(port, frame, batches); });
    std::unique_ptr<Subject> subject(new Subject{
        std::move(process), {}, connect_to(port), "x", frame.size()});
    fill(*subject, subscribers, [&] { return connect_to(port); });
    return subject;
}

std::unique_ptr<Subject> fanfare_subject(const std::string& binary, std::size_t subscribers) {
    const std::uint16_t port = free_port();
    Process process = start_fanfare(binary, port);
    std::unique_ptr<Subject> subject(new Subject{
        std::move(process),
        {},
        connect_to(port),
        publish_request(channel, event_data()),
        event_frame(event_data()).size()});
    fill(*subject, subscribers, [&] { return subscribe(port, channel); });
    return subject;
}

/// Nanoseconds of CPU per delivery, with `in_flight` events published but not yet received by
/// everybody.
double measure(Subject& subject, std::uint64_t in_flight) {
    const std::uint64_t subscribers = subject.audience.size() - 1;
    const std::uint64_t events = std::max<std::uint64_t>(16, deliveries_per_round / subscribers);
    const std::uint64_t bytes_per_event = subscribers * subject.frame_bytes;
    const std::uint64_t first = subject.events;
    const std::uint64_t before = subject.process.cpu_ns();
    std::uint64_t sent = 0;
    for (std::uint64_t done = 0; done < events; done += in_flight) {
        std::string burst;
        for (; sent < std::min(events, done + in_flight); ++sent) burst += subject.trigger_bytes;
        write_all(subject.trigger, burst);
        subject.audience.wait_for((first + sent) * bytes_per_event);
    }
    subject.events += events;
    return static_cast<double>(subject.process.cpu_ns() - before) /
           static_cast<double>(events * subscribers);
}

struct Comparison {
    const char* title;
    const char* reference;
    bool batches;
    std::uint64_t in_flight;
};

/// Measures both servers in turn, so that whatever slows the machine down slows both.
void compare(
    const std::string& binary, const Comparison& comparison, std::size_t subscribers, int rounds
) {
    const auto bare = bare_subject(subscribers, comparison.batches);
    const auto fanfare = fanfare_subject(binary, subscribers);
    std::vector<double> bare_ns;
    std::vector<double> fanfare_ns;
    std::vector<double> ratios;
    for (int round = 0; round <= rounds; ++round) {
        const double a = measure(*bare, comparison.in_flight);
        const double b = measure(*fanfare, comparison.in_flight);
        if (round == 0) continue;  // warms up
        bare_ns.push_back(a);
        fanfare_ns.push_back(b);
        ratios.push_back(b / a);
    }
    std::printf(
        "%zu subscribers, %s: %s %.0f ns, fanfare %.0f ns, ratio %.2f\n",
        subscribers,
        comparison.title,
        comparison.reference,
        median(bare_ns),
        median(fanfare_ns),
        median(ratios)
    );
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: fanout_bench <path of fanfare> [subscribers] [rounds]\n");
        return 2;
    }
    const std::size_t subscribers = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1'000;
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 7;
    pin_load();
    std::printf("CPU time per delivery of 100 B, one shard, medians of %d rounds\n", rounds);
    compare(argv[1], {"1 event in flight", "bare loop", false, 1}, subscribers, rounds);
    compare(argv[1], {"8 events in flight", "batched bare loop", true, 8}, subscribers, rounds);
    return 0;
}
