/* SPDX-License-Identifier: Apache-2.0
 *
 * A model of the histogram cell's protocol (src/metrics/histogram_cell.h), in which every interleaving of
 * one writer and one reader is run, with every order of memory operations that the C memory model leaves
 * open: stores become visible out of order except where a release says otherwise, the loads of a bank come
 * in any order, and the reader's request may become visible late.
 *
 * The model has two buckets and observes 1, 2, 4, ..: so a sum tells which observations it is made of. A
 * copy is consistent when it is exactly the first n observations, for an n between those finished when the
 * reader began and those begun when it ended.
 *
 * That the model can tell right from wrong is tested too: with any one of the protocol's precautions left
 * out, it finds an inconsistent copy.
 */
#include "check.h"

#include <stdlib.h>

enum { OBSERVATIONS = 4, READS = 2, FIELDS = 3 }; /* fields of a bank: bucket 0, bucket 1, sum */

enum precaution {
    KEEP_ALL,
    WITHOUT_RECHECK_OF_SEQUENCE, /* after copying the bank that the writer was in */
    WITHOUT_RECHECK_OF_CURRENT,  /* after copying the idle bank */
    WITHOUT_WRITER_FENCE,        /* between the odd sequence and the counts */
    WITHOUT_ODD_SEQUENCE         /* the writer bumps the sequence only at its end */
};

/* The stores of one observation, in groups that become visible one after the other. */
enum { STORE_CURRENT = 1, STORE_ODD = 2, STORE_BUCKET = 4, STORE_SUM = 8, STORE_EVEN = 16 };

enum reader_step {
    READ_CURRENT,
    COPY_IDLE,
    RECHECK_CURRENT,
    REQUEST,
    READ_SEQUENCE,
    READ_LEFT,
    COPY_CURRENT,
    RECHECK_SEQUENCE,
    READ_DONE
};

struct state {
    /* Memory. */
    uint8_t current, wanted, sequence;
    uint8_t banks[2][FIELDS];
    /* Writer. */
    uint8_t observation; /* which is under way, or comes next */
    uint8_t pending;     /* its stores that are not visible yet; 0: between observations */
    uint8_t bank;        /* that it counts into */
    /* Reader. */
    uint8_t step, reads;
    uint8_t seen_current, seen_sequence, left;
    uint8_t copied; /* bits of the fields */
    uint8_t copies[2][FIELDS];
    uint8_t request_pending, request;
    uint8_t finished_at_begin;
};

/* --- The set of states seen ----------------------------------------------------------------------------- */

struct state_set {
    struct state *states;
    uint8_t *used;
    size_t capacity;
    size_t count;
};

static size_t state_hash(const struct state *state)
{
    uint64_t hash = 1469598103934665603U; /* FNV-1a */
    const unsigned char *bytes = (const unsigned char *)state;
    for (size_t i = 0; i < sizeof *state; i++) {
        hash = (hash ^ bytes[i]) * 1099511628211U;
    }
    return (size_t)(hash ^ hash >> 29);
}

/* False when it was there already. */
static bool set_add(struct state_set *set, const struct state *state)
{
    size_t i = state_hash(state) & (set->capacity - 1);
    while (set->used[i]) {
        if (memcmp(&set->states[i], state, sizeof *state) == 0) {
            return false;
        }
        i = (i + 1) & (set->capacity - 1);
    }
    set->used[i] = 1;
    set->states[i] = *state;
    set->count++;
    return true;
}

/* --- The writer ----------------------------------------------------------------------------------------- */

struct model {
    enum precaution without;
    struct state_set seen;
    struct state *stack;
    size_t depth, room;
    size_t consistent, inconsistent;
};

static void visit(struct model *model, const struct state *state)
{
    if (!set_add(&model->seen, state)) {
        return;
    }
    assert_true(model->seen.count < model->seen.capacity / 2);
    if (model->depth == model->room) {
        model->room *= 2;
        model->stack = realloc(model->stack, model->room * sizeof *model->stack);
        assert_non_null(model->stack);
    }
    model->stack[model->depth++] = *state;
}

/* The stores that may become visible next: those before the first fence that still has stores before it. */
static uint8_t writer_ready(const struct model *model, const struct state *state)
{
    uint8_t first = STORE_CURRENT | STORE_ODD;
    uint8_t counts = STORE_BUCKET | STORE_SUM;
    uint8_t pending = state->pending;
    if (model->without == WITHOUT_WRITER_FENCE && (pending & (first | counts)) != 0) {
        return pending & (first | counts);
    }
    if ((pending & first) != 0) {
        return pending & first;
    }
    return (pending & counts) != 0 ? pending & counts : pending;
}

static void writer_commit(const struct model *model, struct state *state, uint8_t store)
{
    uint8_t value = (uint8_t)(1U << state->observation);
    uint8_t *bank = state->banks[state->bank];
    if (store == STORE_CURRENT) {
        state->current = state->bank;
    } else if (store == STORE_BUCKET) {
        bank[state->observation & 1]++;
    } else if (store == STORE_SUM) {
        bank[2] = (uint8_t)(bank[2] + value);
    } else {
        state->sequence += model->without == WITHOUT_ODD_SEQUENCE ? 2 : 1;
    }
    state->pending &= (uint8_t)~store;
    if (state->pending == 0) {
        state->observation++;
    }
}

static void writer_begin(const struct model *model, struct state *state)
{
    state->pending = STORE_ODD | STORE_BUCKET | STORE_SUM | STORE_EVEN;
    if (model->without == WITHOUT_ODD_SEQUENCE) {
        state->pending &= (uint8_t)~STORE_ODD;
    }
    if (state->wanted != state->current) {
        state->pending |= STORE_CURRENT;
        state->bank = state->wanted;
    }
}

static void writer_moves(struct model *model, const struct state *state)
{
    if (state->pending == 0) {
        if (state->observation < OBSERVATIONS) {
            struct state next = *state;
            writer_begin(model, &next);
            visit(model, &next);
        }
        return;
    }
    uint8_t ready = writer_ready(model, state);
    for (uint8_t store = 1; store <= STORE_EVEN; store = (uint8_t)(store << 1)) {
        if ((ready & store) != 0) {
            struct state next = *state;
            writer_commit(model, &next, store);
            visit(model, &next);
        }
    }
}

/* --- The reader ----------------------------------------------------------------------------------------- */

static bool copy_is_consistent(const struct state *state)
{
    uint8_t total[FIELDS];
    for (int f = 0; f < FIELDS; f++) {
        total[f] = (uint8_t)(state->copies[0][f] + state->copies[1][f]);
    }
    uint8_t n = (uint8_t)(total[0] + total[1]);
    uint8_t begun = (uint8_t)(state->observation + (state->pending != 0));
    return n >= state->finished_at_begin && n <= begun && total[0] == (n + 1) / 2 && total[1] == n / 2 &&
           total[2] == (1U << n) - 1;
}

static void reader_finish(struct model *model, struct state *state)
{
    if (copy_is_consistent(state)) {
        model->consistent++;
    } else {
        model->inconsistent++;
    }
    state->reads++;
    state->step = state->reads < READS ? READ_CURRENT : READ_DONE;
    memset(state->copies, 0, sizeof state->copies);
    state->seen_current = state->seen_sequence = state->left = state->copied = 0;
}

/* One load of a bank; which field comes next is open. */
static void reader_copy(struct model *model, const struct state *state, uint8_t bank, uint8_t then)
{
    for (uint8_t f = 0; f < FIELDS; f++) {
        if ((state->copied & 1U << f) == 0) {
            struct state next = *state;
            next.copies[bank][f] = state->banks[bank][f];
            next.copied |= (uint8_t)(1U << f);
            if (next.copied == (1U << FIELDS) - 1) {
                next.copied = 0;
                next.step = then;
            }
            visit(model, &next);
        }
    }
}

static void reader_step(struct model *model, struct state *next)
{
    uint8_t idle = (uint8_t)(1 - next->seen_current);
    bool right;
    switch (next->step) {
    case READ_CURRENT:
        next->finished_at_begin = next->observation;
        next->seen_current = next->current;
        next->step = COPY_IDLE;
        break;
    case RECHECK_CURRENT:
        right = next->current == next->seen_current || model->without == WITHOUT_RECHECK_OF_CURRENT;
        next->step = right ? REQUEST : READ_CURRENT;
        break;
    case REQUEST:
        next->request_pending = 1;
        next->request = idle;
        next->step = READ_SEQUENCE;
        break;
    case READ_SEQUENCE:
        next->seen_sequence = next->sequence;
        next->step = READ_LEFT;
        break;
    case READ_LEFT:
        next->left = next->current != next->seen_current;
        next->step = next->left || (next->seen_sequence & 1) == 0 ? COPY_CURRENT : READ_SEQUENCE;
        break;
    default: /* RECHECK_SEQUENCE */
        right = next->left || next->sequence == next->seen_sequence ||
                model->without == WITHOUT_RECHECK_OF_SEQUENCE;
        if (right) {
            reader_finish(model, next);
        } else {
            next->step = READ_SEQUENCE;
        }
        break;
    }
}

static void reader_moves(struct model *model, const struct state *state)
{
    if (state->request_pending) {
        struct state next = *state;
        next.wanted = next.request;
        next.request_pending = 0;
        visit(model, &next);
    }
    if (state->step == READ_DONE || (state->step == REQUEST && state->request_pending)) {
        return; /* One store after the other. */
    }
    if (state->step == COPY_IDLE) {
        reader_copy(model, state, (uint8_t)(1 - state->seen_current), RECHECK_CURRENT);
    } else if (state->step == COPY_CURRENT) {
        reader_copy(model, state, state->seen_current, RECHECK_SEQUENCE);
    } else {
        struct state next = *state;
        reader_step(model, &next);
        visit(model, &next);
    }
}

/* --- Running it ----------------------------------------------------------------------------------------- */

static struct model model_run(enum precaution without)
{
    struct model model = {.without = without, .room = 1024};
    model.seen.capacity = (size_t)1 << 23;
    model.seen.states = malloc(model.seen.capacity * sizeof(struct state));
    model.seen.used = calloc(model.seen.capacity, 1);
    model.stack = malloc(model.room * sizeof *model.stack);
    assert_true(model.seen.states != NULL && model.seen.used != NULL && model.stack != NULL);
    struct state begin;
    memset(&begin, 0, sizeof begin);
    visit(&model, &begin);
    while (model.depth > 0) {
        struct state state = model.stack[--model.depth];
        writer_moves(&model, &state);
        reader_moves(&model, &state);
    }
    free(model.seen.states);
    free(model.seen.used);
    free(model.stack);
    return model;
}

static void every_interleaving_yields_a_consistent_copy(void **unused)
{
    (void)unused;
    struct model model = model_run(KEEP_ALL);
    printf("%zu states, %zu ways to end a read\n", model.seen.count, model.consistent);
    CHECK(model.consistent > 1000);
    CHECK_INT(model.inconsistent, 0);
    check_end();
}

static void each_precaution_is_needed(void **unused)
{
    (void)unused;
    for (enum precaution without = WITHOUT_RECHECK_OF_SEQUENCE; without <= WITHOUT_ODD_SEQUENCE; without++) {
        struct model model = model_run(without);
        printf("without precaution %d: %zu inconsistent copies\n", (int)without, model.inconsistent);
        CHECK(model.inconsistent > 0);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_interleaving_yields_a_consistent_copy),
        cmocka_unit_test(each_precaution_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
