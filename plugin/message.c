/* plugin/message.c
 *
 * The accessors of rsyslog that concern the message in hand. */

#include "message.h"

#include <json.h>

/* ---- parameters ---- */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* "!a" or "!a!b": every part named. */
static bool is_path(const char *path)
{
    if (*path != '!')
        return false;
    for (; *path == '!'; path++) {
        if (!is_name_byte(path[1]))
            return false;
        while (is_name_byte(path[1]))
            path++;
    }
    return *path == '\0';
}

static const char *without_dollar(const char *parameter)
{
    return *parameter == '$' ? parameter + 1 : parameter;
}

int mf_source_init(struct mf_source *source, const char *parameter, struct mf_error *error)
{
    char name[256];
    const char *path = without_dollar(parameter);
    int length;

    if (strcmp(parameter, "msg") == 0) {
        *source = (struct mf_source){.tree = false};
        return 0;
    }
    length = snprintf(name, sizeof name, "$%s", path);
    if (!(is_path(path) || strcmp(path, "!") == 0) || length >= (int)sizeof name)
        return mf_error_set(
            error, "input=\"%s\": it is \"msg\", or the tree that another module parsed into: \"$!\", \"$!okta\"",
            parameter);
    *source = (struct mf_source){.tree = true};
    if (msgPropDescrFill(&source->property, (uchar *)name, length) != RS_RET_OK)
        return mf_error_set(error, "input=\"%s\": rsyslog knows no such property", parameter);
    return 0;
}

void mf_source_fini(struct mf_source *source)
{
    if (source->tree)
        msgPropDescrDestruct(&source->property);
    source->tree = false;
}

char *mf_container_parse(const char *parameter, struct mf_error *error)
{
    const char *path = without_dollar(parameter);
    char *copy;

    if (!is_path(path)) {
        mf_error_set(error, "container=\"%s\": it is a name in the message's tree, such as \"!mfa\" or \"$!mfa\"",
                     parameter);
        return NULL;
    }
    copy = strdup(path);
    if (copy == NULL)
        mf_error_set(error, "out of memory");
    return copy;
}

/* ---- the bytes to judge ---- */

/* Behind "<PRI>", a byte order mark and blanks. */
static size_t skip_head(const char *bytes, size_t length)
{
    size_t at = 0;

    if (length > 0 && bytes[0] == '<') {
        at = 1;
        while (at < length && at < 4 && bytes[at] >= '0' && bytes[at] <= '9')
            at++;
        if (at == length || bytes[at] != '>')
            return 0;
        at++;
    }
    if (length - at >= 3 && memcmp(bytes + at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t'))
        at++;
    return at;
}

/* A line that is nothing but JSON has no syslog header, and rsyslog's parsers would take its first words for one; and of a
 * line of text they take the time, or "CEF:", for a header that is none. So the MSG part is judged when it is JSON and the
 * message as received is not, and else the message as received, which may have a header before it. */
static void open_text(struct mf_input *input, smsg_t *message)
{
    const char *text = (const char *)getMSG(message);
    uchar *raw = NULL;
    int raw_length = 0, length = getMSGLen(message);
    size_t head = 0;

    getRawMsg(message, &raw, &raw_length);
    if (raw != NULL && raw_length > 0)
        head = skip_head((const char *)raw, (size_t)raw_length);
    input->bytes = text;
    input->length = text == NULL || length < 0 ? 0 : (size_t)length;
    if (raw == NULL || raw_length <= 0 || head >= (size_t)raw_length)
        return;
    if (raw[head] == '{' || raw[head] == '[' || !mf_record_begins(input->bytes == NULL ? "" : text, input->length)) {
        input->bytes = (const char *)raw + head;
        input->length = (size_t)raw_length - head;
    }
}

/* rsyslog hands out a deep copy, so that serialising it (which writes to the object) is safe. */
static void open_tree(struct mf_input *input, struct mf_source *source, smsg_t *message)
{
    if (msgGetJSONPropJSON(message, &source->property, &input->tree) != RS_RET_OK || input->tree == NULL)
        return;
    input->bytes = json_object_to_json_string_ext(input->tree, JSON_C_TO_STRING_PLAIN);
    if (input->bytes != NULL)
        input->length = strlen(input->bytes);
}

void mf_input_open(struct mf_input *input, struct mf_source *source, smsg_t *message)
{
    *input = (struct mf_input){.bytes = ""};
    if (source->tree)
        open_tree(input, source, message);
    else
        open_text(input, message);
    if (input->bytes == NULL)
        input->bytes = "";
}

void mf_input_close(struct mf_input *input)
{
    if (input->tree != NULL)
        json_object_put(input->tree);
    input->tree = NULL;
}

/* ---- arrival ---- */

/* Digits of a fraction of a second, to milliseconds. */
static mf_time milliseconds(int fraction, int digits)
{
    for (; digits < 3; digits++)
        fraction *= 10;
    for (; digits > 3; digits--)
        fraction /= 10;
    return fraction;
}

static mf_time time_of(const struct syslogTime *t)
{
    mf_time east = t->OffsetHour * MF_HOUR + t->OffsetMinute * MF_MINUTE;

    if (t->year < 1970 || t->month < 1 || t->month > 12 || t->day < 1 || t->day > 31)
        return MF_TIME_NONE;
    return mf_time_days((unsigned)t->year, (unsigned)t->month, (unsigned)t->day) * MF_DAY + t->hour * MF_HOUR +
           t->minute * MF_MINUTE + t->second * MF_SECOND + milliseconds(t->secfrac, t->secfracPrecision) +
           (t->OffsetMode == '-' ? east : -east);
}

mf_time mf_arrival_of(const smsg_t *message)
{
    return time_of(&message->tRcvdAt);
}

/* The same by rsyslog's accessor, which writes it out as text for us to read: twenty times the work. */
static mf_time as_told(smsg_t *message)
{
    static const struct templateEntry as_rfc3339 = {.eEntryType = FIELD, .data.field.eDateFormat = tplFmtRFC3339Date};
    uchar name[] = "timegenerated";
    msgPropDescr_t property;
    rs_size_t length = 0;
    unsigned short must_free = 0;
    mf_time arrival = MF_TIME_NONE;

    if (msgPropDescrFill(&property, name, (int)sizeof name - 1) != RS_RET_OK)
        return MF_TIME_NONE;
    uchar *text = MsgGetProp(message, (struct templateEntry *)&as_rfc3339, &property, &length, &must_free, NULL);
    if (text != NULL && length > 0)
        mf_time_parse_iso((struct mf_slice){(const char *)text, (size_t)length}, 0, &arrival);
    if (must_free)
        free(text);
    msgPropDescrDestruct(&property);
    return arrival;
}

static int compare_arrivals(struct mf_error *error)
{
    const struct syslogTime known = {
        .timeType = 2,
        .year = 2031,
        .month = 10,
        .day = 9,
        .hour = 18,
        .minute = 27,
        .second = 36,
        .secfrac = 45678,
        .secfracPrecision = 6,
        .OffsetMode = '-',
        .OffsetHour = 3,
        .OffsetMinute = 30,
    };
    smsg_t *message;
    mf_time read, told;

    if (msgConstructWithTime(&message, &known, 0) != RS_RET_OK)
        return mf_error_set(error, "out of memory");
    read = mf_arrival_of(message);
    told = as_told(message);
    msgDestruct(&message);
    if (read != told)
        return mf_error_set(error,
                            "messages of this rsyslogd are laid out otherwise than of the one that the module was "
                            "built for: build it with the source of the version that is installed");
    return 0;
}

bool mf_message_is_from(const smsg_t *message, const char *input_name)
{
    uchar *name = NULL;
    int length = 0;

    getInputName(message, &name, &length);
    return length > 0 && (size_t)length == strlen(input_name) && memcmp(name, input_name, (size_t)length) == 0;
}

/* ---- the tag ---- */

static msgPropDescr_t whole_tree;

/* A tag as it grows. libfastjson does not say when it has no room for a member: they are counted. */
struct growing {
    struct json_object *tree;
    struct mf_tag_words *words;
    int n;
};

/* Each name is put once, and is a text of this module, which outlives all messages. */
static void put(struct growing *tag, const char *name, struct json_object *value)
{
    tag->n++;
    if (value != NULL)
        json_object_object_add_ex(tag->tree, name, value, FJSON_OBJECT_ADD_KEY_IS_NEW | FJSON_OBJECT_KEY_IS_CONSTANT);
}

static void put_text(struct growing *tag, const char *name, const char *text)
{
    if (*text != '\0')
        put(tag, name, json_object_new_string(text));
}

/* Its value, one reference more. A word that lands in the place of another one takes it. */
static struct json_object *shared(struct mf_tag_words *words, const char *word)
{
    struct mf_tag_word *place = &words->word[(uintptr_t)word * UINT64_C(0x9e3779b97f4a7c15) >> (64 - MF_TAG_WORD_BITS)];
    struct json_object *value;

    if (place->word != word) {
        value = json_object_new_string(word);
        if (value == NULL)
            return NULL;
        json_object_put(place->value);
        *place = (struct mf_tag_word){word, value};
    }
    return json_object_get(place->value);
}

static void put_word(struct growing *tag, const char *name, const char *word)
{
    if (*word != '\0')
        put(tag, name, shared(tag->words, word));
}

void mf_tag_words_fini(struct mf_tag_words *words)
{
    for (unsigned i = 0; i < 1U << MF_TAG_WORD_BITS; i++)
        json_object_put(words->word[i].value);
}

static void put_notice(struct growing *growing, const struct mf_tag *tag)
{
    put(growing, "score", json_object_new_int((int)tag->score));
    put_word(growing, "severity", tag->severity);
    put_text(growing, "source", tag->source);
    put_text(growing, "signals", tag->signals);
    put_text(growing, "incident", tag->incident);
    put_word(growing, "alert", tag->alert);
}

/* All of it, or NULL: half a tag would be a wrong one. */
static struct json_object *tag_tree(const struct mf_tag *tag, struct mf_tag_words *words)
{
    struct growing growing = {.tree = json_object_new_object(), .words = words};

    if (growing.tree == NULL)
        return NULL;
    put_word(&growing, "status", tag->status);
    put_word(&growing, "level", tag->level);
    put_text(&growing, "user", tag->user);
    put_word(&growing, "kind", tag->kind);
    if (tag->notice)
        put_notice(&growing, tag);
    if (json_object_object_length(growing.tree) == growing.n)
        return growing.tree;
    json_object_put(growing.tree);
    return NULL;
}

static bool is_foreign(const struct mf_tag *tag)
{
    return tag->status == mf_skip_name(MF_SKIP_NOT_IDP) || tag->status == mf_skip_name(MF_SKIP_NO_JSON);
}

/* A message that has no tree yet gets one that holds nothing but the tag. */
static bool plant(smsg_t *message, struct json_object *tag)
{
    struct growing root = {.tree = json_object_new_object()};
    uchar all[] = "!";

    if (root.tree != NULL)
        put(&root, &MF_USUAL_CONTAINER[1], tag);
    if (root.tree == NULL || json_object_object_length(root.tree) != root.n) {
        json_object_put(tag);
        json_object_put(root.tree);
        return false;
    }
    return msgAddJSON(message, all, root.tree, 1, 0) == RS_RET_OK;
}

bool mf_message_tag(smsg_t *message, const char *container, const struct mf_tag *tag, struct mf_tag_words *words)
{
    struct json_object *tree;

    if (is_foreign(tag)) {
        msgDelJSON(message, (uchar *)container);
        return true;
    }
    tree = tag_tree(tag, words);
    if (tree == NULL)
        return false;
    /* rsyslog would look for the place and copy its name: a third of what a tag costs */
    if (strcmp(container, MF_USUAL_CONTAINER) == 0 && msgCheckVarExists(message, &whole_tree) != RS_RET_OK)
        return plant(message, tree);
    /* force_reset: without it 8.2302 merges an object into the root of the message's tree */
    return msgAddJSON(message, (uchar *)container, tree, 1, 0) == RS_RET_OK;
}

/* ---- life ---- */

int mf_message_init(struct mf_error *error)
{
    uchar name[] = "$!";

    if (compare_arrivals(error) < 0)
        return -1;
    if (msgPropDescrFill(&whole_tree, name, (int)sizeof name - 1) != RS_RET_OK)
        return mf_error_set(error, "rsyslog knows no property $!");
    return 0;
}

void mf_message_fini(void)
{
    msgPropDescrDestruct(&whole_tree);
}
