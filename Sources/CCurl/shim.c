#include "shim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

CURLcode plimsoll_set_long(CURL *easy, CURLoption option, long value) { return curl_easy_setopt(easy, option, value); }
CURLcode plimsoll_set_offset(CURL *easy, CURLoption option, curl_off_t value) { return curl_easy_setopt(easy, option, value); }
CURLcode plimsoll_set_text(CURL *easy, CURLoption option, const char *value) { return curl_easy_setopt(easy, option, value); }
CURLcode plimsoll_set_pointer(CURL *easy, CURLoption option, void *value) { return curl_easy_setopt(easy, option, value); }
CURLcode plimsoll_set_headers(CURL *easy, struct curl_slist *list) { return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list); }
CURLcode plimsoll_set_write(CURL *easy, CURLoption option, plimsoll_write function) { return curl_easy_setopt(easy, option, function); }
CURLcode plimsoll_set_open(CURL *easy, plimsoll_open function) { return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function); }
CURLMcode plimsoll_multi_set_long(CURLM *multi, CURLMoption option, long value) { return curl_multi_setopt(multi, option, value); }
CURLcode plimsoll_get_long(CURL *easy, CURLINFO info, long *value) { return curl_easy_getinfo(easy, info, value); }
CURLcode plimsoll_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) { return curl_easy_getinfo(easy, info, value); }

static enum plimsoll_scope scope4(uint32_t a) {
    if ((a >> 24) == 0 || (a >> 16) == 0xa9fe || (a >> 28) >= 0xe) return PLIMSOLL_NOWHERE;
    if ((a >> 24) == 127 || (a >> 24) == 10 || (a >> 20) == 0xac1 || (a >> 16) == 0xc0a8) return PLIMSOLL_PRIVATE;
    // 100.64/10 shared (RFC 6598), 198.18/15 benchmarks (RFC 2544), 192.0.0/24 (RFC 6890).
    if ((a >> 22) == 0x191 || (a >> 17) == 0x6309 || (a >> 8) == 0xc00000) return PLIMSOLL_PRIVATE;
    return PLIMSOLL_PUBLIC;
}

static enum plimsoll_scope scope6(const struct in6_addr *a) {
    const uint8_t *b = a->s6_addr;
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_LINKLOCAL(a) || IN6_IS_ADDR_MULTICAST(a)) return PLIMSOLL_NOWHERE;
    if (IN6_IS_ADDR_LOOPBACK(a) || (b[0] & 0xfe) == 0xfc || IN6_IS_ADDR_SITELOCAL(a)) return PLIMSOLL_PRIVATE;
    uint32_t inner;
    if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a) || memcmp(b, nat64, sizeof nat64) == 0) {
        memcpy(&inner, b + 12, 4);
        return scope4(ntohl(inner));
    }
    if (b[0] == 0x20 && b[1] == 0x02) {  // 6to4
        memcpy(&inner, b + 2, 4);
        return scope4(ntohl(inner));
    }
    return PLIMSOLL_PUBLIC;
}

enum plimsoll_scope plimsoll_address_scope(const struct curl_sockaddr *address) {
    if (address->family == AF_INET) return scope4(ntohl(((const struct sockaddr_in *)&address->addr)->sin_addr.s_addr));
    if (address->family == AF_INET6) return scope6(&((const struct sockaddr_in6 *)&address->addr)->sin6_addr);
    return PLIMSOLL_NOWHERE;
}

enum plimsoll_scope plimsoll_literal_scope(const char *literal) {
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, literal, &four) == 1) return scope4(ntohl(four.s_addr));
    if (inet_pton(AF_INET6, literal, &six) == 1) return scope6(&six);
    return PLIMSOLL_PUBLIC;
}

curl_socket_t plimsoll_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
