// Blocks of logs that follow from their number alone: nothing is stored, and any range can be asked again.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The first block; heights up to 0xffffff have six digits, so that the length of a page follows from its shapes.
#define FIRST_BLOCK 0x200000u
#define LAST_BLOCK 0xffffffu
/// The widest range of one answer.
#define WIDEST_RANGE 100u
/// Where a block's text ends up: appended, and handed on when it is full.
struct sink {
    char *bytes;
    size_t count, room;
    int socket, failed;
};

void sink_write(struct sink *sink, const char *bytes, size_t count);
void sink_flush(struct sink *sink);

/// Renders the templates; once.
void pages_prepare(void);
/// Logs of a block: 5 to 50.
unsigned block_logs(uint32_t number);
/// Length of the JSON array of the logs of `from` to `to`.
size_t page_length(uint32_t from, uint32_t to);
/// Writes that array.
void page_write(struct sink *sink, uint32_t from, uint32_t to);
