#ifndef PURSER_TESTS_END_TO_END_EXCHANGE_LOG_H_
#define PURSER_TESTS_END_TO_END_EXCHANGE_LOG_H_

// Writes down what a test and the daemon said to each other, where the environment variable
// PURSER_EXCHANGES names a file: tests/openapi judges it by the API's description. Thread-safe.
#include <map>
#include <string>
#include <string_view>

#include "tests/http/raw_client.h"

namespace purser {

// One exchange is one line of JSON, its texts in base64. The first of a process empties the file; a
// GET that is answered as the one before is left out.
void LogExchange(std::string_view method, std::string_view target,
                 const std::map<std::string, std::string>& headers, std::string_view body,
                 const api::RawAnswer& answer);

}  // namespace purser

#endif  // PURSER_TESTS_END_TO_END_EXCHANGE_LOG_H_
