#include "tests/benchmarks/request_template.h"

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

void WriteNumber(uint64_t number, size_t count, char* digits) {
  for (size_t i = count; i > 0; --i, number /= 10) {
    digits[i - 1] = static_cast<char>('0' + number % 10);
  }
}

std::vector<size_t> FindMarks(std::string_view text) {
  std::vector<size_t> marks;
  for (size_t at = text.find(kNumberMark); at != std::string_view::npos;
       at = text.find(kNumberMark, at + kNumberMark.size())) {
    marks.push_back(at);
  }
  return marks;
}

}  // namespace

std::string WithNumber(std::string text, uint64_t number) {
  for (const size_t mark : FindMarks(text))
    WriteNumber(number, kNumberMark.size(), text.data() + mark);
  return text;
}

RequestTemplate::RequestTemplate(std::string_view path, std::string_view body, int members,
                                 std::string_view content_type, uint64_t cycle)
    : bytes_(Concat("POST ", path, " HTTP/1.1\r\nHost: localhost\r\nContent-Type: ", content_type,
                    "\r\nAccept: ", content_type, "\r\nContent-Length: ", body.size(), "\r\n\r\n",
                    body)),
      marks_(FindMarks(bytes_)),
      members_(members),
      cycle_(cycle),
      cycle_mark_(bytes_.find(kCycleMark)) {
  PURSER_CHECK(marks_.size() % static_cast<size_t>(members) == 0, "members are alike");
}

void RequestTemplate::SetNumbers(uint64_t first) {
  const size_t marks_a_member = marks_.size() / static_cast<size_t>(members_);
  for (size_t i = 0; i < marks_.size(); ++i) {
    WriteNumber(first + i / marks_a_member, kNumberMark.size(), bytes_.data() + marks_[i]);
  }
  if (cycle_mark_ == std::string::npos) return;
  const uint64_t request = first / static_cast<uint64_t>(members_);
  WriteNumber(request % cycle_, kCycleMark.size(), bytes_.data() + cycle_mark_);
}

}  // namespace purser
