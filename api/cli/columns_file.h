#ifndef PURSER_API_CLI_COLUMNS_FILE_H_
#define PURSER_API_CLI_COLUMNS_FILE_H_

// What `--columns FILE` names.
#include <string>

#include "config/model_columns.h"

namespace purser::cli {

// False when it is not good; then every mistake of it has been told.
bool ReadColumnsFile(const std::string& path, ModelColumns* columns);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_COLUMNS_FILE_H_
