#ifndef PURSER_LIFECYCLE_PROVIDERS_H_
#define PURSER_LIFECYCLE_PROVIDERS_H_

// Who of the ACTIVE models provides what, the best first: what is lost when some of them leave is
// asked here. A change costs the logarithm of their number. Thread-compatible; a copy is whole.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "lifecycle/models.pb.h"

namespace purser {

// One capability of a model, and how well it has it, in millionths: 0 where no quality is given.
struct Provision {
  std::string_view capability;
  int64_t quality_micros = 0;
};
// In the order of its capabilities. Views of `settings`; a quality of what it does not provide is
// left out.
std::vector<Provision> ProvisionsOf(const stored::ModelSettings& settings);

// Millionths of quality, and the id: the best first.
using ProvidersByQuality = absl::btree_set<std::pair<int64_t, std::string>, std::greater<>>;

class Providers {
 public:
  // Of a model that becomes ACTIVE, or leaves as it came. Ends the process where it is there
  // already, or is not.
  void Add(const stored::ModelSettings& active);
  void Remove(const stored::ModelSettings& active);

  // nullptr: nobody provides it.
  const ProvidersByQuality* Find(std::string_view capability) const;
  size_t Count(std::string_view capability) const;
  // Whether every capability of the model is here with the quality that it says.
  bool Has(const stored::ModelSettings& active) const;
  // Whether someone who is not leaving provides it with at least this quality. Looks at no more
  // than one more than are leaving, each of whom is compared with those: for few.
  bool HasOther(const Provision& provision, absl::Span<const std::string_view> leaving) const;

  friend bool operator==(const Providers&, const Providers&) = default;

 private:
  absl::flat_hash_map<std::string, ProvidersByQuality> by_capability_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PROVIDERS_H_
