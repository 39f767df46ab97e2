# Finds MariaDB's Connector/C, which speaks with MySQL too; defines MariaDB::MariaDB.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(PC_MARIADB QUIET libmariadb)
endif()
find_path(MariaDB_INCLUDE_DIR mysql.h HINTS ${PC_MARIADB_INCLUDE_DIRS} PATH_SUFFIXES mariadb mysql)
find_library(MariaDB_LIBRARY mariadb HINTS ${PC_MARIADB_LIBRARY_DIRS})
set(MariaDB_VERSION "${PC_MARIADB_VERSION}")
mark_as_advanced(MariaDB_INCLUDE_DIR MariaDB_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
    MariaDB
    REQUIRED_VARS MariaDB_LIBRARY MariaDB_INCLUDE_DIR
    VERSION_VAR MariaDB_VERSION
)
if(MariaDB_FOUND AND NOT TARGET MariaDB::MariaDB)
    add_library(MariaDB::MariaDB UNKNOWN IMPORTED)
    set_target_properties(
        MariaDB::MariaDB
        PROPERTIES
            IMPORTED_LOCATION "${MariaDB_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${MariaDB_INCLUDE_DIR}"
    )
endif()
