dnl MF_RSYSLOG: the source tree whose headers the module is built with, the daemon that will load it, and where its modules live.
dnl
dnl rsyslog installs no headers and promises no binary interface, so the tree must be of the daemon's very version. Its
dnl ./configure need not have been run: plugin/rsyslog-abi.h defines the macros on which the layout of its structs depends, and
dnl this file checks that the daemon was built with them.

AC_DEFUN([MF_RSYSLOG], [
  AC_ARG_WITH([rsyslog-src],
    [AS_HELP_STRING([--with-rsyslog-src=DIR], [source tree of the installed rsyslog; without it only engine and command line are built])],
    [], [with_rsyslog_src=no])
  AC_ARG_WITH([rsyslogd],
    [AS_HELP_STRING([--with-rsyslogd=PATH], [the daemon that will load the module (default: the one in PATH or /usr/sbin)])],
    [], [with_rsyslogd=])
  AC_ARG_WITH([moduledir],
    [AS_HELP_STRING([--with-moduledir=DIR], [where rsyslogd looks for modules (default: where its own are)])],
    [], [with_moduledir=])

  RSYSLOG_SRC=
  RSYSLOG_VERSION=
  AS_IF([test "$with_rsyslog_src" = yes], [AC_MSG_ERROR([--with-rsyslog-src needs a directory])])
  AS_IF([test "$with_rsyslog_src" != no], [
    MF_RSYSLOG_TREE
    MF_RSYSLOG_DAEMON
    AS_IF([test "$RSYSLOG_SRC_VERSION" != "$RSYSLOG_VERSION"], [AC_MSG_ERROR([
  $RSYSLOG_SRC is the source of rsyslog $RSYSLOG_SRC_VERSION, but $RSYSLOGD is $RSYSLOG_VERSION.
  A module built with other headers than the daemon's would corrupt its memory. Give the source of $RSYSLOG_VERSION,
  or run script/setup, which fetches it.])])
    PKG_CHECK_MODULES([ESTR], [libestr >= 0.1.9])
  ])
  AM_CONDITIONAL([WITH_MODULE], [test -n "$RSYSLOG_SRC"])

  mf_multiarch=`$CC -print-multiarch 2>/dev/null`
  moduledir=$with_moduledir
  for mf_dir in /usr/lib/$mf_multiarch/rsyslog /usr/lib64/rsyslog /usr/lib/rsyslog /usr/local/lib/rsyslog; do
    AS_IF([test -z "$moduledir" && test -f "$mf_dir/lmnet.so"], [moduledir=$mf_dir])
  done
  AS_IF([test -z "$moduledir"], [moduledir='${libdir}/rsyslog'])

  AC_SUBST([RSYSLOG_SRC])
  AC_SUBST([RSYSLOG_CPPFLAGS])
  AC_SUBST([RSYSLOGD])
  AC_SUBST([moduledir])
])

AC_DEFUN([MF_RSYSLOG_TREE], [
  AC_MSG_CHECKING([the version of the rsyslog source])
  RSYSLOG_SRC=`cd "$with_rsyslog_src" 2>/dev/null && pwd`
  AS_IF([test -z "$RSYSLOG_SRC" || test ! -f "$RSYSLOG_SRC/runtime/module-template.h"],
    [AC_MSG_RESULT([none])
     AC_MSG_ERROR([--with-rsyslog-src=$with_rsyslog_src: no rsyslog source tree (runtime/module-template.h is missing)])])
  RSYSLOG_SRC_VERSION=`grep '^AC.INIT.' "$RSYSLOG_SRC/configure.ac" | tr -cs '0-9A-Za-z._\n' ' ' | cut -d ' ' -f 3`
  AC_MSG_RESULT([$RSYSLOG_SRC_VERSION])
  RSYSLOG_CPPFLAGS="-isystem $RSYSLOG_SRC -isystem $RSYSLOG_SRC/runtime -isystem $RSYSLOG_SRC/grammar"
])

AC_DEFUN([MF_RSYSLOG_DAEMON], [
  AC_PATH_PROG([RSYSLOGD_FOUND], [rsyslogd], [], [$PATH:/usr/sbin:/sbin:/usr/local/sbin])
  RSYSLOGD=${with_rsyslogd:-$RSYSLOGD_FOUND}
  AS_IF([test -z "$RSYSLOGD"], [AC_MSG_ERROR([no rsyslogd found: install rsyslog, or name it with --with-rsyslogd=PATH])])
  AC_MSG_CHECKING([the version of $RSYSLOGD])
  "$RSYSLOGD" -v >conftest.rsyslogd 2>&1
  RSYSLOG_VERSION=`sed -n 's/^rsyslogd *//p' conftest.rsyslogd | head -n 1 | tr ' ,' '  ' | cut -d ' ' -f 1`
  AC_MSG_RESULT([$RSYSLOG_VERSION])
  AS_IF([test -z "$RSYSLOG_VERSION"], [AC_MSG_ERROR([$RSYSLOGD -v does not say its version])])
  AC_MSG_CHECKING([that rsyslogd was built as plugin/rsyslog-abi.h says])
  mf_bad=
  grep 'FEATURE_DEBUG.*No' conftest.rsyslogd >/dev/null || mf_bad="a debug build"
  grep 'FEATURE_REGEXP.*Yes' conftest.rsyslogd >/dev/null || mf_bad="without regular expressions"
  grep '32bit Atomic.*Yes' conftest.rsyslogd >/dev/null || mf_bad="without 32 bit atomics"
  grep '64bit Atomic.*Yes' conftest.rsyslogd >/dev/null || mf_bad="without 64 bit atomics"
  rm -f conftest.rsyslogd
  AS_IF([test -n "$mf_bad"], [AC_MSG_RESULT([no])
    AC_MSG_ERROR([$RSYSLOGD is $mf_bad: its structs have another layout than the module would use])])
  AC_MSG_RESULT([yes])
])
