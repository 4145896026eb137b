// The description of the API says what the tables and messages say. That it is true is shown by
// check.sh, beside this file: with a real daemon, and programs nobody here wrote.
#include "api/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "api/openapi_examples.h"
#include "api/openapi_grammars.h"
#include "api/openapi_operations.h"
#include "api/routes.h"
#include "api/scopes.h"
#include "config/config.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string& WithClock() {
  static const auto* const text = new std::string(DescribeApi({"1.2.3", true}));
  return *text;
}

TEST(Description, IsTheSameForTheSameDaemon) {
  EXPECT_EQ(DescribeApi({"1.2.3", true}), WithClock());
  EXPECT_THAT(WithClock(), HasSubstr(R"("version":"1.2.3")"));
}

TEST(Description, HasEveryRoute) {
  std::set<std::string> ids;
  for (const Route& route : Routes()) {
    EXPECT_THAT(WithClock(), HasSubstr(Concat("\"", route.path, "\":{"))) << route.path;
    const std::string id = OperationOf(route.action).id;
    EXPECT_THAT(WithClock(), HasSubstr(Concat(R"("operationId":")", id, "\""))) << id;
    EXPECT_TRUE(ids.insert(id).second) << id << " is said of two routes";
  }
}

TEST(Description, HasTheTestClockOnlyWhereItIs) {
  const std::string without = DescribeApi({"1.2.3", false});
  EXPECT_THAT(WithClock(), HasSubstr("\"/v1/test/clock:advance\""));
  EXPECT_THAT(without, Not(HasSubstr("/v1/test/")));
  EXPECT_THAT(without, Not(HasSubstr("\"name\":\"test\"")));
}

TEST(Description, SaysWhatTheCommentsOfTheMessagesSay) {
  EXPECT_THAT(WithClock(), HasSubstr("What was charged beyond what was held."));
  EXPECT_THAT(WithClock(), HasSubstr("A refusal (RFC 9457)."));
}

TEST(Description, HasNoFieldThatIsAlwaysRefused) {
  const size_t at = WithClock().find("\"ChargeRequest\":{");
  const std::string schema = WithClock().substr(at, WithClock().find("\"Code\"", at) - at);
  EXPECT_THAT(schema.substr(0, 800), HasSubstr("\"category\""));
  EXPECT_THAT(schema.substr(0, 800), Not(HasSubstr("\"model\"")));
  const size_t update = WithClock().find("\"ResourceSettingsUpdate\":{");
  EXPECT_THAT(WithClock().substr(update, 400), Not(HasSubstr("\"kind\"")));
}

TEST(Description, KnowsTheScopesOfEveryRoute) {
  std::set<std::string, std::less<>> names;
  for (const Scope& scope : kApiScopes) {
    names.emplace(scope.name);
    EXPECT_NE(std::find(std::begin(kScopes), std::end(kScopes), scope.name), std::end(kScopes))
        << scope.name << " is none that a token may have";
  }
  for (const Route& route : Routes()) {
    std::string scopes = route.scope;
    std::replace(scopes.begin(), scopes.end(), '|', ' ');
    std::istringstream words(scopes);
    for (std::string word; words >> word;) EXPECT_TRUE(names.contains(word)) << word;
  }
}

TEST(Refusals, FollowFromTheRoute) {
  for (const Route& route : Routes()) {
    const auto refusals = RefusalsOf(route);
    SCOPED_TRACE(Concat(route.method, " ", route.path));
    const bool of_population = std::string(route.path).find("{population}") != std::string::npos;
    EXPECT_EQ(refusals.contains(403), of_population || *route.scope != '\0');
    for (const auto& [status, reasons] : refusals) {
      EXPECT_GE(status, 400);
      EXPECT_FALSE(reasons.empty());
    }
    EXPECT_EQ(refusals.contains(422), route.mutating && std::string(route.method) == "POST");
  }
}

TEST(Examples, AreOfEveryRouteAndHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  std::set<Action> actions;
  int step = 0;
  for (const Example& example : Examples()) {
    EXPECT_TRUE(names.insert(example.name).second) << example.name;
    EXPECT_EQ(example.step, ++step);
    EXPECT_FALSE(example.summary.empty()) << example.name;
    // A watch that is granted has no end that an example could show.
    // Nor is a stream of lines one document.
    // Nor has the only principal of the examples anybody who approves what it asks for.
    const Action action = example.route->action;
    const bool shows = example.status < 300 || action == Action::kWatch ||
                       action == Action::kStreamCostLines || action == Action::kApprove;
    if (shows) actions.insert(example.route->action);
  }
  for (const Route& route : Routes()) {
    EXPECT_TRUE(actions.contains(route.action)) << route.method << " " << route.path;
  }
}

TEST(Examples, AreReadAsTheyAreWritten) {
  const auto examples = ParseExamples(
      "# A remark\n\n### one: First words\n# varies: a, b\n"
      "POST /v1/populations/p0/resources/r:grant?dry_run=true\nIdempotency-Key: k: 1\n\n"
      "{\"amount\":\n \"1\"}\n\nHTTP 200\n\n{\n}\n\n### two: Second\nGET /livez\n\nHTTP "
      "200\n\nok\n");
  ASSERT_EQ(examples.size(), 2u);
  EXPECT_EQ(examples[0].name, "one");
  EXPECT_EQ(examples[0].summary, "First words");
  EXPECT_EQ(examples[0].varies, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(examples[0].route->action, Action::kGrant);
  EXPECT_EQ(examples[0].parameters,
            (std::map<std::string, std::string>{{"population", "p0"},
                                                {"resource", "r"},
                                                {"dry_run", "true"},
                                                {"Idempotency-Key", "k: 1"}}));
  EXPECT_EQ(examples[0].body, "{\"amount\":\n \"1\"}");
  EXPECT_EQ(examples[0].answer, "{\n}");
  EXPECT_EQ(examples[1].step, 2);
  EXPECT_EQ(examples[1].body, "");
  EXPECT_EQ(examples[1].answer, "ok");
}

TEST(Examples, ThatAreOfNoRouteEndTheProcess) {
  EXPECT_DEATH(ParseExamples("### one: Words\nGET /nothing\n\nHTTP 200\n\nok\n"), "of a route");
  EXPECT_DEATH(ParseExamples("### one: Words\nGET /livez\n"), "is whole");
}

// What the daemon judges by and what the description shows are the same.
TEST(Grammars, AgreeWithTheJudges) {
  const std::vector<std::string> texts = {"",
                                          "a",
                                          "A",
                                          "0",
                                          "_",
                                          "_1",
                                          "_1.2",
                                          "a-b",
                                          "a_b",
                                          "a.b",
                                          "-a",
                                          ".a",
                                          "a b",
                                          "ab0",
                                          "Ab0",
                                          "a\x01",
                                          "a/b",
                                          "a:b",
                                          "é",
                                          std::string(63, 'a'),
                                          std::string(64, 'a'),
                                          std::string(128, 'a'),
                                          std::string(129, 'a')};
  const auto matches = [](v1::Grammar grammar, const std::string& text) {
    return std::regex_match(text, std::regex(PatternOf(grammar)));
  };
  for (const std::string& text : texts) {
    EXPECT_EQ(matches(v1::NEW_ID, text), IsId(text)) << text;
    EXPECT_EQ(matches(v1::NAME, text), IsResourceName(text)) << text;
    EXPECT_EQ(matches(v1::LABEL_KEY, text), IsLabelKey(text)) << text;
    EXPECT_EQ(matches(v1::ID, text), IsId(text) || text == "_1" || text == "_1.2") << text;
  }
}

}  // namespace
}  // namespace purser::api
