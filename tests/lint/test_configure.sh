#!/bin/bash
# configure refuses what would make a dangerous module; script/setup is quick when there is nothing to do.
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/mfatigue-configure-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
tree=$(echo "$top"/build/rsyslog-*/)
n=0 broken=0
promise() { # NAME TRUTH SEEN
    n=$((n + 1))
    if [ "$2" = 0 ]; then echo "ok $n - $1"; else
        broken=1
        echo "not ok $n - $1"
        printf '%s\n' "$3" | tail -n 15 | sed 's/^/#   /'
    fi
}

mkdir -p "$work/other/runtime" "$work/build"
cp "$tree/runtime/module-template.h" "$work/other/runtime/"
sed 's/^AC_INIT(\[rsyslog\],\[[^]]*\]/AC_INIT([rsyslog],[8.1901.0]/' "$tree/configure.ac" >"$work/other/configure.ac"
cd "$work/build" || exit 1
said=$("$top/configure" --with-rsyslog-src="$work/other" 2>&1)
code=$?
grep -q 'is the source of rsyslog 8.1901.0, but .* is 8\.' <<<"$said"
promise "configure refuses the source of another rsyslog, and names both versions" $((code == 0 || $?)) "$said"

said=$("$top/configure" --with-rsyslog-src="$work" 2>&1)
code=$?
grep -q 'no rsyslog source tree' <<<"$said"
promise "configure refuses a directory that is no rsyslog source" $((code == 0 || $?)) "$said"

SECONDS=0
said=$("$top/script/setup" 2>&1)
promise "script/setup has nothing to do the second time" $? "$said"
promise "and takes less than three seconds for it" $((SECONDS >= 3)) "$SECONDS s"
echo "1..$n"
exit $broken
