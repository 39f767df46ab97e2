// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare {

/// A line of the log, taken apart: `connection closed app=7 reason="no pong"` is something that
/// happened, with fields. A field is ` name=value`, the name of letters and underscores; a value
/// with spaces is in quotes and has none within. Fields stand at the end: what looks like one in
/// the middle of a sentence belongs to the sentence.
struct LogLine {
    std::string_view message;
    std::vector<std::pair<std::string_view, std::string_view>> fields;

    /// Views of `text`.
    [[nodiscard]] static LogLine parse(std::string_view text);
};

/// For people who know Reverb's: `Connection Established ........ 123.456  app=7`. A line about
/// no connection and no channel stays as it is.
[[nodiscard]] std::string log_line_for_people(std::string_view text);

/// `{"time":"2026-11-28T15:36:37.123Z","level":"info","message":"…","app":"7"}`: all values are
/// texts. `unix_time` is since 1970.
[[nodiscard]] std::string log_line_as_json(
    std::string_view text, std::string_view level, std::chrono::milliseconds unix_time
);

}  // namespace fanfare
