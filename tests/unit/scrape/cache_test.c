/* SPDX-License-Identifier: Apache-2.0
 *
 * The cache: what is found, in which order it is kept, what happens without memory.
 */
#include "scrape/cache.h"

#include "check.h"
#include "torture.h"

#include <inferometer/registry.h>

/* A scrape of the words in `text`; those that begin with "-" end it as a failure. */
static bool scrape(scrape_cache *cache, scrape_cache_scratch *scratch, const char *text, ifm_error *err)
{
    scrape_cache_begin(cache, scratch);
    for (; *text != '\0' && *text != '-'; text += strcspn(text, " "), text += *text == ' ') {
        model_text word = {text, strcspn(text, " ")};
        scrape_entry *entry = scrape_cache_expected(cache, scratch, text, text + word.size + 1);
        if (entry != NULL && entry->size != word.size) {
            entry = NULL;
        }
        if ((entry == NULL && !scrape_cache_find(cache, scratch, word, &entry, err)) ||
            (entry == NULL &&
             !scrape_cache_add(cache, scratch, word, word.data[0] == '#' ? SCRAPE_ENTRY_COMMENT : 0, &entry,
                               err)) ||
            (!scrape_cache_was_seen(cache, entry) && !scrape_cache_see(cache, scratch, entry, err))) {
            scrape_cache_abandon(cache);
            return false;
        }
    }
    if (*text == '-') {
        scrape_cache_abandon(cache);
    } else {
        scrape_cache_commit(cache, scratch);
    }
    return true;
}

static const char *contents(const scrape_cache *cache, const scrape_cache_scratch *scratch)
{
    static const char *const words[] = {"a", "b", "c", "d", "x", "y", "z", "new", "ab", "abc"};
    static char text[4096];
    size_t size = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < cache->count; i++) {
        const scrape_entry *entry = &cache->entries[i];
        bool comment = (entry->flags & SCRAPE_ENTRY_COMMENT) != 0;
        const char *word = comment ? cache->texts + entry->ref : "?";
        for (size_t j = 0; j < IFM_COUNT_OF(words) && !comment; j++) {
            bool same = scrape_cache_hash(scratch, words[j], strlen(words[j])) == entry->hash;
            word = same ? words[j] : word;
        }
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%.*s", i == 0 ? "" : " ",
                                 (int)entry->size, word);
    }
    return text;
}

static void cache_has_what_was_seen_in_its_order(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"a b c d", "a b c d"},
        {"a b c d", "a b c d"},
        {"a c d", "a c d"},
        {"a c", "a c"},
        {"x a c", "x a c"},
        {"x a y c z", "x a y c z"},
        {"z y x", "z y x"},
        {"z z y x y", "z y x"},
        {"z new -", "z y x"},
        {"-", "z y x"},
        {"x y z", "x y z"},
        {"", ""},
        {"a ab abc b", "a ab abc b"},
        {"abc ab a", "abc ab a"},
        {"#1 a #2 b", "#1 a #2 b"},
        {"b #2 #3 a", "b #2 #3 a"},
        {"b a", "b a"},
        {"#9 b #8 -", "b a"},
        {"#3 b a", "#3 b a"},
        {"#3 a", "#3 a"},
    };
    scrape_cache cache = {.entries = NULL};
    scrape_cache_scratch scratch = {.order = NULL};
    ifm_error err;
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK(scrape(&cache, &scratch, rows[i].text, &err));
        CHECK_TEXT(contents(&cache, &scratch), rows[i].want);
    }
    scrape_cache_deinit(&cache);
    scrape_cache_scratch_deinit(&scratch);
    check_end();
}

/* No allocation, no table: a scrape as the last one. */
static void cache_needs_nothing_for_the_same_again(void **state)
{
    scrape_cache cache = {.entries = NULL};
    scrape_cache_scratch scratch = {.order = NULL};
    ifm_error err;
    (void)state;
    CHECK(scrape(&cache, &scratch, "a b c", &err));
    size_t before = torture_allocation_count();
    CHECK(scrape(&cache, &scratch, "a b c", &err));
    CHECK_INT(torture_allocation_count(), before);
    CHECK(!scratch.table);
    scrape_cache_deinit(&cache);
    scrape_cache_scratch_deinit(&scratch);
    check_end();
}

static bool scrape_three_times(void *context, ifm_error *err)
{
    scrape_cache cache = {.entries = NULL};
    scrape_cache_scratch scratch = {.order = NULL};
    (void)context;
    bool ok = scrape(&cache, &scratch, "a b c d", err) && scrape(&cache, &scratch, "d c e a", err) &&
              scrape(&cache, &scratch, "a c d e", err);
    if (ok) {
        CHECK_INT(cache.count, 4);
    }
    scrape_cache_deinit(&cache);
    scrape_cache_scratch_deinit(&scratch);
    return ok;
}

static void cache_survives_without_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(scrape_three_times, NULL, TORTURE_MAY_SUCCEED) >= 6);
    check_end();
}

static void cache_refuses_texts_beyond_its_limit(void **state)
{
    scrape_cache cache = {.entries = NULL};
    scrape_cache_scratch scratch = {.order = NULL};
    scrape_entry *entry;
    ifm_error err;
    char *text = ifm_alloc_zero(1, SCRAPE_SERIES_BYTES_MAX + 1);
    (void)state;
    scrape_cache_begin(&cache, &scratch);
    CHECK(scrape_cache_add(&cache, &scratch, (model_text){text, SCRAPE_SERIES_BYTES_MAX}, 0, &entry, &err));
    CHECK(!scrape_cache_add(&cache, &scratch, (model_text){text, SCRAPE_SERIES_BYTES_MAX + 1}, 0, &entry,
                            &err));
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_free(text);
    scrape_cache_deinit(&cache);
    scrape_cache_scratch_deinit(&scratch);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cache_has_what_was_seen_in_its_order),
        cmocka_unit_test(cache_needs_nothing_for_the_same_again),
        cmocka_unit_test(cache_survives_without_memory),
        cmocka_unit_test(cache_refuses_texts_beyond_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
