#include "tests/model/scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser::model {
namespace {

const std::vector<std::string>& LongClauses() {
  static const std::vector<std::string> words = {"got",   "within",   "overrun", "overdraft",
                                                 "short", "step",     "forbids", "costs",
                                                 "took",  "category", "counted"};
  return words;
}

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "reserve_protected; also overdrawn; short gpu_hours by 28" -> its parts; "" or what is wrong.
std::string ParseVerdict(const std::string& text, ExpectedVerdict* verdict) {
  const std::vector<std::string> clauses = SplitAt(text, ';');
  std::vector<std::string> head = SplitWords(clauses[0]);
  if (!head.empty() && head[0] == "replayed") {
    verdict->replayed = true;
    head.erase(head.begin());
    if (head.empty()) head.push_back("ok");
  }
  if (head.size() != 1) return "a verdict is one word: " + clauses[0];
  verdict->queued = head[0] == "queued";
  verdict->scheduled = head[0] == "scheduled";
  verdict->pending = head[0] == "pending";
  const bool accepted =
      head[0] == "ok" || verdict->queued || verdict->scheduled || verdict->pending;
  verdict->code = accepted ? "" : head[0];
  for (size_t i = 1; i < clauses.size(); ++i) {
    const std::vector<std::string> words = SplitWords(clauses[i]);
    const std::string first = words.empty() ? "" : words[0];
    if (first == "STOP") {
      verdict->stop = true;
    } else if (first == "late") {
      verdict->late = true;
    } else if (first == "also" && words.size() == 2) {
      verdict->also.push_back(words[1]);
    } else if (first == "uncoverable" && words.size() == 2) {
      verdict->uncoverable.push_back(words[1]);
    } else if (first == "changed" && words.size() == 2) {
      verdict->changed.push_back(words[1]);
    } else if (first == "member" && words.size() == 2) {
      verdict->member = std::stoi(words[1]);
    } else if (Contains(LongClauses(), first) && words.size() >= 3) {
      verdict->clauses.push_back(words);
    } else {
      return "cannot read the clause" + clauses[i];
    }
  }
  return "";
}

// Reads one file; keeps the clock of the block, so that "+3600s" can be made an instant.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  Scenario Read() {
    std::ifstream file(path_);
    if (!file) Fault("cannot be opened");
    for (std::string line; std::getline(file, line);) {
      ++line_;
      const std::string text = Trimmed(line);
      if (text.empty() || text[0] == '#') continue;
      const std::string wrong = ReadLine(text);
      if (!wrong.empty()) Fault(wrong);
    }
    return scenario_;
  }

 private:
  void Fault(const std::string& message) {
    scenario_.faults.push_back(path_ + ":" + std::to_string(line_) + ": " + message);
  }

  std::string ReadLine(const std::string& text) {
    if (text[0] == '|') return ReadCommand(text);
    const std::string keyword = text.substr(0, text.find(' '));
    if (keyword == "scenario") return ReadReset(text);
    if (keyword == "labels") return ReadLabels(text);
    if (keyword == "defaults") return ReadDefaults();
    if (keyword == "expect") return ReadExpectation(text);
    return "a line begins with |, scenario, labels, defaults, expect or #";
  }

  // "scenario 2026-01-01T00:00:00Z what it shows"
  std::string ReadReset(const std::string& text) {
    const std::vector<std::string> words = SplitWords(text);
    const auto start = words.size() < 3 ? std::nullopt : ParseInstant(words[1]);
    if (!start) return "scenario INSTANT TITLE";
    Step step = NewStep(Step::Kind::kReset, text);
    step.start_us = *start;
    step.required_labels = {"capability", "operator_family"};
    now_us_ = *start;
    scenario_.steps.push_back(step);
    return "";
  }

  // "labels operator_family" or "labels none": what is required, instead of the default.
  std::string ReadLabels(const std::string& text) {
    if (scenario_.steps.empty() || scenario_.steps.back().kind != Step::Kind::kReset) {
      return "labels stands under scenario";
    }
    std::vector<std::string> labels = SplitWords(text.substr(6));
    if (labels == std::vector<std::string>{"none"}) labels.clear();
    scenario_.steps.back().required_labels = labels;
    return "";
  }

  // The resources that a population has from the start (ledger.md 1).
  std::string ReadDefaults() {
    for (const char* resource :
         {"gpu_hours consumable period=monthly amount=400",
          "inference_cost consumable period=monthly amount=12000 unit=USD",
          "active_model_memory capacity amount=80", "archive_storage capacity amount=5",
          "evaluation_hours consumable period=monthly amount=120",
          "risk_capacity capacity amount=20 priced=no",
          "active_models capacity amount=20 reserve=2 step=1"}) {
      std::string wrong = ReadCommand(std::string("| create | ") + resource + " | ok |");
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  std::string ReadCommand(const std::string& text) {
    const std::vector<std::string> cells = SplitAt(text, '|');
    if (cells.size() != 5) return "a command line is | command | arguments | verdict |";
    std::string command = Trimmed(cells[1]);
    const bool member = command[0] == '+';
    if (member) command = Trimmed(command.substr(1));
    Step step = NewStep(Step::Kind::kAct, text);
    std::string wrong = ParseAction(command, cells[2], now_us_, &step.action);
    if (wrong.empty()) wrong = ParseVerdict(cells[3], &step.verdict);
    if (!wrong.empty()) return wrong;
    if (member) return AddMember(step);
    if (step.action.verb == Verb::kAdvance) now_us_ = std::max(now_us_, step.action.at_us);
    if (step.action.verb == Verb::kResume) now_us_ += step.action.shift_us;
    scenario_.steps.push_back(step);
    return "";
  }

  std::string AddMember(const Step& member) {
    const bool in_batch = !scenario_.steps.empty() &&
                          scenario_.steps.back().kind == Step::Kind::kAct &&
                          scenario_.steps.back().action.verb == Verb::kBatch;
    if (!in_batch) return "a line with + stands under a batch";
    scenario_.steps.back().action.members.push_back(member.action);
    scenario_.steps.back().members.push_back(member.verdict);
    return "";
  }

  // "expect gpu_hours: granted 400 = …"
  std::string ReadExpectation(const std::string& text) {
    const size_t colon = text.find(':');
    if (colon == std::string::npos) return "expect WHAT: READING";
    Step step = NewStep(Step::Kind::kExpect, text);
    step.what = Trimmed(text.substr(6, colon - 6));
    step.expected = Trimmed(text.substr(colon + 1));
    scenario_.steps.push_back(step);
    return "";
  }

  Step NewStep(Step::Kind kind, const std::string& text) const {
    Step step;
    step.kind = kind;
    step.line = line_;
    step.text = text;
    return step;
  }

  std::string path_;
  int line_ = 0;
  int64_t now_us_ = 0;
  Scenario scenario_;
};

}  // namespace

Scenario ParseScenario(const std::string& path) { return Reader(path).Read(); }

std::vector<std::string> ListScenarios(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".scenario") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace purser::model
