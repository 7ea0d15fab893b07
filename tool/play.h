/* tool/play.h
 *
 * Lines as syslog, to a file or to an address, at once or at a pace. */

#ifndef MF_TOOL_PLAY_H
#define MF_TOOL_PLAY_H

#include "engine.h"
#include "output.h"

#include <sys/socket.h>

enum mf_framing { MF_FRAMING_NONE, MF_FRAMING_RFC3164, MF_FRAMING_RFC5424, MF_FRAMING_OCTETS };
extern const char *const mf_framings[]; /* names, NULL-terminated */

/* "tcp:127.0.0.1:514", "udp:[::1]:514"; numeric addresses only, so that nothing is looked up. */
struct mf_target {
    bool udp;
    struct sockaddr_storage address;
    socklen_t length;
    bool loopback;
};

bool mf_target_parse(const char *text, struct mf_target *target);

struct mf_play {
    struct mf_output *output; /* to a file; NULL: to `fd` */
    int fd;                   /* a socket; -1 = none */
    bool udp;
    enum mf_framing framing;
    double pace;   /* how many times faster than it happened; 0 = at once */
    mf_time first; /* of the story, and ... */
    int64_t begun; /* ... of the clock when it began, ms; 0 = not yet */
    uint64_t lines;
    int error; /* errno of what failed */
};

/* Connects. 0, or errno. */
int mf_play_connect(struct mf_play *play, const struct mf_target *target);
void mf_play_close(struct mf_play *play);

/* One line: waits until its time has come, frames and sends it. False when it could not be sent. */
bool mf_play_line(struct mf_play *play, mf_time time, struct mf_slice line);

/* A socket that listens there; -1 and errno. */
int mf_target_listen(const struct mf_target *target);

#endif
