#include "api/http_stream.h"

#include "absl/strings/str_format.h"

namespace purser::api {
namespace {

constexpr char kLastChunk[] = "0\r\n\r\n";

std::string Chunk(const std::string& piece) {
  std::string chunk = absl::StrFormat("%x\r\n", piece.size());
  chunk += piece;
  chunk += "\r\n";
  return chunk;
}

}  // namespace

void SendStream(const HttpStream& stream, bool chunked,
                const std::function<HttpStreamEnd(std::string_view bytes)>& write) {
  HttpStreamEnd end = HttpStreamEnd::kWhole;
  std::string piece;
  while (end == HttpStreamEnd::kWhole && stream.next(&piece)) {
    // An empty chunk would be the last one.
    if (!piece.empty()) end = write(chunked ? Chunk(piece) : piece);
    piece.clear();
  }
  const bool broke_off = stream.is_whole && !stream.is_whole();
  if (end == HttpStreamEnd::kWhole && chunked && !broke_off) end = write(kLastChunk);
  stream.ended(end);
}

}  // namespace purser::api
