dnl MF_COMPILER: warnings that the code is clean under, and hardening of what ends up in a root daemon.

dnl MF_ADD_FLAG(VARIABLE, FLAG): adds the flag when the compiler and the linker take it.
AC_DEFUN([MF_ADD_FLAG], [
  mf_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_MSG_CHECKING([whether $CC takes $2])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); $1="$$1 $2"], [AC_MSG_RESULT([no])])
  CFLAGS=$mf_save_CFLAGS
])

AC_DEFUN([MF_COMPILER], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [warnings are errors])], [], [enable_werror=no])

  MF_CFLAGS="-std=gnu11 -pthread"
  for mf_flag in -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wno-format-nonliteral \
    -fno-strict-aliasing -fstack-protector-strong -fstack-clash-protection; do
    MF_ADD_FLAG([MF_CFLAGS], [$mf_flag])
  done
  AS_IF([test "$enable_werror" = yes], [MF_CFLAGS="$MF_CFLAGS -Werror"])

  MF_LDFLAGS=
  for mf_flag in -Wl,-z,relro -Wl,-z,now -Wl,--as-needed; do
    MF_ADD_FLAG([MF_LDFLAGS], [$mf_flag])
  done
  AC_SUBST([MF_CFLAGS])
  AC_SUBST([MF_LDFLAGS])
])

dnl MF_SANITIZERS: --enable-sanitizers=address,undefined or =thread. FORTIFY goes with optimised builds without one.
AC_DEFUN([MF_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST], [build with -fsanitize=LIST: "address,undefined" or "thread"])],
    [], [enable_sanitizers=no])
  AS_IF([test "$enable_sanitizers" = yes], [enable_sanitizers=address,undefined])
  AS_IF([test "$enable_sanitizers" != no], [
    mf_flag="-fsanitize=$enable_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
    mf_before=$MF_CFLAGS
    MF_ADD_FLAG([MF_CFLAGS], [$mf_flag])
    AS_IF([test "$MF_CFLAGS" = "$mf_before"], [AC_MSG_ERROR([$CC cannot build with -fsanitize=$enable_sanitizers])])
  ], [
    enable_sanitizers=
    AS_CASE([" $CFLAGS "], [*" -O0 "*], [], [MF_CFLAGS="$MF_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
  ])
  AM_CONDITIONAL([SANITIZED], [test -n "$enable_sanitizers"])
])

dnl MF_LTO: --disable-lto. The engine is optimised as a whole when the module and the program are linked: a tenth of what an
dnl event costs. Its objects are good for a common link too, which tests use. With gcc's own kind of fat objects, not with a
dnl sanitizer.
AC_DEFUN([MF_LTO], [
  AC_ARG_ENABLE([lto],
    [AS_HELP_STRING([--disable-lto], [no link-time optimisation of the engine in module and program (with gcc it is)])],
    [], [enable_lto=yes])
  LTO_CFLAGS= LTO_LDFLAGS= NO_LTO_LDFLAGS=
  AS_IF([test "$enable_lto" = yes && test -z "$enable_sanitizers"], [
    MF_ADD_FLAG([LTO_CFLAGS], [-flto -ffat-lto-objects])
    AS_IF([test -n "$LTO_CFLAGS"], [
      MF_ADD_FLAG([LTO_LDFLAGS], [-flto=auto])
      MF_ADD_FLAG([NO_LTO_LDFLAGS], [-fno-lto])
    ])
  ])
  AC_SUBST([LTO_CFLAGS])
  AC_SUBST([LTO_LDFLAGS])
  AC_SUBST([NO_LTO_LDFLAGS])
])
