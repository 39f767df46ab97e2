// SPDX-License-Identifier: MIT
//
// User-space memory per idle, subscribed connection.
//
//     memory_bench <path of fanfare> [connections]
#include "load.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    using namespace fanfare::bench;
    if (argc < 2) {
        std::fprintf(stderr, "usage: memory_bench <path of fanfare> [connections]\n");
        return 2;
    }
    const std::size_t connections = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10'000;
    pin_load();
    const std::uint16_t port = free_port();
    const Process process = start_fanfare(argv[1], port);
    Audience audience;
    audience.add(subscribe(port, "bench"));  // whatever the first connection sets up is not counted
    const std::uint64_t before = process.anonymous_bytes();
    for (std::size_t i = 0; i < connections; ++i) audience.add(subscribe(port, "bench"));
    const std::uint64_t after = process.anonymous_bytes();
    std::printf(
        "user-space memory per idle connection with one subscription, %zu connections: %.0f "
        "bytes\n",
        connections,
        static_cast<double>(after - before) / static_cast<double>(connections)
    );
    return 0;
}
