#ifndef PURSER_TESTS_BENCHMARKS_REQUEST_TEMPLATE_H_
#define PURSER_TESTS_BENCHMARKS_REQUEST_TEMPLATE_H_

// A whole HTTP request of which only numbers change, so that making the next one costs a client
// a few written digits.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// Stands in a body for the number of a member; a number has as many digits, zeros in front.
inline constexpr std::string_view kNumberMark = "@@@@@@@@@@@@";

// Stands in a path for the number of the first member, counted round a cycle.
inline constexpr std::string_view kCycleMark = "~~~~~~";

// `text` with every mark replaced.
std::string WithNumber(std::string text, uint64_t number);

// Thread-compatible; copies share nothing.
class RequestTemplate {
 public:
  // A POST of `body`, answered in the same form, in which each of `members` members has equally
  // many marks, one member after the other. With a `cycle`, `path` has its mark, and request n goes
  // to number n % cycle.
  RequestTemplate(std::string_view path, std::string_view body, int members,
                  std::string_view content_type = "application/json", uint64_t cycle = 1);

  // Member i is number first + i from now on.
  void SetNumbers(uint64_t first);

  std::string_view bytes() const { return bytes_; }
  int members() const { return members_; }

 private:
  std::string bytes_;
  std::vector<size_t> marks_;  // rising
  int members_;
  uint64_t cycle_;
  size_t cycle_mark_;  // npos: none
};

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_REQUEST_TEMPLATE_H_
