// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare::config {

/// A configuration the server cannot start with. `what()` is one line that names the place, the
/// setting, the wrong value (masked if secret) and what is expected.
class ConfigError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A file of it is there, but this process may not read it.
class UnreadableFile : public ConfigError {
public:
    UnreadableFile(std::filesystem::path file, const std::string& what)
        : ConfigError(what), file_(std::move(file)) {}

    [[nodiscard]] const std::filesystem::path& file() const { return file_; }

private:
    std::filesystem::path file_;
};

/// `text` fit for one line of output: control characters escaped, cut where it gets long.
std::string printable(std::string_view text);

/// A secret as it may be shown: its first two characters, or only `***` if it is short.
std::string masked(std::string_view secret);

}  // namespace fanfare::config
