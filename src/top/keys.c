/* SPDX-License-Identifier: Apache-2.0 */
#include "top/keys.h"

#include "top/state.h"

static bool is_end(const top_sequence *sequence, char byte)
{
    bool is_second = sequence->size == 1;
    if (is_second && sequence->bytes[0] == 'O') { /* of the keypad: "OM" */
        return true;
    }
    return byte >= 0x40 && byte <= 0x7E && !(is_second && byte == '['); /* the console of Linux has "[[A" */
}

bool top_sequence_add(top_sequence *sequence, uint32_t point)
{
    if (point < ' ' || point > 0x7E || (sequence->size == 0 && point != '[' && point != 'O')) {
        return false;
    }
    sequence->is_over = sequence->size > 0 && is_end(sequence, (char)point);
    if (sequence->size < TOP_SEQUENCE_SIZE) {
        sequence->bytes[sequence->size++] = (char)point;
    }
    return true;
}

/* As xterm, rxvt, the console of Linux and the multiplexers have them. */
uint32_t top_sequence_key(const top_sequence *sequence)
{
    static const struct {
        const char *bytes;
        uint32_t key;
    } keys[] = {
        {"[A", TOP_KEY_UP},
        {"OA", TOP_KEY_UP},
        {"[B", TOP_KEY_DOWN},
        {"OB", TOP_KEY_DOWN},
        {"[C", ']'},
        {"OC", ']'},
        {"[D", '['},
        {"OD", '['},
        {"[H", TOP_KEY_HOME},
        {"OH", TOP_KEY_HOME},
        {"[1~", TOP_KEY_HOME},
        {"[7~", TOP_KEY_HOME},
        {"[F", TOP_KEY_END},
        {"OF", TOP_KEY_END},
        {"[4~", TOP_KEY_END},
        {"[8~", TOP_KEY_END},
        {"[5~", TOP_KEY_PAGE_UP},
        {"[6~", TOP_KEY_PAGE_DOWN},
        {"[Z", TOP_KEY_BACK_TAB},
        {"[3~", TOP_KEY_BACKSPACE},
        {"OM", TOP_KEY_ENTER},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(keys); i++) {
        if (strlen(keys[i].bytes) == sequence->size &&
            memcmp(keys[i].bytes, sequence->bytes, sequence->size) == 0) {
            return keys[i].key;
        }
    }
    return 0;
}
