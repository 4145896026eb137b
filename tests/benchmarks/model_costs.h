#ifndef PURSER_TESTS_BENCHMARKS_MODEL_COSTS_H_
#define PURSER_TESTS_BENCHMARKS_MODEL_COSTS_H_

// What a command on models costs the processor without a socket or a disk, on one thread: decided,
// applied, made rows, each in a group of its own.
namespace purser {

// In microseconds: an activation that replaces one of `active` ACTIVE models, and its rollback;
// each the best of many rounds.
struct ModelCosts {
  double activate = 0;
  double roll_back = 0;
};
ModelCosts MeasureModels(int active, int rounds);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_MODEL_COSTS_H_
