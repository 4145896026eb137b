#include <optional>

#include "api/json.h"
#include "api/json_map.h"
#include "api/json_printer.h"
#include "api/json_table.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser::api {

using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

using Text = std::optional<std::string>;  // nullopt: nothing is there

std::string Join(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : Concat(path, ".", name);
}

class Comparison {
 public:
  void CompareFields(const Message& before, const Message& after, const JsonTable& table,
                     const std::string& path) {
    for (const JsonField& field : table.fields()) {
      CompareField(before, after, field, table.is_plain_list() ? path : Join(path, field.name));
    }
  }
  std::vector<v1::Fault> TakeFaults() { return std::move(faults_); }

 private:
  void Add(const std::string& path, Text was, Text now) {
    if (was == now || faults_.size() >= kJsonFaultsMax) return;
    v1::Fault& fault = faults_.emplace_back();
    fault.set_path(path);
    fault.set_code("differs");
    fault.set_message("not what was sent under this name before");
    if (was) fault.set_was(*std::move(was));
    if (now) fault.set_now(*std::move(now));
  }

  void CompareField(const Message& before, const Message& after, const JsonField& field,
                    const std::string& path) {
    if (field.is_map) return CompareMaps(before, after, field, path);
    if (field.is_list) return CompareLists(before, after, field, path);
    const Reflection* reflection = before.GetReflection();
    if (field.table != nullptr) {
      return CompareFields(reflection->GetMessage(before, field.field),
                           reflection->GetMessage(after, field.field), *field.table, path);
    }
    // What is absent reads as its default, so this is equal when one is absent and one is default.
    if (FieldText(before, field) == FieldText(after, field)) return;
    Add(path, PresentText(before, field), PresentText(after, field));
  }

  static std::string FieldText(const Message& message, const JsonField& field) {
    std::string text;
    AppendFieldJson(message, field, &text);
    return text;
  }

  static Text PresentText(const Message& message, const JsonField& field) {
    if (IsLeftOut(message, field)) return std::nullopt;
    return FieldText(message, field);
  }

  void CompareLists(const Message& before, const Message& after, const JsonField& field,
                    const std::string& path) {
    const Reflection* reflection = before.GetReflection();
    const int size = reflection->FieldSize(before, field.field);
    if (size != reflection->FieldSize(after, field.field)) {
      return Add(path, FieldText(before, field), FieldText(after, field));
    }
    for (int i = 0; i < size; ++i) {
      const std::string here = Concat(path, "[", i, "]");
      if (field.table != nullptr) {
        CompareFields(reflection->GetRepeatedMessage(before, field.field, i),
                      reflection->GetRepeatedMessage(after, field.field, i), *field.table, here);
        continue;
      }
      std::string was;
      std::string now;
      AppendElementJson(before, field, i, &was);
      AppendElementJson(after, field, i, &now);
      Add(here, std::move(was), std::move(now));
    }
  }

  // Both sides are sorted: one walk over the union of their keys.
  void CompareMaps(const Message& before, const Message& after, const JsonField& field,
                   const std::string& path) {
    const JsonMapEntries old_entries = SortedMapEntries(before, field);
    const JsonMapEntries new_entries = SortedMapEntries(after, field);
    auto was = old_entries.begin();
    auto now = new_entries.begin();
    while (was != old_entries.end() || now != new_entries.end()) {
      const bool only_now =
          was == old_entries.end() || (now != new_entries.end() && now->key < was->key);
      const bool only_was =
          now == new_entries.end() || (was != old_entries.end() && was->key < now->key);
      const std::string here = Join(path, only_now ? now->key : was->key);
      Add(here, only_now ? Text() : MapText(*was, field), only_was ? Text() : MapText(*now, field));
      if (!only_now) ++was;
      if (!only_was) ++now;
    }
  }

  static Text MapText(const JsonMapEntry& entry, const JsonField& field) {
    std::string text;
    AppendMapValueJson(entry, field, &text);
    return text;
  }

  std::vector<v1::Fault> faults_;
};

}  // namespace

std::vector<v1::Fault> CompareMessages(const Message& before, const Message& after) {
  PURSER_CHECK(before.GetDescriptor() == after.GetDescriptor(), "messages of two types compared");
  Comparison comparison;
  comparison.CompareFields(before, after, JsonTable::For(before.GetDescriptor()), "");
  return comparison.TakeFaults();
}

}  // namespace purser::api
