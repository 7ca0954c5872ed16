// libcurl's setters and getters are variadic, which Swift cannot call: one typed function for each kind of argument.
#pragma once
#include <curl/curl.h>

/// Bytes of a body (decompressed) or of a header line as they arrive; returning fewer than `size * count` ends the transfer.
typedef size_t (*plimsoll_write)(char *bytes, size_t size, size_t count, void *context);
/// Opens a socket to the resolved address, or refuses with `CURL_SOCKET_BAD`.
typedef curl_socket_t (*plimsoll_open)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

CURLcode plimsoll_set_long(CURL *easy, CURLoption option, long value);
CURLcode plimsoll_set_offset(CURL *easy, CURLoption option, curl_off_t value);
CURLcode plimsoll_set_text(CURL *easy, CURLoption option, const char *value);
CURLcode plimsoll_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode plimsoll_set_headers(CURL *easy, struct curl_slist *list);
CURLcode plimsoll_set_write(CURL *easy, CURLoption option, plimsoll_write function);
CURLcode plimsoll_set_open(CURL *easy, plimsoll_open function);
CURLMcode plimsoll_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLcode plimsoll_get_long(CURL *easy, CURLINFO info, long *value);
CURLcode plimsoll_get_offset(CURL *easy, CURLINFO info, curl_off_t *value);

/// Where an address leads.
enum plimsoll_scope {
    PLIMSOLL_PUBLIC = 0,
    /// Loopback, private, shared or unique local.
    PLIMSOLL_PRIVATE = 1,
    /// Link-local, multicast, unspecified, reserved: where cloud metadata and nobody's node live.
    PLIMSOLL_NOWHERE = 2
};
/// Where the resolved address leads; IPv4 addresses inside IPv6 ones count as themselves.
enum plimsoll_scope plimsoll_address_scope(const struct curl_sockaddr *address);
/// The same for a literal in text form; `PLIMSOLL_PUBLIC` where the text is no literal (a name).
enum plimsoll_scope plimsoll_literal_scope(const char *literal);
/// Opens the socket that libcurl asks for, closed on exec.
curl_socket_t plimsoll_socket(const struct curl_sockaddr *address);
