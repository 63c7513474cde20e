/* SPDX-License-Identifier: Apache-2.0 */
#include "os/siphash.h"

enum { ROUNDS_OF_A_WORD = 2, ROUNDS_AT_THE_END = 4 };

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void siphash_rounds(uint64_t v[4], int count)
{
    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

/* Up to 8 bytes as a little-endian word, whatever this machine is. */
static uint64_t load_word(const unsigned char *bytes, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++) {
        word |= (uint64_t)bytes[i] << (8 * i);
    }
    return word;
}

static void siphash_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    siphash_rounds(v, ROUNDS_OF_A_WORD);
    v[0] ^= word;
}

uint64_t ifm_siphash(const ifm_siphash_key *key, const void *bytes, size_t size)
{
    /* The constants are the ASCII text "somepseudorandomlygeneratedbytes". */
    uint64_t v[4] = {
        key->words[0] ^ UINT64_C(0x736f6d6570736575),
        key->words[1] ^ UINT64_C(0x646f72616e646f6d),
        key->words[0] ^ UINT64_C(0x6c7967656e657261),
        key->words[1] ^ UINT64_C(0x7465646279746573),
    };
    const unsigned char *at = bytes;
    size_t whole = size / 8 * 8;
    for (size_t i = 0; i < whole; i += 8) {
        siphash_word(v, load_word(at + i, 8));
    }
    siphash_word(v, load_word(at + whole, size - whole) | (uint64_t)size << 56);
    v[2] ^= 0xFF;
    siphash_rounds(v, ROUNDS_AT_THE_END);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
