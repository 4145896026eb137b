# What the independent calculations of all traces share: POSIX awk, nothing of the Python beside it.
#
# Amounts are whole millionths of a GPU hour. awk's numbers are doubles, exact for whole numbers
# below 2^53 (9.0e15). Per population: free[] can be promised, kept[] is the reserve, promised[] is
# held, used[] is spent, owed[] is the overdraft, counted positive. Of job j: name[j], verdict[j]
# ("" = granted), final[j], and when it ends due[j], twice a second: odd = after its requests.

function up(a, b,    rest) { rest = a % b; return (a - rest) / b + (rest > 0) }  # a / b, rounded up

function hours(m,    text) {  # millionths as a decimal without trailing zeros
  text = sprintf("%.0f.%06.0f", (m - m % 1000000) / 1000000, m % 1000000)
  sub(/\.?0+$/, "", text)
  return text
}

function pass(until) {  # what ends by then: twice a second, odd = after its requests
  while (waiting > 0 && due[line[waiting]] <= until) finish(line[waiting--])
}

function wait(j,    i) {  # the next to end stands last in line[]; ties in file order
  for (i = waiting++; i > 0 && due[line[i]] <= due[j]; i--) line[i + 1] = line[i]
  line[i + 1] = j
}

function tell(n, granted_total,    g, c, s, j, p, sum, text) {  # the three files of n jobs
  g = out "/granted.csv"; c = out "/charged.csv"; s = out "/summary.txt"
  printf "" > g; printf "" > c
  for (j = 1; j <= n; j++) {
    print name[j] "," (verdict[j] == "" ? "GRANTED" : "DENIED") > g
    if (verdict[j] == "") print name[j] "," final[j] > c
  }
  close(g); close(c)
  for (p in free)
    if (free[p] + kept[p] + promised[p] + used[p] - owed[p] != granted_total || promised[p] != 0) {
      print "population p" p " does not add up" > "/dev/stderr"; exit 1
    }
  print "jobs with GPUs: " n + 0 > s
  print "granted: " count["granted"] + 0 > s
  print "denied: " count["denied"] + 0 > s
  print "denied reserve_protected: " count["reserve_protected"] + 0 > s
  print "denied insufficient_capacity: " count["insufficient_capacity"] + 0 > s
  print "denied overdrawn: " count["overdrawn"] + 0 > s
  print "final SETTLED: " count["SETTLED"] + 0 > s
  print "final RELEASED: " count["RELEASED"] + 0 > s
  print "GPU hours charged: " hours(total) > s
  print "peak open: " peak + 0 > s
  ("sha256sum < '" g "'") | getline sum; print "granted.csv sha256: " substr(sum, 1, 64) > s
  ("sha256sum < '" c "'") | getline sum; print "charged.csv sha256: " substr(sum, 1, 64) > s
  close(s)
  while ((getline text < s) > 0) print text
}
