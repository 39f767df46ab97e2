# The warnings every target of ours is compiled with; linked privately, so nobody inherits them.
add_library(fanfare_warnings INTERFACE)
add_library(fanfare::warnings ALIAS fanfare_warnings)
target_compile_options(
    fanfare_warnings
    INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
              -Woverloaded-virtual
)
option(FANFARE_WERROR "Treat warnings as errors" OFF)
if(FANFARE_WERROR)
    target_compile_options(fanfare_warnings INTERFACE -Werror)
endif()
