# fanfare_room(<name> SOURCES <files…> [HEADERS <files…>] [USES <rooms…>] [LINKS <libraries…>])
#
# A room is a static library fanfare_<name> (alias fanfare::<name>) that links exactly the rooms it may
# include. HEADERS are its public headers under include/fanfare/<name>/; each is compiled alone by the
# target all_verify_interface_header_sets.
function(fanfare_room name)
    cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;HEADERS;USES;LINKS")
    set(target fanfare_${name})
    add_library(${target} STATIC ${room_SOURCES})
    add_library(fanfare::${name} ALIAS ${target})
    target_compile_features(${target} PUBLIC cxx_std_20)
    list(TRANSFORM room_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/include/fanfare/${name}/")
    target_sources(
        ${target}
        PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${room_HEADERS}
    )
    list(TRANSFORM room_USES PREPEND "fanfare::")
    target_link_libraries(${target} PUBLIC ${room_USES} ${room_LINKS} PRIVATE fanfare::warnings)
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()
