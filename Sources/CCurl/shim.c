#include "shim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
CURLcode plimsoll_get_pointer(CURL *easy, CURLINFO info, void **value) { return curl_easy_getinfo(easy, info, value); }

/// 0 public, 1 loopback or private, 2 never: link-local, multicast, unspecified.
static int scope4(uint32_t a) {
    if ((a >> 24) == 127 || (a >> 24) == 10 || (a >> 20) == 0xac1 || (a >> 16) == 0xc0a8 || (a >> 22) == 0x191) return 1;
    if ((a >> 16) == 0xa9fe || (a >> 28) >= 0xe || (a >> 24) == 0) return 2;
    return 0;
}

static int scope(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) return scope4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
    if (address->sa_family != AF_INET6) return 2;
    const struct in6_addr *a = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(a)) {
        uint32_t mapped;
        memcpy(&mapped, a->s6_addr + 12, 4);
        return scope4(ntohl(mapped));
    }
    if (IN6_IS_ADDR_LOOPBACK(a) || (a->s6_addr[0] & 0xfe) == 0xfc) return 1;
    if (IN6_IS_ADDR_LINKLOCAL(a) || IN6_IS_ADDR_MULTICAST(a) || IN6_IS_ADDR_UNSPECIFIED(a)) return 2;
    return 0;
}

curl_socket_t plimsoll_open_socket(int allow_private, struct curl_sockaddr *address) {
    int where = scope(&address->addr);
    if (where == 2 || (where == 1) != (allow_private != 0)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
