// SPDX-License-Identifier: MIT
#include "encode.hpp"

#include <boost/container/small_vector.hpp>
#include <hiredis/hiredis.h>

#include <memory>
#include <new>

namespace fanfare::redis {

void append_command(std::string& out, std::span<const std::string_view> arguments) {
    boost::container::small_vector<const char*, 16> texts;
    boost::container::small_vector<std::size_t, 16> sizes;
    texts.reserve(arguments.size());
    sizes.reserve(arguments.size());
    for (const std::string_view argument : arguments) {
        texts.push_back(argument.empty() ? "" : argument.data());
        sizes.push_back(argument.size());
    }
    char* text = nullptr;
    const auto size = redisFormatCommandArgv(
        &text, static_cast<int>(arguments.size()), texts.data(), sizes.data()
    );
    if (size < 0) throw std::bad_alloc();
    const std::unique_ptr<char, decltype(&redisFreeCommand)> owner(text, &redisFreeCommand);
    out.append(text, static_cast<std::size_t>(size));
}

}  // namespace fanfare::redis
