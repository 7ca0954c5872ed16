// Source: FIPS 202, section 3.2; the rate is 136 bytes.
#include "keccak.h"

#include <string.h>

#define RATE 136

static uint64_t rotated(uint64_t x, unsigned by) { return by == 0 ? x : x << by | x >> (64 - by); }

/// The constants of the rounds, from the shift register that defines them.
static uint64_t constants[24];

__attribute__((constructor)) static void make_constants(void) {
    unsigned state = 1;
    for (int round = 0; round < 24; round++) {
        for (int j = 0; j < 7; j++) {
            constants[round] ^= (uint64_t)(state & 1) << ((1u << j) - 1);
            state = state << 1 ^ (state >> 7 & 1) * 0x171;
        }
    }
}

static void permute(uint64_t a[25]) {
    for (int round = 0; round < 24; round++) {
        uint64_t c[5], b[25];
        for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (int x = 0; x < 5; x++) {
            uint64_t d = c[(x + 4) % 5] ^ rotated(c[(x + 1) % 5], 1);
            for (int y = 0; y < 25; y += 5) a[x + y] ^= d;
        }
        // Rho and pi: lane by lane along their common walk.
        b[0] = a[0];
#pragma GCC unroll 24
        for (int t = 0, x = 1, y = 0; t < 24; t++) {
            int next = (2 * x + 3 * y) % 5;
            b[y + 5 * next] = rotated(a[x + 5 * y], (unsigned)((t + 1) * (t + 2) / 2 % 64));
            x = y;
            y = next;
        }
        for (int y = 0; y < 25; y += 5) {
            for (int x = 0; x < 5; x++) a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
        }
        a[0] ^= constants[round];
    }
}

static void absorb(uint64_t a[25], const uint8_t *block) {
    for (int i = 0; i < RATE / 8; i++) {
        uint64_t lane;
        memcpy(&lane, block + 8 * i, 8);
        a[i] ^= lane;
    }
    permute(a);
}

void keccak256(const uint8_t *bytes, size_t count, uint8_t hash[32]) {
    uint64_t a[25] = {0};
    uint8_t last[RATE] = {0};
    for (; count >= RATE; bytes += RATE, count -= RATE) absorb(a, bytes);
    memcpy(last, bytes, count);
    last[count] ^= 0x01;
    last[RATE - 1] ^= 0x80;
    absorb(a, last);
    memcpy(hash, a, 32);
}
