/* tests/bench/hostile.c
 *
 * Messages built to be the worst for a reader, of any length, and what each of them costs to judge:
 *
 *     hostile [-s] PROFILE_DIR LENGTH [TIMES]        -s: without what only some CPUs can
 *
 * says the median CPU time of TIMES tries by a worker that knows no feed yet, a line each. Under callgrind,
 * tests/hostile/test_cost.py counts instructions, which are the same on any load of the machine. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "took.h"

/* ---- text that grows ---- */

struct text {
    char *bytes;
    size_t length, room;
};

static void add(struct text *text, const char *part)
{
    size_t length = strlen(part);

    if (text->length + length > text->room)
        length = text->room - text->length;
    memcpy(text->bytes + text->length, part, length);
    text->length += length;
}

static bool has_room(const struct text *text, size_t more)
{
    return text->length + more <= text->room;
}

/* Repeats `part` until only `end` fits behind it; between two stands a comma. "%u" in it becomes a number that counts. */
static void fill(struct text *text, const char *part, const char *end)
{
    char numbered[512];

    for (unsigned i = 0; has_room(text, strlen(part) + 12 + strlen(end)); i++) {
        const char *at = strstr(part, "%u");
        if (at == NULL)
            snprintf(numbered, sizeof numbered, "%s%s", i > 0 ? "," : "", part);
        else
            snprintf(numbered, sizeof numbered, "%s%.*s%u%s", i > 0 ? "," : "", (int)(at - part), part, i, at + 2);
        add(text, numbered);
    }
    add(text, end);
}

/* The same without commas. */
static void repeat(struct text *text, const char *part, const char *end)
{
    while (has_room(text, strlen(part) + strlen(end)))
        add(text, part);
    add(text, end);
}

/* Five objects of `part`, called as members are of which many profiles ask; of 64 KB each has about a thousand. */
static void fill_objects(struct text *text, const char *part, const char *end)
{
    static const char *const names[] = {"message", "user", "actor", "event", "data"};
    enum { N = sizeof names / sizeof names[0] };
    size_t room = text->room - strlen(end), each = (room - text->length) / N;

    for (size_t i = 0; i < N; i++) {
        text->room = text->length + each;
        add(text, i > 0 ? ",\"" : "\"");
        add(text, names[i]);
        add(text, "\":{");
        fill(text, part, "}");
    }
    text->room = room + strlen(end);
    add(text, end);
}

/* ---- what they are made of ---- */

/* Every marker of every profile, so that each of them has a look. */
#define MARKERS                                                                                                        \
    "\"log_id\":1,\"isMobile\":true,\"initiated_by\":1,\"applicationName\":1,\"auditCode\":1,\"WhenOccurred\":1,"      \
    "\"txid\":1,\"isotimestamp\":1,\"eventtype\":1,\"sekey\":1,\"xDateTime\":1,\"published\":1,\"event_type_id\":1,"   \
    "\"recordedAt\":1,\"privacyidea_server\":1,\"class_uid\":1,\"ecs\":1,\"m\":\"authentik. ConsoleLogin CheckMfa\","
#define OKTA                                                                                                           \
    "\"published\":\"2026-03-02T09:00:00.000Z\",\"eventType\":\"user.authentication.auth_via_mfa\",\"uuid\":\"u\","    \
    "\"actor\":{\"id\":\"1\",\"type\":\"User\",\"alternateId\":\"ada@example.com\"},\"outcome\":{\"result\":"          \
    "\"FAILURE\"},"
#define ENTRA                                                                                                          \
    "\"createdDateTime\":\"2026-03-02T09:00:00Z\",\"id\":\"1\",\"userPrincipalName\":\"ada@example.com\",\"userId\":"  \
    "\"00000000-0000-0000-0000-000000000001\",\"appId\":\"a\",\"status\":{\"errorCode\":50074},"
#define DUO                                                                                                            \
    "\"event_type\":\"authentication\",\"isotimestamp\":\"2026-03-02T09:00:00.000000+00:00\",\"txid\":\"t\","          \
    "\"factor\":"                                                                                                      \
    "\"duo_push\",\"result\":\"denied\",\"reason\":\"user_mistake\",\"user\":{\"key\":\"k\",\"name\":\"ada@example."   \
    "com\"},"

#define FRAUD                                                                                                          \
    "\"published\":\"2026-03-02T09:00:00.000Z\",\"eventType\":\"user.account.report_suspicious_activity_by_enduser\"," \
    "\"uuid\":\"\\u0001\\u0002\",\"actor\":{\"id\":\"1\",\"type\":\"User\",\"alternateId\":\"ada@example.com\"},"      \
    "\"outcome\":{"                                                                                                    \
    "\"result\":\"SUCCESS\"},"
#define SIGN_IN(code)                                                                                                  \
    "\"createdDateTime\":\"2026-03-02T09:00:00Z\",\"id\":\"1\",\"userPrincipalName\":\"ada@example.com\","             \
    "\"resultType\":" code ","
#define GOOGLE                                                                                                         \
    "\"id\":{\"time\":\"2026-03-02T09:00:00.000Z\",\"uniqueQualifier\":\"1\",\"applicationName\":\"login\"},"          \
    "\"actor\":{"                                                                                                      \
    "\"email\":\"ada@example.com\"},"
#define DECLINEE "user declinee fraux did not responx udfinvhtmal "
/* What the search for markers looks at: four bytes of each with AVX2, five without. */
#define WINDOWS                                                                                                        \
    "log_alChxid\\ync|mId=hed\\GID\\sMobF:0|F:1|y_idam.dime\\lmId_uidINK_0.EvMfaDwhenoft.THN_mpt ialVotimetimvacyls f" \
    "WebAgratgoogblis| OA_LOGtik.rAutttyp_typnt.dpfhoPINGLogiws.cekeycs.vd_byeid=gid=cordckMfMFADaudiapply|Pi| AU| SS"
#define GRAMS                                                                                                          \
    "g_id\\\"log_iobilesMobi0.Eveenticing dthentoleLockMfaeviceaDeviuthnDntialedentAutheamazoEF:0|EF:1|itcodu"         \
    "ditcnoccuhenoctxid\\\"txid\\\\imestttypent_tyvent_\\\"event_typype\\\":type\\\\e\\\": \\\"ent_tekey\\\"e"         \
    "key\\\\phonyegratntegrivityctiviity_i\\\"actiLogSy\\\"ecs\\\"\\\"ecs\\\\.verscs.vent.da.dataa_strata_sti"         \
    "me\\\"tetimosoftlicatpplic.googmin.gtiatenitialmId=ealmI\\\"realss_uilass_lisheshed\\\\ype_ie_id\\\\host"         \
    "=catiokingig Ide| AUTUTHN_| SSO| SLOI_REV OAutNGID\\\"\\\"PINGordedecordvacyirivacHN_LO_LOGOH_PRITOKEN"
#define NAMED_OBJECTS                                                                                                  \
    "\"user\":{\"user\":{}},\"actor\":{\"actor\":{}},\"event\":{\"event\":{}},\"data\":{\"data\":{}},\"client\":{}"
#define TWICE_DEEP "\"actor\":{\"actor\":{\"a\":{\"a\":{\"a\":{\"a\":1,\"a\":1}},\"a\":1}}}"
/* Markers in a text. */
#define CARRIED                                                                                                        \
    "\\\"published\\\":1,\\\"txid\\\":1,\\\"log_id\\\":1,\\\"sekey\\\":1,\\\"class_uid\\\":1,\\\"ecs\\\":1,"           \
    "\\\"recordedAt\\\":1,"                                                                                            \
    "\\\"xDateTime\\\":1,\\\"applicationName\\\":1,\\\"initiated_by\\\":1,\\\"PINGID\\\":1,\\\"realmId\\\":1,"
/* A marker, and a beginning, of each profile that reads text. */
#define FORMS                                                                                                          \
    "CEF:0|v|p|1|c|n|5|a=b |DuoLogSync| |Ping Identity|PingFederate| realmId= pfhost= | AUTHN_ ,AUTHN_LOGIN_EVENT, "   \
    "type=a, time= "                                                                                                   \
    "authentication attempt "

/* How parts follow each other. A line of text is a quarter as long as the rest: no longer one is read. */
enum way { REPEATED, COMMAS, OBJECTS, LINE };

struct construction {
    const char *name;
    const char *before, *part, *end;
    enum way way;
};

static const struct construction constructions[] = {
    {"deep objects", "{" MARKERS, "\"a\":{", "", REPEATED},
    {"deep arrays", "", "[", "", REPEATED},
    {"31 deep, again and again", "[", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "]", COMMAS},
    {"many members", "{" MARKERS OKTA, "\"k%u\":0", "}", COMMAS},
    {"many empty names", "{" MARKERS OKTA, "\"\":0", "}", COMMAS},
    {"a member of a path, many times", "{" MARKERS OKTA, "\"actor\":{\"alternateId\":\"a\"}", "}", COMMAS},
    {"a deciding member, many times", "{" MARKERS OKTA, "\"eventType\":1", "}", COMMAS},
    {"names that begin as a path does", "{" MARKERS OKTA, "\"actorr\":0", "}", COMMAS},
    {"names with escapes", "{" MARKERS OKTA, "\"\\u0061ctor\":0", "}", COMMAS},
    {"one text of escapes", "{" MARKERS OKTA "\"displayMessage\":\"", "\\u00e9", "\"}", REPEATED},
    {"a user of escapes",
     "{\"published\":\"2026-03-02T09:00:00Z\",\"eventType\":\"user.authentication.auth_via_mfa\",\"actor\":"
     "{\"alternateId\":\"",
     "\\u0061", "\"}}", REPEATED},
    {"a text of quotes", "{" MARKERS OKTA "\"a\":\"", "\\\"", "\"}", REPEATED},
    {"texts of quotes", "{" MARKERS OKTA, "\"\\\"\":\"\\\"\"", "}", COMMAS},
    {"a text of markers", "{\"a\":\"", "published isotimestamp txid log_id ConsoleLogin DateTime auditCode ", "\"}",
     REPEATED},
    {"markers with quotes", "{" MARKERS, "\"published\":0,\"txid\":0,\"log_id\":0,\"xDateTime\":0,\"class_uid\":0", "}",
     COMMAS},
    {"halves of markers", "{\"a\":\"", "publishe isotimestam txi log_i ConsoleLogi DateTim ", "\"}", REPEATED},
    {"a selector over many elements", "{" MARKERS OKTA "\"target\":[", "{\"type\":\"Usex\"}", "]}", COMMAS},
    {"a selector that hits many", "{" MARKERS OKTA "\"target\":[", "{\"type\":\"User\"}", "]}", COMMAS},
    {"empty elements of a selector", "{" MARKERS OKTA "\"target\":[", "{}", "]}", COMMAS},
    {"numbers as elements of a selector", "{" MARKERS OKTA "\"target\":[", "1", "]}", COMMAS},
    {"rules over many elements", "{" ENTRA "\"authenticationDetails\":[", "{}", "]}", COMMAS},
    {"rules over many elements that nearly hit", "{" ENTRA "\"authenticationDetails\":[",
     "{\"authenticationMethod\":\"Mobile app notification\",\"succeeded\":false}", "]}", COMMAS},
    {"rules over numbers", "{" ENTRA "\"authenticationDetails\":[", "1", "]}", COMMAS},
    {"rules over a document in a text", "{" ENTRA "\"authenticationDetails\":\"[", "{}", "]\"}", COMMAS},
    {"a document in a text", "{" ENTRA "\"properties\":\"{", "\\\"a%u\\\":1", "}\"}", COMMAS},
    {"documents in texts", "{" MARKERS ENTRA, "\"properties\":\"{}\",\"status\":\"{}\",\"location\":\"{}\"", "}",
     COMMAS},
    {"a document in a text that breaks off", "{" ENTRA "\"properties\":\"{", "\\\"a%u\\\":1", "\"}", COMMAS},
    {"a list of nothing", "[", "{}", "]", COMMAS},
    {"a list of nothing, marked", "[{" MARKERS "\"a\":1},", "{}", "]", COMMAS},
    {"a list of numbers, marked", "[{" MARKERS "\"a\":1},", "1", "]", COMMAS},
    {"an envelope of nothing", "{" MARKERS "\"records\":[", "{}", "]}", COMMAS},
    {"an envelope of numbers behind a record", "{" MARKERS "\"records\":[{" ENTRA "\"a\":1},", "1", "]}", COMMAS},
    {"an envelope of nothing behind a record", "{\"data\":{\"events\":[{" OKTA "\"a\":1},", "{}", "]}}", COMMAS},
    {"envelopes of all at once",
     "{" MARKERS "\"records\":[{}],\"value\":[{}],\"items\":[{}],\"events\":[{}],\"logs\":[{}],\"data\":[", "{}", "]}",
     COMMAS},
    {"braces in text", "published ", "{", "", REPEATED},
    {"braces and text", "published ", "x{", "", REPEATED},
    {"small documents one behind the other", "published ", "{\"a\":1}", "", REPEATED},
    {"brackets and braces", "published ", "[{", "", REPEATED},
    {"blanks", "{" MARKERS OKTA "\"a\":1", " ", "}", REPEATED},
    {"commas", "[1", ",", "]", REPEATED},
    {"a long number", "{" MARKERS OKTA "\"a\":1", "1", "}", REPEATED},
    {"a long fraction of a second", "{\"published\":\"2026-03-02T09:00:00.", "0", "Z\"}", REPEATED},
    {"a long address", "{" OKTA "\"client\":{\"ipAddress\":\"", "1.", "\"}}", REPEATED},
    {"an address of colons", "{" OKTA "\"client\":{\"ipAddress\":\"", ":", "\"}}", REPEATED},
    {"a long country", "{" OKTA "\"client\":{\"geographicalContext\":{\"country\":\"", "The ", "\"}}}", REPEATED},
    {"a long reason", "{" OKTA "\"outcome\":{\"result\":\"FAILURE\",\"reason\":\"", "INVALID_", "\"}}", REPEATED},
    {"accents", "{" MARKERS OKTA "\"a\":\"", "\xC3\xA9", "\"}", REPEATED},
    {"bad UTF-8 at the end", "{" MARKERS OKTA "\"a\":\"", "\xC3\xA9", "\xC3\"}", REPEATED},
    {"lone surrogates", "{" MARKERS OKTA "\"a\":\"", "\\ud800", "\"}", REPEATED},
    {"many groups", "{" DUO "\"user\":{\"name\":\"a\",\"groups\":[", "\"g\"", "]}}", COMMAS},
    {"pairs", "", "a=b ", "", LINE},
    {"pairs with quotes", "", "a=\"b ", "", LINE},
    {"CEF", "CEF:0|v|p|1|c|n|5|", "a=b ", "", LINE},
    {"CEF with bars", "CEF:0", "|", "", LINE},
    {"CEF with backslashes", "CEF:0|v|p|1|c|n|5|a=", "\\=", "", LINE},
    {"LEEF", "LEEF:2.0|v|p|1|c|^|", "a=b^", "", LINE},
    {"cells", "", "a,", "", LINE},
    {"cells with quotes", "", "\"a\"\"\",", "", LINE},
    {"cells of quotes", "\"", "\"\"", "", LINE},
    {"noise", "", "\x01\xff{\"", "", REPEATED},
    {"a text of all windows", "{\"a\":\"", WINDOWS, "\"}", REPEATED},
    {"one window again and again", "{\"a\":\"", "_typ", "\"}", REPEATED},
    {"a text of all grams", "{\"a\":\"", GRAMS, "\"}", REPEATED},
    {"braces that open nothing", "published\\\" ", "{x[x", "", REPEATED},
    {"members of objects of many profiles", "{" MARKERS, "\"abcdefgh\":0", "}", OBJECTS},
    {"objects in objects of many profiles", "{" MARKERS, "\"ipAddress\":{}", "}", OBJECTS},
    {"objects by the names of paths", "{" MARKERS, NAMED_OBJECTS, "}", COMMAS},
    {"every member twice, 30 deep", "{" MARKERS OKTA, TWICE_DEEP, "}", COMMAS},
    {"a document in a text, for every profile", "{" MARKERS "\"message\":\"{", "\\\"abcdefgh%u\\\":1", "}\"}", COMMAS},
    {"a document in a document in a text", "{" MARKERS "\"message\":\"{\\\"message\\\":\\\"{", "\\\\\\\"a%u\\\\\\\":1",
     "}\\\"}\"}", COMMAS},
    {"wildcards in wildcards", "{" GOOGLE "\"events\":[", "{\"type\":\"login\",\"parameters\":[{\"name\":\"x\"}]}",
     "]}", COMMAS},
    {"elements for a condition", "{" ENTRA "\"signInEventTypes\":[", "\"servicePrincipaX\"", "]}", COMMAS},
    {"a text in which words are looked for",
     "{" SIGN_IN("500121") "\"status\":{\"errorCode\":500121,\"additionalDetails\":\"",
     "user declinee fraux did not responx ", "\"}}", REPEATED},
    {"a text of the letters that words begin with",
     "{" SIGN_IN("500121") "\"status\":{\"errorCode\":500121,\"additionalDetails\":\"", "udfinvhtmal", "\"}}",
     REPEATED},
    {"steps in which words are looked for",
     "{" SIGN_IN("500121") "\"status\":{\"errorCode\":500121},\"authenticationDetails\":[",
     "{\"authenticationStepResultDetail\":\"" DECLINEE DECLINEE DECLINEE DECLINEE "\"}", "]}", COMMAS},
    {"steps of one record that are 64 events",
     "{" SIGN_IN("500121") "\"status\":{\"errorCode\":500121},\"authenticationDetails\":[",
     "{\"authenticationMethod\":\"Text message\",\"authenticationStepResultDetail\":\"in "
     "progress\",\"RequestSequence\":%u}",
     "]}", COMMAS},
    {"a record and many that are none", "[{" OKTA "\"a\":1},", "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaa\"}", "]", COMMAS},
    {"a record of names to remember", "{" OKTA "\"a\":1,",
     "\"%u name that is as long as it can be without being too many of them for one, padded out\":"
     "\"and a value\"",
     "}", COMMAS},
    {"a record that differs at its end", "{" OKTA "\"a\":1,",
     "\"%u name that is as long as it can be without being too many of them for one, padded\":"
     "\"and a value\"",
     ",\"z#\":1}", COMMAS},
    {"a record that differs at its end, one long text", "{" OKTA "\"a\":\"", "text ", "\",\"z#\":1}", REPEATED},
    {"names that others unpack", "{" OKTA "\"a\":1",
     ",\"initiatedBy\":{\"properties\":{\"customData\":{\"description\":{\"unmapped\":1}}}}", "}", REPEATED},
    {"texts that are told, all to be escaped", "{" FRAUD "\"debugContext\":{\"a\":\"", "\\u0001\\u202e\\\"", "\"}}",
     REPEATED},
    {"a user of many accents",
     "{\"published\":\"2026-03-02T09:00:00Z\",\"eventType\":\"user.authentication.auth_via_mfa\",\"actor\":{"
     "\"alternateId\":\"",
     "\xC3\x89", "\"}}", REPEATED},
    {"a time to be found", "{\"published\":\"", "2026-03-02T09:00:0x",
     "\",\"eventType\":\"a\",\"actor\":{\"alternateId\":\"a\"}}", REPEATED},
    {"text for every form", FORMS, "a=b, ", "", LINE},
    {"accents for every form", FORMS, "\xC3\xA9", "", LINE},
    {"names for every form", FORMS, "name ", "", LINE},
    {"cells for every form", FORMS, "|,", "", LINE},
    {"quotes for every form", FORMS "a=\"", "\\\" ", "", LINE},
    {"pairs that do not end", "pfhost=a ", "aaaa\t", "", LINE},
    {"quotes that do not end", "type=LOGIN, realmId=r, a=\"", "b\", \"", "", LINE},
    {"escapes in a pair", "time=\"2026-03-02T09:00:00Z\" level=error msg=\"authentication attempt ", "\\\"", "\"",
     LINE},
    {"captures", "time=\"2026-03-02T09:00:00Z\" level=error msg=\"Unsuccessful 1FA authentication attempt ",
     "by user 'by ", "\"", LINE},
    {"CEF of names", "CEF:0|v|p|1|c|n|5|a=", "name ", "", LINE},
    {"CEF of labels", "CEF:0|v|p|1|c|n|5|", "cs1Label=a ", "", LINE},
    {"CEF that begins late", "CEF:0", "CEF:", "|v|p|1|c|n|5|a=b", LINE},
    {"a text that a shipper carries, for every form", "{\"log\":\"" FORMS, "\\\\ \\\"", "\"}", LINE},
    {"a document that a shipper carries", "{\"log\":\"{" CARRIED, "\\\"a%u\\\":1", "}\"}", COMMAS},
    {"a shipper's document that a shipper carries", "{\"log\":\"{\\\"message\\\":\\\"{\\\\\\\"published\\\\\\\":1,",
     "\\\\\\\"a%u\\\\\\\":1", "}\\\"}\"}", COMMAS},
    {"an object that a collector carries", "{\"payload\":{" MARKERS, "\"a%u\":1", "}}", COMMAS},
    {"objects that a collector carries, and its collectors", "{\"record\":{\"payload\":{\"data\":{\"body\":{" MARKERS,
     "\"a%u\":1", "}}}}}", COMMAS},
    {"texts in an object that a collector carries", "{\"payload\":{" MARKERS, "\"\\\"\\\"\":\"\\\"\"", "}}", COMMAS},
    {"objects of many profiles that a collector carries", "{\"payload\":{" MARKERS, NAMED_OBJECTS, "}}", COMMAS},
    {"objects below names of collectors", "{\"a\":1,",
     "\"protopayload\":{\"a\":\"no record is in here, and no marker\"}", "}", COMMAS},
    {"objects below names of collectors, marked", "{\"a\":1,",
     "\"protopayload\":{\"published\":\"and no record is in here\"}", "}", COMMAS},
    {"texts that a collector carries, for every form", "{\"record\":\"" FORMS, "\\\\ \\\"", "\"}", LINE},
    {"a list of what carries nothing", "[", "{\"message\":\"published, and no record is in here\"}", "]", COMMAS},
    {"a list of texts that carry documents", "[{\"a\":1}", ",{\"message\":\"{" CARRIED "\\\"a\\\":1}\"}", "]",
     REPEATED},
    {"a list of a collector's, marked", "{\"payload\":[{" MARKERS "\"a\":1}", ",{" MARKERS "\"a\":1}", "]}", REPEATED},
    {"a list of small ones, marked", "{\"payload\":[{\"a\":1}", ",{\"published\":\"none, as it seems\"}", "]}",
     REPEATED},
    {"a list of small ones of two, marked", "{\"payload\":[{\"a\":1}", ",{\"published\":\"none\",\"ecs\":\"none\"}",
     "]}", REPEATED},
    {"a list of lines of two in a shipper's", "[{\"a\":1}",
     ",{\"message\":\"{\\\"ecs\\\":1,\\\"published\\\":\\\"none\\\"}\"}", "]", REPEATED},
    {"a list of lines for every form", "{\"payload\":[{\"a\":1}", ",{\"message\":\"" FORMS "\"}", "]}", REPEATED},
    {"texts that carry nothing", "{\"a\":1,", "\"message\":\"published\"", "}", COMMAS},
    {"a head of syslog and a document", "<13>1 2026-03-02T09:00:00Z host [app] {x [1] published\\\" ", "[{\"a\":1} ",
     "", REPEATED},
    {"texts of a few quotes", "{" MARKERS OKTA, "\"a\\\"\\\"\\\"\\\"\\\"\":0", "}", COMMAS},
    {"texts of a few accents", "{" MARKERS OKTA,
     "\"\xC3\xA9"
     "a\xC3\xA9"
     "a\xC3\xA9"
     "a\xC3\xA9"
     "a\xC3\xA9\":0",
     "}", COMMAS},
    {"accents and letters", "{" MARKERS OKTA "\"a\":\"",
     "\xC3\xA9"
     "a",
     "\"}", REPEATED},
    {"accents and quotes", "{" MARKERS OKTA "\"a\":\"", "\xC3\xA9\\\"", "\"}", REPEATED},
    {"escapes of all kinds", "{" MARKERS OKTA "\"a\":\"", "\\n\xC3\xA9\\u00e9a\\\"", "\"}", REPEATED},
    {"letters of other scripts", "{" MARKERS OKTA "\"a\":\"", "\xE2\x82\xAC", "\"}", REPEATED},
    {"letters of other scripts, apart", "{" MARKERS OKTA "\"a\":\"",
     "\xE2\x82\xAC"
     "a",
     "\"}", REPEATED},
    {"pictures", "{" MARKERS OKTA "\"a\":\"", "\xF0\x9F\x98\x80", "\"}", REPEATED},
    {"pictures, apart", "{" MARKERS OKTA "\"a\":\"",
     "\xF0\x9F\x98\x80"
     "a",
     "\"}", REPEATED},
    {"escapes, apart", "{" ENTRA "\"properties\":\"{\\\"a\\\":\\\"", "\\u00e9a", "\\\"}\"}", REPEATED},
    {"escapes, apart, that a shipper carries", "{\"log\":\"{" CARRIED "\\\"a\\\":\\\"", "\\\\u00e9a", "\\\"}\"}",
     REPEATED},
    {"rare letters that a shipper carries", "{\"log\":\"{" CARRIED "\\\"a\\\":\\\"",
     "\xE0\xA4\x85"
     "a",
     "\\\"}\"}", REPEATED},
    {"pictures in escapes in a text", "{" ENTRA "\"properties\":\"{\\\"a\\\":\\\"", "\\ud83d\\ude00", "\\\"}\"}",
     REPEATED},
    {"accents in a document in a text", "{" ENTRA "\"properties\":\"{\\\"a\\\":\\\"", "\xC3\xA9", "\\\"}\"}", REPEATED},
    {"quotes in a document in a text", "{" ENTRA "\"properties\":\"{\\\"a\\\":\\\"", "\\\\\\\"", "\\\"}\"}", REPEATED},
    {"texts of quotes in a document in a text", "{" ENTRA "\"properties\":\"{", "\\\"\\\\\\\"\\\\\\\"\\\":1", "}\"}",
     COMMAS},
    {"backslashes in a text", "{" ENTRA "\"properties\":\"{\\\"a\\\":\\\"", "\\\\\\\\", "\\\"}\"}", REPEATED},
    {"one gram again and again", "{\"a\":\"", "auth", "\"}", REPEATED},
    {"one gram at every second place", "{\"a\":\"", "\\\"ecs", "\"}", REPEATED},
    {"escapes that a shipper carries", "{\"log\":\"{" CARRIED "\\\"a\\\":\\\"", "\\\\u00e9", "\\\"}\"}", REPEATED},
    {"accents that a shipper carries", "{\"log\":\"{" CARRIED "\\\"a\\\":\\\"", "\xC3\xA9", "\\\"}\"}", REPEATED},
    {"a document in a text of a record that a shipper carries",
     "{\"log\":\"{\\\"createdDateTime\\\":\\\"2026-03-02T09:00:00Z\\\",\\\"id\\\":\\\"1\\\",\\\"userPrincipalName\\\":"
     "\\\"ada@example.com\\\",\\\"userId\\\":\\\"00000000-0000-0000-0000-000000000001\\\",\\\"appId\\\":\\\"a\\\","
     "\\\"status\\\":{\\\"errorCode\\\":50074},\\\"properties\\\":\\\"{",
     "\\\\\\\"a%u\\\\\\\":1", "}\\\"}\"}", COMMAS},
    {"texts in a document that a shipper carries", "{\"log\":\"{" CARRIED, "\\\"\\\\\\\"\\\\\\\"\\\":1", "}\"}",
     COMMAS},
    {"escaped text for every form", "{\"log\":\"" FORMS, "\\\\\\\" ", "\"}", LINE},
    {"names that a shipper carries, for every form", "{\"log\":\"" FORMS, "a\\\"", "\"}", LINE},
    {"blanks and letters for every form", FORMS, "a ", "", LINE},
    {"commas and blanks for every form", FORMS, ", ", "", LINE},
    {"commas and names for every form", FORMS, ", a", "", LINE},
    {"a list of texts for every form", "[", "{\"message\":\"" FORMS "\"}", "]", COMMAS},
    {"commas, blanks and names for every form", FORMS, ",  a |", "", LINE},
    {"cells behind an anchor", "2026-03-02 09:00:00,1,AUTHN_LOGIN_EVENT,", "\"a\"\"\",", "", LINE},
};
enum { N_CONSTRUCTIONS = sizeof constructions / sizeof constructions[0] };

static void construct(const struct construction *how, size_t length, struct text *text)
{
    text->length = 0;
    text->room = how->way == LINE ? length / 4 : length;
    add(text, how->before);
    if (how->way == COMMAS)
        fill(text, how->part, how->end);
    else if (how->way == OBJECTS)
        fill_objects(text, how->part, how->end);
    else
        repeat(text, how->part, how->end);
}

/* ---- judging ---- */

static unsigned n_events, n_readings;

static void count(void *context, const struct mf_judged *judged)
{
    (void)context;
    n_readings++;
    n_events += judged->event != NULL;
}

enum { TIMES_MAX = 1000 };

struct judge {
    struct mf_engine *engine;
    struct mf_worker *worker;
};

static int compare_numbers(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

/* Where the text has a '#', it differs there from try to try. */
static double judge(const struct judge *judge, const struct text *text, unsigned times)
{
    static const struct mf_sink sink = {count, NULL, NULL, false};
    double took[TIMES_MAX];
    struct mf_tag tag;

    char *differs = memchr(text->bytes, '#', text->length);

    for (unsigned i = 0; i < times; i++) {
        if (differs != NULL)
            *differs = (char)('0' + i % 64);
        n_events = n_readings = 0;
        double begin = took_clock();
        mf_engine_judge(judge->engine, judge->worker, text->bytes, text->length, MF_TIME_NONE, &sink, &tag);
        took[i] = took_clock() - begin;
    }
    qsort(took, times, sizeof took[0], compare_numbers);
    return took[times / 2];
}

static int usage(const char *why)
{
    fprintf(stderr, "usage: hostile [-s] PROFILE_DIR LENGTH [TIMES]: %s\n", why);
    return 2;
}

int main(int argc, char **argv)
{
    struct mf_error error = {""};
    bool portable = argc > 1 && strcmp(argv[1], "-s") == 0;
    struct mf_engine_options options = {.portable = portable};
    struct judge by = {NULL, NULL};

    argc -= portable;
    argv += portable;
    options.profile_dir = argc > 1 ? argv[1] : NULL;
    size_t length = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    unsigned times = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 21;
    struct text text = {.bytes = malloc(length + 1)};
    by.engine = mf_engine_new(&options, &error);
    by.worker = by.engine == NULL ? NULL : mf_worker_new(by.engine, &error);
    if (length < 16384 || times < 1 || times > TIMES_MAX || text.bytes == NULL || by.worker == NULL)
        return usage(error.text[0] != '\0' ? error.text : "LENGTH is 16384 or more, TIMES at most 1000");
    for (unsigned i = 0; i < N_CONSTRUCTIONS; i++) {
        construct(&constructions[i], length, &text);
        mf_worker_free(by.worker); /* a new one knows of none before */
        by.worker = mf_worker_new(by.engine, &error);
        if (by.worker == NULL)
            return usage(error.text);
        double us = judge(&by, &text, times);
        printf("{\"name\": \"%s\", \"bytes\": %zu, \"us\": %.1f, \"readings\": %u, \"events\": %u}\n",
               constructions[i].name, text.length, us, n_readings, n_events);
    }
    mf_worker_free(by.worker);
    mf_engine_free(by.engine);
    free(text.bytes);
    return 0;
}
