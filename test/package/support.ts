// The package as somebody else gets it: packed, and installed by npm into an empty folder far from the checkout.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../tidy/source.ts";

/** What takes longer hangs; npm with a slow network is the longest. In ms. */
const RUN_MS_MAX = 180_000;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a user has in the environment; nothing of npm's own from the run that this test is part of. */
function environment(home: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|INIT_CWD|APCA_|TRUEUP_)/i.test(name),
  );
  const path = [dirname(process.execPath), process.env.PATH].join(":");
  return {
    ...Object.fromEntries(own),
    ...registryOf(process.env),
    PATH: path,
    XDG_CACHE_HOME: home,
    NO_COLOR: "1",
  };
}

/** Where npm is told by its environment to find packages, and to keep what it fetched. */
function registryOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = Object.keys(env).filter((name) =>
    /^npm_config_(registry|cache|userconfig|globalconfig)$/i.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

export class Installed {
  /** The empty folder; its path has no link in it, as a program would see it. */
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "trueup-package-")));
  readonly cache = join(this.path, ".cache");

  /** Packs the checkout and installs the result. */
  static async make(): Promise<Installed> {
    const installed = new Installed();
    const packed = await run(
      "npm",
      ["pack", "--silent", "--pack-destination", installed.path],
      ROOT,
      process.env,
    );
    if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stdout}${packed.stderr}`);
    const file = readdirSync(installed.path).find((name) => name.endsWith(".tgz"));
    installed.write("package.json", '{ "name": "somebody-elses", "private": true, "type": "module" }\n');
    await installed.install(`./${file}`);
    return installed;
  }

  write(name: string, text: string): string {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
    return join(this.path, name);
  }

  /** `npm install` with these words. @throws when it fails. */
  async install(...words: string[]): Promise<void> {
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    const ended = await this.run("npm", ["install", ...quiet, ...words]);
    if (ended.status !== 0) throw new Error(`npm install failed:\n${ended.stdout}${ended.stderr}`);
  }

  /** Runs a program in the folder. */
  run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return run(program, args, this.path, { ...environment(this.cache), ...env });
  }

  trueup(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return this.run(process.execPath, [join("node_modules", "trueup", "bin", "trueup.js"), ...args], env);
  }

  /** Runs a module of JavaScript or TypeScript. */
  node(file: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return this.run(process.execPath, ["--disable-warning=ExperimentalWarning", file], env);
  }

  /** Packages in node_modules, and the bytes of all their files. */
  size(): { packages: number; bytes: number } {
    const modules = join(this.path, "node_modules");
    const entries = readdirSync(modules, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const isPackage = (file: string) =>
      /(?:^|\/node_modules\/)(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(file);
    const own = files.filter((file) => isPackage(file.slice(modules.length - "/node_modules".length)));
    return { packages: own.length, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0) };
  }

  clean(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  const timeout = RUN_MS_MAX;
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (part) => {
    stdout += part;
  });
  child.stderr.on("data", (part) => {
    stderr += part;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}
