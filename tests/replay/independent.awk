# What the replay of gpu_jobs.csv must find, by plain arithmetic: POSIX awk, shares nothing with
# replay.py.
#
#   awk -v out=DIR [-v limit=N] -f independent.awk gpu_jobs.csv
#
# Walks the requests in file order; before each it gives back what ended by then. Amounts are whole
# millionths of a GPU hour. awk's numbers are doubles, exact for whole numbers below 2^53 (9.0e15);
# the largest here, 8 x 1000 x 12,902,960 s x 10, is 1.1e12, and each division is of a multiple.
# Per population: free[] can be promised, kept[] is the reserve (of 12,000 h: 3,000), promised[] is
# held, used[] is spent, owed[] is the overdraft, counted positive. In this trace a charge is never
# above its hold (end - start <= end - submit), so the rules of debts find nothing to do in it.

function up(a, b,    rest) { rest = a % b; return (a - rest) / b + (rest > 0) }  # a / b, rounded up

function hours(m,    text) {  # millionths as a decimal without trailing zeros
  text = sprintf("%.0f.%06.0f", (m - m % 1000000) / 1000000, m % 1000000)
  sub(/\.?0+$/, "", text)
  return text
}

function inflow(p, amount,    i, part) {  # debts, the oldest first, then the reserve, then free
  for (i = 1; i <= debts && amount > 0; i++) {
    if (debt_of[i] != p || debt[i] == 0) continue
    part = amount < debt[i] ? amount : debt[i]
    debt[i] -= part; owed[p] -= part; owes[p, debtor[i]] -= part; amount -= part
  }
  part = amount < 3000000000 - kept[p] ? amount : 3000000000 - kept[p]
  kept[p] += part
  free[p] += amount - part
}

function finish(j,    p, held, charge, over, part) {  # the end of a job that was granted
  p = pop[j]; held = hold[j]; promised[p] -= held
  charge = started[j] ? up(milli[j] * (end[j] - start[j]) * 10, 36) : 0
  final[j] = (started[j] ? "SETTLED," : "RELEASED,") sprintf("%.0f", charge)
  used[p] += charge; total += charge; count[started[j] ? "SETTLED" : "RELEASED"]++
  over = charge > held ? charge - held : 0
  part = over < free[p] ? over : free[p]  # an overrun takes what is free, never the reserve
  free[p] -= part; over -= part
  if (over > 0) {
    debts++; debt_of[debts] = p; debtor[debts] = qos[j]; debt[debts] = over
    owed[p] += over; owes[p, qos[j]] += over
  }
  if (charge < held) inflow(p, held - charge)
  open--
}

function pass(until) {  # what ends by then: twice a second, odd = after its requests
  while (waiting > 0 && due[line[waiting]] <= until) finish(line[waiting--])
}

function wait(j,    i) {  # the next to end stands last in line[]; ties in file order
  for (i = waiting++; i > 0 && due[line[i]] <= due[j]; i--) line[i + 1] = line[i]
  line[i + 1] = j
}

BEGIN { FS = "," }

FNR == 1 || $5 == 0 { next }

limit != "" && n >= limit { exit }

{
  n++; name[n] = $1; start[n] = $3; end[n] = $4; milli[n] = $5 * $6; qos[n] = $10
  started[n] = $3 != ""
  pop[n] = p = ($2 - $2 % 2592000) / 2592000
  if (!(p in free)) { free[p] = 9000000000; kept[p] = 3000000000 }
  asked = up($4 - $2, 3600); if (asked < 1) asked = 1
  hold[n] = asked * milli[n] * 1000
  due[n] = 2 * $4 + (started[n] && $3 == $4)
  pass(2 * $2)
  if (owes[p, $10] > 0) { verdict[n] = "overdrawn" }
  else if (hold[n] > free[p] + kept[p]) { verdict[n] = "insufficient_capacity" }
  else if (hold[n] > free[p]) { verdict[n] = "reserve_protected" }
  else { free[p] -= hold[n]; promised[p] += hold[n]; wait(n); if (++open > peak) peak = open }
  count[verdict[n] == "" ? "granted" : "denied"]++
  count[verdict[n]]++
}

END {
  while (waiting > 0) finish(line[waiting--])
  g = out "/granted.csv"; c = out "/charged.csv"; s = out "/summary.txt"
  printf "" > g; printf "" > c
  for (j = 1; j <= n; j++) {
    print name[j] "," (verdict[j] == "" ? "GRANTED" : "DENIED") > g
    if (verdict[j] == "") print name[j] "," final[j] > c
  }
  close(g); close(c)
  for (p in free)
    if (free[p] + kept[p] + promised[p] + used[p] - owed[p] != 12000000000 || promised[p] != 0) {
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
