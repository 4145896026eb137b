#include "reservations/interned.h"

#include <gtest/gtest.h>

#include "ledger/text.h"

namespace purser {
namespace {

google::protobuf::RepeatedPtrField<stored::Label> LabelsOf(const std::string& run) {
  google::protobuf::RepeatedPtrField<stored::Label> labels;
  stored::Label& family = *labels.Add();
  family.set_key("operator_family");
  family.set_value("vision");
  stored::Label& label = *labels.Add();
  label.set_key("run");
  label.set_value(run);
  return labels;
}

TEST(Interned, SharesWhatIsTheSameAndNothingElse) {
  Interned interned;
  const auto first = interned.Intern(LabelsOf("1"));
  EXPECT_EQ(*first, (Labels{{"operator_family", "vision"}, {"run", "1"}}));
  EXPECT_EQ(interned.Intern(LabelsOf("1")), first);
  EXPECT_EQ(interned.Intern(std::make_shared<const Labels>(*first)), first);
  EXPECT_NE(interned.Intern(LabelsOf("2")), first);
  // The same letters, cut elsewhere.
  const auto cut =
      std::make_shared<const Labels>(Labels{{"operator_family", "visionrun"}, {"", "1"}});
  EXPECT_EQ(*interned.Intern(cut), *cut);
  EXPECT_EQ(interned.Intern(std::string("alice")), interned.Intern(std::string("alice")));
}

TEST(Interned, ForgetsWhatNobodyHasAndKeepsWhatSomebodyHas) {
  Interned interned;
  std::vector<std::shared_ptr<const Labels>> kept;
  for (int i = 0; i < 20'000; ++i) {
    auto labels = interned.Intern(LabelsOf(Concat(i)));
    if (i % 100 == 0) kept.push_back(std::move(labels));
  }
  EXPECT_LE(interned.labels_count(), 2 * kept.size() + 2);
  for (size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(interned.Intern(LabelsOf(Concat(100 * i))), kept[i]) << i;
  }
}

}  // namespace
}  // namespace purser
