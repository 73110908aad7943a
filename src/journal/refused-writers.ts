// Writers one of whose appends was not taken. What they handed over after it stands on top of what is not there: the
// sequence alone would not tell, where somebody else has written as many records meanwhile.

export class RefusedWriters {
  private readonly refused = new WeakSet<object>();

  add(writer: object | undefined): void {
    if (writer !== undefined) this.refused.add(writer);
  }

  has(writer: object | undefined): boolean {
    return writer !== undefined && this.refused.has(writer);
  }
}
