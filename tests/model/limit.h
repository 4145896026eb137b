#ifndef PURSER_TESTS_MODEL_LIMIT_H_
#define PURSER_TESTS_MODEL_LIMIT_H_

// Limits of the reference model, and what they count. Plain data, thread-compatible.
#include <cstdint>
#include <map>
#include <string>

#include "tests/model/action.h"

namespace purser::model {

// A limit of what a principal, each principal or a label value may have.
struct Limit {
  std::string id;
  std::string kind;  // As Action::limit_kind.
  std::string name;
  LimitParts parts;
  int64_t moment = 0;  // When it was made.
};

// What was once granted, for limits of a day or a month.
struct GrantedOnce {
  std::string principal;
  std::map<std::string, std::string> labels;
  std::string resource;
  int64_t incarnation = 0;
  int64_t amount = 0;
  int64_t at_us = 0;
  int64_t moment = 0;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_LIMIT_H_
