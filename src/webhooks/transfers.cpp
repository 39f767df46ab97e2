// SPDX-License-Identifier: MIT
#include "transfers.hpp"

#include <array>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fanfare::webhooks {

namespace {

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
    const CURLcode result = curl_easy_setopt(handle, option, value);
    if (result != CURLE_OK) throw std::runtime_error(curl_easy_strerror(result));
}

void check(CURLMcode result) {
    if (result != CURLM_OK) throw std::runtime_error(curl_multi_strerror(result));
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

/// libcurl returns the head of the list, which is a new one only at first.
void append(HeaderList& list, const std::string& line) {
    curl_slist* const head = curl_slist_append(list.get(), line.c_str());
    if (head == nullptr) throw std::bad_alloc();
    if (list == nullptr) list.reset(head);
}

HeaderList header_list(const Request& request) {
    HeaderList list(nullptr, &curl_slist_free_all);
    for (const auto& [name, value] : request.headers) {
        std::string line = name;
        line += value.empty() ? ";" : ": ";  // libcurl's way to write one without a value
        append(list, line += value);
    }
    append(list, "Expect:");  // libcurl's default would ask before it sends a long body
    return list;
}

/// Nobody reads the body of an answer.
std::size_t discard(char*, std::size_t size, std::size_t count, void*) {
    return size * count;
}

}  // namespace

struct Transfers::Transfer {
    Transfer(Request to_send, Done callback)
        : request(std::move(to_send)),
          done(std::move(callback)),
          headers(header_list(request)),
          handle(curl_easy_init(), &curl_easy_cleanup) {
        if (handle == nullptr) throw std::bad_alloc();
        describe_request();
        describe_connection();
    }

    void describe_request() {
        set(handle.get(), CURLOPT_URL, request.url.c_str());
        set(handle.get(), CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
        set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
        set(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
        set(handle.get(), CURLOPT_POSTFIELDS, request.body.data());
        set(handle.get(), CURLOPT_WRITEFUNCTION, &discard);
        set(handle.get(), CURLOPT_ERRORBUFFER, error.data());
    }

    void describe_connection() {
        set(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
        set(handle.get(), CURLOPT_TIMEOUT_MS, long{request.timeout.count()});
        set(handle.get(), CURLOPT_NOSIGNAL, 1L);
        // The end of a request would otherwise wait for its name lookup, and all others with it.
        set(handle.get(), CURLOPT_QUICK_EXIT, 1L);
        set(handle.get(), CURLOPT_SSL_VERIFYPEER, request.tls_verify ? 1L : 0L);
        set(handle.get(), CURLOPT_SSL_VERIFYHOST, request.tls_verify ? 2L : 0L);
        if (!request.tls_ca_file.empty()) {
            set(handle.get(), CURLOPT_CAINFO, request.tls_ca_file.c_str());
        }
    }

    [[nodiscard]] Answer answer(CURLcode result) const {
        Answer answer;
        curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
        if (result != CURLE_OK) {
            answer.error = error.front() != '\0' ? error.data() : curl_easy_strerror(result);
        }
        return answer;
    }

    const Request request;
    const Done done;
    const HeaderList headers;
    std::array<char, CURL_ERROR_SIZE> error{};
    const std::unique_ptr<CURL, void (*)(CURL*)> handle;  // refers to all of the above
};

Transfers::Library::Library() {
    const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK) throw std::runtime_error(curl_easy_strerror(result));
}

Transfers::Library::~Library() {
    curl_global_cleanup();
}

Transfers::Transfers(std::size_t max_connections) : multi_(curl_multi_init(), &curl_multi_cleanup) {
    if (multi_ == nullptr) throw std::runtime_error("libcurl cannot start");
    check(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections))
    );
}

Transfers::~Transfers() {
    for (const auto& [handle, transfer] : transfers_)
        curl_multi_remove_handle(multi_.get(), handle);
}

void Transfers::start(Request request, Done done) {
    auto transfer = std::make_unique<Transfer>(std::move(request), std::move(done));
    CURL* const handle = transfer->handle.get();
    check(curl_multi_add_handle(multi_.get(), handle));
    transfers_.emplace(handle, std::move(transfer));
}

void Transfers::run(std::chrono::milliseconds wait) {
    int running = 0;
    check(curl_multi_perform(multi_.get(), &running));
    if (finish_ended()) return;
    check(curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr));
}

void Transfers::wake() {
    curl_multi_wakeup(multi_.get());
}

bool Transfers::finish_ended() {
    // libcurl's messages do not outlive the removal of a handle.
    std::vector<std::pair<CURL*, CURLcode>> ended;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg == CURLMSG_DONE) {
            ended.emplace_back(message->easy_handle, message->data.result);
        }
    }
    for (const auto& [handle, result] : ended) finish(handle, result);
    return !ended.empty();
}

void Transfers::finish(CURL* handle, CURLcode result) {
    curl_multi_remove_handle(multi_.get(), handle);
    const auto transfer = transfers_.extract(handle);
    transfer.mapped()->done(transfer.mapped()->answer(result));
}

}  // namespace fanfare::webhooks
