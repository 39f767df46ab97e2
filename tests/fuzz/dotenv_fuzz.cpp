// SPDX-License-Identifier: MIT
#include "fanfare/config/dotenv.hpp"
#include "fanfare/config/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Any bytes are a `.env` file: either entries or a ConfigError of one line, nothing else.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const fanfare::config::Environment process{{"HOME", "/root"}, {"A", "${A}"}};
    try {
        for (const auto& entry : fanfare::config::parse_dotenv(text, ".env", process)) {
            if (entry.name.empty() || entry.line == 0) __builtin_trap();
        }
    } catch (const fanfare::config::ConfigError& error) {
        if (std::string_view(error.what()).find('\n') != std::string_view::npos) __builtin_trap();
    }
    return 0;
}
