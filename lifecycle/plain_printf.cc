#include "lifecycle/plain_printf.h"

#include <printf.h>

extern "C" {

int register_printf_modifier(const wchar_t*) noexcept { return -1; }

int register_printf_specifier(int, printf_function*, printf_arginfo_size_function*) noexcept {
  return -1;
}

int register_printf_type(printf_va_arg_function*) noexcept { return -1; }

}  // extern "C"

namespace purser {

void LinkPlainPrintf() {}

}  // namespace purser
