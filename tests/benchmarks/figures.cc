#include "tests/benchmarks/figures.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>
#include <thread>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

std::string ToText(double value) {
  const int digits = std::fabs(value) >= 100 ? 0 : std::fabs(value) >= 10 ? 1 : 2;
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  std::string grouped(text);
  const size_t whole = std::min(grouped.find('.'), grouped.size());
  for (size_t at = whole; at > 3 && grouped[at - 4] != '-';) grouped.insert(at -= 3, ",");
  return grouped;
}

double Median(const std::vector<double>& rising) {
  const size_t middle = rising.size() / 2;
  return rising.size() % 2 == 1 ? rising[middle] : (rising[middle - 1] + rising[middle]) / 2;
}

// What the command prints, without its last line feed.
std::string OutputOf(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  PURSER_CHECK(pipe != nullptr, "a benchmark may start a process");
  std::string text;
  char bytes[512];
  while (std::fgets(bytes, sizeof(bytes), pipe) != nullptr) text += bytes;
  pclose(pipe);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// The value of the first line of /proc/cpuinfo that begins with `name`.
std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

}  // namespace

void Figures::Set(const std::string& name, const std::string& unit, double value) {
  std::fprintf(stderr, "%-64s %14s %s\n", name.c_str(), ToText(value).c_str(), unit.c_str());
  PURSER_CHECK(index_.emplace(name, list_.size()).second, "a figure is measured once a round");
  list_.push_back({name, unit, value});
}

void Figures::SetRatio(const std::string& numerator, const std::string& denominator) {
  const std::optional<double> above = Find(numerator);
  const std::optional<double> below = Find(denominator);
  if (!above.has_value() || !below.has_value() || *below == 0) return;
  Set(Concat(numerator, " ÷ ", denominator), "×", *above / *below);
}

std::optional<double> Figures::Find(const std::string& name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) return std::nullopt;
  return list_[found->second].value;
}

std::string ToTable(const std::vector<Figures>& rounds) {
  std::string table = "| figure | median | min – max | unit |\n|---|---:|---:|---|\n";
  if (rounds.empty()) return table;
  for (const Figures::Figure& figure : rounds.front().list()) {
    std::vector<double> values;
    values.reserve(rounds.size());
    for (const Figures& round : rounds) {
      const std::optional<double> value = round.Find(figure.name);
      if (value.has_value()) values.push_back(*value);
    }
    std::sort(values.begin(), values.end());
    table += Concat("| ", figure.name, " | ", ToText(Median(values)), " | ", ToText(values.front()),
                    " – ", ToText(values.back()), " | ", figure.unit, " |\n");
  }
  return table;
}

std::string DescribeRun(const std::string& directory, const std::string& command) {
  utsname system{};
  uname(&system);
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm calendar{};
  gmtime_r(&now, &calendar);
  char date[32];
  std::strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &calendar);
  const std::string disk =
      OutputOf(Concat("df --output=source,fstype '", directory, "' | tail -n 1"));
  const std::string commit =
      OutputOf("git -C '" PURSER_SOURCE_DIR "' describe --always --dirty 2>/dev/null");
  const double memory_gib = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                            static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  return Concat(CpuModel(), ", ", std::thread::hardware_concurrency(), " cores, ",
                ToText(memory_gib), " GiB, Linux ", system.release, ", disk ", disk, "; ", date,
                "; commit ", commit, "; `", command, "`\n");
}

}  // namespace purser
