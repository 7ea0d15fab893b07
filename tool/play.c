/* tool/play.c
 *
 * Framing, sockets and waiting. */

#include "play.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "traffic.h"

const char *const mf_framings[] = {"none", "rfc3164", "rfc5424", "octet-counted", NULL};

enum { HEADER_MAX = 128 };

/* ---- where to ---- */

static bool parse_port(const char *text, in_port_t *port)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > 65535)
        return false;
    *port = htons((uint16_t)value);
    return true;
}

static bool parse_v4(const char *host, const char *port, struct mf_target *target)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&target->address;

    in->sin_family = AF_INET;
    target->length = sizeof *in;
    if (inet_pton(AF_INET, host, &in->sin_addr) != 1 || !parse_port(port, &in->sin_port))
        return false;
    target->loopback = ntohl(in->sin_addr.s_addr) >> 24 == 127;
    return true;
}

static bool parse_v6(const char *host, const char *port, struct mf_target *target)
{
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)&target->address;

    in->sin6_family = AF_INET6;
    target->length = sizeof *in;
    if (inet_pton(AF_INET6, host, &in->sin6_addr) != 1 || !parse_port(port, &in->sin6_port))
        return false;
    target->loopback = IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
    return true;
}

bool mf_target_parse(const char *text, struct mf_target *target)
{
    char host[64];
    bool udp = strncmp(text, "udp:", 4) == 0;
    const char *rest = text + 4, *colon = strrchr(text, ':');

    *target = (struct mf_target){.udp = udp};
    if ((!udp && strncmp(text, "tcp:", 4) != 0) || colon < rest)
        return false;
    if (rest[0] == '[' && colon > rest && colon[-1] == ']') {
        mf_slice_copy(host, sizeof host, (struct mf_slice){rest + 1, (size_t)(colon - rest) - 2});
        return parse_v6(host, colon + 1, target);
    }
    mf_slice_copy(host, sizeof host, (struct mf_slice){rest, (size_t)(colon - rest)});
    return parse_v4(host, colon + 1, target);
}

int mf_play_connect(struct mf_play *play, const struct mf_target *target)
{
    play->udp = target->udp;
    play->fd = socket(target->address.ss_family, target->udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (play->fd >= 0 && connect(play->fd, (const struct sockaddr *)&target->address, target->length) == 0)
        return 0;
    int error = errno;
    mf_play_close(play);
    return error;
}

int mf_target_listen(const struct mf_target *target)
{
    const int yes = 1;
    int fd = socket(target->address.ss_family, (target->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, (const struct sockaddr *)&target->address, target->length) == 0 && (target->udp || listen(fd, 8) == 0))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

void mf_play_close(struct mf_play *play)
{
    if (play->fd >= 0)
        close(play->fd);
    play->fd = -1;
}

/* ---- when ---- */

static void wait_for(struct mf_play *play, mf_time time)
{
    int64_t left;

    if (play->pace <= 0)
        return;
    if (play->begun == 0) {
        play->begun = mf_clock_running();
        play->first = time;
    }
    left = play->begun + (int64_t)((double)(time - play->first) / play->pace) - mf_clock_running();
    mf_clock_rest(left);
}

/* ---- one line ---- */

/* local0.info; the host is invented */
static int write_header(const struct mf_play *play, mf_time time, char header[HEADER_MAX])
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char clock[MF_TIME_TEXT];

    mf_time_format(time, clock);
    if (play->framing == MF_FRAMING_NONE)
        return 0;
    if (play->framing != MF_FRAMING_RFC3164)
        return snprintf(header, HEADER_MAX, "<134>1 %s exercise.example mfatigue - - - ", clock);
    unsigned month = (unsigned)(clock[5] - '0') * 10 + (unsigned)(clock[6] - '0');
    return snprintf(header, HEADER_MAX, "<134>%s %c%c %.8s exercise.example mfatigue: ", months[(month - 1) % 12],
                    clock[8] == '0' ? ' ' : clock[8], clock[9], clock + 11);
}

static bool send_all(struct mf_play *play, const char *bytes, size_t length)
{
    while (length > 0 && play->error == 0) {
        ssize_t n = send(play->fd, bytes, length, MSG_NOSIGNAL);

        if (n >= 0) {
            bytes += n;
            length -= (size_t)n;
        } else if (errno != EINTR) {
            play->error = errno;
        }
    }
    return play->error == 0;
}

bool mf_play_line(struct mf_play *play, mf_time time, struct mf_slice line)
{
    static char message[MF_TRAFFIC_MAX + 2 * HEADER_MAX];
    char header[HEADER_MAX];
    int head = write_header(play, time, header), count = 0;
    size_t length;

    if (play->framing == MF_FRAMING_OCTETS)
        count = snprintf(message, HEADER_MAX, "%zu ", (size_t)head + line.length);
    length = (size_t)count;
    memcpy(message + length, header, (size_t)head);
    length += (size_t)head;
    memcpy(message + length, line.data, line.length);
    length += line.length;
    if (play->framing != MF_FRAMING_OCTETS && !play->udp)
        message[length++] = '\n';
    play->lines++;
    wait_for(play, time);
    if (play->output == NULL)
        return send_all(play, message, length);
    mf_output_bytes(play->output, message, length);
    return play->output->error == 0;
}
