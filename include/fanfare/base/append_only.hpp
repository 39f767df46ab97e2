// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <stdexcept>

namespace fanfare {

/// A list that only grows, and whose elements stay where they are: one thread at a time adds, and
/// any thread reads meanwhile, without a lock.
template <typename T>
class AppendOnly {
public:
    AppendOnly() = default;
    AppendOnly(const AppendOnly&) = delete;
    AppendOnly& operator=(const AppendOnly&) = delete;

    ~AppendOnly() {
        for (auto& block : blocks_) delete[] block.load();
    }

    /// `fill` gets the new element before anybody sees it. Returns its index.
    template <typename Fill>
    std::size_t add(Fill fill) {
        const std::size_t index = size();
        const Place place = place_of(index);
        if (place.block == blocks_.size()) throw std::length_error("the list is full");
        auto& block = blocks_[place.block];
        if (block.load() == nullptr) block = new T[first_block << place.block];
        fill(block.load()[place.offset]);
        size_ = index + 1;
        return index;
    }

    /// `index` is less than a size() that this thread has seen or been told of.
    [[nodiscard]] T& operator[](std::size_t index) {
        const Place place = place_of(index);
        return blocks_[place.block].load(std::memory_order_acquire)[place.offset];
    }

    [[nodiscard]] const T& operator[](std::size_t index) const {
        const Place place = place_of(index);
        return blocks_[place.block].load(std::memory_order_acquire)[place.offset];
    }

    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }

private:
    static constexpr std::size_t first_block = 64;

    struct Place {
        std::size_t block;
        std::size_t offset;
    };

    /// Each block is twice as large as the one before.
    [[nodiscard]] static Place place_of(std::size_t index) {
        const auto block = static_cast<std::size_t>(std::bit_width(index / first_block + 1) - 1);
        return {block, index - first_block * ((std::size_t{1} << block) - 1)};
    }

    std::array<std::atomic<T*>, 24> blocks_{};
    std::atomic<std::size_t> size_{0};
};

}  // namespace fanfare
