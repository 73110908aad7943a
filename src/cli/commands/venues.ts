// `trueup venues`: what each adapter declares, as a matrix; all of one by its name. Nothing is asked of any venue.
import { adapterFacts, adapterNames, allDeclarations } from "../../daemon/adapters.ts";
import { CliError, EXIT } from "../../daemon/exit.ts";
import type { VenueDeclaration } from "../../venues/index.ts";
import { capabilityNames, capabilityText, lengthOf, matrixOf, NOTHING } from "../../venues/matrix.ts";
import type { Command } from "../context.ts";
import type { Output } from "../output.ts";

/** One fact of one venue on each line: a matrix that is wider than a terminal cannot be read in one. */
export const venues: Command<object> = async ({ out }, _options, name) => {
  if (name !== undefined) {
    const facts = await adapterFacts(name);
    if (!facts) throw unknownVenue(name);
    if (out.isJson) out.json(facts.declaration);
    else tellOne(out, facts.declaration);
    return EXIT.done;
  }
  const declarations = await allDeclarations();
  if (out.isJson) {
    out.json({ venues: declarations });
    return EXIT.done;
  }
  const { columns, rows } = matrixOf(declarations);
  for (const row of rows) {
    out.line(out.tone("bold", row[0] ?? ""));
    out.table(
      [],
      columns.slice(1).map((venue, at) => [`  ${venue}`, row[at + 1] ?? NOTHING]),
    );
  }
  out.line();
  out.line('"trueup venues NAME" tells all of one: pages, errors of commands, what is verified and how');
  return EXIT.done;
};

export function unknownVenue(name: string): CliError {
  const text = `there is no adapter "${name}"; there are ${adapterNames().join(", ")}`;
  return new CliError(EXIT.usage, "unknown_venue", text);
}

function tellOne(out: Output, declaration: VenueDeclaration): void {
  const {
    title,
    scope,
    client,
    capabilities,
    variants = {},
    sections,
    paging,
    stream,
    errors,
    verified,
  } = declaration;
  out.line(`${out.tone("bold", title)}: ${scope}`);
  out.line(`client: ${client ?? NOTHING}`);
  heading(out, "sections");
  out.table(
    [],
    Object.entries(sections).map(([section, source]) => [`  ${section}`, source ?? "not read"]),
  );
  heading(out, "declared");
  out.table(
    [],
    capabilityNames(capabilities).map((key) => [`  ${key}`, capabilityText(capabilities, key)]),
  );
  for (const [variant, own] of Object.entries(variants)) {
    heading(out, `declared otherwise: ${variant}`);
    const keys = capabilityNames(own).filter(
      (key) => capabilityText(own, key) !== capabilityText(capabilities, key),
    );
    out.table(
      [],
      keys.map((key) => [`  ${key}`, capabilityText(own, key)]),
    );
  }
  heading(out, "pages");
  out.table(
    ["  asked", "rows", "window", "reaches back", "cursor", "note"],
    paging.map(({ endpoint, pageMax, windowMs, retentionMs, cursor, note }) => [
      `  ${endpoint}`,
      pageMax === null ? NOTHING : String(pageMax),
      windowMs === undefined ? NOTHING : lengthOf(windowMs),
      retentionMs === undefined ? NOTHING : lengthOf(retentionMs),
      cursor,
      note,
    ]),
  );
  heading(out, "stream");
  out.line(stream ? `  replay ${stream.replay}; ${stream.order}; ${stream.liveness}` : "  none");
  heading(out, "errors of commands; what is not here is unknown");
  out.table(
    ["  error", "outcome", "meaning"],
    errors.map(({ code, outcome, meaning }) => [`  ${code}`, outcome, meaning]),
  );
  heading(out, "verified");
  out.table(
    [],
    verified.map(({ what, how }) => [`  ${what}`, how]),
  );
}

function heading(out: Output, text: string): void {
  out.line();
  out.line(out.tone("bold", text));
}
