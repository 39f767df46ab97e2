// SPDX-License-Identifier: MIT
#include "fanfare/base/random.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <stdexcept>

namespace fanfare {

RandomSource make_secure_random() {
    using Batch = std::array<std::uint64_t, 64>;
    return [batch = Batch{}, used = std::tuple_size_v<Batch>]() mutable {
        if (used == batch.size()) {
            if (RAND_bytes(reinterpret_cast<unsigned char*>(batch.data()), sizeof(Batch)) != 1) {
                throw std::runtime_error("OpenSSL has no randomness");
            }
            used = 0;
        }
        return batch[used++];
    };
}

}  // namespace fanfare
