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

// `text` with every mark replaced.
std::string WithNumber(std::string text, uint64_t number);

// Thread-compatible; copies share nothing.
class RequestTemplate {
 public:
  // A POST of `body`, in which each of `members` members has equally many marks, one member after
  // the other.
  RequestTemplate(std::string_view path, std::string_view body, int members,
                  std::string_view content_type = "application/json");

  // Member i is number first + i from now on.
  void SetNumbers(uint64_t first);

  std::string_view bytes() const { return bytes_; }
  int members() const { return members_; }

 private:
  std::string bytes_;
  std::vector<size_t> marks_;  // rising
  int members_;
};

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_REQUEST_TEMPLATE_H_
