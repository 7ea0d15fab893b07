/* plugin/message.h
 *
 * What we take from a message and what we leave on it: the bytes to judge, when they reached rsyslogd, and the tag.
 * A message is shared by threads; rsyslog's accessors lock it, and pointers from them live as long as the message. */

#ifndef MF_PLUGIN_MESSAGE_H
#define MF_PLUGIN_MESSAGE_H

#include "rsyslog-abi.h"

#include "engine.h"

/* Before all others. -1 and an error: what is read from rsyslog's struct (below) is not what its accessor says. */
int mf_message_init(struct mf_error *error);
void mf_message_fini(void);

/* Where an action finds the record: `input="msg"`, or a tree that an earlier module parsed. */
struct mf_source {
    bool tree;
    msgPropDescr_t property; /* of the tree */
};

/* "msg", "$!", "$!okta", "!okta". -1 and an error that says what is accepted. */
int mf_source_init(struct mf_source *source, const char *parameter, struct mf_error *error);
void mf_source_fini(struct mf_source *source);

/* Where tags go if nothing else is said. */
#define MF_USUAL_CONTAINER "!mfa"

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

/* When the message reached rsyslogd ("timegenerated"); MF_TIME_NONE when it does not say. Written before anybody sees the
 * message, and read from rsyslog's struct: its accessor would take a tenth of what a message costs us. */
mf_time mf_arrival_of(const smsg_t *message);

/* True when the message came in by the input of that name. */
bool mf_message_is_from(const smsg_t *message, const char *input_name);

/* Texts of tags that are constants of the engine, as values that tags share: one worker's. Made once, and kept by all who
 * hold them, which may be messages that outlive the worker.
 *
 * That others have them in hand is safe, because nobody changes a text: libfastjson has no call for it, `set` and `unset`
 * put another value in its place or take it out, a copy of a message (MsgDup) copies texts, references are counted atomically,
 * and what stands in the text is asked for (json_object_get_string) and not written out (json_object_to_json_string), which
 * alone would write to it. An object or a number must not be shared: they are changed in place, and written out to themselves
 * under the lock of one message. */
enum { MF_TAG_WORD_BITS = 7 };
struct mf_tag_words {
    struct mf_tag_word {
        const char *word; /* by its address */
        struct json_object *value;
    } word[1 << MF_TAG_WORD_BITS];
};

void mf_tag_words_fini(struct mf_tag_words *words);

/* Replaces what the container holds: a tag that we did not write must not stay on a message that we looked at. A
 * message that is no IdP record is left without one. False when rsyslog refused. */
bool mf_message_tag(smsg_t *message, const char *container, const struct mf_tag *tag, struct mf_tag_words *words);

#endif
