// SPDX-License-Identifier: MIT
#include "unit/transport/websocket_conversation.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/websocket.hpp>
#include <gtest/gtest.h>

#include <random>

// The bytes are written by Boost.Beast's client, which shares no code with the decoder.

namespace fanfare::transport::testing {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::asio::buffer;

/// A Beast client whose handshake is done, and the raw bytes it sends from then on.
class Peer {
public:
    Peer() : accepting_(far_end_), client_(context_) {
        far_end_.connect(client_.next_layer());
        accepting_.async_accept([](beast::error_code error) { ASSERT_FALSE(error); });
        client_.async_handshake("localhost", "/", [](beast::error_code error) {
            ASSERT_FALSE(error);
        });
        context_.run();
        context_.restart();
        far_end_.clear();
    }

    websocket::stream<beast::test::stream>& client() { return client_; }

    std::string take_sent() {
        const std::string sent(far_end_.str());
        far_end_.clear();
        return sent;
    }

    /// Beast waits for an answer to its CLOSE; here it only has to write it.
    void close(const websocket::close_reason& reason) {
        client_.async_close(reason, [](beast::error_code) {});
        context_.poll();
        context_.restart();
    }

private:
    boost::asio::io_context context_;
    beast::test::stream far_end_{context_};
    websocket::stream<beast::test::stream&> accepting_;
    websocket::stream<beast::test::stream> client_;
};

using Random = std::mt19937;

std::size_t pick(Random& random, std::size_t low, std::size_t high) {
    return std::uniform_int_distribution<std::size_t>(low, high)(random);
}

std::size_t random_size(Random& random) {
    constexpr std::array<std::size_t, 6> highest{1, 20, 130, 300, 5000, 70000};
    return pick(random, 0, highest[pick(random, 0, highest.size() - 1)]);
}

/// Text with characters of all widths, sometimes only ASCII.
std::string random_text(Random& random, std::size_t size) {
    constexpr std::array characters{"a", "{", "7", " ", "ü", "я", "€", "日", "🎉", "𝄞"};
    const std::size_t kinds = pick(random, 0, 2) == 0 ? 4 : characters.size();
    std::string text;
    while (text.size() < size) text += characters[pick(random, 0, kinds - 1)];
    return text;
}

std::string random_bytes(Random& random, std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(pick(random, 0, 255));
    return bytes;
}

std::vector<std::size_t> random_cuts(Random& random, std::size_t size) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; (at += pick(random, 1, 3000)) < size;) cuts.push_back(at);
    return cuts;
}

void expect_randomly_cut(
    Random& random, const std::string& stream, const std::vector<Received>& sent
) {
    EXPECT_EQ(decode_whole(stream), sent);
    EXPECT_EQ(decode_bytewise(stream), sent);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(decode(stream, random_cuts(random, stream.size()), unlimited), sent);
}

}  // namespace

TEST(WebSocketPeer, r021_reads_what_beast_writes_in_frames_of_any_size) {
    Peer peer;
    Random random(20240501);
    peer.client().auto_fragment(true);
    for (int round = 0; round < 60; ++round) {
        SCOPED_TRACE(round);
        peer.client().write_buffer_bytes(pick(random, 8, 2000));
        std::vector<Received> sent;
        for (std::size_t i = pick(random, 1, 6); i > 0; --i) {
            const bool is_text = pick(random, 0, 2) > 0;
            const auto size = random_size(random);
            const auto payload = is_text ? random_text(random, size) : random_bytes(random, size);
            peer.client().text(is_text);
            peer.client().write(buffer(payload));
            sent.push_back(is_text ? text(payload) : binary(payload));
        }
        expect_randomly_cut(random, peer.take_sent(), sent);
    }
}

TEST(WebSocketPeer, r021_reads_what_beast_writes_in_one_frame) {
    Peer peer;
    Random random(7);
    peer.client().auto_fragment(false);
    peer.client().text(true);
    for (const std::size_t size :
         {0UL, 1UL, 124UL, 125UL, 126UL, 127UL, 65534UL, 65535UL, 65536UL}) {
        const auto payload = std::string(size, 'x');
        peer.client().write(buffer(payload));
        expect_randomly_cut(random, peer.take_sent(), {text(payload)});
    }
}

TEST(WebSocketPeer, r017_reads_beasts_pings_between_its_fragments) {
    Peer peer;
    Random random(42);
    peer.client().auto_fragment(false);
    peer.client().text(true);
    for (int round = 0; round < 40; ++round) {
        SCOPED_TRACE(round);
        const auto payload = random_text(random, random_size(random));
        std::vector<Received> sent;
        for (std::size_t at = 0; at < payload.size();) {
            const auto size = pick(random, 0, payload.size() - at);
            // Empty final frames are written below, so that the message always ends there.
            peer.client().write_some(false, buffer(payload.data() + at, size));
            at += size;
            const auto word = random_bytes(random, pick(random, 0, 125));
            if (pick(random, 0, 3) == 0) {
                peer.client().ping(websocket::ping_data(word.data(), word.size()));
                sent.push_back(ping(word));
            } else if (pick(random, 0, 3) == 0) {
                peer.client().pong(websocket::ping_data(word.data(), word.size()));
                sent.push_back(pong(word));
            }
        }
        peer.client().write_some(true, buffer(payload.data(), 0));
        sent.push_back(text(payload));
        expect_randomly_cut(random, peer.take_sent(), sent);
    }
}

TEST(WebSocketPeer, r022_applies_the_limit_to_what_beast_writes) {
    Peer peer;
    peer.client().auto_fragment(true);
    peer.client().write_buffer_bytes(100);
    const std::string payload(1000, 'x');
    peer.client().write(buffer(payload));
    const auto stream = peer.take_sent();
    expect_items(stream, {text(payload)}, 1000);
    expect_items(stream, {error(1009)}, 999);
}

TEST(WebSocketPeer, r024_reads_beasts_close_frames) {
    using websocket::close_code;
    const websocket::close_reason nothing;
    const websocket::close_reason bare(close_code::normal);
    const websocket::close_reason with_words(close_code::going_away, "auf Wiederhören");
    for (const auto& [reason, item] :
         {std::pair{nothing, close(1005)},
          std::pair{bare, close(1000)},
          std::pair{with_words, close(1001, "auf Wiederhören")}}) {
        Peer peer;
        peer.close(reason);
        expect_items(peer.take_sent(), {item});
    }
}

}  // namespace fanfare::transport::testing
