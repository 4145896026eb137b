#ifndef PURSER_DAEMON_BATCH_ROWS_H_
#define PURSER_DAEMON_BATCH_ROWS_H_

// Reads the rows of one record of the store's log without RocksDB, for the words of a refused
// start: which sequence each population had reached.
//
// Format, of RocksDB's write batches (db/write_batch.cc): sequence (8), count (4), then for each
// row a tag (1: 5 puts, 4 deletes, in a column family whose number follows), the family (varint),
// the key (varint length, bytes) and, of a put, the value likewise. Pure functions, thread-safe.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace purser {

// The last sequence of each population that the batch changed, into `sequences`, by name. The
// store's batches begin with a row of the table `meta`, so its family is that of the first row.
// What is not a batch of the store adds nothing.
void AddLastSequences(std::string_view batch, std::map<std::string, uint64_t>* sequences);

}  // namespace purser

#endif  // PURSER_DAEMON_BATCH_ROWS_H_
