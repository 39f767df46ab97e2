// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace fanfare {

/// The one door into a shard. Any thread posts; only the shard drains. A message is work that runs
/// on the shard's thread; it owns its data and carries handles, never pointers into another shard.
///
/// A message is visible as soon as `post` returns, so order is causal: if A posts to C, then to B,
/// and B thereupon posts to C, then C sees A's message first. The receiver takes everything at once
/// and is woken once per burst, not per message.
template <typename Receiver>
class Mailbox {
public:
    using Message = std::function<void(Receiver&)>;

    /// `wake` is called by the poster whenever the box was empty; it must cause a `drain` soon.
    explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// Any thread.
    void post(Message message) {
        bool was_empty = false;
        {
            const std::lock_guard lock(mutex_);
            was_empty = incoming_.empty();
            incoming_.push_back(std::move(message));
        }
        if (was_empty) wake_();
    }

    /// The shard's thread: runs all that has been posted, in order. A message that throws does not
    /// keep the next ones from running; the first exception comes out at the end.
    void drain(Receiver& receiver) {
        {
            const std::lock_guard lock(mutex_);
            running_.swap(incoming_);
        }
        std::exception_ptr thrown;
        for (Message& message : running_) {
            try {
                message(receiver);
            } catch (...) {
                if (!thrown) thrown = std::current_exception();
            }
        }
        // Left in there they would be swapped into the box, which then never seems empty to a
        // poster: nobody would wake the shard again.
        running_.clear();
        if (thrown) std::rethrow_exception(thrown);
    }

    /// Any thread: how many messages wait.
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return incoming_.size();
    }

private:
    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::vector<Message> incoming_;  // guarded by mutex_
    std::vector<Message> running_;   // the shard's; kept for its capacity
};

}  // namespace fanfare
