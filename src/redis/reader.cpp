// SPDX-License-Identifier: MIT
#include "reader.hpp"

#include <hiredis/read.h>

#include <algorithm>
#include <new>
#include <utility>

namespace fanfare::redis {

namespace {

/// An announced size is not believed in before the elements arrive.
constexpr std::size_t max_reserved_elements = 1'024;

/// Where hiredis wants its next object: in the array that is being filled, or as a new root, which
/// hiredis hands to free_reply or to Reader::next.
Reply* make_reply(const redisReadTask* task, Reply::Kind kind) {
    if (task->parent == nullptr) return new Reply{kind, 0, {}, {}};
    // Only the last element of an array is ever being filled, so growing moves nothing hiredis
    // still points to.
    auto& elements = static_cast<Reply*>(task->parent->obj)->elements;
    return &elements.emplace_back(Reply{kind, 0, {}, {}});
}

/// hiredis is C: null means out of memory, and no exception may pass through it.
template <typename Make>
void* without_exceptions(Make make) noexcept {
    try {
        return make();
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void* make_text(const redisReadTask* task, char* text, std::size_t size) {
    return without_exceptions([&] {
        const auto kind = task->type == REDIS_REPLY_STATUS  ? Reply::Kind::status
                          : task->type == REDIS_REPLY_ERROR ? Reply::Kind::error
                                                            : Reply::Kind::string;
        std::string copy(text, size);
        Reply* reply = make_reply(task, kind);
        reply->text = std::move(copy);
        return reply;
    });
}

/// `Size` is int before hiredis 1.0 and size_t since; never negative.
template <typename Size>
void* make_array(const redisReadTask* task, Size size) {
    return without_exceptions([&] {
        std::vector<Reply> elements;
        elements.reserve(std::min(static_cast<std::size_t>(size), max_reserved_elements));
        Reply* reply = make_reply(task, Reply::Kind::array);
        reply->elements = std::move(elements);
        return reply;
    });
}

void* make_integer(const redisReadTask* task, long long value) {
    return without_exceptions([&] {
        Reply* reply = make_reply(task, Reply::Kind::integer);
        reply->integer = value;
        return reply;
    });
}

void* make_nil(const redisReadTask* task) {
    return without_exceptions([&] { return make_reply(task, Reply::Kind::nil); });
}

void free_reply(void* reply) {
    delete static_cast<Reply*>(reply);
}

/// Since hiredis 1.0 there are functions for RESP3's kinds too. Nobody asked for RESP3: one of
/// those breaks the reader, as an unknown kind does with older ones.
template <typename Functions>
Functions make_functions() {
    Functions made{};
    made.createString = make_text;
    made.createArray = make_array;
    made.createInteger = make_integer;
    made.createNil = make_nil;
    made.freeObject = free_reply;
    if constexpr (requires { made.createDouble; }) {
        made.createDouble = [](auto...) -> void* { return nullptr; };
        made.createBool = [](auto...) -> void* { return nullptr; };
    }
    return made;
}

auto functions = make_functions<redisReplyObjectFunctions>();

}  // namespace

void Reader::Free::operator()(redisReader* reader) const {
    redisReaderFree(reader);
}

Reader::Reader() : reader_(redisReaderCreateWithFunctions(&functions)) {
    if (!reader_) throw std::bad_alloc();
}

Reader::~Reader() = default;

void Reader::feed(std::string_view bytes) {
    redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

std::optional<Reply> Reader::next() {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK || reply == nullptr) return {};
    const std::unique_ptr<Reply> owner(static_cast<Reply*>(reply));
    return std::move(*owner);
}

bool Reader::is_broken() const {
    return reader_->err != 0;
}

std::string_view Reader::error() const {
    return static_cast<const char*>(reader_->errstr);
}

}  // namespace fanfare::redis
