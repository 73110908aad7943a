// Finds the line of a TOML file on which a key stands, for messages. It follows table headers and keys as they
// are usually written; where it cannot tell, it names the nearest enclosing table, or nothing.

/** @param path Keys and, for arrays of tables, indexes. */
export function lineOf(text: string, path: readonly PropertyKey[]): number | undefined {
  const lines = text.split("\n");
  const tables = tableStarts(lines);
  for (let length = path.length; length > 0; length -= 1) {
    const found = findLine(lines, tables, path.slice(0, length));
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Table {
  readonly path: readonly PropertyKey[];
  readonly line: number;
}

function findLine(
  lines: readonly string[],
  tables: readonly Table[],
  path: readonly PropertyKey[],
): number | undefined {
  for (const [index, table] of tables.entries()) {
    if (samePath(table.path, path)) return table.line;
    const rest = path.slice(table.path.length);
    if (rest.length === 0 || !samePath(table.path, path.slice(0, table.path.length))) continue;
    const end = tables[index + 1]?.line ?? lines.length + 1;
    const key = rest.filter((part) => typeof part !== "number").map(String);
    for (let at = table.line; at < end - (index + 1 < tables.length ? 1 : 0); at += 1) {
      const written = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(
        lines[at] ?? "",
      );
      const parts = written?.[1] === undefined ? [] : splitKey(written[1]);
      if (parts.length > 0 && samePath(parts, key.slice(0, parts.length))) return at + 1;
    }
  }
  return undefined;
}

/** Tables in order; `line` is that of the header, and the line index where the table's keys begin. */
function tableStarts(lines: readonly string[]): Table[] {
  const tables: Table[] = [{ path: [], line: 0 }];
  const counts = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const header = /^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$/.exec(line);
    if (!header?.[2] || line.includes("=")) continue;
    const keys = splitKey(header[2]);
    if (header[1] === "[[") counts.set(keys.join("."), (counts.get(keys.join(".")) ?? -1) + 1);
    const path: PropertyKey[] = [];
    const names: string[] = [];
    for (const key of keys) {
      path.push(key);
      names.push(key);
      const count = counts.get(names.join("."));
      if (count !== undefined) path.push(count);
    }
    tables.push({ path, line: index + 1 });
  }
  return tables;
}

function splitKey(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
}

function samePath(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  return a.length === b.length && a.every((part, index) => String(part) === String(b[index]));
}
