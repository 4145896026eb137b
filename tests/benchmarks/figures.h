#ifndef PURSER_TESTS_BENCHMARKS_FIGURES_H_
#define PURSER_TESTS_BENCHMARKS_FIGURES_H_

// What was measured, and its table: the median and the spread over all rounds. Thread-compatible.
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace purser {

// One round: each figure once, in the order in which they were set.
class Figures {
 public:
  // Also tells it on the standard error, so that a long run can be watched.
  void Set(const std::string& name, const std::string& unit, double value);
  // `numerator` ÷ `denominator` as a figure of its own, if both are there.
  void SetRatio(const std::string& numerator, const std::string& denominator);
  std::optional<double> Find(const std::string& name) const;

  struct Figure {
    std::string name;
    std::string unit;
    double value = 0;
  };
  const std::vector<Figure>& list() const { return list_; }

 private:
  std::vector<Figure> list_;
  std::map<std::string, size_t> index_;
};

// A Markdown table.
std::string ToTable(const std::vector<Figures>& rounds);

// Processor, kernel, disk of `directory`, date, commit and `command`: a Markdown paragraph.
std::string DescribeRun(const std::string& directory, const std::string& command);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_FIGURES_H_
