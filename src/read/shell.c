/* src/read/shell.c
 *
 * A text in quotes is written with backslashes; what stands in it is a message like any other, and so is an object that a
 * collector puts below a name. Only names that are used for that are looked at, and only at the top: what somebody sent to an
 * application may be logged as JSON too. */

#include "read/shell.h"

/* Members that are looked at for more than the first names; envelopes have a few. */
enum { MEMBERS_MAX = 256 };

/* No record is shorter. */
enum { CARRIED_MIN = 32 };

/* What a text below the name is taken for. An object or an array is what the collector has read already. */
enum text_is {
    NOTHING,  /* values of forms and contents of pages have such names too */
    DOCUMENT, /* JSON, or a line in a form of its own; what begins with words is about something */
    LINE,     /* as it was received */
};

struct name {
    enum text_is text;
    size_t length;
    const char *name; /* in lower case */
};

#define NAME(name) sizeof(name) - 1, name

/* These go before all others, wherever they stand, as they are written here. */
static const char *const lines[] = {
    "message",      /* Filebeat, Winlogbeat, Logstash, Vector */
    "log",          /* Docker, Fluent Bit */
    "MESSAGE",      /* journald */
    "event",        /* HTTP event collectors */
    "_raw",         /* Cribl, Splunk */
    "full_message", /* GELF */
};

/* clang-format off */
static const struct name names[] = {
    /* the same when they are spelt otherwise (NXLog, SNS) or hold an object; "event" is also ECS's */
    {LINE, NAME("message")},
    {DOCUMENT, NAME("log")},
    {DOCUMENT, NAME("event")},
    {LINE, NAME("_raw")},
    {LINE, NAME("full_message")},
    {LINE, NAME("short_message")}, /* GELF, when it is one line */
    /* the record as it came, beside what was made of it */
    {LINE, NAME("original")}, /* ECS, below "event" */
    {LINE, NAME("event.original")},
    {LINE, NAME("raw")},
    {LINE, NAME("rawmsg")}, /* rsyslog */
    {LINE, NAME("raw_event")}, /* NXLog */
    {LINE, NAME("rawevent")},
    {LINE, NAME("raw_log")},
    {LINE, NAME("rawlog")},
    {LINE, NAME("raw_message")},
    {LINE, NAME("rawmessage")},
    {LINE, NAME("rawdata")}, /* Log Analytics */
    {LINE, NAME("syslogmessage")}, /* Log Analytics */
    {LINE, NAME("@message")}, /* CloudWatch Logs */
    {LINE, NAME("@rawstring")}, /* LogScale */
    {LINE, NAME("textpayload")}, /* Google Cloud */
    {LINE, NAME("stringvalue")}, /* OpenTelemetry, below "body" */
    /* what a collector calls that which it carries */
    {DOCUMENT, NAME("record")},
    {DOCUMENT, NAME("payload")}, /* Kafka: kcat, Connect, Fluent Bit */
    {DOCUMENT, NAME("body")}, /* OpenTelemetry, SQS */
    {DOCUMENT, NAME("data")}, /* CloudEvents */
    {DOCUMENT, NAME("json")}, /* Filebeat */
    {DOCUMENT, NAME("jsonpayload")}, /* Google Cloud */
    {DOCUMENT, NAME("protopayload")}, /* Google Cloud */
    {DOCUMENT, NAME("msg")},
    {DOCUMENT, NAME("line")}, /* Loki */
    {DOCUMENT, NAME("logevent")},
    {DOCUMENT, NAME("log_event")},
    {DOCUMENT, NAME("eventdata")},
    {DOCUMENT, NAME("event_data")},
    {NOTHING, NAME("result")}, /* Splunk's alerts and exports */
    {NOTHING, NAME("detail")}, /* EventBridge */
    {NOTHING, NAME("value")},
    {NOTHING, NAME("content")}, /* Datadog */
    {NOTHING, NAME("attributes")}, /* Datadog */
    {NOTHING, NAME("_source")}, /* Elasticsearch */
    {NOTHING, NAME("after")}, /* Debezium */
    {NOTHING, NAME("parsed")},
    {NOTHING, NAME("entry")},
    {NOTHING, NAME("doc")},
    {NOTHING, NAME("fields")},
    /* and many of it */
    {NOTHING, NAME("records")},
    {NOTHING, NAME("results")},
    {NOTHING, NAME("events")},
    {NOTHING, NAME("items")},
    {NOTHING, NAME("entries")},
    {NOTHING, NAME("messages")},
    {NOTHING, NAME("logs")},
    {NOTHING, NAME("logevents")}, /* CloudWatch Logs */
};
/* clang-format on */

/* A record with one of these tells what somebody sent to a web server, or is what an application says in words of its own:
 * what is below "body" or "payload" there is not a collector's. */
static const struct name applications[] = {
    {NOTHING, NAME("headers")},     {NOTHING, NAME("httpmethod")},     {NOTHING, NAME("http_method")},
    {NOTHING, NAME("request_uri")}, {NOTHING, NAME("requestcontext")}, {NOTHING, NAME("user_agent")},
    {NOTHING, NAME("level")},       {NOTHING, NAME("loglevel")},       {NOTHING, NAME("log_level")},
    {NOTHING, NAME("logger")},      {NOTHING, NAME("loggername")},
};

/* Messages of a broker have headers too. */
static const char topic[] = "topic";

static const struct name *find(const struct name *list, size_t n, struct mf_slice name)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].length == name.length &&
            mf_slice_equal_nocase(name, (struct mf_slice){list[i].name, list[i].length}))
            return &list[i];
    return NULL;
}

static bool is_line(struct mf_slice name)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (mf_slice_equal(name, mf_slice_of(lines[i])))
            return true;
    return false;
}

static uint64_t marked(const struct mf_record *record, const struct mf_profiles *profiles, uint32_t value, bool any)
{
    struct mf_slice text = mf_record_raw(record, value);

    return mf_markers_find(profiles->markers, text.data, text.length, any);
}

/* An object that is called by the name of its provider. */
static bool is_of_provider(const struct mf_record *record, const struct mf_profiles *profiles, struct mf_slice name,
                           uint32_t value)
{
    for (unsigned i = 0; i < profiles->n; i++)
        if (mf_slice_equal_nocase(name, profiles->profile[i]->idp))
            return record->nodes[value].type == MF_NODE_OBJECT &&
                   (marked(record, profiles, value, false) >> i & 1) != 0;
    return false;
}

/* Is the member a shell by its name, and is a record in it? */
static bool holds(const struct mf_record *record, const struct mf_profiles *profiles, struct mf_slice name,
                  uint32_t value, struct mf_shell *shell)
{
    const struct name *known = find(names, sizeof names / sizeof names[0], name);
    bool is_text = record->nodes[value].type == MF_NODE_STRING;

    if (known == NULL ? !is_of_provider(record, profiles, name, value)
                      : (is_text && known->text == NOTHING) || marked(record, profiles, value, true) == 0)
        return false;
    *shell = (struct mf_shell){value, is_text && known->text == DOCUMENT};
    return true;
}

/* What is seen of a record while its members are gone through. */
struct look {
    struct mf_shell found;
    struct mf_slice name; /* of what was found */
    bool is_as_received, twice, is_application, is_broker;
};

static void look_at(struct look *look, const struct mf_record *record, const struct mf_profiles *profiles,
                    struct mf_slice name, uint32_t value)
{
    const struct mf_node *node = &record->nodes[value];

    if (look->found.node != MF_NO_NODE && mf_slice_equal_nocase(name, look->name))
        look->twice = true;
    look->is_application =
        look->is_application || find(applications, sizeof applications / sizeof applications[0], name) != NULL;
    look->is_broker = look->is_broker || mf_slice_equal_nocase(name, mf_slice_of(topic));
    if (look->found.node != MF_NO_NODE || node->length < CARRIED_MIN || node->type < MF_NODE_STRING ||
        !holds(record, profiles, name, value, &look->found))
        return;
    look->name = name;
    look->is_as_received = node->type == MF_NODE_STRING && !look->found.whole;
}

static struct mf_shell open_object(const struct mf_record *record, const struct mf_profiles *profiles)
{
    struct look look = {.found = {MF_NO_NODE, false}};
    /* a line of text has only the first names: collectors write JSON, and pairs hold what somebody sent */
    unsigned left = record->text == record->scratch ? 0 : MEMBERS_MAX;

    for (uint32_t key = mf_record_child(record, 0), value; key != MF_NO_NODE;
         key = mf_record_sibling(record, 0, value)) {
        struct mf_slice name = mf_record_raw(record, key);

        value = mf_record_sibling(record, 0, key);
        if (record->nodes[value].type == MF_NODE_STRING && is_line(name) && marked(record, profiles, value, true) != 0)
            return (struct mf_shell){value, false};
        if (left > 0)
            look_at(&look, record, profiles, name, value);
        left -= left > 0;
    }
    if (look.twice || (look.is_application && !look.is_broker && !look.is_as_received))
        look.found.node = MF_NO_NODE;
    return look.found;
}

struct mf_shell mf_shell_open(const struct mf_record *record, const struct mf_profiles *profiles)
{
    bool is_array = record->nodes[0].type == MF_NODE_ARRAY;

    if (record->nodes[0].type == MF_NODE_OBJECT)
        return open_object(record, profiles);
    return (struct mf_shell){is_array && marked(record, profiles, 0, true) != 0 ? 0 : MF_NO_NODE, false};
}
