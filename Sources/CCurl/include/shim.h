// libcurl's setters and getters are variadic, which Swift cannot call: one typed function for each kind of argument.
#pragma once
#include <curl/curl.h>

/// Bytes of a body as they arrive, decompressed; returning fewer than `count` ends the transfer.
typedef size_t (*plimsoll_write)(char *bytes, size_t size, size_t count, void *context);
/// Decides whether a socket to the resolved address may be opened.
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
CURLcode plimsoll_get_pointer(CURL *easy, CURLINFO info, void **value);
/// Opens a socket to `address`, unless it is neither public nor, where `allow_private` is set, private or loopback.
curl_socket_t plimsoll_open_socket(int allow_private, struct curl_sockaddr *address);
