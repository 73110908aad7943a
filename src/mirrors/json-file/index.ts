// The mirror in a JSON file, by name.
export { openJsonFileMirror } from "./json-file-mirror.ts";
export type { FieldNames, JsonFileOptions, Layout, OnClose, Shape } from "./layout.ts";
