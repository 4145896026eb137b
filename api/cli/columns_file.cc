#include "api/cli/columns_file.h"

#include <vector>

#include "api/cli/model_cells.h"
#include "api/cli/output.h"
#include "api/cli/terminal_text.h"

namespace purser::cli {

bool ReadColumnsFile(const std::string& path, ModelColumns* columns) {
  std::vector<ConfigFault> faults;
  *columns = LoadModelColumns(path, &faults);
  const std::vector<std::string> unknown = UnknownCategories(*columns, path);
  for (const ConfigFault& fault : faults) WriteComplaint(Printable(FormatFault(path, fault)));
  for (const std::string& fault : unknown) WriteComplaint(Printable(fault));
  return faults.empty() && unknown.empty();
}

}  // namespace purser::cli
