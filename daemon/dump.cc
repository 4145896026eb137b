#include "daemon/dump.h"

#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "api/json_scalar.h"
#include "daemon/history.h"
#include "daemon/ledger_text.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "daemon/sha256.h"
#include "google/protobuf/text_format.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser {
namespace {

using api::AppendJsonString;

std::string TimeText(InstantUs time_us) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixMicros(time_us),
                          absl::UTCTimeZone());
}

std::string LowerCase(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

// Appends `,"name":` and the value as a string.
void AppendText(std::string_view name, std::string_view value, std::string* line) {
  *line += Concat(",\"", name, "\":");
  AppendJsonString(value, line);
}

void AppendFacts(const stored::Entry& entry, std::string* line) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  *line += ",\"facts\":[";
  bool first = true;
  const auto append = [&](const google::protobuf::Message& fact) {
    std::string text;
    printer.PrintToString(fact, &text);
    while (!text.empty() && text.back() == ' ') text.pop_back();
    if (!first) *line += ',';
    first = false;
    AppendJsonString(text, line);
  };
  for (const auto& fact : entry.ledger_facts()) append(fact);
  for (const auto& fact : entry.reservation_facts()) append(fact);
  *line += ']';
}

void AppendPostings(const stored::Entry& entry, const ResourceDirectory& directory,
                    std::string* line) {
  *line += ",\"postings\":[";
  bool first = true;
  for (const auto& posting : entry.postings()) {
    *line += first ? "{\"resource\":" : ",{\"resource\":";
    first = false;
    AppendJsonString(directory.Find(posting.resource()).name, line);
    AppendText("operation", stored::Operation_Name(posting.operation()), line);
    AppendText("from", LowerCase(stored::Account_Name(posting.from())), line);
    AppendText("to", LowerCase(stored::Account_Name(posting.to())), line);
    AppendText("amount", Amount::FromMicros(posting.amount()).ToString(), line);
    *line += '}';
  }
  *line += "],\"balances\":[";
  first = true;
  for (const auto& balances : entry.balances()) {
    *line += first ? "{\"resource\":" : ",{\"resource\":";
    first = false;
    AppendJsonString(directory.Find(balances.resource()).name, line);
    for (int i = 0; i < balances.accounts_size() && i < kAccountCount; ++i) {
      AppendText(LowerCase(stored::Account_Name(static_cast<Account>(i))),
                 Amount::FromMicros(balances.accounts(i)).ToString(), line);
    }
    AppendText("base", Amount::FromMicros(balances.base()).ToString(), line);
    AppendText("shortfall", Amount::FromMicros(balances.shortfall()).ToString(), line);
    *line += '}';
  }
  *line += ']';
}

std::string JsonLine(std::string_view population, const History::Visited& visited,
                     const ResourceDirectory& directory) {
  const stored::Entry& entry = visited.entry;
  std::string line = "{\"population\":";
  AppendJsonString(population, &line);
  line += Concat(",\"sequence\":", entry.sequence());
  AppendText("time", TimeText(entry.time_us()), &line);
  AppendText("command", stored::CommandKind_Name(entry.command()), &line);
  AppendText("principal", entry.principal(), &line);
  AppendText("policy_version", entry.policy_version(), &line);
  if (!entry.key().empty()) AppendText("key", entry.key(), &line);
  if (!entry.request_id().empty()) AppendText("request_id", entry.request_id(), &line);
  AppendFacts(entry, &line);
  AppendPostings(entry, directory, &line);
  AppendText("hash", Hex(visited.hash), &line);
  AppendText("stored", absl::Base64Escape(visited.bytes), &line);
  line += "}\n";
  return line;
}

// The names of the resources as far as the journal has made them.
void Learn(const stored::Entry& entry, ResourceDirectory* directory) {
  for (const auto& fact : entry.ledger_facts()) {
    if (!fact.has_resource_created()) continue;
    const auto& created = fact.resource_created();
    // A number beyond is a broken journal's; postings to it then lack a name.
    if (created.resource() > kResourceNumbersMax) continue;
    directory->Add(created.resource(), created.settings().name(),
                   created.settings().kind() == stored::CONSUMABLE);
  }
}

absl::Status DumpPopulation(std::unique_ptr<StoreSnapshot> snapshot,
                            const stored::PopulationMeta& meta, DumpOptions::Format format,
                            std::ostream& out) {
  History history(std::move(snapshot), meta.number(), std::make_shared<ResourceDirectory>());
  ResourceDirectory directory;
  return history.ForEachEntry(1, [&](const History::Visited& visited) {
    Learn(visited.entry, &directory);
    out << (format == DumpOptions::Format::kLedger
                ? LedgerText(meta.name(), visited.entry, directory)
                : JsonLine(meta.name(), visited, directory));
    return out.good();
  });
}

}  // namespace

bool ParseDumpFormat(std::string_view text, DumpOptions::Format* format) {
  if (text != "json" && text != "ledger") return false;
  *format = text == "json" ? DumpOptions::Format::kJsonLines : DumpOptions::Format::kLedger;
  return true;
}

absl::Status Dump(JournalStore* store, const DumpOptions& options, std::ostream& out) {
  std::vector<stored::PopulationMeta> populations;
  const auto snapshot = store->TakeSnapshot();
  auto status = ForEachRow(snapshot.get(), Table::kMeta, schema::kMetaPrefix,
                           [&](std::string_view, std::string_view value) -> absl::Status {
                             auto& meta = populations.emplace_back();
                             const int size = static_cast<int>(value.size());
                             if (meta.ParseFromArray(value.data(), size)) return absl::OkStatus();
                             return absl::DataLossError("table meta: a row cannot be read");
                           });
  if (!status.ok()) return status;
  bool found = options.population.empty();
  for (const auto& meta : populations) {
    if (!options.population.empty() && meta.name() != options.population) continue;
    found = true;
    status = DumpPopulation(store->TakeSnapshot(), meta, options.format, out);
    if (!status.ok()) return status;
  }
  if (!found) {
    return absl::NotFoundError(Concat("there is no population \"", options.population, "\""));
  }
  out.flush();
  return out.good() ? absl::OkStatus() : absl::DataLossError("the output cannot be written");
}

int RunDump(JournalStore* store, const DumpOptions& options, std::ostream& out,
            std::ostream& errors) {
  const absl::Status status = Dump(store, options, out);
  if (status.ok()) return 0;
  errors << "dump: " << status.message() << "\n";
  return absl::IsNotFound(status) ? 2 : 1;
}

int RunDump(JournalStore* store, const DumpOptions& options, std::ostream& out) {
  return RunDump(store, options, out, std::cerr);
}

}  // namespace purser
