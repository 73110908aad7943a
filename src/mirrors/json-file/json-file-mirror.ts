// A mirror in a JSON file: reads the bot's rows, and brings them in line by the smallest edits of the text (R12).
// Keys that are not positions, the bot's own fields, order, indentation and spellings stay as they are.
import { digestHex, type MirrorChange, type MirrorScope } from "../../core/index.ts";
import { FileError } from "../../runtime/index.ts";
import type { Mirror, MirrorRead, MirrorWrite, Restoration, RowPlace } from "../mirror.ts";
import { composeChanges } from "./compose.ts";
import { type Document, openDocument, rowsOf } from "./document.ts";
import { changedText, exchangeFile } from "./exchange.ts";
import { imageOf } from "./image.ts";
import { BACKUPS_DEFAULT, isPresenceOnly, type JsonFileOptions, layoutProblems } from "./layout.ts";
import { restoredText } from "./restore.ts";
import { misread } from "./verify.ts";

/** @throws Error when the options cannot work together; the message names each that cannot. */
export function openJsonFileMirror(options: JsonFileOptions): Mirror {
  const problems = layoutProblems(options);
  if (problems.length > 0)
    throw new Error(`the mirror "${options.name}" cannot work: ${problems.join("; ")}`);
  return new JsonFileMirror(options);
}

class JsonFileMirror implements Mirror {
  readonly name: string;
  readonly scope: MirrorScope;
  readonly isPresenceOnly: boolean;
  readonly mayAdd: boolean;
  readonly demandsVenueReference: boolean;
  readonly place: string;
  private readonly options: JsonFileOptions;
  /** The file that the last write replaced, as it was then. */
  private kept: { readonly path: string; readonly version: string } | undefined;

  constructor(options: JsonFileOptions) {
    this.options = options;
    this.name = options.name;
    this.scope = options.scope;
    this.isPresenceOnly = isPresenceOnly(options);
    this.mayAdd = options.mayAdd;
    this.demandsVenueReference = options.demandsVenueReference;
    this.place = options.path;
  }

  async read(): Promise<MirrorRead> {
    try {
      return this.readNow();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return unavailable("", `${error.message}; trueup changes nothing and looks again at every pass`);
    }
  }

  async write(changes: readonly MirrorChange[], version: string): Promise<MirrorWrite> {
    return this.replaced(version, (document) => {
      const composed = composeChanges(document, changes, this.options);
      if (composed.kind === "impossible") return composed;
      const problem = misread(this.place, document, composed, this.options);
      if (problem === undefined) return { kind: "text", content: composed.content };
      return { kind: "impossible", detail: `the new text would not say what was meant: ${problem}` };
    });
  }

  async restore(restoration: Restoration, version: string): Promise<MirrorWrite> {
    return this.replaced(version, (document) =>
      restoredText(this.place, document, restoration, this.options),
    );
  }

  private readNow(): MirrorRead {
    const { files, path } = this.options;
    const found = files.read(path);
    if (!found) {
      const advice = "correct the path of the mirror, or start the bot once so that it makes its file";
      return unavailable("", `there is no file ${path}; ${advice}`);
    }
    const version = digestHex(found.text);
    const late = this.lateWriting();
    if (late !== undefined) return unavailable(version, late);
    const opened = openDocument(path, found.text, this.options);
    if (opened.kind === "unreadable") return unavailable(version, opened.problem);
    const { document } = opened;
    const image = (place: RowPlace) => imageOf(document, place, this.options);
    return { quality: "complete", rows: rowsOf(document), version, imageOf: image };
  }

  /** A bot that keeps its file open goes on writing into the one that was replaced: said once for each such change. */
  private lateWriting(): string | undefined {
    const { kept } = this;
    const text = kept && this.options.files.read(kept.path)?.text;
    if (!kept || text === undefined) return undefined;
    const version = digestHex(text);
    if (version === kept.version) return undefined;
    this.kept = { path: kept.path, version };
    return `the bot wrote into its old file after that was replaced; what it wrote is in ${kept.path}: compare it with ${this.place}, and let the bot open its file anew for each write`;
  }

  private replaced(version: string, compose: Compose): MirrorWrite {
    try {
      return this.replaceNow(version, compose);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return { kind: "failed", detail: error.message };
    }
  }

  private replaceNow(version: string, compose: Compose): MirrorWrite {
    const { files, clock, backups = BACKUPS_DEFAULT } = this.options;
    const path = files.resolve(this.place);
    const looked = files.read(path);
    if (!looked || digestHex(looked.text) !== version)
      return { kind: "conflict", detail: changedText(this.place) };
    const opened = openDocument(this.place, looked.text, this.options);
    if (opened.kind === "unreadable") return { kind: "failed", detail: opened.problem };
    const composed = compose(opened.document);
    if (composed.kind === "impossible") return failed(this.place, composed.detail);
    const { content } = composed;
    if (content === looked.text) return { kind: "written", backup: null };
    const result = exchangeFile({ files, clock, path, looked, content, backups });
    if (result.kind === "written" && result.backup !== null) this.kept = { path: result.backup, version };
    return result;
  }
}

/** The whole file's new text, byte order mark included, or why there is none. */
type Compose = (
  document: Document,
) =>
  | { readonly kind: "text"; readonly content: string }
  | { readonly kind: "impossible"; readonly detail: string };

function unavailable(version: string, problem: string): MirrorRead {
  return { quality: "unavailable", rows: [], version, problem };
}

function failed(place: string, why: string): MirrorWrite {
  return { kind: "failed", detail: `${place} was not changed: ${why}` };
}
