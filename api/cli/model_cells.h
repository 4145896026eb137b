#ifndef PURSER_API_CLI_MODEL_CELLS_H_
#define PURSER_API_CLI_MODEL_CELLS_H_

// Models as cells of a table, and back. Thread-safe: pure functions, and values.
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/cli/file_faults.h"
#include "api/v1/model.pb.h"
#include "config/model_columns.h"

namespace purser::cli {

// Columns that are named as their fields are: those that a header has, with a fault (of line 1) for
// each that is none.
ModelColumns ColumnsOfHeader(const std::vector<std::string>& header, FileFaults* faults);
// The same for all that models have, in order, without those that no model needs.
ModelColumns ColumnsOfModels(const v1::ModelList& models);

// A category of monthly_costs that the API does not have, as a sentence for each; none: all is
// well. `file` is where the columns come from.
std::vector<std::string> UnknownCategories(const ModelColumns& columns, std::string_view file);

// Where in a header the columns stand. Thread-compatible.
class ModelRows {
 public:
  // Faults (of line 1): columns that stand twice, are missing or, unless they may, unknown.
  // `columns` must outlive it.
  ModelRows(const ModelColumns& columns, const std::vector<std::string>& header,
            FileFaults* faults);

  // The model of a row, which has as many cells as the header. What is no number and the like is
  // added to the faults; what a model may be is not judged here.
  v1::Model Read(size_t line, const std::vector<std::string>& cells, FileFaults* faults) const;
  // How to call a field to who knows the columns: "params_b (footprint.memory)". `path` as in
  // faults of the API.
  std::string NameOf(std::string_view path) const;

 private:
  struct Binding {
    std::string path;
    const ModelSource* source;
    size_t index;  // of the cell; unused for a constant
  };

  std::string ReadField(const Binding& binding, const std::string& text, v1::Model* model) const;
  std::string FixId(std::string_view text) const;

  const ModelColumns& columns_;
  std::vector<Binding> bindings_;
};

// The names of the columns, each once, in the order of the fields.
std::vector<std::string> HeaderOf(const ModelColumns& columns);
// The row of a model under HeaderOf(columns). InvalidArgument, with the reason, for what a cell
// cannot say.
absl::StatusOr<std::vector<std::string>> CellsOf(const v1::Model& model,
                                                 const ModelColumns& columns,
                                                 const std::vector<std::string>& header);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODEL_CELLS_H_
