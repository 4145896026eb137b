#include "config/rules.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "config/config.h"
#include "config/lists.h"
#include "ledger/amount.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr size_t kPathLengthMax = 4'096;  // bytes: PATH_MAX
constexpr size_t kHostLengthMax = 253;    // bytes: a full name in the DNS
constexpr size_t kQuoteLengthMax = 60;    // bytes

// The SHA-256 of nothing: somebody hashed a variable that was not set.
constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

constexpr std::string_view kExperimentPurposes[] = {"TRAINING", "FINE_TUNING", "EVALUATION",
                                                    "BREEDING"};
constexpr std::string_view kReservePurposes[] = {"SERVING", "ROLLBACK", "DISASTER_RECOVERY"};
constexpr std::string_view kProposalKinds[] = {"RETIRE", "MERGE", "REPLACE", "ARCHIVE"};

// A decimal number without sign or leading zeros, at most `max`.
std::optional<int> ParseNumber(std::string_view text, int max) {
  if (text.empty() || text.size() > 5 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return std::nullopt;
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (number > max) return std::nullopt;
  return number;
}

bool IsIpv4(std::string_view text) {
  for (int octet = 0; octet < 4; ++octet) {
    const size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (octet == 3)) return false;
    if (!ParseNumber(text.substr(0, dot), 255)) return false;
    text.remove_prefix(octet == 3 ? text.size() : dot + 1);
  }
  return true;
}

}  // namespace

std::optional<std::string> CheckAddress(std::string_view value) {
  const size_t colon = value.rfind(':');
  if (colon == std::string_view::npos) {
    return Concat(Quote(value), " is not host:port, such as \"127.0.0.1:7480\"");
  }
  const std::string_view host = value.substr(0, colon);
  if (host != "localhost" && !IsIpv4(host)) {
    return Concat(Quote(host), " is neither an IPv4 address nor localhost");
  }
  if (!ParseNumber(value.substr(colon + 1), 65'535)) {
    return Concat(Quote(value.substr(colon + 1)), " is not a port, 0..65535");
  }
  return std::nullopt;
}

std::optional<std::string> CheckHost(std::string_view value) {
  const size_t colon = value.find(':');
  const std::string_view name = value.substr(0, colon);
  const bool port_good =
      colon == std::string_view::npos || ParseNumber(value.substr(colon + 1), 65'535).has_value();
  const bool name_good = !name.empty() && name.size() <= kHostLengthMax && name[0] != '.' &&
                         std::all_of(name.begin(), name.end(), [](char c) {
                           return absl::ascii_isalnum(c) || c == '.' || c == '-';
                         });
  if (port_good && name_good) return std::nullopt;
  return Concat(Quote(value), " is not a host name, such as \"purser.example.org\"");
}

std::optional<std::string> CheckPath(std::string_view value) {
  if (value.size() > kPathLengthMax) return Concat("is longer than ", kPathLengthMax, " bytes");
  if (value.find('\0') != std::string_view::npos) return "has a NUL character";
  return std::nullopt;
}

std::optional<std::string> CheckReservePurpose(std::string_view value) {
  if (Contains(kReservePurposes, value)) return std::nullopt;
  if (Contains(kExperimentPurposes, value)) {
    return Concat(value, " is a purpose of experiments, and those never touch the reserve");
  }
  return Concat(Quote(value), " is not a purpose; the reserve may serve ", Join(kReservePurposes));
}

std::optional<std::string> CheckProposalKind(std::string_view value) {
  if (Contains(kProposalKinds, value)) return std::nullopt;
  return Concat(Quote(value), " is no kind of proposal; there are ", Join(kProposalKinds));
}

std::optional<std::string> CheckLabelKey(std::string_view value) {
  if (IsLabelKey(value)) return std::nullopt;
  return Concat(Quote(value), " is not a label key: ", kLabelKeyRule);
}

std::optional<std::string> CheckTimeZone(std::string_view value) {
  const bool looks_like_a_name =
      !value.empty() && absl::ascii_isalpha(value[0]) && value != "localtime" &&
      std::all_of(value.begin(), value.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
      });
  absl::TimeZone zone;
  if (looks_like_a_name && absl::LoadTimeZone(ToAbsl(value), &zone)) return std::nullopt;
  return Concat(Quote(value), " is not a known time zone, such as \"UTC\" or \"Europe/Berlin\"");
}

std::optional<std::string> CheckTokenName(std::string_view value) {
  if (value == "local") return "\"local\" is the name of callers without a token";
  if (value == "reviewer") return "\"reviewer\" is the name of the daemon's own reviewer";
  if (IsId(value)) return std::nullopt;
  return Concat(Quote(value), " is not a principal's name: ", kIdRule);
}

std::optional<std::string> CheckSha256(std::string_view value) {
  if (value == kEmptySha256) return "is the SHA-256 of an empty secret";
  if (value.size() == 64 && std::all_of(value.begin(), value.end(), [](char c) {
        return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
      })) {
    return std::nullopt;
  }
  return Concat(
      "is not the secret's SHA-256 in 64 lower-case hex digits "
      "(printf %s \"$SECRET\" | sha256sum)");
}

std::optional<std::string> CheckScope(std::string_view value) {
  if (Contains(kScopes, value)) return std::nullopt;
  return Concat(Quote(value), " is not a scope; the scopes are ", Join(kScopes));
}

std::optional<std::string> CheckPopulation(std::string_view value) {
  if (value == "*" || IsResourceName(value)) return std::nullopt;
  return Concat(Quote(value), " is neither \"*\" nor a population's name: ", kResourceNameRule);
}

bool IsLoopback(std::string_view address) {
  return address.substr(0, 4) == "127." || address.substr(0, 10) == "localhost:";
}

std::optional<int64_t> ParseDurationMs(std::string_view text) {
  constexpr int64_t kMicrosPerMs = 1'000;
  if (text.empty() || text.back() != 's') return std::nullopt;
  const auto seconds = Amount::Parse(text.substr(0, text.size() - 1));
  if (!seconds.ok() || seconds->is_negative() || seconds->micros() % kMicrosPerMs != 0) {
    return std::nullopt;
  }
  return seconds->micros() / kMicrosPerMs;
}

std::string OneLine(std::string_view text, size_t length_max) {
  size_t length = std::min(text.size(), length_max);
  // Never cut within a character: a byte 10xxxxxx of UTF-8 continues one.
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) --length;
  std::string line(text.substr(0, length));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  if (length < text.size()) line += "…";
  return line;
}

std::string Quote(std::string_view text) {
  return Concat("\"", OneLine(text, kQuoteLengthMax), "\"");
}

}  // namespace purser
