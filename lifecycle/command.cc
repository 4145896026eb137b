#include "lifecycle/command.h"

namespace purser {

void ChangeSettings(const UpdateResource& update, stored::ResourceSettings* settings) {
  if (update.amount) settings->set_amount(update.amount->micros());
  if (update.reserve_percent) {
    settings->clear_reserve_amount();
    settings->set_reserve_percent(update.reserve_percent->micros());
  }
  if (update.reserve_amount) {
    if (!update.reserve_percent) settings->clear_reserve_percent();
    settings->set_reserve_amount(update.reserve_amount->micros());
  }
  if (update.min_amount) settings->set_min_amount(update.min_amount->micros());
  if (update.max_amount) settings->set_max_amount(update.max_amount->micros());
  if (update.step) settings->set_step(update.step->micros());
  if (update.overcommit) {
    settings->set_overcommit_numerator(update.overcommit->first);
    settings->set_overcommit_denominator(update.overcommit->second);
  }
  if (update.carry_available) *settings->mutable_carry_available() = *update.carry_available;
  if (update.carry_reserve) *settings->mutable_carry_reserve() = *update.carry_reserve;
  if (update.debt_limit) settings->set_debt_limit(update.debt_limit->micros());
  if (update.priced) settings->set_priced(*update.priced);
}

}  // namespace purser
