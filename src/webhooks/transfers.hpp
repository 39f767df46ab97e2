// SPDX-License-Identifier: MIT
#pragma once

#include "request.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>

namespace fanfare::webhooks {

/// HTTP requests under way, all on one thread: libcurl's multi interface. HTTP/1.1 only; redirects
/// are not followed. Connections are kept for the next request; one that proves to be closed is
/// replaced, and the request sent again, within the same attempt. Proxies are those of the
/// environment (HTTPS_PROXY, http_proxy, NO_PROXY), for a host may have no other way out.
///
/// One thread starts and runs them; what is under way when they are destroyed is cut.
class Transfers {
public:
    using Done = std::function<void(const Answer&)>;

    /// Throws std::runtime_error if libcurl cannot start.
    explicit Transfers(std::size_t max_connections);
    ~Transfers();
    Transfers(const Transfers&) = delete;
    Transfers& operator=(const Transfers&) = delete;

    /// `done` is called by a later `run`.
    void start(Request request, Done done);

    /// Moves all of them on and calls back for those that have ended. If none has, waits until one
    /// can move on, `wake` is called or `wait` is over.
    void run(std::chrono::milliseconds wait);

    /// Any thread: the present or the next `run` does not wait.
    void wake();

private:
    /// Counted by libcurl, so it may be started more than once.
    struct Library {
        Library();
        ~Library();
        Library(const Library&) = delete;
        Library& operator=(const Library&) = delete;
    };

    struct Transfer;

    bool finish_ended();
    void finish(CURL* handle, CURLcode result);

    Library library_;
    std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi_;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers_;
};

}  // namespace fanfare::webhooks
