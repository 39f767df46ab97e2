// SPDX-License-Identifier: MIT
#include "fanfare/transport/websocket_decoder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// Nanoseconds per masked text message, best of several rounds. The input is restored by a copy
// before each pass, as decoding unmasks it; the copy is timed alone and subtracted.
namespace {

using fanfare::transport::WebSocketDecoder;
using Clock = std::chrono::steady_clock;

constexpr std::size_t max_message_size = 10'000;
constexpr std::size_t read_size = 65536;  // what a shard reads at once

std::string masked_text_frame(std::string_view payload) {
    constexpr std::string_view mask = "\x37\xfa\x21\x3d";
    const std::size_t size = payload.size();
    std::string frame = "\x81";
    if (size < 126) {
        frame += static_cast<char>(0x80 | size);
    } else {
        frame += {'\xfe', static_cast<char>(size >> 8), static_cast<char>(size & 0xff)};
    }
    frame += mask;
    for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    return frame;
}

double nanoseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

/// Decodes `buffer` in inputs of at most `piece` bytes.
std::size_t decode(std::string& buffer, std::size_t piece) {
    WebSocketDecoder decoder;
    std::size_t messages = 0;
    for (std::size_t at = 0; at < buffer.size(); at += piece) {
        auto input = std::span(buffer).subspan(at, std::min(piece, buffer.size() - at));
        while (true) {
            const auto item = decoder.next(input, max_message_size);
            if (item.kind == WebSocketDecoder::Kind::need_more) break;
            if (item.kind != WebSocketDecoder::Kind::text) std::abort();
            ++messages;
        }
    }
    return messages;
}

void measure(const char* name, std::string_view payload, std::size_t piece) {
    const std::string frame = masked_text_frame(payload);
    std::string stream;
    while (stream.size() + frame.size() <= read_size) stream += frame;
    std::string buffer = stream;
    double best = 1e12;
    for (int round = 0; round < 15; ++round) {
        constexpr int passes = 200;
        std::size_t messages = 0;
        double copying = 0;
        const auto start = Clock::now();
        for (int i = 0; i < passes; ++i) {
            const auto copy_start = Clock::now();
            std::copy(stream.begin(), stream.end(), buffer.begin());
            copying += nanoseconds_since(copy_start);
            messages += decode(buffer, piece);
        }
        const double total = nanoseconds_since(start) - copying;
        best = std::min(best, total / static_cast<double>(messages));
    }
    std::printf("%-34s %8.1f ns\n", name, best);
}

std::string repeat(std::string_view text, std::size_t size) {
    std::string result;
    while (result.size() + text.size() <= size) result += text;
    return result;
}

}  // namespace

int main() {
    measure("100 B ASCII", repeat("0123456789", 100), read_size);
    measure("4 KiB ASCII", repeat("0123456789abcdef", 4096), read_size);
    measure("100 B German", repeat("grüße aus Köln, ", 100), read_size);
    measure("4 KiB German", repeat("grüße aus Köln, ", 4096), read_size);
    measure("4 KiB Japanese", repeat("こんにちは", 4096), read_size);
    measure("100 B ASCII, read 50 B at a time", repeat("0123456789", 100), 50);
    measure("4 KiB ASCII, read 1400 B at a time", repeat("0123456789abcdef", 4096), 1400);
}
