// SPDX-License-Identifier: MIT
#include "support/subscribers_program.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

// A program of joins, leaves and deliveries, three bytes a step, that Subscribers and a naive model
// carry out alike.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fanfare::channels::testing::SubscribersProgram world;
    const std::string fault = world.run({data, size});
    if (fault.empty()) return 0;
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
}
