// SPDX-License-Identifier: MIT
#include "worker.hpp"

#include "fanfare/base/signals.hpp"

#include <exception>
#include <utility>

namespace fanfare::apps::sql {

Worker::Worker(const config::AppsDatabaseSettings& settings, std::function<void(Result)> on_result)
    : settings_(settings), on_result_(std::move(on_result)), thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Worker::start(Query query) {
    {
        const std::lock_guard lock(mutex_);
        query_ = std::move(query);
    }
    wake_.notify_one();
}

void Worker::run() {
    block_signals();
    while (const auto query = next_query()) on_result_(answer(*query));
}

std::optional<Query> Worker::next_query() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return query_ || is_stopping_; });
    return is_stopping_ ? std::nullopt : std::exchange(query_, std::nullopt);
}

Result Worker::answer(const Query& query) {
    while (true) {
        const bool is_new = connection_ == nullptr;
        try {
            if (is_new) connection_ = connect(settings_);
            return connection_->select(query.column, query.values);
        } catch (const Failure& failure) {
            if (failure.kind == Failure::Kind::refused) return failure;
            connection_.reset();
            if (is_new || is_stopping()) return failure;
        } catch (const std::exception& error) {
            connection_.reset();
            return Failure(Failure::Kind::lost, error.what());
        }
    }
}

bool Worker::is_stopping() {
    const std::lock_guard lock(mutex_);
    return is_stopping_;
}

}  // namespace fanfare::apps::sql
