#include "reservations/interned.h"

namespace purser {
namespace {

// Two for each new one: so what nobody has any more never outnumbers the rest for long.
constexpr int kLookedAtForEachNew = 2;

// No part of a label has a control character in it, so two sets never have the same text.
void AppendLabel(const std::string& key, const std::string& value, std::string* text) {
  text->append(key).push_back('\0');
  text->append(value).push_back('\0');
}

size_t ShardOf(const std::string& text) { return ShardOfHash(absl::Hash<std::string>()(text)); }

}  // namespace

template <typename Make>
std::shared_ptr<const Labels> Interned::FindOrMake(Make make) {
  const auto [it, is_new] = shards_[ShardOf(text_)].try_emplace(text_);
  if (!is_new) {
    if (auto labels = it->second.lock()) return labels;
  } else {
    by_age_.push_back(&it->first);
  }
  std::shared_ptr<const Labels> labels = make();
  it->second = labels;
  if (is_new) ForgetSomeOld();
  return labels;
}

void Interned::ForgetSomeOld() {
  for (int i = 0; i < kLookedAtForEachNew; ++i) {
    const std::string* const oldest = by_age_.front();
    by_age_.pop_front();
    Shard& shard = shards_[ShardOf(*oldest)];
    const auto it = shard.find(*oldest);
    if (it->second.expired()) {
      shard.erase(it);
    } else {
      by_age_.push_back(oldest);
    }
  }
}

std::shared_ptr<const Labels> Interned::Intern(
    const google::protobuf::RepeatedPtrField<stored::Label>& labels) {
  text_.clear();
  for (const stored::Label& label : labels) AppendLabel(label.key(), label.value(), &text_);
  return FindOrMake([&labels] { return ReadLabels(labels); });
}

std::shared_ptr<const Labels> Interned::Intern(std::shared_ptr<const Labels> labels) {
  text_.clear();
  for (const auto& [key, value] : *labels) AppendLabel(key, value, &text_);
  return FindOrMake([&labels] { return std::move(labels); });
}

std::shared_ptr<const std::string> Interned::Intern(const std::string& principal) {
  auto& shared = principals_[principal];
  if (shared == nullptr) shared = std::make_shared<const std::string>(principal);
  return shared;
}

}  // namespace purser
