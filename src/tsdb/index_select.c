/* SPDX-License-Identifier: Apache-2.0
 *
 * Selecting series: the matcher whose posting lists are shortest says which series come into question, the
 * others are asked about each of these. Whether a value matches is found out once for each value.
 */
#include "tsdb/index.h"

typedef struct select_matcher {
    const model_matcher *matcher;
    uint32_t name;    /* INDEX_NONE: no series has it */
    uint32_t value;   /* of MODEL_EQUAL: its entry, or INDEX_NONE */
    bool empty;       /* matches series without the label */
    uint8_t *answers; /* by entry: 0 not known, 1 no, 2 yes */
    uint32_t answer_count;
} select_matcher;

typedef struct selecting {
    const tsdb_index *index;
    uint32_t series_count;
    select_matcher *matchers;
    size_t count;
    ifm_bump *arena;
    ifm_error *err;
    ifm_error matching; /* of a regular expression */
} selecting;

static bool is_exact(const select_matcher *m)
{
    return m->matcher->match == MODEL_EQUAL && !m->empty;
}

/* Whether the value of an entry matches. */
static bool value_matches(selecting *s, select_matcher *m, uint32_t value)
{
    const index_entry *entry = index_entry_at(s->index, value);
    if (m->answers == NULL || value >= m->answer_count) {
        return model_matcher_matches(m->matcher, index_text(entry), &s->matching);
    }
    if (m->answers[value] == 0) {
        m->answers[value] = model_matcher_matches(m->matcher, index_text(entry), &s->matching) ? 2 : 1;
    }
    return m->answers[value] == 2;
}

static bool series_matches(selecting *s, select_matcher *m, uint32_t series)
{
    const uint32_t *entries = index_series_at(s->index, series);
    if (is_exact(m)) {
        for (uint32_t i = 1; i <= entries[0]; i++) {
            if (entries[i] == m->value) {
                return true;
            }
        }
        return false;
    }
    if (m->name == INDEX_NONE) {
        return m->empty;
    }
    for (uint32_t i = 1; i <= entries[0]; i++) {
        if (index_entry_at(s->index, entries[i])->parent == m->name) {
            return value_matches(s, m, entries[i]);
        }
    }
    return m->empty;
}

static bool prepare(selecting *s, const model_matcher *matchers, size_t count)
{
    s->matching.code = IFM_OK;
    s->count = count;
    s->matchers = ifm_bump_alloc_array(s->arena, count, sizeof *s->matchers);
    for (size_t i = 0; s->matchers != NULL && i < count; i++) {
        select_matcher *m = &s->matchers[i];
        m->matcher = &matchers[i];
        m->name = tsdb_index_entry(s->index, INDEX_NONE, matchers[i].name);
        m->value = INDEX_NONE;
        m->empty = model_matcher_matches(m->matcher, (model_text){"", 0}, &s->matching);
        if (matchers[i].match == MODEL_EQUAL && m->name != INDEX_NONE) {
            m->value = tsdb_index_entry(s->index, m->name, matchers[i].value);
        } else if (m->name != INDEX_NONE) {
            m->answer_count = atomic_load_explicit(&s->index->entry_count, memory_order_acquire);
            m->answers = ifm_bump_alloc_array(s->arena, m->answer_count, 1);
        }
    }
    if (s->matching.code != IFM_OK) {
        *s->err = s->matching;
        return false;
    }
    return ifm_bump_check(s->arena, s->err);
}

/* Which matcher to begin with; NULL: with all series. */
static select_matcher *best(selecting *s)
{
    select_matcher *found = NULL;
    uint32_t fewest = UINT32_MAX;
    for (size_t i = 0; i < s->count; i++) {
        select_matcher *m = &s->matchers[i];
        if (m->empty) {
            continue;
        }
        uint32_t series = s->series_count;
        if (m->name == INDEX_NONE || (is_exact(m) && m->value == INDEX_NONE)) {
            series = 0;
        } else if (is_exact(m)) {
            series = index_postings_count(&index_entry_at(s->index, m->value)->postings);
        }
        if (series < fewest) {
            fewest = series;
            found = m;
        }
    }
    return found;
}

/* The values of a name that match, and how many series have them together. */
static bool matching_values(selecting *s, select_matcher *m, uint32_t **out, uint32_t *out_count,
                            size_t *series)
{
    const index_postings *postings = &index_entry_at(s->index, m->name)->postings;
    uint32_t count = index_postings_count(postings), kept = 0;
    uint32_t *values = ifm_bump_alloc_array(s->arena, count, sizeof *values);
    *series = 0;
    if (values == NULL) {
        return ifm_bump_check(s->arena, s->err);
    }
    tsdb_index_postings(postings, values, count);
    for (uint32_t i = 0; i < count; i++) {
        if (value_matches(s, m, values[i])) {
            *series += index_postings_count(&index_entry_at(s->index, values[i])->postings);
            values[kept++] = values[i];
        }
    }
    *out = values;
    *out_count = kept;
    return true;
}

/* The series that come into question. */
static bool candidates(selecting *s, select_matcher *m, uint32_t **out, size_t *out_count)
{
    uint32_t one[1], *values = one, value_count = 1;
    size_t room = s->series_count, count = 0;
    if (m == NULL) {
        value_count = 0;
    } else if (m->name == INDEX_NONE || (is_exact(m) && m->value == INDEX_NONE)) {
        *out_count = 0;
        return true;
    } else if (is_exact(m)) {
        one[0] = m->value;
        room = index_postings_count(&index_entry_at(s->index, m->value)->postings);
    } else if (!matching_values(s, m, &values, &value_count, &room)) {
        return false;
    }
    uint32_t *ids = ifm_bump_alloc_array(s->arena, room, sizeof *ids);
    if (ids == NULL) {
        return ifm_bump_check(s->arena, s->err);
    }
    for (uint32_t i = 0; i < value_count; i++) {
        const index_postings *postings = &index_entry_at(s->index, values[i])->postings;
        uint32_t have = index_postings_count(postings);
        have = have < room - count ? have : (uint32_t)(room - count); /* more may have come since */
        tsdb_index_postings(postings, ids + count, have);
        count += have;
    }
    for (; m == NULL && count < room; count++) {
        ids[count] = (uint32_t)count;
    }
    *out = ids;
    *out_count = count;
    return true;
}

bool tsdb_index_select(const tsdb_index *index, const model_matcher *matchers, size_t count, ifm_bump *arena,
                       uint32_t **out, size_t *out_count, ifm_error *err)
{
    selecting s = {.index = index, .arena = arena, .err = err};
    uint32_t *ids = NULL;
    size_t found = 0, kept = 0;
    s.series_count = atomic_load_explicit(&index->series_count, memory_order_acquire);
    if (!prepare(&s, matchers, count)) {
        return false;
    }
    select_matcher *first = best(&s);
    if (!candidates(&s, first, &ids, &found)) {
        return false;
    }
    for (size_t i = 0; i < found; i++) {
        bool matches = true;
        for (size_t k = 0; matches && k < s.count; k++) {
            matches = &s.matchers[k] == first || series_matches(&s, &s.matchers[k], ids[i]);
        }
        ids[kept] = ids[i];
        kept += matches;
    }
    if (s.matching.code != IFM_OK) {
        *err = s.matching;
        return false;
    }
    *out = ids;
    *out_count = kept;
    return true;
}

static bool texts_of(const tsdb_index *index, const index_postings *postings, ifm_bump *arena,
                     const model_text **out, size_t *count, ifm_error *err)
{
    uint32_t found = index_postings_count(postings);
    model_text *texts = ifm_bump_alloc_array(arena, found, sizeof *texts);
    uint32_t *ids = ifm_bump_alloc_array(arena, found, sizeof *ids);
    if (texts == NULL || ids == NULL) {
        return ifm_bump_check(arena, err);
    }
    tsdb_index_postings(postings, ids, found);
    for (uint32_t i = 0; i < found; i++) {
        texts[i] = index_text(index_entry_at(index, ids[i]));
    }
    *out = texts;
    *count = found;
    return true;
}

bool tsdb_index_names(const tsdb_index *index, ifm_bump *arena, const model_text **out, size_t *count,
                      ifm_error *err)
{
    return texts_of(index, &index->names, arena, out, count, err);
}

bool tsdb_index_values(const tsdb_index *index, model_text name, ifm_bump *arena, const model_text **out,
                       size_t *count, ifm_error *err)
{
    uint32_t entry = tsdb_index_entry(index, INDEX_NONE, name);
    if (entry == INDEX_NONE) {
        *out = NULL;
        *count = 0;
        return true;
    }
    return texts_of(index, &index_entry_at(index, entry)->postings, arena, out, count, err);
}
