# Writes OUT, a C++ file that defines kpr::embedded::NAME as a list of {file name, content} for FILES.
# Run as a script at build time: cmake -DOUT=... -DNAME=... -DFILES="a|b" -P embed.cmake
string(REPLACE "|" ";" files "${FILES}")
set(text "#include \"base/embedded.h\"\n\nnamespace kpr::embedded {\n\nstd::vector<File> ${NAME}() {\n  return {\n")
foreach(file IN LISTS files)
  file(READ "${file}" content)
  get_filename_component(name "${file}" NAME)
  string(APPEND text "      {\"${name}\",\n       R\"kpr~(${content})kpr~\"},\n")
endforeach()
string(APPEND text "  };\n}\n\n}  // namespace kpr::embedded\n")
file(WRITE "${OUT}" "${text}")
