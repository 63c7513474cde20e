/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that the description of the terminal does not have.
 */
#include "top/keys.h"

#include "check.h"
#include "top/state.h"

/* How many characters of the text a sequence takes; *key: what it is; 0xFFFFFFFF: it does not end. */
static int sequence_of(const char *text, uint32_t *key)
{
    top_sequence sequence = {.size = 0};
    int used = 0;
    while (text[used] != '\0' && !sequence.is_over &&
           top_sequence_add(&sequence, (uint32_t)(unsigned char)text[used])) {
        used++;
    }
    *key = sequence.is_over ? top_sequence_key(&sequence) : UINT32_MAX;
    return used;
}

static void sequences_are_keys_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int used;
        uint32_t key;
    } rows[] = {
        {"[A", 2, TOP_KEY_UP},
        {"OBq", 2, TOP_KEY_DOWN},
        {"[5~5", 3, TOP_KEY_PAGE_UP},
        {"[6~", 3, TOP_KEY_PAGE_DOWN},
        {"[1~", 3, TOP_KEY_HOME},
        {"[F", 2, TOP_KEY_END},
        {"[C", 2, ']'},
        {"[Z", 2, TOP_KEY_BACK_TAB},
        {"OM", 2, TOP_KEY_ENTER},
        {"[1;5Cx", 5, 0}, /* with Ctrl */
        {"[200~", 5, 0},  /* what is pasted follows */
        {"[[Aq", 3, 0},   /* F1 of the console */
        {"[I", 2, 0},     /* the window has the focus */
        {"[<0;12;30;40;50;60;70M", 22, 0},
        {"[12", 3, UINT32_MAX},
        {"[", 1, UINT32_MAX},
        {"[1\x1b", 2, UINT32_MAX},
        {"q", 0, UINT32_MAX},
        {"\xc3", 0, UINT32_MAX},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint32_t key;
        CHECK_INT(sequence_of(rows[i].text, &key), rows[i].used);
        CHECK_INT(key, rows[i].key);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sequences_are_keys_or_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
