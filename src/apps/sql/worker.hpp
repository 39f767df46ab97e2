// SPDX-License-Identifier: MIT
#pragma once

#include "connection.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace fanfare::apps::sql {

/// Rows are asked for by this.
struct Query {
    std::string_view column;  ///< a literal
    std::vector<std::string> values;
};

using Result = std::variant<Rows, Failure>;

/// The thread that waits for the database, for one query at a time. It connects when there is the
/// first one and after a loss; a connection that turns out to be lost is replaced once before the
/// query fails, as a server may have been restarted, or have closed it for being idle.
class Worker {
public:
    /// `on_result` is called on the worker's thread, once for each query.
    Worker(const config::AppsDatabaseSettings& settings, std::function<void(Result)> on_result);
    /// Waits for the query that is under way.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Any thread, after the result of the query before.
    void start(Query query);

private:
    void run();
    std::optional<Query> next_query();
    Result answer(const Query& query);
    bool is_stopping();

    const config::AppsDatabaseSettings settings_;
    const std::function<void(Result)> on_result_;
    std::unique_ptr<Connection> connection_;  // the thread's
    std::mutex mutex_;
    std::condition_variable wake_;
    std::optional<Query> query_;  // guarded by mutex_
    bool is_stopping_ = false;    // guarded by mutex_
    std::thread thread_;          // uses all of the above
};

}  // namespace fanfare::apps::sql
