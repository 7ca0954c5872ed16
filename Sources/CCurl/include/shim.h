// libcurl's setters and getters are variadic, which Swift cannot call: one typed function for each kind of argument.
#pragma once
#include <curl/curl.h>
