// A loopback node that answers log queries faster than any client can read them. One thread a connection.
//
// Usage: plimsoll-log-server BLOCKS; prints one JSON line with its URL, ends when its input does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "headers.h"
#include "pages.h"

#define REQUEST_ROOM (256u << 10)
#define ANSWER_ROOM (256u << 10)
#define MEMBERS 128

static uint32_t head;

/// One request: its id as it is written, and what is asked.
struct call {
    char id[32];
    char method[40];
    uint32_t from, to;
    int is_latest;
};

void sink_flush(struct sink *sink) {
    size_t sent = 0;
    while (sent < sink->count && !sink->failed) {
        ssize_t count = send(sink->socket, sink->bytes + sent, sink->count - sent, MSG_NOSIGNAL);
        if (count <= 0) sink->failed = 1;
        else sent += (size_t)count;
    }
    sink->count = 0;
}

void sink_write(struct sink *sink, const char *bytes, size_t count) {
    if (sink->count + count > sink->room) sink_flush(sink);
    memcpy(sink->bytes + sink->count, bytes, count);
    sink->count += count;
}

static uint32_t quantity(const char *object, const char *name, uint32_t otherwise) {
    const char *found = strstr(object, name);
    if (found == NULL) return otherwise;
    found += strlen(name);
    found += strspn(found, " :\"");
    return strncmp(found, "0x", 2) == 0 ? (uint32_t)strtoul(found, NULL, 16) : otherwise;
}

/// Copies the value of a member, without its quotes where `bare`.
static void value(const char *object, const char *name, char *into, size_t room, int bare) {
    into[0] = 0;
    const char *found = strstr(object, name);
    if (found == NULL) return;
    found += strlen(name);
    found += strspn(found, " :");
    if (bare) found += strspn(found, "\"");
    size_t count = strcspn(found, bare ? "\"" : ",} ");
    if (count >= room) return;
    memcpy(into, found, count);
    into[count] = 0;
}

static void read_call(const char *object, struct call *call) {
    value(object, "\"id\"", call->id, sizeof call->id, 0);
    value(object, "\"method\"", call->method, sizeof call->method, 1);
    const char *params = strstr(object, "\"params\"");
    call->is_latest = params != NULL && strstr(params, "\"latest\"") != NULL;
    call->from = quantity(object, "\"fromBlock\"", 0);
    call->to = quantity(object, "\"toBlock\"", head);
    if (strcmp(call->method, "eth_getBlockByNumber") == 0) {
        call->from = params == NULL || call->is_latest ? head : (uint32_t)strtoul(params + strcspn(params, "x") + 1, NULL, 16);
        if (call->from < FIRST_BLOCK || call->from > head) call->from = head;
    }
}

/// The requests of a body: its objects of the outermost level.
static unsigned read_calls(char *body, struct call *calls) {
    unsigned count = 0, depth = 0;
    int quoted = 0;
    char *start = body;
    for (char *c = body; *c != 0 && count < MEMBERS; c++) {
        if (*c == '"') quoted = !quoted;
        if (quoted) continue;
        if (*c == '{' && depth++ == 0) start = c;
        if (*c == '}' && --depth == 0) {
            char next = c[1];
            c[1] = 0;
            read_call(start, &calls[count++]);
            c[1] = next;
        }
    }
    return count;
}

static int is_logs(const struct call *call) { return strcmp(call->method, "eth_getLogs") == 0; }

static int is_served(const struct call *call) {
    return call->from >= FIRST_BLOCK && call->to <= head && call->from <= call->to && call->to - call->from < WIDEST_RANGE;
}

/// What stands before and after the page, or the whole answer where there is none.
static size_t answer_text(const struct call *call, char *text) {
    int length = sprintf(text, "{\"jsonrpc\":\"2.0\",\"id\":%s,", call->id[0] ? call->id : "null");
    char *rest = text + length;
    if (is_logs(call) && is_served(call)) length += sprintf(rest, "\"result\":");
    else if (is_logs(call))
        length += sprintf(rest, "\"error\":{\"code\":-32602,\"message\":\"query exceeds max block range %u\"}}", WIDEST_RANGE);
    else if (strcmp(call->method, "eth_chainId") == 0) length += sprintf(rest, "\"result\":\"0x1\"}");
    else if (strcmp(call->method, "net_version") == 0) length += sprintf(rest, "\"result\":\"1\"}");
    else if (strcmp(call->method, "web3_clientVersion") == 0) length += sprintf(rest, "\"result\":\"log-server\"}");
    else if (strcmp(call->method, "eth_call") == 0) length += sprintf(rest, "\"result\":\"0x\"}");
    else if (strcmp(call->method, "eth_blockNumber") == 0) length += sprintf(rest, "\"result\":\"0x%x\"}", head);
    else if (strcmp(call->method, "eth_getBlockByNumber") == 0) {
        length += sprintf(rest, "\"result\":");
        length += (int)header_write(text + length, call->from);
        length += sprintf(text + length, "}");
    } else length += sprintf(rest, "\"error\":{\"code\":-32601,\"message\":\"the method does not exist\"}}");
    return (size_t)length;
}

static void answer(struct sink *sink, char *body) {
    static _Thread_local struct call calls[MEMBERS];
    static _Thread_local char text[8192];
    int is_batch = body[strspn(body, " \r\n\t")] == '[';
    unsigned count = read_calls(body, calls);
    size_t length = (is_batch ? 2 : 0) + (count > 1 ? count - 1 : 0);
    for (unsigned i = 0; i < count; i++) {
        length += answer_text(&calls[i], text);
        if (is_logs(&calls[i]) && is_served(&calls[i])) length += page_length(calls[i].from, calls[i].to) + 1;
    }
    char lines[160];
    sink_write(
        sink, lines,
        (size_t)sprintf(lines, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", length));
    if (is_batch) sink_write(sink, "[", 1);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) sink_write(sink, ",", 1);
        sink_write(sink, text, answer_text(&calls[i], text));
        if (!is_logs(&calls[i]) || !is_served(&calls[i])) continue;
        page_write(sink, calls[i].from, calls[i].to);
        sink_write(sink, "}", 1);
    }
    if (is_batch) sink_write(sink, "]", 1);
    sink_flush(sink);
}

/// Reads one request; where its body begins, or NULL at the end of the connection.
static char *read_request(int socket, char *room, size_t *held, size_t *whole) {
    char *end = NULL;
    size_t body = 0;
    while (1) {
        room[*held] = 0;
        if (end == NULL && (end = strstr(room, "\r\n\r\n")) != NULL) {
            end += 4;
            const char *line = strcasestr(room, "\r\ncontent-length:");
            body = line != NULL && line < end ? strtoul(line + 17, NULL, 10) : 0;
        }
        *whole = end == NULL ? 0 : (size_t)(end - room) + body;
        if (end != NULL && *held >= *whole) return end;
        if (*held + 1 >= REQUEST_ROOM || *whole + 1 >= REQUEST_ROOM) return NULL;
        ssize_t count = recv(socket, room + *held, REQUEST_ROOM - 1 - *held, 0);
        if (count <= 0) return NULL;
        *held += (size_t)count;
    }
}

static void *serve(void *context) {
    int socket = (int)(intptr_t)context;
    char *room = malloc(REQUEST_ROOM);
    struct sink sink = {malloc(ANSWER_ROOM), 0, ANSWER_ROOM, socket, 0};
    size_t held = 0, whole = 0;
    char *body;
    while (room != NULL && sink.bytes != NULL && !sink.failed && (body = read_request(socket, room, &held, &whole)) != NULL) {
        char next = room[whole];
        room[whole] = 0;
        answer(&sink, body);
        room[whole] = next;
        memmove(room, room + whole, held - whole);
        held -= whole;
    }
    free(room);
    free(sink.bytes);
    close(socket);
    return NULL;
}

static void *listen_forever(void *context) {
    int listener = (int)(intptr_t)context;
    while (1) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0) continue;
        int one = 1;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)connection) != 0) close(connection);
        else pthread_detach(thread);
    }
    return NULL;
}

int main(int count, char **arguments) {
    unsigned long blocks = count == 2 ? strtoul(arguments[1], NULL, 10) : 0;
    if (blocks == 0 || blocks > LAST_BLOCK - FIRST_BLOCK) {
        fprintf(stderr, "usage: plimsoll-log-server BLOCKS (at most %u)\n", LAST_BLOCK - FIRST_BLOCK);
        return 64;
    }
    head = FIRST_BLOCK + (uint32_t)blocks - 1;
    pages_prepare();
    headers_prepare(FIRST_BLOCK, head);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        perror("plimsoll-log-server");
        return 69;
    }
    unsigned long logs = 0;
    for (uint32_t number = FIRST_BLOCK; number <= head; number++) logs += block_logs(number);
    size_t bytes = 0;
    for (uint32_t number = FIRST_BLOCK; number <= head; number += 100) {
        bytes += page_length(number, number + 99 < head ? number + 99 : head);
    }
    printf(
        "{\"rpc\":\"http://127.0.0.1:%u\",\"from\":%u,\"to\":%u,\"logs\":%lu,\"bytesALog\":%lu}\n", ntohs(address.sin_port),
        FIRST_BLOCK, head, logs, bytes / logs);
    fflush(stdout);
    pthread_t thread;
    if (pthread_create(&thread, NULL, listen_forever, (void *)(intptr_t)listener) != 0) return 69;
    char ignored[64];
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) continue;
    return 0;
}
