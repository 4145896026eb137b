#include "api/cli/model_export.h"

#include <string>
#include <utility>
#include <vector>

#include "api/cli/columns_file.h"
#include "api/cli/csv_reader.h"
#include "api/cli/model_cells.h"
#include "api/cli/output.h"
#include "api/csv_text.h"
#include "api/json.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr int kPageSize = 1'000;

Reply ReadAll(const Arguments& arguments, Connection* connection, v1::ModelList* all) {
  std::string token;
  do {
    std::string path = Concat("/models?page_size=", kPageSize);
    if (!arguments.state.empty()) path += Concat("&state=", Connection::Escape(arguments.state));
    if (!token.empty()) path += Concat("&page_token=", Connection::Escape(token));
    v1::ModelList page;
    Reply reply = connection->Get(connection->InPopulation(path), &page);
    if (!reply.done()) return reply;
    // A page of one state may be empty though there are more.
    token = page.next_page_token();
    for (v1::Model& model : *page.mutable_models()) *all->add_models() = std::move(model);
  } while (!token.empty());
  return Reply();
}

std::string JsonText(const v1::ModelList& models) {
  std::string out = "{\"models\":[";
  for (int i = 0; i < models.models_size(); ++i) {
    out += i > 0 ? ",\n" : "\n";
    api::PrintJson(models.models(i), &out);
  }
  return Concat(out, "\n]}\n");
}

// False, with the reason, when a cell cannot say what a model is.
bool CsvText(const v1::ModelList& models, const ModelColumns& columns, std::string* out,
             std::string* reason) {
  const std::vector<std::string> header = HeaderOf(columns);
  std::vector<std::string> names;
  names.reserve(header.size());
  for (const std::string& column : header) names.push_back(api::GuardText(column));
  api::AppendCsvRow(names, out);
  if (out->size() > kCsvRowBytesMax) {
    *reason = Concat("the names of the columns are longer than the ", kCsvRowBytesMax,
                     " bytes that an import reads; --format json has no such limit");
    return false;
  }
  for (const v1::Model& model : models.models()) {
    const auto cells = CellsOf(model, columns, header);
    if (!cells.ok()) {
      *reason = std::string(ToStd(cells.status().message()));
      return false;
    }
    api::AppendCsvRow(*cells, out);
  }
  return true;
}

}  // namespace

ExitCode RunModelsExport(const Arguments& arguments, Connection* connection) {
  ModelColumns columns;
  const bool is_mapped = !arguments.columns_file.empty();
  if (is_mapped && !ReadColumnsFile(arguments.columns_file, &columns)) return ExitCode::kUsage;
  v1::ModelList models;
  const Reply reply = ReadAll(arguments, connection, &models);
  if (!reply.done()) return Fail(reply, arguments);
  if (!is_mapped && arguments.format != FileFormat::kCsv) {
    WriteOut(JsonText(models));
    return ExitCode::kDone;
  }
  if (!is_mapped) columns = ColumnsOfModels(models);
  std::string text;
  std::string reason;
  if (!CsvText(models, columns, &text, &reason)) {
    WriteComplaint(Concat("cannot be written as CSV: ", reason));
    return ExitCode::kUsage;
  }
  WriteOut(text);
  return ExitCode::kDone;
}

}  // namespace purser::cli
