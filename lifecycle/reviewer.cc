#include "lifecycle/reviewer.h"

#include <algorithm>
#include <set>

#include "ledger/text.h"
#include "lifecycle/proposal_findings.h"
#include "lifecycle/review.h"

namespace purser {

namespace {

using Settings = stored::ProposalSettings;

constexpr char kDominatedBy[] = "dominated_by";
// What others propose has room beside what the reviewer does.
constexpr size_t kPendingMax = kProposalsOpenMax / 2;

class Reviewing {
 public:
  Reviewing(const ModelBook& models, const Books& books, const ReviewPolicy& policy,
            const ReviewQuestion& question)
      : models_(models), books_(books), policy_(policy), question_(question) {}

  Review Run() {
    FindReviewed();
    AddBestSet();
    AddDominated();
    AddGroups();
    AddIdle();
    Choose();
    return std::move(review_);
  }

 private:
  bool IsSoleProvider(const ModelRecord& model) const {
    const auto& required = books_.settings().required_capabilities();
    const auto& provided = model.settings().capabilities();
    return std::any_of(required.begin(), required.end(), [&](const std::string& capability) {
      return models_.CountProviders(capability) <= 1 &&
             std::find(provided.begin(), provided.end(), capability) != provided.end();
    });
  }

  bool IsIdle(const ModelRecord& model) const {
    const InstantUs since_us = std::max(model.state_time_us(), models_.LastUse(model));
    return question_.now_us - since_us >= policy_.idle_us;
  }

  // Because of whom it would leave; empty: because of nobody.
  static std::string_view DominatorOf(const Settings& proposal) {
    for (const Settings::Evidence& each : proposal.evidence()) {
      if (each.name() == kDominatedBy) return each.text();
    }
    return "";
  }

  // Those because of whom others are to leave, as the reviewer proposed.
  std::set<std::string, std::less<>> FindStaying() const {
    std::set<std::string, std::less<>> staying;
    for (const std::string& id : models_.proposals().ListPending()) {
      const ProposalRecord& proposal = *models_.proposals().Find(id);
      if (proposal.proposer() == kReviewer) staying.emplace(DominatorOf(proposal.settings()));
    }
    staying.erase("");
    return staying;
  }

  void FindReviewed() {
    const auto staying = FindStaying();
    for (const std::string& id : models_.active()) {
      const ModelRecord& model = *models_.Find(id);
      Reviewed& reviewed = reviewed_.emplace_back();
      reviewed.id = model.settings().id();
      reviewed.provisions = ProvisionsOf(model.settings());
      reviewed.monthly_cost = MonthlyCost(model.settings());
      reviewed.may_leave = FindForbidding(model, stored::Constraint::RETIRE) == nullptr &&
                           !IsSoleProvider(model) && !staying.contains(id) &&
                           models_.proposals().ListPendingOf(id).empty();
      reviewed.may_merge = FindForbidding(model, stored::Constraint::MERGE) == nullptr;
      reviewed.is_idle = IsIdle(model);
    }
  }

  Review::Suggestion Suggest(Settings::Kind kind, const std::vector<std::string_view>& ids,
                             const std::string& reason) const {
    Review::Suggestion suggestion;
    suggestion.proposal.set_kind(kind);
    for (const std::string_view id : ids) suggestion.proposal.add_models(std::string(id));
    suggestion.proposal.set_reason(reason);
    suggestion.net_value_micros =
        NetValueOf(suggestion.proposal, models_, ModelResources::Of(books_), question_.prices)
            .Sum();
    return suggestion;
  }

  static void AddEvidence(const std::string& name, const std::string& text,
                          Review::Suggestion* suggestion) {
    Settings::Evidence& evidence = *suggestion->proposal.add_evidence();
    evidence.set_name(name);
    evidence.set_text(text);
  }

  // Without those without whom all is freed as well, by id: that they are worth
  // leaving is no matter of who lacks something.
  static std::vector<std::string> WithoutNeedless(const SetQuestion& question,
                                                  std::vector<std::string> ids) {
    for (bool dropped = true; dropped && ids.size() > 1;) {
      dropped = false;
      for (size_t i = 0; i < ids.size() && !dropped; ++i) {
        std::vector<std::string> fewer = ids;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (!JudgeSet(question, fewer).frees_all) continue;
        ids = std::move(fewer);
        dropped = true;
      }
    }
    return ids;
  }

  void AddBestSet() {
    if (question_.lacking.empty()) return;
    const ModelResources resources = ModelResources::Of(books_);
    SetQuestion question;
    question.lacking = question_.lacking;
    question.required_capabilities.assign(books_.settings().required_capabilities().begin(),
                                          books_.settings().required_capabilities().end());
    question.providers = &models_.providers();
    for (const Reviewed& reviewed : reviewed_) {
      if (!reviewed.may_leave) continue;
      const ModelRecord& model = *models_.Find(reviewed.id);
      Occupied frees = OccupiedIn(stored::MODEL_ACTIVE, model.settings(), resources);
      AddOccupiedIn(stored::MODEL_RETIRED, model.settings(), resources, -1, &frees);
      question.candidates.push_back({&model.settings(), std::move(frees)});
    }
    review_.set = FindBestSet(question, SetLimits());
    if (review_.set->verdict != BestSet::Verdict::kFound) return;
    BestSet& set = *review_.set;
    set.ids = WithoutNeedless(question, std::move(set.ids));
    set.value = JudgeSet(question, set.ids).value;
    if (policy_.proposals_max == 0) return;
    auto suggestion =
        Suggest(Settings::RETIRE, {set.ids.begin(), set.ids.end()},
                Concat("frees what ", question_.for_whom, " lacks, at the least that is lost"));
    const absl::int128 gap = set.bound - set.value.Sum();
    AddEvidence("for", question_.for_whom, &suggestion);
    AddEvidence("gap", Amount::FromMicros(static_cast<int64_t>(gap)).ToString(), &suggestion);
    review_.suggestions.push_back(std::move(suggestion));
  }

  void AddDominated() {
    Comparisons comparisons;
    const std::vector<Dominated> dominated = FindDominated(reviewed_, &comparisons);
    if (!comparisons.complete()) review_.complete = false;
    review_.dominated = dominated.size();
    for (const Dominated& each : dominated) {
      auto suggestion =
          Suggest(Settings::RETIRE, {each.id},
                  Concat(each.by, " is at least as good in every capability, and costs no more"));
      AddEvidence(kDominatedBy, std::string(each.by), &suggestion);
      found_.push_back(std::move(suggestion));
    }
  }

  void AddGroups() {
    Comparisons comparisons;
    const auto groups =
        FindRedundant(reviewed_, policy_.redundancy_tolerance_percent, &comparisons);
    if (!comparisons.complete()) review_.complete = false;
    review_.redundant = groups.size();
    for (const Group& group : groups) {
      auto suggestion = Suggest(Settings::MERGE, group,
                                Concat("the same capabilities, none apart by more than ",
                                       policy_.redundancy_tolerance_percent.ToString(), " %"));
      AddEvidence("tolerance_percent", policy_.redundancy_tolerance_percent.ToString(),
                  &suggestion);
      found_.push_back(std::move(suggestion));
    }
  }

  void AddIdle() {
    const auto idle = FindIdle(reviewed_);
    review_.idle = idle.size();
    for (const std::string_view id : idle) {
      const ModelRecord& model = *models_.Find(id);
      auto suggestion =
          Suggest(Settings::RETIRE, {id},
                  Concat("nothing was charged to it for ", policy_.idle_us / kDayUs, " days"));
      const InstantUs since_us = std::max(model.state_time_us(), models_.LastUse(model));
      AddEvidence("idle_days", Concat((question_.now_us - since_us) / kDayUs), &suggestion);
      found_.push_back(std::move(suggestion));
    }
  }

  static std::string KeyOf(const Settings& proposal) {
    std::set<std::string> ids(proposal.models().begin(), proposal.models().end());
    std::string key = Concat(int{proposal.kind()});
    for (const std::string& id : ids) key += Concat(" ", id);
    return key;
  }

  // What was rejected, of models that are as they were then.
  std::set<std::string> FindRejected() const {
    std::set<std::string> rejected;
    for (const auto& [id, picture] : models_.proposals().all()) {
      const ProposalRecord* const proposal = picture.get();
      if (proposal->state() != stored::PROPOSAL_REJECTED) continue;
      const auto& ids = proposal->settings().models();
      const bool are_same = std::all_of(ids.begin(), ids.end(), [&](const std::string& model) {
        const ModelRecord* const record = models_.Find(model);
        return record != nullptr && record->change_sequence() <= proposal->end_sequence();
      });
      if (are_same) rejected.insert(KeyOf(proposal->settings()));
    }
    return rejected;
  }

  // The most that are worth something, each model once, and none beside the one because of whom
  // another would leave.
  void Choose() {
    const std::set<std::string> rejected = FindRejected();
    const auto was_rejected = [&](const Review::Suggestion& suggestion) {
      return rejected.contains(KeyOf(suggestion.proposal));
    };
    std::erase_if(review_.suggestions, was_rejected);
    std::erase_if(found_, was_rejected);
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return a.net_value_micros > b.net_value_micros;
    });
    std::set<std::string, std::less<>> leaving;
    std::set<std::string, std::less<>> staying;
    for (const auto& first : review_.suggestions) {
      leaving.insert(first.proposal.models().begin(), first.proposal.models().end());
    }
    for (Review::Suggestion& suggestion : found_) {
      if (review_.suggestions.size() >= policy_.proposals_max) break;
      const auto& ids = suggestion.proposal.models();
      const std::string by(DominatorOf(suggestion.proposal));
      const bool is_named = std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
        return leaving.contains(id) || staying.contains(id);
      });
      const bool leaves = leaving.contains(by) || !models_.proposals().ListPendingOf(by).empty();
      if (is_named || leaves) continue;
      leaving.insert(ids.begin(), ids.end());
      if (!by.empty()) staying.insert(by);
      review_.suggestions.push_back(std::move(suggestion));
    }
    const size_t pending = models_.proposals().CountPending();
    const size_t room = pending >= kPendingMax ? 0 : kPendingMax - pending;
    if (review_.suggestions.size() <= room) return;
    review_.left_out = review_.suggestions.size() - room;
    review_.suggestions.resize(room);
  }

  const ModelBook& models_;
  const Books& books_;
  const ReviewPolicy& policy_;
  const ReviewQuestion& question_;
  std::vector<Reviewed> reviewed_;
  std::vector<Review::Suggestion> found_;
  Review review_;
};

}  // namespace

Review ReviewModels(const ModelBook& models, const Books& books, const ReviewPolicy& policy,
                    const ReviewQuestion& question) {
  return Reviewing(models, books, policy, question).Run();
}

}  // namespace purser
