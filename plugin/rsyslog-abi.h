/* plugin/rsyslog-abi.h
 *
 * rsyslog's headers, seen as the installed daemon was compiled. rsyslog ships no headers and its ./configure writes the
 * macros below into its config.h; several decide the layout of structs that the daemon and the module share. They are
 * defined here, and only here, so that no ./configure of rsyslog is needed; configure refuses a daemon that was built
 * otherwise.
 *
 * NDEBUG               without it every object has a cookie in front (runtime/obj-types.h)
 * HAVE_ATOMIC_BUILTINS, HAVE_ATOMIC_BUILTINS64
 *                      without them counters and queues carry mutexes (runtime/atomic.h)
 * FEATURE_REGEXP       a compiled expression in each template entry (template.h)
 * the others           no layout, but types and inline code
 *
 * The structs of rsyslog are opaque to us: accessors only, but for the few reads that alerts.c and message.c name. */

#ifndef MF_PLUGIN_RSYSLOG_ABI_H
#define MF_PLUGIN_RSYSLOG_ABI_H

#ifdef NDEBUG
#define MF_ASSERTS_ARE_OFF
#else
#define NDEBUG 1
#endif
#define HAVE_ATOMIC_BUILTINS   1
#define HAVE_ATOMIC_BUILTINS64 1
#define FEATURE_REGEXP         1
#define HAVE_LSEEK64           1
#define HAVE_STRNDUP           1
#define HAVE_BUILTIN_EXCEPT    1

#include "rsyslog.h"
#include "conf.h"
#include "syslogd-types.h"
#include "template.h"
#include "module-template.h"
#include "errmsg.h"
#include "datetime.h"
#include "glbl.h"
#include "msg.h"
#include "prop.h"
#include "queue.h"
#include "rsconf.h"
#include "ruleset.h"
#include "statsobj.h"
#include "dirty.h"
#include "unicode-helper.h"

#ifndef MF_ASSERTS_ARE_OFF
#undef NDEBUG
#endif
#undef MF_ASSERTS_ARE_OFF
#include <assert.h>

/* rsyslog 8.2302 as Debian builds it on 64 bit machines. Other versions have other sizes, and their own headers to know
 * them. */
#if defined(__LP64__) && statsobjCURR_IF_VERSION == 13 && glblCURR_IF_VERSION == 10
_Static_assert(sizeof(smsg_t) == 624, "rsyslog 8.2302: a macro above differs from the daemon's");
_Static_assert(sizeof(ruleset_t) == 56, "rsyslog 8.2302: a macro above differs from the daemon's");
#endif

#endif
