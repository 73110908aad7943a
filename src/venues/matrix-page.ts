// The generated part of docs/venues.md: what each adapter declares, as tables. `npm run docs:venues` writes it.
import type { VenueDeclaration } from "./declaration.ts";
import { capabilityNames, capabilityText, lengthOf, matrixOf, NOTHING } from "./matrix.ts";

export const BEGIN = "<!-- made of the adapters' declarations by: npm run docs:venues -->";
export const END = "<!-- end of what is made -->";

/** The page with its generated part written anew. @throws Error where the page has no place for it. */
export function withMatrix(page: string, declarations: readonly VenueDeclaration[]): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the page has no part between "${BEGIN}" and "${END}"`);
  return `${page.slice(0, from)}${BEGIN}\n\n${matrixText(declarations)}\n${page.slice(to)}`;
}

function matrixText(declarations: readonly VenueDeclaration[]): string {
  const { columns, rows } = matrixOf(declarations);
  const names = [...new Set(declarations.flatMap(({ capabilities }) => capabilityNames(capabilities)))];
  const declared = names.map((name) => [
    `\`${name}\``,
    ...declarations.map(({ capabilities }) => {
      const text = capabilityText(capabilities, name);
      return text === NOTHING ? text : `\`${text}\``;
    }),
  ]);
  return [
    "### At a glance\n",
    table(columns, rows),
    "### What each declares\n",
    table(["capability", ...declarations.map(({ name }) => name)], declared),
    ...variantsText(declarations),
    "### Pages, errors, and what is verified\n",
    ...declarations.map(detailText),
  ].join("\n");
}

/** Only what differs from the venue's own column. */
function variantsText(declarations: readonly VenueDeclaration[]): readonly string[] {
  const rows = declarations.flatMap(({ name, capabilities, variants = {} }) =>
    Object.entries(variants).flatMap(([variant, own]) =>
      capabilityNames(own).flatMap((key) => {
        const text = capabilityText(own, key);
        return text === capabilityText(capabilities, key)
          ? []
          : [[name, variant, `\`${key}\``, `\`${text}\``]];
      }),
    ),
  );
  if (rows.length === 0) return [];
  return [
    "Where a market or profile of a venue declares something else:\n",
    table(["venue", "of", "capability", "value"], rows),
  ];
}

function detailText({ title, paging, errors, verified, ids, stream }: VenueDeclaration): string {
  const pages = paging.map(({ endpoint, pageMax, windowMs, retentionMs, cursor, note }) => [
    endpoint,
    pageMax === null ? NOTHING : String(pageMax),
    windowMs === undefined ? NOTHING : lengthOf(windowMs),
    retentionMs === undefined ? NOTHING : lengthOf(retentionMs),
    cursor,
    note ?? NOTHING,
  ]);
  const rules = errors.map(({ code, meaning, outcome, source }) => [code, meaning, `\`${outcome}\``, source]);
  const shown = verified.map(({ what, how }) => [what, how]);
  return [
    `#### ${title}: declared\n`,
    `Ids. Order: ${ids.order}. Client order id: ${ids.client}. Fill: ${ids.fill}.\n`,
    stream ? `Stream. Order of messages: ${stream.order}. Alive: ${stream.liveness}.\n` : "No stream.\n",
    table(["asked", "rows a page", "window", "reaches back", "cursor", "note"], pages),
    table(["error of a command", "meaning", "outcome", "source"], rules),
    table(["verified", "how"], shown),
  ].join("\n");
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return `${[line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}
