#ifndef PURSER_RESERVATIONS_INTERNED_H_
#define PURSER_RESERVATIONS_INTERNED_H_

// Labels and principals that many reservations have in common, kept once. A cache: what it says
// depends on nothing but what it is asked. Thread-compatible.
#include <array>
#include <deque>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "reservations/reservation.h"
#include "reservations/shards.h"

namespace purser {

class Interned {
 public:
  // Kept for as long as somebody has them.
  std::shared_ptr<const Labels> Intern(
      const google::protobuf::RepeatedPtrField<stored::Label>& labels);
  std::shared_ptr<const Labels> Intern(std::shared_ptr<const Labels> labels);
  // Kept for good: there are as many as the configuration has tokens.
  std::shared_ptr<const std::string> Intern(const std::string& principal);

  // How many sets of labels are remembered, those that nobody has any more included.
  size_t labels_count() const { return by_age_.size(); }

 private:
  using Shard = absl::node_hash_map<std::string, std::weak_ptr<const Labels>>;
  template <typename Make>
  std::shared_ptr<const Labels> FindOrMake(Make make);
  void ForgetSomeOld();

  std::array<Shard, kShardCount> shards_;
  std::deque<const std::string*> by_age_;  // the keys of the shards
  std::string text_;                       // of what is looked for
  absl::flat_hash_map<std::string, std::shared_ptr<const std::string>> principals_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_INTERNED_H_
