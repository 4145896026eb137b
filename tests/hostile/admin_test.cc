// The second listener: what it serves, and what it is not started with.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class AdminListener : public DaemonTest {
 protected:
  void SetUp() override {
    WriteConfig("[server]\nadmin_listen = \"127.0.0.1:0\"\nthreads = 4\n");
    Start();
    admin_port_ = daemon_->ReadAdminPort();
    ASSERT_NE(admin_port_, 0);
    ASSERT_NE(admin_port_, port());
  }
  std::string DataOption() const { return Concat(" --data-dir '", directory_.path(), "/other'"); }

  int admin_port_ = 0;
};

TEST_F(AdminListener, ServesTheSameRoutes) {
  RestClient admin(admin_port_);
  EXPECT_EQ(admin.Get("/livez").status, 200);
  EXPECT_EQ(admin.Get("/readyz").status, 200);
  EXPECT_EQ(admin.Get("/metrics").status, 200);
  EXPECT_EQ(admin.Post(kReservations, Ask("a", "1")).status, 201);
  EXPECT_EQ(Get(kReservations + "/a").status, 200);
  EXPECT_EQ(admin.Get("/livez", {{"Host", "evil.example"}}).status, 421);
}

TEST_F(AdminListener, AnswersWhileTheFirstHasNoThreadLeft) {
  // More bodies that do not come than there are threads: nobody of them has to give way for 5 s.
  std::vector<std::unique_ptr<api::RawClient>> slow;
  slow.reserve(4 + 200);
  for (int i = 0; i < 4 + 200; ++i) {
    slow.push_back(std::make_unique<api::RawClient>(port()));
    slow.back()->Send("POST /v1/populations HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{");
  }
  RestClient admin(admin_port_);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(admin.Get("/livez").status, 200);
    EXPECT_EQ(admin.Post(kReservations, Ask(Concat("a", i), "1")).status, 201);
  }
  EXPECT_EQ(admin.Post(kBooks + "/freezes", R"({"population":true,"reason":"flood"})").status, 201);
}

TEST_F(AdminListener, IsRefusedWhereItCannotBe) {
  const PurserdRun same = RunPurserd(
      Concat("serve --listen 127.0.0.1:7999 --admin-listen 127.0.0.1:7999", DataOption()));
  EXPECT_EQ(same.exit_code, 2);
  EXPECT_THAT(same.err, HasSubstr("--admin-listen 127.0.0.1:7999: is the same as --listen"));
  const PurserdRun beyond =
      RunPurserd(Concat("serve --listen 127.0.0.1:0 --admin-listen 0.0.0.0:7999", DataOption()));
  EXPECT_EQ(beyond.exit_code, 2);
  EXPECT_THAT(beyond.err, HasSubstr("--admin-listen 0.0.0.0:7999: beyond loopback"));
  const PurserdRun nonsense =
      RunPurserd(Concat("serve --listen 127.0.0.1:0 --admin-listen here", DataOption()));
  EXPECT_EQ(nonsense.exit_code, 2);
  EXPECT_THAT(nonsense.err, HasSubstr("--admin-listen: \"here\" is not host:port"));
  const PurserdRun taken = RunPurserd(
      Concat("serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:", admin_port_, DataOption()));
  EXPECT_EQ(taken.exit_code, 1);
  EXPECT_THAT(taken.err, HasSubstr(Concat("cannot listen at 127.0.0.1:", admin_port_)));
}

TEST_F(AdminListener, CountsAmongTheFilesThatMayBeOpen) {
  const PurserdRun few =
      RunPurserd(Concat("serve --listen 127.0.0.1:0", DataOption()), "ulimit -n 500");
  EXPECT_EQ(few.exit_code, 1);
  EXPECT_THAT(few.err, HasSubstr("server.threads takes 832 open files"));
  EXPECT_THAT(few.err, HasSubstr("the limit here is 500"));
}

}  // namespace
}  // namespace purser
