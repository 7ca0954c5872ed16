#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"

/// Blocks of one shape have the same logs, but for their own number and hashes.
#define SHAPES 64
#define FEWEST 5
#define MOST 50

struct shape {
    char *text;
    size_t length;
    unsigned logs;
    /// Where each log's number, block hash and transaction hash stand.
    size_t number[MOST], hash[MOST], transaction[MOST];
};

static struct shape shapes[SHAPES];

static uint64_t mix(uint64_t x) {
    // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static void digits(char *text, uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; i++) text[i] = "0123456789abcdef"[value >> (4 * (count - 1 - i)) & 15];
}

static const struct shape *shape_of(uint32_t number) { return &shapes[mix(number) % SHAPES]; }

unsigned block_logs(uint32_t number) { return shape_of(number)->logs; }

// The event is Aave's Borrow: four topics, four words; asset, account and amounts are random.
static size_t render_log(struct shape *shape, char *text, unsigned index, uint64_t seed) {
    char word[6][65] = {{0}};
    for (unsigned i = 0; i < 6; i++) {
        memset(word[i], '0', 64);
        digits(word[i] + 32, mix(seed * 8 + i), 16);
        digits(word[i] + 48, mix(seed * 8 + i + 0x10000), 16);
        digits(word[i] + 24, mix(seed * 8 + i + 0x20000), 8);
    }
    int length = sprintf(
        text,
        "{\"address\":\"0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2\",\"topics\":["
        "\"0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0\",\"0x%s\",\"0x%s\","
        "\"0x%064x\"],\"data\":\"0x%s%s%064x%s\",\"blockNumber\":\"0x",
        word[0], word[1], 0, word[2], word[3], 2, word[4]);
    shape->number[index] = shape->length + (size_t)length;
    length += sprintf(text + length, "000000\",\"transactionHash\":\"0x");
    shape->transaction[index] = shape->length + (size_t)length;
    memset(text + length, '0', 64);
    length += 64;
    length += sprintf(text + length, "\",\"transactionIndex\":\"0x%x\",\"blockHash\":\"0x", index * 3);
    shape->hash[index] = shape->length + (size_t)length;
    memset(text + length, '0', 64);
    length += 64;
    length += sprintf(text + length, "\",\"logIndex\":\"0x%x\",\"removed\":false}", index * 2);
    return (size_t)length;
}

void pages_prepare(void) {
    for (unsigned s = 0; s < SHAPES; s++) {
        struct shape *shape = &shapes[s];
        // Evenly over the numbers between the bounds.
        shape->logs = FEWEST + s * (MOST - FEWEST) / (SHAPES - 1);
        shape->text = malloc(MOST * 1024);
        if (shape->text == NULL) abort();
        for (unsigned i = 0; i < shape->logs; i++) {
            if (i > 0) shape->text[shape->length++] = ',';
            shape->length += render_log(shape, shape->text + shape->length, i, s * MOST + i);
        }
    }
}

size_t page_length(uint32_t from, uint32_t to) {
    size_t length = 2 + (to - from);
    for (uint32_t number = from; number <= to; number++) length += shape_of(number)->length;
    return length;
}

void page_write(struct sink *sink, uint32_t from, uint32_t to) {
    sink_write(sink, "[", 1);
    for (uint32_t number = from; number <= to; number++) {
        if (number > from) sink_write(sink, ",", 1);
        const struct shape *shape = shape_of(number);
        if (sink->count + shape->length > sink->room) sink_flush(sink);
        char *text = sink->bytes + sink->count;
        char height[6], hash[64];
        digits(height, number, 6);
        header_hash(hash, number);
        memcpy(text, shape->text, shape->length);
        for (unsigned i = 0; i < shape->logs; i++) {
            memcpy(text + shape->number[i], height, 6);
            memcpy(text + shape->hash[i], hash, 64);
            memcpy(text + shape->transaction[i], hash + 16, 48);
            digits(text + shape->transaction[i] + 48, i, 2);
        }
        sink->count += shape->length;
    }
    sink_write(sink, "]", 1);
}
