#include "api/cli/model_cells.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/cli/model_fields.h"
#include "api/csv_text.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr size_t kHeaderLine = 1;
constexpr char kUnknown[] = "is unknown";
constexpr char kTooLarge[] = "is too large: the largest amount is 9223372036854.775807";

std::string KnownColumns() {
  std::string known = "; known are ";
  for (const std::string_view field : kModelFields) known += Concat(field, ", ");
  return Concat(known, "footprint.NAME, monthly_costs.CATEGORY and quality.CAPABILITY; others are ",
                "mapped by --columns");
}

std::string NotACategory(std::string_view name) {
  return Concat("\"", name, "\" is none of ", KnownCategories());
}

// What is wrong with a column that is named as its field is; nullopt: nothing.
std::optional<std::string> CheckColumn(std::string_view column) {
  if (std::find(std::begin(kModelFields), std::end(kModelFields), column) !=
      std::end(kModelFields)) {
    return std::nullopt;
  }
  const size_t dot = std::min(column.find('.'), column.size());
  const std::string_view table = column.substr(0, dot);
  const std::string_view name = column.substr(std::min(dot + 1, column.size()));
  if (dot == column.size() || !IsModelAmount(column)) {
    return kUnknown;
  }
  if (table == "footprint" && !IsResourceName(name)) return kResourceNameRule;
  if (table == "quality" && !IsLabelValue(name)) return kLabelValueRule;
  if (table == "monthly_costs" && !IsCategory(name)) return NotACategory(name);
  return std::nullopt;
}

// The paths of the columns in the order in which they are written.
std::vector<std::string> PathsOf(const ModelColumns& columns) {
  std::vector<std::string> paths;
  const auto add_amounts = [&] {
    for (const std::string_view table : kModelAmounts) {
      for (const auto& [path, source] : columns.fields) {
        if (path.starts_with(Concat(table, "."))) paths.push_back(path);
      }
    }
  };
  for (const std::string_view field : kModelFields) {
    if (columns.fields.contains(std::string(field))) paths.emplace_back(field);
    if (field == "artifact_uri") add_amounts();
  }
  return paths;
}

absl::StatusOr<std::string> CellOf(const v1::Model& model, const std::string& path,
                                   const ModelSource& source, std::string_view separator) {
  if (!IsModelAmount(path)) {
    auto text = ModelFieldText(model, path, separator);
    return text.ok() ? api::GuardText(*text) : text;
  }
  const std::optional<Amount> amount = FindModelAmount(model, path);
  if (!amount.has_value()) return std::string();
  const std::optional<Amount> unscaled = Unscale(*amount, source.scale);
  if (unscaled.has_value()) return unscaled->ToString();
  return absl::InvalidArgumentError(Concat(
      amount->ToString(), " is not exactly ", source.scale.ToString(),
      " times a number with 6 digits behind the point: the scale of the columns cannot be undone"));
}

}  // namespace

ModelColumns ColumnsOfHeader(const std::vector<std::string>& header, FileFaults* faults) {
  ModelColumns columns;
  columns.ignore_other_columns = true;  // they are told here
  bool told_known = false;
  for (const std::string& cell : header) {
    const std::string column = api::UnguardText(cell);
    if (auto broken = CheckColumn(column); broken.has_value()) {
      // What is known once is said once.
      const bool is_first = *broken == kUnknown && !std::exchange(told_known, true);
      faults->Add(kHeaderLine, column.empty() ? "a column without a name" : column,
                  Concat(*broken, is_first ? KnownColumns() : ""));
    } else {
      columns.fields[column].column = column;
    }
  }
  return columns;
}

ModelColumns ColumnsOfModels(const v1::ModelList& models) {
  ModelColumns columns;
  const auto add = [&columns](const std::string& path) { columns.fields[path].column = path; };
  for (const std::string_view field : kModelFields) add(std::string(field));
  for (const v1::Model& model : models.models()) {
    for (const auto& [name, amount] : model.footprint()) add(Concat("footprint.", name));
    for (const auto& [name, value] : model.quality()) add(Concat("quality.", name));
    std::vector<const google::protobuf::FieldDescriptor*> costs;
    v1::Costs::GetReflection()->ListFields(model.monthly_costs(), &costs);
    for (const auto* const cost : costs) add(Concat("monthly_costs.", cost->name()));
  }
  return columns;
}

std::vector<std::string> UnknownCategories(const ModelColumns& columns, std::string_view file) {
  std::vector<std::string> faults;
  constexpr std::string_view kCosts = "monthly_costs.";
  for (const auto& [path, source] : columns.fields) {
    if (!path.starts_with(kCosts) || IsCategory(path.substr(kCosts.size()))) continue;
    faults.push_back(FormatFault(
        file, {source.line, source.line_column, path, NotACategory(path.substr(kCosts.size()))}));
  }
  return faults;
}

ModelRows::ModelRows(const ModelColumns& columns, const std::vector<std::string>& header,
                     FileFaults* faults)
    : columns_(columns) {
  std::map<std::string, size_t> indexes;  // by the column's name
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string column = api::UnguardText(header[i]);
    if (!indexes.emplace(column, i).second) faults->Add(kHeaderLine, column, "stands there twice");
  }
  std::set<std::string> used;
  for (const auto& [path, source] : columns.fields) {
    const auto found = indexes.find(source.column);
    if (source.column.empty()) {
      bindings_.push_back({path, &source, 0});
    } else if (found != indexes.end()) {
      bindings_.push_back({path, &source, found->second});
      used.insert(source.column);
    } else if (used.insert(source.column).second) {
      faults->Add(kHeaderLine, source.column, "is missing");
    }
  }
  for (const char* field : {"id", "operator_family"}) {
    if (!columns.fields.contains(field)) faults->Add(kHeaderLine, field, "is missing");
  }
  if (columns.ignore_other_columns) return;
  for (const auto& [column, index] : indexes) {
    if (used.contains(column)) continue;
    faults->Add(kHeaderLine, column,
                "is not among the columns: name it there, or say ignore_other_columns = true");
  }
}

v1::Model ModelRows::Read(size_t line, const std::vector<std::string>& cells,
                          FileFaults* faults) const {
  v1::Model model;
  for (const Binding& binding : bindings_) {
    const bool is_constant = binding.source->column.empty();
    const std::string& text = is_constant ? binding.source->constant : cells[binding.index];
    if (text.empty()) continue;
    const std::string broken = ReadField(binding, text, &model);
    if (!broken.empty()) faults->Add(line, NameOf(binding.path), broken);
  }
  return model;
}

std::string ModelRows::ReadField(const Binding& binding, const std::string& text,
                                 v1::Model* model) const {
  if (IsModelAmount(binding.path)) {
    const auto amount = Amount::Parse(text);
    if (!amount.ok()) return std::string(ToStd(amount.status().message()));
    const std::optional<Amount> scaled = ScaleRoundedUp(*amount, binding.source->scale);
    if (!scaled.has_value()) return kTooLarge;
    SetModelAmount(binding.path, *scaled, model);
    return "";
  }
  std::string value = api::UnguardText(text);
  if (binding.path == "id" || binding.path == "rollback_target") value = FixId(value);
  const auto broken = SetModelField(binding.path, value, columns_.separator, model);
  if (binding.path == "parents") {
    for (std::string& id : *model->mutable_parents()->mutable_values()) id = FixId(id);
  }
  return broken.value_or("");
}

// Each character that an id may not have where it stands is replaced, whatever its length.
std::string ModelRows::FixId(std::string_view text) const {
  if (!columns_.id_replacement.has_value()) return std::string(text);
  std::string id;
  for (const char c : text) {
    const bool continues_one = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (continues_one) continue;
    id.push_back(IsId(Concat(id.empty() ? "" : "a", std::string(1, c))) ? c
                                                                        : *columns_.id_replacement);
  }
  return id;
}

std::string ModelRows::NameOf(std::string_view path) const {
  const Binding* of = nullptr;
  for (const Binding& binding : bindings_) {
    if (!path.starts_with(binding.path)) continue;
    const std::string_view rest = path.substr(binding.path.size());
    if (!rest.empty() && rest[0] != '.' && rest[0] != '[') continue;
    if (of == nullptr || of->path.size() < binding.path.size()) of = &binding;
  }
  if (of == nullptr || of->source->column.empty() || of->source->column == of->path) {
    return std::string(path);
  }
  return Concat(of->source->column, " (", path, ")");
}

std::vector<std::string> HeaderOf(const ModelColumns& columns) {
  std::vector<std::string> header;
  std::set<std::string> seen;
  for (const std::string& path : PathsOf(columns)) {
    const std::string& column = columns.fields.at(path).column;
    if (!column.empty() && seen.insert(column).second) header.push_back(column);
  }
  return header;
}

namespace {

// Of a model that is as the columns say of all.
absl::Status CheckConstant(const v1::Model& model, const std::string& path,
                           const ModelSource& source, std::string_view separator) {
  v1::Model constant;
  std::string is;
  std::string wanted;
  if (IsModelAmount(path)) {
    const auto amount = Amount::Parse(source.constant);
    if (!amount.ok()) return amount.status();
    is = FindModelAmount(model, path).value_or(Amount()).ToString();
    wanted = amount->ToString();
  } else {
    const auto broken =
        SetModelField(path, api::UnguardText(source.constant), separator, &constant);
    if (broken.has_value()) return absl::InvalidArgumentError(*broken);
    auto text = ModelFieldText(model, path, separator);
    auto of_constant = ModelFieldText(constant, path, separator);
    if (!text.ok()) return text.status();
    if (!of_constant.ok()) return of_constant.status();
    is = *std::move(text);
    wanted = *std::move(of_constant);
  }
  if (is == wanted) return absl::OkStatus();
  return absl::InvalidArgumentError(
      Concat("is \"", is, "\", and the columns say \"", wanted, "\" of every model"));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CellsOf(const v1::Model& model,
                                                 const ModelColumns& columns,
                                                 const std::vector<std::string>& header) {
  std::map<std::string, std::pair<std::string, std::string>> cells;  // by column: path, text
  for (const auto& [path, source] : columns.fields) {
    if (source.column.empty()) {
      const absl::Status same = CheckConstant(model, path, source, columns.separator);
      if (same.ok()) continue;
      return absl::InvalidArgumentError(
          Concat(model.id(), ", ", path, ": ", ToStd(same.message())));
    }
    auto text = CellOf(model, path, source, columns.separator);
    if (!text.ok()) {
      return absl::InvalidArgumentError(
          Concat(model.id(), ", ", path, ": ", ToStd(text.status().message())));
    }
    const auto [it, is_new] = cells.emplace(source.column, std::pair(path, *text));
    if (!is_new && it->second.second != *text) {
      return absl::InvalidArgumentError(Concat(model.id(), ", column ", source.column,
                                               ": cannot be both ", it->second.second, " for ",
                                               it->second.first, " and ", *text, " for ", path));
    }
  }
  std::vector<std::string> row;
  row.reserve(header.size());
  for (const std::string& column : header) row.push_back(cells.at(column).second);
  return row;
}

}  // namespace purser::cli
