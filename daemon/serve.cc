#include "daemon/serve.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <random>

#include "api/http_server.h"
#include "api/service.h"
#include "daemon/commit_pipeline.h"
#include "daemon/log.h"
#include "daemon/open_files.h"
#include "daemon/real_clock.h"
#include "daemon/reviewer.h"
#include "daemon/rocks_store.h"
#include "daemon/sha256.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr int kDrainMs = 10'000;
constexpr int kAdminThreads = 8;
constexpr char kDefaultAddress[] = "127.0.0.1:7480";  // where `purser` looks

SequencerOptions MakeSequencerOptions(const ServeOptions& options) {
  SequencerOptions sequencer;
  sequencer.policy.version = PolicyVersion(options.config);
  sequencer.policy.reservations.minimum_run_us = options.config.minimum_run_ms * 1'000;
  ModelPolicy& models = sequencer.policy.models;
  models.rollback_window_us = options.config.rollback_window_ms * 1'000;
  models.budget_step_percent = Amount::FromUnits(options.config.budget_step_percent);
  models.cost_margin_percent = Amount::FromUnits(options.config.cost_margin_percent);
  models.lent_slots_max = options.config.lent_slots_max;
  models.coverage_minimum = options.config.coverage_minimum;
  for (const std::string& name : options.config.auto_approve) {
    stored::ProposalSettings::Kind kind = stored::ProposalSettings::KIND_UNSPECIFIED;
    if (stored::ProposalSettings::Kind_Parse(name, &kind)) models.auto_approve.insert(kind);
  }
  models.auto_approve_net_value_min = Amount::FromUnits(options.config.auto_approve_net_value_min);
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

ReviewPolicy MakeReviewPolicy(const Config& config) {
  ReviewPolicy policy;
  policy.proposals_max = static_cast<size_t>(config.review_proposals_max);
  policy.redundancy_tolerance_percent = Amount::FromUnits(config.redundancy_tolerance_percent);
  return policy;
}

std::unique_ptr<Reviewer> StartReviewer(const Config& config, CommitPipeline* pipeline) {
  ReviewerOptions options;
  options.interval_us = config.review_interval_ms * 1'000;
  options.log = Log;
  auto reviewer = std::make_unique<Reviewer>(std::move(options), pipeline, pipeline->follower());
  reviewer->Start();
  return reviewer;
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
  service.threads = config.threads;
  service.admin_threads = kAdminThreads;
  service.watch_behind_max = static_cast<uint64_t>(config.watch_behind_max);
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

// The most connections that are open at once, of both listeners.
uint64_t ConnectionsMax(const Config& config) {
  const int listeners = config.admin_listen.has_value() ? 2 : 1;
  const int threads = config.threads + (listeners == 2 ? kAdminThreads : 0);
  return static_cast<uint64_t>(threads) +
         static_cast<uint64_t>(listeners) * static_cast<uint64_t>(api::kHttpConnectionQueue);
}

// "127.0.0.1:7480", with the port that was got where 0 was asked for.
std::string AddressOf(const std::string& listen, const api::HttpServer& server) {
  return Concat(listen.substr(0, listen.rfind(':')), ":", server.port());
}

// For whoever has just started the first daemon of their life.
void Greet(const std::string& address) {
  std::error_code error;
  const auto program = std::filesystem::canonical("/proc/self/exe", error);
  const std::string purser = error ? "purser" : (program.parent_path() / "purser").string();
  const std::string url = address == kDefaultAddress ? "" : Concat(" --url http://", address);
  std::printf(
      "\nTo try next, from another terminal:\n\n"
      "  %s%s status\n  %s%s journal tail\n"
      "  curl -s http://%s/v1/populations/default/resources\n\nStop it with Ctrl-C.\n\n",
      purser.c_str(), url.c_str(), purser.c_str(), url.c_str(), address.c_str());
}

}  // namespace

std::string PolicyVersion(const Config& config) {
  if (config.source_text.empty()) return "default";
  return Hex(Sha256(config.source_text)).substr(0, 16);
}

// What can be had before the books are opened: a daemon that cannot have its addresses changes
// nothing in the directory. Until there is a service, requests are told that it is starting.
struct Listeners {
  std::atomic<api::Service*> service{nullptr};
  std::unique_ptr<api::HttpServer> server;
  std::unique_ptr<api::HttpServer> admin;

  absl::Status Start(const Config& config);
};

absl::Status Listeners::Start(const Config& config) {
  const auto handle = [this](const api::HttpRequest& request) {
    api::Service* const open = service.load();
    return open != nullptr ? open->Handle(request) : api::RefuseEarly(request);
  };
  auto started = api::HttpServer::Start(MakeServerOptions(config), handle);
  if (!started.ok()) return started.status();
  server = *std::move(started);
  if (!config.admin_listen.has_value()) return absl::OkStatus();
  api::HttpServerOptions admin_options = MakeServerOptions(config);
  admin_options.listen = *config.admin_listen;
  admin_options.threads = kAdminThreads;
  admin_options.admin_listener = true;
  started = api::HttpServer::Start(admin_options, handle);
  if (!started.ok()) return started.status();
  admin = *std::move(started);
  return absl::OkStatus();
}

// On stdout, for whoever started it.
void Announce(const ServeOptions& options, const Listeners& listeners) {
  const std::string address = AddressOf(options.config.listen, *listeners.server);
  std::printf("listening on http://%s\n", address.c_str());
  if (listeners.admin != nullptr) {
    std::printf("for operators also on http://%s\n",
                AddressOf(*options.config.admin_listen, *listeners.admin).c_str());
  }
  if (options.greet) Greet(address);
  std::fflush(stdout);
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
  RealClock real_clock;
  TestClock test_clock(options.test_clock_us.value_or(0));
  CommitPipelineOptions pipeline_options;
  pipeline_options.sequencer = MakeSequencerOptions(options);
  pipeline_options.queue_length_max = options.config.queue_length_max;
  pipeline_options.idempotency_retention_us = retention_us;
  pipeline_options.committed_until_us = committed_until_us;
  pipeline_options.log = Log;
  pipeline_options.review = MakeReviewPolicy(options.config);
  Clock* clock = &real_clock;
  if (options.test_clock_us.has_value()) {
    pipeline_options.test_clock = &test_clock;
    clock = &test_clock;
  }
  // Destroyed in the other order: the edge before what it asks, that before the store.
  std::unique_ptr<RocksStore> store;
  std::unique_ptr<CommitPipeline> pipeline;
  std::unique_ptr<Reviewer> reviewer;
  std::unique_ptr<api::Service> service;
  Listeners listeners;
  const auto store_files = StoreFilesWithin(RaiseOpenFilesLimit(), ConnectionsMax(options.config),
                                            store_options.open_files_max);
  if (!store_files.ok()) return store_files.status();
  store_options.open_files_max = *store_files;
  if (auto status = listeners.Start(options.config); !status.ok()) return status;
  auto opened = RocksStore::Open(store_options);
  if (!opened.ok()) return opened.status();
  store = *std::move(opened);
  pipeline = std::make_unique<CommitPipeline>(std::move(pipeline_options), store.get(), clock);
  if (auto status = pipeline->Start(); !status.ok()) return status;
  service = std::make_unique<api::Service>(pipeline.get(), MakeServiceOptions(options));
  listeners.service.store(service.get());
  reviewer = StartReviewer(options.config, pipeline.get());

  Announce(options, listeners);
  Log(Concat("event=started data_dir=", options.data_dir, " version=", PURSER_VERSION,
             options.config.tokens.empty() ? " authentication=none principal=local" : ""));
  int signal = 0;
  sigwait(&signals, &signal);
  Log(Concat("event=stopping signal=", signal));
  // Those who wait would hold the edge; then the edge, which answers what is in flight, then the
  // writer.
  pipeline->bulletin().Close();
  listeners.server->Stop(kDrainMs);
  if (listeners.admin != nullptr) listeners.admin->Stop(kDrainMs);
  reviewer->Stop();
  pipeline->Stop();
  Log("event=stopped");
  return absl::OkStatus();
}

}  // namespace purser
