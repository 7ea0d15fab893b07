/* src/read/loader_form.c
 *
 * The form of text, from its words in a profile file. */

#include "read/loader_form.h"

/* A form while it is loaded. */
struct filling {
    struct mf_form *form;
    bool has_quotes, has_escape;
    char names[MF_FORM_NAMES_MAX];
    struct mf_slice anchor;
};

static int load_as(struct mf_loader *loader, uint32_t node, void *target)
{
    static const char *const names[] = {"kv", "csv", "cef", "leef"};
    struct mf_form *form = ((struct filling *)target)->form;
    unsigned which;

    if (mf_load_choice(loader, node, "form", names, 4, &which) != 0)
        return -1;
    form->type = (enum mf_form_type)which;
    return 0;
}

static int want(struct mf_loader *loader, uint32_t node, const struct mf_form *form, enum mf_form_type type,
                const char *what, const char *of)
{
    if (form->type == type)
        return 0;
    return mf_conf_error(loader->conf, node, loader->error, "\"%s\" is for the form \"%s\"", what, of);
}

/* ---- names ---- */

static int add_name(struct mf_loader *loader, uint32_t node, struct filling *filling, struct mf_slice name)
{
    struct mf_form *form = filling->form;
    unsigned at = form->name_at[form->n_columns];

    if (form->n_columns == MF_FORM_COLUMNS_MAX || name.length > MF_FORM_NAMES_MAX - at)
        return mf_conf_error(loader->conf, node, loader->error, "at most %d columns and %d bytes of names are accepted",
                             MF_FORM_COLUMNS_MAX, MF_FORM_NAMES_MAX);
    for (unsigned i = 0; i < form->n_columns && name.length > 0; i++)
        if (mf_slice_equal(name, (struct mf_slice){filling->names + form->name_at[i],
                                                   (size_t)(form->name_at[i + 1] - form->name_at[i])}))
            return mf_conf_error(loader->conf, node, loader->error, "this column stands twice");
    if (name.length > 0)
        memcpy(filling->names + at, name.data, name.length);
    form->name_at[++form->n_columns] = (uint16_t)(at + name.length);
    return 0;
}

static int load_names(struct mf_loader *loader, uint32_t node, struct filling *filling)
{
    uint32_t at = MF_NO_NODE;

    while (mf_load_item(loader, node, &at)) {
        if (mf_load_type(loader, at) != MF_NODE_STRING)
            return mf_conf_error(loader->conf, at, loader->error,
                                 "a column is a name, or \"\" for a cell that does not matter");
        if (add_name(loader, at, filling, mf_load_peek(loader, at)) != 0)
            return -1;
    }
    return 0;
}

/* Of pairs, what stands before the first; of cells, those that are the first wherever the anchor is. */
static int load_head(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;

    if (filling->form->type >= MF_FORM_CEF)
        return mf_conf_error(loader->conf, node, loader->error, "\"head\" is for the forms \"kv\" and \"csv\"");
    if (load_names(loader, node, filling) != 0)
        return -1;
    filling->form->n_heads = filling->form->n_columns;
    filling->form->has_head = filling->form->type == MF_FORM_KV;
    if (filling->form->has_head && filling->form->n_heads != 1)
        return mf_conf_error(loader->conf, node, loader->error, "\"head\" of the form \"kv\" is one name");
    return 0;
}

static int load_columns(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;

    if (want(loader, node, filling->form, MF_FORM_CSV, "columns", "csv") != 0)
        return -1;
    return load_names(loader, node, filling);
}

/* ---- pairs ---- */

static int load_between(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_form *form = ((struct filling *)target)->form;

    if (want(loader, node, form, MF_FORM_KV, "between", "kv") != 0)
        return -1;
    return mf_load_text(loader, node, "\"between\"", &form->between);
}

static int load_start(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_form *form = ((struct filling *)target)->form;
    size_t n;

    if (want(loader, node, form, MF_FORM_KV, "start", "kv") != 0 ||
        mf_load_texts(loader, node, "\"start\"", &form->start, &n) != 0)
        return -1;
    form->n_start = (unsigned)n;
    return 0;
}

static int load_quotes(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;
    struct mf_slice quotes = mf_load_peek(loader, node);

    if (mf_load_type(loader, node) != MF_NODE_STRING)
        return mf_conf_error(loader->conf, node, loader->error,
                             "\"quotes\" is a text of the characters that may stand around a value, or \"\"");
    filling->has_quotes = true;
    return quotes.length == 0 ? 0 : mf_load_text(loader, node, "\"quotes\"", &filling->form->quotes);
}

static int load_escape(struct mf_loader *loader, uint32_t node, void *target)
{
    static const char *const names[] = {"none", "quote", "json", "double"};
    struct filling *filling = target;
    unsigned which;

    if (mf_load_choice(loader, node, "way to escape", names, 4, &which) != 0)
        return -1;
    filling->form->escape = (enum mf_form_escape)which;
    filling->has_escape = true;
    return 0;
}

/* ---- cells ---- */

static int load_separator(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_form *form = ((struct filling *)target)->form;
    struct mf_slice text = mf_load_peek(loader, node);

    if (want(loader, node, form, MF_FORM_CSV, "separator", "csv") != 0)
        return -1;
    if (mf_load_type(loader, node) != MF_NODE_STRING || text.length != 1 || (unsigned char)text.data[0] > 0x7E)
        return mf_conf_error(loader->conf, node, loader->error, "\"separator\" is one ASCII character");
    form->separator = text.data[0];
    return 0;
}

static int load_anchor_column(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;

    return mf_load_text(loader, node, "\"column\"", &filling->anchor);
}

static int load_anchor_words(struct mf_loader *loader, uint32_t node, void *target)
{
    struct mf_form *form = ((struct filling *)target)->form;
    size_t n;

    if (mf_load_texts(loader, node, "\"is\"", &form->anchors, &n) != 0)
        return -1;
    form->n_anchors = (unsigned)n;
    return 0;
}

static const struct mf_member anchor_members[] = {
    {"column", load_anchor_column, true},
    {"is", load_anchor_words, true},
};

static int find_anchor(struct mf_loader *loader, uint32_t node, struct filling *filling)
{
    struct mf_form *form = filling->form;

    for (unsigned i = form->n_heads; i < form->n_columns; i++) {
        struct mf_slice name = {filling->names + form->name_at[i], (size_t)(form->name_at[i + 1] - form->name_at[i])};

        if (mf_slice_equal(name, filling->anchor)) {
            form->anchor = i;
            return 0;
        }
    }
    return mf_conf_error(loader->conf, node, loader->error, "there is no such column");
}

static int load_anchor(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling *filling = target;

    if (want(loader, node, filling->form, MF_FORM_CSV, "anchor", "csv") != 0 ||
        mf_load_members(loader, node, "anchor", anchor_members, 2, filling) != 0)
        return -1;
    return find_anchor(loader, node, filling);
}

/* ---- the whole ---- */

static const struct mf_member form_members[] = {
    {"as", load_as, true},          {"head", load_head, false},       {"columns", load_columns, false},
    {"start", load_start, false},   {"between", load_between, false}, {"separator", load_separator, false},
    {"anchor", load_anchor, false}, {"quotes", load_quotes, false},   {"escape", load_escape, false},
};

/* What the file leaves out. */
static void set_defaults(struct filling *filling)
{
    struct mf_form *form = filling->form;

    if (!filling->has_quotes)
        form->quotes = mf_slice_of("\"");
    if (!filling->has_escape)
        form->escape = form->type == MF_FORM_CSV ? MF_ESCAPE_DOUBLE : MF_ESCAPE_NONE;
    if (form->between.length == 0)
        form->between = mf_slice_of(" ");
    if (form->separator == '\0')
        form->separator = ',';
}

static int add_headers(struct mf_loader *loader, uint32_t node, struct filling *filling)
{
    for (unsigned i = 0; i < MF_FORM_HEADERS; i++)
        if (add_name(loader, node, filling, mf_slice_of(mf_form_headers[i])) != 0)
            return -1;
    return 0;
}

static int keep_names(struct mf_loader *loader, struct filling *filling)
{
    struct mf_form *form = filling->form;
    struct mf_slice names =
        mf_pool_text(&loader->profile->pool, (struct mf_slice){filling->names, form->name_at[form->n_columns]});

    if (names.data == NULL)
        return mf_load_no_memory(loader);
    form->names = names.data;
    loader->profile->form = form;
    return 0;
}

int mf_load_form(struct mf_loader *loader, uint32_t node, void *target)
{
    struct filling filling = {.form = mf_pool_take(&loader->profile->pool, 1, sizeof *filling.form)};

    (void)target;
    if (filling.form == NULL)
        return mf_load_no_memory(loader);
    if (mf_load_members(loader, node, "text", form_members, sizeof form_members / sizeof form_members[0], &filling) !=
        0)
        return -1;
    if (filling.form->type == MF_FORM_CSV && filling.form->n_columns == 0)
        return mf_conf_error(loader->conf, node, loader->error, "the form \"csv\" needs \"columns\"");
    if (filling.form->type >= MF_FORM_CEF && add_headers(loader, node, &filling) != 0)
        return -1;
    set_defaults(&filling);
    loader->options.form = filling.form;
    return keep_names(loader, &filling);
}
