# What the replay of llm_requests.csv must find, by plain arithmetic.
#
#   awk -v out=DIR [-v limit=N] -f money.awk -f llm_requests.awk llm_prices.csv llm_requests.csv
#
# A line is the tokens of one request times the rate of one model, rounded to the millionth. The
# largest line before rounding is 14,050 tokens x 7.5e7, 1.1e12; the largest sum, of all models
# before rounding, is about 2e15.

BEGIN {
  FS = ","; begin()
  models = split("gpt-4o gpt-5-nano claude-opus-4-1 claude-3-haiku-20240307 gemini-1.5-flash " \
                 "gemini-1.5-pro-preview-0514 databricks/databricks-meta-llama-3-3-70b-instruct " \
                 "deepseek/deepseek-chat", name, " ")
  for (i = 1; i <= models; i++) {
    number[name[i]] = i; stem[i] = name[i]; gsub(/[^a-z0-9]/, "_", stem[i])
  }
}

FNR == 1 { files++; next }

files == 1 {
  if ($1 in number) {
    i = number[$1]; provider[i] = $2
    in_rate[i] = units($4, 6); out_rate[i] = units($5, 6)  # USD a million tokens, to picos a token
  }
  next
}

limit != "" && n >= limit { exit }

{
  n++; minute[n] = ($1 - $1 % 60000000) / 60000000
  service[n] = $2; input[n] = $3 + 0; output[n] = $4 + 0
}

function add(group, cost) { sum[group] = sure(sum[group] + cost) }

END {
  if (failed) exit 1
  middle = (n * models - n * models % 2) / 2
  until = minute[(n + 1 - (n + 1) % 2) / 2]
  for (r = 1; r <= n; r++)
    for (i = 1; i <= models; i++) {
      a = sure(input[r] * in_rate[i]); b = sure(output[r] * out_rate[i])
      exact[i] = sure(exact[i] + a + b); exact_all = sure(exact_all + a + b)
      a = nearest(a, 1000000); b = nearest(b, 1000000)
      print r "," name[i] "," usd(a) "," usd(b) > lines
      all += a + b
      add("model," name[i], a + b); add("capability," service[r], a + b)
      add("operator_family," provider[i], a + b); add("category,inference", a + b)
      add("capability and model," service[r] " and " name[i], a + b)
      if (input[r] > 0) add("resource," stem[i] "_input_tokens", a)
      if (output[r] > 0) add("resource," stem[i] "_output_tokens", b)
      if (++op <= middle) {
        add("model as of the middle entry," name[i], a + b)
        add("total as of the middle entry,", a + b)
      }
      if (minute[r] <= until) {
        add("model as of the middle minute," name[i], a + b)
        add("total as of the middle minute,", a + b)
      }
    }
  for (group in sum) print group "," usd(sum[group]) | sorted
  print "requests: " n + 0 "\ncharges: " op + 0 > summary
  for (i = 1; i <= models; i++) tell(name[i], sum["model," name[i]], exact[i])
  tell("total", all, exact_all)
  finish()
}

function tell(who, micros, picos) {
  print who ": charged " usd(micros) " unrounded " decimal(picos, 12) " apart " \
        decimal(sure(micros * 1000000) - picos, 12) > summary
}
