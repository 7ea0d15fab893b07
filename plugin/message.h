/* plugin/message.h
 *
 * What we take from a message and what we leave on it: the bytes to judge, when they reached rsyslogd, and the tag.
 * A message is shared by threads; rsyslog's accessors lock it, and pointers from them live as long as the message. */

#ifndef MF_PLUGIN_MESSAGE_H
#define MF_PLUGIN_MESSAGE_H

#include "rsyslog-abi.h"

#include "engine.h"

/* Where an action finds the record: `input="msg"`, or a tree that an earlier module parsed. */
struct mf_source {
    bool tree;
    msgPropDescr_t property; /* of the tree */
};

/* "msg", "$!", "$!okta", "!okta". -1 and an error that says what is accepted. */
int mf_source_init(struct mf_source *source, const char *parameter, struct mf_error *error);
void mf_source_fini(struct mf_source *source);

/* "!mfa" or "$!mfa" -> "!mfa", on the heap. NULL and an error. */
char *mf_container_parse(const char *parameter, struct mf_error *error);

/* The bytes to judge. `tree` is the copy that they belong to, NULL when they belong to the message. */
struct mf_input {
    const char *bytes;
    size_t length;
    struct json_object *tree;
};

void mf_input_open(struct mf_input *input, struct mf_source *source, smsg_t *message);
void mf_input_close(struct mf_input *input);

/* When the message reached rsyslogd; MF_TIME_NONE when it does not say. */
int mf_arrival_init(void);
void mf_arrival_fini(void);
mf_time mf_arrival_of(smsg_t *message);

/* True when the message came in by the input of that name. */
bool mf_message_is_from(const smsg_t *message, const char *input_name);

/* Replaces what the container holds: a tag that we did not write must not stay on a message that we looked at. A
 * message that is no IdP record is left without one. False when rsyslog refused. */
bool mf_message_tag(smsg_t *message, const char *container, const struct mf_tag *tag);

#endif
