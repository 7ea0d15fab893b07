/* src/read/loader_form.h
 *
 * "text" of a profile file: what form its messages have when they are no JSON. Returns as in loader.h. */

#ifndef MF_READ_LOADER_FORM_H
#define MF_READ_LOADER_FORM_H

#include "read/loader.h"

/* A member of the table of profile members. */
int mf_load_form(struct mf_loader *loader, uint32_t node, void *target);

#endif
