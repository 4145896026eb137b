#include "config/model_columns.h"

#include <algorithm>
#include <utility>

#include "config/lists.h"
#include "config/rules.h"
#include "config/toml_nodes.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr size_t kColumnNameLengthMax = 500;
constexpr size_t kConstantLengthMax = 2'048;
constexpr size_t kSeparatorLengthMax = 8;
constexpr char kSourceForm[] =
    "must be a column's name, { column = \"…\" } or { constant = \"…\" }, not ";

constexpr std::string_view kMoney[] = {"business_value_monthly", "expected_incident_cost_monthly",
                                       "cold_start_cost"};

std::optional<std::string> CheckColumnName(std::string_view value) {
  if (!value.empty() && IsText(value, kColumnNameLengthMax)) return std::nullopt;
  return Concat("must be 1 to ", kColumnNameLengthMax, " characters without controls");
}

std::optional<std::string> CheckConstant(std::string_view value) {
  if (!value.empty() && IsText(value, kConstantLengthMax)) return std::nullopt;
  return Concat("must be 1 to ", kConstantLengthMax, " characters without controls");
}

std::optional<std::string> CheckNumber(std::string_view value) {
  const auto amount = Amount::Parse(value);
  if (amount.ok()) return std::nullopt;
  return std::string(ToStd(amount.status().message()));
}

std::optional<std::string> CheckScale(std::string_view value) {
  const auto amount = Amount::Parse(value);
  if (amount.ok() && amount->is_positive()) return std::nullopt;
  return Concat(Quote(value), " is no number above 0 with at most 6 digits behind the point");
}

// A quote or the end of a line would be read as CSV before it is read as a separator.
std::optional<std::string> CheckSeparator(std::string_view value) {
  if (!value.empty() && IsText(value, kSeparatorLengthMax) && value.find('"') == value.npos) {
    return std::nullopt;
  }
  return Concat("must be 1 to ", kSeparatorLengthMax, " characters without controls and quotes");
}

std::optional<std::string> CheckReplacement(std::string_view value) {
  if (value.size() == 1 && IsId(Concat("a", value))) return std::nullopt;
  return Concat(Quote(value), " is not one of A-Z a-z 0-9 . _ -");
}

// One reading of one file. Thread-compatible.
class ColumnsReading {
 public:
  ColumnsReading(ModelColumns* columns, std::vector<ConfigFault>* faults)
      : columns_(*columns), faults_(*faults) {}

  void Read(const toml::table& root);

 private:
  void AddFault(const toml::source_region& source, std::string path, std::string message);
  void AddUnknown(const toml::key& key, const std::string& path, std::string_view known);
  bool HasType(const toml::node& value, toml::node_type type, const std::string& path);
  bool ReadText(const toml::node& value, const std::string& path, Rule rule, std::string* out);
  void ReadFields(const toml::node& value, const std::string& path);
  void ReadAmounts(const toml::node& value, const std::string& path);
  void ReadOptions(const toml::node& value, const std::string& path);
  // `path` is where it stands in the file, `field` the field of the model.
  void ReadSource(const toml::node& value, const std::string& path, const std::string& field);
  void ReadSourceTable(const toml::table& table, const std::string& path, const std::string& field,
                       ModelSource* out);

  ModelColumns& columns_;
  std::vector<ConfigFault>& faults_;
};

void ColumnsReading::AddFault(const toml::source_region& source, std::string path,
                              std::string message) {
  const Position position = PositionOf(source);
  faults_.push_back({position.line, position.column, std::move(path), std::move(message)});
}

void ColumnsReading::AddUnknown(const toml::key& key, const std::string& path,
                                std::string_view known) {
  AddFault(key.source(), path, Concat("is unknown; known here: ", known));
}

bool ColumnsReading::HasType(const toml::node& value, toml::node_type type,
                             const std::string& path) {
  if (value.type() == type) return true;
  AddFault(value.source(), path,
           Concat("must be ", TypeName(type), ", not ", TypeName(value.type())));
  return false;
}

bool ColumnsReading::ReadText(const toml::node& value, const std::string& path, Rule rule,
                              std::string* out) {
  if (!HasType(value, toml::node_type::string, path)) return false;
  const std::string& text = value.as_string()->get();
  if (std::optional<std::string> broken = rule(text)) {
    AddFault(value.source(), path, *std::move(broken));
    return false;
  }
  *out = text;
  return true;
}

void ColumnsReading::ReadSourceTable(const toml::table& table, const std::string& path,
                                     const std::string& field, ModelSource* out) {
  const bool is_amount = IsModelAmount(field);
  for (const auto& [key, value] : table) {
    const std::string at = ChildPath(path, key.str());
    if (key.str() == "column") {
      ReadText(value, at, CheckColumnName, &out->column);
    } else if (key.str() == "constant") {
      ReadText(value, at, is_amount ? CheckNumber : CheckConstant, &out->constant);
    } else if (key.str() == "scale" && is_amount) {
      std::string scale;
      if (ReadText(value, at, CheckScale, &scale)) out->scale = *Amount::Parse(scale);
    } else {
      AddUnknown(key, at, is_amount ? "column, constant, scale" : "column, constant");
    }
  }
  if (table.contains("column") == table.contains("constant")) {
    AddFault(table.source(), path, "takes either column or constant");
  } else if (table.contains("constant") && table.contains("scale")) {
    AddFault(table.source(), path, "takes scale only with column");
  } else if (table.contains("constant") && field == "id") {
    AddFault(table.source(), path, "must be a column: each model has an id of its own");
  }
}

void ColumnsReading::ReadSource(const toml::node& value, const std::string& path,
                                const std::string& field) {
  ModelSource source;
  const Position position = PositionOf(value.source());
  source.line = position.line;
  source.line_column = position.column;
  if (value.is_table()) {
    ReadSourceTable(*value.as_table(), path, field, &source);
  } else if (value.is_string()) {
    ReadText(value, path, CheckColumnName, &source.column);
  } else {
    AddFault(value.source(), path, Concat(kSourceForm, TypeName(value.type())));
  }
  columns_.fields[field] = std::move(source);
}

void ColumnsReading::ReadFields(const toml::node& value, const std::string& path) {
  if (!HasType(value, toml::node_type::table, path)) return;
  for (const auto& [key, source] : *value.as_table()) {
    const std::string at = ChildPath(path, key.str());
    if (Contains(kModelFields, key.str())) {
      ReadSource(source, at, std::string(key.str()));
    } else {
      AddUnknown(key, at, Join(kModelFields));
    }
  }
}

void ColumnsReading::ReadAmounts(const toml::node& value, const std::string& path) {
  if (!HasType(value, toml::node_type::table, path)) return;
  const bool is_quality = path == "quality";
  for (const auto& [key, source] : *value.as_table()) {
    const std::string at = ChildPath(path, key.str());
    if (is_quality ? IsLabelValue(key.str()) : IsResourceName(key.str())) {
      ReadSource(source, at, Concat(path, ".", key.str()));
    } else {
      AddFault(key.source(), at, is_quality ? kLabelValueRule : kResourceNameRule);
    }
  }
}

void ColumnsReading::ReadOptions(const toml::node& value, const std::string& path) {
  if (!HasType(value, toml::node_type::table, path)) return;
  for (const auto& [key, option] : *value.as_table()) {
    const std::string at = ChildPath(path, key.str());
    std::string text;
    if (key.str() == "separator") {
      ReadText(option, at, CheckSeparator, &columns_.separator);
    } else if (key.str() == "id_replacement") {
      if (ReadText(option, at, CheckReplacement, &text)) columns_.id_replacement = text[0];
    } else if (key.str() == "ignore_other_columns") {
      if (HasType(option, toml::node_type::boolean, at)) {
        columns_.ignore_other_columns = option.as_boolean()->get();
      }
    } else {
      AddUnknown(key, at, "separator, id_replacement, ignore_other_columns");
    }
  }
}

void ColumnsReading::Read(const toml::table& root) {
  for (const auto& [key, value] : root) {
    const std::string path = ChildPath("", key.str());
    if (key.str() == "columns") {
      ReadFields(value, path);
    } else if (Contains(kModelAmounts, key.str())) {
      ReadAmounts(value, path);
    } else if (key.str() == "options") {
      ReadOptions(value, path);
    } else {
      AddUnknown(key, path, Concat("columns, ", Join(kModelAmounts), ", options"));
    }
  }
  for (const char* field : {"id", "operator_family"}) {
    if (columns_.fields.contains(field)) continue;
    AddFault(root.source(), Concat("columns.", field), "is missing");
  }
}

}  // namespace

bool IsModelAmount(std::string_view path) {
  const size_t dot = path.find('.');
  return dot == path.npos ? Contains(kMoney, path) : Contains(kModelAmounts, path.substr(0, dot));
}

ModelColumns ParseModelColumns(std::string_view toml, std::vector<ConfigFault>* faults) {
  ModelColumns columns;
  ReadToml(toml, faults,
           [&](const toml::table& root) { ColumnsReading(&columns, faults).Read(root); });
  return columns;
}

ModelColumns LoadModelColumns(const std::string& path, std::vector<ConfigFault>* faults) {
  const std::optional<std::string> text = ReadConfigFile(path, faults);
  return text.has_value() ? ParseModelColumns(*text, faults) : ModelColumns();
}

}  // namespace purser
