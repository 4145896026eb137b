#ifndef PURSER_DAEMON_LOG_H_
#define PURSER_DAEMON_LOG_H_

// Structured one-line logs on the standard error: `time=… key=value …`. Thread-safe.
#include <string>

namespace purser {

// Writes one line, in one piece. Control characters in `text` become '?', so that a client's bytes
// cannot begin a line of their own.
void Log(const std::string& text);

}  // namespace purser

#endif  // PURSER_DAEMON_LOG_H_
