// SPDX-License-Identifier: MIT
// The body of Beast, for the whole program.
#include <boost/beast/src.hpp>
