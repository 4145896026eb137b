// What the sequencer tells the follower.
#include <iterator>
#include <utility>

#include "daemon/sequencer.h"

namespace purser {

void Sequencer::GatherNews(const std::string& population, const stored::Entry& entry,
                           ReservationBook::Changes changes, std::vector<stored::ModelUse> uses) {
  PopulationNews& news = news_[population];
  for (const auto& fact : entry.ledger_facts()) {
    if (fact.has_debt_incurred() || fact.has_debt_repaid()) news.debts.push_back(fact);
  }
  if (news.returns.empty()) {
    news.returns = std::move(changes.returns);
  } else {
    std::move(changes.returns.begin(), changes.returns.end(), std::back_inserter(news.returns));
  }
  std::move(changes.queue.begin(), changes.queue.end(), std::back_inserter(news.queue));
  std::move(changes.bookings.begin(), changes.bookings.end(), std::back_inserter(news.bookings));
  std::move(changes.preemptibles.begin(), changes.preemptibles.end(),
            std::back_inserter(news.preemptibles));
  if (entry.model_facts().empty() && uses.empty()) return;
  news.models.push_back(
      {entry.model_facts(),
       {{entry.sequence(), entry.time_us()}, ModelResources::Of(machine_->Find(population)->books)},
       std::move(uses)});
}

void Sequencer::TellFollowerAll() {
  news_.clear();
  if (follower_ == nullptr) return;
  std::vector<FollowedPopulation> all;
  for (const auto& [name, population] : machine_->populations()) {
    FollowedPopulation& followed =
        all.emplace_back(FollowedPopulation{latest_views_[name],
                                            population->books.debts(),
                                            population->reservations.MakeReturnSchedule(),
                                            {},
                                            {},
                                            {},
                                            {},
                                            {},
                                            {},
                                            {}});
    followed.models = population->models;
    for (const auto& [key, queued] : population->reservations.queue().by_key()) {
      followed.Take(QueueChange{key, std::make_shared<const Reservation>(*queued)});
    }
    for (const auto& [key, booked] : population->reservations.bookings().by_key()) {
      followed.Take(BookingChange{key, std::make_shared<const Reservation>(*booked)});
    }
    population->reservations.preemptibles().ForEach(
        [&followed](const RegretKey& key, const Reservation& open) {
          followed.Take(PreemptibleChange{key, WithoutEntries(open)});
        });
  }
  follower_->Reset(std::move(all));
}

}  // namespace purser
