#ifndef PURSER_TESTS_HOSTILE_FLOOD_H_
#define PURSER_TESTS_HOSTILE_FLOOD_H_

// Connections by the thousand that say nothing.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace purser {

// How many files this process may open, once it has raised its limit as far as it may.
uint64_t RaiseOwnFilesLimit();

// Thread-compatible. Ends with the object.
class IdleFlood {
 public:
  explicit IdleFlood(int port) : port_(port) {}
  ~IdleFlood() { End(); }
  IdleFlood(const IdleFlood&) = delete;
  IdleFlood& operator=(const IdleFlood&) = delete;

  // Begins `count` more connections and waits for none of them.
  void Begin(int count);
  // How many are open at both ends now.
  int CountOpen() const;
  void End();

 private:
  const int port_;
  std::vector<int> sockets_;
};

}  // namespace purser

#endif  // PURSER_TESTS_HOSTILE_FLOOD_H_
