# What the independent calculations of money share: POSIX awk, nothing of the Python beside it.
#
# Amounts are whole millionths of a USD, rates and exact sums whole millionths of a millionth.
# awk's numbers are doubles, exact for whole numbers below 2^53 (9.0e15); `sure` ends the
# calculation at the first that is not below it.

function fail(text) { print text > "/dev/stderr"; failed = 1; exit 1 }

function sure(n) {
  if (n >= 9007199254740992 || n <= -9007199254740992) fail(n " is too large")
  return n
}

function units(text, digits,    dot, whole, part) {  # a decimal as a whole number of 10^-digits
  dot = index(text, "."); whole = dot ? substr(text, 1, dot - 1) : text
  part = dot ? substr(text, dot + 1) : ""
  if (length(part) > digits) fail(text " has more than " digits " digits")
  while (length(part) < digits) part = part "0"
  return sure((whole part) + 0)
}

function nearest(n, d,    rest) {  # n / d, half away from zero; n >= 0
  rest = n % d; return (n - rest) / d + (2 * rest >= d)
}

function decimal(n, digits,    text, sign) {  # a whole number of 10^-digits, with all of them
  sign = n < 0 ? "-" : ""; text = sprintf("%.0f", n < 0 ? -n : n)
  while (length(text) <= digits) text = "0" text
  return sign substr(text, 1, length(text) - digits) "." substr(text, length(text) - digits + 1)
}

function usd(micros,    text) {  # without trailing zeros
  text = decimal(micros, 6); sub(/\.?0+$/, "", text)
  return text
}

function finish(    sum, text) {  # lines.csv and costs.csv are written; their sums, and the summary
  close(lines); close(sorted)
  ("sha256sum < '" lines "'") | getline sum; print "lines.csv sha256: " substr(sum, 1, 64) > summary
  ("sha256sum < '" costs "'") | getline sum; print "costs.csv sha256: " substr(sum, 1, 64) > summary
  close(summary)
  while ((getline text < summary) > 0) print text
}

function begin() {
  lines = out "/lines.csv"; costs = out "/costs.csv"; summary = out "/summary.txt"
  sorted = "LC_ALL=C sort > '" costs "'"
  printf "" > lines; printf "" > summary
}
