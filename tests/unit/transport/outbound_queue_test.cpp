// SPDX-License-Identifier: MIT
#include "fanfare/transport/outbound_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace fanfare::transport {
namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) {
    return random() % limit;
}

/// A queue that is cleared before it dies, as its connection does it.
class QueueOfTest {
public:
    explicit QueueOfTest(QueueChunks& chunks) : chunks_(chunks) {}

    ~QueueOfTest() { queue.clear(chunks_); }

    QueueOfTest(const QueueOfTest&) = delete;
    QueueOfTest& operator=(const QueueOfTest&) = delete;

    void push(const BufferPtr& buffer) { queue.push(buffer, chunks_); }

    void consume(std::size_t bytes) { queue.consume(bytes, chunks_); }

    OutboundQueue queue;

private:
    QueueChunks& chunks_;
};

/// Sends the queue as Connection::flush does, at most `step` bytes each time.
std::string sent_in_steps(QueueOfTest& queue, Joiner& joiner, std::size_t step) {
    std::string sent;
    while (!queue.queue.is_empty()) {
        const std::string_view bytes = joiner.next_bytes(queue.queue);
        EXPECT_FALSE(bytes.empty());
        const std::size_t size = std::min(step, bytes.size());
        sent += bytes.substr(0, size);
        queue.consume(size);
    }
    return sent;
}

/// Buffers of which each begins with another byte.
std::vector<BufferPtr> make_buffers(Random& random, std::size_t count, std::size_t longest) {
    std::vector<BufferPtr> buffers;
    for (std::size_t i = 0; i < count; ++i) {
        std::string bytes(1 + below(random, longest), static_cast<char>('a' + i % 26));
        for (char& c : bytes) c = static_cast<char>(c + static_cast<char>(below(random, 2)));
        buffers.push_back(make_buffer(std::move(bytes)));
    }
    return buffers;
}

/// The queue's contents as whole strings, and how much of the first has been sent.
class Model {
public:
    void push(std::string_view bytes) { waiting_.emplace_back(bytes); }

    void consume(std::size_t size) {
        while (!waiting_.empty() && size >= waiting_.front().size() - sent_) {
            size -= waiting_.front().size() - sent_;
            waiting_.erase(waiting_.begin());
            sent_ = 0;
        }
        sent_ += size;
    }

    void drop_unsent() { waiting_.resize(sent_ == 0 ? 0 : 1); }

    [[nodiscard]] std::string bytes() const {
        std::string all;
        for (const std::string& text : waiting_) all += text;
        return all.substr(sent_);
    }

private:
    std::vector<std::string> waiting_;
    std::size_t sent_ = 0;
};

TEST(OutboundQueue, is_a_string_that_grows_behind_and_shrinks_in_front) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        QueueChunks chunks;
        Joiner joiner;
        QueueOfTest tested(chunks);
        Model model;
        const auto buffers = make_buffers(random, 40, seed % 2 == 0 ? 30 : 20'000);
        for (int step = 0; step < 200; ++step) {
            switch (below(random, 8)) {
                case 0:
                    tested.queue.drop_unsent(chunks);
                    model.drop_unsent();
                    break;
                case 1:
                case 2:
                case 3: {
                    if (tested.queue.is_empty()) break;
                    const std::string_view next = joiner.next_bytes(tested.queue);
                    ASSERT_TRUE(model.bytes().starts_with(next));
                    const std::size_t size =
                        below(random, 2) == 0 ? next.size() : 1 + below(random, next.size());
                    tested.consume(size);
                    model.consume(size);
                    break;
                }
                default: {
                    const BufferPtr& buffer = buffers[below(random, buffers.size())];
                    tested.push(buffer);
                    model.push(buffer->bytes());
                }
            }
            ASSERT_EQ(tested.queue.bytes(), model.bytes().size());
            ASSERT_EQ(chunks.queued_bytes(), model.bytes().size());
            ASSERT_EQ(tested.queue.is_empty(), model.bytes().empty());
        }
        EXPECT_EQ(sent_in_steps(tested, joiner, 1'000'000), Model(model).bytes());
    }
}

TEST(OutboundQueue, keeps_of_what_it_drops_the_rest_of_the_buffer_that_was_begun) {
    QueueChunks chunks;
    Joiner joiner;
    QueueOfTest tested(chunks);
    for (const char* text : {"abc", "def", "ghi", "jkl", "mno", "pqr", "stu"}) {
        tested.push(make_buffer(std::string(text)));
    }
    tested.consume(4);
    tested.queue.drop_unsent(chunks);
    EXPECT_EQ(tested.queue.bytes(), 2U);
    tested.push(make_buffer(std::string("goodbye")));
    EXPECT_EQ(sent_in_steps(tested, joiner, 100), "efgoodbye");
}

TEST(OutboundQueue, the_chunks_know_what_all_queues_hold) {
    QueueChunks chunks;
    QueueOfTest a(chunks);
    QueueOfTest b(chunks);
    for (QueueOfTest* queue : {&a, &b}) {
        for (const char* text : {"abc", "def", "ghi"}) queue->push(make_buffer(std::string(text)));
    }
    EXPECT_EQ(chunks.queued_bytes(), 18U);
    EXPECT_EQ(chunks.queued_buffers(), 6U);
    a.consume(4);
    EXPECT_EQ(chunks.queued_bytes(), 14U);
    EXPECT_EQ(chunks.queued_buffers(), 5U);
    a.queue.drop_unsent(chunks);
    EXPECT_EQ(chunks.queued_bytes(), 11U);
    EXPECT_EQ(chunks.queued_buffers(), 4U);
    b.queue.clear(chunks);
    OutboundQueue moved(std::move(a.queue));
    EXPECT_EQ(chunks.queued_bytes(), 2U);
    moved.clear(chunks);
    EXPECT_EQ(chunks.queued_bytes(), 0U);
    EXPECT_EQ(chunks.queued_buffers(), 0U);
}

TEST(OutboundQueue, gives_its_contents_away_when_moved) {
    QueueChunks chunks;
    Joiner joiner;
    QueueOfTest first(chunks);
    first.push(make_buffer(std::string("abc")));
    first.push(make_buffer(std::string("def")));
    first.consume(1);
    OutboundQueue second(std::move(first.queue));
    EXPECT_TRUE(first.queue.is_empty());  // NOLINT(bugprone-use-after-move): it is promised
    EXPECT_EQ(first.queue.bytes(), 0U);
    EXPECT_EQ(joiner.next_bytes(second), "bcdef");
    second.clear(chunks);
}

TEST(OutboundQueue, lets_go_of_a_buffer_as_soon_as_it_is_sent) {
    QueueChunks chunks;
    QueueOfTest tested(chunks);
    const BufferPtr buffer = make_buffer(std::string("abc"));
    tested.push(buffer);
    tested.push(make_buffer(std::string("def")));
    tested.consume(2);
    EXPECT_EQ(buffer->use_count(), 2U);
    tested.consume(1);
    EXPECT_EQ(buffer->use_count(), 1U);
}

TEST(Joiner, gives_two_queues_of_the_same_buffers_the_same_memory) {
    Random random(1);
    QueueChunks chunks;
    Joiner joiner;
    QueueOfTest a(chunks);
    QueueOfTest b(chunks);
    for (const BufferPtr& buffer : make_buffers(random, 20, 100)) {
        a.push(buffer);
        b.push(buffer);
    }
    const std::string_view of_a = joiner.next_bytes(a.queue);
    const std::string copy(of_a);
    const std::string_view of_b = joiner.next_bytes(b.queue);
    EXPECT_EQ(of_a.data(), of_b.data());
    EXPECT_EQ(copy, of_b);
}

TEST(Joiner, does_not_take_queues_for_equal_that_differ) {
    const BufferPtr x = make_buffer(std::string("xx"));
    const BufferPtr y = make_buffer(std::string("yy"));
    const BufferPtr z = make_buffer(std::string("zz"));
    const std::vector<std::vector<BufferPtr>> contents{
        {x, y}, {y, x}, {x, z}, {x, y, z}, {y, z}, {x}, {x, x}, {x, y}};
    for (const auto& first : contents) {
        for (const auto& second : contents) {
            for (const std::size_t sent : {0U, 1U, 2U, 3U}) {
                QueueChunks chunks;
                Joiner joiner;
                QueueOfTest a(chunks);
                QueueOfTest b(chunks);
                std::string expected;
                for (const BufferPtr& buffer : first) a.push(buffer);
                for (const BufferPtr& buffer : second) {
                    b.push(buffer);
                    expected += buffer->bytes();
                }
                if (sent >= expected.size()) continue;
                b.consume(sent);
                (void)joiner.next_bytes(a.queue);
                EXPECT_EQ(joiner.next_bytes(b.queue), expected.substr(sent));
                EXPECT_EQ(joiner.next_bytes(b.queue), expected.substr(sent)) << "again";
            }
        }
    }
}

TEST(Joiner, joins_no_more_than_64_KiB_of_a_long_queue) {
    Random random(2);
    QueueChunks chunks;
    Joiner joiner;
    QueueOfTest a(chunks);
    QueueOfTest b(chunks);
    std::string expected;
    for (const BufferPtr& buffer : make_buffers(random, 2'000, 300)) {
        a.push(buffer);
        b.push(buffer);
        expected += buffer->bytes();
    }
    const std::string first(joiner.next_bytes(a.queue));
    EXPECT_LE(first.size(), 65'536U);
    EXPECT_GT(first.size(), 65'536U - 300U);
    EXPECT_EQ(joiner.next_bytes(b.queue), first);
    EXPECT_EQ(sent_in_steps(a, joiner, 10'000), expected);
    EXPECT_EQ(sent_in_steps(b, joiner, 100'000), expected);
}

TEST(Joiner, sends_a_long_buffer_from_where_it_lies) {
    QueueChunks chunks;
    Joiner joiner;
    QueueOfTest tested(chunks);
    const BufferPtr buffer = make_buffer(std::string(100'000, 'x'));
    tested.push(buffer);
    tested.push(make_buffer(std::string("y")));
    EXPECT_EQ(joiner.next_bytes(tested.queue).data(), buffer->bytes().data());
    tested.consume(99'999);
    EXPECT_EQ(joiner.next_bytes(tested.queue), "xy");
}

TEST(Joiner, forgets_buffers_with_the_turn) {
    QueueChunks chunks;
    Joiner joiner;
    QueueOfTest tested(chunks);
    const BufferPtr buffer = make_buffer(std::string("abc"));
    tested.push(buffer);
    tested.push(buffer);
    (void)joiner.next_bytes(tested.queue);
    tested.queue.clear(chunks);
    EXPECT_GT(buffer->use_count(), 1U);
    joiner.forget();
    EXPECT_EQ(buffer->use_count(), 1U);
}

TEST(QueueChunks, of_a_peak_are_given_back_once_all_queues_are_empty) {
    QueueChunks chunks;
    std::vector<QueueChunks::Chunk*> taken;
    for (std::size_t i = 0; i <= QueueChunks::kept_capacity; ++i) taken.push_back(chunks.take());
    auto* last = taken.back();
    taken.pop_back();
    for (auto* chunk : taken) chunks.give_back(chunk);
    chunks.trim();
    EXPECT_GT(chunks.capacity(), QueueChunks::kept_capacity) << "one is in use";
    chunks.give_back(last);
    chunks.trim();
    EXPECT_EQ(chunks.capacity(), 0U);
    chunks.give_back(chunks.take());
    const std::size_t little = chunks.capacity();
    chunks.trim();
    EXPECT_EQ(chunks.capacity(), little) << "which is kept for the next time";
}

TEST(QueueChunks, are_taken_again_after_they_were_given_back) {
    QueueChunks chunks;
    auto* first = chunks.take();
    auto* second = chunks.take();
    EXPECT_NE(first, second);
    second->end = 3;
    second->begin = 3;
    chunks.give_back(second);
    auto* third = chunks.take();
    EXPECT_EQ(third, second);
    EXPECT_EQ(third->begin, 0U);
    EXPECT_EQ(third->end, 0U);
    EXPECT_EQ(third->next, nullptr);
}

}  // namespace
}  // namespace fanfare::transport
