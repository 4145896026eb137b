#include "daemon/serve.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <random>

#include "api/http_server.h"
#include "api/service.h"
#include "daemon/commit_pipeline.h"
#include "daemon/log.h"
#include "daemon/real_clock.h"
#include "daemon/rocks_store.h"
#include "daemon/sha256.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr int kDrainMs = 10'000;
constexpr int kAdminThreads = 8;

SequencerOptions MakeSequencerOptions(const ServeOptions& options) {
  SequencerOptions sequencer;
  sequencer.policy.version = PolicyVersion(options.config);
  sequencer.policy.reservations.reserve_purposes.clear();
  for (const std::string& name : options.config.reserve_purposes) {
    stored::Purpose purpose = stored::PURPOSE_UNSPECIFIED;
    if (stored::Purpose_Parse(name, &purpose)) {
      sequencer.policy.reservations.reserve_purposes.insert(purpose);
    }
  }
  // On a test clock nothing is down: time stood still.
  sequencer.resume_leases = options.config.resume_leases && !options.test_clock_us.has_value();
  sequencer.time_zone = options.config.time_zone;
  sequencer.required_labels = options.config.required_labels;
  return sequencer;
}

api::ServiceOptions MakeServiceOptions(const ServeOptions& options) {
  const Config& config = options.config;
  api::ServiceOptions service;
  for (const TokenConfig& token : config.tokens) {
    service.tokens.push_back({token.name, token.sha256, token.scopes, token.populations});
  }
  for (std::string_view scope : kScopes) service.all_scopes.emplace_back(scope);
  service.sha256_hex = [](std::string_view secret) { return Hex(Sha256(secret)); };
  service.hosts = config.hosts;
  for (const std::string& listen : {config.listen, config.admin_listen.value_or(config.listen)}) {
    service.hosts.push_back(listen.substr(0, listen.rfind(':')));
  }
  service.reserve_purposes = config.reserve_purposes;
  service.required_labels = config.required_labels;
  service.version = PURSER_VERSION;
  service.policy_version = PolicyVersion(config);
  service.public_metrics = config.public_metrics;
  std::random_device random;
  service.request_id_prefix = Hex(Sha256(Concat(random(), random()))).substr(0, 8);
  if (!options.quiet) service.log = Log;
  return service;
}

api::HttpServerOptions MakeServerOptions(const Config& config) {
  api::HttpServerOptions server;
  server.listen = config.listen;
  server.threads = config.threads;
  server.keep_alive_timeout_ms = static_cast<int>(config.keep_alive_timeout_ms);
  server.request_timeout_ms = static_cast<int>(config.request_timeout_ms);
  server.body_deadline_ms = static_cast<int>(config.request_timeout_ms);
  return server;
}

// Blocked in every thread that is started after this; the main thread waits for them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

std::string PolicyVersion(const Config& config) {
  if (config.source_text.empty()) return "default";
  return Hex(Sha256(config.source_text)).substr(0, 16);
}

absl::Status Serve(const ServeOptions& options) {
  const sigset_t signals = BlockSignals();
  const int64_t retention_us = options.config.idempotency_retention_s * kSecondUs;
  const auto committed_until_us = std::make_shared<std::atomic<InstantUs>>(0);
  RocksStoreOptions store_options;
  store_options.path = options.data_dir;
  store_options.is_key_over = [committed_until_us, retention_us](std::string_view value) {
    stored::KeyRecord record;
    return record.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
           record.time_us() + retention_us <= committed_until_us->load();
  };
  store_options.log = [](const std::string& text) {
    Log(Concat("event=store_warning text=\"", text, "\""));
  };
  auto store = RocksStore::Open(store_options);
  if (!store.ok()) return store.status();

  RealClock real_clock;
  TestClock test_clock(options.test_clock_us.value_or(0));
  CommitPipelineOptions pipeline_options;
  pipeline_options.sequencer = MakeSequencerOptions(options);
  pipeline_options.queue_length_max = options.config.queue_length_max;
  pipeline_options.idempotency_retention_us = retention_us;
  pipeline_options.committed_until_us = committed_until_us;
  pipeline_options.log = Log;
  Clock* clock = &real_clock;
  if (options.test_clock_us.has_value()) {
    pipeline_options.test_clock = &test_clock;
    clock = &test_clock;
  }
  CommitPipeline pipeline(std::move(pipeline_options), store->get(), clock);
  api::Service service(&pipeline, MakeServiceOptions(options));
  // The addresses first: a daemon that cannot have them writes nothing.
  std::atomic<bool> open = false;
  const auto handle = [&service, &open](const api::HttpRequest& request) {
    return open.load() ? service.Handle(request) : service.RefuseEarly(request);
  };
  auto server = api::HttpServer::Start(MakeServerOptions(options.config), handle);
  if (!server.ok()) return server.status();
  std::unique_ptr<api::HttpServer> admin;
  if (options.config.admin_listen.has_value()) {
    api::HttpServerOptions admin_options = MakeServerOptions(options.config);
    admin_options.listen = *options.config.admin_listen;
    admin_options.threads = kAdminThreads;
    admin_options.admin_listener = true;
    auto started = api::HttpServer::Start(admin_options, handle);
    if (!started.ok()) return started.status();
    admin = *std::move(started);
  }
  if (auto status = pipeline.Start(); !status.ok()) return status;
  open.store(true);

  const std::string host = options.config.listen.substr(0, options.config.listen.rfind(':'));
  std::printf("listening on http://%s:%d\n", host.c_str(), (*server)->port());
  std::fflush(stdout);
  Log(Concat("event=started data_dir=", options.data_dir, " version=", PURSER_VERSION,
             options.config.tokens.empty() ? " authentication=none principal=local" : ""));
  int signal = 0;
  sigwait(&signals, &signal);
  Log(Concat("event=stopping signal=", signal));
  // First the edge, which answers what is in flight, then the writer.
  (*server)->Stop(kDrainMs);
  if (admin != nullptr) admin->Stop(kDrainMs);
  pipeline.Stop();
  Log("event=stopped");
  return absl::OkStatus();
}

}  // namespace purser
