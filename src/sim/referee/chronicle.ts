// A list that only grows, but for what is taken back, and is handed out as it is now: who holds it never sees it change.

export class Chronicle<Row> {
  private readonly rows: Row[] = [];
  private shown: readonly Row[] | undefined;

  push(row: Row): void {
    this.rows.push(row);
    this.shown = undefined;
  }

  remove(row: Row): void {
    const index = this.rows.lastIndexOf(row);
    if (index < 0) return;
    this.rows.splice(index, 1);
    this.shown = undefined;
  }

  /** Copied once for each state that somebody asks for, not at each change. */
  list(): readonly Row[] {
    this.shown ??= Object.freeze([...this.rows]);
    return this.shown;
  }
}
