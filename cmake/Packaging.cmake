# What `cmake --install` installs, and the Debian package that `cpack` makes of it (./dev package).

# compressed(<file> <name>): <name> in the build folder is <file> by gzip, without a time in it.
function(compressed file name)
    set(file "${PROJECT_SOURCE_DIR}/${file}")
    execute_process(
        COMMAND gzip -9nc "${file}"
        OUTPUT_FILE "${PROJECT_BINARY_DIR}/${name}"
        COMMAND_ERROR_IS_FATAL ANY
    )
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
endfunction()

install(TARGETS fanfare RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# What is there has been changed by somebody, as a rule; in a package dpkg asks.
install(
    CODE "
set(folder \"${CMAKE_INSTALL_FULL_SYSCONFDIR}/fanfare\")
if(NOT EXISTS \"\$ENV{DESTDIR}\${folder}/fanfare.json\")
    file(INSTALL \"${PROJECT_SOURCE_DIR}/config/fanfare.json\" DESTINATION \"\${folder}\"
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
endif()
"
)

# Which program the unit starts is known when it is installed: --prefix may be another than here. Not
# CMAKE_INSTALL_LIBDIR, which is that of an architecture.
install(
    CODE "
set(program \"\${CMAKE_INSTALL_PREFIX}\")
cmake_path(APPEND program \"${CMAKE_INSTALL_BINDIR}\" fanfare)
cmake_path(ABSOLUTE_PATH program NORMALIZE)
file(READ \"${PROJECT_SOURCE_DIR}/deploy/systemd/fanfare.service\" service)
string(REPLACE \"/usr/bin/fanfare\" \"\${program}\" service \"\${service}\")
file(WRITE \"${PROJECT_BINARY_DIR}/fanfare.service\" \"\${service}\")
"
)
install(
    FILES "${PROJECT_BINARY_DIR}/fanfare.service" deploy/systemd/fanfare.socket
    DESTINATION lib/systemd/system
)

compressed(deploy/man/fanfare.1 fanfare.1.gz)
compressed(deploy/man/fanfare.json.5 fanfare.json.5.gz)
install(FILES "${PROJECT_BINARY_DIR}/fanfare.1.gz" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES "${PROJECT_BINARY_DIR}/fanfare.json.5.gz" DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(
    FILES deploy/completion/fanfare.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME fanfare
)

compressed(deploy/debian/changelog changelog.gz)
install(
    FILES README.md deploy/debian/copyright "${PROJECT_BINARY_DIR}/changelog.gz"
    DESTINATION ${CMAKE_INSTALL_DOCDIR}
)
install(
    DIRECTORY docs/
    DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs
    FILES_MATCHING
    PATTERN "*.md"
    PATTERN demo EXCLUDE
)
set(examples ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES config/fanfare.example.json DESTINATION ${examples})
install(FILES deploy/nginx/fanfare.conf DESTINATION ${examples}/nginx)
install(FILES deploy/supervisor/fanfare.conf DESTINATION ${examples}/supervisor)
install(
    FILES deploy/prometheus/alerts.yml deploy/prometheus/prometheus.yml
    DESTINATION ${examples}/prometheus
)
install(FILES deploy/grafana/fanfare.json DESTINATION ${examples}/grafana)
install(
    FILES deploy/debian/lintian-overrides
    DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
    RENAME fanfare
)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON) # /etc is not below the prefix
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The Fanfare developers <fanfare@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Pusher-protocol WebSocket server, drop-in for Laravel Reverb")
set(
    CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Fanfare brings the events that an application broadcasts to its clients: it
takes them from the HTTP API of the Pusher protocol and sends them to the
WebSockets of laravel-echo, pusher-js and every other client of Pusher. It
reads the configuration of Laravel Reverb, in whose place it runs."
)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, procps") # procps: the kill of ExecReload
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx | httpd, redis-server")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA)
foreach(file IN ITEMS conffiles postinst prerm postrm)
    list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/deploy/debian/${file}")
endforeach()
include(CPack)
