# FANFARE_SANITIZE is a -fsanitize= list, such as "address,undefined" or "thread".
# A sanitizer has to be in every object of the program, hence the one directory-wide option.
set(FANFARE_SANITIZE "" CACHE STRING "Sanitizers to build with")
if(FANFARE_SANITIZE)
    add_compile_options(-fsanitize=${FANFARE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${FANFARE_SANITIZE})
endif()
