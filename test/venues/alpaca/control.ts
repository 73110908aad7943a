// What a person may make the local Alpaca do while it runs, by plain requests without keys: set prices, fill orders,
// lose answers, disturb the stream. Only this machine can reach it.
import { COMMAND_FAULTS, FAULTS } from "./faults.ts";
import { type AlpacaServer, COMMANDS, ENDPOINTS } from "./server.ts";

export const CONTROL_PATH = "/local/";

/** A function, because the server imports this file too. */
export const controlHelp = (
  url: string,
) => `  curl '${url}/local/price?symbol=AAPL&price=100'              the last price; orders that cross it trade
  curl '${url}/local/fill?order=ID&qty=1&price=99.5'           fills a part of an order; without qty, what is left
  curl '${url}/local/fault?of=submit&fault=reset-after&times=1'  the next commands (${COMMANDS.join(", ")}) misbehave:
      ${COMMAND_FAULTS.join(", ")}
  curl '${url}/local/fault?of=positions&fault=html'            reads misbehave from now on:
      ${FAULTS.join(", ")}
  curl '${url}/local/stream?do=cut'                            cut, close, silent, mute, down, unauthorized, well, garbage`;

interface Answer {
  readonly status: number;
  readonly text: string;
}

export function control(server: AlpacaServer, { pathname, searchParams }: URL): Answer {
  const value = (name: string) => searchParams.get(name) ?? "";
  const optional = (name: string) => searchParams.get(name) ?? undefined;
  try {
    switch (pathname.slice(CONTROL_PATH.length)) {
      case "price":
        server.exchange.setPrice(value("symbol"), value("price"));
        return done();
      case "fill":
        server.exchange.fill(value("order"), optional("qty"), optional("price"));
        return done();
      case "fault":
        return fault(server, value("of"), value("fault"), optional("times"));
      case "stream":
        return stream(server, value("do"));
      default:
        return wrong(`known are\n${controlHelp("")}`);
    }
  } catch (error) {
    return wrong((error as Error).message);
  }
}

function fault(server: AlpacaServer, of: string, name: string, times: string | undefined): Answer {
  const command = COMMANDS.find((one) => one === of);
  const commandFault = COMMAND_FAULTS.find((one) => one === name);
  if (command && commandFault) {
    server.setCommandFault(command, commandFault, times === undefined ? undefined : Number(times));
    return done();
  }
  const endpoint = ENDPOINTS.find((one) => one === of);
  const readFault = FAULTS.find((one) => one === name);
  if (!endpoint || !readFault) return wrong(`"${of}" with "${name}"; known are\n${controlHelp("")}`);
  server.setFault(endpoint, readFault);
  return done();
}

function stream({ stream: one }: AlpacaServer, what: string): Answer {
  const works: Readonly<Record<string, () => void>> = {
    cut: () => one.cut(),
    close: () => one.close(1001),
    garbage: () => one.raw("{nonsense"),
    silent: () => {
      one.faults = { isSilent: true };
    },
    mute: () => {
      one.faults = { isMute: true };
    },
    down: () => {
      one.faults = { isDown: true };
      one.cut();
    },
    unauthorized: () => {
      one.faults = { isUnauthorized: true };
      one.cut();
    },
    well: () => {
      one.faults = {};
    },
  };
  const work = Object.hasOwn(works, what) ? works[what] : undefined;
  if (!work) return wrong(`do is "${what}"; expected one of ${Object.keys(works).join(", ")}`);
  work();
  return done();
}

function done(): Answer {
  return { status: 200, text: "done\n" };
}

function wrong(text: string): Answer {
  return { status: 400, text: `${text}\n` };
}
