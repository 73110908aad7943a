// Files as mirrors and latches need them. Synchronous on purpose: between the last look at a file and its
// replacement nothing else of ours may run. Paths are as the configuration gives them.

export interface FileFacts {
  readonly text: string;
  /** Changes when another file takes the place of this one. */
  readonly inode: string;
}

export interface Files {
  /**
   * Undefined when there is no such file. @throws FileError for anything else, also for text that is not UTF-8: read
   * with replacement characters and written back it would be lost.
   */
  read(path: string): FileFacts | undefined;
  /** The path of the file itself, symbolic links followed; the same path where there is no file. */
  resolve(path: string): string;
  /** Writes, fsyncs, renames over `path`, fsyncs the folder: the file is the old one or the new one, never half. */
  replace(path: string, text: string): void;
  /**
   * Writes and fsyncs a new file beside `path`, with the mode and owner of the one there, and answers its name. It
   * takes the place of `path` with `moveOver`, or is removed.
   */
  prepare(path: string, text: string): string;
  /**
   * Renames `from` over `to`, only if `to` still is the file with this inode; false when it is another one, or gone.
   * Whoever renames a file of its own there in the microseconds between that look and the rename is not seen.
   */
  moveOver(from: string, to: string, inode: string): boolean;
  /**
   * Keeps the file under another name, without copying: if somebody writes into the old file after this, the kept
   * one shows it.
   */
  link(path: string, kept: string): void;
  remove(path: string): void;
  /** Names in a folder, sorted; none when there is no such folder. */
  list(folder: string): string[];
}

/** Trouble with a file, in words: what was found and what to do. */
export class FileError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FileError";
    this.code = code;
  }
}
