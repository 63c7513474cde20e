/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts in quotes as Go's strconv.Quote() writes them, for labels and messages.
 *
 * What counts as printable is a list of what does not, by blocks: a code point that no version of Unicode has
 * given away yet may be shown as it is.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_MODEL_QUOTE_H
#define IFM_MODEL_QUOTE_H

#include "model/labels.h"

enum { MODEL_QUOTE_CHAR_SIZE = 12 }; /* "\U0010ffff" and its end */

/* Letters, marks, numbers, punctuation and symbols. */
bool model_printable(uint32_t point);

/* Writes the first character of `text` (not empty) as it stands inside of `quote`, terminated, and returns
 * how many bytes of `text` it is. A byte that is no valid UTF-8 becomes \xNN. */
size_t model_quote_char(model_text text, char quote, char out[MODEL_QUOTE_CHAR_SIZE]);

/* Appends `text` in double quotes. */
void model_quote(ifm_buf *out, model_text text);

#endif
