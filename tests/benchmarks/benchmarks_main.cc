// Everything in one run, beside bare limits and other people's databases of the same run:
//
//   build/bin/benchmarks [--seconds N] [--repeat N] [--only NAMES]
//   build/bin/benchmarks --size N [--finished N] [--seconds N]
//
// --seconds   of each load; 5 when left out
// --repeat    rounds; each runs every part once, so that a slow minute falls on all of them
// --only      parts, comma-separated
// --size      instead of the parts: what so many open reservations (thousands), and then 1,000
//             populations, do to memory, to the start and to the rates
// --finished  there: also with so many finished ones beside the open ones; none when left out
//
// Figures go to the standard error as they come; a Markdown table with the median and the spread of
// each over all rounds to the standard output.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "ledger/text.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/parts.h"
#include "tests/benchmarks/sizes.h"

namespace purser {
namespace {

struct Options {
  PartOptions part;
  int rounds = 1;
  std::vector<std::string> only;
  SizeOptions size;  // `open` 0: the parts
};

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
  return names;
}

bool IsPart(const std::string& name) {
  return std::any_of(Parts().begin(), Parts().end(),
                     [&](const Part& part) { return name == part.name; });
}

// False when there is something that it does not know.
bool ReadOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) return false;
    const std::string value = argv[i + 1];
    if (name == "--seconds") {
      options->part.seconds = std::strtod(value.c_str(), nullptr);
    } else if (name == "--repeat") {
      options->rounds = static_cast<int>(std::strtol(value.c_str(), nullptr, 10));
    } else if (name == "--only") {
      options->only = SplitAtCommas(value);
    } else if (name == "--size") {
      options->size.open = std::strtoull(value.c_str(), nullptr, 10) / 1'000 * 1'000;
    } else if (name == "--finished") {
      options->size.finished = std::strtoull(value.c_str(), nullptr, 10) / 1'000 * 1'000;
    } else {
      return false;
    }
  }
  return options->part.seconds > 0 && options->rounds > 0 &&
         std::all_of(options->only.begin(), options->only.end(), IsPart);
}

Figures RunRound(const Options& options) {
  Figures figures;
  for (const Part& part : Parts()) {
    const auto& only = options.only;
    if (!only.empty() && std::find(only.begin(), only.end(), part.name) == only.end()) continue;
    part.run(options.part, &figures);
  }
  SetRatios(&figures);
  return figures;
}

int Main(int argc, char** argv) {
  Options options;
  if (!ReadOptions(argc, argv, &options)) {
    std::string names;
    for (const Part& part : Parts()) names.append(names.empty() ? "" : ",").append(part.name);
    std::fprintf(stderr,
                 "usage: benchmarks [--seconds N] [--repeat N] [--only NAMES]\n"
                 "       benchmarks --size N [--finished N] [--seconds N]\nparts: %s\n",
                 names.c_str());
    return 2;
  }
  options.size.seconds = options.part.seconds;
  std::vector<Figures> rounds;
  if (options.size.open > 0) {
    options.rounds = 0;
    MeasureSizes(options.size, &rounds.emplace_back());
  }
  rounds.reserve(static_cast<size_t>(options.rounds));
  for (int round = 1; round <= options.rounds; ++round) {
    std::fprintf(stderr, "== round %d of %d\n", round, options.rounds);
    rounds.push_back(RunRound(options));
  }
  std::string command = "build/bin/benchmarks";
  for (int i = 1; i < argc; ++i) command.append(" ").append(argv[i]);
  std::printf("%s\n%s", DescribeRun("/tmp", command).c_str(), ToTable(rounds).c_str());
  return 0;
}

}  // namespace
}  // namespace purser

int main(int argc, char** argv) { return purser::Main(argc, argv); }
