#ifndef PURSER_TESTS_CRASH_AGREEMENT_H_
#define PURSER_TESTS_CRASH_AGREEMENT_H_

// Whether the daemon's books are what the clients wrote into theirs. Each difference is a failure
// of the test that runs.
#include <cstdint>
#include <vector>

#include "tests/crash/client_book.h"
#include "tests/end_to_end/rest_client.h"

namespace purser {

// Held and spent, added up, are the daemon's; `held_besides` millionths are held by others.
void ExpectBalances(const std::vector<ClientBook>& books, RestClient* client,
                    int64_t held_besides = 0);
// Each reservation is as its client knows it.
void ExpectReservations(const std::vector<ClientBook>& books, RestClient* client);

}  // namespace purser

#endif  // PURSER_TESTS_CRASH_AGREEMENT_H_
