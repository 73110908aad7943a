// The two configuration files that `trueup init` writes: commented, complete, and accepted by `config check`.

const POLICY = (intervalMs: number) => `[policy]
# A difference counts once this many passes in a row have seen it …
confirmations = 2
# … and it has lasted this long.
grace_ms = 5000
# Time between two passes. Streams and forced passes come in between.
interval_ms = ${intervalMs}
# An order that could not leave within this time is not sent any more.
send_deadline_ms = 2000
# How much absence is believed at once: a read that lacks fewer rows than this …
blast_radius_rows = 3
# … or at most this part of the rows held closes them; more needs a witness (look-ups, totals, fills).
blast_radius_ratio = "0.2"
# Single look-ups that one pass may make to find a witness.
witness_lookups = 50
# Entry prices that differ by no more than this part are equal. A larger difference is a flag, never a repair.
entry_price_tolerance_ratio = "0.0001"
# Balances of money that differ by no more than this are equal; [policy.balance_tolerances] sets single assets.
balance_tolerance = "0.01"

# What is done about each kind: repair | watch | escalate | halt. These are the defaults.
[policy.kinds]
phantom_position = "repair"
missing_position = "repair"
position_mismatch = "repair"
missing_local_order = "repair"
stale_local_order = "repair"
order_mismatch = "repair"
missing_fill = "repair"
balance_mismatch = "repair"
entry_price_mismatch = "watch"
unknown_order = "escalate"
fill_conflict = "escalate"
`;

const HEAD = (what: string, file: string, port: number) => `# trueup: ${what}
# Check it with:  trueup config check ${file}
# Run it with:    trueup run --config ${file}
# Paths are relative to this file's folder.

# Journal, API token and locks live here; only this user may read it.
state_dir = "../state/${what.split(" ")[0]}"

[api]
host = "127.0.0.1"
port = ${port}

[log]
level = "info"

[journal]
# Full rows of reads are kept this long; the records themselves are kept for ever.
observations_days = 14

`;

const MODE = `# "beside": the bot trades by itself and trueup watches. "executor": the bot sends its orders through trueup; then
# every limit below must be set.
mode = "beside"
# true: repair nothing, report what would have been done.
`;

const STRATEGIES_AND_LIMITS = (
  account: string,
) => `# Whose order is whose, by prefix of the client order id. Without any, all orders are taken for the bot's.
# [accounts.${account}.strategies]
# momentum = "mom-"

# With mode = "executor": what orders may come to, in the currency of the instrument. Who wants no limit writes "unlimited".
# [accounts.${account}.limits]
# order_value_max = "1000"
# position_value_max = "5000"
# exposure_max = "20000"
# open_orders_max = 20
# orders_per_minute_max = 30

# With mode = "executor" trueup closes the positions: a position without a plan takes only reducing orders (docs/exits.md).
# Plans come with the orders; this one is for positions that have none. owns = false: the bot closes its positions itself.
# [accounts.${account}.exits]
# owns = true
# [accounts.${account}.exits.default]
# stop = "0.05"

`;

const MIRROR = (
  account: string,
  prefix: string,
) => `${prefix}# The bot's own file: a mirror, kept in line with the account. The bot's other fields are never touched.
${prefix}[[accounts.${account}.mirrors]]
${prefix}name = "bot"
${prefix}type = "json-file"
${prefix}path = "../state/position_metadata.json"
${prefix}# "object": one key a position, the key is the symbol, keys that begin with _ are not positions. Or "array".
${prefix}shape = "object"
${prefix}# Compared with the whole account, or with one strategy's lots: "strategy:NAME".
${prefix}scope = "account"
${prefix}# Rows are only added when this is true; then [accounts.${account}.mirrors.template] says what else they contain.
${prefix}add = false
${prefix}# Fields of the bot's rows. Without a quantity only phantom and missing positions can be seen.
${prefix}[accounts.${account}.mirrors.fields]
${prefix}# quantity = "qty"
${prefix}# entry_price = "entry_price"
`;

export const CONFIG_PAPER = (
  observe: boolean,
): string => `${HEAD("paper account, no money in it", "configs/paper.toml", 7717)}${POLICY(5_000)}
[accounts.paper]
venue = "paper"
${MODE}observe = ${observe}
cash = "100000"
currency = "USD"
# Fee as a part of the traded value.
fee_ratio = "0"
${STRATEGIES_AND_LIMITS("paper")}${MIRROR("paper", "# ")}`;

export const CONFIG_LIVE = (
  observe: boolean,
): string => `${HEAD("live account at Alpaca", "configs/live.toml", 7718)}${POLICY(15_000)}
[accounts.live]
venue = "alpaca"
# "paper" or "live": which of Alpaca's two environments the keys are for.
environment = "live"
# Keys are read from the environment and never from this file.
key_id_env = "APCA_API_KEY_ID"
secret_env = "APCA_API_SECRET_KEY"
${MODE}observe = ${observe}
${STRATEGIES_AND_LIMITS("live")}${MIRROR("live", "")}`;
