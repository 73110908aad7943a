// Files in memory, with inodes, second names and links as a disk has them: for tests that would wear out a disk, or
// that need another program to write between two steps. The same tests hold it against the real ones.
import { FileError, type FileFacts, type Files } from "../../src/runtime/index.ts";

interface Inode {
  readonly id: number;
  text: string;
}

export class MemoryFiles implements Files {
  private readonly inodes = new Map<string, Inode>();
  private readonly links = new Map<string, string>();
  private lastId = 0;

  /** As a bot does that opens the file and writes: the inode stays. */
  overwrite(path: string, text: string): void {
    const inode = this.inodes.get(this.resolve(path));
    if (inode) inode.text = text;
    else this.install(path, text);
  }

  /** As a bot does that writes a new file and renames it. */
  install(path: string, text: string): void {
    this.lastId += 1;
    this.inodes.set(this.resolve(path), { id: this.lastId, text });
  }

  /** The file as somebody holds it who opened it before: it may have lost its name. */
  hold(path: string): { write(text: string): void } {
    const inode = this.existing(path);
    return {
      write: (text) => {
        inode.text = text;
      },
    };
  }

  symlink(target: string, path: string): void {
    this.links.set(path, target);
  }

  names(): string[] {
    return [...this.inodes.keys(), ...this.links.keys()].sort();
  }

  read(path: string): FileFacts | undefined {
    const inode = this.inodes.get(this.resolve(path));
    return inode && { text: inode.text, inode: `m:${inode.id}` };
  }

  resolve(path: string): string {
    const target = this.links.get(path);
    return target === undefined ? path : this.resolve(target);
  }

  replace(path: string, text: string): void {
    const prepared = this.prepare(path, text);
    this.inodes.set(path, this.existing(prepared));
    this.inodes.delete(prepared);
  }

  prepare(path: string, text: string): string {
    const prepared = `${path}.trueup-new`;
    this.install(prepared, text);
    return prepared;
  }

  moveOver(from: string, to: string, inode: string): boolean {
    if (this.read(to)?.inode !== inode) return false;
    this.inodes.set(to, this.existing(from));
    this.inodes.delete(from);
    return true;
  }

  link(path: string, kept: string): void {
    this.inodes.set(kept, this.existing(path));
  }

  remove(path: string): void {
    this.inodes.delete(path);
    this.links.delete(path);
  }

  list(folder: string): string[] {
    const prefix = folder === "." ? "" : folder.replace(/\/?$/, "/");
    return this.names()
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes("/"))
      .map((name) => name.slice(prefix.length));
  }

  private existing(path: string): Inode {
    const inode = this.inodes.get(this.resolve(path));
    if (!inode) throw new FileError("ENOENT", `there is no file ${path}`);
    return inode;
  }
}

/** The same files, with something happening right before each call; `count` is from 1. */
export function watched(files: Files, before: (call: keyof Files, count: number) => void): Files {
  let count = 0;
  const step = <T>(call: keyof Files, work: () => T): T => {
    count += 1;
    before(call, count);
    return work();
  };
  return {
    read: (path) => step("read", () => files.read(path)),
    resolve: (path) => step("resolve", () => files.resolve(path)),
    replace: (path, text) => step("replace", () => files.replace(path, text)),
    prepare: (path, text) => step("prepare", () => files.prepare(path, text)),
    moveOver: (from, to, inode) => step("moveOver", () => files.moveOver(from, to, inode)),
    link: (path, kept) => step("link", () => files.link(path, kept)),
    remove: (path) => step("remove", () => files.remove(path)),
    list: (folder) => step("list", () => files.list(folder)),
  };
}
