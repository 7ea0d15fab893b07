#!/bin/bash
# Formatted by clang-format 14; shell and Python scripts parse; text files end with a newline and hold no trailing blanks.
cd "$(dirname "$0")/../.." || exit 1
n=0 broken=0
promise() { # NAME WHAT-IS-WRONG
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"; else
        broken=1
        echo "not ok $n - $1"
        printf '%s\n' "$2" | head -n 60 | sed 's/^/#   /'
    fi
}
for room in src plugin tool tests; do
    files=$(find $room -name '*.[ch]' | sort)
    # shellcheck disable=SC2086
    [ -z "$files" ] || promise "$room is formatted" \
        "$(clang-format-14 --dry-run $files 2>&1 | sed -n 's/^\([^ :]*\):.*clang-format-violations.*/run clang-format-14 -i \1/p' | sort -u)"
done
promise "shell scripts parse" "$(find script .ci tests -type f \( -path 'script/*' -o -path '.ci/*' -o -name '*.sh' \) -print0 |
    while IFS= read -r -d '' f; do head -c 2 "$f" | grep -q '#!' && head -n 1 "$f" | grep -q sh && { bash -n "$f" 2>&1; }; done)"
promise "Python scripts parse" "$(find script tests -name '*.py' | sort | while read -r f; do
    python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$f" 2>&1 | tail -n 1; done)"
promise "no line ends in blanks" "$(grep -rnIE '[ 	]+$' --include='*.[ch]' --include='*.py' --include='*.sh' --include='*.am' \
    --include='*.ac' --include='*.m4' src plugin tool tests/*.c tests/lint tests/rsyslog script m4 Makefile.am configure.ac \
    2>/dev/null | grep -v '^m4/l')"
echo "1..$n"
exit $broken
