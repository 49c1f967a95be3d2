# cmake -DOUTPUT=file.c -DSYMBOL=name -DINPUT=file -P embed.cmake: a file's text as a C string, so that the program needs
# no data files beside it.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
get_filename_component(name "${INPUT}" NAME)
file(WRITE "${OUTPUT}" "/* Made from ${name} by scripts/embed.cmake. */\n#include \"output/assets.h\"\n\nconst char ${SYMBOL}[] = {\n${bytes}0};\n")
