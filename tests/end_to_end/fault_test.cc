// Rude clients, bad configurations, and damage to the data directory.
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/end_to_end/daemon_fixture.h"
#include "tests/fixtures/read_files.h"

namespace purser {
namespace {

using testing::AnyOf;

class RudeClient : public DaemonTest {
 protected:
  static std::string Head(const std::string& more) {
    return Concat("POST ", kReservations, " HTTP/1.1\r\nHost: localhost\r\n", more, "\r\n");
  }
  // One request on a connection of its own.
  std::optional<api::RawAnswer> Send(const std::string& bytes) {
    api::RawClient client(port());
    client.Send(bytes);
    return client.Read();
  }
};

TEST_F(RudeClient, WithTenMegabytesIsTold413) {
  std::string blanks;
  blanks.resize(10'000'000, ' ');
  const RestAnswer answer = Post(kReservations, blanks);
  EXPECT_EQ(answer.status, 413) << answer;
  EXPECT_EQ(answer.code(), "body_too_large");
  EXPECT_EQ(Post(kBatch, blanks).status, 413);
  EXPECT_EQ(Post(kReservations, std::string(256 * 1024 + 1, ' ')).status, 413);
  EXPECT_EQ(Post(kReservations, Ask("e", "1") + std::string(200 * 1024, ' ')).status, 201);
}

TEST_F(RudeClient, WithTwoLengthsIsRefused) {
  const std::string body = Ask("e", "1");
  const std::string length = Concat("Content-Length: ", body.size(), "\r\n");
  for (const std::string& head :
       {length + length, length + "Content-Length: 5\r\n",
        length + "Transfer-Encoding: chunked\r\n", std::string("Content-Length: -1\r\n"),
        std::string("Content-Length: 1,1\r\n"),
        std::string("Content-Length: 99999999999999999999\r\n"),
        std::string("Transfer-Encoding: gzip, chunked\r\n")}) {
    const auto answer = Send(Head(head) + body);
    ASSERT_TRUE(answer.has_value()) << head;
    EXPECT_THAT(answer->status, AnyOf(400, 411, 413, 501)) << head;
    EXPECT_TRUE(answer->Has("Connection: close")) << head;
  }
  EXPECT_EQ(Sequence(), "1");
}

TEST_F(RudeClient, ThatIsGoneInTheMiddleOfItsRequestLeavesNothing) {
  for (int i = 0; i < 3; ++i) {
    api::RawClient client(port());
    client.Send(Head("Content-Type: application/json\r\nContent-Length: 1000\r\n") +
                "{\"id\":\"half\"");
    client.Abort();
  }
  EXPECT_EQ(Get(kReservations + "/half").status, 404);
  EXPECT_EQ(Sequence(), "1");
}

TEST_F(RudeClient, ThatIsGoneBeforeItsAnswerFindsItDone) {
  const std::string body = Ask("e", "1");
  {
    api::RawClient client(port());
    client.Send(Head(Concat("Content-Length: ", body.size(), "\r\n")) + body);
    client.Readable(20'000);
    client.Abort();
  }
  EXPECT_EQ(Get(kReservations + "/e").status, 200);
  EXPECT_EQ(Post(kReservations, body).Header("Idempotency-Replayed"), "true");
}

class DrippingClient : public RudeClient {
 protected:
  void SetUp() override {
    WriteConfig("[server]\nrequest_timeout = \"0.5s\"\n");
    Start();
  }
};

TEST_F(DrippingClient, IsCutOffWhenItsTimeIsOver) {
  const std::string body = Ask("e", "1");
  api::RawClient client(port());
  client.Send(Head(Concat("Content-Length: ", body.size(), "\r\n")));
  // A byte whenever nothing has come back for a while: never idle, never done.
  size_t sent = 0;
  while (sent + 1 < body.size() && !client.Readable(20)) {
    if (!client.Send(body.substr(sent++, 1))) break;
  }
  const auto answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_LT(sent, body.size() - 1);
  EXPECT_EQ(Get(kReservations + "/e").status, 404);
}

class Stopping : public DaemonTest {};

TEST_F(Stopping, AnswersEverythingItTookAndKeepsIt) {
  constexpr int kClients = 4;
  std::vector<std::string> granted[kClients];
  std::vector<std::thread> threads;
  threads.reserve(kClients);
  for (int c = 0; c < kClients; ++c) {
    threads.emplace_back([&, c] {
      RestClient client(port());
      for (int i = 0;; ++i) {
        const std::string id = Concat("c", c, "-", i);
        const RestAnswer answer = client.Post(kReservations, Ask(id, "0.01"));
        if (answer.status == 201) granted[c].push_back(id);
        if (answer.status != 201) return;
      }
    });
  }
  // Under way once a hundred entries are there.
  while (std::stol(Sequence()) < 100) {
  }
  daemon_->Terminate();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(daemon_->Wait(), 0);
  Start();
  size_t count = 0;
  for (const auto& ids : granted) {
    count += ids.size();
    for (const std::string& id : ids) {
      ASSERT_EQ(Get(Concat(kReservations, "/", id)).status, 200) << id;
    }
  }
  // What was taken was answered: there is nothing that nobody was told of.
  EXPECT_EQ(Sequence(), Concat(count + 1));
}

class Starting : public DaemonTest {};

TEST_F(Starting, NamesAllTenMistakesOfAConfiguration) {
  daemon_->Kill();
  const std::string source =
      std::string(PURSER_SOURCE_DIR) + "/tests/config/testdata/ten_mistakes.bad";
  const std::string toml = source + ".toml";
  for (const std::string command : {"serve", "check-config"}) {
    const PurserdRun run =
        RunPurserd(Concat(command, " --data-dir '", DataDir(), "' --config '", toml, "'"));
    EXPECT_EQ(run.exit_code, command == "serve" ? 2 : 1);
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 10) << run.err;
    EXPECT_THAT(run.err, HasSubstr("ten_mistakes.bad.toml:4:10: server.listen: "));
    EXPECT_THAT(run.err, HasSubstr("ten_mistakes.bad.toml:16:8: tokens[0].name: "));
  }
}

TEST_F(Starting, RefusesASecondDaemonOnTheSameDirectory) {
  PurserdProcess second(ServeArguments(), directory_.path() + "/err2");
  EXPECT_EQ(second.port(), 0);
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.Err(), HasSubstr("is in use by another purserd"));
  for (const std::string command : {"verify", "dump"}) {
    const PurserdRun offline = RunPurserd(Concat(command, " --data-dir '", DataDir(), "'"));
    EXPECT_EQ(offline.exit_code, 1);
    EXPECT_THAT(offline.err, HasSubstr("is in use by another purserd"));
  }
  EXPECT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
}

TEST_F(Starting, WithoutItsAddressWritesNothing) {
  clock_.clear();  // a real clock would give leases the downtime back
  Restart();
  ASSERT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
  const std::string sequence = Sequence();
  daemon_->Terminate();
  ASSERT_EQ(daemon_->Wait(), 0);
  PurserdProcess taken(
      {"serve", "--data-dir", directory_.path() + "/other", "--listen", "127.0.0.1:0", "--quiet"},
      directory_.path() + "/err3");
  ASSERT_NE(taken.port(), 0) << taken.Err();
  PurserdProcess refused(
      {"serve", "--data-dir", DataDir(), "--listen", Concat("127.0.0.1:", taken.port()), "--quiet"},
      directory_.path() + "/err2");
  EXPECT_EQ(refused.Wait(), 1);
  EXPECT_THAT(refused.Err(), HasSubstr("cannot listen"));
  const PurserdRun dump = RunPurserd(Concat("dump --data-dir '", DataDir(), "'"));
  EXPECT_EQ(std::count(dump.out.begin(), dump.out.end(), '\n'), std::stol(sequence)) << dump.out;
}

TEST_F(Starting, KeepsOutOfADirectoryOfOtherFiles) {
  const std::string home = directory_.path() + "/home";
  std::filesystem::create_directory(home);
  std::ofstream(home + "/thesis.tex") << "mine";
  PurserdProcess refused({"serve", "--data-dir", home, "--listen", "127.0.0.1:0", "--quiet"},
                         directory_.path() + "/err2");
  EXPECT_EQ(refused.Wait(), 1);
  EXPECT_THAT(refused.Err(), HasSubstr("other files, such as thesis.tex"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(home),
                          std::filesystem::directory_iterator()),
            1);
}

TEST_F(Starting, RefusesToListenBeyondLoopback) {
  daemon_->Kill();
  const PurserdRun run =
      RunPurserd(Concat("serve --listen 0.0.0.0:0 --data-dir '", DataDir(), "'"));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("0.0.0.0:0"));
}

class Damage : public DaemonTest {
 protected:
  static constexpr int kCount = 40;

  void SetUp() override {
    Start();
    for (int i = 0; i < kCount; ++i) {
      ASSERT_EQ(Post(kReservations, Ask(Concat("e", i), "1")).status, 201);
    }
  }
  std::vector<std::string> Files(const std::string& extension) const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(DataDir())) {
      if (entry.path().extension() == extension) paths.push_back(entry.path());
    }
    return paths;
  }
  // The log with the daemon's writes.
  std::string Log() const {
    std::string biggest;
    for (const std::string& path : Files(".log")) {
      if (biggest.empty() ||
          std::filesystem::file_size(path) > std::filesystem::file_size(biggest)) {
        biggest = path;
      }
    }
    return biggest;
  }
  static void Flip(const std::string& path, uint64_t offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
  }
  PurserdRun Verify() const { return RunPurserd(Concat("verify --data-dir '", DataDir(), "'")); }
};

TEST_F(Damage, OfATornTailCostsNothingBeforeIt) {
  daemon_->Kill();
  const std::string log = Log();
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 7);
  Start();
  for (int i = 0; i + 1 < kCount; ++i) {
    EXPECT_EQ(Get(Concat(kReservations, "/e", i)).status, 200) << i;
  }
  EXPECT_EQ(Get(Concat(kReservations, "/e", kCount - 1)).status, 404);
  EXPECT_EQ(Post(kReservations, Ask(Concat("e", kCount - 1), "1")).status, 201);
  daemon_->Terminate();
  EXPECT_EQ(daemon_->Wait(), 0);
  EXPECT_EQ(Verify().exit_code, 0) << Verify().out;
}

TEST_F(Damage, OfAByteInTheMiddleOfTheLogRefusesTheStart) {
  daemon_->Kill();
  const std::string log = Log();
  Flip(log, std::filesystem::file_size(log) / 2);
  PurserdProcess refused(ServeArguments(), directory_.path() + "/err2");
  EXPECT_EQ(refused.port(), 0);
  EXPECT_EQ(refused.Wait(), 1);
  EXPECT_THAT(refused.Err(), HasSubstr(log + " is damaged at offset "));
  EXPECT_THAT(refused.Err(), testing::ContainsRegex("last good group [0-9]+"));
  EXPECT_THAT(refused.Err(), testing::ContainsRegex("last good sequence: default [0-9]+"));
  const PurserdRun verify = Verify();
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_THAT(verify.err, HasSubstr(log));
}

TEST_F(Damage, OfAnyTableIsFoundByVerifyAndAtTheLatestByIt) {
  Restart();  // what the log held goes into tables
  daemon_->Terminate();
  ASSERT_EQ(daemon_->Wait(), 0);
  const std::vector<std::string> tables = Files(".sst");
  ASSERT_FALSE(tables.empty());
  constexpr uint64_t kInFirstBlock = 10;  // bytes: the smallest table has one short row
  int starts_refused = 0;
  int sequences_named = 0;
  for (const std::string& table : tables) {
    // Opening a store changes its files: each try gets a copy.
    const std::string copy = directory_.path() + "/copy";
    for (const bool start : {false, true}) {
      std::filesystem::remove_all(copy);
      std::filesystem::copy(DataDir(), copy);
      Flip(Concat(copy, "/", std::filesystem::path(table).filename().string()), kInFirstBlock);
      if (start) {
        PurserdProcess daemon({"serve", "--data-dir", copy, "--listen", "127.0.0.1:0", "--quiet",
                               "--test-clock", clock_},
                              copy + ".err");
        if (daemon.port() != 0) continue;
        ++starts_refused;
        EXPECT_EQ(daemon.Wait(), 1);
        EXPECT_THAT(daemon.Err(), testing::ContainsRegex("\\.sst offset [0-9]+")) << table;
        sequences_named += daemon.Err().find("last good sequence") != std::string::npos ? 1 : 0;
      } else {
        const PurserdRun verify = RunPurserd(Concat("verify --data-dir '", copy, "'"));
        EXPECT_EQ(verify.exit_code, 1) << table << "\n" << verify.out << verify.err;
      }
    }
  }
  // The records are read at a start, the old journal is not.
  EXPECT_GT(starts_refused, 1);
  // All but the one whose table is `meta`, which alone knows them.
  EXPECT_GE(sequences_named, starts_refused - 1);
  EXPECT_EQ(Verify().exit_code, 0) << Verify().out << Verify().err;
}

TEST_F(Damage, OfNothingIsLeftByVerifyAndDump) {
  Restart();  // tables and a log
  ASSERT_EQ(Post(kReservations, Ask("late", "1")).status, 201);
  daemon_->Kill();
  const auto before = ReadFiles(DataDir());
  for (const std::string command : {"verify", "dump", "dump --format ledger"}) {
    const PurserdRun run = RunPurserd(Concat(command, " --data-dir '", DataDir(), "'"));
    EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
    EXPECT_EQ(ReadFiles(DataDir()), before) << command;
  }
  EXPECT_THAT(Verify().out, HasSubstr("default: ok"));
}

TEST_F(Starting, MakesNoStoreForAnOfflineCommand) {
  const std::string nowhere = directory_.path() + "/nowhere";
  const std::string empty = directory_.path() + "/empty";
  std::filesystem::create_directory(empty);
  for (const std::string command : {"verify", "dump"}) {
    for (const std::string& path : {nowhere, empty}) {
      const PurserdRun run = RunPurserd(Concat(command, " --data-dir '", path, "'"));
      EXPECT_EQ(run.exit_code, 1);
      EXPECT_EQ(run.err, Concat("purserd: there is no store in ", path, "\n"));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(nowhere));
  EXPECT_TRUE(std::filesystem::is_empty(empty));
}

TEST_F(Damage, OfNothingIsVerified) {
  daemon_->Terminate();
  EXPECT_EQ(daemon_->Wait(), 0);
  const PurserdRun verify = Verify();
  EXPECT_EQ(verify.exit_code, 0) << verify.err;
  EXPECT_THAT(verify.out, HasSubstr(Concat("default: ok, ", kCount + 1, " entries")));
}

}  // namespace
}  // namespace purser
