#ifndef PURSER_API_DEMAND_READER_H_
#define PURSER_API_DEMAND_READER_H_

// What others wait for (daemon/decisions/0016), as the edge asks it of the daemon: a part of
// Controller, by itself of who knows no journal: nobody waits. Thread-safe. Each read takes as long
// as there is journal of 28 days; a status that is not OK carries a Refusal, LIMIT_OF_THE_DAEMON
// where too many were denied in them.
#include <map>
#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "lifecycle/command.h"
#include "lifecycle/shadow_prices.h"

namespace purser::api {

// As of an entry and an instant.
struct DemandRead {
  struct Of {
    uint32_t number = 0;
    bool consumable = false;
    absl::int128 unserved = 0;  // millionths of its unit
    Amount base;
    std::optional<ShadowPrice> price;  // nullopt: it is not priced
  };
  std::map<std::string, Of> resources;  // all that there are, by name
  InstantUs at_us = 0;
  uint64_t sequence = 0;
};

class DemandReader {
 public:
  virtual ~DemandReader() = default;

  // NOT_FOUND when there is no such population.
  virtual absl::StatusOr<DemandRead> ReadDemand(const std::string& /*population*/) {
    return DemandRead();
  }
  // Looks at the journal only where a capacity has a rate.
  virtual absl::StatusOr<ShadowPrices> ReadShadowPrices(const std::string& /*population*/) {
    return ShadowPrices();
  }
  // Adds to a command what a policy that approves what it proposes judges by, which the writer
  // cannot see; to others nothing.
  virtual absl::Status AddShadowPrices(Command* /*command*/) { return absl::OkStatus(); }
};

}  // namespace purser::api

#endif  // PURSER_API_DEMAND_READER_H_
