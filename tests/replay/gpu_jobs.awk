# What the replay of gpu_jobs.csv must find, by plain arithmetic.
#
#   awk -v out=DIR [-v limit=N] -f report.awk -f gpu_jobs.awk gpu_jobs.csv
#
# Walks the requests in file order; before each it gives back what ended by then. The largest number
# here, 8 x 1000 x 12,902,960 s x 10, is 1.1e12, and each division is of a multiple. Of 12,000 h
# 3,000 are the reserve. In this trace a charge is never above its hold (end - start <= end -
# submit), so the rules of debts find nothing to do in it.

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
  tell(n, 12000000000)
}
