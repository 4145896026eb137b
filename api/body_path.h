#ifndef PURSER_API_BODY_PATH_H_
#define PURSER_API_BODY_PATH_H_

// The way from a body to a value in it, as faults name it:
// "operations[3].create.amounts.gpu_hours". Kept on the stack while a body is read, made into text
// only for a fault. Thread-compatible.
#include <string>
#include <string_view>

namespace purser::api {

// A hostile body must not grow its own answer: longer names are cut, between two characters.
inline constexpr size_t kPathNameBytesMax = 128;

struct BodyPath {
  const BodyPath* parent = nullptr;  // nullptr: of the body itself, which has no name
  std::string_view name;             // of a member
  int index = -1;                    // of an element

  std::string ToString() const;
};

}  // namespace purser::api

#endif  // PURSER_API_BODY_PATH_H_
