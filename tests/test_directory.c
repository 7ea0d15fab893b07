/* tests/test_directory.c
 *
 * People by login and alias, what is known of them, and what a directory must not hold. */

#include "context/directory.h"

#include "list_file.h"

static struct mf_error error;

static struct mf_directory *load(const char *text)
{
    struct list_file file = list_file(text);
    struct mf_directory *directory = mf_directory_load(file.path, &some_key, &error);

    close(file.fd);
    if (directory == NULL)
        fail_msg("%s", error.text);
    return directory;
}

static const struct mf_person *find(const struct mf_directory *directory, const char *user)
{
    return mf_directory_find(directory, mf_slice_of(user));
}

static void assert_slice(struct mf_slice slice, const char *text)
{
    if (!mf_slice_equal(slice, mf_slice_of(text)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)slice.length, slice.data, text);
}

static void knows_all_that_a_line_says(void **state)
{
    struct mf_directory *directory =
        load("# people\n\nAlice@Example.com  alias=EXAMPLE\\Alice,alice group=Sales,emea role=Admin home=DE,at "
             "home=Switzerland risk=high  # head of sales\nbob@example.com\n");
    const struct mf_person *alice = find(directory, "alice@example.com"), *bob = find(directory, "bob@example.com");

    (void)state;
    assert_non_null(alice);
    assert_slice(alice->name, "alice@example.com");
    assert_int_equal(alice->group[0], 1);
    assert_int_equal(alice->group[1], 2);
    assert_int_equal(alice->group[2], 0);
    assert_int_equal(alice->role, 1);
    assert_memory_equal(alice->home, "DEATCH\0\0", 8);
    assert_true(alice->risk_high);
    assert_slice(mf_directory_group(directory, 1), "Sales");
    assert_slice(mf_directory_group(directory, 2), "emea");
    assert_slice(mf_directory_role(directory, 1), "Admin");

    assert_non_null(bob);
    assert_slice(bob->name, "bob@example.com");
    assert_int_equal(bob->group[0], 0);
    assert_int_equal(bob->role, 0);
    assert_memory_equal(bob->home, "\0\0\0\0\0\0\0\0", 8);
    assert_false(bob->risk_high);
    assert_int_equal(mf_directory_count(directory), 2);
    mf_directory_free(directory);
}

static void an_alias_is_the_same_person(void **state)
{
    struct mf_directory *directory = load("alice@example.com alias=EXAMPLE\\Alice,alice alias=\"Alice, A.\"\nbob\n");
    const struct mf_person *alice = find(directory, "alice@example.com");

    (void)state;
    assert_ptr_equal(find(directory, "example\\alice"), alice);
    assert_ptr_equal(find(directory, "alice"), alice);
    assert_ptr_equal(find(directory, "alice, a."), alice);
    assert_slice(mf_directory_canonical(directory, mf_slice_of("alice")), "alice@example.com");
    assert_slice(mf_directory_canonical(directory, mf_slice_of("carol")), "carol");
    assert_slice(mf_directory_canonical(NULL, mf_slice_of("carol")), "carol");
    mf_directory_free(directory);
}

static void does_not_know_who_is_not_there(void **state)
{
    struct mf_directory *directory = load("alice\n"), *empty = load("# nobody\n");

    (void)state;
    assert_null(find(directory, "alic"));
    assert_null(find(directory, "alicee"));
    assert_null(find(directory, "Alice")); /* the caller folds */
    assert_null(find(directory, ""));
    assert_null(mf_directory_find(directory, (struct mf_slice){0}));
    assert_null(find(empty, "alice"));
    assert_null(find(NULL, "alice"));
    assert_null(mf_directory_group(directory, 0).data);
    assert_null(mf_directory_group(directory, 1).data);
    assert_null(mf_directory_role(directory, 4095).data);
    mf_directory_free(directory);
    mf_directory_free(empty);
    mf_directory_free(NULL);
}

static void numbers_groups_and_roles_in_order_of_first_sight_whatever_their_case(void **state)
{
    struct mf_directory *directory =
        load("a group=Sales role=X\nb group=IT role=y\nc group=SALES group=\"Domain Users\" role=x\n"
             "d group=sales group=Sales\n");

    (void)state;
    assert_int_equal(mf_directory_groups(directory), 3);
    assert_int_equal(mf_directory_roles(directory), 2);
    assert_int_equal(find(directory, "b")->group[0], 2);
    assert_int_equal(find(directory, "b")->role, 2);
    assert_int_equal(find(directory, "c")->group[0], 1);
    assert_int_equal(find(directory, "c")->group[1], 3);
    assert_int_equal(find(directory, "c")->role, 1);
    assert_int_equal(find(directory, "d")->group[0], 1);
    assert_int_equal(find(directory, "d")->group[1], 0);
    assert_slice(mf_directory_group(directory, 1), "Sales");
    assert_slice(mf_directory_group(directory, 3), "Domain Users");
    mf_directory_free(directory);
}

/* N lines, each with a group (or role) of its own */
static char *lines_with(const char *key, unsigned n)
{
    char *text = malloc(n * 64 + 1);
    size_t used = 0;

    for (unsigned i = 0; i < n; i++)
        used += (size_t)sprintf(text + used, "u%u %s=g%u\n", i, key, i);
    return text;
}

static void bounds_the_different_groups_and_roles(void **state)
{
    static const char *const keys[] = {"group", "role"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        char *text = lines_with(keys[i], MF_DIRECTORY_NUMBERS), expected[128];
        struct mf_directory *directory = load(text);

        assert_slice((i == 0 ? mf_directory_group : mf_directory_role)(directory, 4095), "g4094");
        mf_directory_free(directory);
        free(text);
        text = lines_with(keys[i], MF_DIRECTORY_NUMBERS + 1);
        struct list_file file = list_file(text);
        assert_null(mf_directory_load(file.path, &some_key, &error));
        snprintf(expected, sizeof expected, "4096: %s \"g4095\" is one too many; accepted: up to 4095 different ones",
                 keys[i]);
        check_refusal(&file, &(struct refusal){"4096 of them", expected}, error.text);
        close(file.fd);
        free(text);
    }
}

static void bounds_what_one_person_has(void **state)
{
    struct mf_directory *directory = load("a group=1,2,3,4 home=DE,AT,CH,FR,DE\n");

    (void)state;
    assert_int_equal(find(directory, "a")->group[3], 4);
    assert_memory_equal(find(directory, "a")->home, "DEATCHFR", 8);
    mf_directory_free(directory);
}

static void refuses_what_it_would_have_to_guess(void **state)
{
#define KEYS "alias=, group=, role=, home=, risk="
    static const struct refusal refusals[] = {
        {"alice\nbob\n\nALICE", "4: user \"alice\" stands already in line 1"},
        {"alice alias=al\nbob alias=x,AL", "2: alias \"al\" stands already in line 1"},
        {"alice\nbob alias=alice", "2: alias \"alice\" stands already in line 1"},
        {"alice alias=bob\nbob", "2: user \"bob\" stands already in line 1"},
        {"alice alias=alice", "1: alias \"alice\" stands already in line 1"},
        {"alice alias=a alias=a", "1: alias \"a\" stands already in line 1"},
        {"alice grup=sales", "1: unknown key \"grup\", did you mean \"group\"? accepted: " KEYS},
        {"alice until=2026-12-31", "1: unknown key \"until\"; accepted: " KEYS},
        {"alice sales", "1: unexpected \"sales\"; accepted behind the first word: " KEYS ", # comment"},
        {"alice group=", "1: an empty value of group; accepted: values with one comma between"},
        {"alice group=a,,b", "1: an empty value of group; accepted: values with one comma between"},
        {"alice group=a,", "1: an empty value of group; accepted: values with one comma between"},
        {"alice group=a,b,c,d,e", "1: group \"e\" is one too many; accepted: up to 4, the first counts most"},
        {"alice role=a,b", "1: role \"b\" is one too many; accepted: one"},
        {"alice role=a role=a", "1: role \"a\" is one too many; accepted: one"},
        {"alice home=DE,AT,CH,FR,IT", "1: home \"IT\" is one too many; accepted: up to 4 countries"},
        {"alice home=Atlantis", "1: unknown country \"Atlantis\"; accepted: ISO 3166-1 codes such as DE"},
        {"alice risk=hihg", "1: risk=\"hihg\"; accepted: high, normal"},
        {"unknown", "1: \"unknown\" is no login; accepted: 1 to 256 bytes of text, no placeholder"},
        {"alice alias=null", "1: \"null\" is no login; accepted: 1 to 256 bytes of text, no placeholder"},
        {"\"  \"", "1: \"  \" is no login; accepted: 1 to 256 bytes of text, no placeholder"},
        {"a\xE2\x80\xAE"
         "b",
         "1: \"a\xE2\x80\xAE"
         "b\" is no login; accepted: 1 to 256 bytes of text, no placeholder"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct list_file file = list_file(refusals[i].text);

        if (mf_directory_load(file.path, &some_key, &error) != NULL)
            fail_msg("<%s> was accepted", refusals[i].text);
        check_refusal(&file, &refusals[i], error.text);
        close(file.fd);
    }
}

static void a_login_may_be_as_long_as_an_event_s(void **state)
{
    char login[258];

    (void)state;
    memset(login, 'a', sizeof login);
    login[256] = '\0';
    struct mf_directory *directory = load(login);
    assert_non_null(find(directory, login));
    mf_directory_free(directory);
    login[256] = 'a';
    login[257] = '\0';
    struct list_file file = list_file(login);
    assert_null(mf_directory_load(file.path, &some_key, &error));
    close(file.fd);
}

static void loads_a_hundred_thousand_people_and_finds_each(void **state)
{
    enum { N = 100000 };
    char *text = malloc(N * 96), user[64];
    size_t used = 0;

    (void)state;
    for (unsigned i = 0; i < N; i++)
        used += (size_t)sprintf(text + used, "user%u@example.com alias=u%u group=g%u home=DE\n", i, i, i % 50);
    struct mf_directory *directory = load(text);
    for (unsigned i = 0; i < N; i++) {
        snprintf(user, sizeof user, "user%u@example.com", i);
        const struct mf_person *person = find(directory, user);
        assert_non_null(person);
        assert_slice(person->name, user);
        assert_int_equal(person->group[0], 1 + i % 50);
        snprintf(user, sizeof user, "u%u", i);
        assert_ptr_equal(find(directory, user), person);
        snprintf(user, sizeof user, "u%u", N + i);
        assert_null(find(directory, user));
    }
    mf_directory_free(directory);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_all_that_a_line_says),
        cmocka_unit_test(an_alias_is_the_same_person),
        cmocka_unit_test(does_not_know_who_is_not_there),
        cmocka_unit_test(numbers_groups_and_roles_in_order_of_first_sight_whatever_their_case),
        cmocka_unit_test(bounds_the_different_groups_and_roles),
        cmocka_unit_test(bounds_what_one_person_has),
        cmocka_unit_test(refuses_what_it_would_have_to_guess),
        cmocka_unit_test(a_login_may_be_as_long_as_an_event_s),
        cmocka_unit_test(loads_a_hundred_thousand_people_and_finds_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
