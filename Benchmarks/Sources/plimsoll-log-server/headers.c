#include "headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keccak.h"

static const uint8_t miner[20] = {0x95, 0x22, 0x22, 0x90, 0xdd, 0x72, 0x78, 0xaa, 0x3d, 0xdd,
                                  0x38, 0x9c, 0xc1, 0xe1, 0xd1, 0x65, 0xcc, 0x4b, 0xaf, 0xe5};
#define GAS_LIMIT 0x1c9c380u
#define GAS_USED 0xe4e1c0u
#define BASE_FEE 0x3b9aca00u

static uint32_t first;
/// The hash of block `first - 1 + i`; the one before the first is made up.
static uint8_t (*hashes)[32];

/// Stands for every root and for the filter: anything may be in such a block.
static const uint8_t filler[256] = {[0 ... 255] = 0xff};

static uint32_t timestamp(uint32_t number) { return 0x60000000u + 12 * number; }

static uint8_t *put_bytes(uint8_t *at, const uint8_t *bytes, size_t count) {
    if (count < 56) *at++ = (uint8_t)(0x80 + count);
    else {
        *at++ = 0xb9;
        *at++ = (uint8_t)(count >> 8);
        *at++ = (uint8_t)count;
    }
    memcpy(at, bytes, count);
    return at + count;
}

static uint8_t *put_number(uint8_t *at, uint32_t value) {
    uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    size_t zeros = 0;
    while (zeros < 4 && bytes[zeros] == 0) zeros++;
    return put_bytes(at, bytes + zeros, 4 - zeros);
}

/// The hash of a header with this parent: the 16 fields since London, as one list.
static void hash_header(uint32_t number, const uint8_t parent[32], uint8_t hash[32]) {
    uint8_t list[1024] = {0xf9}, *at = list + 3;
    at = put_bytes(at, parent, 32);
    at = put_bytes(at, filler, 32);
    at = put_bytes(at, miner, 20);
    for (int root = 0; root < 3; root++) at = put_bytes(at, filler, 32);
    at = put_bytes(at, filler, 256);
    at = put_number(at, 0);
    at = put_number(at, number);
    at = put_number(at, GAS_LIMIT);
    at = put_number(at, GAS_USED);
    at = put_number(at, timestamp(number));
    at = put_number(at, 0);
    at = put_bytes(at, filler, 32);
    at = put_bytes(at, filler, 8);
    at = put_number(at, BASE_FEE);
    size_t count = (size_t)(at - list) - 3;
    list[1] = (uint8_t)(count >> 8);
    list[2] = (uint8_t)count;
    keccak256(list, count + 3, hash);
}

void headers_prepare(uint32_t from, uint32_t last) {
    first = from;
    hashes = calloc(last - from + 2, sizeof *hashes);
    if (hashes == NULL) abort();
    for (uint32_t number = from; number <= last; number++) {
        hash_header(number, hashes[number - from], hashes[number - from + 1]);
    }
}

static void hex(char *text, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
}

void header_hash(char *text, uint32_t number) { hex(text, hashes[number - first + 1], 32); }

size_t header_write(char *text, uint32_t number) {
    char hash[65] = {0}, parent[65] = {0}, ones[65] = {0}, bloom[513] = {0}, coinbase[41] = {0};
    header_hash(hash, number);
    hex(parent, hashes[number - first], 32);
    hex(ones, filler, 32);
    hex(bloom, filler, 256);
    hex(coinbase, miner, 20);
    return (size_t)sprintf(
        text,
        "{\"number\":\"0x%x\",\"hash\":\"0x%s\",\"parentHash\":\"0x%s\",\"sha3Uncles\":\"0x%s\",\"logsBloom\":\"0x%s\","
        "\"transactionsRoot\":\"0x%s\",\"stateRoot\":\"0x%s\",\"receiptsRoot\":\"0x%s\",\"miner\":\"0x%s\","
        "\"difficulty\":\"0x0\",\"totalDifficulty\":\"0x0\",\"extraData\":\"0x\",\"size\":\"0x2000\",\"gasLimit\":\"0x%x\","
        "\"gasUsed\":\"0x%x\",\"timestamp\":\"0x%x\",\"baseFeePerGas\":\"0x%x\",\"nonce\":\"0x%.16s\",\"mixHash\":\"0x%s\","
        "\"uncles\":[],\"transactions\":[]}",
        number, hash, parent, ones, bloom, ones, ones, ones, coinbase, GAS_LIMIT, GAS_USED, timestamp(number), BASE_FEE,
        ones, ones);
}
