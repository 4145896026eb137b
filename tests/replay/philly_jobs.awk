# What the replay of philly_jobs_*.csv must find, by plain arithmetic.
#
#   awk -v out=DIR [-v limit=N] -f report.awk -f philly_jobs.awk philly_jobs_2017-10.csv
#
# One population of 400,000 h, of which 100,000 are the reserve. A charge is never above its hold
# here, so there are neither overruns nor debts, and the reserve is never drawn on.

function finish(j,    charge) {  # the end of a job that was granted
  charge = up(gpus[j] * seconds[j] * 1000000, 3600)
  final[j] = "SETTLED," sprintf("%.0f", charge)
  promised[1] -= hold[j]; used[1] += charge; free[1] += hold[j] - charge
  total += charge; count["SETTLED"]++
  open--
}

BEGIN { FS = ","; free[1] = 300000000000; kept[1] = 100000000000 }

FNR == 1 || $4 == 0 { next }

limit != "" && n >= limit { exit }

{
  n++; name[n] = $1; seconds[n] = $3; gpus[n] = $4
  asked = up($3, 3600); if (asked < 1) asked = 1
  hold[n] = $4 * asked * 1000000
  due[n] = 2 * ($2 + $3) + ($3 == 0)
  pass(2 * $2)
  if (hold[n] > free[1] + kept[1]) { verdict[n] = "insufficient_capacity" }
  else if (hold[n] > free[1]) { verdict[n] = "reserve_protected" }
  else { free[1] -= hold[n]; promised[1] += hold[n]; wait(n); if (++open > peak) peak = open }
  count[verdict[n] == "" ? "granted" : "denied"]++
  count[verdict[n]]++
}

END {
  while (waiting > 0) finish(line[waiting--])
  tell(n, 400000000000)
}
