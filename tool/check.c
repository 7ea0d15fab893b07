/* tool/check.c
 *
 * mfatigue check: is the policy right, and what would be loaded? */

#include "command.h"
#include "output.h"

static const char help[] =
    "usage: mfatigue check [OPTION]...\n\n"
    "Validates the policy and the profiles that it names, and says what was loaded. Writes nothing anywhere.\n\n"
    "  --policy FILE      the policy; without it the compiled-in defaults are checked\n"
    "  --profile-dir DIR  where the profiles are\n"
    "  --print-defaults   print a policy file with every option, its default and what it means\n"
    "  --print-markdown   print the options as tables for the documentation\n"
    "  -o human|json      how to say what was loaded (human)\n"
    "  --color WHEN       auto, always or never\n\n"
    "examples:\n"
    "  mfatigue check --policy /etc/mfatigue/policy.json\n"
    "  mfatigue check --print-defaults > policy.json\n";

static void say_json(const struct mf_engine *engine, const struct mf_common *common)
{
    static struct mf_output output;
    const struct mf_profiles *profiles = mf_engine_profiles(engine);

    mf_output_init(&output, 1);
    mf_json_begin(&output, NULL);
    mf_json_text(&output, "policy", common->policy);
    mf_json_text(&output, "policy_sha256", mf_engine_policy(engine)->sha256);
    mf_json_array_begin(&output, "profiles");
    for (size_t i = 0; i < mf_profiles_count(profiles); i++)
        mf_json_array_slice(&output, mf_slice_of(mf_profiles_name(profiles, i)));
    mf_json_array_end(&output);
    mf_json_bool(&output, "observe", mf_engine_policy(engine)->observe);
    mf_json_text(&output, "alert_level", mf_level_name((enum mf_level)mf_engine_policy(engine)->alert_level));
    mf_json_count(&output, "state_bytes", mf_engine_memory(engine));
    mf_json_end(&output, NULL);
    mf_output_finish(&output);
}

static void say_human(const struct mf_engine *engine, const struct mf_common *common)
{
    const struct mf_policy *policy = mf_engine_policy(engine);
    const struct mf_profiles *profiles = mf_engine_profiles(engine);
    char count[MF_COUNT_TEXT];

    printf("policy    %s\n", common->policy != NULL ? common->policy : "compiled-in defaults");
    printf("profiles ");
    for (size_t i = 0; i < mf_profiles_count(profiles); i++)
        printf(" %s", mf_profiles_name(profiles, i));
    printf("\nalerts    ");
    if (policy->observe)
        printf("none: observe only\n");
    else
        printf("from %s on\n", mf_level_name((enum mf_level)policy->alert_level));
    printf("memory    %s bytes for %u users\n", mf_console_count(mf_engine_memory(engine), count), policy->state.users);
}

static int report(const struct mf_common *common, bool json)
{
    int code = MF_EXIT_OK;
    struct mf_engine *engine = mf_tool_engine(common, &code);

    if (engine == NULL)
        return code;
    if (json)
        say_json(engine, common);
    else
        say_human(engine, common);
    mf_engine_free(engine);
    return MF_EXIT_OK;
}

static int run(const struct mf_command *command, int argc, char **argv)
{
    enum { DEFAULTS = MF_OPT_FIRST_OWN, MARKDOWN };
    static const struct option options[] = {MF_COMMON_OPTIONS,
                                            {"policy", required_argument, NULL, MF_OPT_POLICY},
                                            {"print-defaults", no_argument, NULL, DEFAULTS},
                                            {"print-markdown", no_argument, NULL, MARKDOWN},
                                            {0}};
    static const char *const formats[] = {"human", "json", NULL};
    struct mf_common common = {0};
    int option, code = -1, format = 0, print = 0;

    while (code < 0 && !common.done && (option = getopt_long(argc, argv, "ho:", options, NULL)) != -1) {
        if (option == MF_OPT_POLICY)
            common.policy = optarg;
        else if (option == DEFAULTS || option == MARKDOWN)
            print = option;
        else if (option == 'o') {
            format = mf_choose("-o", optarg, formats);
            code = format < 0 ? MF_EXIT_USAGE : -1;
        } else
            mf_common_option(command, option, &common, &code);
    }
    if (code >= 0 || common.done)
        return code >= 0 ? code : MF_EXIT_OK;
    if (optind < argc)
        return mf_complain(MF_EXIT_USAGE, "check takes no file; \"%s\"? The policy is named by --policy", argv[optind]);
    if (print == DEFAULTS)
        mf_policy_print_defaults(stdout);
    if (print == MARKDOWN)
        mf_policy_print_markdown(stdout);
    return print != 0 ? MF_EXIT_OK : report(&common, format == 1);
}

const struct mf_command mf_command_check = {
    .name = "check",
    .summary = "validate a policy and its profiles",
    .help = help,
    .run = run,
};
