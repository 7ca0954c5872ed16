// Headers that hash to their own hash and name the one before: whoever checks them finds a chain.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Makes the hashes of `first` to `last`; once.
void headers_prepare(uint32_t first, uint32_t last);
/// The 64 digits of a block's hash.
void header_hash(char *text, uint32_t number);
/// Writes the header of a block into `text`, at least 4096 bytes, and says how long it is.
size_t header_write(char *text, uint32_t number);
