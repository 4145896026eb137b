#include "api/cli/model_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "api/cli/csv_reader.h"
#include "api/cli/lineage.h"
#include "api/cli/model_cells.h"
#include "api/cli/model_fields.h"
#include "api/cli/model_list_json.h"
#include "api/decode_models.h"
#include "api/json.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kCycleToldMax = 10;
constexpr char kNoModels[] = "the file has no models";

// What only the daemon says of a model is of no use to another one.
void ClearOutputs(google::protobuf::Message* message) {
  const auto& descriptor = *message->GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const auto* const field = descriptor.field(i);
    if (!field->options().GetExtension(v1::output_only)) continue;
    message->GetReflection()->ClearField(message, field);
  }
}

// Looks at the bytes. False: there is nothing more to read in them.
bool CheckBytes(std::string_view text, FileFaults* faults) {
  if (text.size() > kModelFileBytesMax) {
    faults->Add(0, "", Concat("the file is longer than ", kModelFileBytesMax, " bytes"));
    return false;
  }
  if (text.find('\0') == text.npos && IsUtf8(text)) return true;
  size_t line = 1;
  for (; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view bytes = text.substr(0, end);
    if (!IsUtf8(bytes)) faults->Add(line, "", "has bytes that are not UTF-8");
    if (bytes.find('\0') != bytes.npos) faults->Add(line, "", "has a NUL");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

// One reading of one file. Thread-compatible.
class Reading {
 public:
  Reading(const ModelFileOptions& options, FileFaults* faults)
      : options_(options), faults_(*faults) {}

  void ReadCsvRows(std::string_view text);
  void ReadJsonModels(std::string_view text);
  std::vector<ModelOfFile> TakeInOrder();

 private:
  bool TakeHeader(const std::vector<std::string>& cells);
  bool TakeRow(size_t line, const std::vector<std::string>& cells);
  bool TakeJson(size_t line, std::string_view json);
  // Judges it as the daemon will, as far as that needs no population. `rows`: nullptr for JSON.
  void Take(size_t line, v1::Model model, const ModelRows* rows);
  bool IsFull(size_t line);
  void AddCycle(const std::vector<size_t>& cycle);

  const ModelFileOptions& options_;
  FileFaults& faults_;
  std::vector<ModelOfFile> models_;
  size_t count_ = 0;                     // of models that were seen, good or bad
  std::map<std::string, size_t> lines_;  // by id
  ModelColumns own_columns_;             // of a header without a mapping
  std::optional<ModelRows> rows_;
  size_t width_ = 0;  // cells of the header
};

bool Reading::IsFull(size_t line) {
  if (++count_ <= kModelsOfFileMax) return false;
  faults_.Add(line, "", Concat("more than ", kModelsOfFileMax, " models"));
  return true;
}

bool Reading::TakeHeader(const std::vector<std::string>& cells) {
  width_ = cells.size();
  FileFaults of_header;
  if (options_.columns == nullptr) own_columns_ = ColumnsOfHeader(cells, &of_header);
  rows_.emplace(options_.columns == nullptr ? own_columns_ : *options_.columns, cells, &of_header);
  // What stands below a header that is not understood is not judged.
  const bool is_good = of_header.empty();
  faults_.Append(of_header);
  return is_good;
}

bool Reading::TakeRow(size_t line, const std::vector<std::string>& cells) {
  if (!rows_.has_value()) return TakeHeader(cells);
  if (IsFull(line)) return false;
  if (cells.size() != width_) {
    faults_.Add(line, "", Concat("has ", cells.size(), " cells, the header has ", width_));
    return true;
  }
  Take(line, rows_->Read(line, cells, &faults_), &*rows_);
  return true;
}

bool Reading::TakeJson(size_t line, std::string_view json) {
  if (IsFull(line)) return false;
  v1::Model model;
  std::vector<v1::Fault> faults;
  if (api::ParseJson(json, &model, &faults)) {
    Take(line, std::move(model), nullptr);
    return true;
  }
  for (const v1::Fault& fault : faults) faults_.Add(line, fault.path(), fault.message());
  return true;
}

void Reading::Take(size_t line, v1::Model model, const ModelRows* rows) {
  const bool is_active = model.state() == "ACTIVE";
  if (rows == nullptr && !model.state().empty()) {
    const auto broken = CheckState(model.state());
    if (broken.has_value()) faults_.Add(line, "state", *broken);
  }
  const bool has_replaced_target = !model.replaced_target().empty();
  ClearOutputs(&model);
  for (v1::Constraint& each : *model.mutable_constraints()->mutable_values()) ClearOutputs(&each);
  if (model.constraints().values().empty()) {
    model.clear_constraints();
  } else if (model.reason().empty()) {
    model.set_reason(options_.reason);
  }
  const auto name_of = [rows](const std::string& path) {
    return rows == nullptr ? path : rows->NameOf(path);
  };
  Faults faults;
  api::DecodeModel(model, &faults);
  for (const auto& fault : faults.list()) {
    faults_.Add(line, name_of(fault.path()), fault.message());
  }
  const std::string id = model.id();
  if (id.empty()) {
    faults_.Add(line, name_of("id"), "is required: it makes it safe to import the file again");
    return;
  }
  const auto [first, is_new] = lines_.emplace(id, line);
  if (!is_new) {
    faults_.Add(line, name_of("id"),
                Concat("\"", id, "\" is the id of line ", first->second, " already"));
  }
  models_.push_back({line, std::move(model), is_active, has_replaced_target});
}

void Reading::ReadCsvRows(std::string_view text) {
  bool is_header_good = true;
  const auto take = [&](size_t line, const std::vector<std::string>& cells) {
    const bool is_header = !rows_.has_value();
    const bool goes_on = TakeRow(line, cells);
    if (is_header) is_header_good = goes_on;
    return goes_on;
  };
  const std::optional<CsvFault> broken = ReadCsv(text, take);
  if (broken.has_value()) faults_.Add(broken->line, "", broken->message);
  if (is_header_good && !broken.has_value() && count_ == 0) faults_.Add(0, "", kNoModels);
}

void Reading::ReadJsonModels(std::string_view text) {
  const auto broken = ReadModelListJson(
      text, [this](size_t line, std::string_view json) { return TakeJson(line, json); });
  if (broken.has_value()) faults_.Add(broken->line, "", broken->message);
  if (!broken.has_value() && count_ == 0) faults_.Add(0, "", kNoModels);
}

std::vector<ModelOfFile> Reading::TakeInOrder() {
  std::vector<LineageNode> nodes;
  for (const ModelOfFile& each : models_) {
    const auto& parents = each.model.parents().values();
    nodes.push_back({each.model.id(), {parents.begin(), parents.end()}});
  }
  const Lineage lineage = OrderByLineage(nodes);
  if (!lineage.cycle.empty()) AddCycle(lineage.cycle);
  std::vector<ModelOfFile> ordered;
  for (const size_t index : lineage.order) ordered.push_back(std::move(models_[index]));
  return ordered;
}

void Reading::AddCycle(const std::vector<size_t>& cycle) {
  std::string way;
  for (size_t i = 0; i < std::min(cycle.size(), kCycleToldMax); ++i) {
    const ModelOfFile& each = models_[cycle[i]];
    way += Concat(i > 0 ? " → " : "", each.model.id(), " (line ", each.line, ")");
  }
  if (cycle.size() > kCycleToldMax) way += Concat(" → … (", cycle.size() - 1, " models)");
  faults_.Add(models_[cycle.front()].line, "parents",
              Concat("the lineage goes in a circle, each from the next: ", way));
}

}  // namespace

std::vector<ModelOfFile> ReadModelFile(std::string_view text, const ModelFileOptions& options,
                                       FileFaults* faults) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.empty()) {
    faults->Add(0, "", "the file is empty");
    return {};
  }
  if (!CheckBytes(text, faults)) return {};
  Reading reading(options, faults);
  options.is_json ? reading.ReadJsonModels(text) : reading.ReadCsvRows(text);
  return reading.TakeInOrder();
}

}  // namespace purser::cli
