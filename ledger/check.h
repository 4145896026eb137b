#ifndef PURSER_LEDGER_CHECK_H_
#define PURSER_LEDGER_CHECK_H_

// PURSER_CHECK ends the process, with one line, when one of our own rules is broken. It is always
// on, in every build: a ledger that goes on after a broken invariant is worth nothing. Never use it
// on input.
#include <cstdio>
#include <cstdlib>

#define PURSER_CHECK(condition, what)                                                          \
  do {                                                                                         \
    if (!(condition)) [[unlikely]] {                                                           \
      std::fprintf(stderr, "purser: broken invariant at %s:%d: %s (%s)\n", __FILE__, __LINE__, \
                   what, #condition);                                                          \
      std::abort();                                                                            \
    }                                                                                          \
  } while (false)

#endif  // PURSER_LEDGER_CHECK_H_
