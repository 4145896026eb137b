#include "reservations/usage_book.h"

#include <algorithm>

#include "ledger/text.h"
#include "reservations/label_split.h"

namespace purser {
namespace {

bool HasLabel(const Labels& labels, const std::string& key, const std::string& value) {
  bool has = false;
  ForEachLabelValue(
      labels, [&](const std::string& its_key) { return its_key == key; },
      [&](const std::string&, const std::string& its_value) { has = has || its_value == value; });
  return has;
}

bool SameCounts(const Usage& a, const Usage& b) {
  const auto covers = [](const Usage& one, const Usage& other) {
    return std::all_of(one.lines.begin(), one.lines.end(), [&other](const Usage::Line& line) {
      return line.occupied == other.OccupiedOf(line.resource);
    });
  };
  return a.open == b.open && covers(a, b) && covers(b, a);
}

}  // namespace

template <typename VisitLabel>
void UsageBook::ForEachLabel(const Labels& labels, VisitLabel visit) {
  if (labels_.empty()) return;
  ForEachLabelValue(
      labels, [this](const std::string& key) { return labels_.contains(key); },
      [&](const std::string& key, const std::string& value) {
        auto& values = labels_.find(key)->second;
        const auto it = values.find(value);
        if (it != values.end()) visit(it->second);
      });
}

void UsageBook::SetLimits(const LimitBook& limits, const EntryContext& entry,
                          const ForEachBooked& for_each_booked, std::vector<LabelPair>* gone) {
  records_ = limits.size() > 0;
  if (!records_) {
    for (auto& [name, usage] : principals_) usage.Forget(entry);
  }
  for (auto& [key, values] : labels_) {
    for (auto it = values.begin(); it != values.end();) {
      if (limits.FindOfLabel(key, it->first) != nullptr) {
        ++it;
        continue;
      }
      if (!it->second.counted) --uncounted_;
      gone->emplace_back(key, it->first);
      it = values.erase(it);
    }
  }
  std::erase_if(labels_, [](const auto& key) { return key.second.empty(); });
  for (const auto& [key, ids] : limits.ids_by_label()) {
    for (const auto& [value, id] : ids) {
      const auto [of_label, is_new] = labels_[key].try_emplace(value);
      if (!is_new) continue;
      Usage& usage = of_label->second.usage;
      usage.touched_sequence = entry.sequence;
      ++uncounted_;
      for_each_booked([&, &key = key, &value = value](const Reservation& booked) {
        if (HasLabel(*booked.labels, key, value)) usage.CountOpen(booked, 1);
      });
    }
  }
}

void UsageBook::RestoreLimits(const LimitBook& limits) {
  std::vector<LabelPair> gone;
  SetLimits(
      limits, EntryContext(), [](const Visit&) {}, &gone);
  // Reservations are counted as they are restored.
  for (auto& [key, values] : labels_) {
    for (auto& [value, of_label] : values) of_label.counted = true;
  }
  uncounted_ = 0;
}

bool UsageBook::Restore(const stored::UsageRecord& record) {
  if (record.label_key().empty()) {
    RestoreRecord(record, &principals_[record.principal()]);
    return true;
  }
  const auto values = labels_.find(record.label_key());
  if (values == labels_.end()) return false;
  const auto it = values->second.find(record.label_value());
  if (it == values->second.end()) return false;
  RestoreRecord(record, &it->second.usage);
  return true;
}

void UsageBook::CountOpen(const Reservation& reservation, int sign, uint64_t sequence) {
  principals_[*reservation.principal].CountOpen(reservation, sign, sequence);
  ForEachLabel(*reservation.labels, [&](OfLabel& label) {
    if (reservation.booked() || label.Counts(ExpiryKeyOf(reservation))) {
      label.usage.CountOpen(reservation, sign, sequence);
    }
  });
}

void UsageBook::CountSome(const Expiries& expiries) {
  if (uncounted_ == 0) return;
  for (auto& [key, values] : labels_) {
    for (auto& [value, label] : values) {
      if (label.counted) continue;
      auto it =
          label.counted_to.has_value() ? expiries.upper_bound(*label.counted_to) : expiries.begin();
      for (size_t i = 0; i < kCountedAtOnceMax && it != expiries.end(); ++i, ++it) {
        label.counted_to = it->first;
        const Reservation& reservation = *it->second;
        if (HasLabel(*reservation.labels, key, value)) label.usage.CountOpen(reservation, 1);
      }
      if (it == expiries.end()) {
        label.counted = true;
        --uncounted_;
      }
      return;
    }
  }
}

void UsageBook::NoteGranted(const Reservation& granted, const EntryContext& entry) {
  if (!records_) return;
  principals_[*granted.principal].NoteGranted(granted, entry);
  ForEachLabel(*granted.labels, [&](OfLabel& label) { label.usage.NoteGranted(granted, entry); });
}

void UsageBook::NoteCharged(const std::string& principal, const Labels& labels,
                            const stored::Charged& charged, const EntryContext& entry) {
  principals_[principal].NoteCharged(charged, entry);
  ForEachLabel(labels, [&](OfLabel& label) { label.usage.NoteCharged(charged, entry); });
}

void UsageBook::NoteRefunded(const std::string& principal, const Labels& labels,
                             const stored::Refunded& refunded, const stored::ChargeRecord& charge,
                             const EntryContext& entry) {
  principals_[principal].NoteRefunded(refunded, charge, entry);
  ForEachLabel(labels, [&](OfLabel& label) { label.usage.NoteRefunded(refunded, charge, entry); });
}

const Usage* UsageBook::FindPrincipal(std::string_view name) const {
  const auto it = principals_.find(name);
  return it == principals_.end() ? nullptr : &it->second;
}

const Usage* UsageBook::FindLabel(const std::string& key, const std::string& value) const {
  const auto values = labels_.find(key);
  if (values == labels_.end()) return nullptr;
  const auto it = values->second.find(value);
  return it == values->second.end() || !it->second.counted ? nullptr : &it->second.usage;
}

void UsageBook::ForEach(const std::function<void(const stored::UsageRecord& subject,
                                                 const Usage& usage)>& visit) const {
  stored::UsageRecord subject;
  for (const auto& [name, usage] : principals_) {
    subject.set_principal(name);
    visit(subject, usage);
  }
  subject.clear_principal();
  for (const auto& [key, values] : labels_) {
    subject.set_label_key(key);
    for (const auto& [value, label] : values) {
      subject.set_label_value(value);
      visit(subject, label.usage);
    }
  }
}

std::shared_ptr<const UsageView> UsageBook::MakeView(const LimitBook& limits,
                                                     uint64_t since_sequence,
                                                     const UsageView* before) const {
  auto view = std::make_shared<UsageView>();
  const auto share = [&](const Usage& usage, const std::shared_ptr<const Usage>& old) {
    const bool same = old != nullptr && usage.touched_sequence < since_sequence;
    return same ? old : std::make_shared<const Usage>(usage);
  };
  for (const auto& [name, usage] : principals_) {
    if (!limits.Binds(name)) continue;
    std::shared_ptr<const Usage> old;
    if (before != nullptr) {
      const auto it = before->principals.find(name);
      if (it != before->principals.end()) old = it->second;
    }
    view->principals.emplace(name, share(usage, old));
  }
  for (const auto& [key, values] : labels_) {
    for (const auto& [value, label] : values) {
      if (!label.counted) continue;
      std::shared_ptr<const Usage> old;
      if (before != nullptr) {
        const auto it = before->labels.find({key, value});
        if (it != before->labels.end()) old = it->second;
      }
      view->labels.emplace(LabelPair(key, value), share(label.usage, old));
    }
  }
  return view;
}

std::string UsageBook::FindFault(const Expiries& expiries,
                                 const ForEachBooked& for_each_booked) const {
  std::map<std::string, Usage, std::less<>> principals;
  std::map<LabelPair, Usage> labels;
  const auto count = [&](const Reservation& reservation) {
    principals[*reservation.principal].CountOpen(reservation, 1);
    ForEachLabelValue(*reservation.labels, [&](const std::string& key, const std::string& value) {
      const auto values = labels_.find(key);
      const bool counts = values != labels_.end() && values->second.contains(value);
      if (counts) labels[{key, value}].CountOpen(reservation, 1);
    });
  };
  for (const auto& [key, reservation] : expiries) count(*reservation);
  for_each_booked(count);
  for (const auto& [name, usage] : principals_) {
    if (!SameCounts(usage, principals[name])) {
      return Concat("principal ", name, ": what is counted is not what is open");
    }
    principals.erase(name);
  }
  if (!principals.empty()) {
    return Concat("principal ", principals.begin()->first, ": is not counted");
  }
  for (const auto& [key, values] : labels_) {
    for (const auto& [value, label] : values) {
      if (!label.counted || SameCounts(label.usage, labels[{key, value}])) continue;
      return Concat("label ", key, "=", value, ": what is counted is not what is open");
    }
  }
  return "";
}

}  // namespace purser
