// Keccak-256 as Ethereum uses it: the padding of the first submission, not of SHA-3.
#pragma once
#include <stddef.h>
#include <stdint.h>

void keccak256(const uint8_t *bytes, size_t count, uint8_t hash[32]);
