# Finds hiredis, for which Debian 12 has no CMake configuration; defines hiredis::hiredis.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(PC_HIREDIS QUIET hiredis)
endif()
find_path(Hiredis_INCLUDE_DIR hiredis/hiredis.h HINTS ${PC_HIREDIS_INCLUDEDIR})
find_library(Hiredis_LIBRARY hiredis HINTS ${PC_HIREDIS_LIBRARY_DIRS})
set(Hiredis_VERSION "${PC_HIREDIS_VERSION}")
if(NOT Hiredis_VERSION AND Hiredis_INCLUDE_DIR)
    file(STRINGS "${Hiredis_INCLUDE_DIR}/hiredis/hiredis.h" lines REGEX "define HIREDIS_(MAJOR|MINOR|PATCH) ")
    list(TRANSFORM lines REPLACE ".* ([0-9]+)$" "\\1")
    list(JOIN lines "." Hiredis_VERSION)
endif()
mark_as_advanced(Hiredis_INCLUDE_DIR Hiredis_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
    Hiredis
    REQUIRED_VARS Hiredis_LIBRARY Hiredis_INCLUDE_DIR
    VERSION_VAR Hiredis_VERSION
)
if(Hiredis_FOUND AND NOT TARGET hiredis::hiredis)
    add_library(hiredis::hiredis UNKNOWN IMPORTED)
    set_target_properties(
        hiredis::hiredis
        PROPERTIES
            IMPORTED_LOCATION "${Hiredis_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${Hiredis_INCLUDE_DIR}"
    )
endif()
