// DuckDB as a reference: the few calls that are used of it, and rows from JavaScript into a table the fastest way
// that its client has (whole columns of a chunk). Installed in bench/ alone, so its types are written down here.

interface Chunk {
  setColumns(columns: readonly (readonly unknown[])[]): void;
}
interface Appender {
  appendDataChunk(chunk: Chunk): void;
  closeSync(): void;
}
export interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
  createAppender(table: string): Promise<Appender>;
}
interface Client {
  readonly DuckDBInstance: {
    create(path: string, options: Record<string, string>): Promise<{ connect(): Promise<Connection> }>;
  };
  readonly DuckDBDataChunk: { create(types: readonly unknown[], rowCount?: number): Chunk };
  readonly VARCHAR: unknown;
}

/** Rows in one chunk; DuckDB takes no more. */
const CHUNK_ROWS = 2_048;
/** The client as it is found in bench/node_modules; a name in a variable, because users have no such package. */
const PACKAGE: string = "@duckdb/node-api";

let client: Client | undefined;

export async function openDuckDb(): Promise<Connection> {
  client ??= (await import(PACKAGE)) as Client;
  const instance = await client.DuckDBInstance.create(":memory:", {});
  return instance.connect();
}

/** Fills a table of text columns from JavaScript rows, as a program that has them in memory must. */
export async function appendRows<Row>(
  connection: Connection,
  table: string,
  rows: readonly Row[],
  columns: readonly ((row: Row) => string)[],
): Promise<void> {
  if (!client) throw new Error("DuckDB is not open");
  const appender = await connection.createAppender(table);
  const types = columns.map(() => (client as Client).VARCHAR);
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const part = rows.slice(start, start + CHUNK_ROWS);
    const chunk = client.DuckDBDataChunk.create(types, part.length);
    chunk.setColumns(columns.map((column) => part.map(column)));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
