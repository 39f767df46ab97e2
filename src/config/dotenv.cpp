// SPDX-License-Identifier: MIT
#include "fanfare/config/dotenv.hpp"

#include "fanfare/config/error.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace fanfare::config {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\0';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_not_of(name_characters) == std::string_view::npos;
}

/// `\r\n` and a lone `\r` end a line as `\n` does, inside of quotes too.
std::string with_unix_line_ends(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            out += text[i];
        } else if (i + 1 == text.size() || text[i + 1] != '\n') {
            out += '\n';
        }
    }
    return out;
}

std::optional<char> unescaped(char c) {
    switch (c) {
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'v':
            return '\v';
        case '"':
        case '\\':
        case '$':
            return c;
        default:
            return std::nullopt;
    }
}

/// One pass over the text; `at_` only moves forward.
class DotenvParser {
public:
    DotenvParser(std::string_view text, std::string_view file_name, const Environment& process)
        : text_(with_unix_line_ends(text)), file_name_(file_name), process_(process) {}

    std::vector<DotenvEntry> parse() {
        while (!at_end()) {
            skip_blanks();
            if (at_end()) break;
            if (peek() == '\n' || peek() == '#') {
                skip_line();
            } else {
                parse_entry();
            }
        }
        return std::move(entries_);
    }

private:
    void parse_entry() {
        const std::size_t line = line_;
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        const std::size_t equals = text_.find('=', at_);
        const bool has_value = equals < end;
        const std::string_view written(text_.data() + at_, (has_value ? equals : end) - at_);
        std::string name = parse_name(trim(written));
        if (!has_value) return skip_line();
        at_ = equals + 1;
        std::string value = parse_value();
        known_.insert_or_assign(name, value);
        entries_.push_back({std::move(name), std::move(value), line});
    }

    std::string parse_name(std::string_view name) const {
        constexpr std::string_view prefix = "export";
        if (name.size() > prefix.size() + 1 && name.starts_with(prefix) &&
            is_blank(name[prefix.size()])) {
            name = trim(name.substr(prefix.size()));
        }
        const bool is_quoted = name.size() > 2 && (name.front() == '"' || name.front() == '\'') &&
                               name.front() == name.back();
        if (is_quoted) name = name.substr(1, name.size() - 2);
        // The text is not shown: it may be the second line of a secret whose quotes are missing.
        if (!is_name(name)) fail("not a variable; expected NAME=value");
        return std::string(name);
    }

    std::string parse_value() {
        skip_blanks();
        if (at_end()) return {};
        if (peek() == '\'') return parse_single_quoted();
        if (peek() == '"') return parse_double_quoted();
        return parse_unquoted();
    }

    std::string parse_unquoted() {
        std::string value;
        while (!at_end() && peek() != '\n' && peek() != '#' && !is_blank(peek())) {
            append_or_resolve(value);
        }
        finish_line("a value with spaces; expected it in double quotes");
        return value;
    }

    std::string parse_single_quoted() {
        take();
        std::string value;
        while (true) {
            if (at_end() || peek() == '\n') fail("a missing closing quote; expected '");
            const char c = take();
            if (c == '\'') break;
            value += c;
        }
        finish_line("text after the closing quote; expected the end of the line or a # comment");
        return value;
    }

    std::string parse_double_quoted() {
        const std::size_t first_line = line_;
        take();
        std::string value;
        while (true) {
            if (at_end()) fail_at(first_line, "a missing closing quote; expected \"");
            if (peek() == '"') break;
            if (peek() == '\\') {
                value += parse_escape(first_line);
            } else {
                append_or_resolve(value);
            }
        }
        take();
        finish_line("text after the closing quote; expected the end of the line or a # comment");
        return value;
    }

    char parse_escape(std::size_t first_line) {
        take();
        if (at_end()) fail_at(first_line, "a missing closing quote; expected \"");
        const auto c = unescaped(peek());
        if (!c)
            fail(
                "an unknown escape in double quotes; expected one of \\n \\r \\t \\f \\v \\\" \\\\ "
                "\\$"
            );
        take();
        return *c;
    }

    void append_or_resolve(std::string& value) {
        const char c = take();
        if (c == '$' && !at_end() && peek() == '{') {
            const std::size_t close = text_.find_first_not_of(name_characters, at_ + 1);
            if (close != std::string::npos && close > at_ + 1 && text_[close] == '}') {
                if (const auto* known = find(text_.substr(at_ + 1, close - at_ - 1))) {
                    value += *known;
                    at_ = close + 1;
                    return;
                }
            }
        }
        value += c;
    }

    const std::string* find(const std::string& name) const {
        if (const auto it = process_.find(name); it != process_.end()) return &it->second;
        if (const auto it = known_.find(name); it != known_.end()) return &it->second;
        return nullptr;
    }

    void finish_line(std::string_view otherwise) {
        skip_blanks();
        if (!at_end() && peek() != '\n' && peek() != '#') fail(otherwise);
        skip_line();
    }

    void skip_blanks() {
        while (!at_end() && is_blank(peek())) ++at_;
    }

    void skip_line() {
        while (!at_end() && take() != '\n') {
        }
    }

    bool at_end() const { return at_ >= text_.size(); }

    char peek() const { return text_[at_]; }

    char take() {
        if (text_[at_] == '\n') ++line_;
        return text_[at_++];
    }

    [[noreturn]] void fail(std::string_view what) const { fail_at(line_, what); }

    [[noreturn]] void fail_at(std::size_t line, std::string_view what) const {
        throw ConfigError(
            std::string(file_name_) + ":" + std::to_string(line) + ": " + std::string(what)
        );
    }

    std::string text_;
    std::string_view file_name_;
    const Environment& process_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    Environment known_;
    std::vector<DotenvEntry> entries_;
};

}  // namespace

std::vector<DotenvEntry> parse_dotenv(
    std::string_view text, std::string_view file_name, const Environment& process
) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return DotenvParser(text, file_name, process).parse();
}

}  // namespace fanfare::config
