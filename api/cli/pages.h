#ifndef PURSER_API_CLI_PAGES_H_
#define PURSER_API_CLI_PAGES_H_

// Lists as an operator reads them: as many pages as are asked for, in one table.
#include <algorithm>
#include <string>
#include <string_view>

#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"
#include "ledger/text.h"

namespace purser::cli {

inline constexpr int64_t kPageSizeMax = 1'000;  // the daemon cuts what is larger

// `route` and then `filter`, such as "&state=GRANTED". `size_of` counts what a List has, text(all)
// is of all of it.
template <typename List, typename Text>
ExitCode ShowPages(const Arguments& arguments, Connection* connection, std::string_view route,
                   std::string_view filter, int (List::*size_of)() const, Text text) {
  List all;
  std::string token;
  do {
    const int64_t wanted = arguments.limit - (all.*size_of)();
    std::string path = Concat(route, "?page_size=", std::min(wanted, kPageSizeMax), filter);
    if (!token.empty()) path += Concat("&page_token=", Connection::Escape(token));
    List page;
    const Reply reply = connection->Get(connection->InPopulation(path), &page);
    if (!reply.done()) return Fail(reply, arguments);
    if (arguments.json) WriteOut(Concat(reply.body, "\n"));
    token = page.next_page_token();
    all.MergeFrom(page);
  } while (!token.empty() && (all.*size_of)() < arguments.limit);
  if (arguments.json) return ExitCode::kDone;
  WriteOut(text(all));
  if (!token.empty()) WriteOut("There are more: --limit N shows N of them.\n");
  return ExitCode::kDone;
}

}  // namespace purser::cli

#endif  // PURSER_API_CLI_PAGES_H_
