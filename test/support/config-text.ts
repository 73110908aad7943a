// Pieces of configuration files that several tests begin with.

/** The table that lets an executor's account send orders of any size, as many as it likes. */
export function unlimitedTable(account: string): string {
  return `[accounts.${account}.limits]
order_value_max = "unlimited"
position_value_max = "unlimited"
exposure_max = "unlimited"
open_orders_max = "unlimited"
orders_per_minute_max = "unlimited"
`;
}
