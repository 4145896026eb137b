#ifndef PURSER_TESTS_SMALL_WORLD_PLAYER_H_
#define PURSER_TESTS_SMALL_WORLD_PLAYER_H_

// Plays letters on the product's state machine, in memory: one command, or the passing of time, on
// a state that stays as it is. Thread-compatible.
#include <optional>
#include <string>

#include "lifecycle/state_machine.h"
#include "tests/small_world/letter.h"
#include "tests/small_world/small_state.h"

namespace purser::small {

class Player {
 public:
  Player();

  // The state before the first letter.
  SmallState Begin(const Rules& rules);

  // What a letter made of the state.
  struct Play {
    bool possible = true;  // false: the letter may not stand here
    bool changed = false;  // it left an entry; `after` is the state behind it
    Verdict verdict;       // of a command
    SmallState after;
    std::string fault;  // a reserve that was lowered by what must not
  };
  // The state that letters are played on.
  void Load(const SmallState& before);
  // Fills in the letter's ids: it is the `step`th of its sequence.
  Play Do(int step, Letter* letter);

 private:
  bool Bind(int step, Letter* letter) const;
  void PlayCommand(const Letter& letter, Play* play);
  void PlayTime(const Letter& letter, Play* play);
  // Copies the loaded state to where entries are applied.
  void Copy();
  void Apply(const stored::Entry& entry, bool may_lower_reserve, Play* play);

  bool BindApproval(Letter* letter) const;
  // When a tick brings the clock to; nullopt: it may not stand here.
  std::optional<InstantUs> TickTo() const;
  // Executes what is due up to an instant.
  void RunDue(InstantUs until_us, Play* play);

  Rules rules_;
  StateMachine decider_;
  StateMachine applier_;
  google::protobuf::Arena arena_;  // of the verdict of the last command
  SmallState before_;              // without its population, which is the decider's
};

}  // namespace purser::small

#endif  // PURSER_TESTS_SMALL_WORLD_PLAYER_H_
