# cmake -D ROOT=<folder with include/ and src/> -P check.cmake
#
# Reads every #include below include/fanfare/<room>/ and src/<room>/ and fails, naming file and line, where
# a room includes one it may not know, or a header that another room keeps to itself. The shared include/
# folder would otherwise hide it: a static library links whatever its users link.
cmake_minimum_required(VERSION 3.25)

set(base_may_include "")
set(config_may_include base)
set(protocol_may_include base)
set(apps_may_include config base)
set(channels_may_include protocol base)
set(transport_may_include base)
set(redis_may_include base)
set(cluster_may_include channels config protocol redis base)
set(sessions_may_include channels apps config protocol transport base)
set(api_may_include channels apps config protocol transport base)
set(webhooks_may_include config base)
set(deployment_may_include config base)
set(probe_may_include transport base)
set(control_may_include config base)
set(server_may_include probe control api webhooks sessions cluster redis channels apps config protocol transport base)
set(doctor_may_include server probe deployment apps redis protocol config base)
set(cli_may_include doctor server control deployment config base)
# src/main.cpp
set(main_may_include cli)

set(findings 0)
set(checked 0)

function(report file line text)
    message(NOTICE "${file}:${line}: ${text}")
    math(EXPR findings "${findings} + 1")
    set(findings ${findings} PARENT_SCOPE)
endfunction()

# Checks `header`, included by `file` of `room` at `line`.
function(check_include room file line header)
    if(header MATCHES "^fanfare/([^/]+)/")
        set(other "${CMAKE_MATCH_1}")
        if(NOT other STREQUAL room AND NOT other IN_LIST ${room}_may_include)
            report("${file}" ${line} "${room} may not include ${other} (${header})")
        endif()
    elseif(file MATCHES "^include/")
        report("${file}" ${line} "a public header may not include a private one (${header})")
    else()
        # Private headers lie beside their users; a path that leads elsewhere belongs to another room.
        get_filename_component(folder "${ROOT}/${file}" DIRECTORY)
        get_filename_component(target "${header}" ABSOLUTE BASE_DIR "${folder}")
        cmake_path(IS_PREFIX folder "${target}" is_own)
        if(NOT is_own OR NOT EXISTS "${target}")
            report("${file}" ${line} "not a header of ${room} (${header})")
        endif()
    endif()
    set(findings ${findings} PARENT_SCOPE)
endfunction()

file(
    GLOB_RECURSE files
    RELATIVE "${ROOT}"
    "${ROOT}/include/*.hpp" "${ROOT}/src/*.hpp" "${ROOT}/src/*.cpp"
)
foreach(file IN LISTS files)
    if(file MATCHES "^(include/fanfare|src)/([^/]+)/")
        set(room "${CMAKE_MATCH_2}")
    elseif(file STREQUAL "src/main.cpp")
        set(room main)
    else()
        set(room "(no room)")
    endif()
    if(NOT DEFINED ${room}_may_include)
        report("${file}" 1 "unknown room ${room}: say in tests/layering/check.cmake what it may include")
        continue()
    endif()
    math(EXPR checked "${checked} + 1")

    # Lines as a list: what CMake gives a meaning inside of lists has none in an #include.
    file(READ "${ROOT}/${file}" text)
    string(REGEX REPLACE "[][;\\\\]" "_" text "${text}")
    string(REPLACE "\n" ";" lines "${text}")
    set(number 0)
    foreach(line IN LISTS lines)
        math(EXPR number "${number} + 1")
        if(line MATCHES "^[ \t]*#[ \t]*include[ \t]*(\"([^\"]+)\"|<(fanfare/[^>]+)>)")
            check_include(${room} "${file}" ${number} "${CMAKE_MATCH_2}${CMAKE_MATCH_3}")
        endif()
    endforeach()
endforeach()

if(checked EQUAL 0)
    message(FATAL_ERROR "No sources below ${ROOT}")
elseif(findings GREATER 0)
    message(FATAL_ERROR "${findings} forbidden includes")
endif()
message(NOTICE "${checked} files, no forbidden include")
