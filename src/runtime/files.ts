// Files as mirrors and latches need them. Synchronous on purpose: between the last look at a file and its
// replacement nothing else of ours may run. Paths are as the configuration gives them.

export interface FileFacts {
  readonly text: string;
  /** Changes when another file takes the place of this one. */
  readonly inode: string;
}

export interface Files {
  /** Undefined when there is no such file. @throws FileError for anything else. */
  read(path: string): FileFacts | undefined;
  /** Writes, fsyncs, renames over `path`, fsyncs the folder: the file is the old one or the new one, never half. */
  replace(path: string, text: string): void;
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
