#include "api/cli/model_fields.h"

#include <vector>

#include "absl/numeric/int128.h"
#include "api/json.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

using google::protobuf::FieldDescriptor;

constexpr std::string_view kStates[] = {"CANDIDATE", "SHADOW",   "ACTIVE", "ROLLBACK_TARGET",
                                        "RETIRED",   "ARCHIVED", "PURGED"};

const FieldDescriptor* FieldOf(const google::protobuf::Descriptor& of, std::string_view name) {
  return of.FindFieldByName(std::string(name));
}

// "footprint.memory" → "memory"; "" of what is no map.
std::string NameIn(std::string_view path) {
  const size_t dot = path.find('.');
  return dot == path.npos ? "" : std::string(path.substr(dot + 1));
}

// A message's amount of that name; nullopt when it has none.
std::optional<Amount> FindAmount(const google::protobuf::Message& message, std::string_view name) {
  const FieldDescriptor* const field = FieldOf(*message.GetDescriptor(), name);
  const auto& reflection = *message.GetReflection();
  if (field == nullptr || !reflection.HasField(message, field)) return std::nullopt;
  const auto& amount = static_cast<const v1::Amount&>(reflection.GetMessage(message, field));
  return Amount::FromMicros(amount.micros());
}

void SetAmount(std::string_view name, Amount amount, google::protobuf::Message* message) {
  const FieldDescriptor* const field = FieldOf(*message->GetDescriptor(), name);
  PURSER_CHECK(field != nullptr, "the name of an amount was looked at before");
  auto* const out = message->GetReflection()->MutableMessage(message, field);
  static_cast<v1::Amount*>(out)->set_micros(amount.micros());
}

std::optional<Amount> FindIn(const google::protobuf::Map<std::string, v1::Amount>& map,
                             const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) return std::nullopt;
  return Amount::FromMicros(found->second.micros());
}

absl::StatusOr<std::string> Joined(const google::protobuf::RepeatedPtrField<std::string>& values,
                                   std::string_view separator) {
  std::string out;
  for (const std::string& value : values) {
    if (value.find(separator) != value.npos) {
      return absl::InvalidArgumentError(
          Concat("\"", value, "\" has the separator \"", separator,
                 "\" in it: use --format json, or another separator by --columns"));
    }
    out += Concat(out.empty() ? "" : separator, value);
  }
  return out;
}

void Split(std::string_view text, std::string_view separator,
           google::protobuf::RepeatedPtrField<std::string>* out) {
  while (true) {
    const size_t end = text.find(separator);
    out->Add(std::string(text.substr(0, end)));
    if (end == text.npos) return;
    text.remove_prefix(end + separator.size());
  }
}

std::string ConstraintsText(const v1::ConstraintList& list) {
  std::string out;
  for (v1::Constraint constraint : list.values()) {
    constraint.clear_set_time();
    out += out.empty() ? "[" : ",";
    api::PrintJson(constraint, &out);
  }
  return out.empty() ? out : Concat(out, "]");
}

std::optional<std::string> SetConstraints(const std::string& text, v1::Model* model) {
  v1::Model read;
  std::vector<v1::Fault> faults;
  constexpr char kForm[] =
      R"(is no list of constraints, such as [{"kind":"LEGAL","name":"a","forbids":["PURGE"]}])";
  if (!api::ParseJson(Concat(R"({"constraints":)", text, "}"), &read, &faults)) {
    return Concat(kForm, ": ", faults[0].path(), " ", faults[0].message());
  }
  model->mutable_constraints()->Swap(read.mutable_constraints());
  read.clear_constraints();
  if (read.ByteSizeLong() > 0) return kForm;  // a cell may not say more than constraints
  return std::nullopt;
}

std::optional<Amount> FromInt128(absl::int128 micros) {
  if (micros > INT64_MAX || micros < -absl::int128(INT64_MAX)) return std::nullopt;
  return Amount::FromMicros(static_cast<int64_t>(micros));
}

}  // namespace

std::optional<std::string> CheckState(const std::string& text) {
  std::string known;
  for (const std::string_view state : kStates) {
    if (text == state) return std::nullopt;
    known += Concat(known.empty() ? "" : ", ", state);
  }
  return Concat("\"", text, "\" is none of ", known);
}

std::string KnownCategories() {
  std::string known;
  for (int i = 0; i < v1::Costs::descriptor()->field_count(); ++i) {
    known += Concat(i > 0 ? ", " : "", v1::Costs::descriptor()->field(i)->name());
  }
  return known;
}

bool IsCategory(std::string_view name) {
  return FieldOf(*v1::Costs::descriptor(), name) != nullptr;
}

std::optional<Amount> FindModelAmount(const v1::Model& model, std::string_view path) {
  const std::string name = NameIn(path);
  if (path.starts_with("footprint.")) return FindIn(model.footprint(), name);
  if (path.starts_with("quality.")) return FindIn(model.quality(), name);
  if (path.starts_with("monthly_costs.")) return FindAmount(model.monthly_costs(), name);
  return FindAmount(model, path);
}

void SetModelAmount(std::string_view path, Amount amount, v1::Model* model) {
  const std::string name = NameIn(path);
  if (path.starts_with("footprint.")) {
    (*model->mutable_footprint())[name].set_micros(amount.micros());
  } else if (path.starts_with("quality.")) {
    (*model->mutable_quality())[name].set_micros(amount.micros());
  } else if (path.starts_with("monthly_costs.")) {
    SetAmount(name, amount, model->mutable_monthly_costs());
  } else {
    SetAmount(path, amount, model);
  }
}

absl::StatusOr<std::string> ModelFieldText(const v1::Model& model, std::string_view path,
                                           std::string_view separator) {
  if (path == "capabilities") return Joined(model.capabilities().values(), separator);
  if (path == "parents") return Joined(model.parents().values(), separator);
  if (path == "constraints") return ConstraintsText(model.constraints());
  const FieldDescriptor* const field = FieldOf(*v1::Model::descriptor(), path);
  PURSER_CHECK(field != nullptr, "the columns name fields of models");
  return model.GetReflection()->GetString(model, field);
}

std::optional<std::string> SetModelField(std::string_view path, const std::string& text,
                                         std::string_view separator, v1::Model* model) {
  if (path == "constraints") return SetConstraints(text, model);
  if (path == "capabilities") {
    Split(text, separator, model->mutable_capabilities()->mutable_values());
    return std::nullopt;
  }
  if (path == "parents") {
    Split(text, separator, model->mutable_parents()->mutable_values());
    return std::nullopt;
  }
  if (path == "state") {
    if (auto broken = CheckState(text); broken.has_value()) return broken;
  }
  const FieldDescriptor* const field = FieldOf(*v1::Model::descriptor(), path);
  PURSER_CHECK(field != nullptr, "the columns name fields of models");
  model->GetReflection()->SetString(model, field, text);
  return std::nullopt;
}

std::optional<Amount> ScaleRoundedUp(Amount amount, Amount scale) {
  const absl::int128 product = absl::int128(amount.micros()) * scale.micros();
  const absl::int128 whole = product / Amount::kMicrosPerUnit;  // towards 0: up, if negative
  return FromInt128(product % Amount::kMicrosPerUnit > 0 ? whole + 1 : whole);
}

std::optional<Amount> Unscale(Amount amount, Amount scale) {
  const absl::int128 product = absl::int128(amount.micros()) * Amount::kMicrosPerUnit;
  if (product % scale.micros() != 0) return std::nullopt;
  return FromInt128(product / scale.micros());
}

}  // namespace purser::cli
