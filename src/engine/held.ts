// The positions that an account holds, as the API and the library tell them.
import { type Book, heldKeys, type PositionView, positionView } from "../core/index.ts";

export interface HeldPosition extends PositionView {
  readonly account: string;
}

export function heldPositions(book: Book): HeldPosition[] {
  return heldKeys(book).flatMap((key) => {
    const view = positionView(book, key);
    return view ? [{ account: book.account, ...view }] : [];
  });
}
