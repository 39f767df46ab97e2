// SPDX-License-Identifier: MIT
#include "fanfare/channels/channel_key.hpp"

#include "fanfare/base/random.hpp"
#include "fanfare/channels/sip_hash.hpp"

namespace fanfare::channels {

namespace {

/// One for the whole process and not one per map: every shard has to find the same home.
const SipKey& process_key() {
    static const SipKey key = [] {
        const RandomSource random = make_secure_random();
        return SipKey{random(), random()};
    }();
    return key;
}

}  // namespace

std::size_t ChannelHash::operator()(ChannelRef channel) const {
    SipKey key = process_key();
    key.high ^= channel.app;  // a key per app
    return sip_hash(key, channel.name);
}

}  // namespace fanfare::channels
