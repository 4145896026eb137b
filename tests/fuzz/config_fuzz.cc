// The configuration: a text is a Config or a list of mistakes, each of which fits on a line.
#include "config/config.h"
#include "config/rules.h"
#include "ledger/check.h"
#include "tests/fuzz/fuzz_input.h"

namespace purser {
namespace {

void CheckTaken(const Config& config) {
  PURSER_CHECK(!CheckAddress(config.listen).has_value(), "what is taken is an address");
  PURSER_CHECK(config.threads >= 1 && config.queue_length_max >= 1, "limits are above zero");
  PURSER_CHECK(config.keep_alive_timeout_ms > 0 && config.request_timeout_ms > 0,
               "time-outs are above zero");
  PURSER_CHECK(IsLoopback(config.listen) || (config.insecure && !config.tokens.empty()),
               "beyond loopback there are tokens");
  for (const TokenConfig& token : config.tokens) {
    PURSER_CHECK(!CheckTokenName(token.name).has_value(), "a token has a name");
    PURSER_CHECK(!CheckSha256(token.sha256).has_value(), "a token has a hash");
  }
}

void CheckText(std::string_view toml) {
  std::vector<ConfigFault> faults;
  const Config config = ParseConfig(toml, &faults);
  if (faults.empty()) return CheckTaken(config);
  for (const ConfigFault& fault : faults) {
    const std::string line = FormatFault("f", fault);
    PURSER_CHECK(line.find('\n') == std::string::npos, "a mistake fits on a line");
    PURSER_CHECK(!fault.message.empty(), "a mistake says what it is");
  }
}

}  // namespace
}  // namespace purser

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::CheckText(purser::FuzzInput(bytes, size).Rest());
  return 0;
}
