// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/redis/reply.hpp"

#include <memory>
#include <optional>
#include <string_view>

struct redisReader;

namespace fanfare::redis {

/// RESP2 from bytes to replies, in pieces of any size; hiredis's reader, which builds our Reply at
/// once instead of its own.
class Reader {
public:
    Reader();
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    void feed(std::string_view bytes);

    /// The next complete reply. None: more bytes are needed, or is_broken().
    [[nodiscard]] std::optional<Reply> next();

    /// What was fed is not RESP2; there is no way on.
    [[nodiscard]] bool is_broken() const;

    /// Why it is broken.
    [[nodiscard]] std::string_view error() const;

private:
    struct Free {
        void operator()(redisReader* reader) const;
    };

    std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace fanfare::redis
