// A venue's own client is installed by whoever trades there: where it is missing, the message names the command.
import { VenueError } from "../venue.ts";

/**
 * @param does What the package does, for the sentence: "speaks to Alpaca".
 * @throws VenueError `venue_package` when it cannot be loaded.
 */
export async function loadClient<Package>(
  { name, version, does }: { readonly name: string; readonly version: string; readonly does: string },
  load: () => Promise<Package>,
): Promise<Package> {
  try {
    return await load();
  } catch (cause) {
    const text = `the package ${name}, which ${does}, cannot be loaded; install it with: npm install ${name}@${version}`;
    throw new VenueError("venue_package", text, { cause });
  }
}
