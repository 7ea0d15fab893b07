#!/bin/bash
# Each header compiles alone.
cd "$(dirname "$0")/../.." || exit 1
src=$(echo build/rsyslog-*/runtime/module-template.h)
src=${src%/runtime/module-template.h}
flags="-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c -Isrc"
wrong=$(for header in $(find src plugin tool -name '*.h' | sort); do
    case $header in
    plugin/*) [ -d "$src" ] || continue; more="-Iplugin -isystem $src -isystem $src/runtime -isystem $src/grammar" ;;
    tool/*) more=-Itool ;;
    *) more= ;;
    esac
    echo "#include \"$PWD/$header\"" | gcc $flags $more $(pkg-config --cflags libfastjson libestr 2>/dev/null) - 2>&1 | grep -m 1 error
done)
if [ -z "$wrong" ]; then echo "ok 1 - each header compiles alone"; else
    echo "not ok 1 - each header compiles alone"
    printf '%s\n' "$wrong" | sed 's/^/#   /'
fi
echo "1..1"
[ -z "$wrong" ]
