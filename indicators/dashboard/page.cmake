# Builds the web page from TypeScript with the npm packages of its lock file, and embeds it. Works below the build folder:
# nothing is written into the sources.
find_program(NODE node REQUIRED)
find_program(NPM npm REQUIRED)
set(page ${CMAKE_CURRENT_LIST_DIR})
set(page_build ${CMAKE_BINARY_DIR}/page)
file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS ${page}/src/*)
add_custom_command(
  OUTPUT ${page_build}/node_modules/.package-lock.json
  COMMAND ${CMAKE_COMMAND} -E copy ${page}/package.json ${page}/package-lock.json ${page_build}
  COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error
  WORKING_DIRECTORY ${page_build}
  DEPENDS ${page}/package.json ${page}/package-lock.json
  COMMENT "Installing the web page's packages"
  VERBATIM)
set(page_files ${page_build}/out/index.html ${page_build}/out/roles.html ${page_build}/out/app.js ${page_build}/out/roles.js
               ${page_build}/out/map.js ${page_build}/out/app.css ${page_build}/out/icon.svg
               ${page_build}/out/inter-latin-wght-normal.woff2)
add_custom_command(
  OUTPUT ${page_files}
  COMMAND ${NODE} ${page}/build.mjs ${page_build}
  DEPENDS ${page}/build.mjs ${page_sources} ${page_build}/node_modules/.package-lock.json
  COMMENT "Building the web page"
  VERBATIM)
kpr_embed(kpr_dashboard Page ${page_files})
