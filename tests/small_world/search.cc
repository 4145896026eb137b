#include "tests/small_world/search.h"

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/small_world/agreement.h"
#include "tests/small_world/small_models.h"

namespace purser::small {

Search::Search(SearchOptions options)
    : options_(options), alphabet_(MakeAlphabet(options.rules)), frontier_{0} {
  auto beginning = std::make_unique<Stop>();
  beginning->state = player_.Begin(options_.rules);
  beginning->model.emplace();
  beginning->model->Reset(kStartUs, {"capability", kFamilyLabel});
  for (const Letter& letter : MakeOpening(options_.rules)) {
    PURSER_CHECK(beginning->model->Do(letter.action).code.empty(), "the model takes the opening");
  }
  seen_.insert(DigestOf(beginning->state));
  stops_.push_back(std::move(beginning));
}

Level Search::Deepen() {
  Level level;
  level.depth = 1;
  for (int i = 0; i < kDepthMax && !frontier_.empty() && LetterAt(frontier_[0], i) != 0; ++i) {
    ++level.depth;
  }
  PURSER_CHECK(level.depth <= options_.depth && level.depth <= kDepthMax, "a path has room for it");
  std::vector<Path> next;
  for (Path path : frontier_) {
    Visit(path, &level, &next);
    if (faults_.size() >= kFaultsMax) break;
  }
  frontier_ = std::move(next);
  return level;
}

void Search::Follow(Path path) {
  size_t depth = 0;
  while (depth < followed_.size() &&
         LetterAt(path, static_cast<int>(depth)) == followed_[depth] + 1) {
    ++depth;
  }
  followed_.resize(depth);
  stops_.resize(depth + 1);
  for (; depth < kDepthMax && LetterAt(path, static_cast<int>(depth)) != 0; ++depth) {
    const size_t index = LetterAt(path, static_cast<int>(depth)) - 1;
    player_.Load(stops_.back()->state);
    Player::Play play = player_.Do(static_cast<int>(depth), &alphabet_[index]);
    PURSER_CHECK(play.changed, "a path can be followed again");
    auto stop = std::make_unique<Stop>();
    stop->state = std::move(play.after);
    stops_.push_back(std::move(stop));
    followed_.push_back(index);
  }
}

const model::Model& Search::ModelAt(size_t depth) {
  size_t known = depth;
  while (!stops_[known]->model.has_value()) --known;
  for (; known < depth; ++known) {
    player_.Load(stops_[known]->state);
    Letter& letter = alphabet_[followed_[known]];
    player_.Do(static_cast<int>(known), &letter);  // fills in the letter's ids
    stops_[known + 1]->model = stops_[known]->model;
    stops_[known + 1]->model->Do(letter.action);
  }
  return *stops_[depth]->model;
}

void Search::Visit(Path path, Level* level, std::vector<Path>* frontier) {
  Follow(path);
  const bool asked = level->depth <= options_.model_depth ||
                     DigestOf(stops_.back()->state).second % options_.model_every == 0;
  if (asked) ModelAt(followed_.size());
  player_.Load(stops_.back()->state);
  for (size_t index = 0; index < alphabet_.size(); ++index) {
    Try(index, path, asked, level, frontier);
  }
}

void Search::Try(size_t index, Path path, bool asked, Level* level, std::vector<Path>* frontier) {
  Letter& letter = alphabet_[index];
  const int step = static_cast<int>(followed_.size());
  const Player::Play play = player_.Do(step, &letter);
  if (!play.possible) return;
  ++level->transitions;
  if (play.changed) ++level->accepted;
  if (!play.fault.empty()) ReportFault(play.fault, index);
  if (asked) {
    ++level->compared;
    model::Model model = *stops_.back()->model;
    const model::Verdict expected = model.Do(letter.action);
    std::string fault = letter.kind == Kind::kRollover || letter.kind == Kind::kTick
                            ? ""
                            : CompareVerdicts(letter, play.verdict, expected, options_.rules);
    if (fault.empty()) {
      fault =
          CompareStates(play.changed ? play.after : stops_.back()->state, model, options_.rules);
    }
    if (!fault.empty()) ReportFault(fault, index);
  }
  if (!play.changed || !seen_.insert(DigestOf(play.after)).second) return;
  ++level->states;
  if (const std::string fault = FindFault(play.after); !fault.empty()) ReportFault(fault, index);
  if (const std::string fault = FindLostRollback(play.after); !fault.empty()) {
    ReportFault(fault, index);
  }
  if (level->depth == options_.depth) return;
  frontier->push_back(path | static_cast<Path>(index + 1) << (8 * (kDepthMax - 1 - step)));
}

void Search::ReportFault(const std::string& what, size_t index) {
  std::string text;
  for (size_t each : followed_) text += alphabet_[each].text + "; ";
  faults_.push_back(Concat(what, "\n  after: ", text, alphabet_[index].text));
}

}  // namespace purser::small
