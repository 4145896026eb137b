#ifndef PURSER_LIFECYCLE_PLAIN_PRINTF_H_
#define PURSER_LIFECYCLE_PLAIN_PRINTF_H_

namespace purser {

// Links this file's register_printf_modifier, register_printf_specifier and register_printf_type in
// the C library's place, for the whole process: they register nothing. Clp brings LAPACK, and that
// libquadmath, which teaches printf its numbers when it is loaded; from then on each printf of the
// process takes the C library's slow way, and a page more of each thread's stack (40 MiB of ten
// thousand threads). Nobody here prints such numbers.
void LinkPlainPrintf();

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PLAIN_PRINTF_H_
