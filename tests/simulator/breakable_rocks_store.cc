#include "tests/simulator/breakable_rocks_store.h"

#include <iterator>
#include <utility>

#include "daemon/closed_snapshot.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/fixtures/simulated_disk.h"

namespace purser {
namespace {

using Files = FaultyFileSystem::Files;

// About as many operations change the disk in one opening.
constexpr uint64_t kOperationsOfAnOpening = 60;

}  // namespace

BreakableRocksStore::BreakableRocksStore(uint64_t seed, DiskCounts* counts, Disk disk)
    : random_(seed), counts_(counts), disk_kind_(disk), disk_(seed) {
  PURSER_CHECK(Open().ok(), "a new store opens");
  LieAgain();
}

BreakableRocksStore::~BreakableRocksStore() = default;

void BreakableRocksStore::LieAgain() {
  if (disk_kind_ == Disk::kSyncsNothing) disk_.Break(DiskFault::kSyncLies, Files::kLogs);
  disk_.disk().SetForgetful(disk_kind_ == Disk::kForgetsNewFiles);
}

absl::Status BreakableRocksStore::Open() {
  RocksStoreOptions options;
  options.path = directory_.path() + "/store";
  options.environment_for_test = disk_.environment();
  auto opened = RocksStore::Open(options);
  if (!opened.ok()) return opened.status();
  store_ = *std::move(opened);
  return absl::OkStatus();
}

Appended BreakableRocksStore::Append(uint64_t expected_group, const std::vector<Row>& rows) {
  if (store_ == nullptr) return Appended::kUnknown;
  return store_->Append(expected_group, rows);
}

std::unique_ptr<StoreSnapshot> BreakableRocksStore::TakeSnapshot() {
  if (store_ == nullptr) return std::make_unique<ClosedSnapshot>();
  return store_->TakeSnapshot();
}

// Each group is one write and one sync.
std::string BreakableRocksStore::BreakNextAppend(uint64_t) {
  ++counts_->broken_appends;
  disk_.Mend();
  if (Pick(4) == 0) {
    disk_.CutPowerAfter(Pick(2));
    return "the power goes";
  }
  const DiskFault fault = kDiskErrors[Pick(std::size(kDiskErrors))];
  disk_.Break(fault, Files::kLogs, 0, Pick(2) == 0 ? 1 : FaultyFileSystem::kAlways);
  return ToString(fault);
}

void BreakableRocksStore::Crash() {
  disk_.disk().CutPower();
  store_.reset();
  disk_.disk().RestorePower();
  ++counts_->power_cuts;
}

void BreakableRocksStore::BreakOpening() {
  switch (Pick(3)) {
    case 0:
      disk_.BreakReads(Pick(40));
      break;
    case 1:
      disk_.Break(kDiskErrors[Pick(std::size(kDiskErrors))], Files::kAll,
                  Pick(kOperationsOfAnOpening / 3));
      break;
    default:
      disk_.CutPowerAfter(Pick(kOperationsOfAnOpening));
  }
}

absl::Status BreakableRocksStore::Reopen() {
  disk_.Mend();
  if (!disk_.disk().has_power()) Crash();
  if (failing_reopens_ > 0) {
    --failing_reopens_;
    BreakOpening();
  }
  absl::Status status = store_ != nullptr ? store_->Reopen() : Open();
  if (!disk_.disk().has_power()) {
    ++counts_->cuts_while_opening;
    status = absl::UnavailableError("the power went");
  }
  disk_.Mend();
  LieAgain();
  ++(status.ok() ? counts_->openings : counts_->failed_openings);
  return status;
}

std::string BreakableRocksStore::FlushAll() {
  const uint64_t kind = Pick(8);
  if (kind == 0) disk_.BreakReads(Pick(20));
  if (kind == 1) disk_.Break(kDiskErrors[Pick(std::size(kDiskErrors))], Files::kAll, Pick(20));
  if (kind == 2) disk_.CutPowerAfter(Pick(80));
  const bool good = store_->Flush().ok();
  // What was not met is not to be met by whatever comes next.
  disk_.Mend();
  ++(good ? counts_->flushes : counts_->failed_flushes);
  return good ? "the store moves everything to tables" : "the store fails to move to tables";
}

std::string BreakableRocksStore::Befall() {
  if (store_ == nullptr || disk_kind_ != Disk::kHonest) return "";
  switch (Pick(80)) {
    case 0:
    case 1:
      return FlushAll();
    case 2:
      disk_.CutPowerAfter(Pick(12));
      return "the power will go";
    case 3:
      disk_.Break(kDiskErrors[Pick(std::size(kDiskErrors))], Files::kAll, Pick(6), 1);
      return "the disk will fail";
    default:
      return "";
  }
}

}  // namespace purser
