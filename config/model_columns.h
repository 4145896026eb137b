#ifndef PURSER_CONFIG_MODEL_COLUMNS_H_
#define PURSER_CONFIG_MODEL_COLUMNS_H_

// How the columns of somebody's table become fields of models: for `purser models import` and
// `export`. Validated, but for categories of costs, which are the API's. Immutable after loading,
// thread-safe. `config/model_columns.toml` is the example.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "ledger/amount.h"

namespace purser {

// The fields that have one column, in the order in which they are written. Those of `footprint`,
// `monthly_costs` and `quality` have one for each name, written after "artifact_uri".
inline constexpr std::string_view kModelFields[] = {"id",
                                                    "operator_family",
                                                    "capabilities",
                                                    "parents",
                                                    "artifact_uri",
                                                    "business_value_monthly",
                                                    "expected_incident_cost_monthly",
                                                    "cold_start_cost",
                                                    "constraints",
                                                    "rollback_target",
                                                    "state"};
inline constexpr std::string_view kModelAmounts[] = {"footprint", "monthly_costs", "quality"};

// Whether the field is a number: "cold_start_cost", "footprint.memory".
bool IsModelAmount(std::string_view path);

// Where the value of a field comes from.
struct ModelSource {
  std::string column;                   // its name in the file; empty: `constant` is the value
  std::string constant;                 // not empty where `column` is
  Amount scale = Amount::FromUnits(1);  // numbers × this, rounded up to the millionth; above 0
  int line = 0;                         // where the mapping says so, from 1; 0: nowhere
  int line_column = 0;
};

struct ModelColumns {
  std::map<std::string, ModelSource> fields;  // by path: "id", "footprint.memory"
  std::string separator = "|";                // between several in one cell
  std::optional<char> id_replacement;         // for characters that an id may not have
  bool ignore_other_columns = false;          // else a column that is not named is a mistake
};

// Reads TOML. On success `faults` is empty; else it has every mistake of the file, in order of
// line.
ModelColumns ParseModelColumns(std::string_view toml, std::vector<ConfigFault>* faults);
// As ParseModelColumns for a file; one fault without a line when it cannot be read.
ModelColumns LoadModelColumns(const std::string& path, std::vector<ConfigFault>* faults);

}  // namespace purser

#endif  // PURSER_CONFIG_MODEL_COLUMNS_H_
