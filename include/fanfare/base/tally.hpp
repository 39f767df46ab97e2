// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fanfare {

/// A number that one thread writes and any may read. Since nobody else writes, adding needs no
/// atomic increment: it costs a plain load and a plain store.
class Tally {
public:
    void add(std::uint64_t amount = 1) { set(value() + amount); }

    void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// How long something took, in buckets of fixed bounds, a little more than two to a decade. One
/// thread records, any may read; a reader may see a record in its bucket and not yet in the sum.
class LatencyHistogram {
public:
    /// Upper bounds; what took longer is in one more bucket behind them.
    static constexpr std::array<std::chrono::microseconds, 16> bounds{
        std::chrono::microseconds{10},
        std::chrono::microseconds{25},
        std::chrono::microseconds{50},
        std::chrono::microseconds{100},
        std::chrono::microseconds{250},
        std::chrono::microseconds{500},
        std::chrono::microseconds{1'000},
        std::chrono::microseconds{2'500},
        std::chrono::microseconds{5'000},
        std::chrono::microseconds{10'000},
        std::chrono::microseconds{25'000},
        std::chrono::microseconds{50'000},
        std::chrono::microseconds{100'000},
        std::chrono::microseconds{250'000},
        std::chrono::microseconds{500'000},
        std::chrono::microseconds{1'000'000},
    };
    static constexpr std::size_t bucket_count = bounds.size() + 1;

    void record(std::chrono::nanoseconds time) {
        std::size_t bucket = 0;
        while (bucket != bounds.size() && time > bounds[bucket]) ++bucket;
        buckets_[bucket].add();
        sum_ns_.add(static_cast<std::uint64_t>(time.count()));
    }

    /// Those in the bucket alone, not in the ones before.
    [[nodiscard]] std::uint64_t count_in(std::size_t bucket) const {
        return buckets_[bucket].value();
    }

    [[nodiscard]] std::chrono::nanoseconds sum() const {
        return std::chrono::nanoseconds(sum_ns_.value());
    }

private:
    std::array<Tally, bucket_count> buckets_;
    Tally sum_ns_;
};

}  // namespace fanfare
