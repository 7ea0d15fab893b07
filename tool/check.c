/* tool/check.c
 *
 * mfatigue check: is the policy right, and what would be loaded? */

#include <string.h>
#include <time.h>

#include "command.h"
#include "output.h"

static mf_time now(void)
{
    return (mf_time)time(NULL) * MF_SECOND;
}

static void list_in_json(void *context, const char *text)
{
    mf_json_array_slice(context, mf_slice_of(text));
}

static int say_json(const struct mf_engine *engine, const struct mf_arguments *arguments)
{
    static struct mf_output output;
    const struct mf_policy *policy = mf_engine_policy(engine);
    const struct mf_profiles *profiles = mf_engine_profiles(engine);

    mf_output_init(&output, 1);
    mf_json_begin(&output, NULL);
    mf_json_text(&output, "policy", arguments->policy);
    mf_json_text(&output, "policy_sha256", policy->sha256);
    mf_json_array_begin(&output, "profiles");
    for (size_t i = 0; i < mf_profiles_count(profiles); i++)
        mf_json_array_slice(&output, mf_slice_of(mf_profiles_name(profiles, i)));
    mf_json_array_end(&output);
    mf_json_array_begin(&output, "lists");
    mf_engine_describe(engine, now(), list_in_json, &output);
    mf_json_array_end(&output);
    mf_json_array_begin(&output, "warnings");
    mf_engine_remark(engine, list_in_json, &output);
    mf_json_array_end(&output);
    mf_json_bool(&output, "observe", policy->observe);
    mf_json_text(&output, "alert_level", mf_level_name((enum mf_level)policy->alert_level));
    mf_json_count(&output, "users", policy->state.table.users);
    mf_json_count(&output, "state_bytes", mf_engine_memory(engine));
    mf_json_end(&output, NULL);
    return mf_output_finish(&output);
}

static void say(const char *what, const char *text)
{
    printf("%-9s ", what);
    mf_console_text(stdout, text, strlen(text));
    putchar('\n');
}

static void say_list(void *context, const char *text)
{
    bool *first = context;

    say(*first ? "lists" : "", text);
    *first = false;
}

static void say_warning(void *context, const char *text)
{
    (void)context;
    say("warning", text);
}

static int say_human(const struct mf_engine *engine, const struct mf_arguments *arguments)
{
    const struct mf_policy *policy = mf_engine_policy(engine);
    const struct mf_profiles *profiles = mf_engine_profiles(engine);
    char count[MF_COUNT_TEXT], users[MF_COUNT_TEXT];
    bool first = true;

    say("policy", arguments->policy != NULL ? arguments->policy : "compiled-in defaults");
    for (size_t i = 0; i < mf_profiles_count(profiles); i++)
        say(i == 0 ? "profiles" : "", mf_profiles_name(profiles, i));
    mf_engine_describe(engine, now(), say_list, &first);
    if (policy->observe)
        say("alerts", "none: observe only");
    else
        printf("%-9s from %s on\n", "alerts", mf_level_name((enum mf_level)policy->alert_level));
    printf("%-9s %s bytes for %s users\n", "memory", mf_console_count(mf_engine_memory(engine), count),
           mf_console_count(policy->state.table.users, users));
    mf_engine_remark(engine, say_warning, NULL);
    return MF_EXIT_OK;
}

static int report(const struct mf_arguments *arguments)
{
    int code = MF_EXIT_OK;
    struct mf_engine *engine = mf_tool_engine(arguments, 0, &code);

    if (engine == NULL)
        return code;
    bool json = mf_flags_json(arguments);
    code = json ? say_json(engine, arguments) : say_human(engine, arguments);
    mf_engine_free(engine);
    return code;
}

static int run(const struct mf_arguments *arguments)
{
    if (arguments->print_defaults && arguments->print_markdown)
        return mf_complain(MF_EXIT_USAGE, "check: --print-defaults or --print-markdown, not both");
    if (arguments->print_defaults)
        mf_policy_print_defaults(stdout);
    else if (arguments->print_markdown)
        mf_policy_print_markdown(stdout);
    else
        return report(arguments);
    return MF_EXIT_OK;
}

static const struct mf_flag flags[] = {
    MF_FLAG_POLICY,
    MF_FLAG_PROFILE_DIR,
    {"print-defaults", 0, NULL, offsetof(struct mf_arguments, print_defaults), NULL,
     "print a policy file with every option, its default\nand what it means"},
    {"print-markdown", 0, NULL, offsetof(struct mf_arguments, print_markdown), NULL,
     "print the options as tables for the documentation"},
    MF_FLAG_OUTPUT("how to say what was loaded: human (the default), json\nor ndjson"),
    {0},
};

const struct mf_command mf_command_check = {
    .name = "check",
    .summary = "validate a policy and its profiles",
    .operands = "",
    .description = "Validates the policy and the profiles that it names, and says what was loaded.\n"
                   "Writes nothing but that.\n",
    .flags = flags,
    .examples = "  mfatigue check --policy /etc/mfatigue/policy.json\n"
                "  mfatigue check --policy trial.json -o json | jq .state_bytes\n"
                "  mfatigue check --print-defaults > policy.json\n",
    .run = run,
};
