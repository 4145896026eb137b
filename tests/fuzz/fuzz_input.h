#ifndef PURSER_TESTS_FUZZ_FUZZ_INPUT_H_
#define PURSER_TESTS_FUZZ_FUZZ_INPUT_H_

// The fuzzer's bytes, taken from the front. At their end numbers are 0 and texts are empty.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace purser {

// Thread-compatible; valid as long as the bytes.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* bytes, size_t size)
      : rest_(reinterpret_cast<const char*>(bytes), size) {}

  bool empty() const { return rest_.empty(); }
  uint8_t TakeByte() {
    if (rest_.empty()) return 0;
    const uint8_t byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  // A length of two bytes, the high one first, and as many bytes, or what is left of them.
  std::string_view TakeText() {
    const size_t high = TakeByte();
    const size_t length = high << 8 | TakeByte();
    const std::string_view text = rest_.substr(0, length);
    rest_.remove_prefix(text.size());
    return text;
  }
  // Up to the byte, which is left out, or everything.
  std::string_view TakeUntil(char end) {
    const std::string_view text = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(text.size() < rest_.size() ? text.size() + 1 : text.size());
    return text;
  }
  std::string_view Rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace purser

#endif  // PURSER_TESTS_FUZZ_FUZZ_INPUT_H_
