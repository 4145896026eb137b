# What the replay of eval_runs.csv must find, by plain arithmetic.
#
#   awk -v out=DIR [-v limit=N] -f money.awk -f eval_runs.awk eval_runs.csv
#
# Costs have at most 4 digits, so their sums, some 10^9 millionths, are exact. Rows here are parted
# by vertical bars: names of models have commas.

function cells(line,    i, c, quoted, k) {  # a line of CSV into cell[1..]
  k = 1; cell[1] = ""; quoted = 0
  for (i = 1; i <= length(line); i++) {
    c = substr(line, i, 1)
    if (quoted && c == "\"" && substr(line, i + 1, 1) == "\"") { cell[k] = cell[k] c; i++ }
    else if (c == "\"") quoted = !quoted
    else if (c == "," && !quoted) cell[++k] = ""
    else cell[k] = cell[k] c
  }
  return k
}

function add(month, group, cost) { sum[month "|" group] += cost }

function add_run(month, r) {
  add(month, "benchmark|" board[r], cost[r]); add(month, "model|" model[r], cost[r])
  add(month, "edit_format|" form[r], cost[r]); add(month, "category|evaluation", cost[r])
  add(month, "resource|inference_cost", cost[r])
  add(month, "benchmark and edit_format|" board[r] " and " form[r], cost[r])
  add(month, "total|", cost[r])
}

BEGIN { begin() }

FNR == 1 { next }

limit != "" && runs >= limit { exit }

{
  cells($0); runs++
  micros = cell[14] == "" ? 0 : units(cell[14], 6)
  if (micros == 0) next
  id[++n] = cell[1]; gsub(/:/, "_", id[n])
  board[n] = cell[2]; month[n] = substr(cell[3], 1, 7); model[n] = cell[4]; form[n] = cell[5]
  cost[n] = micros; total = sure(total + micros)
}

END {
  if (failed) exit 1
  for (r = 1; r <= n; r++) {
    print id[r] "|" month[r] "|" usd(cost[r]) > lines
    add_run(month[r], r)
    add("all", "benchmark|" board[r], cost[r]); add("all", "model|" model[r], cost[r])
    add("all", "category|evaluation", cost[r])
  }
  # A month without a run has a report too, of nothing.
  for (m = month[1]; m <= month[n]; m = next_month(m)) add(m, "total|", 0)
  middle = (n + 1 - (n + 1) % 2) / 2
  for (r = 1; r <= middle; r++)
    if (month[r] == month[middle]) add_run(month[middle] " as of the middle entry", r)
  for (group in sum) print group "|" usd(sum[group]) | sorted
  print "runs: " runs + 0 "\ncharged: " n + 0 "\nwithout a cost: " runs - n > summary
  print "total: " usd(total) > summary
  finish()
}

function next_month(m,    y, k) {
  y = substr(m, 1, 4) + 0; k = substr(m, 6) + 1
  if (k > 12) { y++; k = 1 }
  return sprintf("%04d-%02d", y, k)
}
