#ifndef PURSER_API_CLI_MODEL_FILE_H_
#define PURSER_API_CLI_MODEL_FILE_H_

// A file of models, as CSV or JSON, read and checked as a whole: what is wrong with it is known
// before the first model is sent. Thread-safe: pure functions.
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/file_faults.h"
#include "api/v1/model.pb.h"
#include "config/model_columns.h"

namespace purser::cli {

inline constexpr size_t kModelsOfFileMax = 100'000;      // as many as a population keeps
inline constexpr size_t kModelFileBytesMax = 512 << 20;  // about 5 KB a model

struct ModelOfFile {
  size_t line = 0;  // from 1
  v1::Model model;  // as it can be registered, rollback_target included
  bool is_active = false;
  bool has_replaced_target = false;  // what a rollback goes back to, until a window ends
};

struct ModelFileOptions {
  bool is_json = false;
  const ModelColumns* columns = nullptr;  // of CSV; nullptr: they are named as the fields are
  std::string reason;                     // of constraints, where the model says none
};

// The models, parents before their children, else in the order of the file; not to be used when
// there are faults.
std::vector<ModelOfFile> ReadModelFile(std::string_view text, const ModelFileOptions& options,
                                       FileFaults* faults);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODEL_FILE_H_
